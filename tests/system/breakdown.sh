#!/bin/sh
# SPDX-License-Identifier: MIT
# hakmem-trace breakdown: where the CPU time of real programs goes, against what they measure themselves.
# beside: VMs
. "$(dirname "$0")/check.inc"

BUSY=$BUILD/tests/system/busy

breakdown() { # OPTION... COMMAND...: a CSV report without the second run
	"$TRACE" breakdown --no-check --format csv -o "$work/report" "$@" >"$work/out" 2>"$work/err"
}

samples() { # CLASS... of the report, together; all: of all classes
	awk -F, -v classes=" $* " '$1 == "class" && (classes == " all " || index(classes, " " $2 " ")) { sum += $5 }
		END { print sum + 0 }' "$work/report"
}

count() { # COUNTER of the report
	awk -F, -v name="$1" '$1 == "counter" && $2 == name { print $5 }' "$work/report"
}

function_samples() { # NAME [OBJECT]
	awk -F, -v name="$1" -v object="${2:-}" '$1 == "function" && $3 == name && (object == "" || $4 == object) { sum += $5 }
		END { print sum + 0 }' "$work/report"
}

holds() { # a condition of awk's
	awk "BEGIN { exit !($1) }" || { echo "not so: $1"; cat "$work/report"; return 1; }
}

spun() { # the share of spinning that the program measured
	awk '$1 == "spin" { spin = $2 } $1 == "other" { other = $2 } END { print spin / (spin + other) }' "$work/out"
}

check "statuses: usage" equal "$(status_of "$TRACE" breakdown)" 2
for words in "no command given" "'--frob'" "'0': a whole number" "'x': a whole number" "no format 'yaml'" "'--runs' needs a value" \
	"breakdown: there is no option '-p'"; do
	case $words in
	*command*) set -- ;;
	*frob*) set -- --frob true ;;
	*"'0'"*) set -- --runs 0 true ;;
	*"'x'"*) set -- --frequency x true ;;
	*yaml*) set -- --format yaml true ;;
	*needs*) set -- --runs ;;
	*) set -- -p 1 ;;
	esac
	"$TRACE" breakdown "$@" >"$work/out" 2>"$work/err"
	check "bad usage: status of $words" equal $? 2
	check "bad usage: one line, $words" grep -qF -- "$words" "$work/err"
	check "bad usage: nothing else" equal "$(cat "$work/err" "$work/out" | wc -l)" 1
done
check "a command that isn't there" equal "$(status_of "$TRACE" breakdown -o "$work/none" /no/such/command)" 127
check "and no report of it" test ! -e "$work/none"

# --- streams and ends are the command's ---
printf 'one\ntwo\n' >"$work/input"
"$TRACE" breakdown -o "$work/report" --runs 2 sh -c 'cat; echo error >&2; exit 0' <"$work/input" >"$work/out" 2>"$work/err"
check "two runs: each reads its input" equal "$(cat "$work/out")" "$(printf 'one\ntwo\none\ntwo')"
check "two runs: stderr passes through, the traced run's doesn't" equal "$(cat "$work/err")" "$(printf 'error\nerror')"
check "status" equal "$(status_of "$TRACE" breakdown -o "$work/report" sh -c 'exit 7')" 7
check "signal" equal "$(status_of "$TRACE" breakdown -o "$work/report" sh -c 'kill -TERM $$')" 143
: >"$work/out"
env --default-signal=INT "$TRACE" breakdown --no-check --runs 3 -o "$work/report" \
	sh -c "trap 'echo got; exit 7' INT; echo ready; while :; do sleep 0.05; done" >"$work/out" 2>&1 &
tracer=$!
for _ in $(seq 100); do
	grep -q ready "$work/out" && break
	sleep 0.1
