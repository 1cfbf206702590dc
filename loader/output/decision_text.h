/* SPDX-License-Identifier: MIT */
/* What libhakmem decided, in words and as JSON: of processes that run, and of a run that has ended. */
#ifndef DECISION_TEXT_H
#define DECISION_TEXT_H

#include <jansson.h>
#include <stdio.h>

#include "snapshot/decisions.h"

#define DECISION_TEXT 256

/* "free memory is kept for 400 ms". */
void decision_what(const struct decision *decision, char text[DECISION_TEXT]);

/* "free memory is kept for 400 ms: ...; 2 changes". Printable, whatever the reason is. */
void decision_text(const struct decision *decision, char text[DECISION_TEXT]);

/* The section of a report. Those that were changed have a line each, as far as that is not too many; nothing when there
 * is nothing to tell. */
void decisions_table(const struct deciders *deciders, FILE *file);

/* New references: NULL when out of memory. */
json_t *decisions_json(const struct decisions *decisions); /* null: there are none */
json_t *deciders_json(const struct deciders *deciders);    /* null: not known */

#endif
