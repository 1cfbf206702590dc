#!/bin/sh
# SPDX-License-Identifier: MIT
# hakmem-trace serve: what it answers is what the report says; its slices add up; it stays when the command has ended, and ends as
# the command did. Of processes, and of recordings, too.
. "$(dirname "$0")/check.inc"
. "$(dirname "$0")/serve.inc"

adds_up() { # the slices of /api/history, with the snapshot of everything
	ask /api/history >"$work/history"
	ask /api/snapshot >"$work/snapshot"
	python3 - "$work/history" "$work/snapshot" <<'PYTHON'
import json, sys
history, whole = (json.load(open(name)) for name in sys.argv[1:])
assert history["schema"] == "hakmem-trace-live/1" and history["forgotten"] == 0
slices = history["slices"]
next_number, end_ns = 1, 0
for one in slices:
    assert one["first"] == next_number and one["number"] >= one["first"], one
    assert one["start_ns"] == end_ns and one["end_ns"] >= one["start_ns"], one
    next_number, end_ns = one["number"] + 1, one["end_ns"]
for figure in ("faults", "major", "zeroed_bytes"):
    total = sum(one["totals"][figure] for one in slices)
    assert total == whole["totals"][figure], (figure, total, whole["totals"][figure])
    for region in {row["region"] for row in whole["regions"]}:
        rows = sum(row[figure] for row in whole["regions"] if row["region"] == region)
        parts = sum(one["regions"].get(region, {figure: 0})[figure] for one in slices)
        assert rows == parts, (region, figure, rows, parts)
assert sum(one["lost"] for one in slices) == whole["totals"]["lost"]
PYTHON
}

# --- a command ---
again='until [ -e "$1" ]; do "$0" 300000 256 42; sleep 0.1; done; exit 3'
check "it starts" serve --interval 0.2 --format json -o "$work/report" -- sh -c "$again" "$BUILD/bench/random_mixed" "$work/enough"
check "there are slices while it runs" until_true 20 has_slices 2
check "which is not its end" equal "$(ask /api/history | of .ended)" false
first=$(ask /api/snapshot | of .totals.faults)
check "some faults are told of: $first" test "$first" -gt 50
check "a running command has no exit code" equal "$(ask /api/snapshot | of .exit.code)" null
check "counts grow" until_true 20 holds /api/snapshot ".totals.faults > $first"
touch "$work/enough"
check "its end is told" until_true 60 has_ended
check "and that it stays" until_true 5 grep -q 'stays until' "$words"
check "the command's output is its own" test -s "$work/out"
check "all that was counted is what the report has, to the byte" sh -c "curl -s '${url}api/snapshot' | cmp - '$work/report'"
check "the slices add up to it" adds_up
check "later slices are had alone" equal "$(ask '/api/history?after=2' | of '.slices[0].number')" 3
middle=$(of '.slices[2].start_ns' <"$work/history")
ask "/api/snapshot?from_ns=$middle" >"$work/part"
check "a time is the sum of its slices" equal "$(of .totals.faults <"$work/part")" \
	"$(of '[.slices[2:][].totals.faults] | add' <"$work/history")"
check "and says when it was" equal "$(of .interval.start_ns <"$work/part")" "$middle"
check "of a time without slices there is nothing" equal "$(status_for "/api/snapshot?from_ns=99999999999999")" 404
check "/metrics is for Prometheus" sh -c "curl -s '${url}metrics' | grep -q '^hakmem_faults_total{.*region=\"libc\"'"
check "and for OpenMetrics" sh -c "curl -s -H 'Accept: application/openmetrics-text; version=1.0.0' '${url}metrics' | tail -n 1 | grep -qx '# EOF'"
stop INT
check "Ctrl-C closes it, with the command's status" equal $ended 3
check "nothing listens any more" equal "$(status_for /api/history)" 000

