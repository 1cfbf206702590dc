#!/bin/sh
# SPDX-License-Identifier: MIT
# The start-up fault budget: random_mixed 1000000 256 42 causes at most 150 page faults in the whole process, and a
# program that allocates next to nothing few more than it does with libc's malloc. The least of five runs counts: the
# kernel's own share varies by a few with the addresses it picks.
# beside: anything
set -u
build=${BUILD:-build}
failed=0

[ -x "$build/bench/random_mixed-hakmem" ] || { echo "skipped: random_mixed-hakmem has not been built"; exit 77; }
command -v python3 >/dev/null 2>&1 || { echo "skipped: python3 is not installed"; exit 77; }

# least_faults COMMAND...
least_faults() {
	python3 -c '
import os, resource, subprocess, sys
def faults():
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    pid = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ,
                         file_actions=[(os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0)])
    _, _, usage = os.wait4(pid, 0)
    return usage.ru_minflt + usage.ru_majflt
print(min(faults() for _ in range(5)))' "$@"
}

# at_most LIMIT WHAT FAULTS
at_most() {
	if [ "$3" -le "$1" ]; then
		echo "ok: $2: $3 faults (at most $1)"
	else
		echo "FAILED: $2: $3 faults (at most $1)"
		failed=1
	fi
}

libc=$(least_faults "$build/bench/random_mixed" 1000000 256 42)
start_libc=$(least_faults "$build/bench/random_mixed" 1 256 42)
at_most 150 'random_mixed 1000000 256 42' "$(least_faults "$build/bench/random_mixed-hakmem" 1000000 256 42)"
echo "note: libc's malloc causes $libc faults there"
at_most $((start_libc + 18)) 'random_mixed 1 256 42, 18 over libc' \
	"$(least_faults "$build/bench/random_mixed-hakmem" 1 256 42)"
exit $failed
