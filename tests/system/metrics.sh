#!/bin/sh
# SPDX-License-Identifier: MIT
# Metrics, by the programs that read them: promtool and the reference parser of OpenMetrics check the text, Debian's Prometheus
# scrapes a live `hakmem-trace serve`, and what its API says of them is what our JSON says. So does each expression of the dashboard.
# beside: VMs
. "$(dirname "$0")/check.inc"
. "$(dirname "$0")/attach.inc"

for program in prometheus promtool curl jq; do
	command -v $program >/dev/null || { echo "$program is not installed"; exit 77; }
done
/usr/bin/python3 -c 'import prometheus_client.openmetrics.parser' || { echo "python3-prometheus-client is not installed"; exit 77; }
here=$(dirname "$0")
database=
end_both() {
	[ -z "$database" ] || kill "$database" 2>/dev/null
	end_all
}
trap end_both EXIT

# --- rules, configuration, unit ---
check "promtool: the rules" promtool check rules docs/prometheus/hakmem-rules.yml
check "promtool: the scrape configuration" promtool check config docs/prometheus/prometheus.yml
check "promtool: each alert fires when it should, and only then" promtool test rules "$here/hakmem-rules-test.yml"

# --- the text, of one run ---
reads() { # FILE
	/usr/bin/python3 - "$1" <<'PYTHON'
import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families
families = list(text_string_to_metric_families(open(sys.argv[1]).read()))
sys.exit(len(families) < 20)
PYTHON
}
"$TRACE" --format openmetrics -o "$work/run.om" "$BUILD/bench/random_mixed-hakmem" 20000 256 42 >/dev/null
check "the reference parser reads it" reads "$work/run.om"
"$TRACE" --format prometheus -o "$work/run.prom" "$BUILD/bench/random_mixed-hakmem" 20000 256 42 >/dev/null
check "promtool reads the older format" sh -c "promtool check metrics <'$work/run.prom'"
check "--metrics-series bounds them" sh -c "'$TRACE' --metrics-series 2 --format openmetrics -o '$work/two.om' sh -c 'ls /' >/dev/null &&
	[ \$(grep '^hakmem_faults_total' '$work/two.om' | grep -cv '\"others\"') = 2 ] && grep -q 'detail=\"others\"' '$work/two.om'"
check "the bounded text is read, too" reads "$work/two.om"
"$TRACE" --metrics-series 0 true 2>"$work/err"
check "--metrics-series 0: status 2" equal $? 2

