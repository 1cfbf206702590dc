#!/bin/sh
# Settles the claims of the study that hakmem began with, on the machine it is run on, and writes docs/findings.md: what was
# claimed, what was measured with its interval, the verdict here, and how to repeat it. What this machine can't measure is n/a.
# Usage: bench/findings.sh [--quick] [--assist FILE] [-o FILE]     as root, with nothing else running; some ten minutes
#   --quick        few runs: to see that it works; its intervals are wide
#   --assist FILE  what bench/assist.sh has measured: its claims become a section
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2086 # commands are words
set -eu
cd "$(dirname "$0")/.."

BUILD=${BUILD:-build}
TRACE=$BUILD/hakmem-trace
output=
quick=
assist=
# shellcheck source=bench/suite/options.inc
. bench/suite/options.inc
while [ $# -gt 0 ]; do
	case $1 in
	--quick) quick=yes ;;
	--assist) assist=$(value_of "$@"); shift ;;
	-o) output=$(value_of "$@"); shift ;;
	-h | --help) usage && exit 0 ;;
	*) bad_use "unknown option '$1'; see --help" ;;
	esac
	shift
done
[ -z "$assist" ] || [ -r "$assist" ] || bad_use "--assist: there is no file '$assist'; bench/assist.sh -o makes it"
[ "$(id -u)" -eq 0 ] || { echo "findings.sh: tracing needs root" >&2; exit 1; }
command -v jq >/dev/null || { echo "findings.sh: needs jq (scripts/setup.sh test installs it)" >&2; exit 1; }

work=$(mktemp -d "${TMPDIR:-/tmp}/findings-XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
began=$(date +%s)

if [ -n "$quick" ]; then
	runs=2 samplings=2 accesses=300k operations=2000000 bursts=4
else
	runs=40 samplings=40 accesses=20M operations=20000000 bursts=20
fi
# Each a command and its arguments: ITERATIONS SLOTS SEED, and the second as the study ran it.
mixed="$BUILD/bench/random_mixed $operations 256 42"
short="$BUILD/bench/random_mixed 1000000 256 42"
tiny="$BUILD/bench/tiny_hot 64 100 10000"
burst="$BUILD/bench/burst 16 1024 8 $bursts"
culprit=$BUILD/bench/libculprit.so

# measure NAME WORD...: hakmem-trace's JSON in $work/NAME.json, what to type in $work/NAME.how. The first word may be a
# subcommand; its statuses 3 and 4 are verdicts.
measure() {
	name=$1
	shift
	say "$* ($(($(date +%s) - began)) s so far)"
	printf '%s\n' "hakmem-trace $*" >"$work/$name.how"
	subcommand=
	case $1 in breakdown | misses | validate | matrix) subcommand=$1 && shift ;; esac
	status=0
	"$TRACE" $subcommand --format json -o "$work/$name.json" "$@" >"$work/$name.out" 2>"$work/$name.err" || status=$?
	case $subcommand$status in *[a-z]0 | validate3 | validate4 | 0) return ;; esac
	tail -n 1 "$work/$name.err" | sed 's/^hakmem-trace: //' >"$work/$name.why"
	say "it ended with status $status: $(cat "$work/$name.why")"
	rm -f "$work/$name.json"
}

# ask NAME FILTER: what jq makes of a measurement with the functions of findings.jq; n/a where there is none.
ask() {
	if [ -s "$work/$1.json" ]; then
		jq -r -L bench 'include "findings"; '"$2" "$work/$1.json"
	else
		echo "n/a"
	fi
}
row() { # CLAIM MEASURED VERDICT: of the table at the head
	rows=$((rows + 1))
	printf '| %s | %s | %s | %s |\n' $rows "$1" "$2" "$3" >>"$work/table"
}
rows=0
section() { printf '\n## %s\n\n%s\n' "$1" "$2" >>"$work/sections"; }
text() { printf '\n%s\n' "$1" >>"$work/sections"; }
repeat_with() { # NAME...
	{
		printf '\nTo repeat it:\n\n'
		for name; do sed 's/^/    /' "$work/$name.how"; done
	} >>"$work/sections"
}
# A claim that `validate` judged: a row for each part, and what it says of them.
judged() { # NAME ON-WHAT
	[ -s "$work/$1.json" ] || { row "$2" "n/a: $(cat "$work/$1.why")" "n/a"; return; }
	jq -r -L bench 'include "findings"; .parts[] | [part_claim, part_measured, (.verdict | ascii_upcase)] | @tsv' "$work/$1.json" |
		while IFS="$(printf '\t')" read -r claim measured verdict; do
			printf '%s (%s)\t%s\t%s\n' "$claim" "$2" "$measured" "$verdict"
		done >"$work/parts"
	while IFS="$(printf '\t')" read -r claim measured verdict; do row "$claim" "$measured" "$verdict"; done <"$work/parts"
	{
		printf '\nOn %s:\n\n' "$2"
		jq -r -L bench 'include "findings"; .parts[] | part_text' "$work/$1.json"
	} >>"$work/sections"
}

