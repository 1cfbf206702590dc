# SPDX-License-Identifier: MIT
# A table with tabs as RFC 4180's comma-separated values.

BEGIN { FS = "\t" }
{
	line = ""
	for (i = 1; i <= NF; i++) {
		field = $i
		if (field ~ /[",]/) {
			gsub(/"/, "\"\"", field)
			field = "\"" field "\""
		}
		line = line (i > 1 ? "," : "") field
	}
	print line
}
