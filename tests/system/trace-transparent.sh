#!/bin/sh
# SPDX-License-Identifier: MIT
# A traced command behaves as it would untraced: streams, exit status, signals, environment, descriptors, masks, limits.
. "$(dirname "$0")/check.inc"

both() { # NAME COMMAND...: the same output and status, traced and not
	name=$1
	shift
	"$@" <"$work/input" >"$work/plain.out" 2>"$work/plain.err"
	plain=$?
	"$TRACE" -o "$work/report" -- "$@" <"$work/input" >"$work/traced.out" 2>"$work/traced.err"
	traced=$?
	check "$name: exit status $plain" equal $traced $plain
	check "$name: stdout" same "$work/plain.out" "$work/traced.out"
	check "$name: stderr" same "$work/plain.err" "$work/traced.err"
}

head -c 300000 /dev/urandom >"$work/input"
both "stdin to stdout" cat
both "stderr" sh -c 'cat >&2; exit 3'
both "status 255" sh -c 'exit 255'
both "environment" env
both "descriptors" ls /proc/self/fd
both "limits" sh -c 'ulimit -a'
both "signal mask and dispositions" grep -E '^Sig(Blk|Ign|Cgt)|^ShdPnd' /proc/self/status
both "capabilities and ids" grep -E '^(Cap|Uid|Gid|Groups|NoNewPrivs|Seccomp):' /proc/self/status
both "arguments" sh -c 'printf "<%s>" "$@"' name -o --format json '' 'a b' --
(
	trap '' PIPE USR1
	both "inherited ignored signals" grep -E '^SigIgn' /proc/self/status
	exit $failures
) || failures=$((failures + $?))

for signal in TERM INT HUP QUIT USR1 KILL SEGV; do
	plain=$(status_of sh -c "kill -$signal \$\$")
	traced=$(status_of "$TRACE" -o "$work/report" sh -c "kill -$signal \$\$")
	check "ends by SIG$signal as the command did ($plain)" equal "$traced" "$plain"
	check "and reports" grep -q '^REGION' "$work/report"
done

# A signal sent to the tracer reaches the command, which may live on.
for signal in TERM INT HUP USR1; do
	: >"$work/out" # or the last round's "ready" would be taken for this one's
	# A shell starts background commands with SIGINT ignored.
	env --default-signal=INT "$TRACE" -o "$work/report" sh -c "trap 'echo got $signal; exit 7' $signal; echo ready; while :; do sleep 0.05; done" \
		>"$work/out" 2>&1 &
	tracer=$!
	for _ in $(seq 100); do
		grep -q ready "$work/out" && break
		sleep 0.1
	done
	kill -$signal $tracer
	wait $tracer
	check "SIG$signal to the tracer: the command's status" equal $? 7
	check "SIG$signal to the tracer: the command took it" grep -q "got $signal" "$work/out"
	check "SIG$signal to the tracer: reported" grep -q '^REGION' "$work/report"
done
conclude
