// SPDX-License-Identifier: GPL-2.0
/*
 * Private queues on a lruvec of our own (fake.h). What the kernel does to folios
 * behind our back (insertion, truncation, activation, isolation) is done by the
 * same inline functions that the kernel uses.
 */
#include "fake.h"
#include <linux/prandom.h>

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

	pd_pair_open(f->pair);
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
	pd_pair_open(f->pair);
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
	pd_pair_open(f->pair);
	KUNIT_EXPECT_EQ(test, pd_fake_of(f, 'a')->seen_page.act_count, 0);
	KUNIT_EXPECT_EQ(test, pd_fake_of(f, 'a')->seen_page.flags,
			PD_STATE_SEEN | PD_STATE_FIRST_TOUCH);

	/* The kernel moves it: its age stays. */
	page->act_count = 12;
	page->flags |= PD_STATE_SECOND_LAP;
	pd_fake_activate(f, 'a', false);
	pd_pair_adopt(f->pair);
	KUNIT_EXPECT_EQ(test, pd_fake_of(f, 'a')->seen_page.act_count, 12);
	KUNIT_EXPECT_EQ(test, pd_fake_of(f, 'a')->seen_page.flags,
			PD_STATE_SEEN | PD_STATE_FIRST_TOUCH | PD_STATE_SECOND_LAP);
}

