#!/bin/sh
# SPDX-License-Identifier: MIT
# hakmem-trace diff of real runs: what grew is named, what is noise is not called a change, and wrong use is told.
. "$(dirname "$0")/check.inc"

# A program that touches so many pages in a function of its own, and some in another.
cat >"$work/pages.c" <<'END'
#include <stdlib.h>
#include <sys/mman.h>
static char *map(long pages)
{
	return mmap(0, pages * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}
__attribute__((noinline)) void always(char *at, long pages)
{
	for (long i = 0; i < pages; i++)
		((volatile char *)at)[i * 4096] = 1;
}
__attribute__((noinline)) void sometimes(char *at, long pages)
{
	for (long i = 0; i < pages; i++)
		((volatile char *)at)[i * 4096] = 1;
}
int main(int count, char **arguments)
{
	always(map(600), 600);
	if (count > 1)
		sometimes(map(atol(arguments[1])), atol(arguments[1]));
	return 0;
}
END
# Not optimized: with frame pointers the smallest functions do without, and then their caller is not seen.
${CC:-cc} -g -O0 -o "$work/pages" "$work/pages.c" || exit 1

# At the same addresses each time: where the stack and libraries lie decides about a fault or two, and a verdict at 95 % would
# be wrong about these in one of twenty runs of this test.
record() { # FILE PAGES [OPTION...]
	file=$1 pages=$2
	shift 2
	setarch -R "$TRACE" "$@" --format json -o "$file" -- "$work/pages" "$pages"
}
json() { python3 -c 'import json, sys; d = json.load(open(sys.argv[1])); print(eval(sys.argv[2]))' "$work/json" "$1"; }

for run in 1 2 3 4 5 6; do
	record "$work/a$run" 100 --stacks --call-graph fp
	record "$work/b$run" 400 --stacks --call-graph fp
	record "$work/c$run" 100 --stacks --call-graph fp
done

# --- one run a side ---
"$TRACE" diff "$work/a1" "$work/b1" >"$work/table" 2>"$work/err"
check "differences: status 0" equal "$? $(cat "$work/err")" "0 "
check "it says what was compared" grep -q "^A  $work/a1: $work/pages 100" "$work/table"
check "another command is said" grep -q '^careful: the command differs: A ' "$work/table"
check "noise is unknown, and how to know it" grep -q '^noise: unknown, for a side has one run; ' "$work/table"
"$TRACE" diff --format json -o "$work/json" "$work/a1" "$work/b1"
check "JSON: its schema" equal "$(json 'd["schema"], d["noise_known"], d["same"]')" "('hakmem-diff/1', False, False)"
check "300 faults more, in anonymous memory of the program" \
	equal "$(json '[(r["region"], r["detail"], r["faults"]["change"]) for r in d["details"]][0]')" "('anon', 'pages', 300)"
check "and all of them in the function that made them" \
	equal "$(json '[(r["function"], r["object"], abs(r["faults"]["change"] - 300) < 30) for r in d["functions"]][0]')" "('sometimes', 'pages', True)"
check "and in the stack" equal "$(json 'd["stacks"][0]["frames"][:2]')" "['sometimes', 'main']"
check "the function that did not change is not among those that did" \
	equal "$(json 'next(abs(r["faults"]["change"]) < 30 for r in d["functions"] if r["function"] == "always")')" True
check "totals are the reports'" equal "$(json 'd["totals"]["faults"]["before"], d["totals"]["faults"]["after"]')" \
	"$(python3 -c 'import json, sys; print(tuple(json.load(open(f))["totals"]["faults"] for f in sys.argv[1:]))' "$work/a1" "$work/b1")"
"$TRACE" diff --format csv --by function "$work/a1" "$work/b1" >"$work/csv"
check "CSV: the same" sh -c "awk -F, '\$1 == \"function\" && \$3 == \"sometimes\" && \$6 == \"faults\" { exit !(\$9 > 270 && \$9 < 330) }' '$work/csv'"
check "--by function: no other rows" equal "$(cut -d, -f1 "$work/csv" | sort -u | xargs)" "function record total"
"$TRACE" diff --region anon "$work/a1" "$work/b1" --format json -o "$work/json"
check "--region: only it" equal "$(json '[r["region"] for r in d["regions"]]')" "['anon']"

# --- the same ---
"$TRACE" diff "$work/a1" "$work/a1" >"$work/table"
check "a run and itself: no difference" grep -qx 'no difference: every count of A and B is the same' "$work/table"
check "a run and itself: nothing to be careful about but samples" equal "$(grep '^careful' "$work/table" | grep -cv 'sample\|timed')" 0

# --- several a side ---
"$TRACE" diff --format json -o "$work/json" "$work"/a[1-6] -- "$work"/b[1-6]
check "six runs a side: noise is known" equal "$(json 'd["noise_known"], d["a"]["runs"], d["b"]["runs"]')" "(True, 6, 6)"
check "the change is one" equal "$(json 'd["totals"]["faults"]["verdict"], d["details"][0]["faults"]["verdict"]')" "('more', 'more')"
check "its interval holds it" equal "$(json 'd["totals"]["faults"]["interval"][0] <= 300 <= d["totals"]["faults"]["interval"][1]')" True
"$TRACE" diff --format json -o "$work/json" "$work"/a[1-6] -- "$work"/c[1-6]
check "runs of the same: no total changed" equal "$(json '[n for n, c in d["totals"].items() if c["verdict"] in ("more", "less") and not n.endswith("_s")]')" "[]"
check "runs of the same: no region" equal "$(json '[r for r in d["regions"] if r["faults"]["verdict"] in ("more", "less")]')" "[]"
"$TRACE" diff "$work"/a[1-6] -- "$work"/b[1-6] >"$work/table"
check "the table says by what test" grep -q "^noise: ~ marks changes that may be noise: Welch's t test" "$work/table"

# --- recordings ---
for pages in 100 400; do
	"$TRACE" record --stacks -o "$work/$pages.hkt" -- "$work/pages" $pages 2>"$work/err"
	"$TRACE" report --format json -o "$work/$pages.json" "$work/$pages.hkt"
done
"$TRACE" diff --format csv "$work/100.hkt" "$work/400.hkt" >"$work/of-recordings"
"$TRACE" diff --format csv "$work/100.json" "$work/400.json" >"$work/of-reports"
check "recordings: something differs" grep -q sometimes "$work/of-recordings"
check "recordings: the same as of the reports they give" same "$work/of-recordings" "$work/of-reports"
"$TRACE" diff --format flame -o "$work/flame.html" "$work/100.hkt" "$work/400.hkt"
check "recordings: a flame graph" grep -q sometimes "$work/flame.html"
"$TRACE" record --append --stacks -o "$work/100.hkt" -- "$work/pages" 100 2>"$work/err"
"$TRACE" diff --format json -o "$work/json" "$work/100.hkt" "$work/400.hkt"
check "recordings: every run of one counts" equal "$(json 'd["a"]["runs"], d["b"]["runs"]')" "(2, 1)"

# --- what may mislead ---
record "$work/n" 100 --no-zeroing
"$TRACE" diff "$work/a1" "$work/n" >"$work/table"
tr -s '\n ' ' ' <"$work/table" >"$work/line"
check "zeroing not measured on one side is said" grep -q 'careful: how zeroing was measured differs: A .* B not measured' "$work/line"
check "and is no change" grep -Eq '^zeroed .* n/a +n/a +n/a$' "$work/table"
check "stacks on one side are said" grep -q '^careful: how call stacks were taken differs: A fp, B none' "$work/table"

# --- the flame graph ---
"$TRACE" diff --format flame -o "$work/flame.html" "$work/a1" "$work/b1"
check "flame: a page" grep -q '<html' "$work/flame.html"
check "flame: with the function that grew" grep -q sometimes "$work/flame.html"

# --- wrong use ---
wrong() { # NAME STATUS WORDS ARGUMENT...
	name=$1 status=$2 words=$3
	shift 3
	"$TRACE" diff "$@" >"$work/out" 2>"$work/err"
	check "$name: status" equal $? "$status"
	check "$name: one line" equal "$(wc -l <"$work/err")" 1
	check "$name: names it" grep -qF -- "$words" "$work/err"
	check "$name: nothing on stdout" equal "$(wc -c <"$work/out")" 0
}
wrong "one file" 2 "two files are wanted" "$work/a1"
wrong "three files" 2 "two files are wanted" "$work/a1" "$work/a2" "$work/a3"
wrong "nothing behind --" 2 "no file behind --" "$work/a1" --
wrong "options behind --" 2 "options go before the --" "$work/a1" -- "$work/b1" --top 3
wrong "rows that there are not" 2 "no changes by line" --by line "$work/a1" "$work/b1"
wrong "unknown format" 2 "no format 'xml'" --format xml "$work/a1" "$work/b1"
wrong "unknown option" 2 "'--frobnicate'" --frobnicate "$work/a1" "$work/b1"
wrong "no such file" 1 "can't read $work/none: No such file" "$work/none" "$work/a1"
echo '{"schema": "hakmem-trace/9"}' >"$work/newer"
wrong "a newer schema" 1 "hakmem-trace/9" "$work/a1" "$work/newer"
echo '{"schema": "other/1"}' >"$work/other"
wrong "another schema" 1 "it is no report of hakmem-trace" "$work/other" "$work/a1"
head -c 300 "$work/a1" >"$work/cut"
wrong "a damaged file" 1 "$work/cut: it is damaged" "$work/cut" "$work/a1"
head -c 20000 "$work/400.hkt" >"$work/cut.hkt"
wrong "a damaged recording" 1 "can't read $work/cut.hkt" "$work/cut.hkt" "$work/a1"
wrong "functions without stacks" 1 "$work/n so: there are no call stacks" --by function "$work/a1" "$work/n"
wrong "a flame graph of several" 1 "one run with one" --format flame "$work/a1" "$work/a2" -- "$work/b1"
wrong "a flame graph without stacks" 1 "$work/n has none" --format flame "$work/a1" "$work/n"
conclude
