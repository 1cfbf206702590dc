#!/bin/sh
# SPDX-License-Identifier: MIT
# What libhakmem decides by what memory costs (HAKMEM_ASSIST) is in the report of a command that has ended, however it ended: as
# libhakmem itself says it at its end (HAKMEM_STATS), process by process, and the same from a recording.
. "$(dirname "$0")/check.inc"
. "$(dirname "$0")/attach.inc"

PYTHON=/usr/bin/python3
[ -x "$PYTHON" ] || { echo "python3 is not installed"; exit 77; }
export HAKMEM_ASSIST=auto

cat >"$work/fill.py" <<'END'
import os, signal, sys
kept = []
for size in (400, 900, 3000):
    for _ in range(8000):
        kept.append(bytearray(size))
sys.stdout.write(str(os.getpid()))
sys.stdout.flush()
if sys.argv[1:] == ["killed"]:
    os.kill(os.getpid(), signal.SIGKILL)
END

# A value of a report in JSON, by a Python expression: d the report, p its deciders, n those called python3.
value() { # FILE EXPRESSION
	"$PYTHON" -c 'import json, sys
d = json.load(open(sys.argv[1]))
p = d["decisions"] and d["decisions"]["processes"]
n = p and [x for x in p if x["comm"] == "python3"]
print(eval(sys.argv[2]))' "$1" "$2"
}
is() { # FILE EXPRESSION
	equal "$(value "$1" "$2")" True
}
traced() { # NAME OPTION...
	out=$1
	shift
	"$TRACE" --preload hakmem "$@" >"$work/$out.out" 2>"$work/$out.err"
}

# As libhakmem prints them at its end, LEVER CLASS VALUE CHANGES: those of the one decision a class, and the delay.
cat >"$work/agree.py" <<'END'
import json, re, sys
told = json.load(open(sys.argv[1]))["decisions"]["processes"]
told = [x for x in told if x["comm"] == "python3"][-1]["decisions"]
text = open(sys.argv[2]).read()
agreed = 0
for size, value, changes, reason in re.findall(
        r"assist, prefault of class (\d+): (none|\d+ pages), of .*?; (\d+) changes?; (.*)", text):
    found, = [x for x in told if x["lever"] == "prefault_pages" and x["class"] == int(size)]
    pages = 1 if value == "none" else int(value.split()[0])
    assert (found["value"], found["changes"], found["reason"]) == (pages, int(changes), reason), (found, size, value)
    agreed += int(changes) > 0
value, changes, reason = re.search(r"assist, delay: (\d+) ms, .*?; (\d+) changes?; (.*)", text).groups()
found, = [x for x in told if x["lever"] == "delay_ms"]
assert (found["value"], found["changes"], found["reason"]) == (int(value), int(changes), reason), (found, value)
assert agreed > 0, "nothing was changed"
END

HAKMEM_STATS=1 "$TRACE" --preload hakmem --format json -o "$work/report" -- "$PYTHON" "$work/fill.py" >"$work/pid" 2>"$work/stats"
check "its decisions are there" is "$work/report" 'len(n) == 1 and any(x["changes"] for x in n[0]["decisions"])'
check "of that process, which has ended" is "$work/report" "n[0]['pid'] == $(cat "$work/pid") and n[0]['running'] is False"
check "as libhakmem says them itself, with their reasons" "$PYTHON" "$work/agree.py" "$work/report" "$work/stats"

traced table -- "$PYTHON" "$work/fill.py"
check "the table has them in words" grep -q '^libhakmem decides by what memory costs: [0-9,]* decisions in 1 process, [0-9]* of them changed$' "$work/table.err"
check "and why" grep -Eq "^  python3 $(cat "$work/table.out"): [0-9]+ pages of a slab of class [0-9]+ made present at once: [a-z]" "$work/table.err"

traced killed --format json -o "$work/killed" -- "$PYTHON" "$work/fill.py" killed
check "they are there when it is killed" is "$work/killed" 'd["exit"]["signal"] == 9 and any(x["changes"] for x in n[0]["decisions"])'

traced children --format json -o "$work/children" -- sh -c "'$PYTHON' '$work/fill.py'; echo; '$PYTHON' '$work/fill.py'"
check "each process has its own" is "$work/children" "[x['pid'] for x in n] == [$(tr '\n' ',' <"$work/children.out")]"
check "a shell has changed nothing" is "$work/children" 'not any(y["changes"] for x in p if x["comm"] == "sh" for y in x["decisions"])'

"$TRACE" record --preload hakmem -o "$work/run.hkt" --report "$work/live" --format json -- "$PYTHON" "$work/fill.py" >"$work/pid" 2>"$work/err"
"$TRACE" report --format json -o "$work/again" "$work/run.hkt"
"$TRACE" report "$work/run.hkt" >"$work/table"
check "a recording has them" is "$work/again" "d['decisions'] == json.load(open('$work/live'))['decisions'] and len(n) == 1"
check "also in words" grep -q "^  python3 $(cat "$work/pid"): " "$work/table"
"$TRACE" report "$work/live" >"$work/table"
check "and so has a report in JSON" grep -q "^  python3 $(cat "$work/pid"): " "$work/table"

# Who runs on without a table of costs is asked by a look at its memory.
launch running env LD_PRELOAD="$BUILD/libhakmem.so" "$BUILD/tests/system/halves"
"$TRACE" --duration 0.2 --format json -o "$work/attached" -p "$(id_of running)" >/dev/null 2>&1
check "one that runs on tells them, too" is "$work/attached" \
	"[(x['comm'], x['running']) for x in p] == [('halves', True)] and any(x['class'] == 512 and x['changes'] for x in p[0]['decisions'])"
end running

# A process of the same command that was given a table, and says there what it likes.
cat >"$work/lie.py" <<'END'
import os, struct, sys
sys.path.insert(0, os.path.join(sys.argv[1], "tests/system"))
import assist_client as client
descriptor, memory, size = client.table("\0" + os.environ["HAKMEM_COSTS_SOCKET"])
at = client.DECISIONS
memory[at:] = b"\xff" * (len(memory) - at)
memory[at:at + 4] = struct.pack("<I", client.DECISIONS_SIZE)
END
traced lies --format json -o "$work/lies" -- sh -c "'$PYTHON' '$work/fill.py'; LD_PRELOAD= '$PYTHON' '$work/lie.py' '$PWD'"
check "a liar's are its own, and no word of them" is "$work/lies" \
	'len(n) == 2 and any(x["changes"] for x in n[0]["decisions"]) and all(x["reason"] for x in n[0]["decisions"]) and \
len(n[1]["decisions"]) == 138 and not any(x["reason"] for x in n[1]["decisions"])'

HAKMEM_ASSIST=off "$TRACE" --preload hakmem --format json -o "$work/off" -- "$PYTHON" "$work/fill.py" >/dev/null
check "nothing is decided when it is off" is "$work/off" 'p == []'
HAKMEM_ASSIST=off "$TRACE" --preload hakmem -- "$PYTHON" "$work/fill.py" >/dev/null 2>"$work/table"
check "and nothing said of it" sh -c "! grep -q 'libhakmem decides' '$work/table'"
"$TRACE" --rung perf --format json -o "$work/perf" -- true 2>"$work/err"
check "the rung perf doesn't know" is "$work/perf" 'd["decisions"] is None'
conclude
