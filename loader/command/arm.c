// SPDX-License-Identifier: MIT
#include "command/arm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Up to the next single comma; *text goes behind it, or to NULL at the end. Double ones become single. */
static char *next_item(const char **text)
{
	char *item = malloc(strlen(*text) + 1), *to = item;
	const char *from = *text;

	while (item && *from && (*from != ',' || from[1] == ',')) {
		*to++ = *from;
		from += *from == ',' ? 2 : 1;
	}
	if (item)
		*to = '\0';
	*text = *from ? from + 1 : NULL;
	return item;
}

static int add_variable(struct arm *arm, char *item)
{
	size_t count = 0;
	char **grown;

	while (arm->environment && arm->environment[count])
		count++;
	grown = reallocarray(arm->environment, count + 2, sizeof(*grown));
	if (!grown)
		return -1;
	grown[count] = item;
	grown[count + 1] = NULL;
	arm->environment = grown;
	return 0;
}

static int take_item(struct arm *arm, char *item, char error[ARM_ERROR])
{
	static const char preload[] = "preload=";
	const char *equals = item ? strchr(item, '=') : NULL;

	if (!equals || equals == item) {
		snprintf(error, ARM_ERROR, "'%.60s' is neither NAME=VALUE nor preload=LIB", item ? item : "");
		free(item);
		return -1;
	}
	if (!strncmp(item, preload, strlen(preload))) {
		free(arm->preload);
		arm->preload = strdup(item + strlen(preload));
		free(item);
		return arm->preload ? 0 : -1;
	}
	return add_variable(arm, item);
}

int arm_parse(const char *text, struct arm *arm, char error[ARM_ERROR])
{
	size_t length = strcspn(text, "=");

	*arm = (struct arm){.name = strndup(text, length)};
	snprintf(error, ARM_ERROR, "out of memory");
	if (!arm->name)
		return -1;
	if (!length) {
		snprintf(error, ARM_ERROR, "it has no name");
		return -1;
	}
	text = text[length] && text[length + 1] ? text + length + 1 : NULL;
	while (text)
		if (take_item(arm, next_item(&text), error))
			return -1;
	return 0;
}
