// SPDX-License-Identifier: GPL-2.0
/* The page-state map: two bytes for a page frame, with no lock. */
#include "../src/queue/queue.h"
#include "../src/hooks/symbols.h"
#include "kunit.h"
#include <linux/fault-inject.h>
#include <linux/kthread.h>

/* Frames of a leaf, and frames that are well beyond those of one middle table. */
#define PD_FRAMES (PAGE_SIZE / sizeof(struct pd_page_state))
#define PD_REGION BIT(21)

/* As many frames as the machine can ever have. */
static unsigned long pd_max_pfn(void)
{
	return 1UL << (MAX_PHYSMEM_BITS - PAGE_SHIFT);
}

/* First frame of a leaf that nobody saw yet; nor did anybody see its neighbours. */
static unsigned long pd_fresh_leaf(void)
{
	static atomic_long_t regions;

	/* Far above the memory there is: from the top down. */
	return pd_max_pfn() - atomic_long_inc_return(&regions) * PD_REGION;
}

/* To compare both bytes at once. */
static unsigned int pd_state_word(struct pd_page_state *page)
{
	return page->act_count | page->flags << 8;
}

/* Counted, not expected one by one: the console is slow, a report may be long. */
static unsigned int pd_nr_not(unsigned long pfn, unsigned int nr, unsigned int want)
{
	unsigned int i, bad = 0;

	for (i = 0; i < nr; i++)
		bad += pd_state_word(pd_state_of(pfn + i)) != want;
	return bad;
}

static void page_state_takes_two_bytes(struct kunit *test)
{
	unsigned long pfn = pd_fresh_leaf();

	KUNIT_EXPECT_EQ(test, sizeof(struct pd_page_state), (size_t)2);
	KUNIT_EXPECT_EQ(test, (char *)pd_state_of(pfn + 1) - (char *)pd_state_of(pfn),
			(ptrdiff_t)2);
}

static void fresh_frame_is_zero(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, pd_nr_not(pd_fresh_leaf(), PD_FRAMES, 0), 0U);
}

static void frames_share_nothing(struct kunit *test)
{
	unsigned long pfn = pd_fresh_leaf(), i;
	unsigned int bad = 0;

	/* The last frame of the leaf before, the whole leaf, one of the next. */
	for (i = 0; i < PD_FRAMES + 2; i++) {
		struct pd_page_state *page = pd_state_of(pfn - 1 + i);

		page->act_count = i % 65;
		page->flags = i % 127;
	}
	for (i = 0; i < PD_FRAMES + 2; i++)
		bad += pd_state_word(pd_state_of(pfn - 1 + i)) != (i % 65 | (i % 127) << 8);
	KUNIT_EXPECT_EQ(test, bad, 0U);
}

static void state_persists(struct kunit *test)
{
	unsigned long pfn = pd_fresh_leaf(), i;
	struct pd_page_state *page = pd_state_of(pfn + 17);

	page->act_count = 64;
	page->flags = PD_STATE_SEEN | PD_STATE_SECOND_LAP;
	for (i = 0; i < 20; i++)
		pd_state_of(pd_fresh_leaf())->act_count = 1;
	KUNIT_EXPECT_PTR_EQ(test, pd_state_of(pfn + 17), page);
	KUNIT_EXPECT_EQ(test, page->act_count, 64);
	KUNIT_EXPECT_EQ(test, page->flags, PD_STATE_SEEN | PD_STATE_SECOND_LAP);
}

static void every_frame_the_machine_can_have_has_its_own_state(struct kunit *test)
{
	unsigned long pfns[] = {
		0, 1, PD_FRAMES, pd_max_pfn() / 2, pd_max_pfn() - 2, pd_max_pfn() - 1,
	};
	struct pd_page_state old;
	int i, j;

	for (i = 0; i < ARRAY_SIZE(pfns); i++) {
		struct pd_page_state *page = pd_state_of(pfns[i]);

		for (j = 0; j < i; j++)
			KUNIT_EXPECT_PTR_NE(test, pd_state_of(pfns[j]), page);
		old = *page;
		page->act_count = 7;
		KUNIT_EXPECT_PTR_EQ(test, pd_state_of(pfns[i]), page);
		KUNIT_EXPECT_EQ(test, pd_state_of(pfns[i])->act_count, 7);
		*page = old;
	}
}

