// SPDX-License-Identifier: MIT
#include "misses/data_source.h"

#include <linux/perf_event.h>
#include <stdbool.h>

/* Since Linux 6.6 (memory of other kinds that has no cache of ours before it). */
#define LEVEL_UNCACHED 0x08
#define LEVEL_CXL      0x09
#define LEVEL_IO       0x0a

#define ANY_RAM                                                                                                        \
	(PERF_MEM_LVL_LOC_RAM | PERF_MEM_LVL_REM_RAM1 | PERF_MEM_LVL_REM_RAM2 | PERF_MEM_LVL_IO | PERF_MEM_LVL_UNC)
#define ANY_FARTHER_CACHE                                                                                              \
	(PERF_MEM_LVL_LFB | PERF_MEM_LVL_L2 | PERF_MEM_LVL_L3 | PERF_MEM_LVL_REM_CCE1 | PERF_MEM_LVL_REM_CCE2)

enum answer {
	NOT_TOLD,
	NO,
	YES,
};

enum data_operation data_source_operation(uint64_t data_source)
{
	union perf_mem_data_src source = {.val = data_source};

	if (source.mem_op & (PERF_MEM_OP_LOAD | PERF_MEM_OP_STORE))
		return DATA_ACCESS;
	return source.mem_op & (PERF_MEM_OP_PFETCH | PERF_MEM_OP_EXEC) ? DATA_OTHER : DATA_UNKNOWN;
}

static void count(enum answer answer, enum miss_figure told, uint64_t figures[MISS_FIGURES])
{
	figures[told] += answer != NOT_TOLD;
	figures[told + 1] += answer == YES;
}

/*
 * AMD tells a hit in L1, a hit in L2, or a miss in L2. Intel tells a miss in the second level, or a hit in "L1 or L2"
 * of which the first may have missed.
 */
static void count_tlb(unsigned int tlb, uint64_t figures[MISS_FIGURES])
{
	bool hit = tlb & PERF_MEM_TLB_HIT, walk = tlb & (PERF_MEM_TLB_MISS | PERF_MEM_TLB_WK);
	bool first = tlb & PERF_MEM_TLB_L1, second = tlb & PERF_MEM_TLB_L2;

	if (tlb & PERF_MEM_TLB_NA || (!hit && !walk))
		return;
	count(walk || (second && !first) ? YES : first && !second ? NO : NOT_TOLD, MISS_TLB_FIRST_TOLD, figures);
	count(walk ? YES : NO, MISS_TLB_LAST_TOLD, figures);
}

/* By the newer field, which has a number for each level. True: it is told there. */
static bool count_level(unsigned int level, uint64_t figures[MISS_FIGURES])
{
	enum answer last = NO;

	switch (level) {
	case PERF_MEM_LVLNUM_L1:
		break;
	case PERF_MEM_LVLNUM_RAM:
	case PERF_MEM_LVLNUM_PMEM:
	case LEVEL_UNCACHED:
	case LEVEL_CXL:
	case LEVEL_IO:
		last = YES;
		break;
	case PERF_MEM_LVLNUM_L2:
	case PERF_MEM_LVLNUM_L3:
	case PERF_MEM_LVLNUM_L4:
	case PERF_MEM_LVLNUM_LFB: /* on its way into the first level: not there yet */
		break;
	default: /* "any cache", none, and what is not known yet */
		return false;
	}
	count(level == PERF_MEM_LVLNUM_L1 ? NO : YES, MISS_CACHE_FIRST_TOLD, figures);
	count(last, MISS_CACHE_LAST_TOLD, figures);
	return true;
}

/* By the older one: one bit a level, and whether it was a hit there. */
static void count_old_level(unsigned int level, uint64_t figures[MISS_FIGURES])
{
	if (level & PERF_MEM_LVL_NA || !(level & (PERF_MEM_LVL_HIT | PERF_MEM_LVL_MISS)))
		return;
	if (level & PERF_MEM_LVL_MISS) {
		/* A store that missed the first level: from where the line then came is not told. */
		count(level & PERF_MEM_LVL_L1 ? YES : NOT_TOLD, MISS_CACHE_FIRST_TOLD, figures);
	} else if (level & ANY_RAM) {
		count(YES, MISS_CACHE_FIRST_TOLD, figures);
		count(YES, MISS_CACHE_LAST_TOLD, figures);
	} else if (level & (ANY_FARTHER_CACHE | PERF_MEM_LVL_L1)) {
		count(level & PERF_MEM_LVL_L1 ? NO : YES, MISS_CACHE_FIRST_TOLD, figures);
		count(NO, MISS_CACHE_LAST_TOLD, figures);
	}
}

void data_source_count(uint64_t data_source, uint64_t latency, uint64_t figures[MISS_FIGURES])
{
	union perf_mem_data_src source = {.val = data_source};

	figures[MISS_ACCESSES]++;
	count_tlb(source.mem_dtlb, figures);
	if (!count_level(source.mem_lvl_num, figures))
		count_old_level(source.mem_lvl, figures);
	if (latency) {
		figures[MISS_LATENCY_TOLD]++;
		figures[MISS_LATENCY] += latency;
	}
}
