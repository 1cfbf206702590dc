#!/bin/sh
# SPDX-License-Identifier: MIT
# Fifty processes under one hakmem-trace assist, each of which faults 640 times a second, beside others that come and go: the daemon has
# at most 20 MB resident, takes less than 1 % of a processor for the fifty, and grows no more: for 10 s, with LONG=1 for ten minutes. Then
# fifty again, in whose midst it is killed: none's output or end is another one for it. 4 s, with LONG=1 ten minutes more.
# beside: VMs
# time-out: 2400
. "$(dirname "$0")/check.inc"
. "$(dirname "$0")/assist.inc"

CROWD=50
seconds=10 then=4
[ -z "${LONG:-}" ] || seconds=600 then=600

resident() { # in KiB, at most since the last time it was asked
	sed -n 's/^VmRSS:[[:space:]]*\([0-9]*\).*/\1/p' /proc/$daemon/status
}
processor_ms() {
	awk '{ sub(/.*\) /, ""); print ($12 + $13) * 10 }' /proc/$daemon/stat
}
# But for the hooks', which stay for some seconds after the last client.
descriptors() {
	find /proc/$daemon/fd -type l ! -lname '*bpf?link*' | wc -l
}
at_most() { # VALUE MOST
	[ "$1" -le "$2" ] || { echo "'$1' is more than $2"; return 1; }
}
member() { # SECONDS
	as_nobody env LD_PRELOAD="$place/libhakmem.so" HAKMEM_ZERO=eager HAKMEM_ASSIST=auto HAKMEM_COSTS_SOCKET="$socket" "$place/assisted" drip "$1" </dev/null
}

# Starts the fifty, for so long: $members; each writes $work/member-NUMBER.
crowd() { # SECONDS
	members=
	for number in $(seq $CROWD); do
		member "$1" >"$work/member-$number" 2>&1 &
		members="$members $!"
		sleep 0.03
	done
}
served() {
	find /proc/$daemon/fd -lname '*pidfd*' | wc -l # one a client
}
# All of them end well and read what they wrote: in turn I of ten a second the lowest byte of I, on 64 pages.
ended_well() { # SECONDS
	for one in $members; do
		wait "$one" || { echo "one ended with $?"; return 1; }
	done
	sum=$(awk -v turns=$((10 * $1)) 'BEGIN { for (i = 0; i < turns; i++) sum += 64 * (i % 256); print sum }')
	[ "$(sort -u "$work"/member-*)" = "sum $sum" ] || { echo "not all say sum $sum:"; sort "$work"/member-* | uniq -c; return 1; }
}

check "it serves" start_daemon
before=$(descriptors)
crowd $((seconds + 8))
sleep 2
check "nearly all have their tables ($(served))" test "$(served)" -ge $((CROWD * 8 / 10))
from=$(processor_ms)
at_first=$(resident)
sleep "$seconds"
spent=$(($(processor_ms) - from))
check "it takes less than 1 % of a processor ($spent ms in $seconds s)" at_most $spent $((seconds * 10))
check "it has at most 20 MB resident ($(resident) KiB)" at_most "$(resident)" 20000
check "and no more than at first ($at_first KiB)" at_most "$(resident)" $((at_first + 300))

# Short ones come and go beside them.
for _ in $(seq $((seconds > 10 ? 1000 : 100))); do
	member 0 >/dev/null
done
check "who has ended leaves nothing ($(resident) KiB)" at_most "$(resident)" $((at_first + 1000))
check "all ended well, and their output is right" ended_well $((seconds + 8))
sleep 0.5
check "no descriptor either" at_most "$(descriptors)" $((before + 1))
check "it ends when it is told to" stop_daemon
tail -n 1 "$work/daemon"

check "it serves again" start_daemon
crowd "$then"
sleep $((then / 2))
check "nearly all have their tables ($(served))" test "$(served)" -ge $((CROWD * 8 / 10))
kill -KILL "$daemon"
wait "$daemon" 2>/dev/null
check "killed in their midst, it changes nobody's end or output" ended_well "$then"
conclude
