/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * What the BPF programs and the loader agree on: owners, account keys and values, task and address-space state.
 * Included by both sides; no pointers, no kernel types.
 */
#ifndef HAKMEM_BPF_TYPES_H
#define HAKMEM_BPF_TYPES_H

#include "hakmem_map.h"

/*
 * Who asked for a range of addresses: a kind in the top byte, the number of a file object below. The loader turns an
 * owner into a region and a detail; the BPF side only needs the distinctions that are lost later.
 */
enum owner_kind {
	OWNER_NONE = 0,
	OWNER_SPLIT,        /* in a table's middle level only: the leaf has it */
	OWNER_PROGRAM_TEXT, /* the executable's segments, as exec mapped them; object: the executable */
	OWNER_PROGRAM_READONLY,
	OWNER_PROGRAM_DATA,
	OWNER_PROGRAM_BSS,
	OWNER_IMAGE_TEXT, /* another ELF object's segments; object: its file */
	OWNER_IMAGE_READONLY,
	OWNER_IMAGE_DATA,
	OWNER_IMAGE_BSS,
	OWNER_FILE_PRIVATE, /* any other private file mapping; object: the file */
	OWNER_FILE,         /* any other shared file mapping, memfd, SysV; object: the file */
	OWNER_SHARED,       /* shared anonymous memory; object: whose code called mmap */
	OWNER_ANON,         /* object: whose code called mmap */
	OWNER_ARENA,        /* the same, and it looks like a glibc malloc arena */
	OWNER_BREAK,        /* the brk heap; object: whose code called brk */
	OWNER_STACK_MAIN,
	OWNER_STACK_NEW, /* mmap(MAP_STACK) before a thread runs on it */
	OWNER_STACK_THREAD,
	OWNER_STACK_SIGNAL, /* sigaltstack */
	OWNER_TLS_MAIN,
	OWNER_TLS_THREAD,
	OWNER_VDSO,
	OWNER_ALLOCATOR_CLASS, /* published by libhakmem; the account key has the class's size */
	OWNER_ALLOCATOR_MEDIUM,
	OWNER_ALLOCATOR_LARGE,
	OWNER_ALLOCATOR_METADATA,
	OWNER_KERNEL_PAGE_TABLE,
	OWNER_KERNEL_OTHER,
	OWNER_KERNEL_CORE_DUMP, /* pages that the dump of a dying process filled */
	OWNER_UNSEEN,
	OWNER_CALL, /* of a pending fault only: its system call knows the range when it returns */
};

#define OWNER(kind, object) ((hakmem_u32)(kind) << 24 | (object))
#define OWNER_KIND(owner)   ((owner) >> 24)
#define OWNER_OBJECT(owner) ((owner)&0xffffff)

#define ACCOUNT_BUCKETS 32
#define ACCOUNT_ROWS    4096
#define ROW_LARGE       16 /* faults in a row from which one gets a row when rows become few */
#define PROCESSES_MOST  16384
#define SPACES_MOST     4096
#define KINDS_MOST      64 /* of owners; a power of two */

/* Why a page was not there, or not as it was needed (see cause.h). */
enum cause {
	CAUSE_UNKNOWN = 0, /* also of what is no fault: zeroing on its own */
	CAUSE_FIRST_TOUCH,
	CAUSE_PURGED, /* touched again after somebody gave it back */
	CAUSE_COPY_ON_WRITE,
	CAUSE_ZERO_PAGE, /* the kernel's one zero page, which a read had mapped, is replaced */
	CAUSE_FILE,      /* a page of a file or of shared memory is mapped */
	CAUSE_SWAP,
	CAUSE_PROTECTION, /* it was there, but access had been taken away */
	CAUSE_COUNT,
};

/* When it happened. Marks have the numbers after these, by their text: one text is one phase. */
enum phase {
	PHASE_UNKNOWN = 0, /* of a program whose main is not looked for */
	PHASE_BEFORE_MAIN,
	PHASE_MAIN,
	PHASE_FIRST_MARK,
};

#define PHASES     256 /* at most */
#define PHASE_NAME 64

struct phase_name {
	char text[PHASE_NAME];
};

/* hakmem_mark() is a madvise that no kernel knows: allowed wherever malloc is, and refused at once (include/hakmem.h).
 */
