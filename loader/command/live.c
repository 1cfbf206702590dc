// SPDX-License-Identifier: MIT
/* See live.h. */
#include "command/live.h"

#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command/complain.h"
#include "snapshot/copy.h"
#include "space/spaces.h"

#define SPACES_FRESH_NS 1000000000ULL

/* Before anything is started. */
static int find_user(struct live *live, const struct options *options)
{
	char error[CONFINE_ERROR];

	if (geteuid())
		return 0;
	if (confine_find_user(options->user, &live->user, error)) {
		complain("%s", error);
		return -1;
	}
	if (live->user.uid)
		return 0;
	complain("--user %s: who is to be safe from is root; name somebody else", options->user);
	return -1;
}

int live_open(struct live *live, const struct options *options)
{
	if (!live)
		return 0;
	live->descriptor = -1;
	if (live->view->confined && find_user(live, options))
		return -1;
	live->interval_ns = options->interval_ns;
	live->history = history_new(live->interval_ns, HISTORY_BYTES);
	if (!live->history) {
		complain("out of memory");
		return -1;
	}
	return live->view->open(live, options);
}

static int start_view(void *context)
{
	struct live *live = context;

	return live->view->start(live);
}

int live_start(struct live *live, struct tracer *tracer)
{
	if (!live)
		return 0;
	live->tracer = tracer;
	live->began = time(NULL);
	return live->view->confined && geteuid() ? confine_call(start_view, live) : start_view(live);
}

/* Somebody else's process takes no signals from us without the right to send them. */
static bool belongs_to_other(pid_t command, uid_t user)
{
	struct stat status;
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d", command);
	return command && !stat(path, &status) && status.st_uid != user;
}

int live_confine(struct live *live, const struct options *options)
{
	char error[CONFINE_ERROR];
	unsigned int keep;
	bool filtered;

	if (!live || !live->view->confined)
		return 0;
	keep = live->tracer ? CONFINE_COUNTS | CONFINE_READS : 0;
	if (belongs_to_other(live->command, geteuid() ? geteuid() : live->user.uid))
		keep |= CONFINE_KILLS;
	if (confine(&live->user, keep, &filtered, error)) {
		complain("%s", error);
		return -1;
	}
	if (options->verbose)
		complain("goes on as user %u with %s%s", geteuid(),
		    live->tracer ? "CAP_BPF, CAP_PERFMON and CAP_SYS_PTRACE" : "no capability",
		    filtered ? ", and may write to nothing" : "; this kernel has no filters of system calls");
	return 0;
}

int live_slice(struct live *live, struct snapshot *whole, uint64_t end_ns)
{
	if (history_add(live->history, whole, end_ns)) {
		complain("out of memory");
		return -1;
	}
	live->view->added(live);
	return 0;
}

int live_end(struct live *live, const struct snapshot *whole, uint64_t end_ns)
{
	struct snapshot *copy = snapshot_copy(whole);

	if (!copy || history_add(live->history, copy, end_ns)) {
		complain("out of memory");
		return -1;
	}
	live->tracer = NULL;
	history_end(live->history);
	live->view->added(live);
	live->view->ended(live);
	return 0;
}

void live_ready(struct live *live, struct watch *watch)
{
	uint64_t before = live->interval_ns;

	live->view->ready(live);
	if (live->interval_ns != before && !history_state(live->history).ended)
		watch_interval(watch, live->interval_ns);
	watch->view = live->descriptor;
}

/* What could not be had is not tried again at once. */
const struct spaces *live_spaces(struct live *live)
{
	struct spaces now;

	if (live->tracer && (!live->spaces_ns || watch_now() - live->spaces_ns >= SPACES_FRESH_NS)) {
		bool failed = spaces_collect(live->tracer, &now, SPACES_USUAL_NS);

		spaces_free(failed ? &now : &live->spaces);
		if (!failed)
			live->spaces = now;
		live->spaces_ns = watch_now();
	}
	return live->spaces.processes ? &live->spaces : NULL;
}

bool live_closed(const struct live *live)
{
	return live && live->closed;
}

static bool asked_to_end(const struct watch *watch)
{
	struct signalfd_siginfo information;
	bool asked = false;

	while (read(watch->signals, &information, sizeof(information)) == sizeof(information))
		asked |= information.ssi_signo == SIGINT || information.ssi_signo == SIGTERM ||
		         information.ssi_signo == SIGHUP || information.ssi_signo == SIGQUIT;
	return asked;
}

void live_stay(struct live *live, struct watch *watch)
{
	if (!live)
		return;
	watch->other = -1;
	watch->view = live->descriptor;
	if (live->view->stays && !live->closed)
		live->view->stays(live);
	while (!live->closed) {
		unsigned int events = watch_wait(watch, -1);

		if (events & WATCH_SIGNAL && asked_to_end(watch))
			return;
		if (events & WATCH_VIEW)
			live_ready(live, watch);
	}
}

void live_close(struct live *live)
{
	if (!live || !live->history)
		return;
	live->view->close(live);
	history_free(live->history);
	live->history = NULL;
	spaces_free(&live->spaces);
}
