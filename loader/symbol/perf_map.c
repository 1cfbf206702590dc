// SPDX-License-Identifier: MIT
/* Lines of START SIZE NAME, the numbers in hexadecimal. Others are passed over, and so is a last one that is not
 * complete. */
#include "symbol/perf_map.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "symbol/painted_ranges.h"
#include "symbol/perf_map_file.h"

#define BYTES_MOST (256U << 20) /* read in all */
#define LINES_MOST (4U << 20)
#define NAME_MOST  1024
#define TAIL       64 /* bytes by which a file that was written anew is told from one that has grown */

/* Read at once; names stay in it. */
struct block {
	struct block *next;
	char text[];
};

struct perf_map {
	int descriptor;
	struct block *blocks;
	uint64_t bytes; /* of all blocks */
	off_t at;       /* of the file, read so far */
	char tail[TAIL];
	size_t tail_size;
	uint64_t (*ranges)[2];
	const char **names;
	uint32_t count, room;
	struct painted_ranges painted;
};

struct perf_map *perf_map_open(pid_t pid)
{
	int descriptor = perf_map_file_open(pid);
	struct perf_map *map = descriptor >= 0 ? calloc(1, sizeof(*map)) : NULL;

	if (!map) {
		if (descriptor >= 0)
			close(descriptor);
		return NULL;
	}
	map->descriptor = descriptor;
	perf_map_refresh(map);
	return map;
}

void perf_map_close(struct perf_map *map)
{
	if (!map)
		return;
	while (map->blocks) {
		struct block *block = map->blocks;

		map->blocks = block->next;
		free(block);
	}
	painted_ranges_clear(&map->painted);
	free(map->ranges);
	free(map->names);
	close(map->descriptor);
	free(map);
}

static bool make_room(struct perf_map *map)
{
	uint32_t room = map->room ? map->room * 2 : 1024;
	uint64_t(*ranges)[2];
	const char **names;

	if (map->count < map->room)
		return true;
	if (room > LINES_MOST)
		return false;
	ranges = realloc(map->ranges, room * sizeof(*ranges));
	if (ranges)
		map->ranges = ranges;
	names = realloc(map->names, room * sizeof(*names));
	if (names)
		map->names = names;
	if (!ranges || !names)
		return false;
	map->room = room;
	return true;
}

/* With or without 0x, and a space after it. False: it is none, or too large. */
static bool read_number(char **text, uint64_t *number)
{
	char *at = *text;
	size_t digits;

	if (at[0] == '0' && (at[1] == 'x' || at[1] == 'X'))
		at += 2;
	digits = strspn(at, "0123456789abcdefABCDEF");
	if (!digits || digits > 16 || at[digits] != ' ')
		return false;
	*number = strtoull(at, text, 16);
	*text += strspn(*text, " ");
	return true;
}

/* The line ends with a 0. False: no more lines are taken. */
static bool add_line(struct perf_map *map, char *line)
{
	uint64_t start, size;

	if (!read_number(&line, &start) || !read_number(&line, &size) || !size || size > UINT64_MAX - start || !*line)
		return true;
	if (!make_room(map))
		return false;
	if (strlen(line) > NAME_MOST)
		line[NAME_MOST] = '\0';
	map->ranges[map->count][0] = start;
	map->ranges[map->count][1] = start + size;
	map->names[map->count++] = line;
	return true;
}

/* How much of the text was whole lines. */
static size_t add_lines(struct perf_map *map, char *text, size_t size)
{
	bool full = false;
	char *line = text, *end;

	while ((end = memchr(line, '\n', text + size - line))) {
		*end = '\0';
		full = full || !add_line(map, line);
		line = end + 1;
	}
	return line - text;
}

static bool was_written_anew(const struct perf_map *map, off_t size)
{
	char tail[TAIL];

	if (size < map->at)
		return true;
	return map->tail_size &&
	       (pread(map->descriptor, tail, map->tail_size, map->at - map->tail_size) != (ssize_t)map->tail_size ||
	           memcmp(tail, map->tail, map->tail_size) != 0);
}

/* Its lines are gone. What was said of them before lives on. */
static void start_anew(struct perf_map *map)
{
	map->at = 0;
	map->tail_size = 0;
	map->count = 0;
}

static void keep_tail(struct perf_map *map, const char *read, size_t size)
{
	map->tail_size = size < TAIL ? size : TAIL;
	memcpy(map->tail, read + size - map->tail_size, map->tail_size);
}

static bool read_block(struct perf_map *map, size_t size)
{
	struct block *block = malloc(sizeof(*block) + size);
	ssize_t got = block ? pread(map->descriptor, block->text, size, map->at) : -1;
	const char *end = got > 0 ? memrchr(block->text, '\n', got) : NULL;

	if (!end) {
		free(block);
		return false;
	}
	got = end + 1 - block->text;
	block->next = map->blocks;
	map->blocks = block;
	map->bytes += size;
	keep_tail(map, block->text, got);
	map->at += add_lines(map, block->text, got);
	return true;
}

bool perf_map_refresh(struct perf_map *map)
{
	struct stat status;
	bool anew;

	if (fstat(map->descriptor, &status))
		return false;
	anew = was_written_anew(map, status.st_size);
	if (anew)
		start_anew(map);
	if (status.st_size > map->at && map->bytes < BYTES_MOST) {
		uint64_t size = status.st_size - map->at, left = BYTES_MOST - map->bytes;

		anew |= read_block(map, size < left ? size : left);
	}
	return anew && painted_ranges_make(&map->painted, (const uint64_t(*)[2])map->ranges, map->count);
}

const char *perf_map_function(const struct perf_map *map, uint64_t address)
{
	size_t line = painted_ranges_at(&map->painted, address);

	return line != PAINTED_NOTHING ? map->names[line] : NULL;
}
