// SPDX-License-Identifier: MIT
#include "trace/stack_snapshot.h"

#include <stdlib.h>

#include "snapshot/stacks.h"
#include "stack/alloc_sites.h"
#include "process/owner.h"
#include "stack/site_frames.h"
#include "stack/site_probes.h"
#include "stack/stack_collector.h"
#include "stack/stack_names.h"

#define ROWS_A_LOOK 16 /* at how far it is */

/* Of the stacks of one snapshot: the numbers of the frames that a raw frame stands for, once it was met. */
struct translation {
	struct stacks *stacks;
	const struct stack_rows *rows;
	struct stack_names *names;
	const struct site_probes *probes; /* of libhakmem; NULL: who allocated is not asked */
	uint32_t *frames;                 /* of one stack */
	size_t room;
};

/* Behind the `count` frames that there are. How many then; SIZE_MAX: out of memory. */
static size_t translate(struct translation *to, size_t count, uint32_t raw)
{
	size_t more;
	const struct frame *frames = stack_names_of(to->names, to->rows, raw, &more);

	if (!frames)
		return SIZE_MAX;
	if (count + more > to->room) {
		size_t room = 2 * (count + more);
		uint32_t *larger = reallocarray(to->frames, room, sizeof(*larger));

		if (!larger)
			return SIZE_MAX;
		to->frames = larger;
		to->room = room;
	}
	for (size_t i = 0; i < more; i++) {
		uint32_t number = stacks_frame(to->stacks, &frames[i]);

		if (!number)
			return SIZE_MAX;
		to->frames[count++] = number;
	}
	return count;
}

static size_t translate_all(struct translation *to, size_t count, const uint32_t *raw, size_t raw_count)
{
	for (size_t i = 0; i < raw_count && count != SIZE_MAX; i++)
		count = translate(to, count, raw[i]);
	return count;
}

static bool site_object_of(const void *context, const char *name, bool *whole)
{
	return site_probes_has(context, name, whole);
}

static struct site_frames part(const struct translation *to, size_t first, size_t count)
{
	return (struct site_frames){
	    .object = site_object_of,
	    .context = to->probes,
	    .frames = to->stacks->frames,
	    .stack = to->frames + first,
	    .count = count,
	};
}

static bool hands_out(const struct account_key *account)
{
	uint32_t kind = OWNER_KIND(account->owner);

	return kind == OWNER_ALLOCATOR_CLASS || kind == OWNER_ALLOCATOR_MEDIUM || kind == OWNER_ALLOCATOR_LARGE;
}

/*
 * The call that was handed the memory: of frames[0 .. touched) if libhakmem touched it while it handed it out, else of
 * those behind, which are of whom it was handed out to.
 */
static struct frames allocated_by(const struct translation *to, const struct raw_key *raw, size_t touched, size_t all)
{
	struct site_frames own = part(to, 0, touched), site = part(to, touched, all - touched);
	size_t count = to->probes && hands_out(&raw->account) ? site_frames_own(&own) : 0, inside;

	if (count)
		return (struct frames){to->frames + touched - count, count};
	if (!site.count)
		return (struct frames){};
	inside = site_frames_inside(&site);
	count = site.count - inside;
	if (to->rows->frames[raw->frames[raw->touched_count + raw->allocated_count - 1]].kind == RAW_CUT)
		count = site_frames_call(&site, inside);
	return (struct frames){site.stack + inside, count};
}

static int add_row(
    struct translation *to, const struct raw_row *raw, stack_object_name *object_name, const void *context)
{
	const struct account_key *account = &raw->key.account;
	size_t touched = translate_all(to, 0, raw->key.frames, raw->key.touched_count), all = touched;
	char detail[OWNER_DETAIL], comm[sizeof(raw->key.comm) + 1] = {};
	struct stack_key key = {.cause = account->cause, .detail = detail, .comm = comm, .pid = raw->key.pid};
	struct stack_row *row;

	if (touched != SIZE_MAX)
		all = translate_all(to, touched, raw->key.frames + raw->key.touched_count, raw->key.allocated_count);
	if (all == SIZE_MAX)
		return -1;
	for (size_t i = 0; i < sizeof(raw->key.comm); i++)
		comm[i] = raw->key.comm[i];
	key.region = owner_region(
	    account->owner, account->block_size, object_name(context, OWNER_OBJECT(account->owner)), detail);
	key.touched = (struct frames){to->frames, touched};
	key.allocated = allocated_by(to, &raw->key, touched, all);
	row = stacks_row(to->stacks, &key);
	if (!row)
		return -1;
	row->samples += raw->samples;
	row->faults += raw->faults;
	row->zeroed_bytes += raw->zeroed_bytes;
	row->timed += raw->timed;
	row->timed_ns += raw->timed_ns;
	return 0;
}

/* Places in files that nobody could open any more: of these nothing is known but where they are. */
static uint64_t count_stale(const struct stack_rows *rows, const struct code_files *files)
{
	uint64_t count = 0;

	for (size_t i = 0; i < rows->frame_count; i++)
		if (rows->frames[i].kind == RAW_FILE && code_files_descriptor(files, rows->frames[i].location.file) < 0)
			count++;
	return count;
}

static void describe(const struct tracer *tracer, struct stacks *stacks)
{
	struct stack_losses losses = stack_collector_losses(tracer->collector);
	const struct alloc_sites *sites = stack_collector_sites(tracer->collector);

	stacks->unwinding = tracer->stacks.unwinding;
	stacks->sampled = !tracer->stacks.all;
	stacks->kernel_frames = tracer->stacks.kernel;
	stacks->allocation_sites = sites && alloc_sites_known(sites);
	stacks->lost = losses.room;
	stacks->cut = losses.cut;
	stacks->stale = count_stale(stack_collector_rows(tracer->collector), stack_collector_files(tracer->collector));
}

int stack_snapshot(
    struct tracer *tracer, stack_object_name *object_name, const void *context, struct snapshot *snapshot)
{
	struct translation to = {.names = tracer->names};
	int result = 0;

	if (!tracer->collector)
		return 0;
	tracer_drain(tracer);
	to.stacks = snapshot->stacks = stacks_new();
	if (!to.stacks)
		return -1;
	stack_names_refresh(tracer->names);
	to.rows = stack_collector_rows(tracer->collector);
	if (stack_collector_sites(tracer->collector))
		to.probes = alloc_sites_probes(stack_collector_sites(tracer->collector));
	for (size_t i = 0; i < to.rows->row_count && !result; i++) {
		if (tracer->stacks.progress && i % ROWS_A_LOOK == 0)
			tracer->stacks.progress(i, to.rows->row_count);
		result = add_row(&to, &to.rows->rows[i], object_name, context);
	}
	if (tracer->stacks.progress)
		tracer->stacks.progress(to.rows->row_count, to.rows->row_count);
	free(to.frames);
	describe(tracer, to.stacks);
	return result;
}
