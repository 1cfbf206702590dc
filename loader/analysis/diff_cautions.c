// SPDX-License-Identifier: MIT
/* Why a comparison may mislead: what was not the same besides what was to be compared. See diff.h. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/diff.h"
#include "snapshot/stacks.h"

struct list {
	char **texts;
	size_t count;
	bool failed;
};

static void add(struct list *list, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add(struct list *list, const char *format, ...)
{
	char **grown = reallocarray(list->texts, list->count + 2, sizeof(*grown));
	va_list arguments;
	char *text = NULL;

	if (!grown) {
		list->failed = true;
		return;
	}
	list->texts = grown;
	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) < 0)
		list->failed = true;
	else
		list->texts[list->count++] = text;
	va_end(arguments);
	list->texts[list->count] = NULL;
}

static const char *text_or(const char *text, const char *otherwise)
{
	return text ? text : otherwise;
}

/* A property of a run, as a text that may lie in `text`. */
#define PROPERTY 512
typedef const char *(*property)(const struct snapshot *snapshot, char text[PROPERTY]);

static const char *release(const struct snapshot *snapshot, char text[PROPERTY])
{
	(void)text;
	return text_or(snapshot->kernel.release, "unknown");
}

static const char *hook(const struct snapshot *snapshot, enum subject subject, char text[PROPERTY])
{
	const struct hook *hook = &snapshot->kernel.hooks[subject];
	char method[METHOD_TEXT];
	const char *how = hook_method(hook, method);

	if (!hook->name)
		return "not measured";
	snprintf(text, PROPERTY, "%s (%s)", text_or(hook->rung, hook->name), text_or(how, "unknown"));
	return text;
}

static const char *fault_hook(const struct snapshot *snapshot, char text[PROPERTY])
{
	return hook(snapshot, SUBJECT_FAULT, text);
}

static const char *fault_time_hook(const struct snapshot *snapshot, char text[PROPERTY])
{
	return hook(snapshot, SUBJECT_FAULT_TIME, text);
}

static const char *zero_hook(const struct snapshot *snapshot, char text[PROPERTY])
{
	return hook(snapshot, SUBJECT_ZERO, text);
}

static const char *init_on_alloc(const struct snapshot *snapshot, char text[PROPERTY])
{
	int value = snapshot->kernel.init_on_alloc;

	(void)text;
	return value < 0 ? "unknown" : value ? "on" : "off";
}

static const char *ending(const struct snapshot *snapshot, char text[PROPERTY])
{
	if (!snapshot->command)
		return "attached to what ran";
	if (snapshot->running)
		return "still running";
	snprintf(text, PROPERTY, snapshot->exit_signal ? "signal %d" : "status %d",
	    snapshot->exit_signal ? snapshot->exit_signal : snapshot->exit_code);
	return text;
}

static const char *command(const struct snapshot *snapshot, char text[PROPERTY])
{
	size_t used = 0;

	if (!snapshot->command)
		return "attached to what ran";
	text[0] = '\0';
	for (char **word = snapshot->command; *word && used < PROPERTY; word++)
		used += snprintf(text + used, PROPERTY - used, "%s%s", used ? " " : "", *word);
	return text;
}

static const char *part(const struct snapshot *snapshot, char text[PROPERTY])
{
	(void)text;
	return text_or(snapshot->filter.words, "all of it");
}

static const char *unwinding(const struct snapshot *snapshot, char text[PROPERTY])
{
	if (!snapshot->stacks)
		return "none";
	snprintf(text, PROPERTY, "%s%s", unwinding_name(snapshot->stacks->unwinding),
	    snapshot->stacks->kernel_frames ? " with kernel frames" : "");
	return text;
}

static const struct {
	const char *what;
	property of;
} properties[] = {
    {"the command", command},
    {"how it ended", ending},
    {"the part of the run", part},
    {"the kernel", release},
    {"init_on_alloc", init_on_alloc},
    {"how faults were counted", fault_hook},
    {"how fault time was measured", fault_time_hook},
    {"how zeroing was measured", zero_hook},
    {"how call stacks were taken", unwinding},
};

/* The sides' first runs against each other, and each side's against its own others. */
static void compare(struct list *list, const char *what, property of, const struct diff_input sides[2])
{
	char one[PROPERTY], other[PROPERTY];

	for (size_t side = 0; side < 2; side++) {
		const char *first = of(sides[side].runs[0], one);

		for (size_t run = 1; run < sides[side].count; run++) {
			if (!strcmp(first, of(sides[side].runs[run], other)))
				continue;
			add(list, "the runs of %s are not alike: %s differs", side ? "B" : "A", what);
			return;
		}
	}
	if (strcmp(of(sides[0].runs[0], one), of(sides[1].runs[0], other)) != 0)
		add(list, "%s differs: A %s, B %s", what, of(sides[0].runs[0], one), of(sides[1].runs[0], other));
}

/* What runs may have wrong with them. */
static bool lacks_counts(const struct snapshot *snapshot)
{
	return snapshot_lacks_counts(snapshot);
}

static bool lacks_detail(const struct snapshot *snapshot)
{
	return snapshot->totals.lost && !snapshot_lacks_counts(snapshot);
}

static bool has_sampled_stacks(const struct snapshot *snapshot)
{
	return snapshot->stacks && snapshot->stacks->sampled;
}

static bool has_lost_stacks(const struct snapshot *snapshot)
{
	return snapshot->stacks && snapshot->stacks->lost;
}

static bool has_estimated_times(const struct snapshot *snapshot)
{
	const struct counts *counts = &snapshot->totals.counts;

	return counts->timed != UNKNOWN && counts->timed && counts->timed < counts->faults;
}

static const struct {
	bool (*of)(const struct snapshot *snapshot);
	const char *words;
} faults[] = {
    {lacks_counts, "%s lost events: figures may be too low"},
    {lacks_detail, "%s lost some detail: totals are right, and rows may lack what is in others"},
    {has_sampled_stacks,
        "call stacks are a sample in %s: functions and stacks are estimates, and small changes of them chance"},
    {has_lost_stacks, "call stacks were lost in %s: functions and stacks are estimates"},
    {has_estimated_times, "not all faults were timed in %s: fault times are estimates"},
};

static bool any(const struct diff_input *side, bool (*of)(const struct snapshot *snapshot))
{
	for (size_t run = 0; run < side->count; run++)
		if (of(side->runs[run]))
			return true;
	return false;
}

static void look_at(struct list *list, size_t fault, const struct diff_input sides[2])
{
	bool a = any(&sides[0], faults[fault].of), b = any(&sides[1], faults[fault].of);

	if (a || b)
		add(list, faults[fault].words, a && b ? "A and B" : a ? "A" : "B");
}

char **diff_find_cautions(const struct diff_input sides[2])
{
	struct list list = {.texts = calloc(1, sizeof(char *))};

	if (!list.texts)
		return NULL;
	for (size_t i = 0; i < sizeof(properties) / sizeof(properties[0]); i++)
		compare(&list, properties[i].what, properties[i].of, sides);
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		look_at(&list, i, sides);
	if (!list.failed)
		return list.texts;
	strings_free(list.texts);
	return NULL;
}
