#!/bin/sh
# SPDX-License-Identifier: MIT
# Who may trace, and as whom the command runs.
. "$(dirname "$0")/check.inc"
. "$(dirname "$0")/attach.inc"

command -v setpriv >/dev/null || { echo "setpriv is not installed"; exit 77; }
user=65534
chmod 755 "$work"

run_as_user() { # CAPABILITIES COMMAND...: as nobody with these capabilities only
	capabilities=$1
	shift
	setpriv --reuid $user --regid $user --clear-groups ${capabilities:+--inh-caps "$capabilities"} \
		${capabilities:+--ambient-caps "$capabilities"} "$@"
}

for missing in "CAP_BPF and CAP_PERFMON: " "CAP_PERFMON:+bpf" "CAP_BPF:+perfmon"; do
	words=${missing%%:*}
	capabilities=${missing#*:}
	run_as_user "${capabilities# }" "$TRACE" touch "$work/started" >"$work/out" 2>"$work/err"
	check "without $words: status 1" equal $? 1
	check "without $words: one line that names it" grep -q "tracing needs $words: " "$work/err"
	check "without $words: one line" equal "$(wc -l <"$work/err")" 1
	check "without $words: the command did not start" test ! -e "$work/started"
done

run_as_user +bpf,+perfmon "$TRACE" --format csv id -u >"$work/out" 2>"$work/report"
check "with both, without root: it traces" equal $? 0
check "with both: the command is the user's" equal "$(cat "$work/out")" $user
check "with both: it adds up" equal "$(awk -F, '$1 == "region" { sum += $4 } END { print sum }' "$work/report")" \
	$(($(counter "$work/report" rusage_minflt) + $(counter "$work/report" rusage_majflt)))

export SUDO_UID=$user SUDO_GID=$user
"$TRACE" -o "$work/report.user" sh -c 'id -u; id -g; id -G' >"$work/out"
check "under sudo the command runs as who called it" equal "$(tr '\n' ' ' <"$work/out")" "$user $user $user "
check "and the report is theirs" equal "$(stat -c %u "$work/report.user")" $user
"$TRACE" --as-root -o "$work/report.root" id -u >"$work/out"
check "--as-root keeps root" equal "$(cat "$work/out")" 0
unset SUDO_UID SUDO_GID

# --- attaching: one's own with the two, another's with CAP_SYS_PTRACE too ---
restricted=$(cat /proc/sys/kernel/yama/ptrace_scope 2>/dev/null || echo 0)
attach_as_user() { # CAPABILITIES OPTION...
	capabilities=$1
	shift
	rm -f "$work/user/report" "$work/err"
	setpriv --reuid $user --regid $user --clear-groups --inh-caps "$capabilities" --ambient-caps "$capabilities" \
		"$TRACE" -v --format csv -o "$work/user/report" "$@" 2>"$work/err" &
	# shellcheck disable=SC2034 # for detach
	tracer=$!
	line "$work/err" "attached to"
}
mkdir "$work/user"
chown $user "$work/user"
launch own setpriv --reuid $user --regid $user --clear-groups "$OBEY"
launch foreign
if [ "$restricted" = 0 ]; then
	attach_as_user +bpf,+perfmon -p "$(id_of own)"
	tell own "touch 300"
	detach
	check "one's own process: status 0" equal "$status" 0
	check "one's own process: it adds up" adds_up "$work/user/report"
	check "one's own process: its faults" at_least "$(of_process "$work/user/report" "$(id_of own)")" 300
fi
run_as_user +bpf,+perfmon "$TRACE" -p "$(id_of foreign)" 2>"$work/err"
check "another's: status 1" equal $? 1
check "another's: the capability is named" grep -q "may not look at process $(id_of foreign): that needs CAP_SYS_PTRACE$" "$work/err"
attach_as_user +bpf,+perfmon,+sys_ptrace -p "$(id_of foreign)"
tell foreign "touch 300"
tell foreign "threads 2"
detach
check "another's with CAP_SYS_PTRACE: status 0" equal "$status" 0
check "another's with CAP_SYS_PTRACE: it adds up" adds_up "$work/user/report"
check "another's with CAP_SYS_PTRACE: its faults" at_least "$(of_process "$work/user/report" "$(id_of foreign)")" 300 450
attach_as_user +bpf,+perfmon -a
tell foreign "touch 300"
detach
check "all, without it: it adds up" adds_up "$work/user/report"
check "all, without it: the other's faults, too" at_least "$(of_process "$work/user/report" "$(id_of foreign)")" 300
end own
end foreign

# Its memory is read without the owner's rights to files: libhakmem's table is found all the same.
launch hakmem env LD_PRELOAD="$BUILD/libhakmem.so" "$BUILD/tests/system/attached"
process=$(sed -n 's/^\([0-9]*\) .*/\1/p;q' "$work/hakmem.out")
attach_as_user +bpf,+perfmon,+sys_ptrace -p "$process"
echo >"$work/hakmem.in"
line "$work/hakmem.out" charged
detach
check "another's under libhakmem: its ranges are known" about "$(faults "$work/user/report" allocator)" $((200 + 25 + 25 + 199))
check "and main's and another thread's storage" about "$(faults "$work/user/report" tls)" $((80 + 160))
echo >"$work/hakmem.in"

run_as_user +bpf,+perfmon "$TRACE" doctor >"$work/out" 2>&1
check "doctor without root: status 0" equal $? 0
check "doctor without root: the privileges do" grep -q '^privileges sufficient' "$work/out"
run_as_user "" "$TRACE" doctor >"$work/out" 2>&1
check "doctor without any: says which are missing" grep -q '^privileges missing: CAP_BPF and CAP_PERFMON' "$work/out"
conclude
