#!/bin/sh
# SPDX-License-Identifier: MIT
# hakmem-trace space: whose each range of a process is, how touched, and how full the slabs of SuperSlabs are.
# beside: VMs
. "$(dirname "$0")/check.inc"
. "$(dirname "$0")/attach.inc"

command -v python3 >/dev/null || { echo "python3 is not installed"; exit 77; }
HALVES=$BUILD/tests/system/halves

space() { # NAME
	"$TRACE" space -p "$(id_of "$1")" --format json -o "$work/$1.json" 2>"$work/err" || { cat "$work/err"; return 1; }
}
# A value of a process's JSON, by a Python expression: p, its ranges r, and slabs s(class) of all SuperSlabs.
value() { # NAME EXPRESSION
	python3 -c 'import json, sys
d = json.load(open(sys.argv[1]))
p = d["processes"][0]
r = p["ranges"]
def s(size): return [s for x in r if x["super_slab"] for s in x["super_slab"]["slabs"] if s["class"] == size]
def of(region, detail): return [x for x in r if x["region"] == region and x["detail"] == detail]
print(eval(sys.argv[2]))' "$work/$1.json" "$2"
}
is() { # NAME EXPRESSION
	equal "$(value "$1" "$2")" True
}
# As the kernel has it: KiB.
rollup() {
	awk '$1 == "Rss:" { print $2 }' "/proc/$(id_of "$1")/smaps_rollup"
}
minflt() {
	cut -d' ' -f10 "/proc/$(id_of "$1")/stat"
}
near() { # VALUE EXPECTED: pages of the vdso count in one and not in the other
	[ "$1" -ge $(($2 - 64)) ] && [ "$1" -le $(($2 + 64)) ] || { echo "$1 and not about $2"; return 1; }
}
complete() { # NAME
	is "$1" 'p["cannot"] is None' && is "$1" 'all(x["resident_bytes"] is not None for x in r)' &&
		is "$1" 'p["others"]["ranges"] == 0' && is "$1" 'all(a["start"] != b["start"] for a, b in zip(r, r[1:]))' &&
		is "$1" 'all(int(a["start"], 16) + a["bytes"] <= int(b["start"], 16) for a, b in zip(r, r[1:]))' &&
		is "$1" 'all(sum(x["parts"]) == x["resident_bytes"] for x in r)'
}

launch assisted env HAKMEM_ASSIST=auto LD_PRELOAD="$BUILD/libhakmem.so" "$HALVES"
check "assisted: it is shown" space assisted
check "assisted: so is what it decides, and why" is assisted \
	'any(x["lever"] == "prefault_pages" and x["class"] == 512 and x["value"] >= 1 and x["reason"] for x in p["decisions"])'
check "assisted: once for each" is assisted \
	'len({(x["lever"], x["class"], x["pool"]) for x in p["decisions"]}) == len(p["decisions"])'
"$TRACE" space -p "$(id_of assisted)" >"$work/table"
check "assisted: in words, too" grep -q 'of a slab of class 512 made present at once: [a-z].*; [0-9]* change' "$work/table"

launch hakmem env LD_PRELOAD="$BUILD/libhakmem.so" "$HALVES"
before=$(minflt hakmem)
check "libhakmem: it is shown" space hakmem
check "libhakmem: not a page of it was faulted in for that" equal "$(minflt hakmem)" "$before"
check "libhakmem: all is known of all ranges" complete hakmem
check "libhakmem: it decides nothing" is hakmem 'p["decisions"] is None'
check "libhakmem: what is resident adds up to the kernel's figure" near \
	"$(value hakmem 'sum(x["resident_bytes"] for x in r) // 1024')" "$(rollup hakmem)"
check "libhakmem: 16 slabs have the class of 512 bytes" is hakmem 'len(s(512)) == 16'
check "libhakmem: 8 of them are full" is hakmem '[x["used"] for x in s(512)].count(128) == 8'
check "libhakmem: 8 are half full" is hakmem '[x["used"] for x in s(512)].count(64) == 8'
check "libhakmem: each has 128 blocks and is touched all over" is hakmem \
	'all(x["blocks"] == 128 and x["touched"] == 16 for x in s(512))'
check "libhakmem: half of their SuperSlab is not touched" is hakmem \
	'any(14 <= [y["touched"] for y in x["super_slab"]["slabs"]].count(0) <= 16 for x in r if x["super_slab"])'
check "libhakmem: free slabs hold nothing" is hakmem \
	'all(y["used"] == 0 for x in r if x["super_slab"] for y in x["super_slab"]["slabs"] if y["holds"] == "nothing")'
check "libhakmem: of the large block an eighth is touched" is hakmem \
	'any(x["bytes"] >= 8 << 20 and 1 << 20 <= x["resident_bytes"] <= 3 << 20 for x in of("allocator", "large"))'
check "libhakmem: its tables are metadata" is hakmem 'len(of("allocator", "metadata")) >= 1'
check "libhakmem: the program, libc and the stack have theirs" is hakmem \
	'bool(of("program", "data") and of("libc", "text") and of("stack", "main") and not of("libc", "heap"))'
"$TRACE" space -p "$(id_of hakmem)" >"$work/table" 2>"$work/err"
check "the table has a strip of its slabs" grep -q ' full  .*████████▄▄▄▄▄▄▄▄.*·····' "$work/table"
end hakmem

