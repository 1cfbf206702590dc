// SPDX-License-Identifier: MIT
#include "recording/json_decisions_in.h"

#include "snapshot/decisions.h"

static void read_decision(const json_t *row, struct decisions *into, struct json_problem *problem)
{
	const char *lever = json_string_value(json_object_get(row, "lever"));
	const char *reason = json_string_value(json_object_get(row, "reason"));
	struct decision decision = {
	    .value = json_count(row, "value", problem),
	    .changes = json_count(row, "changes", problem),
	};

	if (!lever || !decision_lever_find(lever, &decision.lever)) {
		json_wrong(problem, "there is no lever '%s'", lever ? lever : "");
		return;
	}
	if (decision.lever == LEVER_PREFAULT)
		decision.block_bytes = json_count(row, "class", problem);
	if (decision.lever == LEVER_HUGE)
		decision.pool = json_count(row, "pool", problem);
	if (decisions_add(into, &decision, reason ? reason : ""))
		json_wrong(problem, "it has too many decisions");
}

static void read_process(const json_t *row, struct deciders *into, struct json_problem *problem)
{
	struct decider decider = {
	    .pid = json_count(row, "pid", problem), .running = json_truth(row, "running", problem) == 1};
	const char *comm = json_string_value(json_object_get(row, "comm"));
	const json_t *rows = json_rows(row, "decisions", problem);

	for (size_t i = 0; i < json_array_size(rows); i++)
		read_decision(json_array_get(rows, i), &decider.decisions, problem);
	if (deciders_add(into, comm ? comm : "", &decider))
		json_wrong(problem, "out of memory");
}

void json_decisions_read(const json_t *object, struct snapshot *snapshot, struct json_problem *problem)
{
	const json_t *decisions = json_object_get(object, "decisions"), *rows;
	struct deciders *into;

	if (!json_is_object(decisions))
		return;
	into = snapshot_deciders(snapshot);
	if (!into) {
		json_wrong(problem, "out of memory");
		return;
	}
	rows = json_rows(decisions, "processes", problem);
	into->more = json_count(decisions, "more", problem);
	into->more_unchanged = json_count(decisions, "more_unchanged", problem);
	for (size_t i = 0; i < json_array_size(rows); i++)
		read_process(json_array_get(rows, i), into, problem);
}
