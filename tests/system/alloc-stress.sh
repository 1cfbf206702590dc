#!/bin/sh
# SPDX-License-Identifier: MIT
# The stress program on libhakmem, under every way to prefault and to purge, with much and with no memory kept.
# beside: anything
set -u
build=${BUILD:-build}
library=$(cd "$build" && pwd)/libhakmem.so
program=$build/tests/system/alloc_stress
failed=0

[ -f "$library" ] && [ -x "$program" ] || { echo "skipped: libhakmem.so or alloc_stress has not been built"; exit 77; }

# stress THREADS ROUNDS SEED [OPTION=VALUE...]
stress() {
	threads=$1 rounds=$2 start=$3
	shift 3
	if [ "$(env "$@" LD_PRELOAD="$library" timeout 120 "$program" $threads $rounds $start 2>&1)" = 'stress: ok' ]; then
		echo "ok: $threads threads, $rounds rounds, seed $start $*"
	else
		echo "FAILED: $threads threads, $rounds rounds, seed $start $*"
		failed=1
	fi
}

seed=100
for zero in eager lazy keep; do
	for prefault in off populate touch auto; do
		stress 3 4000 $((seed += 1)) HAKMEM_ZERO=$zero HAKMEM_SS_PREFAULT=$prefault HAKMEM_DIRTY_MAX=1
	done
done
stress 4 20000 7 HAKMEM_DIRTY_MAX=0
stress 4 20000 8 HAKMEM_THP=on
stress 4 20000 9 HAKMEM_THP=off
stress 2 100000 10
stress 16 10000 11
stress 1 200000 12
exit $failed
