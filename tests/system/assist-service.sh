#!/bin/sh
# SPDX-License-Identifier: MIT
# The unit of systemd for hakmem-trace assist: it is right, and what it leaves the daemon is enough.
. "$(dirname "$0")/check.inc"
. "$(dirname "$0")/assist.inc"

command -v systemd-analyze >/dev/null || { echo "systemd-analyze is not installed"; exit 77; }
service=hakmem-trace-assist.service
unit=$work/$service
sed "s,@BINDIR@,$(realpath "$BUILD")," scripts/$service.in >"$unit"
check "systemd has nothing against it" sh -c "systemd-analyze verify '$unit' 2>&1 | { ! grep -F $service; }"
exposure=$(systemd-analyze security --offline=true "$unit" 2>/dev/null | sed -n 's/.*exposure level for [^:]*: *\([0-9]*\)\.\([0-9]\).*/\1\2/p')
check "its exposure is below 4.0 of 10" test "${exposure:-100}" -lt 40

# Root with its capabilities alone, and with no way to more.
capabilities=$(sed -n 's/^CapabilityBoundingSet=//p' "$unit" | tr ' ' '\n' | sed 's/^CAP_/+/' | tr 'A-Z' 'a-z' | paste -sd, -)
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
