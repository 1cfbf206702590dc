// SPDX-License-Identifier: MIT
/* Copies of our own stack are unwound; what is missing, or makes no sense, ends it and nothing else. */
#include <fcntl.h>
#include <link.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

#include <cmocka.h>

#include "symbol/unwinder.h"

#define PAGE   4096
#define PAGES  16
#define FRAMES 128

/* Our own files, as dl_iterate_phdr() has them. */
struct own {
	struct unwinder_file files[32];
	size_t count;
};

static int add_file(struct dl_phdr_info *info, size_t size, void *context)
{
	struct own *own = context;

	(void)size;
	for (int i = 0; i < info->dlpi_phnum && own->count < 32; i++) {
		const ElfW(Phdr) *header = &info->dlpi_phdr[i];
		int descriptor;

		if (header->p_type != PT_LOAD || !(header->p_flags & PF_X))
			continue;
		descriptor = open(info->dlpi_name[0] ? info->dlpi_name : "/proc/self/exe", O_RDONLY | O_CLOEXEC);
		if (descriptor < 0)
			continue;
		own->files[own->count] = (struct unwinder_file){
		    .start = info->dlpi_addr + header->p_vaddr,
		    .size = header->p_memsz,
		    .descriptor = descriptor,
		    .name = "a file",
		    .bias = info->dlpi_addr,
		    .file = (const void *)(own->count + 1),
		};
		own->count++;
	}
	return 0;
}

static bool look_up(void *context, uint64_t *address, struct unwinder_file *file)
{
	const struct own *own = context;
	const struct unwinder_file *next = NULL;

	for (size_t i = 0; i < own->count; i++)
		if (own->files[i].start + own->files[i].size > *address && (!next || own->files[i].start < next->start))
			next = &own->files[i];
	if (!next)
		return false;
	*file = *next;
	*address = next->start + next->size;
	return true;
}

static bool look_up_nothing(void *context, uint64_t *address, struct unwinder_file *file)
{
	(void)context, (void)address, (void)file;
	return false;
}

static char copy[PAGES * PAGE];

/* Of this function's frame and those of its callers. */
__attribute__((noinline)) static struct unwinder_thread take(void)
{
	static const int order[] = {REG_RAX, REG_RDX, REG_RCX, REG_RBX, REG_RSI, REG_RDI, REG_RBP, REG_RSP, REG_R8,
	    REG_R9, REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15, REG_RIP};
	struct unwinder_thread thread = {.bytes = copy};
	ucontext_t context;

	getcontext(&context);
	for (size_t i = 0; i < UNWINDER_REGISTERS; i++)
		thread.registers[i] = context.uc_mcontext.gregs[order[i]];
	thread.start = thread.registers[7] & ~(PAGE - 1UL);
	thread.pages = 2;
	thread.present = 3;
	memcpy(copy, (const void *)thread.start, thread.pages * PAGE);
	return thread;
}

__attribute__((noinline)) static struct unwinder_thread take_deeper(void)
{
	struct unwinder_thread thread = take();

	__asm__ volatile("" ::"r"(&thread) : "memory");
	return thread;
}

static bool is_in(uint64_t address, const void *function)
{
	return address >= (uintptr_t)function && address - (uintptr_t)function < 1024;
}

static void callers_are_found_in_their_order(void **state)
{
	struct own *own = *state;
	struct unwinder *unwinder = unwinder_new(look_up, own);
	struct unwinder_thread thread = take_deeper();
	uint64_t frames[FRAMES];
	bool whole;
	size_t count = unwinder_frames(unwinder, &thread, frames, FRAMES, &whole);

	assert_true(count >= 3);
	assert_true(is_in(frames[0], take));
	assert_true(is_in(frames[1], take_deeper));
	assert_true(is_in(frames[2], callers_are_found_in_their_order));
	unwinder_free(unwinder);
}

static void one_unwinder_serves_many_stacks(void **state)
{
	struct own *own = *state;
	struct unwinder *unwinder = unwinder_new(look_up, own);
	uint64_t frames[FRAMES];
	bool whole;

	for (int i = 0; i < 1000; i++) {
		struct unwinder_thread thread = take();

		assert_true(unwinder_frames(unwinder, &thread, frames, FRAMES, &whole) >= 2);
		assert_true(is_in(frames[0], take));
	}
	unwinder_free(unwinder);
}

static void a_stack_that_was_not_copied_is_not_whole(void **state)
{
	struct own *own = *state;
	struct unwinder *unwinder = unwinder_new(look_up, own);
	struct unwinder_thread thread = take_deeper();
	uint64_t frames[FRAMES];
	bool whole = true;

	thread.present = 0;
	assert_int_equal(unwinder_frames(unwinder, &thread, frames, FRAMES, &whole), 1);
	assert_true(is_in(frames[0], take));
	assert_false(whole);
	unwinder_free(unwinder);
}

static void no_more_frames_than_there_is_room_for(void **state)
{
	struct own *own = *state;
	struct unwinder *unwinder = unwinder_new(look_up, own);
	struct unwinder_thread thread = take_deeper();
	uint64_t frames[3] = {0, 0, 7};
	bool whole = true;

	assert_int_equal(unwinder_frames(unwinder, &thread, frames, 2, &whole), 2);
	assert_int_equal(frames[2], 7);
	assert_false(whole);
	unwinder_free(unwinder);
}

static void without_files_there_is_one_frame(void **state)
{
	struct unwinder *unwinder = unwinder_new(look_up_nothing, NULL);
	struct unwinder_thread thread = take_deeper();
	uint64_t frames[FRAMES];
	bool whole;

	(void)state;
	thread.registers[6] = 0; /* rbp: where it goes on without information */
	assert_true(unwinder_frames(unwinder, &thread, frames, FRAMES, &whole) >= 1);
	assert_true(is_in(frames[0], take));
	unwinder_free(unwinder);
}

/* What a program has in its registers and on its stack is anything. */
static void senseless_stacks_come_to_an_end(void **state)
{
	struct own *own = *state;
	struct unwinder *unwinder = unwinder_new(look_up, own);
	uint64_t frames[FRAMES];
	bool whole;

	srand(1);
	for (int i = 0; i < 3000; i++) {
		struct unwinder_thread thread = take_deeper();

		for (int j = 0; j < 200; j++)
			copy[rand() % (2 * PAGE)] = rand();
		thread.registers[rand() % UNWINDER_REGISTERS] += i % 2 ? rand() : 8 * (rand() % 16);
		assert_true(unwinder_frames(unwinder, &thread, frames, FRAMES, &whole) <= FRAMES);
	}
	unwinder_free(unwinder);
}

static int find_own(void **state)
{
	static struct own own;

	dl_iterate_phdr(add_file, &own);
	*state = &own;
	return own.count ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(callers_are_found_in_their_order),
	    cmocka_unit_test(one_unwinder_serves_many_stacks),
	    cmocka_unit_test(a_stack_that_was_not_copied_is_not_whole),
	    cmocka_unit_test(no_more_frames_than_there_is_room_for),
	    cmocka_unit_test(without_files_there_is_one_frame),
	    cmocka_unit_test(senseless_stacks_come_to_an_end),
	};

	return cmocka_run_group_tests(tests, find_own, NULL);
}
