#!/bin/sh
# SPDX-License-Identifier: MIT
# The models of a TLB and a cache: a program that walks over its pages in a known way misses as often as that way and the
# TLB's shape make it, in the region where its pages lie; everything else of the run is in some row, too. What the command
# does passes through, and what isn't modelled is said.
# beside: anything
# time-out: 600
. "$(dirname "$0")/check.inc"
. "$(dirname "$0")/misses.inc"
command -v valgrind >/dev/null || { echo "valgrind is not installed"; exit 77; }
# Debian 12's valgrind can't read what its clang writes by default.
if ! valgrind --tool=none -q "$BUILD/bench/random_mixed-hakmem" 1 1 1 >"$work/out" 2>&1; then
	"$TRACE" misses --tlb-model -o "$work/report" "$BUILD/bench/random_mixed-hakmem" 1 1 1 2>"$work/err"
	check "what valgrind can't run: status 1" equal $? 1
	check "what valgrind can't run: one line, with its words" grep -q '^hakmem-trace: valgrind gave up on .*-gdwarf-4' "$work/err"
	[ $failures -eq 0 ] || conclude
	echo "this valgrind can't read this build's debug information"
	exit 77
fi
STRIDES=$BUILD/tests/system/strides

model() { # REPORT OPTION... COMMAND...
	report=$1
	shift
	"$TRACE" misses --tlb-model --format csv -o "$work/$report" "$@"
}

is_row() { # REPORT REGION DETAIL ACCESSES L1-MISSES WALKS
	equal "$(figure "$work/$1" tlb-model "$2" "$3" accesses)" "$4" &&
		equal "$(figure "$work/$1" tlb-model "$2" "$3" tlb_first_level_misses)" "$5" &&
		equal "$(figure "$work/$1" tlb-model "$2" "$3" page_walks)" "$6"
}

# 64 entries 4-way, then 1536 12-way, hold 32, 128, 3000 pages in turn in both levels, in the second one, in none.
model fits "$STRIDES" 32 100 anon
check "32 pages: each access is in the program's anonymous memory" equal "$(figure "$work/fits" tlb-model anon strides accesses)" 3200
check "32 pages: each page walks once" equal "$(figure "$work/fits" tlb-model anon strides page_walks)" 32
check "32 pages: and misses no more, but for those that the stack's and libc's pages push out" \
	between "$(figure "$work/fits" tlb-model anon strides tlb_first_level_misses)" 32 50
model second "$STRIDES" 128 50 anon
check "128 pages: each access misses the first level, each page walks once" is_row second anon strides 6400 6400 128
model none "$STRIDES" 3000 5 anon
check "3000 pages: each access walks" is_row none anon strides 15000 15000 15000
model shape --tlb-model=l1=64/64,l2=4096/16 "$STRIDES" 3000 5 anon
check "3000 pages, and a second level for 4096: each page walks once" is_row shape anon strides 15000 15000 3000
check "all of the run is in some row" equal "$(total "$work/shape" accesses)" "$(awk -F, '$1 == "region" { sum += $5 } END { print sum }' "$work/shape")"
check "and little of it is unknown" between "$(figure "$work/shape" tlb-model unseen '*' accesses)" 0 100

