// SPDX-License-Identifier: MIT
/* Who may ask the web server, and where it can be told to listen. */
#include "live/guard.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sample.h"

#define TOKEN "0123456789abcdef"

static struct listen_address listening(const char *text)
{
	struct listen_address address;
	char error[LISTEN_ERROR] = "";

	if (listen_parse(text, &address, error))
		fail_msg("%s: %s", text, error);
	return address;
}

static void addresses_are_read(void **state)
{
	struct listen_address address = listening(LISTEN_DEFAULT);

	assert_string_equal(address.name, "127.0.0.1");
	assert_int_equal(address.port, 9464);
	assert_true(address.loopback);
	assert_false(address.any);
	address = listening("localhost:0");
	assert_string_equal(address.name, "127.0.0.1");
	assert_int_equal(address.port, 0);
	address = listening("[::1]:80");
	assert_string_equal(address.name, "[::1]");
	assert_true(address.loopback);
	address = listening("[0:0::1]:80");
	assert_string_equal(address.name, "[::1]");
	address = listening("127.3.2.1:80");
	assert_true(address.loopback);
	address = listening("0.0.0.0:80");
	assert_true(address.any);
	assert_false(address.loopback);
	address = listening("[::]:80");
	assert_true(address.any);
	assert_false(address.loopback);
	address = listening("192.0.2.7:65535");
	assert_false(address.loopback);
	assert_false(address.any);
	address = listening("unix:/run/hakmem.socket");
	assert_true(address.is_unix);
	assert_true(address.loopback);
	assert_string_equal(address.path, "/run/hakmem.socket");
	(void)state;
}

static void what_is_no_address_is_refused(void **state)
{
	static const char *const wrong[] = {"", ":", "9464", ":9464", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536",
	    "127.0.0.1:-1", "127.0.0.1: 1", "127.0.0.1:1x", "127.0.0.1:000001", "127.1:80", "256.0.0.1:80", "::1:80",
	    "[::1]", "[::1:80", "[]:80", "[::1]x:80", "example.com:80", "unix:", "[fe80::1%eth0]:80",
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa:80"};
	struct listen_address address;
	char error[LISTEN_ERROR], path[200] = "unix:/";

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		error[0] = '\0';
		if (!listen_parse(wrong[i], &address, error))
			fail_msg("'%s' is taken", wrong[i]);
		assert_true(error[0]);
	}
	memset(path + 6, 'x', sizeof(path) - 7);
	assert_int_equal(listen_parse(path, &address, error), -1);
	(void)state;
}

