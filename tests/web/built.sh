#!/bin/sh
# SPDX-License-Identifier: MIT
# The pages of web/built are what the sources in web/ build to, with the packages that web/package-lock.json pins; another
# source would be noticed; and whoever only builds hakmem-trace needs neither node nor npm.
# beside: anything
. "$(dirname "$0")/../system/check.inc"

command -v npm >/dev/null || { echo "npm is not installed"; exit 77; }

# A folder of its own: whatever was built before is no proof. The packages may have been fetched before: npm ci has checked them.
build=$work/build
mkdir -p "$build/web"
web/fetch.sh "$BUILD/web/npm" >"$work/log" 2>&1
check "the packages are fetched" equal $? 0
cp -r "$BUILD/web/npm" "$build/web/npm"
make -s BUILD="$build" pages >>"$work/log" 2>&1
check "the pages build" equal $? 0
[ $failures -eq 0 ] || cat "$work/log"

for page in web/*/page.html; do
	name=$(basename "$(dirname "$page")")
	for file in $name.html $name.policy; do
		check "web/built/$file is what the sources build to (else: make web)" cmp "web/built/$file" "$build/web/$file"
	done
done
check "and nothing else is there" equal "$(ls web/built | wc -l)" "$(ls "$build"/web/*.html "$build"/web/*.policy | wc -l)"

cp -r web "$work/web"
echo 'document.title = "another";' >>"$work/web/flame/main.js"
node "$work/web/assemble.js" "$work/web/flame/page.html" "$BUILD/web/npm/node_modules" "$work/another.html" "$work/another.policy"
check "another source gives another page" equal "$(status_of cmp -s web/built/flame.html "$work/another.html")" 1
check "and another policy" equal "$(status_of cmp -s web/built/flame.policy "$work/another.policy")" 1
check "no path of a machine is in them" equal "$(cat web/built/* | grep -c "$(pwd)\|/node_modules/")" 0

make -n BUILD="$work/none" trace >"$work/plan" 2>&1
check "hakmem-trace is built" grep -q -- '-o .*/hakmem-trace ' "$work/plan"
check "without node or npm" equal "$(grep -c 'node \|npm' "$work/plan")" 0
conclude