launch glibc "$HALVES"
check "glibc: it is shown" space glibc
check "glibc: all is known of all ranges" complete glibc
check "glibc: the heap has its blocks" is glibc \
	'1 << 20 <= sum(x["resident_bytes"] for x in of("libc", "heap")) <= 3 << 19'
check "glibc: the large block is mapped, and an eighth of it touched" is glibc \
	'any(x["bytes"] >= 8 << 20 and 1 << 20 <= x["resident_bytes"] <= 3 << 20 for x in of("libc", "mmap"))'
check "glibc: the strip of that shows where" is glibc \
	'next(x["parts"][0] == x["part_bytes"] and x["parts"][-1] == 0 for x in of("libc", "mmap") if x["bytes"] >= 8 << 20)'
check "glibc: there are no SuperSlabs" is glibc 'not any(x["super_slab"] for x in r)'
end glibc

jemalloc=$(ldconfig -p | sed -n 's/.*=> \(.*libjemalloc\.so\.2\)$/\1/p' | head -n 1)
if [ -n "$jemalloc" ]; then
	launch jemalloc env LD_PRELOAD="$jemalloc" "$HALVES"
	check "jemalloc: it is shown" space jemalloc
	check "jemalloc: all is known of all ranges" complete jemalloc
	check "jemalloc: its memory is the allocator's" is jemalloc \
		'sum(x["resident_bytes"] for x in of("allocator", "libjemalloc.so.2")) >= 2 << 20'
	end jemalloc
fi

launch both env LD_PRELOAD="$BUILD/libhakmem.so" "$HALVES"
launch other "$HALVES"
"$TRACE" space -p "$(id_of both),$(id_of other)" --format json -o "$work/two.json" 2>"$work/err"
check "two processes: the one with more resident first" is two \
	'len(d["processes"]) == 2 and d["processes"][0]["resident_bytes"] > d["processes"][1]["resident_bytes"]'
check "it took less than 100 ms" is two 'd["took_ns"] < 100_000_000'
gone=$(id_of other)
end both
end other

# Whatever a process says of itself, it is looked at in bounded time, and no figure is impossible.
believes_nothing_impossible() { # SEED
	launch lies "$BUILD/tests/system/lying_map" "$1"
	space lies && is lies 'd["took_ns"] < 1_000_000_000' && is lies 'len(r) <= 256 and len([x for x in r if x["super_slab"]]) <= 128' &&
		is lies 'all(y["used"] is None or y["used"] <= y["blocks"] for x in r if x["super_slab"] for y in x["super_slab"]["slabs"])' &&
		is lies 'all(int(a["start"], 16) + a["bytes"] <= int(b["start"], 16) for a, b in zip(r, r[1:]))'
	result=$?
	end lies
	return $result
}
for seed in 1 2 3 4 5; do
	check "a table of lies, $seed" believes_nothing_impossible $seed
done

# What a live view asks for, once a second at most, with what libhakmem's ranges cost.
fetch() { # NAME
	python3 -c 'import json, sys, urllib.request
processes = json.load(urllib.request.urlopen(sys.argv[1] + "api/spaces", timeout=10))
print(json.dumps({"processes": processes}))' "$address" >"$work/$1.json"
}
mkfifo "$work/served.in"
"$TRACE" serve --listen 127.0.0.1:0 --preload hakmem -- "$HALVES" <>"$work/served.in" >"$work/served.out" 2>"$work/served.err" &
tracer=$!
line "$work/served.out" '^[0-9]' && line "$work/served.err" 'serving at' || exit 1
address=$(sed -n 's/.*serving at //p' "$work/served.err")
check "served: they are there" fetch served
check "served: the process is the command's" equal "$(value served 'p["pid"]')" "$(id_of served)"
check "served: all is known of all ranges" complete served
check "served: 16 slabs have the class of 512 bytes" is served 'len(s(512)) == 16'
check "served: their SuperSlab's faults are its touched pages" is served \
	'any(x["super_slab"] and 256 <= x["faults"] <= x["resident_bytes"] // 4096 + 16 for x in r)'
check "served: and its zeroed bytes" is served \
	'all(x["zeroed_bytes"] is None or x["zeroed_bytes"] >= x["faults"] * 4096 for x in r if x["super_slab"])'
for i in 1 2 3 4 5; do fetch again$i; done
check "served: who asks within a second gets the same" same "$work/again1.json" "$work/again5.json"
echo quit >"$work/served.in"
line "$work/served.err" 'has ended'
fetch ended
check "served: when it has ended, what was seen last stays" is ended 'p["comm"] == "halves" and len(s(512)) == 16'
kill -INT $tracer
await
check "served: the exit status is the command's" equal "$status" 0

refuses() { # STATUS WORDS ARGUMENT...
	expected=$1 words=$2
	shift 2
	"$TRACE" space "$@" >"$work/out" 2>"$work/err"
	status=$?
	cat "$work/err"
	equal $status "$expected" && grep -q "$words" "$work/err" && equal "$(wc -l <"$work/err")" 1
}
check "without a process it says what to give" refuses 2 "say which processes" true
check "one that has ended is named" refuses 1 "$gone" -p "$gone"
check "another format is refused" refuses 2 "table or json" -p $$ --format csv
check "and so is --interval" refuses 2 "one look" -p $$ --interval 1
check "nobody of that name" refuses 1 "no process is called" --comm nobody-has-this
conclude
