#!/bin/sh
# Boots a kernel in QEMU, runs one command there as root, prints its output and exits with its status.
#
# Usage: tests/vm/boot.sh KERNEL [OPTION...] [--file PATH]... -- COMMAND [ARGUMENT...]
#   KERNEL          a vmlinuz (scripts/vm-kernel.sh prints one); its serial, initramfs and BTF support must be built in
#   --file PATH     a file or folder that the VM has at the same absolute path, with the shared libraries of ELF files
#   --get DIR       bring back what the command leaves in /results, into this folder
#   --append TEXT   more kernel command line
#   --timeout S     give up after S seconds (default 180; emulation on a busy machine is slow)
#   --cpu MODEL     default max without cx16; --memory MIB default 1536
#   --cpus N        default 1
#   --disk MIB      an empty disk, /dev/nvme0n1 (NVMe is what Debian's cloud kernels have built in)
#   --console FILE  keep the kernel's console there
#
# The VM has busybox's commands, /proc, /sys, devtmpfs, tracefs, debugfs, bpf and cgroup2 file systems, the loopback
# interface, nothing else: no disk but --disk's (the root is a tmpfs), no network. COMMAND starts in the folder this was called in, and
# its output is a pipe. Console, output, exit status and results are four serial ports. HAKMEM_VM_ACCEL=kvm uses hardware.
#
# What the defaults avoid in QEMU's emulation (seen with 7.2): after cmpxchg16b, which kernels from 6.12 on use in every slab
# allocation, EFLAGS is garbage; and with CPUs emulated in threads of their own, one of them may run into the int3 of a code
# patch (a tracepoint or fentry being attached) that is already over. Either is a panic in most runs. Several CPUs are
# therefore emulated in one thread, which is right but slow whenever they wait for each other (0.1 s each time).
# Exit status: the command's; 124 time-out; 125 the VM could not be made or ended before the command did.
# SPDX-License-Identifier: MIT
set -eu

die() {
	echo "vm: error: $*" >&2
	exit 125
}

[ $# -gt 0 ] || die "usage: tests/vm/boot.sh KERNEL [OPTION...] [--file PATH]... -- COMMAND [ARGUMENT...]"
kernel=$1
shift
work=$(mktemp -d "${TMPDIR:-/tmp}/hakmem-vm.XXXXXX")
qemu=
# shellcheck disable=SC2317 # called by the trap
cleanup() {
	[ -z "$qemu" ] || kill -KILL "$qemu" 2>/dev/null || true
	rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

append='' timeout=180 cpu=max,-cx16 memory=1536 cpus=1 disk='' get='' console=$work/console
: >"$work/wanted"
while [ $# -gt 0 ]; do
	case $1 in
	--)
		shift
		break
		;;
	--file | --get | --append | --timeout | --cpu | --memory | --cpus | --disk | --console)
		[ $# -gt 1 ] || die "$1 needs a value"
		;;
	*) die "unknown option '$1'" ;;
	esac
	case $1 in
	--file)
		[ -e "$2" ] || die "no such file: $2"
		realpath -s "$2" >>"$work/wanted"
		;;
	--get) get=$2 ;;
	--append) append=$2 ;;
	--timeout) timeout=$2 ;;
	--cpu) cpu=$2 ;;
	--memory) memory=$2 ;;
	--cpus) cpus=$2 ;;
	--disk) disk=$2 ;;
	--console) console=$2 ;;
	esac
	shift 2
