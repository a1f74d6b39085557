#!/bin/bash
# test_instruction_count.sh SCRIPT: does tools/instruction_count.sh refuse what it should, and say so
# where it cannot count? A false valgrind counts 1000 instructions and 10000 a repeat, the latter as
# many thousandths more as the file `more` says.
set -euo pipefail
script=$1
if [ "$(uname -m)" != x86_64 ] || ! grep -qw avx2 /proc/cpuinfo || ! grep -qw fma /proc/cpuinfo; then
  echo "instruction_count: nothing is counted on this processor"
  exit 0
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/bin"
cp "$script" "$folder/count.sh"
figures=$folder/instruction_count.txt
cat >"$folder/program" <<'END'
#!/bin/sh
echo "c++-1"
END
cat >"$folder/bin/valgrind" <<END
#!/bin/sh
more=\$(cat "$folder/more")
for last; do :; done
[ "\$more" != broken ] || { echo "==1== no such instruction" >&2; exit 1; }
echo "==1== Collected : \$((1000 + last * (10000 + more * 10)))" >&2
END
chmod +x "$folder/program" "$folder/bin/valgrind"

failed=0
# expect STATUS WORDS ARGUMENTS...: how the script ends, and what it says.
expect() {
  local wanted=$1 words=$2 status=0 said
  shift 2
  said=$(PATH="$folder/bin:$PATH" bash "$folder/count.sh" "$@" "$folder/program" 2>&1) || status=$?
  if [ "$status" -ne "$wanted" ] || ! grep -qF -- "$words" <<<"$said"; then
    echo "expected status $wanted and \"$words\", found status $status and:"
    echo "$said"
    failed=1
  fi
}
more() { echo "$1" >"$folder/more"; }

more 0
expect 0 "siren_step, c++-1: 10000; skipped: no committed figure"
echo "c++-2 siren_step 7" >"$figures"
expect 0 "c++-1 siren_step 10000" --update
grep -qx "c++-2 siren_step 7" "$figures" || { echo "--update lost another compiler"; failed=1; }
expect 0 "siren_step, c++-1: 10000, +0.00 %"
more 29
expect 0 "+2.90 %"
more 31
expect 1 "+3.10 % of the committed 10000: more than 3 % apart"
more -31
expect 1 "-3.10 % of the committed 10000: more than 3 % apart"
more broken
expect 1 "no such instruction"
mkdir "$folder/none"
ln -s "$(command -v dirname)" "$folder/none/dirname"
status=0
said=$(PATH=$folder/none /bin/bash "$folder/count.sh" 2>&1) || status=$?
if [ "$status" -ne 0 ] || [[ $said != *"skipped: valgrind is not installed"* ]]; then
  echo "without valgrind: status $status and: $said"
  failed=1
fi
[ "$failed" -eq 0 ] && echo "instruction_count: all cases as expected"
exit "$failed"
