/* SPDX-License-Identifier: MIT */
/*
 * What libhakmem does by what its memory costs (HAKMEM_ASSIST), process by process: its levers, what each was set to
 * last, and why. Each process says that of itself. Bounded: so many processes, and how many more there were.
 */
#ifndef DECISIONS_H
#define DECISIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DECIDERS_MOST  64
#define DECISIONS_MOST 256 /* of a process */

enum decision_lever {
	LEVER_DELAY,    /* ms that free memory is kept */
	LEVER_HUGE,     /* 1: huge pages are asked for, 0: not */
	LEVER_PREFAULT, /* pages of a slab made present at once */
	LEVER_COUNT,
};

struct decision {
	enum decision_lever lever;
	uint64_t block_bytes; /* of LEVER_PREFAULT: whose slabs */
	uint32_t pool;        /* of LEVER_HUGE: 0: SuperSlabs, else which of the pools of medium blocks */
	uint64_t value;
	uint64_t changes; /* so far */
	char *reason;     /* why it last wished so, in words; "": not known */
};

struct decisions {
	struct decision *list; /* NULL: it decides nothing, or that isn't known */
	size_t count;
};

struct decider {
	uint32_t pid;
	char *comm;   /* as it began to decide */
	bool running; /* when it was looked at */
	struct decisions decisions;
};

struct deciders {
	struct decider *list; /* those that have ended first */
	size_t count;
	uint64_t more;           /* that were too many */
	uint64_t more_unchanged; /* the same, with nothing but what libhakmem begins with: they make way for others */
};

const char *decision_lever_name(enum decision_lever lever); /* "delay_ms", "huge_pages", "prefault_pages" */
bool decision_lever_find(const char *name, enum decision_lever *lever);

/* A copy of it, for this reason. 0, or -1 when out of memory or there are too many. */
int decisions_add(struct decisions *decisions, const struct decision *decision, const char *reason);
void decisions_free(struct decisions *decisions); /* what it points to */

void decider_free(struct decider *decider); /* what it points to */

/* Was any of them changed? */
bool decider_changed(const struct decider *decider);

/*
 * One more, of this name, whose decisions are taken over, also when it fails; or one that is only counted, where there
 * are DECIDERS_MOST. 0, or -1 when out of memory.
 */
int deciders_add(struct deciders *deciders, const char *comm, const struct decider *decider);

/* 0, or -1 when out of memory: then `into` is to be freed all the same. */
int deciders_copy(struct deciders *into, const struct deciders *from);
void deciders_free(struct deciders *deciders);  /* what it points to */
void deciders_drop(struct deciders **deciders); /* all of it; then there are none */

#endif
