#!/bin/sh
# Inside a VM: every rung. What doctor says; the truth test on each rung that attributes faults; zeroed
# pages as each rung that sees any counts them; what the verifier walks; the daemon that tells programs what their memory costs; and the
# rung without BPF. A line `== TEST RUNG` comes before each, for
# tests/vm/table.sh. All kernels of the matrix have all of these rungs: one that does not work has failed. Exit status 0 only if
# nothing failed.
# Usage: rungs.sh      Environment: BUILD
# SPDX-License-Identifier: MIT
set -u

TRACE=$BUILD/hakmem-trace
failed=0

run() { # TEST RUNG COMMAND...
	echo "== $1 $2"
	shift 2
	"$@" || failed=1
}

"$TRACE" doctor | sed -n '1p;/uses here/,$p'
for rung in full kprobe tracepoint; do
	if ! "$TRACE" --rung $rung -o /dev/null -- true 2>/tmp/refused; then
		echo "== none $rung"
		cat /tmp/refused
		failed=1
		continue
	fi
	run truth $rung tests/system/truth.sh --one-start --rung $rung
	run swap $rung tests/vm/swap.sh --one-start --rung $rung
done
# Where the kernel preempts itself (from 7.0 on it always may), hooks are skipped.
if [ "$(uname -r | cut -d. -f1)" -ge 7 ]; then
	for rung in full tracepoint; do
		run skipped $rung tests/vm/skipped.sh $rung
	done
fi
for rung in exact full kprobe tracepoint; do
	if ! "$TRACE" --require zero=$rung -o /dev/null -- true 2>/tmp/refused; then
		echo "== none $rung"
		cat /tmp/refused
		failed=1
	else
		run zeroing $rung tests/system/zeroing.sh --one-start $rung
	fi
done
run verifier verifier tests/system/verifier.sh
run assist assist tests/vm/assist.sh
run perf perf tests/system/trace-perf.sh
exit $failed