# --- what the study took for granted: where the time goes, and whose the faults are ---
measure time-culprit breakdown --runs $samplings --preload "$culprit" -- $short
measure time-hakmem breakdown --runs $samplings --preload hakmem -- $short
measure faults-culprit --preload "$culprit" $short
measure faults-hakmem --preload hakmem $short

section "Where the time goes" "The study: 63 % of an allocator benchmark's cycles are the kernel's, under 1 % are the allocator's. Its allocator is
rebuilt in bench/culprit, and is run as the study ran it (random_mixed with a million operations); libhakmem beside it. The kernel's share is that high because
so short a run is mostly start-up; how much of the user's share is the allocator's depends on the program."
text "$(ask time-culprit 'breakdown_table("the culprit")')"
text "$(ask time-hakmem 'breakdown_table("libhakmem")')"
repeat_with time-culprit time-hakmem
for name in culprit hakmem; do
	on=$([ $name = culprit ] && echo "the culprit" || echo libhakmem)
	row "Under 1 % of the CPU time is the allocator's ($on)" "$(ask time-$name 'share_of(["allocator"]) | share_text')" \
		"$(ask time-$name 'share_of(["allocator"]) | place(0; 0.01)')"
done
row "Clearing pages is 11.65 % of the CPU time (the culprit, by samples; taken as 10 to 13 %)" \
	"$(ask time-culprit 'share_of(["zeroing"]) | share_text')" "$(ask time-culprit 'share_of(["zeroing"]) | place(0.1; 0.13)')"
row "63 % of the CPU time is the kernel's (the culprit; taken as 58 to 68 %)" "$(ask time-culprit 'kernel_share | share_text')" \
	"$(ask time-culprit 'kernel_share | place(0.58; 0.68)')"

section "Whose faults they are" "The study could not tell, and tuned the recycling of freed pages. Its own next commits found that 97.6 % of the
faults came from clearing metadata at start."
text "$(ask faults-culprit 'regions_table("the culprit")')"
text "$(ask faults-hakmem 'regions_table("libhakmem")')"
repeat_with faults-culprit faults-hakmem
row "97.6 % of the faults are the allocator's own metadata (the culprit; taken as 95 to 100 %)" \
	"$(ask faults-culprit 'metadata_share | percent')" "$(ask faults-culprit 'metadata_share | {low: ., high: .} | place(0.95; 1)')"

# --- the claims ---
section "Zeroing, and what being lazy about it gains" "The study: clear_page takes 11.65 % of the cycles, and an allocator that gives freed
pages back lazily would make the program 1.10 to 1.15 times as fast."
measure lazy-culprit validate lazy-zeroing --preload "$culprit" -n $runs -- $short
judged lazy-culprit "the culprit, random_mixed"
measure lazy-hakmem validate lazy-zeroing -n $runs -- $mixed
judged lazy-hakmem "libhakmem, random_mixed"
measure lazy-burst validate lazy-zeroing -n $runs -- $burst
judged lazy-burst "libhakmem, bursts of 16 MiB"
measure cure validate bench/claims/culprit.claim -n $runs
judged cure "the culprit"
measure gain validate bench/claims/culprit-cure.claim -n $runs
judged gain "the culprit"
repeat_with lazy-culprit lazy-hakmem lazy-burst cure gain

section "Huge pages and prefaulting" "The study's six rows: transparent huge pages and prefaulting in every combination, one run each, and
differences of 2 %. Here each row is run in turns with the others; hakmem-trace matrix has all nine combinations."
measure levers validate bench/claims/huge-pages-and-prefault.claim -n $runs -- $mixed
judged levers "libhakmem, random_mixed"
measure prefault validate bench/claims/prefault.claim -n $runs
judged prefault "libhakmem, a short random_mixed"
measure matrix matrix -n $(((runs + 1) / 2)) -- $mixed
text "$(ask matrix matrix_table)"
repeat_with levers prefault matrix

