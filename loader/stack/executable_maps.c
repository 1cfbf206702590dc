// SPDX-License-Identifier: MIT
/* What is mapped where in which process, and the objects with their symbols. See executable_maps.h. */
#include "stack/executable_maps.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

#include "symbol/elf_file.h"
#include "symbol/elf_symbols.h"
#include "symbol/hakmem_functions.h"
#include "process/mapped_process.h"
#include "process/owner.h"

#define SPECIAL "["      /* [vdso], [vsyscall], [uprobes] */
#define NO_FILE "//anon" /* as the kernel writes it */
#define VDSO    "[vdso]"

struct mapped_object {
	char *path, *name;
	uint64_t inode;
	bool opened, sampled;
	enum object_role role;
	struct elf_symbols *symbols; /* NULL: none */
	bool has_hakmem;
};

struct executable_maps {
	struct mapped_processes processes;
	struct mapped_object *objects;
	size_t object_count;
};

struct executable_maps *executable_maps_new(void)
{
	return calloc(1, sizeof(struct executable_maps));
}

void executable_maps_free(struct executable_maps *maps)
{
	if (!maps)
		return;
	mapped_processes_free(&maps->processes);
	for (size_t i = 0; i < maps->object_count; i++) {
		free(maps->objects[i].path);
		elf_symbols_close(maps->objects[i].symbols);
	}
	free(maps->objects);
	free(maps);
}

/* SIZE_MAX: out of memory. */
static size_t object_of(struct executable_maps *maps, const char *path, uint64_t inode, bool program)
{
	struct mapped_object *more;
	char *copy;

	for (size_t i = 0; i < maps->object_count; i++)
		if (maps->objects[i].inode == inode && !strcmp(maps->objects[i].path, path))
			return i;
	more = realloc(maps->objects, (maps->object_count + 1) * sizeof(*more));
	copy = strdup(path);
	if (more)
		maps->objects = more;
	if (!more || !copy) {
		free(copy);
		return SIZE_MAX;
	}
	more[maps->object_count] = (struct mapped_object){.path = copy,
	    .name = strrchr(copy, '/') ? strrchr(copy, '/') + 1 : copy,
	    .inode = inode,
	    .role = program ? ROLE_PROGRAM : ROLE_LIBRARY};
	return maps->object_count++;
}

static void take_map(struct executable_maps *maps, struct mapped_process *process, const struct perf_record *map)
{
	const char *name = map->name ? map->name : NO_FILE;
	bool file = strncmp(name, SPECIAL, 1) != 0 && strcmp(name, NO_FILE) != 0;
	struct mapping mapping = {.address = map->address, .offset = map->offset, .mapped_ns = map->time};

	if (!process->program && file)
		process->program = strdup(name);
	mapping.object = object_of(maps, name, map->inode, file && process->program && !strcmp(process->program, name));
	if (mapping.object == SIZE_MAX ||
	    mapped_process_map(process, map->address, map->address + map->length, &mapping))
		maps->processes.lost++;
}

void executable_maps_begin(struct executable_maps *maps, uint32_t pid)
{
	mapped_process_add(&maps->processes, pid);
}

void executable_maps_take(struct executable_maps *maps, const struct perf_record *record)
{
	struct mapped_process *process;

	if (record->kind == PERF_FORK) {
		mapped_process_fork(&maps->processes, record->parent, record->pid);
		return;
	}
	if (record->kind == PERF_EXIT) {
		mapped_process_end(&maps->processes, record->pid);
		return;
	}
	process = mapped_process_find(&maps->processes, record->pid);
	if (!process)
		return;
	if (record->kind == PERF_NAME && record->executed)
		mapped_process_exec(process);
	else if (record->kind == PERF_MAP && process->followed)
		take_map(maps, process, record);
}

bool executable_maps_follows(const struct executable_maps *maps, uint32_t pid)
{
	const struct mapped_process *process = mapped_process_find(&maps->processes, pid);

	return process && process->followed;
}

/* The kernel's own code in our memory is that in any process's. */
static struct elf_symbols *open_vdso(void)
{
	const Elf64_Ehdr *image = (const void *)getauxval(AT_SYSINFO_EHDR);

