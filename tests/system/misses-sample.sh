#!/bin/sh
# SPDX-License-Identifier: MIT
# Data addresses that are sampled: with page faults, which every machine has, as the event, the samples are those that the
# rung without BPF counts, and libhakmem's memory is told apart as the rungs with BPF tell it.
. "$(dirname "$0")/check.inc"
. "$(dirname "$0")/misses.inc"

sample() { # REPORT COMMAND...
	report=$1
	shift
	"$TRACE" misses --event page-faults --format csv -o "$work/$report" "$@"
}

anon() { # REPORT
	figure "$work/$1" page-faults anon '*' accesses
}

sample none "$BUILD/tests/system/zeroing" none
check "it works here" equal $? 0
sample anon "$BUILD/tests/system/zeroing" anon
check "16384 touched pages are 16384 samples" between $(($(anon anon) - $(anon none))) 16384 16385
check "nothing is lost" equal "$(total "$work/anon" lost)" 0
check "what page faults don't tell is empty" equal "$(total "$work/anon" page_walks)" ""
"$TRACE" --rung perf --format csv -o "$work/rung" "$BUILD/tests/system/zeroing" anon
check "as many as the rung perf counts" \
	between $(($(total "$work/anon" accesses) - $(awk -F, '$1 == "total" { print $4 }' "$work/rung"))) -12 12
sample twice sh -c "'$BUILD/tests/system/zeroing' anon; '$BUILD/tests/system/zeroing' anon"
check "forks and execs are followed" between "$(anon twice)" 32768 32900

# libhakmem's table is read while the program runs: what it publishes is told as exactly as BPF tells it.
set -- "$BUILD/bench/random_mixed-hakmem" 20000000 2560 42
sample hakmem "$@" >/dev/null
"$TRACE" --format csv -o "$work/bpf" "$@" >/dev/null
mine=$(figure "$work/hakmem" page-faults allocator '*' accesses)
theirs=$(faults "$work/bpf" allocator)
check "libhakmem's memory: $mine samples, $theirs faults by BPF" between $((mine - theirs)) -6 6
check "size classes are told apart" between "$(grep -c '^region,page-faults,allocator,class' "$work/hakmem")" 20 60
check "almost none of it is taken for anonymous" between "$(anon hakmem)" 0 12
check "what is unsure is counted" between "$(total "$work/hakmem" unsure)" 0 "$mine"

check "an exit status passes through" equal "$(status_of "$TRACE" misses --event page-faults -o "$work/status" sh -c 'exit 3')" 3
check "a signal, too" equal "$(status_of "$TRACE" misses --event page-faults -o "$work/status" sh -c 'kill -KILL $$')" 137
"$TRACE" misses --event page-faults --event page-faults:10 -o "$work/both" true
check "two events, one with a period" grep -q 'samples, one every 10 ' "$work/both"

# Without a PMU, one line says so, and nothing was started.
if [ ! -e /sys/bus/event_source/devices/cpu ] && [ ! -e /sys/bus/event_source/devices/cpu_core ]; then
	"$TRACE" misses -o "$work/report" touch "$work/started" 2>"$work/err"
	check "no PMU: status 1" equal $? 1
	check "no PMU: one line" equal "$(wc -l <"$work/err")" 1
	check "no PMU: says what is missing and what helps" grep -q 'has no PMU .*--tlb-model' "$work/err"
	check "no PMU: the command did not start" test ! -e "$work/started"
	check "no PMU: no report is left" test ! -e "$work/report"
	"$TRACE" misses --event stlb-miss-loads true 2>"$work/err"
	check "a named event without a PMU: status 1" equal $? 1
	check "and one line" grep -q "^hakmem-trace: can't sample stlb-miss-loads: .* needs a PMU called cpu" "$work/err"
fi
conclude
