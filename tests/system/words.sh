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

"$TRACE" "$@" -o "$report" --preload "$BUILD/bench/libculprit.so" -- "$BUILD/bench/random_mixed" 200000 256 42 ||
	fail "status $?"
# One line of it, for the words may break anywhere.
words=$(sed -n '/^In words:/,$p' "$report" | tr '\n' ' ')
case $words in
*" are in the allocator's own metadata, touched before main, in its initialisation,"*"recycling or purging blocks differently cannot save them"*) ;;
*) fail "the words don't say that it is metadata" ;;
esac
share=$(sed -n "s/.*[^0-9]\([0-9][0-9]*\) % are in the allocator's own metadata.*/\1/p" <<END
$words
END
)
[ "${share:-0}" -ge 90 ] || fail "only ${share:-0} % are metadata"
# 30 MiB of it are 7,680 pages; the study counted 7,672 faults.
saved=$(sed -n 's/.*Touching none of it would save \([0-9]*\) faults, 30 MiB of zeroing.*/\1/p' <<END
$words
END
)
[ "${saved:-0}" -ge 7680 ] && [ "$saved" -lt 7700 ] || fail "touching none of it would save '$saved' faults"
# That is true: the same without the clearing, and the same again however what becomes free is given back.
total() { # ENVIRONMENT...
	env "$@" "$TRACE" --max-overhead 0 --format csv -o "$report" --preload "$BUILD/bench/libculprit.so" -- \
		"$BUILD/bench/random_mixed" 200000 256 42 >/dev/null || fail "status $?"
	awk -F, '$1 == "region" { sum += $4 } END { print sum }' "$report"
}
eager=$(total HAKMEM_ZERO=eager) lazy=$(total HAKMEM_ZERO=lazy) keep=$(total HAKMEM_ZERO=keep)
cured=$(total CULPRIT_CLEAR=0)
near() { [ $(($1 - $2)) -le 40 ] && [ $(($2 - $1)) -le 40 ]; }
near "$eager" "$lazy" && near "$eager" "$keep" || fail "recycling matters: eager $eager, lazy $lazy, keep $keep"
near $((eager - cured)) "$saved" || fail "without the clearing there are $cured of $eager faults; $saved were to be saved"
echo "ok   it saves $((eager - cured)) of $eager faults, as the words say"
echo "ok   metadata has $share % of the faults, and the words say what that means"
