// SPDX-License-Identifier: MIT
/* Field names are a public interface (docs/json.md). */
#include "output/decision_text.h"
#include "output/json_value.h"

static json_t *decision_object(const struct decision *decision)
{
	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o}", "lever", decision_lever_name(decision->lever), "value",
	    json_value_count(decision->value), "class",
	    decision->lever == LEVER_PREFAULT ? json_value_count(decision->block_bytes) : json_null(), "pool",
	    decision->lever == LEVER_HUGE ? json_value_count(decision->pool) : json_null(), "changes",
	    json_value_count(decision->changes), "reason", json_value_string(decision->reason));
}

json_t *decisions_json(const struct decisions *decisions)
{
	json_t *array = decisions->list ? json_array() : json_null();

	for (size_t i = 0; i < decisions->count; i++)
		json_value_append(&array, decision_object(&decisions->list[i]));
	return array;
}

static json_t *decider_object(const struct decider *decider)
{
	return json_pack("{s:o, s:o, s:b, s:o}", "pid", json_value_count(decider->pid), "comm",
	    json_value_string(decider->comm), "running", decider->running, "decisions",
	    decisions_json(&decider->decisions));
}

json_t *deciders_json(const struct deciders *deciders)
{
	json_t *array;

	if (!deciders)
		return json_null();
	array = json_array();
	for (size_t i = 0; i < deciders->count; i++)
		json_value_append(&array, decider_object(&deciders->list[i]));
	return json_pack("{s:o, s:o, s:o}", "processes", array, "more", json_value_count(deciders->more),
	    "more_unchanged", json_value_count(deciders->more_unchanged));
}
