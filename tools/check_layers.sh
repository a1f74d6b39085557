#!/bin/sh
# check_layers.sh INCLUDE_DIR [TABLE]: fails where a header under INCLUDE_DIR (.../include/inrgene)
# includes against the order of TABLE (default: layers.txt beside this script), includes a header
# that does not exist, or is part of an include cycle. A header directly in INCLUDE_DIR gathers
# others: it may include everything and no folder may include it.
set -eu
[ $# -ge 1 ] || { echo "usage: $0 INCLUDE_DIR [TABLE]" >&2; exit 2; }
root=${1%/}
table=${2:-$(dirname "$0")/layers.txt}
list=$(mktemp)
trap 'rm -f "$list"' EXIT
find "$root" -type f \( -name '*.hpp' -o -name '*.cuh' \) | LC_ALL=C sort >"$list"
[ -s "$list" ] || { echo "$root: holds no header" >&2; exit 2; }

awk -v root="$root" -v table="$table" '
function folder_of(name) { return name ~ /\// ? substr(name, 1, index(name, "/") - 1) : "" }
function complain(message) { print message; problems++ }
# Depth first; state 1: on the current chain, 2: done. `chain` names the way here.
function visit(name, chain,    k) {
  state[name] = 1
  for (k = 1; k <= edges[name]; k++) {
    if (state[edge[name, k]] == 1) complain("include cycle: " chain " -> " edge[name, k])
    else if (state[edge[name, k]] != 2) visit(edge[name, k], chain " -> " edge[name, k])
  }
  state[name] = 2
}
function read_table(    line, words, n, k) {
  while ((getline line < table) > 0) {
    sub(/#.*/, "", line)
    n = split(line, words, /[: \t]+/)
    if (words[1] == "") continue
    for (k = 2; k <= n; k++) {
      if (words[k] == "") continue
      if (!(words[k] in known))
        complain(table ": " words[1] " names " words[k] ", which stands on no line above")
      allowed[words[1], words[k]] = 1
    }
    known[words[1]] = 1
  }
  if (!("core" in known)) complain(table ": is not a table of folders")
}
function read_header(path,    name, from, line, to, number) {
  name = substr(path, length(root) + 2)
  from = folder_of(name)
  if (from != "" && !(from in known)) complain(path ": folder " from " is not in " table)
  while ((getline line < path) > 0) {
    number++
    if (line !~ /^[ \t]*#[ \t]*include[ \t]*["<]/) continue
    sub(/^[ \t]*#[ \t]*include[ \t]*/, "", line)
    if (line !~ /^.inrgene\//) {
      if (line ~ /^"/) complain(path ":" number ": write \"inrgene/FOLDER/FILE.hpp\", found " line)
      continue
    }
    to = substr(line, 10)
    sub(/[">].*/, "", to)
    if (!(to in exists)) complain(path ":" number ": includes " to ", which does not exist")
    else if (from != "" && from != folder_of(to) && !((from, folder_of(to)) in allowed))
      complain(path ":" number ": " from " may not include " \
               (folder_of(to) == "" ? "the gathering header" : folder_of(to)) " (" to ")")
    edge[name, ++edges[name]] = to
  }
  close(path)
}
{ paths[++count] = $0; exists[substr($0, length(root) + 2)] = 1 }
END {
  read_table()
  for (i = 1; i <= count; i++) read_header(paths[i])
  for (i = 1; i <= count; i++) {
    name = substr(paths[i], length(root) + 2)
    if (!state[name]) visit(name, name)
  }
  if (problems) { print problems " problem(s); the order stands in " table; exit 1 }
  print count " headers keep the order of " table
}' "$list"
