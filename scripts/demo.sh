#!/bin/sh
# Installs what is missing, builds hakmem, and shows where every page fault of a small allocator benchmark goes.
# Usage: scripts/demo.sh     as root or with sudo; BUILD=DIR builds elsewhere than in build/
# SPDX-License-Identifier: MIT
set -eu
cd "$(dirname "$0")/.."

BUILD=${BUILD:-build}
SUDO=
[ "$(id -u)" = 0 ] || SUDO=sudo

scripts/setup.sh demo

mkdir -p "$BUILD"
echo "demo: building (output in $BUILD/demo-build.log)"
begin=$(date +%s)
if ! make -s -j"$(nproc)" -Otarget BUILD="$BUILD" all >"$BUILD/demo-build.log" 2>&1; then
	tail -n 40 "$BUILD/demo-build.log" >&2
	echo "demo: error: the build failed (above: the end of $BUILD/demo-build.log)" >&2
	exit 1
fi
echo "demo: built in $(($(date +%s) - begin)) s"

set -- "$BUILD/hakmem-trace" "$BUILD/bench/random_mixed-hakmem" 1000000 256 42
echo "demo: ${SUDO:+$SUDO }$*"
exec $SUDO "$@"
