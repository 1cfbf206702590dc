// SPDX-License-Identifier: MIT
/* perf_event_open, and the BPF program attached to what it opens. */
#include "trace/fault_events.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "machine/refusal.h"

static const unsigned long kinds[2] = {PERF_COUNT_SW_PAGE_FAULTS_MIN, PERF_COUNT_SW_PAGE_FAULTS_MAJ};

static int open_event(pid_t pid, int processor, unsigned long kind)
{
	struct perf_event_attr attributes = {
	    .type = PERF_TYPE_SOFTWARE,
	    .size = sizeof(attributes),
	    .config = kind,
	    .sample_period = 1,
	    .inherit = pid > 0, /* threads and children have it from their first instruction on */
	};

	return syscall(SYS_perf_event_open, &attributes, pid, processor, -1, PERF_FLAG_FD_CLOEXEC);
}

static int attach(struct fault_events *events, struct bpf_program *program, int descriptor, char error[REFUSAL_TEXT])
{
	struct bpf_link **links = realloc(events->links, (events->count + 1) * sizeof(struct bpf_link *));

	if (!links) {
		close(descriptor);
		return refusal_say(error, "opening the page-fault event", ENOMEM);
	}
	events->links = links;
	/* The link owns the descriptor from here on. */
	links[events->count] = bpf_program__attach_perf_event(program, descriptor);
	if (!links[events->count]) {
		int code = errno;

		close(descriptor);
		return refusal_say(error, "attaching to the page-fault event", code);
	}
	events->count++;
	return 0;
}

/* Both kinds. A processor that has gone offline is no error: nobody faults there. */
static int open_both(
    struct fault_events *events, struct bpf_program *program, pid_t pid, int processor, char error[REFUSAL_TEXT])
{
	for (size_t i = 0; i < 2; i++) {
		int descriptor = open_event(pid, processor, kinds[i]);

		if (descriptor < 0 && errno == ENODEV && processor >= 0)
			return 0;
		if (descriptor < 0)
			return refusal_say(error, "perf_event_open of the page-fault event", errno);
		if (attach(events, program, descriptor, error))
			return -1;
	}
	return 0;
}

int fault_events_on_task(struct fault_events *events, struct bpf_program *program, pid_t pid, char error[REFUSAL_TEXT])
{
	return open_both(events, program, pid, -1, error);
}

int fault_events_on_processors(
    struct fault_events *events, struct bpf_program *program, size_t most, char error[REFUSAL_TEXT])
{
	int count = libbpf_num_possible_cpus();
	size_t wanted = count > 0 ? count : 1, left = wanted < most ? wanted : most;

	for (int processor = 0; left && processor < count; processor++) {
		/* Each with the chance that leaves `left` drawn of those that remain. */
		if ((size_t)rand() % (count - processor) >= left)
			continue;
		left--;
		if (open_both(events, program, -1, processor, error)) {
			fault_events_close(events);
			return -1;
		}
	}
	return 0;
}

void fault_events_close(struct fault_events *events)
{
	while (events->count)
		bpf_link__destroy(events->links[--events->count]);
	free(events->links);
	events->links = NULL;
}
