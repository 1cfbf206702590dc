#!/bin/sh
# No file of the repository names a place that only this machine has: the folder it is checked out in, someone's home, or a
# package registry's host. What this machine's are is asked of the machine, so that this file names none either. What
# builds, sets up and tests names no host at all: it uses what apt is configured with.
# SPDX-License-Identifier: MIT
set -u
cd "$(dirname "$0")/../.." || exit 1

files=${TMPDIR:-/tmp}/names.$$
trap 'rm -f "$files"' EXIT
git ls-files -z >"$files" 2>/dev/null
[ -s "$files" ] || find . -type f ! -path './.git/*' ! -path "./${BUILD:-build}/*" -print0 >"$files"

wrong=0
# refuse WHY GREP-OPTION PATTERN: no file may have a line with it.
refuse() {
	if xargs -0 grep -nI "$2" -e "$3" -- <"$files" 2>/dev/null | grep -v '^vmlinux/\|^LICENSES/' >&2; then
		echo "^ $1" >&2
		wrong=1
	fi
}

# A checkout right below the root, /hakmem say, is no telling name: only deeper ones are looked for.
here=$(pwd -P)
case $here in
/*/*)
	refuse "the folder of this checkout" -F "$here"
	parent=$(dirname "$here")
	case $parent in /tmp | /usr/* | /root | /home | /var/*) ;; /*) refuse "the parent folder of this checkout" -F "$parent/" ;; esac
	;;
esac
refuse "a home folder" -E '(^|[^A-Za-z0-9_./])/(home|Users|root)/[A-Za-z0-9._-]+'
# shellcheck disable=SC2016 # $(SITE) is for apt-get to fill in, and no command of this shell's
for host in $(apt-get indextargets --format '$(SITE)' 2>/dev/null | sed 's|^[a-z+]*://||; s|/.*||; s|.*@||' | sort -u) \
	$(apt-config dump 2>/dev/null | sed -n 's|^Acquire::.*Proxy.* "[a-z]*://\([^"/]*\).*|\1|p' | sed 's/.*@//; s/:.*//'); do
	case $host in *.*) refuse "a host of this machine's apt" -F "$host" ;; esac
done
if [ -n "$(hostname 2>/dev/null)" ] && [ "$(hostname | wc -c)" -gt 8 ]; then refuse "this machine's name" -F "$(hostname)"; fi

# Addresses, in what runs: none but the loopback's; and built pages name namespaces (SVG's) and a licence's home.
grep -zE '^(\./)?(scripts/|tests/|web/|\.ci/|Makefile)' "$files" | xargs -0 grep -nIoE -e '(https?|ftp)://[A-Za-z0-9._-]+' -- 2>/dev/null |
	grep -vE -e '^(\./)?web/built/.*://www\.(w3|apache)\.org$' -e '://(localhost|127\.0\.0\.1|example\.(com|org)|[a-z.-]+\.example)$' >"$files.hosts"
if [ -s "$files.hosts" ]; then
	cat "$files.hosts" >&2
	echo "^ a host in what builds, sets up or tests" >&2
	wrong=1
fi
rm -f "$files.hosts"

echo "$(tr -dc '\0' <"$files" | wc -c) files checked"
exit $wrong