static void closed_pair_and_unevictable_page_are_left_alone(struct kunit *test)
{
	struct pd_fake *f = test->priv;

	pd_fake_add(f, true, 0);
	pd_fake_insert_hooked(f, 'a', false);
	PD_EXPECT_QUEUES(f, "", "");
	PD_EXPECT_TRAY(f, LRU_INACTIVE_FILE, "a");

	pd_pair_open(f->pair);
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

/* Batches */

static void batch_is_taken_from_the_oldest_end(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	struct pd_cursor *cursor;

	pd_fake_open(f, 5, 1);
	cursor = pd_cursor_get(f->pair, PD_QUEUE_INACTIVE);
	PD_EXPECT_QUEUES(f, "0abcde", "f");

	KUNIT_EXPECT_EQ(test, pd_fake_take(f, PD_QUEUE_INACTIVE, cursor, 3), 3UL);
	PD_EXPECT_BATCH(f, "abc");
	PD_EXPECT_QUEUES(f, "0de", "f");
	PD_EXPECT_COUNTS(f, .inactive = 2, .active = 1, .inactive_file = 2,
			 .active_file = 1, .isolated = 3);
	KUNIT_EXPECT_FALSE(test, folio_test_lru(pd_fake_folio(f, 'a')));
	KUNIT_EXPECT_EQ(test, folio_ref_count(pd_fake_folio(f, 'a')), 2);

	pd_fake_put(f, PD_QUEUE_INACTIVE, cursor);
	KUNIT_EXPECT_EQ(test, f->batch.nr, 0U);
	PD_EXPECT_QUEUES(f, "abc0de", "f");
	PD_EXPECT_COUNTS(f, .inactive = 5, .active = 1, .inactive_file = 5,
			 .active_file = 1);
	KUNIT_EXPECT_TRUE(test, folio_test_lru(pd_fake_folio(f, 'a')));
	KUNIT_EXPECT_EQ(test, folio_ref_count(pd_fake_folio(f, 'a')), 1);

	KUNIT_EXPECT_EQ(test, pd_fake_take(f, PD_QUEUE_INACTIVE, cursor, 3), 2UL);
	PD_EXPECT_BATCH(f, "de");
	pd_fake_put(f, PD_QUEUE_INACTIVE, cursor);
	KUNIT_EXPECT_EQ(test, pd_fake_take(f, PD_QUEUE_INACTIVE, cursor, 3), 0UL);
	PD_EXPECT_BATCH(f, "");
	pd_fake_put(f, PD_QUEUE_INACTIVE, cursor);
	PD_EXPECT_QUEUES(f, "abcde0", "f");
	pd_cursor_put(f->pair, cursor);
	PD_EXPECT_QUEUES(f, "abcde", "f");
}

static void batch_is_of_32_at_most(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	struct pd_cursor *cursor;

	pd_fake_open(f, 40, 0);
	cursor = pd_cursor_get(f->pair, PD_QUEUE_INACTIVE);
	KUNIT_EXPECT_EQ(test, pd_fake_take(f, PD_QUEUE_INACTIVE, cursor, 1000), 32UL);
	KUNIT_EXPECT_EQ(test, f->batch.nr, 32U);
	PD_EXPECT_COUNTS(f, .inactive = 8, .inactive_file = 8, .isolated = 32);
	pd_fake_put(f, PD_QUEUE_INACTIVE, cursor);
	PD_EXPECT_COUNTS(f, .inactive = 40, .inactive_file = 40);

	KUNIT_EXPECT_EQ(test, pd_fake_take(f, PD_QUEUE_INACTIVE, cursor, 0), 0UL);
	PD_EXPECT_COUNTS(f, .inactive = 40, .inactive_file = 40);
	pd_cursor_put(f->pair, cursor);
}

/* One verdict for folio b of the inactive "abc", with "de" active. */
static void pd_one_inactive(struct pd_fake *f, u8 verdict, const char *inactive,
			    const char *active)
{
	struct pd_cursor *cursor = pd_cursor_get(f->pair, PD_QUEUE_INACTIVE);

	pd_fake_judge(f, "abcde", PD_VERDICT_KEEP);
	pd_fake_judge(f, "b", verdict);
	KUNIT_EXPECT_EQ(f->test, pd_fake_take(f, PD_QUEUE_INACTIVE, cursor, 2), 2UL);
	pd_fake_put(f, PD_QUEUE_INACTIVE, cursor);
	PD_EXPECT_QUEUES(f, inactive, active);
	pd_cursor_put(f->pair, cursor);
}

static void inactive_page_is_put_where_the_verdict_says(struct kunit *test)
{
	struct pd_fake *f = test->priv;

	pd_fake_open(f, 3, 2);
	PD_EXPECT_COUNTS(f, .inactive = 3, .active = 2, .inactive_file = 3,
			 .active_file = 2);

	/* The place of a page that stays is before those not yet looked at. */
	pd_one_inactive(f, PD_VERDICT_KEEP, "ab0c", "de");
	pd_one_inactive(f, PD_VERDICT_LAUNDER, "ab0c", "de");
	pd_one_inactive(f, PD_VERDICT_DROP_SWAP, "ab0c", "de");
	pd_one_inactive(f, PD_VERDICT_FREE, "ab0c", "de");
	pd_one_inactive(f, PD_NR_VERDICTS, "ab0c", "de");
	pd_one_inactive(f, 255, "ab0c", "de");
	PD_EXPECT_COUNTS(f, .inactive = 3, .active = 2, .inactive_file = 3,
			 .active_file = 2);

	pd_one_inactive(f, PD_VERDICT_REQUEUE, "a0cb", "de");
	/* b is the last now: put it back where it was. */
	pd_fake_remove(f, 'c');
	pd_fake_insert_hooked(f, 'c', false);
	PD_EXPECT_QUEUES(f, "abc", "de");

	pd_one_inactive(f, PD_VERDICT_DEACTIVATE, "a0cb", "de");
	pd_fake_remove(f, 'c');
	pd_fake_insert_hooked(f, 'c', false);

	pd_one_inactive(f, PD_VERDICT_DEACTIVATE_HEAD, "ba0c", "de");
	pd_fake_remove(f, 'a');
	pd_fake_enter(f, "a", PD_VERDICT_DEACTIVATE_HEAD);
	pd_fake_insert_hooked(f, 'a', false);
	PD_EXPECT_QUEUES(f, "abc", "de");
	PD_EXPECT_COUNTS(f, .inactive = 3, .active = 2, .inactive_file = 3,
			 .active_file = 2);
	KUNIT_EXPECT_FALSE(test, folio_test_workingset(pd_fake_folio(f, 'b')));

	pd_one_inactive(f, PD_VERDICT_ACTIVATE, "a0c", "deb");
	PD_EXPECT_COUNTS(f, .inactive = 2, .active = 3, .inactive_file = 2,
			 .active_file = 3, .activated = 1, .aged = 1);
	KUNIT_EXPECT_TRUE(test, folio_test_active(pd_fake_folio(f, 'b')));
}

/* One verdict for folio d of the active "cde", with "ab" inactive. */
static void pd_one_active(struct pd_fake *f, u8 verdict, const char *inactive,
			  const char *active)
{
	struct pd_cursor *cursor = pd_cursor_get(f->pair, PD_QUEUE_ACTIVE);

	pd_fake_judge(f, "abcde", PD_VERDICT_KEEP);
	pd_fake_judge(f, "d", verdict);
	KUNIT_EXPECT_EQ(f->test, pd_fake_take(f, PD_QUEUE_ACTIVE, cursor, 2), 2UL);
	pd_fake_put(f, PD_QUEUE_ACTIVE, cursor);
	PD_EXPECT_QUEUES(f, inactive, active);
	pd_cursor_put(f->pair, cursor);
}

static void active_page_is_put_where_the_verdict_says(struct kunit *test)
{
	struct pd_fake *f = test->priv;

	pd_fake_open(f, 2, 3);
	pd_one_active(f, PD_VERDICT_KEEP, "ab", "cd0e");
	PD_EXPECT_COUNTS(f, .inactive = 2, .active = 3, .inactive_file = 2,
			 .active_file = 3);
	/* Already active: no activation, to the kernel's counters. */
	pd_one_active(f, PD_VERDICT_ACTIVATE, "ab", "c0ed");
	PD_EXPECT_COUNTS(f, .inactive = 2, .active = 3, .inactive_file = 2,
			 .active_file = 3);
	pd_fake_remove(f, 'e');
	pd_fake_insert_hooked(f, 'e', true);
	pd_one_active(f, PD_VERDICT_REQUEUE, "ab", "c0ed");
	pd_fake_remove(f, 'e');
	pd_fake_insert_hooked(f, 'e', true);
	PD_EXPECT_QUEUES(f, "ab", "cde");
	PD_EXPECT_COUNTS(f, .inactive = 2, .active = 3, .inactive_file = 2,
			 .active_file = 3);
	KUNIT_EXPECT_FALSE(test, folio_test_workingset(pd_fake_folio(f, 'd')));

	pd_one_active(f, PD_VERDICT_DEACTIVATE, "abd", "c0e");
	PD_EXPECT_COUNTS(f, .inactive = 3, .active = 2, .inactive_file = 3,
			 .active_file = 2, .deactivated = 1);
	KUNIT_EXPECT_FALSE(test, folio_test_active(pd_fake_folio(f, 'd')));
	/* PSI tells by it that a fault on the page is a stall. */
	KUNIT_EXPECT_TRUE(test, folio_test_workingset(pd_fake_folio(f, 'd')));
	KUNIT_EXPECT_TRUE(test, pd_fake_page(f, 'd')->flags & PD_STATE_WORKINGSET);

	/* The kernel activates it: the next to be taken is now e, then d. */
	pd_fake_enter(f, "d", PD_VERDICT_ACTIVATE);
	pd_fake_activate(f, 'd', true);
	PD_EXPECT_QUEUES(f, "ab", "ced");
	pd_fake_remove(f, 'e');
	pd_fake_insert_hooked(f, 'e', true);
	pd_one_active(f, PD_VERDICT_DEACTIVATE_HEAD, "dab", "c0e");
	PD_EXPECT_COUNTS(f, .inactive = 3, .active = 2, .inactive_file = 3,
			 .active_file = 2, .deactivated = 2);
}

static void every_verdict_in_one_batch(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	struct pd_cursor *cursor;

	pd_fake_open(f, 10, 1);
	cursor = pd_cursor_get(f->pair, PD_QUEUE_INACTIVE);
	pd_fake_judge(f, "be", PD_VERDICT_ACTIVATE);
	pd_fake_judge(f, "c", PD_VERDICT_REQUEUE);
	pd_fake_judge(f, "df", PD_VERDICT_DEACTIVATE_HEAD);
	pd_fake_judge(f, "g", PD_VERDICT_DEACTIVATE);
	pd_fake_judge(f, "h", PD_VERDICT_UNQUEUE);
	KUNIT_EXPECT_EQ(test, pd_fake_take(f, PD_QUEUE_INACTIVE, cursor, 9), 9UL);
	pd_fake_put(f, PD_QUEUE_INACTIVE, cursor);
	PD_EXPECT_QUEUES(f, "fdai0jcg", "kbe");
	PD_EXPECT_COUNTS(f, .inactive = 7, .active = 3, .inactive_file = 7,
			 .active_file = 3, .activated = 2, .aged = 2, .returned = 1);
	pd_cursor_put(f->pair, cursor);
}

static void unwanted_page_is_handed_back_to_the_kernel(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	struct pd_cursor *cursor;
	struct folio *folio;

	pd_fake_open(f, 3, 0);
	cursor = pd_cursor_get(f->pair, PD_QUEUE_INACTIVE);
	pd_fake_judge(f, "b", PD_VERDICT_UNQUEUE);
	pd_fake_take(f, PD_QUEUE_INACTIVE, cursor, 3);
	PD_EXPECT_COUNTS(f, .isolated = 3);
	pd_fake_put(f, PD_QUEUE_INACTIVE, cursor);
	PD_EXPECT_QUEUES(f, "ac0", "");
	PD_EXPECT_COUNTS(f, .inactive = 2, .inactive_file = 2, .returned = 1);
	folio = pd_fake_folio(f, 'b');
	KUNIT_EXPECT_FALSE(test, folio_test_lru(folio));
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1);
	pd_cursor_put(f->pair, cursor);
}

