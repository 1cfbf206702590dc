#!/bin/sh
# SPDX-License-Identifier: MIT
# Options reach a preloaded program: the table, the statistics, a bad value; and a program without any says nothing.
# beside: anything
set -u
build=${BUILD:-build}
library=$(cd "$build" && pwd)/libhakmem.so
failed=0

[ -f "$library" ] || { echo "skipped: $library has not been built"; exit 77; }

# says NAME PATTERN [OPTION=VALUE...]: what /bin/echo writes to standard error has the pattern.
says() {
	name=$1 pattern=$2
	shift 2
	if env "$@" LD_PRELOAD="$library" /bin/echo output 2>&1 >/dev/null | grep -q -e "$pattern"; then
		echo "ok: $name"
	else
		echo "FAILED: $name"
		failed=1
	fi
}

says 'HAKMEM_HELP=1 prints the table' 'HAKMEM_SS_PREFAULT *off' HAKMEM_HELP=1
says 'the table has the value in force' 'HAKMEM_ZERO *lazy' HAKMEM_HELP=1 HAKMEM_ZERO=lazy
says 'HAKMEM_STATS=1 prints statistics' '^hakmem .*: statistics$' HAKMEM_STATS=1
says 'a bad value is reported' '^hakmem: HAKMEM_ZERO=x is not allowed (allowed: eager, lazy, keep); using keep$' HAKMEM_ZERO=x
says 'HAKMEM_STATS=1 prints what assistance decided' 'assist, delay: 1000 ms, .*; nothing is known yet$' HAKMEM_ASSIST=auto HAKMEM_STATS=1
says 'a path at which nobody listens does no harm' 'assist, built-in costs: ' HAKMEM_ASSIST=/nowhere/here.sock HAKMEM_STATS=1
if [ "$(LD_PRELOAD=$library /bin/echo output 2>&1)" = output ]; then
	echo 'ok: silent by default'
else
	echo 'FAILED: not silent by default'
	failed=1
fi
if [ "$(HAKMEM_ZERO=x LD_PRELOAD=$library /bin/echo output 2>&1 | wc -l)" -eq 2 ]; then
	echo 'ok: a bad value is reported once'
else
	echo 'FAILED: a bad value is not reported once'
	failed=1
fi
exit $failed
