#!/bin/sh
# SPDX-License-Identifier: MIT
# hakmem-trace top on a real terminal: rows of a live program, keys, resizing, how it ends, and that it leaves the terminal as it
# was however it ends.
. "$(dirname "$0")/check.inc"
. "$(dirname "$0")/terminal.inc"

trace=$(realpath "$TRACE")
random=$(realpath "$BUILD/bench/random_mixed-hakmem")
terminal_open 80 24
keys "stty -g >$work/modes" Enter
eventually test -s "$work/modes" >/dev/null

# --- a command to its end ---
cat >"$work/touch.py" <<'END'
import mmap, sys, time
print("to stdout", flush=True)
print("\033[31mto stderr\033[0m", file=sys.stderr, flush=True)
print("from stdin:", repr(sys.stdin.read()), flush=True)
end = time.time() + 3
while time.time() < end:
    m = mmap.mmap(-1, 1000 * 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    for page in range(1000):
        m[page * 4096] = 1
    m.close()
    time.sleep(0.1)
sys.exit(7)
END
run "$trace top -o $work/report.json --format json --interval 0.5 -- python3 $work/touch.py"
check "rows come while it runs" eventually screen_has '^anon +.* 100\.0|^anon +.*9[0-9]\.[0-9]'
check "and what is measured how is above them" screen_has 'faults [a-z]+, zeroing [a-z/]+.*init_on_alloc (on|off)'
check "with a graph" screen_has 'faults/s [0-9,]+ .*[▂▃▄▅▆▇█]'
keys o
check "its output is on a page" eventually screen_has '^to stdout'
check "stderr with it, without its escapes" screen_has '^to stderr'
check "and its stdin is empty, for keys are ours" screen_has "^from stdin: ''"
check "it stays after the command's end, and says how that was" eventually screen_has 'ENDED'
keys r
check "with its rows" eventually screen_has '^anon'
check "and its status" screen_has 'exit 7 in'
total=$(screen | grep '^anon ' | cut -c55-61 | tr -d ' ,' | sort -n | tail -n 1)
keys q
check "whose status it is" ended 7
check "the terminal is as it was" clean "$work/modes"
check "where the output is is said" screen_has "the command's output, .* is in"
output=$(tm capture-pane -p -J | sed -n 's/.* is in \(.*\)/\1/p' | tail -n 1)
check "and it is there" grep -q "to stdout" "$output"
reported=$(python3 -c '
import json, sys
rows = json.load(open(sys.argv[1]))["regions"]
print(max(row["faults"] for row in rows if row["region"] == "anon"))' "$work/report.json")
check "rows are those of the report" equal "$total" "$reported"

# --- streams that are no terminal go where they were sent ---
run "echo given | $trace top -- sh -c 'read word; echo got \$word' >$work/sent; cat $work/sent"
check "a run over in no time is shown" eventually screen_has 'ENDED'
keys q
check "stdin and stdout are the caller's when they are no terminal" ended 0
check "with what went through them" grep -q '^got given$' "$work/sent"

# --- keys at a program that runs on ---
run "$trace top --stacks --interval 0.2 --env HAKMEM_ASSIST=auto -- $random 2000000000 256 42"
check "size classes are rows" eventually screen_has '^allocator class [0-9]+'
keys c
check "c: a page of them" eventually screen_has '^DETAIL .*AGAIN%'
keys 1
check "in order of size" eventually screen_has '^class'
keys p
check "p: processes" eventually screen_has '[0-9]+ +[0-9]+ random_mixed-ha'
keys s
check "s: stacks" eventually screen_has 'allocator .* < '
keys Enter
check "Enter: the frames of one" eventually screen_has '^  (main|_start|__libc_start_main)'
keys f
check "f: functions" eventually screen_has 'FUNCTION +OBJECT'
keys f Escape a
check "a: the address space" eventually screen_has 'random_mixed-ha [0-9]+: now [0-9.]+ [MK]iB resident'
check "with SuperSlabs and how touched they are" eventually screen_has 'allocator SuperSlab +[▁▂▃▄▅▆▇█·]{32}$'
check "and how full" screen_has '[0-9]+ of 32 slabs in use, [0-9]+ % full: [▁▂▃▄▅▆▇█·?m]{32}$'
check "and that there is more" eventually screen_has 'libhakmem decides by what memory costs: [0-9]+ decisions, below'
keys / 'made' Enter
check "what it decides" eventually screen_has '^[0-9]+ pages? of a slab of class [0-9]+ made present at once \([0-9]+ changes?\)'
check "and why" screen_has '^  (nothing is known yet|slabs get filled: |slabs end before )'
keys Escape
keys r
keys ' '
check "space: a pause" eventually screen_has 'PAUSED|AGO'
keys '<' '<'
check "<: back in time" eventually screen_has 'ms AGO|s AGO'
keys '}'
check "}: the present" eventually screen_has 'LIVE'
keys z
check "z: totals from here on" eventually screen_has 'totals begin here'
keys -
check "-: shorter slices" eventually screen_has 'a slice each 0.1 s'
keys + + +
check "+: longer slices" eventually screen_has 'a slice each 1 s'
keys /
keys 'class 64'
keys Enter
check "/: a filter" eventually screen_has "with 'class 64'"
check "that holds" screen_lacks '^libc '
keys Escape
check "Esc: all rows again" eventually screen_lacks "with 'class"
keys '?'
check "?: help" eventually screen_has 'which|what tracing costs it'
keys x

keys w
check "w: saved" eventually screen_has 'saved into random_mixed-hakmem-top-1.json'
keys w
check "once more: into another file" eventually screen_has 'saved into random_mixed-hakmem-top-2.json'
check "which are JSON of the usual schema" python3 -c '
import json, sys
one, two = (json.load(open(name)) for name in sys.argv[1:])
assert one["schema"] == two["schema"] == "hakmem-trace/1"
assert one["interval"]["start_ns"] > 0
assert sum(row["faults"] for row in two["regions"]) == two["totals"]["faults"]' "$work"/random_mixed-hakmem-top-[12].json

# --- sizes ---
tm resize-window -x 130 -y 40
check "wider: more columns" eventually screen_has 'ZEROED +TIME +MAJOR'
check "and keys on the last line" test "$(screen | sed -n '40s/\(.........\).*/\1/p')" = "[r]egions"
tm resize-window -x 40 -y 5
check "too small: says so" eventually screen_has '40x5: 60x10 are needed'
tm resize-window -x 60 -y 10
check "the smallest that fits" eventually screen_has '^REGION'
tm resize-window -x 80 -y 24
check "and back" eventually screen_has '\[q\]$'

# --- quitting while the command runs ---
keys q
check "q asks" eventually screen_has 'still runs: \[e\]nd it'
keys e
check "e: the command ends as by SIGTERM" eventually screen_has 'status 143\.'
check "the terminal is as it was" clean "$work/modes"

run "$trace top -- sh -c 'trap \"\" TERM; sleep 4; echo done >$work/left'"
eventually screen_has LIVE >/dev/null
keys q l
check "l: we end, and the command runs on" ended 0
check "the terminal is as it was" clean "$work/modes"
check "to its end" eventually test -s "$work/left"

run "$trace top -- sh -c 'trap \"exit 5\" INT; echo >$work/ready; while :; do sleep 0.1; done'"
eventually test -s "$work/ready" >/dev/null
keys C-c
check "Ctrl-C is the command's" eventually screen_has 'exit 5 in'
keys C-c
check "and ours when it has ended" ended 5

run "$trace top --duration 1 -- sh -c 'sleep 4; echo done >$work/past'"
check "--duration: tracing ends, and the command does not" eventually screen_has 'still runs; q quits'
keys q
check "so q asks" eventually screen_has 'still runs: \[e\]nd it'
keys l
ended 0 >/dev/null
check "and it ends by itself" eventually test -s "$work/past"

# --- a server under load ---
cat >"$work/rows.py" <<'END'
import json, sys
rows = json.load(open(sys.argv[1]))["regions"]
seen = 0
for line in open(sys.argv[2]).read().split("\n")[4:22]:
    if not line.strip():
        continue
    region, detail, figure = line[:9].strip(), line[10:23].strip(), line[54:61].replace(",", "").strip()
    faults = {"-": 0, "n/a": None}.get(figure, figure)
    start = detail[:-2] if detail.endswith("..") else detail
    fitting = [row for row in rows if row["region"] == region and
               (row["detail"].startswith(start) if start != detail else row["detail"] == detail)]
    assert any(row["faults"] == (faults if faults is None else int(faults)) for row in fitting), line
    seen += 1
assert seen >= 10, seen
END
if command -v redis-server >/dev/null && command -v redis-benchmark >/dev/null; then
	port=$((20000 + $$ % 10000))
	run "$trace top --interval 0.5 -- redis-server --port $port --save ''"
	eventually screen_has '^libc ' >/dev/null
	redis-benchmark -p $port -t set -n 300000 -r 1000000 -d 300 -q >/dev/null 2>&1 &
	load=$!
	check "a server under load: its malloc's rows" eventually screen_has '^(allocator|libc +heap) .* [0-9.]+ [MK]iB +[0-9.]+ '
	sleep 1
	keys ' '
	check "rows of a moment" eventually screen_has 'PAUSED|AGO'
	keys w
	check "are saved" eventually screen_has 'saved into redis-server-top-1.json'
	screen >"$work/screen"
	check "and have the figures that were saved" python3 "$work/rows.py" "$work/redis-server-top-1.json" "$work/screen"
	kill $load 2>/dev/null
	wait $load 2>/dev/null
	keys q e
	check "and the server ends well" ended 0
else
	echo "skip a server under load: redis is not installed"
fi

# --- killed ---
for signal in TERM HUP QUIT; do
	run "$trace top -- sleep 100"
	eventually screen_has LIVE >/dev/null
	kill -$signal "$(process "$trace top -- sleep 100")"
	check "SIG$signal: over" eventually screen_has 'status [0-9]+\.'
	check "SIG$signal: the terminal is as it was" clean "$work/modes"
	check "SIG$signal: the command has got it" eventually sh -c "! pgrep -f '^sleep 100\$'"
done
sleep 300 &
sleeper=$!
for signal in TERM INT HUP; do
	run "$trace top -p $sleeper"
	eventually screen_has 'LIVE' >/dev/null
	kill -$signal "$(process "$trace top -p $sleeper")"
	check "SIG$signal, attached: over" eventually screen_has 'status 0\.'
	check "SIG$signal, attached: the terminal is as it was" clean "$work/modes"
done
check "what was attached to runs on" kill -0 $sleeper
run "$trace top -p $sleeper"
eventually screen_has 'LIVE' >/dev/null
tracer=$(process "$trace top -p $sleeper")
kill -KILL "$tracer"
sleep 0.5
check "SIGKILL: the terminal is as it was" clean "$work/modes"
check "SIGKILL: the guard is gone" eventually sh -c "! pgrep -r R,S,D,T -f '^$trace top -p $sleeper'"
kill $sleeper

# --- a terminal that nobody reads ---
cat >"$work/stalled.py" <<'END'
import fcntl, os, pty, signal, struct, sys, termios, time
child, terminal = pty.fork()
if child == 0:
    os.environ["TERM"] = "xterm-256color"
    os.execv(sys.argv[1], sys.argv[1:])
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 100, 300, 0, 0))
def writes():
    # Whether a thread waits in write(2), as it says itself.
    for task in os.listdir(f"/proc/{child}/task"):
        try:
            if "tty_write" in open(f"/proc/{child}/task/{task}/stack").read():
                return True
        except OSError:
            pass
