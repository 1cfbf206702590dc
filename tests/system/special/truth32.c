/* SPDX-License-Identifier: MIT */
/*
 * A 32-bit program without a C library: memory by mmap2, mremap and brk, a file's in the same place, stack, bss. One
 * case; see truth.h. Compiled with -m32 -nostdlib, which needs no 32-bit library on the machine.
 */
#define PAGE  4096U
#define PAGES 256U

#define CALL_EXIT         1
#define CALL_WRITE        4
#define CALL_BRK          45
#define CALL_GETRUSAGE    77
#define CALL_MUNMAP       91
#define CALL_FTRUNCATE    93
#define CALL_MREMAP       163
#define CALL_MMAP2        192
#define CALL_MEMFD_CREATE 356

#define PROT_BOTH     3
#define MAP_SHARED    1
#define MAP_PRIVATE   2
#define MAP_FIXED     0x10
#define MAP_ANONYMOUS 0x20
#define MAYMOVE       1

static char zeroes[PAGES * PAGE] __attribute__((aligned(4096)));

static unsigned int kernel(unsigned int number, unsigned int first, unsigned int second, unsigned int third,
    unsigned int fourth, unsigned int fifth)
{
	unsigned int result;

	__asm__ volatile("push %%ebp; xor %%ebp, %%ebp; int $0x80; pop %%ebp"
	                 : "=a"(result)
	                 : "a"(number), "b"(first), "c"(second), "d"(third), "S"(fourth), "D"(fifth)
	                 : "memory");
	return result;
}

static void check(unsigned int result)
{
	if (result > -4096U)
		kernel(CALL_EXIT, 3, 0, 0, 0, 0);
}

static void touch(unsigned int memory, unsigned int pages)
{
	for (unsigned int page = 0; page < pages; page++)
		*(volatile char *)(memory + page * PAGE) = 1;
}

static unsigned int map(unsigned int where, unsigned int flags, unsigned int file)
{
	unsigned int memory = kernel(CALL_MMAP2, where, PAGES * PAGE, PROT_BOTH, flags, file);

	check(memory);
	return memory;
}

static void say(const char *text)
{
	unsigned int length = 0;

	while (text[length])
		length++;
	check(kernel(CALL_WRITE, 1, (unsigned int)text, length, 0, 0));
}

static void say_number(unsigned int number)
{
	char digits[12] = "";
	unsigned int at = sizeof(digits) - 1;

	do
		digits[--at] = '0' + number % 10;
	while (number /= 10);
	say(digits + at);
}

static void say_usage(void)
{
	unsigned int usage[18] = {0};

	check(kernel(CALL_GETRUSAGE, 0, (unsigned int)usage, 0, 0, 0));
	say("rusage ");
	say_number(usage[8]); /* ru_minflt */
	say(" ");
	say_number(usage[9]); /* ru_majflt */
	say("\n");
}

static void run(void)
{
	unsigned int memory = map(0, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	unsigned int file = kernel(CALL_MEMFD_CREATE, (unsigned int)"narrow", 0, 0, 0, 0);
	unsigned int heap = kernel(CALL_BRK, 0, 0, 0, 0, 0);

	check(file);
	check(kernel(CALL_FTRUNCATE, file, PAGES * PAGE, 0, 0, 0));
	touch(memory, PAGES);
	map(memory, MAP_SHARED | MAP_FIXED, file);
	touch(memory, PAGES);
	check(kernel(CALL_MUNMAP, memory, PAGES * PAGE, 0, 0, 0));
	memory = map(memory, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1);
	memory = kernel(CALL_MREMAP, memory, PAGES * PAGE, 2 * PAGES * PAGE, MAYMOVE, 0);
	check(memory);
	touch(memory, 2 * PAGES);
	touch((unsigned int)zeroes, PAGES);
	heap = (heap + PAGE - 1) & -PAGE;
	check(kernel(CALL_BRK, heap + PAGES * PAGE, 0, 0, 0, 0));
	touch(heap, PAGES);
}

/* As the kernel starts a program: the number of arguments and their addresses are on the stack. */
__asm__(".globl _start\n_start: mov %esp, %eax\nand $-16, %esp\nsub $12, %esp\npush %eax\ncall start\n");

_Noreturn void start(const unsigned int *stack);
_Noreturn void start(const unsigned int *stack)
{
	const char *first = stack[0] > 1 ? (const char *)stack[2] : "";

	if (first[0] == '-') { /* --list */
		say("narrow none\n");
		kernel(CALL_EXIT, 0, 0, 0, 0, 0);
	}
	run();
	say("base none\n"
	    "expect program bss 256\n"
	    "expect anon truth32 1024\n"
	    "expect file memfd:narrow 256\n");
	say_usage();
	for (;;)
		kernel(CALL_EXIT, 0, 0, 0, 0, 0);
}
