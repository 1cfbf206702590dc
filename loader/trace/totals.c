// SPDX-License-Identifier: MIT
/* A map of the kernel's, mapped. */
#include "trace/totals.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include <bpf/libbpf.h>

#include "bpf/types.h"
#include "trace.skel.h"

int totals_size(struct trace *object)
{
	int processors = libbpf_num_possible_cpus(), error;

	if (processors <= 0) {
		errno = processors ? -processors : EINVAL;
		return -1;
	}
	error = bpf_map__set_max_entries(object->maps.totals, processors);
	errno = -error;
	return error ? -1 : 0;
}

int totals_map(struct shared_totals *shared, const struct trace *object)
{
	size_t processors = bpf_map__max_entries(object->maps.totals);
	void *memory = mmap(NULL, processors * sizeof(*shared->of_processor), PROT_READ | PROT_WRITE, MAP_SHARED,
	    bpf_map__fd(object->maps.totals), 0);

	if (memory == MAP_FAILED)
		return -1;
	*shared = (struct shared_totals){.of_processor = memory, .processors = processors};
	return 0;
}

void totals_unmap(struct shared_totals *shared)
{
	if (shared->of_processor)
		munmap(shared->of_processor, shared->processors * sizeof(*shared->of_processor));
	shared->of_processor = NULL;
}

/* Each figure as it is at that moment: others may go on counting. */
void totals_sum(const struct shared_totals *shared, struct totals *sum)
{
	*sum = (struct totals){};
	for (size_t i = 0; i < shared->processors; i++) {
		const volatile struct totals *part = &shared->of_processor[i];

		sum->ended += part->ended; /* before begun, so that nobody was at it if they are equal */
		sum->begun += part->begun;
		sum->minor += part->minor;
		sum->major += part->major;
		sum->failed += part->failed;
		sum->unallocated += part->unallocated;
		sum->calls += part->calls;
		sum->timed += part->timed;
		sum->swept += part->swept;
		sum->moved += part->moved;
		sum->runtime_ns += part->runtime_ns;
		for (int loss = 0; loss < LOSS_COUNT; loss++)
			sum->lost[loss] += part->lost[loss];
	}
}

void totals_clear(struct shared_totals *shared)
{
	memset(shared->of_processor, 0, shared->processors * sizeof(*shared->of_processor));
}
