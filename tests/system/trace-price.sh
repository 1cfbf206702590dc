#!/bin/sh
# SPDX-License-Identifier: MIT
# The price of tracing: what may be left out is left out as asked, counts never are, and estimates say what they are.
# beside: VMs
. "$(dirname "$0")/check.inc"

method() { # FILE
	sed -n 's/.*"methods": {[^}]*"fault_time": "\([a-z]*\).*/\1/p' "$1"
}
by_tracepoints() { # FILE
	grep -q '"rungs": {"fault": "tracepoint".*"zero": "tracepoint"' "$1"
}
repeat() { # FILE OPTION...: 600 times 1024 pages
	file=$1
	shift
	"$TRACE" "$@" --format json -o "$file" "$BUILD/bench/fault_loop" 600 1024 >/dev/null
}

# What the price list says of a run, beside what the kernel's statistics say that BPF programs ran in it: ours, for nobody
# else traces meanwhile. Sets $told and $ran, in nanoseconds.
tell_and_run() {
	cat >"$work/ran" <<-'END'
		bpftool prog show | sed -n 's/.* run_time_ns \([0-9]*\) .*/\1/p' | awk '{ sum += $1 } END { printf "%d", sum }'
	END
	before=$(sysctl -n kernel.bpf_stats_enabled)
	trap 'sysctl -qw kernel.bpf_stats_enabled="$before"; rm -rf "$work"' EXIT
	sysctl -qw kernel.bpf_stats_enabled=1
	# shellcheck disable=SC2016 # the traced shell expands it
	"$TRACE" --max-overhead 0 --format json -o "$work/told" -- \
		sh -c 'sh "$0/ran" >"$0/before"; "$1" 600 1024 >"$0/out"; sh "$0/ran" >"$0/after"' "$work" "$BUILD/bench/fault_loop"
	told=$(figure "$work/told" own_ns)
	ran=$(($(cat "$work/after") - $(cat "$work/before")))
}

# Where a process can be preempted in its call on a BPF map, what is attached to events is skipped meanwhile on its processor,
# and a fault that ends there then is counted, but not timed. So one of a few runs is to be without that, and those with it
# are to say so.
for attempt in 1 2 3 4 5; do
	repeat "$work/all" --max-overhead 100000
	[ "$(untimed "$work/all")" -ne 0 ] || break
	check "all: $(untimed "$work/all") faults untimed, in run $attempt, and so the time is an estimate" \
		test "$(figure "$work/all" fault_ns_error)" -gt 0
done
repeat "$work/few" --max-overhead 1
repeat "$work/none" --max-overhead 0

check "all: no fault is left untimed but populated ones" equal "$(untimed "$work/all")" 0
check "all: nothing is estimated" equal "$(figure "$work/all" fault_ns_error) $(method "$work/all")" "0 exact"
check "few: some are timed" test "$(figure "$work/few" timed)" -gt 0
check "few: not all" test "$(figure "$work/few" timed)" -lt "$(figure "$work/few" faults)"
check "few: the time is said to be sampled" equal "$(method "$work/few")" sampled
check "few: with an interval" test "$(figure "$work/few" fault_ns_error)" -gt 0
check "none: nothing is timed" equal "$(figure "$work/none" timed)" 0
check "none: the time is null" grep -q '"totals": {.*"fault_ns": null' "$work/none"
check "none: and no method measured it" grep -q '"methods": {[^}]*"fault_time": null[^}]*"zero_time": null' "$work/none"
for run in all few none; do
	check "$run: every fault is counted" test "$(figure "$work/$run" faults)" -ge 614400
	check "$run: the sum is the kernel's" equal "$(figure "$work/$run" faults)" \
		$(($(figure "$work/$run" rusage_minflt) + $(figure "$work/$run" rusage_majflt)))
	check "$run: every zeroed page is counted" test "$(figure "$work/$run" zeroed_bytes)" -ge $((614400 * 4096))
	check "$run: the price is said" test "$(figure "$work/$run" own_ns)" -gt 0
	# On the tracepoint rung the kernel counts our programs' time. A child of its own pace can't make it a multiple.
	by_tracepoints "$work/$run" && [ "$run" != all ] &&
		check "$run: and that is a small part of a fault" test "$(figure "$work/$run" traced_ns)" -gt $(($(figure "$work/$run" own_ns) * 4))
	check "$run: beside the time that it is part of" test "$(figure "$work/$run" traced_ns)" -gt "$(figure "$work/$run" own_ns)"
done
if by_tracepoints "$work/none" && [ -w /proc/sys/kernel/bpf_stats_enabled ] && command -v bpftool >/dev/null; then
	tell_and_run
	check "the price of counting is what the hooks ran: $told ns, by the kernel's statistics $ran" \
		test "$told" -gt $((ran / 2)) -a "$told" -lt $((ran * 5 / 2))
fi
conclude
