#!/bin/sh
# SPDX-License-Identifier: MIT
# Claims that are so, that are not, and that can't be told are told apart, by status, in words and in JSON.
. "$(dirname "$0")/check.inc"

validate() { # STATUS NAME OPTION...: its report in $work/NAME
	wanted=$1 name=$2
	shift 2
	"$TRACE" validate "$@" >"$work/$name" 2>"$work/$name.err"
	equal $? "$wanted" || { cat "$work/$name" "$work/$name.err"; return 1; }
}

# One line of a report, for its sentences may break anywhere.
says() { # NAME WORDS
	tr -s '\n ' ' ' <"$work/$1" | grep -qF -- "$2" || { cat "$work/$1"; return 1; }
}

claim() { # NAME LINE...
	printf '%s\n' "claim Made up." 'arm slow SPIN_MORE=20' 'arm fast SPIN_MORE=0' 'arm also SPIN_MORE=0' 'traced 0' >"$work/$1.claim"
	for line in "$@"; do [ "$line" = "$1" ] || echo "$line" >>"$work/$1.claim"; done
}

# Processor time: others on the machine disturb it less.
spin="$BUILD/bench/spin 15000000"
claim real 'expect fast processor_s 1.10-1.30x faster'
check "a fifth that is claimed as 1.10 to 1.30 times is confirmed" validate 0 real "$work/real.claim" --runs 16 -- $spin
check "and says so" says real "CONFIRMED In user + system, fast is 1.1"
claim none 'baseline fast' 'expect also processor_s at least 1.10x faster'
check "equal arms don't confirm a tenth" validate 3 none "$work/none.claim" --runs 16 -- $spin
check "and says so" says none "REFUTED In user + system, also is"
claim wrong 'expect fast processor_s 1.5-2x faster' 'expect also processor_s 1.10-1.30x faster'
check "a fifth that is claimed as half refutes the whole" validate 3 wrong "$work/wrong.claim" --runs 16 -- $spin
check "whose other part is confirmed" says wrong "(b) also: processor_s 1.10-1.30x faster CONFIRMED"
check "and both are corrected for" says wrong "The intervals of its 2 figures"
claim few 'runs 3' 'expect fast processor_s 1.10-1.30x faster'
check "three runs tell nothing of times" validate 4 few "$work/few.claim" -- $spin
check "and say how many would" says few "too few for any bound: 6 of each arm are the least"
claim counted 'runs 2' 'expect fast cycles at most 0.9x'
check "what there may be no counter for is not refuted" sh -c '
	"$0" validate "$1" -- $2 >"$3" 2>&1; status=$?
	[ $status -eq 4 ] && { grep -q "Not measured: cycles" "$3" || grep -q "too few" "$3"; }' \
	"$TRACE" "$work/counted.claim" "$spin" "$work/counted"

check "faults are decided by few runs" validate 3 prefault bench/claims/prefault.claim --runs 3 --traced 2
check "with small blocks prefaulting costs faults" says prefault "All of that lies above what is expected, at most 0.800."
check "populating stays within a SuperSlab" validate 0 populate bench/claims/populate-4mib.claim --traced 2
check "keeping pages saves faults: JSON" validate 0 lazy.json bench/claims/lazy-zeroing.claim --traced 2 --format json
check "JSON has what each verdict is from" python3 - "$work/lazy.json" <<'END'
import json, sys
claim = json.load(open(sys.argv[1]))
assert claim["schema"] == "hakmem-claim/1" and claim["verdict"] == "confirmed", claim["verdict"]
faults = claim["parts"][0]
assert faults["arm"] == "keep" and faults["baseline"] == "eager" and faults["of"] == "faults"
assert 0.05 < faults["interval"][0] <= faults["measured"] <= faults["interval"][1] < 0.5, faults
assert faults["expected"] == [0, 0.5] and "times eager" in faults["evidence"]
assert claim["experiment"]["schema"] == "hakmem-experiment/1"
END

