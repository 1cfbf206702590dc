// SPDX-License-Identifier: MIT
/*
 * assist: counters, and the decisions in force. They lie in metadata that is there only while assistance is on. A level
 * is written under the lock that its declaration names, and read without: an old one does no harm.
 */
#include "assist.h"

#include "classes.h"
#include "costs.h"
#include "metadata.h"
#include "options.h"
#include "os.h"
#include "publish.h"
#include "text.h"

#define REFUSALS_MOST 8 /* then batches are given up */

/* From then on costs are asked for: a table takes some 300 us and 240 KiB, a tenth of what these pages did. */
#define WORTH_ASKING (8 * MIB / PAGE_SIZE)

struct touched {
	uint64_t small;
	uint64_t huge;
};

struct assist {
	struct policy_costs costs;
	bool prefaults;
	bool advises;
	uint32_t refusals;
	int64_t ahead; /* pages made present and not needed yet */
	uint64_t went_ahead;
	uint64_t caught_up;
	struct touched touched[POLICY_POOLS];
	struct touched seen[POLICY_POOLS];                  /* of that by the helper */
	uint64_t returned[POLICY_POOLS];                    /* pages; taken by the helper */
	uint32_t filled[CLASS_COUNT];                       /* slabs, since one was taken last */
	struct policy_class class[CLASS_COUNT];             /* the SuperSlabs' lock */
	struct policy_choice huge[1 + HAKMEM_MEDIUM_POOLS]; /* the SuperSlabs' lock, and each medium pool's */
	struct policy_delay delay;                          /* the helper's alone */
	uint64_t delay_returned;                            /* of it, for others */
	uint64_t delay_regretted;
	struct hakmem_decisions
	    decisions; /* for tools that look on: written as levels are, and beside the costs, too */
};

static COMPACT struct assist *assist;

static uint64_t load(const uint64_t *number)
{
	return __atomic_load_n(number, __ATOMIC_RELAXED);
}

static void add(uint64_t *number, uint64_t more)
{
	__atomic_fetch_add(number, more, __ATOMIC_RELAXED);
}

/* Several threads may learn at once: then some of it is forgotten. */
static struct policy_costs costs_now(void)
{
	const struct policy_costs *costs = &assist->costs;

	return (struct policy_costs){
	    .page = load(&costs->page),
	    .trap = costs->trap,
	    .call = costs->call,
	    .purge = costs->purge,
	    .huge = load(&costs->huge),
	    .even = load(&costs->even),
	    .measured = __atomic_load_n(&costs->measured, __ATOMIC_RELAXED),
	    .huge_given = __atomic_load_n(&costs->huge_given, __ATOMIC_RELAXED),
	};
}

static struct policy_costs learn(const struct policy_sum *small, const struct policy_sum *huge)
{
	struct policy_costs costs = costs_now();

	policy_costs_learn(&costs, small, huge);
	__atomic_store_n(&assist->costs.page, costs.page, __ATOMIC_RELAXED);
	__atomic_store_n(&assist->costs.huge, costs.huge, __ATOMIC_RELAXED);
	__atomic_store_n(&assist->costs.even, costs.even, __ATOMIC_RELAXED);
	__atomic_store_n(&assist->costs.measured, costs.measured, __ATOMIC_RELAXED);
	__atomic_store_n(&assist->costs.huge_given, costs.huge_given, __ATOMIC_RELAXED);
	return costs;
}

static void write_decision(struct hakmem_decision *into, unsigned int value, const struct policy_choice *choice)
{
	__atomic_store_n(&into->changes, choice->changes, __ATOMIC_RELAXED);
	__atomic_store_n(&into->value, (uint16_t)value, __ATOMIC_RELAXED);
	__atomic_store_n(&into->reason, choice->reason, __ATOMIC_RELAXED);
	__atomic_store_n(&into->made, 1, __ATOMIC_RELAXED);
}

static void show(struct hakmem_decision *decision, unsigned int value, const struct policy_choice *choice)
{
	size_t offset = (size_t)((char *)decision - (char *)&assist->decisions);
	struct hakmem_decisions *beside_costs = costs_decisions();

	write_decision(decision, value, choice);
	if (beside_costs != NULL)
		write_decision((struct hakmem_decision *)((char *)beside_costs + offset), value, choice);
}

