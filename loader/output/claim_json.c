// SPDX-License-Identifier: MIT
/*
 * One JSON object, schema hakmem-claim/1: the claim, its parts with what each is from, and the whole experiment. Field
 * names are a public interface (docs/validate.md). What is unmeasured, and an end that is open, is null.
 */
#include "output/claim_output.h"
#include "output/experiment_json.h"
#include "output/json_value.h"

#define SCHEMA "hakmem-claim/1"

static json_t *method_of(const struct claim_part *part)
{
	static const char *const names[] = {
	    [METHOD_UNKNOWN] = NULL,
	    [METHOD_EXACT] = "exact",
	    [METHOD_EXACT_BUT] = "exact",
	    [METHOD_UPPER_BOUND] = "upper bound",
	    [METHOD_ESTIMATE] = "estimate",
	    [METHOD_SAMPLED] = "sampled",
	};

	return json_value_string(names[part->method]);
}

/* What the figures are in: a ratio and a share have no unit. */
static const char *unit_of(const struct claim_part *part)
{
	static const char *const names[] = {
	    [UNIT_NONE] = NULL, [UNIT_SECONDS] = "s", [UNIT_BYTES] = "bytes", [UNIT_COUNT] = "count"};

	if (part->kind == CLAIM_SHARE)
		return "share";
	return part->kind == CLAIM_FIGURE ? names[measures[part->measure].unit] : "ratio";
}

static json_t *part_of(const struct claim_part *part, const struct experiment *experiment)
{
	bool ratio = part->kind == CLAIM_EFFECT || part->kind == CLAIM_SAME;
	const char *of = part->kind == CLAIM_SHARE ? claim_shares[part->share].name : measures[part->measure].name;

	return json_pack("{s:o, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:o, s:o, s:s, s:o}", "claim",
	    json_value_string(part->text), "kind", claim_kind_name(part->kind), "of", of, "unit",
	    json_value_string(unit_of(part)), "sense", json_value_string(ratio ? claim_sense_name(part->sense) : NULL),
	    "arm", json_value_string(experiment->arms[part->arm].name), "baseline",
	    json_value_string(ratio ? experiment->arms[0].name : NULL), "expected",
	    json_value_interval(&part->expected), "measured", json_value_number(part->measured), "interval",
	    json_value_interval(&part->interval), "runs", (json_int_t)part->runs, "method", method_of(part), "needed",
	    json_value_number(part->needed), "verdict", claim_verdict_name(part->verdict), "evidence",
	    json_value_string(part->evidence));
}

int claim_json(const struct claim *claim, const struct experiment *experiment, FILE *file)
{
	json_t *parts = json_array();

	for (size_t i = 0; i < claim->part_count; i++)
		json_value_append(&parts, part_of(&claim->parts[i], experiment));
	return json_value_write(
	    json_pack("{s:s, s:o, s:o, s:s, s:I, s:o, s:o, s:o}", "schema", SCHEMA, "name",
	        json_value_string(claim->name), "claim", json_value_string(claim->text), "verdict",
	        claim_verdict_name(claim->verdict), "corrected_for", (json_int_t)claim->corrected_for, "words",
	        json_value_string(claim->words), "parts", parts, "experiment", experiment_to_json(experiment)),
	    file);
}
