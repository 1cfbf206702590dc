#!/bin/sh
# Runs the tests: one line each, the output of those that fail, and `N passed, N failed` at the end.
#
# Usage: tests/run.sh [--matrix] [--long] [--list] [PATTERN...]
#   PATTERN   only tests whose name contains one of these (unit/alloc, vm/, system/truth)
#   --matrix  all kernels of tests/vm/kernels, not only those of every run
#   --long    LONG=1 for the tests, some of which then take an hour and more (see make test-long)
#   --list    print the names
#
# A test is an executable: exit status 0 passed, 77 skipped (its last line says why), anything else failed. It runs in the
# repository's root with BUILD (default build) exported and nothing on its standard input, in a process group of its own
# that is killed after a time-out (300 s, or what a line `# time-out: S` in a script says; with --long three hours) and must be
# empty at the end.
#   unit/*/NAME   build/tests/unit/*/NAME, one for each tests/unit/*/NAME.c
#   KIND/NAME     tests/KIND/NAME.sh; KIND is source, system, web, fuzz or model
#   vm/NAME       tests/vm/run.sh NAME, one for each kernel in tests/vm/kernels
# What a test prints is kept in build/test-results/. Exit status 0 only if some passed and none failed.
#
# Where there are processors for it, tests run in two lanes: the VMs, each of which keeps one processor busy, beside all others,
# which go one after the other; or where only VMs are asked for, half of them beside the other half.
# SPDX-License-Identifier: MIT
set -u
cd "$(dirname "$0")/.." || exit 1

BUILD=${BUILD:-build}
export BUILD
sets=always
list=
while [ $# -gt 0 ]; do
	case $1 in
	--matrix) sets='always|matrix' ;;
	--long) LONG=1 && export LONG ;;
	--list) list=1 ;;
	-h | --help)
		sed -n '2,/^# SPDX/s/^# \{0,1\}//p' "$0" | grep -v SPDX
		exit 0
		;;
	-*)
		echo "run.sh: unknown option $1" >&2
		exit 2
		;;
	*) break ;;
	esac
	shift
done

