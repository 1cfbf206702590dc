// SPDX-License-Identifier: MIT
#include "symbol/debug_file.h"

#include <elfutils/libdwelf.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#define BUILD_ID_LEAST 2
#define BUILD_ID_MOST  64
#define FOLDERS        2

static const char *folders[FOLDERS] = {NULL, "/usr/lib/debug"};

void debug_file_folder(const char *folder)
{
	folders[0] = folder;
}

static bool has_build_id(const struct elf_image *image, const unsigned char *id, size_t size)
{
	const unsigned char *own;

	return elf_image_build_id(image, &own) == size && !memcmp(own, id, size);
}

bool debug_file_by_build_id(const unsigned char *id, size_t size, struct elf_image *file)
{
	char path[PATH_MAX], digits[2 * BUILD_ID_MOST + 1];

	if (size < BUILD_ID_LEAST || size > BUILD_ID_MOST)
		return false;
	for (size_t i = 0; i < size; i++)
		snprintf(digits + 2 * i, 3, "%02x", id[i]);
	for (size_t i = 0; i < FOLDERS; i++) {
		if (!folders[i] || snprintf(path, sizeof(path), "%s/.build-id/%.2s/%s.debug", folders[i], digits,
		                       digits + 2) >= (int)sizeof(path))
			continue;
		if (!elf_image_open(file, elf_image_open_regular(path)))
			continue;
		if (has_build_id(file, id, size))
			return true;
		elf_image_close(file);
	}
	return false;
}

static bool has_check_sum(const struct elf_image *image, GElf_Word wanted)
{
	static unsigned char block[1 << 16];
	uLong sum = crc32(0, NULL, 0);
	off_t at = 0;
	ssize_t got;

	while ((got = pread(image->descriptor, block, sizeof(block), at)) > 0) {
		sum = crc32(sum, block, got);
		at += got;
	}
	return !got && sum == wanted;
}

/* With a build-id its debug file has the same, and needn't be read as a whole. */
static bool belongs(const struct elf_image *image, GElf_Word check_sum, const struct elf_image *file)
{
	const unsigned char *id;
	size_t size = elf_image_build_id(image, &id);

	return size ? has_build_id(file, id, size) : has_check_sum(file, check_sum);
}

static bool try_link(const struct elf_image *image, GElf_Word check_sum, const char *path, struct elf_image *file)
{
	if (!elf_image_open(file, elf_image_open_regular(path)))
		return false;
	if (belongs(image, check_sum, file))
		return true;
	elf_image_close(file);
	return false;
}

static bool find_link(const struct elf_image *image, const char *path, struct elf_image *file)
{
	GElf_Word check_sum = 0;
	const char *name = dwelf_elf_gnu_debuglink(image->elf, &check_sum), *slash = path ? strrchr(path, '/') : NULL;
	int folder = slash ? slash - path : 0;
	char tried[PATH_MAX];

	/* Whoever made the file wrote that name: it is to lead nowhere else. */
	if (!name || !*name || strchr(name, '/') || !slash)
		return false;
	if (snprintf(tried, sizeof(tried), "%.*s/%s", folder, path, name) < (int)sizeof(tried) &&
	    strcmp(tried, path) != 0 && try_link(image, check_sum, tried, file))
		return true;
	if (snprintf(tried, sizeof(tried), "%.*s/.debug/%s", folder, path, name) < (int)sizeof(tried) &&
	    try_link(image, check_sum, tried, file))
		return true;
	for (size_t i = 0; i < FOLDERS; i++)
		if (folders[i] &&
		    snprintf(tried, sizeof(tried), "%s%.*s/%s", folders[i], folder, path, name) < (int)sizeof(tried) &&
		    try_link(image, check_sum, tried, file))
			return true;
	return false;
}

bool debug_file_of(const struct elf_image *image, const char *path, struct elf_image *file)
{
	const unsigned char *id;
	size_t size = elf_image_build_id(image, &id);

	return (size && debug_file_by_build_id(id, size, file)) || find_link(image, path, file);
}
