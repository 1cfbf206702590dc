#!/bin/sh
# SPDX-License-Identifier: MIT
# What can't be attached to: one clear line that says why, status 1 (2 for what makes no sense), and nothing left behind.
. "$(dirname "$0")/check.inc"
. "$(dirname "$0")/attach.inc"

refused() { # STATUS WORDS OPTION...
	wanted=$1
	words=$2
	shift 2
	rm -f "$work/report"
	timeout 20 "$TRACE" -o "$work/report" "$@" >"$work/out" 2>"$work/err"
	check "$words: status $wanted" equal $? "$wanted"
	check "$words: said" grep -q "^hakmem-trace: .*$words" "$work/err"
	check "$words: in one line" equal "$(wc -l <"$work/err")" 1
	check "$words: no report" test ! -e "$work/report"
}

refused 1 "there is no process 4194999" -p 4194999
launch one
refused 1 "there is no process 4194999" -p "$(id_of one),4194999"
kernel=$(ps -eo pid=,ppid= | awk '$2 == 2 { print $1; exit }')
[ -z "$kernel" ] || refused 1 "$kernel is a kernel thread" -p "$kernel"

# Its parent never waits for it.
sh -c 'exec 9<"$0"; sh -c "exit 0" & exec sleep 30' /dev/null &
parent=$!
targets="$targets $parent"
zombie=
for _ in $(seq 100); do
	zombie=$(ps -eo pid=,ppid=,stat= | awk -v parent=$parent '$2 == parent && $3 ~ /^Z/ { print $1 }')
	[ -z "$zombie" ] || break
	sleep 0.05
done
refused 1 "process $zombie has ended already" -p "$zombie"

# shellcheck disable=SC2016 # that shell's own id, which the tracer then has
sh -c 'exec "$0" -o "$1" -p $$' "$TRACE" "$work/report" 2>"$work/err"
check "itself: status 1" equal $? 1
check "itself: said" grep -q "is hakmem-trace itself" "$work/err"

tell one busy
thread=$(ps -L -o lwp= -p "$(id_of one)" | awk -v main="$(id_of one)" '$1 != main { print $1; exit }')
refused 1 "is a thread of process $(id_of one)" -p "$thread"
tell one idle

refused 1 "no folder of a cgroup v2" --cgroup "$work"
refused 1 "can't look at cgroup" --cgroup "$work/none"
refused 2 "process ids with commas" -p 12x
refused 2 "process ids with commas" -p 0
refused 2 "process ids with commas" -p ""
refused 2 "a name is wanted" --comm ""
refused 2 "seconds are wanted" --duration 0 -p "$(id_of one)"
refused 2 "they take no command" -p "$(id_of one)" true
refused 2 "-a is every process" -a --comm obey
refused 2 "nothing can be preloaded" --preload hakmem -a

# A name that nobody has may still come; when none did, there is nothing to report.
"$TRACE" --comm nobodyhasit --duration 0.5 -o "$work/report" 2>"$work/err"
check "a name that nobody had: status 1" equal $? 1
check "said when it begins" grep -q "no process is called nobodyhasit yet" "$work/err"
check "and at the end" grep -q "nothing was traced" "$work/err"
check "no report" test ! -e "$work/report"
attach --comm obey-later
tell one "name obey-later"
sleep 0.2
tell one "touch 100"
detach
check "a name that comes: status 0" equal "$status" 0
check "a name that comes: its faults" at_least "$(of_process "$work/report" "$(id_of one)")" 100

# Whoever is told to stop while it still prepares reports what there is by then.
for name in TERM INT; do
	rm -f "$work/report"
	"$TRACE" -p "$(id_of one)" --format json -o "$work/report" 2>"$work/err" &
	tracer=$!
	until [ -e "$work/report" ]; do sleep 0.01; done
	kill -$name "$tracer"
	await
	check "SIG$name while it prepares: status 0" equal "$status" 0
	check "SIG$name while it prepares: a report" test "$(figure "$work/report" faults)" -ge 0
done
end one
check "and it goes on" equal "$ended" 0
conclude
