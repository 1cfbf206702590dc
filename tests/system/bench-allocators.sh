#!/bin/sh
# The allocator suite (bench/allocators.sh), with workloads too small to mean anything: bad options are refused, every
# workload runs, its tables, JSON, CSV and charts parse and agree, an allocator that crashes or computes something else is
# shown, and the statistics give the values of published tables. No test here measures time.
# beside: anything
# time-out: 600
# SPDX-License-Identifier: MIT
set -u
BUILD=${BUILD:-build}
SUITE=bench/suite
# shellcheck source=tests/system/bench.inc
. tests/system/bench.inc
unset PEERS BENCH_THP

refuses allocators.sh "unknown option '--foo'" --foo
refuses allocators.sh "--rounds needs a value" --rounds
refuses allocators.sh "not 'x'" --rounds x
refuses allocators.sh "not '0'" --race 0
refuses allocators.sh "no workload 'nothing'" --only nothing
refuses allocators.sh "no allocator 'nothing'" --allocators nothing
bench/allocators.sh --help | grep -q '^Usage: bench/allocators.sh'
check "help" $?
BENCH_THP=sometimes bench/allocators.sh --quick -o "$work/none" 2>"$work/err"
[ $? -eq 2 ] && grep -q "not 'sometimes'" "$work/err"
check "BENCH_THP=sometimes" $?

# statistics WORDS EXPECTED: what an awk program over statistics.awk prints.
statistics() {
	printed=$(awk "$(cat $SUITE/statistics.awk) BEGIN { $1 }")
	[ "$printed" = "$2" ]
	check "statistics: $1 prints '$printed', not '$2'" $?
}
# One more than the tabulated critical values of Wilcoxon's signed-rank test at 0.05, two-sided; none below six values.
statistics 'print outside(5), outside(6), outside(8), outside(10), outside(20)' '0 1 4 9 53'
statistics 'split("3 1 2", a, " "); print median(a, 3)' 2
statistics 'split("4 1 2 3", a, " "); print median(a, 4)' 2.5
statistics 'for (i = 1; i <= 6; i++) a[i] = log(i); paired(a, 6, r); printf "%.3f %.3f %.3f", r["value"], r["low"], r["high"]' '3.162 1.000 6.000'
statistics 'a[1] = 0; paired(a, 1, r); print r["value"], r["low"], r["high"]' '1 n/a n/a'

# Every workload, against an allocator that crashes on the large ones.
mkdir "$work/peers"
cp "$BUILD/tests/system/crashing_malloc.so" "$work/peers/crashing.so"
echo "not a library" >"$work/peers/broken.so"
PEERS=$work/peers bench/allocators.sh --quick --allocators glibc,crashing -o "$work/results" >"$work/report" 2>"$work/err"
check "the suite with --quick: $(tail -n 3 "$work/err")" $?
grep -q 'broken.so is left out' "$work/err"
check "a library that can't be preloaded is not reported" $?
cmp -s "$work/report" "$work/results/report.md"
check "what is printed is not report.md" $?

while read -r workload rest; do
	case $workload in '' | '#'*) continue ;; esac
	grep -q "^## $workload\$" "$work/report" || grep -q "^Not run here: $workload: " "$work/report"
	check "$workload ($rest) is not in the report" $?
done <$SUITE/workloads
awk -F '\t' '$4 ~ /^(glibc|hakmem)/ && $5 != "ok" { print; wrong = 1 } END { exit wrong }' "$work/results/runs.tsv"
check "runs above failed" $?
awk -F '\t' '$5 == "ok" { key = $3; if (!(key in sum)) sum[key] = $14; if (sum[key] != $14) { print; wrong = 1 } } END { exit wrong }' \
	"$work/results/runs.tsv"
check "checksums above differ from another allocator's" $?
grep -q '^| crashing \*\*signal:11\*\* | 0 | n/a |' "$work/report"
check "the crash is not in the table" $?
awk -F, 'NR == 1 { columns = NF } NF != columns { exit 1 }' "$work/results/runs.csv"
check "runs.csv is ragged" $?

cat >"$work/parse.py" <<'PYTHON'
import csv, json, sys, xml.dom.minidom
folder = sys.argv[1]
results = json.load(open(folder + "/results.json"))
assert results["schema"] == "hakmem-bench/1", results["schema"]
for table in "runs", "figures", "summary", "claims":
    rows = list(csv.DictReader(open(f"{folder}/{table}.csv")))
    assert len(rows) == len(results[table]) > 0, table
    for row, member in zip(rows, results[table]):
        assert list(row) == list(member), table
        for name, text in row.items():
            value = member[name]
            assert (value is None) == (text == "n/a"), (table, name, value, text)
            assert value is None or str(value) == text or float(value) == float(text), (table, name, value, text)
bad = [run for run in results["runs"] if run["outcome"] == "ok" and not run["peak_kib"] > 0]
assert not bad, bad
crashed = [row for row in results["summary"] if row["allocator"] == "crashing" and row["outcome"] != "ok"]
assert crashed and all(row["seconds"] is None for row in crashed), crashed
times = [claim for claim in results["claims"] if claim["claim"] == "time"]
assert times and all(claim["verdict"] is None for claim in times), "one round can't judge"
for chart in "time", "peak", "rest", "faults":
    drawn = xml.dom.minidom.parse(f"{folder}/{chart}.svg")
    bars = len(drawn.getElementsByTagName("title"))
    assert bars > len(times), (chart, bars)
PYTHON
python3 "$work/parse.py" "$work/results"
check "the results don't parse or don't agree" $?

# Huge pages off, for all alike.
BENCH_THP=never bench/allocators.sh --quick --only startup --allocators glibc -o "$work/never" 2>/dev/null | grep -q 'huge pages: never'
check "BENCH_THP=never" $?

# An allocator under which a program computes something else is shown as that.
awk -F '\t' -v OFS='\t' '$3 == "larson" && $4 == "hakmem" { $14 = "1234" } { print }' "$work/results/runs.tsv" >"$work/runs"
cp "$work/runs" "$work/results/runs.tsv"
bench/suite/report.sh "$work/results" | grep -q '^| hakmem \*\*other-result\*\* '
check "another checksum is not in the table" $?
[ $failed -eq 0 ] && echo "ok   the allocator suite: $(wc -l <"$work/results/runs.tsv") runs"
exit $failed
