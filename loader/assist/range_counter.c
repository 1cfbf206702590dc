// SPDX-License-Identifier: MIT
/* Loading, attaching, and what belongs to each client. */
#include "assist/range_counter.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "range_costs.skel.h"
#include "machine/kernel.h"
#include "machine/refusal.h"
#include "trace/tracer.h"

static bool log_wanted;

static int log_libbpf(enum libbpf_print_level level, const char *format, va_list arguments)
{
	return log_wanted && level != LIBBPF_DEBUG ? vfprintf(stderr, format, arguments) : 0;
}

/* Of a client and its threads to come, or of a processor. */
static int open_event(const struct range_counter *counter, pid_t process, int processor)
{
	struct perf_event_attr attributes = {
	    .type = PERF_TYPE_SOFTWARE,
	    .size = sizeof(attributes),
	    .config = PERF_COUNT_SW_PAGE_FAULTS_MIN,
	    .sample_period = 1,
	    .disabled = 1,
	    .inherit = process > 0,
	};
	int event = syscall(SYS_perf_event_open, &attributes, process, processor, -1, PERF_FLAG_FD_CLOEXEC);

	if (event < 0 ||
	    !ioctl(event, PERF_EVENT_IOC_SET_BPF, bpf_program__fd(counter->skeleton->progs.range_fault_end)))
		return event;
	close(event);
	return -1;
}

/*
 * Debian's kernels open no event without CAP_SYS_ADMIN (kernel.perf_event_paranoid is 3), which is given up by the time
 * that clients come; those of the processors are open by then.
 */
static void open_processors(struct range_counter *counter)
{
	int count = libbpf_num_possible_cpus();

	counter->processors = calloc(count > 0 ? count : 1, sizeof(*counter->processors));
	for (int processor = 0; counter->processors && processor < count; processor++) {
		int event = open_event(counter, -1, processor);

		if (event >= 0)
			counter->processors[counter->processor_count++] = event;
	}
}

int range_counter_load(struct range_counter *counter, size_t most, bool verbose, char error[REFUSAL_TEXT])
{
	struct range_costs *skeleton;

	log_wanted = verbose;
	libbpf_set_print(log_libbpf);
	*counter = (struct range_counter){.most = most, .watches = calloc(most, sizeof(*counter->watches))};
	skeleton = counter->skeleton = range_costs__open();
	if (!skeleton || !counter->watches)
		return refusal_say(error, "opening the BPF object", errno);
	skeleton->rodata_settings->init_on_alloc = kernel_init_on_alloc() == 1;
	/* The dead's tables are taken out late (cost_tables.h). */
	if (bpf_map__set_max_entries(skeleton->maps.clients, most) ||
	    bpf_map__set_max_entries(skeleton->maps.cost_tables, 2 * most) || range_costs__load(skeleton))
		return refusal_say(error, "loading BPF programs", errno);
	if (tracer_call(skeleton->progs.view_note, NULL, 0))
		return refusal_say(error, "running a BPF program", errno);
	open_processors(counter);
	return 0;
}

void range_counter_detach(struct range_counter *counter)
{
	links_close(&counter->links);
}

int range_counter_attach(struct range_counter *counter, char error[REFUSAL_TEXT])
{
	const struct range_costs *skeleton = counter->skeleton;
	const struct {
		struct bpf_program *program;
		const char *tracepoint;
	} hooks[] = {
	    {skeleton->progs.range_exec, "sched_process_exec"},
	    {skeleton->progs.range_exit, "sched_process_exit"},
	    {skeleton->progs.range_page_alloc, "mm_page_alloc"},
	    {skeleton->progs.range_fault_begin, "page_fault_user"},
	    {skeleton->progs.range_fault_begin, "page_fault_kernel"},
	};

	if (counter->links.count)
		return 0;
	for (size_t i = 0; i < sizeof(hooks) / sizeof(hooks[0]); i++)
		if (links_add(
		        &counter->links, bpf_program__attach_raw_tracepoint(hooks[i].program, hooks[i].tracepoint)))
			return refusal_say(error, hooks[i].tracepoint, errno);
	return 0;
}

int range_counter_tables(const struct range_counter *counter)
{
	return bpf_map__fd(counter->skeleton->maps.cost_tables);
}

/* 0: it has ended. */
static uint64_t runtime_of(pid_t process)
{
	struct timespec time;
	clockid_t clock;

	if (clock_getcpuclockid(process, &clock) || clock_gettime(clock, &time))
		return 0;
	return time.tv_sec * 1000000000ULL + time.tv_nsec;
}

