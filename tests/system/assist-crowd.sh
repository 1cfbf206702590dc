#!/bin/sh
# SPDX-License-Identifier: MIT
# Fifty processes under one hakmem-trace assist, each of which faults 640 times a second, beside others that come and go: the daemon has
# at most 20 MB resident, takes less than 1 % of a processor for the fifty, and grows no more: for 10 s, with LONG=1 for ten minutes.
# beside: VMs
# time-out: 1200
. "$(dirname "$0")/check.inc"
. "$(dirname "$0")/assist.inc"

CROWD=50
seconds=10
[ -z "${LONG:-}" ] || seconds=600

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
	as_nobody env LD_PRELOAD="$place/libhakmem.so" HAKMEM_ZERO=eager HAKMEM_COSTS_SOCKET="$socket" "$place/assisted" drip "$1" </dev/null
}

check "it serves" start_daemon
before=$(descriptors)
for _ in $(seq $CROWD); do
	member $((seconds + 8)) &
	members="${members:-} $!"
	sleep 0.03
done
sleep 2
served=$(find /proc/$daemon/fd -lname '*pidfd*' | wc -l) # one a client
check "nearly all have their tables ($served)" test $served -ge $((CROWD * 8 / 10))
from=$(processor_ms)
at_first=$(resident)
sleep "$seconds"
spent=$(($(processor_ms) - from))
check "it takes less than 1 % of a processor ($spent ms in $seconds s)" at_most $spent $((seconds * 10))
check "it has at most 20 MB resident ($(resident) KiB)" at_most "$(resident)" 20000
check "and no more than at first ($at_first KiB)" at_most "$(resident)" $((at_first + 300))

# Short ones come and go beside them.
for _ in $(seq $((seconds > 10 ? 1000 : 100))); do
	member 0
done
check "who has ended leaves nothing ($(resident) KiB)" at_most "$(resident)" $((at_first + 1000))
# shellcheck disable=SC2086 # one word a process
wait $members
sleep 0.5
check "no descriptor either" at_most "$(descriptors)" $((before + 1))
check "it ends when it is told to" stop_daemon
tail -n 1 "$work/daemon"
conclude
