# SPDX-License-Identifier: MIT
# For bench/assist.sh, after statistics.awk: from its runs to a table for each workload, and what of the claims holds.

BEGIN { FS = "\t" }
FILENAME ~ /judged$/ {
	workload[++workloads] = $1
	best[$1] = $2
	command[$1] = $3
	next
}
FILENAME ~ /zeroed$/ {
	zeroed[$1, $2] = $3
	next
}
{
	if (!(($1, $2, $3) in seen)) {
		seen[$1, $2, $3] = 1
		setting[$1, $2, ++settings[$1, $2]] = $3
	}
	seconds[$1, $2, $3, $4] = $5
	add($1, $2, $3, "system", $6)
	add($1, $2, $3, "peak", $7)
	add($1, $2, $3, "faults", $8)
	last = $4 > last ? $4 : last
}

function add(pass, load, name, what, value) {
	figure[pass, load, name, what, ++figures[pass, load, name, what]] = value
}

function middle_of(pass, load, name, what,    list, i, count) {
	count = figures[pass, load, name, what]
	for (i = 1; i <= count; i++)
		list[i] = figure[pass, load, name, what, i]
	return count ? median(list, count) : "n/a"
}

function shown(value, form, unit) {
	return value == "n/a" ? value : sprintf(form, value / unit)
}

# The time of one to another's in the same round, into result.
function ratio(pass, load, name, other, result,    logs, count, round) {
	for (round = 1; round <= last; round++)
		if ((pass, load, name, round) in seconds && (pass, load, other, round) in seconds)
			logs[++count] = log(seconds[pass, load, name, round] / seconds[pass, load, other, round])
	paired(logs, count, result)
}

function ratio_text(result) {
	if (result["value"] == "n/a")
		return "failed"
	return sprintf(result["low"] == "n/a" ? "%.3f" : "%.3f [%.3f-%.3f]", result["value"], result["low"], result["high"])
}

function rows(pass, load,    j, name, result) {
	for (j = 1; j <= settings[pass, load]; j++) {
		name = setting[pass, load, j]
		ratio(pass, load, name, "defaults", result)
		print "| " (pass == "choose" ? "choosing" : "race") " | " name " | " (name == "defaults" ? "1" : ratio_text(result)) " | " \
			shown(middle_of(pass, load, name, "system"), "%.2f", 1) " | " \
			shown(middle_of(pass, load, name, "peak"), "%.1f", 1024) " | " shown(middle_of(pass, load, name, "faults"), "%d", 1) " | " \
			(pass == "race" && (load, name) in zeroed ? sprintf("%.1f", zeroed[load, name]) : "n/a") " |"
	}
}

# "yes", "no" or "not shown": is all of the interval below the bound, or above it?
function below(result, bound) {
	if (result["low"] == "n/a")
		return "n/a"
	return result["high"] <= bound ? "yes" : result["low"] > bound ? "no" : "not shown"
}

function judge(load, name,    result, versus, peak) {
	ratio("race", load, name, "defaults", result)
	if (result["value"] == "n/a")
		return
	if (best[load] == "defaults")
		ratio("race", load, name, "defaults", versus)
	else
		ratio("race", load, name, best[load], versus)
	peak = middle_of("race", load, name, "peak") / middle_of("race", load, "defaults", "peak")
	print "| " load " | " name " | " ratio_text(result) " | " below(result, 1 / 1.1) " | " ratio_text(versus) " | " below(versus, 1.02) " | " \
		sprintf("%.3f", peak) " | " (peak <= 1.05 ? "yes" : "no") " | " below(result, 1.01) " |"
}

END {
	print "\n## What was asked for\n"
	print "At least 10 % faster than the defaults, or within 2 % of the best by hand, at no more than 1.05 times the defaults'"
	print "peak; nothing slower by more than 1 %. Yes: all of the interval is; no: none of it; not shown: neither.\n"
	print "| workload | | time to the defaults' | 10 % faster | to the best by hand's | within 2 % | peak | within 1.05 | not 1 % slower |"
	print "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
	for (i = 1; i <= workloads; i++) {
		judge(workload[i], "assist")
		judge(workload[i], "assist-daemon")
	}
	for (i = 1; i <= workloads; i++) {
		load = workload[i]
		print "\n## " load "\n\n`" command[load] "`; the best by hand is " best[load] ".\n"
		print "| pass | setting | time to the defaults' | system time, s | peak, MiB | faults | zeroed, MiB |"
		print "| --- | --- | --- | --- | --- | --- | --- |"
		rows("choose", load)
		rows("race", load)
	}
}
