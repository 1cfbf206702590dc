// SPDX-License-Identifier: MIT
/* See guard.h. */
#include "live/guard.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Without the port, which may be another where the connection is forwarded. NULL: this is no host. */
static const char *name_of(const char *host, char name[LISTEN_NAME])
{
	size_t length = host[0] == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");
	const char *port;

	if (!length || length >= LISTEN_NAME || length > strlen(host))
		return NULL;
	port = host + length;
	if (*port && (*port != ':' || !port[1] || port[1 + strspn(port + 1, "0123456789")]))
		return NULL;
	snprintf(name, LISTEN_NAME, "%.*s", (int)length, host);
	return name;
}

static bool is_address(const char *name)
{
	char inner[LISTEN_NAME];
	struct in6_addr six;
	struct in_addr four;
	size_t length = strlen(name);

	if (name[0] != '[')
		return inet_pton(AF_INET, name, &four) == 1;
	snprintf(inner, sizeof(inner), "%.*s", (int)length - 2, name + 1);
	return inet_pton(AF_INET6, inner, &six) == 1;
}

bool guard_host(const char *host, const struct listen_address *address)
{
	char name[LISTEN_NAME];

	if (!host || !name_of(host, name))
		return false;
	if (!strcasecmp(name, "localhost") || !strcmp(name, "127.0.0.1") || !strcmp(name, "[::1]"))
		return true;
	if (address->is_unix)
		return false;
	return !strcasecmp(name, address->name) || (address->any && is_address(name));
}

static bool same_origin(const char *origin, const char *host)
{
	if (!strncasecmp(origin, "http://", 7))
		return !strcasecmp(origin + 7, host);
	/* Something in front of us may speak TLS. */
	return !strncasecmp(origin, "https://", 8) && !strcasecmp(origin + 8, host);
}

bool guard_origin(const struct guard_origin *from)
{
	const char *site = from->fetch_site;

	if (from->origin && (!from->host || !same_origin(from->origin, from->host)))
		return false;
	if (!site || !strcmp(site, "same-origin") || !strcmp(site, "none"))
		return true;
	return from->page && from->fetch_mode && !strcmp(from->fetch_mode, "navigate") && from->fetch_destination &&
	       !strcmp(from->fetch_destination, "document");
}

bool guard_same(const char *given, const char *token)
{
	size_t length = strlen(token), given_length = strlen(given);
	unsigned int differ = given_length != length;

	for (size_t i = 0; i < length; i++)
		differ |= (unsigned char)token[i] ^ (unsigned char)given[i < given_length ? i : given_length];
	return !differ;
}

bool guard_bearer(const char *authorization, const char *token)
{
	if (!authorization || strncasecmp(authorization, "Bearer ", 7) != 0)
		return false;
	authorization += 7;
	return guard_same(authorization + strspn(authorization, " "), token);
}

bool guard_cookie(const char *cookies, const char *name, const char *value)
{
	size_t length = strlen(name);

	while (cookies && *cookies) {
		char given[TOKEN_LONGEST + 1];
		size_t size;

		cookies += strspn(cookies, " ;");
		size = strcspn(cookies, ";");
		if (size > length && !strncmp(cookies, name, length) && cookies[length] == '=' &&
		    size - length - 1 <= TOKEN_LONGEST) {
			snprintf(given, sizeof(given), "%.*s", (int)(size - length - 1), cookies + length + 1);
			if (guard_same(given, value))
				return true;
		}
		cookies += size;
	}
	return false;
}

const char *guard_token_problem(const char *token)
{
	size_t length = strlen(token);

	if (length < TOKEN_SHORTEST)
		return "its first line is to be a token of at least 16 characters, such as `openssl rand -hex 16` "
		       "prints";
	if (length > TOKEN_LONGEST)
		return "its token has more than 256 characters";
	for (const char *at = token; *at; at++)
		if (!isalnum((unsigned char)*at) && !strchr("-._~+/=", *at))
			return "a token has letters, digits and -._~+/= only";
	return NULL;
}
