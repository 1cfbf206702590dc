#!/bin/sh
# How many instructions a malloc and a free of it retire in each allocator, preloaded, on the shortest way: counted by valgrind's
# callgrind as the difference between more and fewer pairs, so that starting and ending don't count.
# Usage: bench/instructions.sh [SIZE [LIBRARY.so...]]      SIZE is 64; without libraries libhakmem and Debian's that are installed
# Counted is what is executed in the library (callgrind's "object"): neither the caller's loop nor its PLT.
# SPDX-License-Identifier: MIT
set -eu
cd "$(dirname "$0")/.."

BUILD=${BUILD:-build}
FEWER=10000
MORE=30000

size=${1:-64}
case $size in '' | *[!0-9]*)
	sed -n '2,/^# SPDX/s/^# \{0,1\}//p' "$0" | grep -v SPDX >&2
	exit 2 ;;
esac
[ $# -eq 0 ] || shift
command -v valgrind >/dev/null || { echo "instructions.sh: needs valgrind: apt-get install valgrind" >&2; exit 1; }
if [ $# -eq 0 ]; then
	libraries=/usr/lib/$(uname -m)-linux-gnu
	set -- "$BUILD/libhakmem.so" "" "$libraries/libjemalloc.so.2" "$libraries/libmimalloc.so.2" "$libraries/libmimalloc.so.3" \
		"$libraries/libtcmalloc_minimal.so.4"
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/instructions-XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

# Instructions in every object but the program itself: in the dynamic linker and libraries.
count() { # LIBRARY PAIRS
	LD_PRELOAD=$1 valgrind -q --tool=callgrind --compress-strings=no --callgrind-out-file="$work/out" \
		"$BUILD/bench/malloc_pair" "$size" "$2" >/dev/null 2>"$work/err" || { cat "$work/err" >&2; return 1; }
	awk -v program=malloc_pair '
		/^ob=/ { own = $0 ~ "/" program "$" }
		/^calls=/ { getline; next } # what a callee took, counted there
		/^[0-9+*-]/ && !own { sum += $2 }
		END { printf "%.0f\n", sum }' "$work/out"
}

for library in "$@"; do
	[ -z "$library" ] || [ -e "$library" ] || continue
	name=$(basename "${library:-glibc}")
	if fewer=$(count "$library" $FEWER) && more=$(count "$library" $MORE) && [ "$more" -gt "$fewer" ]; then
		echo "$name $(((more - fewer + (MORE - FEWER) / 2) / (MORE - FEWER)))"
	else
		echo "$name n/a"
	fi
done
