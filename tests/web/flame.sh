#!/bin/sh
# SPDX-License-Identifier: MIT
# Flame graphs in a browser: they are drawn, searched, clicked and used by keyboard; hostile names stay text; nothing is
# asked of anybody.
. "$(dirname "$0")/../system/check.inc"

command -v chromium >/dev/null || { echo "chromium is not installed"; exit 77; }

pages=$BUILD/tests/web/flame_pages
for page in few many unmeasured nothing difference shrunk; do
	"$pages" $page >"$work/$page.html"
	check "a page is made: $page" equal $? 0
done
"$pages" few time >"$work/time.html"

size() { wc -c <"$work/$1.html"; }
check "a small page is small" test "$(size few)" -lt 250000
check "20,000 stacks stay under 2 MB" test "$(size many)" -lt 2000000
check "no name ends the data" equal "$(grep -c 'alert(1)</script>' "$work/few.html")" 0
check "and nothing but the page's own elements is in it" equal "$(grep -c '<img' "$work/few.html")" 0
check "it names the licences of what it is made with" \
	sh -c "grep -q 'Apache License' '$work/few.html' && grep -q 'Mike Bostock' '$work/few.html'"
check "it refers to nothing outside" sh -c "! grep -i 'src=\"\|<link\|@import\|url(' '$work/few.html'"

node "$(dirname "$0")/flame.js" "$work" >"$work/browsing" 2>&1
status=$?
cat "$work/browsing"
[ $status -eq 0 ] || failures=$((failures + $(grep -c ^FAIL "$work/browsing")))
check "the browser was there to the end" grep -q 'colours of the dark' "$work/browsing"
conclude