#define HAKMEM_MARK_ADVICE 0x686b6d /* "hkm" */

struct account_key {
	hakmem_u32 owner;
	hakmem_u32 block_size; /* OWNER_ALLOCATOR_CLASS: bytes of its blocks, else 0 */
	hakmem_u8 cause;
	hakmem_u8 purger; /* CAUSE_PURGED: who, as the number of a struct purger */
	hakmem_u8 phase;
	hakmem_u8 sort; /* of its faults: SORT_*; it is in no report, but faults of one sort take about as long */
};

#define SORT_LARGE 1 /* got a folio of several pages */
#define SORT_HUGE  2 /* one of 2 MiB or more */
#define SORT_MAJOR 4

/* Who gave memory back: the object whose code made the call. Known by a number of its own, up to PURGERS. */
#define PURGERS       256
#define PURGER_OTHERS (PURGERS - 1) /* nobody that is known, or there were too many */

enum purge {
	PURGE_UNKNOWN = 0,
	PURGE_MADVISE, /* madvise, process_madvise */
	PURGE_MUNMAP,  /* from here on: the address counts as the same memory only when it has the same owner again */
	PURGE_MMAP,    /* MAP_FIXED over it */
	PURGE_MREMAP,
	PURGE_BRK,
};

struct purger {
	hakmem_u32 call;   /* enum purge */
	hakmem_u32 caller; /* object number */
	hakmem_u32 owner;  /* whose memory it was */
};

/* What is known of each page of a 2 MiB chunk (see history.h), 64 pages together. */
#define HISTORY_WORDS 8
#define PURGER_BITS   8

struct history_word {
	hakmem_u64 touched;
	hakmem_u64 written;
	hakmem_u64 protected; /* mprotect took writing away from it */
	hakmem_u64 purged;    /* given back since it was touched, by the purger whose number follows, bit by bit */
	hakmem_u64 purger[PURGER_BITS];
};

struct history {
	struct history_word word[HISTORY_WORDS];
	hakmem_u64 chunk; /* address >> 21 */
	hakmem_u64 next;  /* chunk of the same space, 0: none */
	hakmem_u32 space; /* 0: nobody's */
	/* What the request table said of it (owned.h): an owner, and which of its 32 windows of 64 KiB are all its. */
	hakmem_u32 owned_lock;
	hakmem_u64 owned_generation; /* table_generation then */
	hakmem_u64 owned;            /* the owner above a bit a window */
};

#define HISTORY_CHUNKS_MOST 131072

struct account {
	hakmem_u64 faults;
	hakmem_u64 major;
	hakmem_u64 populated;
	hakmem_u64 timed;
	hakmem_u64 fault_ns;
	hakmem_u64 fault_ns_squared; /* sum of squares of durations, each in units of ACCOUNT_SQUARE_NS */
	hakmem_u64 zeroed_bytes;
	hakmem_u64 zeroed_twice_bytes; /* of zeroed_bytes: what the same fault had cleared before */
	hakmem_u64 zero_events;
	hakmem_u64 zero_timed_bytes; /* of zeroed_bytes: those whose time is in zero_ns */
	hakmem_u64 zero_ns;
	hakmem_u64 histogram[ACCOUNT_BUCKETS];
};

/* So that 64 bits hold the squares of 70,000 faults of a second each. */
#define ACCOUNT_SQUARE_NS 64

/*
 * What else is known of a region's memory than its cost, by its owner and its blocks' size. Of zeroed pages some are
 * sampled, each standing for as many as its weight says, and looked at when they are given back (see waste.h).
 */
struct aside_key {
	hakmem_u32 owner;
	hakmem_u32 block_size;
};

struct aside {
	hakmem_u64 failed;         /* faults that ended in a signal */
	hakmem_u64 sampled;        /* pages */
	hakmem_u64 checked;        /* of these: given back and readable then */
	hakmem_u64 sampled_weight; /* sums of weights */
	hakmem_u64 checked_weight;
	hakmem_u64 checked_squares; /* of weights */
	hakmem_u64 unused_weight;   /* of those that held nothing but zeroes */
};

struct sampled_page {
	struct aside_key key;
	hakmem_u64 weight;
};

#define SAMPLE_WORDS 8

