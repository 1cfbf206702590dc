# SPDX-License-Identifier: MIT
# The report of bench/programs.sh that people read, after statistics.awk: from machine.tsv, programs.tsv, summary.tsv and
# figures.tsv to an overview of all programs and a table for each.

BEGIN { FS = "\t" }
FNR == 1 { table++ }
table == 1 {
	machine[$1] = $2
	if (sub(/^version of /, "", $1))
		arm[++arms] = $1
	next
}
FNR == 1 { next }
table == 2 {
	program[++programs] = $1
	purpose[$1] = $2
	version[$1] = $3
	command[$1] = $4
	blocks[$1] = $5
	missing[$1] = $6
}
table == 3 {
	row[$1, $2] = $0
	if ($3 != "ok")
		wrong[++wrongs] = $1 " with " $2 ": " $3
}
table == 4 {
	if (!(($1, $4) in figure_known)) {
		figure_known[$1, $4] = $6
		figure[$1, ++figures[$1]] = $4
	}
	value[$1, $3, $4, ++values[$1, $3, $4]] = $5
}

function number(text, form, unit) {
	return text == "n/a" || text == "" ? "n/a" : sprintf(form, text / (unit ? unit : 1))
}

function figure_of(load, name, what,    list, i) {
	for (i = 1; i <= values[load, name, what]; i++)
		list[i] = value[load, name, what, i]
	return median(list, values[load, name, what])
}

function separator(line) {
	gsub(/[^|]+/, " --- ", line)
	return line
}

# Each program here keeps little more than one processor busy: a load well above all of them is others'.
function was_busy(    load) {
	split(machine["load at the end"], load, " ")
	return load[2] > machine["processors"] + 1
}

function print_head() {
	print "# Real programs with libhakmem and other allocators\n"
	print "Made by `make bench-real` (bench/programs.sh), which runs the programs of `bench/programs` with glibc's malloc, libhakmem, those"
	print "that Debian packages and those in the folder `PEERS` preloaded, by turns.\n"
	printf "%s, %s processors, %s, kernel %s; transparent huge pages: %s, for all alike;\nload %s at the end.\n\n", machine["processor"],
		machine["processors"], machine["memory"], machine["kernel"], machine["huge pages"], machine["load at the end"]
	if (was_busy())
		print "**The machine had other things to do meanwhile: times are worth little; output, memory and faults count.**\n"
	if (machine["quick"] != "0")
		print "**Made with `--quick`: little input, whose times mean nothing.**\n"
	print "- Each ran " machine["rounds"] " times. Time is of the whole program; user and system time, faults and peak resident memory are what wait4"
	print "  says of it and its children (of redis the server alone). Shown are medians."
	print "- The ratio to glibc's time is of runs of the same round (Hodges and Lehmann's estimate); in brackets, " \
		(machine["rounds"] > 5 ? "Wilcoxon's 95 % interval." : "from the least to the")
	if (machine["rounds"] <= 5)
		print "  greatest of the rounds' ratios (a 95 % interval needs six rounds)."
	print "- `hakmem-again` is libhakmem a second time: how far two of the same are apart."
	print "- Each run's output, exit status and files must be those of a run with glibc's malloc. A run that ended in another way is in the"
	print "  tables by that: `other-output`, `exit:N`, `signal:N`, `timeout`. n/a: not measured."
	print "- Blocks: how many small blocks libhakmem gave the program and its children, counted in a run of its own.\n"
	print "| allocator | version |\n| --- | --- |"
	for (i = 1; i <= arms; i++)
		print "| " arm[i] " | " machine["version of " arm[i]] " |"
	print ""
}

function print_outcome(    i, ran) {
	for (i = 1; i <= programs; i++)
		ran += missing[program[i]] == ""
	print "## Output\n"
	print ran " of " programs " programs ran, " (wrongs ? "and these went wrong:" : "and each printed with every allocator what it prints with glibc's.") "\n"
	for (i = 1; i <= wrongs; i++)
		print "- **" wrong[i] "**"
	for (i = 1; i <= programs; i++)
		if (missing[program[i]] != "")
			print "- " program[i] ": n/a, " missing[program[i]]
	if (wrongs || ran < programs)
		print ""
}

# A line for each program, a column for each allocator but glibc: its column to glibc's.
function print_overview(title, column, with_interval,    i, j, line, part, base, ratio) {
	print "## " title ", glibc's being 1\n"
	line = "| program |"
	for (j = 1; j <= arms; j++)
		if (arm[j] != "glibc")
			line = line " " arm[j] " |"
	print line "\n" separator(line)
	split("", logs)
	split("", counted)
	for (i = 1; i <= programs; i++) {
		if (missing[program[i]] != "")
			continue
		line = "| " program[i] " |"
		for (j = 1; j <= arms; j++) {
			if (arm[j] == "glibc")
				continue
			split(row[program[i], "glibc"], base, "\t")
			split(row[program[i], arm[j]], part, "\t")
			ratio = with_interval ? part[6] : part[column] == "n/a" || base[column] == "n/a" || !base[column] ? "n/a" : part[column] / base[column]
			line = line (part[3] != "ok" ? " **" part[3] "** |" : " " number(ratio, "%.2f") \
				(with_interval && part[7] != "n/a" ? sprintf(" [%.2f-%.2f]", part[7], part[8]) : "") " |")
			if (ratio != "n/a" && ratio > 0) {
				logs[arm[j]] += log(ratio)
				counted[arm[j]]++
			}
		}
		print line
	}
	line = "| **geometric mean** |"
	for (j = 1; j <= arms; j++)
		if (arm[j] != "glibc")
			line = line " " (counted[arm[j]] ? sprintf("%.3f", exp(logs[arm[j]] / counted[arm[j]])) : "n/a") " |"
	print line "\n"
}

function print_program(load,    i, j, line, part) {
	print "## " load "\n"
	print purpose[load] ".\n"
	if (missing[load] != "") {
		print "n/a: " missing[load] ".\n"
		return
	}
	print "`" command[load] "` (" version[load] "); blocks: " blocks[load] ".\n"
	line = "| allocator | runs | time, s | to glibc | to the fastest | user, s | system, s | peak, MiB | faults |"
	for (j = 1; j <= figures[load]; j++)
		line = line " " figure[load, j] ", " figure_known[load, figure[load, j]] " |"
	print line "\n" separator(line)
	for (i = 1; i <= arms; i++) {
		split(row[load, arm[i]], part, "\t")
		line = "| " arm[i] (part[3] == "ok" ? "" : " **" part[3] "**") " | " part[4] " | " number(part[5], "%.3f") " | " \
			number(part[6], "%.3f") (part[7] == "n/a" ? "" : sprintf(" [%.3f-%.3f]", part[7], part[8])) " | " \
			number(part[9], "%.3f") " | " number(part[10], "%.3f") " | " number(part[11], "%.3f") " | " \
			number(part[12], "%.1f", 1024) " | " number(part[13], "%.0f") " |"
		for (j = 1; j <= figures[load]; j++)
			line = line " " number(figure_of(load, arm[i], figure[load, j]), "%.0f") " |"
		print line
	}
	print ""
}

END {
	print_head()
	print_outcome()
	print_overview("Time", 5, 1)
	print_overview("Peak resident memory", 12, 0)
	print_overview("Page faults", 13, 0)
	for (i = 1; i <= programs; i++)
		print_program(program[i])
}
