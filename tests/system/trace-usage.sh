#!/bin/sh
# SPDX-License-Identifier: MIT
# Wrong use: one clear line on stderr, the right status, nothing half-written, nothing started.
. "$(dirname "$0")/check.inc"

wrong() { # NAME STATUS WORDS OPTION...
	name=$1 status=$2 words=$3
	shift 3
	"$TRACE" "$@" >"$work/out" 2>"$work/err"
	check "$name: status" equal $? "$status"
	check "$name: one line" equal "$(wc -l <"$work/err")" 1
	check "$name: names it" grep -qF -- "$words" "$work/err"
	check "$name: nothing on stdout" equal "$(wc -c <"$work/out")" 0
}

wrong "no command" 2 "no command given"
wrong "no command after --" 2 "no command given" --
wrong "unknown long option" 2 "'--frobnicate'" --frobnicate true
wrong "unknown short option" 2 "'-x'" -x true
wrong "option without its value" 2 "'-o' needs a value" -o
wrong "unknown format" 2 "no format 'yaml'" --format yaml true
wrong "unknown value" 2 "no value 'bytes'" --value bytes true
wrong "a value that the format has no use for" 2 "csv has no use for --value" --format csv --value time true
wrong "a format of stacks without them" 2 "folded shows call stacks: it needs --stacks" --format folded true
wrong "a time line without intervals" 2 "trace-event shows what happens over time: it needs --interval" --format trace-event true
wrong "a format for one report with many" 2 "folded has room for one report: it takes no --interval" --stacks --interval 1 --format folded true
wrong "unknown rung" 2 "no rung 'top'" --rung top true
wrong "unknown demand" 2 "can't require 'best'" --require best true
wrong "demand of an unknown subject" 2 "can't require 'speed=exact'" --require speed=exact true
wrong "an overhead that is no number" 2 "not 'little'" --max-overhead little true
wrong "an overhead below nothing" 2 "not '-1'" --max-overhead=-1 true
wrong "a demand that no rung meets" 1 "no rung measures zeroing time exactly" --require zero-time=exact touch "$work/started"
check "an unmet demand: the command did not start" test ! -e "$work/started"
wrong "command not found" 127 "no-such-command: command not found" no-such-command
wrong "path not found" 127 "/no/such/command" /no/such/command
printf 'not a program' >"$work/file"
wrong "a file that is no program" 126 "Permission denied" "$work/file"
wrong "a folder" 126 "Permission denied" "$work"
wrong "unwritable output" 1 "/no/such/folder/report" -o /no/such/folder/report touch "$work/started"
check "unwritable output: the command did not start" test ! -e "$work/started"
wrong "a function without a name" 2 "names no function" --mark-function /bin/sh: true
wrong "a function that isn't there" 1 "no such function" --mark-function no_such_function "$BUILD/tests/system/truth" baseline
wrong "a library that isn't there" 1 "/no/such/lib.so" --preload /no/such/lib.so touch "$work/started"
check "missing library: the command did not start" test ! -e "$work/started"
wrong "doctor with a stray argument" 2 "not 'now'" doctor now

"$TRACE" -o "$work/report" no-such-command 2>/dev/null
check "no report is left behind for a command that never ran" test ! -e "$work/report"
echo kept >"$work/report"
"$TRACE" -o "$work/report" no-such-command 2>/dev/null
check "an earlier report is kept when the command never ran" grep -qx kept "$work/report"
"$TRACE" -o "$work/report" true
check "and replaced by a complete one" grep -q '^In words' "$work/report"
check "nothing of the earlier one is left" equal "$(grep -c kept "$work/report")" 0

"$TRACE" --help >"$work/out"
check "--help: status 0" equal $? 0
check "--help: on stdout, names the options" grep -q -- --preload "$work/out"
check "--version" grep -q '^hakmem-trace [0-9]' "$("$TRACE" --version >"$work/version"; echo "$work/version")"
HAKMEM_SS_PREFAULT=sideways "$BUILD/bench/random_mixed-hakmem" 1000 16 42 >"$work/out" 2>"$work/err"
check "unreadable HAKMEM_ option: the program runs" equal $? 0
check "unreadable HAKMEM_ option: one line" equal "$(wc -l <"$work/err")" 1
check "unreadable HAKMEM_ option: names it and its value" grep -q 'HAKMEM_SS_PREFAULT.*sideways' "$work/err"

"$TRACE" --mark-function anonymous --mark-function "$BUILD/tests/system/truth:zero_page" --format csv -o "$work/report" \
	"$BUILD/tests/system/truth" all 100 >"$work/out"
check "--mark-function: what the command's function touches is after its mark" \
	equal "$(grep -c '^phase,anonymous,anon,3[0-9][0-9],' "$work/report")" 1
check "--mark-function FILE:FUNCTION" grep -q '^phase,zero_page,anon,' "$work/report"
phases() {
	awk -F, '$1 == "phase" && !seen[$2]++ { printf "%s%s", separator, $2; separator = " " }' "$1"
}
begun=$(phases "$work/report")
"$TRACE" --mark-function zero_page --mark-function anonymous --format csv -o "$work/report" \
	"$BUILD/tests/system/truth" all 100 >"$work/out"
check "--mark-function: phases in the order in which they began, not in that of the options" \
	equal "$(phases "$work/report")" "$begun"
"$TRACE" --phase nosuch --format csv -o "$work/report" "$BUILD/tests/system/truth" baseline >"$work/out" 2>"$work/err"
check "--phase of another name: the command's status" equal $? 0
check "--phase of another name: said" grep -q "no phase has the name that --phase asks for: there are 'before main', 'main'" "$work/err"
conclude
