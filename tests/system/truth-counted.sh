#!/bin/sh
# The truth test where no fault is timed, which is when sweeps (bpf/sweep.h) are long.
# time-out: 600
# SPDX-License-Identifier: MIT
set -u

exec "$(dirname "$0")/truth.sh" --counting --no-preload --programs 'truth truth_cause truth_sweep truth_apart truth_churn truth_child'
