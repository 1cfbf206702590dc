/* SPDX-License-Identifier: MIT */
/*
 * Statically defined probes (USDT) for other tools: HAKMEM_PROBE(provider, name, argument...) is a place in the program
 * that bpftrace, perf, SystemTap or any uprobe can be set on, with up to four whole-number arguments. Not probed it is
 * one nop; its note lies in a section that is not loaded, in the format of <sys/sdt.h>, version 3. HAKMEM_PROBE*_WANTED
 * names a semaphore: an unsigned short that the kernel counts up while somebody probes, so that the program need not
 * find out what to say when nobody listens. Here so that neither building nor including this takes another package.
 * Elsewhere than on x86_64 and aarch64 it is nothing.
 */
#ifndef HAKMEM_PROBE_H
#define HAKMEM_PROBE_H

#if defined(__ELF__) && (defined(__x86_64__) || defined(__aarch64__))

/*
 * The base, which every note names, lets a reader correct for prelinking; one a file, whoever brings it. An argument is
 * its size and where it is then: a register, a constant or a place on the stack, as the compiler has it.
 */
#define HAKMEM_PROBE_NOTE(place, provider, name, semaphore, arguments)                                                 \
	"990: " place "\n"                                                                                             \
	".pushsection .note.stapsdt,\"?\",\"note\"\n"                                                                  \
	".balign 4\n"                                                                                                  \
	".4byte 992f-991f, 994f-993f, 3\n"                                                                             \
	"991: .asciz \"stapsdt\"\n"                                                                                    \
	"992: .balign 4\n"                                                                                             \
	"993: .8byte 990b, _.stapsdt.base, " #semaphore "\n"                                                           \
	".asciz \"" #provider "\"\n"                                                                                   \
	".asciz \"" #name "\"\n"                                                                                       \
	".asciz \"" arguments "\"\n"                                                                                   \
	"994: .balign 4\n"                                                                                             \
	".popsection\n"                                                                                                \
	".ifndef _.stapsdt.base\n"                                                                                     \
	".pushsection .stapsdt.base,\"aG\",\"progbits\",.stapsdt.base,comdat\n"                                        \
	".weak _.stapsdt.base\n"                                                                                       \
	".hidden _.stapsdt.base\n"                                                                                     \
	"_.stapsdt.base: .space 1\n"                                                                                   \
	".size _.stapsdt.base, 1\n"                                                                                    \
	".popsection\n"                                                                                                \
	".endif\n"

/* Of five bytes on x86_64: Linux makes a call of it from 6.18 on, which costs a third of the exception that other
 * places take. */
#ifdef __x86_64__
#define HAKMEM_PROBE_LONG_NOP ".byte 0x0f, 0x1f, 0x44, 0x00, 0x00"
#else
#define HAKMEM_PROBE_LONG_NOP "nop"
#endif

#define HAKMEM_PROBE1(provider, name, a)                                                                               \
	__asm__ volatile(HAKMEM_PROBE_NOTE("nop", provider, name, 0, "8@%0")::"nor"((unsigned long)(a)))
#define HAKMEM_PROBE2_WANTED(provider, name, semaphore, a, b)                                                          \
	__asm__ volatile(HAKMEM_PROBE_NOTE(HAKMEM_PROBE_LONG_NOP, provider, name, semaphore, "8@%0 8@%1")::"nor"(      \
	                     (unsigned long)(a)),                                                                      \
	    "nor"((unsigned long)(b)))
#define HAKMEM_PROBE4(provider, name, a, b, c, d)                                                                      \
	__asm__ volatile(                                                                                              \
	    HAKMEM_PROBE_NOTE("nop", provider, name, 0, "8@%0 8@%1 8@%2 8@%3")::"nor"((unsigned long)(a)),             \
	    "nor"((unsigned long)(b)), "nor"((unsigned long)(c)), "nor"((unsigned long)(d)))

#else
#define HAKMEM_PROBE1(provider, name, a)                      ((void)(a))
#define HAKMEM_PROBE2_WANTED(provider, name, semaphore, a, b) ((void)(a), (void)(b))
#define HAKMEM_PROBE4(provider, name, a, b, c, d)             ((void)(a), (void)(b), (void)(c), (void)(d))
#endif

#endif
