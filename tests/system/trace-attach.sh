#!/bin/sh
# SPDX-License-Identifier: MIT
# Attaching to a running process: only what is charged from then on counts, to the last fault and in the right regions, also
# for memory, threads and TLS that were there before; letting go leaves the process as it was.
. "$(dirname "$0")/check.inc"

ATTACHED=$BUILD/tests/system/attached
target=
tracer=
trap 'rm -rf "$work"; [ -z "$target" ] || kill "$target" 2>/dev/null; [ -z "$tracer" ] || kill "$tracer" 2>/dev/null' EXIT

# Waits until FILE has a line of PATTERN.
line() { # FILE PATTERN
	for _ in $(seq 200); do
		grep -q "$2" "$1" 2>/dev/null && return
		sleep 0.05
	done
	echo "no '$2' in $1"
	return 1
}
start() { # COMMAND...: prints its own process id first; lines for it go to descriptor 8
	rm -f "$work/in" "$work/out"
	mkfifo "$work/in"
	"$@" <"$work/in" >"$work/out" 2>&1 &
	target=$!
	exec 8>"$work/in"
	line "$work/out" "^[0-9]" || exit 1
	process=$(sed -n 's/^\([0-9]*\).*/\1/p;q' "$work/out")
}
finish() {
	echo >&8
	exec 8>&-
	wait "$target"
	target_status=$?
	target=
}
attach() { # OPTION...
	rm -f "$work/report" "$work/err"
	"$TRACE" -v --format csv -o "$work/report" "$@" 2>"$work/err" &
	tracer=$!
	line "$work/err" "attached to"
}
detach() {
	kill -INT "$tracer"
	wait "$tracer"
	status=$?
	tracer=
}
sum() {
	awk -F, '$1 == "region" { sum += $4 } END { print sum + 0 }' "$1"
}
about() { # VALUE EXPECTED: 3 faults or 1 %
	awk -v is="$1" -v wanted="$2" 'BEGIN { off = is > wanted ? is - wanted : wanted - is
		if (off > 3 && off > wanted / 100) { print is " and not " wanted; exit 1 } }'
}

start "$ATTACHED"
attach -p "$process"
check "it is not ptraced" grep -q '^TracerPid:	0$' "/proc/$process/status"
echo >&8
line "$work/out" charged
detach
check "interrupted: status 0" equal $status 0
check "the process runs on" kill -0 "$process"
charged=$(sed -n 's/^charged //p' "$work/out")
check "exactly what the kernel charged from then on: $charged" \
	equal $(($(counter "$work/report" rusage_minflt) + $(counter "$work/report" rusage_majflt))) "$charged"
check "it adds up" equal "$(sum "$work/report")" "$charged"
check "nothing lost" equal "$(counter "$work/report" lost)" 0
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
check "and ends as it would have" equal $target_status 0

start env LD_PRELOAD="$BUILD/libhakmem.so" "$ATTACHED"
attach -p "$process"
echo >&8
line "$work/out" charged
detach
check "libhakmem: it adds up" equal "$(sum "$work/report")" \
	$(($(counter "$work/report" rusage_minflt) + $(counter "$work/report" rusage_majflt)))
check "libhakmem: its ranges are found" about "$(faults "$work/report" allocator)" $((200 + 25 + 25 + 199))
check "libhakmem: none of them is anybody's" about "$(faults "$work/report" anon "before attach")" 500
finish

start "$ATTACHED" children
attach -p "$process" --no-children
echo >&8
line "$work/out" charged
detach
check "--no-children: only the process itself" equal "$(grep -c '^process,' "$work/report")" 1
finish
start "$ATTACHED" children
attach -p "$process"
echo >&8
line "$work/out" charged
echo >&8 # it ends, and with it the trace
wait "$tracer"
check "when the process ends, so does the trace, status 0" equal $? 0
tracer=
check "children are followed" equal "$(grep -c '^process,' "$work/report")" 3
check "it adds up" equal "$(sum "$work/report")" \
	$(($(counter "$work/report" rusage_minflt) + $(counter "$work/report" rusage_majflt)))
exec 8>&-
wait "$target"
target=
conclude