static void mlocked_page_goes_to_the_kernel_whatever_the_verdict(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	struct pd_cursor *cursor;

	pd_fake_open(f, 2, 2);
	cursor = pd_cursor_get(f->pair, PD_QUEUE_ACTIVE);
	pd_fake_judge(f, "c", PD_VERDICT_DEACTIVATE);
	pd_fake_take(f, PD_QUEUE_ACTIVE, cursor, 2);
	/* Somebody mlocks it while it is judged. */
	folio_set_mlocked(pd_fake_folio(f, 'c'));
	pd_fake_put(f, PD_QUEUE_ACTIVE, cursor);
	folio_clear_mlocked(pd_fake_folio(f, 'c'));
	PD_EXPECT_QUEUES(f, "ab", "d0");
	PD_EXPECT_COUNTS(f, .inactive = 2, .active = 1, .inactive_file = 2,
			 .active_file = 1, .returned = 1);
	pd_cursor_put(f->pair, cursor);
}

static void page_of_an_unevictable_mapping_goes_to_the_kernel(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	struct address_space *mapping;
	struct pd_cursor *cursor;

	mapping = kunit_kzalloc(test, sizeof(*mapping), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, mapping);
	mapping_set_unevictable(mapping);
	pd_fake_open(f, 2, 0);
	cursor = pd_cursor_get(f->pair, PD_QUEUE_INACTIVE);
	pd_fake_take(f, PD_QUEUE_INACTIVE, cursor, 2);
	pd_fake_folio(f, 'a')->mapping = mapping;
	pd_fake_put(f, PD_QUEUE_INACTIVE, cursor);
	pd_fake_folio(f, 'a')->mapping = NULL;
	PD_EXPECT_QUEUES(f, "b0", "");
	PD_EXPECT_COUNTS(f, .inactive = 1, .inactive_file = 1, .returned = 1);
	pd_cursor_put(f->pair, cursor);
}

static void victim_taken_out_of_the_batch_is_nobodys_concern(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	struct pd_cursor *cursor;

	pd_fake_open(f, 3, 0);
	cursor = pd_cursor_get(f->pair, PD_QUEUE_INACTIVE);
	pd_fake_take(f, PD_QUEUE_INACTIVE, cursor, 3);
	/* As a pass does with what goes to reclaim; it accounts for it. */
	f->batch.folio[1] = NULL;
	pd_fake_put(f, PD_QUEUE_INACTIVE, cursor);
	PD_EXPECT_QUEUES(f, "ac0", "");
	PD_EXPECT_COUNTS(f, .inactive = 2, .inactive_file = 2, .isolated = 1);
	mod_node_page_state(NODE_DATA(f->nid), NR_ISOLATED_FILE, -1);
	folio_put(pd_fake_folio(f, 'b'));
	pd_cursor_put(f->pair, cursor);
}

/* Folios that cannot be taken */

static void page_isolated_by_somebody_else_is_passed_over(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	struct pd_cursor *cursor;

	pd_fake_open(f, 4, 0);
	cursor = pd_cursor_get(f->pair, PD_QUEUE_INACTIVE);
	/* He has cleared PG_lru and waits for our lock to take it off. */
	folio_clear_lru(pd_fake_folio(f, 'b'));
	KUNIT_EXPECT_EQ(test, pd_fake_take(f, PD_QUEUE_INACTIVE, cursor, 3), 3UL);
	PD_EXPECT_BATCH(f, "ac");
	PD_EXPECT_QUEUES(f, "b0d", "");
	PD_EXPECT_COUNTS(f, .inactive = 2, .inactive_file = 2, .isolated = 2);
	KUNIT_EXPECT_EQ(test, folio_ref_count(pd_fake_folio(f, 'b')), 1);

	pd_fake_put(f, PD_QUEUE_INACTIVE, cursor);
	PD_EXPECT_QUEUES(f, "bac0d", "");
	/* He gets the lock. */
	pd_fake_remove(f, 'b');
	PD_EXPECT_QUEUES(f, "ac0d", "");
	PD_EXPECT_COUNTS(f, .inactive = 3, .inactive_file = 3);
	pd_cursor_put(f->pair, cursor);
}

static void page_that_is_being_freed_is_passed_over(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	struct pd_cursor *cursor;

	pd_fake_open(f, 3, 0);
	cursor = pd_cursor_get(f->pair, PD_QUEUE_INACTIVE);
	KUNIT_EXPECT_TRUE(test, folio_ref_freeze(pd_fake_folio(f, 'a'), 1));
	KUNIT_EXPECT_EQ(test, pd_fake_take(f, PD_QUEUE_INACTIVE, cursor, 2), 2UL);
	PD_EXPECT_BATCH(f, "b");
	PD_EXPECT_QUEUES(f, "a0c", "");
	KUNIT_EXPECT_TRUE(test, folio_test_lru(pd_fake_folio(f, 'a')));
	folio_ref_unfreeze(pd_fake_folio(f, 'a'), 1);
	pd_fake_put(f, PD_QUEUE_INACTIVE, cursor);
	PD_EXPECT_QUEUES(f, "ab0c", "");
	PD_EXPECT_COUNTS(f, .inactive = 3, .inactive_file = 3);
	pd_cursor_put(f->pair, cursor);
}

static void page_of_a_higher_zone_is_passed_over(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	struct pd_cursor *cursor;
	unsigned long visited;

	/* Whatever zones this machine has: c is from the highest. */
	pd_fake_add(f, true, 0);
	pd_fake_add(f, true, 0);
	pd_fake_add(f, true, 1);
	set_page_zone(&pd_fake_folio(f, 'a')->page, 0);
	set_page_zone(&pd_fake_folio(f, 'b')->page, 0);
	set_page_zone(&pd_fake_folio(f, 'c')->page, ZONE_MOVABLE);
	pd_fake_insert(f, 'a', false);
	pd_fake_insert(f, 'c', false);
	pd_fake_insert(f, 'b', false);
	pd_pair_open(f->pair);
	PD_EXPECT_QUEUES(f, "acb", "");

	cursor = pd_cursor_get(f->pair, PD_QUEUE_INACTIVE);
	visited = pd_batch_take(f->pair, PD_QUEUE_INACTIVE, cursor, 3,
				ZONE_MOVABLE - 1, &f->batch);
	/* Looked at is looked at: a scan is bounded by what it passes over. */
	KUNIT_EXPECT_EQ(test, visited, 4UL);
	PD_EXPECT_BATCH(f, "ab");
	PD_EXPECT_QUEUES(f, "c0", "");
	PD_EXPECT_COUNTS(f, .inactive = 2, .inactive_file = 2, .isolated = 2);
	KUNIT_EXPECT_EQ(test, f->pn->lru_zone_size[0][LRU_INACTIVE_FILE], 0UL);
	KUNIT_EXPECT_EQ(test, f->pn->lru_zone_size[ZONE_MOVABLE][LRU_INACTIVE_FILE], 2UL);
	pd_fake_put(f, PD_QUEUE_INACTIVE, cursor);
	PD_EXPECT_QUEUES(f, "cab0", "");
	pd_cursor_put(f->pair, cursor);

	cursor = pd_cursor_get(f->pair, PD_QUEUE_INACTIVE);
	pd_batch_take(f->pair, PD_QUEUE_INACTIVE, cursor, 3, ZONE_MOVABLE, &f->batch);
	PD_EXPECT_BATCH(f, "cab");
	pd_fake_put(f, PD_QUEUE_INACTIVE, cursor);
	PD_EXPECT_COUNTS(f, .inactive = 4, .inactive_file = 4);
	pd_cursor_put(f->pair, cursor);
}

