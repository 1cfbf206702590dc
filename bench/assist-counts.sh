#!/bin/sh
# Counts what libhakmem's defaults, each lever set by hand, all of them and assistance (HAKMEM_ASSIST) do to faults, zeroed bytes and peak
# memory, on the workloads of bench/assist.sh with less work. All runs are traced, by one start of the tracer, and nothing is timed: so it
# can be done on any kernel, in a virtual machine that is emulated.
# Usage: bench/assist-counts.sh [--vm NAME] [--minutes N] [--rounds N] [--only WORKLOAD[,WORKLOAD...]] [--quick] [-o FILE]     as root
#   --vm NAME    in a VM of tests/vm/kernels; exit status 77 where there is no emulator or no kernel can be had
#   --minutes N  begin nothing more after so many (25)
#   --rounds N   runs of each setting at most (6), all workloads in each round; from six on a figure has an interval
#   --quick      tiny workloads, one round: only to see that everything works
#   -o FILE      where the counts go (standard output), for bench/assist.sh --counts: lines of fields with tabs between,
#                `kernel NAME WHAT`, `workload NAME COMMAND` and `run WORKLOAD SETTING ROUND FAULTS ZEROED PEAK`
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2034 # what is set here for the files in bench/suite and bench/programs
set -eu
cd "$(dirname "$0")/.."

BUILD=${BUILD:-build}
SUITE=bench/suite
MEASURE=$BUILD/bench/suite/measure
TRACE=$BUILD/hakmem-trace
EACH=$BUILD/tests/system/trace_each
LIMIT=300 # seconds for a run, then it counts as failed

# shellcheck source=bench/suite/options.inc
. $SUITE/options.inc

# The options that are not bench/levers.sh's come first.
vm=
minutes=25
while :; do
	case ${1:-} in
	--vm) vm=$(value_of "$@") ;;
	--minutes) minutes=$(number_of "$@") ;;
	*) break ;;
	esac
	shift 2
done
set_up_options --rounds 6 "$@"

# shellcheck source=bench/suite/assist.inc
. $SUITE/assist.inc

for file in "$EACH" "$MEASURE" "$BUILD/libhakmem.so"; do
	[ -e "$file" ] || { say "$file is not built; make all bench-programs test-programs" && exit 1; }
done
choose_workloads "$([ -n "$quick" ] && echo 2 || echo 3)" "$only"

# --- In a VM: this script again, with what the workloads need ---

# What is brought along beside what tests/vm/run.sh brings, a line each.
wanted_files() {
	echo bench
	awk '$2 ~ /^@/ { print substr($2, 2) }' "$work/workloads" | while read -r program; do
		load_program "$(realpath "$programs/$program.inc")"
		[ -z "$(missing)" ] || continue
		for name in $needs; do command -v "$name"; done
		files
	done
}

count_in_vm() {
	command -v qemu-system-x86_64 >/dev/null || { say "skipped: no qemu-system-x86_64 for '$vm' (scripts/setup.sh test)" && exit 77; }
	python=$(python3 -c 'import sys, os; print(os.path.dirname(sys.executable))' 2>/dev/null || true)
	wanted_files | sort -u >"$work/files"
	set -- env "PATH=${python:+$python:}/usr/sbin:/usr/bin" bench/assist-counts.sh --minutes "$minutes" --rounds "$rounds" ${only:+--only "$only"} ${quick:+--quick} -o /results/counts
	set -- --memory 2048 --get "$work" -- "$@"
	while read -r file; do
		[ ! -e "$file" ] || set -- --file "$file" "$@"
	done <"$work/files"
	status=0
	HAKMEM_VM_TIMEOUT=${HAKMEM_VM_TIMEOUT:-$((60 * minutes + 900))} tests/vm/run.sh "$vm" "$@" >&2 || status=$?
	[ $status -ne 77 ] || { say "skipped: there is no kernel for '$vm'" && exit 77; }
	[ -s "$work/counts" ] || { say "the VM '$vm' brought nothing back (status $status)" && exit 1; }
	sed "s/^kernel	[^	]*/kernel	$vm/" "$work/counts" >"$work/report"
}

# --- Here ---

