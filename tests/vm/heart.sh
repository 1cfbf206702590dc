#!/bin/sh
# Run in a test VM: the heart of the truth test, with the causes that swap.sh has while there is swap space. It is this short
# because all of `make test` is to take less than 20 minutes, and each case takes seconds there.
# Usage: tests/vm/heart.sh RUNG
# SPDX-License-Identifier: MIT
set -u
cd "$(dirname "$0")/../.." || exit 1

failed=0
tests/system/truth.sh --rung "$1" --programs 'truth truth_tls truth_process' || failed=1
tests/system/truth.sh --rung "$1" --no-preload --programs truth_waste dontneed huge-pages failed || failed=1
tests/vm/swap.sh --rung "$1" || failed=1
exit $failed