struct sampled_chunk {
	hakmem_u64 next; /* chunk of the same space, 0: none */
	hakmem_u64 pages[SAMPLE_WORDS];
};

/* The stride doubles so often, until so many samples were taken: then the next one comes after 4 GiB. */
#define SAMPLES_A_STRIDE 256
#define SAMPLE_DOUBLINGS 20
#define SAMPLES          8192

struct process_account {
	hakmem_u32 pid; /* as the loader sees it, 0: not at all */
	hakmem_u32 parent;
	char comm[16];
	hakmem_u64 hugetlb; /* 1: it has mapped huge pages of the pool */
	hakmem_u64 cgroup;  /* id, on the unified hierarchy, when the process was first heard of or last called exec */
	hakmem_u64 causes[CAUSE_COUNT]; /* they add up to the faults */
	hakmem_u64 major;
	hakmem_u64 populated;
	hakmem_u64 fault_ns;
	hakmem_u64 timed;
	hakmem_u64 zeroed_bytes;
	hakmem_u64 zeroed_twice_bytes; /* of zeroed_bytes: what the same fault had cleared before */
	hakmem_u64 zero_events;
	hakmem_u64 zero_timed_bytes;
	hakmem_u64 zero_ns;
};

#define OBJECTS_MOST 65536

/* A file by identity; its name is the last component of its path. */
struct object_key {
	hakmem_u64 inode;
	hakmem_u64 device;
};

struct object {
	hakmem_u32 number;
	char name[64];
};

/* Where it was mapped from: the components of its path, the last one first. */
#define OBJECT_PATH_PARTS 16
#define OBJECT_PATH_PART  64

struct object_path {
	hakmem_u64 inode;
	hakmem_u64 count; /* of its parts, the last one first */
	char part[OBJECT_PATH_PARTS][OBJECT_PATH_PART];
};

/* The request table (see table.h): 512 owners of 4 KiB pages, or of 2 MiB chunks. */
#define TABLE_FANOUT 512

struct table_key {
	hakmem_u32 space;
	hakmem_u32 reserved;
	hakmem_u64 number; /* address >> 21 of a leaf, >> 30 of a middle node */
};

struct table_node {
	hakmem_u64 next; /* the next node's number in the space's list, plus one */
	hakmem_u32 owner[TABLE_FANOUT];
};

struct address_range {
	hakmem_u64 start;
	hakmem_u64 end;
};

#define SPACE_LONG_RANGES 32

/* One address space (mm). Numbers are never used twice, so a recycled mm can't inherit a dead one's ranges. */
struct space {
	hakmem_u64 map; /* where its struct hakmem_map lies, 0 without libhakmem */
	hakmem_u32 tasks;
	hakmem_u32 program;  /* object number */
	hakmem_u32 unseeded; /* attached to, and what was mapped before is not in the table yet */
	hakmem_u32 tls_next; /* a static program that hasn't set its thread pointer: what it asks for is its TLS */
	hakmem_u64 leaves;   /* first of its list, as struct table_node has it */
	hakmem_u64 middles;
	hakmem_u32 long_next; /* how many long ranges were ever entered */
	hakmem_u32 phase;     /* number */
	hakmem_u32 forked;    /* it shares or has shared pages with a parent or a child */
	hakmem_u64 history;   /* a chunk that has one, 0: none has */
	hakmem_u64 sampled;   /* a chunk with sampled pages (waste.h), 0: none */
	hakmem_u64 sampled_chunks;
	struct address_range long_range[SPACE_LONG_RANGES];
	hakmem_u32 long_owner[SPACE_LONG_RANGES];
};

enum task_phase {
	TASK_UNTRACED = 0,
	TASK_ARMED, /* the launcher's child: traced from its next successful exec on */
	TASK_TRACED,
};

/* What one settled fault, a call's populated pages, or a zeroing outside a fault has cost. */
struct cost {
	hakmem_u64 faults;
	hakmem_u64 major;
	hakmem_u64 populated;
	hakmem_u64 timed;
	hakmem_u64 ns;
	hakmem_u64 zeroed_bytes;
	hakmem_u64 zeroed_twice_bytes; /* of zeroed_bytes: what the same fault had cleared before */
	hakmem_u64 zero_events;
	hakmem_u64 zero_timed_bytes;
	hakmem_u64 zero_ns;
};

