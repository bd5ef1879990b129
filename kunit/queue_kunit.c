// SPDX-License-Identifier: GPL-2.0
/*
 * Queue pairs on a lruvec of our own (fake.h): how they are opened, what the
 * kernel lists meanwhile is adopted, and how they are closed, with MGLRU and
 * without. What the kernel does to folios behind our back (insertion, truncation,
 * activation, isolation) is done by the same inline functions that the kernel uses.
 */
#include "fake.h"
#include <linux/workqueue.h>

/* Adoption */

static void adoption_sorts_pages_as_the_policy_says(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	int i;

	for (i = 0; i < 6; i++)
		pd_fake_add(f, true, 0);
	/* The kernel's idea of active is one thing, the policy's another. */
	for (i = 0; i < 6; i++)
		pd_fake_insert(f, 'a' + i, i >= 3);
	pd_fake_enter(f, "be", PD_VERDICT_ACTIVATE);
	pd_fake_enter(f, "c", PD_VERDICT_DEACTIVATE_HEAD);
	PD_EXPECT_COUNTS(f, .tray = 6, .inactive_file = 3, .active_file = 3);

	pd_fake_take_over(f->pair);
	PD_EXPECT_QUEUES(f, "cadf", "be");
	PD_EXPECT_COUNTS(f, .inactive = 4, .active = 2, .inactive_file = 4,
			 .active_file = 2, .activated = 1, .deactivated = 2);
	KUNIT_EXPECT_EQ(test, pd_domain_counter(f->dom, PD_COUNT_adopted), 6ULL);
	KUNIT_EXPECT_EQ(test, pd_pair_adopt(f->pair), 0UL);
}

static void adoption_keeps_the_order_of_age(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	int i;

	/* More than are moved under one hold of the lock: 13 on each list. */
	for (i = 0; i < PD_FAKE_FOLIOS; i++) {
		char c = pd_fake_add(f, i & 1, 0);

		pd_fake_insert(f, c, i & 2);
		if (i & 2)
			pd_fake_of(f, c)->enter.verdict = PD_VERDICT_ACTIVATE;
	}
	pd_fake_take_over(f->pair);
	PD_EXPECT_QUEUES(f, "aeimquyCGKOSWbfjnrvzDHLPTX", "cgkoswAEIMQUYdhlptxBFJNRVZ");
	PD_EXPECT_COUNTS(f, .inactive = 26, .active = 26, .inactive_anon = 13,
			 .active_anon = 13, .inactive_file = 13, .active_file = 13);
}

static void what_the_kernel_lists_later_goes_behind_the_older_pages(struct kunit *test)
{
	struct pd_fake *f = test->priv;

	pd_fake_open(f, 2, 1);
	PD_EXPECT_QUEUES(f, "ab", "c");
	pd_fake_insert(f, pd_fake_add(f, true, 0), false);
	pd_fake_insert(f, pd_fake_add(f, false, 0), true);
	pd_fake_enter(f, "e", PD_VERDICT_ACTIVATE);
	PD_EXPECT_COUNTS(f, .inactive = 2, .active = 1, .tray = 2, .inactive_file = 3,
			 .active_file = 1, .active_anon = 1);
	KUNIT_EXPECT_EQ(test, pd_pair_counts(f->pair).inactive, 3UL);
	KUNIT_EXPECT_EQ(test, pd_pair_counts(f->pair).active, 2UL);
	KUNIT_EXPECT_EQ(test, pd_pair_counts(f->pair).anon, 1UL);
	KUNIT_EXPECT_EQ(test, pd_pair_counts(f->pair).file, 4UL);

	KUNIT_EXPECT_EQ(test, pd_pair_adopt(f->pair), 2UL);
	PD_EXPECT_QUEUES(f, "abd", "ce");
	PD_EXPECT_COUNTS(f, .inactive = 3, .active = 2, .inactive_file = 3,
			 .active_file = 1, .active_anon = 1);
}

