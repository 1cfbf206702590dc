// SPDX-License-Identifier: MIT
/* The way for any machine: the command's accesses, as valgrind tells them, through models of a TLB and a cache. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command/complain.h"
#include "command/misses.h"
#include "command/options.h"
#include "command/pass.h"
#include "command/preload.h"
#include "symbol/elf_file.h"
#include "misses/lackey.h"
#include "process/owner.h"

#define PATIENCE_MS 1                   /* lines gather meanwhile: a look at each would cost more than it */
#define GRACE_NS    (2 * 1000000000ULL) /* for a command that was stopped */
#define LINE_BYTES  (1ULL << CACHE_LINE_SHIFT)

/* Which row a place has. */
struct row {
	enum owner_kind kind;
	uint32_t block_size;
	size_t owner, row;
};

struct model {
	const struct misses_options *options;
	struct misses *misses;
	struct miss_event *event;
	struct tlb_model tlb;
	struct cache_model cache;
	struct lackey lackey;
	struct row *rows;
	size_t row_count;
	uint64_t accesses;
	bool full; /* as many as were asked for */
	bool failed;
};

static size_t find_row(struct model *model, const struct client_place *place)
{
	const char *object = place->owner == SIZE_MAX ? "" : model->lackey.client.owners[place->owner].object;
	char detail[OWNER_DETAIL] = "unknown";
	enum region region = REGION_UNSEEN;
	struct row *rows;
	size_t row;

	for (size_t i = 0; i < model->row_count; i++)
		if (model->rows[i].kind == place->kind && model->rows[i].owner == place->owner &&
		    model->rows[i].block_size == place->block_size)
			return model->rows[i].row;
	if (place->kind)
		region = owner_region(OWNER(place->kind, 0), place->block_size, object, detail);
	row = miss_event_row(model->event, region, detail);
	rows = reallocarray(model->rows, model->row_count + 1, sizeof(*rows));
	if (!rows)
		return SIZE_MAX;
	model->rows = rows;
	rows[model->row_count++] = (struct row){place->kind, place->block_size, place->owner, row};
	return row;
}

/* An access over the end of a line looks for both. */
static void count_cache(struct model *model, const struct lackey_access *access, uint64_t *figures)
{
	uint64_t first = access->address & ~(LINE_BYTES - 1);
	bool missed = false;

	for (uint64_t line = first; line < access->address + access->size; line += LINE_BYTES)
		missed |= !cache_model_access(&model->cache, line);
	figures[MISS_CACHE_FIRST_TOLD]++;
	figures[MISS_CACHE_FIRST] += missed;
}

static bool take(void *context, const struct lackey_access *access)
{
	struct model *model = context;
	size_t row = find_row(model, &access->place);
	enum tlb_outcome outcome;
	uint64_t *figures;

	if (row == SIZE_MAX) {
		model->failed = true;
		return false;
	}
	figures = model->event->rows[row].figures;
	outcome = tlb_model_access(&model->tlb, access->address, access->huge);
	figures[MISS_ACCESSES]++;
	figures[MISS_TLB_FIRST_TOLD]++;
	figures[MISS_TLB_FIRST] += outcome != TLB_HIT;
	figures[MISS_TLB_LAST_TOLD]++;
	figures[MISS_TLB_LAST] += outcome == TLB_WALK;
	if (model->options->with_cache)
		count_cache(model, access, figures);
	model->full = ++model->accesses >= model->options->most_accesses;
	return !model->full;
}

/* What was modelled, in words. */
static int start_event(struct model *model)
{
	char shape[TLB_SHAPE_TEXT], cache[64] = "", words[512];
	const struct misses_options *options = model->options;

	tlb_shape_write(&options->tlb, shape);
	if (options->with_cache)
		snprintf(cache, sizeof(cache), ", L1 data cache %u KiB %u-way", options->cache.kibibytes,
		    options->cache.ways);
	snprintf(words, sizeof(words),
	    "TLB %s (entries/ways; l1 for 4 KiB pages, huge for 2 MiB, l2 for both)%s; least recently used "
	    "replacement; %s; "
	    "every load and store as valgrind's lackey tells them",
	    shape, cache, page_sizes_words(&options->huge));
	model->event = misses_event(model->misses, "tlb-model", words, 1);
	if (!model->event || tlb_model_make(&model->tlb, &options->tlb))
		return -1;
	return options->with_cache ? cache_model_make(&model->cache, &options->cache) : 0;
}

/* It has had its accesses: what else it does is not read. */
static void stop_command(struct model *model, struct target *target)
{
	uint64_t begin = watch_now();

	model->misses->stopped = true;
	kill(target->pid, SIGTERM);
	while (!target_reap(target)) {
		lackey_discard(&model->lackey);
		if (watch_now() - begin > GRACE_NS)
			kill(target->pid, SIGKILL);
		usleep(1000 * PATIENCE_MS);
	}
}

static void wait_for_end(struct model *model, struct watch *watch, struct target *target)
{
	bool ended = false;

	for (;;) {
		int got = lackey_read(&model->lackey, take, model);

		if (!got && ended)
			lackey_finish(&model->lackey, take, model);
		if (model->full || model->failed)
			break;
		if (!got && ended)
			return;
		if (watch_wait(watch, got ? 0 : PATIENCE_MS) & WATCH_SIGNAL)
			pass_signals(watch, target->pid);
		/* What it has written before its end is still to be read. */
		if (!got)
			ended = target_reap(target);
	}
	if (!ended)
		stop_command(model, target);
}

