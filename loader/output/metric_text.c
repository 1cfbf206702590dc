// SPDX-License-Identifier: MIT
/* See metric_text.h. */
#include "output/metric_text.h"

#include <inttypes.h>
#include <stdlib.h>

#include "snapshot/snapshot.h"

#define PREFIX "hakmem_"

/* Faster and slower ones are in the first and in +Inf: nobody's faults take less than 64 ns, and few a second. */
#define BUCKET_FIRST 6
#define BUCKET_LAST  29

#define SECOND 1000000000ULL

static void write_escaped(const char *text, bool quoted, FILE *file)
{
	for (; *text; text++) {
		if (*text == '\n')
			fputs("\\n", file);
		else if (*text == '\\' || (quoted && *text == '"'))
			fprintf(file, "\\%c", *text);
		else
			fputc(*text, file);
	}
}

static const char *type_name(const struct metric_text *text, enum metric_type type)
{
	switch (type) {
	case METRIC_COUNTER:
		return "counter";
	case METRIC_GAUGE:
		return "gauge";
	case METRIC_HISTOGRAM:
		return "histogram";
	case METRIC_INFO:
		return text->classic ? "gauge" : "info";
	}
	return "unknown";
}

static const char *suffix(enum metric_type type)
{
	return type == METRIC_COUNTER ? "_total" : type == METRIC_INFO ? "_info" : "";
}

/* The older format calls a family what its samples are called. */
static void begin(struct metric_text *text, const struct metric *metric)
{
	const char *end = text->classic ? suffix(metric->type) : "";

	if (text->begun == metric)
		return;
	text->begun = metric;
	fprintf(text->file, "# HELP " PREFIX "%s%s ", metric->name, end);
	write_escaped(metric->help, !text->classic, text->file);
	fprintf(text->file, "\n# TYPE " PREFIX "%s%s %s\n", metric->name, end, type_name(text, metric->type));
	if (metric->unit && !text->classic)
		fprintf(text->file, "# UNIT " PREFIX "%s %s\n", metric->name, metric->unit);
}

static void write_labels(const struct label *labels, const char *bound, FILE *file)
{
	const char *separator = "{";

	for (; labels && labels->name; labels++) {
		if (!labels->value || !*labels->value)
			continue;
		fprintf(file, "%s%s=\"", separator, labels->name);
		write_escaped(labels->value, true, file);
		fputc('"', file);
		separator = ",";
	}
	if (bound) {
		fprintf(file, "%sle=\"%s\"", separator, bound);
		separator = ",";
	}
	fputs(*separator == ',' ? "} " : " ", file);
}

/* What the sample at hand is called, which is good until the next one. */
static const char *series_of(
    struct metric_text *text, const char *name, const char *end, const struct label *labels, const char *bound)
{
	rewind(text->series);
	fprintf(text->series, PREFIX "%s%s", name, end);
	write_labels(labels, bound, text->series);
	fputc('\0', text->series);
	return fflush(text->series) ? NULL : text->series_bytes;
}

/* Begins its line, and says what of its value is to be shown. */
static uint64_t sample(struct metric_text *text, const struct metric *metric, const char *end,
    const struct label *labels, const char *bound, uint64_t value)
{
	const char *series = series_of(text, metric->name, end, labels, bound);

	begin(text, metric);
	if (!series)
		return value;
	fputs(series, text->file);
	return metric->type == METRIC_COUNTER || metric->type == METRIC_HISTOGRAM
	           ? metric_floor(text->floors, series, value)
	           : value;
}

static void write_seconds(uint64_t ns, FILE *file)
{
	fprintf(file, "%" PRIu64 ".%09" PRIu64 "\n", (uint64_t)(ns / SECOND), (uint64_t)(ns % SECOND));
}

void metric_count(struct metric_text *text, const struct metric *metric, const struct label *labels, uint64_t value)
{
	if (value == UNKNOWN)
		return;
	value = sample(text, metric, suffix(metric->type), labels, NULL, value);
	fprintf(text->file, "%" PRIu64 "\n", value);
}

void metric_seconds(struct metric_text *text, const struct metric *metric, const struct label *labels, uint64_t ns)
{
	if (ns != UNKNOWN)
		write_seconds(sample(text, metric, suffix(metric->type), labels, NULL, ns), text->file);
}

void metric_ratio(struct metric_text *text, const struct metric *metric, const struct label *labels, double value)
{
	sample(text, metric, suffix(metric->type), labels, NULL, 0);
	fprintf(text->file, "%.12g\n", value);
}

void metric_info(struct metric_text *text, const struct metric *metric, const struct label *labels)
{
	metric_count(text, metric, labels, 1);
}

static void write_bucket(struct metric_text *text, const struct metric *metric, const struct label *labels,
    const char *bound, uint64_t count)
{
	fprintf(text->file, "%" PRIu64 "\n", sample(text, metric, "_bucket", labels, bound, count));
}

void metric_histogram(struct metric_text *text, const struct metric *metric, const struct label *labels,
    const uint64_t *buckets, uint64_t sum_ns)
{
	uint64_t below = 0;
	char bound[32];

	if (sum_ns == UNKNOWN)
		return;
	for (int i = 0; i < HISTOGRAM_BUCKETS; i++) {
		below += buckets[i];
		if (i < BUCKET_FIRST || i > BUCKET_LAST)
			continue;
		/* Durations are whole nanoseconds: the longest of the bucket. */
		snprintf(bound, sizeof(bound), "%.10g", (double)((UINT64_C(2) << i) - 1) / SECOND);
		write_bucket(text, metric, labels, bound, below);
	}
	write_bucket(text, metric, labels, "+Inf", below);
	fprintf(text->file, "%" PRIu64 "\n", sample(text, metric, "_count", labels, NULL, below));
	write_seconds(sample(text, metric, "_sum", labels, NULL, sum_ns), text->file);
}

int metric_begin(struct metric_text *text, FILE *file, bool classic, struct metric_floors *floors)
{
	*text = (struct metric_text){.file = file, .classic = classic, .floors = floors};
	text->series = open_memstream(&text->series_bytes, &text->series_size);
	return text->series ? 0 : -1;
}

int metric_end(struct metric_text *text)
{
	int failed = ferror(text->series) || fclose(text->series);

	free(text->series_bytes);
	if (!text->classic)
		fputs("# EOF\n", text->file);
	return failed || ferror(text->file) || fflush(text->file) ? -1 : 0;
}
