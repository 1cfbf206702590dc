// SPDX-License-Identifier: MIT
#include "analysis/tlb_model.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct tlb_shape tlb_skylake = {.first = {64, 4}, .first_huge = {32, 4}, .second = {1536, 12}};

static int parse_number(const char **text, unsigned int *number)
{
	char *end;

	if (!isdigit((unsigned char)**text))
		return -1;
	*number = strtoul(*text, &end, 10);
	*text = end;
	return 0;
}

static int parse_geometry(const char **text, struct geometry *geometry)
{
	if (parse_number(text, &geometry->entries) || *(*text)++ != '/' || parse_number(text, &geometry->ways))
		return -1;
	return 0;
}

static struct geometry *part(const char **text, struct tlb_shape *shape)
{
	const struct {
		const char *name;
		struct geometry *geometry;
	} parts[] = {{"l1=", &shape->first}, {"huge=", &shape->first_huge}, {"l2=", &shape->second}};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (strncmp(*text, parts[i].name, strlen(parts[i].name)))
			continue;
		*text += strlen(parts[i].name);
		return parts[i].geometry;
	}
	return NULL;
}

int tlb_shape_parse(const char *text, struct tlb_shape *shape, const char **problem)
{
	*shape = tlb_skylake;
	if (!strcmp(text, "skylake"))
		return 0;
	do {
		struct geometry *geometry = part(&text, shape);

		*problem = "it is neither 'skylake' nor like l1=64/4,huge=32/4,l2=1536/12 (entries/ways)";
		if (!geometry || parse_geometry(&text, geometry) || (*text && *text != ','))
			return -1;
		*problem = "entries must be a multiple of ways, and at most 1048576";
		if (!geometry_valid(*geometry))
			return -1;
	} while (*text++);
	return 0;
}

void tlb_shape_write(const struct tlb_shape *shape, char text[TLB_SHAPE_TEXT])
{
	snprintf(text, TLB_SHAPE_TEXT, "l1=%u/%u,huge=%u/%u,l2=%u/%u", shape->first.entries, shape->first.ways,
	    shape->first_huge.entries, shape->first_huge.ways, shape->second.entries, shape->second.ways);
}

int tlb_model_make(struct tlb_model *model, const struct tlb_shape *shape)
{
	*model = (struct tlb_model){.last = UINT64_MAX};
	if (!sets_make(&model->first, shape->first) && !sets_make(&model->first_huge, shape->first_huge) &&
	    !sets_make(&model->second, shape->second))
		return 0;
	tlb_model_free(model);
	return -1;
}

void tlb_model_free(struct tlb_model *model)
{
	sets_free(&model->first);
	sets_free(&model->first_huge);
	sets_free(&model->second);
}

enum tlb_outcome tlb_model_access(struct tlb_model *model, uint64_t address, bool huge)
{
	uint64_t page = address >> (huge ? TLB_HUGE_SHIFT : TLB_PAGE_SHIFT), key = page << 1 | huge;

	if (key == model->last)
		return TLB_HIT;
	model->last = key;
	if (sets_touch(huge ? &model->first_huge : &model->first, page, key))
		return TLB_HIT;
	return sets_touch(&model->second, page, key) ? TLB_FIRST_MISS : TLB_WALK;
}
