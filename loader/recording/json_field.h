/* SPDX-License-Identifier: MIT */
/*
 * Members of JSON objects, checked. The first thing that is wrong is kept as a line of text, and everything after it is
 * read as unknown, so that only the end needs a look. A member that is missing is unknown, too: the file is from a
 * hakmem-trace that did not have it yet.
 */
#ifndef JSON_FIELD_H
#define JSON_FIELD_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_problem {
	char *text; /* "" as long as nothing is wrong */
	size_t size;
};

void json_wrong(struct json_problem *problem, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A whole number; UNKNOWN for null. */
uint64_t json_count(const json_t *object, const char *name, struct json_problem *problem);

/* A new string, NULL for null. */
char *json_text(const json_t *object, const char *name, struct json_problem *problem);

/* A new NULL-terminated list; NULL for null. */
char **json_texts(const json_t *object, const char *name, struct json_problem *problem);

/* 1, 0, and -1 for null. */
int json_truth(const json_t *object, const char *name, struct json_problem *problem);

/* The object of that name, which must be there; NULL for null. */
json_t *json_member(const json_t *object, const char *name, struct json_problem *problem);

/* The array of objects of that name; NULL for null or none. */
json_t *json_rows(const json_t *object, const char *name, struct json_problem *problem);

#endif
