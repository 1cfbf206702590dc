/* SPDX-License-Identifier: MIT */
/*
 * Whose the faults are that an allocator's laziness leaves, and who could avoid them how: in words, from the mean of an
 * arm's traced runs.
 */
#ifndef FAULTS_LEFT_H
#define FAULTS_LEFT_H

#include "analysis/account.h"

/* Sentences behind what *text has: the regions' shares, and what of malloc's faults which remedy could save. 0, or -1.
 */
int faults_left_say(char **text, const char *arm, const struct account *account);

/*
 * What to do about it, when the allocator's own start leads: sentences behind what *text has, which stays NULL when
 * there is nothing to say. 0, or -1 when out of memory.
 */
int faults_left_conclude(char **text, const struct account *account);

#endif
