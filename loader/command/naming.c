// SPDX-License-Identifier: MIT
#include "command/naming.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include "command/watch.h"

#define PATIENCE_NS 1000000000ULL
#define AGAIN_NS    100000000ULL

void naming_progress(size_t done, size_t all)
{
	static uint64_t began_ns, shown_ns; /* 0: not yet */
	uint64_t now = watch_now();

	if (!began_ns)
		began_ns = now;
	if (done < all && now - began_ns >= PATIENCE_NS && now - shown_ns >= AGAIN_NS && isatty(STDERR_FILENO)) {
		fprintf(stderr, "\rhakmem-trace: naming call stacks: %zu of %zu \x1b[K", done, all);
		fflush(stderr);
		shown_ns = now;
	}
	if (done < all)
		return;
	if (shown_ns)
		fputs("\r\x1b[K", stderr);
	began_ns = shown_ns = 0;
}
