#!/bin/sh
# What reads other people's files for their symbols, under the sanitizers of addresses and undefined behaviour: the unit
# tests, which have damaged files. Its libraries are as Debian has them: of those only what they do to our memory is seen.
# beside: anything
# time-out: 900
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/../sanitize.inc"

has_sanitizer -fsanitize=address || { echo "clang has no sanitizers here (libclang-rt-dev)"; exit 77; }

names='code_file elf_symbols perf_map readable_name'
targets=
for name in $names; do targets="$targets tests/unit/loader/$name"; done
# With hakmem-trace, which fuzz/assist.sh and fuzz/serve.sh want: others wait for these.
# shellcheck disable=SC2086 # one word a target
build symbols '-fsanitize=address,undefined -fno-sanitize-recover=undefined' hakmem-trace $targets
for name in $names; do
	expect_ok "$name, address and undefined" timeout 250 "$BUILD/symbols/tests/unit/loader/$name"
done
exit $failed
