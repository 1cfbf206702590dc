#!/bin/sh
# bench/levers.sh, with workloads too small to mean anything: bad options are refused, and each setting has a line of figures
# for each workload. No test here measures time.
# SPDX-License-Identifier: MIT
set -u
BUILD=${BUILD:-build}
failed=0
work=$(mktemp -d "${TMPDIR:-/tmp}/hakmem-test-XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

check() { # WHAT STATUS
	if [ "$2" -ne 0 ]; then
		echo "FAIL $1"
		failed=1
	fi
}
refuses() { # WORDS ARGUMENTS...
	words=$1
	shift
	bench/levers.sh "$@" >"$work/out" 2>"$work/err"
	[ $? -eq 2 ] && [ ! -s "$work/out" ] && [ "$(wc -l <"$work/err")" -eq 1 ] && grep -q -e "$words" "$work/err"
	check "levers.sh $*: $(cat "$work/err")" $?
}
refuses "unknown option '--foo'" --foo
refuses "--rounds needs a value" --rounds
refuses "number from 1 to 999" --rounds 0
refuses "no such workload: 'nothing'" --only nothing

bench/levers.sh --quick --only burst_small,random_mixed -o "$work/table" >"$work/out" 2>"$work/err"
check "levers.sh --quick: $(cat "$work/err")" $?
[ "$(grep -c '^## ' "$work/table")" -eq 2 ]
check "two workloads: $(cat "$work/table")" $?
# Figures in every cell, and none but the first setting is the measure of itself.
awk -F ' [|] ' '
/^[|] (HAKMEM_|defaults)/ {
	lines++
	for (i = 2; i <= NF; i++)
		if ($i !~ /^[0-9.]+( [|])?$/)
			bad = bad "\n" $0
	if (($2 == "1") != ($1 == "| defaults"))
		bad = bad "\n" $0
}
END { if (lines != 22 || bad) { print lines " lines" bad; exit 1 } }' "$work/table" >"$work/out"
check "a line a setting: $(cat "$work/out")" $?
[ $failed -eq 0 ] && echo "ok   the levers"
exit $failed
