#!/bin/sh
# SPDX-License-Identifier: MIT
# The bench programs: they run, agree with each other on the same seed, have help, and refuse bad arguments with one clear
# line and status 2.
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
for program in random_mixed tiny_hot init_memset; do
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
[ -n "$mixed" ] && [ "$mixed" = "$(checksum "$bench/init_memset" 100000 256 42)" ]
check "random_mixed and init_memset do different work" $?
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

"$bench/empty_hooks" --help | grep -q '^usage: empty_hooks '
check "help of empty_hooks" $?
refuses "give a command" "$bench/empty_hooks"
refuses "no options" "$bench/empty_hooks" --foo
"$bench/empty_hooks" sh -c 'exit 7'
[ $? -eq 7 ]
check "empty_hooks passes the command's status on" $?
[ $failed -eq 0 ] && echo "ok   random_mixed, tiny_hot, init_memset and empty_hooks"
exit $failed
