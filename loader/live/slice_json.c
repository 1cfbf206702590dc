// SPDX-License-Identifier: MIT
/* See slice_json.h. */
#include "live/slice_json.h"

#include "output/json_value.h"

static json_t *figures(const struct counts *counts)
{
	return json_pack("{s:o, s:o, s:o, s:o}", "faults", json_value_count(counts->faults), "major",
	    json_value_count(counts->major), "zeroed_bytes", json_value_count(counts->zeroed_bytes), "fault_ns",
	    json_value_count(counts->fault_ns));
}

/* Those in which anything happened. */
static json_t *regions(const struct snapshot *snapshot)
{
	json_t *object = json_object();
	struct counts sums[REGION_COUNT] = {0};
	bool any[REGION_COUNT] = {false};

	for (size_t i = 0; i < snapshot->region_count; i++) {
		counts_add(&sums[snapshot->regions[i].region], &snapshot->regions[i].counts);
		any[snapshot->regions[i].region] = true;
	}
	for (enum region region = 0; region < REGION_COUNT; region++)
		if (any[region])
			json_value_put(&object, region_name(region), figures(&sums[region]));
	return object;
}

static json_t *lacks(unsigned int lacks)
{
	json_t *array = json_array();

	if (lacks & HISTORY_LACKS_STACKS)
		json_value_append(&array, json_string("stacks"));
	if (lacks & HISTORY_LACKS_PROCESSES)
		json_value_append(&array, json_string("processes"));
	return array;
}

json_t *slice_json(const struct history_slice *slice)
{
	const struct snapshot *counts = slice->counts;

	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "number",
	    json_value_count(slice->number), "first", json_value_count(slice->first), "start_ns",
	    json_value_count(slice->start_ns), "end_ns", json_value_count(slice->end_ns), "totals",
	    figures(&counts->totals.counts), "regions", regions(counts), "own_ns",
	    json_value_count(counts->totals.own_ns), "traced_ns", json_value_count(counts->totals.traced_ns), "lost",
	    json_value_count(counts->totals.lost), "lacks", lacks(slice->lacks));
}