/* Where a cost belongs: a row of the account, and a slot of libhakmem's cost area (NO_SLOT: none). */
struct place {
	struct account_key key;
	hakmem_u32 slot;
	hakmem_u32 request; /* the owner by the request table, whatever was published */
};

#define NO_SLOT (HAKMEM_MAP_SLOTS + HAKMEM_MAP_GRANULES)

/* A fault that was charged, and whose memory could not be told then (unplaced.h). */
struct unplaced {
	hakmem_u64 address;
	hakmem_u32 error; /* FAULT_* */
	hakmem_u32 order;
	struct cost cost;
};

#define UNPLACED_MOST 2 /* execve clears the ends of two files' data: the program's and the dynamic loader's */

/* A stretch of addresses with one owner, good while nothing has changed since. */
struct known_range {
	struct address_range range; /* its end is 0: none is known */
	hakmem_u64 table_generation;
	hakmem_u64 map_generation;
	hakmem_u64 map; /* of libhakmem, whose generation counts; 0: the table alone decided */
	hakmem_u32 space;
	struct place place;
};

/* Where the one of a block that is drawn lies. */
struct stack_countdown {
	hakmem_u32 left;   /* so many come before it */
	hakmem_u32 rest;   /* of its block, behind it */
	hakmem_u32 stride; /* the block's length; 0: none was drawn yet */
	hakmem_u32 reserved;
};

enum stack_taken {
	STACK_NOT_TAKEN,
	STACK_TAKEN,
	STACK_MISSED,
};

/* What hooks saw of a fault. The first two are those of x86's error code. */
#define FAULT_PRESENT   0x01 /* there was a page, but it didn't allow the access */
#define FAULT_WRITE     0x02
#define FAULT_KNOWN     0x04 /* whether it was a write, is known */
#define FAULT_ALLOCATED 0x08 /* a page was allocated for user memory, and not asked to be zeroed */
#define FAULT_ZEROED    0x10 /* the same, asked to be zeroed */
#define FAULT_SWAP      0x20
#define FAULT_MAJOR     0x40
#define FAULT_FOREIGN   0x80  /* its page is not of this address space */
#define FAULT_EXPLAINED 0x100 /* its cause is in its place */

/* So much may be gathered before it goes to the maps, that the loader sees how things go. */
#define GATHER_MOST 1024

/* Faults that are all alike, on one processor (sweep.h). */
#define SWEEP_SHIFT 18 /* pages are 64 in a word of the history */
#define SWEEP_PAGES 64

struct sweep {
	hakmem_u64 stack;      /* whose it is: where its stack begins, from a fixed place; 0: nobody's */
	hakmem_u64 window;     /* the 64 pages that it is in: address >> SWEEP_SHIFT */
	hakmem_u64 left;       /* of them, a bit each: those whose fault would be like the last ones */
	hakmem_u64 generation; /* table_generation */
	hakmem_u32 begun;      /* faults */
	hakmem_u32 zeroed;     /* pages */
	hakmem_u64 address;    /* of the fault that began last */
	hakmem_u64 pages;      /* `left` as it was */
	hakmem_u32 most;       /* so many faults it may have */
	hakmem_u32 moved;      /* how often it came to other pages */
	hakmem_u32 place;      /* of the window's history */
	hakmem_u32 space;
	hakmem_u32 owner; /* what all its faults have in common: by the request table, */
	hakmem_u32 cause; /* and why they come */
	hakmem_u32 purger;
	hakmem_u32 reserved;
};

/* What faults' hooks know of a processor without asking which task is current (here.h). Two cache lines. */
struct processor {
	struct sweep sweep;
	hakmem_u64 foreign; /* the stack of a task that isn't traced, as struct sweep has it; 0: none is known */
	hakmem_u64 foreign_generation; /* task_generation then */
	hakmem_u64 reserved[3];
};

#define TASKS_MOST   16384 /* traced at a time */
#define TASK_RECENT  4
#define CALL_NONE    0xffffffffU
#define CALL_FOREIGN 0xfffffffeU /* under way, but of another calling convention */

