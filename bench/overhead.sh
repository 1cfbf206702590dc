#!/bin/sh
# What tracing costs, measured side by side: hakmem-trace, perf record, perf trace and bpftrace on the same programs, by turns, so
# that whatever else the machine does meets all of them. Prints a Markdown table; docs/overhead.md is one.
# Usage: bench/overhead.sh [--rounds N] [--turns N] [-o FILE]      as root; some fifteen minutes
#   --rounds N  of all tools (7)
#   --turns N   more of counting, of the default and of perf record alone (100): what was asked of them is judged by these
# A ratio is the processor time of the traced program's own work (as it says; a busy machine disturbs that less than the time
# on the clock) to its untraced time in the same round; the median of the rounds, with a confidence interval from the order of
# the values. Those that differ much are run once a round, the others five times (random_mixed: ten). A tool that is not
# installed, or does not work here, is n/a.
# SPDX-License-Identifier: MIT
set -eu
cd "$(dirname "$0")/.."

BUILD=${BUILD:-build}
TRACE=$BUILD/hakmem-trace
rounds=7
focused=100
output=
# shellcheck source=bench/suite/options.inc
. bench/suite/options.inc
while [ $# -gt 0 ]; do
	case $1 in
	--rounds) rounds=$(number_of "$@"); shift ;;
	--turns) focused=$(number_of "$@"); shift ;;
	-o) output=$(value_of "$@"); shift ;;
	-h | --help) usage && exit 0 ;;
	*) bad_use "unknown option '$1'; see --help" ;;
	esac
	shift
done
[ "$(id -u)" -eq 0 ] || { echo "overhead.sh: tracing needs root" >&2; exit 1; }

work=$(mktemp -d "${TMPDIR:-/tmp}/overhead-XXXXXX")
sleepers=
cleanup() {
	# shellcheck disable=SC2086 # one word a process
	[ -z "$sleepers" ] || kill $sleepers 2>/dev/null || true
	rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

BENCH_CLOCK=processor
export BENCH_CLOCK
fault_loop="$BUILD/bench/fault_loop 64 4096" # FAULTS below
fault_apart="$fault_loop 1237" # each page elsewhere than the one before
random_mixed="$BUILD/bench/random_mixed 20000000 256 42"
tools='untraced empty faults counting default stacks all-stacks all-stacks-fp perf-record perf-stacks perf-trace bpftrace'
seldom='all-stacks all-stacks-fp perf-stacks perf-trace bpftrace' # once a round

now() { date +%s%N; }

# With a tool: its command line before the program's, its output at $work/data.
with() { # TOOL COMMAND...
	tool=$1
	shift
	case $tool in
	untraced) "$@" ;;
	empty) "$BUILD/bench/empty_hooks" "$@" ;;
	faults) "$TRACE" --no-zeroing --max-overhead 0 --format json -o "$work/data" -- "$@" ;;
	counting) "$TRACE" --max-overhead 0 --format json -o "$work/data" -- "$@" ;;
	default) "$TRACE" --format json -o "$work/data" -- "$@" ;;
	stacks) "$TRACE" --stacks --format json -o "$work/data" -- "$@" ;;
	all-stacks) "$TRACE" --stacks=all --call-graph dwarf --format json -o "$work/data" -- "$@" ;;
	all-stacks-fp) "$TRACE" --stacks=all --call-graph fp --format json -o "$work/data" -- "$@" ;;
	perf-record) perf record -q -e page-faults -c 1 -d -o "$work/data" -- "$@" ;;
	perf-stacks) perf record -q -e page-faults -c 1 -g -o "$work/data" -- "$@" ;;
	perf-trace) perf trace -F all -o "$work/data" -- "$@" ;;
	# It looks for tracepoints in a file system that not every machine has mounted.
	bpftrace) unshare -m sh -c 'mount -t tracefs none /sys/kernel/tracing 2>/dev/null; exec bpftrace "$@"' - -q -o "$work/data" -c "$*" -e '
		tracepoint:exceptions:page_fault_user /pid == cpid/ { @[args->address >> 21] = count(); }' ;;
	esac
}

# In a round, of the tools that differ by little.
REPEATS=5
MIXED_REPEATS=10
FAULTS=262144 # of fault_loop

