#!/bin/sh
# SPDX-License-Identifier: MIT
# hakmem-trace compare: what it runs, how often and in which order; what it reports and records; wrong use; Ctrl-C.
. "$(dirname "$0")/check.inc"

spin=$BUILD/bench/spin

# --- what is run ---
"$TRACE" compare --arm a --arm b=WHO=bee,LIST=x,,y --runs 4 --warmup 2 --traced 2 --seed 3 --format json -o "$work/json" \
	--record "$work/file.hkt" --metric 'value ([0-9]+)' -- \
	sh -c 'echo "${WHO:-nobody} $LIST" >>"$0"; echo value 12; echo x >&2; [ -t 0 ] || read -r line || exit 0' "$work/runs" \
	>"$work/out" 2>"$work/err"
check "it succeeds" equal $? 0
check "nothing of the command's output comes through" equal "$(cat "$work/out" "$work/err")" ""
check "every arm ran so often: warm-ups, runs, traced" equal "$(grep -c '^nobody $' "$work/runs") $(wc -l <"$work/runs")" "8 16"
check "an arm's variables, with a comma in a value" equal "$(grep -cx 'bee x,y' "$work/runs")" 8
jq() { python3 -c 'import json, sys; d = json.load(open(sys.argv[1])); print(eval(sys.argv[2]))' "$work/json" "$1"; }
check "JSON: the schema" equal "$(jq 'd["schema"]')" hakmem-experiment/1
check "JSON: kinds of runs" equal "$(jq '[[r["kind"] for r in d["runs"]].count(k) for k in ("warm-up", "measured", "traced")]')" "[4, 8, 4]"
check "JSON: a block has every arm once" equal "$(jq 'sorted((r["block"], r["arm"]) for r in d["runs"] if r["kind"] == "measured")')" \
	"[(0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (2, 1), (3, 0), (3, 1)]"
check "JSON: in order of time" equal "$(jq '[r["start_s"] for r in d["runs"]] == sorted(r["start_s"] for r in d["runs"])')" True
check "JSON: traced runs are in between" equal "$(jq '[r["kind"] for r in d["runs"]].index("traced") < 12')" True
check "JSON: the metric" equal "$(jq 'd["arms"][1]["figures"]["metric"]["median"], d["main"]')" "(12, 'metric')"
check "JSON: faults of a traced run are about those of an untraced one" \
	equal "$(jq 'all(abs(a["figures"]["faults"]["median"] - a["figures"]["minor_faults"]["median"]) < 30 for a in d["arms"])')" True
check "JSON: regions add up to the faults" equal "$(jq 'all(r["values"]["faults"] > 50 for r in d["runs"] if r["kind"] == "traced")')" True
check "JSON: what no machine like this counts is null" equal "$(jq 'd["runs"][3]["values"]["cycles"] is None or d["not_counted"] is None')" True
check "the order is the seed's" equal "$("$TRACE" compare --arm a --arm b --runs 6 --traced 0 --seed 5 --format csv -- true | cut -d, -f1-3)" \
	"$("$TRACE" compare --arm a --arm b --runs 6 --traced 0 --seed 5 --format csv -- true | cut -d, -f1-3)"
"$TRACE" compare --arm a --arm b=preload=hakmem --runs 2 --traced 1 --format json -o "$work/json" -- "$BUILD/bench/tiny_hot"
check "an arm's library is preloaded, traced or not" equal "$(jq '["allocator" in [r["region"] for r in a["regions"] if r["faults"]] for a in d["arms"]]')" "[False, True]"
"$TRACE" compare --arm a --arm b --runs 2 --traced 0 --cpu 0 -- sh -c 'grep Cpus_allowed_list /proc/self/status; exit 3' >/dev/null 2>"$work/err"
"$TRACE" compare --arm a --arm b --runs 2 --traced 0 --cpu 0 --format json -o "$work/json" --metric 'list:[^0-9]([0-9]+)$' -- \
	grep Cpus_allowed_list /proc/self/status
