// SPDX-License-Identifier: MIT
#include "misses/page_sizes.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HUGE    (2ULL << 20)
#define DOWN(a) ((a) & ~(HUGE - 1))
#define UP(a)   DOWN((a) + HUGE - 1)

static const struct {
	const char *name;
	const char *words;
} rules[] = {
    [PAGES_AS_THEY_ARE] = {"smaps", "page sizes as /proc/PID/smaps has them"},
    [PAGES_SMALL] = {"none", "all pages of 4 KiB"},
    [PAGES_ALLOCATOR] = {"allocator", "supposed pages of 2 MiB in libhakmem's memory"},
    [PAGES_ALL] = {"all", "supposed pages of 2 MiB in all anonymous memory that has room for them"},
    [PAGES_RANGE] = {"", "supposed pages of 2 MiB in the range given"},
};

int page_sizes_parse(const char *text, struct page_sizes_rule *rule)
{
	char *end;

	*rule = (struct page_sizes_rule){};
	for (unsigned int kind = 0; kind < sizeof(rules) / sizeof(rules[0]); kind++) {
		if (!*rules[kind].name || strcmp(text, rules[kind].name))
			continue;
		rule->kind = kind;
		return 0;
	}
	rule->kind = PAGES_RANGE;
	if (!isxdigit((unsigned char)*text))
		return -1;
	rule->start = strtoull(text, &end, 16);
	if (*end != '-' || !isxdigit((unsigned char)end[1]))
		return -1;
	rule->end = strtoull(end + 1, &end, 16);
	return *end || rule->end <= rule->start ? -1 : 0;
}

const char *page_sizes_words(const struct page_sizes_rule *rule)
{
	return rules[rule->kind].words;
}

int page_sizes_take(struct page_sizes *sizes, const char *text)
{
	unsigned long start = 0, end = 0, from, to, kibibytes;
	int result = 0;

	space_free(&sizes->huge);
	for (const char *line = text; line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
		if (sscanf(line, "%lx-%lx ", &from, &to) == 2) {
			start = UP(from);
			end = DOWN(to);
		} else if (sscanf(line, "AnonHugePages: %lu", &kibibytes) == 1 && kibibytes && start < end) {
			result |= space_add(&sizes->huge, start, end, kibibytes * 1024 >= end - start);
		}
	}
	return result;
}

void page_sizes_free(struct page_sizes *sizes)
{
	space_free(&sizes->huge);
}

static bool is_libhakmem(const struct client_place *place)
{
	return place->kind >= OWNER_ALLOCATOR_CLASS && place->kind <= OWNER_ALLOCATOR_METADATA;
}

static bool is_anonymous(const struct client_place *place)
{
	return is_libhakmem(place) || place->kind == OWNER_ANON || place->kind == OWNER_ARENA ||
	       place->kind == OWNER_BREAK;
}

bool page_sizes_is_huge(struct page_sizes *sizes, uint64_t address, const struct client_place *place)
{
	const struct space_range *range;

	switch (sizes->rule.kind) {
	case PAGES_SMALL:
		return false;
	case PAGES_ALLOCATOR:
		return place->whole && is_libhakmem(place);
	case PAGES_ALL:
		return place->whole && is_anonymous(place);
	case PAGES_RANGE:
		return DOWN(address) >= sizes->rule.start && DOWN(address) + HUGE <= sizes->rule.end;
	case PAGES_AS_THEY_ARE:
		break;
	}
	range = space_find(&sizes->huge, address);
	sizes->partly += range && !range->owner;
	return range && range->owner;
}
