/* SPDX-License-Identifier: MIT */
/*
 * Memory of which it is known who asked for it and who touched it: five functions ask for blocks of all sizes, by all
 * of C's calls, and give them to another, which is the first to write to each of their pages. In between blocks go back
 * and are had again. Prints how many pages each function asked for that were not there when it had them. At the end a
 * child touches a block that its parent had from f4: each of its pages is missing, or must be copied. Usage:
 * truth_sites ROUNDS
 */
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define KEPT       4000
#define PAGE       4096UL
#define BLOCK_MOST (16UL << 20)

static char *kept[KEPT];
static size_t count;
static unsigned long missing[6];
static uint64_t state = 88172645463325252ULL;

static size_t from_to(size_t least, size_t most)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return least + (state >> 11) % (most - least + 1);
}

/* Nothing of it may be optimised away, and no call may become a jump. */
#define KEEP(pointer) __asm__ volatile("" : "+r"(pointer) : : "memory")

__attribute__((noinline)) static char *f1(void)
{
	char *block = malloc(from_to(1, 2000));

	KEEP(block);
	return block;
}

__attribute__((noinline)) static char *f2(void)
{
	char *block = malloc(from_to(2001, 16384));

	KEEP(block);
	return block;
}

__attribute__((noinline)) static char *f3(void)
{
	char *block = calloc(1, from_to(16385, 400000));

	KEEP(block);
	return block;
}

__attribute__((noinline)) static char *f4(void)
{
	char *block = malloc(from_to(1UL << 20, 5UL << 20));

	KEEP(block);
	return block;
}

__attribute__((noinline)) static char *f5(char *block)
{
	block = realloc(block, malloc_usable_size(block) * 2 + from_to(1, 20000));
	KEEP(block);
	return block;
}

/* Pages that the block begins, or reaches, and that are not there. */
static void look(int function, const char *block)
{
	static unsigned char there[BLOCK_MOST / PAGE + 2];
	uintptr_t start = (uintptr_t)block & ~(PAGE - 1);
	size_t pages = ((uintptr_t)block + malloc_usable_size((void *)block) - start + PAGE - 1) / PAGE;

	if (mincore((void *)start, pages * PAGE, there))
		exit(3);
	for (size_t i = 0; i < pages; i++)
		missing[function] += !(there[i] & 1);
}

__attribute__((noinline)) static void touch(char *block)
{
	size_t size = malloc_usable_size(block);

	for (size_t at = 0; at < size; at += PAGE)
		((volatile char *)block)[at] = 1;
	((volatile char *)block)[size - 1] = 1;
}

static void give_back(size_t which)
{
	free(kept[which]);
	kept[which] = kept[--count];
}

static void ask(void)
{
	int function = 1 + from_to(0, 99) / 45;
	char *block;

	if (function == 3)
		function = 3 + from_to(0, 2);
	switch (function) {
	case 1:
		block = f1();
		break;
	case 2:
		block = f2();
		break;
	case 3:
		block = f3();
		break;
	case 4:
		block = f4();
		break;
	default: /* makes it twice as large and a little more, again and again */
		block = f5(count && malloc_usable_size(kept[count - 1]) < BLOCK_MOST / 4 ? kept[--count] : f2());
	}
	look(function, block);
	touch(block);
	kept[count++] = block;
}

static int in_child(void)
{
	char *block = f4();
	uintptr_t first = (uintptr_t)block / PAGE, last = ((uintptr_t)block + malloc_usable_size(block) - 1) / PAGE;
	int status;

	if (!fork()) {
		touch(block);
		_exit(0);
	}
	printf("child %lu\n", last - first + 1);
	return wait(&status) < 0 || status;
}

int main(int arguments, char **argument)
{
	unsigned long rounds = arguments == 2 ? strtoul(argument[1], NULL, 10) : 0;

	if (!rounds) {
		fputs("usage: truth_sites ROUNDS\n", stderr);
		return 2;
	}
	for (unsigned long round = 0; round < rounds; round++) {
		if (count == KEPT || (count && from_to(0, 99) < 40))
			give_back(from_to(0, count - 1));
		else
			ask();
	}
	for (int function = 1; function <= 5; function++)
		printf("f%d %lu\n", function, missing[function]);
	if (in_child())
		return 4;
	return 0;
}
