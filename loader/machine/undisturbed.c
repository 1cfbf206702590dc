// SPDX-License-Identifier: MIT
#include "machine/undisturbed.h"

bool undisturbed_begin(struct undisturbed *before)
{
	const struct sched_param lowest = {.sched_priority = sched_get_priority_min(SCHED_FIFO)};

	*before = (struct undisturbed){.policy = sched_getscheduler(0)};
	if (before->policy < 0 || sched_getparam(0, &before->parameter))
		return false;
	if (before->parameter.sched_priority > 0)
		return true; /* it has such a priority already */
	before->changed = !sched_setscheduler(0, SCHED_FIFO, &lowest);
	return before->changed;
}

void undisturbed_end(const struct undisturbed *before)
{
	if (before->changed)
		sched_setscheduler(0, before->policy, &before->parameter);
}
