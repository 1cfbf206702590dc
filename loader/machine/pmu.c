// SPDX-License-Identifier: MIT
#include "machine/pmu.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The first line of a file below the unit's folder. */
static bool read_line(const struct pmu *pmu, const char *folder, const char *name, char line[PMU_TERMS])
{
	char path[PATH_MAX];
	FILE *file;
	bool got;

	snprintf(path, sizeof(path), "%s/%s%s%.128s", pmu->path, folder, *folder ? "/" : "", name);
	file = fopen(path, "re");
	if (!file)
		return false;
	got = fgets(line, PMU_TERMS, file) != NULL;
	fclose(file);
	line[got ? strcspn(line, "\n") : 0] = '\0';
	return got;
}

bool pmu_find(const char *root, const char *name, struct pmu *pmu)
{
	char line[PMU_TERMS];

	snprintf(pmu->path, sizeof(pmu->path), "%s/%s", root, name);
	if (!read_line(pmu, "", "type", line))
		return false;
	pmu->type = strtoul(line, NULL, 10);
	return true;
}

bool pmu_has_field(const struct pmu *pmu, const char *field)
{
	char line[PMU_TERMS];

	return read_line(pmu, "format", field, line);
}

bool pmu_event(const struct pmu *pmu, const char *name, char terms[PMU_TERMS])
{
	return read_line(pmu, "events", name, terms);
}

long pmu_capability(const struct pmu *pmu, const char *name)
{
	char line[PMU_TERMS];

	return read_line(pmu, "caps", name, line) ? strtol(line, NULL, 0) : -1;
}

static uint64_t *word_of(struct perf_source *source, const char **format)
{
	const struct {
		const char *name;
		uint64_t *word;
	} words[] = {{"config:", &source->config}, {"config1:", &source->config1}, {"config2:", &source->config2}};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strncmp(*format, words[i].name, strlen(words[i].name)))
			continue;
		*format += strlen(words[i].name);
		return words[i].word;
	}
	return NULL;
}

/* "config:0-7,32-35": the value's bits go to these, the lowest first. False when there are fewer. */
static bool put_value(struct perf_source *source, const char *format, uint64_t value)
{
	uint64_t *word = word_of(source, &format);

	while (word && *format) {
		char *end;
		unsigned long first = strtoul(format, &end, 10), last = first;

		if (end == format)
			return false;
		if (*end == '-')
			last = strtoul(end + 1, &end, 10);
		for (unsigned long bit = first; bit <= last && bit < 64; bit++, value >>= 1)
			*word = (*word & ~(1ULL << bit)) | (value & 1) << bit;
		format = *end == ',' ? end + 1 : end;
		if (format == end && *end)
			return false;
	}
	return word && !value;
}

static bool put_term(const struct pmu *pmu, char *term, struct perf_source *source)
{
	char *equals = strchr(term, '='), *end = "", format[PMU_TERMS];
	uint64_t value = 1;
	bool found;

	if (equals) {
		errno = 0;
		value = strtoull(equals + 1, &end, 0);
		if (errno || end == equals + 1 || *end)
			return false;
		*equals = '\0';
	}
	found = *term && !strchr(term, '/') && read_line(pmu, "format", term, format);
	if (equals)
		*equals = '=';
	return found && put_value(source, format, value);
}

bool pmu_encode(const struct pmu *pmu, const char *terms, struct perf_source *source, char wrong[PMU_TERMS])
{
	char copy[PMU_TERMS], *rest = copy, *term;

	snprintf(copy, sizeof(copy), "%s", terms);
	source->type = pmu->type;
	while (*rest && (term = strsep(&rest, ","))) {
		if (!put_term(pmu, term, source)) {
			snprintf(wrong, PMU_TERMS, "%s", term);
			return false;
		}
		if (!rest)
			break;
	}
	return true;
}
