/* SPDX-License-Identifier: MIT */
/*
 * A performance-monitoring unit as sysfs describes it: its number, the bits of its fields, its named events and
 * capabilities (Documentation/ABI/testing/sysfs-bus-event_source-devices-*). Nothing is opened here.
 */
#ifndef PMU_H
#define PMU_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "machine/perf_ring.h"

#define PMU_ROOT  "/sys/bus/event_source/devices"
#define PMU_TERMS 256

struct pmu {
	char path[PATH_MAX / 2];
	uint32_t type;
};

/* root: PMU_ROOT, or a test's. False: there is no such unit. */
bool pmu_find(const char *root, const char *name, struct pmu *pmu);

bool pmu_has_field(const struct pmu *pmu, const char *field);

/* What events/NAME has, such as "event=0xcd,umask=0x1,ldlat=3"; false: no such event. */
bool pmu_event(const struct pmu *pmu, const char *name, char terms[PMU_TERMS]);

/* caps/NAME; -1: it isn't there. */
long pmu_capability(const struct pmu *pmu, const char *name);

/*
 * Put terms ("event=0xd0,umask=0x11", a field alone is 1) into the source's type and configuration. False: `wrong` is
 * the term whose field this unit doesn't have, or whose value doesn't fit.
 */
bool pmu_encode(const struct pmu *pmu, const char *terms, struct perf_source *source, char wrong[PMU_TERMS]);

#endif