	return image ? elf_symbols_open_image(image, image->e_shoff + image->e_shnum * image->e_shentsize) : NULL;
}

/*
 * The kernel told the path from its mount namespace's root. In a chroot, of which that is not the root, the file is
 * found by an end of the path; that it is the same file, its inode tells.
 */
static void open_file(struct mapped_object *object)
{
	struct elf_facts facts = {};

	for (const char *path = object->path; path && !object->symbols; path = strchr(path + 1, '/')) {
		object->symbols = elf_symbols_open(path, object->inode);
		if (object->symbols)
			elf_file_read(path, object->inode, &facts);
	}
	/* A program may be started by the dynamic loader, as its argument. */
	if (owner_is_libc(object->name))
		object->role = ROLE_LIBC;
	else if (facts.is_program)
		object->role = ROLE_PROGRAM;
	else if (object->role != ROLE_PROGRAM && (facts.exports_malloc || owner_is_allocator(object->name)))
		object->role = ROLE_ALLOCATOR;
	object->has_hakmem =
	    object->symbols && object->role == ROLE_PROGRAM && elf_symbols_named(object->symbols, "hakmem_version");
}

static void open_object(struct mapped_object *object)
{
	object->opened = true;
	if (!strcmp(object->path, VDSO) || !strcmp(object->path, "[vsyscall]")) {
		object->role = ROLE_VDSO;
		object->symbols = strcmp(object->path, VDSO) ? NULL : open_vdso();
	} else if (!strcmp(object->path, NO_FILE) || object->path[0] == '[' || !strncmp(object->path, "/dev/zero", 9) ||
	           !strncmp(object->path, "/memfd:", 7)) {
		object->role = ROLE_GENERATED;
	} else {
		open_file(object);
	}
}

void executable_maps_seed(struct executable_maps *maps, uint32_t pid)
{
	char path[64], *line = NULL;
	struct mapped_process *process = mapped_process_find(&maps->processes, pid);
	size_t room = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%u/maps", pid);
	file = process && process->followed ? NULL : fopen(path, "re");
	if (!file)
		return;
	process = mapped_process_add(&maps->processes, pid);
	if (process)
		process->followed = true;
	while (process && getline(&line, &room, file) > 0) {
		struct perf_record map = {.kind = PERF_MAP, .pid = pid};
		unsigned long start, end, offset, inode;
		int name = 0;
		char executable;

		if (sscanf(line, "%lx-%lx %*c%*c%c%*c %lx %*s %lu %n", &start, &end, &executable, &offset, &inode,
		        &name) < 5 ||
		    executable != 'x')
			continue;
		line[strcspn(line, "\n")] = '\0';
		map.address = start;
		map.length = end - start;
		map.offset = offset;
		map.inode = inode;
		map.name = name && line[name] ? line + name : NULL;
		take_map(maps, process, &map);
	}
	free(line);
	fclose(file);
}

static bool describe_range(const struct executable_maps *maps, const struct mapped_process *process,
    const struct space_range *range, struct executable_range *found)
{
	const struct mapping *mapping = range ? &process->mappings[range->owner] : NULL;

	if (!mapping)
		return false;
	*found = (struct executable_range){
	    .path = maps->objects[mapping->object].path,
	    .inode = maps->objects[mapping->object].inode,
	    .start = range->start,
	    .end = range->end,
	    .offset = mapping->offset + (range->start - mapping->address),
	    .mapped_ns = mapping->mapped_ns,
	};
	return true;
}

bool executable_maps_range(struct executable_maps *maps, uint32_t pid, uint64_t address, struct executable_range *found)
{
	struct mapped_process *process = mapped_process_find(&maps->processes, pid);

	return process && describe_range(maps, process, space_find(&process->space, address), found);
}

bool executable_maps_next(struct executable_maps *maps, uint32_t pid, uint64_t address, struct executable_range *found)
{
	struct mapped_process *process = mapped_process_find(&maps->processes, pid);

	return process && describe_range(maps, process, space_next(&process->space, address), found);
}

