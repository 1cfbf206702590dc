/* SPDX-License-Identifier: MIT */
/*
 * The head of the table. See header.h.
 */
#include "output/header.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "output/lines.h"
#include "output/style.h"
#include "output/text.h"
#include "snapshot/stacks.h"

/* "process 4312", "every process", ...; a fresh string, or NULL. */
static char *attached_to(const struct attachment *to)
{
	const char *separator = "";
	char *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);

	if (!file)
		return NULL;
	fputs("attached to ", file);
	if (to->all)
		fputs("every process", file);
	for (size_t i = 0; i < to->pid_count; i++) {
		fprintf(file, "%s%s%" PRIu32, separator,
		    i                   ? ""
		    : to->pid_count > 1 ? "processes "
		                        : "process ",
		    to->pids[i]);
		separator = ", ";
	}
	for (char **name = to->names; name && *name; name++) {
		fprintf(file, "%severy %s", separator, *name);
		separator = ", ";
	}
	for (char **path = to->cgroups; path && *path; path++) {
		fprintf(file, "%scgroup %s", separator, *path);
		separator = ", ";
	}
	fclose(file);
	return text;
}

char *header_target(const struct snapshot *snapshot)
{
	char *target, *printable;

	if (snapshot->command)
		return lines_command(snapshot->command);
	target = attached_to(&snapshot->attachment);
	printable = target ? text_printable(target) : NULL;
	free(target);
	return printable;
}

void header_end(const struct snapshot *snapshot, char text[HEADER_END])
{
	struct figure wall = figure_precise_duration(snapshot->wall_ns);

	if (snapshot->in_parts && snapshot->part.number)
		snprintf(text, HEADER_END, "interval %" PRIu32 ", %s to %s", snapshot->part.number,
		    snapshot->part.start_ns ? figure_precise_duration(snapshot->part.start_ns).text : "0 s",
		    figure_precise_duration(snapshot->part.end_ns).text);
	else if (!snapshot->command)
		snprintf(text, HEADER_END, "for %s", wall.text);
	else if (snapshot->running)
		snprintf(text, HEADER_END, "traced for %s, still runs", wall.text);
	else if (snapshot->exit_signal)
		snprintf(text, HEADER_END, "signal %d (%s) after %s", snapshot->exit_signal,
		    strsignal(snapshot->exit_signal), wall.text);
	else
		snprintf(text, HEADER_END, "exit %d in %s", snapshot->exit_code, wall.text);
}

static void write_title(const struct snapshot *snapshot, FILE *file)
{
	static const char name[] = "hakmem-trace: ";
	char *title = header_target(snapshot);
	char ending[HEADER_END];
	size_t room;

	header_end(snapshot, ending);
	room = REPORT_COLUMNS - strlen(name) - strlen(ending) - 2;
	if (title) {
		lines_cut(title, room);
		fprintf(file, "%s%s%*s%s\n", name, title, (int)(room - text_columns(title)) + 2, "", ending);
	}
	free(title);
}

static void hook_piece(struct line *line, const char *what, const struct hook *hook)
{
	char text[METHOD_TEXT];
	const char *method = hook_method(hook, text);

	if (!hook->name)
		line_piece(line, "%s n/a", what);
	else if (!method)
		line_piece(line, "%s %s", what, hook->name);
	else
		line_piece(line, "%s %s (%s)", what, hook->name, method);
}

static bool same_rung(const struct hook *one, const struct hook *other)
{
	return one->rung && other->rung && !strcmp(one->rung, other->rung);
}

/* One word where the subjects share a rung. */
static void rung_piece(struct line *line, const struct hook *hooks)
{
	const struct hook *fault = &hooks[SUBJECT_FAULT], *zero = &hooks[SUBJECT_ZERO];

	if (!fault->rung)
		return;
	if (!zero->rung || same_rung(fault, zero))
		line_piece(line, "rung %s", fault->rung);
	else
		line_piece(line, "rungs %s for faults, %s for zeroing", fault->rung, zero->rung);
}

static const char *on_or_off(int value)
{
	if (value < 0)
		return "unknown";
	return value ? "on" : "off";
}

