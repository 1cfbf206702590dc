#!/bin/sh
# The truth test with programs that are linked in other ways: static, static-pie, and with musl, dynamic and static.
# Left out is what docs/how-it-works.md lists as a limit.
# time-out: 600
# SPDX-License-Identifier: MIT
set -u

here=$(dirname "$0")
BUILD=${BUILD:-build}
status=0

run() { # PROGRAMS CASES...
	programs=$1
	shift
	"$here/truth.sh" --one-start --no-preload --programs "$programs" "$@" || status=1
}

run 'truth_tls-static truth_churn-static truth_thread-static truth_child-static truth_tls-static-pie truth_thread-static-pie'
if [ -e "$BUILD/tests/system/truth_churn-musl" ]; then
	run 'truth_churn-musl truth_thread-musl truth_child-musl truth_churn-musl-static truth_thread-musl-static'
	run 'truth_tls-musl truth_tls-musl-static' truth_tls-musl/tls-thread-touched truth_tls-musl-static/tls-main
else
	echo 'skip musl: no musl-gcc'
fi
exit $status
