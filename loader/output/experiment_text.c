// SPDX-License-Identifier: MIT
/* See experiment_text.h. */
#include "output/experiment_text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUSY_SHARE    0.05 /* of the machine's time: from here on others are worth a warning */
#define BUSY_LOAD     0.5  /* a processor */
#define FULLY_COUNTED 0.995

/* Four digits: what repeated runs can tell apart. */
static struct figure four_digits(double value, const char *unit)
{
	struct figure figure;
	double size = fabs(value);
	int decimals = size < 9.9995 ? 3 : size < 99.995 ? 2 : size < 999.95 ? 1 : 0;

	snprintf(figure.text, sizeof(figure.text), "%.*f%s", decimals, value, unit);
	return figure;
}

static struct figure seconds(double value)
{
	if (value < 0.99995e-3)
		return four_digits(value * 1e6, " us");
	return value < 0.99995 ? four_digits(value * 1e3, " ms") : four_digits(value, " s");
}

static struct figure bytes(double value)
{
	static const char *const units[] = {" KiB", " MiB", " GiB"};
	size_t unit = 0;

	if (value < 1024)
		return figure_plain(llround(value));
	for (value /= 1024; value >= 1024 && unit < 2; unit++)
		value /= 1024;
	return four_digits(value, units[unit]);
}

struct figure experiment_figure(enum measure measure, double value)
{
	struct figure figure;

	if (isnan(value))
		return (struct figure){"n/a"};
	if (measures[measure].unit == UNIT_SECONDS)
		return value ? seconds(value) : (struct figure){"0"};
	if (measures[measure].unit == UNIT_BYTES)
		return bytes(value);
	if (value >= 9999.5 && value < 1e18)
		return figure_plain(llround(value));
	/* Counts of a median can be halves. */
	snprintf(figure.text, sizeof(figure.text), "%.*g", measures[measure].unit == UNIT_COUNT ? 6 : 4, value);
	return figure;
}

struct figure experiment_ratio(double ratio)
{
	struct figure figure = {"n/a"};

	if (isfinite(ratio) && ratio && ratio < 0.1)
		snprintf(figure.text, sizeof(figure.text), "%.3g", ratio);
	else if (isfinite(ratio))
		snprintf(figure.text, sizeof(figure.text), "%.*f", ratio < 10 ? 3 : ratio < 100 ? 2 : 1, ratio);
	return figure;
}

struct figure experiment_runs(double runs)
{
	return runs > 1e5 ? (struct figure){"over 100,000"} : figure_plain(llround(runs));
}

struct figure experiment_trials(const struct experiment *experiment, enum trial_kind kind)
{
	uint32_t least = UINT32_MAX, most = 0;
	struct figure figure;

	for (size_t arm = 0; arm < experiment->arm_count; arm++) {
		uint32_t count = 0;

		for (size_t i = 0; i < experiment->trial_count; i++)
			count += experiment->trials[i].arm == arm && experiment->trials[i].kind == kind;
		least = count < least ? count : least;
		most = count > most ? count : most;
	}
	if (least < most)
		snprintf(figure.text, sizeof(figure.text), "%u to %u", least, most);
	else
		snprintf(figure.text, sizeof(figure.text), "%u", most);
	return figure;
}

static bool is_steady(const struct comparison *comparison)
{
	return isnan(comparison->p) && (comparison->verdict == VERDICT_EQUAL || comparison->verdict == VERDICT_LESS ||
	                                   comparison->verdict == VERDICT_MORE);
}

const char *experiment_interval(const struct comparison *comparison, char text[INTERVAL_TEXT])
{
	if (is_steady(comparison))
		return "every run the same";
	if (!comparison->pairs || isnan(comparison->interval.low))
		return "n/a";
	if (!isfinite(comparison->interval.high))
		return "too few runs";
	snprintf(text, INTERVAL_TEXT, "%s to %s", experiment_ratio(comparison->interval.low).text,
	    experiment_ratio(comparison->interval.high).text);
	return text;
}

/* So few runs prove nothing, but where all of one arm lie on one side of all of the other's, that can be said. */
static const char *of_few(const struct summary *first, const struct summary *arm, const char *less, const char *more)
{
	static const char *const words[][2] = {
	    {"faster", "faster in every run"},
	    {"slower", "slower in every run"},
	    {"fewer", "fewer in every run"},
	    {"less", "less in every run"},
	    {"more", "more in every run"},
	};
	const char *word = arm->maximum < first->minimum ? less : arm->minimum > first->maximum ? more : NULL;

	for (size_t i = 0; word && first->count > 1 && i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(words[i][0], word))
			return words[i][1];
	return "too few runs";
}

const char *experiment_verdict(const struct experiment *experiment, size_t arm, enum measure measure)
{
	const struct measure_description description = experiment_measure(experiment, measure);

	switch (experiment_comparison(experiment, arm, measure)->verdict) {
	case VERDICT_NONE:
		return "";
	case VERDICT_EQUAL:
		return "equal";
	case VERDICT_LESS:
		return description.less;
	case VERDICT_MORE:
		return description.more;
	case VERDICT_NO_DIFFERENCE:
		return "no detectable difference";
	case VERDICT_TOO_FEW:
		return of_few(&experiment_comparison(experiment, 0, measure)->summary,
		    &experiment_comparison(experiment, arm, measure)->summary, description.less, description.more);
	}
	return "";
}

static char *__attribute__((format(printf, 1, 2))) text(const char *format, ...)
{
	va_list arguments;
	char *result;

	va_start(arguments, format);
	if (vasprintf(&result, format, arguments) < 0)
		result = NULL;
	va_end(arguments);
	return result;
}

