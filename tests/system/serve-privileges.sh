#!/bin/sh
# SPDX-License-Identifier: MIT
# hakmem-trace serve gives up root once tracing goes on, and goes on: it counts, names and resolves as before.
# beside: VMs
. "$(dirname "$0")/check.inc"
. "$(dirname "$0")/attach.inc"

command -v curl >/dev/null || { echo "curl is not installed"; exit 77; }
command -v setpriv >/dev/null || { echo "setpriv is not installed"; exit 77; }
nobody=$(id -u nobody)
user=12345
chmod 755 "$work"

serve() { # OPTION...: $tracer, and $url with a slash at its end
	rm -f "$work/err"
	"$TRACE" serve -v --listen 127.0.0.1:0 "$@" 2>"$work/err" </dev/null &
	tracer=$!
	line "$work/err" "goes on as user" || exit 1
	url=$(sed -n 's,.*serving at \(http:.*\),\1,p' "$work/err")
}
stop() {
	kill -INT "$tracer"
	await
}
status_field() { # FIELD: of each thread, without doubles
	sed -n "s/^$1:[[:space:]]*//p" /proc/"$tracer"/task/*/status | sort -u | tr '\t' ' '
}
metric() { # SERIES
	curl -s "${url}metrics" | awk -v series="$1" 'index($0, series " ") == 1 { print $NF }'
}
# A metric is at least so much soon: it is as old as the interval.
soon() { # SERIES LEAST
	for _ in $(seq 60); do
		value=$(metric "$1")
		[ "${value:-0}" -lt "$2" ] || return 0
		sleep 0.1
	done
	echo "$1 is '$value', not $2"
	return 1
}

# --- the whole machine, as nobody ---
launch before
serve -a --max-overhead 100 --interval 0.5
check "all threads are nobody's" equal "$(status_field Uid)" "$nobody $nobody $nobody $nobody"
check "and their groups" equal "$(status_field Gid)" "$(id -g nobody) $(id -g nobody) $(id -g nobody) $(id -g nobody)"
check "the tracing thread keeps CAP_BPF, CAP_PERFMON and CAP_SYS_PTRACE" equal \
	"$(sed -n 's/^CapPrm:[[:space:]]*//p' /proc/$tracer/task/$tracer/status)" 000000c000080000
for task in /proc/"$tracer"/task/*; do
	[ "${task##*/}" = "$tracer" ] ||
		check "a thread that answers has none" equal "$(sed -n 's/^CapPrm:[[:space:]]*//p' "$task/status")" 0000000000000000
done
check "there are such threads" at_least "$(find /proc/"$tracer"/task -mindepth 1 -maxdepth 1 | wc -l)" 3 9
for set in CapInh CapAmb; do
	check "$set: none" equal "$(status_field $set)" 0000000000000000
done
check "no new privileges" equal "$(status_field NoNewPrivs)" 1
check "all are filtered" equal "$(status_field Seccomp)" 2
check "none of the user's other programs may look at it" equal "$(stat -c %u /proc/"$tracer"/environ)" 0

tell before "touch 3000"
check "it still counts" soon 'hakmem_process_faults_total{comm="obey",cgroup="'"$(sed -n 's/^0:://p' /proc/$$/cgroup)"'"}' 3000
cp "$OBEY" "$work/newcomer"
launch after "$work/newcomer"
tell after "touch 2000"
check "a new process, root's, has its name" soon \
	'hakmem_process_faults_total{comm="newcomer",cgroup="'"$(sed -n 's/^0:://p' /proc/$$/cgroup)"'"}' 2000
timed=$(curl -s "${url}metrics" | awk '/^hakmem_fault_seconds_count/ { sum += $2 } END { print sum + 0 }')
tell after "touch 5000"
sleep 1
check "durations are still measured" at_least \
	"$(curl -s "${url}metrics" | awk '/^hakmem_fault_seconds_count/ { sum += $2 } END { print sum + 0 }')" $((timed + 1000)) 100000000
check "no counts are lost" equal "$(curl -s "${url}metrics" | awk '/^hakmem_lost_total.*(tasks|events)/ { sum += $2 } END { print sum + 0 }')" 0
end before
end after
stop
check "it ends well" equal "$status" 0

