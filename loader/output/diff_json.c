// SPDX-License-Identifier: MIT
/* A difference as one JSON object, schema hakmem-diff/1 (docs/diff.md): every row, also of what did not change. */
#include "output/diff_output.h"

#include "output/json_value.h"

static json_t *change_object(const struct diff_change *change)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:s}", "before", json_value_number(change->before), "after",
	    json_value_number(change->after), "change", json_value_number(change->change), "interval",
	    isnan(change->interval.low) ? json_null() : json_value_interval(&change->interval), "p",
	    json_value_number(change->p), "verdict", diff_verdict_name(change->verdict));
}

static json_t *side_object(const struct diff_side *side)
{
	return json_pack("{s:o, s:o, s:o}", "files", json_value_string(side->files), "command",
	    json_value_string(side->command[0] ? side->command : NULL), "runs", json_value_count(side->runs));
}

static json_t *totals_object(const struct diff *diff)
{
	json_t *object = json_object();

	for (size_t i = 0; i < diff->total_count; i++)
		json_value_put(&object, diff->totals[i].name, change_object(&diff->totals[i].change));
	return object;
}

static json_t *row_object(enum diff_kind kind, const struct diff_row *row)
{
	json_t *object = json_object();

	if (kind == DIFF_FUNCTIONS) {
		json_value_put(&object, "function", json_value_string(row->name[0] ? row->name : NULL));
		json_value_put(&object, "object", json_value_string(row->object[0] ? row->object : NULL));
	} else {
		json_value_put(
		    &object, "region", json_value_string(row->region < REGION_COUNT ? region_name(row->region) : NULL));
		if (kind != DIFF_REGIONS)
			json_value_put(&object, "detail", json_value_string(row->name));
	}
	if (kind == DIFF_STACKS)
		json_value_put(&object, "frames", json_value_strings(row->frames));
	json_value_put(&object, "faults", change_object(&row->changes[STACK_VALUE_FAULTS]));
	json_value_put(&object, "zeroed_bytes", change_object(&row->changes[STACK_VALUE_ZEROED]));
	json_value_put(&object, "fault_ns", change_object(&row->changes[STACK_VALUE_TIME]));
	return object;
}

static json_t *table_array(const struct diff *diff, enum diff_kind kind, const struct diff_output_options *options)
{
	const struct diff_table *table = &diff->tables[kind];
	size_t shown = options->top && options->top < table->count ? options->top : table->count;
	json_t *array;

	if (!table->known || !options->kinds[kind])
		return json_null();
	array = json_array();
	for (size_t i = 0; i < shown; i++)
		json_value_append(&array, row_object(kind, &table->rows[i]));
	return array;
}

int diff_json_write(const struct diff *diff, const struct diff_output_options *options, FILE *file)
{
	return json_value_write(
	    json_pack("{s:s, s:o, s:o, s:o, s:b, s:b, s:o, s:o, s:o, s:o, s:o}", "schema", "hakmem-diff/1", "a",
	        side_object(&diff->sides[0]), "b", side_object(&diff->sides[1]), "cautions",
	        json_value_strings(diff->cautions), "noise_known", diff->noise_known, "same", diff->same, "totals",
	        totals_object(diff), "regions", table_array(diff, DIFF_REGIONS, options), "details",
	        table_array(diff, DIFF_DETAILS, options), "functions", table_array(diff, DIFF_FUNCTIONS, options),
	        "stacks", table_array(diff, DIFF_STACKS, options)),
	    file);
}