static struct mapped_object *object_at(
    struct executable_maps *maps, uint32_t pid, uint64_t address, uint64_t *file_offset)
{
	struct mapped_process *process = mapped_process_find(&maps->processes, pid);
	const struct space_range *range = process ? space_find(&process->space, address) : NULL;
	const struct mapping *mapping = range ? &process->mappings[range->owner] : NULL;
	struct mapped_object *object = mapping ? &maps->objects[mapping->object] : NULL;

	if (!object)
		return NULL;
	*file_offset = address - mapping->address + mapping->offset;
	if (!object->opened)
		open_object(object);
	return object;
}

void executable_maps_find(struct executable_maps *maps, uint32_t pid, uint64_t address, struct sampled *place)
{
	const struct elf_function *function;
	struct mapped_object *object;
	uint64_t offset;

	*place = (struct sampled){.role = ROLE_UNKNOWN, .object = "", .function = ""};
	object = object_at(maps, pid, address, &offset);
	if (!object)
		return;
	object->sampled = true;
	place->role = object->role;
	place->object = object->role == ROLE_GENERATED ? "" : object->name;
	if (!object->symbols)
		return;
	function = elf_symbols_at(object->symbols, offset);
	if (function)
		place->function = function->name;
	place->in_malloc = object->role == ROLE_LIBC ? elf_symbols_in_glibc_malloc(object->symbols, offset)
	                                             : object->has_hakmem && function && hakmem_has_function(function);
	if (place->in_malloc && !function)
		place->function = "(in malloc)";
}

static bool bytes_at(struct executable_maps *maps, uint32_t pid, uint64_t address, unsigned char *bytes, size_t count)
{
	uint64_t offset;
	const struct mapped_object *object = object_at(maps, pid, address, &offset);

	return object && object->symbols && elf_symbols_read(object->symbols, offset, bytes, count);
}

bool executable_maps_after_call(struct executable_maps *maps, uint32_t pid, uint64_t address)
{
	unsigned char bytes[2];

	if (!bytes_at(maps, pid, address - 2, bytes, sizeof(bytes)))
		return false;
	/* syscall; int 0x80 */
	return (bytes[0] == 0x0f && bytes[1] == 0x05) || (bytes[0] == 0xcd && bytes[1] == 0x80);
}

bool executable_maps_repeats(struct executable_maps *maps, uint32_t pid, uint64_t address)
{
	unsigned char byte;

	/* rep or repne, perhaps behind an operand-size prefix */
	for (int i = 0; i < 2 && bytes_at(maps, pid, address + i, &byte, 1); i++) {
		if (byte == 0xf3 || byte == 0xf2)
			return true;
		if (byte != 0x66)
			return false;
	}
	return false;
}

const char *executable_maps_stripped(const struct executable_maps *maps, size_t *from)
{
	while (*from < maps->object_count) {
		const struct mapped_object *object = &maps->objects[(*from)++];

		if (object->sampled && object->symbols && object->role != ROLE_VDSO &&
		    !elf_symbols_complete(object->symbols))
			return object->name;
	}
	return NULL;
}

bool executable_maps_hides_malloc(const struct executable_maps *maps)
{
	for (size_t i = 0; i < maps->object_count; i++) {
		const struct mapped_object *object = &maps->objects[i];

		if (object->sampled && object->role == ROLE_LIBC && object->symbols &&
		    !elf_symbols_complete(object->symbols) && !elf_symbols_has_glibc_malloc(object->symbols) &&
		    elf_symbols_named(object->symbols, "malloc"))
			return true;
	}
	return false;
}

bool executable_maps_object(const struct executable_maps *maps, size_t number, const char **path, uint64_t *inode)
{
	if (number >= maps->object_count)
		return false;
	*path = maps->objects[number].path;
	*inode = maps->objects[number].inode;
	return true;
}

size_t executable_maps_processes(const struct executable_maps *maps)
{
	return maps->processes.ever;
}

uint64_t executable_maps_lost(const struct executable_maps *maps)
{
	return maps->processes.lost;
}