# The tracer reads what to run from a pipe, and tells the end of each by another one.
start_tracer() {
	mkfifo "$work/list"
	{
		"$EACH" --format csv <"$work/list" >"$work/tracer" 2>&1 || true
		rm -f "$work/tracing"
		[ ! -p "$work/waits" ] || echo 125 >"$work/waits" # who waits for it
	} &
	tracer=$!
	: >"$work/tracing"
	exec 8>"$work/list"
}

# Instead of bench/suite/rounds.inc's: traced. It leaves the same FILES, and the bytes that were cleared in FILES.zeroed. As nothing that
# the tracer had started: it would give the program a table of costs.
run_measured() { # FILES OPTION... -- COMMAND...
	files=$1
	while [ "$1" != -- ]; do shift; done
	shift
	mkfifo "$files.status"
	ln -sf "$files.status" "$work/waits"
	[ -e "$work/tracing" ] || { say "the tracer has ended: $(head -n 1 "$work/tracer")" && exit 1; }
	# shellcheck disable=SC2086 # words
	echo "$files" $assignments env -u HAKMEM_COSTS_SOCKET "$MEASURE" --timeout $LIMIT --preload "$hakmem" -o "$files.cost" -- "$@" >&8
	cat "$files.status" >/dev/null # which, other than this shell, no signal of a child interrupts
	rm -f "$work/waits"
	[ -s "$files.cost" ] || echo "failed n/a n/a n/a n/a n/a n/a" >"$files.cost"
	awk -F, '
	$1 == "region" && $2 == "allocator" { if ($9 == "") unknown = 1; bytes += $9 }
	END { print unknown ? "n/a" : sprintf("%d", bytes) }' "$files.report" >"$files.zeroed"
}

measure_run() { # PASS ROUND WORKLOAD SETTING LIBRARY
	assignments=$(assignments_of "$4")
	run_once "$work/run"
	assignments=
	read -r outcome wall user system peak minor major <"$work/run.cost"
	[ "$outcome" = ok ] || { say "    $4, round $2: $outcome" && return; }
	is_right "$4" "$2" || return 0
	printf 'run\t%s\t%s\t%s\t%s\t%s\t%s\n' "$3" "$4" "$2" $((minor + major)) "$(cat "$work/run.zeroed")" "$peak" >>"$work/runs"
}

uptime() { cut -d. -f1 /proc/uptime; }
may_begin() { [ "$(uptime)" -lt $((begun + 60 * minutes)) ]; }

run_workload() { # WORKLOAD
	[ "$turn" -gt 1 ] || printf 'workload\t%s\t%s\n' "$1" "$shown" >>"$work/runs"
	round_of count "$turn" "$1" "$work/arms"
	say "    round $turn of it is done after $(($(uptime) - begun)) s"
}

# What a reader must know to judge the counts; the daemon has ended.
describe_kernel() {
	printf 'kernel\t%s\t%s, init_on_alloc %s, %s processors, %s MiB; of the runs under the daemon it served %s\n' "$(uname -r)" "$(uname -r)" \
		"$(tr ' ' '\n' </proc/cmdline | sed -n 's/^init_on_alloc=//p' | tail -n 1 | grep . || echo "as built")" "$(nproc)" \
		"$(awk '/^MemTotal/ { print int($2 / 1024) }' /proc/meminfo)" "$(sed -n 's/.*served \([0-9]*\);.*/\1/p' "$work/daemon" | grep . || echo n/a)"
}

count_here() {
	hakmem=$(realpath "$BUILD/libhakmem.so")
	folder=$work/folder
	assignments=
	begun=$(uptime)
	: >"$work/runs"
	start_daemon
	[ -z "$daemon" ] || trap 'kill "$daemon" 2>/dev/null || true; cleanup' EXIT
	{
		printf '%s\nassist\n' "$by_hand"
		[ -z "$socket" ] || echo assist-daemon
	} | sed "s|\$| $hakmem|" >"$work/arms"
	start_tracer
	for turn in $(seq "$rounds"); do
		run_workloads
	done
	exec 8>&-
	wait "$tracer"
	[ -z "$daemon" ] || kill "$daemon"
	wait
	{ describe_kernel && cat "$work/runs"; } >"$work/report"
}

if [ -n "$vm" ]; then
	count_in_vm
else
	count_here
fi
grep -q '^run' "$work/report" || { say "nothing could be counted" && exit 1; }
if [ -n "$output" ]; then
	cp "$work/report" "$output"
else
	cat "$work/report"
fi
