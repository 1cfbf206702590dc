// SPDX-License-Identifier: MIT
/* See bell.h. */
#include "live/bell.h"

#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

int bell_new(void)
{
	return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

void bell_ring(int bell)
{
	const uint64_t one = 1;

	if (write(bell, &one, sizeof(one)) != sizeof(one))
		return; /* it can't fail but by being full: it rings already */
}

bool bell_rang(int bell)
{
	uint64_t times;

	return read(bell, &times, sizeof(times)) == sizeof(times);
}
