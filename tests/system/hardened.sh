#!/bin/sh
# SPDX-License-Identifier: MIT
# Hardened mode under load: correct programs run as ever. The stress program with few and many threads, the bench programs at
# small sizes, real programs with the same output as without libhakmem, and those unit tests that look at nothing but the
# interface. (tests/system/misuse.sh has the wrong programs.)
# beside: anything
set -u
build=${BUILD:-build}
library=$(cd "$build" && pwd)/libhakmem.so
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
failed=0

[ -f "$library" ] && [ -x "$build/tests/system/alloc_stress" ] || { echo "skipped: libhakmem.so or alloc_stress has not been built"; exit 77; }

# runs NAME COMMAND...: it ends well and says nothing on standard error.
runs() {
	name=$1
	shift
	if HAKMEM_HARDENED=1 LD_PRELOAD=$library timeout 60 "$@" >"$work/output" 2>"$work/error" && ! [ -s "$work/error" ]; then
		echo "ok: $name"
	else
		echo "FAILED: $name"
		head -3 "$work/error"
		failed=1
	fi
}
# alike NAME COMMAND...: its output is what it is without libhakmem.
alike() {
	command -v "$2" >/dev/null || { echo "skipped: $2 is not installed"; return; }
	runs "$@"
	shift
	"$@" >"$work/plain" 2>&1
	cmp "$work/plain" "$work/output" || failed=1
}

runs 'stress, 1 thread' "$build/tests/system/alloc_stress" 1 20000 21
runs 'stress, 4 threads' "$build/tests/system/alloc_stress" 4 5000 22
runs 'stress, 64 threads' "$build/tests/system/alloc_stress" 64 300 23
runs 'random_mixed' "$build/bench/random_mixed" 100000 1000 42
runs 'calloc_mixed' "$build/bench/calloc_mixed" 20000
runs 'larson' "$build/bench/larson" 4 200 16 1000 1000 10
runs 'large_blocks' "$build/bench/large_blocks" 8 1000000 8000000 200 16
runs 'producer_consumer' "$build/bench/producer_consumer" 2 300
runs 'thread_churn' "$build/bench/thread_churn" 300
alike ls /bin/ls -lR tests
alike python3 python3 -c 'import json; print(len(json.dumps([{"key": i, "text": str(i) * 3} for i in range(20000)])))'
alike gcc gcc -std=gnu17 -D_GNU_SOURCE -DHAKMEM_VERSION='"x"' -Iinclude -Ialloc -O2 -S -o - alloc/heap.c
alike git git log --stat -n 20
alike perl perl -e 'my %t; $t{$_} = "v" x ($_ % 50) for 1 .. 30000; my $p = fork; exit 3 if !$p; waitpid $p, 0; print $?'
for test in api api_extended sandbox memory_limit failing_calls; do
	if HAKMEM_HARDENED=1 "$build/tests/unit/alloc/$test" >"$work/output" 2>&1; then
		echo "ok: unit/alloc/$test"
	else
		echo "FAILED: unit/alloc/$test"
		grep -A3 ERROR "$work/output"
		failed=1
	fi
done
exit $failed
