/* SPDX-License-Identifier: MIT */
/*
 * Loads each BPF program of hakmem-trace by itself and prints how many instructions the kernel's verifier walked for
 * it: one line each, `NAME INSTRUCTIONS`, or `NAME -` where this kernel does not load it. Every switch in the programs'
 * constant data is tried on and off, and the larger count is told. For verifier.sh.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "trace.skel.h"

#define LOG_STATISTICS 4 /* include/linux/bpf_verifier.h, BPF_LOG_STATS */
#define LOG_SIZE       (1 << 16)

static int keep_silent(enum libbpf_print_level level, const char *format, va_list arguments)
{
	(void)level;
	(void)format;
	(void)arguments;
	return 0;
}

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

/* The object anew, with one program in it. -1: it does not load here. */
static long instructions(const char *name, bool on)
{
	static char log[LOG_SIZE];
	size_t size = 0;
	const void *bytes = trace__elf_bytes(&size);
	struct bpf_object *object = bpf_object__open_mem(bytes, size, NULL);
	struct bpf_program *program;
	const char *found;
	long count = -1;

	if (!object)
		return -1;
	log[0] = 0;
	set_switches(object, on);
	bpf_object__for_each_program(program, object)
	{
		bool wanted = !strcmp(bpf_program__name(program), name);

		bpf_program__set_autoload(program, wanted);
		if (wanted) {
			bpf_program__set_log_level(program, LOG_STATISTICS);
			bpf_program__set_log_buf(program, log, sizeof(log));
		}
	}
	if (!bpf_object__load(object)) {
		found = strstr(log, "processed ");
		count = found ? strtol(found + strlen("processed "), NULL, 10) : -1;
	}
	bpf_object__close(object);
	return count;
}

int main(void)
{
	size_t size = 0;
	const void *bytes = trace__elf_bytes(&size);
	struct bpf_object *object = bpf_object__open_mem(bytes, size, NULL);
	struct bpf_program *program;

	libbpf_set_print(keep_silent);
	if (!object) {
		perror("bpf_object__open_mem");
		return 1;
	}
	bpf_object__for_each_program(program, object)
	{
		const char *name = bpf_program__name(program);
		long off = instructions(name, false), on = instructions(name, true);

		if (off < 0 && on < 0)
			printf("%s -\n", name);
		else
			printf("%s %ld\n", name, on > off ? on : off);
	}
	bpf_object__close(object);
	return 0;
}
