#!/bin/sh
# Every shell script parses, is executable, and has no warning from shellcheck (where that is installed).
# SC2154, a variable that nothing here sets, is left out: what a test includes sets it.
# SPDX-License-Identifier: MIT
set -u
cd "$(dirname "$0")/../.." || exit 1

wrong=0
checked=0
for script in .ci/run bench/*.sh bench/*/*.sh scripts/*.sh tests/*.sh tests/*/*.sh web/*.sh; do
	[ -e "$script" ] || continue
	checked=$((checked + 1))
	case $(head -n 1 "$script") in
	*bash) bash -n "$script" || wrong=1 ;;
	'#!/bin/sh') sh -n "$script" || wrong=1 ;;
	*)
		echo "$script: starts with neither #!/bin/sh nor bash"
		wrong=1
		;;
	esac
	if [ ! -x "$script" ]; then
		echo "$script: not executable"
		wrong=1
	fi
	! command -v shellcheck >/dev/null || shellcheck -x -e SC2154 -S warning "$script" || wrong=1
done
echo "$checked scripts checked"
[ $wrong -eq 0 ] && [ $checked -gt 0 ]
