#!/bin/sh
# SPDX-License-Identifier: MIT
# Under libhakmem the allocator's row splits by size class: plausibly, from a forked child's first fault on, through vfork,
# exec and thread exit; and what each SuperSlab cost comes back to the allocator.
. "$(dirname "$0")/check.inc"

PUBLISHED=$BUILD/tests/system/published
PAGES=1024 # 4 MiB of 512-byte blocks

within() { # VALUE LOW HIGH
	[ "$1" -ge "$2" ] && [ "$1" -le "$3" ] || { echo "$1 is not within $2..$3"; return 1; }
}
trace() { # COMMAND...
	"$TRACE" --format csv -o "$work/report" "$@" >"$work/out" 2>"$work/err" || { cat "$work/err"; return 1; }
	check "$*: adds up" equal "$(awk -F, '$1 == "region" { sum += $4 } END { print sum }' "$work/report")" \
		$(($(counter "$work/report" rusage_minflt) + $(counter "$work/report" rusage_majflt)))
	check "$*: nothing lost" equal "$(counter "$work/report" lost)" 0
}
class() {
	faults "$work/report" allocator "class $1"
}

trace "$BUILD/bench/random_mixed-hakmem" 1000000 256 42
all=$(awk -F, '$1 == "region" { sum += $4 } END { print sum }' "$work/report")
check "random_mixed: at most 150 faults in the whole process ($all)" within "$all" 1 150
# 256 live blocks of 16 to 1040 bytes: about 135 KiB, in some 30 classes that each fill their last page partly.
bytes=$(awk -F, '$1 == "region" && $2 == "allocator" && $3 ~ /^class/ { sum += $4 * 4096 } END { print sum }' "$work/report")
check "random_mixed: the classes' bytes are plausible ($bytes)" within "$bytes" 135000 540000
check "random_mixed: many classes" test "$(grep -c '^region,allocator,class' "$work/report")" -ge 10
small=$(awk -F, '$1 == "region" && $2 == "allocator" && $3 ~ /^class/ { split($3, word, " ")
	if (word[2] <= 1280) sum += $4 * 4096 } END { print sum }' "$work/report")
check "random_mixed: all but stdio's buffer in classes of what was asked" within "$small" $((bytes - 8192)) "$bytes"

# The program is known to be libhakmem's only from within: no variable is set for it, nothing is preloaded.
trace sh -c "exec $BUILD/bench/random_mixed-hakmem 100000 256 42"
check "behind a shell: classes are seen" test "$(grep -c '^region,allocator,class' "$work/report")" -ge 10

trace --preload hakmem "$PUBLISHED" fill
fill=$(class 512)
check "fill: class 512 has its pages ($fill)" within "$fill" $PAGES $((PAGES + 32))
trace --preload hakmem "$PUBLISHED" fork
forked=$(class 512)
check "a forked child's copies are class 512's as well ($forked)" within "$forked" $((2 * PAGES)) $((2 * PAGES + 64))
trace --preload hakmem "$PUBLISHED" vfork
check "after vfork and exec" within "$(class 512)" $PAGES $((PAGES + 32))
trace --preload hakmem "$PUBLISHED" thread
check "a thread's blocks, and the next thread's" within "$(class 512)" $PAGES $((2 * PAGES + 64))

trace --max-overhead 1000 --preload hakmem "$PUBLISHED" costs # all is timed, however busy the machine is
check "costs: the allocator was told of each SuperSlab" grep -q '^chunk faults' "$work/out"
told=$(awk '/^chunk/ { sum += $3 } END { print sum + 0 }' "$work/out")
check "costs: its faults ($told) are those of the report" within "$told" $PAGES $((PAGES + 200))
check "costs: its zeroed bytes too" within "$(awk '/^chunk/ { sum += $5 } END { print sum + 0 }' "$work/out")" \
	$((PAGES * 4096)) $(((PAGES + 200) * 4096))
check "costs: and their time" equal "$(grep -c 'timed no' "$work/out")" 0
check "without a tracer there is no cost" equal "$(LD_PRELOAD=$BUILD/libhakmem.so "$PUBLISHED" costs)" \
	"no cost: $(perl -e '$! = 95; print $!' 2>/dev/null || echo Operation not supported)"
conclude
