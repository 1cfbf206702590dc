# SPDX-License-Identifier: MIT
# An SVG bar chart of one column of summary.tsv: a group of bars for each workload, a bar for each allocator, as ratios to the
# least of the peers. Bars end at `most`, with their figure beside them.
# Usage: awk -f chart.awk -v what=COLUMN -v title=TEXT summary.tsv

BEGIN {
	FS = "\t"
	most = 3
	left = 170
	width = 560
	bar = 9
	gap = 10
	split("#c0392b #e08e79 #34495e #2980b9 #27ae60 #8e44ad #d4ac0d #16a085 #7f8c8d #af601a #5d6d7e #a569bd", colour, " ")
}
FNR == 1 {
	for (i = 1; i <= NF; i++)
		column[$i] = i
	next
}
what == "of_fastest" && $2 != "yes" { next }
{
	if (!($1 in count))
		workload[++workloads] = $1
	if (!($4 in number)) {
		number[$4] = ++arms
		arm[arms] = $4
	}
	value = $5 == "ok" ? $(column[what]) : "n/a"
	bars[$1, ++count[$1]] = $4
	figure[$1, count[$1]] = value
	outcome[$1, count[$1]] = $5
	if (value != "n/a" && $4 !~ /^hakmem/ && value > 0 && (!($1 in least) || value < least[$1]))
		least[$1] = value
}

# libhakmem has the first colours, whatever its place.
function colour_of(name,    place) {
	if (name == "hakmem")
		return colour[1]
	if (name == "hakmem-again")
		return colour[2]
	place = number[name] - (number[name] > number["hakmem"]) - (number[name] > number["hakmem-again"]) + 2
	return colour[3 + (place - 3) % 10]
}

function text(x, y, anchor, words) {
	gsub(/&/, "\\&amp;", words)
	gsub(/</, "\\&lt;", words)
	printf "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>\n", x, y, anchor, words
}

function line(x, from, to) {
	printf "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#999\" stroke-width=\"0.5\"/>\n", x, x, from, to
}

function draw_bar(load, index_, y,    ratio, words, length_) {
	if (figure[load, index_] == "n/a" || !(load in least)) {
		text(left + 3, y + bar - 1, "start", bars[load, index_] ": " (outcome[load, index_] == "ok" ? "n/a" : outcome[load, index_]))
		return
	}
	ratio = figure[load, index_] / least[load]
	words = sprintf(ratio < 100 ? "%.2f" : "%.0f", ratio)
	length_ = (ratio > most ? most : ratio) / most * width
	printf "<rect x=\"%d\" y=\"%.1f\" width=\"%.1f\" height=\"%d\" fill=\"%s\"><title>%s: %s</title></rect>\n", left, y, length_,
		bar - 1, colour_of(bars[load, index_]), bars[load, index_], words
	text(left + length_ + 3, y + bar - 1, "start", words)
}

END {
	height = 60 + 16 * int((arms + 3) / 4)
	top = height
	for (i = 1; i <= workloads; i++)
		height += count[workload[i]] * bar + gap
	printf "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\"", left + width + 70, height,
		left + width + 70, height
	print " font-family=\"sans-serif\" font-size=\"9\">"
	print "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>"
	printf "<g font-size=\"14\">"
	text(10, 20, "start", title)
	print "</g>"
	for (i = 1; i <= arms; i++) {
		x = 10 + (i - 1) % 4 * 190
		y = 34 + 16 * int((i - 1) / 4)
		printf "<rect x=\"%d\" y=\"%d\" width=\"10\" height=\"10\" fill=\"%s\"/>\n", x, y, colour_of(arm[i])
		text(x + 14, y + 9, "start", arm[i])
	}
	for (i = 0; i <= most; i++) {
		line(left + i / most * width, top - 4, height - 4)
		text(left + i / most * width, top - 7, "middle", i)
	}
	y = top
	for (i = 1; i <= workloads; i++) {
		load = workload[i]
		text(left - 6, y + count[load] * bar / 2 + 3, "end", load)
		for (j = 1; j <= count[load]; j++)
			draw_bar(load, j, y + (j - 1) * bar)
		y += count[load] * bar + gap
	}
	print "</svg>"
}
