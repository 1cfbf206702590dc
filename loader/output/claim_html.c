// SPDX-License-Identifier: MIT
/* The page of an experiment, whose answer is what became of a claim. */
#include <stdlib.h>

#include "output/claim_output.h"
#include "output/experiment_html.h"
#include "output/plot.h"

static void write_part(const struct claim_part *part, FILE *file)
{
	fputs("<tr><td>", file);
	plot_text(part->text ? part->text : "", file);
	fprintf(file, "</td><td><strong>%s</strong></td><td>", claim_verdict_name(part->verdict));
	plot_text(part->evidence ? part->evidence : "", file);
	fputs("</td></tr>\n", file);
}

static void write_answer(const void *context, FILE *file)
{
	const struct claim *claim = context;

	fprintf(file, "<div class=\"verdict\"><p>The claim is <strong>%s</strong>.</p>\n",
	    claim_verdict_name(claim->verdict));
	if (claim->words) {
		fputs("<p>", file);
		plot_text(claim->words, file);
		fputs("</p>\n", file);
	}
	fputs("</div>\n<div class=\"card\"><table><tr><th>part</th><th>verdict</th><th>evidence</th></tr>\n", file);
	for (size_t i = 0; i < claim->part_count; i++)
		write_part(&claim->parts[i], file);
	fprintf(file,
	    "</table></div>\n<p class=\"soft\">The intervals of %zu figures hold together at 95 %%; those further "
	    "down are at 95 %% each.</p>\n",
	    claim->corrected_for);
}

int claim_html(const struct claim *claim, const struct experiment *experiment, FILE *file)
{
	const struct html_answer answer = {
	    .title = claim->text ? claim->text : claim->name, .write = write_answer, .context = claim};

	return experiment_html_with(experiment, &answer, file);
}
