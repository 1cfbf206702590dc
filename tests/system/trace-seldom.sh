#!/bin/sh
# SPDX-License-Identifier: MIT
# A program that mostly waits and faults now and then is timed throughout: what its later faults took is not guessed from its first
# ones, which may be of another kind. Also one that is attached to, and one that has not faulted for seconds.
. "$(dirname "$0")/check.inc"

cat >"$work/seldom.c" <<'END'
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static void touch(size_t pages)
{
	volatile char *memory = mmap(NULL, pages * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	for (size_t i = 0; i < pages; i++)
		memory[i * 4096] = 1;
}

/* 200 pages at once; after so many seconds ten now and then, so many times, so many microseconds apart. */
int main(int count, char **arguments)
{
	if (count != 4)
		return 2;
	touch(200);
	sleep(atoi(arguments[3]));
	for (int i = 0; i < atoi(arguments[1]); i++) {
		usleep(atoi(arguments[2]));
		touch(10);
	}
	return 0;
}
END
gcc -O1 -o "$work/seldom" "$work/seldom.c" || exit 1

# A fault that is interrupted by the opening of events, or by a switch of its program, may lose its time.
"$TRACE" --format json -o "$work/seldom.json" -- "$work/seldom" 25 60000 0
check "a command: $(untimed "$work/seldom.json") of $(figure "$work/seldom.json" faults) faults untimed" \
	test "$(untimed "$work/seldom.json")" -le 10

"$work/seldom" 60 60000 0 &
attached=$!
sleep 0.3
"$TRACE" -p $attached --format json -o "$work/attached.json"
check "attached to: it faults" test "$(figure "$work/attached.json" faults)" -ge 50
check "attached to: $(untimed "$work/attached.json") of $(figure "$work/attached.json" faults) faults untimed" \
	test "$(untimed "$work/attached.json")" -le 10

# Timing rests after two seconds, and goes on soon after faults have come; what came in between is the only loss.
"$TRACE" --format json -o "$work/rested.json" -- "$work/seldom" 20 60000 3
check "after a rest: $(untimed "$work/rested.json") of $(figure "$work/rested.json" faults) faults untimed" \
	test "$(untimed "$work/rested.json")" -le 60
conclude
