#!/bin/sh
# SPDX-License-Identifier: MIT
# The bench programs: they run, agree with each other on the same seed and under both allocators, have help, and refuse bad
# arguments with one clear line and status 2.
# beside: anything
set -u
BUILD=${BUILD:-build}
failed=0

check() { # WHAT STATUS
	if [ "$2" -ne 0 ]; then
		echo "FAIL $1"
		failed=1
	fi
}

# refuses WORDS PROGRAM ARGUMENTS...: status 2, nothing on stdout, one line on stderr that has the words.
refuses() {
	words=$1
	shift
	message=$("$@" 2>&1 >/dev/null)
	[ $? -eq 2 ]
	check "status of $*" $?
	[ "$(printf '%s\n' "$message" | wc -l)" -eq 1 ]
	check "more than one line from $*: $message" $?
	case $message in
	*"$words"*) ;;
	*) check "no '$words' from $*: $message" 1 ;;
	esac
	[ -z "$("$@" 2>/dev/null)" ]
	check "output of $*" $?
}

checksum() {
	"$@" | sed -n 's/.* operations\/s .*checksum \([0-9a-f]*\).*/\1/p'
}

bench=$BUILD/bench
for program in random_mixed tiny_hot; do
	"$bench/$program" --help | grep -q "^usage: $program "
	check "help of $program" $?
	refuses "unknown option '--foo'" "$bench/$program" --foo
	refuses "arguments" "$bench/$program" 1
	refuses "'x'" "$bench/$program" x 1 1
	refuses "'0'" "$bench/$program" 1 0 1
	refuses "'-1'" "$bench/$program" -1 1 1
	refuses "'99999999999999999999'" "$bench/$program" 99999999999999999999 1 1
done
refuses "MAX must be a whole number from 40" "$bench/random_mixed" 1 1 1 40 20
refuses "arguments" "$bench/random_mixed" 1 1 1 40

mixed=$(checksum "$bench/random_mixed" 100000 256 42)
[ -n "$mixed" ] && [ "$mixed" = "$(LD_PRELOAD=$bench/libculprit.so checksum "$bench/random_mixed" 100000 256 42)" ]
check "random_mixed does different work on the culprit" $?
[ "$mixed" != "$(checksum "$bench/random_mixed" 100000 256 43)" ]
check "the seed does nothing" $?
if [ -x "$bench/random_mixed-hakmem" ]; then
	[ "$mixed" = "$(checksum "$bench/random_mixed-hakmem" 100000 256 42)" ]
	check "random_mixed and random_mixed-hakmem do different work" $?
fi
"$bench/random_mixed" 1000 16 1 16 80000 | grep -q '^random_mixed: [0-9]* operations/s '
check "large sizes" $?
"$bench/tiny_hot" 64 10 1000 | grep -q '(20000 in '
check "tiny_hot counts wrongly" $?

"$bench/malloc_pair" --help | grep -q '^usage: malloc_pair '
check "help of malloc_pair" $?
refuses "arguments" "$bench/malloc_pair" 1
refuses "SIZE must be a whole number" "$bench/malloc_pair" x 1
"$bench/malloc_pair" 64 10 | grep -q '(10 in '
check "malloc_pair counts wrongly" $?

"$bench/empty_hooks" --help | grep -q '^usage: empty_hooks '
check "help of empty_hooks" $?
refuses "give a command" "$bench/empty_hooks"
refuses "no options" "$bench/empty_hooks" --foo
"$bench/empty_hooks" sh -c 'exit 7'
[ $? -eq 7 ]
check "empty_hooks passes the command's status on" $?

