#!/bin/sh
# SPDX-License-Identifier: MIT
# What can be attached to: several processes, every process of a name, of a cgroup, of the machine; with and without what
# they fork. Each one's faults come in its own row, and nothing of anybody else's.
. "$(dirname "$0")/check.inc"
. "$(dirname "$0")/attach.inc"

# --- several processes ---
launch one
launch two
launch other
attach -p "$(id_of one),$(id_of two)"
tell one "touch 300"
tell two "touch 500"
tell other "touch 400"
detach
check "two processes: status 0" equal "$status" 0
check "two processes: it adds up" adds_up "$work/report"
check "the first one's row" at_least "$(of_process "$work/report" "$(id_of one)")" 300
check "the second one's" at_least "$(of_process "$work/report" "$(id_of two)")" 500
check "and no other" equal "$(grep -c '^process,' "$work/report")" 2
attach -p "$(id_of one)" -p "$(id_of two)" -p "$(id_of one)"
echo quit >"$work/one.in"
tell two "touch 10"
check "when one has ended the trace goes on" kill -0 "$tracer"
end two
await
check "and ends with the last, status 0" equal "$status" 0

# --- children: new ones are followed, those from before are not ---
launch parent
tell parent "keep 10"
attach -p "$(id_of parent)"
tell parent "fork 200"
tell parent "touch 50"
detach
check "a child is followed" at_least "$(awk -F, -v pid="$(id_of parent)" '$1 == "process" && $2 != pid { s += $4 }
	END { print s + 0 }' "$work/report")" 200 330
check "it adds up" adds_up "$work/report"
check "one child, not the one from before" equal "$(grep -c '^process,' "$work/report")" 2
attach -p "$(id_of parent)" --no-children
tell parent "fork 200"
tell parent "threads 2"
tell parent "touch 50"
detach
check "--no-children: the process alone" equal "$(grep -c '^process,' "$work/report")" 1
check "--no-children: with its threads" at_least "$(of_process "$work/report" "$(id_of parent)")" 82 190
check "--no-children: it adds up" adds_up "$work/report"
end parent

# --- a name ---
tell other "name heron"
launch second
attach --comm heron
tell other "touch 300"
tell second "touch 400"
tell second "name heron" # found within 20 ms
sleep 0.3
tell second "touch 500"
tell other "name crane" # and traced on
tell other "touch 100"
cp "$OBEY" "$work/heron"
launch third "$work/heron"
tell third "touch 600"
detach
check "--comm: it adds up" adds_up "$work/report"
check "one that had the name" at_least "$(of_process "$work/report" "$(id_of other)")" 400 500
check "one that took it" at_least "$(of_process "$work/report" "$(id_of second)")" 500
check "one that was started under it, from its exec on" at_least "$(of_process "$work/report" "$(id_of third)")" 600 720
check "and no other" equal "$(grep -c '^process,' "$work/report")" 3
end third
end second
end other

# --- the whole machine ---
launch one
launch two
attach -a
own=$tracer
tell one "touch 1000"
tell two "touch 2000"
tell two "fork 100"
"$OBEY" <<-LINES >"$work/new.out"
	touch 3000
	quit
LINES
detach
check "-a: status 0" equal "$status" 0
check "-a: it adds up" adds_up "$work/report"
check "-a: the processes add up" equal \
	"$(awk -F, '$1 == "process" { sum += $4 } END { print sum }' "$work/report")" "$(charged "$work/report")"
check "-a: one that ran" at_least "$(of_process "$work/report" "$(id_of one)")" 1000
check "-a: another" at_least "$(of_process "$work/report" "$(id_of two)")" 2000 2150
check "-a: one that came" at_least "$(of_process "$work/report" "$(head -n 1 "$work/new.out")")" 3000 3150
check "-a: this shell" at_least "$(of_process "$work/report" $$)" 1 100000
check "-a: not the tracer" sh -c "! grep '^process,$own,' '$work/report'"
# What was mapped before the attach is unmapped and mapped anew by the program's own code.
check "-a: by region" at_least "$(faults "$work/report" anon obey)" 6000 6300
end one
end two
conclude
