#!/bin/sh
# SPDX-License-Identifier: MIT
# hakmem-trace misses, used wrongly: one clear line on stderr, the right status, nothing started.
# beside: anything
. "$(dirname "$0")/check.inc"

wrong() { # NAME STATUS WORDS OPTION...
	name=$1 status=$2 words=$3
	shift 3
	"$TRACE" misses "$@" >"$work/out" 2>"$work/err"
	check "$name: status" equal $? "$status"
	check "$name: one line" equal "$(wc -l <"$work/err")" 1
	check "$name: names it" grep -qF -- "$words" "$work/err"
	check "$name: nothing on stdout" equal "$(wc -c <"$work/out")" 0
}

wrong "no command" 2 "no command given" --event page-faults
wrong "no command for the model" 2 "no command given" --tlb-model --
wrong "unknown option" 2 "'--frobnicate'" --frobnicate true
wrong "option without its value" 2 "'--event' needs a value" --event
wrong "unknown format" 2 "no format 'yaml'" --format yaml true
wrong "unknown event" 2 "no event 'cycles'; there are stlb-miss-loads," --event cycles true
wrong "period that is no number" 2 "'page-faults:often'" --event page-faults:often true
wrong "period of nothing" 2 "'page-faults:0'" --event page-faults:0 true
wrong "too many events" 2 "4 times at most" --event page-faults --event page-faults --event page-faults --event page-faults --event page-faults true
wrong "events and a model" 2 "one or the other" --tlb-model --event page-faults true
wrong "a model's option without one" 2 "give --tlb-model" --accesses 5 true
wrong "a TLB of no shape" 2 "'big'" --tlb-model=big true
wrong "a TLB that can't be" 2 "multiple of ways" --tlb-model=l1=64/7 true
wrong "a cache of no shape" 2 "'32'" --cache-model=32 true
wrong "pages of no kind" 2 "'giant'" --tlb-model --huge giant true
wrong "accesses of no number" 2 "'-5'" --tlb-model --accesses -5 true
wrong "accesses of no unit" 2 "'5T'" --tlb-model --accesses 5T true
wrong "command not found" 127 "no-such-command: command not found" --event page-faults no-such-command
wrong "the model's command not found" 127 "no-such-command: command not found" --tlb-model no-such-command
printf 'not a program' >"$work/file"
wrong "a file that is no program" 126 "Permission denied" --event page-faults "$work/file"
wrong "the model's is no program" 126 "Permission denied" --tlb-model "$work/file"
wrong "the model's is a folder" 126 "Permission denied" --tlb-model "$work"
wrong "the model's is a 32-bit program" 1 "32-bit program" --tlb-model "$BUILD/tests/system/truth32"
wrong "unwritable output" 1 "/no/such/folder/report" --event page-faults -o /no/such/folder/report touch "$work/started"
check "unwritable output: the command did not start" test ! -e "$work/started"
wrong "a library that isn't there" 1 "/no/such/lib.so" --event page-faults --preload /no/such/lib.so true

"$TRACE" misses --help >"$work/out"
check "--help: status 0" equal $? 0
check "--help: names events and the model" grep -q -- '--tlb-model' "$work/out"
check "the main help names the subcommand" grep -q 'hakmem-trace misses' "$("$TRACE" --help >"$work/help"; echo "$work/help")"
conclude
