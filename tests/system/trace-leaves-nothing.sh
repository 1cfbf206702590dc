#!/bin/sh
# SPDX-License-Identifier: MIT
# beside: VMs
# time-out: 600
# However hakmem-trace ends, nothing of it stays: no map, program, link, pinned object or process. A command whose tracer
# is killed runs on to its own end; a tracer that is killed before it attached starts nothing. LONG=1: after 400 runs, too.
. "$(dirname "$0")/check.inc"

bpftool=$(command -v bpftool || echo /usr/sbin/bpftool)
[ -x "$bpftool" ] || { echo "bpftool is not installed"; exit 77; }

# Ids of what is there; the kernel drops objects a little after their last user (RCU), so look again for a while.
# bpftool's own iterator for process names comes and goes with it.
objects() {
	{
		for kind in prog map link; do
			"$bpftool" $kind show 2>/dev/null | sed -n "s/^\([0-9]*\):.*/$kind \1/p"
		done
		find /sys/fs/bpf -mindepth 1 2>/dev/null
	} | sort
}
ours() {
	"$bpftool" prog show 2>/dev/null | grep -cE 'name (on_(fork|exec|exit|call|return)|tracepoint_|full_|last_look)'
}
# Nothing that was not there before; what others drop meanwhile does not matter.
gone() {
	for _ in $(seq 50); do
		objects >"$work/after"
		comm -13 "$work/before" "$work/after" >"$work/new"
		[ -s "$work/new" ] || return 0
		sleep 0.2
	done
	cat "$work/new"
	return 1
}
# Of this test, alive: a zombie is init's to collect.
no_process() {
	! pgrep -r R,S,D,T -af "hakmem-trace -o $work"
}

objects >/dev/null
sleep 0.5
objects >"$work/before"
runs=40
[ -z "${LONG:-}" ] || runs=400
for _ in $(seq $runs); do
	"$TRACE" -o "$work/report" true || failures=$((failures + 1))
done
check "$runs runs leave nothing" gone
check "$runs runs leave no process" no_process

"$TRACE" -o "$work/report" sh -c 'echo started >"$0/started"; sleep 1; echo ended >"$0/ended"' "$work" &
tracer=$!
for _ in $(seq 100); do
	[ -e "$work/started" ] && break
	sleep 0.05
done
check "it was tracing" test "$(ours)" -gt 0
kill -KILL $tracer
wait $tracer 2>/dev/null
check "the tracer is gone before the command is" test ! -e "$work/ended"
sleep 2
check "the command ran on to its end without its tracer" test -e "$work/ended"
check "a killed tracer leaves nothing" gone

# Killed at any moment of its start: the command starts or not, but is never half-traced or stuck.
for delay in 0.00 0.01 0.02 0.05 0.1 0.15 0.2 0.25 0.3 0.4; do
	"$TRACE" -o "$work/report" sh -c 'exec sleep 0.5' &
	tracer=$!
	sleep $delay
	kill -KILL $tracer 2>/dev/null
	wait $tracer 2>/dev/null
done
sleep 1.2
check "killed while starting: no process is left" no_process
check "killed while starting: nothing is left" gone

# Before it attached: stopped by a debugger-like pause in its first moments, then killed.
rm -f "$work/started"
"$TRACE" -o "$work/report" touch "$work/started" &
tracer=$!
kill -KILL $tracer
wait $tracer 2>/dev/null
sleep 0.5
check "killed before it attached: the command never started" test ! -e "$work/started"
conclude
