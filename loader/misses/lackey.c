// SPDX-License-Identifier: MIT
#include "misses/lackey.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "process/proc_file.h"

#define PAGE      4096ULL
#define AGE_LEAST 1000    /* accesses after which smaps is read again: so many after a change of mappings, */
#define AGE_MOST  1000000 /* twice as many each time, up to these */
#define HIGH      200     /* descriptors from which on the command expects none of its own */
#define OPTIONS   10

bool lackey_installed(char path[PATH_MAX])
{
	const char *list = getenv("PATH");

	for (list = list ? list : "/bin:/usr/bin"; list; list = strchr(list, ':') ? strchr(list, ':') + 1 : NULL) {
		int length = strcspn(list, ":");

		if (snprintf(path, PATH_MAX, "%.*s/valgrind", length, length ? list : ".") < PATH_MAX &&
		    !access(path, X_OK))
			return true;
	}
	return false;
}

static int open_pipe(struct lackey *lackey)
{
	int ends[2];

	if (pipe(ends))
		return -1;
	/* The writing end is inherited under a number that is nobody's; where there is none so high, as it is. */
	lackey->stream_child = fcntl(ends[1], F_DUPFD, HIGH);
	if (lackey->stream_child < 0)
		lackey->stream_child = ends[1];
	else
		close(ends[1]);
	lackey->stream = ends[0];
	fcntl(ends[0], F_SETPIPE_SZ, LACKEY_BUFFER); /* more would let it get farther ahead */
	lackey->capacity = fcntl(ends[0], F_GETPIPE_SZ);
	return fcntl(ends[0], F_SETFD, FD_CLOEXEC) || fcntl(ends[0], F_SETFL, O_NONBLOCK) ? -1 : 0;
}

/* Valgrind's own messages would be lost among the lines, so it is told to have none. */
static char **make_arguments(const char *valgrind, int descriptor, char *const *command)
{
	static const char *const fixed[] = {"--tool=lackey", "--command-line-only=yes", "-q", "--trace-mem=yes",
	    "--trace-syscalls=yes", "--basic-counts=no", "--trace-children=no", "--child-silent-after-fork=yes",
	    "--vgdb=no"};
	size_t count = 0, used = 0;
	char **arguments;

	while (command[count])
		count++;
	arguments = calloc(count + sizeof(fixed) / sizeof(fixed[0]) + 3, sizeof(*arguments));
	if (!arguments)
		return NULL;
	arguments[used++] = (char *)valgrind;
	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		arguments[used++] = (char *)fixed[i];
	if (asprintf(&arguments[used++], "--log-fd=%d", descriptor) < 0) {
		free(arguments);
		return NULL;
	}
	memcpy(&arguments[used], command, count * sizeof(*arguments));
	return arguments;
}

int lackey_start(struct lackey *lackey, struct target *target, const char *valgrind, char *const *command,
    const struct target_options *options, char error[TARGET_ERROR])
{
	struct target_options own = *options;
	char **arguments;
	int result;

	lackey->target = target;
	lackey->client.memory = (struct memory){.contents = -1, .pages = -1};
	if (open_pipe(lackey)) {
		snprintf(error, TARGET_ERROR, "can't make a pipe: %s", strerror(errno));
		return -1;
	}
	arguments = make_arguments(valgrind, lackey->stream_child, command);
	if (!arguments) {
		snprintf(error, TARGET_ERROR, "out of memory");
		return -1;
	}
	own.command = arguments;
	result = target_start(target, &own, error);
	for (char **argument = arguments; *argument; argument++)
		if (!strncmp(*argument, "--log-fd=", strlen("--log-fd=")) && argument - arguments <= OPTIONS)
			free(*argument);
	free(arguments);
	close(lackey->stream_child);
	return result;
}

/* The first line has come, so the program and its interpreter are mapped, and valgrind is at rest or soon will be. */
static void start_client(struct lackey *lackey)
{
	struct client *client = &lackey->client;
	char *mappings = proc_file_read(lackey->target->pid, "maps", SIZE_MAX);

	lackey->started = true;
	if (memory_open(&client->memory, lackey->target->pid))
		client->memory = (struct memory){.contents = -1, .pages = -1};
	client->map.read = memory_read;
	client->map.context = &client->memory;
	if (mappings && client_start(client, mappings))
		client->out_of_memory = true;
	free(mappings);
}

static void read_sizes(struct lackey *lackey)
{
	char *text = lackey->sizes.rule.kind == PAGES_AS_THEY_ARE
	                 ? proc_file_read(lackey->target->pid, "smaps", SIZE_MAX)
	                 : NULL;

	if (text && page_sizes_take(&lackey->sizes, text))
		lackey->client.out_of_memory = true;
	free(text);
	lackey->until_sizes = lackey->sizes_age;
	lackey->sizes_age = lackey->sizes_age < AGE_MOST ? 2 * lackey->sizes_age + AGE_LEAST : AGE_MOST;
}

