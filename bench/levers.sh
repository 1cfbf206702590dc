#!/bin/sh
# Measures each setting of libhakmem's levers on its own against the defaults, by turns: what it does to time, faults and memory.
# Usage: bench/levers.sh [--rounds N] [--only WORKLOAD[,WORKLOAD...]] [--quick] [-o FILE]
#   --rounds N   runs of each setting (7); from six on a ratio has an interval
#   --quick      tiny workloads, one round: only to see that everything works
#   -o FILE      where the table goes, as Markdown (standard output)
# A ratio is the setting's time to the defaults' in the same round: Hodges and Lehmann's estimate, Wilcoxon's 95 % interval.
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2034 # what is set here for the files in bench/suite
set -eu
cd "$(dirname "$0")/.."

BUILD=${BUILD:-build}
SUITE=bench/suite
MEASURE=$BUILD/bench/suite/measure
LIMIT=300 # seconds for a run, then it counts as failed

# shellcheck source=bench/suite/options.inc
. $SUITE/options.inc

set_up_options "$@"

# The first is what all others are compared with; the second says how far two runs of the same are apart.
settings='defaults
defaults-again
HAKMEM_SS_PREFAULT=populate
HAKMEM_SS_PREFAULT=touch
HAKMEM_SS_PREFAULT=auto
HAKMEM_THP=off
HAKMEM_THP=on
HAKMEM_ZERO=eager
HAKMEM_ZERO=lazy
HAKMEM_DIRTY_MAX=64
HAKMEM_HELPER=0
HAKMEM_ASSIST=auto'

# NAME COMMAND | the command with --quick
workloads='random_mixed       random_mixed 30000000 256 42            | random_mixed 20000 256 42
random_mixed_wide  random_mixed 20000000 8192 42           | random_mixed 20000 1000 42
burst_small        burst 16 1024 64 30                     | burst 16 1024 1 2
burst_medium       burst 4096 65536 128 20                 | burst 4096 65536 2 2
burst_large        burst 1048576 8388608 128 20            | burst 1048576 8388608 16 2
burst_small_idle   burst 16 1024 64 2 1300                 | burst 16 1024 1 2 1
large_blocks       large_blocks 20 1048576 12582912 300    | large_blocks 4 1048576 2097152 20 4
calloc_big         calloc_mixed 800 8 2097152 6291456      | calloc_mixed 10 4 1048576 2097152
fragmentation      fragmentation 64 10                     | fragmentation 2 5 100
many_threads       many_threads 64 400000                  | many_threads 8 1000
idle_threads       idle_threads 1000                       | idle_threads 20'

# shellcheck source=bench/suite/work.inc
. $SUITE/work.inc
# shellcheck source=bench/suite/rounds.inc
. $SUITE/rounds.inc

[ -x "$MEASURE" ] && [ -e "$BUILD/libhakmem.so" ] || { say "$MEASURE or $BUILD/libhakmem.so is not built; make all bench-programs" && exit 1; }
library=$(realpath "$BUILD/libhakmem.so")
set_huge_pages

echo "$workloads" | awk -v only=",$only," -v quick="$quick" '
only == ",," || index(only, "," $1 ",") {
	command = $0
	sub(quick ? "^.*[|] *" : "^[^ ]+ +", "", command)
	if (!quick)
		sub(/ *[|].*/, "", command)
	print $1 "\t" command
}' >"$work/workloads"
[ -s "$work/workloads" ] || bad_use "no such workload: '$only'"
echo "$settings" | sed "s|\$| $library|" >"$work/settings"

# One run, a line of `runs`: WORKLOAD SETTING ROUND SECONDS SYSTEM PEAK FAULTS.
measure_run() { # PASS ROUND WORKLOAD SETTING LIBRARY
	# shellcheck disable=SC2163 # the setting is the assignment
	case $4 in *=*) export "$4" ;; esac
	# shellcheck disable=SC2086 # words, and none with a blank
	run_measured "$work/run" --preload "$5" -- $command
	case $4 in *=*) unset "${4%%=*}" ;; esac
	awk -v key="$3	$4	$2" '
	FILENAME ~ /cost$/ { split($0, cost, " "); next }
	/ operations\/s \(/ { seconds = $0; sub(/.* in /, "", seconds); sub(/ s, checksum.*/, "", seconds) }
	END {
		if (cost[1] == "ok" && seconds != "")
			print key "\t" seconds "\t" cost[4] "\t" cost[5] "\t" cost[6] + cost[7]
	}' "$work/run.cost" "$work/run.out" >>"$work/runs"
}

: >"$work/runs"
touch_host_memory
tab=$(printf '\t')
while IFS="$tab" read -r workload program <&3; do
	say "$workload"
	command=$BUILD/bench/$program
	several_rounds levers "$rounds" "$workload" "$work/settings"
done 3<"$work/workloads"

{
	cat <<-END
		# What each lever does

		Made by \`make bench-levers\` (bench/levers.sh): libhakmem with one setting changed beside its defaults, $rounds runs of each by turns.
		A ratio is the time to the defaults' in the same round, with its 95 % interval; system time, peak resident memory and
		faults are medians. \`defaults-again\` says how far two runs of the same are apart. docs/allocator.md says what the options do.

		$(awk -F ': ' '/^model name/ { print $2; exit }' /proc/cpuinfo), $(nproc) processors, kernel $(uname -r); transparent huge pages:
		$huge_pages; load $(cut -d' ' -f1-3 /proc/loadavg) at the end.
	END
	[ -z "$only" ] || printf '\nMade with --only: not all workloads.\n'
	awk -f $SUITE/statistics.awk -f $SUITE/levers.awk "$work/workloads" "$work/settings" "$work/runs"
} >"$work/report"
if [ -n "$output" ]; then
	cp "$work/report" "$output"
else
	cat "$work/report"
fi