done
kill -INT $tracer
wait $tracer
check "SIGINT: goes to the command, whose status is ours" equal $? 7
check "SIGINT: it took it, and isn't run again" equal "$(cat "$work/out")" "$(printf 'ready\ngot')"
check "SIGINT: there is a report" sh -c "tr '\\n' ' ' <\"$work/report\" | grep -q 'Only 1 of 3 runs'"
check "signals and mask are as they were" sh -c "
	grep -E '^Sig(Blk|Ign|Cgt)' /proc/self/status >$work/plain
	'$TRACE' breakdown --no-check --runs 2 -o $work/report grep -E '^Sig(Blk|Ign|Cgt)' /proc/self/status >$work/twice
	cat $work/plain $work/plain | cmp - $work/twice"
breakdown --runs 5 sh -c "echo run; test \$(grep -c . $work/out) -lt 3"
check "a run that fails is the last one" equal "$(grep -c run "$work/out") $(count runs)" "3 3"

# Cycles have no late samples; and not every machine (QEMU's emulation) marks those that come late from a fault.
"$TRACE" breakdown --no-check --format json -o "$work/json" "$BUSY" faults 1000 0 >"$work/out"
clock=$(grep -c '"event": "cpu-clock"' "$work/json")
marked=$([ "$clock" -eq 0 ] || grep -q "doesn't mark them" "$work/json" || echo yes)
echo "sampled by $(sed -n 's/.*"event": //p' "$work/json") late samples ${marked:+are marked}"

# --- known mixtures: what is spun, by the program's own clock ---
for kind in faults calls maps strings; do
	breakdown "$BUSY" $kind 1000 3
	check "$kind: classes add up to all samples" equal "$(samples all)" "$(awk -F, '$1 == "total" { print $5 }' "$work/report")"
	check "$kind: enough samples, none lost" holds "$(samples all) > 3000 && $(count lost) == 0"
	check "$kind: the spinning is found, by 3 %" \
		holds "($(function_samples spin busy) / $(samples all) - $(spun)) ^ 2 < 0.03 ^ 2"
	case $kind in
	faults)
		check "faults: every part of them" holds "$(samples fault-entry) > 50 && $(samples page-table) > 100 &&
			$(samples page-allocation) > 50 && $(samples zeroing) > 50"
		check "faults: the function that touches" holds "$(function_samples touch busy) > 0"
		[ -z "$marked" ] || check "faults: late samples" holds "$(count late_from_fault) > 20"
		;;
	calls) check "calls: the way in and out, the call, late samples" holds "$(samples call-entry) > 100 &&
		$(function_samples getppid) > 50 && $(count late_from_call) >= $clock * 20" ;;
	maps) check "maps: most of the rest is in mapping calls" \
		holds "$(samples mapping-calls) * 2 > $(samples all) - $(function_samples spin busy) && $(function_samples munmap) > 100" ;;
	strings) check "strings: are no late samples" holds "$(count late_from_fault) * 100 < $(samples all) &&
		$(function_samples do_strings busy) > 300" ;;
	esac
done
breakdown "$BUSY" spin 500 3
check "spin: all in the program" holds "$(samples program) > 0.9 * $(samples all)"
breakdown "$BUSY" purges 500 0
check "purges of four threads: madvise, TLBs" holds "$(function_samples madvise) > 50 && $(samples tlb-shootdown) > 0"
breakdown "$BUSY" forks 300 0
check "forks: short processes are sampled" \
	holds "$(samples all) * 250062 > 0.5 * ($(count user_ns) + $(count system_ns)) && $(samples fork-exec-exit) > 100"

# --- allocators ---
ROUNDS=20000000
breakdown "$BUILD/bench/random_mixed-hakmem" $ROUNDS 256 42
check "libhakmem in the program: its functions" holds "$(function_samples malloc random_mixed-hakmem) > 20 &&
	$(samples allocator) > 50 && $(function_samples main random_mixed-hakmem) == $(samples program)"
breakdown --preload hakmem "$BUILD/bench/random_mixed" $ROUNDS 256 42
check "libhakmem preloaded: its functions" holds "$(function_samples malloc libhakmem.so) > 20 &&
	$(function_samples free libhakmem.so) > 20 && $(samples allocator) > 50"
