/* SPDX-License-Identifier: MIT */
/* From samples with names to the classes of a breakdown. */
#ifndef CLASSIFY_H
#define CLASSIFY_H

#include "snapshot/breakdown.h"
#include "snapshot/sampled.h"

/* The class of a sample in user space that was not late. */
enum time_class user_class(const struct sampled *sampled);

/* Count them; late ones where they belong. 0, or -1 when out of memory. */
int classify(struct breakdown *breakdown, const struct sampled *sampled);

#endif
