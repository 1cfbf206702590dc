# SPDX-License-Identifier: MIT
# The asking side of the handshake with hakmem-trace assist (include/hakmem_map.h), for tests: as nobody, and not always well-behaved.
import array, ctypes, mmap, os, pwd, socket, struct

MAGIC, VERSION = 0x54534f434d4b4148, 4
PROCESS, COSTS = 12, 64  # of struct hakmem_costs: the process's id, and the first cost
DECISIONS, DECISIONS_SIZE = COSTS + 48 * (4096 + 1024), 8 + 8 * 138 + 4 * 128  # what it has decided, behind the costs
libc = ctypes.CDLL(None, use_errno=True)

def be_nobody():
    nobody = pwd.getpwnam("nobody")
    os.setgroups([])
    os.setgid(nobody.pw_gid)
    os.setuid(nobody.pw_uid)

def request(map_address=0, version=VERSION, magic=MAGIC):
    return struct.pack("<QIIQ", magic, version, 0, map_address)

def connect(path):
    client = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    client.settimeout(5)
    client.connect(path)
    return client

def receive(client):
    """The status and the table's descriptor, -1: there is none; or None when the daemon hangs up."""
    data, control, _, _ = client.recvmsg(32, socket.CMSG_SPACE(4))
    if not data:
        return None
    magic, version, status, offset, size = struct.unpack("<QIIQQ", data)
    assert magic == MAGIC and version == VERSION and offset == 0
    descriptors = array.array("i")
    for level, kind, bytes in control:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            descriptors.frombytes(bytes[:4])
    return status, descriptors[0] if descriptors else -1, size

def ask(path, text=None):
    with connect(path) as client:
        client.send(request() if text is None else text)
        return receive(client)

def table(path, map_address=0):
    status, descriptor, size = ask(path, request(map_address))
    assert status == 0, os.strerror(status)
    return descriptor, mmap.mmap(descriptor, size), size

class Attributes(ctypes.Structure):
    _fields_ = [("words", ctypes.c_uint64 * 16)]

def bpf(command, *words):
    """The system call: 0 or more, or an error's number, negative."""
    attributes = Attributes()
    for at, word in enumerate(words):
        attributes.words[at] = word
    result = libc.syscall(321, command, ctypes.byref(attributes), ctypes.sizeof(attributes))
    return result if result >= 0 else -ctypes.get_errno()
