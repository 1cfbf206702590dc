#!/bin/sh
# SPDX-License-Identifier: MIT
# The unit of systemd for hakmem-trace assist: it is right, and what it leaves the daemon is enough.
. "$(dirname "$0")/check.inc"
. "$(dirname "$0")/assist.inc"

. "$(dirname "$0")/unit.inc"
service=hakmem-trace-assist.service
check_unit $service

# Root with its capabilities alone, and with no way to more.
capabilities=$(allowed CapabilityBoundingSet)
mkdir -m 755 "$work/run"
setpriv --bounding-set "-all,$capabilities" --inh-caps -all --no-new-privs "$TRACE" assist --socket "$socket" >"$work/daemon" 2>&1 </dev/null &
daemon=$!
check "so it serves" line "$work/daemon" 'serving at'
check "every thread is nobody's" equal "$(awk '/^Uid:/ { print $2, $3, $4, $5 }' /proc/$daemon/task/*/status | sort -u)" \
	"$(id -u nobody) $(id -u nobody) $(id -u nobody) $(id -u nobody)"
check "and tells" start_served one
step one
check "more and more" test "${faults:-0}" -ge 100
finish one
check "the thread that enters tables has no more than the other one" equal "$(sed -n 's/^CapPrm:[[:space:]]*//p' /proc/$daemon/task/*/status |
	sort -u)" 000000c000000000
check "all are filtered" equal "$(sed -n 's/^Seccomp:[[:space:]]*//p' /proc/$daemon/task/*/status | sort -u)" 2
check "it ends well" stop_daemon

make -s install DESTDIR="$work/root" UNITDIR=/units >"$work/install" 2>&1
check "make install puts it where systemd looks" grep -q '^ExecStart=/usr/local/bin/hakmem-trace assist$' "$work/root/units/$service"
conclude
