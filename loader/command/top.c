// SPDX-License-Identifier: MIT
/* hakmem-trace top: the dashboard in a terminal, fed by the tracing loop (live.h). */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command/kept_lines.h"
#include "command/command.h"
#include "command/complain.h"
#include "command/live.h"
#include "command/top_files.h"
#include "live/canvas.h"
#include "live/dashboard.h"
#include "live/moment.h"
#include "live/tail.h"
#include "live/terminal.h"
#include "output/header.h"

struct top {
	const struct options *options;
	struct top_streams streams;
	struct terminal *terminal; /* NULL: not yet, or no more */
	struct kept_lines kept;
	struct dashboard dashboard;
	struct moment moment;
	struct tail tail;
};

static const uint64_t intervals[] = {
    100000000, 200000000, 500000000, 1000000000, 2000000000, 5000000000, 10000000000, 30000000000, 60000000000};

#define INTERVALS (sizeof(intervals) / sizeof(intervals[0]))

/* The next of them that is longer, or shorter. */
static uint64_t other_interval(uint64_t interval, bool longer)
{
	for (size_t i = 0; longer && i < INTERVALS; i++)
		if (intervals[i] > interval)
			return intervals[i];
	for (size_t i = INTERVALS; !longer && i-- > 0;)
		if (intervals[i] < interval)
			return intervals[i];
	return interval;
}

static void help(void)
{
	puts("Usage: hakmem-trace top [OPTION...] [--] COMMAND [ARGUMENT...]\n"
	     "       hakmem-trace top [OPTION...] -p PID[,PID...] | --comm NAME | --cgroup PATH | -a\n"
	     "\n"
	     "Shows on the terminal, second by second, whose every page fault and every zeroed page is; ? says\n"
	     "which keys there are. Past slices stay, and can be stepped back to.\n"
	     "\n"
	     "The screen is on /dev/tty. Where stdout or stderr is the terminal, COMMAND's goes to a file\n"
	     "(TMPDIR or /tmp, hakmem-top-COMMAND-...), whose end the key `o` shows, and whose name is said at the\n"
	     "end; where it is not, it goes where it was sent. A stdin that is the terminal is empty for COMMAND:\n"
	     "the keys are top's.\n"
	     "\n"
	     "      --interval SEC   a slice each SEC seconds (default 1; keys - and +)\n"
	     "      --stacks         take call stacks, for the view of stacks\n"
	     "  -o, --output FILE    write a report of the whole at the end, as --format says\n"
	     "\n"
	     "and every other option of hakmem-trace itself; see hakmem-trace --help. Exit status: COMMAND's.");
}

/* -- the screen -- */

/* How the traced run ended, as a report says it. */
static const char *end_of(const struct scene *scene, char text[HEADER_END + 32])
{
	char end[HEADER_END];

	if (!scene->ended || !scene->about)
		return NULL;
	header_end(scene->about, end);
	snprintf(text, HEADER_END + 32, "%s; q quits", end);
	return text;
}

static void show(struct live *live)
{
	struct top *top = live->state;
	char end[HEADER_END + 32];
	struct scene scene = {
	    .command = top->options->command != NULL,
	    .ended = history_state(live->history).ended,
	    .output.path = top->streams.file < 0 ? NULL : top->streams.path,
	};
	struct canvas canvas;
	size_t lines, columns;

	if (!top->terminal)
		return;
	moment_scene(&top->moment, &scene);
	scene.end = end_of(&scene, end);
	if (scene.output.path && top->dashboard.page == PAGE_OUTPUT && !tail_read(&top->tail, top->streams.file)) {
		scene.output.tail = top->tail.lines;
		scene.output.lines = top->tail.count;
		scene.output.bytes = top->tail.bytes;
	}
	if (top->dashboard.page == PAGE_SPACES)
		scene.spaces = live_spaces(live);
	terminal_size(top->terminal, &lines, &columns);
	if (canvas_open(&canvas, lines, columns, terminal_ascii(top->terminal)))
		return;
	if (!dashboard_draw(&top->dashboard, &scene, &canvas))
		terminal_show(top->terminal, &canvas);
	canvas_close(&canvas);
}

static void look(struct live *live)
{
	struct top *top = live->state;

	if (moment_look(&top->moment, live->history, &top->dashboard))
		strcpy(top->dashboard.message, "out of memory");
}

