#!/bin/sh
# SPDX-License-Identifier: MIT
# Exports in speedscope: its page, in a browser, shows each of the formats that it reads, with all that was counted; and its
# own format is as its published schema has it. The page and a reader of schemas come from npm, once, into build/.
# beside: equals
. "$(dirname "$0")/../system/check.inc"

command -v chromium >/dev/null || { echo "chromium is not installed"; exit 77; }

here=$(dirname "$0")
tools=$BUILD/tests/web/tools
check "the tools are fetched" web/fetch.sh "$tools" "$here/tools"
[ $failures -eq 0 ] || conclude
page=$(pwd)/$tools/node_modules/speedscope/dist/release/index.html
case $tools in /*) page=$tools/node_modules/speedscope/dist/release/index.html ;; esac

sample=$BUILD/tests/system/export_sample
"$sample" speedscope >"$work/sample.json"
"$sample" folded zeroed >"$work/sample.folded"
"$sample" pprof time >"$work/sample.pb.gz"

# What the page is once it was given the file.
browse() { # FILE
	node "$here/exports.js" load "$1" >"$work/load.js"
	rm -rf "$work/profile"
	timeout 60 chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
		--disable-component-update --disable-sync --user-data-dir="$work/profile" --enable-logging=stderr \
		--virtual-time-budget=5000 --dump-dom "file://$page#localProfilePath=$work/load.js" 2>"$work/log" >"$work/dom"
}
# A line of the list of profiles, as speedscope writes figures.
shows() { # PROFILE FIGURE
	sed 's/<tr /\n&/g' "$work/dom" | grep -F "<tr title=\"$1\"" | grep -F ">$2</td>" || {
		grep -o '<tr title=.*' "$work/dom"
		grep CONSOLE "$work/log"
		return 1
	}
}

check "its schema holds" node "$here/exports.js" valid "$tools" "$work/sample.json"
sed 's/"unit": "bytes"/"unit": "pages"/' "$work/sample.json" >"$work/wrong.json"
check "and would not hold for another unit" equal "$(status_of node "$here/exports.js" valid "$tools" "$work/wrong.json")" 1
browse "$work/sample.json"
check "the page takes the command's name" grep -q '<title>./bench - ' "$work/dom"
check "faults" shows "faults (estimated from a sample)" 148
check "zeroed bytes" shows "zeroed bytes (estimated from a sample)" "548.00 KB"
check "fault time" shows "fault time (estimated from a sample)" "222.00µs"
browse "$work/sample.folded"
check "folded stacks" grep -q '<title>sample.folded - ' "$work/dom"
browse "$work/sample.pb.gz"
check "a pprof profile" grep -q '<title>sample.pb.gz - ' "$work/dom"
"$TRACE" --interval 0.1 --format trace-event -o "$work/run.json" -- sleep 0.3
browse "$work/run.json"
check "a time line's slices" grep -q '<title>run.json - ' "$work/dom"
check "of the run" grep -q 'sleep' "$work/dom"
echo 'no profile' >"$work/other.json"
browse "$work/other.json"
check "and what is none of these is not shown" equal "$(grep -c '<title>other' "$work/dom")" 0
check "but refused" grep -q 'alert: ' "$work/log"
conclude
