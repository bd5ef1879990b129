// SPDX-License-Identifier: GPL-2.0
/*
 * Passes over queues of our own (fake.h): what the host does with verdicts, and
 * what it tells the policy before. Reclaim itself is a stand-in (pass.h).
 */
#include "pass.h"
#include <linux/wait.h>

#define PD_PASS_LIMIT 16384

struct pd_pass_fake *pd_pass;

void pd_pass_plan(void *state, const struct pd_memory *memory, struct pd_scan *scan)
{
	if (pd_pass->plans < ARRAY_SIZE(pd_pass->deficit))
		pd_pass->deficit[pd_pass->plans] = memory->deficit;
	pd_pass->plans++;
	scan->shortage = memory->inactive;
	scan->max_scan = memory->inactive;
	scan->refill = pd_pass->refill;
}

struct pd_decision pd_pass_inactive(void *state, const struct pd_view *view,
				    struct pd_page_state *page, struct pd_scan *scan)
{
	struct pd_decision decision = { PD_VERDICT_KEEP, PD_REASON_NONE };
	unsigned int i;

	pd_pass->looks++;
	/* As Mach does. */
	if (view->flags & PD_PAGE_LOCK_MISS) {
		scan->lock_misses++;
		return (struct pd_decision){ PD_VERDICT_REQUEUE, PD_REASON_LOCK_MISS };
	}
	for (i = 0; i < pd_fake->nr; i++) {
		struct pd_fake_folio *r = &pd_fake->folio[i];

		if (folio_pfn(r->folio) != view->pfn)
			continue;
		r->seen = *view;
		decision.verdict = r->verdict;
		if (r->verdict == PD_VERDICT_DEACTIVATE && view->flags & PD_PAGE_ACTIVE)
			scan->active_shortage -= view->nr_pages;
		if (r->verdict == PD_VERDICT_FREE) {
			scan->shortage -= view->nr_pages;
			/* The fake has a reference: this one must not be freed. */
			if (view->flags & PD_PAGE_HELD)
				decision.verdict = PD_VERDICT_KEEP;
		}
	}
	return decision;
}

void pd_pass_laundered(void *state, struct pd_scan *scan, u64 pages, u64 failed)
{
}

void pd_pass_inactive_done(void *state, const struct pd_memory *memory,
			   struct pd_scan *scan)
{
	scan->active_shortage = pd_pass->active_shortage;
	scan->active_max_scan = memory->active;
}

void pd_pass_after(void *state, const struct pd_memory *memory,
		   const struct pd_scan *scan, u8 needed, struct pd_next *next)
{
}

static const struct pd_policy pd_pass_policy = {
	.name = "pass",
	.state_size = sizeof(struct pd_fake *),
	.enqueue = pd_fake_enqueue,
	.plan = pd_pass_plan,
	.inactive = pd_pass_inactive,
	.laundered = pd_pass_laundered,
	.inactive_done = pd_pass_inactive_done,
	.active = pd_pass_inactive,
	.after_pass = pd_pass_after,
};

/* Behind the static calls. */

static void pd_pass_protection(struct mem_cgroup *root, struct mem_cgroup *memcg)
{
}

static unsigned long pd_pass_page_state(struct mem_cgroup *memcg, int idx)
{
	return 0;
}

static long pd_pass_swap_pages(struct mem_cgroup *memcg)
{
	return 1000;
}

static int pd_pass_referenced(struct folio *folio, int is_locked,
			      struct mem_cgroup *memcg, unsigned long *vm_flags)
{
	return 0;
}

static bool pd_pass_free_swap(struct folio *folio)
{
	KUNIT_EXPECT_TRUE(pd_fake->test, folio_test_locked(folio));
	pd_pass->slots_freed++;
	folio_clear_swapcache(folio);
	folio_set_dirty(folio);
	return true;
}

static char pd_pass_letter(struct folio *folio)
{
	unsigned int i;

	for (i = 0; i < pd_fake->nr; i++)
		if (pd_fake->folio[i].folio == folio)
			return pd_fake_letter(i);
	return '?';
}

static unsigned int pd_pass_shrink(struct list_head *folios, struct pglist_data *pgdat,
				   struct scan_control *sc, struct reclaim_stat *stat,
				   bool ignore_references)
{
	struct folio *folio, *next;
	unsigned int freed = 0;

	list_for_each_entry_safe(folio, next, folios, lru) {
		pd_pass->reclaimed++;
		if (strchr(pd_pass->writes, pd_pass_letter(folio))) {
			pd_fake_writeback(folio, true);
			continue;
		}
		if (pd_pass->frees && !strchr(pd_pass->refuses, pd_pass_letter(folio))) {
			/* Its reference goes; the fake's stays. */
			list_del_init(&folio->lru);
			freed += folio_nr_pages(folio);
			folio_put(folio);
			continue;
		}
		if (folio_is_file_lru(folio) || folio_test_swapcache(folio))
			continue;
		if (pd_pass->swap_is_full)
			folio_set_active(folio);
		else
			folio_set_swapcache(folio);
	}
	return freed;
}

