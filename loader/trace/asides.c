// SPDX-License-Identifier: MIT
/* Forgetting failed faults and sampled pages. See asides.h. */
#include "trace/asides.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpf/types.h"
#include "trace.skel.h"

union key {
	struct aside_key aside;
	struct table_key page;
};

static void clear(struct bpf_map *map)
{
	int descriptor = bpf_map__fd(map);
	union key key;

	while (!bpf_map_get_next_key(descriptor, NULL, &key))
		if (bpf_map_delete_elem(descriptor, &key))
			break;
}

void asides_sample_seldom(struct tracer *tracer)
{
	if (tracer->skeleton)
		tracer->skeleton->bss->samples_taken = UINT32_MAX / 2;
}

void asides_reset(struct tracer *tracer)
{
	if (!tracer->skeleton)
		return;
	clear(tracer->skeleton->maps.asides);
	clear(tracer->skeleton->maps.samples);
	clear(tracer->skeleton->maps.sampled_chunks);
	tracer->skeleton->bss->samples_taken = 0;
}
