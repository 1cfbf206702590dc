// SPDX-License-Identifier: MIT
/* One walk over /sys/kernel/btf/vmlinux. */
#include "trace/kernel_btf.h"

#include <fcntl.h>
#include <linux/btf.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct kernel_btf {
	const char *bytes; /* NULL: none */
	size_t size;
};

/* Kernels before 6.16 don't map it. */
static struct kernel_btf read_btf(int file, size_t size)
{
	struct kernel_btf btf = {0};
	char *bytes = malloc(size);
	ssize_t got;

	while (bytes && (got = read(file, bytes + btf.size, size - btf.size)) > 0)
		btf.size += got;
	btf.bytes = bytes;
	return btf;
}

static struct kernel_btf open_btf(void)
{
	int file = open("/sys/kernel/btf/vmlinux", O_RDONLY | O_CLOEXEC);
	struct kernel_btf btf = {0};
	struct stat status;
	void *mapped;

	if (file < 0)
		return btf;
	if (!fstat(file, &status) && status.st_size > (off_t)sizeof(struct btf_header)) {
		mapped = mmap(NULL, status.st_size, PROT_READ, MAP_PRIVATE, file, 0);
		btf = mapped == MAP_FAILED ? read_btf(file, status.st_size)
		                           : (struct kernel_btf){.bytes = mapped, .size = status.st_size};
	}
	close(file);
	return btf;
}

/* Bytes that follow a struct btf_type, by its kind (Documentation/bpf/btf.rst). -1: a kind that isn't known. */
static long trailing(const struct btf_type *type)
{
	long count = BTF_INFO_VLEN(type->info);

	switch (BTF_INFO_KIND(type->info)) {
	case BTF_KIND_INT:
	case BTF_KIND_VAR:
	case BTF_KIND_DECL_TAG:
		return 4;
	case BTF_KIND_ARRAY:
		return sizeof(struct btf_array);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return count * (long)sizeof(struct btf_member);
	case BTF_KIND_ENUM:
		return count * (long)sizeof(struct btf_enum);
	case BTF_KIND_ENUM64:
		return count * (long)sizeof(struct btf_enum64);
	case BTF_KIND_FUNC_PROTO:
		return count * (long)sizeof(struct btf_param);
	case BTF_KIND_DATASEC:
		return count * (long)sizeof(struct btf_var_secinfo);
	case BTF_KIND_PTR:
	case BTF_KIND_FWD:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_CONST:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_FUNC:
	case BTF_KIND_FLOAT:
	case BTF_KIND_TYPE_TAG:
		return 0;
	}
	return -1;
}

/* Each name is there once: where, or 0. */
static uint32_t name_offset(const char *strings, size_t size, const char *name)
{
	char wanted[128];
	int length = snprintf(wanted, sizeof(wanted), "%c%s", '\0', name);
	const char *found = length < (int)sizeof(wanted) ? memmem(strings, size, wanted, length + 1) : NULL;

	return found ? found + 1 - strings : 0;
}

static int find_function(const struct kernel_btf *btf, const char *name)
{
	const struct btf_header *header = (const void *)btf->bytes;
	const char *types = btf->bytes + header->hdr_len + header->type_off, *end = types + header->type_len;
	const char *strings = btf->bytes + header->hdr_len + header->str_off;
	uint32_t offset;
	int number = 1;

	if (btf->size < sizeof(*header) || header->magic != BTF_MAGIC || end > btf->bytes + btf->size ||
	    strings + header->str_len > btf->bytes + btf->size)
		return 0;
	offset = name_offset(strings, header->str_len, name);
	while (offset && types + sizeof(struct btf_type) <= end) {
		const struct btf_type *type = (const void *)types;
		long more = trailing(type);

		if (BTF_INFO_KIND(type->info) == BTF_KIND_FUNC && type->name_off == offset)
			return number;
		if (more < 0)
			return 0;
		types += sizeof(*type) + more;
		number++;
	}
	return 0;
}

/* The same few are asked for again and again. */
#define ANSWERS 32

int kernel_btf_function(const char *name)
{
	static struct {
		char name[64];
		int number;
	} answers[ANSWERS];
	static size_t count;
	static struct kernel_btf btf;
	int number;

	for (size_t i = 0; i < count; i++)
		if (!strcmp(answers[i].name, name))
			return answers[i].number;
	if (!btf.bytes)
		btf = open_btf();
	number = btf.bytes ? find_function(&btf, name) : 0;
	if (count < ANSWERS && strlen(name) < sizeof(answers[0].name)) {
		strcpy(answers[count].name, name);
		answers[count++].number = number;
	}
	return number;
}
