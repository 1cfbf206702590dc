#!/bin/sh
# SPDX-License-Identifier: MIT
# On real programs of every kind (threads, many processes, pipes, set-user-ID, killed, outlived by children) the regions add
# up to what the kernel charged, nothing is lost, and at most 3 faults have no region.
. "$(dirname "$0")/check.inc"

export work
adds_up() { # COMMAND...
	"$TRACE" --format csv -o "$work/report" "$@" >"$work/out" 2>"$work/err"
	sum=$(awk -F, '$1 == "region" { sum += $4 } END { print sum + 0 }' "$work/report")
	charged=$(($(counter "$work/report" rusage_minflt) + $(counter "$work/report" rusage_majflt)))
	unseen=$(counter "$work/report" unseen)
	lost=$(counter "$work/report" lost)
	processes=$(grep -c '^process,' "$work/report")
	echo "$sum in regions, $charged charged, $unseen unseen, $lost lost, $processes processes"
	[ "$sum" -eq "$charged" ] && [ "$sum" -gt 20 ] && [ "$unseen" -le 3 ] && [ "$lost" -eq 0 ]
}
run() { # NAME COMMAND...
	name=$1
	shift
	check "$name" adds_up "$@"
	sed 's/^/     /' "$work/check"
}
have() {
	command -v "$1" >/dev/null || { echo "     ($1 is not installed: not tried)"; return 1; }
}

run "a small program" true
run "many short processes" sh -c 'i=0; while [ $i -lt 50 ]; do /bin/true; i=$((i + 1)); done'
run "pipes and subshells" sh -c 'ls -lR /usr/lib | sort | uniq -c | (cat; :) | wc -l; (exit 3) | true'
run "two at once" sh -c 'ls -lR /usr/share & ls -lR /usr/lib & wait'
run "ended by a signal" sh -c 'kill -SEGV $$'
run "a failing exec on the way" sh -c '/no/such/file; exec /bin/true'
run "arguments by the megabyte" sh -c 'x=$(head -c 100000 /dev/zero | tr "\0" x); for i in 1 2 3; do /bin/true "$x" "$x"; done'
run "outlived by a busy child" sh -c '(i=0; while [ $i -lt 200 ]; do /bin/true; i=$((i + 1)); done) >/dev/null 2>&1 & sleep 0.3'
have python3 && run "threads" python3 -c '
import json, threading
def work():
    for i in range(100):
        json.dumps(list(range(2000)))
threads = [threading.Thread(target=work) for i in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]'
have python3 && run "fork and exec from threads" python3 -c '
import subprocess, threading
def work():
    for i in range(10):
        subprocess.run(["/bin/true"])
threads = [threading.Thread(target=work) for i in range(4)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]'
have perl && run "a heap that grows" perl -e 'my %hash; $hash{$_} = $_ for 1..100000'
have node && run "a program that compiles as it runs" node -e 'let a = []; for (let i = 0; i < 1e5; i++) a.push({i}); JSON.stringify(a)'
have gcc && run "a compiler" gcc -O2 -c -D_GNU_SOURCE -Iinclude -o "$work/object" tests/system/published.c
have passwd && SUDO_UID=65534 SUDO_GID=65534 run "set-user-ID on the way" sh -c 'passwd -S nobody; true'
conclude
