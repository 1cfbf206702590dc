# SPDX-License-Identifier: MIT
# Compares one traced run of a truth program with what the program says and with its baseline. Variables: files and base
# (paths without .report and .out; base may be "none"), library (preloaded, or empty). Prints `ok ...` or `FAIL ...`.

function wrong(words) {
	problems = problems (problems == "" ? "" : "; ") words
}

function magnitude(value) {
	return value < 0 ? -value : value
}

# The larger of 1 % and 3.
function tolerance(value) {
	return value > 300 ? value / 100 : 3
}

# Adds one CSV to the tables, with sign 1 for the run itself and -1 for the baseline.
# The columns from the 14th to the 21st are the causes.
function read_head(    i, name) {
	for (i = 14; i <= 21; i++) {
		name = field[i]
		gsub(/_/, "-", name)
		cause_name[i] = name
	}
}

function read_phase(sign,    name) {
	name = field[2]
	gsub(/ /, "-", name)
	phase[name " " field[3]] += sign * field[4]
}

function read_csv(path, sign,    sum, charged, total) {
	while ((getline line <path) > 0) {
		split(line, field, ",")
		if (field[1] == "record")
			read_head()
		if (field[1] == "region")
			read_region(sign)
		else if (field[1] == "phase")
			read_phase(sign)
		else if (field[1] == "purger")
			purger[field[2] " " field[3]] += sign * field[4]
		else if (field[1] == "total")
			total = field[4]
		else if (field[1] == "counter")
			counter[field[2]] = field[4]
		if (field[1] == "region")
			sum += field[4]
	}
	close(path)
	charged = counter["rusage_minflt"] + counter["rusage_majflt"]
	if (total == "")
		wrong("no report in " path)
	else if (sum != charged || total != charged)
		wrong("regions add up to " sum ", total " total ", charged " charged)
	if (counter["lost"] + 0 != 0)
		wrong("lost " counter["lost"])
	if (counter["unseen"] + 0 > 3)
		wrong("unseen " counter["unseen"])
	skips += counter["skipped"]
	if (sign < 0)
		return
	failed_faults = counter["failed"]
	run_charged = charged
}

function read_region(sign,    row, i, sum_of_causes) {
	row = field[2] " " field[3]
	regions[field[2]]
	rows[row] = field[2]
	faults[row] += sign * field[4]
	populated[row] += sign * field[6]
	if (field[9] == "")
		zeroed_unknown = 1
	zeroed[row] += sign * field[9]
	for (i in cause_name) {
		causes[row " " cause_name[i]] += sign * field[i]
		sum_of_causes += field[i]
	}
	if (sign > 0) {
		failed_in[row] = field[22]
		all_zeroed[row] = field[9]
		waste_of[row] = field[23]
		waste[row] = field[24]
		waste_low[row] = field[25]
		waste_high[row] = field[26]
	}
	if (sum_of_causes != field[4])
		wrong(row " has causes of " sum_of_causes " of its " field[4] " faults")
}

# An allocator's own metadata is neither what the program touched nor far from it.
function excluded(row) {
	return row ~ /^allocator metadata/
}

# One figure of a region's row, or of all its rows.
function figure(table, region, detail,    row, sum) {
	gsub(/~/, " ", detail)
	for (row in rows) {
		if (rows[row] != region || excluded(row))
			continue
		if (detail == "*" || row == region " " detail) {
			sum += table[row]
			named[row] = 1
		}
	}
	return sum + 0
}

function show(words) {
	shown = shown (shown == "" ? "" : ", ") words
}

function check(what, got, wanted,    off) {
	off = magnitude(got - wanted)
	show(what " " got "/" wanted)
	if (off > tolerance(wanted))
		wrong(what " off by " (got - wanted))
}

