#!/bin/sh
# SPDX-License-Identifier: MIT
# Programs that make the kernel clear a known number of pages: every rung that works here must count them, to 0.5 % (or 8
# pages, which a program's start may vary by), or as many as it is known to see of them. What the kernel clears depends on
# init_on_alloc: with it, huge pages up to 6.12 and shared memory are cleared twice, and copies and pipes are cleared at all.
#
#   zeroing.sh [RUNG...]     default: exact, full, kprobe and tracepoint, as far as they work; RUNG: must work
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
	thp)
		if [ $on = true ] && [ $((major * 100 + minor)) -lt 613 ] && [ "$1" != tracepoint ]; then
			echo 32800
		else
			echo 16416
		fi
		;;
	hugetlb) [ "$1" = tracepoint ] && echo 0 || echo 4096 ;;
	shmem) [ $on = true ] && [ -n "$each" ] && echo 8200 || echo 4104 ;;
	cow) [ $on = true ] && echo 4104 || echo 8 ;;
	pipe) [ $on = true ] && echo 260 || echo 4 ;;
	esac
}

# Of these, how many for the second time in one fault: twice RUNG LOAD.
twice() {
	case $1/$2 in
	tracepoint/*) echo null ;;
	*/thp) [ "$(expected "$1" thp)" = 32800 ] && echo $((16384 * 4096)) || echo 0 ;;
	*/shmem) [ "$(expected "$1" shmem)" = 8200 ] && echo $((4096 * 4096)) || echo 0 ;;
	*) echo 0 ;;
	esac
}

near() { # PAGES EXPECTED
	tolerance=$(($2 / 200))
	[ $tolerance -ge 8 ] || tolerance=8
	[ "$1" -ge $(($2 - tolerance)) ] && [ "$1" -le $(($2 + tolerance)) ] ||
		{ echo "is $1 pages, not $2"; return 1; }
}

dd if=/dev/zero of="$work/file" bs=4096 count=4096 2>/dev/null
echo 8 2>/dev/null >/proc/sys/vm/nr_hugepages
pool=$(awk '$1 == "HugePages_Free:" { print $2 }' /proc/meminfo)
trap 'echo 0 2>/dev/null >/proc/sys/vm/nr_hugepages; rm -rf "$work"' EXIT

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
	for load in anon populate thp hugetlb shmem cow pipe; do
		[ $load = hugetlb ] && [ "${pool:-0}" -lt 8 ] && continue
		"$TRACE" --require "$rung" --format json -o "$work/$load" "$program" $load "$work/file" ||
			check "$rung: $load runs" false
		pages=$(($(total "$work/$load" zeroed_bytes) / 4096 - base))
		check "$rung: $load clears $pages pages" near $pages "$(expected "$rung" $load)"
		check "$rung: $load: zeroed twice" equal "$(total "$work/$load" zeroed_twice_bytes)" "$(twice "$rung" $load)"
	done
done
check "a rung was tried" test $tried -gt 0
conclude
