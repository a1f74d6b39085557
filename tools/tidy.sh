#!/bin/sh
# tidy.sh [JOBS]: clang-tidy (.clang-tidy) on every header, met once in one unit that includes all,
# and on the sources of the examples and the program, where their templates come to life.
set -eu
cd "$(dirname "$0")/.."
build=build/clang
cmake --preset clang >/dev/null
{
  echo "$build/tests/headers/all_headers.cpp"
  find examples -name '*.cpp' | LC_ALL=C sort
} | xargs -P "${1:-2}" -n 1 clang-tidy --quiet -p "$build"
