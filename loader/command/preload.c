// SPDX-License-Identifier: MIT
/* Finds libhakmem: for --preload, and in an ELF file. */
#include "command/preload.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gelf.h>
#include <libelf.h>

#include "command/complain.h"

static bool beside_ourselves(const char *relative, char path[PATH_MAX])
{
	char self[PATH_MAX], candidate[2 * PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (length < 0)
		return false;
	self[length] = '\0';
	*strrchr(self, '/') = '\0';
	snprintf(candidate, sizeof(candidate), "%s/%s", self, relative);
	return realpath(candidate, path) != NULL;
}

int preload_find(const char *name, char path[PATH_MAX])
{
	if (!strcmp(name, "hakmem")) {
		if (beside_ourselves("libhakmem.so", path) || beside_ourselves("../lib/libhakmem.so", path))
			return 0;
		complain("libhakmem.so is neither beside hakmem-trace nor in ../lib: give --preload its path");
		return -1;
	}
	if (!realpath(name, path)) {
		complain("can't preload %s: %s", name, strerror(errno));
		return -1;
	}
	if (strpbrk(path, " :")) {
		complain("can't preload %s: the dynamic loader splits paths at spaces and colons", path);
		return -1;
	}
	return 0;
}

/* As execvp does: a name without a slash is searched in PATH. */
bool command_file(const char *command, char path[PATH_MAX])
{
	const char *list = getenv("PATH");

	if (strchr(command, '/'))
		return snprintf(path, PATH_MAX, "%s", command) < PATH_MAX;
	for (list = list ? list : "/bin:/usr/bin"; list; list = strchr(list, ':') ? strchr(list, ':') + 1 : NULL) {
		int length = strcspn(list, ":");

		if (snprintf(path, PATH_MAX, "%.*s/%s", length, length ? list : ".", command) < PATH_MAX &&
		    !access(path, X_OK))
			return true;
	}
	return false;
}

static bool section_names_hakmem(Elf *elf, Elf_Scn *section, const GElf_Shdr *header)
{
	Elf_Data *data = elf_getdata(section, NULL);
	size_t count = header->sh_entsize ? header->sh_size / header->sh_entsize : 0;

	for (size_t i = 0; data && i < count; i++) {
		const char *name = NULL;
		GElf_Sym symbol;
		GElf_Dyn entry;

		if (header->sh_type == SHT_DYNAMIC) {
			if (gelf_getdyn(data, i, &entry) && entry.d_tag == DT_NEEDED)
				name = elf_strptr(elf, header->sh_link, entry.d_un.d_val);
			if (name && strstr(name, "libhakmem"))
				return true;
		} else if (gelf_getsym(data, i, &symbol)) {
			name = elf_strptr(elf, header->sh_link, symbol.st_name);
			if (name && !strcmp(name, "hakmem_map"))
				return true;
		}
	}
	return false;
}

static bool elf_has_hakmem(const char *path)
{
	int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* it may be anything, also a FIFO */
	Elf_Scn *section = NULL;
	bool found = false;
	struct stat status;
	GElf_Shdr header;
	Elf *elf;

	if (descriptor < 0)
		return false;
	elf_version(EV_CURRENT);
	elf = fstat(descriptor, &status) || !S_ISREG(status.st_mode) ? NULL : elf_begin(descriptor, ELF_C_READ, NULL);
	while (elf && !found && (section = elf_nextscn(elf, section)))
		if (gelf_getshdr(section, &header) &&
		    (header.sh_type == SHT_SYMTAB || header.sh_type == SHT_DYNSYM || header.sh_type == SHT_DYNAMIC))
			found = section_names_hakmem(elf, section, &header);
	elf_end(elf);
	close(descriptor);
	return found;
}

/* A list as ld.so reads LD_PRELOAD: paths between spaces or colons. */
static bool lists_hakmem(const char *list)
{
	while (list && *list) {
		size_t length = strcspn(list, " :");
		const char *name = list + length;

		while (name > list && name[-1] != '/')
			name--;
		if (!strncmp(name, "libhakmem", strlen("libhakmem")))
			return true;
		list += length + (list[length] != '\0');
	}
	return false;
}

bool command_uses_hakmem(const char *command, const char *preload)
{
	char path[PATH_MAX];

	if ((preload && lists_hakmem(preload)) || lists_hakmem(getenv("LD_PRELOAD")))
		return true;
	return command_file(command, path) && elf_has_hakmem(path);
}