# --- live ---
evil="$(printf 'a"b\\c\033[1')" # 14 bytes of a name at most
cp "$OBEY" "$work/$evil"
"$TRACE" serve --listen 127.0.0.1:0 -a --interval 0.5 2>"$work/serve.err" </dev/null &
tracer=$!
line "$work/serve.err" "serving at" || exit 1
address=$(sed -n 's,.*serving at http:/*\(.*\)/$,\1,p' "$work/serve.err")
get() { # PATH [OPTION...]
	path=$1
	shift
	curl -s "$@" "$address$path"
}
launch evil "$work/$evil"
launch tame
tell evil "touch 700"
tell tame "touch 4000"
has_both() { # the first slice comes when it comes
	get /metrics -f -o "$work/live.prom" && grep -q '^hakmem_process_faults_total{comm="a.*} 7[0-9][0-9]' "$work/live.prom" &&
		grep -q '^hakmem_process_faults_total{comm="obey".*} 4[0-9][0-9][0-9]' "$work/live.prom"
}
tenths=300
until has_both || [ $((tenths -= 1)) -eq 0 ]; do sleep 0.1; done
accept="Accept: application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5"
get /metrics -H "$accept" -o "$work/live.om" -D "$work/live.head"
check "a live one is OpenMetrics for who takes it" grep -qi '^content-type: application/openmetrics-text; version=1.0.0; charset=utf-8' "$work/live.head"
check "and the reference parser reads it" reads "$work/live.om"
check "a name with a quote, a backslash and an escape is one label" \
	grep -qF 'hakmem_process_faults_total{comm="a\"b\\c?[1"' "$work/live.om"
check "and no control character is left" sh -c "! LC_ALL=C grep -q '[[:cntrl:]]' '$work/live.om'"
get /metrics -o "$work/live.prom" -D "$work/live.head"
check "else it is the older format" grep -qi '^content-type: text/plain; version=0.0.4; charset=utf-8' "$work/live.head"
check "which promtool reads" sh -c "promtool check metrics <'$work/live.prom'"

# --- scraped ---
mkdir "$work/data"
sed "s,127.0.0.1:9464,$address,; s,scrape_interval: .*,scrape_interval: 1s," docs/prometheus/prometheus.yml >"$work/prometheus.yml"
printf 'global:\n  evaluation_interval: 1s\n' >>"$work/prometheus.yml"
sed 's,\[5m\],[10s],g' docs/prometheus/hakmem-rules.yml >"$work/hakmem-rules.yml"
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
prometheus --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/data" --storage.tsdb.retention.time=1h \
	--web.listen-address="127.0.0.1:$port" >"$work/prometheus.log" 2>&1 &
database=$!
query() { # EXPRESSION: the response
	curl -s --data-urlencode "query=$1" "127.0.0.1:$port/api/v1/query"
}
value() { # EXPRESSION: of its one sample; nothing when there are none or several
	query "$1" | jq -r '.data.result | if length == 1 then .[0].value[1] else empty end'
}
scraped() {
	for _ in $(seq 100); do
		[ "$(value 'up{job="hakmem"}')" != 1 ] || return 0
		sleep 0.2
	done
	tail -n 5 "$work/prometheus.log"
	return 1
}
check "Prometheus scrapes it" scraped
for _ in 1 2 3 4; do
	tell tame "touch 2000"
	sleep 1
done
check "no sample is refused" equal "$(value 'scrape_samples_scraped - scrape_samples_post_metric_relabeling')" 0
check "nothing is logged of it" sh -c "! grep -Ei 'level=(warn|error)' '$work/prometheus.log'"
check "a rate is that of the program" sh -c "
	awk -v rate='$(value 'sum(rate(hakmem_process_faults_total{comm="obey"}[6s]))')' 'BEGIN { print rate; exit !(rate > 500 && rate < 4000) }'"
end tame
end evil

# What has ended stands still: the same figures in both.
sleep 2
get /api/snapshot >"$work/snapshot.json"
sleep 2
same_as_json() { # EXPRESSION JQ
	ours=$(jq "$2" "$work/snapshot.json")
	theirs=$(value "$1")
	[ "$ours" = "$theirs" ] && [ "$ours" -gt 0 ] || { echo "ours: $ours, Prometheus': $theirs"; return 1; }
}
check "faults of a process are those of the JSON" same_as_json 'sum(hakmem_process_faults_total{comm="obey"})' \
	'[.processes[] | select(.comm == "obey") | .faults] | add'
check "its zeroed bytes, too" same_as_json 'sum(hakmem_process_zeroed_bytes_total{comm="obey"})' \
	'[.processes[] | select(.comm == "obey") | .zeroed_bytes] | add'
check "and of the one with the name" same_as_json 'sum(hakmem_process_faults_total{comm=~"a\"b.*"})' \
	'[.processes[] | select(.comm | startswith("a\"b")) | .faults] | add'
# The machine goes on: what was scraped lies between what the JSON said before and what it says after.
near_json() { # EXPRESSION JQ
	theirs=$(value "$1")
	get /api/snapshot >"$work/later.json"
	before=$(jq "$2" "$work/snapshot.json") after=$(jq "$2" "$work/later.json")
	awk -v before="$before" -v after="$after" -v theirs="$theirs" \
		'BEGIN { print before, theirs, after; exit !(before > 0 && theirs >= before && theirs <= after) }'
}
check "faults of all regions" near_json 'sum(hakmem_faults_total)' .totals.faults
check "zeroed bytes of all regions" near_json 'sum(hakmem_zeroed_bytes_total)/1' .totals.zeroed_bytes
check "timed faults" near_json 'sum(hakmem_fault_seconds_count)' .totals.timed
check "the kernel's own count" near_json 'sum(hakmem_charged_faults_total)' '.totals.rusage_minflt + .totals.rusage_majflt'
check "the rung" equal "$(query 'hakmem_rung_info{subject="fault"}' | jq -r '.data.result[0].metric.rung')" \
	"$(jq -r .kernel.rungs.fault "$work/snapshot.json")"
# Detail may be: there may be programs on this machine with more mappings than there is room for.
check "no counts are lost" equal "$(value 'sum(hakmem_lost_total{kind=~"tasks|events"})')" 0
check "a rule's sum is there" sh -c "[ -n '$(value instance:hakmem_faults:rate5m)' ]"
resets() {
	curl -s "127.0.0.1:$port/api/v1/label/__name__/values" | jq -r '.data[]' | grep -E '^hakmem_.*(_total|_bucket|_count|_sum)$' >"$work/names"
	[ "$(wc -l <"$work/names")" -gt 20 ] || { echo "only $(wc -l <"$work/names") counters"; return 1; }
	while read -r name; do
		[ "$(value "sum(resets({__name__=\"$name\"}[1m]))")" = 0 ] || { echo "$name went back"; return 1; }
	done <"$work/names"
}
check "no counter went back" resets

# --- the dashboard's expressions ---
dashboard_answers() {
	# shellcheck disable=SC2016 # Grafana's
	jq -r '.panels[].targets[].expr' docs/grafana.json | sed 's/\$__rate_interval/10s/g; s/"\$[a-z]*"/".*"/g' >"$work/expressions"
	[ "$(wc -l <"$work/expressions")" -ge 15 ] || return 1
	while IFS= read -r expression; do
		query "$expression" | jq -e '.status == "success" and (.data.result | length) > 0' >/dev/null ||
			{ echo "$expression: $(query "$expression")"; return 1; }
	done <"$work/expressions"
}
check "each expression of the dashboard has an answer" dashboard_answers

kill "$database"
wait "$database"
check "Prometheus ends" equal $? 0
database=
kill -TERM "$tracer"
await
check "so does serve" equal "$status" 0
conclude
