# SPDX-License-Identifier: MIT
# From what was measured (figures.tsv, judged.tsv, runs.tsv) to what is shown: a line for each workload and allocator into the
# file `summary`, a line for each claim into `claims`. Nothing after this looks at single runs.

BEGIN { FS = OFS = "\t" }
FILENAME ~ /figures.tsv$/ && FNR > 1 {
	figure[$3, $4, $5, ++figures[$3, $4, $5]] = $6
	next
}
FILENAME ~ /judged.tsv$/ {
	workload[++workloads] = $1
	judged[$1] = $2
	split($3, word, " ")
	if (word[1] == "startup")
		starts[$1] = word[2] ? word[2] : 1
	command[$1] = $3
	fastest[$1] = $4
	reason[$1] = $5
	next
}
FILENAME ~ /runs.tsv$/ && FNR > 1 { add_run() }

function add_run() {
	if (!($4 in known)) {
		known[$4] = 1
		arm[++arms] = $4
	}
	if (!(($3, $4) in outcome) || outcome[$3, $4] == "ok")
		outcome[$3, $4] = $5
	if ($5 != "ok")
		return
	# The first allocator's result is what all others' must be.
	if (!($3 in checksum))
		checksum[$3] = $14
	if (checksum[$3] != $14)
		outcome[$3, $4] = "other-result"
	if ($1 == "rest")
		add("rest", $11)
	if ($1 != "choose" && $1 != "race")
		return
	add("seconds", $6)
	add("user", $7)
	add("system", $8)
	add("peak", $10)
	add("end", $11)
	add("faults", $12)
	if ($1 == "choose")
		add("choose", $6)
	if ($1 == "race")
		race[$3, $4, $2] = $6
	last_round = $2 > last_round ? $2 : last_round
}

function add(what, value) {
	if (value != "n/a")
		run[$3, $4, what, ++runs[$3, $4, what]] = value
}

# The median of a figure over the runs.
function of(load, name, what,    list, i) {
	for (i = 1; i <= runs[load, name, what]; i++)
		list[i] = run[load, name, what, i]
	return median(list, runs[load, name, what])
}

# The same of a figure that the program printed, or that the trace had.
function said(load, name, what,    list, i) {
	for (i = 1; i <= figures[load, name, what]; i++)
		list[i] = figure[load, name, what, i]
	return median(list, figures[load, name, what])
}

function is_peer(name) {
	return name !~ /^hakmem/
}

# The least of the peers' that went well, or n/a.
function least_of_peers(load, what,    i, value, least) {
	least = "n/a"
	for (i = 1; i <= arms; i++) {
		if (!is_peer(arm[i]) || outcome[load, arm[i]] != "ok")
			continue
		value = of(load, arm[i], what)
		if (value != "n/a" && (least == "n/a" || value < least)) {
			least = value
			least_peer = arm[i]
		}
	}
	return least
}

# libhakmem against itself, which is no claim.
function say_again(load, result,    verdict) {
	verdict = "differs"
	if (result["low"] == "n/a")
		verdict = "n/a"
	else if (result["low"] <= 1 && result["high"] >= 1)
		verdict = "same"
	print load, "again", result["value"], result["low"], result["high"], "n/a", "hakmem", verdict >claims
}

# measured against bound: one line.
function claim(load, name, measured, low, high, bound, peer, upper,    verdict) {
	verdict = upper == "n/a" || bound == "n/a" ? "n/a" : upper <= bound ? "holds" : "fails"
	if (outcome[load, "hakmem"] != "ok" && load in fastest)
		verdict = "fails"
	print load, name, measured, low, high, bound, peer, verdict >claims
}

function ratio(value, base) {
	return value == "n/a" || base == "n/a" || !base ? "n/a" : value / base
}

# Paired by round: what both did one after the other.
function race_ratio(load, name, base, result,    logs, count, round) {
	for (round = 1; round <= last_round; round++)
		if ((load, name, round) in race && (load, base, round) in race && race[load, base, round] > 0)
			logs[++count] = log(race[load, name, round] / race[load, base, round])
	paired(logs, count, result)
}

function claim_time(load,    result) {
	if (judged[load] != "yes")
		return
	race_ratio(load, "hakmem", fastest[load], result)
	claim(load, "time", result["value"], result["low"], result["high"], 1.05, fastest[load], result["high"])
	race_ratio(load, "hakmem-again", "hakmem", result)
	say_again(load, result)
}

