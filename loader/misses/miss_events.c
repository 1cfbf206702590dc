// SPDX-License-Identifier: MIT
#include "misses/miss_events.h"

#include <linux/perf_event.h>
#include <stdio.h>
#include <string.h>

#define INTEL "cpu", "cpu_core" /* hybrid processors have the latter for their larger cores */

/*
 * Periods are primes, so that no loop of the program's keeps in step, where the hardware doesn't ask for multiples. The
 * encodings are those of Skylake and later (Intel 64 and IA-32 Architectures Software Developer's Manual, performance
 * monitoring events: MEM_INST_RETIRED.STLB_MISS_LOADS and _STORES, MEM_LOAD_RETIRED.L1_MISS); Haswell and Broadwell
 * have the same numbers under other names. IBS: cnt_ctl counts dispatched operations instead of cycles.
 */
const struct miss_event_kind miss_event_kinds[] = {
    {
        .name = "stlb-miss-loads",
        .help = "loads that missed every TLB (Intel, PEBS)",
        .pmus = {INTEL},
        .field = "ldlat",
        .terms = "event=0xd0,umask=0x11",
        .period = 1009,
        .precise = true,
        .usual = true,
        .is_walk = true,
    },
    {
        .name = "stlb-miss-stores",
        .help = "stores that missed every TLB (Intel, PEBS)",
        .pmus = {INTEL},
        .field = "ldlat",
        .terms = "event=0xd0,umask=0x12",
        .period = 1009,
        .precise = true,
        .usual = true,
        .is_walk = true,
    },
    {
        .name = "l1-miss-loads",
        .help = "loads that missed the L1 data cache (Intel, PEBS)",
        .pmus = {INTEL},
        .field = "ldlat",
        .terms = "event=0xd1,umask=0x08",
        .period = 10007,
        .precise = true,
        .usual = true,
        .is_cache_miss = true,
    },
    {
        .name = "mem-loads",
        .help = "loads, each with its latency and where its data was (Intel, PEBS)",
        .pmus = {INTEL},
        .field = "ldlat",
        .named = "mem-loads",
        .terms = "event=0xcd,umask=0x1,ldlat=3",
        .leader = "mem-loads-aux",
        .period = 100003,
        .precise = true,
    },
    {
        .name = "ibs-op",
        .help = "loads and stores among all operations, with TLB and cache level (AMD, IBS)",
        .pmus = {"ibs_op"},
        .field = "cnt_ctl",
        .terms = "cnt_ctl=1",
        .period = 262144,
        .granularity = 16, /* the counter's low four bits can't be set */
        .usual = true,
    },
    {
        .name = "page-faults",
        .help = "page faults by an exception, every one of them (any machine)",
        .period = 1,
        .software = PERF_COUNT_SW_PAGE_FAULTS,
    },
};
const unsigned int miss_event_kind_count = sizeof(miss_event_kinds) / sizeof(miss_event_kinds[0]);

const struct miss_event_kind *miss_event_find(const char *name)
{
	for (unsigned int i = 0; i < miss_event_kind_count; i++)
		if (!strcmp(miss_event_kinds[i].name, name))
			return &miss_event_kinds[i];
	return NULL;
}

static const char *find_unit(const char *root, const struct miss_event_kind *kind, struct pmu *pmu)
{
	for (int i = 0; i < MISS_EVENT_PMUS && kind->pmus[i]; i++)
		if (pmu_find(root, kind->pmus[i], pmu) && pmu_has_field(pmu, kind->field))
			return kind->pmus[i];
	return NULL;
}

static int encode(const struct pmu *pmu, const char *unit, const char *terms, struct miss_event_chosen *chosen,
    char reason[MISS_EVENT_REASON])
{
	char wrong[PMU_TERMS];

	if (!pmu_encode(pmu, terms, &chosen->source, wrong)) {
		snprintf(reason, MISS_EVENT_REASON, "this machine's PMU %s has no field for '%s'", unit, wrong);
		return -1;
	}
	snprintf(
	    chosen->encoding, sizeof(chosen->encoding), "%s/%s/%s", unit, terms, chosen->source.precise ? "P" : "");
	return 0;
}

static int choose_precise(const struct pmu *pmu, const char *unit, const struct miss_event_kind *kind,
    struct miss_event_chosen *chosen, char reason[MISS_EVENT_REASON])
{
	long most = pmu_capability(pmu, "max_precise");

