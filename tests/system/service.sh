#!/bin/sh
# SPDX-License-Identifier: MIT
# The unit of systemd that make install puts where systemd looks: it is right, and what it leaves hakmem-trace is enough.
# beside: VMs
. "$(dirname "$0")/check.inc"
. "$(dirname "$0")/attach.inc"

command -v curl >/dev/null || { echo "curl is not installed"; exit 77; }
. "$(dirname "$0")/unit.inc"
check_unit hakmem-trace-serve.service

# With its capabilities, as nobody, with no way to more.
capabilities=$(allowed AmbientCapabilities)
check "it may have no more than it is given" equal "$(setting CapabilityBoundingSet)" "$(setting AmbientCapabilities)"
chmod 755 "$work"
(
	# Locked memory without a bound, where that may be raised.
	exec $(prlimit --memlock=unlimited true 2>/dev/null && echo prlimit --memlock=unlimited) setpriv --reuid nobody --regid nogroup --clear-groups --inh-caps "-all,$capabilities" \
		--ambient-caps "-all,$capabilities" --bounding-set "-all,$capabilities" --no-new-privs \
		"$TRACE" serve -a --listen 127.0.0.1:0 --interval 0.5
) 2>"$work/err" </dev/null &
tracer=$!
check "so it serves" line "$work/err" "serving at"
address=$(sed -n 's,.*serving at http:/*\(.*\)/$,\1,p' "$work/err")
launch obeying
tell obeying "touch 3000"
counted() { curl -s "$address/metrics" | awk '/^hakmem_process_faults_total{comm="obey"/ { sum += $NF } END { print sum + 0 }'; }
# On a busy machine the first slice comes late, and what a thread gives up it has given up by then.
tenths=300
until [ "$(counted)" -ge 3000 ] || [ $((tenths -= 1)) -eq 0 ]; do sleep 0.1; done
check "and counts" at_least "$(counted)" 3000 3200
check "the thread that traces keeps three" equal "$(sed -n 's/^CapPrm:[[:space:]]*//p' /proc/$tracer/task/$tracer/status)" 000000c000080000
check "those that answer have none" equal "$(for task in /proc/"$tracer"/task/*; do
	[ "${task##*/}" = "$tracer" ] || sed -n 's/^Cap[PE][a-z]*:[[:space:]]*//p' "$task/status"; done | sort -u)" 0000000000000000
check "all are filtered" equal "$(sed -n 's/^Seccomp:[[:space:]]*//p' /proc/"$tracer"/task/*/status | sort -u)" 2
end obeying
kill -TERM "$tracer"
await
check "it ends well" equal "$status" 0

make -s -n install DESTDIR="$work/root" >"$work/install" 2>&1
# The name of a unit stands for each of them there.
check "make install puts it where systemd looks" grep -q "$work/root/usr/local/lib/systemd/system/hakmem-trace-.unit.service" "$work/install"
conclude
