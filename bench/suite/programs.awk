# SPDX-License-Identifier: MIT
# For bench/programs.sh, after statistics.awk: from its runs (programs.tsv, runs.tsv) to a line for each program and allocator.
# low and high are a 95 % interval from six rounds on; with fewer there is none, and they are the least and the greatest of
# the rounds' ratios.

BEGIN { FS = OFS = "\t" }
FNR == 1 { next }
FILENAME ~ /programs.tsv$/ {
	program[++programs] = $1
	next
}
{
	if (!($3 in known)) {
		known[$3] = 1
		arm[++arms] = $3
	}
	ran[$1] = 1
	# The first thing that went wrong is what is shown.
	if (!(($1, $3) in outcome) || outcome[$1, $3] == "ok")
		outcome[$1, $3] = $4
	if ($4 != "ok")
		next
	seconds[$1, $3, $2] = $5
	last_round = $2 > last_round ? $2 : last_round
	runs[$1, $3]++
	for (i = 5; i <= 10; i++)
		value[$1, $3, i, runs[$1, $3]] = $i
}

# The median of a column of runs.tsv, n/a for one that failed.
function of(load, name, column,    list, i) {
	if (outcome[load, name] != "ok")
		return "n/a"
	for (i = 1; i <= runs[load, name]; i++)
		list[i] = value[load, name, column, i]
	return median(list, runs[load, name])
}

# Paired by round: what both did one after the other.
function ratio_to_glibc(load, name, result,    logs, count, round, i) {
	for (round = 1; round <= last_round; round++)
		if ((load, name, round) in seconds && (load, "glibc", round) in seconds)
			logs[++count] = log(seconds[load, name, round] / seconds[load, "glibc", round])
	if (outcome[load, name] != "ok" || outcome[load, "glibc"] != "ok")
		count = 0
	paired(logs, count, result)
	if (count < 2 || result["low"] != "n/a")
		return
	sort_list(logs, count)
	result["low"] = exp(logs[1])
	result["high"] = exp(logs[count])
}

function fastest(load,    i, time, least) {
	for (i = 1; i <= arms; i++) {
		time = of(load, arm[i], 5)
		if (time != "n/a" && (least == "" || time < least))
			least = time
	}
	return least
}

END {
	print "workload", "allocator", "outcome", "runs", "seconds", "of_glibc", "low", "high", "of_fastest", "user", "system", "peak_kib",
		"faults", "major"
	for (i = 1; i <= programs; i++) {
		if (!(program[i] in ran))
			continue
		least = fastest(program[i])
		for (j = 1; j <= arms; j++) {
			ratio_to_glibc(program[i], arm[j], result)
			time = of(program[i], arm[j], 5)
			print program[i], arm[j], outcome[program[i], arm[j]], runs[program[i], arm[j]] + 0, time, result["value"], result["low"],
				result["high"], time == "n/a" ? "n/a" : time / least, of(program[i], arm[j], 6), of(program[i], arm[j], 7),
				of(program[i], arm[j], 8), of(program[i], arm[j], 9), of(program[i], arm[j], 10)
		}
	}
}
