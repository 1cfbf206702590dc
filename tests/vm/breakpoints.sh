#!/bin/sh
# Inside a VM: zeroed pages as the breakpoint rung counts them, and why faults came as its hooks tell it. Lines for
# tests/vm/table.sh, as in rungs.sh, and a last one that says that all was run. The VM's processor must be without ERMS: single
# steps of `rep stosb` on a page with a breakpoint are what emulation takes ages for, and eight times fewer of `rep stosq`,
# which kernels use then.
# Usage: breakpoints.sh      Environment: BUILD
# SPDX-License-Identifier: MIT
set -u

failed=0
if [ "$(uname -r | cut -d. -f1)" -ge 7 ]; then
	echo "none: from 7.0 on there is no function to set breakpoints in"
	! "$BUILD/hakmem-trace" --require zero=breakpoint -o /dev/null -- true || failed=1
else
	echo "== zeroing breakpoint"
	tests/system/zeroing.sh --one-start breakpoint || failed=1
	echo "== truth breakpoint"
	tests/system/truth.sh --one-start --require zero=breakpoint --programs truth_cause || failed=1
fi
echo "== none breakpoint"
exit $failed