static void write_hooks(const struct snapshot *snapshot, FILE *file)
{
	const struct hook *hooks = snapshot->kernel.hooks;
	struct line line = {.file = file, .separator = " | "};

	line_piece(&line, "kernel %s", snapshot->kernel.release ? snapshot->kernel.release : "unknown");
	rung_piece(&line, hooks);
	for (enum subject subject = 0; subject < SUBJECT_COUNT; subject++)
		hook_piece(&line, subject_title(subject), &hooks[subject]);
	line_piece(&line, "init_on_alloc %s", on_or_off(snapshot->kernel.init_on_alloc));
	if (snapshot->kernel.lockdown && strcmp(snapshot->kernel.lockdown, "none") != 0)
		line_piece(&line, "lockdown %s", snapshot->kernel.lockdown);
	line_end(&line);
}

/* The kernel adds up what a task ran at ticks, of 4 ms mostly, and when it switches: a share of less says nothing. */
#define SHARED_LEAST_NS 10000000

/* How many durations stand for how many, and what measuring has cost the program. */
static void write_sampling(const struct snapshot *snapshot, struct line *line)
{
	const struct counts *counts = &snapshot->totals.counts;
	uint64_t own_ns = snapshot->totals.own_ns, traced_ns = snapshot->totals.traced_ns;

	if (counts->timed != UNKNOWN && counts->timed != counts->faults)
		line_piece(
		    line, "timed %s of %s faults", figure_plain(counts->timed).text, figure_plain(counts->faults).text);
	if (own_ns == UNKNOWN)
		line_piece(line, "own overhead n/a");
	else if (own_ns >= traced_ns || traced_ns < SHARED_LEAST_NS)
		line_piece(line, "own overhead about %s", figure_duration(own_ns).text);
	else
		line_piece(line, "own overhead about %s %%", figure_share(own_ns, traced_ns - own_ns).text);
}

/* " (12 rows, 3 files)": of what something was lost; nothing when nothing was. */
void header_lost(const struct snapshot *snapshot, char text[HEADER_LOST])
{
	const size_t size = HEADER_LOST;
	size_t used = 0;

	text[0] = '\0';
	for (enum lost_kind kind = 0; kind < LOST_COUNT && used < size; kind++)
		if (snapshot->totals.lost_by[kind] && snapshot->totals.lost_by[kind] != UNKNOWN)
			used += snprintf(text + used, size - used, "%s%s %s", used ? ", " : " (",
			    figure_plain(snapshot->totals.lost_by[kind]).text, lost_name(kind));
	if (used && used < size)
		snprintf(text + used, size - used, ")");
}

/* What can be wrong with the figures below, also when nothing is: 0 lost is a statement. */
static void write_losses(const struct snapshot *snapshot, FILE *file)
{
	char by[HEADER_LOST];
	struct line line = {.file = file, .separator = " | "};

	header_lost(snapshot, by);
	line_piece(&line, "lost %s%s", figure_plain(snapshot->totals.lost).text, by);
	if (snapshot_missing_clearings(snapshot))
		line_piece(&line, "up to %s clearings of pages unseen",
		    figure_plain(snapshot_missing_clearings(snapshot)).text);
	line_piece(&line, "unseen %s", figure_plain(snapshot->totals.unseen).text);
	if (snapshot->totals.failed && snapshot->totals.failed != UNKNOWN)
		line_piece(
		    &line, "failed %s (ended in a signal, not charged)", figure_plain(snapshot->totals.failed).text);
	write_sampling(snapshot, &line);
	line_end(&line);
}

static void write_cannot(const struct snapshot *snapshot, FILE *file)
{
	struct line line = {.file = file, .separator = " "};

	if (!snapshot->kernel.cannot || !*snapshot->kernel.cannot)
		return;
	line_text(&line, "limits:");
	for (char **reason = snapshot->kernel.cannot; *reason; reason++)
		line_words(&line, *reason, reason[1] ? ";" : "");
	line_end(&line);
}

/* What is shown, of how much. */
static void write_filter(const struct snapshot *snapshot, FILE *file)
{
	struct line line = {.file = file, .separator = " | "};
	char *words = snapshot->filter.words ? text_printable(snapshot->filter.words) : NULL;
	const struct counts *counts = &snapshot->totals.counts;

	if (!words)
		return;
	line_piece(&line, "only %s", words);
	line_piece(&line, "%s of the run's %s faults", figure_plain(counts->faults).text,
	    figure_plain(snapshot->filter.faults).text);
	if (counts->zeroed_bytes != UNKNOWN && snapshot->filter.zeroed_bytes != UNKNOWN)
		line_piece(&line, "%s of its %s zeroed",
		    counts->zeroed_bytes ? figure_bytes(counts->zeroed_bytes).text : "nothing",
		    figure_bytes(snapshot->filter.zeroed_bytes).text);
	if (snapshot->filter.from_stacks)
		line_piece(&line, "added up from call stacks%s",
		    snapshot->stacks && (snapshot->stacks->sampled || snapshot->stacks->lost) ? ": estimates" : "");
	line_end(&line);
	free(words);
}

