#!/bin/sh
# SPDX-License-Identifier: MIT
# The page of an experiment in a browser: it is drawn, whole, without an error and without asking anybody for anything.
. "$(dirname "$0")/../system/check.inc"

command -v chromium >/dev/null || { echo "chromium is not installed"; exit 77; }

page=$work/page.html
"$TRACE" compare --arm 'plain<b>' --arm 'more & "more"=SPIN_MORE=20' --runs 10 --traced 1 --format html -o "$page" -- \
	"$BUILD/bench/spin" 2000000
check "a page is made" test -s "$page"

browser() { # OPTION...
	rm -rf "$work/profile"
	timeout 60 chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
		--disable-component-update --disable-sync --hide-scrollbars --user-data-dir="$work/profile" --enable-logging=stderr \
		"$@" "file://$page" 2>"$work/log"
}
browser --dump-dom >"$work/dom"
check "the browser reads it" equal $? 0
check "all of it" grep -q '</main>' "$work/dom"
check "the browser has nothing to complain about" sh -c "! grep -i 'CONSOLE\|refused' '$work/log'"
check "names are text and no tags" equal "$(grep -c '<b>' "$work/dom")" 0
check "every run is a dot, in both plots of the main figure" \
	equal "$(sed -n '/every run<\/h2>/,/<\/div>/p' "$work/dom" | grep -c '<circle.*run [0-9]*: ')" 40
check "nothing in it is fetched" sh -c "! grep -i 'src=\|href=\|@import\|url(' '$page'"
browser --window-size=1000,1600 --screenshot="$work/light.png"
check "it is drawn" sh -c "[ \$(wc -c <'$work/light.png') -gt 40000 ]"
browser --window-size=1000,1600 --blink-settings=preferredColorScheme=0 --screenshot="$work/dark.png"
check "and looks different in the dark" sh -c "[ -s '$work/dark.png' ] && ! cmp -s '$work/light.png' '$work/dark.png'"
conclude