breakdown "$BUILD/bench/random_mixed" $ROUNDS 256 42
check "glibc's malloc is the allocator, not libc" holds "$(samples allocator) > 50 && $(samples libc) < 0.2 * $(samples all)"
libc=$(ldd "$BUILD/bench/random_mixed" | awk '$1 == "libc.so.6" { print $3 }')
if command -v objcopy >/dev/null && [ -n "$libc" ]; then
	mkdir "$work/libc"
	objcopy --strip-all -R .note.gnu.build-id "$libc" "$work/libc/libc.so.6"
	LD_LIBRARY_PATH=$work/libc breakdown "$BUILD/bench/random_mixed" $ROUNDS 256 42
	check "stripped, without debugging symbols: glibc's malloc is told by where it lies" \
		holds "$(function_samples "(in malloc)" libc.so.6) > 50 && $(samples libc) < 0.2 * $(samples all)"
fi
for library in libjemalloc.so.2 libmimalloc.so.2 libtcmalloc_minimal.so.4; do
	LD_PRELOAD=$library breakdown "$BUILD/bench/random_mixed" $ROUNDS 256 42
	! grep -q 'cannot be preloaded' "$work/err" || continue
	check "$library: is the allocator, its functions have names" holds "$(samples allocator) > 50 &&
		$(function_samples malloc) > 10 && $(samples libc) < 0.2 * $(samples all)"
done

# --- the report ---
"$TRACE" breakdown -o "$work/table" "$BUILD/bench/fault_loop" 20 4096 >"$work/out"
check "table: fits a terminal" awk 'length($0) > 100 { print; wide = 1 } END { exit wide }' "$work/table"
check "table: classes add up to 100 % exactly" awk '/^CLASS/ { on = 1; next } /^$/ { on = 0 }
	on && /^[a-z]/ { sum += $(NF - 4) * 10 } END { if (sum != 1000) print sum / 10; exit sum != 1000 }' "$work/table"
check "table: both figures of zeroing" grep -q '^Zeroing took .* by the samples' "$work/table"
check "table: by hooks, too" sh -c "tr '\n' ' ' <'$work/table' | grep -Eq 'by hooks +\([0-9]+ ns a page\)'"
check "table: in words" grep -q '^In words: [0-9]* % of the CPU time is' "$work/table"
"$TRACE" breakdown --format json -o "$work/json" "$BUILD/bench/fault_loop" 20 4096 >"$work/out"
check "json: is JSON, and its samples add up" python3 - "$work/json" <<'PYTHON'
import json, sys
report = json.load(open(sys.argv[1]))
samples = report["sampling"]["samples"]
assert report["schema"] == "hakmem-breakdown/1" and samples > 0
assert sum(row["samples"] for row in report["classes"]) == samples
assert sum(row["samples"] for row in report["functions"]) == samples
for row in report["classes"] + report["functions"]:
    share = row["share"]
    assert share["low"] <= share["value"] <= share["high"]
check = report["zeroing_check"]
assert check["done"] and check["cpu_ns"] > 0 and check["zeroed_bytes"] > 20 * 4096 * 4096, check
PYTHON
breakdown true
check "few samples: no share without an interval" awk -F, '$1 == "class" && $7 != "" && $8 == "" { print; bad = 1 } END { exit bad }' \
	"$work/report"

# --- with less privileges ---
if command -v setpriv >/dev/null && [ "$(cat /proc/sys/kernel/perf_event_paranoid)" -le 2 ]; then
	chmod 755 "$work"
	setpriv --reuid 65534 --regid 65534 --clear-groups --bounding-set=-all --inh-caps=-all \
		"$TRACE" breakdown "$BUSY" spin 300 3 >"$work/out" 2>"$work/err"
	check "nobody: user space alone, and says so" grep -q 'only user space is sampled' "$work/err"
	check "nobody: no figure of zeroing" grep -q '^Zeroing took n/a' "$work/err"
fi
conclude
