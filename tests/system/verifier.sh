#!/bin/sh
# What the kernel's verifier walks for each BPF program stays below a bound, far below the kernel's limit of a million: loading
# them is what hakmem-trace's start takes longest for, and the bound keeps room for kernels that walk more. The build for
# kernels before 5.17 has loops in place of bpf_loop, each turn of which they walk: three times as much is allowed there.
# docs/verifier.csv is the record: KERNEL,PROGRAM,INSTRUCTIONS. `verifier.sh --record` renews this kernel's lines there, but for
# programs that can't be loaded here (lockdown), whose lines stay; those of the matrix's kernels come from what is printed here
# (tests/vm/table.sh).
# Usage: verifier.sh [--record]
# time-out: 300
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/check.inc"

BOUND=100000
OLD_BOUND=300000
record=docs/verifier.csv
# Two numbers and what Debian or another builder adds: one line a kernel series.
kernel=$(uname -r | sed 's/^\([0-9]*\.[0-9]*\).*/\1/')
# Of which lines are over their bound: over, for a file in the record's form.
over() {
	awk -F, -v bound=$BOUND -v old=$OLD_BOUND '$1 ~ /^[0-9]/ {
		split($1, release, ".")
		if ($3 > (release[1] < 5 || (release[1] == 5 && release[2] < 17) ? old : bound)) { print; bad = 1 }
	} END { exit !bad }' "$1"
}

"$BUILD/tests/system/verifier_cost" >"$work/costs" || { echo "verifier_cost failed"; exit 1; }
awk -v kernel="$kernel" '$2 != "-" { print kernel "," $1 "," $2 }' "$work/costs" >"$work/lines"
if [ "${1:-}" = --record ]; then
	{
		echo "kernel,program,instructions"
		{
			[ ! -e $record ] || awk -F '[, ]' -v kernel="$kernel" 'FNR == NR { stays[$1] = $2 == "-"; next }
				FNR > 1 && ($1 != kernel || stays[$2])' "$work/costs" $record
			cat "$work/lines"
		} | sort -t, -k1,1V -k2,2
	} >"$work/record"
	cp "$work/record" $record
fi

check "programs were loaded" test -s "$work/lines"
within() { # LINE
	! echo "$1" | over -
}
while read -r line; do
	check "$line" within "$line"
done <"$work/lines"
recorded() {
	[ "$(wc -l <$record)" -gt 1 ] && ! over $record
}
# In a test VM there is none.
[ ! -e $record ] || check "the record is within its bounds, too" recorded
conclude
