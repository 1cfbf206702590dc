/* SPDX-License-Identifier: MIT */
/* What PERF_SAMPLE_DATA_SRC says of an access (union perf_mem_data_src), in the figures of a report. Pure. */
#ifndef DATA_SOURCE_H
#define DATA_SOURCE_H

#include "snapshot/misses.h"

enum data_operation {
	DATA_UNKNOWN, /* it isn't told; the event may only ever be a load or a store */
	DATA_ACCESS,  /* a load or a store, or both */
	DATA_OTHER,   /* a prefetch, or no access to memory */
};

enum data_operation data_source_operation(uint64_t data_source);

/* Count one access with this source and latency (cycles, 0: not told). */
void data_source_count(uint64_t data_source, uint64_t latency, uint64_t figures[MISS_FIGURES]);

#endif
