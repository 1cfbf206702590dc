// SPDX-License-Identifier: MIT
/* A Dwfl to which modules are reported as they are come across. See unwinder.h. */
#include "symbol/unwinder.h"

#include <elfutils/libdwfl.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PAGE   4096
#define THREAD 1 /* there is one, whatever its number */

#define ENTRY_CODE 64 /* bytes, of which one calls what never returns */

struct unwinder {
	Dwfl *dwfl;
	bool attached, outdated;
	bool short_of; /* stack that was not copied */
	int own_file;
	Elf *machine; /* any file of this machine's: how it unwinds where there is no information */
	struct unwinder_file *reported;
	size_t count;
	unwinder_lookup *lookup;
	void *context;

	/* Of the call under way. */
	const struct unwinder_thread *thread;
	uint64_t *frames;
	size_t found, most;
};

/* What unwinding needs is in the files themselves. */
static int find_no_debug_file(Dwfl_Module *module, void **data, const char *name, Dwarf_Addr base, const char *file,
    const char *link, GElf_Word sum, char **path)
{
	(void)module, (void)data, (void)name, (void)base, (void)file, (void)link, (void)sum, (void)path;
	return -1;
}

/* The module takes over what report() has opened. */
static int find_elf(Dwfl_Module *module, void **data, const char *name, Dwarf_Addr base, char **path, Elf **elf)
{
	(void)module, (void)name, (void)base, (void)path;
	*elf = *data;
	*data = NULL;
	return -1;
}

static const Dwfl_Callbacks callbacks = {
    .find_elf = find_elf,
    .find_debuginfo = find_no_debug_file,
    .section_address = dwfl_offline_section_address,
};

static pid_t next_thread(Dwfl *dwfl, void *context, void **thread)
{
	(void)dwfl, (void)context;
	if (*thread)
		return 0;
	*thread = context;
	return THREAD;
}

static bool get_thread(Dwfl *dwfl, pid_t number, void *context, void **thread)
{
	(void)dwfl, (void)number;
	*thread = context;
	return true;
}

static bool read_word(Dwfl *dwfl, Dwarf_Addr address, Dwarf_Word *word, void *context)
{
	struct unwinder *unwinder = context;
	const struct unwinder_thread *thread = unwinder->thread;
	uint64_t first = address - thread->start, last = first + sizeof(*word) - 1;

	(void)dwfl;
	if (address < thread->start || last / PAGE >= thread->pages || !(thread->present >> first / PAGE & 1) ||
	    !(thread->present >> last / PAGE & 1)) {
		unwinder->short_of = true;
		return false;
	}
	memcpy(word, (const char *)thread->bytes + first, sizeof(*word));
	return true;
}

static bool set_registers(Dwfl_Thread *thread, void *context)
{
	const struct unwinder *unwinder = context;

	return dwfl_thread_state_registers(thread, 0, UNWINDER_REGISTERS, unwinder->thread->registers);
}

static const Dwfl_Thread_Callbacks thread_callbacks = {
    .next_thread = next_thread,
    .get_thread = get_thread,
    .memory_read = read_word,
    .set_initial_registers = set_registers,
};

static bool is_reported(const struct unwinder *unwinder, const struct unwinder_file *file)
{
	for (size_t i = 0; i < unwinder->count; i++)
		if (unwinder->reported[i].file == file->file && unwinder->reported[i].bias == file->bias)
			return true;
	return false;
}

/* Where the file's segments are, as libdwfl reckons: from the first one's alignment on. False: it is of no use. */
static bool find_extent(const struct unwinder_file *file, Elf *elf, uint64_t *start, uint64_t *end)
{
	GElf_Phdr segment;
	GElf_Ehdr header;
	size_t count;

	if (!gelf_getehdr(elf, &header) || elf_getphdrnum(elf, &count))
		return false;
	/*
	 * A program with fixed addresses that has a piece of itself somewhere else, too (V8 does that with its
	 * builtins). libdwfl takes that for the whole program a second time, and drops both.
	 */
	if (header.e_type == ET_EXEC && file->bias)
		return false;
	*end = 0;
	for (size_t i = 0; i < count; i++) {
		if (!gelf_getphdr(elf, i, &segment) || segment.p_type != PT_LOAD)
			continue;
		if (!*end)
			*start = file->bias + (segment.p_vaddr & -(segment.p_align ? segment.p_align : 1));
		*end = file->bias + segment.p_vaddr + segment.p_memsz;
	}
	return *end > *start;
}

/*
 * libdwfl would map the file, and whoever cuts it short meanwhile would end us by SIGBUS. So it gets one that is read;
 * the descriptor stays its owner's.
 */
static void report(struct unwinder *unwinder, const struct unwinder_file *file)
{
	struct unwinder_file *more = reallocarray(unwinder->reported, unwinder->count + 1, sizeof(*more));
	Elf *elf = more ? elf_begin(file->descriptor, ELF_C_READ, NULL) : NULL;
	Dwfl_Module *module = NULL;
	uint64_t start = 0, end = 0;
	void **data;

	if (more) {
		unwinder->reported = more;
		more[unwinder->count++] = *file;
	}
	if (elf && find_extent(file, elf, &start, &end))
		module = dwfl_report_module(unwinder->dwfl, file->name, start, end);
	if (module && dwfl_module_info(module, &data, NULL, NULL, NULL, NULL, NULL, NULL) && !*data)
		*data = elf;
	else
		elf_end(elf);
}

