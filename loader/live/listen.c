// SPDX-License-Identifier: MIT
/* See listen.h. */
#include "live/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define WAITING_CLIENTS 32

static int wrong(char error[LISTEN_ERROR], const char *text)
{
	snprintf(error, LISTEN_ERROR,
	    "'%.100s' is no address to listen on: 127.0.0.1:9464, [::1]:9464 or unix:PATH is wanted", text);
	return -1;
}

static int parse_unix(const char *path, struct listen_address *address, char error[LISTEN_ERROR])
{
	struct sockaddr_un *name = (struct sockaddr_un *)&address->address;

	if (!*path || strlen(path) >= sizeof(name->sun_path)) {
		snprintf(error, LISTEN_ERROR, "a Unix socket's path has 1 to %zu bytes", sizeof(name->sun_path) - 1);
		return -1;
	}
	address->is_unix = address->loopback = true;
	name->sun_family = AF_UNIX;
	strcpy(name->sun_path, path);
	strcpy(address->path, path);
	address->size = sizeof(*name);
	return 0;
}

/* Digits alone, as strtoul() takes more. */
static int parse_port(const char *text, uint16_t *port)
{
	size_t digits = strspn(text, "0123456789");
	unsigned long value = strtoul(text, NULL, 10);

	if (!digits || digits > 5 || text[digits] || value > UINT16_MAX)
		return -1;
	*port = value;
	return 0;
}

static bool parse_4(const char *host, struct listen_address *address)
{
	struct sockaddr_in *name = (struct sockaddr_in *)&address->address;
	char text[INET_ADDRSTRLEN];

	if (!strcmp(host, "localhost"))
		host = "127.0.0.1";
	if (inet_pton(AF_INET, host, &name->sin_addr) != 1)
		return false;
	name->sin_family = AF_INET;
	name->sin_port = htons(address->port);
	address->size = sizeof(*name);
	address->loopback = ntohl(name->sin_addr.s_addr) >> 24 == 127;
	address->any = name->sin_addr.s_addr == INADDR_ANY;
	snprintf(address->name, LISTEN_NAME, "%s", inet_ntop(AF_INET, &name->sin_addr, text, sizeof(text)));
	return true;
}

static bool parse_6(const char *host, struct listen_address *address)
{
	struct sockaddr_in6 *name = (struct sockaddr_in6 *)&address->address;
	char inner[INET6_ADDRSTRLEN], text[INET6_ADDRSTRLEN];
	size_t length = strlen(host);

	if (length < 3 || host[0] != '[' || host[length - 1] != ']' || length - 2 >= sizeof(inner))
		return false;
	snprintf(inner, sizeof(inner), "%.*s", (int)length - 2, host + 1);
	if (inet_pton(AF_INET6, inner, &name->sin6_addr) != 1)
		return false;
	name->sin6_family = AF_INET6;
	name->sin6_port = htons(address->port);
	address->size = sizeof(*name);
	address->loopback = IN6_IS_ADDR_LOOPBACK(&name->sin6_addr);
	address->any = IN6_IS_ADDR_UNSPECIFIED(&name->sin6_addr);
	snprintf(address->name, LISTEN_NAME, "[%s]", inet_ntop(AF_INET6, &name->sin6_addr, text, sizeof(text)));
	return true;
}

int listen_parse(const char *text, struct listen_address *address, char error[LISTEN_ERROR])
{
	const char *colon = strrchr(text, ':');
	char host[LISTEN_NAME];

	*address = (struct listen_address){.guard = -1};
	if (!strncmp(text, "unix:", 5))
		return parse_unix(text + 5, address, error);
	if (!colon || colon - text >= LISTEN_NAME || parse_port(colon + 1, &address->port))
		return wrong(error, text);
	snprintf(host, sizeof(host), "%.*s", (int)(colon - text), text);
	return parse_4(host, address) || parse_6(host, address) ? 0 : wrong(error, text);
}

/* A socket in the file system outlives who made it. True: it is one that nobody listens on, and gone now. */
static bool remove_stale(const struct listen_address *address)
{
	struct stat status;
	int descriptor;
	bool stale;

	if (lstat(address->path, &status) || !S_ISSOCK(status.st_mode))
		return false;
	descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	stale = descriptor >= 0 && connect(descriptor, (const struct sockaddr *)&address->address, address->size) &&
	        errno == ECONNREFUSED;
	if (descriptor >= 0)
		close(descriptor);
	return stale && !unlink(address->path);
}

/* Under sudo, the socket is who called it's. Nobody else but root may use it. */
static void give_away(const char *path)
{
	const char *user = getenv("SUDO_UID"), *group = getenv("SUDO_GID");

	if (user && group && !geteuid() && lchown(path, strtoul(user, NULL, 10), strtoul(group, NULL, 10)))
		return; /* it stays root's */
}

static int bind_to(struct listen_address *address, int descriptor)
{
	mode_t mask = umask(0177);
	int result = bind(descriptor, (const struct sockaddr *)&address->address, address->size);

	if (result && errno == EADDRINUSE && address->is_unix && remove_stale(address))
		result = bind(descriptor, (const struct sockaddr *)&address->address, address->size);
	umask(mask);
	return result;
}

static int cannot(const struct listen_address *address, char error[LISTEN_ERROR])
{
	int number = errno;

	if (address->is_unix)
		snprintf(error, LISTEN_ERROR, "can't listen on the Unix socket %.108s: %s", address->path,
		    number == EADDRINUSE ? "it is in use" : strerror(number));
	else if (number == EADDRINUSE)
		snprintf(error, LISTEN_ERROR, "port %u of %s is in use: choose another with --listen %s:PORT",
		    address->port, address->name, address->name);
	else
		snprintf(
		    error, LISTEN_ERROR, "can't listen on %s:%u: %s", address->name, address->port, strerror(number));
	return -1;
}

static void learn_port(struct listen_address *address, int descriptor)
{
	socklen_t size = sizeof(address->address);

	if (address->is_unix || getsockname(descriptor, (struct sockaddr *)&address->address, &size))
		return;
	if (address->address.ss_family == AF_INET)
		address->port = ntohs(((struct sockaddr_in *)&address->address)->sin_port);
	else
		address->port = ntohs(((struct sockaddr_in6 *)&address->address)->sin6_port);
}

int listen_open(struct listen_address *address, char error[LISTEN_ERROR])
{
	int family = address->address.ss_family, on = 1;
	int descriptor = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (descriptor < 0)
		return cannot(address, error);
	/* Who restarts it need not wait for old connections to be forgotten. */
	if (family != AF_UNIX)
		setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind_to(address, descriptor) || listen(descriptor, WAITING_CLIENTS)) {
		cannot(address, error);
		close(descriptor);
		return -1;
	}
	if (address->is_unix) {
		give_away(address->path);
		address->guard = listen_guard(address);
	}
	learn_port(address, descriptor);
	return descriptor;
}

void listen_close(const struct listen_address *address, int descriptor)
{
	if (descriptor < 0)
		return;
	close(descriptor);
	listen_unguard(address->guard);
}
