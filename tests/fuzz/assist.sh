#!/bin/sh
# Fuzzes the socket of hakmem-trace assist, with the sanitizers of addresses and undefined behaviour: for FUZZ_SECONDS (10; 600 with
# tests/run.sh --long) processes of nobody's ask rightly, wrongly, half, with descriptors, or not at all, let others inherit their
# connections, scribble over their tables, lie about their memory, call exec and die. Meanwhile an honest process asks again and
# again: what a start waits for the answer stays within a bound. In the end the daemon has let everything go.
# A failure names its seed: with it the same is done again.
# Usage: assist.sh [SEED]
# time-out: 900
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/server.inc"

chmod 755 "$work"
cp tests/system/assist_client.py "$work/"
socket=$work/run/assist.sock

cat >"$work/fuzz.py" <<'PYTHON'
import random, select, signal, sys, time
sys.path.insert(0, sys.argv[1])
from assist_client import *
path, seed, seconds = sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
be_nobody()
signal.signal(signal.SIGCHLD, signal.SIG_IGN)

def text(rng):
    kind = rng.randrange(8)
    if kind < 3:
        return request(rng.choice([0, rng.randrange(1 << 64), rng.randrange(1 << 47) & ~4095]))
    if kind == 3:
        return request(version=rng.choice([0, 1, VERSION - 1, VERSION + 1, rng.randrange(1 << 32)]))
    if kind == 4:
        return request(magic=rng.randrange(1 << 64))
    if kind == 5:
        return request()[:rng.randrange(24)]
    return rng.randbytes(rng.randrange(1, 200) if kind == 6 else rng.randrange(1, 60000))

def take(client):
    answer = receive(client)
    if answer and not answer[0]:
        costs = mmap.mmap(answer[1], answer[2])
        os.close(answer[1])
        return costs

def touch(rng, costs):
    memory = mmap.mmap(-1, 1 << 20)
    for page in range(0, len(memory), 4096):
        memory[page] = 1
    if costs:
        for _ in range(100):
            at = rng.randrange(len(costs) - 8)
            costs[at:at + 8] = rng.randbytes(8)

def misbehave(number):
    rng = random.Random(seed * 1000003 + number)
    try:
        client = connect(path)
        client.settimeout(0.2)
        kind = rng.randrange(9)
        if kind == 0:  # says nothing, and stays or not
            time.sleep(rng.random() * 0.3)
        elif kind == 1:  # talks at length
            for _ in range(rng.randrange(20)):
                client.send(text(rng))
        elif kind == 2:  # sends descriptors
            socket.send_fds(client, [text(rng)], [rng.choice([0, 1, 2, client.fileno()])] * rng.randrange(1, 8))
            take(client)
        elif kind == 3:  # lets another ask, and ends before or after
            if not os.fork():
                time.sleep(rng.random() * 0.05)
                client.send(text(rng))
                touch(rng, take(client))
            else:
                time.sleep(rng.random() * 0.05)
        elif kind == 4:  # does not wait for the answer
            client.send(request())
        elif kind == 5:  # becomes another program
            client.send(request(rng.randrange(1 << 47)))
            take(client)
            os.execlp("true", "true")
        elif kind == 6:  # shuts its ear
            client.shutdown(rng.choice([socket.SHUT_RD, socket.SHUT_WR, socket.SHUT_RDWR]))
            client.send(text(rng))
        elif kind == 7:  # asks many times
            for _ in range(rng.randrange(10)):
                ask(path, text(rng))
        else:
            client.send(text(rng))
            costs = take(client)
            touch(rng, costs)
            if rng.random() < 0.3:
                time.sleep(rng.random())
    except (OSError, AssertionError):
        pass
    finally:
        os._exit(0)

end, number, asked, slowest, told = time.time() + seconds, 0, 0, 0, {}
living = []
while time.time() < end:
    if len(living) < 12:
        child = os.fork()
        if not child:
            misbehave(number)
        living.append(child)
        number += 1
    living = [child for child in living if os.path.exists("/proc/%d" % child)]
    begin = time.time()
    try:
        with connect(path) as client:
            client.send(request())
            answer = receive(client)
        if answer and answer[1] >= 0:
            os.close(answer[1])
        status = answer[0] if answer else "hung up"
        told[status] = told.get(status, 0) + 1
        slowest = max(slowest, time.time() - begin)
        asked += 1
    except BlockingIOError:
        told["full"] = told.get("full", 0) + 1
    except (BrokenPipeError, ConnectionResetError):  # not heard in time, or 16 had come since: on a busy machine
        told["hung up"] = told.get("hung up", 0) + 1
print("%d misbehaved; %d asked, by status %s, the slowest answer after %.0f ms" % (number, asked, told, slowest * 1000))
assert number > 20 and asked > 20 and told.get(0, 0) > 0, "they never get to the point"
assert told.get("hung up", 0) <= 1 + asked // 20, "an honest one is not heard"
assert slowest < 2, "somebody waited for long"
PYTHON

begin_server assist --socket "$socket" --clients 16
descriptors() { find "/proc/$server/fd" -type l ! -lname "*bpf?link*" | wc -l; }
before=$(descriptors)
expect_ok "it lives through $seconds s of clients with seed $seed" python3 -B "$work/fuzz.py" "$work" "$socket" "$seed" "$seconds"
cat "$work/output"
sleep 2
now=$(descriptors)
expect_ok "it has let all of them go: $now descriptors, $before before" test "$now" -le $((before + 1))
end_server
tail -n 1 "$work/words"
exit $failed
