/* SPDX-License-Identifier: MIT */
/* Records as the kernel writes them into a perf ring, taken apart. Pure: unit-tested with bytes made by hand. */
#ifndef PERF_DECODE_H
#define PERF_DECODE_H

#include <linux/perf_event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum perf_record_kind {
	PERF_SAMPLED,   /* address; of a detailed source data_source and weight as well; with stacks see below */
	PERF_MAP,       /* address, length, offset, inode, protection, flags, name */
	PERF_NAME,      /* name; executed: by execve */
	PERF_FORK,      /* pid from parent */
	PERF_EXIT,      /* the first thread of pid has ended */
	PERF_LOST,      /* length: how many */
	PERF_THROTTLED, /* the kernel has stopped an event that came too often, for a while */
};

struct perf_record {
	enum perf_record_kind kind;
	bool executed;
	uint16_t source; /* PERF_SAMPLED: which of the ring's. PERF_LOST: which, or how many there are */
	uint32_t pid;    /* thread group */
	uint32_t parent;
	uint32_t protection;
	uint32_t flags;
	uint64_t time;
	uint64_t address;
	uint64_t length;
	uint64_t data_source; /* union perf_mem_data_src */
	uint64_t weight;      /* latency in cycles, where the hardware tells it; else 0 */
	char *name;           /* owned by the record, or NULL */

	uint64_t offset; /* in the file */
	uint64_t inode;

	/* Of a source with stacks: where the sample lies, and in the kernel how it came there. */
	bool kernel;
	uint64_t instruction;
	uint64_t processor_flags; /* EFLAGS; 0: not known */
	uint64_t *frames;         /* kernel addresses, the innermost first; owned by the record, or NULL */
	size_t frame_count;
};

/* Free what a record owns. */
void perf_record_drop(struct perf_record *record);

#define PERF_SAMPLE_TYPES                                                                                              \
	(PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_ADDR)
#define PERF_SAMPLE_DETAILS (PERF_SAMPLE_WEIGHT | PERF_SAMPLE_DATA_SRC)
#define PERF_SAMPLE_STACKS  (PERF_SAMPLE_CALLCHAIN | PERF_SAMPLE_REGS_INTR) /* of the registers EFLAGS alone */

/* How a ring's samples are to be read. */
struct perf_layout {
	const uint64_t *identifiers; /* of the events, in the order of their sources */
	size_t count;
	bool details; /* PERF_SAMPLE_DETAILS were asked for, too */
	bool stacks;  /* or PERF_SAMPLE_STACKS */
};

/*
 * 1: record is filled in. 0: a kind that doesn't matter, or a record that is too short for what it should have.
 * -1: out of memory, the name is missing.
 */
int perf_decode(const struct perf_event_header *header, const struct perf_layout *layout, struct perf_record *record);

#endif