since, stalled = time.time(), 0
while stalled < 20 and time.time() < since + 60:
    stalled = stalled + 1 if writes() else 0
    time.sleep(0.1)
print("stalled" if stalled else "not stalled", "after", time.time() - since)
os.kill(child, signal.SIGTERM)
end = time.time() + 10
while time.time() < end:
    done, status = os.waitpid(child, os.WNOHANG)
    if done:
        print("status", os.waitstatus_to_exitcode(status))
        sys.exit(0)
    time.sleep(0.1)
print("still there")
os.kill(child, signal.SIGKILL)
END
python3 "$work/stalled.py" "$trace" top --interval 0.05 -o "$work/stalled.json" --format json -- \
	python3 -c 'import mmap, time
while True:
    m = mmap.mmap(-1, 100 * 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    for page in range(100): m[page * 4096] = 1
    m.close(); time.sleep(0.01)' >"$work/stalled" 2>&1
check "a terminal that nobody reads is full at last" grep -q '^stalled' "$work/stalled"
check "and tracing doesn't wait for it" grep -q '^status -15$' "$work/stalled"
check "the report is whole" python3 -m json.tool "$work/stalled.json"

# --- names that would steer the terminal ---
name=$(printf 'evil\033[31m\033]0;x\007')
cp "$(command -v sleep)" "$work/$name"
run "$trace top -- $work/evil* 30"
check "a program with escapes in its name is traced" eventually screen_has 'LIVE'
keys p
check "and shown without them" eventually screen_has '[0-9]+ evil\?\[31m\?\]0;x'
keys r
check "its title did not become the terminal's" test "$(tm display-message -p '#{pane_title}')" != x
keys q e
eventually screen_has 'status' >/dev/null

# --- terminals of little ability ---
terminal_open 80 24 vt100
run "$trace top -- sleep 30"
check "without colours" eventually screen_has '^libc +data'
tm capture-pane -e -p >"$work/screen"
check "none is sent" sh -c "! grep -q '$(printf '\033')\\[[0-9;]*[34][0-8][;m]' $work/screen"
keys q e
ended 143 >/dev/null
terminal_open 80 24 xterm-256color
run "$trace top -- sleep 30"
check "with more colours than 16" eventually screen_has '^libc +data'
tm capture-pane -e -p >"$work/screen"
check "regions are told by them" grep -q "$(printf '\033')\[33m.*libc" "$work/screen"
check "and only by the first, which those of 16 have" sh -c "! grep -q '$(printf '\033')\\[[0-9;]*[34]8;' $work/screen"
keys q e
ended 143 >/dev/null
terminal_open 80 24 screen C
run "$trace top -- sleep 30"
check "without UTF-8" eventually screen_has 'faults/s 0 +#_'
screen >"$work/screen"
check "with nothing but ASCII" sh -c "! LC_ALL=C grep -q '[^ -~]' $work/screen"
keys q e
ended 143 >/dev/null

# --- what can't be ---
run "TERM=nonsense $trace top ls"
check "an unknown TERM is said" eventually screen_has "the terminal 'nonsense' \(TERM\) is not known here"
check "and it fails" ended 1
setsid "$trace" top ls </dev/null >"$work/out" 2>&1
check "without a terminal it fails" equal $? 1
check "with one line" equal "$(wc -l <"$work/out")" 1
check "that says so" grep -q "top needs a terminal" "$work/out"
conclude
