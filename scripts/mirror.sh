#!/bin/sh
# Prints the address of the Debian mirror that this machine's apt uses. HAKMEM_DEBIAN_MIRROR, where set, says it instead
# (Ubuntu's apt knows no Debian mirror).
# SPDX-License-Identifier: MIT
set -eu

if [ -n "${HAKMEM_DEBIAN_MIRROR:-}" ]; then
	echo "$HAKMEM_DEBIAN_MIRROR"
	exit 0
fi
# Origin and label are known only after an update; before, the suite's name tells the security archive.
# shellcheck disable=SC2016 # apt's own placeholders
mirror=$(apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(RELEASE)|$(COMPONENT)|$(REPO_URI)' 'Created-By: Packages' |
	awk -F '|' '$4 == "main" && $3 !~ /-security|-backports|-proposed|^\.?\// &&
		($1 == "Debian" || $1 ~ /^\$|^$/) && ($2 == "Debian" || $2 ~ /^\$|^$/) { print $5; exit }')
if [ -z "$mirror" ]; then
	echo "mirror: error: apt's configuration names no Debian mirror; set HAKMEM_DEBIAN_MIRROR" >&2
	exit 1
fi
echo "${mirror%/}"
