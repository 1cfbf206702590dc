// SPDX-License-Identifier: MIT
/* The parts together, and who is admitted: every process that lives and is who it seems, while there is room. */
#include "assist/assist.h"

#include <errno.h>
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include "machine/refusal.h"

/* Descriptors of a client: its table, its end, its event; and another one of the table until that is entered. */
#define DESCRIPTORS_EACH 4
#define DESCRIPTORS_MORE 128

static int admit(void *context, struct cost_table *wanted, const struct hakmem_costs_request *request)
{
	struct assist *assist = context;

	if (assist->counter.count == assist->counter.most)
		return ENOSPC;
	wanted->key = range_counter_admit(&assist->counter, wanted->process, wanted->user, request->map);
	return wanted->key ? 0 : EPERM;
}

static void given(void *context)
{
	struct assist *assist = context;

	range_timing_greet(&assist->timing);
}

static void left(void *context, const struct cost_table *table)
{
	struct assist *assist = context;

	range_counter_leave(&assist->counter, table->key);
}

/* A limit that can't be raised makes the server deaf for moments (cost_server.c), no more. */
static void allow_descriptors(size_t clients)
{
	rlim_t wanted = clients * DESCRIPTORS_EACH + sysconf(_SC_NPROCESSORS_CONF) + DESCRIPTORS_MORE;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur >= wanted)
		return;
	limit.rlim_cur = wanted;
	if (limit.rlim_max < wanted)
		limit.rlim_max = wanted;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static int listen_at(struct assist *assist, const struct assist_options *options, char error[ASSIST_ERROR])
{
	const struct cost_rules rules = {
	    .admit = admit,
	    .given = given,
	    .left = left,
	    .context = assist,
	    .most_each = (options->clients + 1) / 2,
	};
	int listener = assist_socket_open(options->path, error);

	if (listener < 0)
		return -1;
	if (!cost_server_open(&assist->server, listener, &assist->tables, &rules))
		return 0;
	close(listener);
	return refusal_say(error, "preparing to serve", errno);
}

int assist_open(struct assist *assist, const struct assist_options *options, char error[ASSIST_ERROR])
{
	*assist = (struct assist){.server.poll = -1, .timing.descriptor = -1};
	allow_descriptors(options->clients);
	if (range_counter_load(&assist->counter, options->clients, options->verbose, error) ||
	    range_check(&assist->counter, &assist->price, error))
		return -1;
	range_counter_detach(&assist->counter);
	if (cost_tables_open(&assist->tables, range_counter_tables(&assist->counter), options->clients) ||
	    range_timing_start(&assist->timing, &assist->counter, &assist->price, options->max_overhead))
		return refusal_say(error, "preparing to serve", errno);
	return listen_at(assist, options, error);
}

int assist_serve(struct assist *assist, int other)
{
	struct pollfd ready[] = {
	    {.fd = assist->server.poll, .events = POLLIN},
	    {.fd = assist->timing.descriptor, .events = POLLIN},
	    {.fd = other, .events = POLLIN},
	};

	if (poll(ready, sizeof(ready) / sizeof(ready[0]), -1) < 0)
		return errno == EINTR ? 0 : -1;
	if (ready[0].revents)
		cost_server_serve(&assist->server);
	if (ready[1].revents)
		range_timing_tick(&assist->timing);
	return ready[2].revents != 0;
}

void assist_close(struct assist *assist)
{
	cost_server_close(&assist->server);
	range_timing_stop(&assist->timing);
	cost_tables_close(&assist->tables);
	range_counter_close(&assist->counter);
}
