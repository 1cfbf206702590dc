#!/bin/sh
# SPDX-License-Identifier: MIT
# Ways to read a report of a real run: rows by another key, only a part of it, colours; all of them have the same totals.
. "$(dirname "$0")/check.inc"

words() { # FILE: its paragraph in words, in one line
	sed -n '/^In words/,/^$/p' "$1" | tr '\n' ' '
}
column() { # FILE NAME: the sum of a column of rows
	awk -F, -v name="$2" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) at = i } NR > 1 { sum += $at }
		END { print sum + 0 }' "$1"
}
near() { # VALUE EXPECTED: a run has some faults more or less than another
	[ "$1" -gt $(($2 - 20)) ] && [ "$1" -lt $(($2 + 20)) ] || { echo "$1 is not about $2"; return 1; }
}

# --- on top, what it means ---
"$TRACE" -o "$work/table" "$BUILD/bench/random_mixed" 1000 256 42 >/dev/null
check "the words come before the rows" sh -c "awk '/^In words/ { words = NR } /^REGION/ { rows = NR } END { exit !(words && words < rows) }' '$work/table'"

# --- the same run, other rows ---
"$TRACE" --format json -o "$work/json" "$BUILD/bench/random_mixed" 1000 256 42 >/dev/null
for by in region detail process; do
	"$TRACE" --by $by --format csv -o "$work/csv" "$BUILD/bench/random_mixed" 1000 256 42 >/dev/null
	"$TRACE" --by $by --format json -o "$work/rows" "$BUILD/bench/random_mixed" 1000 256 42 >/dev/null
	check "--by $by: JSON's rows add up to its total" python3 - "$work/rows" <<'END'
import json, sys
report = json.load(open(sys.argv[1]))
assert report["schema"] == "hakmem-groups/1" and report["left_out"] == 0
for name in ("faults", "zeroed_bytes"):
    assert sum(row[name] for row in report["rows"]) == report["totals"][name] > 0, name
END
	check "--by $by: CSV has about as many, of another run" near "$(column "$work/csv" faults)" \
		"$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["totals"]["faults"])' "$work/json")"
	"$TRACE" --by $by -o "$work/table" "$BUILD/bench/random_mixed" 1000 256 42 >/dev/null
	check "--by $by: a table of it" grep -Eq '^ *(REGION|PROCESS) .* FAULTS ' "$work/table"
done
"$TRACE" --by detail --top 2 --format csv -o "$work/csv" "$BUILD/bench/random_mixed" 1000 256 42 >/dev/null
check "--top 2: two rows" equal "$(wc -l <"$work/csv")" 3
"$TRACE" --by detail --top 2 -o "$work/table" "$BUILD/bench/random_mixed" 1000 256 42 >/dev/null
check "--top 2: a table says how many more there are" grep -Eq '^\([0-9]+ more\) ' "$work/table"
"$TRACE" --by detail --value zeroed --format csv -o "$work/csv" "$BUILD/bench/random_mixed" 1000 256 42 >/dev/null
check "--value zeroed: in that order" sh -c "tail -n +2 '$work/csv' | cut -d, -f10 | sort -rnc"

# --- over time: the slices are the whole ---
"$TRACE" --by time --interval 0.1 --format json -o "$work/rows" sh -c 'for i in 1 2 3; do /bin/true; sleep 0.1; done'
check "--by time: slices follow each other, and are the whole" python3 - "$work/rows" <<'END'
import json, sys
report = json.load(open(sys.argv[1]))
rows = report["rows"]
assert len(rows) >= 3, len(rows)
assert rows[0]["start_ns"] == 0
assert all(a["end_ns"] == b["start_ns"] for a, b in zip(rows, rows[1:]))
assert sum(row["faults"] for row in rows) == report["totals"]["faults"] > 300
END
"$TRACE" --by time --interval 0.1 -o "$work/table" sh -c 'for i in 1 2 3; do /bin/true; sleep 0.1; done'
check "--by time: a table with bars" grep -q '^0 s to .* #### *' "$work/table"
check "--by time: the head is there, and no report of an interval" equal "$(grep -c '^hakmem-trace: ' "$work/table") $(grep -c '^kernel ' "$work/table")" "1 1"

# --- a part of the run ---
"$TRACE" --format csv -o "$work/all" "$BUILD/bench/random_mixed-hakmem" 1000 256 42 >/dev/null
"$TRACE" --region allocator --format csv -o "$work/part" "$BUILD/bench/random_mixed-hakmem" 1000 256 42 >/dev/null
check "--region: only its rows" equal "$(awk -F, '$1 == "region" { print $2 }' "$work/part" | sort -u)" allocator
check "--region: the total is theirs" equal "$(awk -F, '$1 == "total" { print $4 }' "$work/part")" "$(faults "$work/part" allocator)"
check "--region: about as many as in a whole" near "$(faults "$work/part" allocator)" "$(faults "$work/all" allocator)"
check "--region: phases, too" equal "$(awk -F, '$1 == "phase" && $3 == "" { sum += $4 } END { print sum }' "$work/part")" "$(faults "$work/part" allocator)"
check "--region: what the kernel counts of the whole is not said of it" equal "$(counter "$work/part" rusage_minflt)" ""
"$TRACE" --region allocator --detail 'class *' -o "$work/table" "$BUILD/bench/random_mixed-hakmem" 1000 256 42 >/dev/null
check "--detail: the head says that it is a part" grep -Eq '^only region allocator, detail class \* \| [0-9]+ of the run.s [0-9]+ faults' "$work/table"
check "--detail: the words say it, too" grep -q '^In words, of what is shown: 100 % of the faults are in the allocator' "$work/table"
"$TRACE" --phase 'before main' --format csv -o "$work/part" "$BUILD/bench/random_mixed-hakmem" 1000 256 42 >/dev/null
check "--phase: that part alone" equal "$(awk -F, '$1 == "total" { print $4 }' "$work/part")" "$(awk -F, '$1 == "phase" && $2 == "before main" && $3 == "" { print $4 }' "$work/part")"
"$TRACE" --by process --process 'slee?' --format json -o "$work/rows" sh -c '/bin/true; sleep 0.01; sleep 0.01'
check "--process: of their own rows" python3 - "$work/rows" <<'END'
import json, sys
report = json.load(open(sys.argv[1]))
assert [row["comm"] for row in report["rows"]] == ["sleep", "sleep"], report["rows"]
assert sum(row["faults"] for row in report["rows"]) == report["totals"]["faults"]
END

# --- colours ---
"$TRACE" --color always -o "$work/coloured" true
"$TRACE" -o "$work/plain" true
check "--color always: there are some" grep -q "$(printf '\033\\[1mREGION')" "$work/coloured"
check "a file has none" equal "$(grep -c "$(printf '\033')" "$work/plain")" 0
check "other formats never have any" sh -c "'$TRACE' --color always --format csv -o '$work/csv' true && ! grep -q '$(printf '\033')' '$work/csv'"
if command -v script >/dev/null; then
	on_terminal() { env "$1" TERM=xterm script -qec "'$TRACE' $2 true" /dev/null | grep -c "$(printf '\033\\[1m')"; }
	check "a terminal has some" equal "$(on_terminal A=1 '')" 1
	check "not with NO_COLOR" equal "$(on_terminal NO_COLOR=1 '')" 0
	check "an empty NO_COLOR is none" equal "$(on_terminal NO_COLOR= '')" 1
	check "not with --color never" equal "$(on_terminal A=1 '--color never')" 0
fi
conclude
