#!/bin/sh
# What the kernel's verifier walks for each BPF program stays below a bound, far below the kernel's limit of a million: loading
# them is what hakmem-trace's start takes longest for, and the bound is what keeps room on older kernels, which walk more.
# docs/verifier.csv is the record: KERNEL,PROGRAM,INSTRUCTIONS. `verifier.sh --record` renews this kernel's lines there, and
# with --print they are printed, and the record is left alone (in VMs, whose lines tests/vm/table.sh enters).
# Usage: verifier.sh [--record | --print]
# time-out: 300
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/check.inc"

BOUND=100000
record=docs/verifier.csv
# Two numbers and what Debian or another builder adds: one line a kernel series.
kernel=$(uname -r | sed 's/^\([0-9]*\.[0-9]*\).*/\1/')

"$BUILD/tests/system/verifier_cost" >"$work/costs" || { echo "verifier_cost failed"; exit 1; }
lines() {
	awk -v kernel="$kernel" '$2 != "-" { print kernel "," $1 "," $2 }' "$work/costs"
}
case ${1:-} in
--print) lines ;;
--record)
	{
		echo "kernel,program,instructions"
		{
			[ ! -e $record ] || awk -F, -v kernel="$kernel" 'NR > 1 && $1 != kernel' $record
			lines
		} | sort -t, -k1,1V -k2,2
	} >"$work/record"
	cp "$work/record" $record
	;;
esac

within_bound() {
	awk -v bound=$BOUND '$2 != "-" { n++; if ($2 > bound) { print $1, $2, "over", bound; over = 1 } }
		END { if (!n) print "no program was loaded"; exit over || !n }' "$work/costs"
}
check "each program that loads here takes at most $BOUND instructions" within_bound
[ "${1:-}" = --print ] || check "the record is within the bound, too" awk -F, -v bound=$BOUND 'NR > 1 && $3 > bound { print; bad = 1 } END { exit bad || NR < 2 }' $record
conclude
