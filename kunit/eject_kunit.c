// SPDX-License-Identifier: GPL-2.0
/*
 * What ends a policy (src/daemon/eject.c), on the fake of fake.h: each thing it may
 * not say condemns its domain, with the right reason, and is made harmless; nothing
 * that it may say does. And a pair is closed under a pass.
 */
#include "fake.h"
#include "../src/control/control.h"
#include <linux/mm.h>

/* The fault of the fake's domain, which is innocent again. */
static enum pd_fault pd_fault_taken(struct pd_fake *f)
{
	enum pd_fault fault = f->dom->fault;

	f->dom->fault = PD_FAULT_NONE;
	return fault;
}

/* What must not happen to a page with one of these flags. */
static const u32 pd_not_freed = PD_PAGE_DIRTY | PD_PAGE_WRITEBACK | PD_PAGE_HELD |
				PD_PAGE_BUSY | PD_PAGE_UNEVICTABLE;
static const u32 pd_not_written = PD_PAGE_WRITEBACK | PD_PAGE_HELD | PD_PAGE_BUSY |
				  PD_PAGE_UNEVICTABLE | PD_PAGE_LOCK_MISS;

static enum pd_fault pd_fault_wanted(enum pd_queue_id queue, u8 verdict, u32 flags)
{
	switch (verdict) {
	case PD_VERDICT_FREE:
		return flags & pd_not_freed ? PD_FAULT_UNSAFE : PD_FAULT_NONE;
	case PD_VERDICT_LAUNDER:
	case PD_VERDICT_LAUNDER_ACTIVATE:
		if (queue == PD_QUEUE_ACTIVE)
			return PD_FAULT_VERDICT;
		return flags & pd_not_written ? PD_FAULT_UNSAFE : PD_FAULT_NONE;
	default:
		return verdict < PD_NR_VERDICTS ? PD_FAULT_NONE : PD_FAULT_VERDICT;
	}
}

static void verdict_is_refused_if_it_is_none_or_does_harm(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	struct pd_page_state page = {};
	struct pd_decision d;
	unsigned int verdict, bit, queue;

	for (queue = 0; queue < PD_NR_QUEUES; queue++)
		for (verdict = 0; verdict <= U8_MAX; verdict++)
			/* One flag at a time, and none. */
			for (bit = 0; bit <= 12; bit++) {
				struct pd_view view = {
					.nr_pages = 1,
					.flags = bit < 12 ? BIT(bit) : 0,
				};
				enum pd_fault want =
					pd_fault_wanted(queue, verdict, view.flags);

				d = pd_validate(f->dom, queue, &view, &page,
						(struct pd_decision){ verdict, PD_REASON_CLEAN });
				KUNIT_ASSERT_EQ_MSG(test, pd_fault_taken(f), want,
						    "queue %u, verdict %u, bit %u",
						    queue, verdict, bit);
				KUNIT_ASSERT_EQ(test, d.verdict,
						want ? PD_VERDICT_KEEP : verdict);
				KUNIT_ASSERT_EQ(test, d.reason,
						want ? PD_REASON_REFUSED : PD_REASON_CLEAN);
			}
}

static void reason_is_refused_if_it_is_none(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	struct pd_view view = { .nr_pages = 1 };
	struct pd_page_state page = {};
	struct pd_decision d;
	unsigned int reason;

	for (reason = 0; reason <= U8_MAX; reason++) {
		d = pd_validate(f->dom, PD_QUEUE_INACTIVE, &view, &page,
				(struct pd_decision){ PD_VERDICT_FREE, reason });
		KUNIT_ASSERT_EQ(test, pd_fault_taken(f),
				reason < PD_NR_REASONS ? PD_FAULT_NONE : PD_FAULT_VERDICT);
		KUNIT_ASSERT_EQ(test, d.verdict, reason < PD_NR_REASONS ? PD_VERDICT_FREE :
									   PD_VERDICT_KEEP);
	}
}

