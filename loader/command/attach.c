// SPDX-License-Identifier: MIT
/* Check, start, attach, watch, report. */
#include "command/attach.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "command/complain.h"
#include "command/live.h"
#include "command/prepare.h"
#include "command/series.h"
#include "command/site_files.h"
#include "command/space.h"
#include "command/watch.h"
#include "trace/attach.h"
#include "machine/privilege.h"
#include "process/running.h"
#include "trace/sizes.h"

#define LOOK_MS 20 /* how often to look whether something has come to be selected */

struct session {
	const struct options *options;
	struct tracer tracer;
	struct attach attach;
	struct series series;
	struct watch watch;
	uint64_t cgroups[MOST_WANTED];
	int ends;      /* epoll of the targets' pidfds */
	size_t living; /* of them */
	bool asked;    /* to end everything, also what would stay */
};

/* Everything that can be wrong with what the user named, before anything is started. */
static int check_wanted(struct session *session)
{
	const struct wanted *wanted = &session->options->wanted;
	char error[RUNNING_ERROR];

	for (size_t i = 0; i < wanted->pid_count; i++) {
		int descriptor = running_open(wanted->pids[i], error);
		struct epoll_event end = {.events = EPOLLIN, .data.fd = descriptor};

		if (descriptor < 0) {
			complain("%s", error);
			return -1;
		}
		if (epoll_ctl(session->ends, EPOLL_CTL_ADD, descriptor, &end)) {
			complain("can't watch process %d: %s", wanted->pids[i], strerror(errno));
			return -1;
		}
		session->living++;
	}
	for (size_t i = 0; i < wanted->cgroup_count; i++) {
		if (running_cgroup(wanted->cgroups[i], &session->cgroups[i], error)) {
			complain("%s", error);
			return -1;
		}
	}
	return 0;
}

/* Whether something that does not run yet can come to be traced, other than as a child. */
static bool may_arrive(const struct wanted *wanted)
{
	return wanted->name_count || wanted->cgroup_count;
}

static char **copy_strings(const char *const *strings, size_t count)
{
	char **copy = calloc(count + 1, sizeof(*copy));

	for (size_t i = 0; copy && i < count; i++)
		copy[i] = strdup(strings[i]);
	return copy;
}

static int describe(void *context, struct snapshot *snapshot)
{
	struct session *session = context;
	const struct wanted *wanted = &session->options->wanted;
	struct attachment *to = &snapshot->attachment;

	snapshot->pid = wanted->pid_count ? wanted->pids[0] : 0;
	snapshot->wall_ns = watch_now() - session->series.start_ns;
	snapshot->totals.user_ns = snapshot->totals.system_ns = UNKNOWN;
	snapshot->totals.max_rss_bytes = UNKNOWN;
	to->all = wanted->all;
	to->tasks = session->attach.tasks;
	to->unreadable = session->attach.unreadable;
	to->names = copy_strings(wanted->names, wanted->name_count);
	to->cgroups = copy_strings(wanted->cgroups, wanted->cgroup_count);
	to->pids = calloc(wanted->pid_count + 1, sizeof(*to->pids));
	if (!to->names || !to->cgroups || !to->pids)
		return -1;
	for (to->pid_count = 0; to->pid_count < wanted->pid_count; to->pid_count++)
		to->pids[to->pid_count] = wanted->pids[to->pid_count];
	return 0;
}

/* What the user named and does not run: "no process is called A, or called B, or in cgroup C". */
static void name_wanted(const struct wanted *wanted, char text[], size_t size)
{
	size_t used = snprintf(text, size, "no process is");
	const char * or = "";

	for (size_t i = 0; i < wanted->name_count && used < size; i++, or = ", or")
		used += snprintf(text + used, size - used, "%s called %s", or, wanted->names[i]);
	for (size_t i = 0; i < wanted->cgroup_count && used < size; i++, or = ", or")
		used += snprintf(text + used, size - used, "%s in cgroup %s", or, wanted->cgroups[i]);
}

/* Nothing runs yet that could be traced. What may come is waited for, and that is said: a name is soon mistyped. */
static int nothing_yet(const struct wanted *wanted)
{
	char text[512];

	if (!may_arrive(wanted)) {
		complain("%s ended before it could be attached to",
		    wanted->pid_count == 1 ? "the process" : "all of the processes");
		return -1;
	}
	name_wanted(wanted, text, sizeof(text));
	complain("%s yet: waiting for one", text);
	return 0;
}

static int nothing_at_all(const struct wanted *wanted)
{
	char text[512];

	name_wanted(wanted, text, sizeof(text));
	complain("nothing was traced: %s", text);
	return EXIT_FAILED;
}

static size_t mappings_of(const struct wanted *wanted)
{
	size_t sum = 0;

	for (size_t i = 0; i < wanted->pid_count; i++)
		sum += running_mappings(wanted->pids[i]);
	return sum;
}

