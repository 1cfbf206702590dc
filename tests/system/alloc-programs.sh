#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs real programs with libhakmem preloaded and compares their output and exit status with what they give without it.
# A program that is not installed is reported as skipped.
# beside: anything
set -u
build=${BUILD:-build}
library=$(cd "$build" && pwd)/libhakmem.so
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
ran=0 failed=0 skipped=0

[ -f "$library" ] || { echo "skipped: $library has not been built"; exit 77; }

preloaded() {
	LD_PRELOAD=$library "$@"
}

# compare NAME PROGRAM ARGUMENT...: standard output, standard error and exit status must be the same.
compare() {
	name=$1
	shift
	if ! command -v "$1" >/dev/null 2>&1; then
		echo "skipped: $name: $1 is not installed"
		skipped=$((skipped + 1))
		return
	fi
	"$@" >"$work/plain" 2>&1 </dev/null
	plain=$?
	preloaded "$@" >"$work/preloaded" 2>&1 </dev/null
	status=$?
	if [ $plain -eq $status ] && cmp -s "$work/plain" "$work/preloaded"; then
		echo "ok: $name (exit $status, $(wc -c <"$work/plain") bytes of output)"
		ran=$((ran + 1))
	else
		echo "FAILED: $name: exit $plain and $status"
		diff "$work/plain" "$work/preloaded" | head -5
		failed=$((failed + 1))
	fi
}

# A version manager's shim is a shell script; what it stands for is meant.
python=$(python3 -c 'import sys; print(sys.executable)' 2>/dev/null || echo python3)

compare 'python3: json, threads, subprocess' "$python" -c '
import json, subprocess, threading
rows = [{"key": i, "text": str(i) * 3} for i in range(100000)]
text = json.dumps(rows)
print(len(text), json.loads(text) == rows)
def work():
    table = {}
    for i in range(30000):
        table[i] = [i] * (i % 7)
threads = [threading.Thread(target=work) for _ in range(6)]
[t.start() for t in threads]
[t.join() for t in threads]
print(subprocess.check_output(["echo", "child"]))'
compare 'python3: its own tests of dict, list, set, json' "$python" -c '
import io, unittest
names = ["test.test_dict", "test.test_list", "test.test_set", "test.test_json"]
loaded = [unittest.defaultTestLoader.loadTestsFromName(n) for n in names]
result = unittest.TextTestRunner(stream=io.StringIO()).run(unittest.TestSuite(loaded))
print(result.testsRun, result.failures, result.errors)'
head=$(git rev-parse HEAD 2>/dev/null)
compare 'git: log with patches' git log -p -40 "$head"
compare 'git: grep' git grep -n struct "$head"
git clone -q --bare . "$work/repository" 2>/dev/null && cp -r "$work/repository" "$work/copy" &&
	compare 'git: gc and fsck' sh -c "cd '$work/repository' && git gc -q --aggressive && git fsck --full 2>/dev/null"
compare 'gcc: a file of the project' gcc -std=gnu17 -D_GNU_SOURCE -DHAKMEM_VERSION='"x"' -Iinclude -Ialloc -O2 -S \
	-o - alloc/heap.c
compare 'perl: hashes, strings, fork' perl -e '
my %table; $table{$_} = "v" x ($_ % 50) for 1 .. 200000;
my $sum = 0; $sum += length $table{$_} for keys %table; print "$sum\n";
my $pid = fork; if (!$pid) { my @more = map { "y" x $_ } 1 .. 2000; exit scalar(@more) % 7 } waitpid $pid, 0;
print $? >> 8, "\n";'
compare 'sqlite3: inserts, an index, a sort' sqlite3 :memory: "
create table t(a integer, b text);
with recursive c(x) as (select 1 union all select x + 1 from c where x < 200000) insert into t select x, hex(x * 7) from c;
create index i on t(b); select count(*), sum(a), max(b) from t; select b from t order by b desc limit 5;"
compare 'node: JSON' node -e '
const rows = []; for (let i = 0; i < 100000; i++) rows.push({key: i, text: "t" + i});
const text = JSON.stringify(rows); console.log(text.length, JSON.parse(text).length);'
compare 'xz: a round trip with two threads' sh -c 'xz -T2 -1 -c alloc/*.c include/*.h | xz -dc | cksum'
compare 'sort: in parallel' sh -c 'seq 1 300000 | sort -R --random-source=/bin/sh | sort -n --parallel=2 | cksum'
compare 'bash: many strings' bash -c 'for i in {1..20000}; do a[i]=x$i; done; echo ${#a[@]} ${a[777]}'

# redis-server under load, on the loopback interface at a port of its own, ended by its process number.
redis() {
	command -v redis-server >/dev/null 2>&1 && command -v redis-benchmark >/dev/null 2>&1 &&
		command -v redis-cli >/dev/null 2>&1 ||
		{ echo 'skipped: redis: redis-server, redis-benchmark or redis-cli is not installed'; skipped=$((skipped + 1)); return; }
	port=$((20000 + $$ % 20000))
	LD_PRELOAD=$library redis-server --port $port --bind 127.0.0.1 --save '' --dir "$work" >"$work/redis" 2>&1 &
	server=$!
	tries=0
	until redis-cli -p $port ping >/dev/null 2>&1 || [ $((tries += 1)) -gt 50 ]; do sleep 0.1; done
	mapped=$(grep -c libhakmem "/proc/$server/maps")
	timeout 60 redis-benchmark -p $port -n 20000 -q -t set,get,lpush,hset,lrange_100,mset >"$work/benchmark" 2>&1
	status=$?
	answer=$(redis-cli -p $port eval 'for i = 1, 50000 do redis.call("set", "k" .. i, string.rep("x", i % 300)) end
		local sum = 0; for i = 1, 50000 do sum = sum + redis.call("strlen", "k" .. i) end; return sum' 0)
	redis-cli -p $port bgsave >/dev/null 2>&1
	redis-cli -p $port flushall >/dev/null 2>&1
	kill $server 2>/dev/null
	wait $server
	ended=$?
	if [ $status -eq 0 ] && [ "$answer" = 7465200 ] && [ $ended -eq 0 ] && [ "$mapped" -gt 0 ]; then
		echo "ok: redis: $(tr '\r' '\n' <"$work/benchmark" | grep -c 'requests per second') benchmarks, $answer bytes counted"
		ran=$((ran + 1))
	else
		echo "FAILED: redis: benchmark $status, answer $answer, server's exit $ended"
		tail -5 "$work/redis"
		failed=$((failed + 1))
	fi
}
redis

echo "$ran ran, $failed failed, $skipped skipped"
[ $failed -eq 0 ] || exit 1
[ $ran -gt 0 ] || exit 77
