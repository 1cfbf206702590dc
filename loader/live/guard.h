/* SPDX-License-Identifier: MIT */
/*
 * Who may ask. A web server on loopback is asked by every page that a browser of this machine shows, whoever's: so a
 * request must name us as its host (or another name, that somebody makes point here, could read us), and must not come
 * from another origin. Whoever listens to more than this machine also wants a token. Headers are NULL where there are
 * none. Pure functions.
 */
#ifndef GUARD_H
#define GUARD_H

#include <stdbool.h>

#include "live/listen.h"

#define TOKEN_SHORTEST 16
#define TOKEN_LONGEST  256

/* Whether a Host header names us: localhost, a loopback address, what is listened on; or, listening on all addresses,
 * any address, for only names can be made to point elsewhere. */
bool guard_host(const char *host, const struct listen_address *address);

/* What a browser says of where a request comes from. page: it is for the page itself, to which anybody may lead. */
struct guard_origin {
	const char *host, *origin, *fetch_site, *fetch_mode, *fetch_destination;
	bool page;
};
bool guard_origin(const struct guard_origin *from);

/* The same, taking a time that does not depend on where they differ. */
bool guard_same(const char *given, const char *token);

/* Whether "Authorization: Bearer TOKEN" has it, or "Cookie: ...; NAME=VALUE; ..." . */
bool guard_bearer(const char *authorization, const char *token);
bool guard_cookie(const char *cookies, const char *name, const char *value);

/* What is wrong with a token, as the end of a line for the user; NULL: nothing. */
const char *guard_token_problem(const char *token);

#endif
