// SPDX-License-Identifier: MIT
/* See subject_library.h. */
#include "command/subject_library.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command/complain.h"
#include "command/preload.h"
#include "symbol/elf_file.h"
#include "symbol/elf_symbol.h"

#define POOL "hakmem_pool_create"

/* Does the file have these bytes anywhere? False also when it can't be read. */
static bool file_names(const char *path, const char *name)
{
	int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat status;
	void *bytes = MAP_FAILED;
	bool found = false;

	if (descriptor < 0)
		return false;
	if (!fstat(descriptor, &status) && S_ISREG(status.st_mode) && status.st_size)
		bytes = mmap(NULL, status.st_size, PROT_READ, MAP_PRIVATE, descriptor, 0);
	close(descriptor);
	if (bytes == MAP_FAILED)
		return false;
	found = memmem(bytes, status.st_size, name, strlen(name));
	munmap(bytes, status.st_size);
	return found;
}

static bool is_static(const char *command)
{
	char path[PATH_MAX];
	struct elf_facts facts;
	struct stat status;

	return command_file(command, path) && !stat(path, &status) && elf_file_read(path, status.st_ino, &facts) &&
	       facts.is_static;
}

int subject_library_find(const char *variable, const char *given, const char *command, const char **preload)
{
	bool has = command_uses_hakmem(command, NULL);
	const char *name = given ? given : "hakmem";
	char path[PATH_MAX];

	*preload = has ? NULL : name;
	if (has && given) {
		complain("%s has libhakmem already, and would not allocate from %s: leave --preload out, or give a "
		         "command without",
		    command, given);
		return -1;
	}
	if (has)
		return 0;
	if (preload_find(name, path))
		return -1;
	if (!file_names(path, variable)) {
		complain("%s does not understand %s: that name is nowhere in it", path, variable);
		return -1;
	}
	if (is_static(command)) {
		complain("%s is static, so nothing can be preloaded, and it has no libhakmem: link it with libhakmem.a",
		    command);
		return -1;
	}
	return 0;
}

int subject_library_check(const struct experiment *experiment)
{
	bool traced = false;

	for (size_t i = 0; i < experiment->trial_count; i++) {
		const struct trial *trial = &experiment->trials[i];

		if (!trial->snapshot || trial_failed(trial))
			continue;
		if (snapshot_region_sum(trial->snapshot, REGION_ALLOCATOR).faults)
			return 0;
		traced = true;
	}
	if (!traced)
		return 0;
	complain("%s allocated nothing from the library that this is about, so there is nothing to compare: is it "
	         "static, another architecture's, set-user-id, or does it drop LD_PRELOAD?",
	    experiment->command[0]);
	return -1;
}

enum pools subject_library_pools(const char *command)
{
	char path[PATH_MAX];

	if (!command_file(command, path))
		return POOLS_UNUSED;
	switch (elf_symbol_find(path, POOL)) {
	case ELF_SYMBOL_IMPORTED:
		return POOLS_USED;
	case ELF_SYMBOL_DEFINED:
		return POOLS_UNKNOWN;
	default:
		return file_names(path, POOL) ? POOLS_NAMED : POOLS_UNUSED;
	}
}