# The known culprit: 30 MiB of metadata, cleared when it starts.
culprit="--preload $BUILD/bench/libculprit.so --runs 8 --traced 2"
"$TRACE" validate lazy-zeroing $culprit --format json -- "$BUILD/bench/random_mixed" 200000 256 42 >"$work/culprit.json"
status=$?
check "the culprit's laziness does not confirm the study's claim" test $status -eq 3 -o $status -eq 4
check "its words name the metadata, and what removing the clearing saves" python3 - "$work/culprit.json" <<'END'
import json, re, sys
claim = json.load(open(sys.argv[1]))
words = claim["words"]
assert "the allocator's own metadata, first touched in its initialisation, before main: recycling freed pages cannot help" in words, words
share = float(re.match(r"([0-9.]+) % of the faults", words).group(1))
faults, zeroed = re.search(r"it takes ([0-9,]+) faults, ([0-9.]+ [KMG]iB) of zeroing", words).groups()
assert share > 90, words
assert 7680 <= int(faults.replace(",", "")) < 7700, words
assert zeroed == "30 MiB", words
share, gain, rest = claim["parts"]
assert rest["verdict"] == "confirmed" and rest["of"] == "recyclable" and rest["measured"] < 0.01, rest
assert "It saves no faults worth saying" in gain["evidence"], gain
assert gain["verdict"] != "confirmed" and share["method"] in ("upper bound", "exact"), claim["parts"]
END

"$TRACE" validate lazy-zeroing --runs 2 --traced 0 --pool-command "$BUILD/bench/frames 2 4 2" -- "$BUILD/bench/frames" 0 4 2 >"$work/pool" 2>&1
check "and so it is: the clearing is what to save, and nothing else saves a fault" validate 0 culprit bench/claims/culprit.claim
check "a pool is one more arm" says pool "pool HAKMEM_ZERO=keep; hakmem preloaded; runs $BUILD/bench/frames 2 4 2"
"$TRACE" validate lazy-zeroing --runs 1 --traced 0 -- "$BUILD/bench/frames" 0 4 2 >"$work/named" 2>&1
check "a program that may use pools is called so" says named "names libhakmem's uninitialized pools"

wrong() { # NAME STATUS WORDS OPTION...
	name=$1 status=$2 words=$3
	shift 3
	"$TRACE" validate "$@" >"$work/out" 2>"$work/err"
	check "$name: status" equal $? "$status"
	check "$name: one line" equal "$(wc -l <"$work/err")" 1
	check "$name: names it" grep -qF -- "$words" "$work/err"
	check "$name: nothing on stdout" equal "$(wc -c <"$work/out")" 0
}

wrong "nothing to validate" 2 "nothing to validate was given"
wrong "no command" 2 "no command given" lazy-zeroing
wrong "a file that isn't there" 2 "can't read /no/such.claim" /no/such.claim -- true
printf 'claim x\narm a\nexpect a wall_s 1.1x\n' >"$work/bad.claim"
wrong "a line that is wrong" 2 "bad.claim:3: '1.1x' is one number" "$work/bad.claim" -- true
wrong "a claim without a command" 2 "real.claim names no command, and none was given" "$work/real.claim"
wrong "an option of compare's" 2 "validate has no option --arm" --arm a lazy-zeroing -- true
wrong "a library that doesn't know the variable" 1 "does not understand HAKMEM_ZERO" lazy-zeroing --preload "$BUILD/tests/system/truth_library.so" -- true
wrong "libhakmem and another library" 1 "has libhakmem already" lazy-zeroing --preload "$BUILD/libhakmem.so" -- "$BUILD/bench/startup-hakmem"
wrong "a static program" 1 "is static, so nothing can be preloaded" lazy-zeroing -- "$BUILD/tests/system/truth_tls-static" 1
# A script whose interpreter is static: that shows only when it has run.
printf '#!%s --list\n' "$(realpath "$BUILD/tests/system/truth_tls-static")" >"$work/script"
chmod +x "$work/script"
wrong "a program on which it has no part" 1 "allocated nothing from the library" lazy-zeroing --runs 1 --traced 1 -- "$work/script"
check "--help: status 0, and the exit statuses" sh -c '"$0" validate --help | grep -q "3 REFUTED, 4 INCONCLUSIVE"' "$TRACE"
conclude