static void frames_beyond_share_one_state(struct kunit *test)
{
	unsigned long pfns[] = {
		pd_max_pfn(), pd_max_pfn() + 1, pd_max_pfn() * 2, ULONG_MAX - 1, ULONG_MAX,
	};
	struct pd_page_state *nobody = pd_state_of(pfns[0]);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, nobody);
	KUNIT_EXPECT_PTR_NE(test, pd_state_of(pd_max_pfn() - 1), nobody);
	nobody->act_count = 64;
	for (i = 0; i < ARRAY_SIZE(pfns); i++)
		KUNIT_EXPECT_PTR_EQ(test, pd_state_of(pfns[i]), nobody);
	KUNIT_EXPECT_EQ(test, nobody->act_count, 64);
}

static void leaf_is_made_with_interrupts_off(struct kunit *test)
{
	unsigned long pfn = pd_fresh_leaf(), flags;
	struct pd_page_state *page;

	local_irq_save(flags);
	page = pd_state_of(pfn);
	page->act_count = 3;
	local_irq_restore(flags);
	KUNIT_EXPECT_PTR_EQ(test, pd_state_of(pfn), page);
	KUNIT_EXPECT_EQ(test, pd_state_of(pfn)->act_count, 3);
}

#define PD_ROUNDS 40
#define PD_TICKS 60

/* Two tasks that write to every other frame of the same new leaves. */
struct pd_racer {
	struct task_struct *task;
	unsigned int first;
	unsigned long *leaves;
	atomic_t *at_start;		/* how often anybody stood at a start line */
	struct pd_page_state **shared;
};

static int pd_race(void *data)
{
	struct pd_racer *r = data;
	struct pd_page_state *page;
	int round, i;

	for (round = 0; round < PD_ROUNDS; round++) {
		atomic_inc(r->at_start);
		while (atomic_read(r->at_start) < 2 * (round + 1))
			cond_resched();

		/* Frame 0 is everybody's. */
		page = pd_state_of(r->leaves[round]);
		r->shared[round] = page;
		for (i = 0; i < PD_TICKS; i++)
			WRITE_ONCE(page->act_count, READ_ONCE(page->act_count) + 1);
		for (i = r->first; i < PD_FRAMES; i += 2) {
			page = pd_state_of(r->leaves[round] + i);
			WRITE_ONCE(page->act_count, READ_ONCE(page->act_count) + r->first);
		}
	}
	return 0;
}

static void tasks_in_one_leaf_lose_nothing_but_ticks(struct kunit *test)
{
	atomic_t at_start = ATOMIC_INIT(0);
	struct pd_racer racer[2] = {};
	unsigned long *leaves;
	int i, round, started = 0, cpu;

	leaves = kunit_kcalloc(test, PD_ROUNDS, sizeof(*leaves), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, leaves);
	for (round = 0; round < PD_ROUNDS; round++)
		leaves[round] = pd_fresh_leaf();

	for (i = 0; i < 2; i++) {
		struct pd_racer *r = &racer[i];

		r->first = i + 1;
		r->leaves = leaves;
		r->at_start = &at_start;
		r->shared = kunit_kcalloc(test, PD_ROUNDS, sizeof(*r->shared), GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, r->shared);
	}
	for (i = 0; i < 2; i++) {
		struct task_struct *task = kthread_create(pd_race, &racer[i], "pd_race/%d", i);

		if (IS_ERR(task))
			break;
		cpu = cpumask_nth(i, cpu_online_mask);
		if (cpu < nr_cpu_ids)
			kthread_bind(task, cpu);
		/* It may end before we wait for it. */
		racer[i].task = get_task_struct(task);
		started++;
	}
	/* Alone at the start line, one would wait for ever. */
	if (started < 2)
		atomic_set(&at_start, INT_MAX / 2);
	for (i = 0; i < started; i++)
		wake_up_process(racer[i].task);
	for (i = 0; i < started; i++) {
		while (!READ_ONCE(racer[i].shared[PD_ROUNDS - 1]))
			schedule_timeout_uninterruptible(1);
		kthread_stop(racer[i].task);
		put_task_struct(racer[i].task);
	}
	KUNIT_ASSERT_EQ(test, started, 2);

	for (round = 0; round < PD_ROUNDS; round++) {
		struct pd_page_state *page = pd_state_of(leaves[round]);
		unsigned int bad = 0;

		/* Whoever made the leaf, both had the same. */
		KUNIT_EXPECT_PTR_EQ(test, racer[0].shared[round], page);
		KUNIT_EXPECT_PTR_EQ(test, racer[1].shared[round], page);
		KUNIT_EXPECT_GE(test, page->act_count, 1);
		KUNIT_EXPECT_LE(test, page->act_count, 2 * PD_TICKS);
		KUNIT_EXPECT_EQ(test, page->flags, 0);
		for (i = 1; i < PD_FRAMES; i++)
			bad += pd_state_word(pd_state_of(leaves[round] + i)) != (i % 2 ? 1 : 2);
		KUNIT_EXPECT_EQ(test, bad, 0U);
	}
}