static void write_attachment(const struct attachment *to, FILE *file)
{
	struct line line = {.file = file, .separator = " "};
	char unreadable[LINE_LONGEST];

	line_words(&line,
	    "what was charged before the attach is not counted; who had mapped memory before is told by what "
	    "is in it, or is 'before attach'",
	    to->unreadable ? ";" : "");
	if (to->unreadable) {
		snprintf(unreadable, sizeof(unreadable),
		    "the memory of %s processes may not be read (CAP_SYS_PTRACE): libhakmem's classes in them are "
		    "unknown",
		    figure_plain(to->unreadable).text);
		line_words(&line, unreadable, "");
	}
	line_end(&line);
}

void header_write(const struct snapshot *snapshot, FILE *file)
{
	write_title(snapshot, file);
	/* How it was measured is said once. */
	if (snapshot->in_parts && !snapshot->part.first) {
		if (snapshot->totals.lost || snapshot_missing_clearings(snapshot))
			write_losses(snapshot, file);
		return;
	}
	write_hooks(snapshot, file);
	write_losses(snapshot, file);
	if (!snapshot->command)
		write_attachment(&snapshot->attachment, file);
	write_cannot(snapshot, file);
	write_filter(snapshot, file);
}

/* A figure must not look more certain than its method is. */
static const char *qualifier(const struct snapshot *snapshot, enum subject subject)
{
	switch (snapshot->kernel.hooks[subject].method) {
	case METHOD_UPPER_BOUND:
		return "at most ";
	case METHOD_ESTIMATE:
	case METHOD_SAMPLED:
		return "about ";
	default:
		return "";
	}
}

/* " +- 1.2 %", or nothing where all was timed. */
static const char *uncertainty(const struct counts *counts, char *text, size_t size)
{
	text[0] = '\0';
	if (counts->fault_ns_error && counts->fault_ns_error != UNKNOWN)
		snprintf(text, size, " +- %s %%", figure_share(counts->fault_ns_error, counts->fault_ns).text);
	return text;
}

static void write_fault_answer(const struct snapshot *snapshot, struct line *line)
{
	const struct counts *counts = &snapshot->totals.counts;
	char text[48];
	uint64_t minor = counts->major == UNKNOWN ? UNKNOWN : counts->faults - counts->major;

	line_piece(line, "%s faults (%s minor, %s major, %s populated)", figure_plain(counts->faults).text,
	    figure_plain(minor).text, figure_plain(counts->major).text, figure_plain(counts->populated).text);
	if (counts->fault_ns == UNKNOWN)
		line_piece(line, "took n/a;");
	else
		line_piece(line, "took %s%s%s;", qualifier(snapshot, SUBJECT_FAULT_TIME),
		    figure_duration(counts->fault_ns).text, uncertainty(counts, text, sizeof(text)));
}

static void write_zero_answer(const struct snapshot *snapshot, struct line *line)
{
	const struct counts *counts = &snapshot->totals.counts;

	if (counts->zeroed_bytes == UNKNOWN) {
		line_piece(line, "zeroing not measured");
		return;
	}
	line_piece(line, "%s%s zeroed", qualifier(snapshot, SUBJECT_ZERO),
	    counts->zeroed_bytes ? figure_bytes(counts->zeroed_bytes).text : "nothing");
	if (counts->zeroed_twice_bytes && counts->zeroed_twice_bytes != UNKNOWN)
		line_piece(line, "(%s of it a second time)", figure_bytes(counts->zeroed_twice_bytes).text);
	if (counts->zero_ns == UNKNOWN || !counts->zeroed_bytes)
		return;
	line_piece(line, "in %s%s, %s %% of the run", qualifier(snapshot, SUBJECT_ZERO_TIME),
	    figure_duration(counts->zero_ns).text, figure_share(counts->zero_ns, snapshot->wall_ns).text);
}

void answer_write(const struct snapshot *snapshot, FILE *file)
{
	struct line line = {.file = file, .separator = " "};

	write_fault_answer(snapshot, &line);
	write_zero_answer(snapshot, &line);
	line_end(&line);
}
