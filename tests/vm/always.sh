#!/bin/sh
# Run in a test VM of every `make test`: the truth test on one rung, with the causes that swap.sh has while there is swap space; call
# stacks on it; the daemon that tells programs what their memory costs; and the allocator in a control group with a limit, and where memory is not overcommitted, which is a setting of a whole machine.
# Usage: tests/vm/always.sh RUNG
# SPDX-License-Identifier: MIT
set -u
cd "$(dirname "$0")/../.." || exit 1

failed=0
tests/system/truth.sh --one-start --rung "$1" || failed=1
tests/vm/swap.sh --one-start --rung "$1" || failed=1

tests/system/stacks-leaves.sh --rung "$1" || failed=1

tests/vm/assist.sh || failed=1

tests/system/alloc-conditions.sh group || failed=1
# A tenth of the memory, for it is exhausted.
echo 10 >/proc/sys/vm/overcommit_ratio
echo 2 >/proc/sys/vm/overcommit_memory
tests/system/alloc-conditions.sh strict || failed=1
echo 0 >/proc/sys/vm/overcommit_memory
exit $failed
