/* SPDX-License-Identifier: MIT */
/* Outputs of a judged claim: a report to read, a page, and JSON, schema hakmem-claim/1 (docs/validate.md). */
#ifndef CLAIM_OUTPUT_H
#define CLAIM_OUTPUT_H

#include <stdio.h>

#include "snapshot/claim.h"

/* 0, or -1 with errno set. */
int claim_table(const struct claim *claim, const struct experiment *experiment, FILE *file);
int claim_html(const struct claim *claim, const struct experiment *experiment, FILE *file);
int claim_json(const struct claim *claim, const struct experiment *experiment, FILE *file);

#endif