# Several cases in one report may name the same row: collect first.
function read_report(path) {
	while ((getline line <path) > 0) {
		count = split(line, word, " ")
		if (word[2] == "malloc") {
			word[2] = library == "" ? "libc" : "allocator"
			if (library != "")
				word[3] = "*"
		}
		key = word[2] " " word[3]
		if (word[1] == "expect")
			expected[key] += word[4]
		else if (word[1] == "expect-most")
			most[key] += word[4]
		else if (word[1] == "expect-populated")
			expected_populated[key] += word[4]
		else if (word[1] == "expect-zeroed")
			expected_zeroed[key] += word[4]
		else if (word[1] == "expect-failed")
			expected_failed += word[2]
		else if (word[1] == "expect-failed-in")
			expected_failed_in[key] += word[4]
		else if (word[1] == "expect-waste")
			expected_waste[key] = word[4]
		else if (word[1] == "expect-cause")
			expected_cause[key " " word[4]] += word[5]
		else if (word[1] == "expect-purger")
			expected_purger[key " " word[4]] += word[5]
		else if (word[1] == "expect-phase")
			expected_phase[key] += word[4]
		else if (word[1] == "expect-phase-range") {
			phase_from[key] += word[4]
			phase_to[key] += word[5]
		} else if (word[1] == "allow")
			allowed[word[2]] += word[3]
		else if (word[1] == "varies")
			varies = 1
		else if (word[1] == "skip")
			skipped = line
		else if (word[1] == "rusage")
			own = word[2] + word[3]
	}
	close(path)
}

function check_expectations(    key, got) {
	for (key in expected) {
		split(key, word, " ")
		check(key, figure(faults, word[1], word[2]), expected[key])
	}
	for (key in most) {
		split(key, word, " ")
		got = figure(faults, word[1], word[2])
		show(key " " got "/1.." most[key])
		if (got < 1 || got > most[key])
			wrong(key " " got)
	}
	for (key in expected_populated) {
		split(key, word, " ")
		check("populated " key, figure(populated, word[1], word[2]), expected_populated[key])
	}
	for (key in expected_zeroed) {
		split(key, word, " ")
		got = figure(zeroed, word[1], word[2])
		if (zeroed_unknown)
			continue
		show("zeroed " key " " got "/" expected_zeroed[key])
		if (got < expected_zeroed[key] * 0.99 - 12288 - skips * 4096)
			wrong("zeroed " key " " got)
	}
	if (expected_failed) {
		show("failed " failed_faults "/" expected_failed)
		if (failed_faults == "")
			show("failed not measured")
		else if (failed_faults < expected_failed || failed_faults > expected_failed + 3)
			wrong("failed " failed_faults)
	}
	for (key in expected_failed_in)
		if (failed_faults != "")
			check_exactly("failed in " key, failed_in[key], expected_failed_in[key])
	for (key in expected_waste)
		check_waste(key, expected_waste[key])
}

# How much of a row's zeroing was for nothing is an estimate with a 95 % interval: three times as wide it never misses.
# Nearly all of it must have been looked at.
function check_waste(row, permille,    share, low, high) {
	named[row] = 1
	if (all_zeroed[row] == "" || no_causes) {
		show(row " waste unknown")
		if (waste[row] != "")
			wrong(row " has a waste that can't be known, " waste[row])
		return
	}
	if (waste[row] == "" || waste_of[row] + 0 == 0) {
		wrong(row " has no waste")
		return
	}
	share = waste[row] / waste_of[row] * 1000
	low = waste_low[row] / waste_of[row] * 1000
	high = waste_high[row] / waste_of[row] * 1000
	show(sprintf("%s wasted %.0f (%.0f..%.0f)/%d permille of %d KiB", row, share, low, high, permille, waste_of[row] / 1024))
	if (low > share || share > high)
		wrong(row " is not in its own interval")
	if (permille < low - (high - low) - 3 || permille > high + (high - low) + 3)
		wrong(row " waste out of its interval")
	if (waste_of[row] < 0.95 * all_zeroed[row])
		wrong(row " looked at " waste_of[row] " of " all_zeroed[row])
}

# Of all files together: how many of ld.so.cache's pages a start faults in depends on what the page cache has of it then.
function check_files(what, got, wanted) {
	show(what " " got "/" wanted)
	if (magnitude(got - wanted) > 3)
		wrong(what " " got)
}

