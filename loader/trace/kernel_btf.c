// SPDX-License-Identifier: MIT
/* One walk over /sys/kernel/btf/vmlinux. */
#include "trace/kernel_btf.h"

#include <fcntl.h>
#include <linux/btf.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct kernel_btf {
	char *bytes; /* NULL: none */
	size_t size;
};

static struct kernel_btf read_btf(void)
{
	int file = open("/sys/kernel/btf/vmlinux", O_RDONLY | O_CLOEXEC);
	struct kernel_btf btf = {0};
	struct stat status;
	ssize_t got;

	if (file < 0)
		return btf;
	if (!fstat(file, &status) && status.st_size > (off_t)sizeof(struct btf_header))
		btf.bytes = malloc(status.st_size + 1);
	while (btf.bytes && (got = read(file, btf.bytes + btf.size, status.st_size - btf.size)) > 0)
		btf.size += got;
	if (btf.bytes)
		btf.bytes[btf.size] = '\0';
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

static int find_function(const struct kernel_btf *btf, const char *name)
{
	const struct btf_header *header = (const void *)btf->bytes;
	const char *types = btf->bytes + header->hdr_len + header->type_off, *end = types + header->type_len;
	const char *strings = btf->bytes + header->hdr_len + header->str_off;
	int number = 1;

	if (header->magic != BTF_MAGIC || end > btf->bytes + btf->size ||
	    strings + header->str_len > btf->bytes + btf->size)
		return 0;
	while (types + sizeof(struct btf_type) <= end) {
		const struct btf_type *type = (const void *)types;
		long more = trailing(type);

		if (BTF_INFO_KIND(type->info) == BTF_KIND_FUNC && type->name_off < header->str_len &&
		    !strcmp(strings + type->name_off, name))
			return number;
		if (more < 0)
			return 0;
		types += sizeof(*type) + more;
		number++;
	}
	return 0;
}

int kernel_btf_function(const char *name)
{
	static struct kernel_btf btf;

	if (!btf.bytes)
		btf = read_btf();
	return btf.bytes ? find_function(&btf, name) : 0;
}
