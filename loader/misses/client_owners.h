/* SPDX-License-Identifier: MIT */
/* The owners of a client's ranges (client.h), and what its images are told by. */
#ifndef CLIENT_OWNERS_H
#define CLIENT_OWNERS_H

#include "misses/client.h"

/* Give a range an owner. object: a copy is made. Being out of memory is noted in the client. */
void client_add(struct client *client, uint64_t start, uint64_t end, enum owner_kind kind, const char *object);

/* NULL: nobody is known. Holds until the next range is added. */
const struct client_owner *client_owner_at(struct client *client, uint64_t address);

bool client_is_image(const struct client_owner *owner); /* NULL is none */

/* The kind of anonymous memory that begins right behind an image; OWNER_NONE: it doesn't. */
enum owner_kind client_bss_kind(struct client *client, uint64_t start);

#endif
