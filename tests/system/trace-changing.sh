#!/bin/sh
# SPDX-License-Identifier: MIT
# A program whose faults are of one kind first and of another later, in one region: of the first ones very many are timed, of the
# later ones some, and the total is nevertheless what timing all of them gives. So it is in a recording.
. "$(dirname "$0")/check.inc"

cat >"$work/changing.c" <<'END'
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define BYTES (64L << 20)
#define HUGE_BYTES (2L << 20)

/* A page in `step` bytes is touched, as often as is wanted; then all is given back. */
static void touch(volatile char *memory, long step, long times)
{
	for (long i = 0; i < times; i++) {
		memory[i * step % BYTES] = 1;
		if ((i + 1) * step % BYTES == 0)
			madvise((void *)memory, BYTES, MADV_DONTNEED);
	}
	madvise((void *)memory, BYTES, MADV_DONTNEED);
}

/* So many times as many small pages, then as many huge ones. */
int main(int count, char **arguments)
{
	char *memory = mmap(NULL, BYTES + HUGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (count != 4 || memory == MAP_FAILED)
		return 2;
	memory += HUGE_BYTES - (unsigned long)memory % HUGE_BYTES;
	/* Once: a virtual machine's memory is slow until its host has found it. */
	madvise(memory, BYTES, MADV_HUGEPAGE);
	touch(memory, HUGE_BYTES, BYTES / HUGE_BYTES);
	for (int i = 0; i < atoi(arguments[1]); i++) {
		madvise(memory, BYTES, MADV_NOHUGEPAGE);
		touch(memory, 4096, atol(arguments[2]));
		madvise(memory, BYTES, MADV_HUGEPAGE);
		touch(memory, HUGE_BYTES, atol(arguments[3]));
	}
	return 0;
}
END
gcc -O1 -o "$work/changing" "$work/changing.c" || exit 1
if grep -q '\[never\]' /sys/kernel/mm/transparent_hugepage/enabled; then
	echo "skipped: this machine has no huge pages"
	exit 77
fi

# Two runs differ, as machines do, and one is a sample of few windows: by less than double.
near() { # FIGURE WHOLE
	[ "$1" -gt $(($2 / 2)) ] && [ "$1" -lt $(($2 * 2)) ]
}
compare() { # WHAT TIMES SMALL HUGE
	kinds=$1
	shift
	"$TRACE" --max-overhead 1000 --format json -o "$work/all.json" -- "$work/changing" "$@" || exit 1
	"$TRACE" record -o "$work/some.hkt" --report "$work/some.json" --format json -- "$work/changing" "$@" || exit 1
	"$TRACE" report --format json "$work/some.hkt" >"$work/again.json" || exit 1
	rm "$work/some.hkt"
	all=$(figure "$work/all.json" fault_ns)
	some=$(figure "$work/some.json" fault_ns)
	check "$kinds: all is timed" test "$(untimed "$work/all.json")" -le 100
	check "$kinds: of a sample $(figure "$work/some.json" timed) of $(figure "$work/some.json" faults)" \
		test "$(untimed "$work/some.json")" -gt "$(figure "$work/some.json" timed)"
	check "$kinds: it tells $some ns, where all are $all" near "$some" "$all"
	check "$kinds: the recording tells the same" equal "$(figure "$work/again.json" fault_ns)" "$some"
}
# Each kind for longer than the half of a second that may lie between two windows: what is never timed can not be told.
compare "small pages, then huge ones" 1 100000 6000
compare "both by turns" 3 80000 4000
conclude