# Appends `PROGRAM TOOL ROUND seconds wall-seconds bytes` to the results, or nothing if it does not work.
measure() { # PROGRAM TOOL ROUND COMMAND...
	program=$1 with=$2 number=$3
	shift 3
	: >"$work/data"
	begin=$(now)
	with "$with" "$@" >"$work/out" 2>"$work/err" || return 0
	end=$(now)
	own=$(sed -n 's/.* in \([0-9.]*\) s,.*/\1/p' "$work/out")
	[ -n "$own" ] || return 0
	echo "$program $with $number $own $(((end - begin) / 1000)) $(wc -c <"$work/data")" >>"$work/results"
}

# What the report that was just made has the traced program's time grow to, of what it would be untraced.
note_estimate() { # PROGRAM TOOL TURN
	sed -n 's/.*"traced_ns": \([0-9]*\), "own_ns": \([0-9]*\).*/\1 \2/p' "$work/data" | head -n 1 |
		awk -v key="$1 estimate-$2 $3" '{ print key, $1 / ($1 - $2), 0, 0 }' >>"$work/results"
}

# Milliseconds from the tool's start to the command's first instructions, whose faults are counted.
measure_start() { # TOOL
	begin=$(now)
	first=$(with "$1" /bin/date +%s%N 2>/dev/null | grep -E '^[0-9]{19}$') || return 0
	echo "start $1 $round $((first - begin)) 0 0" >>"$work/results"
}

# Nanoseconds of a fork, an exec and an exit.
measure_spawn() { # TOOL
	# shellcheck disable=SC2016 # the traced shell expands it
	spawn='b=$(date +%s%N); i=0; while [ $i -lt 200 ]; do /bin/true; i=$((i + 1)); done; e=$(date +%s%N); echo spawned $(((e - b) / 200))'
	each=$(with "$1" sh -c "$spawn" 2>/dev/null | sed -n 's/^spawned \([0-9]*\)$/\1/p')
	[ -z "$each" ] || echo "spawn $1 $round $each 0 0" >>"$work/results"
}

# Faults' time with N other tracers at work, each with a command that sleeps.
with_others() { # N
	sleepers=
	for i in $(seq "$1"); do
		"$TRACE" --format json -o "$work/other$i" -- sh -c 'echo >"$0"; exec sleep 1000' "$work/up$i" >/dev/null 2>&1 &
		sleepers="$sleepers $!"
	done
	for i in $(seq "$1"); do
		until [ -e "$work/up$i" ]; do sleep 0.05; done
	done
	# shellcheck disable=SC2086 # a command and its arguments
	measure "bystander-$1" untraced "$round" $fault_loop
	# shellcheck disable=SC2086
	measure "traced-$1" counting "$round" $fault_loop
	for process in $sleepers; do kill "$process"; done
	for process in $sleepers; do wait "$process" 2>/dev/null || true; done
	sleepers=
	rm -f "$work"/up*
}

for round in $(seq "$rounds"); do
	say "round $round of $rounds"
	for repeat in $(seq $MIXED_REPEATS); do
		for tool in untraced empty faults counting default stacks perf-record; do
			# shellcheck disable=SC2086 # a command and its arguments
			[ "$repeat" -gt $REPEATS ] || measure fault_loop "$tool" $(((round - 1) * REPEATS + repeat)) $fault_loop
			# shellcheck disable=SC2086
			measure random_mixed "$tool" $(((round - 1) * MIXED_REPEATS + repeat)) $random_mixed
		done
	done
	for tool in $seldom; do
		# shellcheck disable=SC2086
		measure fault_loop "$tool" $((round * REPEATS)) $fault_loop
		# shellcheck disable=SC2086
		measure random_mixed "$tool" $((round * MIXED_REPEATS)) $random_mixed
	done
	for tool in $tools; do
		measure_start "$tool"
		case $tool in untraced | counting | default) measure_spawn "$tool" ;; esac
	done
	for others in 0 1 4 9; do
		with_others $others
	done
done

for turn in $(seq "$focused"); do
	[ $((turn % 25)) -ne 1 ] || say "turn $turn of $focused"
	for tool in untraced counting default perf-record; do
		# shellcheck disable=SC2086
		measure focused "$tool" "$turn" $fault_loop
		case $tool in counting | default) note_estimate focused "$tool" "$turn" ;; esac
	done
	for tool in untraced counting default; do
		# shellcheck disable=SC2086
		measure focused-mixed "$tool" "$turn" $random_mixed
	done
	for tool in untraced counting default perf-record; do
		# shellcheck disable=SC2086
		measure apart "$tool" "$turn" $fault_apart
		case $tool in counting | default) note_estimate apart "$tool" "$turn" ;; esac
	done