static void page_is_adopted_as_the_kernel_lists_it(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	int i;

	pd_fake_open(f, 2, 1);
	for (i = 0; i < 3; i++)
		pd_fake_add(f, true, 0);
	pd_fake_enter(f, "d", PD_VERDICT_DEACTIVATE);
	pd_fake_enter(f, "e", PD_VERDICT_DEACTIVATE_HEAD);
	pd_fake_enter(f, "f", PD_VERDICT_ACTIVATE);

	pd_fake_insert_hooked(f, 'd', true);
	PD_EXPECT_QUEUES(f, "abd", "c");
	PD_EXPECT_COUNTS(f, .inactive = 3, .active = 1, .inactive_file = 3,
			 .active_file = 1, .deactivated = 1);
	pd_fake_insert_hooked(f, 'e', false);
	PD_EXPECT_QUEUES(f, "eabd", "c");
	pd_fake_insert_hooked(f, 'f', false);
	PD_EXPECT_QUEUES(f, "eabd", "cf");
	PD_EXPECT_COUNTS(f, .inactive = 4, .active = 2, .inactive_file = 4,
			 .active_file = 2, .deactivated = 1, .activated = 1);
}

static void page_the_kernel_activates_is_moved_at_once(struct kunit *test)
{
	struct pd_fake *f = test->priv;

	pd_fake_open(f, 3, 1);
	pd_fake_enter(f, "b", PD_VERDICT_ACTIVATE);
	pd_fake_activate(f, 'b', true);
	PD_EXPECT_QUEUES(f, "ac", "db");
	PD_EXPECT_COUNTS(f, .inactive = 2, .active = 2, .inactive_file = 2,
			 .active_file = 2);

	/* Without the hook it waits in the in-tray. */
	pd_fake_activate(f, 'a', false);
	PD_EXPECT_QUEUES(f, "c", "db");
	PD_EXPECT_TRAY(f, LRU_ACTIVE_FILE, "a");
	PD_EXPECT_COUNTS(f, .inactive = 1, .active = 2, .tray = 1, .inactive_file = 1,
			 .active_file = 3);
}

static void policy_learns_what_the_kernel_knows_of_a_page(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	struct pd_view *seen;

	pd_fake_open(f, 0, 0);
	pd_fake_add(f, true, 0);
	pd_fake_insert_hooked(f, 'a', false);
	seen = &pd_fake_of(f, 'a')->seen;
	KUNIT_EXPECT_EQ(test, seen->pfn, (u64)folio_pfn(pd_fake_folio(f, 'a')));
	KUNIT_EXPECT_EQ(test, seen->nr_pages, 1U);
	KUNIT_EXPECT_EQ(test, seen->type, PD_TYPE_FILE);
	KUNIT_EXPECT_EQ(test, seen->flags, 0U);

	pd_fake_add(f, false, 2);
	folio_set_workingset(pd_fake_folio(f, 'b'));
	pd_fake_insert_hooked(f, 'b', true);
	seen = &pd_fake_of(f, 'b')->seen;
	KUNIT_EXPECT_EQ(test, seen->nr_pages, 4U);
	KUNIT_EXPECT_EQ(test, seen->type, PD_TYPE_SHMEM);
	KUNIT_EXPECT_EQ(test, seen->flags, PD_PAGE_ACTIVE | PD_PAGE_REFAULT);
}

static void page_starts_a_new_life_only_when_it_is_new(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	struct pd_page_state *page;

	/* What an earlier owner of the frame left is forgotten on opening. */
	pd_fake_add(f, true, 0);
	pd_fake_insert(f, 'a', false);
	page = pd_fake_page(f, 'a');
	page->act_count = 33;
	page->flags = PD_STATE_SEEN | PD_STATE_SECOND_LAP;
	pd_fake_take_over(f->pair);
	KUNIT_EXPECT_EQ(test, pd_fake_of(f, 'a')->seen_page.act_count, 0);
	KUNIT_EXPECT_EQ(test, pd_fake_of(f, 'a')->seen_page.flags,
			PD_STATE_SEEN | PD_STATE_FIRST_TOUCH | PD_STATE_UNASKED);

	/* The kernel moves it: its age stays. */
	page->act_count = 12;
	page->flags |= PD_STATE_SECOND_LAP;
	pd_fake_activate(f, 'a', false);
	pd_pair_adopt(f->pair);
	KUNIT_EXPECT_EQ(test, pd_fake_of(f, 'a')->seen_page.act_count, 12);
	KUNIT_EXPECT_EQ(test, pd_fake_of(f, 'a')->seen_page.flags,
			PD_STATE_SEEN | PD_STATE_FIRST_TOUCH | PD_STATE_UNASKED |
				PD_STATE_SECOND_LAP);
}

