#!/bin/sh
# SPDX-License-Identifier: MIT
# bench/findings.sh, with few runs: it settles each claim of the study, from figures that it has, and says n/a of the others.
# beside: anything
# time-out: 600
# shellcheck source=tests/system/check.inc
. "$(dirname "$0")/check.inc"
command -v jq >/dev/null || { echo "jq is not installed"; exit 77; }

query() { echo "$1" | jq -r -L bench "include \"findings\"; $2"; }
check "an interval within what is claimed confirms it" equal "$(query '{"low":0.10,"high":0.13}' 'place(0.1; 0.13)')" CONFIRMED
check "one that lies outside refutes it" equal "$(query '{"low":0.131,"high":0.2}' 'place(0.1; 0.13)')" REFUTED
check "one that reaches over a bound decides nothing" equal "$(query '{"low":0.12,"high":0.14}' 'place(0.1; 0.13)')" INCONCLUSIVE
check "what has no interval is n/a" equal "$(query '{"low":null,"high":null}' 'place(0; 1)')" n/a
# Wilson's interval of 10 in 100, as in Newcombe (1998) for such figures.
check "a share's interval is Wilson's" equal "$(query null 'wilson(10; 100) | share_text')" "10 % [5.52 % - 17.4 %]"
check "shares are percentages" equal "$(query 0.0871 percent)" "8.71 %"

check "it runs" bench/findings.sh --quick -o "$work/findings.md"
verdict() { # CLAIM: the verdict of the row that has it
	awk -F ' [|] ' -v claim="$1" '/^\| [0-9]/ && index($2, claim) { sub(/ \|$/, "", $NF); print $NF; exit }' "$work/findings.md"
}
check "the culprit's faults are its metadata" equal "$(verdict '97.6 % of the faults')" CONFIRMED
check "and recycling saves none of them" equal "$(verdict 'keeping freed pages saves none')" CONFIRMED
check "not clearing does" equal "$(verdict 'without the clearing a tenth of the faults')" CONFIRMED
check "populating a SuperSlab makes 2 MiB present" equal "$(verdict 'populating clears less than 3 MiB')" CONFIRMED
check "hardware misses are n/a without a PMU" sh -c "[ -e /sys/bus/event_source/devices/cpu ] || [ '$(verdict 'dTLB misses do not come')' = n/a ]"
check "each row has a verdict" awk -F ' [|] ' '
	/^\| [0-9]/ { rows++; sub(/ \|$/, "", $NF); if ($NF !~ /^(CONFIRMED|REFUTED|INCONCLUSIVE|n\/a)$/ || $3 == "") { print; bad = 1 } }
	END { exit bad || rows < 20 }' "$work/findings.md"
check "each claim can be repeated" sh -c "[ $(grep -c '^    hakmem-trace' "$work/findings.md") -ge 15 ]"
check "wrong use is refused" equal "$(status_of bench/findings.sh --slow)" 2
conclude
