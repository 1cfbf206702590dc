# SPDX-License-Identifier: MIT
# For bench/assist.sh, after statistics.awk: of the settings that took turns in the first pass the fastest by the median, of those
# whose peak is at most 1.05 times the defaults' by the median.

BEGIN { FS = "\t" }
$1 == "choose" && $2 == workload {
	if (!($3 in count))
		name[++names] = $3
	seconds[$3, ++count[$3]] = $5
	peak[$3, count[$3]] = $7
}

function middle_of(what, setting,    list, i) {
	for (i = 1; i <= count[setting]; i++)
		list[i] = what == "peak" ? peak[setting, i] : seconds[setting, i]
	return median(list, count[setting])
}

END {
	best = "defaults"
	limit = 1.05 * middle_of("peak", "defaults")
	least = middle_of("seconds", "defaults")
	for (i = 1; i <= names; i++) {
		if (name[i] == "defaults-again" || middle_of("peak", name[i]) > limit || middle_of("seconds", name[i]) >= least)
			continue
		best = name[i]
		least = middle_of("seconds", best)
	}
	print best
}
