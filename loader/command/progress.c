// SPDX-License-Identifier: MIT
#include "command/progress.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command/complain.h"
#include "command/watch.h"

#define BAR_COLUMNS   30
#define REDRAW_NS     100000000ULL   /* more often nobody can read it, and it would disturb the runs */
#define PLAIN_LINE_NS 60000000000ULL /* a log wants few lines */

void progress_start(struct progress_bar *bar)
{
	*bar = (struct progress_bar){.terminal = isatty(STDERR_FILENO), .last_ns = watch_now()};
}

static const char *time_left(double seconds, char text[32])
{
	if (isnan(seconds))
		return "time left unknown";
	if (seconds < 90)
		snprintf(text, 32, "about %.0f s left", ceil(seconds));
	else
		snprintf(text, 32, "about %.0f min left", ceil(seconds / 60));
	return text;
}

void progress_show(struct progress_bar *bar, const struct progress *progress)
{
	uint64_t now = watch_now();
	char left[32], hashes[BAR_COLUMNS + 1];
	size_t full = progress->planned ? BAR_COLUMNS * progress->done / progress->planned : 0;

	if (now - bar->last_ns < (bar->terminal ? REDRAW_NS : PLAIN_LINE_NS))
		return;
	bar->last_ns = now;
	if (!bar->terminal) {
		complain("%zu of %zu runs done, %s", progress->done, progress->planned,
		    time_left(progress->seconds_left, left));
		return;
	}
	memset(hashes, '#', sizeof(hashes));
	fprintf(stderr, "\r[%.*s%*s] %zu of %zu runs, %s \033[K", (int)full, hashes, (int)(BAR_COLUMNS - full), "",
	    progress->done, progress->planned, time_left(progress->seconds_left, left));
	bar->shown = true;
}

void progress_erase(struct progress_bar *bar)
{
	if (bar->shown)
		fputs("\r\033[K", stderr);
	bar->shown = false;
}
