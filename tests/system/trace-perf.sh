#!/bin/sh
# SPDX-License-Identifier: MIT
# The rung without BPF counts each fault that came by an exception, with its region, through threads, fork and exec; what it
# can't see is empty, and not 0.
. "$(dirname "$0")/check.inc"

between() { # VALUE LEAST MOST
	[ "$1" -ge "$2" ] && [ "$1" -le "$3" ] || { echo "is $1, not $2 to $3"; return 1; }
}

"$TRACE" --rung perf --format csv -o "$work/none" "$BUILD/tests/system/zeroing" none
check "it works here" equal $? 0
"$TRACE" --rung perf --format csv -o "$work/anon" "$BUILD/tests/system/zeroing" anon
check "16384 touched pages are anon" between $(($(faults "$work/anon" anon) - $(faults "$work/none" anon))) 16384 16385
check "and nothing else" between $(($(faults "$work/anon" libc) - $(faults "$work/none" libc))) -3 3
check "nothing is lost" equal "$(counter "$work/anon" lost)" 0
check "zeroing is not measured" equal "$(awk -F, '$1 == "total" { print $9 }' "$work/anon")" ""
check "the charge is unknown" equal "$(counter "$work/anon" rusage_minflt)" ""
"$TRACE" --rung perf --format csv -o "$work/shmem" "$BUILD/tests/system/zeroing" shmem
check "4096 shared pages are shared memory" equal "$(faults "$work/shmem" file "shared memory")" 4096
"$TRACE" --rung perf --format csv -o "$work/bss" "$BUILD/tests/system/truth" bss 1000 >"$work/out"
check "1000 pages of the program's bss are its bss" between "$(faults "$work/bss" program bss)" 1000 1010

"$TRACE" --rung perf --format csv -o "$work/twice" sh -c "'$BUILD/tests/system/zeroing' anon; '$BUILD/tests/system/zeroing' anon"
check "forks and execs are followed" between "$(faults "$work/twice" anon)" 32768 32900
check "each is in the process list" equal "$(awk -F, '$1 == "process" && $3 == "zeroing"' "$work/twice" | wc -l)" 2
check "zeroing can't be demanded of it" equal "$(status_of "$TRACE" --require fault=perf --require zero=tracepoint true)" 1
conclude
