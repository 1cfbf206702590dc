#!/bin/sh
# SPDX-License-Identifier: MIT
# Traces the truth programs and compares what hakmem-trace reports with what each of them touched, region by region.
#
#   truth.sh [--rung RUNG | --require DEMAND] [--no-zeroing] [--counting] [--no-preload] [--one-start] [--programs "PROGRAM..."]
#            [PROGRAM|CASE|PROGRAM/CASE...]
#
# One line a case, `ok` or `FAIL` with numbers; exit 1 if any failed. Of every run: the regions add up to what the
# kernel charged, nothing is lost, at most 3 faults unseen. Of every case, against its baseline: each region it names is
# within 1 % or 3 faults, and no other changed by more than 3. truth.h says what the programs report.
# --one-start: the tracer starts once for all of them (special/trace_each.c), where that takes seconds.
#
# time-out: 900
#
# Needs no more than busybox. Environment: BUILD (build), TRACE ($BUILD/hakmem-trace), KEEP=1 keeps the files.
set -u

usage() {
	sed -n '3,15s/^# \{0,1\}//p' "$0"
}

BUILD=${BUILD:-build}
TRACE=${TRACE:-$BUILD/hakmem-trace}
rung=
preload=yes
one_start=
programs='truth truth_tls truth_file truth_malloc truth_process truth_churn truth_cause truth_neighbours truth_sweep truth_apart truth_waste truth_thread
	truth_child truth_dlopen truth_foreign truth32'
while [ $# -gt 0 ]; do
	case $1 in
	--rung | --require) [ $# -gt 1 ] || { echo "truth.sh: $1 needs a rung's name" >&2; exit 2; }
		rung="$rung $1 $2"; shift ;;
	--no-zeroing) rung="$rung --no-zeroing" ;;
	--counting) rung="$rung --max-overhead 0" ;;
	--no-preload) preload=no ;;
	--one-start) one_start=yes ;;
	--programs) [ $# -gt 1 ] || { echo "truth.sh: --programs needs names" >&2; exit 2; }
		programs=$2; shift ;;
	--help) usage; exit 0 ;;
	-*) echo "truth.sh: unknown option $1" >&2; exit 2 ;;
	*) break ;;
	esac
	shift
done

here=$(dirname "$0")
work=$(mktemp -d "${TMPDIR:-/tmp}/truth-sh-XXXXXX") || exit 1
trap '[ -n "${KEEP:-}" ] && echo "files in $work" || rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
passed=0
failed=0

# With addresses drawn at random, what fault-around maps of libc's text differs from run to run by a few faults. (The test
# VMs switch that off for the whole kernel.)
steady=
! command -v setarch >/dev/null || steady="setarch $(uname -m) -R"

# Counts that depend on an allocator's readiness to prefault or to use huge pages can't be foretold.
HAKMEM_SS_PREFAULT=0
HAKMEM_THP=off
export HAKMEM_SS_PREFAULT HAKMEM_THP

# trace FILES PROGRAM CASE LIBRARY: leaves FILES.report, FILES.out, FILES.err; once only.
trace() {
	[ -e "$1.status" ] && return "$(cat "$1.status")"
	# shellcheck disable=SC2086 # rung: words or none
	$steady "$TRACE" $rung ${4:+--preload "$4"} --format csv -o "$1.report" -- "$2" "$3" \
		>"$1.out" 2>"$1.err"
	status=$?
	echo $status >"$1.status"
	return $status
}

result() {
	if [ "$1" = ok ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
	fi
	printf '%-4s %-36s %s\n' "$1" "$2" "$3"
}

# run_case PROGRAM CASE BASE LABEL LIBRARY
run_case() {
	files=$work/$4
	base_files=none
	if [ "$3" != none ] && [ "$3" != - ]; then
		base_files=$work/$1-$3${5:+-preloaded}
		if ! trace "$base_files" "$BUILD/tests/system/$1" "$3" "$5"; then
			result FAIL "$4" "its baseline $3: status $(cat "$base_files.status"): $(tail -n 1 "$base_files.err")"
			return
		fi
	fi
	mkdir -p "$(dirname "$files")"
	if ! trace "$files" "$BUILD/tests/system/$1" "$2" "$5"; then
		result FAIL "$4" "status $(cat "$files.status"): $(tail -n 1 "$files.err")"
		return
	fi
	verdict=$(awk -F, -v no_causes="$no_causes" -v files="$files" -v base="$base_files" -v library="$5" -f "$here/truth.awk" </dev/null)
	result "${verdict%% *}" "$4" "${verdict#* }"
	# Where they are instead, and why: for what fails seldom.
	[ "${verdict%% *}" = ok ] || sed -n 's/^\(record\|region\|counter,lost\),/     \1,/p' "$files.report"
}

# What is a cause takes a kernel from 5.17 on.
no_causes=$(uname -r | awk -F '[.-]' '{ print(($1 < 5 || ($1 == 5 && $2 < 17)) ? 1 : 0) }')

# wanted PROGRAM CASE WORDS...: no words, or one of them names it.
wanted() {
	program=$1
	name=$2
	shift 2
	[ $# -eq 0 ] && return 0
	for word; do
		case $word in
		"$program" | "$name" | "$program/$name") return 0 ;;
		esac
	done
	return 1
}

# each_case LIBRARY PROGRAM WORDS...: prints FILES PROGRAM CASE of each run that run_program will want, baselines first.
each_case() {
	library=$1
	program=$2
	shift 2
	mkdir -p "$work/$program"
	"$BUILD/tests/system/$program" --list | while read -r name base; do
		[ "$base" != - ] && wanted "$program" "$name" "$@" || continue
		[ "$base" = none ] || echo "$work/$program-$base${library:+-preloaded} $BUILD/tests/system/$program $base"
		echo "$work/$program/$name${library:++hakmem} $BUILD/tests/system/$program $name"
	done | awk '!known[$1]++'
}

# trace_all LIBRARY: what is on the list that it reads, for trace to find.
trace_all() {
	[ -n "$one_start" ] || return 0
	# shellcheck disable=SC2086 # rung: none or two words
	$steady "$BUILD/tests/system/trace_each" $rung ${1:+--preload "$1"} --format csv
}

# run_program LIBRARY PROGRAM WORDS...
run_program() {
	library=$1
	program=$2
	shift 2
	"$BUILD/tests/system/$program" --list >"$work/list" || { result FAIL "$program" "can't list its cases"; return; }
	while read -r name base; do
		[ "$base" = - ] && continue
		wanted "$program" "$name" "$@" &&
			run_case "$program" "$name" "$base" "$program/$name${library:++hakmem}" "$library" </dev/null
	done <"$work/list"
}

for program in $programs; do
	[ ! -e "$BUILD/tests/system/$program" ] || each_case "" "$program" "$@"
done | trace_all ""
for program in $programs; do
	[ -e "$BUILD/tests/system/$program" ] || { echo "skip $program: not built here"; continue; }
	run_program "" $program "$@"
done
if [ $preload = yes ]; then
	each_case "$BUILD/libhakmem.so" truth_malloc "$@" | trace_all "$BUILD/libhakmem.so"
	run_program "$BUILD/libhakmem.so" truth_malloc "$@"
fi

echo "$passed passed, $failed failed"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
