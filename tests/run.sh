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
# What a test prints is kept in build/test-results/, with what each took in `times`: seconds, those of processors, name. Exit status 0
# only if some passed and none failed.
#
# Tests that trace, or judge time, go one after the other. Where there are processors for it, others run beside them: VMs, which
# keep a processor busy and ask little else of the machine, and tests of which a line says `# beside: anything`, as all of the kinds
# unit, source and model are, with less priority, or with the same where it says `equals`: those mostly wait. The longest, by their
# time-outs, come first. Tests with a line `# beside: VMs`, which judge a short time or are about all of the machine, come before
# anything but VMs begins.
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

# All tests, "name time-out company command..." a line; company is VMs, anything or equals, as above, or turns, or vm.
all_tests() {
	for source in tests/unit/*/*.c tests/source/*.sh tests/system/*.sh tests/web/*.sh tests/fuzz/*.sh tests/model/*.sh; do
		name=${source#tests/}
		name=${name%.*}
		case $source in
		*'*'*) continue ;;
		*.c) command=$BUILD/tests/$name ;;
		*) command=$source && [ -x "$source" ] || continue ;;
		esac
		case $source in
		tests/unit/* | tests/source/* | tests/model/*) company=anything ;;
		*) company=turns ;;
		esac
		echo "$name $command $company $(sed -n 's,^\(#\|/[*]\) \(time-out\|beside\): \([A-Za-z0-9]*\).*,\2 \3,p' "$source" | tr '\n' ' ')"
	done | awk '{
		limit = 300
		company = $3
		for (i = 4; i < NF; i += 2)
			if ($i == "beside") company = $(i + 1)
			else limit = $(i + 1)
		print $1, limit, company, $2
	}'
	awk -v sets="^($sets)\$" '!/^#/ && $1 ~ sets { print "vm/" $2, 3700, "vm", "tests/vm/run.sh", $2 }' tests/vm/kernels
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
took=$results/took
all_tests | while read -r name rest; do
	! selected "$name" "$@" || echo "$name $rest"
done >"$tests"
if [ -n "$list" ]; then
	cut -d' ' -f1 "$tests"
	exit 0
fi

# --- one lane: a subshell that takes tests from lists ---

# Sets $worked to the processors' seconds of all that this shell has waited for.
processors_worked() {
	times >"$results/times.$lane"
	worked=$(awk 'NR == 2 { split($1 "m" $2, part, /[ms]+/); printf "%.1f\n", 60 * (part[1] + part[3]) + part[2] + part[4] }' \
		"$results/times.$lane")
}

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
	processors_worked
	before=$worked
	if [ -x "$1" ]; then
		# timeout(1) leads a process group of its own, whose id is its process id. What a shell starts with & has SIGINT and
		# SIGQUIT ignored, which would pass on to all that a test starts.
		env --default-signal=INT,QUIT nice -n "$nice" timeout -k 10 "$limit" "$@" >"$log" 2>&1 </dev/null 7>&- &
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
	processors_worked
	echo "$((tenths / 10)).$((tenths % 10)) $worked $before $name" >>"$took"
	{
		flock 9
		printf '%-4s  %-32s %6d.%d s%s\n' $verdict "$name" $((tenths / 10)) $((tenths % 10)) "${reason:+  $reason}"
		# Not the checks that passed: whoever shows this may cut it.
		[ $verdict != FAIL ] || grep -v '^ok' "$log" | tail -n 80 | sed 's/^/    /'
	} 9>"$results/printing"
}

# The next line of a list, which other lanes may take from, too.
take() { # LIST
	{
		flock 8
		taken=$(head -n 1 "$1")
		sed -i 1d "$1"
	} 8>"$1.lock"
	[ -n "$taken" ]
}

run_list() { # LIST
	# $$ is who waits for the lanes: killed, it can't tell them to end.
	while kill -0 $$ 2>/dev/null && take "$1"; do
		read -r name limit company command argument <<END
$taken
END
		nice=0
		[ "$lane" = 1 ] || [ "$company" != anything ] || nice=10
		run_test "$name" "$limit" "$command" ${argument:+"$argument"}
	done
}

# `release` and `wait` are for tests beside which only VMs may run: that they are done, and until they are.
run_lane() { # NAME LIST|release|wait...
	lane=$1
	shift
	child=
	trap lane_interrupted TERM HUP
	[ "$lane" = 1 ] || exec 7>&-
	for list; do
		case $list in
		release) exec 7>&- ;;
		wait)
			flock "$tests.VMs.held" true &
			child=$!
			wait $child
			child=
			;;
		*) run_list "$list" ;;
		esac
	done
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
: >"$took"
for company in VMs turns anything vm; do
	awk -v company=$company '($3 == "equals" ? "anything" : $3) == company' "$tests" >"$tests.$company"
done
sort -s -k2,2nr -o "$tests.anything" "$tests.anything"
lanes=
trap interrupted INT TERM HUP
start_lane() { # NAME LIST...
	run_lane "$@" &
	lanes="$lanes $!"
}
# The first lane holds a lock until what bears only VMs beside it is done; it is gone with that lane, too.
exec 7>"$tests.VMs.held"
flock 7
if [ "$(nproc)" -lt 2 ]; then
	start_lane 1 "$tests.VMs" "$tests.turns" "$tests.vm" "$tests.anything"
elif [ "$(wc -l <"$tests.vm")" -eq "$(wc -l <"$tests")" ]; then
	start_lane 1 "$tests.vm"
	start_lane 2 "$tests.vm"
else
	start_lane 1 "$tests.VMs" release "$tests.turns" "$tests.anything"
	start_lane vm "$tests.vm" wait "$tests.anything"
	start_lane 2 wait "$tests.anything"
fi
exec 7>&-
wait

[ -s "$tests" ] || echo "no test was run"
echo "longest: seconds, those of processors, test"
awk '{ printf "%8.1f %8.1f  %s\n", $1, $2 - $3, $4 }' "$took" | sort -rn | tee "$results/times" | head -n 15
# A lane that came to harm.
while [ "$(wc -l <"$verdicts")" -lt "$(wc -l <"$tests")" ]; do echo FAIL >>"$verdicts"; done
summary
[ "$(count FAIL)" -eq 0 ] && [ "$(count pass)" -gt 0 ]
