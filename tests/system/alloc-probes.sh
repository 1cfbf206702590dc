#!/bin/sh
# SPDX-License-Identifier: MIT
# The USDT probes: their notes are where other tools look, they are read by libbpf as by any tool, and what they say is what
# libhakmem does. A mark is seen by them, and by a tracer that is attached to a program of another allocator.
. "$(dirname "$0")/check.inc"
. "$(dirname "$0")/attach.inc"

PROBES=$BUILD/tests/system/probes
notes() { # FILE: "provider:name arguments" a line
	readelf -n "$1" | awk '$1 == "Provider:" { provider = $2 } $1 == "Name:" { name = $2 }
		$1 == "Arguments:" { print provider ":" name, NF - 1 }' | sort -u
}
check "libhakmem.so has notes of its probes, with so many arguments each" equal "$(notes "$BUILD/libhakmem.so" | tr '\n' ' ')" \
	"hakmem:fresh 2 hakmem:range_add 4 hakmem:range_del 4 hakmem:reused 2 "
check "a program that marks has a note of mark, one argument" equal "$(notes "$OBEY")" "hakmem:mark 1"

# Six million allocations take as many probes as ranges come and go, and not one more.
# shellcheck disable=SC2016 # for the shell inside
"$PROBES" "$BUILD/libhakmem.so" - sh -c 'LD_PRELOAD=$0 exec "$@" >/dev/null' "$BUILD/libhakmem.so" \
	"$BUILD/bench/random_mixed" 6000000 4096 42 >"$work/out" 2>"$work/err"
check "read by libbpf: status 0" equal $? 0
check "a SuperSlab comes" grep -q '^range_add 0x[0-9a-f]*[02468ace]00000 2097152 1 0$' "$work/out"
check "its slabs come, each of a class" grep -q '^range_add 0x[0-9a-f]*0000 65536 1 [1-9]' "$work/out"
check "few are hit" test "$(grep -c '^range_' "$work/out")" -lt 5000
cat >"$work/awk" <<'AWK'
function chunk_of(base,	high, digit) {
	high = substr(base, 1, length(base) - 5)
	digit = index("0123456789abcdef", substr(high, length(high))) - 1
	return substr(high, 1, length(high) - 1) substr("0022446688aaccee", digit + 1, 1) "00000"
}
$1 == "range_add" { if ($2 "," $3 in there) { print "twice:", $0; bad = 1 } there[$2 "," $3] = $4 "," $5 }
$1 == "range_del" { if (there[$2 "," $3] != $4 "," $5) { print "was not there:", $0; bad = 1 } delete there[$2 "," $3] }
$1 == "range_del" && $3 == 2097152 { for (range in there) if (chunk_of(substr(range, 1, index(range, ",") - 1)) == $2) delete there[range] }
$1 == "range_add" && $3 == 65536 && !((chunk_of($2) ",2097152") in there) { print "in no SuperSlab:", $0; bad = 1 }
END { exit bad }
AWK
check "each range goes as it came, each slab lies in a SuperSlab" awk -f "$work/awk" "$work/out"

printf 'mark loaded\nmark done\nquit\n' >"$work/lines"
"$PROBES" - "$OBEY" sh -c '"$0" >/dev/null' "$OBEY" <"$work/lines" >"$work/out" 2>"$work/err"
check "marks are read with their names" equal "$(grep ^mark "$work/out" | tr '\n' ' ')" "mark loaded mark done "

# Who asked for memory that nobody has touched: no block is handed out with a page that is not there and no probe hit. The
# program looks at each of its blocks; the same two figures have the same block.
untold() { # PROBES OPTION=VALUE ARGUMENT...
	probes=$1 option=$2
	shift 2
	# shellcheck disable=SC2016 # for the shell inside
	"$PROBES" "+$probes" "$BUILD/libhakmem.so" sh -c 'out=$0 && exec env "$@" >"$out"' "$work/untouched" \
		"LD_PRELOAD=$BUILD/libhakmem.so" "$option" "$BUILD/tests/system/alloc_untold" "$@" >"$work/out" 2>"$work/err" || echo "ended by $?"
	grep . "$work/err"
	awk '$1 == "fresh" || $1 == "reused" { told[$2, $3]++; next }
		$1 == "untouched" { if (told[$2, $3]-- <= 0) untold++; else found++ }
		END { print (found > 500 ? "" : "only " found + 0 " ") "untold " untold + 0 }' "$work/out" "$work/untouched"
}
for option in HAKMEM_STATS=0 HAKMEM_HARDENED=1 HAKMEM_ZERO=eager HAKMEM_SS_PREFAULT=auto; do
	check "$option: every block with an untouched page is told" equal "$(untold fresh,reused $option 42 5000 4)" "untold 0"
done
check "told of fresh blocks only, none is said to be reused" equal "$(untold fresh HAKMEM_ZERO=eager 42 5000 1 >/dev/null; grep -c reused "$work/out")" 0

# Attached to, under other allocators.
for library in "" libjemalloc.so.2 "$BUILD/libhakmem.so"; do
	case $library in lib*) ldconfig -p | grep -q "$library" || continue ;; esac
	launch one env ${library:+LD_PRELOAD="$library"} "$OBEY"
	attach -p "$(id_of one)"
	tell one "touch 100"
	tell one "mark loaded"
	tell one "touch 300"
	tell one "mark done"
	tell one "touch 500"
	detach
	for phase in main,100 loaded,300 done,500; do
		check "attached, ${library:-libc}: ${phase%,*}" at_least \
			"$(awk -F, -v name="${phase%,*}" '$1 == "phase" && $2 == name && $3 == "" { print $4 }' "$work/report")" "${phase#*,}"
	done
	end one
done
conclude
