// SPDX-License-Identifier: MIT
/*
 * A page about an experiment, complete in itself: it asks nobody for anything and runs no script. Every string that
 * somebody else chose goes through plot_text().
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "output/experiment_html.h"
#include "output/experiment_output.h"
#include "output/experiment_text.h"
#include "output/plot.h"

static const char head[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
    "<meta name=\"color-scheme\" content=\"light dark\">\n";

/* Arms are told apart by their place and name as well as by colour. */
static const char style[] =
    "<style>\n"
    ":root{--ground:#fcfcfb;--card:#fff;--ink:#1c1c1a;--soft:#5f5e58;--line:#e3e2dc;--warn:#fff4d6;--warnline:#d9a400;"
    "--c0:#6b6a64;--c1:#1f6fd0;--c2:#d95f0e;--c3:#17806d;--c4:#8e44ad;--c5:#c0392b;--c6:#7a6a00;--c7:#0b7fab;--c8:#"
    "a04a6e;--c9:#4f7a1c}\n"
    "@media (prefers-color-scheme:dark){:root{--ground:#161615;--card:#1f1f1d;--ink:#ecebe6;--soft:#a3a299;"
    "--line:#383733;--warn:#3a2f10;--warnline:#b98f1d;--c0:#a8a79f;--c1:#5aa2f5;--c2:#f59a55;--c3:#43c2a8;--c4:#c88be0;"
    "--c5:#ef7d70;--c6:#cdb83c;--c7:#5cc3e8;--c8:#e58fb4;--c9:#9ccc5c}}\n"
    "*{box-sizing:border-box}\n"
    "body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,sans-serif}\n"
    "main{max-width:1000px;margin:0 auto;padding:28px 20px 60px}\n"
    "h1{font-size:24px;line-height:1.25;margin:0 0 4px}h2{font-size:17px;margin:30px 0 8px}\n"
    "p{margin:6px 0}.soft{color:var(--soft)}code{font:13px/1.4 ui-monospace,monospace;overflow-wrap:anywhere}\n"
    ".verdict{font-size:17px;background:var(--card);border:1px solid var(--line);border-left:5px solid var(--c1);"
    "border-radius:6px;padding:10px 16px;margin:16px 0}\n"
    ".warning{background:var(--warn);border:1px solid var(--warnline);border-radius:6px;padding:8px 14px;margin:8px "
    "0}\n"
    ".card{background:var(--card);border:1px solid var(--line);border-radius:6px;padding:12px 14px;margin:10px 0;"
    "overflow-x:auto}\n"
    "table{border-collapse:collapse;width:100%;font-size:14px}\n"
    "th{text-align:left;font-weight:600;color:var(--soft);border-bottom:1px solid var(--line);padding:4px 10px 4px 0}\n"
    "td{padding:4px 10px 4px 0;border-bottom:1px solid var(--line);vertical-align:top}\n"
    ".groups td{border-bottom:0}.groups .first td{border-top:1px solid var(--line)}\n"
    "tr:last-child "
    "td{border-bottom:0}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}\n"
    "svg{width:100%;height:auto;display:block;font:12px system-ui,sans-serif}\n"
    "text{fill:var(--ink)}.tick,.label{fill:var(--soft)}.name{font-size:13px}\n"
    ".grid{stroke:var(--line)}.one{stroke:var(--soft);stroke-dasharray:4 3}.traced{fill:var(--line);opacity:.7}\n"
    ".dot{opacity:.75}.box{opacity:.18}.median{stroke-width:3}.level{stroke-dasharray:5 4;opacity:.8}\n"
    ".interval{stroke-width:3;stroke-linecap:round}.open{fill:var(--card)!important;stroke-width:2}\n"
    ".key{display:inline-block;width:11px;height:11px;border-radius:50%;margin-right:7px}\n"
    "summary{cursor:pointer;font-weight:600}\n";

static void write_style(FILE *file)
{
	fputs(style, file);
	for (int i = 0; i < ARM_CLASSES; i++)
		fprintf(file,
		    "circle.a%d,rect.a%d{fill:var(--c%d)}line.a%d,circle.ratio.a%d{stroke:var(--c%d)}"
		    ".key.a%d{background:var(--c%d)}\n",
		    i, i, i, i, i, i, i, i);
	fputs("</style>\n", file);
}

static void write_owned(char *text, FILE *file)
{
	plot_text(text ? text : "", file);
	free(text);
}

