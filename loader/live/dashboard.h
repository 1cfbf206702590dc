/* SPDX-License-Identifier: MIT */
/*
 * The dashboard: what the user has chosen to look at (struct dashboard, which keys change), what there is to see
 * (struct scene), and the screen that follows from both, which is a pure function: no terminal, no clock, no file.
 */
#ifndef DASHBOARD_H
#define DASHBOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "live/canvas.h"
#include "live/rows.h"
#include "live/table.h"
#include "snapshot/spaces.h"

#define DASHBOARD_LINES   10 /* the smallest screen that it fits */
#define DASHBOARD_COLUMNS 60

#define FILTER_SIZE  64
#define MESSAGE_SIZE 200

struct dashboard {
	enum page page;
	struct table_state tables[PAGE_COUNT];
	struct table_state functions; /* of the page of stacks, when it shows these */
	bool by_function;
	size_t process; /* whose address space */
	bool folded;    /* regions without details */
	bool opened;    /* the chosen stack, frame by frame */
	bool help;
	bool typing;    /* the filter */
	bool asking;    /* whether to quit though the command runs */
	bool held;      /* at a moment: paused, or gone back */
	uint64_t at_ns; /* which one: the end of its slice */
	char filter[FILTER_SIZE];
	char before[FILTER_SIZE];   /* the filter, as it was before it was typed at */
	char message[MESSAGE_SIZE]; /* until the next key */
	size_t rows;                /* of the page, when it was last drawn, and its lines */
	size_t lines;
};

/* A slice of time in the graphs. NAN: not measured. */
struct point {
	double faults, zeroed_bytes; /* a second */
	double fault_share;          /* of the time that traced tasks ran, percent */
};

struct scene {
	const struct snapshot *now; /* the slice shown; NULL: none has ended */
	uint64_t slice_ns;
	const struct snapshot *total; /* from the start or reset to its end; NULL: nothing yet */
	const struct snapshot *about; /* what is traced, how, and what that costs; NULL: nothing yet */
	uint64_t elapsed_ns;          /* of tracing, at the moment shown */
	uint64_t ago_ns;              /* how far that is from the newest */
	bool was_reset;
	const struct point *points; /* up to the moment shown, the oldest first */
	size_t point_count;
	const struct spaces *spaces; /* for their page, as they are now; NULL: they can't be had */
	bool command;                /* there is one */
	bool ended;                  /* what was traced is no more */
	const char *end;             /* how, in words; NULL: not yet */
	struct {
		const char *path;  /* where the command's own output goes; NULL: nowhere of ours */
		char *const *tail; /* its last lines */
		size_t lines;
		uint64_t bytes;
	} output;
};

void dashboard_start(struct dashboard *dashboard);

/* The state of the table that is shown, and what it is of. */
struct table_state *dashboard_table(struct dashboard *dashboard);
struct table dashboard_table_of(const struct dashboard *dashboard, uint64_t slice_ns);

/* 0, or -1 when out of memory. */
int dashboard_draw(struct dashboard *dashboard, const struct scene *scene, struct canvas *canvas);

/* Keys that are no characters. */
enum {
	PRESSED_UP = 0x200000,
	PRESSED_DOWN,
	PRESSED_LEFT,
	PRESSED_RIGHT,
	PRESSED_PAGE_UP,
	PRESSED_PAGE_DOWN,
	PRESSED_HOME,
	PRESSED_END,
	PRESSED_BACKSPACE,
	PRESSED_ENTER,
	PRESSED_ESCAPE,
	PRESSED_INTERRUPT, /* Ctrl-C */
	PRESSED_REDRAW,    /* Ctrl-L */
};

/* What a key asks for that takes more than the dashboard. */
enum wish {
	WISH_NONE,
	WISH_QUIT,
	WISH_END_COMMAND, /* and quit */
	WISH_LEAVE,       /* quit, and let the command run on */
	WISH_INTERRUPT,   /* the command, as Ctrl-C would without us */
	WISH_PAUSE,       /* or go on */
	WISH_BACK,
	WISH_FORWARD,
	WISH_OLDEST,
	WISH_NEWEST,
	WISH_RESET,
	WISH_FASTER,
	WISH_SLOWER,
	WISH_SAVE,
	WISH_REDRAW,
};

/* A key (a character, or one of those above) was pressed, `runs`: while the command did. */
enum wish dashboard_key(struct dashboard *dashboard, int key, size_t columns, bool runs);

#endif
