# SPDX-License-Identifier: MIT
# The report that people read: first where libhakmem stands, then each allocator over all workloads, then each workload.

BEGIN {
	FS = "\t"
	skipped["requested at peak"] = skipped["zeroed for malloc"] = skipped["size classes"] = skipped["resident at the end"] = 1
}
FNR == 1 { table++ }
table == 5 { add_reason(); next }
table == 1 { machine[$1] = $2; next }
FNR == 1 { next }
table == 2 { add_summary(); next }
table == 3 { add_claim(); next }
table == 4 && !($5 in skipped) { add_figure() }

function add_summary(    i) {
	if (!($1 in row_count))
		workload[++workloads] = $1
	if (!($4 in known)) {
		known[$4] = 1
		arm[++arms] = $4
	}
	rows[$1, ++row_count[$1]] = $0
	command[$1] = $16
	fastest[$1] = $3
	if ($5 != "ok")
		went_wrong[$4] = went_wrong[$4] (went_wrong[$4] == "" ? "" : ", ") $1 " (" $5 ")"
	else if ($2 == "yes" && $8 != "n/a" && $8 > 0) {
		logs[$4] += log($8)
		counted[$4]++
		if (!($4 in worst) || $8 > worst[$4]) {
			worst[$4] = $8
			worst_workload[$4] = $1
		}
	}
}

