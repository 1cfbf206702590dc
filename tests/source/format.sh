#!/bin/sh
# C sources are formatted as .clang-format says (`make format` does it). Versions of clang-format differ in details, so only
# the one that the project is formatted with counts.
# SPDX-License-Identifier: MIT
set -u
cd "$(dirname "$0")/../.." || exit 1
major=14

if ! command -v clang-format >/dev/null; then
	echo "clang-format is not installed"
	exit 77
fi
version=$(clang-format --version | sed -n 's/.*version \([0-9]*\).*/\1/p')
if [ "$version" != $major ]; then
	echo "clang-format is version $version; the sources are formatted with $major"
	exit 77
fi
# One process for all: a process a file takes ten times as long.
wrong=$(git ls-files '*.c' '*.h' ':!vmlinux' | while read -r file; do [ ! -e "$file" ] || echo "$file"; done |
	xargs -d '\n' clang-format --dry-run --Werror 2>&1) && exit 0
places=$(echo "$wrong" | sed -n 's/^\([^:]*\):[0-9]*:[0-9]*: error: code should be clang-formatted.*/\1/p' | sort -u)
echo "${places:-$wrong}"
echo "^ not as .clang-format says; make format"
exit 1
