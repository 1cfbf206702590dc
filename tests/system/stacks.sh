#!/bin/sh
# SPDX-License-Identifier: MIT
# Stacks of faults end in the right function, with whole callers: plain C without frame pointers, threads, children, signal
# handlers, two programs in one process, C++ with inlining, a shared library, static binaries, python3; by frame pointers
# where there are any. What can't be had is said.
# time-out: 600
. "$(dirname "$0")/check.inc"

STACKS=$BUILD/tests/system/stacks
source=tests/system/stacks.c

# Trace a command, which says which leaves and callers there must be; its report is $work/report.
trace() { # OPTION... -- COMMAND...
	"$TRACE" --stacks --format json -o "$work/report" "$@" >"$work/expected" 2>"$work/err" || cat "$work/err"
}

# agrees PROGRAM SHARE: of the faults of each leaf so large a share, in per cent, has this leaf, called by its caller, in a
# stack that ends where the program or a thread begins.
agrees() {
	python3 - "$work/report" "$work/expected" "$2" <<-'PYTHON'
		import json, sys
		report = json.load(open(sys.argv[1]))
		ends = ("_start", "clone3", "__clone", "clone", "start_thread", "__clone3")
		expected, bad = {}, 0
		for line in open(sys.argv[2]):
		    leaf, caller, pages = line.split()
		    expected[leaf, caller] = expected.get((leaf, caller), 0) + int(pages)
		for (leaf, caller), pages in expected.items():
		    right = 0
		    for stack in report["stacks"]:
		        frames = [f.split("(")[0] for f in stack["frames"]]
		        if not frames or not any(frames[-1].startswith(end) for end in ends):
		            continue
		        for one, other in zip(frames, frames[1:]):
		            if (one == leaf or leaf == "memset" and "memset" in one) and other == caller:
		                right += stack["faults"]
		                break
		    share = 100 * right / pages
		    if not float(sys.argv[3]) <= share <= 102:
		        print(f"{leaf} called by {caller}: {right} of {pages} faults")
		        bad = 1
		sys.exit(bad)
	PYTHON
}
no_loss() { grep -q '"stack_sampling".*"lost": 0,.*"stale": 0' "$work/report"; }
cut_share() { # per cent of the samples at most
	python3 -c 'import json, sys
report = json.load(open(sys.argv[1]))
taken = sum(stack["samples"] for stack in report["stacks"])
share = 100 * report["stack_sampling"]["cut"] / taken
print("cut:", round(share, 1), "% of", taken)
sys.exit(share > float(sys.argv[2]))' "$work/report" "$1"
}
adds_up() {
	python3 -c 'import json, sys
report = json.load(open(sys.argv[1]))
rows = {}
for stack in report["stacks"]:
    key = stack["region"], stack["detail"]
    rows[key] = rows.get(key, 0) + stack["faults"]
wrong = [(row["region"], row["detail"], row["faults"], rows.get((row["region"], row["detail"]), 0)) for row in report["regions"]
         if abs(rows.get((row["region"], row["detail"]), 0) - row["faults"]) > 1]
print(wrong)
sys.exit(bool(wrong))' "$work/report"
}

for mode in plain threads forks signals twice; do
	trace --call-graph dwarf -- "$STACKS" "$mode"
	check "$mode: leaves and callers by dwarf" agrees "$STACKS" 95
	check "$mode: no stack is lost" no_loss
	check "$mode: at most 5 % of the stacks are cut" cut_share 5
	check "$mode: stacks add up to the regions" adds_up
done
trace --call-graph dwarf,4096 -- "$STACKS" deep
check "deep: stacks that are deeper than what is copied are cut, and counted" \
	sh -c '! grep -q "\"cut\": 0," "$1"' - "$work/report"
trace --call-graph dwarf,65536 -- "$STACKS" deep
check "deep: with more copied they are whole" agrees "$STACKS" 95
trace --stacks=all --call-graph dwarf -- "$STACKS" forks
check "all: of every fault" sh -c 'grep -q "\"sampled\": false" "$1"' - "$work/report"
check "all: leaves and callers" agrees "$STACKS" 95

# Files that are gone before anybody could open them: while the tracer sleeps, the program ends and goes.
cp "$STACKS" "$work/gone"
"$TRACE" --stacks=all --format json -o "$work/report" -- \
	sh -c '"$1/gone" plain; sleep 2; "$1/gone" signals; rm "$1/gone"; touch "$1/done"' - "$work" >"$work/expected" 2>"$work/err" &
tracer=$!
until grep -q leaf_of_libc "$work/expected"; do sleep 0.1; done
sleep 0.5 # it has opened what there was
kill -STOP $tracer
until [ -e "$work/done" ]; do sleep 0.1; done
kill -CONT $tracer
wait $tracer
check "gone: what was opened in time keeps its names" agrees "$work/gone" 95
cp "$STACKS" "$work/gone"
"$TRACE" --stacks --format json -o "$work/report" -- \
	sh -c 'touch "$1/begun"; sleep 1; "$1/gone" plain; rm "$1/gone"; touch "$1/gone-too"' - "$work" >"$work/expected" 2>"$work/err" &
