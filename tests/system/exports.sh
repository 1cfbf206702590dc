#!/bin/sh
# SPDX-License-Identifier: MIT
# Exports of a real run: call stacks add up to what was counted, in every format, and name the functions that it was; a time
# line's intervals add up to its run. (The tools that they are for: system/pprof, web/exports.)
. "$(dirname "$0")/check.inc"

command -v jq >/dev/null || { echo "jq is not installed"; exit 77; }

"$TRACE" record --stacks=all --kernel-stacks -o "$work/run.hkt" -- "$BUILD/bench/random_mixed-hakmem" 200000 256 42 \
	>"$work/out" 2>"$work/err"
check "a run is recorded" equal $? 0
export_run() { # FORMAT [OPTION...]
	format=$1
	shift
	"$TRACE" report --format "$format" -o "$work/$format" "$@" "$work/run.hkt"
	check "$format: it comes" equal $? 0
}
value() { # JQ-EXPRESSION FORMAT
	jq -r "$1" "$work/$2"
}
export_run json
for figure in faults zeroed_bytes; do
	check "json: stacks add up to the total: $figure" \
		equal "$(value "[.stacks[].$figure] | add" json)" "$(value ".totals.$figure" json)"
done
check "json: and to each region and detail" equal "$(value '
	(.stacks | group_by([.region, .detail]) | map({key: (.[0] | .region + " " + .detail), value: (map(.faults) | add)}) | from_entries) as $of
	| [.regions[] | select(.faults != ($of[.region + " " + .detail] // 0))] | length' json)" 0
check "json: lists of a stack have one entry a frame" equal "$(value '[.stacks[] | (.frames | length) as $n
	| select([.lines, .objects, .addresses, .inlined, .kernel | length != $n] | any)] | length' json)" 0
check "json: the stacks of the allocator's classes come from main" equal "$(value '[.stacks[] | select(.region == "allocator")
	| select((.detail | startswith("class")) and (.frames | index("main") | not)) | .faults] | add // 0 | . < 5' json)" true
check "json: with lines of its source" equal "$(value '[.stacks[] | select(.frames | index("main")) | .lines[.frames | index("main")]
	| select(startswith("bench/random_mixed.c:") or contains("/bench/random_mixed.c:"))] | length > 0' json)" true
total=$(value .totals.faults json)
zeroed=$(value .totals.zeroed_bytes json)

export_run csv
check "csv: stacks add up to the total" equal \
	"$(awk -F, '$1 == "stack" { sum += $4 } END { print sum }' "$work/csv")" "$(awk -F, '$1 == "total" { print $4 }' "$work/csv")"

export_run folded
check "folded: adds up to the total" equal "$(awk '{ sum += $NF } END { print sum }' "$work/folded")" "$total"
"$TRACE" report --format folded -o "$work/from-json" "$work/json"
check "folded: the same of the JSON report" same "$work/from-json" "$work/folded"
check "folded: main is on the way to a class of the allocator" grep -q ';main;.*;\[allocator class [0-9]*\] [1-9]' "$work/folded"
check "folded: every line is one stack and a number" equal "$(grep -cvE '^[^;]+(;[^;]+)+ [1-9][0-9]*$' "$work/folded")" 0
export_run folded --value zeroed
check "folded: zeroed bytes add up to the total" equal "$(awk '{ sum += $NF } END { print sum }' "$work/folded")" "$zeroed"
export_run folded --value time
check "folded: kernel functions end as such" grep -q '_\[k\];\[' "$work/folded"

export_run speedscope
check "speedscope: faults add up to the total" equal "$(value '.profiles[0].weights | add' speedscope)" "$total"
check "speedscope: zeroed bytes, too" equal "$(value '.profiles[1].weights | add' speedscope)" "$zeroed"
check "speedscope: ends are sums" equal "$(value '[.profiles[] | select((.weights | add) != .endValue)] | length' speedscope)" 0
check "speedscope: frames are there" equal "$(value '(.shared.frames | length) as $n | [.profiles[].samples[][] | select(. >= $n)] | length' speedscope)" 0

# --- the time line ---
"$TRACE" --interval 0.2 --format trace-event -o "$work/line" -- sh -c 'for i in 1 2 3; do ls -R . >/dev/null; sleep 0.2; done' 2>"$work/err"
check "trace-event: a report comes" equal $? 0
check "trace-event: every event is as the format wants it" equal "$(value '[.[] | select(
	(.ph | IN("M", "C", "X") | not) or (.name | type != "string") or (.pid | type != "number")
	or (.ph == "M" and (.args.name | type != "string") and (.args.sort_index | type != "number"))
	or (.ph != "M" and ((.ts | type != "number") or .ts < 0))
	or (.ph == "X" and ((.dur | type != "number") or .dur < 0 or (.tid | type != "number")))
	or (.ph == "C" and ([.args[] | type == "number" and . >= 0] | length == 0 or (all | not))))] | length' line)" 0
check "trace-event: intervals add up to the run" equal "$(value '([.[] | select(.name | startswith("interval ")) | .args.faults] | add)
	- ([.[] | select(.ph == "X" and .name == "sh" and .pid > 4000000) | .args.faults] | add)' line)" 0
check "trace-event: processes' slices, too" equal "$(value '([.[] | select(.ph == "X" and .pid < 4000000) | .args.faults] | add)
	- ([.[] | select(.ph == "X" and .name == "sh" and .pid > 4000000) | .args.faults] | add) | fabs < 10' line)" true
check "trace-event: processes have names" equal "$(value '[.[] | select(.name == "process_name") | .args.name] | unique | join(",")' line)" \
	"all traced processes,ls,sh,sleep"
export_run trace-event
check "trace-event: of a recording, too" equal "$(value '[.[] | select(.name | startswith("interval ")) | .args.faults] | add' trace-event)" "$total"
# On a busy machine it takes a while.
"$TRACE" --interval 0.2 --format trace-event -o "$work/cut" -- sh -c 'until [ -e "$0" ]; do sleep 0.1; done' "$work/seen" &
tenths=200
until grep -q '"interval 1"' "$work/cut" || [ $((tenths -= 1)) -eq 0 ]; do sleep 0.1; done 2>"$work/err"
cp "$work/cut" "$work/closed"
check "trace-event: an interval is written when it has ended" grep -q '"interval 1"' "$work/closed"
echo ']' >>"$work/closed"
check "trace-event: and whole" jq -e 'length > 3' "$work/closed"
: >"$work/seen"
wait
conclude
