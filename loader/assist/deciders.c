// SPDX-License-Identifier: MIT
#include "assist/deciders.h"

#include <poll.h>
#include <stdlib.h>

#include "trace.skel.h"
#include "process/memory.h"
#include "process/published.h"
#include "trace/records.h"
#include "process/told_decisions.h"

#define MEMORIES_MOST 256 /* processes whose memory is looked at */

static int add(
    struct deciders *deciders, pid_t process, const char *comm, const struct hakmem_decisions *told, bool running)
{
	struct decider decider = {.pid = process, .running = running};

	if (told_decisions(told, &decider.decisions)) {
		decisions_free(&decider.decisions);
		return -1;
	}
	return decider.decisions.count ? deciders_add(deciders, comm, &decider) : 0;
}

int deciders_look(struct deciders *deciders, const struct cost_table *table, bool running)
{
	struct cost_area *area = malloc(sizeof(*area));
	int result = area ? cost_table_read(table, area) : -1;

	if (!result)
		result = add(deciders, table->process, table->comm, &area->costs.decisions, running);
	free(area);
	return result;
}

static bool has_ended(const struct cost_table *table)
{
	struct pollfd ready = {.fd = table->end, .events = POLLIN};

	return poll(&ready, 1, 0) != 0;
}

static int add_tables(const struct cost_tables *tables, struct deciders *deciders)
{
	for (size_t i = 0; i < tables->count; i++)
		if (deciders_look(deciders, &tables->tables[i], !has_ended(&tables->tables[i])))
			return -1;
	return 0;
}

/* Whose memory can't be read, or has no such map, decides nothing that is known. */
static int add_memory(const struct traced_process *process, struct hakmem_map *map, struct deciders *deciders)
{
	struct hakmem_decisions told;
	struct memory memory;
	int result = 0;

	if (!memory_open(&memory, process->process) && !published_read(&memory, process->map, map) &&
	    !told_decisions_read(map, memory_read, &memory, &told))
		result = add(deciders, process->process, process->comm, &told, true);
	memory_close(&memory);
	return result;
}

static int add_memories(struct tracer *tracer, struct deciders *deciders)
{
	struct hakmem_map *map = malloc(sizeof(*map));
	struct records records = {};
	size_t looks = 0;
	int result = map && !records_read(&records, tracer->skeleton->progs.tell_traced, 0) ? 0 : -1;

	for (size_t i = 0; !result && i < records.size / sizeof(struct traced_process); i++) {
		struct traced_process process = ((struct traced_process *)records.bytes)[i];

		process.comm[sizeof(process.comm) - 1] = '\0';
		if (!process.process || !process.map ||
		    (tracer->cost_tables && cost_tables_find(tracer->cost_tables, process.process)))
			continue;
		if (looks++ == MEMORIES_MOST)
			break;
		result = add_memory(&process, map, deciders);
	}
	free(records.bytes);
	free(map);
	return result;
}

int deciders_collect(struct tracer *tracer, struct deciders *deciders)
{
	if (!tracer->skeleton)
		return -1;
	if (tracer->ended_deciders && deciders_copy(deciders, tracer->ended_deciders))
		return -1;
	if (tracer->cost_tables && add_tables(tracer->cost_tables, deciders))
		return -1;
	return add_memories(tracer, deciders);
}