tracer=$!
until [ -e "$work/begun" ]; do sleep 0.1; done
kill -STOP $tracer
until [ -e "$work/gone-too" ]; do sleep 0.1; done
kill -CONT $tracer
wait $tracer
check "gone: what wasn't is counted" grep -q '"stale": [1-9]' "$work/report"
check "gone: and shown by file and address" grep -q '"gone+0x' "$work/report"

build() { # NAME COMPILER OPTION...: another build of the program, in $work
	name=$1
	compiler=$2
	shift 2
	"$compiler" -g -D_GNU_SOURCE -O2 "$@" -o "$work/$name" >"$work/err" 2>&1 || cat "$work/err"
}
if command -v gcc >/dev/null; then
	# Not optimized: the smallest functions do without else, and then their caller is not seen.
	build kept gcc -O0 "$source"
	trace --call-graph fp -- "$work/kept" signals
	check "fp: leaves and callers where there are frame pointers" sh -c '
		python3 - "$1" <<-PYTHON
			import json, sys
			right = 0
			for stack in json.load(open(sys.argv[1]))["stacks"]:
			    if stack["frames"][:3] == ["leaf_three", "caller_three", "handler"]:
			        right += stack["faults"]
			print(right)
			sys.exit(not 380 <= right <= 408)
		PYTHON' - "$work/report"
	build static gcc -static "$source"
	trace -- "$work/static" plain
	check "static: leaves and callers" agrees "$work/static" 95
	build static-pie gcc -static-pie "$source"
	trace -- "$work/static-pie" plain
	check "static-pie: leaves and callers" agrees "$work/static-pie" 95
	build stripped gcc "$source"
	strip "$work/stripped"
	trace -- "$work/stripped" plain
	check "stripped: whole stacks without names" cut_share 5
	check "stripped: frames are the file's name and an address" grep -q '"stripped+0x' "$work/report"

	cat >"$work/shared.c" <<-'C'
		#include <string.h>
		__attribute__((noinline)) void leaf_in_library(volatile char *memory, int pages)
		{
			for (int i = 0; i < pages; i++)
				memory[i * 4096] = 1;
		}
		void caller_in_library(char *memory, int pages)
		{
			leaf_in_library(memory, pages);
			__asm__ volatile("" ::: "memory");
		}
	C
	cat >"$work/uses.c" <<-'C'
		#include <stdio.h>
		#include <sys/mman.h>
		void caller_in_library(char *memory, int pages);
		int main(void)
		{
			caller_in_library(mmap(NULL, 300 * 4096, 3, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 300);
			puts("leaf_in_library caller_in_library 300\ncaller_in_library main 300");
			return 0;
		}
	C
	build libshared.so gcc -shared -fPIC "$work/shared.c"
	strip --strip-unneeded "$work/libshared.so"
	build uses gcc "$work/uses.c" "$work/libshared.so" "-Wl,-rpath,$work"
	trace -- "$work/uses"
	check "library: leaves and callers in a stripped one" agrees "$work/uses" 95
fi

if command -v g++ >/dev/null; then
	cat >"$work/inlined.cc" <<-'CC'
		#include <cstdio>
		#include <sys/mman.h>
		namespace field {
		template <typename Value> struct filler {
			Value *memory;
			static inline __attribute__((always_inline)) void touch(Value *at) { *static_cast<volatile Value *>(at) = 1; }
			__attribute__((noinline)) void fill(int pages)
			{
				for (int i = 0; i < pages; i++)
					touch(memory + i * 4096 / sizeof(Value));
			}
		};
		}
		int main()
		{
			field::filler<long> it{static_cast<long *>(mmap(nullptr, 300 * 4096, 3, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))};
			it.fill(300);
			std::puts("field::filler<long>::touch field::filler<long>::fill 300\nfield::filler<long>::fill main 300");
		}
	CC
	build inlined g++ -x c++ "$work/inlined.cc"
	trace -- "$work/inlined"
	check "C++: leaves that were inlined, by readable names" agrees "$work/inlined" 95
	check "C++: with their lines" grep -q '"lines": \["[^"]*inlined.cc:6", "[^"]*inlined.cc:10"' "$work/report"
fi

if command -v python3 >/dev/null; then
	trace -- python3 -c 'x = [bytearray(100) for i in range(100000)]'
	check "python3: at most 5 % of the stacks are cut" cut_share 5
	check "python3: stacks add up to the regions" adds_up
fi

trace --kernel-stacks -- "$STACKS" plain
check "kernel stacks: the report says so" grep -q '"kernel_frames": true' "$work/report"
check "kernel stacks: the page fault is in them" grep -q 'exc_page_fault' "$work/report"
check "kernel stacks: we aren't" sh -c '! grep -q "bpf_prog" "$1"' - "$work/report"

# What can't be is said at once.
refused() { # TEXT OPTION...
	text=$1
	shift
	status=0
	"$TRACE" "$@" true >"$work/out" 2>"$work/err" || status=$?
	[ $status -eq 2 ] && [ "$(wc -l <"$work/err")" -eq 1 ] && grep -q -- "$text" "$work/err"
}
check "usage: --call-graph without --stacks" refused 'need --stacks' --call-graph fp
check "usage: an unknown call graph" refused "no call graph 'lbr'" --stacks --call-graph lbr
check "usage: too large a copy" refused '4096 to 65536' --stacks --call-graph dwarf,1000000
check "usage: an unknown kind of stacks" refused "not 'some'" --stacks=some
conclude
