// SPDX-License-Identifier: MIT
#include "analysis/cache_model.h"

#include <stdio.h>
#include <string.h>

#define MOST_KIBIBYTES 65536

const struct cache_shape cache_usual = {.kibibytes = 32, .ways = 8};

static struct geometry geometry_of(const struct cache_shape *shape)
{
	return (struct geometry){(shape->kibibytes << 10) >> CACHE_LINE_SHIFT, shape->ways};
}

int cache_shape_parse(const char *text, struct cache_shape *shape)
{
	int length = 0;

	if (strspn(text, "0123456789/") != strlen(text) || strlen(text) > 16 ||
	    sscanf(text, "%u/%u%n", &shape->kibibytes, &shape->ways, &length) != 2 || text[length])
		return -1;
	return shape->kibibytes <= MOST_KIBIBYTES && geometry_valid(geometry_of(shape)) ? 0 : -1;
}

int cache_model_make(struct cache_model *model, const struct cache_shape *shape)
{
	model->last = UINT64_MAX;
	return sets_make(&model->lines, geometry_of(shape));
}

void cache_model_free(struct cache_model *model)
{
	sets_free(&model->lines);
}

bool cache_model_access(struct cache_model *model, uint64_t address)
{
	uint64_t line = address >> CACHE_LINE_SHIFT;

	if (line == model->last)
		return true;
	model->last = line;
	return sets_touch(&model->lines, line, line);
}
