#!/bin/sh
# Runs scripts/demo.sh or scripts/test.sh the way someone with a new machine does: a clone of the last commit inside a
# minimal Debian made for this, where nothing was installed by hand, on this machine's kernel.
# Usage: scripts/fresh-root.sh [--keep] SUITE [demo|test]      as root; SUITE is bookworm, trixie, ...
# The mirror, proxy and TLS settings are those of this machine's apt (and npm); HAKMEM_DEBIAN_MIRROR=URI names another mirror. What is
# mounted is in a mount namespace of its own and gone at the end, and so is the root (under TMPDIR) unless --keep is given.
# HAKMEM_DEBS=DIR keeps downloaded packages there for the next time. Exit status: that of the script inside.
# SPDX-License-Identifier: MIT
set -eu
scripts=$(cd "$(dirname "$0")" && pwd)
repository=$(dirname "$scripts")

say() { echo "fresh-root: $*"; }
die() {
	echo "fresh-root: error: $*" >&2
	exit 1
}

keep=
if [ "${1:-}" = --keep ]; then
	keep=1
	shift
fi
suite=${1:-}
what=${2:-demo}
case $suite in '' | -*) die "usage: scripts/fresh-root.sh [--keep] SUITE [demo|test]" ;; esac
case $what in demo | test) ;; *) die "'$what' is neither demo nor test" ;; esac
[ "$(id -u)" = 0 ] || die "must run as root"
for tool in debootstrap unshare chroot git; do
	command -v "$tool" >/dev/null || die "needs $tool: apt-get install debootstrap git"
done

# Once more, in a mount namespace that sees this machine's mounts but passes none of its own back.
if [ -z "${HAKMEM_IN_NAMESPACE:-}" ]; then
	HAKMEM_IN_NAMESPACE=1
	export HAKMEM_IN_NAMESPACE
	exec unshare --mount --propagation slave "$0" ${keep:+--keep} "$suite" "$what"
fi

mirror=$("$scripts/mirror.sh")
root=$(mktemp -d "${TMPDIR:-/tmp}/hakmem-$suite.XXXXXX")
chmod 755 "$root"
child=
# shellcheck disable=SC2317 # called by the traps
cleanup() {
	[ -z "$child" ] || kill -TERM "$child" 2>/dev/null || true
	for mounted in "$root" "$root/proc" "$root/sys" "$root/dev"; do umount -R -l "$mounted" 2>/dev/null || true; done
	if [ -n "$keep" ]; then say "kept in $root"; else rm -rf --one-file-system "$root"; fi
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# What apt is told here about reaching a mirror holds inside, too. debootstrap itself hears of a proxy by environment only.
settings=$(apt-config dump | grep -E '^Acquire::((http|https|ftp)(::|[ "])|Check-|Max-FutureTime|ForceIPv|Retries)' || true)
proxy=$(apt-config shell p Acquire::http::Proxy | sed -n "s/^p='\(.*\)'$/\1/p")
[ -z "$proxy" ] || [ "$proxy" = DIRECT ] || http_proxy=${http_proxy:-$proxy}
proxy=$(apt-config shell p Acquire::https::Proxy | sed -n "s/^p='\(.*\)'$/\1/p")
[ -z "$proxy" ] || [ "$proxy" = DIRECT ] || https_proxy=${https_proxy:-$proxy}
[ -z "${http_proxy:-}" ] || export http_proxy
[ -z "${https_proxy:-}" ] || export https_proxy

begin=$(date +%s)
set -- --variant=minbase
case $mirror in https:*) set -- "$@" --include=ca-certificates ;; esac
[ ! -r /usr/share/keyrings/debian-archive-keyring.gpg ] ||
	set -- "$@" --keyring=/usr/share/keyrings/debian-archive-keyring.gpg
if [ -n "${HAKMEM_DEBS:-}" ]; then
	mkdir -p "$HAKMEM_DEBS"
	set -- "$@" --cache-dir="$(cd "$HAKMEM_DEBS" && pwd)"
fi
say "making a minimal $suite"
log=$root.log
if ! debootstrap "$@" "$suite" "$root" "$mirror" >"$log" 2>&1; then
	tail -n 20 "$log" "$root/debootstrap/debootstrap.log" >&2 2>/dev/null || true
	rm -f "$log"
	die "debootstrap failed (above: the end of its output)"
fi
rm -f "$log"
say "made in $(($(date +%s) - begin)) s: Debian $(cat "$root/etc/debian_version"), $(find "$root/var/lib/dpkg/info" -name '*.list' | wc -l) packages"

[ -z "$settings" ] || printf '%s\n' "$settings" >"$root/etc/apt/apt.conf.d/90host"
for place in auth.conf auth.conf.d; do
	[ ! -e "/etc/apt/$place" ] || cp -r "/etc/apt/$place" "$root/etc/apt/"
done
# Certificates of a private authority, where this machine trusts one; ca-certificates takes them in when it is installed later.
if [ -d /usr/local/share/ca-certificates ]; then
	mkdir -p "$root/usr/local/share"
	cp -r /usr/local/share/ca-certificates "$root/usr/local/share/"
	[ ! -d "$root/etc/ssl/certs" ] || chroot "$root" update-ca-certificates >/dev/null 2>&1 || true
fi
# The same of npm: where it fetches from, and whom it trusts.
if command -v npm >/dev/null; then
	for setting in registry cafile proxy https-proxy; do
		value=$(npm config get "$setting" 2>/dev/null)
		case $value in '' | null | undefined) ;; *) echo "$setting=$value" ;; esac
	done >"$root/root/.npmrc"
fi
for file in resolv.conf hosts; do
	[ ! -e "/etc/$file" ] || cp -L "/etc/$file" "$root/etc/$file"
done

# A mount of its own, so that tests which make namespaces inside can have them.
mount --bind "$root" "$root"
for folder in proc sys dev; do
	mount --rbind "/$folder" "$root/$folder"
	mount --make-rslave "$root/$folder"
done

git clone -q --no-hardlinks "$repository" "$root/hakmem"
git -C "$root/hakmem" remote remove origin
say "running scripts/$what.sh of commit $(git -C "$root/hakmem" log -1 --format='%h, %s')"
begin=$(date +%s)
status=0
env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb \
	${http_proxy:+"http_proxy=$http_proxy"} ${https_proxy:+"https_proxy=$https_proxy"} ${no_proxy:+"no_proxy=$no_proxy"} \
	chroot "$root" "/hakmem/scripts/$what.sh" </dev/null &
child=$!
wait "$child" || status=$?
child=
say "$suite: scripts/$what.sh ended with status $status after $(($(date +%s) - begin)) s"
exit $status
