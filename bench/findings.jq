# SPDX-License-Identifier: MIT
# How bench/findings.sh reads hakmem-trace's JSON: numbers into the text of a table's cell, breakdowns, regions, claims.

def rounded(digits): digits as $digits | if . == null then "n/a" else . * pow(10; $digits) | round / pow(10; $digits) | tostring end;
def percent: if . == null then "n/a" else "\(. * 100 | rounded(if . < 10 then 2 else 1 end)) %" end;
def thousands: tostring | [while(length > 0; .[:-3]) | .[-3:]] | reverse | join(",");
def bytes: if . == null then "n/a" elif . == 0 then "-" elif . >= 1048576 then "\(. / 1048576 | rounded(1)) MiB" else "\(. / 1024 | rounded(0)) KiB" end;
def seconds: if . == null then "n/a" elif . >= 1 then "\(rounded(2)) s" else "\(. * 1000 | rounded(1)) ms" end;

# " [1 - 2]"; what has no upper bound has none at all: there were too few runs.
def between(low; high; text):
	low as $low | high as $high
	| if $low == null or $low == $high then "" elif $high == null then " (too few runs for an interval)" else " [\($low | text) - \($high | text)]" end;
def place(low; high):
	if .low == null or .high == null then "n/a"
	elif .low >= low and .high <= high then "CONFIRMED"
	elif .low > high or .high < low then "REFUTED"
	else "INCONCLUSIVE" end;
def share_text: "\(.value | percent)\(between(.low; .high; percent))";

# --- breakdowns ---
# Wilson's 95 % interval, as hakmem-trace has it, for classes together.
def wilson(count; of):
	(count / of) as $share | 1.959964 as $z | ($z * $z / of) as $add
	| (($share + $add / 2) / (1 + $add)) as $middle
	| ($z * (($share * (1 - $share) + $add / 4) / of | sqrt) / (1 + $add)) as $half
	| {value: $share, low: ([$middle - $half, 0] | max), high: ([$middle + $half, 1] | min)};
def all_samples: [.classes[].samples] | add;
def share_of(names): all_samples as $all | wilson([.classes[] | select(.class as $class | names | index($class)) | .samples] | add // 0; $all);
def kernel_share: all_samples as $all | wilson([.classes[] | select(.user | not) | .samples] | add; $all);
def breakdown_table(name):
	"| CPU time of \(name) | share | 95 % interval |\n| --- | --- | --- |\n"
	+ ([.classes[] | select(.samples > 0 and .share.value >= 0.003)] | sort_by(-.samples)
		| map("| \(.class) | \(.share.value | percent) | \(.share.low | percent) - \(.share.high | percent) |") | join("\n"))
	+ "\n\nFrom \(all_samples | thousands) samples of \(.sampling.event) in \(.runs) runs.";

# --- reports ---
def metadata_share:
	([.regions[] | select(.region == "allocator" and .detail == "metadata") | .faults] | add // 0) / .totals.faults;
def regions_table(name):
	.totals as $totals
	| "| Faults of \(name) | faults | share | zeroed |\n| --- | --- | --- | --- |\n"
	+ ([.regions[] | .detail = (if .region == "allocator" then (if .detail == "metadata" then .detail else "blocks" end) else "" end)]
		| group_by([.region, .detail])
		| map({region: .[0].region, detail: .[0].detail, faults: ([.[].faults] | add), zeroed: ([.[].zeroed_bytes] | add)})
		| sort_by(-.faults) | map(select(.faults > 0))
		| map("| \(.region) \(.detail) | \(.faults | thousands) | \(.faults / $totals.faults | percent) | \(.zeroed | bytes) |") | join("\n"));

# --- claims ---
def part_number(unit):
	if . == null then "n/a"
	elif unit == "share" then percent
	elif unit == "bytes" then bytes
	elif unit == "seconds" then seconds
	elif unit == "ratio" then "\(rounded(3))x"
	else rounded(1) end;
def part_claim: .claim | rtrimstr(".");
def part_measured:
	.unit as $unit
	| (if .method == "upper bound" then "at most " elif .method == "estimate" then "about " else "" end)
	+ (.measured | part_number($unit)) + between(.interval[0]; .interval[1]; part_number($unit));
def part_text: "- **\(.verdict | ascii_upcase)**: \(.claim) \(.evidence)";

# --- the matrix ---
def cell(text): "\(.value | text)\(between(.interval[0]; .interval[1]; text))";
def matrix_table:
	"| huge pages | prefault | cycles | dTLB misses | faults | zeroed | time | speed-up |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n"
	+ (.matrix.rows | map("| \(.thp) | \(.prefault) | \(.cycles.value | rounded(0)) | \(.dtlb_load_misses.value | rounded(0)) | \(.faults.value | rounded(0)) | \(.zeroed_bytes.value | bytes) | \(.wall_s.value | seconds) | \(.speedup | if . == null or .value == null then "1" else cell(rounded(3)) end) |") | join("\n"))
	+ (if .matrix.words then "\n\n\(.matrix.words)" else "" end);

# --- misses: the first event is the TLB's ---
def tlb: .events[0];
def superslabs: select(.region == "allocator" and (.detail | test("^class |^medium$")));
def superslab_misses: tlb | ([.regions[] | superslabs | .tlb_first_level_misses] | add // 0) / ([.totals.tlb_first_level_misses, 1] | max);
def superslab_walks: tlb | ([.regions[] | superslabs | .page_walks] | add // 0) / ([.totals.page_walks, 1] | max);
def tlb_rate: tlb.totals | .tlb_first_level_misses / .accesses | rounded(4);
def cache_rate: tlb.totals | if .cache_first_level_misses == null then "n/a" else .cache_first_level_misses / .accesses | rounded(4) end;
def misses_table:
	tlb
	| "| \(.event) | accesses | first-level dTLB misses | page walks | L1 misses |\n| --- | --- | --- | --- | --- |\n"
	+ ([.regions[] | .detail = (if .region == "allocator" then (if superslabs then "SuperSlabs" else .detail end) else "" end)]
		| group_by([.region, .detail])
		| map({region: .[0].region, detail: .[0].detail, accesses: ([.[].accesses] | add), tlb: ([.[].tlb_first_level_misses] | add),
			walks: ([.[].page_walks] | add), cache: ([.[].cache_first_level_misses] | add)})
		| sort_by(-.accesses) | .[0:6]
		| map("| \(.region) \(.detail) | \(.accesses | thousands) | \(.tlb // "n/a") | \(.walks // "n/a") | \(.cache // "n/a") |") | join("\n"));
