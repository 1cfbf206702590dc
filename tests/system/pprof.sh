#!/bin/sh
# SPDX-License-Identifier: MIT
# The real pprof reads what --format pprof writes: figures, inlined functions, labels, comments; of a made-up snapshot, and of
# a run.
. "$(dirname "$0")/check.inc"

command -v python3 >/dev/null || { echo "python3, which makes the terminal, is not installed"; exit 77; }
command -v go >/dev/null || { echo "go, which has pprof, is not installed"; exit 77; }
export GOCACHE="$work/cache" PPROF_TMPDIR="$work" GOFLAGS=-mod=mod GOPROXY=off

pprof() { # OPTION... FILE
	go tool pprof "$@" 2>"$work/err" </dev/null
}
"$BUILD/tests/system/export_sample" pprof zeroed >"$work/sample"
check "pprof reads it" pprof -top "$work/sample"
pprof -top -sample_index=faults "$work/sample" >"$work/top"
check "all faults" grep -q 'Total samples = 148 ' "$work/top"
check "a function that was inlined" grep -q ' fill (inline)$' "$work/top"
check "one that called" grep -qE ' 0 +0% .* 50 33.78% +main$' "$work/top"
check "what no stack was taken of" grep -qE '^ +36 .*\[no stack\]$' "$work/top"
check "estimates say so" grep -q '^estimates: stacks are of a sample' "$work/top"
check "losses are said" grep -q '^3 stacks were lost' "$work/top"
check "the program is the command's" grep -q '^File: bench$' "$work/top"
pprof -top "$work/sample" >"$work/top"
check "the value asked for comes first" grep -q '^Type: zeroed$' "$work/top"
check "in bytes" grep -q 'Total samples = 548kB' "$work/top"
pprof -top -sample_index=fault_time "$work/sample" >"$work/top"
check "times are times" grep -q 'Total samples = 222us' "$work/top"
pprof -tags -sample_index=faults "$work/sample" >"$work/tags"
for tag in 'allocator$' 'class 1040$' 'purged$' ' 4312$'; do
	check "a label: $tag" grep -qE ": *$tag|:$tag" "$work/tags"
done
pprof -top -sample_index=faults -tagfocus='region=^allocator$' "$work/sample" >"$work/top"
check "labels choose samples" grep -q 'accounting for 41, ' "$work/top"
pprof -top -lines -sample_index=faults "$work/sample" >"$work/top"
check "lines of the source" grep -qE ' 50 33.78% +main bench.c:60$' "$work/top"

"$TRACE" --stacks=all --format pprof -o "$work/run" -- "$BUILD/bench/random_mixed-hakmem" 200000 256 42 >"$work/out" 2>"$work/err"
check "a run's report comes" equal $? 0
pprof -top -nodecount=1000 "$work/run" >"$work/top"
check "pprof reads it, too" equal $? 0
check "nothing of it is an estimate" equal "$(grep -c estimate "$work/top")" 0
check "main is in it" grep -qE ' main$' "$work/top"
pprof -top -tagfocus='region=^allocator$,detail=^class' -focus='^main$' "$work/run" >"$work/top"
check "and what the allocator's classes are touched from" grep -qE ' slab_carve' "$work/top"
"$TRACE" --stacks --format pprof -o - -- true | cat >"$work/piped"
check "into a pipe it may go" pprof -top "$work/piped"
python3 -c 'import pty, sys; pty.spawn(sys.argv[1:])' "$TRACE" --stacks --format pprof -- true >"$work/terminal" 2>&1
check "and into no terminal" grep -q 'nothing for a terminal: give a file with -o' "$work/terminal"
conclude
