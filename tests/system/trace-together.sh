#!/bin/sh
# SPDX-License-Identifier: MIT
# Tracers at work at the same time don't disturb each other: ten at once, each with a command of its own, count what one alone
# does for that command, row by row and cause by cause. The commands start a hundred programs, fork with a heap, or allocate.
# Their addresses are not random, so that all runs touch the same pages.
. "$(dirname "$0")/check.inc"
. "$(dirname "$0")/attach.inc"

ten='1 2 3 4 5 6 7 8 9 10'
command -v setarch >/dev/null || { echo "setarch is not installed"; exit 77; }

report() { # FILE COMMAND...
	report=$1
	shift
	setarch -R "$TRACE" --format csv -o "$report" -- "$@" >"$report.out" 2>"$report.err"
}
# Zeroed bytes and causes of each row. Not what chance has a part in, whoever traces: how often pages of files are mapped
# around the one that is touched (not those that somebody else has locked), and where the kernel has its page tables from.
figures() { # FILE
	awk -F, '$1 == "region" && $2 != "kernel" { print $2, $3, $9, $14, $15, $16, $17, $20, $21, $22 }' "$1" | sort
}
of_files() { # FILE
	awk -F, '$1 == "region" { sum += $18 + $19 } END { print sum + 0 }' "$1"
}
nearly() { # VALUE EXPECTED
	[ "$1" -ge $(($2 - $2 / 50 - 3)) ] && [ "$1" -le $(($2 + $2 / 50 + 3)) ] || { echo "is $1, not about $2"; return 1; }
}
sum_of() { # FILE
	awk -F, '$1 == "region" { sum += $4 } END { print sum + 0 }' "$1"
}
adds_up() { # FILE
	equal "$(sum_of "$1")" $(($(counter "$1" rusage_minflt) + $(counter "$1" rusage_majflt))) &&
		equal "$(counter "$1" lost)" 0 && equal "$(counter "$1" unseen)" 0
}
together() { # NAME LEAST COMMAND...: it has at least LEAST faults
	name=$1
	least=$2
	shift 2
	check "$name, traced alone: status 0" report "$work/alone" "$@"
	check "$name, traced alone: $least faults" test "$(sum_of "$work/alone")" -ge "$least"
	tracers=
	for i in $ten; do
		report "$work/together-$i" "$@" &
		tracers="$tracers $!"
	done
	for tracer in $tracers; do
		check "$name: status 0" wait "$tracer"
	done
	figures "$work/alone" >"$work/expected"
	for i in $ten; do
		figures "$work/together-$i" >"$work/found"
		check "$name, tracer $i of ten: the figures of one alone" same "$work/expected" "$work/found"
		check "$name, tracer $i of ten: about as many faults on files" \
			nearly "$(of_files "$work/together-$i")" "$(of_files "$work/alone")"
		check "$name, tracer $i of ten: it adds up" adds_up "$work/together-$i"
	done
}

together "a hundred programs" 5000 "$BUILD/bench/startup" 100
together "forks" 5000 "$BUILD/bench/fork_big" 8 4 1000
together "an allocating program" 500 "$BUILD/bench/random_mixed" 100000 4000 42

# One that traces all of the machine traces also what the others do, and the child that they calibrate with. Of two that look
# at the same fault, the kernel tells only one whose memory it is (bpf/unplaced.h).
beside() { # NAME COMMAND...: as when traced alone, just before
	name=$1
	shift
	report "$work/alone-$name" "$@"
	figures "$work/alone-$name" >"$work/expected-$name"
	attach -a --format csv
	report "$work/beside" "$@"
	figures "$work/beside" >"$work/found"
	check "$name, beside a tracer of everything: the figures of one alone" same "$work/expected-$name" "$work/found"
	check "$name, beside a tracer of everything: it adds up" adds_up "$work/beside"
	detach
	check "$name, beside a tracer of everything, which ends well" equal "$status" 0
}

beside programs "$BUILD/bench/startup" 100
beside random "$BUILD/bench/random_mixed" 100000 4000 42
conclude
