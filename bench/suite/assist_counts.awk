# SPDX-License-Identifier: MIT
# For bench/assist.sh, after statistics.awk and assist_values.awk: from the files of bench/assist-counts.sh to a section of its own.

BEGIN { FS = "\t" }
$1 == "kernel" {
	group[++groups] = kernel = $2
	about[groups] = $3
}
$1 == "workload" && !($2 in command) {
	workload[++workloads] = $2
	command[$2] = $3
}
$1 == "run" {
	note(kernel, $2, $3, "faults", $4, $5)
	note(kernel, $2, $3, "zeroed", $4, $6)
	note(kernel, $2, $3, "peak", $4, $7)
	if ($4 > rounds[kernel])
		rounds[kernel] = $4
}

function effect(load, kernel, name,    peak) {
	if (!((kernel, load, name) in known_setting))
		return
	ratio(kernel, load, name, "defaults", "peak", peak)
	print "| " load " | " name " | " kernel " | " ratio_text(kernel, load, name, "defaults", "faults") " | " \
		ratio_text(kernel, load, name, "defaults", "zeroed") " | " interval_text(peak, "%.3f", 1) " | " below(peak, 1.05) " |"
}

function rows(load, kernel,    j, name) {
	for (j = 1; j <= settings[kernel, load]; j++) {
		name = setting[kernel, load, j]
		print "| " kernel " | " name " | " middle_text(kernel, load, name, "faults", "%d", 1) " | " ratio_text(kernel, load, name, "defaults", "faults") \
			" | " middle_text(kernel, load, name, "zeroed", "%.1f", 1048576) " | " ratio_text(kernel, load, name, "defaults", "zeroed") " | " \
			middle_text(kernel, load, name, "peak", "%.1f", 1024) " | " ratio_text(kernel, load, name, "defaults", "peak") " |"
	}
}

END {
	print "\n## Counts in virtual machines\n"
	print "By bench/assist-counts.sh, which does less work than above: kernels are emulated (tests/vm), so nothing is timed. Each run was traced:"
	print "faults are all of the processes', zeroed bytes those of libhakmem's memory. Ratios are to the defaults' in the same round. [95 %"
	print "intervals] from six rounds on, with fewer (ranges).\n"
	for (g = 1; g <= groups; g++)
		print "- " group[g] ": " about[g] "; rounds: " rounds[group[g]] + 0 "."
	print "\n| workload | | kernel | faults to the defaults' | zeroed to the defaults' | peak to the defaults' | within 1.05 |"
	print "| --- | --- | --- | --- | --- | --- | --- |"
	for (i = 1; i <= workloads; i++)
		for (g = 1; g <= groups; g++) {
			effect(workload[i], group[g], "assist")
			effect(workload[i], group[g], "assist-daemon")
		}
	for (i = 1; i <= workloads; i++) {
		print "\n### " workload[i] " in virtual machines\n\n`" command[workload[i]] "`\n"
		print "| kernel | setting | faults | to the defaults' | zeroed, MiB | to the defaults' | peak, MiB | to the defaults' |"
		print "| --- | --- | --- | --- | --- | --- | --- | --- |"
		for (g = 1; g <= groups; g++)
			rows(workload[i], group[g])
	}
}
