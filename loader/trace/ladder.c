// SPDX-License-Identifier: MIT
/* Demands, and the best that is left. */
#include "trace/ladder.h"

#include <stdio.h>
#include <string.h>

void demand_rung(struct demand *demand, const struct rung *rung)
{
	for (enum subject subject = 0; subject < SUBJECT_COUNT; subject++)
		if (rung->provides[subject].hook)
			demand->rung[subject] = rung;
}

/* Both spellings: the option's, and the JSON report's. */
static bool is_subject(enum subject subject, const char *text, size_t length)
{
	const char *name = subject_name(subject);

	if (strlen(name) != length)
		return false;
	for (size_t i = 0; i < length; i++)
		if (text[i] != name[i] && !(text[i] == '-' && name[i] == '_'))
			return false;
	return true;
}

static const char *const lacks[SUBJECT_COUNT] = {
    [SUBJECT_FAULT] = "that rung does not count faults",
    [SUBJECT_FAULT_TIME] = "that rung does not measure how long faults take",
    [SUBJECT_ZERO] = "that rung does not count zeroing, of which a rung is required: --rung takes faults from it",
    [SUBJECT_ZERO_TIME] = "that rung does not measure how long zeroing takes",
};

const char *demand_parse(struct demand *demand, const char *text)
{
	const char *equals = strchr(text, '='), *what = equals ? equals + 1 : text;
	enum subject subject = SUBJECT_ZERO;
	const struct rung *rung;

	if (equals) {
		for (subject = 0; subject < SUBJECT_COUNT; subject++)
			if (is_subject(subject, text, equals - text))
				break;
		if (subject == SUBJECT_COUNT)
			return "the subjects are fault, fault-time, zero and zero-time";
	}
	demand->zeroing_required |= subject == SUBJECT_ZERO || subject == SUBJECT_ZERO_TIME;
	if (!strcmp(what, "exact")) {
		demand->exact[subject] = true;
		if (!equals)
			demand->exact[SUBJECT_FAULT] = true;
		return NULL;
	}
	rung = rung_find(what);
	if (!rung)
		return "it must be exact or a rung's name";
	if (!rung->provides[subject].hook)
		return lacks[subject];
	demand->rung[subject] = rung;
	return NULL;
}

/* Whether a rung that costs more than its surer figures are worth to most is what the user wants. */
static bool asked_for(const struct ladder *ladder, const struct rung *rung)
{
	for (enum subject subject = 0; subject < SUBJECT_COUNT; subject++)
		if (rung->provides[subject].hook &&
		    (ladder->demand.rung[subject] == rung || ladder->demand.exact[subject]))
			return true;
	return false;
}

static bool allowed(const struct ladder *ladder, size_t rung, enum subject subject)
{
	const struct provision *provision = &rungs[rung].provides[subject];

	return provision->hook && !ladder->out[rung][subject] &&
	       (!ladder->demand.rung[subject] || ladder->demand.rung[subject] == &rungs[rung]) &&
	       (!ladder->demand.exact[subject] || provision->method == METHOD_EXACT) &&
	       (!rungs[rung].dear || asked_for(ladder, &rungs[rung]));
}

static bool demanded(const struct ladder *ladder, enum subject subject)
{
	if (ladder->demand.no_zeroing && (subject == SUBJECT_ZERO || subject == SUBJECT_ZERO_TIME))
		return false;
	return ladder->demand.rung[subject] || ladder->demand.exact[subject];
}

static void rule_out_all(struct ladder *ladder, size_t rung, const char *reason)
{
	memset(ladder->out[rung], true, sizeof(ladder->out[rung]));
	if (!ladder->reason[rung][0])
		snprintf(ladder->reason[rung], REFUSAL_TEXT, "%s", reason);
}

/* The time of a count comes from its own hooks: a rung that lacks a demanded time can't be chosen for the count. */
static const struct rung *best(struct ladder *ladder, enum subject count, enum subject time)
{
	for (size_t i = 0; i < rung_count; i++) {
		char reason[REFUSAL_TEXT] = "";

		if (!allowed(ladder, i, count) || (demanded(ladder, time) && !allowed(ladder, i, time)))
			continue;
		if (ladder->probed[i] || !rungs[i].probe || !rungs[i].probe(reason)) {
			ladder->probed[i] = true;
			return &rungs[i];
		}
		rule_out_all(ladder, i, reason);
	}
	return NULL;
}

static const struct rung *for_time(const struct ladder *ladder, const struct rung *rung, enum subject time)
{
	return rung && allowed(ladder, rung - rungs, time) ? rung : NULL;
}

