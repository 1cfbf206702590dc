# SPDX-License-Identifier: MIT
# All tables as one JSON object, after its schema (-v schema=NAME): each a list of objects whose members are the columns;
# machine.tsv is an object. What was not measured is null.

BEGIN {
	FS = "\t"
	printf "{\"schema\": %s", quoted(schema)
}
FNR == 1 {
	name = FILENAME
	sub(/.*\//, "", name)
	sub(/\.tsv$/, "", name)
	if (NR > 1)
		printf "%s", closing
	closing = name == "machine" ? "}" : "\n]"
	printf ",\n\"%s\": %s", name, (name == "machine" ? "{" : "[")
	if (name != "machine") {
		split("", column)
		for (i = 1; i <= NF; i++)
			column[i] = $i
		columns = NF
		rows = 0
		next
	}
	rows = 0
}
name == "machine" {
	printf "%s%s: %s", (rows++ ? ", " : ""), quoted($1), value($2)
	next
}
{
	printf "%s\n  {", (rows++ ? "," : "")
	for (i = 1; i <= columns; i++)
		printf "%s%s: %s", (i > 1 ? ", " : ""), quoted(column[i]), (column[i] == "checksum" && $i != "n/a" ? quoted($i) : value($i))
	printf "}"
}
END { print closing "\n}" }

function quoted(text) {
	gsub(/\\/, "\\\\", text)
	gsub(/"/, "\\\"", text)
	return "\"" text "\""
}

function value(text) {
	if (text == "n/a")
		return "null"
	return text ~ /^-?(0|[1-9][0-9]*)(\.[0-9]+)?(e[-+]?[0-9]+)?$/ ? text : quoted(text)
}
