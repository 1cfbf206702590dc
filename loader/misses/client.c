// SPDX-License-Identifier: MIT
#include "misses/client.h"

#include <linux/prctl.h>
#include <linux/sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "misses/client_owners.h"
#include "process/owner.h"

#define PAGE          4096ULL
#define HUGE          (2ULL << 20)
#define UP(a)         (((a) + PAGE - 1) & ~(PAGE - 1))
#define ARCH_SET_FS   0x1002
#define CONTROL_BLOCK 0x900         /* glibc's struct pthread, which begins at the thread pointer */
#define TLS_MAPPING   (64ULL << 10) /* an anonymous mapping up to this size around it is ld.so's, made for it */
#define MOST_STACK    (1ULL << 30)
#define WRAPPER       0x100         /* bytes of libc's mmap() around its system call */
#define ARENA         (64ULL << 20) /* glibc: HEAP_MAX_SIZE */
#define VALGRIND_TOOL "lackey-"

/* A line of /proc/PID/maps: valgrind has mapped the program and its interpreter; the first file is the program. */
static void take_mapping(struct client *client, const char *text, char program[256])
{
	unsigned long start, end;
	char line[512], access[5], name[256] = "";
	enum owner_kind bss;

	/* A blank in a format would go on to the next line. */
	snprintf(line, sizeof(line), "%.*s", (int)strcspn(text, "\n"), text);
	if (sscanf(line, "%lx-%lx %4s %*s %*s %*s %255[^\n]", &start, &end, access, name) < 3 || name[0] == '[')
		return;
	if (!name[0]) {
		bss = !strcmp(access, "rw-p") ? client_bss_kind(client, start) : OWNER_NONE;
		if (bss)
			client_add(client, start, end, bss, client_owner_at(client, start - 1)->object);
		return;
	}
	if (!strncmp(basename(name), VALGRIND_TOOL, strlen(VALGRIND_TOOL)))
		return;
	if (!*program)
		snprintf(program, 256, "%s", name);
	client_add(client, start, end, owner_of_image(!strcmp(name, program), access[1] == 'w', access[2] == 'x'),
	    basename(name));
	/* musl's loader is its libc as well. */
	if (access[2] == 'x' && owner_is_libc(basename(name)) && strncmp(basename(name), "ld-musl", 7)) {
		client->loader.start = start;
		client->loader.end = end;
	}
}

static const char *next_line(const char *line)
{
	const char *end = strchr(line, '\n');

	return end ? end + 1 : NULL;
}

int client_start(struct client *client, const char *mappings)
{
	char program[256] = "";

	client->mappings = strdup(mappings);
	for (const char *line = client->mappings; line && *line; line = next_line(line))
		take_mapping(client, line, program);
	return client->out_of_memory || !client->mappings ? -1 : 0;
}

void client_free(struct client *client)
{
	space_free(&client->space);
	memory_close(&client->memory);
	for (size_t i = 0; i < client->owner_count; i++)
		free(client->owners[i].object);
	free(client->owners);
	free(client->mappings);
	for (size_t i = 0; i < CLIENT_FILES; i++)
		free(client->files[i]);
	for (size_t i = 0; i < CLIENT_THREADS; i++)
		free(client->pending[i].path);
}

static bool in_loader(const struct client *client, uint64_t address)
{
	return address >= client->loader.start && address < client->loader.end;
}

/* The object whose code called mmap(): the last instruction outside of the function that made the system call. */
static const char *caller(struct client *client)
{
	uint64_t here = client->instruction;
	const struct client_owner *owner;

	for (size_t back = 1; back <= CLIENT_RECENT && !in_loader(client, here); back++) {
		uint64_t at = client->recent[(client->recent_at + CLIENT_RECENT - back) % CLIENT_RECENT];

		if (!at)
			break;
		if (at + WRAPPER < here || at > here + WRAPPER) {
			here = at;
			break;
		}
	}
	owner = client_owner_at(client, here);
	return client_is_image(owner) ? owner->object : "";
}

