#!/bin/sh
# Fetches the packages of package-lock.json in LIST (default: web/) into FOLDER/node_modules and leaves a mark, FOLDER/fetched.
# Does nothing when they are there. Packages run no script of theirs.
# Usage: web/fetch.sh FOLDER [LIST]
# SPDX-License-Identifier: MIT
set -eu
folder=$1
list=${2:-$(dirname "$0")}

die() {
	printf 'fetch: error: %s\n' "$*" >&2
	exit 1
}

mkdir -p "$folder"
# Others who want the same wait until it is there.
exec 9>"$folder/lock"
flock 9
# A checkout may give the files another date and no other content.
if [ -e "$folder/fetched" ] && cmp -s "$list/package-lock.json" "$folder/package-lock.json" &&
	cmp -s "$list/package.json" "$folder/package.json"; then
	touch "$folder/fetched"
	exit 0
fi
command -v npm >/dev/null || die "npm is not installed; scripts/setup.sh installs it"
rm -f "$folder/fetched"
cp "$list/package.json" "$list/package-lock.json" "$folder/"
npm ci --prefix "$folder" --prefer-offline --ignore-scripts --no-audit --no-fund --no-progress --loglevel=error \
	--no-update-notifier >"$folder/log" 2>&1 </dev/null || {
	cat "$folder/log" >&2
	die "npm could not fetch the packages of $list/package-lock.json (above: what it says). Is the registry that npm is
configured with reachable from here?"
}
touch "$folder/fetched"