done
[ $# -gt 0 ] || die "no command"
[ -r "$kernel" ] || die "no such kernel: $kernel"
[ "$(uname -m)" = x86_64 ] || die "only written for x86_64"
busybox=$(command -v busybox) || die "needs busybox (scripts/setup.sh test)"
for tool in qemu-system-x86_64 cpio ldd; do
	command -v "$tool" >/dev/null || die "needs $tool (scripts/setup.sh test)"
done

# --- the root file system ---
root=$work/root
mkdir -p "$root/usr/bin" "$root/usr/sbin" "$root/usr/lib" "$root/usr/lib64" "$root/vm" "$root/proc" "$root/sys" \
	"$root/dev" "$root/tmp" "$root/run" "$root/root" "$root/results" "$root/etc"
for link in bin sbin lib lib64; do ln -s "usr/$link" "$root/$link"; done
chmod 1777 "$root/tmp"
cp "$busybox" "$root/usr/bin/busybox"
echo 'root:x:0:0:root:/root:/bin/sh
nobody:x:65534:65534:nobody:/nonexistent:/bin/sh' >"$root/etc/passwd"
echo 'root:x:0:
nogroup:x:65534:' >"$root/etc/group"
echo '127.0.0.1 localhost' >"$root/etc/hosts"

put() { # a file, to the same path
	[ -e "$root$1" ] || {
		mkdir -p "$root$(dirname "$1")"
		cp -L "$1" "$root$1"
	}
}
find_files() { # the files that were asked for, one a line
	while read -r path; do
		if [ -d "$path" ]; then find "$path" -type f -o -type l; else echo "$path"; fi
	done <"$work/wanted"
}
find_files | sort -u >"$work/files"
while read -r path; do put "$path"; done <"$work/files"
# The libraries of those that are ELF files (magic 7f 45 4c 46); ldd complains about static ones and those of another libc.
while read -r path; do
	if [ "$(head -c 4 "$path" | od -An -tx1 | tr -d ' ')" = 7f454c46 ]; then
		ldd "$path" 2>/dev/null | awk '$2 == "=>" && $3 ~ /^\// { print $3 } $1 ~ /^\/.*[^:]$/ { print $1 }'
	fi
done <"$work/files" | sort -u >"$work/libraries"
while read -r path; do put "$path"; done <"$work/libraries"

quote() {
	for word; do printf "'%s' " "$(printf '%s' "$word" | sed "s/'/'\\\\''/g")"; done
}
{
	echo "mkdir -p $(quote "$PWD") && cd $(quote "$PWD") || exit 125"
	[ -z "${BUILD:-}" ] || echo "export BUILD=$(quote "$BUILD")"
	echo "exec $(quote "$@")"
} >"$root/vm/command"

cat >"$root/init" <<'INIT'
#!/bin/busybox sh
# The VM's first process. ttyS0 console, ttyS1 the command's output, ttyS2 its exit status, ttyS3 results.
busybox mount -t devtmpfs dev /dev
exec </dev/null >/dev/ttyS0 2>&1
busybox mount -t proc proc /proc
busybox --install -s /usr/bin
export PATH=/usr/sbin:/usr/bin HOME=/root TERM=dumb
mount -t sysfs sys /sys
mkdir -p /dev/shm /dev/pts
mount -t tmpfs shm /dev/shm
mount -t devpts pts /dev/pts
mount -t tracefs trace /sys/kernel/tracing
mount -t debugfs debug /sys/kernel/debug
mount -t bpf bpf /sys/fs/bpf
mount -t cgroup2 cgroup /sys/fs/cgroup
ln -s /proc/self/fd /dev/fd
ip link set lo up
hostname vm
for port in 1 2 3; do stty -F /dev/ttyS$port raw -echo -hupcl; done
echo "vm: command starts after $(cut -d' ' -f1 /proc/uptime) s"
{ setsid sh /vm/command 2>&1; echo $? >/run/status; } | cat >/dev/ttyS1
[ "$(ls -A /results)" ] && tar -C /results -cf - . >/dev/ttyS3
cat /run/status >/dev/ttyS2
echo "vm: command ended after $(cut -d' ' -f1 /proc/uptime) s"
reboot -f
INIT
chmod 755 "$root/init"
(cd "$root" && find . | cpio --quiet -o -H newc -R 0:0 >"$work/initramfs")

# --- the machine ---
: >"$console"
: >"$work/output"
: >"$work/status"
drive=
if [ -n "$disk" ]; then
	truncate -s "${disk}M" "$work/disk"
	drive="-drive file=$work/disk,format=raw,if=none,id=disk -device nvme,drive=disk,serial=disk"
fi
# panic=-1: a panic reboots at once, and -no-reboot makes that the end of QEMU. nice: tests that run beside it mind waiting.
# shellcheck disable=SC2086 # the drive's options are words
nice qemu-system-x86_64 -accel "${HAKMEM_VM_ACCEL:-tcg,thread=single}" -cpu "$cpu" -m "$memory" -smp "$cpus" \
	-nodefaults -no-user-config -display none -no-reboot -kernel "$kernel" -initrd "$work/initramfs" \
	-append "console=ttyS0 panic=-1 loglevel=5 8250.nr_uarts=4 $append" \
	$drive -serial "file:$console" -serial "file:$work/output" -serial "file:$work/status" -serial "file:$work/results" \
	</dev/null >"$work/qemu" 2>&1 &
qemu=$!

# A watcher by id rather than timeout(1), so that a signal to this script's group reaches QEMU too.
(
	left=$timeout
	while [ "$left" -gt 0 ] && kill -0 "$qemu" 2>/dev/null; do
		sleep 1
		left=$((left - 1))
	done
	if [ "$left" -le 0 ]; then
		: >"$work/timed-out"
		kill -KILL "$qemu" 2>/dev/null
	fi
) &
watcher=$!
wait "$qemu" || true
qemu=
kill "$watcher" 2>/dev/null || true
wait "$watcher" 2>/dev/null || true

cat "$work/output"
status=$(tr -dc 0-9 <"$work/status")
if [ -n "$get" ]; then
	mkdir -p "$get"
	[ ! -s "$work/results" ] || tar -C "$get" --no-same-owner -xf "$work/results" ||
		echo "vm: warning: the results could not be unpacked" >&2
fi
[ -z "$status" ] || exit "$status"

{
	echo "vm: --- end of the console ---"
	tail -n 45 "$console" | tr -d '\r'
	cat "$work/qemu"
	echo "vm: ---"
	if [ -e "$work/timed-out" ]; then
		echo "vm: error: time-out after $timeout s"
	elif grep -q 'Kernel panic' "$console"; then
		echo "vm: error: kernel panic"
	elif ! grep -q 'command starts' "$console"; then
		echo "vm: error: the kernel did not reach the command"
	else
		echo "vm: error: the VM ended before the command did"
	fi
} >&2
[ ! -e "$work/timed-out" ] || exit 124
exit 125
