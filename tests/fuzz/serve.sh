#!/bin/sh
# Fuzzes hakmem-trace serve's requests, with the sanitizers of addresses and undefined behaviour: for FUZZ_SECONDS (10; 600 with
# tests/run.sh --long) requests that are nearly right, or not at all, come from eight connections, some of them in pieces or cut short. The server
# must live, refuse whoever is not to ask, and answer who may, in the end as at the start.
# A failure names its seed: with it the same requests come again.
# Usage: serve.sh [SEED]
# time-out: 900
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/server.inc"

"$BUILD/hakmem-trace" record --stacks --slice 0.1 -o "$work/run.hkt" -- sh -c 'for i in 1 2 3 4 5; do ls / >/dev/null; sleep 0.1; done' 2>"$work/log" ||
	{ cat "$work/log"; exit 1; }
echo 0123456789abcdef >"$work/token"

cat >"$work/fuzz.py" <<'PYTHON'
import random, socket, sys, time
port, seed, seconds, token = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), b"0123456789abcdef"
rng = random.Random(seed)
paths = [b"/", b"/api/history", b"/api/snapshot", b"/api/stream", b"/api/spaces", b"/metrics", b"/none", b"*", b"//", b"/api/history/"]
names = [b"Host", b"Origin", b"Authorization", b"Cookie", b"Sec-Fetch-Site", b"Sec-Fetch-Mode", b"Sec-Fetch-Dest", b"Accept-Encoding",
    b"Accept", b"Last-Event-ID", b"Connection", b"Content-Length", b"Transfer-Encoding", b"Range", b"Expect", b"Upgrade"]
values = [b"localhost", b"127.0.0.1:1", b"[::1]", b"[", b"evil.example", b"null", b"http://localhost", b"Bearer " + token, b"Bearer ",
    b"hakmem-%d=%s" % (port, token), b";;=;", b"cross-site", b"none", b"navigate", b"document", b"gzip", b"gzip;q=0",
    b"application/openmetrics-text", b"0", b"-1", b"5", b"18446744073709551615", b"99999999999999999999", b"chunked", b"keep-alive",
    b"close", b"bytes=0-", b"100-continue", b"", b"\xff\xfe", b"a" * 3000, b"%00%0a"]
arguments = [b"after", b"from_ns", b"to_ns", b"full", b"token", b"", b"x"]

def noise(data):
    data = bytearray(data)
    for _ in range(rng.choice([0, 0, 0, 1, 3, 20])):
        if not data:
            break
        at = rng.randrange(len(data))
        kind = rng.randrange(4)
        if kind == 0: data[at] = rng.randrange(256)
        elif kind == 1: del data[at]
        elif kind == 2: data[at:at] = rng.randbytes(rng.randrange(8))
        else: data[at:at] = data[at:at + rng.randrange(64)]
    return bytes(data)

def request():
    query = b"&".join(rng.choice(arguments) + b"=" + rng.choice(values)[:40] for _ in range(rng.choice([0, 0, 1, 2, 9])))
    lines = [rng.choice([b"GET"] * 8 + [b"HEAD", b"POST", b"OPTIONS", b"get", b"\x16\x03"]) + b" " + rng.choice(paths) +
        (b"?" + query if query else b"") + b" " + rng.choice([b"HTTP/1.1"] * 8 + [b"HTTP/1.0", b"HTTP/9.9", b""])]
    friendly = rng.random() < 0.6
    if friendly:
        lines += [b"Host: localhost", b"Authorization: Bearer " + token]
    lines += [rng.choice(names) + b": " + rng.choice(values) for _ in range(rng.choice([0, 1, 3, 12]))]
    return noise(b"\r\n".join(lines) + b"\r\n\r\n")

def connect():
    client = socket.create_connection(("127.0.0.1", port))
    client.settimeout(0.02)
    return client

def good(path):
    client = connect()
    client.settimeout(20)
    client.sendall(b"GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer %s\r\n\r\n" % (path, token))
    answer = b""
    while piece := client.recv(65536):
        answer += piece
    return answer

before = good(b"/api/snapshot").split(b"\r\n\r\n", 1)[1]
clients, sent, answered, end = [connect() for _ in range(8)], 0, {}, time.time() + seconds
while time.time() < end:
    at = rng.randrange(len(clients))
    data = request()
    cut = rng.choice([len(data)] * 6 + [rng.randrange(len(data) + 1)])
    try:
        clients[at].sendall(data[:cut])
        sent += 1
        answer = clients[at].recv(rng.choice([1, 100, 65536]))
        if not answer:
            raise OSError
        if answer.startswith(b"HTTP/1.1 ") and len(answer) > 12:
            answered[answer[9:12]] = answered.get(answer[9:12], 0) + 1
        if rng.random() < 0.3:
            raise OSError
    except TimeoutError:
        if rng.random() < 0.5:
            clients[at].close()
            clients[at] = connect()
    except OSError:
        clients[at].close()
        clients[at] = connect()
print(sent, "requests,", {status.decode(): count for status, count in sorted(answered.items())})
assert answered.get(b"200", 0) > 10 and answered.get(b"403", 0) > 10 and answered.get(b"401", 0) > 0, "they never get to the point"
assert good(b"/api/snapshot").split(b"\r\n\r\n", 1)[1] == before, "it says something else now"
PYTHON

begin_server serve --listen 127.0.0.1:0 --token-file "$work/token" "$work/run.hkt"
port=$(sed -n 's|.*serving at http://127.0.0.1:\([0-9]*\)/.*|\1|p' "$work/words")
expect_ok "it lives through $seconds s of requests with seed $seed" python3 "$work/fuzz.py" "$port" "$seed" "$seconds"
cat "$work/output"
descriptors=$(find "/proc/$server/fd" | wc -l)
expect_ok "it has let all connections go: $descriptors descriptors" test "$descriptors" -lt 40
end_server
exit $failed
