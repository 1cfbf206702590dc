#!/bin/sh
# Run in a test VM: hakmem-trace assist loads and attaches its programs on this kernel, a process is given a table, and what it is
# told that its memory costs is what it touched. Of times nothing is said here.
# Usage: tests/vm/assist.sh
# SPDX-License-Identifier: MIT
cd "$(dirname "$0")/../.." || exit 1
. tests/system/check.inc
. tests/system/assist.inc

PAGES=256 # of a step
STEPS=4
GATHERED=16 # faults that are entered with the next ones at the latest
export HAKMEM_THP=off

# Off by less than what is still gathered, of one processor, at either end.
near() { # VALUE EXPECTED
	off=$(($1 - $2))
	[ ${off#-} -le $GATHERED ] || { echo "is $1, not $2"; return 1; }
}

check "assist: it serves" start_daemon --clients 4
check "assist: a process is told its costs" start_served one
step one
# Where the kernel can preempt hooks (from 7.0 on), those of others are skipped meanwhile: of some tries one is to be without that.
[ "$(uname -r | cut -d. -f1)" -ge 7 ] && tries=5 || tries=1
while :; do
	faults_before=${faults:-0} zeroed_before=${zeroed:-0} tries=$((tries - 1))
	for _ in $(seq $STEPS); do step one; done
	counted=$((${faults:-0} - faults_before)) cleared=$(((${zeroed:-0} - zeroed_before) / 4096))
	[ $tries -gt 0 ] || break
	! { near $counted $((STEPS * PAGES)) && near $cleared "$counted"; } >/dev/null || break
	echo "again: $counted faults, $cleared pages cleared"
done
check "assist: $counted faults of $((STEPS * PAGES)) pages touched" near $counted $((STEPS * PAGES))
check "assist: $cleared pages cleared" near $cleared "$counted"
finish one
check "assist: it ends when it is told to" stop_daemon
conclude
