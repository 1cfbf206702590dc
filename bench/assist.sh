#!/bin/sh
# What it is worth that measured costs steer libhakmem (HAKMEM_ASSIST): its defaults, each lever alone, all of them and assistance,
# on the fault-heavy workloads and on real programs, by turns.
# Usage: bench/assist.sh [--rounds N] [--only WORKLOAD[,WORKLOAD...]] [--quick] [--counts FILE]... [-o FILE]
#        bench/assist.sh --counts FILE... --into FILE
#   --rounds N     runs of each setting, in either pass (7); from six on each figure has an interval
#   --quick        little work, one round: only to see that everything works
#   --counts FILE  what bench/assist-counts.sh has counted, for a section of its own
#   -o FILE        where the table goes, as Markdown (standard output)
#   --into FILE    measure nothing: put that section into a table that is there, in place of what it has of it
# First all settings that are made by hand take turns, and of those whose peak memory is at most 1.05 times the defaults' the fastest
# is chosen; then it, the defaults and assistance race, so that the luck that made it the fastest does not count. Assistance is
# measured on built-in costs, and as root with those that the daemon (hakmem-trace assist) counts meanwhile. Six rounds take some 40
# minutes. Cut short by a signal, it still writes of the workloads that it is done with; exit status 1 and more then.
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2034 # what is set here for the files in bench/suite and bench/programs
set -eu
cd "$(dirname "$0")/.."

BUILD=${BUILD:-build}
SUITE=bench/suite
MEASURE=$BUILD/bench/suite/measure
TRACE=$BUILD/hakmem-trace
LIMIT=300     # seconds for a run, then it counts as failed
TRACED_MOST=3 # rounds that are traced, of a workload whose runs take longer than
TRACED_LONG=2 # so many seconds

# shellcheck source=bench/suite/options.inc
. $SUITE/options.inc

# The options that are not bench/levers.sh's, taken out of the others.
counts=
into=
count=$#
while [ $count -gt 0 ]; do
	case $1 in
	--counts) counts="$counts $(value_of "$@")" ;;
	--into) into=$(value_of "$@") ;;
	*)
		set -- "$@" "$1"
		shift
		count=$((count - 1))
		continue
		;;
	esac
	shift
	count=$((count - 1))
	shift
	count=$((count - 1))
done
set_up_options "$@"
for file in $counts $into; do
	[ -r "$file" ] || bad_use "there is no file '$file'; bench/assist-counts.sh -o makes counts, bench/assist.sh -o a table"
done
[ -z "$into" ] || [ -n "$counts" ] || bad_use "--into needs --counts FILE"

# shellcheck source=bench/suite/assist.inc
. $SUITE/assist.inc

# $work/section
make_section() {
	if [ -n "$counts" ]; then
		# shellcheck disable=SC2086 # files without blanks in their names
		awk -f $SUITE/statistics.awk -f $SUITE/assist_values.awk -f $SUITE/assist_counts.awk $counts
	else
		printf '\n## Counts in virtual machines\n\nNone were given: bench/assist-counts.sh --vm NAME makes them where there are an emulator and a kernel.\n'
	fi >"$work/section"
}

if [ -n "$into" ]; then
	make_section
	awk -v section="$work/section" '
	function put(    line) { while (!done && (getline line < section) > 0) print line; done = 1 }
	/^## / { old = /^## Counts in virtual machines/; if (past) put(); past = 1 }
	!old { print }
	END { put() }' "$into" | cat -s >"$work/report"
	cp "$work/report" "$into"
	exit 0
fi

[ -x "$MEASURE" ] && [ -e "$BUILD/libhakmem.so" ] || { say "$MEASURE or $BUILD/libhakmem.so is not built; make all bench-programs" && exit 1; }

hakmem=$(realpath "$BUILD/libhakmem.so") # rounds.inc has a variable library
set_huge_pages

