#!/bin/sh
# SPDX-License-Identifier: MIT
# The page of hakmem-trace serve in a browser, of a live random_mixed and of a live redis-server under load: rows are the JSON of
# the same moment, a selection changes the tables, it connects again when the server has started again, gives a token, and a program with
# a hostile name does no harm.
# Usage: tests/web/live_serve.sh [PICTURES]     PICTURES: only draws the pages into this folder (docs)
# beside: VMs
# time-out: 400
. "$(dirname "$0")/../system/check.inc"
. "$(dirname "$0")/checks.inc"

for program in chromium npm redis-server redis-benchmark; do
	command -v $program >/dev/null || { echo "$program is not installed"; exit 77; }
done

here=$(dirname "$0")
TOOLS=$BUILD/tests/web/tools
CHROMIUM=$(command -v chromium)
export TOOLS CHROMIUM
check "the tools are fetched" web/fetch.sh "$TOOLS" "$here/tools"
[ $failures -eq 0 ] || conclude

# A file's name can have all but a slash. Its functions have names for who has given up root, too.
chmod 755 "$work"
enemy="$work/<script>alert(1)<script>"
cp "$BUILD/bench/random_mixed-hakmem" "$enemy"
checks node "$here/live_serve.js" "$TRACE" "$BUILD/bench/random_mixed-hakmem" "$enemy" "$@"
check "the browser was there to the end" grep -q 'the browser was there to the end' "$work/checks"
conclude