section "Populating 2 MiB, not 4" "The study's allocator mapped a SuperSlab at twice its size, to align it, with MAP_POPULATE: 4 MiB were made
present for 2 MiB. Is populating safe in libhakmem?"
measure populate validate bench/claims/populate-4mib.claim -n $runs
judged populate "libhakmem"
repeat_with populate

section "TLB and cache misses" "The study: misses of the data TLB do not come from SuperSlabs, neither huge pages nor prefaulting change them, and
random_mixed misses the L1 cache more often an operation than tiny_hot. Only hardware can measure that; a model of the TLB and the L1 cache, fed
with every access under valgrind, can estimate it on any machine. A model is no measurement."
measure pmu misses --preload hakmem -- $mixed
for program in mixed tiny; do
	[ $program = mixed ] && words=$mixed || words=$tiny
	measure model-$program misses --tlb-model --cache-model --accesses $accesses --preload hakmem -- $words
done
measure model-huge misses --tlb-model --huge allocator --accesses $accesses --preload hakmem -- $mixed
if [ -s "$work/pmu.json" ]; then
	text "$(ask pmu misses_table)"
	row "dTLB misses do not come from SuperSlabs (at most 10 % of them)" "$(ask pmu 'superslab_walks | percent')" \
		"$(ask pmu 'superslab_walks | {low: ., high: .} | place(0; 0.1)')"
else
	text "By hardware: n/a: $(cat "$work/pmu.why")"
	row "dTLB misses do not come from SuperSlabs" "by hardware n/a; of the modelled first-level misses $(ask model-mixed 'superslab_misses | percent') do" "n/a"
fi
text "Modelled, random_mixed on libhakmem with small pages, then as if its memory were huge pages, then tiny_hot:"
for name in model-mixed model-huge model-tiny; do text "$(ask $name misses_table)"; done
repeat_with pmu model-mixed model-huge model-tiny
row "Huge pages do not change the dTLB misses (libhakmem, random_mixed)" \
	"by hardware n/a; modelled an access: $(ask model-mixed tlb_rate) first-level misses with small pages, $(ask model-huge tlb_rate) with huge ones" "n/a"
row "random_mixed misses the L1 cache more often than tiny_hot" \
	"by hardware n/a; modelled an access: $(ask model-mixed cache_rate) and $(ask model-tiny cache_rate)" "n/a"

if [ -n "$assist" ]; then
	section "What assistance is worth" "Not of the study: libhakmem's levers set by hand, and by what memory costs (HAKMEM_ASSIST). All figures are in $(basename "$assist")."
	text "$(awk '/^## / { asked = /What was asked for/; next } asked' "$assist")"
	text "Where it isn't shown it is as good as false: \`HAKMEM_ASSIST\` is off unless it is asked for (docs/allocator.md)."
fi

report() {
	cat <<END
# Findings

What became of the claims of the profiling study that hakmem began with, on this machine. Made by \`make findings\` (bench/findings.sh),
which takes $(((($(date +%s) - began) + 59) / 60)) minutes here. In brackets are 95 % intervals, wider where one claim has several parts so that all of a claim's
hold together. CONFIRMED: all of the interval lies within what is claimed; REFUTED: none of it does; INCONCLUSIVE: neither.
A verdict is about this machine and these programs.
$([ -z "$quick" ] || printf '\n**Made with --quick: few runs, for a test.**\n')
Kernel $(uname -r), $(nproc) processors ($(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)), transparent huge pages $(sed 's/.*\[\(.*\)\].*/\1/' /sys/kernel/mm/transparent_hugepage/enabled 2>/dev/null || echo unknown),
load $(cut -d' ' -f1-3 /proc/loadavg) at the end; hakmem-trace on the rungs
$("$TRACE" doctor | sed -n '/^hakmem-trace uses/,/^$/p' | tail -n +2 | awk 'NF > 1 { t = $NF; $NF = ""; sub(/ +$/, ""); printf "%s%s by %s", sep, $0, t; sep = ", " }').

| | claim | measured here | verdict |
| --- | --- | --- | --- |
END
	cat "$work/table" "$work/sections"
}

report >"$work/report"
[ -z "$output" ] || cp "$work/report" "$output"
cat "$work/report"
