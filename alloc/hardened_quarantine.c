// SPDX-License-Identifier: MIT
/*
 * hardened_quarantine: a ring of pointers, in memory that it gets with its first block.
 */
#include "hardened_quarantine.h"

#include "metadata.h"

void quarantine_begin(struct quarantine *quarantine, unsigned int blocks_most, size_t bytes_most)
{
	*quarantine = (struct quarantine){.most = blocks_most, .bytes_most = bytes_most};
}

bool quarantine_put(struct quarantine *quarantine, char *block, size_t bytes)
{
	if (quarantine->ring == NULL)
		quarantine->ring = metadata_allocate(quarantine->most * sizeof(char *));
	if (quarantine->ring == NULL)
		return false;
	quarantine->ring[(quarantine->first + quarantine->count) % quarantine->most] = block;
	quarantine->count++;
	quarantine->bytes += bytes;
	return true;
}

bool quarantine_is_over(const struct quarantine *quarantine)
{
	return quarantine->count == quarantine->most ||
	       (quarantine->count > 1 && quarantine->bytes > quarantine->bytes_most);
}

char *quarantine_first(const struct quarantine *quarantine)
{
	return quarantine->count > 0 ? quarantine->ring[quarantine->first] : NULL;
}

void quarantine_drop_first(struct quarantine *quarantine, size_t bytes)
{
	quarantine->first = (quarantine->first + 1) % quarantine->most;
	quarantine->count--;
	quarantine->bytes -= bytes;
}
