# SPDX-License-Identifier: MIT
# Medians and paired ratios, each with an interval, for the other awk programs here. A list is list[1..count]. A result has
# "value", and "low" and "high", the bounds of a 95 % interval or n/a when there are too few values for one (five or less); and
# "least" and "most", the range of what was measured.

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

function clear_result(result) {
	result["value"] = result["low"] = result["high"] = result["least"] = result["most"] = "n/a"
}

# How many of the smallest values, the bound with them, lie outside a 95 % interval of the median: so many or fewer of them are below it
# with a probability of at most 0.025, as heads are among tossed coins. 0 when there are too few.
function outside_median(count,    ways, below, number) {
	ways = below = 1 / 2 ^ count
	while (below <= 0.025) {
		ways *= (count - number) / (number + 1)
		below += ways
		number++
	}
	return number + 0
}

# The median and its interval by order statistics.
function median_interval(list, count, result,    skip) {
	clear_result(result)
	if (!count)
		return
	result["value"] = median(list, count)
	result["least"] = list[1]
	result["most"] = list[count]
	skip = outside_median(count)
	if (!skip)
		return
	result["low"] = list[skip]
	result["high"] = list[count + 1 - skip]
}

# A result in words: VALUE [LOW-HIGH], or with the range as (LEAST-MOST) when there is no interval. form: of each, as printf's.
function interval_text(result, form, unit) {
	if (result["value"] == "n/a")
		return "n/a"
	if (result["low"] != "n/a")
		return sprintf(form " [" form "-" form "]", result["value"] / unit, result["low"] / unit, result["high"] / unit)
	return sprintf(form " (" form "-" form ")", result["value"] / unit, result["least"] / unit, result["most"] / unit)
}

# "yes", "no" or "not shown": is all of the interval at most the bound, or above it?
function below(result, bound) {
	if (result["low"] == "n/a")
		return "n/a"
	return result["high"] <= bound ? "yes" : result["low"] > bound ? "no" : "not shown"
}

# The middle of `count` logarithms of paired ratios (Hodges and Lehmann's: the median of the averages of all pairs) and its
# interval, as ratios.
function paired(logs, count, result,    pairs, number, i, j, skip) {
	clear_result(result)
	if (!count)
		return
	sort_list(logs, count)
	result["least"] = exp(logs[1])
	result["most"] = exp(logs[count])
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
