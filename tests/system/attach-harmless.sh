#!/bin/sh
# SPDX-License-Identifier: MIT
# Attaching and letting go change nothing in a process, whatever it does meanwhile: waits, creates threads, executes another
# program, ends.
. "$(dirname "$0")/check.inc"
. "$(dirname "$0")/attach.inc"

# All of it that a tracer could have changed. Not how much is resident, and not what counts time.
state_of() { # PID
	grep -E '^(Name|State|Tgid|TracerPid|Uid|Gid|FDSize|Threads|Sig(Pnd|Blk|Ign|Cgt)|ShdPnd|Cap[A-Z][a-z]*|NoNewPrivs|Seccomp|Vm(Size|Lck|Pin)|Cpus_allowed):' \
		"/proc/$1/status"
	for descriptor in "/proc/$1"/fd/*; do echo "$descriptor $(readlink "$descriptor")"; done
	cat "/proc/$1/maps"
	grep ^VmFlags "/proc/$1/smaps"
	cat "/proc/$1/timerslack_ns" "/proc/$1/oom_score_adj" "/proc/$1/comm" "/proc/$1/personality" 2>/dev/null
}

launch one
tell one "touch 10"
process=$(id_of one)
state_of "$process" >"$work/before"
attach -p "$process"
state_of "$process" >"$work/while"
detach
state_of "$process" >"$work/after"
check "attached, it is what it was" same "$work/before" "$work/while"
check "let go, it is what it was" same "$work/before" "$work/after"
check "there is something to compare" test "$(grep -c ^VmFlags "$work/before")" -gt 10
check "nobody ptraces it" grep -q '^TracerPid:	0$' "$work/while"
attach -p "$process"
kill -KILL "$tracer"
wait "$tracer" 2>/dev/null
tracer=
state_of "$process" >"$work/after"
check "the same when the tracer is killed" same "$work/before" "$work/after"
tell one "touch 10"
end one
check "it goes on and ends as ever" equal "$ended" 0

# A stopped one stays stopped, and is not waited for.
launch one
kill -STOP "$(id_of one)"
attach -p "$(id_of one)"
check "a stopped one stays stopped" grep -q '^State:	T' "/proc/$(id_of one)/status"
detach
check "let go, too" grep -q '^State:	T' "/proc/$(id_of one)/status"
kill -CONT "$(id_of one)"
end one
check "and goes on when it is told to" equal "$ended" 0

# --- it creates threads all the while ---
# As slow as the machine may be, until there were so many faults that those at the edges are few among them.
many_faults_of() { # PID
	had=$(cut -d ' ' -f 10 "/proc/$1/stat")
	for _ in $(seq 100); do
		sleep 0.1
		[ $(($(cut -d ' ' -f 10 "/proc/$1/stat") - had)) -lt 5000 ] || return 0
	done
}
launch one
tell one busy
sleep 0.2
for round in 1 2 3; do
	attach -p "$(id_of one)"
	many_faults_of "$(id_of one)"
	detach
	check "threads, round $round: status 0" equal "$status" 0
	check "threads, round $round: it adds up" adds_up "$work/report"
	check "threads, round $round: they are seen" test "$(sum "$work/report")" -ge 5000
	# Of each thread 8 pages of its own mapping; those of its stack are its second use, so they are there already.
	# What one had mapped just before, and touches after, was mapped by nobody that was seen.
	anonymous=$(faults "$work/report" anon)
	check "threads, round $round: their memory is mostly the program's" \
		test "$(faults "$work/report" anon obey)" -ge $((anonymous * 9 / 10))
	check "threads, round $round: and nobody else's" about "$anonymous" \
		"$(awk -F, '$1 == "region" && $2 != "unseen" && $2 != "stack" && $2 != "tls" && $2 != "libc" { s += $4 } END { print s }' \
			"$work/report")"
	# A fault that is under way when it is attached to, or let go, has an address that no hook has seen.
	check "threads, round $round: hardly anything unseen" at_least "$(counter "$work/report" unseen)" 0 2
done
tell one idle
end one
check "threads: it ends as ever" equal "$ended" 0

# --- it executes another program ---
launch one
attach -p "$(id_of one)"
tell one "touch 100"
echo exec >"$work/one.in"
line "$work/one.out" '^[0-9]' 2
tell one "touch 200"
tell one "threads 3"
detach
check "exec: it adds up" adds_up "$work/report"
check "exec: nothing unseen" equal "$(counter "$work/report" unseen)" 0
check "exec: both programs' pages" at_least "$(faults "$work/report" anon obey)" $((100 + 200 + 24)) $((100 + 200 + 24 + 3))
# Each later thread has the stack of the one before it.
check "exec: the new one's threads" at_least "$(faults "$work/report" stack thread)" 8 40
end one
check "exec: it ends as ever" equal "$ended" 0

# --- it ends while it is attached to: at some point of it in each round ---
wrong=0
for round in $(seq 12); do
	sleep "0.$(printf %03d $((round * 60)))" &
	victim=$!
	"$TRACE" -p $victim --format csv -o "$work/report" 2>"$work/err"
	status=$?
	case $status in
	0) adds_up "$work/report" >>"$work/wrong" || wrong=1 ;;
	1) grep -qE 'there is no process|has ended already|ended before it could be' "$work/err" || wrong=1 ;;
	*) wrong=1 ;;
	esac
	[ $wrong -eq 0 ] || { echo "round $round: $status" && cat "$work/err"; } >>"$work/wrong"
	wait $victim
	[ $wrong -eq 0 ] || break
done
check "ending meanwhile: a report that adds up, or one line" sh -c "[ $wrong -eq 0 ] || { cat '$work/wrong'; false; }"
conclude
