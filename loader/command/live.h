/* SPDX-License-Identifier: MIT */
/*
 * Watching a run while it is traced: hakmem-trace top and hakmem-trace serve. The tracing loop (run.c, attach.c,
 * series.c) cuts a slice of a history each interval, tells the view, and calls it when its descriptor is ready; the
 * view shows what is in the history. All of it happens in the tracing thread: a view must not wait for anybody.
 *
 * When what is traced has ended the view stays, with what was counted, until it is closed by the user: by the view
 * itself or a signal. live may be NULL everywhere here: then there is no view, and nothing is done.
 */
#ifndef LIVE_H
#define LIVE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "command/options.h"
#include "command/watch.h"
#include "live/history.h"
#include "snapshot/spaces.h"
#include "assist/confine.h"
#include "trace/tracer.h"

struct live_view {
	const char *name; /* of the subcommand */
	bool confined; /* it writes nothing: once tracing goes on, what that takes no more is given up (trace/confine.h)
	                */
	void (*help)(void);
	bool takes_recordings; /* in place of a command */

	/* Before anything is started: what can be wrong with its options is to cost nobody a run. The history is there.
	 * 0, or -1 after complaining. */
	int (*open)(struct live *live, const struct options *options);

	/* Tracing begins; signals are blocked, threads may be started. 0, or -1 after complaining. */
	int (*start)(struct live *live);

	void (*ready)(struct live *live); /* its descriptor can be read */
	void (*added)(struct live *live); /* the history has a slice more */
	void (*ended)(struct live *live); /* what is traced has ended, or its time is over: the history is complete */
	void (*stays)(struct live *live); /* it will, until it is closed; may be NULL */
	void (*close)(struct live *live); /* also of one that failed to open, whose state is NULL then */
};

struct live {
	const struct live_view *view;
	void *state; /* the view's */
	struct history *history;
	struct tracer *tracer;    /* NULL: nothing is traced, or not any more */
	struct spaces spaces;     /* as they were when somebody asked last */
	uint64_t spaces_ns;       /* watch_now() then; 0: nobody has */
	int descriptor;           /* the view's: polled for reading; -1: nothing */
	uint64_t interval_ns;     /* the view may change it in ready() */
	time_t began;             /* tracing */
	struct confine_user user; /* to become: of views that are confined */
	bool closed;        /* set by the view: the user is done with it. A command that runs is ended (SIGTERM) */
	bool leave;         /* set by the view with it: no, it is to run on untraced */
	const int *streams; /* set by the view in open(): what the command gets as its standard streams; NULL: ours */
	pid_t command;      /* while it runs, from start() on; 0: none does */
};

/* hakmem-trace top, hakmem-trace serve: parse, trace, show, stay. Returns the exit status: the command's. */
int live_command(const struct live_view *view, int count, char **arguments);

/* Before tracing, once the options are known. 0, or -1 after complaining. */
int live_open(struct live *live, const struct options *options);
/* tracer: NULL for what was recorded. */
int live_start(struct live *live, struct tracer *tracer);

/* Tracing goes on, and all threads are there: give up what neither takes. 0, or -1 after complaining. */
int live_confine(struct live *live, const struct options *options);

/* All that was counted until now; becomes the history's. 0, or -1 after complaining. */
int live_slice(struct live *live, struct snapshot *whole, uint64_t end_ns);

/* The last slice; the snapshot stays the caller's. */
int live_end(struct live *live, const struct snapshot *whole, uint64_t end_ns);

/* After WATCH_VIEW. */
void live_ready(struct live *live, struct watch *watch);
/*
 * For the view: the address spaces of what is traced, as they are now, or were less than a second ago, or last when it
 * has ended. They are collected only for this, in some milliseconds. They stay the live's until the next call. NULL:
 * they can't be had.
 */
const struct spaces *live_spaces(struct live *live);

bool live_closed(const struct live *live);

/* Until it is closed; signals that end a program close it. watch: with these signals. */
void live_stay(struct live *live, struct watch *watch);

void live_close(struct live *live);

#endif