	if (!kind->precise)
		return 0;
	if (most <= 0) {
		snprintf(reason, MISS_EVENT_REASON,
		    "no PEBS: %s/caps/max_precise is %s, so %s has no data addresses (a virtual machine needs a "
		    "hypervisor that passes PEBS on)",
		    unit, most < 0 ? "missing" : "0", kind->name);
		return -1;
	}
	chosen->source.precise = most > 3 ? 3 : most;
	return 0;
}

static int choose_hardware(const char *root, const struct miss_event_kind *kind, struct miss_event_chosen *chosen,
    char reason[MISS_EVENT_REASON])
{
	char terms[PMU_TERMS], leader[PMU_TERMS], wrong[PMU_TERMS];
	struct pmu pmu;
	const char *unit = find_unit(root, kind, &pmu);

	if (!unit) {
		snprintf(reason, MISS_EVENT_REASON,
		    "%s needs a PMU called %s with the field %s, and this machine has none in " PMU_ROOT, kind->name,
		    kind->pmus[0], kind->field);
		return -1;
	}
	if (choose_precise(&pmu, unit, kind, chosen, reason))
		return -1;
	if (!kind->named || !pmu_event(&pmu, kind->named, terms))
		snprintf(terms, sizeof(terms), "%s", kind->terms);
	if (encode(&pmu, unit, terms, chosen, reason))
		return -1;
	if (kind->leader && pmu_event(&pmu, kind->leader, leader)) {
		chosen->has_leader = pmu_encode(&pmu, leader, &chosen->leader, wrong);
		chosen->source.follows = chosen->has_leader;
	}
	return 0;
}

int miss_event_choose(const char *root, const struct miss_event_kind *kind, uint64_t period,
    struct miss_event_chosen *chosen, char reason[MISS_EVENT_REASON])
{
	*chosen = (struct miss_event_chosen){.kind = kind, .period = period ? period : kind->period};
	if (kind->granularity && chosen->period % kind->granularity) {
		snprintf(reason, MISS_EVENT_REASON, "the period of %s must be a multiple of %llu", kind->name,
		    (unsigned long long)kind->granularity);
		return -1;
	}
	if (!kind->pmus[0]) {
		chosen->source.type = PERF_TYPE_SOFTWARE;
		chosen->source.config = kind->software;
		snprintf(chosen->encoding, sizeof(chosen->encoding), "software/%s/", kind->name);
	} else if (choose_hardware(root, kind, chosen, reason)) {
		return -1;
	}
	chosen->source.period = chosen->period;
	chosen->source.details = chosen->leader.details = true;
	return 0;
}

static void say_what_is_missing(const char *root, bool virtual_machine, char reason[MISS_EVENT_REASON])
{
	const char *instead =
	    "--tlb-model estimates without one, and --event page-faults samples page faults on any machine";
	struct pmu pmu;

	if (pmu_find(root, "cpu", &pmu) || pmu_find(root, "cpu_core", &pmu))
		snprintf(reason, MISS_EVENT_REASON,
		    "this %s has a PMU that counts but samples no data addresses: neither PEBS (caps/max_precise of "
		    "%s above 0 and its field ldlat) nor ibs_op is in " PMU_ROOT "; %s",
		    virtual_machine ? "virtual machine" : "machine", strrchr(pmu.path, '/') + 1, instead);
	else
		snprintf(reason, MISS_EVENT_REASON,
		    "this %s has no PMU (neither cpu nor ibs_op is in " PMU_ROOT "), so no hardware event has data "
		    "addresses here; %s; %s",
		    virtual_machine ? "virtual machine" : "machine",
		    virtual_machine ? "its hypervisor must pass a PMU on (KVM: -cpu host,pmu=on), or run on bare metal"
		                    : "the kernel must be built and booted with one",
		    instead);
}

int miss_events_usual(const char *root, bool virtual_machine, struct miss_event_chosen chosen[MISS_EVENTS_MOST],
    char reason[MISS_EVENT_REASON])
{
	int count = 0;

	for (unsigned int i = 0; i < miss_event_kind_count && count < MISS_EVENTS_MOST; i++)
		if (miss_event_kinds[i].usual &&
		    !miss_event_choose(root, &miss_event_kinds[i], 0, &chosen[count], reason))
			count++;
	if (!count)
		say_what_is_missing(root, virtual_machine, reason);
	return count;
}

bool miss_events_in_virtual_machine(void)
{
	FILE *file = fopen("/proc/cpuinfo", "re");
	char line[8192];
	bool found = false;

	while (file && !found && fgets(line, sizeof(line), file))
		found = !strncmp(line, "flags", 5) && strstr(line, " hypervisor");
	if (file)
		fclose(file);
	return found;
}