struct task_state {
	/* What each fault looks at lies together, for few cache lines. */
	hakmem_u64 task; /* its address */
	hakmem_u32 seat; /* where among all states this is */
	hakmem_u32 phase;
	hakmem_u32 space;
	hakmem_u32 mapless; /* the space that was seen to have no map */
	hakmem_u64 execs;   /* how many it had been through when that space began, and one; 0: not known yet */

	/* The kernel's own charge when we last looked. */
	hakmem_u64 minor;
	hakmem_u64 major;

	/* The fault that has begun and is not settled yet. */
	hakmem_u64 address;
	hakmem_u64 begin_ns; /* 0: it is not timed */
	hakmem_u64 mark_ns;  /* when the last page of it was allocated, or the first folio of huge_bytes */
	hakmem_u32 pending;
	hakmem_u32 populating; /* it is a get_user_pages fault */
	hakmem_u32 error;      /* FAULT_*: what is known of why it came */
	hakmem_u32 order;      /* of the largest folio allocated for user memory in it */
	/* An allocation under way (full and kprobe rungs): its end takes it away. 0: there is none. */
	hakmem_u32 asked_gfp;
	hakmem_u32 asked_order;
	hakmem_u64 huge_bytes; /* allocated without a zeroing flag: zeroed unless it is a file's */
	struct place place; /* whose it is, as it was when the fault began: others may unmap it before it is settled */

	hakmem_u32 now; /* the number of the phase that it is in, as of `marks_seen` */
	hakmem_u32 marks_seen;

	/* Which zeroed page is looked at next (waste.h). */
	hakmem_u64 sample_in;   /* so many bytes are zeroed before it */
	hakmem_u32 sample_left; /* pages behind it of those that it stands for */
	hakmem_u32 sample_stride;

	/* Whose stack is taken next, and what was taken of the pending fault (stacks.h). */
	struct stack_countdown stack_faults;
	hakmem_u32 stack_sequence;
	hakmem_u32 stack_taken; /* enum */

	hakmem_u32 alone;              /* no other task shares its address space, nor has since it is this one's */
	hakmem_u32 borrows;            /* its address space is another process's (vfork) */
	hakmem_u32 sweep;              /* the processor that has one of its, and one; 0: none */
	hakmem_u32 alike;              /* faults in a row outside of sweeps that were settled quickly */
	hakmem_u64 mapless_generation; /* table_generation when `mapless` was noted */
	hakmem_u64 told_page; /* tracepoint rung: what one of two programs has told of, and the other not yet */
	struct cost
	    fault; /* its zeroing so far; the rest when it is settled. So is what no fault asked for until then */
	struct known_range known;

	/* Costs of one place that are not in the maps yet, and charges that are not in the totals yet. */
	struct place gathered_place;
	struct cost gathered;
	hakmem_u64 stretch; /* faults of that place in a row that are in the maps: timed ones go there one by one */
	hakmem_u64 charged_minor;
	hakmem_u64 charged_major;
	hakmem_u64 swept;      /* of them */
	hakmem_u64 moved;      /* times that a sweep came to other pages */
	hakmem_u64 calls;      /* system calls made since then */
	hakmem_u64 runtime_ns; /* se.sum_exec_runtime then */

	struct stack_countdown stack_kernel;
	struct account_key stack_key;
	struct cost stack_cost;

	hakmem_u64 retry_begin_ns; /* full rung: its first try, which could not finish */
	hakmem_u64 retry_address;
	struct unplaced unplaced[UNPLACED_MOST];
	hakmem_u64 unplaced_count;

	/* As huge_bytes, of what a system call populated without a fault that is seen. */
	hakmem_u64 call_huge_bytes;
	hakmem_u64 call_single_bytes; /* single pages: zeroed if they are shared memory's */

	/* The system call under way, and what was charged in it beyond the faults that hooks saw. */
	hakmem_u32 call;
	hakmem_u32 caller;      /* of calls that map or purge: the object whose code called */
	hakmem_u32 saved_owner; /* mremap: of the range that may move */
	hakmem_u32 forked;      /* the new task's state was made */
	hakmem_u64 argument[6];
	hakmem_u32 returned; /* who has dealt with the return of returned_call: enum returned */
	hakmem_u32 returned_call;
	hakmem_u64 returned_result;
	struct cost extra;

