// SPDX-License-Identifier: MIT
/*
 * policy: levels, and what follows from costs for batches of pages, for huge pages and for the delay. How long memory
 * is kept follows from what really happened: what was bought again soon after it was given back, and what was kept in
 * vain.
 */
#include "policy.h"

#define SMALL_OF_HUGE (CHUNK_SIZE / PAGE_SIZE)

const char *policy_reason_text(enum policy_reason reason)
{
	static const char *const texts[POLICY_REASONS] = {
#define REASON_TEXT(name, text) [POLICY_##name] = (text),
	    HAKMEM_REASONS(REASON_TEXT)
#undef REASON_TEXT
	};

	return (unsigned int)reason < POLICY_REASONS ? texts[reason] : "";
}

static void change(struct policy_choice *choice, int direction, unsigned int patience)
{
	if (choice->direction == -direction && choice->patience < patience)
		choice->patience++;
	choice->direction = (int8_t)direction;
	/* Threads that don't hold the lock read it. */
	__atomic_store_n(&choice->level, (uint8_t)(choice->level + direction), __ATOMIC_RELAXED);
	choice->row = 0;
	choice->calm = 0;
	choice->changes++;
}

static void grow_calm(struct policy_choice *choice)
{
	if (++choice->calm < POLICY_CALM)
		return;
	choice->calm = 0;
	if (choice->patience > 0)
		choice->patience--;
}

bool policy_choose(
    struct policy_choice *choice, int wish, enum policy_reason reason, unsigned int highest, unsigned int patience)
{
	choice->reason = (uint8_t)reason;
	if ((wish > 0 && choice->level >= highest) || (wish < 0 && choice->level == 0))
		wish = 0;
	if (wish == 0 || wish != choice->wish)
		choice->row = 0;
	choice->wish = (int8_t)wish;
	if (wish != 0 && ++choice->row >= 1u << choice->patience) {
		change(choice, wish, patience);
		return true;
	}
	grow_calm(choice);
	return false;
}

unsigned int policy_batch_pages(unsigned int level)
{
	return level == 0 ? 1 : 2u << (level < POLICY_BATCHES ? level : POLICY_BATCHES);
}

/* Evidence of 64 slabs; then the older half counts half. */
#define CLASS_PAGES_MOST 1024

void policy_class_note(struct policy_class *class, unsigned int touched)
{
	bool fade = class->populated[POLICY_BATCHES - 1] >= CLASS_PAGES_MOST;

	if (touched == 0 || touched > POLICY_SLAB_PAGES)
		return;
	for (unsigned int i = 0; i < POLICY_BATCHES; i++) {
		unsigned int present = (unsigned int)round_up(touched, policy_batch_pages(i + 1));

		class->populated[i] = (uint16_t)((class->populated[i] >> fade) + present);
		class->untouched[i] = (uint16_t)((class->untouched[i] >> fade) + present - touched);
	}
}

/* What batches save of a slab's time, less what they waste: of POLICY_SLAB_PAGES pages made present. */
static int64_t gain(const struct policy_class *class, const struct policy_costs *costs, unsigned int level)
{
	int64_t batches, populated, untouched, wasted;

	if (level == 0 || class->populated[level - 1] == 0)
		return 0;
	populated = class->populated[level - 1];
	untouched = class->untouched[level - 1];
	batches = POLICY_SLAB_PAGES / policy_batch_pages(level);
	wasted = POLICY_SLAB_PAGES * untouched;
	return ((POLICY_SLAB_PAGES * populated - wasted) * (int64_t)costs->trap - wasted * (int64_t)costs->page) /
	           populated -
	       batches * (int64_t)costs->call;
}

/* Better by so little is no reason to change: an eighth of what traps could save. */
#define GAIN_LEAST(costs) ((int64_t)(POLICY_SLAB_PAGES * (costs)->trap / 8))

bool policy_class_look(struct policy_class *class, const struct policy_costs *costs)
{
	unsigned int level = class->choice.level, best = level;
	int64_t most = gain(class, costs, level) + GAIN_LEAST(costs);
	enum policy_reason reason = POLICY_NO_EVIDENCE;

	for (unsigned int other = 0; other <= POLICY_BATCHES; other++) {
		if (other != level && gain(class, costs, other) > most) {
			most = gain(class, costs, other);
			best = other;
		}
	}
	if (best > 0)
		reason = POLICY_BATCH_PAYS;
	else if (class->untouched[POLICY_BATCHES - 1] * 8u > class->populated[POLICY_BATCHES - 1])
		reason = POLICY_BATCH_WASTED;
	else if (class->populated[0] != 0)
		reason = POLICY_BATCH_DEAR;
	return policy_choose(
	    &class->choice, (best > level) - (best < level), reason, POLICY_BATCHES, POLICY_PATIENCE_PREFAULT);
}

