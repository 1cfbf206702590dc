#!/bin/sh
# SPDX-License-Identifier: MIT
# In a container: namespaces and a root of its own, and of root's capabilities only those that tracing takes. Its tracer sees
# the process ids of its own PID namespace, and nothing of another's, though that one has the same ids.
. "$(dirname "$0")/check.inc"
. "$(dirname "$0")/attach.inc"

for tool in unshare setpriv busybox; do
	command -v $tool >/dev/null || { echo "$tool is not installed"; exit 77; }
done
unshare --mount --pid --uts --ipc --fork true 2>"$work/err" || { echo "no namespaces here: $(cat "$work/err")"; exit 77; }

# --- its root: what is run there, with its libraries ---
root=$work/root
mkdir -p "$root/bin" "$root/proc" "$root/sys" "$root/dev" "$root/tmp" "$root/old" "$root/tests"
cp "$(command -v busybox)" "$root/bin/busybox"
for applet in sh awk cat cp cut env grep head id kill mkdir mkfifo mktemp rm sed seq sleep sort tail timeout tty touch tr true wc; do
	ln -s busybox "$root/bin/$applet"
done
for program in "$TRACE" "$OBEY" "$(command -v setpriv)"; do
	cp "$program" "$root/bin/"
	ldd "$program" | awk '$2 == "=>" && $3 ~ /^\// { print $3 } $1 ~ /^\// { print $1 }'
done | sort -u | while read -r library; do
	mkdir -p "$root$(dirname "$library")"
	cp -L "$library" "$root$library"
done
cp "$(dirname "$0")/check.inc" "$(dirname "$0")/attach.inc" "$root/tests/"

cat >"$root/tests/inside.sh" <<'INSIDE'
TMPDIR=/tmp
BUILD=/nowhere
. /tests/check.inc
. /tests/attach.inc
TRACE=/bin/hakmem-trace
OBEY=/bin/obey

check "the kernel says which capabilities these are" grep -q '^CapEff:	000000c000080000$' /proc/self/status
"$TRACE" --format csv -o "$work/report" -- sh -c 'echo $$; obey; true' >"$work/out" <<LINES
touch 300
quit
LINES
check "a command: status 0" equal $? 0
check "it adds up" adds_up "$work/report"
check "its process id is that of here" at_least "$(of_process "$work/report" "$(head -n 1 "$work/out")")" 10 1000
check "so is that of what it starts" at_least "$(of_process "$work/report" "$(sed -n 2p "$work/out")")" 300 450

launch one
launch two
attach -p "$(id_of one)"
tell one "touch 300"
tell two "touch 300"
sleep 0.5
detach
check "attached: status 0" equal "$status" 0
check "attached: it adds up" adds_up "$work/report"
check "attached: its row" at_least "$(of_process "$work/report" "$(id_of one)")" 300
check "attached: no other's, with the same process id or not" equal "$(grep -c '^process,' "$work/report")" 1
attach --comm obey
tell one "touch 300"
tell two "touch 500"
sleep 0.5
detach
check "by name: the two of here" equal "$(grep '^process,' "$work/report" | cut -d, -f2 | sort -n | tr '\n' ' ')" \
	"$(id_of one) $(id_of two) "
attach -a
tell one "touch 1000"
sleep 0.5
detach
check "all: it adds up" adds_up "$work/report"
check "all: what is here" at_least "$(of_process "$work/report" "$(id_of one)")" 1000
check "all: nothing of elsewhere" equal "$(awk -F, '$1 == "process" && $3 == "obey" { n++ } END { print n }' "$work/report")" 1
end one
end two

"$TRACE" doctor >"$work/doctor" 2>&1
check "doctor: status 0" equal $? 0
check "doctor: the privileges do" grep -q '^privileges sufficient' "$work/doctor"
check "doctor: which rung it takes" sh -c "sed -n '/uses here/,\$p' '$work/doctor' | grep -qE 'faults +(tracepoint|full|kprobe)'"
conclude
INSIDE

# --- another container all the while, whose many processes have the ids that those inside have ---
# shellcheck disable=SC2016 # for the shell inside
unshare --mount --pid --fork --kill-child sh -c 'for _ in $(seq 25); do
	while :; do echo "touch 50"; sleep 0.1; done | "$0" >/dev/null &
done; wait' "$OBEY" >/dev/null 2>&1 &
other=$!
# unshare heeds no other signal; with it goes the first process there, and with that all of them.
trap 'kill -KILL $other 2>/dev/null; end_all' EXIT
sleep 0.5

# shellcheck disable=SC2016 # for the shell inside
unshare --mount --pid --uts --ipc --fork --kill-child sh -c 'set -e
	mount --make-rprivate /
	mount --bind "$0" "$0"
	mount -t proc proc "$0/proc"
	mount -t sysfs -o ro sys "$0/sys"
	touch "$0/dev/null"
	mount --bind /dev/null "$0/dev/null"
	cd "$0"
	pivot_root . old
	/bin/busybox umount -l /old
	exec /bin/setpriv --bounding-set=-all,+bpf,+perfmon,+sys_ptrace --inh-caps=-all /bin/sh /tests/inside.sh' "$root" >"$work/inside" 2>&1
status=$?
sed 's/^/inside: /' "$work/inside"
check "all is well inside" equal $status 0
check "the other container was there all the while" kill -0 $other
conclude
