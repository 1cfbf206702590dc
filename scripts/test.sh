#!/bin/sh
# Installs what is missing, builds everything and runs all tests. The last line says `N passed, N failed`.
# Usage: scripts/test.sh [--matrix|--long] [PATTERN...]     as root or with sudo; arguments go to tests/run.sh
# SPDX-License-Identifier: MIT
set -eu
cd "$(dirname "$0")/.."

BUILD=${BUILD:-build}
SUDO=
[ "$(id -u)" = 0 ] || SUDO=sudo

case " $* " in
*' -h '* | *' --help '*) exec tests/run.sh --help ;;
esac
tests/run.sh --list "$@" >/dev/null # what it would refuse is refused before minutes of building

scripts/setup.sh test

mkdir -p "$BUILD"
# What tests fetch when they come to it is fetched meanwhile; those that are there first wait. What fails is theirs to say.
{
	awk '$1 == "always" { print $3 }' tests/vm/kernels | while read -r kernel; do scripts/vm-kernel.sh "$kernel"; done
	web/fetch.sh "$BUILD/tests/web/tools" tests/web/tools
	web/fetch.sh "$BUILD/web/npm"
} >"$BUILD/test-fetch.log" 2>&1 </dev/null &

echo "test: building (output in $BUILD/test-build.log)"
begin=$(date +%s)
if ! make -s -j"$(nproc)" -Otarget BUILD="$BUILD" all test-programs >"$BUILD/test-build.log" 2>&1; then
	tail -n 40 "$BUILD/test-build.log" >&2
	echo "test: error: the build failed (above: the end of $BUILD/test-build.log)" >&2
	echo "0 passed, 1 failed"
	exit 1
fi
echo "test: built in $(($(date +%s) - begin)) s"

# Tracing needs root; the tests drop it again where they check that.
# shellcheck disable=SC2086 # empty or one word
exec $SUDO env BUILD="$BUILD" tests/run.sh "$@"