static void begin_to_show(struct hakmem_decisions *decisions)
{
	decisions->size = sizeof(*decisions);
	for (unsigned int class = 0; class < CLASS_COUNT; class ++)
		decisions->block_size[class] = class_table[class].size;
}

void assist_start(void)
{
	struct assist *made;

	if (option_value(OPTION_ASSIST) == ASSIST_OFF || option_value(OPTION_HARDENED) != 0)
		return;
	made = metadata_allocate(sizeof(*made));
	if (made == NULL)
		return;
	made->costs = policy_costs_built_in();
	made->prefaults = !option_is_given(OPTION_PREFAULT);
	made->delay.choice.level = POLICY_DELAY_FIRST;
	made->advises = !option_is_given(OPTION_HUGE_PAGES);
	begin_to_show(&made->decisions);
	if (costs_decisions() != NULL)
		begin_to_show(costs_decisions());
	__atomic_store_n(&assist, made, __ATOMIC_RELEASE);
	show(&made->decisions.delay, policy_delay_ticks(&made->delay) * 100, &made->delay.choice);
	publish_decisions(&made->decisions);
}

bool assist_is_on(void)
{
	return assist != NULL;
}

void assist_ask(void)
{
	uint64_t pages = 0;

	for (unsigned int pool = 0; assist != NULL && pool < POLICY_POOLS; pool++)
		pages += load(&assist->touched[pool].small) + load(&assist->touched[pool].huge);
	if (pages >= WORTH_ASKING && costs_ask())
		begin_to_show(costs_decisions());
}

bool assist_prefaults(void)
{
	return assist != NULL && assist->prefaults;
}

unsigned int assist_batch(unsigned int class, unsigned int needed, unsigned int room)
{
	unsigned int level = __atomic_load_n(&assist->class[class].choice.level, __ATOMIC_RELAXED);
	uint64_t touched = load(&assist->touched[POLICY_SMALL].small) + load(&assist->touched[POLICY_SMALL].huge);

	if (level == 0 || !class_is_single(class) ||
	    __atomic_load_n(&assist->refusals, __ATOMIC_RELAXED) >= REFUSALS_MOST)
		return 0;
	return policy_batch(level, needed, room, (int64_t)load((uint64_t *)&assist->ahead), touched);
}

void assist_went_ahead(unsigned int pages, bool done)
{
	if (!done) {
		__atomic_fetch_add(&assist->refusals, 1, __ATOMIC_RELAXED);
		return;
	}
	add((uint64_t *)&assist->ahead, pages);
	add(&assist->went_ahead, pages);
}

void assist_caught_up(unsigned int pages, bool needed)
{
	if (assist == NULL || pages == 0)
		return;
	add((uint64_t *)&assist->ahead, -(uint64_t)pages);
	if (needed)
		add(&assist->caught_up, pages);
}

void assist_slab_filled(unsigned int class)
{
	if (assist != NULL && class_is_single(class))
		__atomic_fetch_add(&assist->filled[class], 1, __ATOMIC_RELAXED);
}

void assist_slab_ended(unsigned int class, unsigned int touched)
{
	if (assist != NULL && class_is_single(class))
		policy_class_note(&assist->class[class], touched);
}

void assist_slab_taken(unsigned int class)
{
	struct policy_costs costs;
	uint32_t filled;

	if (assist == NULL || !class_is_single(class))
		return;
	costs = costs_now();
	filled = __atomic_exchange_n(&assist->filled[class], 0, __ATOMIC_RELAXED);
	for (uint32_t i = 0; i < filled && i < HAKMEM_CHUNK_SLABS; i++)
		policy_class_note(&assist->class[class], POLICY_SLAB_PAGES);
	policy_class_look(&assist->class[class], &costs);
	if (assist->prefaults)
		show(&assist->decisions.prefault[class], policy_batch_pages(assist->class[class].choice.level),
		    &assist->class[class].choice);
}

static struct policy_sample sample_of(const void *base)
{
	long index = publish_cost_index(base);
	struct hakmem_cost cost;