static void activity_count_out_of_range_is_cut(struct kunit *test)
{
	const struct pd_decision keep = { PD_VERDICT_KEEP, PD_REASON_NONE };
	const struct pd_decision in = { PD_VERDICT_ACTIVATE, PD_REASON_FAULTED };
	struct pd_fake *f = test->priv;
	struct pd_view view = { .nr_pages = 1 };
	struct pd_page_state page;
	unsigned int count;

	for (count = 0; count <= U8_MAX; count++) {
		enum pd_fault want = count > PD_ACT_COUNT_MAX ? PD_FAULT_STATE : PD_FAULT_NONE;

		page = (struct pd_page_state){ .act_count = count };
		pd_validate(f->dom, PD_QUEUE_ACTIVE, &view, &page, keep);
		KUNIT_ASSERT_EQ(test, pd_fault_taken(f), want);
		KUNIT_ASSERT_EQ(test, page.act_count, min_t(unsigned int, count, PD_ACT_COUNT_MAX));

		page = (struct pd_page_state){ .act_count = count };
		pd_validate_entry(f->dom, &page, in);
		KUNIT_ASSERT_EQ(test, pd_fault_taken(f), want);
		KUNIT_ASSERT_EQ(test, page.act_count, min_t(unsigned int, count, PD_ACT_COUNT_MAX));
	}
}

static void page_enters_active_or_inactive(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	struct pd_page_state page = {};
	unsigned int verdict;

	for (verdict = 0; verdict <= U8_MAX; verdict++) {
		bool may = verdict == PD_VERDICT_ACTIVATE ||
			   verdict == PD_VERDICT_DEACTIVATE ||
			   verdict == PD_VERDICT_DEACTIVATE_HEAD;
		struct pd_decision d = pd_validate_entry(f->dom, &page,
				(struct pd_decision){ verdict, PD_REASON_NONE });

		KUNIT_ASSERT_EQ(test, pd_fault_taken(f),
				may ? PD_FAULT_NONE : PD_FAULT_VERDICT);
		KUNIT_ASSERT_EQ(test, d.verdict, may ? verdict : PD_VERDICT_DEACTIVATE);
	}
}

