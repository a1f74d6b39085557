#!/bin/sh
# tidy.sh JOBS [all]: clang-tidy (.clang-tidy) on every header, met once in one unit that includes
# all, and on the quickstart, where their templates come to life. "all" adds the other examples and
# the sources of the program, which takes several times as long.
set -eu
cd "$(dirname "$0")/.."
build=build/clang
cmake --preset clang >/dev/null
{
  echo "$build/tests/headers/all_headers.cpp"
  if [ "${2:-}" = all ]; then
    find examples -name '*.cpp' | LC_ALL=C sort
  else
    echo examples/01_quickstart.cpp
  fi
} | xargs -P "${1:-2}" -n 1 clang-tidy --quiet -p "$build"