static uint32_t *near(const struct range_counter *counter, uint32_t key)
{
	return &counter->skeleton->bss->clients_near[key & ((1 << RANGE_CLIENT_BITS) - 1)];
}

static int run_admit(struct range_counter *counter, pid_t process)
{
	const struct bpf_program *program = counter->skeleton->progs.range_admit;
	int descriptor = tracer_iterate(program, process);
	char nothing[64];

	/* Before 6.1 an iterator visits all. */
	if (descriptor < 0 && (errno == EINVAL || errno == E2BIG))
		descriptor = tracer_iterate(program, 0);
	if (descriptor < 0)
		return -1;
	while (read(descriptor, nothing, sizeof(nothing)) > 0)
		;
	return close(descriptor);
}

uint32_t range_counter_admit(struct range_counter *counter, pid_t process, uid_t user, uint64_t map)
{
	struct range_watch *watch = &counter->watches[counter->count];
	char error[REFUSAL_TEXT];

	if (counter->count == counter->most || range_counter_attach(counter, error))
		return 0;
	counter->skeleton->bss->admit_process = process;
	counter->skeleton->bss->admit_user = user;
	counter->skeleton->bss->admit_map = map;
	counter->skeleton->bss->admitted = 0;
	if (run_admit(counter, process) || !counter->skeleton->bss->admitted)
		return 0;
	*watch = (struct range_watch){.key = counter->skeleton->bss->admitted,
	    .process = process,
	    .event = open_event(counter, process, -1),
	    .runtime_ns = runtime_of(process)};
	if (counter->times && watch->event >= 0)
		ioctl(watch->event, PERF_EVENT_IOC_ENABLE, 0);
	counter->count++;
	++*near(counter, watch->key);
	return watch->key;
}

void range_counter_leave(struct range_counter *counter, uint32_t key)
{
	for (size_t i = 0; i < counter->count; i++) {
		if (counter->watches[i].key != key)
			continue;
		if (counter->watches[i].event >= 0)
			close(counter->watches[i].event);
		--*near(counter, key);
		counter->watches[i] = counter->watches[--counter->count];
		bpf_map_delete_elem(bpf_map__fd(counter->skeleton->maps.clients), &key);
		return;
	}
}

void range_counter_time(struct range_counter *counter, bool on)
{
	bool lacks = false;

	if (!on)
		counter->skeleton->bss->range_timing = 0;
	for (size_t i = 0; i < counter->count; i++) {
		if (counter->watches[i].event >= 0)
			ioctl(counter->watches[i].event, on ? PERF_EVENT_IOC_ENABLE : PERF_EVENT_IOC_DISABLE, 0);
		else
			lacks = true;
	}
	for (size_t i = 0; i < counter->processor_count && (lacks || !on); i++)
		ioctl(counter->processors[i], on ? PERF_EVENT_IOC_ENABLE : PERF_EVENT_IOC_DISABLE, 0);
	if (on)
		counter->skeleton->bss->range_timing = 1;
	counter->times = on;
}

int range_counter_totals(const struct range_counter *counter, struct range_totals *sum)
{
	int processors = libbpf_num_possible_cpus();
	struct range_totals *each = calloc(processors > 0 ? processors : 1, sizeof(*each));
	__u32 zero = 0;
	int result = each ? bpf_map_lookup_elem(bpf_map__fd(counter->skeleton->maps.range_totals), &zero, each) : -1;

	*sum = (struct range_totals){};
	for (int i = 0; !result && i < processors; i++) {
		sum->faults += each[i].faults;
		sum->timed += each[i].timed;
	}
	free(each);
	return result;
}

uint64_t range_counter_runtime(struct range_counter *counter)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < counter->count; i++) {
		uint64_t now = runtime_of(counter->watches[i].process);

		if (now <= counter->watches[i].runtime_ns)
			continue;
		sum += now - counter->watches[i].runtime_ns;
		counter->watches[i].runtime_ns = now;
	}
	return sum;
}

void range_counter_close(struct range_counter *counter)
{
	while (counter->count)
		range_counter_leave(counter, counter->watches[0].key);
	links_close(&counter->links);
	if (counter->skeleton)
		range_costs__destroy(counter->skeleton);
	while (counter->processor_count)
		close(counter->processors[--counter->processor_count]);
	free(counter->processors);
	free(counter->watches);
	*counter = (struct range_counter){};
}
