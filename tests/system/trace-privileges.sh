#!/bin/sh
# SPDX-License-Identifier: MIT
# Who may trace, and as whom the command runs.
. "$(dirname "$0")/check.inc"

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
conclude
