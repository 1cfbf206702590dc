// SPDX-License-Identifier: MIT
/* See json_value.h. */
#include "output/json_value.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "output/text.h"

json_t *json_value_number(double value)
{
	if (!isfinite(value))
		return json_null();
	return value == floor(value) && fabs(value) < 9e15 ? json_integer(value) : json_real(value);
}

json_t *json_value_count(uint64_t value)
{
	return value == UNKNOWN ? json_null() : json_integer(value <= INT64_MAX ? (json_int_t)value : INT64_MAX);
}

json_t *json_value_string(const char *text)
{
	char *valid;
	json_t *value;

	if (!text)
		return json_null();
	valid = text_valid_utf8(text);
	value = valid ? json_string(valid) : NULL;
	free(valid);
	return value;
}

json_t *json_value_owned(char *text)
{
	json_t *value = json_value_string(text);

	free(text);
	return value;
}

json_t *json_value_strings(char *const *texts)
{
	json_t *array = json_array();

	for (; texts && *texts; texts++)
		json_value_append(&array, json_value_string(*texts));
	return array;
}

json_t *json_value_interval(const struct interval *interval)
{
	return json_pack("[o, o]", json_value_number(interval->low), json_value_number(interval->high));
}

void json_value_append(json_t **array, json_t *value)
{
	if (*array && !json_array_append_new(*array, value))
		return;
	json_decref(*array);
	*array = NULL;
}

void json_value_put(json_t **object, const char *name, json_t *value)
{
	if (*object && !json_object_set_new(*object, name, value))
		return;
	json_decref(*object);
	*object = NULL;
}

/* Built whole before the first byte is written: out of memory leaves no half object. */
int json_value_write(json_t *object, FILE *file)
{
	int failed;

	if (!object) {
		errno = ENOMEM;
		return -1;
	}
	failed = json_dumpf(object, file, JSON_INDENT(1) | JSON_REAL_PRECISION(12)) || fputc('\n', file) == EOF;
	json_decref(object);
	return failed || ferror(file) || fflush(file) ? -1 : 0;
}
