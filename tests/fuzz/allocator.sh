#!/bin/sh
# Fuzzes the allocator against a shadow model (tests/fuzz/allocator/), each configuration for its share of FUZZ_SECONDS (20;
# 3600 with tests/run.sh --long): by libFuzzer with the address and undefined behaviour sanitizers, and by random inputs to
# the same program without. Where clang has no libFuzzer, by random inputs alone.
# A failure names its seed: with it all is the same again, but for addresses. libFuzzer's last input is kept in build/.
# Usage: allocator.sh [SEED]
# beside: anything
# time-out: 600
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/../sanitize.inc"

seed=${1:-1}
seconds=${FUZZ_SECONDS:-20}
[ -z "$LONG" ] || seconds=${FUZZ_SECONDS:-3600}
length=1024 # bytes of input: some three hundred calls

# One a line.
configurations='HAKMEM_ZERO=keep
HAKMEM_ZERO=eager HAKMEM_SS_PREFAULT=touch
HAKMEM_ZERO=lazy HAKMEM_SS_PREFAULT=auto
HAKMEM_DIRTY_MAX=0 HAKMEM_THP=off
HAKMEM_DIRTY_MAX=1 HAKMEM_HELPER=0 HAKMEM_SS_PREFAULT=populate
HAKMEM_THP=on
HAKMEM_ASSIST=auto
HAKMEM_ASSIST=auto HAKMEM_THP=off
HAKMEM_HARDENED=1'

build fuzz '' renamed/fuzz
programs=random
if has_sanitizer -fsanitize=fuzzer; then
	build libfuzzer '-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined' renamed/fuzz-libfuzzer
	programs='random libfuzzer'
else
	echo 'clang has no libFuzzer here (libclang-rt-dev): random inputs only'
fi
share=$((seconds / ($(echo "$configurations" | wc -l) * $(echo "$programs" | wc -w))))
[ $share -gt 0 ] || share=1

fuzz() { # PROGRAM
	case $1 in
	random) timeout -k 5 $((share + 60)) "$BUILD/fuzz/renamed/fuzz" -s "$seed" -t $share ;;
	libfuzzer)
		# An input that takes 30 s is a hang.
		timeout -k 5 $((share + 60)) "$BUILD/libfuzzer/renamed/fuzz-libfuzzer" -seed="$seed" -max_total_time=$share \
			-max_len=$length -len_control=0 -timeout=30 -rss_limit_mb=4096 -artifact_prefix="$BUILD/fuzz-" "$work/corpus"
		;;
	esac
}

# libFuzzer begins with random inputs, for which it would take minutes by itself; what it finds it adds for the next.
mkdir "$work/corpus"
"$BUILD/fuzz/renamed/fuzz" -s "$seed" -n 20 -o "$work/corpus" >"$work/output" 2>&1 || failed=1
while read -r options; do
	# shellcheck disable=SC2163 # what they are named
	for option in $options; do export "$option"; done
	for program in $programs; do
		if fuzz "$program" >"$work/output" 2>&1 </dev/null; then
			echo "ok: seed $seed, $options: $(sed -n 's/^fuzz: ok, /random, /p; s/^Done \([0-9]*\) runs.*/libFuzzer, \1 inputs/p' "$work/output")"
		else
			echo "FAILED: seed $seed, $program, $options: status $?"
			grep -v '^#[0-9]' "$work/output" | tail -n 40
			failed=1
		fi
	done
	for option in $options; do unset "${option%%=*}"; done
done <<END
$configurations
END
exit $failed
