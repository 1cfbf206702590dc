/* SPDX-License-Identifier: MIT */
/* hakmem-trace -p, --comm, --cgroup, -a: trace what runs already, report, let go. */
#ifndef COMMAND_ATTACH_H
#define COMMAND_ATTACH_H

#include "command/options.h"

/* Returns the exit status: 0, also when the targets have ended or a signal ended us, once there is a report. */
int attach_command(const struct options *options);

#endif