# All tests, "name time-out command..." a line.
all_tests() {
	for source in tests/unit/*/*.c; do
		[ ! -e "$source" ] || echo "${source#tests/} 300 $BUILD/${source%.c}" | sed 's/\.c / /'
	done
	for script in tests/source/*.sh tests/system/*.sh tests/web/*.sh tests/fuzz/*.sh tests/model/*.sh; do
		[ -x "$script" ] || continue
		limit=$(sed -n 's/^# time-out: \([0-9][0-9]*\).*/\1/p' "$script")
		name=${script#tests/}
		echo "${name%.sh} ${limit:-300} $script"
	done
	awk -v sets="^($sets)\$" '!/^#/ && $1 ~ sets { print "vm/" $2, 3700, "tests/vm/run.sh", $2 }' tests/vm/kernels
}
selected() { # NAME PATTERN...
	selected=$1
	shift
	[ $# -gt 0 ] || return 0
	for pattern; do
		case $selected in *"$pattern"*) return 0 ;; esac
	done
	return 1
}

results=$BUILD/test-results
mkdir -p "$results" || exit 1
tests=$results/list
verdicts=$results/verdicts
all_tests | while read -r name rest; do
	! selected "$name" "$@" || echo "$name $rest"
done >"$tests"
if [ -n "$list" ]; then
	cut -d' ' -f1 "$tests"
	exit 0
fi

# --- one lane: a subshell with a list of its own ---

lane_interrupted() {
	# timeout(1) passes it on, and kills what does not end by it.
	[ -z "$child" ] || kill -TERM "$child" 2>/dev/null
	wait
	exit 130
}

# Whether process group $1 still has members after a short wait; $2 then lists them. Zombies don't count: some machines' init
# reaps late.
lingers() { # GROUP FILE
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		kill -0 "-$1" 2>/dev/null || return 1
		ps -eo pgid=,stat=,pid=,args= | awk -v group="$1" '$1 == group && $2 !~ /^Z/' >"$2"
		[ -s "$2" ] || return 1
		sleep 0.1
	done
}

run_test() { # NAME TIME-OUT COMMAND...
	name=$1
	limit=$2
	[ -z "${LONG:-}" ] || limit=10800
	shift 2
	log=$results/$(echo "$name" | tr / -).log
	verdict=FAIL
	reason=
	begin=$(date +%s%N)
	if [ -x "$1" ]; then
		# timeout(1) leads a process group of its own, whose id is its process id. What a shell starts with & has SIGINT and
		# SIGQUIT ignored, which would pass on to all that a test starts.
		env --default-signal=INT,QUIT timeout -k 10 "$limit" "$@" >"$log" 2>&1 </dev/null &
		child=$!
		wait $child 2>/dev/null
		status=$?
		if lingers $child "$log.lingering"; then
			kill -KILL "-$child" 2>/dev/null
			cat "$log.lingering" >>"$log"
			reason="it left processes running (now killed)"
		fi
		rm -f "$log.lingering"
		child=
		case $status in
		0) [ -n "$reason" ] || verdict=pass ;;
		77)
			verdict=skip
			reason=$(tail -n 1 "$log")
			;;
		124 | 137) reason="time-out after $limit s" ;;
		*) reason="status $status" ;;
		esac
	else
		: >"$log"
		reason="$1 was not built"
	fi
	tenths=$((($(date +%s%N) - begin) / 100000000))
	echo $verdict >>"$verdicts"
	{
		flock 9
		printf '%-4s  %-32s %6d.%d s%s\n' $verdict "$name" $((tenths / 10)) $((tenths % 10)) "${reason:+  $reason}"
		# Not the checks that passed: whoever shows this may cut it.
		[ $verdict != FAIL ] || grep -v '^ok' "$log" | tail -n 80 | sed 's/^/    /'
	} 9>"$results/printing"
}

run_lane() { # LIST
	child=
	trap lane_interrupted TERM HUP
	# $$ is who waits for the lanes: killed, it can't tell them to end.
	while kill -0 $$ 2>/dev/null && read -r name limit command argument <&3; do
		run_test "$name" "$limit" "$command" ${argument:+"$argument"}
	done 3<"$1"
}

# --- all of them ---

# How many tests ended so.
count() { # VERDICT
	grep -c "$1" "$verdicts"
}
summary() {
	words="$(count pass) passed, $(count FAIL) failed"
	[ "$(count skip)" -eq 0 ] || words="$words, $(count skip) skipped"
	echo "$words"
}
interrupted() {
	trap '' INT TERM HUP
	# shellcheck disable=SC2086 # ids
	kill -TERM $lanes 2>/dev/null
	wait
	echo "interrupted"
	echo FAIL >>"$verdicts"
	summary
	exit 130
}

: >"$verdicts"
if [ "$(nproc)" -lt 2 ]; then
	cp "$tests" "$tests.1"
	: >"$tests.2"
elif grep -qv '^vm/' "$tests"; then
	grep -v '^vm/' "$tests" >"$tests.1"
	grep '^vm/' "$tests" >"$tests.2"
else
	awk 'NR % 2' "$tests" >"$tests.1"
	awk 'NR % 2 == 0' "$tests" >"$tests.2"
fi
lanes=
trap interrupted INT TERM HUP
for lane in 1 2; do
	run_lane "$tests.$lane" &
	lanes="$lanes $!"
done
wait

[ -s "$tests" ] || echo "no test was run"
# A lane that came to harm.
while [ "$(wc -l <"$verdicts")" -lt "$(wc -l <"$tests")" ]; do echo FAIL >>"$verdicts"; done
summary
[ "$(count FAIL)" -eq 0 ] && [ "$(count pass)" -gt 0 ]
