# SPDX-License-Identifier: MIT
# Medians and paired ratios with an interval, for the other awk programs here. A list is list[1..count].

function sort_list(list, count,    i, j, value) {
	for (i = 2; i <= count; i++)
		for (j = i; j > 1 && list[j - 1] > list[j]; j--) {
			value = list[j]
			list[j] = list[j - 1]
			list[j - 1] = value
		}
}

# Of a sorted list.
function middle(list, count) {
	return (list[int((count + 1) / 2)] + list[int(count / 2) + 1]) / 2
}

function median(list, count) {
	sort_list(list, count)
	return count ? middle(list, count) : "n/a"
}

# How many of the smallest (and largest) averages of pairs lie outside a 95 % interval: Wilcoxon's signed-rank statistic is
# below that with a probability of at most 0.025. 0 when there are too few values for such an interval (five or less).
function outside(count,    ways, sum, rank, total, below, largest) {
	ways[0] = 1
	largest = count * (count + 1) / 2
	for (rank = 1; rank <= count; rank++)
		for (sum = largest; sum >= rank; sum--)
			ways[sum] += ways[sum - rank]
	total = 2 ^ count
	for (sum = 0; (below += ways[sum]) / total <= 0.025; sum++)
		;
	return sum
}

# The middle of `count` logarithms of paired ratios (Hodges and Lehmann's: the median of the averages of all pairs) and its
# 95 % interval, into result["value"], "low" and "high" as ratios; low and high are n/a when there are too few.
function paired(logs, count, result,    pairs, number, i, j, skip) {
	result["value"] = result["low"] = result["high"] = "n/a"
	if (!count)
		return
	for (i = 1; i <= count; i++)
		for (j = i; j <= count; j++)
			pairs[++number] = (logs[i] + logs[j]) / 2
	sort_list(pairs, number)
	result["value"] = exp(middle(pairs, number))
	skip = outside(count)
	if (!skip)
		return
	result["low"] = exp(pairs[skip])
	result["high"] = exp(pairs[number + 1 - skip])
}
