#!/bin/sh
# bench/programs.sh, with little input: bad options are refused; perl and gcc run with each allocator, are reached by it and print
# the same; an allocator with which a program prints something else or crashes is shown as that, and so is a program that is
# not installed or fails anyway. No test here measures time.
# SPDX-License-Identifier: MIT
# beside: anything
set -u
BUILD=${BUILD:-build}
# shellcheck source=tests/system/bench.inc
. tests/system/bench.inc
unset PEERS BENCH_THP

has() { # FILE LINE: a line that begins so
	awk -v line="$2" 'index($0, line) == 1 { found = 1 } END { exit !found }' "$1"
	check "no line '$2' in: $(cat "$1")" $?
}
refuses programs.sh "unknown option '--foo'" --foo
refuses programs.sh "--rounds needs a value" --rounds
refuses programs.sh "not '0'" --rounds 0
refuses programs.sh "not 'many'" --rounds many
refuses programs.sh "no program 'nothing'" --only nothing
refuses programs.sh "no allocator 'nothing'" --allocators nothing
refuses programs.sh "is no folder" --programs "$work/nothing"
bench/programs.sh --help | grep -q '^Usage: bench/programs.sh'
check "help" $?
bench/programs.sh --list >"$work/list"
for program in bench/programs/*.inc; do
	grep -q "^  $(basename "$program" .inc) .* [a-z]" "$work/list"
	check "$program is not in the list, or without a purpose" $?
done

# Real ones.
real=
for program in perl gcc; do
	! command -v $program >/dev/null || real=$real,$program
done
bench/programs.sh --quick --only "$real" --allocators glibc -o "$work/real" >"$work/report" 2>"$work/err"
check "programs.sh --quick: $(tail -n 3 "$work/err")" $?
cmp -s "$work/report" "$work/real/report.md"
check "what is printed is not report.md" $?
awk -F '\t' 'NR > 1 && ($4 != "ok" || $5 <= 0 || $8 <= 0 || $9 <= 0) { print; wrong = 1 } END { exit wrong || NR < 4 }' \
	"$work/real/runs.tsv"
check "runs above failed, or cost nothing" $?
# A small compile and a small perl program take thousands of blocks: the compiler proper is reached, too.
awk -F '\t' 'NR > 1 && $5 < 5000 { print; wrong = 1 } END { exit wrong || NR < 2 }' "$work/real/programs.tsv"
check "libhakmem is not reached by the programs above" $?

# Made ones, each with an outcome of its own.
mkdir "$work/made" "$work/peers"
cp "$BUILD/tests/system/crashing_malloc.so" "$work/peers/crashing.so"
made() { # NAME, and the file without its head on standard input
	{
		printf '# SPDX-License-Identifier: MIT\n# a program that is %s\n' "$1"
		cat
	} >"$work/made/$1.inc"
}
made telling <<'END'
needs=sh
set_up() {
	printf 'case $LD_PRELOAD in *libhakmem*) echo I see it ;; esac\n' >"$1/telling"
	line="sh $1/telling"
}
END
# The difference is in a file that it leaves.
made leaving <<'END'
set_up() {
	printf 'echo "$LD_PRELOAD" >"$1/left"' >"$1/leaving"
	line="sh $1/leaving $folder"
}
after_run() { grep -c libhakmem "$folder/left"; }
END
# Right with crashing the first time only.
made sometimes <<'END'
set_up() {
	printf 'case $LD_PRELOAD in *crashing*) [ ! -e "$1/ran" ] || echo again; : >"$1/ran" ;; esac' >"$1/sometimes"
	line="sh $1/sometimes $1"
}
END
made absent <<'END'
needs='sh no-such-program'
packages='no-such-package'
set_up() { touch "$work/was-set-up"; }
END
made failing <<'END'
set_up() { line="sh -c exit\${IFS}3"; }
meanwhile() { while :; do sleep 0.1; done; }
END
# Prints its process number and the time, which is taken out; its input is new in each run, and it leaves a file.
made hooked <<'END'
needs=perl
set_up() {
	printf 'set -e; read -r word <"$1/input"; echo "$word" >>"$1/input"; cat "$1/input" >"$1/output"; echo pid $$; : >"$1/ready"' >"$1/hooked"
	printf '; until [ -e "$1/done" ]; do sleep 0.01; done; exec perl -e "print length join q(,), 1..200000"\n' >>"$1/hooked"
	line="sh $1/hooked $folder"
}
before_run() { echo new >"$folder/input"; }
meanwhile() {
	until [ -e "$folder/ready" ]; do sleep 0.01; done
	echo "beside, preloaded: ${LD_PRELOAD:-nothing}"
	echo "figure: visits: 7 1/s"
	: >"$folder/done"
}
after_run() { sed 's/^/left: /' "$folder/output"; }
normalise() { sed 's/^pid .*/pid/'; }
version() { echo "hooked 1"; }
END
PEERS=$work/peers bench/programs.sh --quick --rounds 2 --programs "$work/made" --allocators glibc,crashing -o "$work/results" >"$work/report" 2>"$work/err"
check "made programs: $(tail -n 3 "$work/err")" $?
outcome() { # PROGRAM ALLOCATOR OUTCOME
	is=$(awk -F '\t' -v program="$1" -v arm="$2" '$1 == program && $2 == arm { print $3 }' "$work/results/summary.tsv")
	[ "$is" = "$3" ]
	check "$1 with $2 is '$is', not '$3'" $?
}
outcome telling glibc ok
outcome telling hakmem other-output
outcome telling hakmem-again other-output
grep -q '^+I see it' "$work/results/telling-hakmem-1.diff"
check "the difference of the output is not kept" $?
outcome leaving glibc ok
outcome leaving hakmem other-output
outcome leaving crashing ok
outcome sometimes hakmem ok
outcome sometimes crashing other-output
has "$work/report" '| crashing **other-output** | 1 | n/a | n/a | n/a |'
has "$work/report" '| hakmem **other-output** | 0 | n/a | n/a | n/a |'
has "$work/report" '| telling | **other-output** | **other-output** |'
has "$work/report" '- **telling with hakmem: other-output**'
outcome absent glibc ''
! grep -q 'absent with' "$work/report"
check "a program that did not run is among what went wrong" $?
has "$work/report" '- absent: n/a, not installed: no-such-program (apt-get install no-such-package)'
has "$work/report" 'n/a: not installed: no-such-program'
outcome failing glibc ''
has "$work/report" "- failing: n/a, fails with glibc's malloc: exit:3"
outcome hooked glibc ok
outcome hooked hakmem ok
outcome hooked crashing signal:11
has "$work/report" '| hooked | 1'
has "$work/report" '| allocator | runs | time, s | to glibc | to the fastest | user, s | system, s | peak, MiB | faults | visits, 1/s |'
has "$work/report" '4 of 6 programs ran, and these went wrong:'

cat >"$work/parse.py" <<'PYTHON'
import csv, json, sys
folder = sys.argv[1]
results = json.load(open(folder + "/results.json"))
assert results["schema"] == "hakmem-programs/1", results["schema"]
for table in "programs", "runs", "figures", "summary":
    rows = list(csv.DictReader(open(f"{folder}/{table}.csv")))
    assert len(rows) == len(results[table]) > 0, table
    for row, member in zip(rows, results[table]):
        assert list(row) == list(member), table
        assert all((member[name] is None) == (text == "n/a") for name, text in row.items()), (table, row)
figures = {(row["workload"], row["allocator"]): row["value"] for row in results["figures"]}
assert figures["hooked", "hakmem"] == 7, figures
wrong = [row for row in results["summary"] if row["outcome"] != "ok"]
assert wrong and all(row["seconds"] is None and row["of_glibc"] is None for row in wrong), wrong
PYTHON
python3 "$work/parse.py" "$work/results"
check "the results don't parse or don't agree" $?
[ $failed -eq 0 ] && echo "ok   real programs:$(echo "$real" | tr , ' '), and made ones"
exit $failed