static void large_folio_counts_all_its_pages(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	struct pd_cursor *cursor;

	pd_fake_add(f, true, 2);
	pd_fake_add(f, false, 0);
	pd_fake_add(f, false, 2);
	pd_fake_insert(f, 'a', false);
	pd_fake_insert(f, 'b', false);
	pd_fake_insert(f, 'c', true);
	pd_fake_enter(f, "c", PD_VERDICT_ACTIVATE);
	pd_pair_open(f->pair);
	PD_EXPECT_QUEUES(f, "ba", "c");
	PD_EXPECT_COUNTS(f, .inactive = 5, .active = 4, .inactive_file = 4,
			 .inactive_anon = 1, .active_anon = 4);
	KUNIT_EXPECT_EQ(test, pd_domain_counter(f->dom, PD_COUNT_adopted), 9ULL);

	/* The head's frame has the state. */
	KUNIT_EXPECT_TRUE(test, pd_fake_page(f, 'a')->flags & PD_STATE_SEEN);

	cursor = pd_cursor_get(f->pair, PD_QUEUE_INACTIVE);
	/* Two folios, five pages. */
	KUNIT_EXPECT_EQ(test, pd_fake_take(f, PD_QUEUE_INACTIVE, cursor, 2), 5UL);
	PD_EXPECT_COUNTS(f, .active = 4, .active_anon = 4, .isolated = 5);
	pd_fake_judge(f, "a", PD_VERDICT_ACTIVATE);
	pd_fake_judge(f, "b", PD_VERDICT_UNQUEUE);
	pd_fake_put(f, PD_QUEUE_INACTIVE, cursor);
	pd_cursor_put(f->pair, cursor);
	PD_EXPECT_QUEUES(f, "", "ca");
	PD_EXPECT_COUNTS(f, .active = 8, .active_file = 4, .active_anon = 4,
			 .activated = 4, .aged = 4, .returned = 1);

	cursor = pd_cursor_get(f->pair, PD_QUEUE_ACTIVE);
	pd_fake_judge(f, "c", PD_VERDICT_DEACTIVATE);
	KUNIT_EXPECT_EQ(test, pd_fake_take(f, PD_QUEUE_ACTIVE, cursor, 1), 4UL);
	pd_fake_put(f, PD_QUEUE_ACTIVE, cursor);
	pd_cursor_put(f->pair, cursor);
	PD_EXPECT_QUEUES(f, "c", "a");
	PD_EXPECT_COUNTS(f, .inactive = 4, .active = 4, .inactive_anon = 4,
			 .active_file = 4, .activated = 4, .deactivated = 4,
			 .aged = 4, .returned = 1);
}

/* Cursors */

static void cursor_survives_the_removal_of_its_neighbours(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	struct pd_cursor *cursor;

	pd_fake_open(f, 6, 0);
	cursor = pd_cursor_get(f->pair, PD_QUEUE_INACTIVE);
	pd_fake_take(f, PD_QUEUE_INACTIVE, cursor, 2);
	pd_fake_put(f, PD_QUEUE_INACTIVE, cursor);
	PD_EXPECT_QUEUES(f, "ab0cdef", "");

	pd_fake_remove(f, 'b');
	pd_fake_remove(f, 'c');
	PD_EXPECT_QUEUES(f, "a0def", "");
	PD_EXPECT_COUNTS(f, .inactive = 4, .inactive_file = 4);

	/* Between taking and putting back, too. */
	pd_fake_take(f, PD_QUEUE_INACTIVE, cursor, 1);
	PD_EXPECT_BATCH(f, "d");
	pd_fake_remove(f, 'a');
	pd_fake_remove(f, 'e');
	pd_fake_remove(f, 'f');
	PD_EXPECT_QUEUES(f, "0", "");
	pd_fake_put(f, PD_QUEUE_INACTIVE, cursor);
	PD_EXPECT_QUEUES(f, "d0", "");
	KUNIT_EXPECT_EQ(test, pd_fake_take(f, PD_QUEUE_INACTIVE, cursor, 1), 0UL);
	pd_fake_remove(f, 'd');
	PD_EXPECT_QUEUES(f, "0", "");
	PD_EXPECT_COUNTS(f);

	/* What comes after it is visited. */
	pd_fake_insert_hooked(f, 'e', false);
	PD_EXPECT_QUEUES(f, "0e", "");
	KUNIT_EXPECT_EQ(test, pd_fake_take(f, PD_QUEUE_INACTIVE, cursor, 9), 1UL);
	pd_fake_put(f, PD_QUEUE_INACTIVE, cursor);
	PD_EXPECT_COUNTS(f, .inactive = 1, .inactive_file = 1);
	pd_cursor_put(f->pair, cursor);
}

static void cursors_do_not_disturb_each_other(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	struct pd_cursor *first, *second;
	struct pd_batch *other;

	other = kunit_kzalloc(test, sizeof(*other), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, other);
	pd_fake_open(f, 8, 0);
	first = pd_cursor_get(f->pair, PD_QUEUE_INACTIVE);
	pd_fake_take(f, PD_QUEUE_INACTIVE, first, 2);
	PD_EXPECT_BATCH(f, "ab");
	PD_EXPECT_QUEUES(f, "0cdefgh", "");

	/* A second pass overtakes the first, whose batch is still out. */
	second = pd_cursor_get(f->pair, PD_QUEUE_INACTIVE);
	PD_EXPECT_QUEUES(f, "10cdefgh", "");
	KUNIT_EXPECT_EQ(test, pd_batch_take(f->pair, PD_QUEUE_INACTIVE, second, 3,
					    MAX_NR_ZONES - 1, other), 3UL);
	KUNIT_EXPECT_EQ(test, other->nr, 3U);
	PD_EXPECT_QUEUES(f, "01fgh", "");
	PD_EXPECT_COUNTS(f, .inactive = 3, .inactive_file = 3, .isolated = 5);

	pd_fake_put(f, PD_QUEUE_INACTIVE, first);
	PD_EXPECT_QUEUES(f, "ab01fgh", "");
	pd_fake_put_batch(f, PD_QUEUE_INACTIVE, second, other);
	PD_EXPECT_QUEUES(f, "ab0cde1fgh", "");

	/* The first sees what the second kept, once, and passes its cursor. */
	KUNIT_EXPECT_EQ(test, pd_fake_take(f, PD_QUEUE_INACTIVE, first, 4), 4UL);
	PD_EXPECT_BATCH(f, "cdef");
	PD_EXPECT_QUEUES(f, "ab10gh", "");
	pd_fake_put(f, PD_QUEUE_INACTIVE, first);
	PD_EXPECT_QUEUES(f, "ab1cdef0gh", "");
	PD_EXPECT_COUNTS(f, .inactive = 8, .inactive_file = 8);

	pd_cursor_put(f->pair, first);
	PD_EXPECT_QUEUES(f, "ab1cdefgh", "");
	pd_cursor_put(f->pair, second);
	PD_EXPECT_QUEUES(f, "abcdefgh", "");
}

