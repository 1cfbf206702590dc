// SPDX-License-Identifier: MIT
/* Address spaces as JSON: field names are a public interface (docs/json.md). Unmeasured is null. */
#include "output/spaces_output.h"

#include <inttypes.h>

#include "output/decision_text.h"
#include "output/json_value.h"

#define SCHEMA "hakmem-spaces/1"

/* Every function returns a new reference; NULL, when out of memory, spoils the object it is put into. */

static uint64_t touched(const struct spaces_range *range, size_t slab)
{
	return range->parts[slab] == UNKNOWN ? UNKNOWN : range->parts[slab] / 4096;
}

static json_t *super_slab(const struct spaces_range *range)
{
	json_t *slabs;

	if (!range->slabs)
		return json_null();
	slabs = json_array();
	for (size_t i = 0; i < SPACES_SLABS; i++) {
		const struct spaces_slab *slab = &range->slabs[i];
		bool blocks = slab->holds == SLAB_HOLDS_BLOCKS;

		json_value_append(
		    &slabs, json_pack("{s:o, s:s, s:o, s:o, s:o}", "class",
		                json_value_count(blocks ? slab->block_bytes : UNKNOWN), "holds",
		                slab_holds_name(slab->holds), "blocks", json_value_count(slab->blocks), "used",
		                json_value_count(slab->used), "touched", json_value_count(touched(range, i))));
	}
	return json_pack("{s:o}", "slabs", slabs);
}

static json_t *range_object(const struct spaces_range *range)
{
	json_t *parts = json_array();

	for (size_t i = 0; i < spaces_range_parts(range); i++)
		json_value_append(&parts, json_value_count(range->parts[i]));
	return json_pack("{s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "start",
	    json_sprintf("0x%" PRIx64, range->start), "bytes", json_value_count(range->bytes), "region",
	    region_name(range->region), "detail", json_value_string(range->detail), "resident_bytes",
	    json_value_count(range->resident_bytes), "faults", json_value_count(range->faults), "zeroed_bytes",
	    json_value_count(range->zeroed_bytes), "part_bytes", json_value_count(range->part_bytes), "parts", parts,
	    "super_slab", super_slab(range));
}

static json_t *process_object(const struct spaces_process *process)
{
	json_t *ranges = json_array();

	for (size_t i = 0; i < process->range_count; i++)
		json_value_append(&ranges, range_object(&process->ranges[i]));
	return json_pack("{s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:{s:o, s:o, s:o}}", "pid", (json_int_t)process->pid,
	    "comm", json_value_string(process->comm), "cannot", json_value_string(process->cannot), "bytes",
	    json_value_count(process->bytes), "resident_bytes", json_value_count(process->resident_bytes), "ranges",
	    ranges, "decisions", decisions_json(&process->decisions), "others", "ranges",
	    json_value_count(process->others.ranges), "bytes", json_value_count(process->others.bytes),
	    "resident_bytes", json_value_count(process->others.resident_bytes));
}

static json_t *processes(const struct spaces *spaces)
{
	json_t *array = json_array();

	for (size_t i = 0; i < spaces->process_count; i++)
		json_value_append(&array, process_object(&spaces->processes[i]));
	return array;
}

int spaces_json(const struct spaces *spaces, FILE *file)
{
	return json_value_write(
	    json_pack("{s:s, s:o, s:o, s:{s:o, s:o}}", "schema", SCHEMA, "took_ns", json_value_count(spaces->took_ns),
	        "processes", processes(spaces), "others", "processes", json_value_count(spaces->other_processes),
	        "resident_bytes", json_value_count(spaces->other_resident_bytes)),
	    file);
}

char *spaces_json_processes(const struct spaces *spaces)
{
	json_t *array = processes(spaces);
	char *text = array ? json_dumps(array, JSON_COMPACT) : NULL;

	json_decref(array);
	return text;
}
