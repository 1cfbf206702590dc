#!/bin/sh
# SPDX-License-Identifier: MIT
# --cgroup: what is in a cgroup (v2) or below it, what comes into it, and nothing else.
. "$(dirname "$0")/check.inc"
. "$(dirname "$0")/attach.inc"

hierarchy=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
[ -n "$hierarchy" ] || { echo "no cgroup v2 file system is mounted"; exit 77; }
group=$hierarchy/hakmem-test.$$
mkdir "$group" 2>"$work/err" || { echo "may not make a cgroup: $(cat "$work/err")"; exit 77; }
home=$hierarchy$(sed -n 's/^0:://p' /proc/self/cgroup)
leave() {
	end_all
	sleep 0.1
	rmdir "$group/below" "$group"
}
trap leave EXIT
mkdir "$group/below"

launch inside
launch below
launch outside
launch late
id_of inside >"$group/cgroup.procs"
id_of below >"$group/below/cgroup.procs"
attach --cgroup "$group"
tell inside "touch 300"
tell below "touch 400"
tell outside "touch 500"
tell late "touch 500"
id_of late >"$group/cgroup.procs"
sleep 0.3
tell late "touch 600"
id_of late >"$home/cgroup.procs" # it is traced on
tell late "touch 100"
# shellcheck disable=SC2016 # that shell's own id
launch new sh -c 'echo $$ >"$0/cgroup.procs"; exec "$1"' "$group" "$OBEY"
tell new "touch 700"
detach
check "status 0" equal "$status" 0
check "it adds up" adds_up "$work/report"
check "what is in it" at_least "$(of_process "$work/report" "$(id_of inside)")" 300
check "what is below it" at_least "$(of_process "$work/report" "$(id_of below)")" 400
check "what came into it" at_least "$(of_process "$work/report" "$(id_of late)")" 700
check "what was started in it" at_least "$(of_process "$work/report" "$(id_of new)")" 700 900
check "not what is outside" equal "$(of_process "$work/report" "$(id_of outside)")" 0
check "no other" equal "$(grep -c '^process,' "$work/report")" 4
for name in inside below late new; do end $name; done

attach --cgroup "$group" -p "$(id_of outside)"
tell outside "touch 100"
detach
check "an empty one, and a process: status 0" equal "$status" 0
check "the process" at_least "$(of_process "$work/report" "$(id_of outside)")" 100
end outside

# --- each process's group is told ---
"$TRACE" --format json -o "$work/json" sh -c 'echo $$ >"$0/cgroup.procs"; exec ls /' "$group/below" >/dev/null
path=$(python3 -c 'import json, sys; print([p["cgroup"] for p in json.load(open(sys.argv[1]))["processes"] if p["comm"] == "ls"][0])' "$work/json")
check "a process is told to be in the group where it called exec" equal "$path" "${group#"$hierarchy"}/below"
conclude
