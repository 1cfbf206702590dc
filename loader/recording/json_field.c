// SPDX-License-Identifier: MIT
#include "recording/json_field.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "snapshot/snapshot.h"

void json_wrong(struct json_problem *problem, const char *format, ...)
{
	va_list arguments;

	if (problem->text[0])
		return;
	va_start(arguments, format);
	vsnprintf(problem->text, problem->size, format, arguments);
	va_end(arguments);
}

uint64_t json_count(const json_t *object, const char *name, struct json_problem *problem)
{
	const json_t *value = json_object_get(object, name);

	if (!value || json_is_null(value))
		return UNKNOWN;
	if (json_is_integer(value) && json_integer_value(value) >= 0)
		return json_integer_value(value);
	json_wrong(problem, "'%s' is no whole number", name);
	return UNKNOWN;
}

static char *copy(const char *string, struct json_problem *problem)
{
	char *text = strdup(string);

	if (!text)
		json_wrong(problem, "out of memory");
	return text;
}

char *json_text(const json_t *object, const char *name, struct json_problem *problem)
{
	const json_t *value = json_object_get(object, name);

	if (!value || json_is_null(value))
		return NULL;
	if (json_is_string(value))
		return copy(json_string_value(value), problem);
	json_wrong(problem, "'%s' is no string", name);
	return NULL;
}

char **json_texts(const json_t *object, const char *name, struct json_problem *problem)
{
	const json_t *value = json_object_get(object, name);
	char **list;

	if (!value || json_is_null(value))
		return NULL;
	if (!json_is_array(value)) {
		json_wrong(problem, "'%s' is no list of strings", name);
		return NULL;
	}
	list = calloc(json_array_size(value) + 1, sizeof(*list));
	if (!list)
		json_wrong(problem, "out of memory");
	for (size_t i = 0; list && i < json_array_size(value); i++) {
		const char *text = json_string_value(json_array_get(value, i));

		if (!text)
			json_wrong(problem, "'%s' is no list of strings", name);
		list[i] = text ? copy(text, problem) : NULL;
		if (!list[i])
			break;
	}
	return list;
}

int json_truth(const json_t *object, const char *name, struct json_problem *problem)
{
	const json_t *value = json_object_get(object, name);

	if (!value || json_is_null(value))
		return -1;
	if (!json_is_boolean(value))
		json_wrong(problem, "'%s' is neither true nor false", name);
	return json_is_true(value);
}

json_t *json_member(const json_t *object, const char *name, struct json_problem *problem)
{
	json_t *value = json_object_get(object, name);

	if (json_is_null(value))
		return NULL;
	if (!json_is_object(value))
		json_wrong(problem, value ? "'%s' is no object" : "it has no '%s'", name);
	return json_is_object(value) ? value : NULL;
}

json_t *json_rows(const json_t *object, const char *name, struct json_problem *problem)
{
	json_t *value = json_object_get(object, name);

	if (!value || json_is_null(value))
		return NULL;
	if (json_is_array(value)) {
		size_t i = 0;

		while (i < json_array_size(value) && json_is_object(json_array_get(value, i)))
			i++;
		if (i == json_array_size(value))
			return value;
	}
	json_wrong(problem, "'%s' is no list of objects", name);
	return NULL;
}
