#!/bin/sh
# SPDX-License-Identifier: MIT
# --no-zeroing: faults are attributed as exactly as ever, no hook sees an allocation, and what zeroing was is n/a, not 0.
# beside: VMs
# shellcheck source=tests/system/check.inc
. "$(dirname "$0")/check.inc"

check "regions are as true without the hooks of zeroing" \
	tests/system/truth.sh --no-zeroing --no-preload --programs 'truth truth_tls truth_file truth_thread'

hooks() { # OPTION...: the programs that count zeroing, as the kernel lists them while a command is traced
	"$TRACE" "$@" -o /dev/null -- sh -c "bpftool prog show >'$work/programs'"
	grep -c 'name [a-z]*_zero_' "$work/programs" || true
}
bpftool=$(command -v bpftool || echo /usr/sbin/bpftool)
PATH=$PATH:$(dirname "$bpftool")
check "zeroing has its hooks" test "$(hooks)" -ge 1
check "and none with --no-zeroing" equal "$(hooks --no-zeroing)" 0

"$TRACE" --no-zeroing --format json -o "$work/json" -- "$BUILD/bench/random_mixed" 10000 256 42 >/dev/null
null() { # FIELD: null in the totals and in each region
	grep -q "\"$1\": *null" "$work/json" && ! grep -q "\"$1\": *[0-9]" "$work/json"
}
for field in zeroed_bytes zero_events zero_ns; do check "$field is null" null $field; done
check "the limits say so" grep -q '"zeroing is not measured' "$work/json"
check "it can't be had together with a demand on zeroing" equal "$(status_of "$TRACE" --no-zeroing --require exact true)" 2
check "a rung can still be asked for" equal "$(status_of "$TRACE" --no-zeroing --rung tracepoint -o /dev/null true)" 0
conclude
