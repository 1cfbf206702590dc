#!/bin/sh
# SPDX-License-Identifier: MIT
# Programs that make the kernel clear a known number of pages: every rung that works here must count them, to 0.5 % (or 8
# pages, which a program's start may vary by), or as many as it is known to see of them. What the kernel clears depends on
# init_on_alloc: with it, huge pages up to 6.12 and shared memory are cleared twice, and copies and pipes are cleared at all.
#
#   zeroing.sh [--one-start] [RUNG...]
#     RUNG         must work; default: exact, full, kprobe and tracepoint, as far as they do
#     --one-start  the tracer starts once a rung (special/trace_each.c), where that takes seconds
# time-out: 900
. "$(dirname "$0")/check.inc"

program=$BUILD/tests/system/zeroing
release=$(uname -r)
major=${release%%.*}
minor=${release#*.}
minor=${minor%%[!0-9]*}

# A figure of the totals: total FILE NAME.
total() {
	sed -n "/\"totals\"/s/.*\"$2\": \([0-9a-z]*\).*/\1/p" "$1"
}

# How many pages LOAD clears beyond what its program does anyway, as RUNG sees it: expected RUNG LOAD. Each 2 MiB of small
# pages needs a page table, and so does a huge page, which keeps one in reserve.
expected() {
	each=$([ "$1" = exact ] || [ "$1" = breakpoint ] && echo yes) # each clearing is seen, not the allocation
	case $2 in
	anon | populate) echo 16416 ;;
	thp | thp-populate)
		if [ $on = true ] && [ $((major * 100 + minor)) -lt 613 ] && [ "$1" != tracepoint ]; then
			echo 32800
		else
			echo 16416
		fi
		;;
	hugetlb) echo 4096 ;;
	shmem | shmem-populate | memfd | memfd-populate | tmpfs | sysv)
		[ $on = true ] && [ -n "$each" ] && echo 8200 || echo 4104
		;;
	memfd-private) # and half as many copies
		if [ $on = true ]; then [ -n "$each" ] && echo 10248 || echo 6152; else echo 4104; fi
		;;
	memfd-written) [ $on = true ] && echo 4104 || echo 8 ;;
	folios) # each 1 MiB has a page table of its own
		if [ $on = true ] && [ $((major * 100 + minor)) -lt 613 ] && [ "$1" != tracepoint ]; then echo 8208; else echo 4112; fi
		;;
	cow) [ $on = true ] && echo 4104 || echo 8 ;;
	pipe) [ $on = true ] && echo 260 || echo 4 ;;
	esac
}

# Of these, how many for the second time in one fault: twice RUNG LOAD.
twice() {
	case $1/$2 in
	tracepoint/*) echo null ;;
	*/thp | */thp-populate) [ "$(expected "$1" thp)" = 32800 ] && echo $((16384 * 4096)) || echo 0 ;;
	*/folios) [ "$(expected "$1" folios)" = 8208 ] && echo $((4096 * 4096)) || echo 0 ;;
	*/shmem* | */memfd | */memfd-p* | */tmpfs | */sysv) [ "$(expected "$1" shmem)" = 8200 ] && echo $((4096 * 4096)) || echo 0 ;;
	*) echo 0 ;;
	esac
}

# Fewer only by what the report itself says that may be missing: allocations that the kernel told no hook of.
near() { # PAGES EXPECTED SKIPPED
	tolerance=$(($2 / 200))
	[ $tolerance -ge 8 ] || tolerance=8
	[ "$1" -ge $(($2 - tolerance - $3)) ] && [ "$1" -le $(($2 + tolerance)) ] ||
		{ echo "is $1 pages, not $2"; return 1; }
}

# What one thread's huge pages took to clear is part of what the run took; null where no duration was measured.
within_run() { # REPORT
	zero_ns=$(total "$1" zero_ns)
	wall_ns=$(sed -n 's/.*"wall_ns": \([0-9]*\).*/\1/p' "$1" | head -n 1)
	[ "$zero_ns" = null ] || [ "$zero_ns" -le "$wall_ns" ] || { echo "is $zero_ns ns, and the run $wall_ns"; return 1; }
}

