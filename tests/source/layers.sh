#!/bin/sh
# Holds the layering: reads every #include line and compares it with the table below. snapshot/ includes nothing of ours;
# output/, analysis/, recording/ and live/ stand on it and not on each other (live may use output), nor on what measures. There machine/
# and process/ say what the system has without BPF, stack/ and trace/ stand on them, and space/, assist/, run/ and misses/ on trace/;
# only stack/, trace/, space/ and assist/ include a skeleton or libbpf. command/ ties them. libhakmem and the bench programs know nothing of the tracer.
# Usage: tests/source/layers.sh [ROOT]
# SPDX-License-Identifier: MIT
set -eu
cd "${1:-$(dirname "$0")/../..}"

# Folder, then the folders it may include from besides its own. `skel` is a generated skeleton, `libbpf` its headers.
rules='
alloc             include
bench             include
bench/hooks       libbpf
bench/culprit     include
bench/suite
bpf               include vmlinux libbpf
loader/snapshot
loader/symbol     loader/snapshot
loader/output     loader/snapshot
loader/analysis   loader/snapshot
loader/recording  loader/snapshot
loader/live       loader/snapshot loader/output
loader/machine    loader/snapshot
loader/process    loader/snapshot include bpf
loader/stack      loader/snapshot loader/symbol loader/machine loader/process include bpf skel libbpf
loader/trace      loader/snapshot loader/symbol loader/machine loader/process loader/stack include bpf skel libbpf
loader/space      loader/snapshot loader/process loader/trace include bpf skel libbpf
loader/assist     loader/snapshot loader/machine loader/process loader/trace include bpf skel libbpf
loader/run        loader/snapshot loader/machine loader/process loader/stack
loader/misses     loader/snapshot loader/machine loader/process loader/trace include
loader/command    loader/snapshot loader/symbol loader/output loader/analysis loader/recording loader/live loader/machine loader/process loader/stack loader/trace loader/space loader/assist loader/run loader/misses include
'

# origin FOLDER HEADER QUOTE: the folder that the header is from; `system` for other people's, nothing for an
# unknown one in quotes.
origin() {
	case $2 in
	*.skel.h) echo skel && return ;;
	bpf/libbpf* | bpf/btf.h | bpf/bpf.h | bpf/bpf_*.h | bpf/usdt.bpf.h | linux/bpf.h | linux/btf.h) echo libbpf && return ;;
	vmlinux.h | vmlinux/*) echo vmlinux && return ;;
	esac
	for try in "$1/$2" "loader/$2" "include/$2" "bpf/$2" "vmlinux/$2" "$2"; do
		if [ -e "$try" ]; then
			dirname "$try"
			return
		fi
	done
	[ "$3" = '"' ] || echo system
}

wrong=0
checked=0
for file in $(find alloc bench bpf loader -name '*.[ch]' -type f | sort); do
	folder=$(dirname "$file")
	allowed=$(printf '%s\n' "$rules" | awk -v folder="$folder" '$1 == folder { $1 = ""; print $0, "-"; exit }')
	if [ -z "$allowed" ]; then
		echo "$file: no rule for the folder $folder in tests/source/layers.sh"
		wrong=1
		continue
	fi
	sed -n 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*\(["<]\)\([^">]*\)[">].*/\1 \2/p' "$file" >"${TMPDIR:-/tmp}/layers.$$"
	while read -r quote header; do
		checked=$((checked + 1))
		from=$(origin "$folder" "$header" "$quote")
		case " $folder system $allowed " in
		*" ${from:-unknown} "*) ;;
		*)
			echo "$file: includes $header from ${from:-nowhere known}; it may include from:${allowed%-}"
			wrong=1
			;;
		esac
	done <"${TMPDIR:-/tmp}/layers.$$"
	rm -f "${TMPDIR:-/tmp}/layers.$$"
done
echo "$checked includes checked"
[ $wrong -eq 0 ] && [ $checked -gt 0 ]
