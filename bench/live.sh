#!/bin/sh
# What browsers cost whoever is traced: a program that does nothing but fault, under hakmem-trace serve, by turns with nobody at the
# server and with 50 idle connections, 10 that ask and never read, and one that reads the stream. Prints a line of Markdown:
# the ratio of the program's own processor times (the median of all averages of two turns) with its 95 % interval.
# Usage: bench/live.sh [--rounds N]      as root; N is 20; about two minutes
# SPDX-License-Identifier: MIT
set -eu
cd "$(dirname "$0")/.."

BUILD=${BUILD:-build}
TRACE=$BUILD/hakmem-trace
rounds=20
# shellcheck source=bench/suite/options.inc
. bench/suite/options.inc
while [ $# -gt 0 ]; do
	case $1 in
	--rounds) rounds=$(number_of "$@"); shift ;;
	-h | --help) usage && exit 0 ;;
	*) bad_use "unknown option '$1'; see --help" ;;
	esac
	shift
done
[ "$(id -u)" -eq 0 ] || { echo "live.sh: tracing needs root" >&2; exit 1; }

work=$(mktemp -d "${TMPDIR:-/tmp}/live-XXXXXX")
started=
cleanup() {
	for process in $started; do kill "$process" 2>/dev/null || true; done
	rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM
BENCH_CLOCK=processor
export BENCH_CLOCK

cat >"$work/crowd.py" <<'PYTHON'
import socket, sys
port = int(sys.argv[1])

def connect(path=None):
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect(("127.0.0.1", port))
    if path:
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    return client

idle = [connect() for _ in range(50)]
stalled = [connect(path) for path in ["/api/stream?full=1&after=0"] * 4 + ["/api/snapshot"] * 4 + ["/api/history", "/"]]
reader = connect("/api/stream")
print("ready", flush=True)
while reader.recv(65536):
    pass
PYTHON

wait_for() { # COMMAND...
	for _ in $(seq 200); do
		"$@" >/dev/null 2>&1 && return
		sleep 0.05
	done
	echo "live.sh: not in ten seconds: $*" >&2
	cat "$work/err" "$work/crowd" >&2
	exit 1
}

# Seconds of the program's own, to the results, and the server's memory when the program is through.
run() { # alone|crowd ROUND
	rm -f "$work/go" "$work/crowd" "$work/out" "$work/err"
	# shellcheck disable=SC2016 # the traced shell expands it
	"$TRACE" serve --listen 127.0.0.1:0 --interval 0.5 -- sh -c 'until [ -e "$0" ]; do sleep 0.05; done; exec "$1" 256 4096' \
		"$work/go" "$BUILD/bench/fault_loop" >"$work/out" 2>"$work/err" &
	server=$!
	started="$started $server"
	wait_for grep -q 'serving at .*/' "$work/err"
	port=$(sed -n 's,.*127.0.0.1:\([0-9]*\)/.*,\1,p' "$work/err")
	sleep 1
	if [ "$1" = crowd ]; then
		python3 "$work/crowd.py" "$port" >"$work/crowd" 2>&1 &
		crowd=$!
		started="$started $crowd"
		wait_for grep -q ready "$work/crowd"
	fi
	touch "$work/go"
	wait_for grep -q ' in [0-9.]* s,' "$work/out"
	echo "$1 $2 $(sed -n 's/.* in \([0-9.]*\) s,.*/\1/p' "$work/out") $(awk '/^VmRSS/ { print $2 }' "/proc/$server/status")" >>"$work/results"
	kill "$server"
	wait "$server" || true
	[ "$1" = alone ] || wait "$crowd" || true
	started=
}

for round in $(seq "$rounds"); do
	say "round $round of $rounds"
	run alone "$round"
	run crowd "$round"
done
awk -f bench/suite/statistics.awk -f /dev/fd/3 "$work/results" 3<<'AWK'
function shown(value) {
	return value == "n/a" ? value : sprintf("%.3f", value)
}
{ own[$1, $2] = $3; memory[$1] = memory[$1] < $4 ? $4 : memory[$1]; rounds = rounds < $2 ? $2 : rounds }
END {
	for (r = 1; r <= rounds; r++)
		logs[r] = log(own["crowd", r] / own["alone", r])
	paired(logs, rounds, result)
	printf "%d rounds: with 61 clients the traced program takes %s [%s-%s] of its time with none; the server holds at most %.1f MiB (%.1f alone).\n",
		rounds, shown(result["value"]), shown(result["low"]), shown(result["high"]), memory["crowd"] / 1024, memory["alone"] / 1024
}
AWK