static void map_anonymous(struct client *client, const struct lackey_line *call, uint64_t start, uint64_t end)
{
	uint64_t protection = call->argument[2], flags = call->argument[3];
	enum owner_kind bss = flags & MAP_FIXED ? client_bss_kind(client, start) : OWNER_NONE;
	const char *object = caller(client);
	enum owner_kind kind = OWNER_ANON;

	if (bss) {
		client_add(client, start, end, bss, client_owner_at(client, start - 1)->object);
		return;
	}
	if (flags & MAP_STACK)
		kind = OWNER_STACK_NEW;
	else if (flags & MAP_SHARED)
		kind = OWNER_SHARED;
	else if (protection == PROT_NONE && end - start >= ARENA && owner_is_libc(object))
		kind = OWNER_ARENA;
	client_add(client, start, end, kind, kind == OWNER_STACK_NEW ? "" : object);
}

/* The kernel doesn't say who maps a file: what is named as a shared object, or executable, is taken for one. */
static void map_file(struct client *client, const struct lackey_line *call, uint64_t start, uint64_t end)
{
	uint64_t protection = call->argument[2], flags = call->argument[3], descriptor = call->argument[4];
	const char *path = descriptor < CLIENT_FILES ? client->files[descriptor] : NULL;
	const char *object = path ? basename(path) : "";

	if (flags & MAP_SHARED || (!strstr(object, ".so") && !(protection & PROT_EXEC)))
		client_add(client, start, end, OWNER_FILE, object);
	else
		client_add(
		    client, start, end, owner_of_image(false, protection & PROT_WRITE, protection & PROT_EXEC), object);
}

static void take_mmap(struct client *client, const struct lackey_line *call)
{
	uint64_t start = call->result, end = start + UP(call->argument[1]);

	if (call->argument[3] & MAP_ANONYMOUS)
		map_anonymous(client, call, start, end);
	else
		map_file(client, call, start, end);
}

static void take_mremap(struct client *client, const struct lackey_line *call)
{
	uint64_t from = call->argument[0], length = UP(call->argument[1]), to = call->result;
	const struct space_range *range = space_find(&client->space, from);
	size_t owner = range ? range->owner : SIZE_MAX;

	if (!(call->argument[3] & MREMAP_DONTUNMAP) && space_remove(&client->space, from, from + length))
		client->out_of_memory = true;
	if (owner != SIZE_MAX && space_add(&client->space, to, to + UP(call->argument[2]), owner))
		client->out_of_memory = true;
}

static void take_brk(struct client *client, const struct lackey_line *call)
{
	uint64_t before = client->program_break, now = UP(call->result);

	client->program_break = now;
	if (!before)
		return;
	if (now > before)
		client_add(client, before, now, OWNER_BREAK, "");
	else if (space_remove(&client->space, now, before))
		client->out_of_memory = true;
}

/* A page with the thread pointer on it, or all of the mapping that ld.so has made for it. */
static void take_thread_pointer(struct client *client, uint64_t pointer)
{
	const struct space_range *range = space_find(&client->space, pointer);
	uint64_t start = pointer & ~(PAGE - 1), end = UP(pointer + CONTROL_BLOCK);

	if (!range || client_is_image(&client->owners[range->owner]))
		return;
	if (range->end - range->start <= TLS_MAPPING) {
		start = range->start;
		end = range->end;
	}
	client_add(client, start, end < range->end ? end : range->end, OWNER_TLS_MAIN, "");
}

/* A new thread's stack ends where its thread-local storage begins. */
static void take_clone(struct client *client, const struct lackey_line *call)
{
	uint64_t flags = call->argument[0], stack = call->argument[1];
	const struct space_range *range = space_find(&client->space, stack);
	uint64_t start, end;

	if (!range || !(flags & CLONE_THREAD))
		return;
	start = range->start;
	end = range->end;
	client_add(client, start, stack, OWNER_STACK_THREAD, "");
	client_add(client, stack, end, OWNER_TLS_THREAD, "");
}

/* Whatever has a descriptor now; what it was before is closed. */
static void take_open(struct client *client, const struct lackey_line *call, const char *path)
{
	if (call->result >= CLIENT_FILES)
		return;
	free(client->files[call->result]);
	client->files[call->result] = path ? strdup(path) : NULL;
}

