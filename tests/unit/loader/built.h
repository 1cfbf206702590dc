/* SPDX-License-Identifier: MIT */
/* Programs that tests compile, in a folder that is gone after them. */
#ifndef BUILT_H
#define BUILT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char built_folder[] = "/tmp/hakmem-built-XXXXXX";

static inline int built_begin(void **state)
{
	(void)state;
	return mkdtemp(built_folder) ? 0 : -1;
}

static inline int built_end(void **state)
{
	char command[100];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", built_folder);
	return system(command);
}

static inline void built_write(const char *name, const char *text)
{
	char path[100];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", built_folder, name);
	file = fopen(path, "we");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

/* Runs a shell in that folder. False: a tool is missing, or fails. */
static inline bool built_run(const char *command)
{
	char line[1000];

	snprintf(line, sizeof(line), "cd %s && { %s; } >log 2>&1", built_folder, command);
	return !system(line);
}

static inline const char *built_path(const char *name)
{
	static char path[100];

	snprintf(path, sizeof(path), "%s/%s", built_folder, name);
	return path;
}

/* The address of a symbol, as nm says it. */
static inline uint64_t built_address(const char *name, const char *symbol)
{
	char command[300];
	uint64_t address = 0;
	FILE *output;

	snprintf(command, sizeof(command), "nm %s | awk '$3 == \"%s\" { print $1 }'", built_path(name), symbol);
	output = popen(command, "re");
	assert_non_null(output);
	assert_int_equal(fscanf(output, "%lx", &address), 1);
	pclose(output);
	return address;
}

#endif
