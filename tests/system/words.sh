#!/bin/sh
# SPDX-License-Identifier: MIT
# An allocator that clears megabytes of its own metadata at start-up: the report must say in words that these faults are
# the allocator's own metadata and that recycling can't save them. The study this project started from took them for the
# workload's, and tuned the wrong thing.
#
#   words.sh [--rung full|tracepoint]
set -u
BUILD=${BUILD:-build}
TRACE=${TRACE:-$BUILD/hakmem-trace}
report=$(mktemp "${TMPDIR:-/tmp}/words-sh-XXXXXX") || exit 1
trap 'rm -f "$report"' EXIT
trap 'exit 130' INT TERM

fail() {
	echo "FAIL $1"
	cat "$report"
	exit 1
}

"$TRACE" "$@" -o "$report" -- "$BUILD/bench/init_memset" 200000 256 42 || fail "status $?"
# One line of it, for the words may break anywhere.
words=$(sed -n '/^In words:/,$p' "$report" | tr '\n' ' ')
case $words in
*" are in the allocator's own metadata"*"recycling or purging blocks differently cannot save them"*) ;;
*) fail "the words don't say that it is metadata" ;;
esac
share=$(sed -n "s/.*[^0-9]\([0-9][0-9]*\) % are in the allocator's own metadata.*/\1/p" <<END
$words
END
)
[ "${share:-0}" -ge 90 ] || fail "only ${share:-0} % are metadata"
echo "ok   metadata has $share % of the faults, and the words say what that means"
