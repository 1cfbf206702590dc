// SPDX-License-Identifier: MIT
/* Each subject gets the best rung that is left and that meets the demand; a demand that can't be met is an error. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "trace/ladder.h"

/* Nothing is tried on this kernel. */
static struct ladder fresh(void)
{
	struct ladder ladder = {};

	memset(ladder.probed, true, sizeof(ladder.probed));
	return ladder;
}

static void rule_out(struct ladder *ladder, const char *rung, enum subject subject)
{
	struct failure failure = {.rung = rung_find(rung), .subject = subject, .text = "it is broken"};

	assert_int_equal(ladder_rule_out(ladder, &failure), 0);
}

static const char *chosen(struct ladder *ladder, enum subject subject)
{
	struct selection selection;
	char error[LADDER_ERROR];

	assert_int_equal(ladder_choose(ladder, &selection, error), 0);
	return selection.by[subject] ? selection.by[subject]->name : "none";
}

static const struct rung *first_for(enum subject subject)
{
	for (size_t i = 0; i < rung_count; i++)
		if (rungs[i].provides[subject].hook && !rungs[i].dear)
			return &rungs[i];
	return NULL;
}

static void each_subject_gets_the_first_rung_that_provides_it(void **state)
{
	struct ladder ladder = fresh();

	(void)state;
	for (enum subject subject = 0; subject < SUBJECT_COUNT; subject++)
		assert_string_equal(chosen(&ladder, subject), first_for(subject)->name);
}

static void a_dear_rung_is_taken_only_on_request(void **state)
{
	struct ladder ladder = fresh();

	(void)state;
	assert_true(rung_find("exact")->dear);
	assert_string_not_equal(chosen(&ladder, SUBJECT_ZERO), "exact");
	assert_null(demand_parse(&ladder.demand, "exact"));
	assert_string_equal(chosen(&ladder, SUBJECT_ZERO), "exact");
	assert_string_equal(chosen(&ladder, SUBJECT_ZERO_TIME), "exact");
	assert_string_not_equal(chosen(&ladder, SUBJECT_FAULT), "exact");
}

static void what_fails_for_one_subject_stays_for_the_other(void **state)
{
	struct ladder ladder = fresh();

	(void)state;
	demand_rung(&ladder.demand, rung_find("full"));
	assert_string_equal(chosen(&ladder, SUBJECT_ZERO), "full");
	ladder.demand = (struct demand){.rung = {[SUBJECT_ZERO] = rung_find("tracepoint")}};
	rule_out(&ladder, "full", SUBJECT_ZERO);
	assert_string_equal(chosen(&ladder, SUBJECT_FAULT), "full");
	assert_string_equal(chosen(&ladder, SUBJECT_ZERO), "tracepoint");
	assert_string_equal(chosen(&ladder, SUBJECT_ZERO_TIME), "tracepoint");
	rule_out(&ladder, "full", SUBJECT_FAULT);
	ladder.demand.rung[SUBJECT_FAULT] = rung_find("tracepoint");
	assert_string_equal(chosen(&ladder, SUBJECT_FAULT_TIME), "tracepoint");
}

static void a_time_that_fails_is_not_taken_from_other_hooks(void **state)
{
	struct ladder ladder = fresh();

	(void)state;
	ladder.demand.rung[SUBJECT_FAULT] = rung_find("full");
	rule_out(&ladder, "full", SUBJECT_FAULT_TIME);
	assert_string_equal(chosen(&ladder, SUBJECT_FAULT), "full");
	assert_string_equal(chosen(&ladder, SUBJECT_FAULT_TIME), "none");
}

static void a_demand_fails_rather_than_fall_back(void **state)
{
	struct ladder ladder = fresh();
	struct selection selection;
	char error[LADDER_ERROR];

	(void)state;
	demand_rung(&ladder.demand, rung_find("full"));
	rule_out(&ladder, "full", SUBJECT_ZERO);
	assert_int_equal(ladder_choose(&ladder, &selection, error), -1);
	assert_string_equal(error, "full: it is broken");
}

static void zeroing_can_be_left_out_whatever_rung_is_asked_for(void **state)
{
	struct ladder ladder = fresh();

	(void)state;
	ladder.demand.no_zeroing = true;
	assert_string_equal(chosen(&ladder, SUBJECT_FAULT), first_for(SUBJECT_FAULT)->name);
	assert_string_equal(chosen(&ladder, SUBJECT_ZERO), "none");
	demand_rung(&ladder.demand, rung_find("tracepoint"));
	assert_false(ladder.demand.zeroing_required);
	assert_string_equal(chosen(&ladder, SUBJECT_FAULT), "tracepoint");
	assert_string_equal(chosen(&ladder, SUBJECT_ZERO), "none");
	assert_string_equal(chosen(&ladder, SUBJECT_ZERO_TIME), "none");
	assert_null(demand_parse(&ladder.demand, "fault=exact"));
	assert_false(ladder.demand.zeroing_required);
	assert_null(demand_parse(&ladder.demand, "exact"));
	assert_true(ladder.demand.zeroing_required);
}

/* Whatever counts zeroed bytes exactly fails: what is left is no answer to --require exact. */
static void exact_is_by_method(void **state)
{
	struct ladder ladder = fresh();
	struct selection selection;
	char error[LADDER_ERROR];

	(void)state;
	assert_null(demand_parse(&ladder.demand, "exact"));
	for (size_t i = 0; i < rung_count; i++)
		if (rungs[i].provides[SUBJECT_ZERO].method == METHOD_EXACT)
			rule_out(&ladder, rungs[i].name, SUBJECT_ZERO);
	assert_int_equal(ladder_choose(&ladder, &selection, error), -1);
	assert_non_null(strstr(error, "no rung measures zeroing exactly"));
	assert_non_null(strstr(error, "full: exact but for shared memory"));
	assert_non_null(strstr(error, "tracepoint: estimate"));
}

static void demands_are_read(void **state)
{
	struct demand demand = {};

	(void)state;
	assert_null(demand_parse(&demand, "tracepoint"));
	assert_string_equal(demand.rung[SUBJECT_ZERO]->name, "tracepoint");
	assert_null(demand.rung[SUBJECT_FAULT]);
	assert_null(demand_parse(&demand, "fault-time=full"));
	assert_string_equal(demand.rung[SUBJECT_FAULT_TIME]->name, "full");
	assert_null(demand_parse(&demand, "zero_time=exact"));
	assert_true(demand.exact[SUBJECT_ZERO_TIME]);
	assert_false(demand.exact[SUBJECT_ZERO]);
	assert_non_null(demand_parse(&demand, ""));
	assert_non_null(demand_parse(&demand, "=exact"));
	assert_non_null(demand_parse(&demand, "zeroing=exact"));
	assert_non_null(demand_parse(&demand, "fault=best"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_subject_gets_the_first_rung_that_provides_it),
	    cmocka_unit_test(a_dear_rung_is_taken_only_on_request),
	    cmocka_unit_test(what_fails_for_one_subject_stays_for_the_other),
	    cmocka_unit_test(a_time_that_fails_is_not_taken_from_other_hooks),
	    cmocka_unit_test(a_demand_fails_rather_than_fall_back),
	    cmocka_unit_test(zeroing_can_be_left_out_whatever_rung_is_asked_for),
	    cmocka_unit_test(exact_is_by_method),
	    cmocka_unit_test(demands_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
