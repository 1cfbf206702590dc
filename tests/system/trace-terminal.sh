#!/bin/sh
# SPDX-License-Identifier: MIT
# Ctrl-C on a real terminal: the command gets it once, and the report still comes (in colour), whether the command lives on or ends.
. "$(dirname "$0")/check.inc"

command -v python3 >/dev/null || { echo "python3, which makes the terminal, is not installed"; exit 77; }

cat >"$work/lives-on.py" <<'END'
import signal, time
count = 0
def took(number, frame):
    global count
    count += 1
signal.signal(signal.SIGINT, took)
print("ready", flush=True)
end = time.time() + 1
while time.time() < end:
    time.sleep(0.05)
print("interrupts", count, flush=True)
END

# Runs a command on a terminal of its own, types Ctrl-C once it has printed "ready"; prints the output and the wait status.
cat >"$work/terminal.py" <<'END'
import os, pty, sys, time
child, terminal = pty.fork()
if child == 0:
    os.execv(sys.argv[1], sys.argv[1:])
output = b""
try:
    while b"ready" not in output:
        output += os.read(terminal, 4096)
    time.sleep(0.2)
    os.write(terminal, b"\x03")
    while True:
        output += os.read(terminal, 4096)
except OSError:
    pass
sys.stdout.write(output.decode(errors="replace"))
print("wait status", os.waitpid(child, 0)[1])
END

python3 "$work/terminal.py" "$TRACE" python3 "$work/lives-on.py" >"$work/out"
check "a command that takes it gets it once" grep -q 'interrupts 1' "$work/out"
check "and is reported" grep -q 'REGION' "$work/out"
check "with its own status" grep -q '^wait status 0$' "$work/out"

python3 "$work/terminal.py" "$TRACE" sh -c 'echo ready; exec sleep 30' >"$work/out"
check "a command that it ends is reported" grep -q 'REGION' "$work/out"
check "and hakmem-trace ends by SIGINT too" grep -q '^wait status 2$' "$work/out"
conclude