# Lines of `WORKLOAD CLAIM REASON`, where * is each workload.
function add_reason() {
	if ($0 ~ /^#/ || NF < 3)
		return
	reason[$1, $2] = $3
}

function add_claim() {
	claim[$1, $2] = $0
	if ($2 == "run")
		missing[++missings] = $1 ": " $7
	if ($8 == "holds" || $8 == "fails") {
		verdicts[$8]++
		kind_verdicts[$2, $8]++
		if ($8 == "fails") {
			failing_workload[++failures] = $1
			failing_claim[failures] = $2
		}
		if (!($2 in kind_known)) {
			kind_known[$2] = 1
			kind[++kinds] = $2
		}
	}
}

# The program's own figures, in the order in which they first come; the runs' middle one.
function add_figure() {
	if (!(($3, $5) in figure_known)) {
		figure_known[$3, $5] = 1
		figure_name[$3, ++figure_names[$3]] = $5
		figure_unit[$3, $5] = $7
	}
	if ($1 == "choose" || $1 == "race")
		value[$3, $4, $5, ++values[$3, $4, $5]] = $6
}

function figure_of(load, name, what,    list, i) {
	for (i = 1; i <= values[load, name, what]; i++)
		list[i] = value[load, name, what, i]
	return median(list, values[load, name, what])
}

function number(text, form) {
	return text == "n/a" || text == "" ? "n/a" : sprintf(form, text)
}

function mebibytes(text) {
	return text == "n/a" ? text : sprintf("%.1f", text / 1024)
}

function marked(text, verdict) {
	return verdict == "fails" ? "**" text " fails**" : text
}

# A claim as a cell: what was measured, with its interval or its bound.
function cell(load, name, form, with_bound,    part, text) {
	if (!((load, name) in claim))
		return ""
	split(claim[load, name], part, "\t")
	text = number(part[3], form)
	if (part[4] != "n/a")
		text = text " [" sprintf("%.3f", part[4]) "-" sprintf("%.3f", part[5]) "]"
	if (with_bound && part[6] != "n/a")
		text = text " of " sprintf(form, part[6])
	return marked(text, part[8])
}

function print_head() {
	print "# libhakmem beside other allocators\n"
	print "Made by `make bench` (bench/allocators.sh), which has libhakmem, glibc's malloc, those that Debian packages and those"
	print "in the folder `PEERS` run the workloads of bench/suite/workloads by turns.\n"
	printf "%s, %s processors, %s, kernel %s; transparent huge pages: %s, for all alike;\nload %s at the end.\n\n", machine["processor"],
		machine["processors"], machine["memory"], machine["kernel"], machine["huge pages"], machine["load at the end"]
	if (machine["quick"] != "0")
		print "**Made with `--quick`: tiny workloads, whose times mean nothing.**\n"
	print "- Time is what the program measured of its own work (of startup_execs and compile: all of it). Each allocator ran " machine["rounds"] " times;"
	print "  the fastest peer of these then raced libhakmem in " machine["race rounds"] " rounds of their own: a ratio and its 95 % interval are from that race"
	print "  alone (paired by round: Hodges and Lehmann's estimate, Wilcoxon's interval; from six rounds on)."
	print "- `again` is libhakmem a second time in the same race, to libhakmem: what the method says of two that are the same."
	print "- The claims: the interval of time ends below 1.05; peak memory is at most 1.10 of the smallest peer's; faults are at most those of"
	print "  the best peer among those within 1.25 of the smallest, and 20 (startup: glibc's and 18 a start); memory two seconds after"
	print "  everything was freed is at most 1.25 of the smallest peer's; the kernel zeroed for malloc at most 1.15 of the most that was"
	print "  requested at once, and 8 KiB a size class; in the mean over all workloads time is at most the fastest peer's of each."
	print "- n/a: not measured. A run that failed is in the tables by how it ended.\n"
}

function print_claims(    i, load) {
	print "## Where libhakmem stands\n"
	print "![Time of each allocator in each workload](time.svg)\n"
	print "| workload | time to the fastest peer's | that peer | again | peak memory to the smallest | faults | at rest to the smallest | zeroed, KiB |"
	print "| --- | --- | --- | --- | --- | --- | --- | --- |"
	for (i = 1; i <= workloads; i++) {
		load = workload[i]
		print "| " load " | " cell(load, "time", "%.3f") " | " fastest[load] " | " cell(load, "again", "%.3f") " | " \
			cell(load, "peak", "%.3f") " | " cell(load, "faults", "%.0f", 1) " | " cell(load, "rest", "%.3f") " | " \
			cell(load, "zeroed", "%.0f", 1) " |"
	}
	print "| **geometric mean** | " cell("all", "mean", "%.3f") " | of each | " cell("all", "again", "%.3f") " | | | | |"
	print ""
	if (("recalloc", "calloc") in claim)
		print "recalloc: all calls of calloc took " cell("recalloc", "calloc", "%.0f", 1) " us; resident after them " \
			cell("recalloc", "resident", "%.2f") " of the smallest peer's.\n"
	printf "%d claims hold, %d fail", verdicts["holds"], verdicts["fails"]
	for (i = 1; i <= kinds; i++)
		printf "%s%s %d of %d", (i > 1 ? ", " : ". Failing: "), kind[i], kind_verdicts[kind[i], "fails"],
			kind_verdicts[kind[i], "fails"] + kind_verdicts[kind[i], "holds"]
	print "."
	for (i = 1; i <= missings; i++)
		print "\nNot run here: " missing[i] "."
	print ""
}

# Why, as far as somebody found out.
# Where the bound lies within the interval, so many runs can't tell whether the claim holds.
function undecided(load, name,    part) {
	split(claim[load, name], part, "\t")
	if (part[4] == "n/a" || part[4] > part[6])
		return "not explained yet."
	return part[3] <= part[6] ? "undecided: the estimate is within the bound, and the end of its interval is not." : \
		"undecided: the estimate is beyond the bound, and its interval begins before it."
}

function print_reasons(    i, load, why, words) {
	if (!failures)
		return
	print "## Why claims fail\n"
	for (i = 1; i <= failures; i++) {
		load = failing_workload[i]
		why = (load, failing_claim[i]) in reason ? load : "*"
		words = (why, failing_claim[i]) in reason ? reason[why, failing_claim[i]] : undecided(load, failing_claim[i])
		if (!(words in listed))
			order[++explanations] = words
		listed[words] = listed[words] (words in listed && listed[words] != "" ? ", " : "") load " " failing_claim[i]
	}
	for (i = 1; i <= explanations; i++)
		print "- " listed[order[i]] ": " order[i]
	print ""
}

function print_allocators(    i, name) {
	print "## All workloads, by allocator\n"
	print "Time to the fastest peer of each workload, from the first pass (so a peer's own luck made it the fastest, and its 1 is a little too"
	print "good). A workload that an allocator failed is not in its mean.\n"
	print "| allocator | version | geometric mean | workloads | worst | failed |"
	print "| --- | --- | --- | --- | --- | --- |"
	for (i = 1; i <= arms; i++) {
		name = arm[i]
		print "| " name " | " machine["version of " name] " | " (counted[name] ? sprintf("%.3f", exp(logs[name] / counted[name])) : "n/a") " | " counted[name] + 0 " | " \
			(name in worst ? sprintf("%.2f, %s", worst[name], worst_workload[name]) : "n/a") " | " went_wrong[name] " |"
	}
	print ""
}

function print_workload(load,    i, j, part, line) {
	print "## " load "\n"
	print "`" command[load] "`\n"
	line = "| allocator | runs | time, s | to the fastest | user, s | system, s | peak, MiB | end, MiB | at rest, MiB | faults | zeroed, KiB |"
	for (j = 1; j <= figure_names[load]; j++)
		line = line " " figure_name[load, j] ", " figure_unit[load, figure_name[load, j]] " |"
	print line
	gsub(/[^|]+/, " --- ", line)
	print line
	for (i = 1; i <= row_count[load]; i++) {
		split(rows[load, i], part, "\t")
		line = "| " part[4] (part[5] == "ok" ? "" : " **" part[5] "**") " | " part[6] " | " number(part[7], "%.3f") " | " \
			number(part[8], "%.2f") " | " number(part[9], "%.3f") " | " number(part[10], "%.3f") " | " mebibytes(part[11]) " | " \
			mebibytes(part[12]) " | " mebibytes(part[13]) " | " number(part[14], "%.0f") " | " number(part[15], "%.0f") " |"
		for (j = 1; j <= figure_names[load]; j++)
			line = line " " number(figure_of(load, part[4], figure_name[load, j]), "%.0f") " |"
		print line
	}
	print ""
}

END {
	print_head()
	print_claims()
	print_reasons()
	print_allocators()
	for (i = 1; i <= workloads; i++)
		print_workload(workload[i])
}