# Phases are exact, and so are causes but for what the report itself says that it may lack: of an allocation that the
# kernel told no hook of, neither the zeroing nor what it was for is known (docs/how-it-works.md).
function check_told(what, got, wanted) {
	got += 0
	if (got != wanted && magnitude(got - wanted) <= skips)
		show(what " " got "/" wanted " with up to " skips " skipped")
	else
		check_exactly(what, got, wanted)
}

function check_exactly(what, got, wanted) {
	got += 0
	show(what " " got "/" wanted)
	if (got != wanted)
		wrong(what " " got)
}

function cause_figure(region, detail, cause,    row, sum) {
	for (row in rows)
		if ((region == "*" || rows[row] == region) && (detail == "*" || row == region " " detail)) {
			sum += causes[row " " cause]
			if (region != "*")
				named[row] = 1
		}
	return sum + 0
}

# A kernel before 5.17 keeps no history of pages (docs/how-it-works.md): then no cause may be claimed.
function check_no_causes(    key) {
	show("causes unknown")
	for (key in expected_cause) {
		split(key, word, " ")
		cause_figure(word[1], word[2], word[3]) # names its rows
	}
	# execve's arguments are the first touch of a new stack whatever is kept; a baseline has them, too.
	if (base == "none")
		delete causes["stack main first-touch"]
	for (key in causes)
		if (causes[key] && key !~ / unknown$/)
			wrong("a cause is claimed: " key " " causes[key])
}

function check_causes(    key) {
	for (key in expected_cause) {
		split(key, word, " ")
		if (key == "file * file")
			check_files(key, cause_figure(word[1], word[2], word[3]), expected_cause[key])
		else
			check_told(key, cause_figure(word[1], word[2], word[3]), expected_cause[key])
	}
	for (key in expected_purger)
		check_told("purger " key, purger[key], expected_purger[key])
}

function check_phases(    key) {
	for (key in expected_phase)
		check_exactly("phase " key, phase[key], expected_phase[key])
	for (key in phase_from) {
		show("phase " key " " phase[key] "/" phase_from[key] ".." phase_to[key])
		if (phase[key] < phase_from[key] || phase[key] > phase_to[key])
			wrong("phase " key " " phase[key])
	}
}

# By how much the kernel charged this run more than its baseline and what it touched, as both runs' own getrusage has it: no
# hook's doing. Only of a case that says that it varies.
function own_variation(    line, word, key, variation) {
	if (!varies)
		return 0
	while ((getline line <(base ".out")) > 0) {
		split(line, word, " ")
		if (word[1] == "rusage")
			variation = own - word[2] - word[3]
	}
	close(base ".out")
	for (key in expected)
		variation -= expected[key]
	show("its own count varies by " variation)
	return magnitude(variation)
}

# Faults that moved to or from a region nobody named.
function check_others(    row, region, variation) {
	variation = own_variation()
	for (row in rows)
		if (!(row in named) && !excluded(row))
			other[rows[row]] += faults[row]
	for (region in regions)
		if (magnitude(other[region]) > 3 + allowed[region] + variation)
			wrong("region " region " changed by " other[region])
}

# The task's own count also has what the launcher did before exec, and lacks what came after it was read.
function check_rusage() {
	if (own == "")
		wrong("no report from the program")
	else if (run_charged > own + 20 || run_charged < own - 300)
		wrong("charged " run_charged " but its own getrusage says " own)
}

BEGIN {
	read_csv(files ".report", 1)
	if (base != "none")
		read_csv(base ".report", -1)
	read_report(files ".out")
	check_rusage()
	if (skipped == "") {
		check_expectations()
		if (no_causes)
			check_no_causes()
		else
			check_causes()
		check_phases()
		if (shown == "")
			wrong("the program expects nothing")
		if (base != "none")
			check_others()
	} else {
		show(skipped)
	}
	print (problems == "" ? "ok" : "FAIL") " " (problems == "" ? "" : problems " | ") shown
}
