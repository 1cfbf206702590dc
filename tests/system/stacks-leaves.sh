#!/bin/sh
# SPDX-License-Identifier: MIT
# Stacks on one rung, with nothing but a shell, so that it runs in a VM too: by dwarf and in the kernel each leaf is there, with its
# caller; of frame pointers only that there are frames (the system's libraries have none).
# Each fault has its stack (=all): on a busy machine a VM's clock runs on, and fewer would be taken for what they seem to cost.
# Usage: tests/system/stacks-leaves.sh [--rung RUNG]
. "$(dirname "$0")/check.inc"

STACKS=$BUILD/tests/system/stacks
rung=
[ "${1:-}" != --rung ] || rung="--rung $2"

trace() { # OPTION... -- COMMAND...
	# shellcheck disable=SC2086 # an option and its value
	"$TRACE" $rung --stacks=all --format folded -o "$work/report" "$@" >"$work/expected" 2>"$work/err" || cat "$work/err"
}
agrees() {
	awk 'NR == FNR { pages[$2 ";" $1] += $3; next }
	{
		for (key in pages) {
			leaf = key
			sub(/memset/, "[^;]*(memset|libc)[^;]*", leaf) # a stripped libc has no names
			if ($0 ~ "(_start|clone|libc)[^;]*;.*" leaf ";")
				right[key] += $NF
		}
	}
	END {
		for (key in pages)
			if (right[key] < 0.95 * pages[key] || right[key] > 1.02 * pages[key]) {
				print key ": " right[key] " of " pages[key]
				bad = 1
			}
		exit bad
	}' "$work/expected" "$work/report"
}
for mode in plain threads forks signals; do
	trace --call-graph dwarf -- "$STACKS" "$mode"
	check "$mode: leaves and callers" agrees
done
trace --call-graph fp -- "$STACKS" plain
check "fp: leaves" grep -q '^stacks;.*leaf_three;\[anon' "$work/report"
rm "$work/report"
trace --kernel-stacks -- "$STACKS" plain
if uname -r | awk -F. '{ exit $1 * 1000 + $2 < 5017 }'; then
	check "kernel stacks: the page fault is in them, behind main" grep -q '^stacks;.*main;.*exc_page_fault' "$work/report"
else
	check "kernel stacks: refused before 5.17" grep -q -- '--kernel-stacks needs Linux 5.17' "$work/err"
	check "kernel stacks: and there is no report" test ! -e "$work/report"
fi
"$TRACE" --rung perf --stacks true 2>"$work/err"
check "the rung perf has none, and says so" grep -q 'the rung perf' "$work/err"
conclude