static void closed_pair_and_unevictable_page_are_left_alone(struct kunit *test)
{
	struct pd_fake *f = test->priv;

	pd_fake_add(f, true, 0);
	pd_fake_insert_hooked(f, 'a', false);
	PD_EXPECT_QUEUES(f, "", "");
	PD_EXPECT_TRAY(f, LRU_INACTIVE_FILE, "a");

	pd_fake_take_over(f->pair);
	PD_EXPECT_QUEUES(f, "a", "");
	pd_fake_add(f, true, 0);
	folio_set_unevictable(pd_fake_folio(f, 'b'));
	pd_fake_insert_hooked(f, 'b', false);
	PD_EXPECT_QUEUES(f, "a", "");
	/* Counted by the kernel, on no list. */
	KUNIT_EXPECT_EQ(test, pd_fake_lru_size(f, LRU_UNEVICTABLE), 1L);
	PD_EXPECT_COUNTS(f, .inactive = 1, .inactive_file = 1);
	spin_lock_irq(&f->lruvec->lru_lock);
	lruvec_del_folio(f->lruvec, pd_fake_folio(f, 'b'));
	spin_unlock_irq(&f->lruvec->lru_lock);
}

/* Closing, MGLRU */

static void closing_returns_pages_by_type_and_activity_in_order_of_age(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	int i;

	for (i = 0; i < 10; i++) {
		char c = pd_fake_add(f, i & 1, i == 5 ? 2 : 0);

		if (i >= 6)
			pd_fake_of(f, c)->enter.verdict = PD_VERDICT_ACTIVATE;
		pd_fake_insert(f, c, i >= 6);
	}
	pd_fake_take_over(f->pair);
	PD_EXPECT_QUEUES(f, "acebdf", "gihj");
	PD_EXPECT_COUNTS(f, .inactive = 9, .active = 4, .inactive_anon = 3,
			 .active_anon = 2, .inactive_file = 6, .active_file = 2);

	pd_fake_hand_back(f->pair);
	PD_EXPECT_QUEUES(f, "", "");
	PD_EXPECT_TRAY(f, LRU_INACTIVE_ANON, "ace");
	PD_EXPECT_TRAY(f, LRU_INACTIVE_FILE, "bdf");
	PD_EXPECT_TRAY(f, LRU_ACTIVE_ANON, "gi");
	PD_EXPECT_TRAY(f, LRU_ACTIVE_FILE, "hj");
	PD_EXPECT_COUNTS(f, .tray = 13, .inactive_anon = 3, .active_anon = 2,
			 .inactive_file = 6, .active_file = 2);
	KUNIT_EXPECT_FALSE(test, pd_mglru_lruvec_enabled(f->lruvec));

	/* And may be opened again. */
	pd_fake_take_over(f->pair);
	PD_EXPECT_QUEUES(f, "acebdf", "gihj");
	PD_EXPECT_COUNTS(f, .inactive = 9, .active = 4, .inactive_anon = 3,
			 .active_anon = 2, .inactive_file = 6, .active_file = 2);
}

static void pd_queue_ask_who_has_the_mutex(struct work_struct *work)
{
	KUNIT_EXPECT_FALSE(pd_fake->test, pd_cgroup_lock_is_mine());
}

static void cgroup_mutex_is_known_to_its_owner_alone(struct kunit *test)
{
	struct work_struct another;

	INIT_WORK_ONSTACK(&another, pd_queue_ask_who_has_the_mutex);
	KUNIT_EXPECT_FALSE(test, pd_cgroup_lock_is_mine());
	pd_cgroup_lock();
	KUNIT_EXPECT_TRUE(test, pd_cgroup_lock_is_mine());
	queue_work(system_unbound_wq, &another);
	flush_work(&another);
	KUNIT_EXPECT_TRUE(test, pd_cgroup_lock_is_mine());
	pd_cgroup_unlock();
	KUNIT_EXPECT_FALSE(test, pd_cgroup_lock_is_mine());
	destroy_work_on_stack(&another);
}

static void pages_not_yet_adopted_stay_the_newest_on_closing(struct kunit *test)
{
	struct pd_fake *f = test->priv;

	pd_fake_open(f, 3, 0);
	pd_fake_insert(f, pd_fake_add(f, true, 0), false);
	pd_fake_hand_back(f->pair);
	PD_EXPECT_TRAY(f, LRU_INACTIVE_FILE, "abcd");
	PD_EXPECT_COUNTS(f, .tray = 4, .inactive_file = 4);
}

#ifdef CONFIG_LRU_GEN

