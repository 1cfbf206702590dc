#!/bin/sh
# SPDX-License-Identifier: MIT
# Recordings of real programs: what report prints from them is what the run reported, to the byte; no slice is lost; sqlite3 answers
# the queries of the documentation; a recorder that is killed leaves what it had; wrong use and damaged files get one line.
# beside: VMs
# time-out: 300
. "$(dirname "$0")/check.inc"

for tool in sqlite3 python3; do
	command -v $tool >/dev/null || { echo "$tool is not installed"; exit 77; }
done
server=
tracer=
# shellcheck disable=SC2317 # called by the trap
end_all() {
	for one in $server $tracer; do kill -KILL "$one" 2>/dev/null; done
	rm -rf "$work"
}
trap end_all EXIT

sql() { # FILE QUERY
	sqlite3 "$1" "$2"
}
# No time between two slices is missing; and none is there twice, and the regions of all add up to what the kernel charged.
no_gap() { # FILE
	equal "$(sql "$1" 'SELECT count(*) FROM slice AS one WHERE start_ns > 0 AND NOT EXISTS
		(SELECT 1 FROM slice AS other WHERE other.run = one.run AND other.end_ns = one.start_ns)')" 0
}
no_slice_lost() { # FILE
	no_gap "$1" &&
		equal "$(sql "$1" 'SELECT sum(end_ns - start_ns) = max(end_ns) FROM slice')" 1 &&
		equal "$(sql "$1" 'SELECT sum(faults) FROM region_count')" "$(sql "$1" 'SELECT sum(charged_minor + charged_major) FROM slice')" &&
		equal "$(sql "$1" 'SELECT sum(faults) FROM region_cause')" "$(sql "$1" 'SELECT sum(faults) FROM region_count')"
}
# Of a run with --report in $work/live.
as_live() { # FILE
	"$TRACE" report --format json -o "$work/again" "$1" && same "$work/live" "$work/again"
}
milliseconds() {
	echo $(($(date +%s%N) / 1000000))
}
soon() { # COMMAND...: in less than two seconds
	begin=$(milliseconds)
	"$@" >/dev/null && took=$(($(milliseconds) - begin)) && echo "$took ms" && [ $took -lt 2000 ]
}
recorded() { # NAME FILE SLICES
	check "$1: report prints what the run reported, to the byte" as_live "$2"
	check "$1: no slice is lost" no_slice_lost "$2"
	check "$1: there are slices" test "$(sql "$2" 'SELECT count(*) FROM slice')" -ge "$3"
	check "$1: the table comes soon" soon "$TRACE" report "$2"
	check "$1: every row by time" test "$("$TRACE" report --by time --format csv "$2" | wc -l)" -gt "$3"
	echo "     $(sql "$2" "SELECT count(*) || ' slices' FROM slice"), $(wc -c <"$2") bytes"
}

# --- a server under load, with call stacks; three questions about it ---
if command -v redis-server >/dev/null && command -v redis-benchmark >/dev/null; then
	"$TRACE" record --stacks --slice 0.5 -o "$work/redis.hkt" --report "$work/live" --format json -- \
		redis-server --port 0 --unixsocket "$work/socket" --save '' >"$work/out" 2>"$work/err" &
	tracer=$!
	for _ in $(seq 200); do [ -S "$work/socket" ] && break; sleep 0.05; done
	redis-benchmark -s "$work/socket" -q -n 60000 -r 50000 -d 300 -t set,get,lpush >/dev/null
	"$TRACE" report "$work/redis.hkt" >"$work/table" 2>"$work/table.err"
	check "redis: it can be read while it is being recorded" equal $? 0
	check "redis: and that is said" grep -q 'has no end: it is still being recorded, or' "$work/table.err"
	check "redis: by sqlite3, too" test "$(sql "$work/redis.hkt" 'SELECT sum(faults) FROM region_count')" -gt 1000
	redis-cli -s "$work/socket" shutdown nosave
	wait $tracer
	check "redis: the status is the server's" equal $? 0
	tracer=
	check "redis: one line says where the recording is" equal "$(grep -c 'hakmem-trace: recorded [0-9]* slices: hakmem-trace report .*redis.hkt' "$work/err")" 1
	recorded redis "$work/redis.hkt" 3
	sed -n '/^# Runs/,/^# Experiments/p' docs/recording.md | sed -n '/^```sql$/,/^```$/{/^```/!p;/^```$/s/.*/-- next/p}' >"$work/queries"
	check "docs/recording.md has three queries of runs" equal "$(grep -c '^-- next' "$work/queries")" 3
	csplit -s -z -f "$work/query-" "$work/queries" '/^-- next/+1' '{*}'
	for query in 00 01 02; do
		check "query $query answers" sh -c "sqlite3 '$work/redis.hkt' <'$work/query-$query' >'$work/answer-$query' && [ -s '$work/answer-$query' ]"
		sed 's/^/     /' "$work/answer-$query" | head -n 5
	done
	check "faults by region over time are all faults" equal "$(awk -F'|' '{ sum += $3 } END { print sum }' "$work/answer-00")" \
		"$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["totals"]["faults"])' "$work/live")"
	check "most bytes were zeroed in a function of a library or the server" grep -q '|\(libc\|libjemalloc\|redis\|ld-linux\)' "$work/answer-01"
	check "the process with the most faults is the server" grep -q '^[0-9]*|redis-server|first-touch|[0-9]' "$work/answer-02"
	check "call stacks are exported" sh -c "'$TRACE' report --format folded '$work/redis.hkt' | grep -q '^redis-server;.*main'"
