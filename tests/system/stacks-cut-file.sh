#!/bin/sh
# SPDX-License-Identifier: MIT
# A traced program that cuts its own library short while its stacks are unwound, so that what says how to unwind is gone from
# the file: the tracer goes on, and every fault has its stack up to main. And a library of 4 GiB, all holes, which says that
# three of them say how to unwind: the tracer doesn't read them.
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

if command -v python3 >/dev/null; then
	python3 - "$work/library" "$work/hollow" <<-'END'
		import os, struct, sys
		file = bytearray(open(sys.argv[1], "rb").read())
		(headers,), (count,) = struct.unpack_from("<Q", file, 32), struct.unpack_from("<H", file, 56)
		for header in range(headers, headers + count * 56, 56):
		    if struct.unpack_from("<I", file, header)[0] == 0x6474E550:  # PT_GNU_EH_FRAME
		        struct.pack_into("<Q", file, header + 32, 3 << 30)
		struct.pack_into("<Q", file, 40, 0)  # no sections
		struct.pack_into("<HH", file, 60, 0, 0)
		open(sys.argv[2], "wb").write(file)
		os.truncate(sys.argv[2], 4 << 30)
	END
	python3 -c 'import resource, subprocess, sys
status = subprocess.run(sys.argv[1:]).returncode
print(status, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)' \
		"$TRACE" --stacks=all --call-graph dwarf --format json -o "$work/report" -- "$work/program" "$work/hollow" >"$work/out"
	check "hollow: status 0" equal "$(cut -d' ' -f1 "$work/out")" 0
	check "hollow: less than 1 GiB of memory" test "$(cut -d' ' -f2 "$work/out")" -lt 1048576
	check "hollow: all faults are there" test "$(jq '[.stacks[] | select(.region == "anon") | .faults] | add' "$work/report")" -ge 1000
fi
conclude
