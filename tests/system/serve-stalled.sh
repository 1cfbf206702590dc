#!/bin/sh
# SPDX-License-Identifier: MIT
# hakmem-trace serve with 50 idle clients and 10 that ask and never read, and some that ask letter by letter: tracing goes on as it
# would, the others are answered, and the server's memory stays small: below 64 MiB, or 80 with stacks, where the files that
# they lead through are open. LONG=1: the same for ten minutes each.
# beside: VMs
. "$(dirname "$0")/check.inc"
. "$(dirname "$0")/serve.inc"

seconds=8
[ -z "${LONG:-}" ] || seconds=600

# But the kernel's ring of stacks to unwind (128 MiB of it are mapped), which --stacks has without a server, too.
resident() { awk '/^[0-9a-f]+-/ { ring = /bpf-map/ } /^Rss:/ && !ring { sum += $2 } END { print sum }' "/proc/$server/smaps"; }

# Says `ready` when all are connected; then what a well-behaved client had meanwhile.
cat >"$work/crowd.py" <<'PYTHON'
import json, socket, sys, time
port, seconds = int(sys.argv[1]), float(sys.argv[2])

def connect(request=b""):
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect(("127.0.0.1", port))
    client.sendall(request)
    return client

def get(path):
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()

idle = [connect() for _ in range(50)]
stalled = [connect(get(path)) for path in ["/api/stream?full=1&after=0"] * 4 + ["/api/snapshot"] * 4 + ["/api/history", "/"]]
slow = [connect(b"GET /api/history HT") for _ in range(4)]
print("ready", flush=True)
reader = connect(get("/api/stream"))
reader.settimeout(20)
times, worst, end, bytes_ = [], 0, time.time() + seconds, b""
while time.time() < end:
    bytes_ += reader.recv(65536)
    *lines, bytes_ = bytes_.split(b"\n")
    times += [(json.loads(line[6:])["number"], time.time()) for line in lines if line.startswith(b"data: ")]
    for client in slow:
        try:
            client.sendall(b"x")
        except OSError:
            pass
    begin = time.time()
    asked = connect(get("/api/snapshot?from_ns=0&to_ns=1000000000"))
    asked.settimeout(20)
    assert asked.recv(15).startswith(b"HTTP/1.1 "), "no answer"
    asked.close()
    worst = max(worst, time.time() - begin)
numbers = [number for number, _ in times]
print(len(numbers), numbers[-1] - numbers[0] + 1, max(b[1] - a[1] for a, b in zip(times, times[1:])), worst, flush=True)
PYTHON
# withstands KIB [OPTION...]
withstands() {
	most=$1
	shift
	check "it starts" serve "$@" --interval 0.1 -- sh -c 'until [ -e "$0" ]; do "$1" 100000 256 42; done' "$work/enough" "$BUILD/bench/random_mixed"
	check "there are slices" until_true 30 has_slices 3
	port=${url##*:}
	port=${port%/}
	before=$(resident)

	python3 "$work/crowd.py" "$port" $seconds >"$work/crowd" 2>&1 &
	crowd=$!
	check "64 clients come" until_true 20 grep -q ready "$work/crowd"
	sleep $((seconds / 2))
	during=$(resident)
	wait $crowd
	check "one that behaves is answered all the time" equal $? 0
	cat "$work/crowd"
	read -r events numbers gap worst <<END
$(tail -n 1 "$work/crowd")
END
	check "it misses no event: $events of $numbers" equal "$events" "$numbers"
	check "events come while others stall: $gap s between two at most" test "${gap%%.*}" -lt 3
	check "and answers: $worst s at most" test "${worst%%.*}" -lt 3
	after=$(resident)
	echo "resident: $before KiB before, $during with them, $after after"
	check "memory stays below $most KiB" test "$during" -lt $most -a "$after" -lt $most

	ask /api/history >"$work/history"
	check "slices are as long as they were to be" python3 - "$work/history" <<'PYTHON'
import json, sys
slices = json.load(open(sys.argv[1]))["slices"]
lengths = sorted((one["end_ns"] - one["start_ns"]) / (one["number"] - one["first"] + 1) for one in slices)
print(lengths[0], lengths[len(lengths) // 2], lengths[-1])
assert 0.05e9 < lengths[len(lengths) // 2] < 0.2e9
PYTHON
	touch "$work/enough"
	check "the command ends" until_true 30 has_ended
	stop INT
	check "status 0" equal $ended 0
	rm "$work/enough"
}
withstands 65536
withstands 81920 --stacks
conclude