static void next_to_go_stays_in_front_of_a_waiting_cursor(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	struct pd_cursor *first, *second;

	pd_fake_open(f, 3, 0);
	first = pd_cursor_get(f->pair, PD_QUEUE_INACTIVE);
	second = pd_cursor_get(f->pair, PD_QUEUE_INACTIVE);
	pd_fake_take(f, PD_QUEUE_INACTIVE, second, 1);
	pd_fake_judge(f, "a", PD_VERDICT_DEACTIVATE_HEAD);
	pd_fake_put(f, PD_QUEUE_INACTIVE, second);
	/* For the next pass, not for those under way: no endless round. */
	PD_EXPECT_QUEUES(f, "a01bc", "");
	pd_cursor_put(f->pair, second);
	pd_cursor_put(f->pair, first);
}

static void no_cursor_is_to_be_had_while_all_are_in_use(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	struct pd_cursor *cursor[PD_MAX_CURSORS];
	int i;

	pd_fake_open(f, 3, 3);
	for (i = 0; i < PD_MAX_CURSORS; i++) {
		cursor[i] = pd_cursor_get(f->pair, i & 1);
		KUNIT_ASSERT_NOT_NULL(test, cursor[i]);
	}
	KUNIT_EXPECT_NULL(test, pd_cursor_get(f->pair, PD_QUEUE_INACTIVE));
	KUNIT_EXPECT_NULL(test, pd_cursor_get(f->pair, PD_QUEUE_ACTIVE));
	PD_EXPECT_COUNTS(f, .inactive = 3, .active = 3, .inactive_file = 3,
			 .active_file = 3);
	/* A queue of cursors only has an end. */
	KUNIT_EXPECT_EQ(test, pd_fake_take(f, PD_QUEUE_INACTIVE, cursor[0], 32), 3UL);
	KUNIT_EXPECT_EQ(test, pd_batch_take(f->pair, PD_QUEUE_INACTIVE, cursor[2], 32,
					    MAX_NR_ZONES - 1, &(struct pd_batch){}), 0UL);
	pd_fake_put(f, PD_QUEUE_INACTIVE, cursor[0]);

	pd_cursor_put(f->pair, cursor[17]);
	KUNIT_EXPECT_PTR_EQ(test, pd_cursor_get(f->pair, PD_QUEUE_ACTIVE), cursor[17]);
	KUNIT_EXPECT_NULL(test, pd_cursor_get(f->pair, PD_QUEUE_ACTIVE));
	for (i = 0; i < PD_MAX_CURSORS; i++)
		pd_cursor_put(f->pair, cursor[i]);
	PD_EXPECT_QUEUES(f, "abc", "def");
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
	pd_pair_open(f->pair);
	PD_EXPECT_QUEUES(f, "acebdf", "gihj");
	PD_EXPECT_COUNTS(f, .inactive = 9, .active = 4, .inactive_anon = 3,
			 .active_anon = 2, .inactive_file = 6, .active_file = 2);

	pd_pair_close(f->pair);
	PD_EXPECT_QUEUES(f, "", "");
	PD_EXPECT_TRAY(f, LRU_INACTIVE_ANON, "ace");
	PD_EXPECT_TRAY(f, LRU_INACTIVE_FILE, "bdf");
	PD_EXPECT_TRAY(f, LRU_ACTIVE_ANON, "gi");
	PD_EXPECT_TRAY(f, LRU_ACTIVE_FILE, "hj");
	PD_EXPECT_COUNTS(f, .tray = 13, .inactive_anon = 3, .active_anon = 2,
			 .inactive_file = 6, .active_file = 2);
	KUNIT_EXPECT_FALSE(test, pd_mglru_lruvec_enabled(f->lruvec));

	/* And may be opened again. */
	pd_pair_open(f->pair);
	PD_EXPECT_QUEUES(f, "acebdf", "gihj");
	PD_EXPECT_COUNTS(f, .inactive = 9, .active = 4, .inactive_anon = 3,
			 .active_anon = 2, .inactive_file = 6, .active_file = 2);
}

