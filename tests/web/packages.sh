#!/bin/sh
# SPDX-License-Identifier: MIT
# The packages of the pages: npm is asked once for each web/package-lock.json, and when it fails that is said.
# beside: anything
. "$(dirname "$0")/../system/check.inc"

# An npm that only notes that it was asked, and does what $work/answer says.
mkdir "$work/bin"
cat >"$work/bin/npm" <<END
#!/bin/sh
echo "\$@" >>"$work/asked"
. "$work/answer"
END
chmod +x "$work/bin/npm"
cp -r web "$work/web"
fetch() { PATH=$work/bin:$PATH "$work/web/fetch.sh" "$work/npm" >"$work/said" 2>&1; }
asked() { cat "$work/asked" 2>/dev/null | wc -l; }

echo 'echo "npm ERR! no network" >&2; exit 1' >"$work/answer"
fetch
check "a failing npm fails the build" equal $? 1
check "what npm says is shown" grep -q 'no network' "$work/said"
check "and what that means" grep -q 'npm could not fetch the packages of .*/web/package-lock.json' "$work/said"
check "there is no mark" test ! -e "$work/npm/fetched"

echo 'exit 0' >"$work/answer"
fetch
check "it is asked again" equal "$(asked)" 2
check "then there is a mark" test -e "$work/npm/fetched"
check "packages run no scripts" grep -q -- --ignore-scripts "$work/asked"

echo 'exit 1' >"$work/answer"
touch "$work/web/package-lock.json"
fetch
check "another date is no reason to ask" equal "$? $(asked)" "0 2"
echo >>"$work/web/package-lock.json"
fetch
check "another content is" equal "$? $(asked)" "1 3"
check "and the old mark is gone" test ! -e "$work/npm/fetched"

mkdir "$work/tools"
for tool in dirname mkdir cmp cp rm touch cat flock; do ln -s "$(command -v $tool)" "$work/tools/$tool"; done
PATH=$work/tools "$work/web/fetch.sh" "$work/npm" >"$work/said" 2>&1
check "no npm at all is said, too" grep -q 'npm is not installed; scripts/setup.sh installs it' "$work/said"

check "the list names no place to fetch from" sh -c "! grep -q 'resolved\|://' web/package-lock.json"
check "and what each package must be" \
	equal "$(grep -c '"integrity": "sha512-' web/package-lock.json)" "$(grep -c '"node_modules/' web/package-lock.json)"
conclude
