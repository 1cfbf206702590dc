#!/bin/sh
# Run in a test VM that has a disk (boot.sh --disk): causes are told once more while there is swap space, which pages can come
# back from. That they do is required; elsewhere the truth test skips the case where it finds none.
# Usage: tests/vm/swap.sh [OPTION of truth.sh...]
# SPDX-License-Identifier: MIT
set -eu
cd "$(dirname "$0")/../.."

disk=/dev/nvme0n1
[ -b $disk ] || {
	echo "swap.sh: error: no disk $disk" >&2
	exit 1
}
mkswap $disk >/dev/null
swapon $disk
status=0
tests/system/truth.sh "$@" --no-preload --programs truth_cause swapped first-touch dontneed lazily-freed zero-page copied huge-page \
	raced >/tmp/swap.out || status=$?
cat /tmp/swap.out
swapoff $disk
# A kernel before 5.17 tells no cause.
grep -qE '^ok .*swapped .*(truth_cause swap [1-9]|causes unknown)' /tmp/swap.out || {
	echo "swap.sh: error: nothing came back from swap space" >&2
	exit 1
}
exit $status
