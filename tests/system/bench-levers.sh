#!/bin/sh
# bench/levers.sh, with workloads too small to mean anything: bad options are refused, and each setting has a line of figures
# for each workload. No test here measures time.
# SPDX-License-Identifier: MIT
# beside: anything
set -u
BUILD=${BUILD:-build}
# shellcheck source=tests/system/bench.inc
. tests/system/bench.inc

refuses levers.sh "unknown option '--foo'" --foo
refuses levers.sh "--rounds needs a value" --rounds
refuses levers.sh "number from 1 to 999" --rounds 0
refuses levers.sh "no such workload: 'nothing'" --only nothing

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
END { if (lines != 24 || bad) { print lines " lines" bad; exit 1 } }' "$work/table" >"$work/out"
check "a line a setting: $(cat "$work/out")" $?
[ $failed -eq 0 ] && echo "ok   the levers"
exit $failed