function claim_ratio(load, what, bound,    least, value) {
	least = least_of_peers(load, what)
	value = ratio(of(load, "hakmem", what), least)
	if (least != "n/a")
		claim(load, what, value, "n/a", "n/a", bound, least_peer, value)
}

# The fewest faults of the peers that are not much larger than the smallest, and 20 for the start; for the program that hardly
# allocates, glibc's and 18 each time it starts.
function claim_faults(load,    smallest, i, value, bound, peer) {
	smallest = least_of_peers(load, "peak")
	bound = "n/a"
	for (i = 1; i <= arms; i++) {
		if (!is_peer(arm[i]) || outcome[load, arm[i]] != "ok" || of(load, arm[i], "peak") > 1.25 * smallest)
			continue
		value = of(load, arm[i], "faults") + (load in starts ? 18 * starts[load] : 20)
		if (load in starts ? arm[i] == "glibc" : bound == "n/a" || value < bound) {
			bound = value
			peer = arm[i]
		}
	}
	value = of(load, "hakmem", "faults")
	claim(load, "faults", value, "n/a", "n/a", bound, peer, value)
}

function claim_zeroed(load,    value, requested) {
	if (load !~ /^(burst_|random_mixed)/)
		return
	value = said(load, "hakmem", "zeroed for malloc")
	requested = said(load, "hakmem", "requested at peak")
	claim(load, "zeroed", value, "n/a", "n/a",
		requested == "n/a" ? "n/a" : 1.15 * requested + 8 * said(load, "hakmem", "size classes"), "-", value)
}

function claim_recalloc(load,    value, least, i) {
	value = said(load, "hakmem", "all calls of calloc")
	claim(load, "calloc", value, "n/a", "n/a", 10000, "-", value)
	least = "n/a"
	for (i = 1; i <= arms; i++) {
		value = said(load, arm[i], "resident after calloc")
		if (is_peer(arm[i]) && value != "n/a" && (least == "n/a" || value < least))
			least = value
	}
	value = ratio(said(load, "hakmem", "resident after calloc"), least)
	claim(load, "resident", value, "n/a", "n/a", 1.25, "-", value)
}

# Over all workloads, round by round, so that the interval is of the mean and not of its parts.
function claim_mean(name, base_of_fastest,    round, i, sum, count, logs, rounds, result, base) {
	for (round = 1; round <= last_round; round++) {
		sum = count = 0
		for (i = 1; i <= workloads; i++) {
			base = base_of_fastest ? fastest[workload[i]] : "hakmem"
			if (judged[workload[i]] != "yes" || !((workload[i], name, round) in race) ||
			    !((workload[i], base, round) in race))
				continue
			sum += log(race[workload[i], name, round] / race[workload[i], base, round])
			count++
		}
		if (count)
			logs[++rounds] = sum / count
	}
	paired(logs, rounds, result)
	if (base_of_fastest)
		claim("all", "mean", result["value"], result["low"], result["high"], 1, "the fastest of each",
			result["low"] == "n/a" ? "n/a" : result["value"])
	else
		say_again("all", result)
}

function summarise(load,    i, name, base) {
	base = fastest[load] == "n/a" ? "n/a" : of(load, fastest[load], "choose")
	for (i = 1; i <= arms; i++) {
		name = arm[i]
		if ((load, name) in outcome)
			print load, judged[load], fastest[load], name, outcome[load, name], runs[load, name, "seconds"] + 0,
				of(load, name, "seconds"), ratio(of(load, name, "choose"), base), of(load, name, "user"),
				of(load, name, "system"), of(load, name, "peak"), of(load, name, "end"), of(load, name, "rest"),
				of(load, name, "faults"), said(load, name, "zeroed for malloc"), command[load] >summary
	}
}

END {
	print "workload", "judged", "fastest", "allocator", "outcome", "runs", "seconds", "of_fastest", "user", "system", "peak_kib",
		"end_kib", "rest_kib", "faults", "zeroed_kib", "command" >summary
	print "workload", "claim", "measured", "low", "high", "bound", "peer", "verdict" >claims
	for (i = 1; i <= workloads; i++) {
		load = workload[i]
		if (reason[load] != "") {
			print load, "run", "n/a", "n/a", "n/a", "n/a", reason[load], "n/a" >claims
			continue
		}
		summarise(load)
		claim_time(load)
		claim_ratio(load, "peak", 1.10)
		claim_faults(load)
		claim_ratio(load, "rest", 1.25)
		claim_zeroed(load)
		if (load == "recalloc")
			claim_recalloc(load)
	}
	claim_mean("hakmem", 1)
	claim_mean("hakmem-again", 0)
}
