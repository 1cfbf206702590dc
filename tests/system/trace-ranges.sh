#!/bin/sh
# SPDX-License-Identifier: MIT
# Huge reservations, signal stacks, and arguments of clone that mean nothing: each page is its owner's, nothing is lost.
. "$(dirname "$0")/check.inc"

RANGES=$BUILD/tests/system/ranges
trace() {
	"$TRACE" --format csv -o "$work/report" "$RANGES" "$1" 2>"$work/err" || cat "$work/err"
	check "$1: nothing lost" equal "$(counter "$work/report" lost)" 0
}

trace reservations
check "reservations: the kept one still has its owner" equal "$(faults "$work/report" anon ranges)" 400
trace altstack
check "altstack: its pages are a signal stack" equal "$(faults "$work/report" stack signal)" 64
trace stray-tls
check "stray-tls: no page is thread-local storage" equal "$(faults "$work/report" tls thread)" 0
check "stray-tls: they are the program's" test "$(faults "$work/report" anon ranges)" -ge 500
conclude