#ifdef CONFIG_FAIL_PAGE_ALLOC

/* As in mm/fail_page_alloc.c, which has no header. */
struct pd_fail_page_alloc {
	struct fault_attr attr;
	bool ignore_gfp_highmem;
	bool ignore_gfp_reclaim;
	u32 min_order;
};

/* Look two frames up while this task gets no page that it may not wait for. */
static void pd_without_memory(struct kunit *test, unsigned long one, unsigned long two)
{
	struct pd_fail_page_alloc *fail = (void *)pd_symbol_lookup("fail_page_alloc");
	struct pd_page_state *one_state, *two_state;
	struct fault_attr old;
	u32 min_order;

	if (!fail)
		kunit_skip(test, "no fail_page_alloc in kallsyms");
	old = fail->attr;
	min_order = fail->min_order;

	fail->min_order = 0;
	fail->attr.interval = 1;
	fail->attr.verbose = 0;
	fail->attr.task_filter = true;
	atomic_set(&fail->attr.times, -1);
	fail->attr.probability = 100;
	current->make_it_fail = 1;
	one_state = pd_state_of(one);
	two_state = pd_state_of(two);
	current->make_it_fail = 0;
	fail->attr.probability = old.probability;
	atomic_set(&fail->attr.times, atomic_read(&old.times));
	fail->attr.task_filter = old.task_filter;
	fail->attr.verbose = old.verbose;
	fail->attr.interval = old.interval;
	fail->min_order = min_order;

	KUNIT_EXPECT_PTR_EQ(test, one_state, two_state);
	one_state->act_count = 64;

	/* When there is memory again they have a state of their own, a new one. */
	KUNIT_EXPECT_PTR_NE(test, pd_state_of(one), one_state);
	KUNIT_EXPECT_PTR_NE(test, pd_state_of(one), pd_state_of(two));
	KUNIT_EXPECT_EQ(test, pd_state_word(pd_state_of(one)), 0U);
	KUNIT_EXPECT_EQ(test, pd_state_word(pd_state_of(two)), 0U);
}

static void frames_share_a_state_while_no_page_is_free(struct kunit *test)
{
	pd_without_memory(test, pd_fresh_leaf(), pd_fresh_leaf());
}

static void frames_share_a_state_while_there_is_no_page_for_a_leaf(struct kunit *test)
{
	unsigned long pfn = pd_fresh_leaf();

	/* Makes the table above the leaves. */
	pd_state_of(pfn);
	pd_without_memory(test, pfn + PD_FRAMES, pfn + 2 * PD_FRAMES);
}

#endif

static int pd_state_suite_init(struct kunit_suite *suite)
{
	return pd_kunit_prepare();
}

static struct kunit_case pd_state_cases[] = {
	KUNIT_CASE(page_state_takes_two_bytes),
	KUNIT_CASE(fresh_frame_is_zero),
	KUNIT_CASE(frames_share_nothing),
	KUNIT_CASE(state_persists),
	KUNIT_CASE(every_frame_the_machine_can_have_has_its_own_state),
	KUNIT_CASE(frames_beyond_share_one_state),
	KUNIT_CASE(leaf_is_made_with_interrupts_off),
	KUNIT_CASE(tasks_in_one_leaf_lose_nothing_but_ticks),
#ifdef CONFIG_FAIL_PAGE_ALLOC
	KUNIT_CASE(frames_share_a_state_while_no_page_is_free),
	KUNIT_CASE(frames_share_a_state_while_there_is_no_page_for_a_leaf),
#endif
	{}
};

struct kunit_suite pd_state_suite = {
	.name = "pd_state",
	.suite_init = pd_state_suite_init,
	.test_cases = pd_state_cases,
};