# Every workload of the allocator suite, with arguments that take next to no time: help, bad use, and the same checksum under
# both allocators.
hakmem=$BUILD/libhakmem.so
case $hakmem in /*) ;; *) hakmem=$(pwd)/$hakmem ;; esac
tiny='burst 16 70000 2 2 1
larson 2 100 8 1000 500 3
producer_consumer 2 50
large_blocks 3 1048576 2097152 20 3
calloc_mixed 5000 100 16 5000
thread_churn 30 3 50 10
fragmentation 2 6 200
many_threads 6 2000 50
idle_threads 20 50
latency 5000 100
fork_big 2 3 100
recalloc 4 262144 20
frames 1 3 1
spin 1000
startup 3'
checked=0
while read -r program arguments; do
	refuses "unknown option '--foo'" "$bench/$program" --foo
	refuses "'x'" "$bench/$program" x
	refuses "'-1'" "$bench/$program" -1
	refuses "'99999999999999999999'" "$bench/$program" 99999999999999999999
	refuses "too many arguments" "$bench/$program" 1 2 3 4 5 6 7 8 9
	"$bench/$program" --help | grep -q "^usage: $program "
	check "help of $program" $?
	# shellcheck disable=SC2086 # several arguments
	set -- $arguments
	expected=$(checksum "$bench/$program" "$@")
	[ -n "$expected" ] && [ "$expected" = "$(LD_PRELOAD=$hakmem checksum "$bench/$program" "$@")" ]
	check "$program $arguments: another checksum with libhakmem" $?
	BENCH_RESIDENT=0 "$bench/$program" "$@" | grep -Eq "^$program: resident at the end: [1-9][0-9]* KiB\$"
	check "$program does not say what is resident" $?
	checked=$((checked + 1))
done <<LIST
$tiny
LIST
[ $checked -eq 15 ]
check "$checked programs were checked" $?
# Only the program itself rests at the end: a thousand children would, for half an hour. They would refuse this.
said=$(BENCH_RESIDENT=x "$bench/startup" 2 2>&1)
echo "$said" | grep -q BENCH_RESIDENT && ! echo "$said" | grep -q "child failed"
check "startup's children rest, too: $said" $?
SPIN_MORE=50 "$bench/spin" 1000 | grep -q '(1500 in '
check "spin spins longer" $?
refuses "SPIN_MORE must be a whole number" env SPIN_MORE=x "$bench/spin" 1000
refuses "MAX is less than MIN" "$bench/burst" 100 10
refuses "needs libhakmem" "$bench/frames" 2 3 1
[ "$(checksum "$bench/frames" 0 3 1)" = "$(LD_PRELOAD=$hakmem checksum "$bench/frames" 2 3 1)" ]
check "frames from a pool: another checksum" $?
refuses "LEAVE is more than BLOCKS" "$bench/thread_churn" 1 1 5 6
BENCH_PEAK=1 "$bench/random_mixed" 1000 1 42 100 100 | grep -qx 'random_mixed: requested at peak: 0 KiB'
check "the peak of one block of 100 bytes" $?

# Recorded and replayed: as many calls as the program made, and freed blocks are reused by slot.
calls=$(mktemp "${TMPDIR:-/tmp}/hakmem-calls-XXXXXX")
trap 'rm -f "$calls"' EXIT
record=$BUILD/bench/suite/record.so
case $record in /*) ;; *) record=$(pwd)/$record ;; esac
BENCH_RECORD=$calls LD_PRELOAD=$record "$bench/tiny_hot" 64 10 100 >/dev/null
[ "$(grep -c '^m [0-9a-f]* 40$' "$calls")" -eq 1000 ]
check "1000 calls of malloc(64) were not recorded" $?
replayed=$(checksum "$bench/replay" "$calls" 3)
[ -n "$replayed" ] && [ "$replayed" = "$(LD_PRELOAD=$hakmem checksum "$bench/replay" "$calls" 3)" ]
check "replay computes something else with libhakmem" $?
printf 'm 1000 7\nc 2000 5\nr 1000 3000 9\na 4000 40 40\nf 3000\nf 3000\nf 5000\n' >"$calls"
"$bench/replay" "$calls" 2 | grep -q '(10 in .*checksum 20)'
check "replay of a short recording" $?
for wrong in 'x 1000 7' 'm 1000' 'f' 'a 1000 40 3' 'r 1000 2000' ''; do
	printf 'm 1000 7\n%s\n' "$wrong" >"$calls"
	message=$("$bench/replay" "$calls" 2>&1 >/dev/null)
	[ $? -eq 1 ] && [ "$message" = "replay: $calls:2 is no recorded call" ]
	check "replay of '$wrong': $message" $?
done
refuses "No such file" "$bench/replay" "$calls.none"
refuses "arguments" "$bench/replay"

# What measure says of how a command ended.
measure=$bench/suite/measure
ends() { # OUTCOME COMMAND...
	expected=$1
	shift
	"$measure" --timeout 20 -o "$calls" -- "$@" && [ "$(cut -d' ' -f1 "$calls")" = "$expected" ] && [ "$(wc -w <"$calls")" -eq 7 ]
	check "measure $*: $(cat "$calls")" $?
}
ends ok true
ends exit:3 sh -c 'exit 3'
ends signal:11 sh -c 'kill -11 $$'
"$measure" --timeout 1 -o "$calls" -- sleep 100 && grep -q '^timeout ' "$calls"
check "measure of what lasts too long: $(cat "$calls")" $?
"$measure" --preload "$hakmem" -o "$calls" -- sh -c '[ "$LD_PRELOAD" = "$0" ]' "$hakmem" && grep -q '^ok ' "$calls"
check "measure --preload" $?
if grep -q '^THP_enabled:' /proc/self/status; then
	ends exit:1 grep -q '^THP_enabled:.*0' /proc/self/status
	"$measure" --no-huge-pages -o "$calls" -- grep -q '^THP_enabled:.*0' /proc/self/status && grep -q '^ok ' "$calls"
	check "measure --no-huge-pages" $?
fi
"$measure" --cgroup "$calls.none" -o "$calls" -- true 2>/dev/null
[ $? -eq 1 ]
check "measure in no control group" $?
refuses "unknown option" "$measure" --foo -o "$calls" -- true
refuses "are needed" "$measure" -- true
refuses "number of seconds" "$measure" --timeout 0 -o "$calls" -- true
[ $failed -eq 0 ] && echo "ok   the bench programs"
exit $failed