# --- what comes later is found by name ---
serve --comm latecomer --interval 0.5
cp "$OBEY" "$work/latecomer"
launch late "$work/latecomer"
tell late "touch 1500"
check "what is waited for is attached to" soon \
	'hakmem_process_faults_total{comm="latecomer",cgroup="'"$(sed -n 's/^0:://p' /proc/$$/cgroup)"'"}' 1500
end late
stop

# --- and stacks are resolved: another user's, and root's in a file that is seen in its own namespace alone ---
stack_faults() { # COMM FUNCTION LEAST: in the newest snapshot
	curl -s "${url}api/snapshot" >"$work/snapshot.json"
	python3 - "$work/snapshot.json" "$@" <<'PYTHON'
import json, sys
file, comm, function, least = sys.argv[1:]
stacks = [s for s in json.load(open(file))["stacks"] if s["comm"] == comm]
faults = sum(s["faults"] for s in stacks if any(function in (f or "") for f in s["frames"]))
print(faults, "in", function, "of", sum(s["faults"] for s in stacks))
sys.exit(faults < int(least))
PYTHON
}
soon_in_stacks() { # COMM FUNCTION LEAST
	for _ in $(seq 30); do
		! stack_faults "$@" >"$work/stacks" || return 0
		sleep 0.2
	done
	cat "$work/stacks"
	return 1
}
serve --comm other --comm hidden --stacks=all --max-overhead 100 --interval 0.5
cp "$BUILD/tests/system/stacks" "$work/other"
setpriv --reuid $user --regid $user --clear-groups "$work/other" plain >"$work/leaves"
check "another user's new process" soon_in_stacks other "$(awk 'NR == 1 { print $1 }' "$work/leaves")" \
	"$(awk 'NR == 1 { print $3 }' "$work/leaves")"
mkdir "$work/mount"
launch hidden unshare --mount sh -c 'mount -t tmpfs none "$1" && cp "$2" "$1/hidden" && exec "$1/hidden"' sh "$work/mount" "$OBEY"
tell hidden "touch 1500"
check "root's new process in another namespace" soon_in_stacks hidden main 1500
end hidden
stop

# --- what was recorded needs nothing ---
"$TRACE" record -o "$work/run.hkt" ls / >/dev/null
serve "$work/run.hkt"
check "a recording: nobody" equal "$(status_field Uid | cut -d' ' -f1)" "$nobody"
check "a recording: no capability in any thread" equal "$(status_field CapPrm)" 0000000000000000
check "a recording: it is served" soon \
	'hakmem_process_faults_total{comm="ls",cgroup="'"$(sed -n 's/^0:://p' /proc/$$/cgroup)"'"}' 50
stop

# --- a command is as it would have been ---
grep -E '^(Uid|Gid|Cap...|NoNewPrivs|Seccomp):' /proc/self/status >"$work/expected"
serve -- sh -c 'grep -E "^(Uid|Gid|Cap...|NoNewPrivs|Seccomp):" /proc/self/status >"$0"; trap "exit 7" TERM; while :; do sleep 0.1; done' "$work/found"
line "$work/found" Seccomp
check "the command has what it would have had" same "$work/found" "$work/expected"
kill -TERM "$tracer"
sleep 0.5
kill -TERM "$tracer" 2>/dev/null
await
check "root's command gets our signals" equal "$status" 7

# --- under sudo it becomes who called, or who is named ---
export SUDO_UID=$user SUDO_GID=$user
serve -a
check "under sudo: the caller's" equal "$(status_field Uid)" "$user $user $user $user"
check "under sudo: no other groups" equal "$(status_field Groups)" "$user "
stop
unset SUDO_UID SUDO_GID
serve --user daemon -a
check "--user: that one's" equal "$(status_field Uid | cut -d' ' -f1)" "$(id -u daemon)"
stop
"$TRACE" serve --user no-such-user -a 2>"$work/err"
check "an unknown user: status 1" equal $? 1
check "an unknown user is named" grep -qx "hakmem-trace: there is no user 'no-such-user'" "$work/err"
"$TRACE" serve --user root -a 2>"$work/err"
check "root is not somebody else" equal $? 1
"$TRACE" --user daemon true 2>"$work/err"
check "--user without serve: status 2" equal $? 2
conclude
