// SPDX-License-Identifier: MIT
/*
 * api_info: the informational half of malloc.h, and hakmem.h. glibc's figures are given where libhakmem has such a
 * thing: arena is the SuperSlabs and medium chunks, hblk the large mappings.
 */
#include <errno.h>
#include <limits.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>

#include "common.h"
#include "costs.h"
#include "hakmem.h"
#include "heap.h"
#include "os.h"
#include "publish.h"
#include "startup.h"
#include "stats.h"
#include "trim.h"

EXPORT struct mallinfo2 mallinfo2(void)
{
	struct hakmem_statistics statistics;
	struct mallinfo2 info;

	memset(&info, 0, sizeof(info));
	stats_collect(&statistics);
	info.arena = (statistics.superslabs + statistics.medium_chunks) * CHUNK_SIZE;
	info.hblks = statistics.large_blocks;
	info.hblkhd = statistics.large_live_bytes;
	info.uordblks = statistics.small_live_bytes + statistics.medium_live_bytes;
	info.fordblks = info.arena - info.uordblks;
	info.ordblks = statistics.slabs_used;
	info.keepcost = statistics.kept_dirty_bytes;
	return info;
}

static int clamp(size_t value)
{
	return value > INT_MAX ? INT_MAX : (int)value;
}

EXPORT struct mallinfo mallinfo(void)
{
	struct mallinfo2 info = mallinfo2();

	return (struct mallinfo){.arena = clamp(info.arena),
	    .ordblks = clamp(info.ordblks),
	    .hblks = clamp(info.hblks),
	    .hblkhd = clamp(info.hblkhd),
	    .uordblks = clamp(info.uordblks),
	    .fordblks = clamp(info.fordblks),
	    .keepcost = clamp(info.keepcost)};
}

EXPORT int malloc_info(int options, FILE *stream)
{
	struct hakmem_statistics statistics;

	if (options != 0) {
		errno = EINVAL;
		return -1;
	}
	stats_collect(&statistics);
	fprintf(stream, "<malloc version=\"hakmem-%s\">\n<sizes>\n", HAKMEM_VERSION);
	for (unsigned int i = 0; i < HAKMEM_CLASSES; i++) {
		const struct hakmem_class_statistics *class = &statistics.classes[i];

		if (class->total_blocks != 0)
			fprintf(stream, "<class size=\"%llu\" slabs=\"%llu\" live=\"%llu\" total=\"%llu\"/>\n",
			    (unsigned long long)class->block_bytes, (unsigned long long)class->slabs,
			    (unsigned long long)class->live_blocks, (unsigned long long)class->total_blocks);
	}
	fprintf(stream,
	    "</sizes>\n<medium count=\"%llu\" size=\"%llu\"/>\n<large count=\"%llu\" size=\"%llu\"/>\n"
	    "<system type=\"current\" size=\"%llu\"/>\n</malloc>\n",
	    (unsigned long long)statistics.medium_blocks, (unsigned long long)statistics.medium_live_bytes,
	    (unsigned long long)statistics.large_blocks, (unsigned long long)statistics.large_live_bytes,
	    (unsigned long long)statistics.mapped_bytes);
	return 0;
}

EXPORT void malloc_stats(void)
{
	stats_print();
}

EXPORT int malloc_trim(size_t pad)
{
	struct heap *heap = heap_current;

	(void)pad;
	if (heap_is_real(heap))
		heap_flush(heap);
	return trim_everything();
}

EXPORT int mallopt(int parameter, int value)
{
	/* glibc's parameters tune what libhakmem does not have. */
	(void)parameter;
	(void)value;
	return 1;
}

EXPORT void hakmem_get_statistics(struct hakmem_statistics *statistics, size_t size)
{
	struct hakmem_statistics all;

	stats_collect(&all);
	memset(statistics, 0, size);
	memcpy(statistics, &all, size < sizeof(all) ? size : sizeof(all));
}

EXPORT int hakmem_range_cost(const void *address, struct hakmem_cost_figures *result)
{
	long index = publish_cost_index(address);
	struct hakmem_cost cost;

	if (index < 0) {
		errno = ENOENT;
		return -1;
	}
	if (!costs_read((size_t)index, &cost)) {
		errno = ENOTSUP;
		return -1;
	}
	*result = (struct hakmem_cost_figures){.faults = cost.faults,
	    .timed = cost.timed,
	    .fault_ns = cost.fault_ns,
	    .zeroed_bytes = cost.zeroed_bytes,
	    .zero_timed_bytes = cost.zero_timed_bytes,
	    .zero_ns = cost.zero_ns};
	return 0;
}

EXPORT const char *hakmem_version(void)
{
	return HAKMEM_VERSION;
}
