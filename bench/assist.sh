#!/bin/sh
# What it is worth that measured costs steer libhakmem (HAKMEM_ASSIST): its defaults, each lever alone, all of them and assistance,
# on the fault-heavy workloads and on real programs, by turns.
# Usage: bench/assist.sh [--rounds N] [--only WORKLOAD[,WORKLOAD...]] [--quick] [-o FILE]
#   --rounds N   runs of each setting, in either pass (7); from six on a ratio has an interval
#   --quick      little work, one round: only to see that everything works
#   -o FILE      where the table goes, as Markdown (standard output)
# First all settings that are made by hand take turns, and of those whose peak memory is at most 1.05 times the defaults' the fastest
# is chosen; then it, the defaults and assistance race, so that the luck that made it the fastest does not count. Assistance is
# measured on built-in costs, and as root with those that the daemon (hakmem-trace assist) counts meanwhile.
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2034 # what is set here for the files in bench/suite and bench/programs
set -eu
cd "$(dirname "$0")/.."

BUILD=${BUILD:-build}
SUITE=bench/suite
MEASURE=$BUILD/bench/suite/measure
TRACE=$BUILD/hakmem-trace
LIMIT=300 # seconds for a run, then it counts as failed

# shellcheck source=bench/suite/options.inc
. $SUITE/options.inc

set_up_options "$@"

# Made by hand; the first is what all others are compared with, the second says how far two runs of the same are apart. Assignments
# are joined by commas.
by_hand='defaults
defaults-again
HAKMEM_SS_PREFAULT=auto
HAKMEM_SS_PREFAULT=populate
HAKMEM_THP=off
HAKMEM_THP=on
HAKMEM_ZERO=lazy
HAKMEM_HELPER=0
HAKMEM_SS_PREFAULT=auto,HAKMEM_THP=on,HAKMEM_HELPER=0
HAKMEM_SS_PREFAULT=auto,HAKMEM_THP=off,HAKMEM_HELPER=0'

# NAME COMMAND | the command with --quick
workloads='random_mixed_wide  random_mixed 40000000 8192 42   | random_mixed 20000 1000 42
burst_small        burst 16 1024 64 60             | burst 16 1024 1 2
burst_medium       burst 4096 65536 128 40         | burst 4096 65536 2 2
burst_small_idle   burst 16 1024 64 40 20          | burst 16 1024 1 2 1
burst_small_rest   burst 16 1024 64 3 1300         | burst 16 1024 1 2 1
large_blocks       large_blocks 20 1048576 12582912 300 | large_blocks 4 1048576 2097152 20 4
calloc_big         calloc_mixed 800 8 2097152 6291456   | calloc_mixed 10 4 1048576 2097152
calloc_mixed       calloc_mixed 15000000 8192      | calloc_mixed 20000 1000
fragmentation      fragmentation 64 15             | fragmentation 2 5 100
thread_churn       thread_churn 20000              | thread_churn 20
startup_execs      startup 1000                    | startup 5'
real='redis python gcc'
programs=bench/programs
results=

# shellcheck source=bench/suite/work.inc
. $SUITE/work.inc
# shellcheck source=bench/suite/rounds.inc
. $SUITE/rounds.inc
# shellcheck source=bench/suite/programs.inc
. $SUITE/programs.inc

[ -x "$MEASURE" ] && [ -e "$BUILD/libhakmem.so" ] || { say "$MEASURE or $BUILD/libhakmem.so is not built; make all bench-programs" && exit 1; }

hakmem=$(realpath "$BUILD/libhakmem.so") # rounds.inc has a variable library
set_huge_pages

# What a setting's name stands for, exported; given "un", taken back.
set_levers() { # SETTING [un]
	case $1 in
	assist) assignments=HAKMEM_ASSIST=auto ;;
	assist-daemon) assignments=HAKMEM_ASSIST=$socket ;;
	*=*) assignments=$(echo "$1" | tr , ' ') ;;
	*) assignments= ;;
	esac
	for assignment in $assignments; do
		# shellcheck disable=SC2163 # the setting is the assignment
		[ $# -gt 1 ] && unset "${assignment%%=*}" || export "$assignment"
	done
}

