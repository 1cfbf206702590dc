// SPDX-License-Identifier: MIT
#include "command/metric.h"

#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int metric_compile(regex_t *expression, const char *text, char error[METRIC_ERROR])
{
	int code = regcomp(expression, text, REG_EXTENDED | REG_NEWLINE);

	if (!code)
		return 0;
	regerror(code, expression, error, METRIC_ERROR);
	return -1;
}

/* "59,123,456.5" without its commas. */
static int parse(const char *from, size_t length, double *number)
{
	char digits[64], *end;
	size_t count = 0;

	for (size_t i = 0; i < length; i++) {
		bool between =
		    i && i + 1 < length && isdigit((unsigned char)from[i - 1]) && isdigit((unsigned char)from[i + 1]);

		if (from[i] == ',' && between)
			continue;
		if (count == sizeof(digits) - 1)
			return -1;
		digits[count++] = from[i];
	}
	digits[count] = '\0';
	*number = strtod(digits, &end);
	while (isspace((unsigned char)*end))
		end++;
	return end == digits || *end || !isfinite(*number) ? -1 : 0;
}

int metric_find(const regex_t *expression, const char *text, double *number, char error[METRIC_ERROR])
{
	regmatch_t match[2];
	const char *found = NULL;
	size_t length = 0;

	while (*text && !regexec(expression, text, 2, match, found ? REG_NOTBOL : 0)) {
		const regmatch_t *part = expression->re_nsub && match[1].rm_so >= 0 ? &match[1] : &match[0];

		found = text + part->rm_so;
		length = part->rm_eo - part->rm_so;
		text += match[0].rm_eo;
		/* An empty match must not be found again. */
		if (match[0].rm_eo == match[0].rm_so && *text)
			text++;
		else if (match[0].rm_eo == match[0].rm_so)
			break;
	}
	if (!found) {
		snprintf(error, METRIC_ERROR, "nothing that it printed matches");
		return -1;
	}
	if (parse(found, length, number)) {
		snprintf(error, METRIC_ERROR, "what matches is '%.*s', which is no number",
		    (int)(length < 60 ? length : 60), found);
		return -1;
	}
	return 0;
}
