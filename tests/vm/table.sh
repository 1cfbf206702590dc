#!/bin/sh
# Makes docs/kernels.md, the outcome of the truth test on each kernel of tests/vm/kernels. What was run last is in
# $BUILD/test-results/vm-NAME.log and replaces NAME's line in docs/kernels.csv; the lines of kernels that were not run stay.
# Usage: tests/vm/table.sh
# SPDX-License-Identifier: MIT
set -eu
cd "$(dirname "$0")/../.."

BUILD=${BUILD:-build}
csv=docs/kernels.csv
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# One line of CSV from a test's log; nothing from one that did not come to the truth test's last line.
line_of() { # NAME RUNG LOG
	awk -v name="$1" -v rung="$2" -v day="$(date -u -r "$3" +%Y-%m-%d)" '
		/^kernel: / { package = $2; sub(/^linux-(image|binary)-/, "", package) }
		/^kernel .*init_on_alloc/ { zero = $NF; if (match($0, /init_on_alloc [a-z]+/)) zero = substr($0, RSTART + 14, RLENGTH - 14) }
		/^  (faults|fault time|zeroing|zeroing time)  / { by = $NF; key = $0; sub(/^  /, "", key); sub(/  .*/, "", key); uses[key] = by }
		/^FAIL / { failing = failing (failing == "" ? "" : " ") $2 }
		/^[0-9]+ passed, [0-9]+ failed$/ { passed = $1; failed = $3 }
		END {
			if (package != "" && passed != "")
				printf "%s,%s,%s,%s,%s,%s,%s,%s,%d,%d,%s,%s\n", name, package, zero, rung, uses["faults"], uses["fault time"],
					uses["zeroing"], uses["zeroing time"], passed, failed, failing, day
		}' "$3"
}

awk '!/^#/ && NF { print $2, $4 }' tests/vm/kernels | while read -r name rung; do
	log=$BUILD/test-results/vm-$name.log
	line=
	[ ! -e "$log" ] || line=$(line_of "$name" "$rung" "$log")
	if [ -n "$line" ]; then
		echo "$line"
	elif [ -e $csv ]; then
		grep "^$name," $csv || true
	fi
done >"$work/lines"
{
	echo "name,kernel,init_on_alloc,rung,faults,fault_time,zeroing,zeroing_time,passed,failed,failing,day"
	cat "$work/lines"
} >"$work/csv"
cp "$work/csv" $csv

{
	cat <<'END'
# Kernels

The truth test (tests/system/truth.sh: every region within 1 % or 3 faults, the sum exact) on each kernel that Debian has, in a
virtual machine. Made by `make test-matrix` (tests/vm/table.sh) from [kernels.csv](kernels.csv). *Rung* is what hakmem-trace was told
to use; *best* is what it would choose there by itself for faults and for zeroing.

| kernel | init_on_alloc | rung | best | cases passed | failed | day |
| --- | --- | --- | --- | --- | --- | --- |
END
	awk -F, '{ printf "| %s (%s) | %s | %s | %s, %s | %d | %s | %s |\n", $2, $1, $3, $4, $5 == "" ? "n/a" : $5, $7 == "" ? "n/a" : $7, $9,
		$10 ? $10 ": " $11 : "0", $12 }' "$work/lines"
} >docs/kernels.md
echo "docs/kernels.md: $(wc -l <"$work/lines") kernels"