dd if=/dev/zero of="$work/file" bs=4096 count=4096 2>/dev/null
echo 8 2>/dev/null >/proc/sys/vm/nr_hugepages
pool=$(awk '$1 == "HugePages_Free:" { print $2 }' /proc/meminfo)
trap 'echo 0 2>/dev/null >/proc/sys/vm/nr_hugepages; rm -rf "$work"' EXIT

one_start=
if [ "${1:-}" = --one-start ]; then
	one_start=yes
	shift
fi

# All loads on a rung, which is known to work: into $work/LOAD.report and LOAD.status.
trace_loads() { # RUNG
	if [ -n "$one_start" ]; then
		for load in $loads; do
			echo "$work/$load $program $load $work/file"
		done | "$BUILD/tests/system/trace_each" --require "$1" --format json
		return
	fi
	for load in $loads; do
		"$TRACE" --require "$1" --format json -o "$work/$load.report" "$program" "$load" "$work/file" 2>"$work/$load.err"
		echo $? >"$work/$load.status"
	done
}

loads='anon populate thp thp-populate shmem shmem-populate memfd memfd-populate memfd-private memfd-written tmpfs sysv cow pipe'
[ "${pool:-0}" -lt 8 ] || loads="$loads hugetlb"
# Other programs would get such folios, too: only where there are none, which is where there is one start for all loads.
folios=/sys/kernel/mm/transparent_hugepage/hugepages-64kB/enabled
if [ -n "$one_start" ] && echo madvise 2>/dev/null >$folios; then
	loads="$loads folios"
	trap 'echo 0 2>/dev/null >/proc/sys/vm/nr_hugepages; echo never >$folios; rm -rf "$work"' EXIT
fi
tried=0
asked=$#
[ $asked -gt 0 ] || set -- exact full kprobe tracepoint
for rung; do
	"$TRACE" --require "$rung" --format json -o "$work/none" "$program" none 2>"$work/err" || {
		grep -q "$rung" "$work/err" || check "$rung: says why it does not work" false
		[ $asked -eq 0 ] || check "$rung works here: $(cat "$work/err")" false
		continue
	}
	tried=$((tried + 1))
	on=$(sed -n 's/.*"init_on_alloc": \([a-z]*\).*/\1/p' "$work/none")
	base=$(($(total "$work/none" zeroed_bytes) / 4096))
	rm -f "$work"/*.status "$work"/*.report
	trace_loads "$rung"
	for load in $loads; do
		[ "$(cat "$work/$load.status" 2>&1)" = 0 ] || check "$rung: $load runs: $(tail -n 1 "$work/$load.err")" false
		case $rung/$load in
		tracepoint/hugetlb) # whose clearing is not seen: nobody says that there was none
			check "$rung: $load: what is cleared is unknown" equal "$(total "$work/$load.report" zeroed_bytes)" null
			check "$rung: $load: and of its process" sh -c \
				"grep '\"comm\": \"zeroing\"' '$work/$load.report' | grep -q '\"zeroed_bytes\": null'"
			continue
			;;
		esac
		pages=$(($(total "$work/$load.report" zeroed_bytes) / 4096 - base))
		skipped=$(total "$work/$load.report" skipped)
		[ "$skipped" != null ] || skipped=0
		check "$rung: $load clears $pages pages" near $pages "$(expected "$rung" $load)" "$skipped"
		[ $load != thp ] || check "$rung: $load: clearing takes no longer than the run" within_run "$work/$load.report"
		check "$rung: $load: zeroed twice" equal "$(total "$work/$load.report" zeroed_twice_bytes)" "$(twice "$rung" $load)"
	done
done
check "a rung was tried" test $tried -gt 0
conclude
