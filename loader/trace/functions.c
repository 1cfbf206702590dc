// SPDX-License-Identifier: MIT
/* One uprobe a function; its cookie is the number of the phase. */
#include "trace/functions.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpf/types.h"
#include "trace.skel.h"

static bool wanted;

void functions_want(void)
{
	wanted = true;
}

bool functions_wanted(void)
{
	return wanted;
}

int functions_mark(struct tracer *tracer, const char *path, const char *function, char error[TRACER_ERROR])
{
	struct phase_name name = {};
	__u32 number = tracer->skeleton->data->next_phase;
	LIBBPF_OPTS(bpf_uprobe_opts, options, .func_name = function, .bpf_cookie = number);

	snprintf(name.text, sizeof(name.text), "%s", function);
	if (number >= PHASES) {
		snprintf(error, TRACER_ERROR, "there are too many");
		return -1;
	}
	if (bpf_map_update_elem(bpf_map__fd(tracer->skeleton->maps.phases), &name, &number, BPF_NOEXIST)) {
		snprintf(error, TRACER_ERROR, "%s", errno == EEXIST ? "it is named twice" : strerror(errno));
		return -1;
	}
	if (links_add(&tracer->links,
	        bpf_program__attach_uprobe_opts(tracer->skeleton->progs.function_mark, -1, path, 0, &options))) {
		snprintf(error, TRACER_ERROR, "%s: %s", path,
		    errno == ENOENT ? "there is no such file, or no such function in it" : strerror(errno));
		return -1;
	}
	tracer->skeleton->data->next_phase = number + 1;
	return 0;
}
