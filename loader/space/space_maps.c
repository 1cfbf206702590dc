// SPDX-License-Identifier: MIT
#include "space/space_maps.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "process/owner.h"
#include "process/proc_file.h"

#define TEXT_MOST (2UL << 20)
#define DELETED   " (deleted)"

/* Without folders, nor what the kernel says of a file that is gone. */
static const char *file_name(char *path)
{
	size_t length = strlen(path), deleted = strlen(DELETED);

	if (length > deleted && !strcmp(path + length - deleted, DELETED))
		path[length - deleted] = 0;
	return basename(path);
}

static bool begins(const char *text, const char *with)
{
	return !strncmp(text, with, strlen(with));
}

/* The name is anybody's; only one of a file begins with a slash. */
static enum owner_kind kind_of(const char *access, const char *name, const char *program)
{
	bool shared = access[3] == 's';

	if (!name[0] || begins(name, "[anon:"))
		return shared ? OWNER_SHARED : OWNER_ANON;
	if (!strcmp(name, "[heap]"))
		return OWNER_BREAK;
	if (!strcmp(name, "[stack]"))
		return OWNER_STACK_MAIN;
	if (begins(name, "[anon_shmem:") || begins(name, "/dev/zero") || begins(name, "/SYSV"))
		return OWNER_SHARED;
	if (name[0] == '[')
		return OWNER_VDSO;
	return shared ? OWNER_FILE : owner_of_image(!strcmp(name, program), access[1] == 'w', access[2] == 'x');
}

static char *after_blanks(char *text)
{
	return text + strspn(text, " ");
}

static char *after_words(char *text, int count)
{
	while (count-- > 0)
		text = after_blanks(text + strcspn(text, " "));
	return text;
}

/* "start-end access offset device inode   name" */
static void take_line(struct space_maps *maps, char *line, const char *program)
{
	struct space_mapping *mapping = &maps->mappings[maps->count];
	char *at, *access;

	if (maps->count && begins(line, "Rss:")) /* smaps has it after each */
		mapping[-1].resident = strtoull(line + strlen("Rss:"), NULL, 10) * 1024;
	mapping->start = strtoull(line, &at, 16);
	mapping->end = *at == '-' ? strtoull(at + 1, &at, 16) : 0;
	if (mapping->end >> 47 || mapping->start >= mapping->end) /* vsyscall; nothing */
		return;
	access = after_blanks(at);
	at = after_words(access, 4);
	if (strcspn(access, " ") < 4)
		return;
	mapping->kind = kind_of(access, at, program);
	mapping->resident = UINT64_MAX;
	mapping->name = *at == '/' ? file_name(at) : "";
	maps->count++;
}

int space_maps_parse(struct space_maps *maps, char *text, const char *program)
{
	*maps = (struct space_maps){.text = text, .mappings = calloc(SPACE_MAPS_MOST, sizeof(*maps->mappings))};
	if (!maps->mappings)
		return -1;
	for (char *line = text, *next; *line; line = next) {
		next = line + strcspn(line, "\n");
		if (!*next) {
			maps->more++; /* cut off, and so not whole */
			break;
		}
		*next++ = 0;
		if (maps->count == SPACE_MAPS_MOST)
			maps->more++;
		else
			take_line(maps, line, program);
	}
	return 0;
}

int space_maps_read(struct space_maps *maps, pid_t process, bool resident)
{
	char path[64], program[PATH_MAX], *text = proc_file_read(process, resident ? "smaps" : "maps", TEXT_MOST);
	ssize_t length;

	*maps = (struct space_maps){};
	if (!text)
		return -1;
	snprintf(path, sizeof(path), "/proc/%d/exe", process);
	length = readlink(path, program, sizeof(program) - 1);
	program[length > 0 ? length : 0] = 0;
	if (!*text) {
		free(text);
		errno = ESRCH; /* it has ended, or is a kernel thread */
		return -1;
	}
	return space_maps_parse(maps, text, program);
}

void space_maps_free(struct space_maps *maps)
{
	free(maps->text);
	free(maps->mappings);
	*maps = (struct space_maps){};
}
