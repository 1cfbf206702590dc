// SPDX-License-Identifier: MIT
#include "output/decision_text.h"

#include <inttypes.h>
#include <stdlib.h>

#include "output/columns.h"
#include "output/style.h"
#include "output/text.h"

#define LINES_MOST 12
#define INDENT     4

void decision_what(const struct decision *decision, char text[DECISION_TEXT])
{
	const char *pages = decision->value == 1 ? "page" : "pages", *are = decision->value ? "asked for" : "forbidden";

	switch (decision->lever) {
	case LEVER_DELAY:
		snprintf(text, DECISION_TEXT, "free memory is kept for %" PRIu64 " ms", decision->value);
		break;
	case LEVER_HUGE:
		if (decision->pool)
			snprintf(text, DECISION_TEXT, "huge pages for medium blocks of pool %" PRIu32 " are %s",
			    decision->pool, are);
		else
			snprintf(text, DECISION_TEXT, "huge pages for SuperSlabs are %s", are);
		break;
	default:
		snprintf(text, DECISION_TEXT, "%" PRIu64 " %s of a slab of class %" PRIu64 " made present at once",
		    decision->value, pages, decision->block_bytes);
	}
}

void decision_text(const struct decision *decision, char text[DECISION_TEXT])
{
	char what[DECISION_TEXT], *reason = text_printable(decision->reason);

	decision_what(decision, what);
	snprintf(text, DECISION_TEXT, "%.96s: %.112s; %" PRIu64 " %s", what,
	    reason && reason[0] ? reason : "why is not known", decision->changes,
	    decision->changes == 1 ? "change" : "changes");
	free(reason);
}

static void write_line(const struct decider *decider, const struct decision *decision, FILE *file)
{
	char *comm = text_printable(decider->comm), what[DECISION_TEXT], line[2 * DECISION_TEXT];

	decision_text(decision, what);
	snprintf(line, sizeof(line), "%.64s %" PRIu32 ": %s", comm ? comm : "", decider->pid, what);
	fputs("  ", file);
	columns_wrapped(line, INDENT, file);
	free(comm);
}

struct tally {
	uint64_t made, changed;
};

static struct tally tally_of(const struct deciders *deciders)
{
	struct tally tally = {};

	for (size_t i = 0; i < deciders->count; i++)
		for (size_t j = 0; j < deciders->list[i].decisions.count; j++) {
			tally.made++;
			tally.changed += deciders->list[i].decisions.list[j].changes != 0;
		}
	return tally;
}

/* What it was, in one line; then what was changed. */
static void write_head(const struct deciders *deciders, const struct tally *tally, FILE *file)
{
	fputs("\nlibhakmem decides by what memory costs: ", file);
	fprintf(file, "%s %s in %s %s", figure_plain(tally->made).text, tally->made == 1 ? "decision" : "decisions",
	    figure_plain(deciders->count).text, deciders->count == 1 ? "process" : "processes");
	fprintf(file, ", %s of them changed", figure_plain(tally->changed).text);
	if (deciders->more)
		fprintf(file, "; %s more processes are not listed", figure_plain(deciders->more).text);
	if (deciders->more_unchanged)
		fprintf(file, "; %s more changed none", figure_plain(deciders->more_unchanged).text);
	fputc('\n', file);
}

void decisions_table(const struct deciders *deciders, FILE *file)
{
	struct tally tally;
	uint64_t shown = 0;

	if (!deciders || !(deciders->count || deciders->more || deciders->more_unchanged))
		return;
	tally = tally_of(deciders);
	write_head(deciders, &tally, file);
	for (size_t i = 0; i < deciders->count; i++)
		for (size_t j = 0; j < deciders->list[i].decisions.count && shown < LINES_MOST; j++)
			if (deciders->list[i].decisions.list[j].changes) {
				write_line(&deciders->list[i], &deciders->list[i].decisions.list[j], file);
				shown++;
			}
	if (shown < tally.changed)
		fprintf(file, "  and %s more: --format json has them all\n", figure_plain(tally.changed - shown).text);
}