# --- events ---
rm "$work/enough"
events() { # SECONDS PATH [CURL OPTION...]: their data, one a line
	seconds=$1
	shift
	ask "$@" -N --max-time "$seconds" | sed -n 's/^data: //p'
}
check "it starts" serve --interval 0.1 -- sh -c 'until [ -e "$0" ]; do ls /; sleep 0.05; done' "$work/enough"
check "there are slices" until_true 30 has_slices 3
events 1.5 '/api/stream?after=0' >"$work/events"
check "events come, from the first on, each once" python3 -c "
import json
numbers = [json.loads(line)['number'] for line in open('$work/events')]
assert len(numbers) >= 8, numbers
assert numbers == list(range(1, len(numbers) + 1)), numbers"
last=$(tail -n 1 "$work/events" | of .number)
check "they go on behind the last that was had" equal \
	"$(events 1 /api/stream -H "Last-Event-ID: $last" | head -n 1 | of .number)" $((last + 1))
check "without any, from the newest on" test "$(events 1 /api/stream | head -n 1 | of .number)" -gt "$last"
events 1 '/api/stream?full=1' >"$work/events"
check "with rows, where they are wanted" python3 -c "
import json
for line in open('$work/events'):
    event = json.loads(line)
    report = event['snapshot']
    assert report['schema'] == 'hakmem-trace/1'
    assert report['totals']['faults'] == event['totals']['faults'], event
    assert report['interval']['end_ns'] == event['end_ns']"
touch "$work/enough"
check "the end comes" until_true 30 has_ended
check "and is an event, also for who comes later" equal "$(events 1 /api/stream | tail -n 1 | of .ended)" true
stop TERM
check "SIGTERM closes it" equal $ended 0

# --- SIGTERM while the command runs ends both ---
check "it starts" serve -- sh -c 'echo $$ >"$0"; exec sleep 100' "$work/pid"
check "the command runs" until_true 10 test -s "$work/pid"
stop TERM
check "by the command's signal" equal $ended 143
check "the command is gone" equal "$(status_of kill -0 "$(cat "$work/pid")")" 1

# --- what runs already, and its end ---
sleep 2 &
sleeper=$!
check "it attaches" serve --interval 0.2 -p $sleeper
check "its end is told" until_true 20 has_ended
check "what was counted stays" equal "$(ask /api/snapshot | of '.attached.pids[0]')" $sleeper
stop INT
check "status 0" equal $ended 0

# --- a recording ---
"$TRACE" record --slice 0.2 -o "$work/run.hkt" -- sh -c 'for i in 1 2 3 4 5; do "$0" 300000 256 42; sleep 0.1; done' "$BUILD/bench/random_mixed" >"$work/out" 2>"$work/log"
recorded=$(date +%s)
"$TRACE" report --format json "$work/run.hkt" -o "$work/report"
until [ "$(date +%s)" -gt "$recorded" ]; do sleep 0.1; done
check "a recording is served" serve "$work/run.hkt"
check "all of it" sh -c "curl -s '${url}api/snapshot' | cmp - '$work/report'"
check "its slices add up" adds_up
check "it began when it was recorded" test "$(ask /api/history | of .start)" -le "$recorded"
stop INT
check "status 0" equal $ended 0

# --- names that mean harm ---
cp "$BUILD/bench/random_mixed" "$work/<script>alert(1)<"
check "it starts" serve -- "$work/<script>alert(1)<" 1000 "$(printf 'a\377\033[2Jb')" 1
check "its end is told" until_true 20 has_ended
check "JSON is JSON" equal "$(ask /api/snapshot | of '.command[0] | endswith("<script>alert(1)<")')" true
check "and UTF-8" sh -c "curl -s '${url}api/snapshot' | python3 -c 'import sys; sys.stdin.buffer.read().decode()'"
check "and no terminal is moved" equal "$(ask /api/snapshot | LC_ALL=C grep -c "$(printf '\033')")" 0
check "it says that it is no page" sh -c "curl -sI '${url}api/snapshot' | grep -qi '^content-type: application/json'"
stop INT
conclude