check "--cpu pins the runs" equal "$(jq 'd["arms"][0]["figures"]["metric"]["median"], d["asked"]["cpus"]')" "(0, '0')"

"$TRACE" compare --arm a --arm b --runs 2 --traced 0 --format json -o "$work/json" --metric 'SigIgn:[^0-9]([0-9a-f]+)$' -- \
	grep SigIgn /proc/self/status
check "no signal is ignored in the command that was not before" equal "$(jq 'd["arms"][0]["figures"]["metric"]["median"]')" \
	"$(awk '/^SigIgn/ { print $2 + 0 }' /proc/self/status)"
SUDO_UID=65534 SUDO_GID=65534 "$TRACE" compare --arm a --arm b --runs 2 --traced 1 --format json -o "$work/users" --metric '^[0-9]+$' -- id -u
check "under sudo the command is not root's" equal "$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["arms"][0]["figures"]["metric"]["median"])' "$work/users")" 65534
check "nor when it is traced" equal "$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["not_traced"])' "$work/users")" None
check "and the report is the caller's" equal "$(stat -c %u "$work/users")" 65534

# --- the recording, with the queries of its documentation ---
check "an SQLite database that says whose it is" equal "$(sqlite3 "$work/file.hkt" 'PRAGMA application_id; PRAGMA user_version' | xargs)" "1751870836 1"
"$TRACE" compare --arm a --arm b --runs 2 --traced 0 --record "$work/file.hkt" -- true >"$work/out"
check "a second experiment comes behind the first" equal "$(sqlite3 "$work/file.hkt" 'SELECT count(*) FROM experiment')" 2
check "its runs" equal "$(sqlite3 "$work/file.hkt" 'SELECT experiment, count(*) FROM run GROUP BY 1' | xargs)" "1|16 2|6"
sed -n '/^# Experiments/,$p' docs/recording.md | sed -n '/^```sql$/,/^```$/{/^```/!p;/^```$/s/.*/-- next/p}' >"$work/queries"
check "docs/recording.md has three queries" equal "$(grep -c '^-- next' "$work/queries")" 3
csplit -s -z -f "$work/query-" "$work/queries" '/^-- next/+1' '{*}'
for query in "$work"/query-*; do
	check "a query of docs/recording.md answers" sh -c "sqlite3 '$work/file.hkt' <'$query' | grep ."
done
check "the report of a traced run is in it" equal "$(sqlite3 "$work/file.hkt" "SELECT DISTINCT json_extract(snapshot, '\$.schema') FROM run WHERE kind = 'traced'")" hakmem-trace/1
echo text >"$work/text"
trace=$(realpath "$TRACE")
(cd "$work" && "$trace" compare --arm a --arm b --runs 1 --warmup 0 --traced 0 --record :memory: -o /dev/null -- true)
check "a recording is a file, whatever its name means to SQLite" equal "$(sqlite3 "$work/:memory:" 'SELECT count(*) FROM run')" 2
"$TRACE" compare --arm a --arm b --record "$work/text" -- true >"$work/out" 2>"$work/err"
check "no recording over another file" equal "$? $(cat "$work/text")" "1 text"
check "and it is said" grep -q "can't record into $work/text: " "$work/err"

# --- runs that fail ---
printf 'echo line one >&2; echo line two >&2; [ "$FAIL" != yes ]' >"$work/fails"
"$TRACE" compare --arm good --arm bad=FAIL=yes --seed 1 --record "$work/none.hkt" -o "$work/report" -- sh "$work/fails" >"$work/out" 2>"$work/err"
check "a run that fails ends it" equal $? 1
check "it names arm, run and status" grep -q 'arm bad, warm-up run 1: the command ended with status 1; the last' "$work/err"
check "and shows what it wrote" equal "$(sed -n 2,3p "$work/err" | xargs)" "line one line two"
check "there is no report then" test ! -e "$work/report"
"$TRACE" compare --arm good --arm bad=FAIL=yes --ignore-failures --runs 2 --traced 0 -- sh "$work/fails" >"$work/out" 2>"$work/err"
check "--ignore-failures goes on" equal $? 0
check "and counts them" grep -q '3 runs failed and count for nothing' "$work/out"
"$TRACE" compare --arm a --arm b -- sh -c 'kill -SEGV $$' >"$work/out" 2>"$work/err"
check "a signal is named" grep -q 'was ended by signal 11 and wrote nothing on stderr' "$work/err"
"$TRACE" compare --arm a --arm b --metric 'ops ([0-9]+)' -- echo 'ops many' >"$work/out" 2>"$work/err"
check "no metric in the output" grep -q 'arm ., warm-up run 1: no metric: nothing that it printed matches' "$work/err"