else
	echo "     (redis is not installed: not tried)"
fi

# --- many processes; a program that makes its own code ---
"$TRACE" record -o "$work/gcc.hkt" --slice 0.2 --report "$work/live" --format json -- \
	gcc -O2 -c -D_GNU_SOURCE -Iinclude -Ialloc -o "$work/object" alloc/heap.c 2>"$work/err"
check "gcc: status 0" equal $? 0
recorded gcc "$work/gcc.hkt" 1
check "gcc: its processes are there" test "$(sql "$work/gcc.hkt" "SELECT count(*) FROM process WHERE comm IN ('gcc', 'cc1', 'as')")" -ge 3
check "gcc: each process's causes add up to its faults" equal "$(sql "$work/gcc.hkt" 'SELECT count(*) FROM (SELECT process, sum(faults) AS all_of_it
	FROM process_count GROUP BY process) AS one WHERE all_of_it <> (SELECT sum(faults) FROM process_cause AS c WHERE c.process = one.process)')" 0
if command -v node >/dev/null; then
	"$TRACE" record -o "$work/node.hkt" --slice 0.2 --report "$work/live" --format json -- \
		node -e 'let a = []; for (let i = 0; i < 1e6; i++) a.push({i}); JSON.stringify(a)' 2>"$work/err"
	check "node: status 0" equal $? 0
	recorded node "$work/node.hkt" 2
fi

