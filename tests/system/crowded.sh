#!/bin/sh
# SPDX-License-Identifier: MIT
# Programs that have too much of something for the tracer's tables: sums stay right, what is lost is named, what costs most
# keeps its row, and nothing breaks.
. "$(dirname "$0")/check.inc"
. "$(dirname "$0")/attach.inc"

folder=$(mktemp -d /dev/shm/hakmem-test-XXXXXX) || exit 1
trap 'rm -rf "$folder"; end_all' EXIT
CROWD=$BUILD/tests/system/crowd

overhead=3
crowd() { # WHAT NUMBER [FOLDER]
	"$TRACE" --max-overhead $overhead --format csv -o "$work/report" -- "$CROWD" "$@" >"$work/out" 2>"$work/err"
	check "$1 $2: status 0" equal $? 0
	check "$1 $2: its output" equal "$(cat "$work/out")" "$2"
	check "$1 $2: the sum is right" equal "$(sum "$work/report")" "$(charged "$work/report")"
	check "$1 $2: every fault is there" test "$(sum "$work/report")" -ge "$2"
}
lost_by() { # CAUSE
	counter "$work/report" "lost_$1"
}
only() { # CAUSE...: nothing else is lost, and of these something; of CAUSE? there may be something
	for cause in rows files ranges spaces history phases tasks events; do
		case " $* " in
		*" $cause? "*) ;;
		*" $cause "*) [ "$(lost_by $cause)" -gt 0 ] || { echo "$cause: 0"; return 1; } ;;
		*) [ "$(lost_by $cause)" -eq 0 ] || { echo "$cause: $(lost_by $cause)"; return 1; } ;;
		esac
	done
	equal "$(counter "$work/report" lost)" "$(awk -F, '$2 ~ /^lost_/ { sum += $4 } END { print sum }' "$work/report")"
}

crowd files 800 "$folder"
check "files 800: nothing lost" lost_nothing "$work/report"
check "files 800: one has its row" equal "$(faults "$work/report" file 777)" 1
crowd files 20000 "$folder"
check "files 20000: more rows than there are" only rows
check "files 20000: the largest, which came last, has its row but for what came before it was large" \
	at_least "$(faults "$work/report" file 20000)" 9985 10000
check "files 20000: the rest are under others" about "$(faults "$work/report" file)" 30000
# Timed faults come to the rows one by one.
overhead=100
crowd files 20000 "$folder"
check "files 20000, each timed: the largest has its row" equal "$(faults "$work/report" file 20000)" 9985
overhead=3
crowd files 66000 "$folder"
check "files 66000: more files than numbers" only rows files
check "files 66000: all are counted as files" about "$(faults "$work/report" file)" 76000

crowd maps 2000
check "maps 2000: nothing lost" lost_nothing "$work/report"
crowd maps 20000
check "maps 20000: more chunks than there are" only ranges history
check "maps 20000: all that is lost has a region" about "$(faults "$work/report" anon)" 20000
"$TRACE" -o "$work/table" -- "$CROWD" maps 20000 >"$work/out"
check "the table's head says of what" grep -qE '^lost [0-9,]+ \([0-9,]+ ranges, [0-9,]+ history\)' "$work/table"
check "its words say that sums are right" grep -q 'some detail was lost' "$work/table"

crowd threads 3000
check "threads 3000: nothing lost" lost_nothing "$work/report"
crowd children 3000
# Libraries' places are random, and with them how many chunks of 2 MiB each child has: five fit, six are too many.
check "children 3000: more tables than there are" only ranges 'history?'
check "children 3000: each has its row" test "$(grep -c '^process,' "$work/report")" -ge 3000

# Attached to, there is room for what is mapped.
launch many "$CROWD" maps 20000 wait
attach -p "$(id_of many)"
echo >"$work/many.in"
line "$work/many.out" '^done'
detach
check "attached to 20000 mappings: it adds up, nothing lost but history" sh -c "[ $(sum "$work/report") = $(charged "$work/report") ] &&
	[ $(($(lost_by ranges) + $(lost_by rows) + $(lost_by tasks))) -eq 0 ]"
check "attached to 20000 mappings: their faults" about "$(faults "$work/report" anon "before attach")" 20000
conclude