/* As lru_gen_add_folio() does, in the generation the test wants. */
static void pd_fake_insert_gen(struct pd_fake *f, char letter, int gen)
{
	struct folio *folio = pd_fake_folio(f, letter);
	int type = folio_is_file_lru(folio);

	spin_lock_irq(&f->lruvec->lru_lock);
	set_mask_bits(&folio->flags, LRU_GEN_MASK | BIT(PG_active),
		      (gen + 1UL) << LRU_GEN_PGOFF);
	lru_gen_update_size(f->lruvec, folio, -1, gen);
	list_add(&folio->lru, &f->lruvec->lrugen.folios[gen][type][folio_zonenum(folio)]);
	folio_set_lru(folio);
	spin_unlock_irq(&f->lruvec->lru_lock);
}

/* Two file folios and two of shared memory in each generation, oldest first. */
static void pd_fake_fill_generations(struct pd_fake *f)
{
	int gen, i;

	f->lruvec->lrugen.enabled = true;
	pd_fake_mglru(f, true);
	for (gen = 0; gen < MAX_NR_GENS; gen++)
		for (i = 0; i < 4; i++)
			pd_fake_insert_gen(f, pd_fake_add(f, i & 1, 0), gen);
}

static void opening_drains_the_generations(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	int i;

	pd_fake_fill_generations(f);
	PD_EXPECT_COUNTS(f, .generations = 16);
	/* The policy follows the kernel. */
	for (i = 8; i < 16; i++)
		f->folio[i].enter.verdict = PD_VERDICT_ACTIVATE;

	pd_fake_take_over(f->pair);
	KUNIT_EXPECT_FALSE(test, pd_mglru_lruvec_enabled(f->lruvec));
	/* The two youngest generations are active; oldest come first. */
	PD_EXPECT_QUEUES(f, "acegbdfh", "ikmojlnp");
	PD_EXPECT_COUNTS(f, .inactive = 8, .active = 8, .inactive_anon = 4,
			 .active_anon = 4, .inactive_file = 4, .active_file = 4);
	for (i = 0; i < 16; i++) {
		KUNIT_EXPECT_EQ(test, folio_lru_gen(f->folio[i].folio), -1);
		KUNIT_EXPECT_EQ(test, !!(f->folio[i].seen.flags & PD_PAGE_ACTIVE), i >= 8);
	}
}

static void draining_keeps_the_order_when_the_window_has_moved(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	int seq;

	/* Sequence numbers 6 to 9 are in generations 2, 3, 0, 1. */
	f->lruvec->lrugen.enabled = true;
	f->lruvec->lrugen.min_seq[LRU_GEN_ANON] = 6;
	f->lruvec->lrugen.min_seq[LRU_GEN_FILE] = 6;
	f->lruvec->lrugen.max_seq = 9;
	for (seq = 6; seq <= 9; seq++)
		pd_fake_insert_gen(f, pd_fake_add(f, true, 0), lru_gen_from_seq(seq));
	pd_fake_take_over(f->pair);
	PD_EXPECT_QUEUES(f, "abcd", "");
	/* The kernel's two active ones were moved by our policy. */
	PD_EXPECT_COUNTS(f, .inactive = 4, .inactive_file = 4, .deactivated = 2);
}

static void closing_fills_the_generations_again(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	struct folio *folio;

	pd_fake_fill_generations(f);
	pd_fake_enter(f, "ijklmnop", PD_VERDICT_ACTIVATE);
	pd_fake_take_over(f->pair);
	pd_fake_hand_back(f->pair);
	/* Who waits at the gate with the mutex may have been there first. */
	pd_cgroup_lock();
	pd_pair_to_mglru(f->pair);
	pd_cgroup_unlock();
	KUNIT_EXPECT_TRUE(test, pd_mglru_lruvec_enabled(f->lruvec));
	PD_EXPECT_QUEUES(f, "", "");
	PD_EXPECT_COUNTS(f, .generations = 16);

	/* Active ones are in the youngest generation, newest in front. */
	folio = pd_fake_folio(f, 'j');
	KUNIT_EXPECT_EQ(test, folio_lru_gen(folio), (int)MAX_NR_GENS - 1);
	KUNIT_EXPECT_FALSE(test, folio_test_active(folio));
	pd_fake_expect_text(f, &f->lruvec->lrugen.folios[MAX_NR_GENS - 1][LRU_GEN_FILE]
			    [folio_zonenum(folio)], true, "jlnp", "youngest", __LINE__);
	/* Inactive ones are not. */
	folio = pd_fake_folio(f, 'b');
	KUNIT_ASSERT_GE(test, folio_lru_gen(folio), 0);
	KUNIT_EXPECT_LT(test, folio_lru_gen(folio), (int)MAX_NR_GENS - 2);
	pd_fake_expect_text(f, &f->lruvec->lrugen.folios[folio_lru_gen(folio)][LRU_GEN_FILE]
			    [folio_zonenum(folio)], true, "bdfh", "older", __LINE__);
}