# --- without privileges ---
setpriv --bounding-set -all --inh-caps -all --reuid 65534 --regid 65534 --clear-groups \
	"$TRACE" compare --arm a --arm b --runs 2 -- true >"$work/out" 2>"$work/err"
check "without privileges it goes on" equal "$? $(cat "$work/err")" "0 "
check "and says what is missing" grep -q 'traces    none, so faults and zeroing by region are n/a: tracing needs CAP_BPF and CAP_PERFMON' "$work/out"

# --- precision ---
"$TRACE" compare --arm a --arm b --until-precision 100 --judge processor_s --traced 0 --format json -o "$work/json" -- "$spin" 1000000
check "--until-precision stops at a look" equal "$(jq 'sum(r["kind"] == "measured" for r in d["runs"]) in (16, 32, 64)')" True
check "and pays for all that it may take" equal "$(jq 'd["looks"]')" 6
"$TRACE" compare --arm a --arm b --until-precision 0.001 --runs 11 --traced 0 --format json -o "$work/json" -- "$spin" 1000
check "and stops at --runs" equal "$(jq 'sum(r["kind"] == "measured" for r in d["runs"]), d["looks"]')" "(22, 2)"

# --- Ctrl-C ---
mkdir "$work/tmp"
TMPDIR=$work/tmp env --default-signal=INT "$TRACE" compare --arm a --arm b --traced 0 --record "$work/cut.hkt" -o "$work/report" -- \
	sh -c 'echo x >>"$0"; [ $(wc -l <"$0") -lt 10 ] || { sleep 300 & echo $! >"$0.pid"; sleep 300; }' "$work/slow" &
pid=$!
for _ in $(seq 200); do [ -s "$work/slow.pid" ] && break; sleep 0.05; done
kill -INT $pid
wait $pid
check "interrupted: the status" equal $? 130
check "interrupted: the report is there and says so" grep -q 'WARNING   cut short' "$work/report"
check "interrupted: the runs before are in it" grep -q '^runs      [34]\( to [45]\)* of each arm' "$work/report"
check "interrupted: and in the recording" equal "$(sqlite3 "$work/cut.hkt" 'SELECT interrupted, (SELECT count(*) FROM run) FROM experiment')" "1|9"
# Zombies don't count: some machines' init reaps late.
runs() {
	ps -o stat= -p "$(cat "$work/slow.pid")" | grep -v Z
}
check "interrupted: nothing runs on" equal "$(runs)" ""
check "interrupted: nothing is left in TMPDIR" equal "$(ls "$work/tmp")" ""
echo 1 >"$work/slow" && rm "$work/slow.pid"
TMPDIR=$work/tmp "$TRACE" compare --arm a --arm b --traced 0 --record "$work/killed.hkt" -o "$work/report" -- \
	sh -c 'echo x >>"$0"; [ $(wc -l <"$0") -lt 10 ] || { sleep 300 & echo $! >"$0.pid"; sleep 300; }' "$work/slow" &
pid=$!
for _ in $(seq 200); do [ -s "$work/slow.pid" ] && break; sleep 0.05; done
kill -KILL $pid
wait $pid 2>/dev/null
check "killed: the recording has every run that had ended" equal "$(sqlite3 "$work/killed.hkt" 'SELECT count(*), sum(value > 0) FROM run JOIN figure ON run = id AND name = '"'wall_s'")" "8|8"
for _ in $(seq 100); do [ -n "$(runs)" ] || break; sleep 0.05; done
check "killed: nothing runs on" equal "$(runs)" ""
check "killed: nothing is left in TMPDIR" equal "$(ls "$work/tmp")" ""