/* -- what keys ask for -- */

static void save(struct top *top)
{
	struct snapshot *snapshot = moment_snapshot(&top->moment);

	if (snapshot)
		top_save(top->options, snapshot, top->dashboard.message, sizeof(top->dashboard.message));
	else
		strcpy(top->dashboard.message, "there is nothing to save yet");
	snapshot_free(snapshot);
}

static void change_interval(struct live *live, bool longer)
{
	struct top *top = live->state;

	live->interval_ns = other_interval(live->interval_ns, longer);
	snprintf(top->dashboard.message, sizeof(top->dashboard.message), "a slice each %g s from now on",
	    (double)live->interval_ns / 1e9);
}

static void carry_out(struct live *live, enum wish wish)
{
	struct top *top = live->state;

	if (moment_move(&top->moment, &top->dashboard, wish)) {
		look(live);
		return;
	}
	switch (wish) {
	case WISH_LEAVE:
		live->leave = true;
		/* fall through */
	case WISH_QUIT:
	case WISH_END_COMMAND:
		live->closed = true;
		break;
	case WISH_INTERRUPT:
		if (live->command > 0)
			kill(live->command, SIGINT);
		break;
	case WISH_RESET:
		if (!moment_reset(&top->moment, live->history))
			look(live);
		strcpy(top->dashboard.message, "totals begin here");
		break;
	case WISH_SLOWER:
	case WISH_FASTER:
		change_interval(live, wish == WISH_SLOWER);
		break;
	case WISH_SAVE:
		save(top);
		break;
	case WISH_REDRAW:
		terminal_redraw(top->terminal);
		break;
	default:
		break;
	}
}

/* -- the view -- */

static void leave_screen(struct live *live)
{
	struct top *top = live->state;

	terminal_close(top->terminal);
	top->terminal = NULL;
	live->descriptor = -1;
	kept_lines_end(&top->kept);
}

static int open_top(struct live *live, const struct options *options)
{
	struct top *top = calloc(1, sizeof(*top));
	char error[SCREEN_ERROR];

	live->state = top;
	if (!top) {
		complain("out of memory");
		return -1;
	}
	top->options = options;
	top->streams.file = -1;
	top->kept = (struct kept_lines){-1, -1, -1, 0};
	dashboard_start(&top->dashboard);
	if (!screen_usable(error)) {
		complain("%s", error);
		return -1;
	}
	if (!options->command)
		return 0;
	if (top_streams_open(&top->streams, options->command[0]))
		return -1;
	live->streams = top->streams.streams;
	return 0;
}

static int start_top(struct live *live)
{
	struct top *top = live->state;
	char error[SCREEN_ERROR];

	top->terminal = terminal_open(error);
	if (!top->terminal) {
		complain("%s", error);
		return -1;
	}
	kept_lines_begin(&top->kept);
	live->descriptor = terminal_descriptor(top->terminal);
	show(live);
	return 0;
}

static void ready(struct live *live)
{
	struct top *top = live->state;
	size_t lines, columns;
	int key;

	while (!live->closed && (key = terminal_key(top->terminal)) >= 0) {
		terminal_size(top->terminal, &lines, &columns);
		carry_out(live, dashboard_key(&top->dashboard, key, columns, live->command > 0));
	}
	/* Nobody is there any more: what runs may go on without being looked at. */
	if (!live->closed && key == -2)
		live->closed = live->leave = true;
	if (live->closed)
		leave_screen(live);
	else
		show(live);
}

static void added(struct live *live)
{
	struct top *top = live->state;
	char line[MESSAGE_SIZE];

	look(live);
	kept_lines_news(&top->kept, line, sizeof(line));
	if (line[0] && !top->dashboard.message[0])
		memcpy(top->dashboard.message, line, sizeof(line));
	show(live);
}

static void close_top(struct live *live)
{
	struct top *top = live->state;

	if (!top)
		return;
	leave_screen(live);
	top_streams_close(&top->streams);
	moment_close(&top->moment);
	tail_free(&top->tail);
	free(top);
	live->state = NULL;
}

int command_top(int count, char **arguments)
{
	static const struct live_view view = {
	    .name = "top",
	    .help = help,
	    .open = open_top,
	    .start = start_top,
	    .ready = ready,
	    .added = added,
	    .ended = show,
	    .close = close_top,
	};

	return live_command(&view, count, arguments);
}
