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
# What reads symbols stands on these folders alone. The list of libhakmem's functions is data.
objects=$BUILD/loader/symbol/hakmem_functions_list.o
for source in loader/symbol/*.c loader/snapshot/*.c; do objects="$objects $BUILD/symbols/${source%.c}.o"; done
# shellcheck disable=SC2086 # one word a target
build symbols '-fsanitize=address,undefined -fno-sanitize-recover=undefined' LOADER_LIB_OBJS="$objects" BPF_SKELS= $targets
for name in $names; do
	expect_ok "$name, address and undefined" timeout 250 "$BUILD/symbols/tests/unit/loader/$name"
done
exit $failed