static int start(struct session *session)
{
	const struct options *options = session->options;
	const struct wanted *wanted = &options->wanted;
	struct attach_request request = {
	    .processes = wanted->pids,
	    .process_count = wanted->pid_count,
	    .names = wanted->names,
	    .name_count = wanted->name_count,
	    .cgroups = session->cgroups,
	    .cgroup_count = wanted->cgroup_count,
	    .all = wanted->all,
	    .only_itself = options->only_itself,
	};
	char error[TRACER_ERROR];

	session->tracer.attaches = true;
	session->tracer.mappings = wanted->all || may_arrive(wanted) ? SIZES_MANY : mappings_of(wanted);
	if (prepare_tracer(&session->tracer, options))
		return -1;
	site_files_expect_running(&session->tracer, wanted);
	if (series_start(&session->series, options->interval_ns)) {
		complain("can't prepare: %s", strerror(errno));
		return -1;
	}
	if (live_start(options->live, &session->tracer))
		return -1;
	if (attach_start(&session->attach, &session->tracer, &request, error)) {
		complain("can't attach: %s", error);
		return -1;
	}
	if (options->verbose)
		complain("attached to %zu tasks", session->attach.tasks);
	if (attach_found_any(&session->attach))
		return 0;
	if (options->spaces) {
		nothing_at_all(wanted);
		return -1;
	}
	return nothing_yet(wanted);
}

static void count_ends(struct session *session)
{
	struct epoll_event end;

	while (epoll_wait(session->ends, &end, 1, 0) == 1) {
		epoll_ctl(session->ends, EPOLL_CTL_DEL, end.data.fd, NULL);
		close(end.data.fd);
		session->living--;
	}
}

/* Until the time is over, somebody says stop, or nothing is left that could be traced. 0, or -1 after complaining. */
static int watch(struct session *session)
{
	const struct wanted *wanted = &session->options->wanted;
	struct live *live = session->options->live;
	bool arrivals = may_arrive(wanted);
	char error[TRACER_ERROR];

	if (watch_start(&session->watch, session->options, &session->tracer)) {
		complain("can't measure the time: %s", strerror(errno));
		return -1;
	}
	if (live_confine(live, session->options))
		return -1;
	session->watch.other = session->ends;
	session->watch.view = live ? live->descriptor : -1;
	for (;;) {
		unsigned int events = watch_wait(&session->watch, arrivals ? LOOK_MS : -1);

		if (events & WATCH_OTHER)
			count_ends(session);
		if (events & WATCH_VIEW)
			live_ready(live, &session->watch);
		if (events & WATCH_SIGNAL || live_closed(live))
			session->asked = true;
		if (session->asked || events & WATCH_DURATION)
			return 0;
		if (wanted->pid_count && !session->living && !arrivals)
			return 0;
		if (arrivals && attach_again(&session->attach, error)) {
			complain("can't attach: %s", error);
			return -1;
		}
		if (events & WATCH_INTERVAL && series_interval(&session->series))
			return -1;
	}
}

static int trace(struct session *session)
{
	const struct options *options = session->options;
	int failed = start(session);

	if (!failed)
		failed = options->spaces ? space_write(&session->tracer, &session->series.report, options->spaces)
		                         : watch(session);
	watch_stop(&session->watch);
	if (options->spaces) {
		if (session->tracer.skeleton)
			tracer_stop(&session->tracer);
		return failed ? EXIT_FAILED : 0;
	}
	if (session->tracer.skeleton)
		series_stop(&session->series);
	if (!failed && !attach_found_any(&session->attach))
		return nothing_at_all(&options->wanted);
	return failed || series_end(&session->series) ? EXIT_FAILED : 0;
}

/* From here on who says stop gets a report, also while all is being prepared. 0, or -1 after complaining. */
static int take_signals(struct watch *watch)
{
	/* Not SIGCHLD: we have no children; nor what only a command would know what to do with. */
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

	signal(SIGPIPE, SIG_IGN);
	if (!watch_open(watch, signals, sizeof(signals) / sizeof(signals[0])))
		return 0;
	complain("can't prepare: %s", strerror(errno));
	return -1;
}

int attach_command(const struct options *options)
{
	struct session session = {.options = options,
	    .ends = epoll_create1(EPOLL_CLOEXEC),
	    .watch = {-1, -1, -1, -1, -1, {.descriptor = -1}}};
	int status;

	if (check_wanted(&session) || take_signals(&session.watch) || series_open(&session.series, options))
		return EXIT_FAILED;
	if (live_open(options->live, options)) {
		series_abandon(&session.series);
		return EXIT_FAILED;
	}
	session.series.tracer = &session.tracer;
	session.series.describe = describe;
	session.series.context = &session;
	status = trace(&session);
	if (status)
		series_abandon(&session.series);
	tracer_close(&session.tracer);
	if (!status && !session.asked)
		live_stay(options->live, &session.watch);
	return status;
}