# --- a part of a run ---
"$TRACE" record -o "$work/steps.hkt" --slice 0.1 -- python3 -c '
import mmap, time
def touch(pages):
    m = mmap.mmap(-1, pages * 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    for page in range(pages):
        m[page * 4096] = 1
    return m
time.sleep(1)
a = touch(5000)
time.sleep(1)' 2>"$work/err"
anon() { # OPTION...
	"$TRACE" report --format csv "$@" "$work/steps.hkt" >"$work/report" && faults "$work/report" anon
}
check "a part: all of what was touched is in the run" test "$(anon)" -ge 5000
at=$(sql "$work/steps.hkt" "SELECT start_s FROM region_over_time WHERE region = 'anon' GROUP BY slice ORDER BY sum(faults) DESC LIMIT 1")
check "a part: and around the time it happened" test "$(anon --from "$(echo "$at - 0.4" | python3 -c 'print(max(0, eval(input())))')" --to "$(echo "$at + 0.5" | python3 -c 'print(eval(input()))')")" -ge 4900
check "a part: and not after it" test "$(anon --from "$(echo "$at + 0.5" | python3 -c 'print(eval(input()))')")" -lt 100
check "a part: JSON says which time it is of" sh -c "'$TRACE' report --format json --to 0.5 '$work/steps.hkt' | grep -q '\"interval\":{\"number\":1,\"start_ns\":0,\"end_ns\":[0-9]'"
check "a part: after the end there is nothing" equal "$("$TRACE" report --from 1000 "$work/steps.hkt" 2>&1 | sed 's/after .*//')" \
	"hakmem-trace: can't read $work/steps.hkt: nothing was recorded in that time: it ends "

# --- attaching; several runs in a file; names ---
sleep 30 &
server=$!
"$TRACE" record -p $server --duration 0.7 --slice 0.2 -o "$work/attached.hkt" --report "$work/live" --format json 2>"$work/err"
check "attached: status 0" equal $? 0
check "attached: report prints what the run reported" as_live "$work/attached.hkt"
kill $server && wait $server 2>/dev/null
server=
"$TRACE" record -o "$work/gcc.hkt" -- touch "$work/started" 2>"$work/err"
check "a file that is there is not overwritten" equal "$? $(wc -l <"$work/err")" "1 1"
check "and it is said what to do" grep -q 'gcc.hkt is there already: --append' "$work/err"
check "and nothing was started" test ! -e "$work/started"
"$TRACE" record --append -o "$work/gcc.hkt" --report "$work/live" --format json -- true 2>"$work/err"
check "--append: another run in the file" equal "$("$TRACE" report --list "$work/gcc.hkt" | sed 's/^\(run [0-9]*\).*: \([a-z]*\)$/\1 \2/' | xargs)" "run 1 gcc run 2 true"
check "the last one is reported" as_live "$work/gcc.hkt"
check "the first one if it is asked for" sh -c "'$TRACE' report --run 1 '$work/gcc.hkt' | head -n 1 | grep -q ': gcc -O2 -c'"
root=$(pwd)
case $TRACE in /*) trace=$TRACE ;; *) trace=$root/$TRACE ;; esac
mkdir "$work/names"
(cd "$work/names" && for _ in 1 2 3; do "$trace" record -- true 2>/dev/null; done)
check "without -o names are made, and none is taken twice" equal "$(cd "$work/names" && echo *)" "true-2.hkt true-3.hkt true.hkt"
check "a recording is one file" equal "$(find "$work" -name '*-wal' -o -name '*-shm' -o -name '*-journal')" ""
SUDO_UID=65534 SUDO_GID=65534 "$TRACE" record -o "$work/users.hkt" -- true 2>/dev/null
check "under sudo it is the caller's" equal "$(stat -c %u:%g "$work/users.hkt")" 65534:65534
chmod 711 "$work" && mkdir -m 777 "$work/nobody"
check "who may not write it can read it" setpriv --reuid 65534 --regid 65534 --clear-groups "$trace" report -o "$work/nobody/report" "$work/users.hkt"

# --- statuses pass through ---
check "the status is the command's" equal "$(status_of "$TRACE" record -o "$work/status.hkt" -- sh -c 'exit 7')" 7
check "it is in the recording" equal "$(sql "$work/status.hkt" 'SELECT exit_code, exit_signal FROM run')" "7|"
check "a signal, too" equal "$(status_of "$TRACE" record -o "$work/signal.hkt" -- sh -c 'kill -TERM $$')" 143
check "and in the recording" equal "$(sql "$work/signal.hkt" 'SELECT exit_code, exit_signal FROM run')" "|15"
check "a command that isn't found" equal "$(status_of "$TRACE" record -o "$work/none.hkt" -- no-such-command)" 127
check "leaves no file" test ! -e "$work/none.hkt"

# --- the recorder is killed ---
"$TRACE" record --slice 0.1 -o "$work/killed.hkt" -- sh -c 'while :; do /bin/true; done' >"$work/out" 2>&1 &
tracer=$!
for _ in $(seq 200); do
	# Not made by asking too early: then the recorder refuses it.
	[ "$(sqlite3 -readonly "$work/killed.hkt" 'SELECT count(*) FROM slice' 2>/dev/null || echo 0)" -ge 5 ] 2>/dev/null && break
	sleep 0.05
done
child=$(ps -o pid= --ppid $tracer | xargs)
kill -KILL $tracer
wait $tracer 2>/dev/null
tracer=
kill -KILL $child 2>/dev/null
"$TRACE" report --format json -o "$work/report" "$work/killed.hkt" 2>"$work/err"
check "killed: it can be read" equal $? 0
check "killed: one line says so" equal "$(grep -c 'killed.hkt has no end: it is still being recorded, or its recorder was killed after' "$work/err") $(wc -l <"$work/err")" "1 1"
check "killed: five slices and more are there" test "$(sql "$work/killed.hkt" 'SELECT count(*) FROM slice')" -ge 5
check "killed: no slice is lost before" no_gap "$work/killed.hkt"
# Tasks gather up to 1,024 faults before they tell of them (bpf/gather.h): in the middle of a run there may be charges whose
# rows come with the next slice. The report has as many as there are rows.
check "killed: no more is missing than what was under way" test "$(sql "$work/killed.hkt" \
	"SELECT sum(charged_minor + charged_major) - (SELECT sum(faults) FROM region_count) BETWEEN 0 AND 1024 FROM slice")" -eq 1
check "killed: the report is up to the last slice" equal "$(python3 -c 'import json, sys
report = json.load(open(sys.argv[1]))
print(report["totals"]["faults"], report["exit"]["code"], report["wall_ns"])' "$work/report")" \
	"$(sql "$work/killed.hkt" "SELECT (SELECT sum(faults) FROM region_count) || ' None ' || (SELECT max(end_ns) FROM slice)")"

# --- no room ---
mkdir "$work/small"
if mount -t tmpfs -o size=300k none "$work/small" 2>/dev/null; then
	"$TRACE" record --slice 0.05 -o "$work/small/full.hkt" -- sh -c 'for i in $(seq 300); do /bin/true; done; echo done' >"$work/out" 2>"$work/err"
	check "no room: the command runs to its end, and the status says that something is missing" equal "$? $(cat "$work/out")" "1 done"
	check "no room: one line" equal "$(grep -c "can't record into .*full.hkt: .*full" "$work/err") $(wc -l <"$work/err")" "1 1"
	check "no room: what had room can be read" "$TRACE" report -o "$work/report" "$work/small/full.hkt"
	umount "$work/small"
else
	echo "     (tmpfs can't be mounted here: no room was not tried)"
fi

# --- wrong use: one line ---
wrong() { # NAME STATUS WORDS ARGUMENT...
	name=$1 status=$2 words=$3
	shift 3
	"$TRACE" "$@" >"$work/out" 2>"$work/err"
	check "$name: status" equal $? "$status"
	check "$name: one line" equal "$(wc -l <"$work/err")" 1
	check "$name: names it" grep -qF -- "$words" "$work/err"
	check "$name: nothing on stdout" equal "$(wc -c <"$work/out")" 0
}
wrong "no command" 2 "no command given" record
wrong "an interval" 2 "hakmem-trace record has --slice" record --interval 1 -- true
wrong "a slice of nothing" 2 "--slice '0': seconds are wanted" record --slice 0 -- true
wrong "stdout" 2 "can't go to stdout" record -o - -- true
wrong "append to what" 2 "--append needs to know the recording" record --append -- true
wrong "a slice of no recording" 2 "are for hakmem-trace record" --slice 1 -- true
wrong "a folder that isn't there" 1 "/no/such/folder/x.hkt: No such file" record -o /no/such/folder/x.hkt -- touch "$work/started"
check "nothing was started" test ! -e "$work/started"
wrong "which recording" 2 "which recording?" report
wrong "two files" 2 "report reads one file" report "$work/gcc.hkt" "$work/node.hkt"
wrong "no such file" 1 "can't read /no/such/file: No such file" report /no/such/file
wrong "a folder" 1 "it is no file" report "$work"
wrong "no such run" 1 "has 2 runs: there is no run 3" report --run 3 "$work/gcc.hkt"
wrong "run 0" 2 "--run '0'" report --run 0 "$work/gcc.hkt"
wrong "no time" 2 "--from 'x'" report --from x "$work/gcc.hkt"
wrong "backwards" 2 "--from must be before --to" report --from 2 --to 1 "$work/gcc.hkt"
wrong "no such format" 2 "there is no format 'yaml'" report --format yaml "$work/gcc.hkt"
wrong "no stacks in it" 1 "no call stacks were taken" report --format folded "$work/gcc.hkt"
: >"$work/empty.hkt"
wrong "an empty file" 1 "empty.hkt: it is empty" report "$work/empty.hkt"
echo "some text" >"$work/text.hkt"
wrong "no database" 1 "text.hkt: it is damaged: file is not a database" report "$work/text.hkt"
head -c 20000 "$work/gcc.hkt" >"$work/cut.hkt"
wrong "cut short" 1 "cut.hkt: it is damaged: " report "$work/cut.hkt"
sql "$work/other.hkt" 'CREATE TABLE other (x)'
wrong "another database" 1 "it is a database, but no recording of hakmem-trace" report "$work/other.hkt"
cp "$work/gcc.hkt" "$work/newer.hkt" && sql "$work/newer.hkt" 'PRAGMA user_version = 4'
wrong "a newer one" 1 "its version is 4, and this hakmem-trace knows 3: use a newer hakmem-trace" report "$work/newer.hkt"
"$TRACE" compare --arm a --arm b --runs 1 --warmup 0 --traced 0 --record "$work/experiment.hkt" -- true >/dev/null 2>&1
wrong "an experiment's" 1 "it holds experiments (hakmem-trace compare --record)" report "$work/experiment.hkt"
wrong "a run into an experiment's" 1 "it holds experiments" record --append -o "$work/experiment.hkt" -- true
wrong "an experiment into a run's" 1 "it holds recorded runs" compare --arm a --arm b --record "$work/gcc.hkt" -- true
check "a report in JSON is read as well" sh -c "'$TRACE' report '$work/live' | head -n 1 | grep -q ': true'"
wrong "a part of a report in JSON" 2 "is a report: what it takes a recording for" report --from 1 "$work/live"
check "--help of record" sh -c "'$TRACE' record --help | grep -q -- --slice"
check "--help of report" sh -c "'$TRACE' report --help | grep -q -- --from"
conclude