static void watermarks_are_in_order_and_below_the_limit(struct kunit *test)
{
	const struct pd_watermarks good = {
		.free_reserved = 1,
		.free_severe = 2,
		.free_min = 3,
		.free_target = 5,
		.wakeup_thresh = 4,
		.inactive_target = 50,
		.free_stop = 5,
		.cluster_pages = 1,
		.max_launder = 1,
	};
	struct pd_watermarks bad;

	KUNIT_EXPECT_TRUE(test, pd_marks_are_sane(&good, 5));
	KUNIT_EXPECT_FALSE(test, pd_marks_are_sane(&good, 4));
#define PD_EXPECT_BAD(field, value)                                            \
	do {                                                                   \
		bad = good;                                                    \
		bad.field = value;                                             \
		KUNIT_EXPECT_FALSE_MSG(test, pd_marks_are_sane(&bad, 100), #field); \
	} while (0)
	PD_EXPECT_BAD(free_reserved, 101);
	PD_EXPECT_BAD(free_severe, 101);
	PD_EXPECT_BAD(free_min, 6);
	PD_EXPECT_BAD(free_target, 101);
	PD_EXPECT_BAD(wakeup_thresh, 101);
	PD_EXPECT_BAD(cluster_pages, 0);
	PD_EXPECT_BAD(cluster_pages, 65);
	PD_EXPECT_BAD(max_launder, 0);
}

static void plan_is_cut_if_it_wants_more_than_there_is(struct kunit *test)
{
	const s64 most = 8 * (s64)totalram_pages();
	struct pd_fake *f = test->priv;
	struct pd_scan scan = { .shortage = most, .active_shortage = most };

	pd_check_plan(f->dom, &scan);
	KUNIT_EXPECT_EQ(test, pd_fault_taken(f), PD_FAULT_NONE);
	KUNIT_EXPECT_EQ(test, scan.shortage, most);

	scan.shortage++;
	pd_check_plan(f->dom, &scan);
	KUNIT_EXPECT_EQ(test, pd_fault_taken(f), PD_FAULT_PLAN);
	KUNIT_EXPECT_EQ(test, scan.shortage, 0LL);
	KUNIT_EXPECT_EQ(test, scan.active_shortage, 0LL);

	scan = (struct pd_scan){ .shortage = S64_MIN, .active_shortage = S64_MAX };
	pd_check_plan(f->dom, &scan);
	KUNIT_EXPECT_EQ(test, pd_fault_taken(f), PD_FAULT_PLAN);
	KUNIT_EXPECT_EQ(test, scan.shortage, S64_MIN);
}

/*
 * A daemon's pass that did this, with pages freed by force since the last one and some
 * withheld.
 */
static enum pd_fault pd_passed(struct pd_fake *f, struct pd_node *node, u64 deficit,
			       u64 freed, u64 forced, u64 withheld)
{
	struct pd_scan sum = {
		.deficit = deficit,
		.freed = freed,
		.withheld = withheld,
	};
	struct pd_next next = { .flags = PD_NEXT_NEEDED, .delay_ms = 10 };

	atomic_long_add(freed, &f->dom->freed_wanted);
	pd_count(f->dom, PD_COUNT_freed_forced, forced);
	pd_check_pass(node, &sum, &next);
	KUNIT_EXPECT_EQ(f->test, next.delay_ms, 10U);
	return pd_fault_taken(f);
}

static void twelve_passes_in_vain_end_a_policy_that_keeps_what_could_go(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	struct pd_node node = { .domain = f->dom };
	int i;

	for (i = 0; i < 12; i++)
		KUNIT_EXPECT_EQ(test, pd_passed(f, &node, 1, 0, 1, 1), PD_FAULT_NONE);
	KUNIT_EXPECT_EQ(test, pd_passed(f, &node, 1, 0, 1, 1), PD_FAULT_PROGRESS);
}

/* All pages may be in use all the time, more of them than there is memory. */
static void a_policy_ends_once_the_kernel_took_as_many_as_there_are(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	struct pd_node node = { .domain = f->dom };
	int i;

	atomic_long_set(&f->memcg->memory.usage, 1000);
	/* The first one is what the others are counted from. */
	for (i = 0; i <= 100; i++)
		KUNIT_EXPECT_EQ(test, pd_passed(f, &node, 1, 0, 10, 0), PD_FAULT_NONE);
	KUNIT_EXPECT_EQ(test, pd_passed(f, &node, 1, 0, 1, 0), PD_FAULT_PROGRESS);

	atomic_long_set(&f->memcg->memory.usage, 1 << 20);
	node.fruitless = 0;
	for (i = 0; i <= 16; i++)
		KUNIT_EXPECT_EQ(test, pd_passed(f, &node, 1, 0, 1024, 0), PD_FAULT_NONE);
	KUNIT_EXPECT_EQ(test, pd_passed(f, &node, 1, 0, 1, 0), PD_FAULT_PROGRESS);
}

static void withheld_is_what_could_have_gone_and_no_setting_keeps(struct kunit *test)
{
	static const struct {
		struct pd_view view;
		struct pd_decision decision;
		bool withheld;
	} cases[] = {
		{ {}, { PD_VERDICT_KEEP, PD_REASON_NONE }, true },
		{ {}, { PD_VERDICT_ACTIVATE, PD_REASON_REFERENCED }, true },
		{ {}, { PD_VERDICT_REQUEUE, PD_REASON_SECOND_LAP }, true },
		{ {}, { PD_VERDICT_FREE, PD_REASON_CLEAN }, false },
		{ {}, { PD_VERDICT_LAUNDER, PD_REASON_DIRTY }, false },
		{ {}, { PD_VERDICT_ACTIVATE, PD_REASON_PROTECTED }, false },
		{ {}, { PD_VERDICT_DROP_SWAP, PD_REASON_SWAP_FULL }, false },
		{ {}, { PD_VERDICT_KEEP, PD_REASON_EXTERNAL }, false },
		{ {}, { PD_VERDICT_KEEP, PD_REASON_STOPPED }, false },
		{ { .refs = 1 }, { PD_VERDICT_ACTIVATE, PD_REASON_REFERENCED }, false },
		{ { .soft_refs = 1 }, { PD_VERDICT_REQUEUE, PD_REASON_REFERENCED }, false },
		{ { .flags = PD_PAGE_DIRTY }, { PD_VERDICT_REQUEUE, PD_REASON_DIRTY }, false },
		{ { .flags = PD_PAGE_BUSY }, { PD_VERDICT_KEEP, PD_REASON_BUSY }, false },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		KUNIT_EXPECT_EQ_MSG(test,
				    pd_is_withheld(&cases[i].view, cases[i].decision),
				    cases[i].withheld, "case %d", i);
}

static void passes_in_vain_are_no_fault_if_nothing_could_go(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	struct pd_node node = { .domain = f->dom };
	int i;

	atomic_long_set(&f->memcg->memory.usage, 1000);
	/* Nothing that could go was met. */
	for (i = 0; i < 40; i++)
		KUNIT_EXPECT_EQ(test, pd_passed(f, &node, 1, 0, 1, 0), PD_FAULT_NONE);
	node.fruitless = 0;
	/* The kernel could not free any, either. */
	for (i = 0; i < 40; i++)
		KUNIT_EXPECT_EQ(test, pd_passed(f, &node, 1, 0, 0, 1), PD_FAULT_NONE);
	node.fruitless = 0;
	/* Nobody went without. */
	for (i = 0; i < 40; i++)
		KUNIT_EXPECT_EQ(test, pd_passed(f, &node, 0, 0, 1, 1), PD_FAULT_NONE);
	/* Each now and then is fruitful: one of the daemon's, */
	for (i = 0; i < 40; i++)
		KUNIT_EXPECT_EQ(test, pd_passed(f, &node, 1, i % 12 == 11, 1, 1),
				PD_FAULT_NONE);
	/* or one of a task's. */
	node.fruitless = 0;
	for (i = 0; i < 40; i++) {
		if (i % 12 == 11)
			atomic_long_inc(&f->dom->freed_wanted);
		KUNIT_EXPECT_EQ(test, pd_passed(f, &node, 1, 0, 1, 1), PD_FAULT_NONE);
	}
}

static void pages_in_flight_excuse_only_who_wanted_them_written(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	struct pd_node node = { .domain = f->dom };
	struct folio *folio = pd_fake_folio(f, pd_fake_add(f, true, 0));
	int i;

	pd_fake_writeback(folio, true);
	pd_inflight_add(f->dom, folio, true);
	for (i = 0; i < 40; i++)
		KUNIT_EXPECT_EQ(test, pd_passed(f, &node, 1, 0, 1, 1), PD_FAULT_NONE);
	KUNIT_EXPECT_EQ(test, node.fruitless, 0U);

	/* Written again, by force this time. */
	pd_fake_writeback(folio, false);
	KUNIT_EXPECT_EQ(test, pd_inflight_count(f->dom, false), 0UL);
	pd_fake_writeback(folio, true);
	pd_inflight_add(f->dom, folio, false);
	for (i = 0; i < 12; i++)
		KUNIT_EXPECT_EQ(test, pd_passed(f, &node, 1, 0, 1, 1), PD_FAULT_NONE);
	KUNIT_EXPECT_EQ(test, pd_passed(f, &node, 1, 0, 1, 1), PD_FAULT_PROGRESS);
	/* The policy sees all of them, whoever had them written. */
	KUNIT_EXPECT_EQ(test, pd_inflight_count(f->dom, false), 1UL);
	pd_fake_writeback(folio, false);
}

static void daemon_that_never_or_ever_sleeps_ends(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	static const struct pd_scan sum, fruitful = { .laundered = 1 };
	struct pd_node node = { .domain = f->dom };
	struct pd_next next;
	int i;

	for (i = 0; i < 63; i++) {
		next = (struct pd_next){ .flags = PD_NEXT_NEEDED };
		pd_check_pass(&node, &sum, &next);
		KUNIT_EXPECT_EQ(test, pd_fault_taken(f), PD_FAULT_NONE);
	}
	pd_check_pass(&node, &sum, &next);
	KUNIT_EXPECT_EQ(test, pd_fault_taken(f), PD_FAULT_PAUSE);
	KUNIT_EXPECT_EQ(test, next.delay_ms, 1000U);

	/* It may as long as it gets on. */
	next.delay_ms = 0;
	for (i = 0; i < 200; i++)
		pd_check_pass(&node, i % 32 ? &sum : &fruitful, &next);
	KUNIT_EXPECT_EQ(test, pd_fault_taken(f), PD_FAULT_NONE);

	next = (struct pd_next){ .flags = PD_NEXT_NEEDED, .delay_ms = PD_FOREVER_MS };
	pd_check_pass(&node, &sum, &next);
	KUNIT_EXPECT_EQ(test, pd_fault_taken(f), PD_FAULT_PAUSE);
	KUNIT_EXPECT_EQ(test, next.delay_ms, 1000U);

	/* Who is not needed may sleep for ever. */
	next = (struct pd_next){ .delay_ms = PD_FOREVER_MS };
	pd_check_pass(&node, &sum, &next);
	KUNIT_EXPECT_EQ(test, pd_fault_taken(f), PD_FAULT_NONE);
	KUNIT_EXPECT_EQ(test, next.delay_ms, PD_FOREVER_MS);
}

static void daemon_that_stands_still_ends(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	unsigned int seconds = pd_stall_seconds;
	struct pd_node node = { .domain = f->dom, .nid = f->nid };

	f->dom->nodes = kunit_kzalloc(test, nr_node_ids * sizeof(*f->dom->nodes),
				      GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, f->dom->nodes);
	f->dom->nodes[f->nid] = &node;

	node.beat = jiffies - 200 * HZ;
	pd_check_stall(f->dom);
	KUNIT_EXPECT_EQ(test, pd_fault_taken(f), PD_FAULT_NONE);
	node.needed = true;
	pd_check_stall(f->dom);
	KUNIT_EXPECT_EQ(test, pd_fault_taken(f), PD_FAULT_STALL);
	pd_stall_seconds = 300;
	pd_check_stall(f->dom);
	KUNIT_EXPECT_EQ(test, pd_fault_taken(f), PD_FAULT_NONE);
	pd_stall_seconds = 0;
	node.beat = jiffies - 400000 * HZ;
	pd_check_stall(f->dom);
	KUNIT_EXPECT_EQ(test, pd_fault_taken(f), PD_FAULT_NONE);
	pd_stall_seconds = seconds;
	pd_daemon_beat(f->dom, f->nid);
	pd_check_stall(f->dom);
	KUNIT_EXPECT_EQ(test, pd_fault_taken(f), PD_FAULT_NONE);
	f->dom->nodes = NULL;
}

static void folio_that_is_not_ours_stays_where_it_is(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	struct pd_cursor *cursor;
	struct folio *folio;

	pd_fake_open(f, 4, 0);
	folio = pd_fake_folio(f, 'b');
	folio_set_active(folio);
	cursor = pd_cursor_get(f->pair, PD_QUEUE_INACTIVE);
	KUNIT_EXPECT_EQ(test, pd_fake_take(f, PD_QUEUE_INACTIVE, cursor, 32), 4UL);
	PD_EXPECT_BATCH(f, "acd");
	KUNIT_EXPECT_EQ(test, pd_fault_taken(f), PD_FAULT_QUEUE);
	folio_clear_active(folio);
	pd_fake_put(f, PD_QUEUE_INACTIVE, cursor);
	pd_cursor_put(f->pair, cursor);
	PD_EXPECT_QUEUES(f, "bacd", "");
}

static void pass_in_a_pair_that_is_closed_gives_its_pages_to_the_kernel(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	struct pd_cursor *cursor;

	pd_fake_open(f, 6, 2);
	cursor = pd_cursor_get(f->pair, PD_QUEUE_INACTIVE);
	KUNIT_EXPECT_EQ(test, pd_fake_take(f, PD_QUEUE_INACTIVE, cursor, 3), 3UL);
	PD_EXPECT_BATCH(f, "abc");
	PD_EXPECT_QUEUES(f, "0def", "gh");
	pd_fake_hand_back(f->pair);
	PD_EXPECT_QUEUES(f, "0", "");
	PD_EXPECT_TRAY(f, LRU_INACTIVE_FILE, "def");
	PD_EXPECT_TRAY(f, LRU_ACTIVE_FILE, "gh");

	pd_fake_judge(f, "abc", PD_VERDICT_ACTIVATE);
	pd_fake_put(f, PD_QUEUE_INACTIVE, cursor);
	PD_EXPECT_QUEUES(f, "0", "");
	KUNIT_EXPECT_EQ(test, f->returned, 3L);
	/* It finds nothing more, and takes nothing over. */
	KUNIT_EXPECT_EQ(test, pd_fake_take(f, PD_QUEUE_INACTIVE, cursor, 3), 0UL);
	KUNIT_EXPECT_EQ(test, pd_pair_adopt(f->pair), 0UL);
	PD_EXPECT_TRAY(f, LRU_INACTIVE_FILE, "def");
	pd_cursor_put(f->pair, cursor);
	PD_EXPECT_QUEUES(f, "", "");
}

static int pd_eject_init(struct kunit *test)
{
	int err = pd_fake_init(test);

	if (!err)
		spin_lock_init(&((struct pd_fake *)test->priv)->dom->inflight.lock);
	return err;
}

static void pd_eject_suite_exit(struct kunit_suite *suite)
{
	/* Who is condemned has the worker come. */
	pd_control_settle();
	pd_fake_suite_exit(suite);
}

static struct kunit_case pd_eject_cases[] = {
	KUNIT_CASE(verdict_is_refused_if_it_is_none_or_does_harm),
	KUNIT_CASE(reason_is_refused_if_it_is_none),
	KUNIT_CASE(activity_count_out_of_range_is_cut),
	KUNIT_CASE(page_enters_active_or_inactive),
	KUNIT_CASE(watermarks_are_in_order_and_below_the_limit),
	KUNIT_CASE(plan_is_cut_if_it_wants_more_than_there_is),
	KUNIT_CASE(withheld_is_what_could_have_gone_and_no_setting_keeps),
	KUNIT_CASE(twelve_passes_in_vain_end_a_policy_that_keeps_what_could_go),
	KUNIT_CASE(a_policy_ends_once_the_kernel_took_as_many_as_there_are),
	KUNIT_CASE(passes_in_vain_are_no_fault_if_nothing_could_go),
	KUNIT_CASE(pages_in_flight_excuse_only_who_wanted_them_written),
	KUNIT_CASE(daemon_that_never_or_ever_sleeps_ends),
	KUNIT_CASE(daemon_that_stands_still_ends),
	KUNIT_CASE(folio_that_is_not_ours_stays_where_it_is),
	KUNIT_CASE(pass_in_a_pair_that_is_closed_gives_its_pages_to_the_kernel),
	{}
};

struct kunit_suite pd_eject_suite = {
	.name = "pd_eject",
	.suite_init = pd_fake_suite_init,
	.suite_exit = pd_eject_suite_exit,
	.init = pd_eject_init,
	.exit = pd_fake_exit,
	.test_cases = pd_eject_cases,
};
