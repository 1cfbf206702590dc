#!/bin/sh
# The build: with clang as the C compiler, into another folder, in parallel, from nothing and without a warning; a second
# make does nothing; nothing is written beside the sources.
# time-out: 900
# SPDX-License-Identifier: MIT
set -eu
cd "$(dirname "$0")/../.."

work=$(mktemp -d "${TMPDIR:-/tmp}/hakmem-build.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 143' TERM INT

command -v clang >/dev/null || { echo "clang is not installed" && exit 77; }
unset MAKEFLAGS MAKELEVEL
git status --porcelain --ignored >"$work/before" 2>/dev/null || : >"$work/before"
if ! make -s -j"$(nproc)" -Otarget CC=clang BUILD="$work/build" all test-programs >"$work/log" 2>&1; then
	tail -n 60 "$work/log"
	echo "make CC=clang failed"
	exit 1
fi
if grep -i 'warning:' "$work/log"; then
	echo "make CC=clang warned"
	exit 1
fi
if ! make -q CC=clang BUILD="$work/build" all test-programs; then
	echo "a second make would do:"
	make -n CC=clang BUILD="$work/build" all test-programs | head -n 20
	exit 1
fi
echo "clang: $(find "$work/build" -type f -executable ! -name '*.o' | wc -l) programs and libraries"
git status --porcelain --ignored >"$work/after" 2>/dev/null || : >"$work/after"
# Others may edit sources meanwhile: only new untracked files count.
if diff "$work/before" "$work/after" | grep -E '^> (\?\?|!!)'; then
	echo "the build left files beside the sources"
	exit 1
fi
