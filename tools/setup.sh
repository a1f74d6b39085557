#!/bin/sh
# setup.sh [LIST...]: installs the packages of the lists (default: packages.txt beside this script)
# that are missing, with apt. Nothing missing: does nothing, needs no network and no rights.
# Where there is no apt, it says which packages to install if their headers are really not there.
set -eu
here=$(dirname "$0")
[ $# -gt 0 ] || set -- "$here/packages.txt"
for list in "$@"; do
  [ -r "$list" ] || { echo "setup: cannot read $list" >&2; exit 2; }
done
rows() { sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$@"; }

if command -v dpkg-query >/dev/null 2>&1 && command -v apt-get >/dev/null 2>&1; then
  missing=""
  for package in $(rows "$@" | awk '{ print $1 }'); do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' ||
      missing="$missing $package"
  done
  if [ -z "$missing" ]; then
    echo "setup: all packages are installed"
    exit 0
  fi
  echo "setup: installing$missing"
  as_root=""
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null 2>&1; then
      echo "setup: neither root nor sudo; ask an administrator for: apt-get install$missing" >&2
      exit 1
    fi
    as_root=sudo
  fi
  # shellcheck disable=SC2086 # the lists are words on purpose
  { $as_root apt-get update && $as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y --no-install-recommends $missing; } || {
    echo "setup: apt-get failed (is there a network?); still missing:$missing" >&2
    exit 1
  }
  exit 0
fi

# No apt: does the compiler see the headers? CPATH and CXXFLAGS are honoured.
absent=$(rows "$@" | while read -r package header; do
  [ -n "$header" ] || continue
  echo "#include <$header>" | ${CXX:-c++} ${CXXFLAGS:-} -std=c++20 -E -x c++ -I/usr/include/eigen3 \
    -I/usr/include/nifti -I/usr/local/include -I/usr/local/include/eigen3 \
    -I/usr/local/include/nifti - >/dev/null 2>&1 || echo "  $header (Debian: $package)"
done)
if [ -n "$absent" ]; then
  echo "setup: this system has no apt; please install the libraries with these headers:" >&2
  echo "$absent" >&2
  exit 1
fi
echo "setup: all headers are there"