unsigned int policy_batch(unsigned int level, unsigned int needed, unsigned int room, int64_t ahead, uint64_t touched)
{
	uint64_t most = touched / POLICY_AHEAD_SHARE;

	for (; level > 0; level--) {
		unsigned int pages = policy_batch_pages(level) < room ? policy_batch_pages(level) : room;

		if (pages < policy_batch_pages(1) || pages <= needed)
			return 0;
		/* Nobody counts exactly while others count, too. */
		if ((ahead < 0 ? 0 : (uint64_t)ahead) + pages - needed <= most)
			return pages;
	}
	return 0;
}

/*
 * With small pages what is not touched takes no memory; with a huge one it does. So it isn't asked for where less than
 * 7/8 is touched, as ever, nor kept on where less than 13/16 is. A huge page that costs little more than those of its
 * small ones that are touched is better kept: it also spares misses of the TLB, which nobody measures here. One that
 * costs twice as much is not asked for, until it costs an eighth less than they do.
 */
#define ENTER_LEAST  (POLICY_WHOLE / 8 * 7)
#define LEAVE_LEAST  (POLICY_WHOLE / 16 * 13)
#define CHUNKS_LEAST 4
#define DEAR         2

static bool choose_huge(struct policy_choice *choice, int wish, enum policy_reason reason)
{
	return policy_choose(choice, wish, reason, 1, POLICY_PATIENCE_HUGE);
}

bool policy_huge_look(struct policy_choice *choice, const struct policy_costs *costs, size_t used, size_t counted)
{
	uint64_t share;

	if (counted < CHUNK_SIZE)
		return choose_huge(choice, 0, POLICY_FEW_CHUNKS);
	/* In pages, so that it can't overflow. */
	share = used >= counted ? POLICY_WHOLE : used / PAGE_SIZE * POLICY_WHOLE / (counted / PAGE_SIZE);
	if (share < LEAVE_LEAST)
		return choose_huge(choice, -1, POLICY_SPARSE);
	/* A few tell against it, not for it; what was before stands. */
	if (counted < CHUNKS_LEAST * CHUNK_SIZE)
		return choose_huge(choice, 0, POLICY_FEW_CHUNKS);
	if (costs->even > DEAR * share)
		return choose_huge(choice, -1, POLICY_HUGE_DEAR);
	if (costs->even + POLICY_WHOLE / 8 > share)
		return choose_huge(choice, 0, POLICY_HUGE_DEAR);
	return choose_huge(choice, share >= ENTER_LEAST, POLICY_DENSE);
}

/* --- Delay --- */

#define TICKS_SHORTEST 5
#define PAGE_TICK_NS   (POLICY_PAGE_SECOND_NS / POLICY_TICKS_SECOND)
#define PAGES_MOST     ((uint64_t)1 << 40) /* of anything in a tick, so that nothing overflows */
#define WORTH_MOST     ((uint64_t)1 << 60)

static uint64_t bounded(uint64_t number, uint64_t most)
{
	return number < most ? number : most;
}

static void add_to(uint64_t *sum, uint64_t number)
{
	*sum = bounded(*sum + bounded(number, WORTH_MOST), WORTH_MOST);
}

static uint64_t worth(uint64_t pages, uint64_t each)
{
	return bounded(pages, PAGES_MOST) * bounded(each, 1 << 18);
}

void policy_delay_begin(struct policy_delay *delay)
{
	struct policy_delay before = *delay;

	*delay = (struct policy_delay){
	    .choice = before.choice,
	    .touched_small = before.touched_small,
	    .touched_huge = before.touched_huge,
	    .regretted = before.regretted,
	    .returned = before.returned,
	};
}

unsigned int policy_delay_ticks(const struct policy_delay *delay)
{
	return TICKS_SHORTEST << delay->choice.level;
}

/* What it costs to give a page back and touch it again. */
static uint64_t again(const struct policy_costs *costs, uint64_t small, uint64_t huge)
{
	uint64_t dear = costs->page + costs->trap + costs->purge, cheap = costs->huge / SMALL_OF_HUGE;

	small = bounded(small, PAGES_MOST);
	huge = bounded(huge, PAGES_MOST);
	if (!costs->huge_given || small + huge == 0)
		return dear;
	return (bounded(dear, 1 << 18) * small + bounded(cheap, 1 << 18) * huge) / (small + huge);
}

static unsigned int slot(const struct policy_delay *delay, unsigned int ticks_ago)
{
	return (delay->tick + POLICY_TICKS_MOST - ticks_ago) % POLICY_TICKS_MOST;
}

static size_t least(const struct policy_delay *delay, unsigned int ticks)
{
	size_t result = SIZE_MAX;

	for (unsigned int i = 0; i < ticks; i++)
		if (delay->lowest[slot(delay, i)] < result)
			result = delay->lowest[slot(delay, i)];
	return result;
}

/* Ticks after which having it again would have cost less than keeping it. */
static unsigned int ghost_ticks(const struct policy_delay *delay, const struct policy_costs *costs)
{
	uint64_t ticks = again(costs, delay->touched_small, delay->touched_huge) / PAGE_TICK_NS;

	return (unsigned int)bounded(ticks + 1, POLICY_TICKS_MOST);
}