static void only_our_names_are_hosts(void **state)
{
	static const char *const ours[] = {"localhost", "localhost:9464", "LocalHost:1", "127.0.0.1", "127.0.0.1:9464",
	    "[::1]", "[::1]:9464", "127.0.0.1:8080"};
	static const char *const others[] = {"", ":9464", "evil.example", "evil.example:9464", "localhost.evil.example",
	    "127.0.0.1.evil.example", "127.0.0.1:9464@evil.example", "127.0.0.2", "192.0.2.7", "[::2]:9464", "[::1",
	    "[::1]evil", "localhost:", "localhost:x", "localhost ", " localhost", "0.0.0.0:9464", "[",
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
	struct listen_address address = listening(LISTEN_DEFAULT), path = listening("unix:/x");

	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (!guard_host(ours[i], &address) || !guard_host(ours[i], &path))
			fail_msg("'%s' is refused", ours[i]);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (guard_host(others[i], &address) || guard_host(others[i], &path))
			fail_msg("'%s' is taken", others[i]);
	assert_false(guard_host(NULL, &address));
	(void)state;
}

static void what_is_listened_on_is_a_host(void **state)
{
	struct listen_address one = listening("192.0.2.7:80"), any = listening("0.0.0.0:80"),
	                      six = listening("[::]:80");

	assert_true(guard_host("192.0.2.7:80", &one));
	assert_false(guard_host("192.0.2.8:80", &one));
	assert_true(guard_host("192.0.2.8:80", &any)); /* an address, and no name that somebody can point here */
	assert_true(guard_host("[2001:db8::1]:80", &six));
	assert_false(guard_host("evil.example:80", &any));
	assert_false(guard_host("[evil]:80", &six));
	(void)state;
}

static bool from(const char *origin, const char *site, const char *mode, const char *destination, bool page)
{
	return guard_origin(&(struct guard_origin){.host = "localhost:9464",
	    .origin = origin,
	    .fetch_site = site,
	    .fetch_mode = mode,
	    .fetch_destination = destination,
	    .page = page});
}

static void other_origins_are_refused(void **state)
{
	assert_true(from(NULL, NULL, NULL, NULL, false)); /* curl, Prometheus */
	assert_true(from("http://localhost:9464", "same-origin", "cors", "empty", false));
	assert_true(from("https://localhost:9464", NULL, NULL, NULL, false));
	assert_true(from(NULL, "none", "navigate", "document", false)); /* typed in */
	assert_false(from("http://evil.example", NULL, NULL, NULL, false));
	assert_false(from("http://localhost:9465", NULL, NULL, NULL, false));
	assert_false(from("http://localhost:9464.evil.example", NULL, NULL, NULL, false));
	assert_false(from("null", NULL, NULL, NULL, false));
	assert_false(from("", NULL, NULL, NULL, false));
	assert_false(from(NULL, "cross-site", "no-cors", "script", false));
	assert_false(from(NULL, "same-site", "cors", "empty", false));
	assert_false(from(NULL, "cross-site", "navigate", "document", false));
	assert_false(from(NULL, "anything", NULL, NULL, false));
	assert_true(from(NULL, "cross-site", "navigate", "document", true)); /* a link to the page */
	assert_false(from(NULL, "cross-site", "navigate", "iframe", true));
	assert_false(from(NULL, "cross-site", "no-cors", "image", true));
	(void)state;
}

static void a_token_is_the_whole_token(void **state)
{
	assert_true(guard_same(TOKEN, TOKEN));
	assert_false(guard_same("", TOKEN));
	assert_false(guard_same("0123456789abcde", TOKEN));
	assert_false(guard_same("0123456789abcdef0", TOKEN));
	assert_false(guard_same("0123456789abcdeF", TOKEN));
	assert_true(guard_bearer("Bearer " TOKEN, TOKEN));
	assert_true(guard_bearer("bearer  " TOKEN, TOKEN));
	assert_false(guard_bearer("Bearer", TOKEN));
	assert_false(guard_bearer("Bearer ", TOKEN));
	assert_false(guard_bearer("Basic " TOKEN, TOKEN));
	assert_false(guard_bearer(TOKEN, TOKEN));
	assert_false(guard_bearer(NULL, TOKEN));
	(void)state;
}

static void a_cookie_is_found_among_others(void **state)
{
	assert_true(guard_cookie("hakmem-1=" TOKEN, "hakmem-1", TOKEN));
	assert_true(guard_cookie("a=b; hakmem-1=" TOKEN "; c=d", "hakmem-1", TOKEN));
	assert_true(guard_cookie("hakmem-1=wrong;hakmem-1=" TOKEN, "hakmem-1", TOKEN));
	assert_false(guard_cookie("hakmem-12=" TOKEN, "hakmem-1", TOKEN));
	assert_false(guard_cookie("xhakmem-1=" TOKEN, "hakmem-1", TOKEN));
	assert_false(guard_cookie("hakmem-1", "hakmem-1", TOKEN));
	assert_false(guard_cookie("hakmem-1=" TOKEN "x", "hakmem-1", TOKEN));
	assert_false(guard_cookie(";;; ;", "hakmem-1", TOKEN));
	assert_false(guard_cookie("", "hakmem-1", TOKEN));
	assert_false(guard_cookie(NULL, "hakmem-1", TOKEN));
	(void)state;
}

static void short_and_strange_tokens_are_refused(void **state)
{
	char text[400];

	assert_null(guard_token_problem(TOKEN));
	assert_null(guard_token_problem("ABCD-._~+/=1234567"));
	assert_non_null(guard_token_problem(""));
	assert_non_null(guard_token_problem("0123456789abcde"));
	assert_non_null(guard_token_problem("0123456789abcdef ghi"));
	assert_non_null(guard_token_problem("0123456789abcdef\x01"));
	memset(text, 'a', sizeof(text));
	text[TOKEN_LONGEST + 1] = '\0';
	assert_non_null(guard_token_problem(text));
	text[TOKEN_LONGEST] = '\0';
	assert_null(guard_token_problem(text));
	(void)state;
}

static void a_socket_that_nobody_listens_on_is_replaced(void **state)
{
	char folder[] = "/tmp/hakmem-guard-XXXXXX", text[64], error[LISTEN_ERROR];
	struct listen_address address, again;
	struct stat status;
	int descriptor, other;

	assert_non_null(mkdtemp(folder));
	snprintf(text, sizeof(text), "unix:%s/socket", folder);
	address = again = listening(text);
	descriptor = listen_open(&address, error);
	assert_true(descriptor >= 0);
	assert_int_equal(stat(address.path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	assert_int_equal(listen_open(&again, error), -1);
	assert_contains(error, "in use");
	listen_unguard(address.guard);
	assert_int_equal(access(address.path, F_OK), -1);
	close(descriptor);
	/* As if it were killed, and its guard, too: its name stays. */
	descriptor = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(descriptor, (struct sockaddr *)&address.address, address.size), 0);
	close(descriptor);
	assert_int_equal(access(address.path, F_OK), 0);
	other = listen_open(&again, error);
	assert_true(other >= 0);
	listen_close(&again, other);
	assert_int_equal(access(again.path, F_OK), -1);
	assert_int_equal(rmdir(folder), 0);
	(void)state;
}

static void what_is_no_socket_is_not_replaced(void **state)
{
	char path[] = "/tmp/hakmem-guard-XXXXXX", text[64], error[LISTEN_ERROR];
	int file = mkstemp(path);
	struct listen_address address;

	assert_true(file >= 0);
	snprintf(text, sizeof(text), "unix:%s", path);
	address = listening(text);
	assert_int_equal(listen_open(&address, error), -1);
	assert_int_equal(access(path, F_OK), 0);
	close(file);
	unlink(path);
	(void)state;
}

static void a_port_in_use_is_told_with_the_way_out(void **state)
{
	struct listen_address address = listening("127.0.0.1:0"), again;
	char error[LISTEN_ERROR], text[64];
	int descriptor = listen_open(&address, error);

	assert_true(descriptor >= 0);
	assert_true(address.port);
	snprintf(text, sizeof(text), "127.0.0.1:%u", address.port);
	again = listening(text);
	assert_int_equal(listen_open(&again, error), -1);
	assert_contains(error, "is in use: choose another with --listen");
	listen_close(&address, descriptor);
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(addresses_are_read),
	    cmocka_unit_test(what_is_no_address_is_refused),
	    cmocka_unit_test(only_our_names_are_hosts),
	    cmocka_unit_test(what_is_listened_on_is_a_host),
	    cmocka_unit_test(other_origins_are_refused),
	    cmocka_unit_test(a_token_is_the_whole_token),
	    cmocka_unit_test(a_cookie_is_found_among_others),
	    cmocka_unit_test(short_and_strange_tokens_are_refused),
	    cmocka_unit_test(a_socket_that_nobody_listens_on_is_replaced),
	    cmocka_unit_test(what_is_no_socket_is_not_replaced),
	    cmocka_unit_test(a_port_in_use_is_told_with_the_way_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
