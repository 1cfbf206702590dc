#!/bin/sh
# SPDX-License-Identifier: MIT
# Makes vmlinux/ARCH/vmlinux.h from a kernel's BTF, pruned to what the BPF programs use: the types and members that they
# access (CO-RE relocates them to each kernel at load), and the enums that hold helpers' constants.
#
#   scripts/make-vmlinux.sh [BTF]        default: /sys/kernel/btf/vmlinux
#
# Run it after a BPF program has begun to use another kernel type; needs clang and bpftool.
set -eu

cd "$(dirname "$0")/.."
btf=${1:-/sys/kernel/btf/vmlinux}
arch=$(uname -m)
bpftool=$(command -v bpftool || echo /usr/sbin/bpftool)
case $arch in
x86_64) target=x86 ;;
aarch64) target=arm64 ;;
*) echo "make-vmlinux.sh: no target for $arch" >&2; exit 1 ;;
esac
[ -r "$btf" ] || { echo "make-vmlinux.sh: can't read $btf: a kernel with CONFIG_DEBUG_INFO_BTF is needed" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir "$work/include"
"$bpftool" btf dump file "$btf" format c >"$work/include/vmlinux.h"
for source in bpf/*.bpf.c; do
	# Both builds of it (bpf/kernel_features.h).
	for old in "" -DOLD_KERNEL; do
		# shellcheck disable=SC2086 # an empty one is none
		clang -std=gnu17 -O2 -g --target=bpf -mcpu=v3 -D__TARGET_ARCH_$target $old -I"$work/include" -Iinclude \
			-Ibpf -idirafter "/usr/include/$arch-linux-gnu" -c "$source" -o "$work/$(basename "$source" .bpf.c)$old.bpf.o"
	done
done
"$bpftool" gen min_core_btf "$btf" "$work/pruned.btf" "$work"/*.bpf.o
"$bpftool" btf dump file "$work/pruned.btf" format c >"$work/pruned.h"

# The enum of the full header that has this member.
enum_with() {
	awk -v member="$1" '
		/^enum/ { text = ""; inside = 1 }
		inside { text = text $0 "\n" }
		inside && $1 == member { found = 1 }
		inside && /^};/ { if (found) { print text; exit } inside = 0; found = 0 }' "$work/include/vmlinux.h"
}

out=vmlinux/$arch/vmlinux.h
mkdir -p "vmlinux/$arch"
{
	echo '/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */'
	echo '/* Made by scripts/make-vmlinux.sh from kernel BTF, pruned to the types in use. Do not edit. */'
	echo '#ifndef __VMLINUX_H__'
	echo '#define __VMLINUX_H__'
	echo
	for type in 'unsigned char u8' 'unsigned short u16' 'unsigned int u32' 'unsigned long long u64' \
		'signed char s8' 'short s16' 'int s32' 'long long s64'; do
		echo "typedef ${type% *} __${type##* };"
	done
	echo 'typedef __u16 __be16;'
	echo 'typedef __u32 __be32;'
	echo 'typedef __u32 __wsum;'
	echo 'typedef unsigned int gfp_t;'
	echo 'typedef _Bool bool;'
	echo 'enum { false = 0, true = 1 };'
	echo
	for member in BPF_MAP_TYPE_HASH BPF_NOEXIST BPF_F_NO_PREALLOC BPF_LOCAL_STORAGE_GET_F_CREATE BPF_RB_NO_WAKEUP BPF_RB_AVAIL_DATA; do
		enum_with $member
	done
	sed -e '/^#ifndef __VMLINUX_H__/d' -e '/^#define __VMLINUX_H__/d' -e '/^#endif \/\* __VMLINUX_H__/d' \
		-e '/^typedef .* __[su][0-9]*;/d' -e '/^\t*long: [0-9]*;$/d' -e '/^\t*int: [0-9]*;$/d' \
		-e '/^\t*short: [0-9]*;$/d' -e '/^\t*char: [0-9]*;$/d' "$work/pruned.h" # offsets are CO-RE's business
	echo '#endif'
} >"$work/out.h"
mv "$work/out.h" "$out"
echo "$out: $(wc -l <"$out") lines"
