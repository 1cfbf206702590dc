#!/bin/sh
# Runs the workloads of bench/suite/workloads under every allocator that is found, by turns, and says how libhakmem stands
# beside the others: time, memory, faults, zeroed bytes.
# Usage: bench/allocators.sh [OPTION...]
#   --only LIST         only these workloads, separated by commas
#   --allocators LIST   only these allocators; hakmem and hakmem-again are always there
#   --rounds N          runs of each allocator in the first pass, which chooses each workload's fastest peer (5)
#   --race N            runs of libhakmem, itself again and that peer in the second pass, which judges (8)
#   --quick             tiny workloads, one round each: only to see that everything works
#   --list              say which workloads and allocators there are
#   -o FOLDER           where the results go (build/bench-results)
# PEERS=FOLDER adds each .so file there. BENCH_THP=madvise|never has all run in that mode of transparent huge pages.
# As root, memory control groups and hakmem-trace (zeroed bytes) work, too. What could not be measured is n/a.
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

rounds=5
race=8
only=
allocators=
quick=
list=
results=$BUILD/bench-results
while [ $# -gt 0 ]; do
	case $1 in
	--only) only=$(value_of "$@"); shift ;;
	--allocators) allocators=$(value_of "$@"); shift ;;
	--rounds) rounds=$(number_of "$@"); shift ;;
	--race) race=$(number_of "$@"); shift ;;
	-o) results=$(value_of "$@"); shift ;;
	--quick) quick=1 rounds=1 race=1 ;;
	--list) list=1 ;;
	-h | --help) usage && exit 0 ;;
	*) bad_use "unknown option '$1'; see --help" ;;
	esac
	shift
done

# shellcheck source=bench/suite/work.inc
. $SUITE/work.inc
# shellcheck source=bench/suite/allocators.inc
. $SUITE/allocators.inc
# shellcheck source=bench/suite/workloads.inc
. $SUITE/workloads.inc
# shellcheck source=bench/suite/rounds.inc
. $SUITE/rounds.inc
# shellcheck source=bench/suite/passes.inc
. $SUITE/passes.inc

find_allocators >"$work/found"
choose_allocators "$allocators" >"$work/arms"
choose_workloads "$only" >"$work/chosen"
if [ -n "$list" ]; then
	echo "workloads:"
	awk -F '\t' '{ printf "  %-20s %s\n", $1, $3 }' "$work/chosen"
	echo "allocators:"
	awk '{ printf "  %-20s %s\n", $1, $2 }' "$work/arms"
	exit 0
fi
[ -x "$MEASURE" ] || { say "$MEASURE is not built; make bench-programs" && exit 1; }
set_huge_pages
set_tracer
mkdir -p "$results"
touch_host_memory

printf 'pass\tround\tworkload\tallocator\toutcome\tseconds\tuser\tsystem\twall\tpeak_kib\tend_kib\tfaults\tmajor\tchecksum\n' >"$results/runs.tsv"
printf 'pass\tround\tworkload\tallocator\tfigure\tvalue\tunit\n' >"$results/figures.tsv"
: >"$results/judged.tsv"
count=$(wc -l <"$work/chosen")
index=0
tab=$(printf '\t')
while IFS="$tab" read -r workload judged command <&3; do
	index=$((index + 1))
	say "$workload ($index of $count)"
	run_workload "$workload" "$judged" "$command"
done 3<"$work/chosen"
describe_run >"$results/machine.tsv"
$SUITE/report.sh "$results"
