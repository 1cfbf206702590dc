// SPDX-License-Identifier: MIT
#include "machine/refusal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "machine/kernel.h"
#include "machine/privilege.h"

static const char *remedy(int error)
{
	static char text[128];
	const char *lockdown = kernel_lockdown();

	if (error != EPERM && error != EACCES)
		return "";
	if (privilege_missing()) {
		snprintf(text, sizeof(text), "; run it as root or with %s", privilege_missing());
		return text;
	}
	if (strcmp(lockdown, "none") != 0 && strcmp(lockdown, "unknown") != 0) {
		snprintf(text, sizeof(text), "; the kernel is locked down (%s): boot it without lockdown", lockdown);
		return text;
	}
	return "; the kernel refuses it (locked down, or a security module)";
}

int refusal_say(char reason[REFUSAL_TEXT], const char *step, int error)
{
	snprintf(reason, REFUSAL_TEXT, "%s: %s (%s)%s", step, strerror(error), strerrorname_np(error), remedy(error));
	return -1;
}
