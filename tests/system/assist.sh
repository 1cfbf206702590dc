#!/bin/sh
# SPDX-License-Identifier: MIT
# hakmem-trace assist: unprivileged processes are told what their own memory costs, there is room for so many and no more, and
# whatever becomes of the daemon, they run on and start as ever.
# beside: VMs
# time-out: 300
. "$(dirname "$0")/check.inc"
. "$(dirname "$0")/assist.inc"

at_least() { # VALUE LEAST
	[ "${1:-0}" -ge "$2" ] || { echo "'$1' is less than $2"; return 1; }
}
at_most() { # VALUE MOST
	[ "$1" -le "$2" ] || { echo "'$1' is more than $2"; return 1; }
}

check "it serves" start_daemon --clients 4
check "the socket is for everybody" equal "$(stat -c %A "$socket")" srw-rw-rw-
check "it is not root" equal "$(awk '/^Uid:/ { print $3 }' /proc/$daemon/status)" "$(id -u nobody)"
check "it keeps two capabilities" equal "$(sed -n 's/^CapPrm:[[:space:]]*//p' /proc/$daemon/status)" 000000c000000000

hooks() {
	find /proc/$daemon/fd -lname '*bpf?link*' | wc -l
}
check "nothing is attached while it has no client" equal "$(hooks)" 0

# Two processes, each with its own costs. The last few faults of a place come with the next ones.
check "one is told its costs" start_served one
step one
first=$faults
step one
check "now there are hooks" at_least "$(hooks)" 5
check "the costs grow" at_least "$faults" $((first + 200))
check "with the zeroing" at_least "$zeroed" $(((first + 200) * 4096))
check "another one is told" start_served two
step two
check "its own" at_most "${faults:-9999}" 600
# Windows of timing come now and then; on a busy machine the daemon gets to them late.
for turn in $(seq 600); do
	[ "${timed:-0}" -eq 0 ] || break
	step two
	[ "$turn" -lt 100 ] || sleep 0.05
done
check "some are timed" at_least "${timed:-0}" 1
start child child
step child
check "a forked child has none of its parent's" equal "$faults" ""
check "a second daemon is refused" sh -c "! '$TRACE' assist --socket '$socket' >'$work/second' 2>&1 && grep -q 'another one listens' '$work/second'"

# Of four places a user has two; and one's is free again when it has ended.
start late
step late
check "a user has its share and no more" equal "$faults" ""
finish late
finish two
check "an ended process makes room" start_served again

# Who is only to be helped by it (HAKMEM_ASSIST) asks once it has touched 8 MiB: a small process is no client, and a larger one
# does not wait at its start.
served() {
	find /proc/$daemon/fd -lname '*pidfd*' | wc -l # one a client
}
grow() { # NAME: until it is told
	for _ in $(seq 12); do
		step "$1"
		[ -z "$faults" ] || break
		mebibytes=$((mebibytes + 1))
	done
}
clients=$(served)
finish again
for _ in $(seq 100); do
	[ "$(served)" -ge "$clients" ] || break
	sleep 0.1
done
clients=$(served)
# shellcheck disable=SC2034 # for start
asks_by=HAKMEM_ASSIST
export HAKMEM_THP=off HAKMEM_SS_PREFAULT=off # faults that can be counted on
start small
for _ in 1 2 3 4; do step small; done
check "a small process has no costs" equal "$faults" ""
check "and is no client" equal "$(served)" "$clients"
finish small
# On a busy machine it may not get an answer in time, and asks only once.
for _ in 1 2 3 4 5 6 7 8; do
	mebibytes=0
	start grown
	grow grown
	[ -z "$faults" ] || break
	finish grown
	rm "$work/grown.in"
done
check "one that has touched 8 MiB is told ($mebibytes MiB)" test "$mebibytes" -ge 6 -a "$mebibytes" -le 9
for _ in 1 2 3 4; do step grown; done
check "what it costs from then on" at_least "${faults:-0}" 200
finish grown
# shellcheck disable=SC2034
asks_by=HAKMEM_COSTS_SOCKET
unset HAKMEM_THP HAKMEM_SS_PREFAULT

# Killed, it leaves them as they are.
kill -KILL "$daemon"
wait "$daemon" 2>/dev/null
step one
step one
at_kill=$faults
step one
step one
check "without the daemon costs stand still" equal "$faults" "$at_kill"
check "and the name goes" sh -c "for i in 1 2 3 4 5 6 7 8 9; do [ -e '$socket' ] || exit 0; sleep 0.1; done; exit 1"
start orphan
step orphan
check "who starts without it has none" equal "$faults" ""
check "it starts again" start_daemon --clients 4
check "and serves" start_served heir
step one
check "who was served by the other one is not" equal "$faults" "$at_kill"

# Stopped, it delays a start by no more than the bound; when the queue is full, by nothing.
once() {
	as_nobody env LD_PRELOAD="$place/libhakmem.so" HAKMEM_COSTS_SOCKET="$1" "$place/assisted" </dev/null
}
# The quickest of five, for others use the machine too.
quickest() { # SOCKET
	best=
	for _ in 1 2 3 4 5; do
		begin=$(date +%s%N)
		once "$1" >/dev/null 2>&1
		took=$((($(date +%s%N) - begin) / 1000000))
		[ "${best:-9999}" -le $took ] || best=$took
	done
	echo "$best"
}
kill -STOP "$daemon"
as_ever=$(quickest "")
delayed=$(quickest "$socket")
check "a stalled daemon delays a start by 50 ms ($as_ever ms, then $delayed)" at_most "$delayed" $((as_ever + 50 + 20))
for _ in $(seq 80); do
	once "$socket" >/dev/null
done
full=$(quickest "$socket")
check "a full queue by nothing ($full ms)" at_most "$full" $((as_ever + 20))
kill -CONT "$daemon"
sleep 0.3
finish heir
check "it goes on" start_served patient

for name in one child orphan patient; do
	finish $name
done
gone() {
	for _ in $(seq 100); do
		[ "$(hooks)" -ne 0 ] || return 0
		sleep 0.1
	done
	return 1
}
check "some seconds after the last one there are none again" gone
check "outputs are as ever" equal "$(tail -qn 1 "$work/one.out" "$work/orphan.out")" "$(
	printf '%s\n' "8 steps sum 37748736" "1 steps sum 1048576")"
check "it ends when it is told to" stop_daemon
check "and says what it did" line "$work/daemon" 'served [0-9]*; refused'
check "and takes its socket along" test ! -e "$socket"
conclude