static int pd_pass_remove(struct address_space *mapping, struct folio *folio,
			  bool reclaimed, struct mem_cgroup *target_memcg)
{
	char letter = pd_pass_letter(folio);

	KUNIT_EXPECT_TRUE(pd_fake->test, folio_test_locked(folio));
	KUNIT_EXPECT_PTR_EQ(pd_fake->test, folio->mapping, mapping);
	KUNIT_EXPECT_TRUE(pd_fake->test, reclaimed);
	if (!strchr(pd_pass->drops, letter))
		return 0;
	pd_pass->dropped++;
	pd_fake_gone(pd_fake, letter);
	return 1;
}

int pd_pass_suite_init(struct kunit_suite *suite)
{
	int err = pd_fake_suite_init(suite);

	if (err)
		return err;
	static_call_update(pd_fn_mem_cgroup_calculate_protection, pd_pass_protection);
	static_call_update(pd_fn_memcg_page_state, pd_pass_page_state);
	static_call_update(pd_fn_mem_cgroup_get_nr_swap_pages, pd_pass_swap_pages);
	static_call_update(pd_fn_folio_referenced, pd_pass_referenced);
	static_call_update(pd_fn_folio_free_swap, pd_pass_free_swap);
	static_call_update(pd_fn_shrink_folio_list, pd_pass_shrink);
	static_call_update(pd_fn___remove_mapping, pd_pass_remove);
	return 0;
}

void pd_pass_suite_exit(struct kunit_suite *suite)
{
	PD_FAKE_RESTORE(mem_cgroup_calculate_protection);
	PD_FAKE_RESTORE(memcg_page_state);
	PD_FAKE_RESTORE(mem_cgroup_get_nr_swap_pages);
	PD_FAKE_RESTORE(folio_referenced);
	PD_FAKE_RESTORE(folio_free_swap);
	PD_FAKE_RESTORE(shrink_folio_list);
	PD_FAKE_RESTORE(__remove_mapping);
	pd_fake_suite_exit(suite);
}

int pd_pass_init(struct kunit *test)
{
	struct pd_fake *f;
	int err = pd_fake_init(test);

	if (err)
		return err;
	f = test->priv;
	pd_pass = kunit_kzalloc(test, sizeof(*pd_pass), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, pd_pass);
	pd_pass->refuses = "";
	pd_pass->writes = "";
	pd_pass->drops = "";
	f->inst->policy = &pd_pass_policy;
	f->memcg->memory.max = PD_PASS_LIMIT;
	f->memcg->memory.high = PD_PASS_LIMIT;
	f->dom->limit = PD_PASS_LIMIT;
	f->dom->marks.free_target = 100;
	f->dom->nodes = kunit_kzalloc(test, nr_node_ids * sizeof(*f->dom->nodes),
				      GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, f->dom->nodes);
	init_waitqueue_head(&f->dom->idle);
	init_waitqueue_head(&f->dom->progress);
	return 0;
}

