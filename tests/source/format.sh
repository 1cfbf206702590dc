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
wrong=0
for file in $(git ls-files '*.c' '*.h' ':!vmlinux'); do
	[ -e "$file" ] || continue
	clang-format "$file" | cmp -s - "$file" && continue
	echo "$file"
	wrong=1
done
[ $wrong -eq 0 ] || echo "^ not as .clang-format says; make format"
exit $wrong
