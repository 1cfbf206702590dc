// SPDX-License-Identifier: MIT
#include "misses/client_owners.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* SIZE_MAX: out of memory. */
static size_t owner_of(struct client *client, enum owner_kind kind, const char *object)
{
	struct client_owner *more;

	for (size_t i = 0; i < client->owner_count; i++)
		if (client->owners[i].kind == kind && !strcmp(client->owners[i].object, object))
			return i;
	more = reallocarray(client->owners, client->owner_count + 1, sizeof(*more));
	if (more)
		client->owners = more;
	if (!more || !(more[client->owner_count].object = strdup(object))) {
		client->out_of_memory = true;
		return SIZE_MAX;
	}
	more[client->owner_count].kind = kind;
	return client->owner_count++;
}

void client_add(struct client *client, uint64_t start, uint64_t end, enum owner_kind kind, const char *object)
{
	char name[256];
	size_t owner;

	/* It may be the name of an owner that is about to move. */
	snprintf(name, sizeof(name), "%s", object);
	owner = owner_of(client, kind, name);
	if (owner == SIZE_MAX || space_add(&client->space, start, end, owner))
		client->out_of_memory = true;
}

const struct client_owner *client_owner_at(struct client *client, uint64_t address)
{
	const struct space_range *range = space_find(&client->space, address);

	return range ? &client->owners[range->owner] : NULL;
}

bool client_is_image(const struct client_owner *owner)
{
	return owner && owner->kind >= OWNER_PROGRAM_TEXT && owner->kind <= OWNER_IMAGE_BSS;
}

enum owner_kind client_bss_kind(struct client *client, uint64_t start)
{
	const struct client_owner *before = client_owner_at(client, start - 1);

	if (!client_is_image(before))
		return OWNER_NONE;
	return before->kind < OWNER_IMAGE_TEXT ? OWNER_PROGRAM_BSS : OWNER_IMAGE_BSS;
}
