#!/bin/sh
# test_check_layers.sh CHECKER: plants violations of the folder order; the checker must name each.
set -eu
checker=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
root=$scratch/include/inrgene

fresh() { # a small tree that keeps the order
  rm -rf "$root"
  mkdir -p "$root/core" "$root/io" "$root/model/layers" "$root/brain"
  echo '#include <vector>' >"$root/core/a.hpp"
  echo '#include "inrgene/core/a.hpp"' >"$root/io/b.hpp"
  echo '#  include "inrgene/core/a.hpp" // why' >"$root/model/layers/c.hpp"
  echo '#include <inrgene/io/b.hpp>' >"$root/brain/d.hpp"
  printf '#include "inrgene/brain/d.hpp"\n#include "inrgene/model/layers/c.hpp"\n' >"$root/all.hpp"
}
refused() { # WORDS the checker must print while it fails
  if sh "$checker" "$root" >"$scratch/said" 2>&1; then
    echo "not refused: $1"
    exit 1
  fi
  grep -qF "$1" "$scratch/said" || { echo "expected '$1', got:"; cat "$scratch/said"; exit 1; }
}

fresh
sh "$checker" "$root" >/dev/null || { echo "a tree that keeps the order was refused"; exit 1; }

echo '#include "inrgene/io/b.hpp"' >>"$root/core/a.hpp"
refused "core/a.hpp:2: core may not include io (io/b.hpp)"
refused "include cycle: all.hpp -> brain/d.hpp -> io/b.hpp -> core/a.hpp -> io/b.hpp"
fresh
echo '#include "inrgene/model/layers/c.hpp"' >>"$root/brain/d.hpp"
refused "brain may not include model"
fresh
echo '  # include <inrgene/brain/d.hpp>' >>"$root/model/layers/c.hpp"
refused "model may not include brain"
fresh
echo '#include "inrgene/core/e.hpp"' >>"$root/core/a.hpp"
echo '#include "inrgene/core/a.hpp"' >"$root/core/e.hpp"
refused "include cycle: all.hpp -> brain/d.hpp -> io/b.hpp -> core/a.hpp -> core/e.hpp -> core/a.hpp"
fresh
echo '#include "inrgene/core/gone.hpp"' >>"$root/io/b.hpp"
refused "core/gone.hpp, which does not exist"
fresh
echo '#include "a.hpp"' >"$root/core/e.hpp"
refused 'write "inrgene/FOLDER/FILE.hpp", found "a.hpp"'
fresh
echo '#include "inrgene/all.hpp"' >>"$root/brain/d.hpp"
refused "brain may not include the gathering header"
fresh
mkdir "$root/misc"
echo '#include <vector>' >"$root/misc/e.hpp"
refused "folder misc is not in"
fresh
printf 'core: io\nio: core\nmodel:\nbrain: io\n' >"$scratch/cyclic.txt"
if sh "$checker" "$root" "$scratch/cyclic.txt" >"$scratch/said" 2>&1; then
  echo "a table with a cycle was accepted"
  exit 1
fi
grep -qF "core names io, which stands on no line above" "$scratch/said"
echo "every planted violation was refused"