static void pages_not_yet_adopted_stay_the_newest_on_closing(struct kunit *test)
{
	struct pd_fake *f = test->priv;

	pd_fake_open(f, 3, 0);
	pd_fake_insert(f, pd_fake_add(f, true, 0), false);
	pd_pair_close(f->pair);
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

	pd_pair_open(f->pair);
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
	pd_pair_open(f->pair);
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
	pd_pair_open(f->pair);
	pd_pair_close(f->pair);
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
	pd_pair_open(f->pair);
	pd_fake_mglru(f, false);
	pd_pair_close(f->pair);
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

static void check_finds_a_folio_of_a_generation(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	struct folio *folio;

	pd_fake_open(f, 2, 1);
	folio = pd_fake_folio(f, 'b');
	set_mask_bits(&folio->flags, LRU_GEN_MASK, 1UL << LRU_GEN_PGOFF);
	KUNIT_EXPECT_STREQ(test, pd_queue_check(f->pair) ?: "",
			   "folio of an MGLRU generation on a queue");
	set_mask_bits(&folio->flags, LRU_GEN_MASK, 0UL);
	KUNIT_EXPECT_NULL(test, pd_queue_check(f->pair));
}

#endif

/* The check itself */

static void check_finds_a_folio_of_another_cgroup_or_node(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	struct folio *folio;

	pd_fake_open(f, 2, 1);
	KUNIT_EXPECT_NULL(test, pd_queue_check(f->pair));
	folio = pd_fake_folio(f, 'b');
	folio->memcg_data = 0;
	KUNIT_EXPECT_STREQ(test, pd_queue_check(f->pair) ?: "",
			   "folio of another cgroup or node");
	folio->memcg_data = (unsigned long)f->memcg;
	KUNIT_EXPECT_NULL(test, pd_queue_check(f->pair));

	f->pair->nid++;
	KUNIT_EXPECT_STREQ(test, pd_queue_check(f->pair) ?: "",
			   "folio of another cgroup or node");
	f->pair->nid--;
	KUNIT_EXPECT_NULL(test, pd_queue_check(f->pair));
}

static void check_finds_a_wrong_flag(struct kunit *test)
{
	struct pd_fake *f = test->priv;

	pd_fake_open(f, 2, 1);
	folio_set_active(pd_fake_folio(f, 'b'));
	KUNIT_EXPECT_STREQ(test, pd_queue_check(f->pair) ?: "",
			   "PG_active does not match the queue");
	folio_clear_active(pd_fake_folio(f, 'b'));
	folio_clear_active(pd_fake_folio(f, 'c'));
	KUNIT_EXPECT_STREQ(test, pd_queue_check(f->pair) ?: "",
			   "PG_active does not match the queue");
	folio_set_active(pd_fake_folio(f, 'c'));

	folio_set_unevictable(pd_fake_folio(f, 'b'));
	KUNIT_EXPECT_STREQ(test, pd_queue_check(f->pair) ?: "",
			   "unevictable folio on a queue");
	folio_clear_unevictable(pd_fake_folio(f, 'b'));

	/* Cleared by whoever isolates it: no corruption. */
	folio_clear_lru(pd_fake_folio(f, 'b'));
	KUNIT_EXPECT_NULL(test, pd_queue_check(f->pair));
	folio_set_lru(pd_fake_folio(f, 'b'));
	KUNIT_EXPECT_NULL(test, pd_queue_check(f->pair));
}

static void check_finds_a_wrong_size(struct kunit *test)
{
	static const char differ[] = "queue lengths and the kernel's LRU sizes differ";
	struct pd_fake *f = test->priv;
	enum lru_list lru;
	int zone;

	pd_fake_open(f, 2, 1);
	for_each_evictable_lru(lru)
		for (zone = 0; zone < MAX_NR_ZONES; zone++) {
			f->pn->lru_zone_size[zone][lru]++;
			KUNIT_EXPECT_STREQ(test, pd_queue_check(f->pair) ?: "", differ);
			f->pn->lru_zone_size[zone][lru]--;
			KUNIT_EXPECT_NULL(test, pd_queue_check(f->pair));
		}
}

static void check_finds_a_lost_and_a_foreign_folio(struct kunit *test)
{
	static const char differ[] = "queue lengths and the kernel's LRU sizes differ";
	struct pd_fake *f = test->priv;
	struct folio *folio;

	pd_fake_open(f, 3, 0);
	folio = pd_fake_folio(f, 'b');
	list_del(&folio->lru);
	KUNIT_EXPECT_STREQ(test, pd_queue_check(f->pair) ?: "", differ);
	list_add(&folio->lru, &f->pair->queue[PD_QUEUE_INACTIVE]);
	KUNIT_EXPECT_NULL(test, pd_queue_check(f->pair));

	/* Of this cgroup, and never accounted. */
	pd_fake_add(f, true, 0);
	folio = pd_fake_folio(f, 'd');
	folio_set_lru(folio);
	list_add(&folio->lru, &f->pair->queue[PD_QUEUE_INACTIVE]);
	KUNIT_EXPECT_STREQ(test, pd_queue_check(f->pair) ?: "", differ);
	list_del(&folio->lru);
	KUNIT_EXPECT_NULL(test, pd_queue_check(f->pair));
}

/*
 * Against an oracle: the same operations on strings, which is all there is to
 * know about order. Letters and digits as in fake.h.
 */

#define PD_ORACLE_STEPS 4000
#define PD_ORACLE_FOLIOS 40
#define PD_ORACLE_CURSORS 4

struct pd_oracle {
	struct pd_fake *f;
	struct rnd_state rnd;
	char queue[PD_NR_QUEUES][PD_FAKE_TEXT];
	char tray[LRU_ACTIVE_FILE + 1][PD_FAKE_TEXT];
	struct {
		struct pd_cursor *cursor;
		enum pd_queue_id queue;
		struct pd_batch batch;
		char taken[PD_BATCH + 1];
	} pass[PD_ORACLE_CURSORS];
	struct pd_fake_counts counts;	/* events only */
};

static unsigned int pd_dice(struct pd_oracle *o, unsigned int sides)
{
	return prandom_u32_state(&o->rnd) % sides;
}

static void pd_text_insert(char *at, char c)
{
	memmove(at + 1, at, strlen(at) + 1);
	*at = c;
}

static void pd_text_append(char *text, char c)
{
	pd_text_insert(text + strlen(text), c);
}

static bool pd_text_remove(char *text, char c)
{
	char *at = strchr(text, c);

	if (!at)
		return false;
	memmove(at, at + 1, strlen(at));
	return true;
}

static enum lru_list pd_oracle_lru(struct pd_oracle *o, char c, bool active)
{
	return (folio_is_file_lru(pd_fake_folio(o->f, c)) ? LRU_FILE : 0) +
	       (active ? LRU_ACTIVE : 0);
}

/* Takes a letter off whatever list it is on; false: it is on none. */
static bool pd_oracle_unlist(struct pd_oracle *o, char c)
{
	enum lru_list lru;

	for_each_evictable_lru(lru)
		if (pd_text_remove(o->tray[lru], c))
			return true;
	return pd_text_remove(o->queue[PD_QUEUE_INACTIVE], c) ||
	       pd_text_remove(o->queue[PD_QUEUE_ACTIVE], c);
}

static bool pd_oracle_is_listed(struct pd_oracle *o, char c)
{
	enum lru_list lru;

	for_each_evictable_lru(lru)
		if (strchr(o->tray[lru], c))
			return true;
	return strchr(o->queue[PD_QUEUE_INACTIVE], c) ||
	       strchr(o->queue[PD_QUEUE_ACTIVE], c);
}

static bool pd_oracle_is_taken(struct pd_oracle *o, char c)
{
	int i;

	for (i = 0; i < PD_ORACLE_CURSORS; i++)
		if (strchr(o->pass[i].taken, c))
			return true;
	return false;
}

/* A letter that is on a list, or one that is nowhere; '\0' if there is none. */
static char pd_oracle_pick(struct pd_oracle *o, bool listed)
{
	unsigned int i, start = pd_dice(o, PD_ORACLE_FOLIOS);

	for (i = 0; i < PD_ORACLE_FOLIOS; i++) {
		char c = pd_fake_letter((start + i) % PD_ORACLE_FOLIOS);

		if (listed ? pd_oracle_is_listed(o, c) :
			     !pd_oracle_is_listed(o, c) && !pd_oracle_is_taken(o, c))
			return c;
	}
	return '\0';
}

static void pd_oracle_enter_verdict(struct pd_oracle *o, char c)
{
	static const u8 verdicts[] = {
		PD_VERDICT_ACTIVATE, PD_VERDICT_DEACTIVATE, PD_VERDICT_DEACTIVATE_HEAD,
	};

	pd_fake_of(o->f, c)->enter.verdict = verdicts[pd_dice(o, ARRAY_SIZE(verdicts))];
}

/* What adoption of @c, which is no longer in the in-tray, does. */
static void pd_oracle_adopt(struct pd_oracle *o, char c, bool was_active)
{
	u8 verdict = pd_fake_of(o->f, c)->enter.verdict;
	bool active = verdict == PD_VERDICT_ACTIVATE;
	char *queue = o->queue[active ? PD_QUEUE_ACTIVE : PD_QUEUE_INACTIVE];
	long pages = folio_nr_pages(pd_fake_folio(o->f, c));

	if (active && !was_active)
		o->counts.activated += pages;
	if (!active && was_active)
		o->counts.deactivated += pages;
	pd_text_insert(verdict == PD_VERDICT_DEACTIVATE_HEAD ?
		       queue : queue + strlen(queue), c);
}

static void pd_oracle_insert(struct pd_oracle *o)
{
	char c = pd_oracle_pick(o, false);
	bool active = pd_dice(o, 2);

	if (!c)
		return;
	pd_oracle_enter_verdict(o, c);
	if (pd_dice(o, 2)) {
		pd_fake_insert(o->f, c, active);
		pd_text_append(o->tray[pd_oracle_lru(o, c, active)], c);
	} else {
		pd_fake_insert_hooked(o->f, c, active);
		pd_oracle_adopt(o, c, active);
	}
}

static void pd_oracle_adopt_all(struct pd_oracle *o)
{
	unsigned long moved = 0;
	enum lru_list lru;

	for_each_evictable_lru(lru) {
		const char *c;

		for (c = o->tray[lru]; *c; c++, moved++)
			pd_oracle_adopt(o, *c, is_active_lru(lru));
		o->tray[lru][0] = '\0';
	}
	KUNIT_EXPECT_EQ(o->f->test, pd_pair_adopt(o->f->pair), moved);
}

static void pd_oracle_remove(struct pd_oracle *o)
{
	char c = pd_oracle_pick(o, true);

	if (!c)
		return;
	pd_oracle_unlist(o, c);
	pd_fake_remove(o->f, c);
}

static void pd_oracle_activate(struct pd_oracle *o)
{
	char c = pd_oracle_pick(o, true);
	bool hooked = pd_dice(o, 2);

	if (!c)
		return;
	pd_oracle_enter_verdict(o, c);
	pd_oracle_unlist(o, c);
	pd_fake_activate(o->f, c, hooked);
	if (hooked)
		pd_oracle_adopt(o, c, true);
	else
		pd_text_append(o->tray[pd_oracle_lru(o, c, true)], c);
}

static void pd_oracle_rotate(struct pd_oracle *o)
{
	char c = pd_oracle_pick(o, true), *tray;

	if (!c)
		return;
	pd_oracle_enter_verdict(o, c);
	pd_oracle_unlist(o, c);
	pd_fake_rotate(o->f, c);
	tray = o->tray[pd_oracle_lru(o, c, false)];
	pd_text_insert(tray, c);
}

/* Folios that cannot be taken: a third party has one, and will go away again. */
static void pd_oracle_take(struct pd_oracle *o, int i)
{
	unsigned int nr = 1 + pd_dice(o, 8), looked = 0;
	char *queue = o->queue[o->pass[i].queue];
	char isolated = pd_oracle_pick(o, true), freed = pd_oracle_pick(o, true);
	char *taken = o->pass[i].taken;
	unsigned long visited = 0;
	char *at, digit = '0' + (o->pass[i].cursor - o->f->pair->cursors);
	char text[PD_BATCH + 1];

	if (isolated)
		folio_clear_lru(pd_fake_folio(o->f, isolated));
	if (freed && !folio_ref_freeze(pd_fake_folio(o->f, freed), 1))
		freed = '\0';

	at = strchr(queue, digit);
	memmove(at, at + 1, strlen(at));
	while (*at && looked < nr) {
		if (*at <= '9') {
			at++;
			continue;
		}
		looked++;
		visited += folio_nr_pages(pd_fake_folio(o->f, *at));
		if (*at == isolated || *at == freed) {
			at++;
			continue;
		}
		pd_text_append(taken, *at);
		memmove(at, at + 1, strlen(at));
	}
	pd_text_insert(at, digit);

	KUNIT_EXPECT_EQ(o->f->test,
			pd_batch_take(o->f->pair, o->pass[i].queue, o->pass[i].cursor, nr,
				      MAX_NR_ZONES - 1, &o->pass[i].batch), visited);
	if (freed)
		folio_ref_unfreeze(pd_fake_folio(o->f, freed), 1);
	if (isolated)
		folio_set_lru(pd_fake_folio(o->f, isolated));
	pd_fake_batch_text(o->f, &o->pass[i].batch, text);
	KUNIT_EXPECT_STREQ(o->f->test, text, taken);
}

static void pd_oracle_put(struct pd_oracle *o, int i)
{
	char *active = o->queue[PD_QUEUE_ACTIVE], *inactive = o->queue[PD_QUEUE_INACTIVE];
	enum pd_queue_id from = o->pass[i].queue;
	char *queue = o->queue[from];
	char mlocked = pd_dice(o, 4) ? '\0' : o->pass[i].taken[0];
	char digit = '0' + (o->pass[i].cursor - o->f->pair->cursors);
	const char *c;

	if (mlocked)
		folio_set_mlocked(pd_fake_folio(o->f, mlocked));
	for (c = o->pass[i].taken; *c; c++) {
		long pages = folio_nr_pages(pd_fake_folio(o->f, *c));
		/* Some that are no verdicts, too. */
		u8 verdict = pd_dice(o, PD_NR_VERDICTS + 2);

		pd_fake_of(o->f, *c)->verdict = verdict;
		if (*c == mlocked || verdict == PD_VERDICT_UNQUEUE) {
			o->counts.returned += pages;
			continue;
		}
		/* For the queues it is the same: writing is the pass's business. */
		if (verdict == PD_VERDICT_LAUNDER_ACTIVATE)
			verdict = PD_VERDICT_ACTIVATE;
		if (from == PD_QUEUE_INACTIVE && verdict == PD_VERDICT_ACTIVATE) {
			o->counts.activated += pages;
			o->counts.aged += pages;
		}
		if (from == PD_QUEUE_ACTIVE && (verdict == PD_VERDICT_DEACTIVATE ||
						verdict == PD_VERDICT_DEACTIVATE_HEAD))
			o->counts.deactivated += pages;

		if (verdict == PD_VERDICT_ACTIVATE)
			pd_text_append(active, *c);
		else if (verdict == PD_VERDICT_DEACTIVATE)
			pd_text_append(inactive, *c);
		else if (verdict == PD_VERDICT_DEACTIVATE_HEAD)
			pd_text_insert(inactive, *c);
		else if (verdict == PD_VERDICT_REQUEUE)
			pd_text_append(queue, *c);
		else
			pd_text_insert(strchr(queue, digit), *c);
	}
	pd_fake_put_batch(o->f, from, o->pass[i].cursor, &o->pass[i].batch);
	o->pass[i].taken[0] = '\0';
	if (mlocked)
		folio_clear_mlocked(pd_fake_folio(o->f, mlocked));
}

/* A pass takes its next step: begins, takes, puts back, or ends. */
static void pd_oracle_pass(struct pd_oracle *o)
{
	int i = pd_dice(o, PD_ORACLE_CURSORS);
	char *queue;

	if (!o->pass[i].cursor) {
		o->pass[i].queue = pd_dice(o, PD_NR_QUEUES);
		o->pass[i].cursor = pd_cursor_get(o->f->pair, o->pass[i].queue);
		KUNIT_ASSERT_NOT_NULL(o->f->test, o->pass[i].cursor);
		queue = o->queue[o->pass[i].queue];
		pd_text_insert(queue, '0' + (o->pass[i].cursor - o->f->pair->cursors));
	} else if (o->pass[i].batch.nr) {
		pd_oracle_put(o, i);
	} else if (pd_dice(o, 6)) {
		pd_oracle_take(o, i);
	} else {
		pd_text_remove(o->queue[o->pass[i].queue],
			       '0' + (o->pass[i].cursor - o->f->pair->cursors));
		pd_cursor_put(o->f->pair, o->pass[i].cursor);
		o->pass[i].cursor = NULL;
	}
}

static long pd_oracle_pages(struct pd_oracle *o, const char *text, int file)
{
	long pages = 0;

	for (; *text; text++) {
		if (*text <= '9')
			continue;
		if (file < 0 || folio_is_file_lru(pd_fake_folio(o->f, *text)) == file)
			pages += folio_nr_pages(pd_fake_folio(o->f, *text));
	}
	return pages;
}

static void pd_oracle_compare(struct pd_oracle *o)
{
	struct pd_fake *f = o->f;
	struct pd_fake_counts want = o->counts;
	const char *inactive = o->queue[PD_QUEUE_INACTIVE];
	const char *active = o->queue[PD_QUEUE_ACTIVE];
	enum lru_list lru;
	int i;

	PD_EXPECT_QUEUES(f, inactive, active);
	for_each_evictable_lru(lru) {
		PD_EXPECT_TRAY(f, lru, o->tray[lru]);
		want.tray += pd_oracle_pages(o, o->tray[lru], -1);
	}
	want.inactive = pd_oracle_pages(o, inactive, -1);
	want.active = pd_oracle_pages(o, active, -1);
	want.inactive_anon = pd_oracle_pages(o, inactive, 0) +
			     pd_oracle_pages(o, o->tray[LRU_INACTIVE_ANON], 0);
	want.active_anon = pd_oracle_pages(o, active, 0) +
			   pd_oracle_pages(o, o->tray[LRU_ACTIVE_ANON], 0);
	want.inactive_file = pd_oracle_pages(o, inactive, 1) +
			     pd_oracle_pages(o, o->tray[LRU_INACTIVE_FILE], 1);
	want.active_file = pd_oracle_pages(o, active, 1) +
			   pd_oracle_pages(o, o->tray[LRU_ACTIVE_FILE], 1);
	for (i = 0; i < PD_ORACLE_CURSORS; i++)
		want.isolated += pd_oracle_pages(o, o->pass[i].taken, -1);
	pd_fake_expect(f, want, __LINE__);
}

static void pd_oracle_step(struct pd_oracle *o)
{
	switch (pd_dice(o, 12)) {
	case 0:
	case 1:
	case 2:
		pd_oracle_insert(o);
		break;
	case 3:
		pd_oracle_remove(o);
		break;
	case 4:
		pd_oracle_activate(o);
		break;
	case 5:
		pd_oracle_rotate(o);
		break;
	case 6:
		pd_oracle_adopt_all(o);
		break;
	default:
		pd_oracle_pass(o);
	}
}

static const u64 pd_oracle_seeds[] = { 1, 2, 0x706167656461656d };

static void pd_oracle_desc(const u64 *seed, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "seed %llu", *seed);
}

