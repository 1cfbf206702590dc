#!/bin/sh
# SPDX-License-Identifier: MIT
# Attaching to a running process: only what is charged from then on counts, to the last fault and in the right regions, also
# for memory, threads and TLS that were there before; letting go leaves the process as it was.
. "$(dirname "$0")/check.inc"
. "$(dirname "$0")/attach.inc"

ATTACHED=$BUILD/tests/system/attached

start() { # COMMAND...
	launch target "$@"
	process=$(sed -n 's/^\([0-9]*\) .*/\1/p;q' "$work/target.out")
}
touch_all() {
	echo >"$work/target.in"
	line "$work/target.out" charged
}
finish() {
	echo >"$work/target.in"
	wait "$shell_target"
	ended=$?
}

start "$ATTACHED"
attach -p "$process"
check "it is not ptraced" grep -q '^TracerPid:	0$' "/proc/$process/status"
touch_all
detach
check "interrupted: status 0" equal "$status" 0
check "the process runs on" kill -0 "$process"
wanted=$(sed -n 's/^charged //p' "$work/target.out")
check "exactly what the kernel charged from then on: $wanted" equal "$(charged "$work/report")" "$wanted"
check "it adds up" adds_up "$work/report"
check "nothing unseen" equal "$(counter "$work/report" unseen)" 0
region() { # EXPECTED REGION DETAIL
	check "$2 $3: $1" about "$(faults "$work/report" "$2" "$3")" "$1"
}
region 500 anon "before attach"
region 100 anon attached
region 300 program bss
region 50 program data
region 80 tls main
region 160 tls thread
region 60 stack main
region 120 stack thread
region 40 stack signal
region 25 libc heap
region 25 libc arena
region $((200 + 199)) libc mmap
region 30 file "shared memory"
finish
check "and ends as it would have" equal "$ended" 0

# What faults while it is being attached to, before all that was mapped has been looked at, is told by the same name.
launch one
tell one "reuse 64"
for round in 1 2 3 4; do
	attach -p "$(id_of one)" --duration 0.1
	await
	check "busy, round $round: it adds up" adds_up "$work/report"
	check "busy, round $round: all of it was mapped before" \
		equal "$(faults "$work/report" anon)" "$(faults "$work/report" anon "before attach")"
	check "busy, round $round: it was seen" test "$(faults "$work/report" anon)" -gt 100
done
tell one idle
end one

start env LD_PRELOAD="$BUILD/libhakmem.so" "$ATTACHED"
attach -p "$process"
touch_all
detach
check "libhakmem: it adds up" adds_up "$work/report"
check "libhakmem: its ranges are found" about "$(faults "$work/report" allocator)" $((200 + 25 + 25 + 199))
check "libhakmem: none of them is anybody's" about "$(faults "$work/report" anon "before attach")" 500
finish

start "$ATTACHED" children
attach -p "$process" --no-children
touch_all
detach
check "--no-children: only the process itself" equal "$(grep -c '^process,' "$work/report")" 1
finish
start "$ATTACHED" children
attach -p "$process"
touch_all
finish
await
check "when the process ends, so does the trace, status 0" equal "$status" 0
check "children are followed" equal "$(grep -c '^process,' "$work/report")" 3
check "it adds up" adds_up "$work/report"
conclude
