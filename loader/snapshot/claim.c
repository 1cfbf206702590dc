// SPDX-License-Identifier: MIT
/* Life of a claim, and what its kinds are called. See claim.h. */
#include "snapshot/claim.h"

#include <stdlib.h>
#include <string.h>

const struct share_description claim_shares[SHARE_COUNT] = {
    [SHARE_ZEROING] = {"zeroing", "zeroing", "the processor time"},
    [SHARE_FAULT_TIME] = {"fault-time", "page faults (zeroing included)", "the processor time"},
    [SHARE_RECYCLABLE] = {"recyclable", "what recycling memory could save", "the faults"},
    [SHARE_METADATA] = {"metadata", "the allocator's own metadata", "the faults"},
    [SHARE_MALLOC] = {"malloc", "malloc's memory", "the faults"},
    [SHARE_BEFORE_MAIN] = {"before-main", "what comes before main", "the faults"},
};

const char *claim_kind_name(enum claim_kind kind)
{
	static const char *const names[] = {
	    [CLAIM_EFFECT] = "effect",
	    [CLAIM_SAME] = "same",
	    [CLAIM_FIGURE] = "figure",
	    [CLAIM_SHARE] = "share",
	};

	return names[kind];
}

const char *claim_sense_name(enum claim_sense sense)
{
	static const char *const names[] = {
	    [SENSE_RATIO] = "ratio", [SENSE_FASTER] = "faster", [SENSE_SLOWER] = "slower"};

	return names[sense];
}

const char *claim_verdict_name(enum claim_verdict verdict)
{
	static const char *const names[] = {
	    [CLAIM_CONFIRMED] = "confirmed",
	    [CLAIM_INCONCLUSIVE] = "inconclusive",
	    [CLAIM_REFUTED] = "refuted",
	};

	return names[verdict];
}

struct claim *claim_new(void)
{
	struct claim *claim = calloc(1, sizeof(*claim));

	if (claim)
		claim->runs = claim->traced = UINT32_MAX;
	return claim;
}

void claim_free(struct claim *claim)
{
	if (!claim)
		return;
	for (size_t i = 0; i < claim->part_count; i++) {
		free(claim->parts[i].text);
		free(claim->parts[i].evidence);
	}
	for (size_t i = 0; i < claim->arm_count; i++)
		arm_free(&claim->arms[i]);
	strings_free(claim->command);
	free(claim->parts);
	free(claim->arms);
	free(claim->metric);
	free(claim->name);
	free(claim->text);
	free(claim->words);
	free(claim);
}

struct claim_part *claim_add_part(struct claim *claim)
{
	struct claim_part *grown = reallocarray(claim->parts, claim->part_count + 1, sizeof(*grown));

	if (!grown)
		return NULL;
	claim->parts = grown;
	grown += claim->part_count++;
	*grown = (struct claim_part){
	    .expected = {0, INFINITY},
	    .measured = NAN,
	    .interval = {NAN, NAN},
	    .needed = NAN,
	    .verdict = CLAIM_INCONCLUSIVE,
	};
	return grown;
}

int claim_add_arm(struct claim *claim, const struct arm *arm)
{
	struct arm *grown = reallocarray(claim->arms, claim->arm_count + 1, sizeof(*grown));

	if (!grown)
		return -1;
	claim->arms = grown;
	return arm_copy(&grown[claim->arm_count++], arm);
}

enum claim_verdict claim_worst(const struct claim *claim)
{
	enum claim_verdict worst = CLAIM_CONFIRMED;

	for (size_t i = 0; i < claim->part_count; i++)
		if (claim->parts[i].verdict > worst)
			worst = claim->parts[i].verdict;
	return worst;
}
