#!/bin/sh
# SPDX-License-Identifier: MIT
# hakmem-trace serve: who may ask it for what, where it listens, and what is said about wrong use.
. "$(dirname "$0")/check.inc"
. "$(dirname "$0")/serve.inc"

token=0123456789abcdef0123456789abcdef
echo "$token" >"$work/token"

# --- on loopback: our names, our origin, GET ---
check "it starts" serve --interval 0.2 -- sleep 100
check "there is something" until_true 20 has_slices 1
port=${url##*:}
port=${port%/}
check "its own names are taken" equal "$(status_for /api/history -H "Host: localhost:$port")" 200
check "another name is refused" equal "$(status_for /api/history -H 'Host: evil.example')" 403
check "in one line" equal "$(wc -l <"$work/answer")" 1
check "also one that only begins like ours" equal "$(status_for /api/history -H 'Host: localhost.evil.example')" 403
check "and none at all" equal "$(printf 'GET /api/history HTTP/1.0\r\n\r\n' | timeout 5 python3 -c '
import socket, sys
asked = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
asked.sendall(sys.stdin.buffer.read())
print(asked.recv(100).split()[1].decode())' "$port")" 403
for path in / /api/history /api/snapshot /api/stream /api/spaces /metrics; do
	check "another origin is refused: $path" equal "$(status_for $path -H 'Origin: https://evil.example')" 403
	check "and what another page asks for: $path" equal \
		"$(status_for $path -H 'Sec-Fetch-Site: cross-site' -H 'Sec-Fetch-Mode: no-cors' -H 'Sec-Fetch-Dest: script')" 403
done
check "our own page is none of these" equal \
	"$(status_for /api/history -H "Origin: http://127.0.0.1:$port" -H 'Sec-Fetch-Site: same-origin')" 200
ask /api/history -D "$work/headers" -o "$work/answer"
check "nobody else may read it" sh -c "! grep -qi '^access-control' '$work/headers'"
for header in 'content-security-policy: default-src .none.' 'x-content-type-options: nosniff' 'x-frame-options: DENY' \
	'cache-control: no-store' 'cross-origin-resource-policy: same-origin' 'referrer-policy: no-referrer'; do
	check "it says $header" grep -qi "^$header" "$work/headers"
done
check "the page has a policy, too" sh -c "curl -sI '$url' | grep -qi \"^content-security-policy: default-src 'none'.*frame-ancestors 'none'\""
check "POST is refused" equal "$(status_for /api/history -X POST)" 405
check "OPTIONS is refused" equal "$(status_for /api/history -X OPTIONS)" 405
check "a body is refused" equal "$(status_for /api/history -X GET -d 'something')" 413
check "HEAD is not" equal "$(status_for /api/history -I)" 200
check "there is nothing else" equal "$(status_for /etc/passwd)" 404
check "wherever it lies" equal "$(status_for /../../etc/passwd --path-as-is)" 404
check "a long request is refused" sh -c "case $(status_for "/$(head -c 20000 /dev/zero | tr '\0' a)") in 4??) ;; *) exit 1 ;; esac"
for query in after=-1 after=x after= after=99999999999999999999; do
	check "no number: ?$query" equal "$(status_for "/api/history?$query")" 400
done
check "no time: from behind to" equal "$(status_for '/api/snapshot?from_ns=5&to_ns=5')" 400
check "it still answers" equal "$(status_for /api/history)" 200
check "only loopback is listened on" equal \
	"$(awk -v port="$(printf ':%04X$' "$port")" '$4 == "0A" && $2 ~ port { print $2 }' /proc/net/tcp /proc/net/tcp6)" \
	"$(printf '0100007F:%04X' "$port")"

# --- a port in use ---
check "it is told, and what to do" sh -c "'$TRACE' serve --listen '127.0.0.1:$port' touch '$work/ran' 2>&1 | grep -qx 'hakmem-trace: port $port of 127.0.0.1 is in use: choose another with --listen 127.0.0.1:PORT'"
check "status 1" equal "$(status_of "$TRACE" serve --listen "127.0.0.1:$port" touch "$work/ran")" 1
check "the command doesn't run" test ! -e "$work/ran"
stop TERM

# --- a token ---
check "it starts" serve --token-file "$work/token" --interval 0.2 -- sleep 100
check "the token is not shown" equal "$(grep -c "$token" "$words")" 0
check "there is something" until_true 20 sh -c "curl -sf -H 'Authorization: Bearer $token' '${url}api/snapshot'"
for path in / /api/history /api/snapshot /api/stream /api/spaces /metrics /nothing; do
	check "without it nothing: $path" equal "$(status_for $path)" 401
done
check "a wrong one is none" equal "$(status_for /api/history -H "Authorization: Bearer ${token}0")" 401
check "with it, everything" equal "$(status_for /metrics -H "Authorization: Bearer $token")" 200
check "but with another name" equal "$(status_for /metrics -H "Authorization: Bearer $token" -H 'Host: evil.example')" 403
check "in the address it is for the page alone" equal "$(status_for "/api/history?token=$token")" 401
check "there a wrong one is none" equal "$(status_for "/?token=${token}0")" 401
ask "/?token=$token" -o "$work/answer" -D "$work/headers" -c "$work/cookies"
check "the page takes it once" grep -q '^HTTP/1.1 303' "$work/headers"
check "and leads to the page without" grep -qi '^location: /.$' "$work/headers"
check "for a cookie that no script sees" grep -qi '^set-cookie: .*; HttpOnly; SameSite=Strict; Path=/' "$work/headers"
check "and that is not the token" equal "$(grep -c "$token" "$work/headers")" 0
check "with which it answers" equal "$(status_for /api/history -b "$work/cookies")" 200
sed 's/.$/x/' "$work/cookies" >"$work/wrong"
check "a wrong one is none" equal "$(status_for /api/history -b "$work/wrong")" 401
stop TERM

# --- other addresses ---
check "all addresses: with a token alone" sh -c "'$TRACE' serve --listen 0.0.0.0:0 true 2>&1 | grep -q 'reached from elsewhere: that needs --token-file'"
check "status 1" equal "$(status_of "$TRACE" serve --listen 0.0.0.0:0 touch "$work/ran")" 1
check "the command doesn't run" test ! -e "$work/ran"
check "with a token it starts" serve --listen 0.0.0.0:0 --token-file "$work/token" -- sleep 100
check "and says where" grep -q 'serving at http://localhost:' "$words"
check "and wants it" equal "$(status_for /metrics)" 401
stop TERM

# --- a Unix socket ---
check "it starts" serve --interval 0.2 --listen "unix:$work/socket" -- sleep 100
check "and says where" grep -q "serving at the Unix socket $work/socket" "$words"
check "it answers" until_true 20 sh -c "curl -sf --unix-socket '$work/socket' http://localhost/api/snapshot"
check "nobody else may use it" equal "$(stat -c %a "$work/socket")" 600
check "another name is refused" equal "$(status_for /api/history --unix-socket "$work/socket" -H 'Host: evil.example')" 403
stop TERM
check "it is gone at the end" test ! -e "$work/socket"
check "it starts again" serve --listen "unix:$work/socket" -- sleep 100
command=$(pgrep -P $server)
stop KILL
kill "$command"
check "it is gone also when the server was killed" until_true 5 test ! -e "$work/socket"

# --- wrong use: one line, status 2 or 1 ---
wrong() { # STATUS WORDS OPTION...
	wanted=$1
	said=$2
	shift 2
	timeout 20 "$TRACE" "$@" >"$work/out" 2>"$words"
	check "$*: status $wanted" equal $? "$wanted"
	check "$*: says why" grep -q -e "$said" "$words"
	check "$*: in one line" equal "$(wc -l <"$words")" 1
}
wrong 2 'no command given' serve
wrong 1 "is no address to listen on" serve --listen example.com:80 true
wrong 1 "is no address to listen on" serve --listen 9464 true
wrong 1 "a Unix socket's path has" serve --listen unix: true
wrong 1 "No such file" serve --listen "unix:$work/none/socket" true
wrong 1 "can't read the token file" serve --token-file "$work/none" true
echo short >"$work/token"
wrong 1 "at least 16 characters" serve --token-file "$work/token" true
wrong 2 "for hakmem-trace serve" --listen 127.0.0.1:9464 true
wrong 2 "shows what happens over time" serve --format trace-event -o "$work/x" true
wrong 2 "into -o FILE" serve --format json true
wrong 2 "nonsense" serve --nonsense true
check "a command that isn't there: its status" equal "$(status_of "$TRACE" serve --listen 127.0.0.1:0 /none/at/all)" 127
conclude
