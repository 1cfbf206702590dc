#!/bin/sh
# Installs what hakmem needs on Debian or Ubuntu, and only what is missing. Needs nothing but sh, dpkg and apt, as root or
# with sudo. Does not touch the network when everything is already there.
# Usage: scripts/setup.sh [demo|test]     demo (default): build and trace; test: all that the tests use, too
# SPDX-License-Identifier: MIT
set -eu

say() { printf 'setup: %s\n' "$*"; }
die() {
	printf 'setup: error: %s\n' "$*" >&2
	exit 1
}

# One line a package: its name (or names, first known wins) and what it is for.
demo_packages() {
	cat <<'LIST'
gcc                                     compiles libhakmem and hakmem-trace
libc6-dev                               C library headers
make                                    builds
clang                                   compiles the BPF programs
libbpf-dev                              loads them
bpftool|linux-tools-generic             makes their skeletons
libelf-dev                              reads ELF files
libdw-dev                               reads their debugging information
liblzma-dev                             unpacks symbols in stripped ones
zlib1g-dev                              libbpf and libelf need it
libjansson-dev                          JSON
libmicrohttpd-dev                       the web server of hakmem-trace serve
libiberty-dev                           readable names of C++ and Rust functions
libsqlite3-dev                          recordings
libncurses-dev                          the dashboard in a terminal
LIST
}
test_packages() {
	cat <<'LIST'
g++                                     C++ operators of the allocator
libcmocka-dev                           unit tests
libclang-rt-dev                         sanitizers and libFuzzer, for the allocator
spin                                    checks models of its lock-free paths
busybox-static                          user space of the test VMs
cpio                                    their initramfs
qemu-system-x86                         runs them
git                                     lists the sources; a program to run preloaded
libjemalloc2                            an allocator to recognise
libmimalloc2.0|libmimalloc3             another
libtcmalloc-minimal4|libtcmalloc-minimal4t64  another
libgoogle-perftools4|libgoogle-perftools4t64  another
libtbbmalloc2                           another
valgrind                                tells the accesses that hakmem-trace misses --tlb-model replays
musl-tools                              programs with another C library, to trace
tmux                                    presses keys at hakmem-trace top, and reads its screen
procps                                  ps, to see what is left running
python3                                 checks JSON; a program to run preloaded
perl                                    a program to run preloaded
sqlite3                                 a program to run preloaded; reads recordings
jq                                      reads JSON for docs/findings.md
curl                                    asks hakmem-trace serve
redis-server                            a program to run preloaded
redis-tools                             its load
chromium|chromium-browser               opens the pages of experiments and flame graphs, and speedscope
nodejs                                  builds the pages that hakmem-trace writes anew; a program to run preloaded
npm                                     fetches what these pages draw with, and what tests of them use
prometheus                              scrapes hakmem-trace serve; promtool checks metrics and rules
python3-prometheus-client               the reference parser of OpenMetrics
systemd                                 systemd-analyze checks the unit
golang-go                               has pprof, which reads exports
LIST
}

kind=${1:-demo}
case $kind in
demo) list=$(demo_packages) ;;
test) list=$(demo_packages && test_packages) ;;
-h | --help)
	sed -n 's/^# \(Usage.*\)/\1/p' "$0"
	exit 0
	;;
*) die "unknown set '$kind'; usage: scripts/setup.sh [demo|test]" ;;
esac

if ! command -v apt-get >/dev/null 2>&1 || ! command -v dpkg-query >/dev/null 2>&1; then
	die "this needs Debian or Ubuntu (apt). Elsewhere install by hand:
$list"
fi

# Or what is installed brings it along: other people's nodejs has npm in it, and can't stand beside Debian's.
installed() {
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ] ||
		dpkg-query -W -f '${db:Status-Status} ${Provides}\n' | grep '^installed ' | cut -d' ' -f2- | tr ',' '\n' |
		sed 's/^ *//; s/ (.*//' | grep -qxF "$1"
}

# The lines of $list of which no alternative is installed.
missing=$(
	printf '%s\n' "$list" | while read -r names purpose; do
		found=
		for name in $(echo "$names" | tr '|' ' '); do
			! installed "$name" || found=1
		done
		[ -n "$found" ] || printf '%s %s\n' "$names" "$purpose"
	done
)
if [ -z "$missing" ]; then
	say "everything for '$kind' is installed"
	exit 0
fi

SUDO=
if [ "$(id -u)" != 0 ]; then
	command -v sudo >/dev/null 2>&1 || die "must run as root or with sudo, to install: $(echo "$missing" | cut -d' ' -f1 | xargs)"
	SUDO=sudo
fi

log=$(mktemp)
policy=/usr/sbin/policy-rc.d
made_policy=
cleanup() {
	rm -f "$log"
	[ -z "$made_policy" ] || $SUDO rm -f "$policy"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# A package list from before (or an image's, empty) may name versions that the mirror no longer has. Without network go on:
# what is missing may lie in apt's cache.
$SUDO apt-get update -qq >"$log" 2>&1 || {
	say "warning: apt-get update failed; going on with the package lists that are here"
	tail -n 5 "$log" | sed 's/^/    /'
}

names=
unknown=
for alternatives in $(printf '%s\n' "$missing" | cut -d' ' -f1); do
	known=
	for name in $(echo "$alternatives" | tr '|' ' '); do
		# Of a name that other packages merely mention it prints nothing, and calls that success.
		if [ -z "$known" ] && [ -n "$(apt-cache show --no-all-versions "$name" 2>/dev/null)" ]; then
			known=$name
		fi
	done
	if [ -n "$known" ]; then names="$names $known"; else unknown="$unknown $alternatives"; fi
done
[ -z "$unknown" ] || die "apt knows no package$unknown (package lists out of date, or no network?)"

say "installing for '$kind':"
printf '%s\n' "$missing" | while read -r name purpose; do printf '    %-16s %s\n' "${name%%|*}" "$purpose"; done

# A package that brings a service (redis-server) must not start it.
if [ ! -e "$policy" ]; then
	made_policy=1
	printf '#!/bin/sh\nexit 101\n' | $SUDO tee "$policy" >/dev/null
	$SUDO chmod 755 "$policy"
fi
begin=$(date +%s)
# shellcheck disable=SC2086 # one word a package
if ! $SUDO env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $names >"$log" 2>&1 </dev/null; then
	tail -n 30 "$log" >&2
	die "apt-get install failed (above: the end of its output)"
fi
say "installed in $(($(date +%s) - begin)) s"
