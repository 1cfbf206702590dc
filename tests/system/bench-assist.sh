#!/bin/sh
# bench/assist.sh, with workloads too small to mean anything: bad options are refused, the best by hand is raced, assistance has
# figures, and the claims are judged by them. No test here measures time.
# SPDX-License-Identifier: MIT
# beside: anything
set -u
BUILD=${BUILD:-build}
# shellcheck source=tests/system/bench.inc
. tests/system/bench.inc

refuses assist.sh "unknown option '--foo'" --foo
refuses assist.sh "--rounds needs a value" --rounds
refuses assist.sh "no such workload: 'nothing'" --only nothing

bench/assist.sh --quick --only burst_small,large_blocks -o "$work/table" >"$work/out" 2>"$work/err"
check "assist.sh --quick: $(cat "$work/err")" $?
[ "$(grep -c '^| race | assist |' "$work/table")" -eq 2 ]
check "assistance races: $(cat "$work/table")" $?
best=$(sed -n 's/.*best by hand is \(.*\)\.$/\1/p' "$work/table" | head -n 1)
[ -n "$best" ] && grep -q "^| race | $best |" "$work/table"
check "so does the best by hand, '$best'" $?
# Of a pass: a setting's time to the defaults' is a number, and system time, peak and faults are there.
awk -F ' [|] ' '
/^[|] (choosing|race) / {
	lines++
	for (i = 3; i <= 6; i++)
		if ($i !~ /^[0-9.]+$/)
			bad = bad "\n" $0
}
END { if (lines < 26 || bad) { print lines " lines" bad; exit 1 } }' "$work/table" >"$work/out"
check "a line a setting: $(cat "$work/out")" $?

# The judgement, on runs whose outcome is known: assistance takes 0.8 of the defaults' time and 1.01 of the best by hand's.
for round in 1 2 3 4 5 6 7; do
	for line in defaults:1.00 defaults-again:1.00 HAKMEM_THP=on:0.795 assist:0.80; do
		printf 'race\tload\t%s\t%s\t%s\t0.1\t%s\t50\n' "${line%%:*}" $round "${line##*:}$round" "$([ "${line%%:*}" = assist ] && echo 1060 || echo 1000)"
	done
done >"$work/runs"
printf 'load\tHAKMEM_THP=on\tload 1\n' >"$work/judged"
: >"$work/zeroed"
awk -f bench/suite/statistics.awk -f bench/suite/assist.awk "$work/judged" "$work/zeroed" "$work/runs" | grep '^| load | assist ' >"$work/verdict"
grep -q '| 0.801 \[0.*\] | yes | 1.011 \[.*\] | yes | 1.060 | no | yes |' "$work/verdict"
check "its claims are judged: $(cat "$work/verdict")" $?
[ $failed -eq 0 ] && echo "ok   assistance"
exit $failed
