// SPDX-License-Identifier: (MIT OR GPL-2.0)
/*
 * What published ranges cost the processes that asked to be told (`hakmem-trace assist`): faults, zeroing and their
 * times, written into each one's table (include/hakmem_map.h, "the way back"). Nothing else is kept of anybody, so a
 * fault needs no state of its task: what is under way is remembered by processor, and lost when its task is
 * interrupted by another client's fault there, or goes on elsewhere. Whoever is no client pays for a look at a number.
 *
 * A fault begins at the page_fault tracepoints, hands out its page at mm_page_alloc, and ends, where it is timed, at
 * the software event of the client's task (fault_event.h). All that exists from 5.10 on. What get_user_pages populates
 * comes by no tracepoint and is no fault here.
 */
#include "cost_table.h"
#include "published.h"
#include "range_costs.h"
#include "view.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1); /* the loader sets it */
	__type(key, __u32);
	__type(value, struct range_client);
} clients SEC(".maps");

__u32 clients_near[1 << RANGE_CLIENT_BITS] = {};

/* Grows when a client comes or goes: what was known of one may no longer hold. */
volatile __u32 client_generation = 0;

/*
 * Of a processor: the fault of a client that was under way there last, and where its costs go. Those of one place are
 * gathered here, for each look-up takes calls, which are dear; the last few of a place come when the next one does.
 */
struct range_fault {
	__u64 thread; /* both ids, as bpf_get_current_pid_tgid() has them; 0: nothing of this holds */
	__u64 chunk;
	__u32 slot;
	__u32 generation;
	struct hakmem_cost gathered;
	__u64 address;
	__u64 begin_ns;   /* 0: it is not timed, or over */
	__u64 mark_ns;    /* its page was handed out */
	__u64 huge_bytes; /* and will be cleared by whoever asked for it */
	__u64 waits;      /* for its page */
};

#define RANGE_GATHER_MOST 16

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct range_fault);
} faults SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct range_totals);
} range_totals SEC(".maps");

/* Set by the loader while faults' ends are told. */
volatile __u32 range_timing = 0;

/* The loader's question, about a process that has asked: is it who it seems, and then it is a client. */
__u32 admit_process = 0; /* as the loader sees it */
__u32 admit_user = 0;
__u64 admit_map = 0;
__u32 admitted = 0; /* the answer: its id in the machine's own namespace, 0: no */

#define FAULT_BY_USER 0x04 /* arch/x86/include/asm/trap_pf.h */

static __always_inline bool may_be_client(__u64 thread)
{
	return clients_near[thread >> 32 & ((1 << RANGE_CLIENT_BITS) - 1)];
}

static __always_inline struct range_fault *fault_here(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&faults, &zero);
}

static __always_inline void add_costs(struct hakmem_cost *into, const struct hakmem_cost *cost)
{
	add(into->faults, cost->faults);
	if (cost->zeroed_bytes)
		add(into->zeroed_bytes, cost->zeroed_bytes);
	if (cost->timed) {
		add(into->timed, cost->timed);
		add(into->fault_ns, cost->fault_ns);
	}
	if (cost->zero_timed_bytes) {
		add(into->zero_timed_bytes, cost->zero_timed_bytes);
		add(into->zero_ns, cost->zero_ns);
	}
}

/* What was gathered goes to the table, if its process still has one. */
static __always_inline void let_go(struct range_fault *fault)
{
	struct hakmem_costs *costs = fault->gathered.faults ? costs_of(fault->thread >> 32) : NULL;
	__u32 zero = 0, slot = fault->slot;
	struct range_totals *totals = bpf_map_lookup_elem(&range_totals, &zero);

	if (costs && slot < NO_SLOT)
		add_costs(&costs->cost[slot], &fault->gathered);
	if (totals) {
		totals->faults += fault->gathered.faults;
		totals->timed += fault->gathered.timed;
	}
	__builtin_memset(&fault->gathered, 0, sizeof(fault->gathered));
}

/* Whose costs those of a fault are; thread 0: nobody's that wants to know. */
__noinline int fault_find_place(__u64 thread, __u64 address)
{
	struct range_fault *fault = fault_here();
	__u32 process = thread >> 32;
	struct range_client *client;
	__u64 tag;

	if (!fault)
		return 0;
	let_go(fault);
	fault->thread = 0;
	fault->generation = client_generation;
	client = bpf_map_lookup_elem(&clients, &process);
	if (!client)
		return 0;
	fault->slot = published_find((struct hakmem_map *)client->map, address, &tag);
	fault->chunk = address >> HAKMEM_CHUNK_SHIFT;
	fault->thread = fault->slot < NO_SLOT ? thread : 0;
	return 0;
}

static __always_inline bool is_in_place(const struct range_fault *fault, __u64 thread, __u64 address)
{
	return fault->thread == thread && fault->chunk == address >> HAKMEM_CHUNK_SHIFT &&
	       fault->generation == client_generation && fault->gathered.faults < RANGE_GATHER_MOST;
}

