// SPDX-License-Identifier: MIT
/*
 * libbpf makes an object's maps and loads its programs in one step, so here the maps are made first, for both to use.
 * One stays each object's own: what libbpf itself knows of the kernel (.kconfig), which it fills while it loads.
 */
#include "trace/halves.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "machine/machine_load.h"
#include "trace.skel.h"
#include "trace/object.h"

/* Half of what the verifier walks (docs/verifier.csv); nobody asks the skeleton for them. */
static const char *const loaded_beside[] = {"on_call", "on_return", "on_exec"};

static _Thread_local char not_loaded[HALVES_NAME];

struct half {
	struct trace *object;
	int result;
	char refused[HALVES_NAME];
};

void halves_note(const char *line)
{
	if (strstr(line, "failed to load"))
		sscanf(line, "libbpf: prog '%63[^']'", not_loaded);
}

static bool is_loaded_beside(const struct bpf_program *program)
{
	for (size_t i = 0; i < sizeof(loaded_beside) / sizeof(loaded_beside[0]); i++)
		if (!strcmp(bpf_program__name(program), loaded_beside[i]))
			return true;
	return false;
}

static int create(const struct bpf_map *map, int inner)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = bpf_map__map_flags(map), .inner_map_fd = inner);

	return bpf_map_create(bpf_map__type(map), bpf_map__name(map), bpf_map__key_size(map), bpf_map__value_size(map),
	    bpf_map__max_entries(map), &options);
}

static int create_with_inner(struct bpf_map *map)
{
	struct bpf_map *inner = bpf_map__inner_map(map);
	int of_inner = inner ? create(inner, 0) : 0, descriptor;

	if (of_inner < 0)
		return of_inner;
	descriptor = create(map, of_inner);
	if (inner)
		close(of_inner);
	return descriptor;
}

/* The variables of a section, with the values that they begin with. */
static int fill(struct bpf_map *map, int descriptor)
{
	size_t size;
	const void *image = bpf_map__initial_value(map, &size);
	int result;

	if (!bpf_map__is_internal(map) || !image)
		return 0;
	result = bpf_map_update_elem(descriptor, &(int){0}, image, BPF_ANY);
	if (result || !(bpf_map__map_flags(map) & BPF_F_RDONLY_PROG))
		return result;
	return bpf_map_freeze(descriptor); /* then the verifier drops what they rule out */
}

static bool is_shared(const struct bpf_map *map)
{
	const char *section = strrchr(bpf_map__name(map), '.');

	return bpf_map__autocreate(map) && (!section || strcmp(section, ".kconfig"));
}

static int make_map(struct bpf_map *map)
{
	int descriptor = create_with_inner(map), result;

	if (descriptor < 0)
		return descriptor;
	result = fill(map, descriptor);
	if (!result)
		result = bpf_map__reuse_fd(map, descriptor); /* which has one of its own then */
	close(descriptor);
	return result;
}

static int make_maps(struct trace *object)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, object->obj)
	{
		int result = is_shared(map) ? make_map(map) : 0;

		if (result)
			return result;
	}
	return 0;
}

/* What the skeleton points to becomes the map's own memory: not every libbpf does that for maps that it did not make.
 */
static int map_variables(const struct trace *object)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, object->obj)
	{
		size_t size;
		void *image = (void *)bpf_map__initial_value(map, &size);
		int access = bpf_map__map_flags(map) & BPF_F_RDONLY_PROG ? PROT_READ : PROT_READ | PROT_WRITE;

		if (!bpf_map__is_internal(map) || !image || !is_shared(map) ||
		    !(bpf_map__map_flags(map) & BPF_F_MMAPABLE))
			continue;
		if (mmap(image, size, access, MAP_SHARED | MAP_FIXED, bpf_map__fd(map), 0) == MAP_FAILED)
			return -errno;
	}
	return 0;
}

/* The same maps, and the programs that are loaded beside; the first has the others. */
static int divide(struct trace *object, struct trace *beside)
{
	struct bpf_map *map = NULL, *its = NULL;
	struct bpf_program *program = NULL, *same = NULL;

	while ((map = bpf_object__next_map(object->obj, map)) && (its = bpf_object__next_map(beside->obj, its))) {
		int result = bpf_map__set_autocreate(its, bpf_map__autocreate(map));

		if (!result && is_shared(map))
			result = bpf_map__reuse_fd(its, bpf_map__fd(map));
		if (result)
			return result;
	}
	while ((program = bpf_object__next_program(object->obj, program)) &&
	       (same = bpf_object__next_program(beside->obj, same))) {
		bool divided = is_loaded_beside(program) && bpf_program__autoload(program);

		bpf_program__set_autoload(same, divided);
		if (divided)
			bpf_program__set_autoload(program, false);
	}
	return 0;
}

static void *load(void *argument)
{
	struct half *half = argument;

	not_loaded[0] = '\0';
	half->result = trace__load(half->object);
	memcpy(half->refused, not_loaded, sizeof(half->refused));
	return NULL;
}

static int load_both(struct half *first, struct half *beside)
{
	pthread_t other;
	int result = divide(first->object, beside->object);

	if (!result)
		result = -pthread_create(&other, NULL, load, beside);
	if (result)
		return result;
	load(first);
	pthread_join(other, NULL);
	return first->result ? first->result : beside->result;
}

int halves_load(struct trace *object, struct trace **beside, char refused[HALVES_NAME])
{
	struct half first = {.object = object}, second = {};
	int result;

	*beside = NULL;
	refused[0] = '\0';
	if (machine_processors() > 1) {
		*beside = second.object = object_open();
		if (!second.object)
			return -errno;
		result = make_maps(object);
		if (!result)
			result = load_both(&first, &second);
		if (!result)
			result = map_variables(object);
	} else {
		load(&first);
		result = first.result;
	}
	memcpy(refused, first.refused[0] ? first.refused : second.refused, HALVES_NAME);
	return result;
}

struct bpf_program *halves_loaded(struct trace *beside, struct bpf_program *program)
{
	struct bpf_program *other;

	if (!beside || bpf_program__fd(program) >= 0)
		return program;
	other = bpf_object__find_program_by_name(beside->obj, bpf_program__name(program));
	return other && bpf_program__fd(other) >= 0 ? other : program;
}
