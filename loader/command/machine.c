// SPDX-License-Identifier: MIT
#include "command/machine.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "machine/machine_load.h"

/* Not every architecture's kernel tells. */
static void find_processor(char name[128])
{
	FILE *file = fopen("/proc/cpuinfo", "re");
	char line[256];

	name[0] = '\0';
	while (file && !name[0] && fgets(line, sizeof(line), file))
		sscanf(line, "model name : %127[^\n]", name);
	if (file)
		fclose(file);
}

void machine_look(struct machine *machine)
{
	struct utsname name;

	memset(machine, 0, sizeof(*machine));
	if (!uname(&name)) {
		strcpy(machine->host, name.nodename);
		strcpy(machine->architecture, name.machine);
	}
	find_processor(machine->processor);
	machine->processors = machine_processors();
	machine->page_bytes = sysconf(_SC_PAGESIZE);
	machine->memory_bytes = (uint64_t)sysconf(_SC_PHYS_PAGES) * machine->page_bytes;
}
