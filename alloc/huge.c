// SPDX-License-Identifier: MIT
/*
 * huge: advice by mode, and what it goes by for chunks.
 */
#include "huge.h"

#include "options.h"
#include "os.h"

/* Enough chunks to see whether the program fills them, and so many that another one adds little. */
#define CHUNKS_LEAST 4

enum huge_advice huge_advise(void *base, size_t mapped, enum huge_advice advice, enum huge_advice before)
{
	long mode = option_value(OPTION_HUGE_PAGES);

	if (mode != HUGE_PAGES_AUTO)
		advice = mode == HUGE_PAGES_ON ? HUGE_WANTED : HUGE_FORBIDDEN;
	if (advice != before && advice != HUGE_UNADVISED)
		os_advise_huge(base, mapped, advice == HUGE_WANTED);
	return advice == HUGE_UNADVISED ? before : advice;
}

enum huge_advice huge_advice_for_chunk(size_t used, size_t counted)
{
	return counted >= CHUNKS_LEAST * CHUNK_SIZE && used >= counted / 8 * 7 ? HUGE_WANTED : HUGE_FORBIDDEN;
}