static void take_success(struct client *client, const struct lackey_line *call, const char *path)
{
	switch (call->number) {
	case SYS_mmap:
		take_mmap(client, call);
		break;
	case SYS_munmap:
		if (space_remove(&client->space, call->argument[0], call->argument[0] + UP(call->argument[1])))
			client->out_of_memory = true;
		break;
	case SYS_mremap:
		take_mremap(client, call);
		break;
	case SYS_brk:
		take_brk(client, call);
		break;
	case SYS_arch_prctl:
		if (call->argument[0] == ARCH_SET_FS)
			take_thread_pointer(client, call->argument[1]);
		break;
	case SYS_clone:
		take_clone(client, call);
		break;
	case SYS_open:
	case SYS_openat:
	case SYS_creat:
		take_open(client, call, path);
		break;
	case SYS_memfd_create:
		take_open(client, call, "memfd");
		break;
	}
}

/* It announces its table by a call of which the result doesn't matter (include/hakmem_map.h). */
static void take_beginning(struct client *client, const struct lackey_line *call, struct stream_position position)
{
	switch (call->number) {
	case SYS_execve:
		client->executed = true;
		break;
	case SYS_clone:
		client->forks += !(call->argument[0] & CLONE_THREAD);
		break;
	case SYS_fork:
	case SYS_vfork:
		client->forks++;
		break;
	}
	if (call->number == SYS_prctl && call->argument[0] == PR_SET_VMA && call->argument[1] == PR_SET_VMA_ANON_NAME &&
	    call->argument[3] == sizeof(struct hakmem_map))
		shared_map_found(&client->map, call->argument[2], position);
}

static void take_call(struct client *client, const struct lackey_line *line, struct stream_position position)
{
	size_t slot = line->thread % CLIENT_THREADS;
	struct lackey_line *begun = &client->pending[slot].call;

	if (line->begins) {
		free(client->pending[slot].path);
		client->pending[slot].path = line->path ? strndup(line->path, line->path_length) : NULL;
		*begun = *line;
		begun->path = NULL; /* of a line that won't stay */
		take_beginning(client, line, position);
	}
	if (!line->ends || begun->number != line->number)
		return;
	begun->result = line->result;
	if (line->failed)
		client->executed &= line->number != SYS_execve;
	else
		take_success(client, begun, client->pending[slot].path);
	begun->number = UINT32_MAX;
}

/* Valgrind maps the stack, and lets it grow, without a system call of the program's. */
static void find_stack(struct client *client, uint64_t address)
{
	uint64_t size = MOST_STACK;
	struct rlimit limit;

	if (!getrlimit(RLIMIT_STACK, &limit) && limit.rlim_cur < size)
		size = limit.rlim_cur;
	client->stack_known = true;
	for (const char *line = client->mappings; line && *line; line = next_line(line)) {
		unsigned long start, end;

		if (sscanf(line, "%lx-%lx", &start, &end) == 2 && address >= start && address < end)
			client_add(client, end - size, end, OWNER_STACK_MAIN, "");
	}
}

void client_take(struct client *client, const struct lackey_line *line, struct stream_position position)
{
	switch (line->kind) {
	case LACKEY_INSTRUCTION:
		client->instruction = line->address;
		if (!in_loader(client, line->address))
			client->recent[client->recent_at++ % CLIENT_RECENT] = line->address;
		break;
	case LACKEY_STORE:
	case LACKEY_MODIFY:
		shared_map_store(&client->map, line->address, line->size, position);
		/* fallthrough */
	case LACKEY_LOAD:
		if (!client->stack_known)
			find_stack(client, line->address);
		break;
	case LACKEY_CALL:
		take_call(client, line, position);
		break;
	case LACKEY_OTHER:
		break;
	}
}

struct client_place client_find(struct client *client, uint64_t address, struct stream_position position)
{
	uint64_t chunk = address & ~(HUGE - 1);
	const struct space_range *range = space_find(&client->space, address);
	struct client_place place = {.owner = SIZE_MAX};
	struct published published = shared_map_find(&client->map, address, position);

	place.whole = range && range->start <= chunk && range->end >= chunk + HUGE;
	if (published.kind) {
		place.kind = published.kind;
		place.block_size = published.block_size;
	} else if (range) {
		place.kind = client->owners[range->owner].kind;
		place.owner = range->owner;
	}
	return place;
}
