/* SPDX-License-Identifier: MIT */
/* Arms as they are typed. */
#ifndef ARM_H
#define ARM_H

#include "snapshot/experiment.h"

#define ARM_ERROR 128

/*
 * NAME[=NAME=VALUE,...[,preload=LIB]]: what is set in the environment, and what is preloaded. A comma in a value is
 * typed twice. 0, or -1 with a line in error; arm_free() what came out.
 */
int arm_parse(const char *text, struct arm *arm, char error[ARM_ERROR]);

#endif
