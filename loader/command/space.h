/* SPDX-License-Identifier: MIT */
#ifndef SPACE_H
#define SPACE_H

#include "command/report.h"
#include "output/spaces_output.h"
#include "trace/tracer.h"

/* Look at the address spaces of what is traced, once, and write that. 0, or -1 after complaining. */
int space_write(struct tracer *tracer, struct report *report, const struct spaces_output *output);

#endif
