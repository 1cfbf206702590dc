#!/bin/sh
# Run in a test VM: the heart of the truth test, what of it takes swap space included.
# Usage: tests/vm/heart.sh RUNG
# SPDX-License-Identifier: MIT
set -u
cd "$(dirname "$0")/../.." || exit 1

failed=0
tests/system/truth.sh --rung "$1" --programs 'truth truth_tls truth_process truth_cause' || failed=1
tests/system/truth.sh --rung "$1" --no-preload --programs truth_waste dontneed at-exit huge-pages failed || failed=1
tests/vm/swap.sh --rung "$1" || failed=1
exit $failed