done

report() {
	cat <<END
# What tracing costs

Made by \`make bench-overhead\` (bench/overhead.sh); medians of $rounds rounds, all tools by turns in each round, in brackets the
interval that has the median with 95 % confidence. A ratio is the processor time of the program's own work to its untraced time
in the same turn, of which there were $((rounds * REPEATS)), with random_mixed $((rounds * MIXED_REPEATS)), or $rounds of \`--stacks=all\`, perf's
stacks, perf trace and bpftrace; start-up is apart, and so is what hakmem-trace does beside the program (unwinding).

Kernel $(uname -r), $(nproc) CPUs, load $(cut -d' ' -f1-3 /proc/loadavg) at the end; hakmem-trace on the rungs
$("$TRACE" doctor | sed -n '/^hakmem-trace uses/,/^$/p' | tail -n +2 | awk 'NF > 1 { t = $NF; $NF = ""; sub(/ +$/, ""); printf "%s%s by %s", sep, $0, t; sep = ", " }').

END
	awk -v turns=$((rounds * MIXED_REPEATS > focused ? rounds * MIXED_REPEATS : focused)) -v focused="$focused" -v faults=$FAULTS '
	function sorted(list, count,    i, j, t) {
		for (i = 2; i <= count; i++)
			for (j = i; j > 1 && list[j - 1] > list[j]; j--) { t = list[j]; list[j] = list[j - 1]; list[j - 1] = t }
	}
	# The median, and between which values it lies with 95 %: how many of `count` are below it is binomial. Of few values that
	# is all of them.
	function summary(list, count, form,    low) {
		if (!count)
			return "n/a"
		sorted(list, count)
		low = int(count / 2 - 0.98 * sqrt(count))
		low = low < 1 ? 1 : low
		return sprintf(form " [" form "-" form "]", (list[int((count + 1) / 2)] + list[int(count / 2) + 1]) / 2, list[low],
			list[count + 1 - low])
	}
	function median(list, count) {
		sorted(list, count)
		return count ? (list[int((count + 1) / 2)] + list[int(count / 2) + 1]) / 2 : 0
	}
	function ratios(program, tool, base_program, base_tool,    list, count, r) {
		for (r = 1; r <= turns; r++)
			if ((program, tool, r) in own && (base_program, base_tool, r) in own)
				list[++count] = own[program, tool, r] / own[base_program, base_tool, r]
		return summary(list, count, "%.3f")
	}
	# What one tool adds of what another adds, turn by turn.
	function share(program, tool, other,    list, count, r) {
		for (r = 1; r <= focused; r++)
			if ((program, tool, r) in own && (program, other, r) in own && (program, "untraced", r) in own)
				list[++count] = (own[program, tool, r] - own[program, "untraced", r]) / \
					(own[program, other, r] - own[program, "untraced", r])
		return summary(list, count, "%.3f")
	}
	function values(program, tool, unit, form,    list, count, r) {
		for (r = 1; r <= turns; r++)
			if ((program, tool, r) in own)
				list[++count] = own[program, tool, r] / unit
		return summary(list, count, form)
	}
	function size(program, tool,    list, count, r, bytes) {
		for (r = 1; r <= turns; r++)
			if ((program, tool, r) in own)
				list[++count] = bytes_of[program, tool, r]
		if (!count)
			return "n/a"
		bytes = median(list, count)
		return bytes >= 1e6 ? sprintf("%.1f MB", bytes / 1e6) : sprintf("%.1f kB", bytes / 1e3)
	}
	{ own[$1, $2, $3] = $4; wall[$1, $2, $3] = $5; bytes_of[$1, $2, $3] = $6 }
	END {
		name["empty"] = "two hooks that do nothing (bench/hooks/empty\\_hooks.c)"
		name["faults"] = "`hakmem-trace --no-zeroing --max-overhead 0` (counting faults alone)"
		name["counting"] = "`hakmem-trace --max-overhead 0` (counting faults and zeroed bytes)"
		name["default"] = "`hakmem-trace`"
		name["stacks"] = "`hakmem-trace --stacks` (as many as the budget allows, by dwarf)"
		name["all-stacks"] = "`hakmem-trace --stacks=all --call-graph dwarf`"
		name["all-stacks-fp"] = "`hakmem-trace --stacks=all --call-graph fp`"
		name["perf-stacks"] = "`perf record -e page-faults -c 1 -g` (by frame pointers)"
		name["perf-record"] = "`perf record -e page-faults -c 1 -d`"
		name["perf-trace"] = "`perf trace -F all`"
		name["bpftrace"] = "bpftrace, faults by 2 MiB of address"
		count = split("empty faults counting default stacks all-stacks all-stacks-fp perf-record perf-stacks perf-trace bpftrace", tool, " ")
		print "| tool | fault_loop: time to untraced | random_mixed 20000000: time to untraced | output, fault_loop | start to first fault, ms |"
		print "| --- | --- | --- | --- | --- |"
		print "| untraced | 1 | 1 | | " values("start", "untraced", 1e6, "%.1f") " |"
		for (i = 1; i <= count; i++)
			print "| " name[tool[i]] " | " ratios("fault_loop", tool[i], "fault_loop", "untraced") " | " \
				ratios("random_mixed", tool[i], "random_mixed", "untraced") " | " size("fault_loop", tool[i]) " | " \
				values("start", tool[i], 1e6, "%.0f") " |"
		print "\nfault_loop does nothing but fault (" faults " times, 4 KiB each): untraced " values("fault_loop", "untraced", faults / 1e9, "%.0f") \
			" ns a fault. random_mixed takes " values("random_mixed", "untraced", 1, "%.2f") " s.\n"
		print "## What was asked for\n"
		print "In " focused " more turns of these tools alone, each with the ones beside it:\n"
		print "| | asked | measured |\n| --- | --- | --- |"
		what["focused"] = "fault_loop"
		what["apart"] = "with each page elsewhere than the one before (fault_loop 64 4096 1237)"
		split("focused apart", program, " ")
		for (i = 1; i <= 2; i++) {
			p = program[i]
			print "| " what[p] ": time, counting faults and zeroed bytes, to untraced | at most 1.10 | " ratios(p, "counting", p, "untraced") " |"
			print "| the same as hakmem-trace estimates it (*own overhead*) | | " values(p, "estimate-counting", 1, "%.3f") " |"
			print "| " what[p] ": time, by default, to untraced | | " ratios(p, "default", p, "untraced") " |"
			print "| the same as hakmem-trace estimates it | | " values(p, "estimate-default", 1, "%.3f") " |"
			print "| " what[p] ": time, `perf record -e page-faults -c 1 -d`, to untraced | | " ratios(p, "perf-record", p, "untraced") " |"
			print "| " what[p] ": what the default adds, of what perf record adds | at most 0.333 | " share(p, "default", "perf-record") " |"
		}
		print "| random_mixed: time, counting faults and zeroed bytes, to untraced | at most 1.01 | " \
			ratios("focused-mixed", "counting", "focused-mixed", "untraced") " |"
		print "| random_mixed: time, by default, to untraced | at most 1.04 | " ratios("focused-mixed", "default", "focused-mixed", "untraced") " |\n"
		print "## Fork and exec\n\n| | us for a fork, an exec and an exit |\n| --- | --- |"
		print "| untraced | " values("spawn", "untraced", 1e3, "%.0f") " |"
		print "| counting | " values("spawn", "counting", 1e3, "%.0f") " |"
		print "| default | " values("spawn", "default", 1e3, "%.0f") " |\n"
		print "## Several tracers on one machine\n"
		print "Time of a fault relative to no other tracer, while others trace commands that sleep.\n"
		print "| other tracers | untraced bystander | program that is traced (counting) |\n| --- | --- | --- |"
		split("1 4 9", others, " ")
		for (i = 1; i <= 3; i++)
			print "| " others[i] " | " ratios("bystander-" others[i], "untraced", "bystander-0", "untraced") " | " \
				ratios("traced-" others[i], "counting", "traced-0", "counting") " |"
	}' "$work/results"
}

report >"$work/report"
[ -z "$output" ] || cp "$work/report" "$output"
cat "$work/report"
