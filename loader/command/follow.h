/* SPDX-License-Identifier: MIT */
/* What subcommands that run a command share besides pass.h: how it starts. */
#ifndef FOLLOW_H
#define FOLLOW_H

#include "process/target.h"

/* The signals as they are, before pass_open(): a command that is forked later is to find them so. */
void follow_remember(struct target_signals *signals);

/* -1: it runs; else the exit status, after complaining. */
int follow_let_go(struct target *target, const char *name);

#endif
