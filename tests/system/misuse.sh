#!/bin/sh
# SPDX-License-Identifier: MIT
# Each program of tests/misuse/ ends as its first lines say, by default and in hardened mode: by SIGABRT after exactly the
# one line (with ADDRESS for each address). What "goes unseen" by default is not run there.
# beside: anything
set -u
cd "$(dirname "$0")/../.." || exit 1
build=${BUILD:-build}
library=$(cd "$build" && pwd)/libhakmem.so
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
failed=0 checked=0

[ -f "$library" ] || { echo "skipped: $library has not been built"; exit 77; }

# check SOURCE MODE HARDENED
check() {
	program=$(basename "$1" .c)
	expected=$(sed -n "s/^ \* $2: //p" "$1")
	case $expected in
	'goes unseen') [ $3 -eq 0 ] && return || expected='words in its head' ;;
	esac
	HAKMEM_HARDENED=$3 LD_PRELOAD="$library" prlimit --core=0 "$build/tests/misuse/$program" >"$work/output" 2>&1 &
	wait $! 2>/dev/null
	status=$? # 128 and SIGABRT, which is 6
	found=$(sed 's/0x[0-9a-f]*/ADDRESS/g' "$work/output")
	checked=$((checked + 1))
	if [ "$found" = "$expected" ] && [ $status -eq 134 ]; then
		echo "ok: $program, $2: $expected"
	else
		echo "FAILED: $program, $2: status $status and \"$found\", not 134 and \"$expected\""
		failed=1
	fi
}

for source in tests/misuse/*.c; do
	check "$source" default 0
	check "$source" hardened 1
done
[ $checked -gt 0 ] && exit $failed
