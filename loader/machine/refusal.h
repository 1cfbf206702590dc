/* SPDX-License-Identifier: MIT */
/* Why the kernel refused what was tried, in words that say what would help. */
#ifndef REFUSAL_H
#define REFUSAL_H

#define REFUSAL_TEXT 512

/* "STEP: Operation not permitted (EPERM)", and what would help. Always returns -1. */
int refusal_say(char reason[REFUSAL_TEXT], const char *step, int error);

#endif
