#!/bin/sh
# SPDX-License-Identifier: MIT
# Flame graphs in a browser: they are drawn, searched, clicked and used by keyboard; hostile names stay text; nothing is
# asked of anybody.
# Usage: tests/web/flame.sh [PICTURE]     PICTURE: only draws a compiler's faults into this file (docs/flame.png)
# beside: equals
. "$(dirname "$0")/../system/check.inc"
. "$(dirname "$0")/checks.inc"

command -v chromium >/dev/null || { echo "chromium is not installed"; exit 77; }

if [ $# -gt 0 ]; then
	"$TRACE" --stacks --format flame -o "$work/picture.html" -- gcc -O2 -Ibench -Iinclude -c -o /dev/null bench/random_mixed.c
	node "$(dirname "$0")/flame.js" "$work" "$1"
	exit
fi

pages=$BUILD/tests/web/flame_pages
for page in few many sites unmeasured nothing difference shrunk; do
	"$pages" $page >"$work/$page.html"
	check "a page is made: $page" equal $? 0
done
"$pages" few time >"$work/time.html"
"$TRACE" --stacks --format flame -o "$work/real.html" -- "$BUILD/bench/random_mixed-hakmem" 100000 256 42 >"$work/output"
check "a page of a real run is made" equal $? 0

size() { wc -c <"$work/$1.html"; }
check "a small page is small" test "$(size few)" -lt 250000
check "20,000 stacks stay under 2 MB" test "$(size many)" -lt 2000000
check "no name ends the data" equal "$(grep -c 'alert(1)</script>' "$work/few.html")" 0
check "and nothing but the page's own elements is in it" equal "$(grep -c '<img' "$work/few.html")" 0
check "it names the licences of what it is made with" \
	sh -c "grep -q 'Apache License' '$work/few.html' && grep -q 'Mike Bostock' '$work/few.html'"
check "it refers to nothing outside" sh -c "! grep -i 'src=\"\|<link\|@import\|url(' '$work/few.html'"

checks node "$(dirname "$0")/flame.js" "$work"
check "the browser was there to the end" grep -q 'colours of the dark' "$work/checks"
conclude
