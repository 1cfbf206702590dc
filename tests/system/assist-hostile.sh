#!/bin/sh
# SPDX-License-Identifier: MIT
# What a process of nobody's can do with what hakmem-trace assist gives it, and can't: see or change another's costs, have costs
# in another's name, or have them told of what it turns into.
# beside: VMs
# time-out: 120
. "$(dirname "$0")/check.inc"
. "$(dirname "$0")/assist.inc"
command -v python3 >/dev/null || { echo "python3 is not installed"; exit 77; }
[ "$(uname -m)" = x86_64 ] || { echo "the number of a system call is x86-64's"; exit 77; }

cp tests/system/assist_client.py "$place/"
client() { # WHAT, a Python program on standard input
	what=$1
	{
		printf 'import sys\nsys.path.insert(0, "%s")\nfrom assist_client import *\nimport time, errno, signal\nPATH = "%s"\nbe_nobody()\n' \
			"$place" "$socket"
		cat
	} >"$work/client.py"
	check "$what" python3 -B "$work/client.py"
}

check "it serves" start_daemon --clients 8 --max-overhead 0

client "a table ends where it ends" <<'PYTHON'
descriptor, costs, size = table(PATH)
for offset in (size, 16 * size, 1 << 30):
    try:
        mmap.mmap(descriptor, mmap.PAGESIZE, offset=offset)
        sys.exit("mapped what lies at %d" % offset)
    except OSError:
        pass
try:
    mmap.mmap(descriptor, 2 * size)
    sys.exit("mapped twice the table")
except (OSError, ValueError):
    pass
assert struct.unpack_from("<I", costs, PROCESS)[0] == os.getpid()
PYTHON

client "what one writes in its own, another doesn't see in its own" <<'PYTHON'
descriptor, costs, size = table(PATH)
child = os.fork()
if not child:
    _, own, _ = table(PATH)
    own[COSTS:size] = b"\xa5" * (size - COSTS)
    time.sleep(0.2)
    os._exit(0)
os.waitpid(child, 0)
assert b"\xa5" not in costs[COSTS:], "it shows"
for _ in range(20):
    child = os.fork()
    if not child:
        _, own, _ = table(PATH)
        os._exit(b"\xa5" in own[COSTS:])
    assert os.waitpid(child, 0)[1] == 0, "it is the next one's as well"
PYTHON

client "no other map can be had by its number" <<'PYTHON'
descriptor, costs, size = table(PATH)
child = os.fork()
if not child:
    table(PATH)
    time.sleep(2)
    os._exit(0)
time.sleep(0.1)
for number in range(1, 5000):
    result = bpf(14, number)  # BPF_MAP_GET_FD_BY_ID
    assert result in (-errno.EPERM, -errno.ENOENT), "map %d: %d" % (number, result)
assert bpf(12, 0) == -errno.EPERM, "maps can be listed"  # BPF_MAP_GET_NEXT_ID
os.kill(child, signal.SIGKILL)
os.waitpid(child, 0)
PYTHON

client "who has ended can't ask through another one" <<'PYTHON'
ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
child = os.fork()
if not child:
    client = connect(PATH)
    socket.send_fds(theirs, [b"x"], [client.fileno()])
    os._exit(0)
_, descriptors, _, _ = socket.recv_fds(ours, 1, 1)
os.waitpid(child, 0)
client = socket.socket(fileno=descriptors[0])
client.settimeout(5)
client.send(request())
answer = receive(client)
assert answer is None or (answer[0] in (errno.ESRCH, errno.EPERM) and answer[1] == -1), answer
PYTHON

client "what a process turns into isn't told of" <<'PYTHON'
# Its map says that all of the address space is one range of its own: in the new program too, wherever that lies.
ours, theirs = socket.socketpair()
child = os.fork()
if not child:
    memory = mmap.mmap(-1, 256 * 1024)
    address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    chunk = address >> 21
    at = 32 + 4 * 128 + 16 * 4 + 40 + (chunk & 4095) * 40
    struct.pack_into("<Q", memory, at, chunk << 8 | 2)
    descriptor, costs, size = table(PATH, address)
    socket.send_fds(ours, [b"x"], [descriptor])
    time.sleep(0.2)
    for page in range(0, len(memory), 4096):
        memory[page] = memory[page]
    scratch = mmap.mmap(-1, 4 << 20)
    for page in range(0, len(scratch), 4096):
        scratch[page] = 1
    ours.send(b"y")
    ours.recv(1)
    os.execlp("sh", "sh", "-c", "i=0; while [ $i -lt 2000 ]; do i=$((i + 1)); x=$x$i; done; sleep 1")
_, descriptors, _, _ = socket.recv_fds(theirs, 1, 1)
costs = mmap.mmap(descriptors[0], 61 * 4096)
theirs.recv(1)
before = costs[:]
assert any(before[COSTS:]), "nothing was counted at all"
theirs.send(b"z")
os.waitpid(child, 0)
# What was gathered of the last few faults before may still come.
after = costs[:]
faults = lambda text: sum(struct.unpack_from("<Q", text, COSTS + 48 * slot)[0] for slot in range(5120))
assert faults(after) - faults(before) <= 16, "%d of the new program's faults" % (faults(after) - faults(before))
PYTHON

client "lies about where the map lies harm nobody" <<'PYTHON'
for address in (0, 1, 7, 0xfff, 0x7ffffffff000, 1 << 63, (1 << 64) - 1, 0xffffffff81000000, 0xffff888000000000, id(request)):
    child = os.fork()
    if not child:
        table(PATH, address)
        scratch = mmap.mmap(-1, 1 << 20)
        for page in range(0, len(scratch), 4096):
            scratch[page] = 1
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
PYTHON

client "a user's share is a share" <<'PYTHON'
children, statuses = [], []
ours, theirs = socket.socketpair()
for _ in range(6):
    child = os.fork()
    if not child:
        theirs.send(bytes([ask(PATH)[0]]))
        time.sleep(5)
        os._exit(0)
    children.append(child)
    statuses.append(ours.recv(1)[0])
for child in children:
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
assert statuses == [0] * 4 + [errno.ENOSPC] * 2, statuses
PYTHON

check "after all that it serves" start_served honest
finish honest
check "it ends when it is told to" stop_daemon
conclude
