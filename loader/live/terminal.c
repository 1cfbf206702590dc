// SPDX-License-Identifier: MIT
/* See terminal.h. */
#include "live/terminal.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "live/bell.h"

#define MOST_KEYS     256
#define PATIENCE_S    1 /* with a terminal that takes nothing, when we want to end */
#define KEY_NONE      (-1)
#define KEY_OF_NOBODY (-2)

struct terminal {
	struct screen *screen; /* the thread's, but for screen_forget() */
	pthread_t thread;
	int wake;  /* a bell: the thread has something to do */
	int ready; /* a bell: we have */
	bool ascii;

	pthread_mutex_t lock; /* of all that follows */
	struct canvas next;   /* to be shown; without cells: nothing is */
	bool redraw, quit, gone;
	size_t lines, columns;
	int keys[MOST_KEYS]; /* that were not taken yet, the oldest first */
	size_t key_count;
};

/* -- the thread -- */

static void take_keys(struct terminal *terminal)
{
	int key;

	while ((key = screen_key(terminal->screen)) >= 0) {
		pthread_mutex_lock(&terminal->lock);
		if (terminal->key_count < MOST_KEYS)
			terminal->keys[terminal->key_count++] = key;
		pthread_mutex_unlock(&terminal->lock);
	}
	pthread_mutex_lock(&terminal->lock);
	terminal->gone |= key == KEY_OF_NOBODY;
	screen_size(terminal->screen, &terminal->lines, &terminal->columns);
	pthread_mutex_unlock(&terminal->lock);
	bell_ring(terminal->ready);
}

/* What is to be shown, if anything is. False: it is time to end. */
static bool show_next(struct terminal *terminal)
{
	struct canvas canvas;
	bool redraw, quit;

	pthread_mutex_lock(&terminal->lock);
	canvas = terminal->next;
	terminal->next.cells = NULL;
	redraw = terminal->redraw;
	terminal->redraw = false;
	quit = terminal->quit;
	pthread_mutex_unlock(&terminal->lock);
	if (redraw)
		screen_redraw(terminal->screen);
	if (canvas.cells && !quit)
		screen_show(terminal->screen, &canvas);
	canvas_close(&canvas);
	return !quit;
}

static void *serve(void *context)
{
	struct terminal *terminal = context;
	struct pollfd ready[] = {
	    {.fd = terminal->wake, .events = POLLIN},
	    {.fd = screen_descriptor(terminal->screen), .events = POLLIN},
	};

	while (show_next(terminal)) {
		if (poll(ready, 2, -1) < 0 && errno != EINTR)
			break;
		if (ready[0].revents)
			bell_rang(terminal->wake);
		if (ready[1].revents)
			take_keys(terminal);
		/* Its end would wake us for ever. Nobody else writes this. */
		if (terminal->gone)
			ready[1].fd = -1;
	}
	screen_close(terminal->screen);
	return NULL;
}

/* -- whoever has it -- */

static void release(struct terminal *terminal)
{
	if (terminal->wake >= 0)
		close(terminal->wake);
	if (terminal->ready >= 0)
		close(terminal->ready);
	canvas_close(&terminal->next);
	pthread_mutex_destroy(&terminal->lock);
	free(terminal);
}

/* Signals are for whoever traces. */
static int start_thread(struct terminal *terminal)
{
	sigset_t all, before;
	int failed;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	failed = pthread_create(&terminal->thread, NULL, serve, terminal);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return failed;
}

struct terminal *terminal_open(char error[SCREEN_ERROR])
{
	struct terminal *terminal = calloc(1, sizeof(*terminal));
	int failed;

	if (!terminal) {
		snprintf(error, SCREEN_ERROR, "out of memory");
		return NULL;
	}
	pthread_mutex_init(&terminal->lock, NULL);
	terminal->wake = bell_new();
	terminal->ready = bell_new();
	terminal->screen = screen_open(error);
	if (!terminal->screen) {
		release(terminal);
		return NULL;
	}
	terminal->ascii = screen_ascii(terminal->screen);
	screen_size(terminal->screen, &terminal->lines, &terminal->columns);
	failed = terminal->wake < 0 || terminal->ready < 0 ? errno : start_thread(terminal);
	if (failed) {
		snprintf(error, SCREEN_ERROR, "can't use the terminal: %s", strerror(failed));
		screen_close(terminal->screen);
		release(terminal);
		return NULL;
	}
	return terminal;
}

static int wait_for_thread(const struct terminal *terminal)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += PATIENCE_S;
	return pthread_timedjoin_np(terminal->thread, NULL, &until);
}

void terminal_close(struct terminal *terminal)
{
	if (!terminal)
		return;
	pthread_mutex_lock(&terminal->lock);
	terminal->quit = true;
	pthread_mutex_unlock(&terminal->lock);
	bell_ring(terminal->wake);
	if (wait_for_thread(terminal)) {
		screen_forget(terminal->screen);
		/* If that doesn't help it is left behind as it is: the screen's guard tidies up when we have ended. */
		if (wait_for_thread(terminal))
			return;
	}
	release(terminal);
}

int terminal_descriptor(const struct terminal *terminal)
{
	return terminal->ready;
}

void terminal_size(struct terminal *terminal, size_t *lines, size_t *columns)
{
	pthread_mutex_lock(&terminal->lock);
	*lines = terminal->lines;
	*columns = terminal->columns;
	pthread_mutex_unlock(&terminal->lock);
}

bool terminal_ascii(const struct terminal *terminal)
{
	return terminal->ascii;
}

int terminal_key(struct terminal *terminal)
{
	int key = KEY_NONE;

	bell_rang(terminal->ready);
	pthread_mutex_lock(&terminal->lock);
	if (terminal->key_count) {
		key = terminal->keys[0];
		terminal->key_count--;
		memmove(terminal->keys, terminal->keys + 1, terminal->key_count * sizeof(terminal->keys[0]));
	} else if (terminal->gone) {
		key = KEY_OF_NOBODY;
	}
	pthread_mutex_unlock(&terminal->lock);
	return key;
}

void terminal_show(struct terminal *terminal, struct canvas *canvas)
{
	struct canvas before;

	pthread_mutex_lock(&terminal->lock);
	before = terminal->next;
	terminal->next = *canvas;
	pthread_mutex_unlock(&terminal->lock);
	canvas->cells = NULL;
	canvas_close(&before);
	bell_ring(terminal->wake);
}

void terminal_redraw(struct terminal *terminal)
{
	pthread_mutex_lock(&terminal->lock);
	terminal->redraw = true;
	pthread_mutex_unlock(&terminal->lock);
}
