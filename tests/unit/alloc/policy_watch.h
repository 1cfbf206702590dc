/* SPDX-License-Identifier: MIT */
/* Noise, and a watch on a level: for tests of the policy. */
#ifndef HAKMEM_TEST_POLICY_WATCH_H
#define HAKMEM_TEST_POLICY_WATCH_H

#include "test.h"

#include "policy.h"

static uint64_t random_state = 42;

static inline uint64_t noise(uint64_t below)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state % below;
}

/* Counts how often a level turns. */
struct watch {
	unsigned int looks, turns, changes;
	int level, direction;
};

static inline void watch(struct watch *watch, const struct policy_choice *choice, unsigned int highest)
{
	int direction = (choice->level > watch->level) - (choice->level < watch->level);

	assert_in_range(choice->level, 0, highest);
	assert_non_null(policy_reason_text(choice->reason));
	assert_true(strlen(policy_reason_text(choice->reason)) > 0);
	assert_in_range(direction * (choice->level - watch->level), 0, 1); /* a step at a time */
	watch->looks++;
	watch->changes += direction != 0;
	if (direction == 0)
		return;
	watch->turns += watch->direction != 0 && direction != watch->direction;
	watch->direction = direction;
	watch->level = choice->level;
}

static inline void assert_calm(const struct watch *watch, unsigned int highest, unsigned int patience)
{
	unsigned int most = patience + 1 + watch->looks / (1u << patience) + watch->looks / POLICY_CALM;

	assert_in_range(watch->turns, 0, most);
	assert_in_range(watch->changes, 0, highest * (most + 1));
}

#endif
