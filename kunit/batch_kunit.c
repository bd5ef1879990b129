// SPDX-License-Identifier: GPL-2.0
/*
 * Batches and cursors, on an open queue pair of fake.h: what is taken, in which
 * order, and where it is put back.
 */
#include "fake.h"

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

/* While a scan of the inactive queue is under way, and has put back what it looked at. */
static void what_is_to_go_next_is_put_where_the_scan_is(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	struct pd_cursor *cold, *hot;

	pd_fake_open(f, 3, 3);
	cold = pd_cursor_get(f->pair, PD_QUEUE_INACTIVE);
	pd_fake_judge(f, "abcdef", PD_VERDICT_KEEP);
	KUNIT_EXPECT_EQ(test, pd_fake_take(f, PD_QUEUE_INACTIVE, cold, 1), 1UL);
	pd_fake_put(f, PD_QUEUE_INACTIVE, cold);
	PD_EXPECT_QUEUES(f, "a0bc", "def");

	hot = pd_cursor_get(f->pair, PD_QUEUE_ACTIVE);
	pd_fake_judge(f, "d", PD_VERDICT_DEACTIVATE_HEAD);
	pd_fake_judge(f, "e", PD_VERDICT_DEACTIVATE);
	f->batch.ahead = cold;
	KUNIT_EXPECT_EQ(test, pd_fake_take(f, PD_QUEUE_ACTIVE, hot, 2), 2UL);
	pd_fake_put(f, PD_QUEUE_ACTIVE, hot);
	f->batch.ahead = NULL;
	PD_EXPECT_QUEUES(f, "a0dbce", "1f");
	PD_EXPECT_COUNTS(f, .inactive = 5, .active = 1, .inactive_file = 5,
			 .active_file = 1, .deactivated = 2);
	pd_cursor_put(f->pair, hot);

	KUNIT_EXPECT_EQ(test, pd_fake_take(f, PD_QUEUE_INACTIVE, cold, 1), 1UL);
	PD_EXPECT_BATCH(f, "d");
	pd_fake_put(f, PD_QUEUE_INACTIVE, cold);
	pd_cursor_put(f->pair, cold);
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
	pd_fake_take_over(f->pair);
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
	pd_fake_take_over(f->pair);
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
	struct pd_batch *other = kunit_kzalloc(test, sizeof(*other), GFP_KERNEL);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, other);
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
					    MAX_NR_ZONES - 1, other), 0UL);
	pd_fake_put(f, PD_QUEUE_INACTIVE, cursor[0]);

	pd_cursor_put(f->pair, cursor[17]);
	KUNIT_EXPECT_PTR_EQ(test, pd_cursor_get(f->pair, PD_QUEUE_ACTIVE), cursor[17]);
	KUNIT_EXPECT_NULL(test, pd_cursor_get(f->pair, PD_QUEUE_ACTIVE));
	for (i = 0; i < PD_MAX_CURSORS; i++)
		pd_cursor_put(f->pair, cursor[i]);
	PD_EXPECT_QUEUES(f, "abc", "def");
}

static struct kunit_case pd_batch_cases[] = {
	KUNIT_CASE(batch_is_taken_from_the_oldest_end),
	KUNIT_CASE(batch_is_of_32_at_most),
	KUNIT_CASE(inactive_page_is_put_where_the_verdict_says),
	KUNIT_CASE(active_page_is_put_where_the_verdict_says),
	KUNIT_CASE(what_is_to_go_next_is_put_where_the_scan_is),
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
	{}
};

struct kunit_suite pd_batch_suite = {
	.name = "pd_batch",
	.suite_init = pd_fake_suite_init,
	.suite_exit = pd_fake_suite_exit,
	.init = pd_fake_init,
	.exit = pd_fake_exit,
	.test_cases = pd_batch_cases,
};
