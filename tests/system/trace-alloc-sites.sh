#!/bin/sh
# SPDX-License-Identifier: MIT
# Where memory came from: --alloc-sites names, beside who touched a page, the call that was handed it. A program says how
# many pages each of its functions asked for (truth_sites.c), and each must have as many.
. "$(dirname "$0")/check.inc"
command -v jq >/dev/null || { echo "skipped: needs jq"; exit 77; }

SITES=$BUILD/tests/system/truth_sites
LIBRARY=$(cd "$BUILD" && pwd)/libhakmem.so
ARCHIVE="-Wl,--whole-archive $BUILD/libhakmem.a -Wl,--no-whole-archive -lpthread"

# Huge pages are one fault for many pages.
trace() { # OPTION... -- COMMAND...
	HAKMEM_THP=off "$TRACE" --alloc-sites --format json -o "$work/report" "$@" >"$work/out" 2>"$work/err"
}

# The same of all stacks, anew where some found no room in the ring: on a busy machine the loader gets no turn for long enough.
trace_all() { # OPTION... -- COMMAND...
	for attempt in 1 2 3 4 5; do
		trace --stacks=all "$@" || return
		lost=$(jq .stack_sampling.lost "$work/report")
		[ "$lost" != 0 ] || return 0
		echo "attempt $attempt: $lost stacks lost"
	done
	return 1
}

# What malloc touches itself in its blocks, and what others touch of them, by who asked for it: faults with this first frame and that one.
touched() { # FRAME ALLOCATED [CHILD: processes but the command's own]
	jq --arg touched "$1" --arg allocated "$2" --argjson child "${3:-false}" '
		.pid as $pid | [.stacks[] | select(.region == "allocator" and .detail != "metadata" and (.pid != $pid) == $child
			and .frames[0] == $touched and .allocated.frames[0] == $allocated) | .faults] | add // 0' "$work/report"
}

# Per cent of the faults in libhakmem's blocks in the command's own process of which it is known who asked for them, and who is one of five.
right() {
	jq '.pid as $pid | [.stacks[] | select(.region == "allocator" and .detail != "metadata" and .pid == $pid)] as $all |
		([$all[] | select((.allocated.frames // [])[0] | . != null and test("^f[1-5]$")) | .faults] | add // 0) * 100 /
		([$all[].faults] | add)' "$work/report"
}

at_least() { # NUMBER LEAST
	awk -v number="$1" -v least="$2" 'BEGIN { exit !(number >= least) }' || { echo "$1 is less than $2"; return 1; }
}

truth() { # FUNCTION
	awk -v function_="$1" '$1 == function_ { print $2 }' "$work/out"
}

as_told() { # WAY: of each function as many as the program says
	for function in f2 f3 f4 f5; do
		check "$1: pages of $function" equal "$(touched touch $function)" "$(truth $function)"
	done
	check "$1: a child touches its parent's" equal "$(touched touch f4 true)" "$(truth child)"
	check "$1: at least 95 % are told right" at_least "$(right)" 95
	check "$1: small blocks are touched in malloc, for f1" at_least "$(touched slab_carve f1)" 50
}

# shellcheck disable=SC2086 # flags
gcc -std=gnu17 -O2 -g -D_GNU_SOURCE -fno-builtin -o "$work/linked" tests/system/truth_sites.c $ARCHIVE
# shellcheck disable=SC2086
gcc -std=gnu17 -O2 -g -D_GNU_SOURCE -fno-builtin -static -o "$work/static" tests/system/truth_sites.c $ARCHIVE 2>/dev/null

for way in dwarf fp; do
	check "$way: all stacks are there" trace_all --call-graph $way --preload "$LIBRARY" -- "$SITES" 3000
	as_told $way
done
check "all stacks are there" trace_all --preload "$LIBRARY" -- "$SITES" 3000
check "all callers up to main" equal "$(jq '[.stacks[] | select(.allocated.frames[0] == "f4") | .allocated.frames | index("main") != null] | all' \
	"$work/report")" true
check "the report says that sites are there" equal "$(jq .stack_sampling.allocation_sites "$work/report")" true
check "linked: all stacks are there" trace_all -- "$work/linked" 3000
as_told linked
check "static: all stacks are there" trace_all -- "$work/static" 3000
as_told static
trace --preload "$LIBRARY" -- "$SITES" 20000
check "of a sample, at least 95 % are told right" at_least "$(right)" 95
# It runs on meanwhile, so that some of its first faults are missed: a tenth of two seconds, or less.
# shellcheck disable=SC2016 # for the shell inside
trace --stacks=all -- sh -c 'exec env LD_PRELOAD="$0" "$1" 100000' "$LIBRARY" "$SITES"
check "libhakmem is met while it runs: status 0" equal $? 0
check "libhakmem is met while it runs" at_least "$(right)" 90

if command -v g++ >/dev/null; then
	cat >"$work/sites.cc" <<-'END'
		#include <cstddef>
		#include <new>
		#define KEEP(pointer) asm volatile("" : "+r"(pointer) : : "memory")
		__attribute__((noinline)) static char *array() { char *block = new char[50000]; KEEP(block); return block; }
		__attribute__((noinline)) static char *aligned()
		{
			char *block = static_cast<char *>(::operator new(50000, std::align_val_t(64)));
			KEEP(block);
			return block;
		}
		__attribute__((noinline)) static void touch(char *block)
		{
			for (std::size_t at = 0; at < 50000; at += 4096)
				static_cast<volatile char *>(block)[at] = 1;
		}
		int main() { for (int i = 0; i < 100; i++) { touch(array()); touch(aligned()); } }
	END
	g++ -std=c++17 -O2 -g -o "$work/cxx" "$work/sites.cc"
	trace --stacks=all --preload "$LIBRARY" -- "$work/cxx"
	check "C++: new[]" at_least "$(touched 'touch' 'array')" 1200
	check "C++: aligned new" at_least "$(touched 'touch' 'aligned')" 1200
fi
python=$(command -v /usr/bin/python3 || command -v python3 || :)
if [ -n "$python" ]; then
	trace --stacks=all --preload "$LIBRARY" -- "$python" -c 'x = [list(range(1000)) for i in range(500)]'
	check "python3: its object allocator asked for it" at_least "$(jq '
		[.stacks[] | select(.region == "allocator" and .detail != "metadata")] as $all |
		([$all[] | select((.allocated.objects // [])[0] // "" | test("python")) | .faults] | add // 0) * 100 / ([$all[].faults] | add)' \
		"$work/report")" 80
fi

trace --stacks=all -- "$SITES" 100
check "without libhakmem: one line says so" grep -q -- '--alloc-sites needs libhakmem, which .*truth_sites does not bring along' "$work/err"
check "without libhakmem: so does the report" equal "$(jq '[.kernel.cannot[] | select(test("^who allocated memory is n/a"))] | length' "$work/report")" 1
check "without libhakmem: no site is made up" equal "$(jq '[.stacks[] | select(.allocated != null)] | length' "$work/report")" 0
check "without libhakmem: nor said to be there" equal "$(jq .stack_sampling.allocation_sites "$work/report")" false
HAKMEM_THP=off "$TRACE" --stacks=all --format json -o "$work/report" --preload "$LIBRARY" -- "$SITES" 300 >/dev/null 2>"$work/err"
check "not asked for: none" equal "$(jq '[.stacks[] | select(.allocated != null)] | length' "$work/report")" 0
conclude