# --- on a terminal ---
cat >"$work/terminal.py" <<'END'
import os, pty, sys
child, terminal = pty.fork()
if child == 0:
    os.execv(sys.argv[1], sys.argv[1:])
output = b""
try:
    while True:
        output += os.read(terminal, 4096)
        if b" 3 of " in output and b"\x03" not in output:
            os.write(terminal, b"\x03")
            output += b"\x03"
except OSError:
    pass
sys.stdout.write(output.decode(errors="replace"))
print("wait status", os.waitpid(child, 0)[1] >> 8)
END
python3 "$work/terminal.py" "$TRACE" compare --arm a --arm b --traced 0 -- sleep 0.2 >"$work/out"
check "a bar with the time left" grep -q '\[## *\] 3 of 42 runs, about [0-9]* s left' "$work/out"
check "Ctrl-C on the terminal: the report" grep -q 'WARNING   cut short' "$work/out"
check "Ctrl-C on the terminal: the status" grep -q 'wait status 130' "$work/out"

# --- wrong use: one line ---
wrong() { # NAME STATUS WORDS OPTION...
	name=$1 status=$2 words=$3
	shift 3
	"$TRACE" compare "$@" >"$work/out" 2>"$work/err"
	check "$name: status" equal $? "$status"
	check "$name: one line" equal "$(wc -l <"$work/err")" 1
	check "$name: names it" grep -qF -- "$words" "$work/err"
	check "$name: nothing on stdout" equal "$(wc -c <"$work/out")" 0
}
wrong "no arms" 2 "compare needs two arms" -- true
wrong "one arm" 2 "compare needs two arms" --arm a -- true
wrong "equal names" 2 "two arms have the same name" --arm a --arm a=X=1 -- true
wrong "no command" 2 "no command given" --arm a --arm b
wrong "an arm without a name" 2 "it has no name" --arm =X=1 --arm b -- true
wrong "an arm that is no assignment" 2 "'X' is neither" --arm a=X --arm b -- true
wrong "no number" 2 "--runs wants a whole number from 1 to 2000, not 'many'" --runs many --arm a --arm b -- true
wrong "no runs" 2 "not '0'" --runs 0 --arm a --arm b -- true
wrong "precision" 2 "not '-1'" --until-precision -1 --arm a --arm b -- true
wrong "a bad expression" 2 "is no regular expression" --metric '([0-9]' --arm a --arm b -- true
wrong "bad processors" 2 "not '1-'" --cpu 1- --arm a --arm b -- true
wrong "unknown figure" 2 "no figure 'speed'" --judge speed --arm a --arm b -- true
wrong "metric judged without one" 2 "needs a --metric" --judge metric --arm a --arm b -- true
wrong "unknown format" 2 "there are table, json, csv, html" --format yaml --arm a --arm b -- true
wrong "unknown option" 2 "no option '--frob'" --frob --arm a --arm b -- true
wrong "option without its value" 2 "'--arm' needs a value" --arm
wrong "command not found" 127 "no-such-command: command not found" --arm a --arm b -- no-such-command
wrong "no program" 126 "Permission denied" --arm a --arm b -- "$work"
wrong "unwritable report" 1 "/no/such/folder" -o /no/such/folder/x --arm a --arm b -- touch "$work/started"
wrong "unwritable recording" 1 "can't record into /no/such/folder/x" --record /no/such/folder/x --arm a --arm b -- touch "$work/started"
wrong "no such library" 1 "/no/such/lib.so" --arm a --arm b=preload=/no/such/lib.so -- touch "$work/started"
check "nothing was started" test ! -e "$work/started"
check "--help" sh -c "'$TRACE' compare --help | grep -q -- --until-precision"
conclude
