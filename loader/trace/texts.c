// SPDX-License-Identifier: MIT
/* From numbers to names. See texts.h. */
#include "trace/texts.h"

#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "snapshot/snapshot.h"
#include "trace.skel.h"

static int read_phases(struct trace *skeleton, struct phase_name names[PHASES])
{
	int map = bpf_map__fd(skeleton->maps.phases);
	struct phase_name key, *previous = NULL;
	__u32 number;

	strcpy(names[PHASE_UNKNOWN].text, PHASE_NAME_UNKNOWN);
	strcpy(names[PHASE_BEFORE_MAIN].text, PHASE_NAME_BEFORE_MAIN);
	strcpy(names[PHASE_MAIN].text, PHASE_NAME_MAIN);
	while (!bpf_map_get_next_key(map, previous, &key)) {
		previous = &key;
		if (!bpf_map_lookup_elem(map, &key, &number) && number < PHASES)
			memcpy(names[number].text, key.text, PHASE_NAME - 1);
	}
	return 0;
}

/* Those that no mark begins first, in the order of their numbers; those that never began, and `unknown`, last. */
static int compare_phases(const void *left, const void *right, void *begins)
{
	__u32 one = *(const __u32 *)left, other = *(const __u32 *)right;
	__u32 first = one < PHASE_FIRST_MARK ? 0 : ((const __u32 *)begins)[one] - 1;
	__u32 second = other < PHASE_FIRST_MARK ? 0 : ((const __u32 *)begins)[other] - 1;

	if (!one || !other)
		return !one - !other;
	return first != second ? (first > second) - (first < second) : (one > other) - (one < other);
}

static void order_phases(struct trace *skeleton, __u32 order[PHASES])
{
	for (__u32 i = 0; i < PHASES; i++)
		order[i] = i;
	qsort_r(order, PHASES, sizeof(*order), compare_phases, skeleton->bss->phase_begins);
}

int texts_read(struct texts *texts, struct trace *skeleton)
{
	int purgers = bpf_map__fd(skeleton->maps.purgers);

	if (object_names_read(skeleton, &texts->objects) || read_phases(skeleton, texts->phases))
		return -1;
	order_phases(skeleton, texts->order);
	for (__u32 i = 0; i < PURGERS; i++)
		if (bpf_map_lookup_elem(purgers, &i, &texts->purgers[i]))
			return -1;
	return 0;
}

void texts_free(struct texts *texts)
{
	object_names_free(&texts->objects);
}

const char *texts_object(const void *context, size_t object)
{
	const struct texts *texts = context;

	return object_names_find(&texts->objects, object);
}

const char *texts_purge(enum purge call)
{
	switch (call) {
	case PURGE_UNKNOWN:
		return "";
	case PURGE_MADVISE:
		return "madvise";
	case PURGE_MUNMAP:
		return "munmap";
	case PURGE_MMAP:
		return "mmap";
	case PURGE_MREMAP:
		return "mremap";
	case PURGE_BRK:
		return "brk";
	}
	return "";
}
