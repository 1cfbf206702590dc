#!/bin/sh
# SPDX-License-Identifier: MIT
# The live page in a browser, with a server that stands in for hakmem-trace: it shows what it is told, a selection changes the
# tables, it comes back by itself, hostile names stay text, and a thousand slices a second don't make it grow (20 s; with LONG=1
# ten minutes).
# beside: equals
# time-out: 600
. "$(dirname "$0")/../system/check.inc"
. "$(dirname "$0")/checks.inc"

command -v chromium >/dev/null || { echo "chromium is not installed"; exit 77; }
command -v npm >/dev/null || { echo "npm is not installed"; exit 77; }

here=$(dirname "$0")
TOOLS=$BUILD/tests/web/tools
CHROMIUM=$(command -v chromium)
export TOOLS CHROMIUM
check "the tools are fetched" web/fetch.sh "$TOOLS" "$here/tools"
check "and the page's packages" web/fetch.sh "$BUILD/web/npm"
[ $failures -eq 0 ] || conclude

checks node "$here/live_units.js" "$BUILD/web/npm/node_modules"
"$TRACE" --stacks --format json -o "$work/real.json" -- "$BUILD/bench/random_mixed-hakmem" 300000 256 42 >"$work/output"
check "there is a report of a real run" test -s "$work/real.json"
checks node "$here/live.js" "$work/real.json"
check "the browser was there to the end" grep -q 'the browser was there to the end' "$work/checks"
conclude