static void closing_follows_a_system_that_left_mglru(struct kunit *test)
{
	struct pd_fake *f = test->priv;

	pd_fake_fill_generations(f);
	pd_fake_enter(f, "ijklmnop", PD_VERDICT_ACTIVATE);
	pd_fake_take_over(f->pair);
	pd_fake_mglru(f, false);
	pd_fake_hand_back(f->pair);
	KUNIT_EXPECT_FALSE(test, pd_mglru_lruvec_enabled(f->lruvec));
	PD_EXPECT_TRAY(f, LRU_INACTIVE_ANON, "aceg");
	PD_EXPECT_TRAY(f, LRU_INACTIVE_FILE, "bdfh");
	PD_EXPECT_TRAY(f, LRU_ACTIVE_ANON, "ikmo");
	PD_EXPECT_TRAY(f, LRU_ACTIVE_FILE, "jlnp");
	PD_EXPECT_COUNTS(f, .tray = 16, .inactive_anon = 4, .active_anon = 4,
			 .inactive_file = 4, .active_file = 4);
}

static void page_in_a_generation_is_not_adopted(struct kunit *test)
{
	struct pd_fake *f = test->priv;

	pd_fake_open(f, 1, 0);
	/* The system is toggled meanwhile: the next insertion goes there. */
	spin_lock_irq(&f->lruvec->lru_lock);
	f->lruvec->lrugen.enabled = true;
	spin_unlock_irq(&f->lruvec->lru_lock);
	pd_fake_insert_hooked(f, pd_fake_add(f, true, 0), false);
	PD_EXPECT_QUEUES(f, "a", "");
	KUNIT_EXPECT_GE(test, folio_lru_gen(pd_fake_folio(f, 'b')), 0);
	KUNIT_EXPECT_EQ(test, pd_pair_adopt(f->pair), 0UL);
	PD_EXPECT_COUNTS(f, .inactive = 1, .inactive_file = 1, .generations = 1);
}

static void toggled_mglru_is_noticed_by_the_next_pass(struct kunit *test)
{
	struct pd_fake *f = test->priv;

	pd_fake_open(f, 2, 0);
	KUNIT_EXPECT_TRUE(test, pd_pair_reopt(f->pair));
	KUNIT_EXPECT_EQ(test, pd_domain_counter(f->dom, PD_COUNT_mglru_reopted), 0ULL);

	spin_lock_irq(&f->lruvec->lru_lock);
	f->lruvec->lrugen.enabled = true;
	spin_unlock_irq(&f->lruvec->lru_lock);
	pd_fake_insert_hooked(f, pd_fake_add(f, true, 0), false);
	PD_EXPECT_COUNTS(f, .inactive = 2, .inactive_file = 2, .generations = 1);

	/* Whoever toggles is still at it. */
	pd_cgroup_lock();
	KUNIT_EXPECT_FALSE(test, pd_pair_reopt(f->pair));
	pd_cgroup_unlock();
	PD_EXPECT_COUNTS(f, .inactive = 2, .inactive_file = 2, .generations = 1);

	KUNIT_EXPECT_TRUE(test, pd_pair_reopt(f->pair));
	KUNIT_EXPECT_FALSE(test, pd_mglru_lruvec_enabled(f->lruvec));
	KUNIT_EXPECT_EQ(test, pd_domain_counter(f->dom, PD_COUNT_mglru_reopted), 1ULL);
	PD_EXPECT_COUNTS(f, .inactive = 2, .tray = 1, .inactive_file = 3);
	KUNIT_EXPECT_EQ(test, pd_pair_adopt(f->pair), 1UL);
	PD_EXPECT_QUEUES(f, "abc", "");
}