/* Of both tracepoints, page_fault_user and page_fault_kernel (rung_tracepoint.h). */
SEC("raw_tp/page_fault_user")
int range_fault_begin(struct bpf_raw_tracepoint_args *context)
{
	__u64 thread = bpf_get_current_pid_tgid(), address = context->args[0], error = context->args[2];
	struct range_fault *fault;

	if (!may_be_client(thread))
		return 0;
	if (!(error & FAULT_BY_USER) &&
	    (address >> 47 || BPF_CORE_READ((struct task_struct *)bpf_get_current_task(), pagefault_disabled) > 1))
		return 0;
	fault = fault_here();
	if (!fault)
		return 0;
	if (!is_in_place(fault, thread, address))
		fault_find_place(thread, address);
	if (!fault->thread)
		return 0;
	fault->gathered.faults++;
	fault->address = address;
	fault->huge_bytes = 0;
	/* Only one that writes to a page that isn't there is sure to be handed one. */
	fault->waits = (error & (FAULT_PRESENT | FAULT_WRITE)) == FAULT_WRITE;
	fault->begin_ns = range_timing ? bpf_ktime_get_ns() : 0;
	return 0;
}

/*
 * A page for user memory: zeroed already, or one of several that whoever asked for them clears. The time since the
 * fault began bounds that of the first from above; that of the others ends with the fault.
 */
static __always_inline void page_handed_out(struct range_fault *fault, __u32 gfp, __u32 order)
{
	__u64 bytes = PAGE_SIZE << (order & 15);

	fault->waits = 0;
	if (!(gfp & GFP_ZERO || init_on_alloc || order))
		return;
	fault->gathered.zeroed_bytes += bytes;
	if (!fault->begin_ns)
		return;
	fault->mark_ns = bpf_ktime_get_ns();
	if (gfp & GFP_ZERO || init_on_alloc) {
		fault->gathered.zero_timed_bytes += bytes;
		fault->gathered.zero_ns += fault->mark_ns - fault->begin_ns;
	} else {
		fault->huge_bytes = bytes;
	}
}

SEC("raw_tp/mm_page_alloc")
int range_page_alloc(struct bpf_raw_tracepoint_args *context)
{
	struct range_fault *fault = fault_here();
	__u32 gfp = context->args[2];

	if (!fault || !fault->waits || !(gfp & GFP_HIGHMEM) || !context->args[0] ||
	    fault->thread != bpf_get_current_pid_tgid())
		return 0;
	page_handed_out(fault, gfp, context->args[1]);
	return 0;
}

/* struct bpf_perf_event_data (include/uapi/linux/bpf_perf_event.h), whose first member is the user's struct pt_regs. */
struct range_event_data {
#ifdef __TARGET_ARCH_x86
	__u64 registers[21];
#endif
	__u64 sample_period;
	__u64 addr;
};

SEC("perf_event")
int range_fault_end(struct range_event_data *context)
{
	struct range_fault *fault = fault_here();
	__u64 now;

	if (!fault || !fault->begin_ns || fault->thread != bpf_get_current_pid_tgid() ||
	    PAGE_ALIGN_DOWN(fault->address) != PAGE_ALIGN_DOWN(context->addr))
		return 0;
	now = bpf_ktime_get_ns();
	fault->gathered.timed++;
	fault->gathered.fault_ns += now - fault->begin_ns;
	if (fault->huge_bytes) {
		fault->gathered.zero_timed_bytes += fault->huge_bytes;
		fault->gathered.zero_ns += now - fault->mark_ns;
	}
	fault->begin_ns = 0;
	fault->waits = 0;
	return 0;
}

/* Whose memory is new, or who is no more, is no client. The loader's own look at its end may come late. */
static __always_inline void client_leave(void)
{
	__u64 thread = bpf_get_current_pid_tgid();
	__u32 process = thread >> 32;

	if (may_be_client(thread) && !bpf_map_delete_elem(&clients, &process))
		add(client_generation, 1);
}

SEC("raw_tp/sched_process_exec")
int range_exec(void *context)
{
	client_leave();
	return 0;
}

SEC("raw_tp/sched_process_exit")
int range_exit(void *context)
{
	if (!BPF_CORE_READ((struct task_struct *)bpf_get_current_task(), signal, live.counter))
		client_leave();
	return 0;
}

SEC("iter/task")
int range_admit(struct bpf_iter__task *context)
{
	struct task_struct *task = context->task;
	struct range_client client = {.map = admit_map};
	struct cred *cred;
	__u32 process;

	if (!task || process_in_view(task) != admit_process || BPF_CORE_READ(task, pid) != BPF_CORE_READ(task, tgid))
		return 0;
	process = BPF_CORE_READ(task, tgid);
	cred = (struct cred *)BPF_CORE_READ(task, cred);
	if (!BPF_CORE_READ(task, mm) || BPF_CORE_READ(cred, euid.val) != admit_user)
		return 0;
	if (bpf_map_update_elem(&clients, &process, &client, BPF_ANY))
		return 0;
	add(client_generation, 1);
	admitted = process;
	return 0;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
