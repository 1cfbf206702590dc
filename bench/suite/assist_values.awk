# SPDX-License-Identifier: MIT
# For assist.awk and assist_counts.awk, after statistics.awk: the figures of runs, by group (a pass, or a kernel), workload, setting and
# round; n/a is no figure.

function note_setting(group, load, name) {
	if ((group, load, name) in known_setting)
		return
	known_setting[group, load, name] = 1
	setting[group, load, ++settings[group, load]] = name
}

function note(group, load, name, what, round, value) {
	note_setting(group, load, name)
	if (value == "n/a" || value == "")
		return
	figure[group, load, name, what, round] = value
	if (round > last_round)
		last_round = round
}

# The median of all rounds.
function middle_of(group, load, name, what, result,    list, count, round) {
	for (round = 1; round <= last_round; round++)
		if ((group, load, name, what, round) in figure)
			list[++count] = figure[group, load, name, what, round]
	median_interval(list, count, result)
}

function middle_text(group, load, name, what, form, unit,    result) {
	middle_of(group, load, name, what, result)
	return interval_text(result, form, unit)
}

# One to another's in the same round. Of nothing there is no ratio.
function ratio(group, load, name, other, what, result,    logs, count, round, one, two) {
	for (round = 1; round <= last_round; round++) {
		one = figure_or_none(group, load, name, what, round)
		two = figure_or_none(group, load, other, what, round)
		if (one > 0 && two > 0)
			logs[++count] = log(one / two)
	}
	paired(logs, count, result)
}

function figure_or_none(group, load, name, what, round) {
	return (group, load, name, what, round) in figure ? figure[group, load, name, what, round] : 0
}

function ratio_text(group, load, name, other, what,    result) {
	if (name == other)
		return "1"
	ratio(group, load, name, other, what, result)
	return interval_text(result, "%.3f", 1)
}