	if (index < 0 || !costs_read((size_t)index, &cost))
		return (struct policy_sample){.faults = 0};
	return (struct policy_sample){
	    .faults = cost.faults,
	    .timed = cost.timed,
	    .fault_ns = cost.fault_ns,
	    .zeroed_bytes = cost.zeroed_bytes,
	};
}

void assist_look_at(struct assist_chunks *chunks, const void *base, size_t used, bool huge, bool guessed)
{
	struct policy_sample sample = {.faults = 0};

	if (assist != NULL)
		sample = sample_of(base);
	/* What a tracer saw cleared is what was touched, if it saw anything. */
	if (guessed && !huge && sample.zeroed_bytes != 0 && sample.zeroed_bytes < used)
		used = sample.zeroed_bytes;
	policy_sum_add(huge ? &chunks->huge : &chunks->small, &sample, huge);
	chunks->used += used;
	chunks->counted += CHUNK_SIZE;
}

enum huge_advice assist_advice(enum policy_pool pool, unsigned int number, const struct assist_chunks *chunks)
{
	struct policy_choice *choice;
	struct policy_costs costs;

	if (assist != NULL)
		costs = learn(&chunks->small, &chunks->huge);
	if (assist == NULL || !assist->advises)
		return huge_advice_for_chunk(chunks->used, chunks->counted);
	number = pool == POLICY_SMALL ? 0 : 1 + number % HAKMEM_MEDIUM_POOLS;
	choice = &assist->huge[number];
	policy_huge_look(choice, &costs, chunks->used, chunks->counted);
	show(&assist->decisions.huge[number], choice->level > 0, choice);
	return choice->level > 0 ? HUGE_WANTED : HUGE_FORBIDDEN;
}

bool assist_huge_is_given(void)
{
	return __atomic_load_n(&assist->costs.huge_given, __ATOMIC_RELAXED);
}

void assist_count_touched(enum policy_pool pool, size_t pages, bool huge)
{
	if (assist != NULL && pages != 0)
		add(huge ? &assist->touched[pool].huge : &assist->touched[pool].small, pages);
}

void assist_count_returned(enum policy_pool pool, size_t bytes)
{
	if (assist != NULL)
		add(&assist->returned[pool], bytes / PAGE_SIZE);
}

/* Read by the helper, which makes other system calls, too: it would take some per cent of a small program's time. */
#define HUGE_PAGES_FILE "/sys/kernel/mm/transparent_hugepage/enabled"

static bool system_has_huge_pages(void)
{
	char text[128];

	if (!os_read_file(HUGE_PAGES_FILE, text, sizeof(text)))
		return false;
	for (const char *word = text; *word != '\0'; word++)
		if (word[0] == '[')
			return word[1] != 'n';
	return true;
}

void assist_delay_begin(void)
{
	if (!system_has_huge_pages())
		__atomic_store_n(&assist->costs.huge_given, false, __ATOMIC_RELAXED);
	policy_delay_begin(&assist->delay);
}

unsigned int assist_delay_ticks(void)
{
	return policy_delay_ticks(&assist->delay);
}

static void tell(const struct policy_delay *delay)
{
	__atomic_store_n(&assist->delay_returned, delay->returned, __ATOMIC_RELAXED);
	__atomic_store_n(&assist->delay_regretted, delay->regretted, __ATOMIC_RELAXED);
	show(&assist->decisions.delay, policy_delay_ticks(delay) * 100, &delay->choice);
}

/* What was counted since the last tick. */
static void follow_pools(struct policy_delay *delay, const struct policy_costs *costs)
{
	for (unsigned int pool = 0; pool < POLICY_POOLS; pool++) {
		struct touched now = {load(&assist->touched[pool].small), load(&assist->touched[pool].huge)};

		policy_delay_touched(
		    delay, costs, pool, now.small - assist->seen[pool].small, now.huge - assist->seen[pool].huge);
		assist->seen[pool] = now;
		policy_delay_returned(delay, pool, __atomic_exchange_n(&assist->returned[pool], 0, __ATOMIC_RELAXED));
	}
}

