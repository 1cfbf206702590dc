#!/bin/sh
# One VM test: boots a kernel of the list in tests/vm/kernels and runs the truth test there, on the rung that the list says.
# Usage: tests/vm/run.sh NAME                      exit status 0 passed, 77 skipped (no network, no such machine), else failed
#        tests/vm/run.sh NAME [--file PATH]... -- COMMAND...   runs COMMAND there instead, for trying things out
# The console stays in $BUILD/test-results/vm-NAME.console.
# SPDX-License-Identifier: MIT
set -eu
cd "$(dirname "$0")/../.."

BUILD=${BUILD:-build}
export BUILD
name=${1:-}
[ $# -eq 0 ] || shift
line=$(awk -v name="$name" '!/^#/ && $2 == name' tests/vm/kernels)
if [ -z "$line" ]; then
	echo "vm: error: no test '$name'; there are: $(awk '!/^#/ { printf "%s ", $2 }' tests/vm/kernels)" >&2
	exit 2
fi
if [ "$(uname -m)" != x86_64 ]; then
	echo "skipped: the VM tests are written for x86_64"
	exit 77
fi
read -r set _ wanted rung cpus append <<LINE
$line
LINE
[ "$append" != - ] || append=
append="norandmaps $append" # truth.sh says why

kernel=$(scripts/vm-kernel.sh "$wanted") || exit $?
package=$(cat "$(dirname "$kernel")/package")
echo "kernel: $package${append:+, $append}"

mkdir -p "$BUILD/test-results"
console=$BUILD/test-results/vm-$name.console

# Boots the kernel and runs the command there. QEMU's emulation of code patching sometimes kills a kernel (boot.sh has why), so
# a panic gets a second try: one of ours would come again.
there() { # [--cpu MODEL] [--file PATH]... -- COMMAND...
	for path in "$BUILD/hakmem-trace" "$BUILD/libhakmem.so" "$BUILD/tests/system" "$BUILD/bench" tests/system tests/vm; do
		[ ! -e "$path" ] || set -- --file "$path" "$@"
	done
	tries=2
	while :; do
		result=0
		tests/vm/boot.sh "$kernel" --timeout "${HAKMEM_VM_TIMEOUT:-3600}" --cpus "$cpus" --disk 64 --append "$append" \
			--console "$console" "$@" || result=$?
		tries=$((tries - 1))
		[ $result -eq 125 ] && [ $tries -gt 0 ] && grep -qE 'Kernel panic|double fault' "$console" || return $result
		echo "vm: the kernel panicked; once more"
	done
}

# In every run the kernels of the set `always` are tried on one rung only, so that all of it stays within 20 minutes.
status=0
if [ $# -gt 0 ]; then
	there "$@" || status=$?
else
	case $set/$rung in
	always/*) there -- tests/vm/always.sh "$rung" || status=$? ;;
	*/all)
		there --cpu max,-cx16,-erms -- tests/vm/breakpoints.sh || status=$?
		[ ! -e "$console" ] || mv "$console" "$console-breakpoints"
		there -- tests/vm/rungs.sh || status=$?
		;;
	*) there -- tests/system/truth.sh --one-start --rung "$rung" || status=$? ;;
	esac
fi
exit $status
