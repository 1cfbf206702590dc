#!/bin/sh
# SPDX-License-Identifier: MIT
# A traced program that cuts its own library short while its stacks are unwound, so that what says how to unwind is gone from
# the file: the tracer goes on, and every fault has its stack up to main.
. "$(dirname "$0")/check.inc"
command -v jq >/dev/null || { echo "skipped: needs jq"; exit 77; }

# Its code is in the file's first two pages, and needs no data: it can be run when the rest is gone.
cat >"$work/library.c" <<'END'
static __attribute__((noinline)) void touch(volatile char *page)
{
	*page = 1;
}
__attribute__((noinline)) void call(volatile char *page)
{
	touch(page);
	__asm__ volatile("" ::: "memory");
}
const char filler[65536] = {1};
END
cat >"$work/program.c" <<'END'
#include <dlfcn.h>
#include <sys/mman.h>
#include <unistd.h>

int main(int count, char **argument)
{
	void *library = dlopen(argument[1], RTLD_NOW);
	void (*call)(volatile char *) = library ? dlsym(library, "call") : 0;
	char *memory = mmap(0, 1000 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (count != 2 || !call || memory == MAP_FAILED)
		return 1;
	for (int i = 0; i < 1000; i++) {
		call(memory + i * 4096);
		if (i % 100 == 50)
			usleep(10000); /* for the tracer to come by, before and after */
		if (i == 500 && truncate(argument[1], 8192))
			return 2;
	}
	_exit(0); /* its destructors are gone */
}
END
gcc -O2 -g -shared -fPIC -o "$work/library" "$work/library.c"
gcc -O2 -g -o "$work/program" "$work/program.c"
for way in dwarf fp; do
	cp "$work/library" "$work/cut.so"
	"$TRACE" --stacks=all --call-graph $way --format json -o "$work/report" -- "$work/program" "$work/cut.so"
	check "$way: status 0" equal $? 0
	check "$way: the file was cut" equal "$(stat -c %s "$work/cut.so")" 8192
	check "$way: no stack is lost" equal "$(jq .stack_sampling.lost "$work/report")" 0
	check "$way: all faults are there" test "$(jq '[.stacks[] | select(.region == "anon") | .faults] | add' "$work/report")" -ge 1000
done
cp "$work/library" "$work/cut.so"
"$TRACE" --stacks=all --call-graph dwarf --format json -o "$work/report" -- "$work/program" "$work/cut.so"
check "dwarf: they have main as a caller" test "$(jq '[.stacks[] | select(.region == "anon" and (.frames | index("main"))) | .faults] | add' \
	"$work/report")" -ge 990
conclude
