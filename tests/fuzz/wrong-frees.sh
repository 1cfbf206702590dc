#!/bin/sh
# Double frees and interior pointers in random programs of several threads (wrong_frees.c): every one is told, with its one
# line, by default and in hardened mode. More of them with tests/run.sh --long.
# Usage: wrong-frees.sh [FIRST-SEED]
# beside: anything
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/../system/check.inc"

program=$BUILD/tests/fuzz/wrong_frees
library=$(cd "$BUILD" && pwd)/libhakmem.so
first=${1:-1}
seeds=100
[ -z "${LONG:-}" ] || seeds=20000

told() { # HARDENED
	HAKMEM_HARDENED=$1 LD_PRELOAD=$library "$program" "$first" $seeds >"$work/seen" 2>"$work/lines" || return 1
	grep -v '^told' "$work/seen" && return 1
	told=$(sed -n 's/^told //p' "$work/seen")
	[ "$told" -ge $((seeds * 9 / 10)) ] || { echo "only $told of $seeds had anything to free"; return 1; }
	grep -Ev '^hakmem: (free|realloc)\(\): (double free of|invalid pointer) 0x[0-9a-f]+(,|$)' "$work/lines" && return 1
	[ "$(wc -l <"$work/lines")" -eq "$told" ] || { echo "$told told in another number of lines"; return 1; }
}
check 'wrong frees by default' told 0
check 'wrong frees in hardened mode' told 1
conclude
