#!/bin/sh
# Runs real programs (bench/programs) with each allocator that is found preloaded, by turns, and says what it does to their time,
# memory and faults. Their output must be what it is with glibc's malloc; where it is not, the table shows that as a failure.
# Usage: bench/programs.sh [OPTION...]
#   --only LIST         only these programs, separated by commas
#   --allocators LIST   only these allocators; glibc, hakmem and hakmem-again are always there
#   --rounds N          runs of each allocator (5); from six on a ratio has a 95 % interval
#   --quick             little input, one round: only to see that everything works
#   --programs FOLDER   take the programs from there (bench/programs)
#   --list              say which programs and allocators there are
#   -o FOLDER           where the results go (build/program-results)
# PEERS=FOLDER adds each .so file there. BENCH_THP=madvise|never has all run in that mode of transparent huge pages.
# A program that is not installed is listed as that, with the Debian package that has it.
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2034 # what is set here for the files in bench/suite and bench/programs
set -eu
cd "$(dirname "$0")/.."

BUILD=${BUILD:-build}
SUITE=bench/suite
MEASURE=$BUILD/bench/suite/measure
LIMIT=300 # seconds for a run, then it counts as failed

# shellcheck source=bench/suite/options.inc
. $SUITE/options.inc

rounds=5
only=
allocators=
quick=
list=
programs=bench/programs
results=$BUILD/program-results
while [ $# -gt 0 ]; do
	case $1 in
	--only) only=$(value_of "$@"); shift ;;
	--allocators) allocators=$(value_of "$@"); shift ;;
	--rounds) rounds=$(number_of "$@"); shift ;;
	--programs) programs=$(value_of "$@"); shift ;;
	-o) results=$(value_of "$@"); shift ;;
	--quick) quick=1 rounds=1 ;;
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
# shellcheck source=bench/suite/rounds.inc
. $SUITE/rounds.inc
# shellcheck source=bench/suite/programs.inc
. $SUITE/programs.inc

choose_programs "$only" >"$work/chosen"
find_allocators >"$work/found"
choose_allocators "${allocators:+glibc,$allocators}" >"$work/named"
preload_glibc "$work/named" >"$work/arms"
[ -z "$list" ] || { list_all && exit 0; }
[ -x "$MEASURE" ] || { say "$MEASURE is not built; make bench-programs" && exit 1; }
set_huge_pages
mkdir -p "$results"
rm -f "$results"/*.diff
touch_host_memory

printf 'workload\tround\tallocator\toutcome\tseconds\tuser\tsystem\tpeak_kib\tfaults\tmajor\tchecksum\n' >"$results/runs.tsv"
printf 'workload\tround\tallocator\tfigure\tvalue\tunit\n' >"$results/figures.tsv"
printf 'workload\tpurpose\tversion\tcommand\tblocks\tmissing\n' >"$results/programs.tsv"
count=$(wc -l <"$work/chosen")
index=0
while read -r workload file <&3; do
	index=$((index + 1))
	say "$workload ($index of $count)"
	load_program "$file"
	run_program
done 3<"$work/chosen"
describe_machine >"$results/machine.tsv"

cd "$results"
suite=$OLDPWD/$SUITE
awk -f "$suite/statistics.awk" -f "$suite/programs.awk" programs.tsv runs.tsv >summary.tsv
for table in programs runs figures summary; do
	awk -f "$suite/csv.awk" $table.tsv >$table.csv
done
awk -f "$suite/json.awk" -v schema=hakmem-programs/1 machine.tsv programs.tsv summary.tsv figures.tsv runs.tsv >results.json
awk -f "$suite/statistics.awk" -f "$suite/programs-markdown.awk" machine.tsv programs.tsv summary.tsv figures.tsv >report.md
cat report.md