# One run, a line of `runs`: PASS WORKLOAD SETTING ROUND SECONDS SYSTEM PEAK FAULTS.
measure_run() { # PASS ROUND WORKLOAD SETTING LIBRARY
	set_levers "$4"
	run_once "$work/run" --preload "$5"
	set_levers "$4" un
	outcome=ok
	[ ! -e "$work/reference" ] || cmp -s "$work/reference" "$work/run.text" || outcome=other-output
	[ $outcome = ok ] || say "    $4, round $2: its output is another"
	awk -v key="$1	$3	$4	$2" -v outcome=$outcome '
	FILENAME ~ /cost$/ { split($0, cost, " "); next }
	/ operations\/s \(/ { seconds = $0; sub(/.* in /, "", seconds); sub(/ s, checksum.*/, "", seconds) }
	END {
		if (cost[1] == "ok" && outcome == "ok")
			print key "\t" (seconds == "" ? cost[2] : seconds) "\t" cost[4] "\t" cost[5] "\t" cost[6] + cost[7]
	}' "$work/run.cost" "$work/run.out" >>"$work/runs"
}

# What the kernel clears in libhakmem's memory with each setting, in a run that is traced and not timed: a line of `zeroed`.
count_zeroed() { # WORKLOAD ARMS-FILE
	untraced=$line
	while read -r setting library_of <&4; do
		set_levers "$setting"
		line="$TRACE --format csv -o $work/trace.csv --preload $library_of -- $untraced"
		rm -f "$work/trace.csv"
		run_once "$work/aside"
		set_levers "$setting" un
		[ -e "$work/trace.csv" ] || continue
		awk -F, -v key="$1	$setting" '
		$1 == "region" && $2 == "allocator" { if ($9 == "") unknown = 1; bytes += $9 }
		END { if (!unknown) print key "\t" bytes / 1048576 }' "$work/trace.csv" >>"$work/zeroed"
	done 4<"$2"
	line=$untraced
}

start_daemon() {
	socket=
	[ "$(id -u)" = 0 ] || return 0
	socket=$work/socket
	"$TRACE" assist --socket "$socket" >"$work/daemon" 2>&1 &
	daemon=$!
	tries=0
	until [ -S "$socket" ]; do
		if ! kill -0 "$daemon" 2>/dev/null || [ $((tries += 1)) -gt 100 ]; then
			say "no daemon: $(head -n 1 "$work/daemon")"
			socket=
			return 0
		fi
		sleep 0.1
	done
}

# The fastest by hand: of those whose peak is at most 1.05 times the defaults'.
best_by_hand() { # WORKLOAD
	awk -f $SUITE/statistics.awk -f $SUITE/assist_best.awk -v workload="$1" "$work/runs"
}

run_workload() { # WORKLOAD
	echo "$by_hand" | sed "s|\$| $hakmem|" >"$work/arms"
	several_rounds choose "$rounds" "$1" "$work/arms"
	best=$(best_by_hand "$1")
	say "    best by hand: $best"
	{
		printf 'defaults\ndefaults-again\n%s\nassist\n' "$best"
		[ -z "$socket" ] || echo assist-daemon
	} | awk '!seen[$0]++' | sed "s|\$| $hakmem|" >"$work/arms"
	several_rounds race "$rounds" "$1" "$work/arms"
	[ -z "$tracing" ] || count_zeroed "$1" "$work/arms"
	printf '%s\t%s\t%s\n' "$1" "$best" "$shown" >>"$work/judged"
}

run_bench() { # WORKLOAD COMMAND
	rm -f "$work/reference"
	load_program /dev/null
	shown=$2
	line=$BUILD/bench/$2
	run_workload "$1"
}

run_real() { # PROGRAM
	load_program "$(realpath "$programs/$1.inc")"
	lacking=$(missing)
	[ -z "$lacking" ] || { say "    not installed: $lacking (apt-get install $packages)" && return; }
	rm -rf "$work/inputs" "$work/reference"
	mkdir "$work/inputs"
	set_up "$work/inputs"
	run_once "$work/first" --preload "$hakmem"
	read -r outcome rest <"$work/first.cost"
	[ "$outcome" = ok ] || { say "    fails: $outcome" && return; }
	cp "$work/first.text" "$work/reference"
	shown="$1: $purpose"
	run_workload "$1"
}

wanted() { case ",$only," in ,, | *",$1,"*) ;; *) return 1 ;; esac; }

folder=$work/folder
daemon=
: >"$work/runs"
: >"$work/judged"
: >"$work/zeroed"
tracing=1
if ! "$TRACE" -o "$work/trace.csv" -- true >/dev/null 2>"$work/remark"; then
	say "zeroed bytes will be n/a: $TRACE does not work ($(head -n 1 "$work/remark"))"
	tracing=
fi
start_daemon
[ -z "$daemon" ] || trap 'kill "$daemon" 2>/dev/null; cleanup' EXIT
touch_host_memory
echo "$workloads" | awk -v quick="$quick" '{
	command = $0
	sub(quick ? "^.*[|] *" : "^[^ ]+ +", "", command)
	if (!quick)
		sub(/ *[|].*/, "", command)
	print $1, command
}' >"$work/workloads"
while read -r workload command <&3; do
	wanted "$workload" || continue
	say "$workload"
	run_bench "$workload" "$command"
done 3<"$work/workloads"
for workload in $real; do
	wanted "$workload" || continue
	say "$workload"
	run_real "$workload"
done
[ -s "$work/judged" ] || bad_use "no such workload: '$only'"

{
	cat <<-END
		# What assistance is worth

		Made by \`make bench-assist\` (bench/assist.sh): libhakmem with each lever set by hand, and with HAKMEM_ASSIST=auto, $rounds runs of each by turns.
		A ratio is the time to the defaults' in the same round, with its 95 % interval; system time, peak resident memory and
		faults are medians, zeroed bytes of libhakmem's memory those of one traced run. The best by hand was chosen in a pass of its own, and raced here.

		$(awk -F ': ' '/^model name/ { print $2; exit }' /proc/cpuinfo), $(nproc) processors, kernel $(uname -r); transparent huge pages:
		$huge_pages; load $(cut -d' ' -f1-3 /proc/loadavg) at the end.
	END
	[ -z "$only" ] || printf '\nMade with --only: not all workloads.\n'
	awk -f $SUITE/statistics.awk -f $SUITE/assist.awk "$work/judged" "$work/zeroed" "$work/runs"
} >"$work/report"
if [ -n "$output" ]; then
	cp "$work/report" "$output"
else
	cat "$work/report"
fi
