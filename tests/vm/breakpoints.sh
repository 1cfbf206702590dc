#!/bin/sh
# Inside a VM: zeroed pages as the breakpoint rung counts them, and why faults came as its hooks tell it. Lines for
# tests/vm/table.sh, as in rungs.sh. The VM's processor must be without ERMS: single steps of `rep stosb` on a page with a
# breakpoint are what emulation takes ages for, and eight times fewer of `rep stosq`, which kernels use then.
# Usage: breakpoints.sh      Environment: BUILD
# SPDX-License-Identifier: MIT
set -u

if ! "$BUILD/hakmem-trace" --require zero=breakpoint -o /dev/null -- true 2>/tmp/refused; then
	echo "== none breakpoint"
	cat /tmp/refused
	exit 0
fi
failed=0
echo "== zeroing breakpoint"
tests/system/zeroing.sh breakpoint || failed=1
echo "== truth breakpoint"
tests/system/truth.sh --require zero=breakpoint --programs truth_cause || failed=1
exit $failed