/* So many pages more were looked at; how many generations were counted on? */
static long pd_fake_turns(struct pd_fake *f, unsigned long looks)
{
	struct lruvec *lruvec = f->lruvec;
	unsigned long max = lruvec->lrugen.max_seq, mm = lruvec->mm_state.seq;
	unsigned long min[ANON_AND_FILE];
	int type;

	memcpy(min, lruvec->lrugen.min_seq, sizeof(min));
	atomic_long_add(looks, &f->pair->looked);
	pd_pair_turn(f->pair);
	max = lruvec->lrugen.max_seq - max;
	for (type = 0; type < ANON_AND_FILE; type++)
		KUNIT_EXPECT_EQ(f->test, lruvec->lrugen.min_seq[type] - min[type], max);
	KUNIT_EXPECT_EQ(f->test, lruvec->mm_state.seq - mm, max);
	return max;
}

static void generation_is_counted_on_once_a_quarter_was_looked_at(struct kunit *test)
{
	struct pd_fake *f = test->priv;

	pd_fake_mglru(f, true);
	pd_fake_open(f, 6, 2);
	KUNIT_EXPECT_EQ(test, pd_fake_turns(f, 2), 0L);
	KUNIT_EXPECT_EQ(test, pd_fake_turns(f, 1), 1L);
	KUNIT_EXPECT_EQ(test, pd_fake_turns(f, 2), 0L);
	KUNIT_EXPECT_EQ(test, pd_fake_turns(f, 1), 1L);
	/* Once only, however many they are. */
	KUNIT_EXPECT_EQ(test, pd_fake_turns(f, 100), 1L);
	KUNIT_EXPECT_EQ(test, pd_fake_turns(f, 0), 0L);
}

static void no_generation_is_counted_on_where_there_is_none(struct kunit *test)
{
	struct pd_fake *f = test->priv;

	pd_fake_open(f, 6, 2);
	KUNIT_EXPECT_EQ(test, pd_fake_turns(f, 100), 0L);

	/* The kernel has some of its pages in generations, and counts itself. */
	pd_fake_mglru(f, true);
	f->lruvec->lrugen.enabled = true;
	KUNIT_EXPECT_EQ(test, pd_fake_turns(f, 0), 0L);
	f->lruvec->lrugen.enabled = false;
	KUNIT_EXPECT_EQ(test, pd_fake_turns(f, 100), 1L);

	pd_fake_hand_back(f->pair);
	KUNIT_EXPECT_EQ(test, pd_fake_turns(f, 100), 0L);
	/* Not for want of looks, nor for the flag that closing has set. */
	f->lruvec->lrugen.enabled = false;
	KUNIT_EXPECT_EQ(test, pd_fake_turns(f, 100), 0L);
	f->lruvec->lrugen.enabled = true;
}

#endif

static struct kunit_case pd_queue_cases[] = {
	KUNIT_CASE(adoption_sorts_pages_as_the_policy_says),
	KUNIT_CASE(adoption_keeps_the_order_of_age),
	KUNIT_CASE(what_the_kernel_lists_later_goes_behind_the_older_pages),
	KUNIT_CASE(page_is_adopted_as_the_kernel_lists_it),
	KUNIT_CASE(page_the_kernel_activates_is_moved_at_once),
	KUNIT_CASE(policy_learns_what_the_kernel_knows_of_a_page),
	KUNIT_CASE(page_starts_a_new_life_only_when_it_is_new),
	KUNIT_CASE(closed_pair_and_unevictable_page_are_left_alone),
	KUNIT_CASE(closing_returns_pages_by_type_and_activity_in_order_of_age),
	KUNIT_CASE(cgroup_mutex_is_known_to_its_owner_alone),
	KUNIT_CASE(pages_not_yet_adopted_stay_the_newest_on_closing),
#ifdef CONFIG_LRU_GEN
	KUNIT_CASE(opening_drains_the_generations),
	KUNIT_CASE(draining_keeps_the_order_when_the_window_has_moved),
	KUNIT_CASE(closing_fills_the_generations_again),
	KUNIT_CASE(closing_follows_a_system_that_left_mglru),
	KUNIT_CASE(page_in_a_generation_is_not_adopted),
	KUNIT_CASE(toggled_mglru_is_noticed_by_the_next_pass),
	KUNIT_CASE(generation_is_counted_on_once_a_quarter_was_looked_at),
	KUNIT_CASE(no_generation_is_counted_on_where_there_is_none),
#endif
	{}
};

struct kunit_suite pd_queue_suite = {
	.name = "pd_queue",
	.suite_init = pd_fake_suite_init,
	.suite_exit = pd_fake_suite_exit,
	.init = pd_fake_init,
	.exit = pd_fake_exit,
	.test_cases = pd_queue_cases,
};
