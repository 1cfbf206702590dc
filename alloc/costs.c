// SPDX-License-Identifier: MIT
/*
 * costs: the handshake with a tracer and the pointer to what it gave. The descriptor is closed as soon as it is mapped,
 * so the program's own descriptor numbers do not shift.
 */
#include "costs.h"

#include <string.h>

#include "lock.h"
#include "metadata.h"
#include "options.h"
#include "os.h"
#include "publish.h"

#define PATH_MOST 108 /* of a socket's */

/* Who is asked later: by a name of our own, for a program may write over its environment. */
struct awaited {
	int process;
	char socket[PATH_MOST];
};

COMPACT bool costs_awaited;
static COMPACT struct awaited *awaited;
static COMPACT struct lock lock;
static COMPACT struct hakmem_costs *costs;

static bool plausible(const struct hakmem_costs_reply *reply)
{
	return reply->magic == HAKMEM_COSTS_MAGIC && reply->version == HAKMEM_MAP_VERSION && reply->status == 0 &&
	       reply->size >= sizeof(struct hakmem_costs) && reply->size <= 64 * MIB && reply->offset % PAGE_SIZE == 0;
}

/* At a path that begins with a slash, or an abstract name. */
static bool connect_to(const char *socket)
{
	struct hakmem_costs_request request = {
	    .magic = HAKMEM_COSTS_MAGIC, .version = HAKMEM_MAP_VERSION, .map = (uintptr_t)&hakmem_map};
	struct hakmem_costs_reply reply = {.magic = 0};
	int descriptor = os_request_descriptor(socket, &request, sizeof(request), &reply, sizeof(reply));
	struct hakmem_costs *mapped;

	if (descriptor < 0)
		return false;
	/* An implausible reply maps nothing: size 0 fails, and the descriptor is closed all the same. */
	mapped = os_map_descriptor(descriptor, reply.offset, plausible(&reply) ? reply.size : 0);
	if (mapped == NULL)
		return false;
	if (mapped->magic != HAKMEM_COSTS_MAGIC || mapped->version != HAKMEM_MAP_VERSION) {
		os_unmap(mapped, reply.size);
		return false;
	}
	__atomic_store_n(&costs, mapped, __ATOMIC_RELEASE);
	return true;
}

/* In a sandbox from the start on it is now or never: what that forbids later can't be told from what it does now. */
static void await(const char *socket)
{
	size_t length = strlen(socket);

	if (length >= PATH_MOST || option_value(OPTION_HARDENED) != 0 || !os_file_exists(socket))
		return;
	if (os_is_sandboxed()) {
		connect_to(socket);
		return;
	}
	awaited = metadata_allocate(sizeof(*awaited));
	if (awaited == NULL)
		return;
	memcpy(awaited->socket, socket, length + 1);
	awaited->process = os_process_id();
	__atomic_store_n(&costs_awaited, true, __ATOMIC_RELEASE);
}

/* A tracer that has started this process is asked first, unless HAKMEM_ASSIST names another one. */
void costs_start(char **environment, bool secure)
{
	const char *tracer = secure ? NULL : options_find(environment, HAKMEM_COSTS_ENV);

	if (option_value(OPTION_ASSIST) == ASSIST_PATH)
		await(options_find(environment, "HAKMEM_ASSIST"));
	else if (tracer != NULL)
		connect_to(tracer);
	else if (option_value(OPTION_ASSIST) == ASSIST_AUTO)
		await(HAKMEM_ASSIST_PATH);
}

/* Whoever forks or asks already is not waited for. */
bool costs_ask(void)
{
	bool given = false;

	if (!lock_try(&lock))
		return false;
	if (costs_awaited && os_process_id() == awaited->process) {
		__atomic_store_n(&costs_awaited, false, __ATOMIC_RELAXED);
		given = !os_is_sandboxed() && connect_to(awaited->socket);
	}
	lock_give(&lock);
	return given;
}

void costs_lock(void)
{
	lock_take(&lock);
}

void costs_unlock(void)
{
	lock_give(&lock);
}

void costs_reset_lock(void)
{
	lock_reset(&lock);
}

void costs_drop(void)
{
	costs = NULL;
	costs_awaited = false;
}

void costs_clear(size_t index)
{
	struct hakmem_costs *mapped = __atomic_load_n(&costs, __ATOMIC_ACQUIRE);

	if (mapped != NULL)
		mapped->cost[index] = (struct hakmem_cost){.faults = 0};
}

struct hakmem_decisions *costs_decisions(void)
{
	struct hakmem_costs *mapped = __atomic_load_n(&costs, __ATOMIC_ACQUIRE);

	return mapped == NULL ? NULL : &mapped->decisions;
}

bool costs_read(size_t index, struct hakmem_cost *cost)
{
	struct hakmem_costs *mapped = __atomic_load_n(&costs, __ATOMIC_ACQUIRE);

	if (mapped == NULL)
		return false;
	*cost = mapped->cost[index];
	return true;
}
