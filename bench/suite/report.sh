#!/bin/sh
# Makes the reports of what bench/allocators.sh measured: report.md (also printed), results.json, summary.csv, runs.csv and
# charts. Usage: bench/suite/report.sh FOLDER
# SPDX-License-Identifier: MIT
set -eu
suite=$(dirname "$0")
[ $# -eq 1 ] && [ -e "$1/runs.tsv" ] || { echo "report.sh: give the folder of bench/allocators.sh's results" >&2 && exit 2; }
cd "$1"
suite=$(cd "$OLDPWD" && cd "$suite" && pwd)

awk -f "$suite/statistics.awk" -f "$suite/summary.awk" -v summary=summary.tsv -v claims=claims.tsv \
	figures.tsv judged.tsv runs.tsv
for table in runs figures summary claims; do
	awk -f "$suite/csv.awk" $table.tsv >$table.csv
done
awk -f "$suite/json.awk" -v schema=hakmem-bench/1 machine.tsv summary.tsv claims.tsv figures.tsv runs.tsv >results.json
awk -f "$suite/statistics.awk" -f "$suite/markdown.awk" machine.tsv summary.tsv claims.tsv figures.tsv "$suite/reasons" >report.md
awk -f "$suite/chart.awk" -v what=of_fastest -v title="Time, the fastest peer's being 1" summary.tsv >time.svg
awk -f "$suite/chart.awk" -v what=peak_kib -v title="Peak resident memory, the smallest being 1" summary.tsv >peak.svg
awk -f "$suite/chart.awk" -v what=rest_kib -v title="Resident after two seconds of rest, the smallest being 1" summary.tsv >rest.svg
awk -f "$suite/chart.awk" -v what=faults -v title="Page faults, the fewest being 1" summary.tsv >faults.svg
cat report.md