KUNIT_ARRAY_PARAM(pd_oracle, pd_oracle_seeds, pd_oracle_desc);

static void queues_agree_with_an_oracle_whatever_happens(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	struct pd_oracle *o = kunit_kzalloc(test, sizeof(*o), GFP_KERNEL);
	int i, step;

	KUNIT_ASSERT_NOT_NULL(test, o);
	o->f = f;
	prandom_seed_state(&o->rnd, *(const u64 *)test->param_value);
	for (i = 0; i < PD_ORACLE_FOLIOS; i++)
		pd_fake_add(f, i & 1, i % 10 ? 0 : 2);
	pd_pair_open(f->pair);

	for (step = 0; step < PD_ORACLE_STEPS; step++) {
		pd_oracle_step(o);
		pd_oracle_compare(o);
		if (READ_ONCE(test->status) == KUNIT_FAILURE) {
			kunit_err(test, "at step %d\n", step);
			break;
		}
		cond_resched();
	}
	/* Nobody is under way when a pair is closed. */
	for (i = 0; i < PD_ORACLE_CURSORS; i++) {
		if (!o->pass[i].cursor)
			continue;
		pd_oracle_put(o, i);
		pd_cursor_put(f->pair, o->pass[i].cursor);
	}
	pd_pair_close(f->pair);
	PD_EXPECT_QUEUES(f, "", "");
}

