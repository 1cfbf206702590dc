// SPDX-License-Identifier: MIT
/* One kprobe at each place that clears, and one behind it. */
#include "trace/exact.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "trace.skel.h"
#include "trace/clear_sites.h"
#include "machine/refusal.h"
#include "trace/probe.h"

bool exact_attaches(const char *program)
{
	static const char *const names[] = {"exact_zero_gfp", "exact_zero_alloc_page", "exact_zero_alloc_range",
	    "exact_zero_alloc_call", "exact_zero_page", "exact_zero_range", "exact_zero_end"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(program, names[i]))
			return true;
	return false;
}

/* By address, because a static function's name may not be the only one; or by name, at its entry. */
static int attach(struct tracer *tracer, struct bpf_program *program, uint64_t address, const char *function)
{
	struct perf_event_attr attributes = {
	    .type = probe_kprobe_type(),
	    .size = sizeof(attributes),
	    .kprobe_func = (uint64_t)(uintptr_t)function,
	    .probe_offset = function ? 0 : address, /* which is kprobe_addr */
	};
	int descriptor = syscall(SYS_perf_event_open, &attributes, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);

	if (descriptor < 0)
		return -1;
	return links_add_event(&tracer->links, program, descriptor);
}

static struct bpf_program *program_for(struct trace *skeleton, const struct clear_site *site)
{
	if (site->kind == CLEAR_CALL)
		return skeleton->progs.exact_zero_alloc_call;
	if (site->kind == CLEAR_PAGE)
		return site->in_allocator ? skeleton->progs.exact_zero_alloc_page : skeleton->progs.exact_zero_page;
	return site->in_allocator ? skeleton->progs.exact_zero_alloc_range : skeleton->progs.exact_zero_range;
}

static int attach_site(struct tracer *tracer, const struct clear_site *site)
{
	if (attach(tracer, program_for(tracer->skeleton, site), site->address, NULL))
		return -1;
	/* Without it the clearing is counted, but not timed. */
	attach(tracer, tracer->skeleton->progs.exact_zero_end, site->end, NULL);
	return 0;
}

/*
 * A notrace function (post_alloc_hook on 6.18) can't be probed inside. Then its calls are, whose arguments say what it
 * clears.
 */
static bool is_refused_inside(const char *function, const struct clear_site *sites, const bool *refused, int count)
{
	for (int i = 0; i < count; i++)
		if (refused[i] && !strcmp(sites[i].function, function))
			return true;
	return false;
}

int exact_attach(struct tracer *tracer, char reason[REFUSAL_TEXT])
{
	static struct clear_site sites[CLEAR_SITES_MOST];
	struct bpf_program *gfp = tracer->skeleton->progs.exact_zero_gfp;
	struct page_bases bases;
	int count = clear_sites_find(sites, &bases, reason), allocators = 0, error = 0;
	bool refused[CLEAR_SITES_MOST] = {false};

	if (count < 0)
		return -1;
	tracer->skeleton->bss->direct_map = bases.direct_map;
	tracer->skeleton->bss->page_array = bases.page_array;
	if (attach(tracer, gfp, 0, "get_page_from_freelist"))
		return refusal_say(reason, "probing get_page_from_freelist", errno);
	if (attach(tracer, gfp, 0, "alloc_pages_bulk_noprof"))
		attach(tracer, gfp, 0, "__alloc_pages_bulk");
	for (int i = 0; i < count; i++) {
		if (sites[i].kind == CLEAR_CALL)
			continue;
		refused[i] = attach_site(tracer, &sites[i]);
		if (refused[i])
			error = errno;
		else
			allocators += sites[i].in_allocator;
	}
	for (int i = 0; i < count; i++)
		if (sites[i].kind == CLEAR_CALL && is_refused_inside(sites[i].calls, sites, refused, count) &&
		    !attach_site(tracer, &sites[i]))
			allocators++;
	return allocators ? 0 : refusal_say(reason, "probing where the page allocator clears pages", error);
}