static const char *chance(double p, char words[32])
{
	if (p < 0.0001)
		return "p < 0.0001";
	snprintf(words, 32, "p = %.4f", p);
	return words;
}

static char *sentence_of_difference(
    const char *name, const char *first, const char *title, const struct comparison *comparison, const char *word)
{
	char interval[INTERVAL_TEXT], p[32];

	if (is_steady(comparison))
		return text("%s: %s, %s times that of %s, the same in every run.", name, word,
		    experiment_ratio(comparison->ratio).text, first);
	if (isnan(comparison->ratio))
		return text("%s: %s than %s in %s (%s).", name, word, first, title, chance(comparison->corrected, p));
	return text("%s: %s, its %s is %s times that of %s (95 %% interval %s, %s).", name, word, title,
	    experiment_ratio(comparison->ratio).text, first, experiment_interval(comparison, interval),
	    chance(comparison->corrected, p));
}

/* How many runs it takes to see what is small, and a hint where the interval says more than the verdict dares. */
static char *sentence_of_none(
    const char *name, const char *first, const char *title, const struct comparison *comparison)
{
	bool hint = comparison->interval.low > 1 || comparison->interval.high < 1;
	char interval[INTERVAL_TEXT], needed[128] = "";

	if (!isnan(comparison->needed_one))
		snprintf(needed, sizeof(needed), " It would need about %s runs of each to tell 1 %%, %s to tell 5 %%.",
		    experiment_runs(comparison->needed_one).text, experiment_runs(comparison->needed_five).text);
	return text("%s: no detectable difference from %s in %s (ratio %s, 95 %% interval %s%s).%s", name, first, title,
	    experiment_ratio(comparison->ratio).text, experiment_interval(comparison, interval),
	    hint ? ": leaves out 1, as it does once in 20 by chance" : "", needed);
}

char *experiment_sentence(const struct experiment *experiment, size_t arm, enum measure measure)
{
	const struct comparison *comparison = experiment_comparison(experiment, arm, measure);
	const char *name = experiment->arms[arm].name, *first = experiment->arms[0].name;
	const char *title = measures[measure].title;

	switch (comparison->verdict) {
	case VERDICT_NONE:
		return text("%s: %s was not measured in both arms.", name, title);
	case VERDICT_EQUAL:
		return text("%s: equal to %s in %s, in every run.", name, first, title);
	case VERDICT_LESS:
	case VERDICT_MORE:
		return sentence_of_difference(
		    name, first, title, comparison, experiment_verdict(experiment, arm, measure));
	case VERDICT_NO_DIFFERENCE:
		return sentence_of_none(name, first, title, comparison);
	case VERDICT_TOO_FEW:
		return text("%s: too few runs to tell it from %s in %s: %zu pairs can't, whatever they measure.", name,
		    first, title, comparison->pairs);
	}
	return NULL;
}

bool experiment_measured(const struct experiment *experiment, enum measure measure)
{
	for (size_t i = 0; i < experiment->trial_count; i++)
		if (trial_counts(&experiment->trials[i], measure))
			return true;
	return false;
}

bool experiment_nonzero(const struct experiment *experiment, enum measure measure)
{
	for (size_t i = 0; i < experiment->trial_count; i++)
		if (trial_counts(&experiment->trials[i], measure) && experiment->trials[i].values[measure] != 0)
			return true;
	return false;
}

static char *joined(char *const *strings, const char *separator)
{
	size_t size = 1;
	char *all;

	for (size_t i = 0; strings && strings[i]; i++)
		size += strlen(strings[i]) + strlen(separator);
	all = calloc(1, size);
	for (size_t i = 0; all && strings && strings[i]; i++) {
		strcat(all, i ? separator : "");
		strcat(all, strings[i]);
	}
	return all;
}

char *experiment_command_text(char *const *command)
{
	return joined(command, " ");
}

char *experiment_arm_text(const struct arm *arm)
{
	char *parts[4] = {}, *result;
	size_t count = 0;

	if (arm->environment && arm->environment[0])
		parts[count++] = joined(arm->environment, ", ");
	if (arm->preload)
		parts[count++] = text("%s preloaded", arm->preload);
	if (arm->command) {
		char *command = joined(arm->command, " ");

		parts[count++] = text("runs %s", command ? command : "");
		free(command);
	}
	result = count ? joined(parts, "; ") : strdup("nothing changed");
	for (size_t i = 0; i < count; i++)
		free(parts[i]);
	return result;
}

static double least_counted(const struct experiment *experiment)
{
	double least = 1;

	for (size_t i = 0; i < experiment->trial_count; i++)
		if (experiment->trials[i].counted < least)
			least = experiment->trials[i].counted;
	return least;
}

char **experiment_warnings(const struct experiment *experiment)
{
	char **list = calloc(8, sizeof(*list));
	double others = experiment->machine.others, load = experiment->machine.load;
	double counted = least_counted(experiment);
	size_t count = 0;

	if (!list)
		return NULL;
	if (experiment->interrupted)
		list[count++] = text("cut short: it was interrupted, and these are the runs that had ended");
	if (others > BUSY_SHARE)
		list[count++] = text("the machine was busy: other processes took %.0f %% of its processors' time "
		                     "while this ran; noise widens the intervals",
		    others * 100);
	if (load > BUSY_LOAD * experiment->machine.processors)
		list[count++] = text("the machine was not idle when it began: load average %.1f on %u processors", load,
		    experiment->machine.processors);
	if (counted < FULLY_COUNTED)
		list[count++] = text("hardware counters had to take turns, and one counted for only %.0f %% of a run: "
		                     "counts are scaled up, and are estimates",
		    counted * 100);
	if (experiment->failures)
		list[count++] = text("%u runs failed and count for nothing, nor do their blocks", experiment->failures);
	return list;
}