/* "wall time: b is faster"; of several arms only what is compared. */
static void write_title(const struct experiment *experiment, FILE *file)
{
	const struct comparison *comparison;

	plot_text(experiment->arms[0].name, file);
	for (size_t arm = 1; arm < experiment->arm_count && arm < 4; arm++) {
		fputs(arm + 1 == experiment->arm_count ? " and " : ", ", file);
		plot_text(experiment->arms[arm].name, file);
	}
	if (experiment->arm_count > 4)
		fprintf(file, " and %zu more", experiment->arm_count - 4);
	if (experiment->arm_count != 2)
		return;
	comparison = experiment_comparison(experiment, 1, experiment->main);
	if (comparison->verdict == VERDICT_LESS || comparison->verdict == VERDICT_MORE) {
		fputs(": ", file);
		plot_text(experiment->arms[1].name, file);
		fprintf(file, " has %s times the %s", experiment_ratio(comparison->ratio).text,
		    measures[experiment->main].title);
	} else {
		fprintf(file, ": %s in %s", experiment_verdict(experiment, 1, experiment->main),
		    measures[experiment->main].title);
	}
}

static void write_key(const struct experiment *experiment, size_t arm, FILE *file)
{
	fprintf(file, "<span class=\"key a%zu\"></span>", arm % ARM_CLASSES);
	plot_text(experiment->arms[arm].name, file);
}

static void write_arms(const struct experiment *experiment, FILE *file)
{
	fputs("<div class=\"card\"><table><tr><th>arm</th><th>what is different in it</th></tr>\n", file);
	for (size_t arm = 0; arm < experiment->arm_count; arm++) {
		fputs("<tr><td>", file);
		write_key(experiment, arm, file);
		fputs("</td><td><code>", file);
		write_owned(experiment_arm_text(&experiment->arms[arm]), file);
		fputs("</code></td></tr>\n", file);
	}
	fputs("</table></div>\n", file);
}

static void write_metric(const struct experiment *experiment, FILE *file)
{
	if (!experiment->metric)
		return;
	fputs("<p class=\"soft\">The metric is what <code>", file);
	plot_text(experiment->metric, file);
	fprintf(file, "</code> matches in the output; %s is better.</p>\n",
	    experiment->metric_less_is_better ? "less" : "more");
}

static void write_how(const struct experiment *experiment, FILE *file)
{
	time_t began = experiment->began;
	char when[64] = "";
	struct tm parts;

	if (gmtime_r(&began, &parts))
		strftime(when, sizeof(when), "%Y-%m-%d %H:%M UTC", &parts);
	fprintf(file,
	    "<p class=\"soft\">%s measured runs of each arm, one in each block, in random order; %s of each as "
	    "warm-up, "
	    "%s of each traced. %s, %.1f s, Linux ",
	    experiment_trials(experiment, TRIAL_MEASURED).text, experiment_trials(experiment, TRIAL_WARM_UP).text,
	    experiment_trials(experiment, TRIAL_TRACED).text, when, experiment->seconds);
	plot_text(experiment->machine.release ? experiment->machine.release : "unknown", file);
	fprintf(file, ", %u processors", experiment->machine.processors);
	if (!isnan(experiment->machine.others))
		fprintf(file, ", of whose time other processes took %.1f %%", experiment->machine.others * 100);
	fprintf(file, ". Seed %llu.</p>\n", (unsigned long long)experiment->seed);
}

static void write_notes(const struct experiment *experiment, FILE *file)
{
	char **warnings = experiment_warnings(experiment);
	const char *notes[] = {experiment->not_counted, experiment->not_traced};

	for (char **warning = warnings; warning && *warning; warning++) {
		fputs("<p class=\"warning\">Careful: ", file);
		write_owned(*warning, file);
		fputs(".</p>\n", file);
	}
	free(warnings);
	for (size_t i = 0; i < 2; i++) {
		if (!notes[i])
			continue;
		fprintf(file, "<p class=\"soft\">%s: ", i ? "No traced runs" : "Hardware counters are n/a");
		plot_text(notes[i], file);
		fputs(".</p>\n", file);
	}
}

static void write_verdict(const struct experiment *experiment, FILE *file)
{
	fputs("<div class=\"verdict\">\n", file);
	for (size_t arm = 1; arm < experiment->arm_count; arm++) {
		fputs("<p>", file);
		write_owned(experiment_sentence(experiment, arm, experiment->main), file);
		fputs("</p>\n", file);
	}
	fputs("</div>\n", file);
}

static void write_plots(const struct experiment *experiment, enum measure measure, FILE *file)
{
	plot_arms(experiment, measure, file);
	plot_time(experiment, measure, file);
}

static void write_other_plots(const struct experiment *experiment, FILE *file)
{
	fputs("<h2>Every run of the other figures</h2>\n", file);
	for (enum measure measure = 0; measure < MEASURE_COUNT; measure++) {
		if (measure == experiment->main || !experiment_nonzero(experiment, measure))
			continue;
		fprintf(file, "<details class=\"card\"><summary>%s</summary>\n", measures[measure].title);
		write_plots(experiment, measure, file);
		fputs("</details>\n", file);
	}
}