/* What no module has asked for. */
static int drop_elf(Dwfl_Module *module, void **data, const char *name, Dwarf_Addr base, void *context)
{
	(void)module, (void)name, (void)base, (void)context;
	elf_end(*data);
	*data = NULL;
	return DWARF_CB_OK;
}

static void drop_modules(struct unwinder *unwinder)
{
	if (unwinder->dwfl)
		dwfl_getmodules(unwinder->dwfl, drop_elf, NULL, 0);
	dwfl_end(unwinder->dwfl);
}

/*
 * All files that are mapped now, in a Dwfl of their own: of modules that are added to one later, below those that there
 * were, dwfl_addrmodule() knows nothing (elfutils 0.188).
 */
static void report_all(struct unwinder *unwinder)
{
	Dwfl *fresh = dwfl_begin(&callbacks);
	struct unwinder_file file;

	if (!fresh)
		return;
	drop_modules(unwinder);
	unwinder->dwfl = fresh;
	unwinder->count = 0;
	dwfl_report_begin(fresh);
	for (uint64_t next = 0; unwinder->lookup(unwinder->context, &next, &file);)
		if (!is_reported(unwinder, &file))
			report(unwinder, &file);
	dwfl_report_end(fresh, NULL, NULL);
	unwinder->attached = dwfl_attach_state(fresh, unwinder->machine, THREAD, &thread_callbacks, unwinder);
}

/* Is there code of a file that was mapped since? */
static bool is_new(const struct unwinder *unwinder, uint64_t address)
{
	struct unwinder_file file;
	uint64_t next = address;

	return unwinder->lookup(unwinder->context, &next, &file) && address - file.start < file.size &&
	       !is_reported(unwinder, &file);
}

static int take_frame(Dwfl_Frame *frame, void *context)
{
	struct unwinder *unwinder = context;
	bool is_instruction;
	Dwarf_Addr address;

	if (!dwfl_frame_pc(frame, &address, &is_instruction))
		return DWARF_CB_ABORT;
	if (!is_instruction)
		address--;
	unwinder->frames[unwinder->found++] = address;
	unwinder->outdated = is_new(unwinder, address);
	return unwinder->found < unwinder->most && !unwinder->outdated ? DWARF_CB_OK : DWARF_CB_ABORT;
}

/* A file's entry has no caller, and not every one says so (the dynamic loader's doesn't). */
static bool ends_at_entry(const struct unwinder *unwinder)
{
	uint64_t last = unwinder->found ? unwinder->frames[unwinder->found - 1] : 0;
	Dwfl_Module *module = dwfl_addrmodule(unwinder->dwfl, last);
	GElf_Addr bias;
	Elf *elf = module ? dwfl_module_getelf(module, &bias) : NULL;
	GElf_Ehdr header;

	return elf && gelf_getehdr(elf, &header) && last - (header.e_entry + bias) < ENTRY_CODE;
}

/* Returns whether the outermost frame is there. */
static bool unwind(struct unwinder *unwinder)
{
	unwinder->found = 0;
	if (unwinder->outdated)
		report_all(unwinder);
	unwinder->outdated = false;
	unwinder->short_of = false;
	if (!unwinder->attached)
		return false;
	/* A word that can't be read makes an end, too, and no error. */
	return (!dwfl_getthread_frames(unwinder->dwfl, THREAD, take_frame, unwinder) && !unwinder->short_of) ||
	       ends_at_entry(unwinder);
}

void unwinder_free(struct unwinder *unwinder)
{
	if (!unwinder)
		return;
	drop_modules(unwinder);
	elf_end(unwinder->machine);
	if (unwinder->own_file >= 0)
		close(unwinder->own_file);
	free(unwinder->reported);
	free(unwinder);
}

struct unwinder *unwinder_new(unwinder_lookup *lookup, void *context)
{
	struct unwinder *unwinder = calloc(1, sizeof(*unwinder));

	if (!unwinder)
		return NULL;
	unwinder->lookup = lookup;
	unwinder->context = context;
	unwinder->outdated = true;
	unwinder->dwfl = dwfl_begin(&callbacks);
	unwinder->own_file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	elf_version(EV_CURRENT);
	unwinder->machine = elf_begin(unwinder->own_file, ELF_C_READ, NULL);
	if (!unwinder->dwfl || !unwinder->machine) {
		unwinder_free(unwinder);
		return NULL;
	}
	return unwinder;
}

size_t unwinder_frames(
    struct unwinder *unwinder, const struct unwinder_thread *thread, uint64_t *frames, size_t most, bool *whole)
{
	unwinder->thread = thread;
	unwinder->frames = frames;
	unwinder->most = most;
	*whole = unwind(unwinder);
	if (unwinder->outdated)
		*whole = unwind(unwinder);
	if (!unwinder->found)
		frames[unwinder->found++] = thread->registers[UNWINDER_REGISTERS - 1];
	return unwinder->found;
}
