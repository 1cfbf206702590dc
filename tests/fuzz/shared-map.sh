#!/bin/sh
# A process that lies in its range map, on the cost socket, in the cost map and in its names (adversary.c) runs beside an
# honest one in the same trace. The loader must live, its reports be well-formed, and the honest one's rows be exact.
# Usage: shared-map.sh [SEED...]
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/../system/check.inc"

command -v python3 >/dev/null || { echo "python3 is not installed"; exit 77; }
adversary=$BUILD/tests/fuzz/adversary
honest=$BUILD/tests/system/truth_churn
HAKMEM_THP=off
export HAKMEM_THP

# Both at once; the honest one again and again until the other ends.
both='"$0" "$1" 3 & other=$!; rounds=0
while kill -0 $other 2>/dev/null; do "$2" reused >"$3" || exit 9; rounds=$((rounds + 1)); done
wait $other || exit 8; echo $rounds >"$3.rounds"'

trace() { # SEED FORMAT
	"$TRACE" --preload hakmem --format "$2" -o "$work/$2" -- sh -c "$both" "$adversary" "$1" "$honest" "$work/honest" \
		2>"$work/words"
	status=$?
	[ $status -eq 0 ] || { echo "exit status $status"; cat "$work/words"; return 1; }
	same "$work/words" /dev/null
}

exact() { # the honest one's rows and every process of it, from the JSON
	python3 - "$work/json" "$work/honest" <<'PYTHON'
import json, sys
report = json.load(open(sys.argv[1]))
lines = [line.split() for line in open(sys.argv[2])]
rounds = int(open(sys.argv[2] + ".rounds").read())
rows = {(row["region"], row["detail"]): row["faults"] for row in report["regions"]}
totals, wrong = report["totals"], []
for word, region, detail, faults in (line for line in lines if line[0] == "expect"):
    got, wanted = rows.get((region, detail.replace("~", " ")), 0), int(faults) * rounds
    print(region, detail, got, wanted)
    if abs(got - wanted) > max(3, wanted / 100):
        wrong.append(f"{region} {detail}: {got}, not {wanted}")
own = sum(map(int, next(line for line in lines if line[0] == "rusage")[1:]))
honest = [p["faults"] for p in report["processes"] if p["comm"] == "truth_churn"]
if len(honest) != rounds or any(abs(faults - own) > max(20, own / 100) for faults in honest):
    wrong.append(f"{rounds} honest processes of {own} faults each have {honest}")
if totals["faults"] != totals["rusage_minflt"] + totals["rusage_majflt"] or totals["faults"] != sum(rows.values()):
    wrong.append(f"total {totals['faults']}, charged {totals['rusage_minflt']} + {totals['rusage_majflt']}, rows {sum(rows.values())}")
if totals["unseen"] > 3:
    wrong.append(f"unseen {totals['unseen']}")
print(*wrong, sep="\n")
sys.exit(bool(wrong))
PYTHON
}

csv_is_whole() {
	python3 - "$work/csv" <<'PYTHON'
import csv, sys
rows = list(csv.reader(open(sys.argv[1], errors="surrogateescape", newline="")))
widths = {len(row) for row in rows}
print(widths, len(rows))
sys.exit(len(rows) < 5 or len(widths) > 1 or any(row[0] not in ("region", "phase", "purger", "total", "counter", "process", rows[0][0]) for row in rows))
PYTHON
}

printable() { # no byte in it moves a cursor or changes a colour
	! LC_ALL=C grep -nP '[\x00-\x08\x0b-\x1f\x7f]' "$1"
}

[ $# -gt 0 ] || set -- 1 2 3
for seed; do
	check "seed $seed: the report comes" trace "$seed" json
	check "seed $seed: the honest process's rows are exact" exact
done
check "seed $1: a table comes" trace "$1" table
check "seed $1: the table is plain text" printable "$work/table"
check "seed $1: CSV comes" trace "$1" csv
check "seed $1: every line of it has the same columns" csv_is_whole
conclude
