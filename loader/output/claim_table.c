// SPDX-License-Identifier: MIT
/*
 * A judged claim to read: what was run, then each part with its verdict and what that is from, then the verdict on the
 * whole and what follows from it.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "output/claim_output.h"
#include "output/columns.h"
#include "output/experiment_output.h"

#define VERDICT_COLUMNS 12

static const char *in_capitals(enum claim_verdict verdict, char text[VERDICT_COLUMNS + 1])
{
	size_t i = 0;

	for (const char *name = claim_verdict_name(verdict); name[i] && i < VERDICT_COLUMNS; i++)
		text[i] = toupper((unsigned char)name[i]);
	text[i] = '\0';
	return text;
}

/* (a) ... (z), then (27) ... */
static void write_number(size_t number, FILE *file)
{
	if (number < 26)
		fprintf(file, "(%c) ", 'a' + (int)number);
	else
		fprintf(file, "(%zu) ", number + 1);
}

static void write_part(const struct claim_part *part, size_t number, FILE *file)
{
	char verdict[VERDICT_COLUMNS + 1];

	fputc('\n', file);
	write_number(number, file);
	columns_wrapped(part->text ? part->text : "", 4, file);
	fprintf(file, "    %s\n    ", in_capitals(part->verdict, verdict));
	columns_wrapped(part->evidence ? part->evidence : "", 4, file);
}

static void write_whole(const struct claim *claim, FILE *file)
{
	char verdict[VERDICT_COLUMNS + 1];

	fprintf(file, "\nClaim %s: ", in_capitals(claim->verdict, verdict));
	fprintf(file, "%s\n",
	    claim->verdict == CLAIM_CONFIRMED ? "every part of it is so."
	    : claim->verdict == CLAIM_REFUTED ? "a part of it at least is not so."
	                                      : "no part of it is refuted, and not every one is confirmed.");
	if (claim->corrected_for > 1)
		fprintf(file,
		    "The intervals of its %zu figures are wider than 95 %% each, so that all of them hold "
		    "together at 95 %%.\n",
		    claim->corrected_for);
	if (!claim->words)
		return;
	fputs("\nIn words: ", file);
	columns_wrapped(claim->words, 10, file);
}

int claim_table(const struct claim *claim, const struct experiment *experiment, FILE *file)
{
	experiment_table_head(experiment, file);
	fprintf(file, "\nclaim     ");
	columns_wrapped(claim->text ? claim->text : claim->name, 10, file);
	for (size_t i = 0; i < claim->part_count; i++)
		write_part(&claim->parts[i], i, file);
	write_whole(claim, file);
	return ferror(file) || fflush(file) ? -1 : 0;
}
