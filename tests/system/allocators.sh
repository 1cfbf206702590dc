#!/bin/sh
# Each allocator that Debian packages is recognised, those that use sbrk too, and one that nobody has heard of: what malloc
# hands out is `allocator`, under the library's name, and next to nothing is left as libc's heap. A static program, whose
# libc can't be told from it, is reported.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/check.inc"

program=$BUILD/bench/random_mixed
tried=0

# Most of what random_mixed touches is the allocator's: SLOTS of about half a KiB.
recognised() { # LIBRARY NAME
	"$TRACE" --preload "$1" --format csv -o "$work/report" -- "$program" 200000 20000 42 >/dev/null || return 1
	own=$(awk -F, -v name="$2" '$1 == "region" && $2 == "allocator" && index($3, name) == 1 { sum += $4 } END { print sum + 0 }' \
		"$work/report")
	libc=$(($(faults "$work/report" libc heap) + $(faults "$work/report" libc mmap) + $(faults "$work/report" libc arena)))
	others=$(($(faults "$work/report" anon) + $(faults "$work/report" allocator) - own))
	echo "allocator $own, libc's $libc, others' $others"
	[ "$own" -ge 1000 ] && [ "$libc" -le 40 ] && [ "$others" -le 3 ]
}
# name [NAME-OF-WHO-MAPS]: skipped where it isn't installed.
try() {
	for library in /usr/lib/"$1"* /usr/lib/*/"$1"*; do
		[ -e "$library" ] || continue
		tried=$((tried + 1))
		check "$1 is recognised" recognised "$library" "${2:-${1%%.so*}}"
		return
	done
	echo "skip $1: not installed"
}
try libjemalloc.so.2
try libmimalloc.so.
try libtcmalloc_minimal.so.4
try libtcmalloc.so.4
try libtbbmalloc_proxy.so.2 libtbbmalloc
check "some are installed" test $tried -gt 2
check "one that no list has is recognised" recognised "$BUILD/tests/system/unheard_malloc.so" unheard_malloc.so

reported() { # PROGRAM WORDS
	"$TRACE" --format json -o "$work/report" -- "$1" baseline >/dev/null || return 1
	grep -q "$2" "$work/report" || { cat "$work/report"; return 1; }
}
static=$BUILD/tests/system/truth_churn-static
strip -o "$work/stripped" "$static"
check "a static program is reported" reported "$static" "truth_churn-static's code and memory is its C library's: it is static,"
check "a stripped one, too" reported "$work/stripped" "stripped's code and memory is its C library's: it is static and stripped,"
said_nothing() { ! reported "$BUILD/tests/system/truth_churn" "C library's: it is static"; }
check "a dynamic one isn't" said_nothing

# The kernel tells paths from a root that a chroot does not have.
in_chroot() {
	root=$work/root
	mkdir -p "$root/proc" "$root/sys" "$root/tmp"
	for file in $(ldd "$TRACE" | grep -o '/[^ ]*'); do
		mkdir -p "$root$(dirname "$file")" && cp -L "$file" "$root$file"
	done
	cp "$TRACE" "$root/hakmem-trace" && cp "$static" "$root/static" || return 1
	# shellcheck disable=SC2016 # the inner shell expands it
	unshare --mount --propagation slave sh -c 'mount --rbind /proc "$0/proc" && mount --rbind /sys "$0/sys" &&
		exec chroot "$0" /hakmem-trace --format json -o /tmp/report -- /static baseline' "$root" >/dev/null || return 1
	grep -q "static's code and memory is its C library's" "$root/tmp/report" || { cat "$root/tmp/report"; return 1; }
}
if unshare --mount --propagation slave true 2>"$work/err"; then
	check "a static program in a chroot is reported" in_chroot
else
	echo "skip a static program in a chroot: $(cat "$work/err")"
fi
conclude