# Exported; given "un", taken back.
set_levers() { # SETTING [un]
	for assignment in $(assignments_of "$1"); do
		# shellcheck disable=SC2163 # the setting is the assignment
		[ $# -gt 1 ] && unset "${assignment%%=*}" || export "$assignment"
	done
}

# One run, a line of `runs`: PASS WORKLOAD SETTING ROUND SECONDS SYSTEM PEAK FAULTS.
measure_run() { # PASS ROUND WORKLOAD SETTING LIBRARY
	set_levers "$4"
	run_once "$work/run" --preload "$5"
	set_levers "$4" un
	is_right "$4" "$2" && outcome=ok || outcome=other-output
	awk -v key="$1	$3	$4	$2" -v outcome=$outcome '
	FILENAME ~ /cost$/ { split($0, cost, " "); next }
	/ operations\/s \(/ { seconds = $0; sub(/.* in /, "", seconds); sub(/ s, checksum.*/, "", seconds) }
	END {
		if (cost[1] == "ok" && outcome == "ok")
			print key "\t" (seconds == "" ? cost[2] : seconds) "\t" cost[4] "\t" cost[5] "\t" cost[6] + cost[7]
	}' "$work/run.cost" "$work/run.out" >>"$work/runs"
}

# What the kernel clears in libhakmem's memory with each setting, in runs that are traced and not timed: lines of `zeroed`.
trace_run() { # PASS ROUND WORKLOAD SETTING LIBRARY
	untraced=$line
	set_levers "$4"
	line="$TRACE --format csv -o $work/trace.csv --preload $5 -- $untraced"
	rm -f "$work/trace.csv"
	run_once "$work/aside"
	set_levers "$4" un
	line=$untraced
	[ -e "$work/trace.csv" ] || return 0
	awk -F, -v key="$3	$4	$2" '
	$1 == "region" && $2 == "allocator" { if ($9 == "") unknown = 1; bytes += $9 }
	END { if (!unknown) print key "\t" bytes / 1048576 }' "$work/trace.csv" >>"$work/zeroed"
}

count_zeroed() { # WORKLOAD ARMS-FILE
	traced=$(awk -F '\t' -v load="$1" -v rounds="$rounds" -v most=$TRACED_MOST -v long=$TRACED_LONG '
	$1 == "race" && $2 == load { sum += $5; count++ }
	END {
		if (count && sum / count > long && rounds > most)
			rounds = most
		print rounds
	}' "$work/runs")
	for round in $(seq "$traced"); do
		while read -r setting library_of <&4; do
			trace_run race "$round" "$1" "$setting" "$library_of"
		done 4<"$2"
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
		printf 'defaults\ndefaults-again\n%s\nassist\n' "$best" # the second says how far two runs of the same are apart
		[ -z "$socket" ] || echo assist-daemon
	} | awk '!seen[$0]++' | sed "s|\$| $hakmem|" >"$work/arms"
	several_rounds race "$rounds" "$1" "$work/arms"
	[ -z "$tracing" ] || count_zeroed "$1" "$work/arms"
	printf '%s\t%s\t%s\n' "$1" "$best" "$shown" >>"$work/judged"
}

# Those that it is not done with.
left_out() {
	awk 'FILENAME ~ /judged$/ { done[$1] = 1; next } !($1 in done) { printf "%s%s", separator, $1; separator = ", " }' "$work/judged" "$work/workloads"
}

write_report() {
	make_section
	{
		cat <<-END
			# What assistance is worth

			Made by \`make bench-assist\` (bench/assist.sh): libhakmem with each lever set by hand, and with HAKMEM_ASSIST, $rounds runs of each by turns.
			A ratio is the time to the defaults' in the same round. System time, peak resident memory, faults and zeroed bytes of libhakmem's memory
			are medians; zeroed bytes of runs of their own, which are traced and not timed: as many, but $TRACED_MOST where a run takes longer than $TRACED_LONG s. Behind each figure stands
			its 95 % interval [by Wilcoxon's signed ranks for ratios, by order statistics for medians: of six values from the least to the most], or where there are
			fewer than six the range of what was measured (so). The best by hand was chosen in a pass of its own, and raced here.

			$(awk -F ': ' '/^model name/ { print $2; exit }' /proc/cpuinfo), $(nproc) processors, kernel $(uname -r); transparent huge pages:
			$huge_pages; load $(cut -d' ' -f1-3 /proc/loadavg) at the end.
		END
		[ -z "$only" ] || printf '\nMade with --only: not all workloads.\n'
		[ -z "$(left_out)" ] || printf '\nNot in it, for it was cut short or they could not be run: %s.\n' "$(left_out)"
		awk -f $SUITE/statistics.awk -f $SUITE/assist_values.awk -f $SUITE/assist.awk -v counts="$work/section" "$work/judged" "$work/runs" "$work/zeroed"
	} >"$work/report"
	if [ -n "$output" ]; then
		cp "$work/report" "$output"
	else
		cat "$work/report"
	fi
}

cut_short() { # STATUS
	trap '' HUP INT TERM
	[ -z "$child" ] || kill "$child" 2>/dev/null || true
	progress
	if [ -s "$work/judged" ]; then
		say "cut short; what it writes has not: $(left_out)"
		write_report
	else
		say "cut short before it was done with a workload: nothing to write"
	fi
	exit "$1"
}

folder=$work/folder
daemon=
: >"$work/runs"
: >"$work/judged"
: >"$work/zeroed"
choose_workloads "$([ -n "$quick" ] && echo 2 || echo 1)" "$only"
tracing=1
if ! "$TRACE" -o "$work/trace.csv" -- true >/dev/null 2>"$work/remark"; then
	say "zeroed bytes will be n/a: $TRACE does not work ($(head -n 1 "$work/remark"))"
	tracing=
fi
start_daemon
[ -z "$daemon" ] || trap 'kill "$daemon" 2>/dev/null || true; cleanup' EXIT
trap 'cut_short 130' INT
trap 'cut_short 143' TERM
touch_host_memory
run_workloads
trap '' INT TERM
[ -s "$work/judged" ] || { say "none of the workloads could be run" && exit 1; }
write_report
