#!/bin/sh
# SPDX-License-Identifier: MIT
# --interval: the tables of the intervals add up to the last one, of a command and of processes. --duration: it ends then.
. "$(dirname "$0")/check.inc"
. "$(dirname "$0")/attach.inc"

# Faults by row, of the intervals together and of the whole: the same lines. Figures of one interval: part FILE N.
parts() { # FILE SELECTOR
	awk -F, -v wanted="$2" '
		$1 == "interval" { whole = $2 == "all"; next }
		$1 == wanted { row = wanted == "process" ? $2 : $2 "," $3; (whole) ? all[row] += $4 : sum[row] += $4 }
		END { for (row in all) rows[row]; for (row in sum) rows[row]
			for (row in rows) if (sum[row] + 0 != all[row] + 0) { print row, sum[row] + 0, "in parts and", all[row] + 0; bad = 1 }
			exit bad }' "$1"
}
part() { # FILE NUMBER
	awk -F, -v number="$2" '$1 == "interval" { on = $2 == number; next } on' "$1"
}
parts_add_up() { # FILE
	parts "$1" region && parts "$1" process && parts "$1" phase
}
# Without what a fault under way may belong to.
each_part_adds_up() { # FILE
	for number in $(sed -n 's/^interval,\([0-9]*\),.*/\1/p' "$1"); do
		part "$1" "$number" >"$work/part"
		about "$(sum "$work/part")" "$(charged "$work/part")" || return 1
	done
}

launch one
attach -p "$(id_of one)" --interval 0.25
tell one "touch 300"
sleep 0.6
tell one "touch 500"
tell one "fork 100"
line "$work/report" '^interval,4'
detach
check "-p: status 0" equal "$status" 0
check "-p: several intervals" test "$(grep -c '^interval,[0-9]' "$work/report")" -ge 4
check "-p: the first has what was done in it" at_least "$(part "$work/report" 1 >"$work/part" && sum "$work/part")" 300
check "-p: the intervals add up to the whole, row by row" parts_add_up "$work/report"
check "-p: each adds up" each_part_adds_up "$work/report"
part "$work/report" all >"$work/whole"
check "-p: the whole adds up" adds_up "$work/whole"
check "-p: it has everything" at_least "$(sum "$work/whole")" 900 1100
end one

# A command all the time at work while it is looked at, until four intervals have been told of. Untimed: a timed fault is told of
# at once, and then a part may lack some of what happened while it was read.
rm "$work/report"
cat >"$work/busy" <<'END'
rounds=0
until [ "$(grep -cs '^interval,[0-9]' "$1")0" -ge 40 ] || [ $((rounds += 1)) -gt 2000 ]; do "$2" 1000000 256 42; done
END
"$TRACE" --max-overhead 0 --interval 0.1 --format csv -o "$work/report" -- sh "$work/busy" "$work/report" "$BUILD/bench/random_mixed" >"$work/out"
check "a command: status 0" equal $? 0
check "a command: several intervals" test "$(grep -c '^interval,[0-9]' "$work/report")" -ge 4
check "a command: the intervals add up to the whole, row by row" parts_add_up "$work/report"
check "a command: each adds up" each_part_adds_up "$work/report"
part "$work/report" all >"$work/whole"
check "a command: the whole adds up" adds_up "$work/whole"

# The same as people read it: a table an interval, and the whole.
launch one
attach -p "$(id_of one)" --interval 0.2 --duration 0.7 --format table
tell one "touch 300"
await
check "a table: status 0" equal "$status" 0
check "a table each, and one of the whole" test "$(grep -c '^REGION' "$work/report")" -ge 4
check "JSON: an object a line" sh -c "'$TRACE' -p $(id_of one) --interval 0.1 --duration 0.35 --format json -o - |
	python3 -c 'import json, sys
lines = [json.loads(line) for line in sys.stdin]
assert len(lines) >= 4 and lines[-1][\"interval\"] is None
assert [line[\"interval\"][\"number\"] for line in lines[:-1]] == list(range(1, len(lines)))'"

# --- --duration ---
begin=$(date +%s%N)
attach -p "$(id_of one)" --duration 0.5
await
took=$((($(date +%s%N) - begin) / 1000000))
check "--duration ends it: status 0" equal "$status" 0
check "after that time: $took ms" test $took -ge 500 -a $took -le 4000
tell one "touch 100"
end one
check "and the process runs on" equal "$ended" 0

begin=$(date +%s%N)
"$TRACE" --duration 0.3 --format json -o "$work/report" -- sh -c 'sleep 1.2; echo all; exit 7' >"$work/out"
check "a command outlives it: its status" equal $? 7
took=$((($(date +%s%N) - begin) / 1000000))
check "its output" equal "$(cat "$work/out")" all
check "its time: $took ms" test $took -ge 1200
check "the report says that it had not ended" python3 -c "import json
report = json.load(open('$work/report'))
assert report['exit'] == {'code': None, 'signal': None}, report['exit']
assert 3e8 <= report['wall_ns'] < 11e8, report['wall_ns']"
conclude