static void write_figure(const struct experiment *experiment, enum measure measure, size_t arm, FILE *file)
{
	const struct comparison *comparison = experiment_comparison(experiment, arm, measure);
	char interval[INTERVAL_TEXT];

	fprintf(file, "<tr%s><td>%s</td><td>", arm ? "" : " class=\"first\"", arm ? "" : measures[measure].title);
	write_key(experiment, arm, file);
	fprintf(file, "</td><td class=\"n\">%s</td>", experiment_figure(measure, comparison->summary.median).text);
	if (arm)
		fprintf(file, "<td class=\"n\">%s</td><td>%s</td><td>%s</td></tr>\n",
		    experiment_ratio(isnan(comparison->ratio) ? comparison->median_ratio : comparison->ratio).text,
		    experiment_interval(comparison, interval), experiment_verdict(experiment, arm, measure));
	else
		fputs("<td></td><td></td><td></td></tr>\n", file);
}

static void write_figures(const struct experiment *experiment, FILE *file)
{
	fputs("<h2>Medians</h2>\n<div class=\"card\"><table class=\"groups\"><tr><th>figure</th><th>arm</th><th "
	      "class=\"n\">median</th>"
	      "<th class=\"n\">ratio</th><th>95 % interval</th><th>verdict</th></tr>\n",
	    file);
	for (enum measure measure = 0; measure < MEASURE_COUNT; measure++)
		for (size_t arm = 0; arm < experiment->arm_count; arm++)
			if (experiment_nonzero(experiment, measure))
				write_figure(experiment, measure, arm, file);
	fputs("</table></div>\n", file);
}

static void write_regions(const struct experiment *experiment, FILE *file)
{
	if (!experiment->region_count)
		return;
	fputs("<h2>Faults and zeroed bytes by region</h2>\n<p class=\"soft\">Medians of the traced runs, the largest "
	      "difference first.</p>\n<div class=\"card\"><table><tr><th>region</th><th>detail</th>",
	    file);
	for (size_t arm = 0; arm < experiment->arm_count; arm++) {
		fputs("<th class=\"n\">", file);
		write_key(experiment, arm, file);
		fputs("<br>faults</th><th class=\"n\">zeroed</th>", file);
	}
	fputs("</tr>\n", file);
	for (size_t row = 0; row < experiment->region_count; row++) {
		const struct region_figures *first = experiment_region(experiment, row, 0);

		fprintf(file, "<tr><td>%s</td><td>", region_name(first->region));
		plot_text(first->detail, file);
		fputs("</td>", file);
		for (size_t arm = 0; arm < experiment->arm_count; arm++)
			fprintf(file, "<td class=\"n\">%s</td><td class=\"n\">%s</td>",
			    experiment_figure(MEASURE_FAULTS, first[arm].faults).text,
			    experiment_figure(MEASURE_ZEROED, first[arm].zeroed_bytes).text);
		fputs("</tr>\n", file);
	}
	fputs("</table></div>\n", file);
}

static void write_any_title(const struct experiment *experiment, const struct html_answer *answer, FILE *file)
{
	if (answer)
		plot_text(answer->title, file);
	else
		write_title(experiment, file);
}

static void write_body(const struct experiment *experiment, const struct html_answer *answer, FILE *file)
{
	fputs("<body><main>\n<h1>", file);
	write_any_title(experiment, answer, file);
	fputs("</h1>\n<p><code>", file);
	write_owned(experiment_command_text(experiment->command), file);
	fputs("</code></p>\n", file);
	write_how(experiment, file);
	write_metric(experiment, file);
	write_notes(experiment, file);
	if (answer)
		answer->write(answer->context, file);
	else
		write_verdict(experiment, file);
	write_arms(experiment, file);
	if (experiment_nonzero(experiment, experiment->main)) {
		fprintf(file, "<h2>%s: every run</h2>\n<div class=\"card\">\n", measures[experiment->main].title);
		write_plots(experiment, experiment->main, file);
		fputs("</div>\n", file);
	}
	fputs("<h2>All figures beside the first arm</h2>\n<div class=\"card\">\n", file);
	plot_ratios(experiment, file);
	fputs("</div>\n", file);
	write_figures(experiment, file);
	write_regions(experiment, file);
	write_other_plots(experiment, file);
	fputs("</main></body>\n</html>\n", file);
}

int experiment_html_with(const struct experiment *experiment, const struct html_answer *answer, FILE *file)
{
	fputs(head, file);
	write_style(file);
	fputs("<title>", file);
	write_any_title(experiment, answer, file);
	fputs("</title>\n</head>\n", file);
	write_body(experiment, answer, file);
	return ferror(file) || fflush(file) ? -1 : 0;
}

int experiment_html(const struct experiment *experiment, FILE *file)
{
	return experiment_html_with(experiment, NULL, file);
}
