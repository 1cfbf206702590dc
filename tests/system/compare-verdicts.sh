#!/bin/sh
# SPDX-License-Identifier: MIT
# What compare says when the truth is known: two equal arms, and one that spins 5 % longer. However busy the machine is.
. "$(dirname "$0")/check.inc"

spin=$BUILD/bench/spin

verdict_of() { # FIGURE OPTION...: the second arm's verdict and ratio
	figure=$1
	shift
	"$TRACE" compare --traced 0 --format json "$@" | python3 -c '
import json, sys
beside = json.load(sys.stdin)["arms"][1]["figures"][sys.argv[1]]["beside_first"]
print(beside["verdict"], beside["ratio"])' "$figure"
}

# Of twenty experiments with equal arms, how many find no difference.
equal_arms() {
	for seed in $(seq "$1" $(($1 + 19))); do
		verdict_of wall_s --seed "$seed" --runs 10 --arm a --arm b -- "$spin" 8000000
	done >"$work/equal"
	grep -c '^no-difference ' "$work/equal"
}
# A verdict is wrong at most once in a hundred, so two of twenty are once in sixty: a second series must then do.
nineteen_of_twenty() {
	[ "$(equal_arms 1)" -ge 19 ] || [ "$(equal_arms 101)" -ge 19 ] || { cat "$work/equal"; return 1; }
}
check "two equal arms: no detectable difference in 19 of 20 experiments" nineteen_of_twenty

# Processor time, which other processes disturb less than the clock.
five_percent() {
	verdict_of processor_s --judge processor_s --runs 30 --seed "$1" --arm plain --arm slower=SPIN_MORE=5 -- "$spin" 10000000 >"$work/five"
	awk '$1 != "more" || $2 < 1.02 || $2 > 1.09 { print "it says " $0; exit 1 }' "$work/five"
}
found_in_thirty() {
	five_percent 1 || five_percent 2
}
check "5 % slower is found, and measured, in 30 runs" found_in_thirty
conclude
