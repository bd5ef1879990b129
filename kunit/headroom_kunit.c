// SPDX-License-Identifier: GPL-2.0
/* The headroom: what it learns of the way that usage goes before a daemon's work tells. */
#include "../src/daemon/domain.h"
#include "kunit.h"

#define PD_TEST_LIMIT 65536
#define PD_TEST_WAKEUP 100

static int pd_headroom_init(struct kunit *test)
{
	struct pd_domain *dom = kunit_kzalloc(test, sizeof(*dom), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, dom);
	dom->limit = PD_TEST_LIMIT;
	dom->marks.wakeup_thresh = PD_TEST_WAKEUP;
	pd_headroom_begin(dom, dom->limit);
	test->priv = dom;
	return 0;
}

/* @passes passes, before each of which usage came within @left pages of the limit. */
static void pd_headroom_passes(struct pd_domain *dom, unsigned int passes, s64 left)
{
	while (passes--) {
		pd_headroom_see(dom, left + 1000);
		pd_headroom_see(dom, left);
		pd_headroom_adapt(dom, 0, 0);
	}
}

static void what_is_not_used_is_given_back(struct kunit *test)
{
	struct pd_domain *dom = test->priv;
	u64 first = dom->headroom;

	KUNIT_ASSERT_GT(test, first, (u64)PD_BATCH);
	pd_headroom_passes(dom, 1, PD_TEST_LIMIT);
	KUNIT_EXPECT_LT(test, dom->headroom, first);
	/* Slowly: one quiet pass says little. */
	KUNIT_EXPECT_GT(test, dom->headroom, first / 10 * 9);
	pd_headroom_passes(dom, 300, PD_TEST_LIMIT);
	KUNIT_EXPECT_EQ(test, dom->headroom, (u64)64 + PD_BATCH);
}

static void twice_the_way_that_usage_went_is_kept(struct kunit *test)
{
	struct pd_domain *dom = test->priv;
	s64 woken_at;

	pd_headroom_passes(dom, 300, PD_TEST_LIMIT);
	woken_at = dom->headroom + PD_TEST_WAKEUP;
	/* 120 pages beyond where the daemon was woken: 240 from there to the limit. */
	pd_headroom_passes(dom, 1, woken_at - 120);
	KUNIT_EXPECT_EQ(test, dom->headroom, (u64)240 - PD_TEST_WAKEUP);
}

static void limit_that_was_reached_doubles_it(struct kunit *test)
{
	struct pd_domain *dom = test->priv;
	u64 before;

	pd_headroom_passes(dom, 300, PD_TEST_LIMIT);
	before = dom->headroom;
	pd_headroom_passes(dom, 1, 0);
	KUNIT_EXPECT_EQ(test, dom->headroom, 2 * before + PD_TEST_WAKEUP);
	/* Above it, too: a limit may be lowered. */
	pd_headroom_passes(dom, 1, -500);
	KUNIT_EXPECT_EQ(test, dom->headroom, 2 * (2 * before + PD_TEST_WAKEUP) +
						     PD_TEST_WAKEUP);
}

/* @passes passes at intervals of @us microseconds, each of which frees @freed pages. */
static void pd_headroom_flow(struct pd_domain *dom, unsigned int passes, u64 us, u64 freed)
{
	static u64 now;

	while (passes--) {
		now += us * NSEC_PER_USEC;
		pd_headroom_adapt(dom, freed, now);
	}
}

static void rate_is_kept_for_a_daemon_that_is_late(struct kunit *test)
{
	struct pd_domain *dom = test->priv;

	pd_headroom_flow(dom, 300, 20000, 10);
	KUNIT_EXPECT_EQ(test, dom->headroom, (u64)64 + PD_BATCH);
	/* 100 pages in a millisecond: 400 in the time it may be late, and a batch. */
	pd_headroom_flow(dom, 100, 5000, 500);
	KUNIT_EXPECT_GE(test, dom->headroom, (u64)64 + 390 - PD_TEST_WAKEUP);
	KUNIT_EXPECT_LE(test, dom->headroom, (u64)64 + 400 - PD_TEST_WAKEUP);
	/* One that has nothing to do says little, many do. */
	pd_headroom_flow(dom, 1, 1000000, 0);
	KUNIT_EXPECT_GT(test, dom->headroom, (u64)300 - PD_TEST_WAKEUP);
	pd_headroom_flow(dom, 100, 1000000, 0);
	KUNIT_EXPECT_EQ(test, dom->headroom, (u64)64 + PD_BATCH);
}

/* As the daemons of two nodes: one right after the other. */
static void passes_in_a_row_are_one_sample(struct kunit *test)
{
	struct pd_domain *dom = test->priv;
	unsigned int i;

	pd_headroom_passes(dom, 300, PD_TEST_LIMIT);
	for (i = 0; i < 100; i++) {
		pd_headroom_flow(dom, 1, 5000, 250);
		pd_headroom_flow(dom, 1, 1, 250);
	}
	KUNIT_EXPECT_GE(test, dom->headroom, (u64)64 + 390 - PD_TEST_WAKEUP);
	KUNIT_EXPECT_LE(test, dom->headroom, (u64)64 + 400 - PD_TEST_WAKEUP);
}