/* New memory gets its pages when it is touched. */
static void expect_sizes(struct lackey *lackey, const struct lackey_line *call)
{
	if (call->number != SYS_mmap && call->number != SYS_mremap && call->number != SYS_madvise &&
	    call->number != SYS_brk)
		return;
	lackey->sizes_age = 2 * AGE_LEAST;
	if (lackey->until_sizes > AGE_LEAST)
		lackey->until_sizes = AGE_LEAST;
}

/* An access that goes over a page's end is two. */
static bool take_access(struct lackey *lackey, const struct lackey_line *line,
    bool (*take)(void *context, const struct lackey_access *access), void *context)
{
	uint64_t address = line->address, left = line->size ? line->size : 1;

	if (!lackey->until_sizes--)
		read_sizes(lackey);
	while (left) {
		struct lackey_access access = {.address = address, .size = PAGE - address % PAGE};

		if (access.size > left)
			access.size = left;
		access.place = client_find(&lackey->client, address, lackey->position);
		access.huge = page_sizes_is_huge(&lackey->sizes, address, &access.place);
		if (!take(context, &access))
			return false;
		address += access.size;
		left -= access.size;
	}
	return true;
}

/* Valgrind's own lines, "==PID== Valgrind: ..." or "valgrind: ...", when it can't go on; else they are no matter. */
static void hear(struct lackey *lackey, const char *text)
{
	size_t used = strlen(lackey->last_words);
	const char *own = strstr(text, "== Valgrind: ");

	if (own && !strncmp(text, "==", 2))
		own += strlen("== Valgrind: ");
	else if (!strncmp(text, "valgrind: ", strlen("valgrind: ")))
		own = text + strlen("valgrind: ");
	else
		return;
	own += strspn(own, " ");
	snprintf(lackey->last_words + used, LACKEY_WORDS - used, "%s%s", used ? " " : "", own);
}

static bool take_line(struct lackey *lackey, const char *text,
    bool (*take)(void *context, const struct lackey_access *access), void *context)
{
	struct lackey_line line;

	while (text) {
		const char *whole = text;

		text = lackey_parse(text, &line);
		if (line.kind == LACKEY_OTHER) {
			hear(lackey, whole);
			continue;
		}
		if (!lackey->started)
			start_client(lackey);
		client_take(&lackey->client, &line, lackey->position);
		if (line.kind == LACKEY_CALL)
			expect_sizes(lackey, &line);
		if ((line.kind == LACKEY_LOAD || line.kind == LACKEY_STORE || line.kind == LACKEY_MODIFY) &&
		    !take_access(lackey, &line, take, context))
			return false;
	}
	return true;
}

/* Whole lines; what is left of the last one goes to the buffer's front. */
static void take_lines(
    struct lackey *lackey, size_t size, bool (*take)(void *context, const struct lackey_access *access), void *context)
{
	char *line = lackey->buffer, *end = lackey->buffer + size, *newline;

	while ((newline = memchr(line, '\n', end - line))) {
		*newline = '\0';
		lackey->position.taken += newline + 1 - line;
		if (!take_line(lackey, line, take, context))
			return;
		line = newline + 1;
	}
	lackey->held = end - line;
	memmove(lackey->buffer, line, lackey->held);
	if (lackey->held == LACKEY_BUFFER)
		lackey->held = 0; /* no line of lackey's is so long */
}

int lackey_read(struct lackey *lackey, bool (*take)(void *context, const struct lackey_access *access), void *context)
{
	ssize_t got = read(lackey->stream, lackey->buffer + lackey->held, LACKEY_BUFFER - lackey->held);

	if (got <= 0)
		return 0;
	lackey->position.ahead = lackey->position.taken + lackey->held + got + lackey->capacity;
	take_lines(lackey, lackey->held + got, take, context);
	return 1;
}

void lackey_finish(
    struct lackey *lackey, bool (*take)(void *context, const struct lackey_access *access), void *context)
{
	lackey->buffer[lackey->held] = '\0';
	if (lackey->held)
		take_line(lackey, lackey->buffer, take, context);
	lackey->held = 0;
}

void lackey_discard(struct lackey *lackey)
{
	while (read(lackey->stream, lackey->buffer, LACKEY_BUFFER) > 0)
		;
}

void lackey_close(struct lackey *lackey)
{
	if (lackey->stream >= 0)
		close(lackey->stream);
	client_free(&lackey->client);
	page_sizes_free(&lackey->sizes);
}
