#!/bin/sh
# Makes docs/kernels.md, what each kernel of the matrix in tests/vm/kernels gave in its virtual machine. What was run last is in
# $BUILD/test-results/vm-NAME.log and replaces NAME's lines in docs/kernels.csv; the lines of kernels that were not run stay.
# In docs/verifier.csv it replaces the lines of its series, 6.1 say.
# Usage: tests/vm/table.sh
# SPDX-License-Identifier: MIT
set -eu
cd "$(dirname "$0")/../.."

BUILD=${BUILD:-build}
csv=docs/kernels.csv
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Lines of CSV from a test's log, one a test and rung; none from one that did not come to its last test's end. The truth test
# ends with `N passed, N failed`; the others have a line a check. doctor's words tell what hakmem-trace chooses there.
lines_of() { # NAME RUNG LOG
	awk -v name="$1" -v rung="$2" -v day="$(date -u -r "$3" +%Y-%m-%d)" '
		function what(line) {
			sub(/^FAIL +/, "", line)
			if (test == "truth")
				sub(/ .*/, "", line)
			gsub(/,/, " ", line)
			return line
		}
		function finish() {
			if (test != "")
				lines[++count] = test "," rung "," passed + 0 "," failed + 0 "," failing
			test = failing = ""
			passed = failed = 0
		}
		BEGIN { test = rung == "all" ? "" : "truth" }
		/^kernel: / { package = $2; sub(/^linux-(image|binary)-/, "", package) }
		match($0, /init_on_alloc [a-z]+/) && zero == "" { zero = substr($0, RSTART + 14, RLENGTH - 14) }
		/^  (faults|fault time|zeroing|zeroing time)  / { key = $0; sub(/^  /, "", key); sub(/  .*/, "", key); uses[key] = $NF }
		/^== / { finish(); test = $2 == "none" ? "" : $2; rung = $3 }
		test != "" && /^ok / { passed++ }
		test != "" && /^FAIL / { failed++; failing = failing (failing == "" ? "" : "; ") what($0) }
		/^[0-9]+ passed, [0-9]+ failed$/ && rung != "all" { complete = 1 }
		/^== none breakpoint/ { first = 1; kept = count }
		/^== perf / { complete = first }
		/^vm: the kernel panicked/ { count = kept; test = "" }
		END {
			finish()
			best = uses["faults"] "/" uses["zeroing"]
			for (i = 1; complete && i <= count; i++)
				print name "," package "," zero "," (best == "/" ? "" : best) "," lines[i] "," day
		}' "$3"
}

awk '$1 == "matrix" { print $2, $4 }' tests/vm/kernels | while read -r name rung; do
	log=$BUILD/test-results/vm-$name.log
	: >"$work/new"
	[ ! -e "$log" ] || lines_of "$name" "$rung" "$log" >"$work/new"
	if [ -s "$work/new" ]; then
		cat "$work/new"
	elif [ -e $csv ]; then
		grep "^$name," $csv || true
	fi
done >"$work/lines"
{
	echo "name,kernel,init_on_alloc,best,test,rung,passed,failed,failing,day"
	cat "$work/lines"
} >"$work/csv"
cp "$work/csv" $csv

# What the verifier walked, from the logs of those that were run to the end.
awk -F, 'NR > 1' docs/verifier.csv >"$work/verifier"
cut -d, -f1 "$work/lines" | sort -u | while read -r name; do
	log=$BUILD/test-results/vm-$name.log
	[ -e "$log" ] || continue
	sed -nE 's/^(ok|FAIL) +([0-9]+[.][0-9]+,[a-z_]+,[0-9]+)$/\2/p' "$log" >"$work/walked"
	[ -s "$work/walked" ] || continue
	series=$(head -n 1 "$work/walked" | cut -d, -f1)
	{
		awk -F, -v series="$series" '$1 != series' "$work/verifier"
		cat "$work/walked"
	} >"$work/renewed"
	mv "$work/renewed" "$work/verifier"
done
{
	echo "kernel,program,instructions"
	sort -t, -k1,1V -k2,2 "$work/verifier"
} >docs/verifier.csv

{
	cat <<'END'
# Kernels

What each kernel that Debian has gave in a virtual machine. Made by `make test-matrix` (tests/vm/table.sh) from
[kernels.csv](kernels.csv).

- *Truth* is the truth test (tests/system/truth.sh: the sum exact, every region within 1 % or 3 faults) on the rung that is
  named; with breakpoints, which tell of zeroing only, its causes.
- *Swap* has pages come back from swap space.
- *Zeroing* (tests/system/zeroing.sh) compares counted zeroed pages with what is known to be cleared, within 0.5 % or 8 pages.
- *Verifier* loads every program that the kernel allows and bounds what its verifier walks ([verifier.csv](verifier.csv)).
- *Skipped* has programs preempted in the middle of hooks (tests/vm/skipped.sh), where the kernel does that.
- *Assist* has the daemon tell a process what its memory costs (tests/vm/assist.sh).
- *Perf* is the rung without BPF.

Each cell has how many checks passed, of how many; an empty one was not run, mostly because that rung does not work there. The
cases of a cell share one start of the tracer, which takes seconds under emulation (tests/system/special/trace_each.c).
In rows where the second and third rung have half the first one's cases of truth, only those were tried on them then.
*Best* is what hakmem-trace chooses by itself for faults and for zeroing.

END
	awk -F, '
		BEGIN {
			columns = split("truth/full truth/kprobe truth/tracepoint truth/breakpoint swap/full swap/kprobe swap/tracepoint zeroing/exact zeroing/full zeroing/kprobe zeroing/breakpoint zeroing/tracepoint skipped/full skipped/tracepoint verifier/verifier assist/assist perf/perf", column, " ")
			printf "| kernel | init_on_alloc | best |"
			for (i = 1; i <= columns; i++) { title = column[i]; sub("/", " ", title); sub("perf perf", "perf", title); sub("verifier verifier", "verifier", title); sub("assist assist", "assist", title); printf " %s |", title }
			printf " day |\n| --- | --- | --- |"
			for (i = 1; i <= columns; i++) printf " --- |"
			print " --- |"
		}
		!($1 in seen) { seen[$1] = 1; order[++names] = $1; kernel[$1] = $2; zero[$1] = $3; best[$1] = $4; day[$1] = $10 }
		{
			cell[$1, $5 "/" $6] = $7 " of " $7 + $8
			if ($8)
				bad[++bads] = "- " $1 ", " $5 " " $6 ": " $9
		}
		END {
			for (n = 1; n <= names; n++) {
				name = order[n]
				printf "| %s (%s) | %s | %s |", kernel[name], name, zero[name] == "" ? "as built" : zero[name], best[name]
				for (i = 1; i <= columns; i++)
					printf " %s |", cell[name, column[i]]
				print " " day[name] " |"
			}
			if (bads)
				print "\nFailed:\n"
			for (i = 1; i <= bads; i++)
				print bad[i]
		}' "$work/lines"
} >docs/kernels.md
echo "docs/kernels.md: $(cut -d, -f1 "$work/lines" | sort -u | wc -l) kernels"
