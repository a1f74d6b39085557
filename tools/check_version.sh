#!/bin/sh
# check_version.sh SOURCE_DIR: version.hpp, CITATION.cff and the top entry of CHANGELOG.md agree.
set -eu
cd "$1"
number='[0-9][0-9]*\.[0-9][0-9]*\.[0-9][0-9]*'
header=$(sed -n "s/.*version = \"\($number\)\";.*/\1/p" include/inrgene/core/version.hpp)
citation=$(sed -n "s/^version: \"\{0,1\}\($number\)\"\{0,1\}\$/\1/p" CITATION.cff)
changelog=$(grep -m 1 '^## ' CHANGELOG.md | sed -n "s/^## \[\{0,1\}\($number\).*/\1/p")
echo "version.hpp '$header', CITATION.cff '$citation', CHANGELOG.md '$changelog'"
[ -n "$header" ] && [ "$header" = "$citation" ] && [ "$header" = "$changelog" ]