# The same in other memory.
model bss "$STRIDES" 128 50 bss
check "in the program's bss" between "$(figure "$work/bss" tlb-model program bss tlb_first_level_misses)" 6350 6400
model thread "$STRIDES" 128 50 thread
check "by a second thread" is_row thread anon strides 6400 6400 128
check "which has a stack" between "$(figure "$work/thread" tlb-model stack thread accesses)" 50 5000
check "and thread-local storage" between "$(figure "$work/thread" tlb-model tls thread accesses)" 10 5000
model libc "$STRIDES" 1000 5 malloc
check "a block of glibc's malloc" between "$(figure "$work/libc" tlb-model libc mmap tlb_first_level_misses)" 5000 5200
model medium --preload hakmem "$STRIDES" 128 50 malloc
check "a block of libhakmem's in its SuperSlabs" is_row medium allocator medium 6400 6400 128
check "its attribution is sure" equal "$(total "$work/medium" unsure)" 0
model large --preload hakmem --huge none "$STRIDES" 1500 5 malloc
check "a large one" is_row large allocator large 7500 7500 1500
model huge --preload hakmem --huge allocator "$STRIDES" 1500 5 malloc
check "the same in pages of 2 MiB" between "$(figure "$work/huge" tlb-model allocator large page_walks)" 3 4
case $(cat /sys/kernel/mm/transparent_hugepage/enabled 2>/dev/null) in
*'[never]'* | '') ;;
*)
	HAKMEM_THP=on model thp --preload hakmem "$STRIDES" 1500 20 malloc
	check "the same, as the kernel says that it has them" between "$(figure "$work/thp" tlb-model allocator large tlb_first_level_misses)" 3 6000
	;;
esac
model classes "$BUILD/bench/random_mixed-hakmem" 3000 64 42 >"$work/out"
check "size classes are told apart" between "$(grep -c '^region,tlb-model,allocator,class' "$work/classes")" 5 30
# Blocks of 64 bytes alone, and one array of 256 pointers, of which each operation reads and writes one.
model one "$BUILD/bench/random_mixed-hakmem" 3000 256 42 64 64 >"$work/out"
check "blocks of one size are of one class" between "$(figure "$work/one" tlb-model allocator 'class 64' accesses)" 15000 30000
check "an array of 2 KiB is of its class" between "$(figure "$work/one" tlb-model allocator 'class 2048' accesses)" 6000 6600
check "and no other class is touched, but by stdio" between \
	"$(grep '^region,tlb-model,allocator,class' "$work/one" | grep -cv 'class 64,\|class 2048,')" 0 2
check "the program's words pass through" grep -q '^random_mixed: ' "$work/out"

# A cache of 32 KiB 8-way: the first bytes of pages share one set, so nine pages in turn always miss.
model cache --cache-model "$STRIDES" 9 100 anon
check "cache model: nine lines of one set" equal "$(figure "$work/cache" tlb-model anon strides cache_first_level_misses)" 900
model cache --cache-model=48/12 "$STRIDES" 9 100 anon
check "cache model: in twelve ways" between "$(figure "$work/cache" tlb-model anon strides cache_first_level_misses)" 9 60

# What isn't modelled is said.
"$TRACE" misses --tlb-model --accesses 5k -o "$work/stopped" "$STRIDES" 128 50 anon
check "a command that is stopped: status 0" equal $? 0
check "and it is said" grep -q '^limit: stopped after 5000 accesses' "$work/stopped"
check "the report says that it is a model" grep -q '^MODEL, not a measurement: TLB l1=64/4,' "$work/stopped"
check "the answer is in words" grep -q '^In words (of the model): Of the ' "$work/stopped"
"$TRACE" misses --tlb-model -o "$work/fork" "$STRIDES" 64 1 fork
check "children are not modelled" grep -q 'children were not modelled' "$work/fork"
"$TRACE" misses --tlb-model -o "$work/exec" "$STRIDES" 64 1 exec
check "nor is what execve brings" grep -q 'execve), which was not modelled' "$work/exec"
check "an exit status passes through" equal "$(status_of "$TRACE" misses --tlb-model -o "$work/status" sh -c 'exit 3')" 3
check "a signal, too" equal "$(status_of "$TRACE" misses --tlb-model -o "$work/status" sh -c 'kill -TERM $$')" 143
PATH=/nowhere "$TRACE" misses --tlb-model /bin/true 2>"$work/err"
check "no valgrind: status 1" equal $? 1
check "no valgrind: says so" grep -q 'needs valgrind' "$work/err"
conclude