/* A rung that works but isn't exact says that. */
static const char *reason_of(const struct ladder *ladder, size_t rung, enum subject subject, char text[METHOD_TEXT])
{
	const struct provision *provision = &rungs[rung].provides[subject];
	struct hook hook = {.method = provision->method, .detail = (char *)provision->detail};

	return ladder->reason[rung][0] ? ladder->reason[rung] : hook_method(&hook, text);
}

static void explain(const struct ladder *ladder, enum subject count, enum subject time, char error[LADDER_ERROR])
{
	enum subject subject = demanded(ladder, time) && !demanded(ladder, count) ? time : count;
	const struct rung *wanted = ladder->demand.rung[subject];
	char text[METHOD_TEXT];
	int used;

	if (wanted) {
		snprintf(error, LADDER_ERROR, "%s: %s", wanted->name, reason_of(ladder, wanted - rungs, subject, text));
		return;
	}
	used = snprintf(error, LADDER_ERROR, "no rung measures %s%s", subject_title(subject),
	    ladder->demand.exact[subject] ? " exactly" : "");
	for (size_t i = 0; i < rung_count && used < LADDER_ERROR; i++)
		if (rungs[i].provides[subject].hook)
			used += snprintf(error + used, LADDER_ERROR - used, "; %s: %s", rungs[i].name,
			    reason_of(ladder, i, subject, text));
}

int ladder_choose(struct ladder *ladder, struct selection *selection, char error[LADDER_ERROR])
{
	const struct rung *fault = best(ladder, SUBJECT_FAULT, SUBJECT_FAULT_TIME);
	const struct rung *zero = NULL;

	if (!ladder->demand.no_zeroing && !(fault && fault->without_bpf))
		zero = best(ladder, SUBJECT_ZERO, SUBJECT_ZERO_TIME);
	*selection = (struct selection){{
	    [SUBJECT_FAULT] = fault,
	    [SUBJECT_FAULT_TIME] = for_time(ladder, fault, SUBJECT_FAULT_TIME),
	    [SUBJECT_ZERO] = zero,
	    [SUBJECT_ZERO_TIME] = for_time(ladder, zero, SUBJECT_ZERO_TIME),
	}};
	if (!fault) {
		explain(ladder, SUBJECT_FAULT, SUBJECT_FAULT_TIME, error);
		return -1;
	}
	if (fault->without_bpf && (demanded(ladder, SUBJECT_ZERO) || demanded(ladder, SUBJECT_ZERO_TIME))) {
		snprintf(error, LADDER_ERROR, "%s measures faults and nothing else%s%s", fault->name,
		    ladder->reason[0][0] ? "; " : "", ladder->reason[0]);
		return -1;
	}
	if (!zero && (demanded(ladder, SUBJECT_ZERO) || demanded(ladder, SUBJECT_ZERO_TIME))) {
		explain(ladder, SUBJECT_ZERO, SUBJECT_ZERO_TIME, error);
		return -1;
	}
	return 0;
}

/* What all BPF rungs share failed. What is left once that was said can only fail for other reasons. */
static int rule_out_bpf(struct ladder *ladder, const char *reason)
{
	bool any = false;

	for (size_t i = 0; i < rung_count; i++) {
		if (rungs[i].without_bpf)
			continue;
		any |= !ladder->out[i][SUBJECT_FAULT] && rungs[i].provides[SUBJECT_FAULT].hook;
		rule_out_all(ladder, i, reason);
	}
	return any ? 0 : -1;
}

int ladder_rule_out(struct ladder *ladder, const struct failure *failure)
{
	size_t rung = failure->rung - rungs;

	if (!failure->rung)
		return rule_out_bpf(ladder, failure->text);
	ladder->out[rung][failure->subject] = true;
	if (!ladder->reason[rung][0])
		snprintf(ladder->reason[rung], REFUSAL_TEXT, "%s", failure->text);
	return 0;
}

void ladder_why_no_bpf(const struct ladder *ladder, const struct selection *selection, char error[LADDER_ERROR])
{
	error[0] = '\0';
	if (!selection->by[SUBJECT_FAULT]->without_bpf)
		return;
	for (size_t i = 0; i < rung_count; i++)
		if (!rungs[i].without_bpf && rungs[i].provides[SUBJECT_FAULT].hook && ladder->reason[i][0])
			snprintf(error, LADDER_ERROR, "%s: %s", rungs[i].name, ladder->reason[i]);
}
