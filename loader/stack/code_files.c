// SPDX-License-Identifier: MIT
/* A table of files by path and inode. See code_files.h. */
#include "stack/code_files.h"

#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "symbol/elf_image.h"

#define CLOCK_STEP_NS 10000000 /* files' times are those of the last tick */

#define VDSO    "[vdso]"
#define NO_FILE "//anon" /* as the kernel writes it */

struct file {
	char *path;
	const char *name; /* in path */
	uint64_t inode;
	int descriptor;
	struct elf_segment *segments;
	size_t segment_count;
	bool asked; /* for its symbols */
	struct code_file *symbols;
};

struct code_files {
	struct file *files; /* [0] is none */
	size_t count;
	size_t last;
};

struct code_files *code_files_new(void)
{
	struct code_files *files = calloc(1, sizeof(*files));

	if (!files)
		return NULL;
	files->files = calloc(1, sizeof(*files->files));
	files->count = 1;
	if (files->files)
		return files;
	free(files);
	return NULL;
}

void code_files_free(struct code_files *files)
{
	if (!files)
		return;
	for (size_t i = 1; i < files->count; i++) {
		free(files->files[i].path);
		free(files->files[i].segments);
		if (files->files[i].descriptor >= 0)
			close(files->files[i].descriptor);
		code_file_close(files->files[i].symbols);
	}
	free(files->files);
	free(files);
}

/* The kernel's own code in our memory is that in any process's. */
static int open_vdso(void)
{
	const Elf64_Ehdr *image = (const void *)getauxval(AT_SYSINFO_EHDR);
	size_t size = image ? image->e_shoff + image->e_shnum * image->e_shentsize : 0;
	int descriptor = image ? memfd_create("vdso", MFD_CLOEXEC) : -1;

	if (descriptor < 0 || write(descriptor, image, size) == (ssize_t)size)
		return descriptor;
	close(descriptor);
	return -1;
}

/*
 * Inodes' numbers are used again soon: a file that was changed, or made, since it was mapped may be another one.
 */
static bool is_as_mapped(const struct stat *status, const struct executable_range *range)
{
	struct timespec real, monotonic;
	int64_t began_ns;

	if (!S_ISREG(status->st_mode) || status->st_ino != range->inode)
		return false;
	if (!range->mapped_ns)
		return true;
	clock_gettime(CLOCK_REALTIME, &real);
	clock_gettime(CLOCK_MONOTONIC, &monotonic);
	began_ns = (real.tv_sec - monotonic.tv_sec) * 1000000000LL + real.tv_nsec - monotonic.tv_nsec;
	return status->st_ctim.tv_sec * 1000000000LL + status->st_ctim.tv_nsec <=
	       began_ns + (int64_t)range->mapped_ns + CLOCK_STEP_NS;
}

/* -1: there is none, or it is another file now. by_path: not through the mapping itself, which is always right. */
static int open_same(const char *path, const struct executable_range *range, bool by_path)
{
	int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat status;

	if (descriptor < 0)
		return -1;
	if (!fstat(descriptor, &status) && (by_path ? is_as_mapped(&status, range) : S_ISREG(status.st_mode)))
		return descriptor;
	close(descriptor);
	return -1;
}

/*
 * By the mapping itself, which also has files that were deleted; else by the path, as the process sees it, or we do. Of
 * a process in a chroot that has ended an end of the path may be right; that it is the same file, its inode tells.
 */
static int open_file(uint32_t pid, const struct executable_range *range)
{
	char path[4096];
	int descriptor;

	if (!strcmp(range->path, VDSO))
		return open_vdso();
	if (range->path[0] != '/' || !strcmp(range->path, NO_FILE))
		return -1;
	snprintf(path, sizeof(path), "/proc/%u/map_files/%lx-%lx", pid, range->start, range->end);
	descriptor = open_same(path, range, false);
	if (descriptor < 0 && (size_t)snprintf(path, sizeof(path), "/proc/%u/root%s", pid, range->path) < sizeof(path))
		descriptor = open_same(path, range, true);
	for (const char *end = range->path; end && descriptor < 0; end = strchr(end + 1, '/'))
		descriptor = open_same(end, range, true);
	return descriptor;
}

/* Which bytes of the file are loaded where; none when it is no ELF file. */
static void read_segments(struct file *file)
{
	struct elf_image image;

	if (!elf_image_open(&image, fcntl(file->descriptor, F_DUPFD_CLOEXEC, 0)))
		return;
	file->segments = image.segments;
	file->segment_count = image.segment_count;
	image.segments = NULL;
	elf_image_close(&image);
}

static size_t find(struct code_files *files, const struct executable_range *range)
{
	const struct file *last = &files->files[files->last];

	if (files->last && last->inode == range->inode && !strcmp(last->path, range->path))
		return files->last;
	for (size_t i = 1; i < files->count; i++)
		if (files->files[i].inode == range->inode && !strcmp(files->files[i].path, range->path))
			return i;
	return 0;
}

/* 0: out of memory. */
static size_t add(struct code_files *files, uint32_t pid, const struct executable_range *range)
{
	struct file *more = reallocarray(files->files, files->count + 1, sizeof(*more));
	char *path = strdup(range->path);
	struct file *file;

	if (more)
		files->files = more;
	if (!more || !path) {
		free(path);
		return 0;
	}
	file = &more[files->count];
	*file = (struct file){
	    .path = path,
	    .name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path,
	    .inode = range->inode,
	    .descriptor = open_file(pid, range),
	};
	if (file->descriptor >= 0)
		read_segments(file);
	return files->count++;
}

static bool is_file(const struct executable_range *range)
{
	return !strcmp(range->path, VDSO) || (range->path[0] == '/' && strcmp(range->path, NO_FILE) != 0);
}

bool code_files_locate(struct code_files *files, uint32_t pid, const struct executable_range *range, uint64_t address,
    struct code_location *location)
{
	uint64_t offset = address - range->start + range->offset;
	const struct file *file;
	size_t number;

	*location = (struct code_location){CODE_FILE_NONE, address};
	if (!is_file(range))
		return true;
	number = find(files, range);
	if (!number)
		number = add(files, pid, range);
	if (!number)
		return false;
	files->last = number;
	file = &files->files[number];
	*location = (struct code_location){number, offset};
	for (size_t i = 0; i < file->segment_count; i++)
		if (offset >= file->segments[i].offset && offset - file->segments[i].offset < file->segments[i].size)
			location->address = offset - file->segments[i].offset + file->segments[i].address;
	return true;
}

bool code_files_is_elf(const struct code_files *files, uint32_t file)
{
	return file && files->files[file].segment_count;
}

int code_files_descriptor(const struct code_files *files, uint32_t file)
{
	return file ? files->files[file].descriptor : -1;
}

const char *code_files_name(const struct code_files *files, uint32_t file)
{
	return file ? files->files[file].name : "";
}

struct code_file *code_files_symbols(struct code_files *files, uint32_t number)
{
	struct file *file = &files->files[number];
	int copy;

	if (!number || file->asked)
		return file->symbols;
	file->asked = true;
	copy = file->descriptor >= 0 ? dup(file->descriptor) : -1;
	if (copy >= 0)
		file->symbols = code_file_open(copy, file->path);
	return file->symbols;
}