size_t assist_delay_tick(size_t lowest)
{
	struct policy_costs costs = costs_now();
	size_t unused;

	follow_pools(&assist->delay, &costs);
	unused = policy_delay_tick(&assist->delay, &costs, lowest);
	policy_delay_look(&assist->delay);
	tell(&assist->delay);
	return unused;
}

void assist_delay_gave(size_t bytes)
{
	policy_delay_gave(&assist->delay, bytes);
}

static void print_choice(struct text *text, const struct policy_choice *choice)
{
	text_string(text, "; ");
	text_number(text, choice->changes);
	text_string(text, choice->changes == 1 ? " change; " : " changes; ");
	text_string(text, policy_reason_text(choice->reason));
	text_string(text, "\n");
	text_write_error(text);
}

static void print_figure(struct text *text, const char *before, uint64_t number, const char *behind)
{
	text_string(text, before);
	text_number(text, number);
	text_string(text, behind);
}

static void print_costs(void)
{
	struct policy_costs costs = costs_now();
	struct text text = {.length = 0};

	text_string(&text, costs.measured ? "  assist, costs as measured:" : "  assist, built-in costs:");
	print_figure(&text, " a page ", costs.page, " ns");
	print_figure(&text, ", its trap ", costs.trap, " ns");
	print_figure(&text, ", a batch's call ", costs.call, " ns");
	print_figure(&text, ", its purge ", costs.purge, " ns");
	print_figure(&text, ", a huge page ", costs.huge, " ns");
	print_figure(&text, ", as much as ", costs.even * (CHUNK_SIZE / PAGE_SIZE) / POLICY_WHOLE,
	    costs.huge_given ? " of its small ones\n" : " of its small ones, none given\n");
	text_write_error(&text);
}

static void print_class(unsigned int number)
{
	const struct policy_class *class = &assist->class[number];
	struct text text = {.length = 0};

	if (class->populated[POLICY_BATCHES - 1] == 0)
		return;
	print_figure(&text, "  assist, prefault of class ", class_table[number].size, ": ");
	if (class->choice.level == 0)
		text_string(&text, "none");
	else
		print_figure(&text, "", policy_batch_pages(class->choice.level), " pages");
	print_figure(&text, ", of slabs ", class->untouched[POLICY_BATCHES - 1], "");
	print_figure(&text, " of ", class->populated[POLICY_BATCHES - 1], " pages untouched");
	print_choice(&text, &class->choice);
}

static void print_huge(const char *pool, const struct policy_choice *choice)
{
	struct text text = {.length = 0};

	if (choice->calm == 0 && choice->changes == 0)
		return;
	text_string(&text, "  assist, huge pages for ");
	text_string(&text, pool);
	text_string(&text, choice->level > 0 ? ": asked for" : ": forbidden");
	print_choice(&text, choice);
}

static void print_delay(void)
{
	const struct hakmem_decision *delay = &assist->decisions.delay;
	struct policy_choice choice = {.reason = __atomic_load_n(&delay->reason, __ATOMIC_RELAXED),
	    .changes = __atomic_load_n(&delay->changes, __ATOMIC_RELAXED)};
	struct text text = {.length = 0};

	print_figure(&text, "  assist, delay: ", __atomic_load_n(&delay->value, __ATOMIC_RELAXED), " ms");
	print_figure(&text, ", given back ", load(&assist->delay_returned), " pages");
	print_figure(&text, ", of which soon touched again ", load(&assist->delay_regretted), "");
	print_choice(&text, &choice);
}

void assist_print(void)
{
	struct text text = {.length = 0};

	if (assist == NULL)
		return;
	print_costs();
	if (assist->prefaults) {
		print_figure(&text, "  assist, pages made present ahead: ", load(&assist->went_ahead), "");
		print_figure(&text, ", needed since ", load(&assist->caught_up), "");
		print_figure(&text, ", refused ", assist->refusals, " times\n");
		text_write_error(&text);
		for (unsigned int class = 0; class < CLASS_COUNT; class ++)
			print_class(class);
	}
	for (unsigned int i = 0; assist->advises && i <= HAKMEM_MEDIUM_POOLS; i++)
		print_huge(i == 0 ? "SuperSlabs" : "medium chunks", &assist->huge[i]);
	print_delay();
}
