#!/bin/sh
# The allocator's unit tests and the stress program with the allocator itself under sanitizers: address and undefined
# behaviour, then threads. A finding of a sanitizer ends the program and fails the test.
# beside: anything
# time-out: 900
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/../sanitize.inc"

has_sanitizer -fsanitize=address || { echo "clang has no sanitizers here (libclang-rt-dev)"; exit 77; }

# Not with a sanitizer's malloc in the program: what sets a limit to its address space, which a sanitizer's shadow does
# not fit in, or locks all that; what says which system calls there are; what is about who allocates first; what frees what libc has
# allocated; what measures how much is resident; and what forks amid threads and starts a thread in the child, where the address sanitizer of clang 14 waits for a
# lock of its own malloc that was held. These run without one, and undefined behaviour ends them.
alone='memory_limit sandbox startup stats threads conditions assist'
# They wait for time to pass, and count threads, of which a sanitizer has one.
slow='helper costs'
threaded='threads conditions foreign runs large zero slab parts api'

all=
for source in tests/unit/alloc/*.c; do
	name=$(basename "$source" .c)
	case " $alone ${LONG:-$slow} " in *" $name "*) ;; *) all="$all $name" ;; esac
done
in_folder() { # FOLDER NAME...
	folder=$1
	shift
	for name; do echo "$folder/$name"; done
}

# shellcheck disable=SC2046,SC2086 # lists of names
{
	build address '-fsanitize=address,undefined -fno-sanitize-recover=undefined' renamed/tests/system/alloc_stress \
		$(in_folder renamed/tests/unit/alloc $all)
	build undefined '-fsanitize=undefined -fsanitize-undefined-trap-on-error' $(in_folder tests/unit/alloc $alone)
	build thread '-fsanitize=thread' renamed/tests/system/alloc_stress $(in_folder renamed/tests/unit/alloc $threaded)
}

# What is not freed at the end is the tests' affair; and each fault is one to fail for.
export ASAN_OPTIONS=detect_leaks=0
# After a fork amid threads its runtime knows of threads that are not there.
export TSAN_OPTIONS="die_after_fork=0 exitcode=66 suppressions=tests/system/alloc-sanitized.supp"
for name in $all; do
	expect_ok "$name, address and undefined" timeout 200 "$BUILD/address/renamed/tests/unit/alloc/$name"
done
for name in $alone; do
	expect_ok "$name, undefined" timeout 200 "$BUILD/undefined/tests/unit/alloc/$name"
done
for name in $threaded; do
	expect_ok "$name, thread" timeout 200 "$BUILD/thread/renamed/tests/unit/alloc/$name"
done

rounds=1000
[ -z "$LONG" ] || rounds=100000
for options in HAKMEM_ZERO=keep HAKMEM_ZERO=eager 'HAKMEM_DIRTY_MAX=0 HAKMEM_SS_PREFAULT=auto' \
	'HAKMEM_ASSIST=auto HAKMEM_THP=off' HAKMEM_ASSIST=auto HAKMEM_HARDENED=1; do
	for kind in address thread; do
		# shellcheck disable=SC2086 # one word an option
		expect_ok "stress, $kind, $options" \
			env $options timeout 1500 "$BUILD/$kind/renamed/tests/system/alloc_stress" 3 $rounds 1
	done
done
exit $failed