static int say(struct model *model, const char *words)
{
	return misses_limit(model->misses, words);
}

static int say_limits(struct model *model, const struct target *target)
{
	const struct client *client = &model->lackey.client;
	double seconds = target->wall_ns / 1e9;
	char words[512];
	int result = 0;

	result |= say(model, "a model of one core that runs all threads in turn: no prefetcher, no page-walk caches, "
	                     "nothing of the kernel's, "
	                     "of instructions' own pages, or of other programs; valgrind places memory elsewhere than "
	                     "the kernel would, and an "
	                     "instruction that loads and stores one address counts once");
	if (model->misses->stopped)
		snprintf(words, sizeof(words),
		    "stopped after %llu accesses (--accesses), in %.1f s: what the command does later is not in it",
		    (unsigned long long)model->accesses, seconds);
	else
		snprintf(words, sizeof(words), "%llu accesses were modelled in %.1f s, %.2f million a second",
		    (unsigned long long)model->accesses, seconds, model->accesses / 1e6 / (seconds > 0 ? seconds : 1));
	result |= say(model, words);
	if (client->executed)
		result |= say(model, "the command went on as another program (execve), which was not modelled");
	if (client->forks)
		result |= say(model, "the command forked: children were not modelled");
	if (model->lackey.sizes.partly) {
		snprintf(words, sizeof(words),
		    "%llu accesses were to mappings of which smaps says that a part is in huge pages, not which: they "
		    "were taken for 4 KiB pages",
		    (unsigned long long)model->lackey.sizes.partly);
		result |= say(model, words);
	}
	return result;
}

static int finish(struct model *model, const struct target *target)
{
	const struct misses_options *options = model->options;
	const char *words = model->lackey.last_words;

	if (model->failed || model->lackey.client.out_of_memory || say_limits(model, target)) {
		complain("out of memory");
		return EXIT_FAILED;
	}
	if (*words || !model->lackey.started) {
		complain("valgrind gave up on %s: %s%s", options->command[0], *words ? words : "it says why above",
		    strstr(words, "debuginfo") ? " (build it with -gdwarf-4, or strip a copy of it)" : "");
		return EXIT_FAILED;
	}
	model->event->unsure = model->lackey.client.map.unsure;
	return -1;
}

static int run(struct model *model, struct target *target)
{
	struct watch watch;
	int code;

	if (pass_open(&watch)) {
		complain("can't take signals: %s", strerror(errno));
		target_abandon(target);
		return EXIT_FAILED;
	}
	code = target_go(target);
	if (code) {
		complain("can't execute valgrind: %s", strerror(code));
		return EXIT_FAILED;
	}
	wait_for_end(model, &watch, target);
	return finish(model, target);
}

/* What valgrind would say in its own words, and with its own status. -1: it can be run. */
static int check_command(const char *command, char path[PATH_MAX])
{
	struct elf_facts facts;
	struct stat status;

	if (!command_file(command, path) || access(path, F_OK)) {
		complain(
		    "can't execute %s: %s", command, strchr(command, '/') ? strerror(ENOENT) : "command not found");
		return EXIT_NOT_FOUND;
	}
	if (access(path, X_OK) || stat(path, &status) || S_ISDIR(status.st_mode)) {
		complain("can't execute %s: %s", command, strerror(EACCES));
		return EXIT_CANNOT_EXECUTE;
	}
	if (elf_file_read(path, status.st_ino, &facts) && facts.is_32_bit) {
		complain("%s is a 32-bit program: only accesses of 64-bit ones can be modelled", command);
		return EXIT_FAILED;
	}
	return -1;
}

static char **with_path(char *const *command, char *path)
{
	size_t count = 0;
	char **copy;

	while (command[count])
		count++;
	copy = calloc(count + 1, sizeof(*copy));
	if (!copy)
		return NULL;
	memcpy(copy, command, count * sizeof(*copy));
	copy[0] = path;
	return copy;
}

static int start(struct model *model, const char *preload, struct target *target)
{
	const struct misses_options *options = model->options;
	struct target_options start = {.preload = preload, .as_root = options->as_root};
	char valgrind[PATH_MAX], path[PATH_MAX], error[TARGET_ERROR];
	int status = check_command(options->command[0], path);
	char **command;

	if (status >= 0)
		return status;
	if (!lackey_installed(valgrind)) {
		complain(
		    "--tlb-model needs valgrind, which is not in PATH: install it (Debian: apt-get install valgrind)");
		return EXIT_FAILED;
	}
	command = with_path(options->command, path);
	if (!command || start_event(model)) {
		complain("out of memory");
		free(command);
		return EXIT_FAILED;
	}
	status = lackey_start(&model->lackey, target, valgrind, command, &start, error) ? EXIT_FAILED : -1;
	if (status >= 0)
		complain("%s", error);
	free(command);
	return status;
}

int misses_model(
    const struct misses_options *options, const char *preload, struct target *target, struct misses *misses)
{
	struct model *model = calloc(1, sizeof(*model));
	int status;

	if (!model) {
		complain("out of memory");
		return EXIT_FAILED;
	}
	model->options = options;
	model->misses = misses;
	model->lackey.stream = -1;
	model->lackey.sizes.rule = options->huge;
	status = start(model, preload, target);
	if (status < 0)
		status = run(model, target);
	lackey_close(&model->lackey);
	tlb_model_free(&model->tlb);
	if (options->with_cache)
		cache_model_free(&model->cache);
	free(model->rows);
	free(model);
	return status;
}
