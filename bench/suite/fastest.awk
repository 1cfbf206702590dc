# SPDX-License-Identifier: MIT
# The peer with the least median time in the first pass over `workload`, of those whose every run went well. Reads runs.tsv.

BEGIN { FS = "\t" }
$3 != workload || $4 ~ /^hakmem/ { next }
$5 != "ok" { failed[$4] = 1 }
$1 == "choose" && $5 == "ok" { time[$4, ++runs[$4]] = $6 }
END {
	for (name in runs) {
		if (name in failed)
			continue
		for (i = 1; i <= runs[name]; i++)
			list[i] = time[name, i]
		value = median(list, runs[name])
		if (fastest == "" || value < least) {
			fastest = name
			least = value
		}
	}
	if (fastest != "")
		print fastest
}
