#!/bin/sh
# bench/assist.sh and bench/assist-counts.sh, with workloads too small to mean anything: bad options are refused, the best by hand is
# raced, assistance has figures, and the claims are judged by them; cut short, it writes what it has; counts become a section. No test
# here measures time.
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
		if ($i !~ /^[0-9.]+ [(][0-9.]+-[0-9.]+[)]$/ && !($i == "1" && $2 == "defaults"))
			bad = bad "\n" $0
}
END { if (lines < 26 || bad) { print lines " lines" bad; exit 1 } }' "$work/table" >"$work/out"
check "a line a setting: $(cat "$work/out")" $?

# The judgement, on runs whose outcome is known: assistance takes 0.8 of the defaults' time and 1.01 of the best by hand's.
: >"$work/zeroed"
for round in 1 2 3 4 5 6 7; do
	for line in defaults:1.00 defaults-again:1.00 HAKMEM_THP=on:0.795 assist:0.80; do
		printf 'race\tload\t%s\t%s\t%s\t0.1\t%s\t%s\n' "${line%%:*}" $round "${line##*:}$round" "$([ "${line%%:*}" = assist ] && echo 106$round || echo 1000)" 5$round
		printf 'load\t%s\t%s\t%s\n' "${line%%:*}" $round 2.$round >>"$work/zeroed"
	done
done >"$work/runs"
printf 'load\tHAKMEM_THP=on\tload 1\n' >"$work/judged"
evaluate() {
	awk -f bench/suite/statistics.awk -f bench/suite/assist_values.awk -f bench/suite/assist.awk "$work/judged" "$work/runs" "$work/zeroed"
}
evaluate >"$work/verdict"
grep -q '^| load | assist | 0.801 \[0.*\] | yes | 1.011 \[.*\] | yes | 1.064 \[1.062-1.066\] | no | yes |' "$work/verdict"
check "its claims are judged: $(cat "$work/verdict")" $?
# Of seven values the second to the sixth hold the median with 87 %, the least to the most with 98 %.
grep -q '^| race | assist | .* | 54 \[51-57\] | 2.4 \[2.1-2.7\] |$' "$work/verdict"
check "each figure has its interval: $(cat "$work/verdict")" $?
sed -i '/	7	/d' "$work/runs"
evaluate >"$work/verdict"
grep -q '^| race | assist | .* | 53 \[51-56\] |' "$work/verdict"
check "so it has with six: $(cat "$work/verdict")" $?
sed -i '/	6	/d' "$work/runs"
evaluate >"$work/verdict"
grep -q '^| load | assist | 0.801 (.*) | n/a | .* | n/a |$' "$work/verdict" && grep -q '^| race | assist | .* | 53 (51-55) |' "$work/verdict"
check "with five it has a range, and no judgement: $(cat "$work/verdict")" $?

# Ended by a signal when it has come to a workload: its exit status is the bench's.
cut_short() { # WORKLOADS WORKLOAD FILE
	bench/assist.sh --quick --only "$1" -o "$3" >"$work/out" 2>"$work/err" &
	bench=$!
	for _ in $(seq 1200); do
		! grep -q "^assist: $2" "$work/err" || break
		sleep 0.1
	done
	kill -TERM $bench
	wait $bench
}

# Cut short, it writes of what it is done with, and says what it is not.
cut_short burst_small,startup_execs,large_blocks burst_small "$work/cut"
[ $? -eq 143 ] && grep -q '^## startup_execs' "$work/cut" && grep -q '^Not in it.*: burst_small, large_blocks[.]$' "$work/cut"
check "cut short, it writes what it has: $(cat "$work/err" "$work/cut")" $?
cut_short startup_execs startup_execs "$work/none"
[ $? -eq 143 ] && [ ! -e "$work/none" ] && grep -q 'nothing to write' "$work/err"
check "or that it has nothing: $(cat "$work/err")" $?

refuses assist.sh "there is no file" --counts "$work/nothing"
refuses assist.sh "needs --counts" --into "$work/table"
refuses assist-counts.sh "no such workload: 'nothing'" --only nothing
refuses assist-counts.sh "--vm needs a value" --vm

# Counts: of each setting, from traced runs. Without a tracer there are none.
if "$BUILD/hakmem-trace" -o /dev/null -- true >/dev/null 2>&1; then
	bench/assist-counts.sh --quick --only burst_small,gcc -o "$work/counts" >"$work/out" 2>"$work/err"
	check "assist-counts.sh --quick: $(cat "$work/err")" $?
	awk -F '\t' '
	$1 == "run" && $5 > 0 && $6 > 0 && $7 > 0 { settings[$2]++; if ($3 ~ /^assist/) assisted++ }
	END { exit !(settings["burst_small"] >= 10 && (!("gcc" in settings) || settings["gcc"] >= 10) && assisted >= 2) }' "$work/counts"
	check "counts of each setting: $(cat "$work/counts")" $?
	cp "$work/table" "$work/before"
	bench/assist.sh --counts "$work/counts" --into "$work/table" >"$work/out" 2>"$work/err"
	check "they become a section: $(cat "$work/err")" $?
	grep -q '^| burst_small | assist | [^ ]* | [0-9.]* (' "$work/table" && grep -q '^### burst_small in virtual machines' "$work/table"
	check "which has them: $(cat "$work/table")" $?
	[ "$(grep -c '^## ' "$work/table")" -eq "$(grep -c "^## " "$work/before")" ] && [ "$(grep -c '^| race' "$work/table")" -eq "$(grep -c '^| race' "$work/before")" ]
	check "and leaves the others as they are" $?
	cp "$work/table" "$work/once"
	bench/assist.sh --counts "$work/counts" --into "$work/table" >"$work/out" 2>"$work/err" && cmp -s "$work/table" "$work/once"
	check "twice is once" $?
else
	echo "skip counts: no tracing here"
fi
[ $failed -eq 0 ] && echo "ok   assistance"
exit $failed