static void never_more_than_a_sixteenth(struct kunit *test)
{
	struct pd_domain *dom = test->priv;

	pd_headroom_passes(dom, 40, 0);
	KUNIT_EXPECT_EQ(test, dom->headroom, (u64)PD_TEST_LIMIT / 16);
	pd_headroom_passes(dom, 300, PD_TEST_LIMIT);
	pd_headroom_flow(dom, 40, 5000, U32_MAX);
	KUNIT_EXPECT_EQ(test, dom->headroom, (u64)PD_TEST_LIMIT / 16);

	dom->limit = 100;
	pd_headroom_begin(dom, 100);
	KUNIT_EXPECT_EQ(test, dom->headroom, (u64)100 / 16);
	pd_headroom_passes(dom, 300, 100);
	KUNIT_EXPECT_EQ(test, dom->headroom, (u64)100 / 16);
}

static void slow_cgroup_is_looked_at_in_time(struct kunit *test)
{
	struct pd_domain *dom = test->priv;
	s64 last = 0;
	u64 ns = 0;

	KUNIT_EXPECT_EQ(test, pd_headroom_ahead(dom, 200, &last, &ns), PD_AHEAD_NOT);
	/* 16 pages in 4 ms: 200 last for 50, 100 for 25. */
	dom->rate = 16 * 8;
	KUNIT_EXPECT_EQ(test, pd_headroom_ahead(dom, 200, &last, &ns), PD_AHEAD_LOOK);
	KUNIT_EXPECT_EQ(test, ns, 25 * NSEC_PER_MSEC);
	KUNIT_EXPECT_EQ(test, pd_headroom_ahead(dom, 104, &last, &ns), PD_AHEAD_LOOK);
	KUNIT_EXPECT_EQ(test, ns, 13 * NSEC_PER_MSEC);
	/* Nothing was taken: later and later, and then no more. */
	KUNIT_EXPECT_EQ(test, pd_headroom_ahead(dom, 104, &last, &ns), PD_AHEAD_LOOK);
	KUNIT_EXPECT_EQ(test, ns, 26 * NSEC_PER_MSEC);
	KUNIT_EXPECT_EQ(test, pd_headroom_ahead(dom, 104, &last, &ns), PD_AHEAD_LOOK);
	KUNIT_EXPECT_EQ(test, ns, 52 * NSEC_PER_MSEC);
	KUNIT_EXPECT_EQ(test, pd_headroom_ahead(dom, 104, &last, &ns), PD_AHEAD_NOT);
}

static void pass_begins_before_a_batch_of_charges_is_too_much(struct kunit *test)
{
	struct pd_domain *dom = test->priv;
	s64 last = 0;
	u64 ns = 0;

	dom->rate = 16 * 8;
	/* What a pass has left is what its policy wants. */
	KUNIT_EXPECT_EQ(test, pd_headroom_ahead(dom, 63, &last, &ns), PD_AHEAD_NOT);
	KUNIT_EXPECT_EQ(test, pd_headroom_ahead(dom, 64, &last, &ns), PD_AHEAD_LOOK);
	KUNIT_EXPECT_EQ(test, pd_headroom_ahead(dom, 63, &last, &ns), PD_AHEAD_PASS);
	/* At work already, or about to be. */
	KUNIT_EXPECT_EQ(test, pd_headroom_ahead(dom, 0, &last, &ns), PD_AHEAD_NOT);
	KUNIT_EXPECT_EQ(test, pd_headroom_ahead(dom, -5, &last, &ns), PD_AHEAD_NOT);

	/* A batch in 4 ms is the quickest that is looked at. */
	dom->rate = 64 * 8;
	last = 0;
	ns = 0;
	KUNIT_EXPECT_EQ(test, pd_headroom_ahead(dom, 64, &last, &ns), PD_AHEAD_LOOK);
	KUNIT_EXPECT_EQ(test, ns, 2 * NSEC_PER_MSEC);
	dom->rate = 65 * 8;
	KUNIT_EXPECT_EQ(test, pd_headroom_ahead(dom, 64, &last, &ns), PD_AHEAD_NOT);
}

static struct kunit_case pd_headroom_cases[] = {
	KUNIT_CASE(what_is_not_used_is_given_back),
	KUNIT_CASE(twice_the_way_that_usage_went_is_kept),
	KUNIT_CASE(limit_that_was_reached_doubles_it),
	KUNIT_CASE(rate_is_kept_for_a_daemon_that_is_late),
	KUNIT_CASE(passes_in_a_row_are_one_sample),
	KUNIT_CASE(never_more_than_a_sixteenth),
	KUNIT_CASE(slow_cgroup_is_looked_at_in_time),
	KUNIT_CASE(pass_begins_before_a_batch_of_charges_is_too_much),
	{},
};

struct kunit_suite pd_headroom_suite = {
	.name = "pd_headroom",
	.init = pd_headroom_init,
	.test_cases = pd_headroom_cases,
};