void policy_delay_touched(
    struct policy_delay *delay, const struct policy_costs *costs, enum policy_pool pool, uint64_t small, uint64_t huge)
{
	uint64_t left = bounded(small, PAGES_MOST) + bounded(huge, PAGES_MOST), regretted = 0;

	add_to(&delay->touched_small, small);
	add_to(&delay->touched_huge, huge);
	for (unsigned int i = 0; i < ghost_ticks(delay, costs) && left != 0; i++) {
		uint64_t *ghost = &delay->ghost[pool][slot(delay, i)], taken = bounded(*ghost, left);

		*ghost -= taken;
		left -= taken;
		regretted += taken;
	}
	add_to(&delay->regretted, regretted);
	add_to(&delay->longer_gain, worth(regretted, again(costs, small, huge)));
	delay->news |= regretted != 0;
}

/* What becomes of the shadow is known of so many bytes: it leaves so much. */
static void shrink_shadow(struct policy_delay *delay, uint64_t left)
{
	uint64_t part = delay->shadow_price / (delay->shadow / PAGE_SIZE + 1) * ((delay->shadow - left) / PAGE_SIZE);

	add_to(&delay->half_price, part);
	delay->shadow_price -= part;
	delay->shadow = left;
	delay->news |= part != 0;
}

/* What half the delay would have given back, and was used again after all. */
static void follow_shadow(struct policy_delay *delay, const struct policy_costs *costs, size_t lowest)
{
	size_t unused = least(delay, policy_delay_ticks(delay) / 2);

	if (lowest < delay->shadow) {
		uint64_t pages = (delay->shadow - lowest) / PAGE_SIZE;

		add_to(&delay->half_gain, worth(pages, again(costs, delay->touched_small, delay->touched_huge)));
		shrink_shadow(delay, lowest);
	}
	if (unused > delay->shadow)
		delay->shadow = unused;
	add_to(&delay->shadow_price, worth(delay->shadow / PAGE_SIZE, PAGE_TICK_NS));
}

static void follow_ghosts(struct policy_delay *delay, const struct policy_costs *costs)
{
	uint64_t pages = 0;

	for (unsigned int pool = 0; pool < POLICY_POOLS; pool++)
		for (unsigned int i = 0; i < ghost_ticks(delay, costs); i++)
			pages += bounded(delay->ghost[pool][slot(delay, i)], PAGES_MOST);
	add_to(&delay->longer_price, worth(pages, PAGE_TICK_NS));
}

size_t policy_delay_tick(struct policy_delay *delay, const struct policy_costs *costs, size_t lowest)
{
	delay->tick++;
	delay->lowest[slot(delay, 0)] = lowest;
	for (unsigned int pool = 0; pool < POLICY_POOLS; pool++)
		delay->ghost[pool][slot(delay, 0)] = 0;
	follow_shadow(delay, costs, lowest);
	follow_ghosts(delay, costs);
	return least(delay, policy_delay_ticks(delay));
}

void policy_delay_returned(struct policy_delay *delay, enum policy_pool pool, uint64_t pages)
{
	delay->ghost[pool][slot(delay, 0)] += bounded(pages, PAGES_MOST);
	add_to(&delay->returned, pages);
}

void policy_delay_gave(struct policy_delay *delay, size_t bytes)
{
	shrink_shadow(delay, delay->shadow - bounded(bytes, delay->shadow));
	for (unsigned int i = 0; i < POLICY_TICKS_MOST; i++)
		delay->lowest[i] -= bounded(bytes, delay->lowest[i]);
}

/* Less than this, a thousandth of a second, is no reason for anything. */
#define WORTH_LEAST 1000000

bool policy_delay_look(struct policy_delay *delay)
{
	int wish = 0;
	enum policy_reason reason = (enum policy_reason)delay->choice.reason;
	bool changed;

	if (!delay->news || delay->tick % policy_delay_ticks(delay) != 0)
		return false;
	delay->news = false;
	if (delay->longer_gain >= WORTH_LEAST && delay->longer_gain / 5 * 4 > delay->longer_price)
		wish = 1, reason = POLICY_REGRET;
	else if (delay->half_price >= WORTH_LEAST && delay->half_price / 5 * 4 > delay->half_gain)
		wish = -1, reason = POLICY_IDLE;
	changed = policy_choose(&delay->choice, wish, reason, POLICY_DELAYS - 1, POLICY_PATIENCE_DELAY);
	delay->longer_gain /= 2;
	delay->longer_price /= 2;
	delay->half_gain /= 2;
	delay->half_price /= 2;
	if (changed) {
		/* It was about another delay. */
		delay->longer_gain = delay->longer_price = delay->half_gain = delay->half_price = 0;
		delay->shadow = delay->shadow_price = 0;
	}
	return changed;
}
