/* SPDX-License-Identifier: MIT */
/* What one thread rings and another polls for reading: an eventfd. However often it was rung, it rang once. */
#ifndef BELL_H
#define BELL_H

#include <stdbool.h>

/* The descriptor, or -1 with errno. */
int bell_new(void);

/* Never waits. */
void bell_ring(int bell);

/* Whether it was rung since the last time. */
bool bell_rang(int bell);

#endif
