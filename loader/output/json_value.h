/* SPDX-License-Identifier: MIT */
/*
 * Values of the model as JSON. Each is a new reference; NULL, when out of memory, spoils the array or object it is put
 * into.
 */
#ifndef JSON_VALUE_H
#define JSON_VALUE_H

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

#include "snapshot/experiment.h"

/* null for NAN and what is infinite. Counts and bytes are whole numbers as long as a double holds them exactly. */
json_t *json_value_number(double value);
json_t *json_value_count(uint64_t value);    /* null for UNKNOWN */
json_t *json_value_string(const char *text); /* null for NULL */
json_t *json_value_owned(char *text);        /* the same, and frees the text */
json_t *json_value_strings(char *const *texts);
json_t *json_value_interval(const struct interval *interval); /* [low, high] */

/* The array or object becomes NULL when the value is, or does not fit. */
void json_value_append(json_t **array, json_t *value);
void json_value_put(json_t **object, const char *name, json_t *value);

/* Write the object, a line break behind it, and let it go. 0, or -1 with errno set; NULL is out of memory. */
int json_value_write(json_t *object, FILE *file);

#endif
