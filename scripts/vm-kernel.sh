#!/bin/sh
# Fetches a Debian cloud kernel for a test VM and prints the path of its vmlinuz. Only that file is unpacked; nothing is
# installed, and apt's own sources and lists stay as they are: it uses a package list and cache of its own, with the
# mirror, proxy, authentication and keys that the machine's apt is configured with. Later calls use the fetched file.
# Usage: scripts/vm-kernel.sh [--update] SUITE|RELEASE
#        SUITE    bullseye, bookworm, trixie, trixie-backports, forky, sid, ...: the newest cloud kernel there
#        RELEASE  5.10, 6.1, 6.12, 6.18, 7.3, ...: the newest of that release that Debian has
#        --update look for a newer one though one is there
# HAKMEM_KERNELS=DIR keeps the kernels there instead of in build/kernels. HAKMEM_DEBIAN_MIRROR=URI names a mirror.
# Exit status: 0 found, 77 the mirror cannot be reached at all (no network), 1 any other error.
# SPDX-License-Identifier: MIT
set -eu
scripts=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$scripts")

die() {
	echo "vm-kernel: error: $*" >&2
	exit 1
}

update=
if [ "${1:-}" = --update ]; then
	update=1
	shift
fi
wanted=${1:-}
case $wanted in
'' | -*) die "usage: scripts/vm-kernel.sh [--update] SUITE|RELEASE" ;;
*[!a-z0-9.+-]*) die "'$wanted' is neither a suite nor a release" ;;
esac
arch=$(dpkg --print-architecture)

BUILD=${BUILD:-build}
case $BUILD in /*) ;; *) BUILD=$root/$BUILD ;; esac
dir=${HAKMEM_KERNELS:-$BUILD/kernels}
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
# One at a time: they share lists of packages, and who waits may find what it wants.
exec 9>"$dir/lock"
flock 9
kernel=$dir/$wanted/vmlinuz

if [ -s "$kernel" ] && [ -z "$update" ]; then
	echo "$kernel"
	exit 0
fi

# Where a release may be: Debian keeps one in each suite, and the newer ones in the backports of the newest stable.
release=
case $wanted in
5.10) suites=bullseye release=$wanted ;;
6.1) suites=bookworm release=$wanted ;;
6.12) suites="trixie bookworm-backports" release=$wanted ;;
[0-9]*) suites="trixie-backports forky sid" release=$wanted ;;
*) suites=$wanted ;;
esac

mirror=$("$scripts/mirror.sh") || exit 1
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
[ ! -r "$keyring" ] || options="[signed-by=$keyring]"

# private SUITE COMMAND...: an apt command that knows only this suite and works in folders of ours.
private() {
	private=$dir/apt-$1
	shift
	command=$1
	shift
	"$command" -o Dir::Etc::SourceList="$private/sources.list" -o Dir::Etc::SourceParts=/dev/null \
		-o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts=/dev/null \
		-o Dir::State::Lists="$private/lists" -o Dir::State::Status=/dev/null -o Dir::Cache="$private/cache" \
		-o APT::Sandbox::User="$(id -un)" -o Acquire::Languages=none -o APT::Update::Post-Invoke::= \
		-o Debug::NoLocking=1 "$@"
}

release_pattern() {
	if [ -n "$release" ]; then echo "${release}[.+-]" | sed 's/\./[.]/'; else echo '[0-9]'; fi
}

# The newest kernel of a suite, "version package", among packages that hold a vmlinuz (from 6.19 it is linux-binary-*;
# linux-image-* is then nearly empty).
kernels() {
	private "$1" apt-cache dumpavail | awk -v pattern="^linux-(binary|image)-$(release_pattern).*cloud-$arch\$" '
		/^Package: / { name = $2; version = size = "" }
		/^Version: / { version = $2 }
		/^Size: /    { size = $2 }
		/^$/         { emit() }
		END          { emit() }
		function emit() {
			if (name ~ pattern && size > 4000000) print version, name
			name = ""
		}' | sort -V | tail -n 1
}

found=
reached=
for suite in $suites; do
	private=$dir/apt-$suite
	mkdir -p "$private/lists/partial" "$private/cache/archives/partial"
	echo "deb ${options:-} $mirror $suite main" >"$private/sources.list"
	if ! private "$suite" apt-get update -q --error-on=any >"$private/log" 2>&1; then
		echo "vm-kernel: suite '$suite' cannot be read from the mirror:" >&2
		grep -E '^(E|W|Err)' "$private/log" | head -n 3 | sed 's/^/    /' >&2
		continue
	fi
	reached=1
	found=$(kernels "$suite")
	[ -z "$found" ] || break
done

if [ -z "$found" ]; then
	[ -z "$reached" ] || die "no cloud kernel ${release:+$release }for $arch in: $suites"
	# Is it this suite, or is there no network? Ask the mirror for what every Debian mirror has.
	if /usr/lib/apt/apt-helper download-file "$mirror/dists/stable/Release" "$dir/release.$$" >/dev/null 2>&1; then
		rm -f "$dir/release.$$"
		die "the mirror is there, but none of these suites: $suites"
	fi
	echo "vm-kernel: no network: the mirror cannot be reached, and no '$wanted' kernel was fetched before" >&2
	exit 77
fi

package=${found#* }
echo "vm-kernel: fetching $package ${found%% *} from $suite" >&2
work=$dir/fetch.$$
mkdir "$work"
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
(cd "$work" && private "$suite" apt-get download -q "$package") >"$private/log" 2>&1 || {
	tail -n 5 "$private/log" >&2
	die "$package could not be fetched"
}
dpkg-deb --fsys-tarfile "$work"/*.deb | tar -x -C "$work" --wildcards '*/vmlinuz*' || true
vmlinuz=$(find "$work" -type f -name 'vmlinuz*' | head -n 1)
[ -s "$vmlinuz" ] || die "$package holds no vmlinuz"
mkdir -p "$dir/$wanted"
echo "$package ${found%% *}" >"$dir/$wanted/package"
mv "$vmlinuz" "$kernel"
echo "$kernel"
