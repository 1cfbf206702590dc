/* SPDX-License-Identifier: MIT */
/*
 * Loads the BPF programs of hakmem-trace, in the build that fits this kernel, and prints how many instructions the
 * kernel's verifier walked for each: `NAME INSTRUCTIONS`, or `NAME -` where this kernel does not load it. All switches
 * in the programs' constant data are tried off and on, and the larger count is told. For verifier.sh.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "range_costs.skel.h"
#include "trace.skel.h"
#include "trace/object.h"

#define LOG_STATISTICS 4 /* include/linux/bpf_verifier.h, BPF_LOG_STATS */
#define PROGRAMS_MOST  128

static struct cost {
	char name[64];
	char log[1 << 14];
	long instructions; /* -1: never loaded */
	bool refused;
} costs[PROGRAMS_MOST];
static size_t count;

static char refused[64];

static bool is_switch(const struct btf *btf, __u32 variable)
{
	const struct btf_type *type = btf__type_by_id(btf, btf__type_by_id(btf, variable)->type);

	while (btf_is_mod(type) || btf_is_typedef(type))
		type = btf__type_by_id(btf, type->type);
	return btf_is_int(type) && btf_int_encoding(type) & BTF_INT_BOOL;
}

static void set_switches(struct bpf_object *object, bool on)
{
	const struct btf *btf = bpf_object__btf(object);
	struct bpf_map *map = bpf_object__find_map_by_name(object, ".rodata.settings");
	int section = btf__find_by_name_kind(btf, ".rodata.settings", BTF_KIND_DATASEC);
	size_t size = 0;
	char *data = map ? (char *)bpf_map__initial_value(map, &size) : NULL;
	const struct btf_type *type;
	struct btf_var_secinfo *part;

	if (!data || section < 0)
		return;
	type = btf__type_by_id(btf, section);
	part = btf_var_secinfos(type);
	for (int i = 0; i < btf_vlen(type); i++)
		if (is_switch(btf, part[i].type) && part[i].offset < size)
			data[part[i].offset] = on;
}

/* What the kernel refused to load, as libbpf says in its log alone. */
static int note_refused(enum libbpf_print_level level, const char *format, va_list arguments)
{
	char line[256];

	vsnprintf(line, sizeof(line), format, arguments);
	if (level == LIBBPF_WARN && strstr(line, "failed to load"))
		sscanf(line, "libbpf: prog '%63[^']'", refused);
	return 0;
}

static struct cost *cost_of(const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(costs[i].name, name))
			return &costs[i];
	return NULL;
}

/* The skeletons' one by one; what they leave behind is this process's few bytes. */
static struct bpf_object *open_object(bool of_ranges)
{
	struct range_costs *ranges = of_ranges ? range_costs__open() : NULL;
	struct trace *trace = of_ranges ? NULL : object_open();

	return ranges ? ranges->obj : trace ? trace->obj : NULL;
}

/* All programs but those that were refused. Returns 0, -1 and the name of the first that is refused now, or -1. */
static int load(bool of_ranges, bool on)
{
	struct bpf_object *object = open_object(of_ranges);
	struct bpf_program *program;
	int result;

	refused[0] = '\0';
	if (!object)
		return -1;
	set_switches(object, on);
	bpf_object__for_each_program(program, object)
	{
		struct cost *cost = cost_of(bpf_program__name(program));

		cost->log[0] = '\0';
		bpf_program__set_autoload(program, !cost->refused);
		bpf_program__set_log_level(program, LOG_STATISTICS);
		bpf_program__set_log_buf(program, cost->log, sizeof(cost->log));
	}
	result = bpf_object__load(object);
	bpf_object__close(object);
	return result ? -1 : 0;
}

/* The larger of what it was and what the logs say now. */
static void read_logs(void)
{
	for (size_t i = 0; i < count; i++) {
		const char *found = costs[i].refused ? NULL : strstr(costs[i].log, "processed ");
		long instructions = found ? strtol(found + strlen("processed "), NULL, 10) : -1;

		if (instructions > costs[i].instructions)
			costs[i].instructions = instructions;
	}
}

static int load_what_can_be(bool of_ranges, bool on)
{
	for (size_t i = 0; i < count; i++)
		costs[i].refused = false;
	while (load(of_ranges, on)) {
		struct cost *cost = cost_of(refused);

		if (!cost || cost->refused)
			return -1;
		cost->refused = true;
	}
	read_logs();
	return 0;
}

/* One that both objects have counts once. */
static int list_programs(bool of_ranges)
{
	struct bpf_object *object = open_object(of_ranges);
	struct bpf_program *program;

	if (!object)
		return -1;
	bpf_object__for_each_program(program, object)
	{
		if (cost_of(bpf_program__name(program)))
			continue;
		if (count == PROGRAMS_MOST)
			return -1;
		snprintf(costs[count].name, sizeof(costs[count].name), "%s", bpf_program__name(program));
		costs[count++].instructions = -1;
	}
	bpf_object__close(object);
	return 0;
}

static int examine(bool of_ranges)
{
	return list_programs(of_ranges) || load_what_can_be(of_ranges, false) || load_what_can_be(of_ranges, true);
}

int main(void)
{
	libbpf_set_print(note_refused);
	if (examine(false) || examine(true)) {
		fprintf(stderr, "a BPF object does not load: %s\n", refused);
		return 1;
	}
	for (size_t i = 0; i < count; i++) {
		if (costs[i].instructions < 0)
			printf("%s -\n", costs[i].name);
		else
			printf("%s %ld\n", costs[i].name, costs[i].instructions);
	}
	return 0;
}