	hakmem_u64 stack_top;       /* of a thread: where clone said that its stack ends and its TLS begins */
	hakmem_u64 stack_unbounded; /* of a thread: nobody said where its stack begins */

	/* Its latest anonymous mappings: where its TLS or a thread's stack will turn out to be. */
	struct address_range recent[TASK_RECENT];
	hakmem_u32 recent_next;

	/* Exact rung: what the page allocator was asked for last, and the clearing under way. */
	hakmem_u32 alloc_gfp;
	hakmem_u32 clearing_counted; /* by its begin (full rung) */
	hakmem_u64 clearing_kind;
	hakmem_u64 clearing_bytes;

	/* Breakpoint rung: the pages cleared last, one behind the other. */
	hakmem_u64 run_first;
	hakmem_u64 run_bytes;
	hakmem_u64 run_ns;

	/* Page frames that one fault has cleared, to see one cleared again. The fault is known by the charge before it.
	 */
	hakmem_u64 cleared_by;
	hakmem_u64 cleared_first;
	hakmem_u64 cleared_end;

	hakmem_u64 alloc_begin_ns; /* a page is being allocated, or a huge folio cleared, and that is timed */
};

enum loss {
	LOSS_ACCOUNT, /* no row was free: counted under its kind, without detail */
	LOSS_PROCESS, /* not in the process list; the regions have it */
	LOSS_OBJECT,
	LOSS_TABLE,
	LOSS_SPACE,
	LOSS_HISTORY, /* of a chunk's pages: causes there are unknown */
	LOSS_PHASE,   /* a mark that did not begin a phase */
	LOSS_TASK,
	LOSS_COUNT,
};

/* Of a processor; the loader reads them from memory that it shares. */
struct totals {
	hakmem_u64 minor;
	hakmem_u64 major;
	hakmem_u64 failed;
	hakmem_u64 lost[LOSS_COUNT];
	hakmem_u64 unallocated; /* pages that were written for the first time, of which no hook saw the allocation */

	/* How often a task set out to tell of what it had gathered, and was through: in between, rows don't add up. */
	hakmem_u64 begun;
	hakmem_u64 ended;

	/* What our own cost is reckoned from. */
	hakmem_u64 calls;
	hakmem_u64 timed;
	hakmem_u64 swept;      /* of the minor faults: those of sweeps, which cost less */
	hakmem_u64 moved;      /* of those: the first in other pages than the one before, which cost more */
	hakmem_u64 runtime_ns; /* of all traced tasks on a processor */
} __attribute__((aligned(64)));

/* Limits of what can be selected to attach to. */
#define SELECTION_PIDS    1024
#define SELECTION_NAMES   8
#define SELECTION_CGROUPS 8

/* The object of memory that was mapped before its process was attached to, by whom nobody knows. */
#define BEFORE_ATTACH "before attach"

/* What the iterators tell of a process that is being attached to. Process ids as the loader sees them. */
struct attach_mapping {
	hakmem_u32 process;
	hakmem_u32 space;
	hakmem_u64 start;
	hakmem_u64 end;
	hakmem_u64 flags; /* VM_* */
	hakmem_u64 break_start;
	hakmem_u64 break_end;
	hakmem_u32 owner; /* as its VMA alone has it */
	hakmem_u32 reserved;
	char name[64]; /* of its file, "" when anonymous */
};

/* A traced process that lives, as an iterator tells it. */
struct traced_process {
	hakmem_u32 process; /* as the loader sees it */
	hakmem_u32 space;
	hakmem_u64 map; /* where its struct hakmem_map lies, 0: nobody has said */
	char comm[16];
};

struct attach_thread {
	hakmem_u32 process;
	hakmem_u32 thread;
	hakmem_u32 space;
	hakmem_u32 reserved;
	hakmem_u64 stack_pointer;
	hakmem_u64 thread_pointer;
	hakmem_u64 signal_stack;
	hakmem_u64 signal_stack_size;
};

/* Whole pages, for a process maps them. */
#define COST_AREA_SIZE ((sizeof(struct hakmem_costs) + 4095) & ~4095UL)

/* Processes of a command that can have costs at a time. */
#define COST_TABLES 16

struct cost_area {
	union {
		struct hakmem_costs costs;
		char bytes[COST_AREA_SIZE];
	};
};

#endif
