#!/bin/sh
# SPDX-License-Identifier: MIT
# The matrix of libhakmem's levers: nine rows, each what its name says, and a sentence on which lever matters.
. "$(dirname "$0")/check.inc"

work_of="$BUILD/bench/random_mixed 20000 256 42"
says() { # NAME WORDS
	tr -s '\n ' ' ' <"$work/$1" | grep -qF -- "$2" || { cat "$work/$1"; return 1; }
}

"$TRACE" matrix --runs 12 --traced 2 --format json -- $work_of >"$work/matrix.json" 2>"$work/err"
check "status 0" equal $? 0
check "nine rows, whose faults and zeroed bytes are those of their levers" python3 - "$work/matrix.json" <<'END'
import json, sys
experiment = json.load(open(sys.argv[1]))
assert experiment["schema"] == "hakmem-experiment/1" and len(experiment["arms"]) == 9
rows = {(row["thp"], row["prefault"]): row for row in experiment["matrix"]["rows"]}
assert len(rows) == 9
value = lambda thp, prefault, name: rows[thp, prefault][name]["value"]
pages = 512
assert value("off", "populate", "faults") > value("off", "off", "faults") + pages / 2, rows
assert value("off", "populate", "zeroed_bytes") > value("off", "off", "zeroed_bytes") + 1.5 * 2**20, rows
assert value("off", "populate", "zeroed_bytes") < value("off", "off", "zeroed_bytes") + 3 * 2**20, rows
assert value("off", "touch", "faults") > value("off", "off", "faults"), rows
for row in rows.values():
    for name in ("faults", "zeroed_bytes", "wall_s", "speedup"):
        low, high = row[name]["interval"]
        assert low <= row[name]["value"] <= high, (name, row)
assert value("off", "off", "speedup") == 1
words = experiment["matrix"]["words"]
assert "In minor faults, as ratios to off/off:" in words and "off/populate more (" in words, words
cycles = [row["cycles"]["value"] for row in rows.values()]
assert all(cycle is None for cycle in cycles) == (experiment["not_counted"] is not None), cycles
END

"$TRACE" matrix --runs 2 --traced 0 -o "$work/table" -- "$BUILD/bench/startup-hakmem" 2>"$work/err"
check "the table: status 0, nothing on stderr" equal "$?$(cat "$work/err")" 0
check "the table has nine rows" equal "$(grep -cE '^(off|auto|on) +(off|populate|touch) ' "$work/table")" 9
check "too few runs are said so" says table "There are too few runs to tell whether a lever makes a difference in wall time: with 8 rows to correct for, 11 of each are the least."
check "nothing is preloaded into what has libhakmem" equal "$(grep -c preloaded "$work/table")" 0

wrong() { # NAME STATUS WORDS OPTION...
	name=$1 status=$2 words=$3
	shift 3
	"$TRACE" matrix "$@" >"$work/out" 2>"$work/err"
	check "$name: status" equal $? "$status"
	check "$name: one line" equal "$(wc -l <"$work/err")" 1
	check "$name: names it" grep -qF -- "$words" "$work/err"
}

wrong "no command" 2 "no command given"
wrong "an arm" 2 "matrix has no option --arm" --arm a -- true
wrong "a library that doesn't know the levers" 1 "does not understand HAKMEM_THP" --preload "$BUILD/tests/system/truth_library.so" -- true
conclude
