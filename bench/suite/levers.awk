# SPDX-License-Identifier: MIT
# For bench/levers.sh, after statistics.awk: from its runs to a table for each workload.

BEGIN { FS = "\t" }
FILENAME ~ /workloads$/ {
	workload[++workloads] = $1
	command[$1] = $2
	next
}
FILENAME ~ /settings$/ {
	split($0, word, " ")
	setting[++settings] = word[1]
	next
}
{
	seconds[$1, $2, $3] = $4
	add($1, $2, "system", $5)
	add($1, $2, "peak", $6)
	add($1, $2, "faults", $7)
	last = $3 > last ? $3 : last
}

function add(load, name, what, value) {
	figure[load, name, what, ++figures[load, name, what]] = value
}

function middle_of(load, name, what, form, unit,    list, i, count) {
	count = figures[load, name, what]
	for (i = 1; i <= count; i++)
		list[i] = figure[load, name, what, i]
	return count ? sprintf(form, median(list, count) / unit) : "n/a"
}

function ratio_of(load, name,    logs, count, round, result, text) {
	for (round = 1; round <= last; round++)
		if ((load, name, round) in seconds && (load, setting[1], round) in seconds)
			logs[++count] = log(seconds[load, name, round] / seconds[load, setting[1], round])
	if (!count)
		return "failed"
	paired(logs, count, result)
	text = sprintf("%.3f", result["value"])
	return result["low"] == "n/a" ? text : text sprintf(" [%.3f-%.3f]", result["low"], result["high"])
}

END {
	for (i = 1; i <= workloads; i++) {
		load = workload[i]
		print "\n## " load "\n\n`" command[load] "`\n"
		print "| setting | time to the defaults' | system time, s | peak, MiB | faults |"
		print "| --- | --- | --- | --- | --- |"
		for (j = 1; j <= settings; j++)
			print "| " setting[j] " | " (j == 1 ? "1" : ratio_of(load, setting[j])) " | " \
				middle_of(load, setting[j], "system", "%.2f", 1) " | " middle_of(load, setting[j], "peak", "%.1f", 1024) \
				" | " middle_of(load, setting[j], "faults", "%d", 1) " |"
	}
}