static struct kunit_case pd_queue_cases[] = {
	KUNIT_CASE(adoption_sorts_pages_as_the_policy_says),
	KUNIT_CASE(adoption_keeps_the_order_of_age),
	KUNIT_CASE(what_the_kernel_lists_later_goes_behind_the_older_pages),
	KUNIT_CASE(page_is_adopted_as_the_kernel_lists_it),
	KUNIT_CASE(page_the_kernel_activates_is_moved_at_once),
	KUNIT_CASE(policy_learns_what_the_kernel_knows_of_a_page),
	KUNIT_CASE(page_starts_a_new_life_only_when_it_is_new),
	KUNIT_CASE(closed_pair_and_unevictable_page_are_left_alone),
	KUNIT_CASE(batch_is_taken_from_the_oldest_end),
	KUNIT_CASE(batch_is_of_32_at_most),
	KUNIT_CASE(inactive_page_is_put_where_the_verdict_says),
	KUNIT_CASE(active_page_is_put_where_the_verdict_says),
	KUNIT_CASE(every_verdict_in_one_batch),
	KUNIT_CASE(unwanted_page_is_handed_back_to_the_kernel),
	KUNIT_CASE(mlocked_page_goes_to_the_kernel_whatever_the_verdict),
	KUNIT_CASE(page_of_an_unevictable_mapping_goes_to_the_kernel),
	KUNIT_CASE(victim_taken_out_of_the_batch_is_nobodys_concern),
	KUNIT_CASE(page_isolated_by_somebody_else_is_passed_over),
	KUNIT_CASE(page_that_is_being_freed_is_passed_over),
	KUNIT_CASE(page_of_a_higher_zone_is_passed_over),
	KUNIT_CASE(large_folio_counts_all_its_pages),
	KUNIT_CASE(cursor_survives_the_removal_of_its_neighbours),
	KUNIT_CASE(cursors_do_not_disturb_each_other),
	KUNIT_CASE(next_to_go_stays_in_front_of_a_waiting_cursor),
	KUNIT_CASE(no_cursor_is_to_be_had_while_all_are_in_use),
	KUNIT_CASE(closing_returns_pages_by_type_and_activity_in_order_of_age),
	KUNIT_CASE(pages_not_yet_adopted_stay_the_newest_on_closing),
#ifdef CONFIG_LRU_GEN
	KUNIT_CASE(opening_drains_the_generations),
	KUNIT_CASE(draining_keeps_the_order_when_the_window_has_moved),
	KUNIT_CASE(closing_fills_the_generations_again),
	KUNIT_CASE(closing_follows_a_system_that_left_mglru),
	KUNIT_CASE(page_in_a_generation_is_not_adopted),
	KUNIT_CASE(toggled_mglru_is_noticed_by_the_next_pass),
	KUNIT_CASE(check_finds_a_folio_of_a_generation),
#endif
	KUNIT_CASE(check_finds_a_folio_of_another_cgroup_or_node),
	KUNIT_CASE(check_finds_a_wrong_flag),
	KUNIT_CASE(check_finds_a_wrong_size),
	KUNIT_CASE(check_finds_a_lost_and_a_foreign_folio),
	KUNIT_CASE_PARAM(queues_agree_with_an_oracle_whatever_happens, pd_oracle_gen_params),
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
