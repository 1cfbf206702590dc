#!/bin/sh
# Model checks of what threads do without a lock, and of the lock: spin goes through every order in which the steps of each
# model (*.pml) can happen. Each model is then broken in the ways that its head names (BROKEN=1, 2 ...): that must be found, or the
# model shows nothing. Steps are taken one after another as they stand, as if the processor never reordered them, but for the store
# buffer in runs.pml: weak memory order is not covered here, but by the thread sanitizer and the stress programs.
# SPDX-License-Identifier: MIT
set -u
cd "$(dirname "$0")" || exit 1

command -v spin >/dev/null || { echo "spin is not installed"; exit 77; }
work=$(mktemp -d "${TMPDIR:-/tmp}/hakmem-model-XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 143' INT TERM
failed=0
folder=$PWD

# check MODEL BROKEN: prints how many errors (spin stops at the first) and how many states, "none" if it did not go through all.
check() {
	(
		cd "$work" || exit
		rm -f pan*
		spin -DBROKEN="$2" -a "$folder/$1.pml" >spin.log 2>&1 && ${CC:-cc} -O1 -w -DSAFETY -DVECTORSZ=2048 -o pan pan.c >cc.log 2>&1 &&
			timeout 120 ./pan -m1000000 >pan.log 2>&1
		awk '/errors:/ { errors = $NF } /states, stored/ { states = $1 } /max search depth too small|Search not completed/ { cut = 1 }
			END { print (errors == "" || (cut && errors == 0) ? "none" : errors), states + 0 }' pan.log
	)
}

for model in *.pml; do
	name=${model%.pml}
	result=$(check "$name" 0)
	case $result in
	'0 '*) echo "ok: $name: ${result#* } states" ;;
	*)
		echo "FAILED: $name: $result"
		tail -n 30 "$work"/*.log
		failed=1
		;;
	esac
	ways=$(grep -o 'BROKEN [=!]= [0-9]' "$model" | sed 's/.* //' | sort -u)
	for way in $ways; do
		result=$(check "$name" "$way")
		case $result in
		'1 '*) echo "ok: $name, broken in way $way, is found to be" ;;
		*)
			echo "FAILED: $name, broken in way $way, is not found to be: $result"
			tail -n 30 "$work"/*.log
			failed=1
			;;
		esac
	done
done
exit $failed