/* A daemon without its thread. */
static struct pd_node *pd_pass_node(struct pd_fake *f, int nid)
{
	struct pd_node *node = kunit_kzalloc(f->test, sizeof(*node), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(f->test, node);
	node->domain = f->dom;
	node->nid = nid;
	node->pass = 1;
	if (!f->dom->nodes[nid])
		f->dom->nodes[nid] = node;
	return node;
}

void pd_pass_join(struct pd_fake *f, struct pd_pair *pair, u64 seq)
{
	struct pd_set *set = kunit_kzalloc(f->test, struct_size(set, pairs, nr_node_ids),
					   GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(f->test, set);
	set->memcg = pair->memcg;
	set->domain = f->dom;
	set->seq = seq;
	set->pairs[f->nid] = pair;
	pair->set = set;
	list_add_tail(&set->list, &f->dom->sets);
}

/* A child cgroup's pair: as many inactive file pages as its LRU size says, unseen. */
static struct pd_pair *pd_pass_child(struct pd_fake *f, unsigned long pages)
{
	struct pd_pair *pair = kunit_kzalloc(f->test, sizeof(*pair), GFP_KERNEL);
	struct mem_cgroup_per_node *pn = kunit_kzalloc(f->test, sizeof(*pn), GFP_KERNEL);
	struct mem_cgroup *memcg;

	memcg = kunit_kzalloc(f->test, struct_size(memcg, nodeinfo, nr_node_ids),
			      GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(f->test, pair);
	KUNIT_ASSERT_NOT_NULL(f->test, pn);
	KUNIT_ASSERT_NOT_NULL(f->test, memcg);
	memcg->nodeinfo[f->nid] = pn;
	pn->memcg = memcg;
	pn->lru_zone_size[ZONE_NORMAL][LRU_INACTIVE_FILE] = pages;
	pd_fake_lruvec_init(&pn->lruvec);
	pd_pair_init(pair, f->dom, memcg, f->nid);
	return pair;
}

/* Anonymous pages, one reference each: of the process that maps them. */
static void pd_pass_open_anon(struct pd_fake *f, const char *inactive, const char *active)
{
	unsigned int q;

	for (q = 0; q < PD_NR_QUEUES; q++) {
		const char *letter = q ? active : inactive;

		for (; *letter; letter++) {
			char c = pd_fake_add(f, false, 0);
			struct folio *folio = pd_fake_folio(f, c);

			KUNIT_ASSERT_EQ(f->test, c, *letter);
			folio->mapping = (void *)PAGE_MAPPING_ANON;
			atomic_set(&folio->_mapcount, 0);
			folio_mark_uptodate(folio);
			pd_fake_insert(f, c, q);
			if (q)
				pd_fake_of(f, c)->enter.verdict = PD_VERDICT_ACTIVATE;
		}
	}
	pd_fake_take_over(f->pair);
	pd_pass_join(f, f->pair, 0);
}

/* In the swap cache, which has a reference of its own. */
static void pd_pass_swapped(struct pd_fake *f, char letter)
{
	folio_set_swapcache(pd_fake_folio(f, letter));
	folio_set_dirty(pd_fake_folio(f, letter));
	atomic_set(&pd_fake_folio(f, letter)->_mapcount, -1);
}

/* Pages of a file that is nobody's: the fake's reference is the page cache's. */
static void pd_pass_file(struct pd_fake *f, const char *letters)
{
	static const struct address_space_operations none;
	struct address_space *mapping = kunit_kzalloc(f->test, sizeof(*mapping),
						      GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(f->test, mapping);
	mapping->a_ops = &none;
	for (; *letters; letters++) {
		pd_fake_folio(f, *letters)->mapping = mapping;
		folio_mark_uptodate(pd_fake_folio(f, *letters));
	}
}

/* Dirty ones: they cannot be pinned. */
static void pd_pass_dirty(struct pd_fake *f, const char *letters)
{
	pd_pass_file(f, letters);
	for (; *letters; letters++)
		folio_set_dirty(pd_fake_folio(f, *letters));
}

struct pd_scan pd_pass_daemon(struct pd_fake *f)
{
	struct pd_reclaim rc = { .nr_to_reclaim = 1000, .may_swap = true,
				 .reclaim_idx = MAX_NR_ZONES - 1 };
	struct pd_scan scan = { .pass = 1 };
	unsigned long sc[PD_SC_BYTES / sizeof(unsigned long)];

	pd_sc_make(sc, &rc);
	pd_pass_run(f->pair, f->inst, &rc, PD_BY_DAEMON, &scan);
	return scan;
}

static u64 pd_pass_count(struct pd_fake *f, enum pd_counter_id counter)
{
	return pd_domain_counter(f->dom, counter);
}

/* Is the daemon sent to adopt pages, with so much free? */
static bool pd_pass_nudges(struct pd_fake *f, struct pd_node *node, s64 free)
{
	pd_daemon_see_filling(f->dom, node->nid, free, PD_PASS_LIMIT);
	return xchg(&node->nudged, false);
}

static void daemon_adopts_before_a_cgroup_is_full_each_time_that_it_fills(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	struct pd_node *node = pd_pass_node(f, f->nid);

	/* Whom there is to wake: it is awake. */
	node->task = current;
	/* It was not seen to fill. */
	KUNIT_EXPECT_FALSE(test, pd_pass_nudges(f, node, PD_PASS_LIMIT / 8));

	KUNIT_EXPECT_FALSE(test, pd_pass_nudges(f, node, PD_PASS_LIMIT));
	KUNIT_EXPECT_FALSE(test, pd_pass_nudges(f, node, PD_PASS_LIMIT / 8 + 1));
	KUNIT_EXPECT_TRUE(test, pd_pass_nudges(f, node, PD_PASS_LIMIT / 8));
	KUNIT_EXPECT_FALSE(test, pd_pass_nudges(f, node, 0));

	/* Emptied in part, and full again. */
	KUNIT_EXPECT_FALSE(test, pd_pass_nudges(f, node, PD_PASS_LIMIT / 4));
	KUNIT_EXPECT_FALSE(test, pd_pass_nudges(f, node, 0));
	KUNIT_EXPECT_FALSE(test, pd_pass_nudges(f, node, PD_PASS_LIMIT / 4 + 1));
	KUNIT_EXPECT_TRUE(test, pd_pass_nudges(f, node, -1));

	/* At work it adopts anyway. */
	KUNIT_EXPECT_FALSE(test, pd_pass_nudges(f, node, PD_PASS_LIMIT));
	node->needed = true;
	KUNIT_EXPECT_FALSE(test, pd_pass_nudges(f, node, 0));

	/* A node without memory has no daemon. */
	f->dom->nodes[f->nid] = NULL;
	KUNIT_EXPECT_FALSE(test, pd_pass_nudges(f, node, PD_PASS_LIMIT));
	KUNIT_EXPECT_FALSE(test, pd_pass_nudges(f, node, 0));
}

static void clean_page_of_a_file_goes_without_the_kernels_reclaim(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	struct pd_scan scan;

	pd_fake_open(f, 5, 0);
	pd_pass_join(f, f->pair, 0);
	pd_pass_file(f, "abcde");
	pd_pass->drops = "abde";
	/* Its file system has to let it go; of c somebody takes hold meanwhile. */
	folio_set_private(pd_fake_folio(f, 'b'));
	pd_fake_judge(f, "abcd", PD_VERDICT_FREE);
	scan = pd_pass_daemon(f);
	KUNIT_EXPECT_EQ(test, pd_pass->dropped, 2U);
	KUNIT_EXPECT_EQ(test, pd_pass->reclaimed, 2U);
	KUNIT_EXPECT_EQ(test, scan.freed, 2ULL);
	KUNIT_EXPECT_EQ(test, scan.scanned, 5ULL);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&f->pair->looked), 5L);
	KUNIT_EXPECT_EQ(test, pd_pass_count(f, PD_COUNT_freed), 2ULL);
	KUNIT_EXPECT_EQ(test, pd_pass_count(f, PD_COUNT_free_refused), 2ULL);
	KUNIT_EXPECT_FALSE(test, folio_test_locked(pd_fake_folio(f, 'c')));
	PD_EXPECT_QUEUES(f, "ebc", "");
}

static void only_clean_unmapped_pages_of_files_are_dropped(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	const char *letter;

	for (letter = "abcdef"; *letter; letter++)
		KUNIT_ASSERT_EQ(test, pd_fake_add(f, true, 0), *letter);
	pd_pass_file(f, "abcde");
	pd_pass->drops = "abcdef";
	atomic_set(&pd_fake_folio(f, 'a')->_mapcount, 0);
	__folio_set_swapbacked(pd_fake_folio(f, 'b'));
	folio_set_dirty(pd_fake_folio(f, 'c'));
	pd_fake_writeback(pd_fake_folio(f, 'd'), true);
	folio_set_private(pd_fake_folio(f, 'e'));
	/* The last one has lost its file. */
	for (letter = "abcdef"; *letter; letter++)
		KUNIT_EXPECT_FALSE_MSG(test, pd_folio_drop(pd_fake_folio(f, *letter), NULL),
				       "%c", *letter);
	KUNIT_EXPECT_EQ(test, pd_pass->dropped, 0U);
	__folio_clear_swapbacked(pd_fake_folio(f, 'b'));
}

/* More than one batch is active, none of them goes, and more is wanted than that. */
static void active_scan_stops_where_tasks_come_near_the_limit(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	struct pd_reclaim rc = { .nr_to_reclaim = 1000,
				 .reclaim_idx = MAX_NR_ZONES - 1 };
	struct pd_scan scan = { .pass = 1 };
	unsigned int all = PD_BATCH + 8;

	pd_fake_open(f, 1, all);
	pd_pass_join(f, f->pair, 0);
	pd_pass->active_shortage = 100;
	pd_pass_daemon(f);
	KUNIT_EXPECT_EQ(test, pd_pass->looks, 1 + all);

	/* Into the headroom: what is inactive is for the next pass. */
	atomic_long_set(&f->memcg->memory.usage, PD_PASS_LIMIT + 1);
	pd_pass->looks = 0;
	pd_pass_daemon(f);
	KUNIT_EXPECT_EQ(test, pd_pass->looks, 1U + PD_BATCH);

	/* It was not to be had. */
	pd_pass->looks = 0;
	scan.pass = 2;
	pd_pass_run(f->pair, f->inst, &rc, PD_BY_DAEMON, &scan);
	KUNIT_EXPECT_EQ(test, pd_pass->looks, 1 + all);

	/* Tasks have their own bound. */
	pd_pass->looks = 0;
	scan.pass = 1;
	rc.priority = PD_DESPERATE_PRIORITY;
	pd_pass_run(f->pair, f->inst, &rc, PD_BY_TASK, &scan);
	KUNIT_EXPECT_EQ(test, pd_pass->looks, 1 + all);

	/* With nothing inactive it goes on. */
	pd_fake_remove(f, 'a');
	pd_pass->looks = 0;
	pd_pass_daemon(f);
	KUNIT_EXPECT_EQ(test, pd_pass->looks, all);
}

/* The first active page will do, and 39 are behind it. */
static void active_scan_takes_few_pages_where_few_are_wanted(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	struct pd_scan scan;

	pd_fake_open(f, 0, PD_BATCH + 8);
	pd_pass_join(f, f->pair, 0);
	pd_pass->active_shortage = 1;
	pd_fake_judge(f, "a", PD_VERDICT_DEACTIVATE);
	scan = pd_pass_daemon(f);
	KUNIT_EXPECT_EQ(test, pd_pass->looks, 1U);
	KUNIT_EXPECT_LE(test, scan.scanned, 4ULL);

	/* None of those will do: all are looked at, in steps that grow. */
	pd_pass->looks = 0;
	scan = pd_pass_daemon(f);
	KUNIT_EXPECT_EQ(test, pd_pass->looks, 1U + PD_BATCH + 7);
	KUNIT_EXPECT_EQ(test, scan.scanned, 1ULL + PD_BATCH + 7);
}

/* Two inactive pages are looked at: it, and the first of those that there were. */
static void what_is_to_go_next_goes_in_the_same_pass(struct kunit *test)
{
	struct pd_fake *f = test->priv;

	pd_fake_open(f, 2, 4);
	pd_pass_join(f, f->pair, 0);
	pd_pass->refill = true;
	pd_pass->active_shortage = 1;
	pd_fake_judge(f, "ab", PD_VERDICT_REQUEUE);
	pd_fake_judge(f, "c", PD_VERDICT_DEACTIVATE_HEAD);
	pd_pass_daemon(f);
	PD_EXPECT_QUEUES(f, "cba", "def");
}

static void b49_page_that_is_rewritten_gives_its_slot_back_first(struct kunit *test)
{
	struct pd_fake *f = test->priv;

	pd_pass_open_anon(f, "abc", "");
	pd_pass_swapped(f, 'a');
	pd_pass_swapped(f, 'b');
	pd_fake_judge(f, "ac", PD_VERDICT_LAUNDER);
	pd_pass_daemon(f);
	/* It is written where it was, unless the policy wants it otherwise. */
	KUNIT_EXPECT_EQ(test, pd_pass->reclaimed, 2U);
	KUNIT_EXPECT_EQ(test, pd_pass->slots_freed, 0U);

	f->dom->marks.cluster_flags = PD_CLUSTER_NEW_SLOTS;
	folio_clear_swapcache(pd_fake_folio(f, 'c'));
	pd_pass_daemon(f);
	KUNIT_EXPECT_EQ(test, pd_pass->reclaimed, 4U);
	KUNIT_EXPECT_EQ(test, pd_pass->slots_freed, 1U);
	KUNIT_EXPECT_TRUE(test, folio_test_swapcache(pd_fake_folio(f, 'b')));
	/* That counter is of pages that stay in memory. */
	KUNIT_EXPECT_EQ(test, pd_pass_count(f, PD_COUNT_swap_dropped), 0ULL);
}

static void b49_page_without_contents_keeps_its_slot(struct kunit *test)
{
	struct pd_fake *f = test->priv;

	pd_pass_open_anon(f, "a", "");
	pd_pass_swapped(f, 'a');
	folio_clear_uptodate(pd_fake_folio(f, 'a'));
	f->dom->marks.cluster_flags = PD_CLUSTER_NEW_SLOTS;
	pd_fake_judge(f, "a", PD_VERDICT_LAUNDER);
	pd_pass_daemon(f);
	KUNIT_EXPECT_EQ(test, pd_pass->reclaimed, 1U);
	KUNIT_EXPECT_EQ(test, pd_pass->slots_freed, 0U);
}

static void b81_page_that_stays_gives_its_slot_back(struct kunit *test)
{
	struct pd_fake *f = test->priv;

	pd_pass_open_anon(f, "a", "bc");
	pd_pass_swapped(f, 'a');
	pd_pass_swapped(f, 'b');
	pd_pass->active_shortage = 10;
	pd_fake_judge(f, "abc", PD_VERDICT_DROP_SWAP);
	pd_pass_daemon(f);
	KUNIT_EXPECT_EQ(test, pd_pass->slots_freed, 2U);
	KUNIT_EXPECT_EQ(test, pd_pass_count(f, PD_COUNT_swap_dropped), 2ULL);
	KUNIT_EXPECT_FALSE(test, folio_test_swapcache(pd_fake_folio(f, 'b')));
	KUNIT_EXPECT_EQ(test, pd_pass->reclaimed, 0U);
	PD_EXPECT_QUEUES(f, "a", "bc");
}

static void b69_page_without_a_slot_is_activated_unless_failures_stay(struct kunit *test)
{
	struct pd_fake *f = test->priv;

	pd_pass_open_anon(f, "abc", "");
	pd_pass->swap_is_full = true;
	f->dom->marks.cluster_flags = PD_CLUSTER_FAILED_STAYS;
	pd_fake_judge(f, "b", PD_VERDICT_LAUNDER);
	pd_pass_daemon(f);
	PD_EXPECT_QUEUES(f, "acb", "");
	KUNIT_EXPECT_EQ(test, pd_pass_count(f, PD_COUNT_launder_failed), 1ULL);

	f->dom->marks.cluster_flags = 0;
	pd_pass_daemon(f);
	PD_EXPECT_QUEUES(f, "ac", "b");
	KUNIT_EXPECT_EQ(test, pd_pass_count(f, PD_COUNT_launder_failed), 2ULL);
}

static void b23_b43_policy_hears_of_a_file_that_cannot_be_had(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	struct pd_scan scan;

	pd_fake_open(f, 3, 0);
	pd_pass_join(f, f->pair, 0);
	pd_pass_dirty(f, "a");
	pd_fake_judge(f, "a", PD_VERDICT_LAUNDER);

	scan = pd_pass_daemon(f);
	KUNIT_EXPECT_EQ(test, pd_pass->looks, 4U);
	PD_EXPECT_QUEUES(f, "bca", "");
	KUNIT_EXPECT_EQ(test, scan.lock_misses, 1LL);
	KUNIT_EXPECT_EQ(test, pd_pass_count(f, PD_COUNT_lock_misses), 1ULL);
	KUNIT_EXPECT_EQ(test, pd_pass_count(f, PD_COUNT_laundered_file), 0ULL);
}

static void b7_every_pair_of_a_pass_hears_of_the_deficit_once(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	struct pd_node *node = pd_pass_node(f, f->nid);
	struct pd_next next;

	pd_pass_join(f, f->pair, 0);
	pd_pass_join(f, pd_pass_child(f, 10), 1);
	pd_pass_join(f, pd_pass_child(f, 30), 2);
	pd_deficit_add(f->dom, 20);
	pd_deficit_add(f->dom, 12);
	KUNIT_EXPECT_EQ(test, pd_deficit(f->dom), 32ULL);

	pd_daemon_pass(node, &next);
	KUNIT_EXPECT_EQ(test, pd_pass->plans, 3U);
	KUNIT_EXPECT_EQ(test, pd_pass->deficit[0], 32ULL);
	KUNIT_EXPECT_EQ(test, pd_pass->deficit[1], 32ULL);
	KUNIT_EXPECT_EQ(test, pd_pass->deficit[2], 32ULL);
	KUNIT_EXPECT_EQ(test, pd_deficit(f->dom), 0ULL);

	pd_pass->plans = 0;
	pd_daemon_pass(node, &next);
	KUNIT_EXPECT_EQ(test, pd_pass->plans, 3U);
	KUNIT_EXPECT_EQ(test, pd_pass->deficit[0], 0ULL);
	KUNIT_EXPECT_EQ(test, pd_pass->deficit[2], 0ULL);
}

static void b7_each_node_hears_of_the_deficit_and_no_more_than_the_target(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	struct pd_node *here = pd_pass_node(f, f->nid), *there;

	/* A second one, with or without such a node in the machine. */
	there = pd_pass_node(f, f->nid);
	pd_deficit_add(f->dom, 40);
	f->dom->nodes[f->nid] = there;
	pd_deficit_add(f->dom, 200);
	KUNIT_EXPECT_EQ(test, pd_deficit_take(here), 40ULL);
	KUNIT_EXPECT_EQ(test, pd_deficit_take(here), 0ULL);
	KUNIT_EXPECT_EQ(test, pd_deficit_take(there), 100ULL);
	KUNIT_EXPECT_EQ(test, pd_deficit_take(there), 0ULL);

	/* A policy that wants nothing free hears that somebody went without. */
	f->dom->marks.free_target = 0;
	pd_deficit_add(f->dom, 40);
	KUNIT_EXPECT_EQ(test, pd_deficit_take(there), 1ULL);
	KUNIT_EXPECT_EQ(test, pd_deficit_take(there), 0ULL);
}

static void b7_task_does_not_take_over_what_others_missed(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	struct pd_node *node = pd_pass_node(f, f->nid);
	struct pd_reclaim rc = { .nr_to_reclaim = 32, .priority = 12 };
	struct pd_scan scan = { .pass = 1 };

	pd_pass_join(f, f->pair, 0);
	pd_deficit_add(f->dom, 32);
	pd_pass_run(f->pair, f->inst, &rc, PD_BY_TASK, &scan);
	KUNIT_EXPECT_EQ(test, pd_pass->plans, 1U);
	KUNIT_EXPECT_EQ(test, pd_pass->deficit[0], 0ULL);
	KUNIT_EXPECT_EQ(test, pd_deficit_take(node), 32ULL);
}

/* How many pages a task of this @priority looks at, short of two. */
static unsigned int pd_pass_looks(struct pd_fake *f, int priority)
{
	struct pd_reclaim rc = { .nr_to_reclaim = 2, .priority = priority,
				 .reclaim_idx = MAX_NR_ZONES - 1 };
	struct pd_scan scan = { .pass = 1 };

	pd_pass->looks = 0;
	pd_pass_run(f->pair, f->inst, &rc, PD_BY_TASK, &scan);
	return pd_pass->looks;
}

static void tasks_pass_over_what_they_left_to_the_daemon(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	pd_fake_open(f, 7, 0);
	pd_pass_join(f, f->pair, 0);
	pd_pass_dirty(f, "abe");
	pd_fake_judge(f, "abe", PD_VERDICT_LAUNDER);
	pd_fake_judge(f, "cdfg", PD_VERDICT_FREE);
	KUNIT_EXPECT_EQ(test, pd_pass_looks(f, 12), 4U);
	/* The stand-in for reclaim frees nothing: they are still there. */
	PD_EXPECT_QUEUES(f, "ab|cdefg", "");
	KUNIT_EXPECT_EQ(test, pd_pass_looks(f, 12), 2U);
	PD_EXPECT_QUEUES(f, "ab|cdefg", "");

	/* A page that is not left ends what is passed over, whatever follows. */
	pd_fake_judge(f, "cd", PD_VERDICT_KEEP);
	KUNIT_EXPECT_EQ(test, pd_pass_looks(f, 12), 5U);
	PD_EXPECT_QUEUES(f, "ab|cdefg", "");

	KUNIT_EXPECT_EQ(test, pd_pass_looks(f, PD_DESPERATE_PRIORITY), 7U);
	f->pair->hand_until = jiffies - 1;
	KUNIT_EXPECT_EQ(test, pd_pass_looks(f, 12), 7U);
	PD_EXPECT_QUEUES(f, "ab|cdefg", "");

	/* Whose pass did not suffice begins anew. */
	pd_fake_judge(f, "cdfg", PD_VERDICT_KEEP);
	KUNIT_EXPECT_EQ(test, pd_pass_looks(f, 12), 5U);
	PD_EXPECT_QUEUES(f, "abcdefg", "");
	KUNIT_EXPECT_EQ(test, pd_pass_looks(f, 12), 7U);
	pd_fake_hand_back(f->pair);
	PD_EXPECT_QUEUES(f, "", "");
}

static void condemned_policy_is_not_asked(struct kunit *test)
{
	struct pd_fake *f = test->priv;

	pd_fake_open(f, 4, 4);
	pd_pass_join(f, f->pair, 0);
	f->dom->fault = PD_FAULT_PLAN;
	KUNIT_EXPECT_EQ(test, pd_pass_looks(f, 12), 0U);
	KUNIT_EXPECT_EQ(test, pd_pass->plans, 0U);
	f->dom->fault = PD_FAULT_NONE;
	KUNIT_EXPECT_GT(test, pd_pass_looks(f, 12), 0U);
}

static void what_is_taken_by_force_is_no_progress_of_the_policy(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	struct pd_reclaim rc = { .nr_to_reclaim = 2, .reclaim_idx = MAX_NR_ZONES - 1 };
	struct pd_node *node = pd_pass_node(f, f->nid);
	struct pd_scan sum = { .deficit = 1 };
	struct pd_next next = { .delay_ms = 10 };

	pd_pass_open_anon(f, "abcdef", "");
	pd_pass->frees = true;
	pd_pass->refuses = "cdef";
	pd_pass->writes = "ac";
	KUNIT_EXPECT_EQ(test, pd_pass_force(f->pair, &rc), 1UL);
	KUNIT_EXPECT_EQ(test, pd_inflight_count(f->dom, false), 2UL);
	pd_check_pass(node, &sum, &next);
	KUNIT_EXPECT_EQ(test, node->fruitless, 1U);
	pd_pass->refuses = "def";
	pd_pass->writes = "a";
	KUNIT_EXPECT_EQ(test, pd_pass_force(f->pair, &rc), 1UL);
	pd_check_pass(node, &sum, &next);
	KUNIT_EXPECT_EQ(test, node->fruitless, 2U);

	/* What it wants itself is. */
	pd_pass->refuses = "ef";
	pd_fake_judge(f, "d", PD_VERDICT_FREE);
	KUNIT_EXPECT_EQ(test, pd_pass_daemon(f).freed, 1ULL);
	pd_check_pass(node, &sum, &next);
	KUNIT_EXPECT_EQ(test, node->fruitless, 0U);
}

static void what_was_used_while_active_is_worth_waiting_for(struct kunit *test)
{
	struct pd_fake *f = test->priv;

	pd_fake_open(f, 1, 2);
	pd_pass_join(f, f->pair, 0);
	pd_pass->active_shortage = 10;
	/* The access that brought it is no use. */
	folio_set_referenced(pd_fake_folio(f, 'b'));
	pd_pass_daemon(f);
	KUNIT_EXPECT_FALSE(test, folio_test_workingset(pd_fake_folio(f, 'b')));
	folio_set_referenced(pd_fake_folio(f, 'a'));
	folio_set_referenced(pd_fake_folio(f, 'b'));
	pd_pass_daemon(f);
	KUNIT_EXPECT_TRUE(test, folio_test_workingset(pd_fake_folio(f, 'b')));
	KUNIT_EXPECT_TRUE(test, pd_fake_page(f, 'b')->flags & PD_STATE_WORKINGSET);
	/* Of those that were used while inactive, or not at all, it does not hold. */
	KUNIT_EXPECT_FALSE(test, folio_test_workingset(pd_fake_folio(f, 'a')));
	KUNIT_EXPECT_FALSE(test, folio_test_workingset(pd_fake_folio(f, 'c')));
}

static struct kunit_case pd_pass_cases[] = {
	KUNIT_CASE(b7_every_pair_of_a_pass_hears_of_the_deficit_once),
	KUNIT_CASE(b7_each_node_hears_of_the_deficit_and_no_more_than_the_target),
	KUNIT_CASE(b7_task_does_not_take_over_what_others_missed),
	KUNIT_CASE(tasks_pass_over_what_they_left_to_the_daemon),
	KUNIT_CASE(daemon_adopts_before_a_cgroup_is_full_each_time_that_it_fills),
	KUNIT_CASE(clean_page_of_a_file_goes_without_the_kernels_reclaim),
	KUNIT_CASE(only_clean_unmapped_pages_of_files_are_dropped),
	KUNIT_CASE(active_scan_stops_where_tasks_come_near_the_limit),
	KUNIT_CASE(active_scan_takes_few_pages_where_few_are_wanted),
	KUNIT_CASE(what_is_to_go_next_goes_in_the_same_pass),
	KUNIT_CASE(b49_page_that_is_rewritten_gives_its_slot_back_first),
	KUNIT_CASE(b49_page_without_contents_keeps_its_slot),
	KUNIT_CASE(b81_page_that_stays_gives_its_slot_back),
	KUNIT_CASE(b69_page_without_a_slot_is_activated_unless_failures_stay),
	KUNIT_CASE(condemned_policy_is_not_asked),
	KUNIT_CASE(what_is_taken_by_force_is_no_progress_of_the_policy),
	KUNIT_CASE(what_was_used_while_active_is_worth_waiting_for),
	KUNIT_CASE(b23_b43_policy_hears_of_a_file_that_cannot_be_had),
	{}
};

struct kunit_suite pd_pass_suite = {
	.name = "pd_pass",
	.suite_init = pd_pass_suite_init,
	.suite_exit = pd_pass_suite_exit,
	.init = pd_pass_init,
	.exit = pd_fake_exit,
	.test_cases = pd_pass_cases,
};
