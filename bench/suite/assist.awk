# SPDX-License-Identifier: MIT
# For bench/assist.sh, after statistics.awk and assist_values.awk: from its runs to a table for each workload, and what of the claims
# holds. counts: a file with a section of its own, that goes between these.

BEGIN { FS = "\t" }
FILENAME ~ /judged$/ {
	workload[++workloads] = $1
	best[$1] = $2
	command[$1] = $3
	next
}
FILENAME ~ /zeroed$/ {
	note("race", $1, $2, "zeroed", $3, $4)
	next
}
{
	note($1, $2, $3, "seconds", $4, $5)
	note($1, $2, $3, "system", $4, $6)
	note($1, $2, $3, "peak", $4, $7)
	note($1, $2, $3, "faults", $4, $8)
}

function rows(pass, load,    j, name) {
	for (j = 1; j <= settings[pass, load]; j++) {
		name = setting[pass, load, j]
		print "| " (pass == "choose" ? "choosing" : "race") " | " name " | " ratio_text(pass, load, name, "defaults", "seconds") " | " \
			middle_text(pass, load, name, "system", "%.2f", 1) " | " middle_text(pass, load, name, "peak", "%.1f", 1024) " | " \
			middle_text(pass, load, name, "faults", "%d", 1) " | " middle_text(pass, load, name, "zeroed", "%.1f", 1) " |"
	}
}

function judge(load, name,    time, versus, peak) {
	ratio("race", load, name, "defaults", "seconds", time)
	if (time["value"] == "n/a")
		return
	ratio("race", load, name, best[load], "seconds", versus)
	ratio("race", load, name, "defaults", "peak", peak)
	print "| " load " | " name " | " interval_text(time, "%.3f", 1) " | " below(time, 1 / 1.1) " | " interval_text(versus, "%.3f", 1) " | " \
		below(versus, 1.02) " | " interval_text(peak, "%.3f", 1) " | " below(peak, 1.05) " | " below(time, 1.01) " |"
}

END {
	print "\n## What was asked for\n"
	print "At least 10 % faster than the defaults, or within 2 % of the best by hand, at no more than 1.05 times the defaults'"
	print "peak; nothing slower by more than 1 %. Yes: all of the interval is; no: none of it; not shown: neither.\n"
	print "| workload | | time to the defaults' | 10 % faster | to the best by hand's | within 2 % | peak to the defaults' | within 1.05 | not 1 % slower |"
	print "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
	for (i = 1; i <= workloads; i++) {
		judge(workload[i], "assist")
		judge(workload[i], "assist-daemon")
	}
	while (counts != "" && (getline line < counts) > 0)
		print line
	for (i = 1; i <= workloads; i++) {
		load = workload[i]
		print "\n## " load "\n\n`" command[load] "`; the best by hand is " best[load] ".\n"
		print "| pass | setting | time to the defaults' | system time, s | peak, MiB | faults | zeroed, MiB |"
		print "| --- | --- | --- | --- | --- | --- | --- |"
		rows("choose", load)
		rows("race", load)
	}
}
