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

static int find_no_file(Dwfl_Module *module, void **data, const char *name, Dwarf_Addr base, char **path, Elf **elf)
{
	(void)module, (void)data, (void)name, (void)base, (void)path, (void)elf;
	return -1;
}

static const Dwfl_Callbacks callbacks = {
    .find_elf = find_no_file,
    .find_debuginfo = find_no_debug_file,
    .section_address = dwfl_offline_section_address,
};

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
	unwinder->machine = elf_begin(unwinder->own_file, ELF_C_READ_MMAP, NULL);
	if (!unwinder->dwfl || !unwinder->machine) {
		unwinder_free(unwinder);
		return NULL;
	}
	return unwinder;
}

void unwinder_free(struct unwinder *unwinder)
{
	if (!unwinder)
		return;
	dwfl_end(unwinder->dwfl);
	elf_end(unwinder->machine);
	if (unwinder->own_file >= 0)
		close(unwinder->own_file);
	free(unwinder->reported);
	free(unwinder);
}

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

/*
 * A program with fixed addresses that has a piece of itself somewhere else, too (V8 does that with its builtins).
 * libdwfl takes that for the whole program a second time, and drops both.
 */
static bool is_copy(const struct unwinder_file *file)
{
	Elf64_Ehdr header;

	return file->bias && pread(file->descriptor, &header, sizeof(header), 0) == sizeof(header) &&
	       header.e_type == ET_EXEC;
}

static void report(struct unwinder *unwinder, const struct unwinder_file *file)
{
	struct unwinder_file *more = reallocarray(unwinder->reported, unwinder->count + 1, sizeof(*more));
	int copy = is_copy(file) ? -1 : dup(file->descriptor);

	if (more) {
		unwinder->reported = more;
		more[unwinder->count++] = *file;
	}
	/* The descriptor is the module's once it is made. */
	if (copy >= 0 && (!more || !dwfl_report_elf(unwinder->dwfl, file->name, file->name, copy, file->bias, true)))
		close(copy);
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
	dwfl_end(unwinder->dwfl);
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
