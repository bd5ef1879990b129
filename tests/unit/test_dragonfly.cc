// SPDX-License-Identifier: GPL-2.0
/*
 * DragonFly's policy, behaviour by behaviour: bNN is the number of the row in
 * docs/behaviours.md. Passes are numbered from 1; the source begins at 0.
 */
#include "policy_test.h"

namespace
{

struct DragonFly : testing::Test {
	pd_scan plan(pd_s64 free, pd_u32 pass = 1) const
	{
		return i.plan(memory_64m(free), pass);
	}

	pd_scan inactive_done(const pd_memory &memory, pd_scan scan) const
	{
		i.policy->inactive_done(i.state(), &memory, &scan);
		return scan;
	}

	pd_scan idle(const pd_memory &memory, pd_u64 elapsed_ms = 5000) const
	{
		pd_scan scan = {};

		scan.shortage = scan.max_scan = 5;
		scan.active_shortage = scan.active_max_scan = 5;
		next_tick = i.policy->idle(i.state(), &memory, elapsed_ms, &scan);
		return scan;
	}

	Instance i{"dragonfly"};
	mutable pd_u32 next_tick = 0;
};

const pd_view kCleanFile = make_view(PD_TYPE_FILE);
const pd_view kDirtyFile = make_view(PD_TYPE_FILE, PD_PAGE_DIRTY);
const pd_view kDirtyAnon = make_view(PD_TYPE_ANON, PD_PAGE_DIRTY);
const pd_view kMappedAnon = make_view(PD_TYPE_ANON, PD_PAGE_MAPPED);
const pd_view kMappedFile = make_view(PD_TYPE_FILE, PD_PAGE_MAPPED);

/* With swap, half of it free. */
pd_memory with_swap(pd_s64 free, pd_u32 waiters = 0)
{
	pd_memory memory = memory_64m(free);

	memory.swap_total = 10000;
	memory.swap_free = 5000;
	memory.waiters = waiters;
	return memory;
}

pd_memory without_swap(pd_s64 free, pd_u32 waiters = 0)
{
	pd_memory memory = with_swap(free, waiters);

	memory.swap_free = 0;
	return memory;
}

} // namespace

/* ---- Watermarks ---- */

TEST_F(DragonFly, b1_watermarks_derive_from_the_limit)
{
	static const struct {
		pd_u64 limit, reserved, severe, min, target, wakeup, inactive;
	} rows[] = {
		/* 64 MiB, 256 MiB, 1 GiB, 4 GiB */
		{16384, 77, 70, 140, 1274, 777, 4096},
		{65536, 200, 193, 386, 3488, 2130, 16384},
		{262144, 691, 684, 1369, 12334, 7536, 65536},
		{1048576, 2657, 2650, 5301, 47722, 29162, 262144},
		/* four times free_min above 6144 pages, else two */
		{6145, 51, 44, 89, 814, 496, 1536},
		{6144, 51, 44, 89, 458, 318, 1536},
		/* nothing is cached up to 2048 pages */
		{2049, 41, 34, 69, 358, 248, 512},
		{2048, 41, 34, 69, 179, 69, 512},
		/* free_min is at most a twentieth */
		{1400, 39, 32, 65, 169, 65, 350},
		{1280, 39, 32, 64, 167, 64, 320},
		{1024, 32, 25, 51, 134, 51, 256},
		{20, 7, 0, 1, 9, 1, 5},
		/* half of the limit */
		{13, 6, 0, 0, 6, 0, 3},
		{1, 0, 0, 0, 0, 0, 0},
		{0, 0, 0, 0, 0, 0, 0},
	};

	for (const auto &row : rows) {
		const pd_watermarks m = i.watermarks(row.limit);

		SCOPED_TRACE(row.limit);
		EXPECT_EQ(m.free_reserved, row.reserved);
		EXPECT_EQ(m.free_severe, row.severe);
		EXPECT_EQ(m.free_min, row.min);
		EXPECT_EQ(m.free_target, row.target);
		EXPECT_EQ(m.wakeup_thresh, row.wakeup);
		EXPECT_EQ(m.inactive_target, row.inactive);
		EXPECT_EQ(m.free_stop, row.target);
	}
}

TEST_F(DragonFly, b1_an_empty_cgroup_is_never_short_however_small)
{
	expect_empty_is_never_short(i, 8000);
}

TEST_F(DragonFly, b1_no_limit_is_too_large)
{
	pd_u64 before = 0;

	for (int shift = 14; shift <= 52; shift++) {
		const pd_watermarks m = i.watermarks(pd_u64{1} << shift);

		EXPECT_GT(m.free_target, before);
		EXPECT_LT(m.free_target, pd_u64{1} << shift >> 3);
		EXPECT_LT(m.wakeup_thresh, m.free_target);
		before = m.free_target;
	}
	EXPECT_EQ(i.watermarks(~pd_u64{0}).free_target, before);
}

TEST_F(DragonFly, b1_knobs_override_what_was_computed)
{
	i.knobs.free_target = 5000;
	EXPECT_EQ(plan(0).shortage, 5000);
	EXPECT_EQ(i.watermarks(16384).wakeup_thresh, 777u);
	/* The threshold stays cache_min (637) above the minimum. */
	i.knobs.free_min = 200;
	EXPECT_EQ(i.watermarks(16384).wakeup_thresh, 837u);
	i.knobs.free_min = 1ull << 40;
	EXPECT_EQ(i.watermarks(16384).wakeup_thresh, 16384u);
}

TEST_F(DragonFly, b2_daemon_is_woken_below_min_and_what_would_be_cached)
{
	pd_memory memory = memory_64m(777);

	EXPECT_FALSE(i.needs_scan(memory));
	memory.free = 776;
	EXPECT_TRUE(i.needs_scan(memory));
	memory.free = -5;
	EXPECT_TRUE(i.needs_scan(memory));
}

TEST_F(DragonFly, b67_clusters_are_aligned_blocks_of_64_that_inherit)
{
	const pd_watermarks m = i.watermarks(16384);

	EXPECT_EQ(m.cluster_pages, 64u);
	EXPECT_EQ(m.cluster_flags,
		  PD_CLUSTER_BLOCK | PD_CLUSTER_INHERIT | PD_CLUSTER_FAILED_STAYS);
	EXPECT_EQ(i.watermarks(100).cluster_pages, 64u);
	i.knobs.cluster_pages = 4;
	EXPECT_EQ(i.watermarks(16384).cluster_pages, 4u);
}

TEST_F(DragonFly, b82_what_is_wanted_keeps_free_above_half_way_from_min_to_target)
{
	/* (min + target) / 2 with the target that leaves the cache out: 388. */
	EXPECT_GT(plan(388).shortage, 0);
	for (pd_u64 limit = 14; limit < 20000; limit++) {
		const pd_watermarks m = i.watermarks(limit);
		const pd_u64 target = limit > 2048 ? m.free_target / 2 : m.free_target;

		ASSERT_GE(m.free_target, (m.free_min + target) / 2) << limit;
	}
}

/* ---- Plan ---- */

TEST_F(DragonFly, b7_shortage_is_the_target_less_free_plus_the_deficit)
{
	pd_memory memory = memory_64m(100);

	EXPECT_EQ(i.plan(memory).shortage, 1174);
	memory.deficit = 9;
	EXPECT_EQ(i.plan(memory).shortage, 1183);
	EXPECT_EQ(i.plan(memory).deficit, 9);
	EXPECT_EQ(plan(-500).shortage, 1774);
	EXPECT_EQ(plan(1274).shortage, 0);
	EXPECT_EQ(plan(2000).shortage, -726);
}

/* The host tells each pair of a pass of the same deficit. */
TEST_F(DragonFly, b7_pairs_make_up_for_one_deficit_together)
{
	pd_memory memory = memory_64m(1274);
	pd_s64 shortage = 0;

	memory.nr_pairs = 3;
	memory.deficit = 100;
	for (const pd_u64 part : {3000, 2250, 750}) { /* of 6000 */
		memory.inactive = part;
		shortage += i.plan(memory).shortage;
	}
	EXPECT_EQ(shortage, 50 + 38 + 13);
}

TEST_F(DragonFly, b16_each_of_several_pairs_takes_its_share)
{
	pd_memory memory = memory_64m(100);

	memory.nr_pairs = 2;
	memory.inactive = 1000;
	memory.active = 3000;
	EXPECT_EQ(i.plan(memory).shortage, 196); /* 1174 / 6, rounded up */
	EXPECT_EQ(i.plan(memory).launder_budget, 1024);
	memory.inactive = memory.active = 0;
	EXPECT_EQ(i.plan(memory).shortage, 0);
	EXPECT_EQ(i.plan(memory).launder_budget, 1);
}

TEST_F(DragonFly, b17_scan_may_end_when_memory_is_well_above_the_target)
{
	EXPECT_EQ(plan(0).enough, 1274 + 4096 + 1);
	i.knobs.max_launder = 100;
	EXPECT_EQ(plan(0).enough, 1375);
	i.knobs.max_launder = ~pd_u64{0} - 1;
	EXPECT_GT(plan(0).enough, 1375);
}

TEST_F(DragonFly, b17_scan_that_ended_early_is_a_success)
{
	pd_scan scan = plan(0);

	scan.shortage = 0;
	EXPECT_EQ(i.after_pass(with_swap(5371), scan, true).flags, PD_NEXT_WAKE_WAITERS);
}

TEST_F(DragonFly, b21_scan_is_bounded_by_the_length_of_the_queue)
{
	pd_memory memory = memory_64m(0);

	EXPECT_EQ(i.plan(memory).max_scan, 6000);
	memory.inactive = 0;
	EXPECT_EQ(i.plan(memory).max_scan, 0);
}

TEST_F(DragonFly, b40_launder_budget_is_4096_and_10000_after_the_first_pass)
{
	EXPECT_EQ(plan(0, 0).launder_budget, 4096);
	EXPECT_EQ(plan(0, 1).launder_budget, 4096);
	EXPECT_EQ(plan(0, 2).launder_budget, 10000);
	EXPECT_EQ(plan(0, ~0u).launder_budget, 10000);
	i.knobs.max_launder = 100;
	EXPECT_EQ(plan(0, 1).launder_budget, 100);
	EXPECT_EQ(plan(0, 2).launder_budget, 10000);
	i.knobs.max_launder = 0;
	EXPECT_EQ(plan(0, 1).launder_budget, 1);
}

/* ---- Inactive scan ---- */

TEST_F(DragonFly, b14_emergency_leaves_file_pages_alone)
{
	pd_scan scan = plan(0, 2);
	pd_page_state p = page();

	scan.emergency = 1;
	for (pd_page_type type : {PD_TYPE_FILE, PD_TYPE_EXEC}) {
		for (pd_u32 flag : {0u, PD_PAGE_DIRTY, PD_PAGE_HELD, PD_PAGE_UNEVICTABLE})
			EXPECT_EQ(i.inactive(make_view(type, flag), p, scan),
				  decision(PD_VERDICT_KEEP, PD_REASON_EXTERNAL));
		EXPECT_EQ(i.active(make_view(type), p, scan),
			  decision(PD_VERDICT_REQUEUE, PD_REASON_EXTERNAL));
	}
	for (pd_page_type type : kSwapTypes) {
		EXPECT_EQ(i.inactive(make_view(type, PD_PAGE_DIRTY), p, scan),
			  decision(PD_VERDICT_LAUNDER, PD_REASON_DIRTY));
		EXPECT_EQ(i.active(make_view(type, PD_PAGE_DIRTY), p, scan).verdict,
			  PD_VERDICT_DEACTIVATE);
	}
}

TEST_F(DragonFly, b14_emergency_deactivates_100_pages_at_least)
{
	pd_scan scan = {};

	scan.emergency = 1;
	EXPECT_EQ(inactive_done(memory_64m(2000), scan).active_shortage, 100);
	scan.addl_shortage = 3000; /* 4096 - 6000 + 3000 */
	EXPECT_EQ(inactive_done(memory_64m(2000), scan).active_shortage, 1096);
}

TEST_F(DragonFly, b24_busy_page_stays)
{
	pd_scan scan = plan(0);
	const pd_s64 shortage = scan.shortage;
	pd_page_state p = page(7);

	for (pd_u32 flag : {PD_PAGE_BUSY, PD_PAGE_WRITEBACK, PD_PAGE_BUSY | PD_PAGE_HELD,
			    PD_PAGE_BUSY | PD_PAGE_UNEVICTABLE})
		EXPECT_EQ(i.inactive(make_view(PD_TYPE_FILE, flag | PD_PAGE_MAPPED, 3), p,
				     scan),
			  decision(PD_VERDICT_KEEP, PD_REASON_BUSY));
	EXPECT_EQ(p.act_count, 7);
	EXPECT_EQ(scan.shortage, shortage);
	/* FreeBSD counts it; here it goes on counting as inactive. */
	EXPECT_EQ(scan.addl_shortage, 0);
}

TEST_F(DragonFly, b25_held_page_goes_to_the_tail)
{
	pd_scan scan = plan(0);
	pd_page_state p = page();

	EXPECT_EQ(i.inactive(make_view(PD_TYPE_ANON, PD_PAGE_HELD), p, scan),
		  decision(PD_VERDICT_REQUEUE, PD_REASON_HELD));
	/* Before its references are looked at. */
	EXPECT_EQ(i.inactive(make_view(PD_TYPE_ANON, PD_PAGE_HELD | PD_PAGE_MAPPED, 5, 1),
			     p, scan),
		  decision(PD_VERDICT_REQUEUE, PD_REASON_HELD));
	EXPECT_EQ(p.act_count, 0);
	EXPECT_EQ(scan.addl_shortage, 0);
}

TEST_F(DragonFly, b26_wired_page_is_taken_off_the_queue)
{
	pd_scan scan = plan(0);
	pd_page_state p = page();
	const pd_view view = make_view(
		PD_TYPE_FILE, PD_PAGE_UNEVICTABLE | PD_PAGE_HELD | PD_PAGE_MAPPED, 5);

	EXPECT_EQ(i.inactive(view, p, scan),
		  decision(PD_VERDICT_UNQUEUE, PD_REASON_UNEVICTABLE));
	EXPECT_EQ(i.active(view, p, scan),
		  decision(PD_VERDICT_UNQUEUE, PD_REASON_UNEVICTABLE));
}

TEST_F(DragonFly, b27_invalid_page_is_freed_at_once)
{
	pd_scan scan = plan(0);
	const pd_s64 shortage = scan.shortage;
	pd_page_state p = page();

	EXPECT_EQ(i.inactive(make_view(PD_TYPE_FILE, PD_PAGE_INVALID), p, scan),
		  decision(PD_VERDICT_FREE, PD_REASON_INVALID));
	EXPECT_EQ(scan.shortage, shortage - 1);
}

TEST_F(DragonFly, b27_page_valid_in_part_is_written_like_any_dirty_one)
{
	pd_scan scan = plan(0, 2);
	pd_page_state p = page();

	EXPECT_EQ(i.inactive(make_view(PD_TYPE_FILE, PD_PAGE_INVALID | PD_PAGE_DIRTY), p,
			     scan),
		  decision(PD_VERDICT_LAUNDER, PD_REASON_DIRTY));
}

TEST_F(DragonFly, b29_soft_flag_is_worth_one_more)
{
	pd_scan scan = plan(0);

	for (pd_u8 refs = 0; refs <= PD_REFS_MAX; refs++) {
		for (pd_u8 soft = 0; soft < 4; soft++) {
			const pd_view view =
				make_view(PD_TYPE_FILE, PD_PAGE_MAPPED, refs, soft);
			pd_page_state p = page();

			if (refs == 0 && soft == 0)
				continue;
			EXPECT_EQ(i.inactive(view, p, scan),
				  decision(PD_VERDICT_ACTIVATE, PD_REASON_REFERENCED));
			EXPECT_EQ(p.act_count, 5 + 3 + refs + (soft ? 1 : 0));
		}
	}
}

TEST_F(DragonFly, b29_activity_is_clamped_on_reactivation)
{
	pd_scan scan = plan(0);

	for (pd_u8 act = 0; act <= PD_ACT_COUNT_MAX; act++) {
		pd_page_state p = page(act);
		const int raised = (act < 5 ? 5 : act) + 9;

		i.inactive(make_view(PD_TYPE_ANON, PD_PAGE_MAPPED, 5, 1), p, scan);
		EXPECT_EQ(p.act_count, raised < 64 ? raised : 64);
	}
}

TEST_F(DragonFly, b30_reference_of_an_unreferenced_object_is_discarded)
{
	pd_scan scan = plan(0);
	pd_page_state p = page(30);

	EXPECT_EQ(i.inactive(make_view(PD_TYPE_FILE, 0, 5, 1), p, scan),
		  decision(PD_VERDICT_FREE, PD_REASON_CLEAN));
	EXPECT_EQ(i.inactive(make_view(PD_TYPE_FILE, PD_PAGE_DIRTY, 0, 1), p, scan),
		  decision(PD_VERDICT_REQUEUE, PD_REASON_SECOND_LAP));
	/* Swap cache that nobody maps. */
	EXPECT_EQ(i.inactive(make_view(PD_TYPE_ANON, PD_PAGE_SWAPCACHE, 0, 1), p, scan),
		  decision(PD_VERDICT_FREE, PD_REASON_CLEAN));
	EXPECT_EQ(p.act_count, 30);
}

TEST_F(DragonFly, b30_unmapped_page_that_was_read_twice_is_activated_as_linux_does)
{
	pd_scan scan = plan(0);
	pd_page_state p = page(2);

	EXPECT_EQ(i.inactive(make_view(PD_TYPE_FILE, 0, 0, 2), p, scan),
		  decision(PD_VERDICT_ACTIVATE, PD_REASON_UNMAPPED_REFERENCED));
	EXPECT_EQ(p.act_count, 5);
}

TEST_F(DragonFly, b30_object_of_a_tmpfs_file_is_always_referenced)
{
	pd_scan scan = plan(0);
	pd_page_state p = page();

	EXPECT_EQ(i.inactive(make_view(PD_TYPE_SHMEM, PD_PAGE_DIRTY, 0, 1), p, scan),
		  decision(PD_VERDICT_ACTIVATE, PD_REASON_REFERENCED));
	EXPECT_EQ(p.act_count, 9);
}

TEST_F(DragonFly, b36_clean_page_is_freed_and_counts_to_the_target)
{
	pd_scan scan = plan(0);
	const pd_s64 shortage = scan.shortage;
	pd_page_state p = page(64);

	for (pd_page_type type : kAllTypes)
		EXPECT_EQ(i.inactive(make_view(type, PD_PAGE_MAPPED), p, scan),
			  decision(PD_VERDICT_FREE, PD_REASON_CLEAN));
	i.inactive(make_view(PD_TYPE_FILE, 0, 0, 0, 64), p, scan);
	EXPECT_EQ(scan.shortage, shortage - 4 - 64);
}

TEST_F(DragonFly, b39_dirty_page_takes_a_second_lap_in_the_first_pass)
{
	pd_scan scan = plan(0, 1);
	const pd_s64 shortage = scan.shortage;
	pd_page_state p = page(), q = page();

	EXPECT_EQ(i.inactive(kDirtyFile, p, scan),
		  decision(PD_VERDICT_REQUEUE, PD_REASON_SECOND_LAP));
	EXPECT_EQ(p.flags, PD_STATE_SECOND_LAP);
	EXPECT_EQ(scan.shortage, shortage);
	EXPECT_EQ(i.inactive(kDirtyFile, p, scan),
		  decision(PD_VERDICT_LAUNDER, PD_REASON_DIRTY));

	scan = plan(0, 2);
	EXPECT_EQ(i.inactive(kDirtyFile, q, scan),
		  decision(PD_VERDICT_LAUNDER, PD_REASON_DIRTY));
}

TEST_F(DragonFly, b39_deactivation_forgets_the_first_lap)
{
	pd_scan scan = plan(0);
	pd_page_state p = page(0, PD_STATE_SECOND_LAP | PD_STATE_EXEC);

	EXPECT_EQ(i.active(kDirtyAnon, p, scan).verdict, PD_VERDICT_DEACTIVATE);
	EXPECT_EQ(p.flags, PD_STATE_EXEC);

	p = page(0, PD_STATE_SECOND_LAP);
	scan = idle(memory_64m(1300));
	EXPECT_EQ(i.active(kDirtyAnon, p, scan).verdict, PD_VERDICT_DEACTIVATE);
	EXPECT_EQ(p.flags, 0);

	p = page(0, PD_STATE_SECOND_LAP);
	i.enqueue(kDirtyFile, p);
	EXPECT_EQ(p.flags, PD_STATE_QUEUED);
}

TEST_F(DragonFly, b40_exhausted_budget_leaves_dirty_pages_in_place)
{
	i.knobs.max_launder = 10;

	pd_scan scan = plan(0);
	pd_page_state p = page(0, PD_STATE_SECOND_LAP);
	int laundered = 0;

	while (i.inactive(kDirtyFile, p, scan).verdict == PD_VERDICT_LAUNDER)
		laundered++;
	EXPECT_EQ(laundered, 10);
	EXPECT_EQ(i.inactive(kDirtyFile, p, scan),
		  decision(PD_VERDICT_KEEP, PD_REASON_BUDGET));
	EXPECT_EQ(i.inactive(kCleanFile, p, scan).verdict, PD_VERDICT_FREE);
}

TEST_F(DragonFly, b41_budget_and_shortage_are_charged_the_cluster)
{
	pd_scan scan = plan(0, 2);
	const pd_s64 shortage = scan.shortage;
	pd_page_state p = page();

	i.inactive(kDirtyFile, p, scan);
	i.inactive(kDirtyFile, p, scan);
	EXPECT_EQ(scan.shortage, shortage - 2);
	i.policy->laundered(i.state(), &scan, 64, 3);
	EXPECT_EQ(scan.shortage, shortage - 64);
	EXPECT_EQ(scan.launder_budget, 10000 - 64);
	/* Nothing of the next could be written. */
	i.inactive(kDirtyFile, p, scan);
	i.policy->laundered(i.state(), &scan, 0, 1);
	EXPECT_EQ(scan.shortage, shortage - 64);
}

TEST_F(DragonFly, b42_swap_pageouts_can_be_disabled_or_deferred)
{
	for (pd_page_type type : kSwapTypes) {
		const pd_view view = make_view(type, PD_PAGE_DIRTY);
		const pd_decision later =
			decision(PD_VERDICT_REQUEUE, PD_REASON_SWAP_DEFERRED);
		pd_page_state p = page();
		pd_scan scan = plan(140, 2);

		EXPECT_EQ(i.inactive(view, p, scan).verdict, PD_VERDICT_LAUNDER);
		i.knobs.defer_swap_pageouts = 1;
		scan = plan(140, 2);
		EXPECT_EQ(i.inactive(view, p, scan), later);
		EXPECT_EQ(i.inactive(kDirtyFile, p, scan).verdict, PD_VERDICT_LAUNDER);
		scan = plan(139, 2);
		EXPECT_EQ(i.inactive(view, p, scan).verdict, PD_VERDICT_LAUNDER);
		i.knobs.disable_swap_pageouts = 1;
		scan = plan(139, 2);
		EXPECT_EQ(i.inactive(view, p, scan), later);
		i.knobs.disable_swap_pageouts = i.knobs.defer_swap_pageouts = 0;
	}
}

TEST_F(DragonFly, b42_deferred_pageouts_begin_below_the_reserve_where_that_is_higher)
{
	pd_memory memory = memory_64m(6);

	memory.limit = 20; /* min 1, reserve 7 */
	i.knobs.defer_swap_pageouts = 1;

	pd_scan scan = i.plan(memory, 2);
	pd_page_state p = page();

	EXPECT_EQ(i.inactive(kDirtyAnon, p, scan).verdict, PD_VERDICT_LAUNDER);
	memory.free = 7;
	scan = i.plan(memory, 2);
	EXPECT_EQ(i.inactive(kDirtyAnon, p, scan).reason, PD_REASON_SWAP_DEFERRED);
}

TEST_F(DragonFly, b42_pages_barred_from_swap_do_not_pass_for_inactive_ones)
{
	pd_scan scan = plan(0, 2);
	pd_page_state p = page();

	scan.may_swap = 0;
	for (int n = 0; n < 6000; n++)
		i.inactive(kDirtyAnon, p, scan);
	EXPECT_GE(inactive_done(memory_64m(0), scan).active_shortage, 4096);
}

TEST_F(DragonFly, b42_page_of_a_dead_object_goes_round)
{
	pd_scan scan = plan(0, 2);
	pd_page_state p = page();

	EXPECT_EQ(i.inactive(make_view(PD_TYPE_FILE, PD_PAGE_DIRTY | PD_PAGE_DEAD), p,
			     scan),
		  decision(PD_VERDICT_REQUEUE, PD_REASON_DEAD));
}

TEST_F(DragonFly, b43_file_that_cannot_be_written_now_is_a_lock_miss)
{
	pd_scan scan = plan(0, 2);
	pd_page_state p = page();

	EXPECT_EQ(i.inactive(make_view(PD_TYPE_FILE, PD_PAGE_DIRTY | PD_PAGE_LOCK_MISS),
			     p, scan),
		  decision(PD_VERDICT_KEEP, PD_REASON_LOCK_MISS));
	EXPECT_EQ(scan.lock_misses, 1);
}

TEST_F(DragonFly, b70_page_just_written_is_next_to_go)
{
	pd_scan scan = plan(0);
	pd_page_state p = page(4, PD_STATE_QUEUED | PD_STATE_LAUNDERED);

	EXPECT_EQ(i.enqueue(kCleanFile, p),
		  decision(PD_VERDICT_DEACTIVATE_HEAD, PD_REASON_CLEAN));
	EXPECT_EQ(p.flags, PD_STATE_QUEUED);
	EXPECT_EQ(i.inactive(kCleanFile, p, scan).verdict, PD_VERDICT_FREE);
}

/* ---- Active queue ---- */

TEST_F(DragonFly, b72_active_scan_fills_the_inactive_queue_up)
{
	static const struct {
		pd_u64 inactive;
		pd_s64 shortage, wanted;
	} rows[] = {
		{1000, 0, 3096},
		{1000, -100, 3096},
		{4096, 0, 0},
		{6000, 0, -1904},
		/* twice what is still missing, at most a tenth of the target (409) */
		{1000, 50, 3196},
		{1000, 300, 3505},
		{4400, 100, -104},
		{4400, 200, 200},
		{4505, 300, 0},
	};

	for (const auto &row : rows) {
		pd_memory memory = memory_64m(100);
		pd_scan scan = {};

		memory.inactive = row.inactive;
		scan.shortage = row.shortage;
		scan = inactive_done(memory, scan);
		EXPECT_EQ(scan.active_shortage, row.wanted) << row.inactive;
		EXPECT_EQ(scan.active_max_scan, 10000);
	}
}

TEST_F(DragonFly, b72_active_pages_make_up_for_what_all_pairs_lack)
{
	pd_memory memory = memory_64m(100);
	pd_scan scan = {};

	memory.nr_pairs = 2;
	memory.inactive = 100;
	memory.active = 1500; /* a tenth */
	memory.total_inactive = 1000;
	memory.total_active = 15000;
	scan.shortage = 200;
	scan = inactive_done(memory, scan);
	EXPECT_EQ(scan.active_shortage, 310 + 41); /* of 4096 - 1000 */
	EXPECT_EQ(scan.active_max_scan, 1500);
	/* Enough is inactive elsewhere: the pages of this one stay. */
	memory.total_inactive = 9000;
	EXPECT_LE(inactive_done(memory, scan).active_shortage, 0);
}

TEST_F(DragonFly, b77_scan_goes_on_while_free_pages_are_missing)
{
	pd_memory memory = memory_64m(100);
	pd_scan scan = {};

	memory.inactive = 4400;
	scan.shortage = 300; /* for the inactive queue 105 would do */
	EXPECT_EQ(inactive_done(memory, scan).active_shortage, 300);
	scan.shortage = 9000;
	EXPECT_EQ(inactive_done(memory, scan).active_shortage, 9000);
}

TEST_F(DragonFly, b74_reference_raises_activity_by_3_and_the_references)
{
	pd_scan scan = plan(0);
	pd_page_state p = page(5);

	EXPECT_EQ(i.active(make_view(PD_TYPE_ANON, PD_PAGE_MAPPED, 1), p, scan),
		  decision(PD_VERDICT_REQUEUE, PD_REASON_REFERENCED));
	EXPECT_EQ(p.act_count, 9);
	i.active(make_view(PD_TYPE_ANON, PD_PAGE_MAPPED, 5, 3), p, scan);
	EXPECT_EQ(p.act_count, 18);
	for (int n = 0; n < 20; n++)
		i.active(make_view(PD_TYPE_ANON, PD_PAGE_MAPPED, 5, 3), p, scan);
	EXPECT_EQ(p.act_count, PD_ACT_COUNT_MAX);
}

TEST_F(DragonFly, b75_anonymous_memory_decays_by_1_and_files_by_2)
{
	pd_scan scan = plan(0);
	const int left[] = {19, 19, 18, 18};

	for (pd_page_type type : kAllTypes) {
		pd_page_state p = page(20);

		EXPECT_EQ(i.active(make_view(type, PD_PAGE_MAPPED), p, scan),
			  decision(PD_VERDICT_REQUEUE, PD_REASON_DECAYED));
		EXPECT_EQ(p.act_count, left[type]);
	}
}

TEST_F(DragonFly, b75_both_are_knobs)
{
	pd_scan scan = plan(0);
	pd_page_state p = page(20);

	i.knobs.anonmem_decline = 7;
	i.knobs.filemem_decline = 0;
	i.active(kMappedAnon, p, scan);
	EXPECT_EQ(p.act_count, 13);
	i.active(kMappedFile, p, scan);
	EXPECT_EQ(p.act_count, 13);
	i.knobs.filemem_decline = 257; /* more than eight bits */
	i.active(kMappedFile, p, scan);
	EXPECT_EQ(p.act_count, 0);
}

TEST_F(DragonFly, b75_faulted_page_is_inactive_after_5_scans_or_3)
{
	for (const pd_view &view : {kMappedAnon, kMappedFile}) {
		pd_scan scan = plan(5000);
		pd_page_state p = page();
		int scans = 1;

		i.enqueue(view, p);
		while (i.active(view, p, scan).verdict == PD_VERDICT_REQUEUE)
			scans++;
		EXPECT_EQ(scans, view.type == PD_TYPE_ANON ? 5 : 3);
	}
}

TEST_F(DragonFly, b76_the_bar_rises_with_the_pass)
{
	for (pd_u32 pass = 0; pass < 20; pass++) {
		const pd_u8 bar = static_cast<pd_u8>(pass > 0 ? pass : 1);
		pd_scan scan = plan(5000, pass);
		pd_page_state stays = page(bar + 1), goes = page(bar);

		EXPECT_EQ(i.active(kMappedAnon, stays, scan),
			  decision(PD_VERDICT_REQUEUE, PD_REASON_DECAYED));
		EXPECT_EQ(i.active(kMappedAnon, goes, scan),
			  decision(PD_VERDICT_DEACTIVATE, PD_REASON_AGED));
	}
}

TEST_F(DragonFly, b76_page_of_an_unreferenced_object_goes_at_once)
{
	pd_scan scan = plan(5000);
	pd_page_state p = page(64);

	EXPECT_EQ(i.active(make_view(PD_TYPE_FILE, 0, 5, 1), p, scan),
		  decision(PD_VERDICT_DEACTIVATE, PD_REASON_AGED));
	p = page(64);
	EXPECT_EQ(i.active(make_view(PD_TYPE_SHMEM), p, scan).verdict,
		  PD_VERDICT_REQUEUE);
	/* The buffer cache would hold it. */
	p = page(20);
	EXPECT_EQ(i.active(make_view(PD_TYPE_FILE, 0, 0, 2), p, scan),
		  decision(PD_VERDICT_REQUEUE, PD_REASON_REFERENCED));
	EXPECT_EQ(p.act_count, 24);
}

TEST_F(DragonFly, b76_pageout_algorithm_ignores_activity)
{
	pd_scan scan = plan(5000);
	pd_page_state p = page(64);

	i.knobs.pageout_algorithm = 1;
	EXPECT_EQ(i.active(make_view(PD_TYPE_ANON, PD_PAGE_MAPPED, 1), p, scan).verdict,
		  PD_VERDICT_REQUEUE);
	EXPECT_EQ(i.active(kMappedAnon, p, scan),
		  decision(PD_VERDICT_DEACTIVATE, PD_REASON_AGED));
}

TEST_F(DragonFly, b77_clean_active_page_is_freed_while_memory_is_short)
{
	pd_scan scan = plan(0);
	pd_page_state p = page();

	scan.shortage = 8;
	scan.active_shortage = 20;
	EXPECT_EQ(i.active(make_view(PD_TYPE_FILE, PD_PAGE_MAPPED, 0, 0, 4), p, scan),
		  decision(PD_VERDICT_FREE, PD_REASON_RECYCLED));
	EXPECT_EQ(scan.shortage, 4);
	EXPECT_EQ(scan.active_shortage, 16);
	/* A dirty one cannot go; it counts all the same. */
	EXPECT_EQ(i.active(make_view(PD_TYPE_ANON, PD_PAGE_DIRTY, 0, 0, 4), p, scan),
		  decision(PD_VERDICT_DEACTIVATE, PD_REASON_AGED));
	EXPECT_EQ(scan.shortage, 0);
	EXPECT_EQ(scan.active_shortage, 12);
	/* Enough is free: from here on the inactive queue gets them. */
	EXPECT_EQ(i.active(kMappedFile, p, scan),
		  decision(PD_VERDICT_DEACTIVATE, PD_REASON_AGED));
	EXPECT_EQ(scan.active_shortage, 11);
	/* What was taken in need is counted. */
	EXPECT_EQ(scan.scratch[2], 8);
}

TEST_F(DragonFly, b78_held_active_page_rotates)
{
	pd_scan scan = plan(0);
	pd_page_state p = page(3);

	EXPECT_EQ(
		i.active(make_view(PD_TYPE_ANON, PD_PAGE_HELD | PD_PAGE_MAPPED), p, scan),
		decision(PD_VERDICT_REQUEUE, PD_REASON_HELD));
	EXPECT_EQ(p.act_count, 3);
	/* The look has cleared its references: they are not to be lost. */
	i.active(make_view(PD_TYPE_ANON, PD_PAGE_HELD | PD_PAGE_MAPPED, 1), p, scan);
	EXPECT_EQ(p.act_count, 7);
}

TEST_F(DragonFly, b78_busy_active_page_stays)
{
	pd_scan scan = plan(0);
	pd_page_state p = page(0);

	for (pd_u32 flag : {PD_PAGE_BUSY, PD_PAGE_WRITEBACK})
		EXPECT_EQ(i.active(make_view(PD_TYPE_ANON, flag), p, scan),
			  decision(PD_VERDICT_KEEP, PD_REASON_BUSY));
}

/* ---- Pages that enter ---- */

TEST_F(DragonFly, faulted_pages_start_active_and_read_ones_inactive)
{
	pd_page_state p = page(), q = page(33);

	EXPECT_EQ(i.enqueue(kMappedFile, p),
		  decision(PD_VERDICT_ACTIVATE, PD_REASON_FAULTED));
	EXPECT_EQ(p.act_count, 5);
	EXPECT_EQ(i.enqueue(kCleanFile, q),
		  decision(PD_VERDICT_DEACTIVATE, PD_REASON_CACHED));
	EXPECT_EQ(q.act_count, 0);
	i.knobs.refault_activate = 1;
	q = page();
	EXPECT_EQ(i.enqueue(make_view(PD_TYPE_FILE, PD_PAGE_REFAULT), q),
		  decision(PD_VERDICT_ACTIVATE, PD_REASON_REFAULT));
}

/* ---- After a pass ---- */

struct After {
	pd_u32 pass;
	pd_s64 free;
	pd_u64 freed, laundered;
	pd_u32 waiters;
	bool swap;
	pd_u32 flags, next_pass, delay_ms;
};

TEST_F(DragonFly, b3_b4_b5_b6_b8_what_follows_a_pass)
{
	const pd_u32 N = PD_NEXT_NEEDED, W = PD_NEXT_WAKE_WAITERS, V = PD_NEXT_OOM_VOTE;
	static const After rows[] = {
		/* all of 1274 pages came: done from min + 16 on */
		{1, 156, 1274, 0, 0, true, W, 0, 5000},
		{9, 156, 1000, 274, 5, true, W, 0, 5000},
		/* all came, and others took them: again, as the first pass */
		{4, 155, 1274, 0, 0, true, N, 1, 0},
		{4, -10, 0, 1274, 0, true, N, 1, 0},
		/* at the target whoever freed it */
		{3, 1274, 0, 0, 0, true, W, 0, 5000},
		/* not all came: the next pass; waiters go on at min + 16 */
		{1, 1273, 500, 0, 0, true, N | W, 2, 0},
		{1, 155, 500, 700, 0, true, N, 2, 0},
		{2, 155, 0, 20, 0, true, N, 3, 20},
		{2, 155, 0, 0, 0, true, N, 3, 100},
		{2, 155, 0, 0, 0, false, N, 3, 100},
		/* somebody waits: at once, but for full swap and idle turns */
		{2, 155, 0, 20, 1, true, N, 3, 0},
		{2, 155, 500, 0, 1, true, N, 3, 0},
		{2, 155, 0, 0, 1, true, N, 3, 20},
		{2, 155, 500, 20, 1, false, N, 3, 200},
		/* the tenth failure and later */
		{9, 155, 500, 0, 1, true, N, 10, 0},
		{10, 155, 500, 0, 1, true, N, 11, 100},
		{10, 155, 0, 0, 0, true, N, 11, 100},
		{10, 155, 500, 0, 1, false, N | V, 11, 1000},
		{~0u, 155, 0, 0, 0, false, N | V, ~0u, 1000},
	};

	for (const After &row : rows) {
		pd_scan scan = plan(0, row.pass);

		scan.freed = row.freed;
		scan.laundered = row.laundered;
		SCOPED_TRACE(testing::Message()
			     << "pass " << row.pass << " free " << row.free << " freed "
			     << row.freed << " laundered " << row.laundered << " waiters "
			     << row.waiters << " swap " << row.swap);

		const pd_next next =
			i.after_pass(row.swap ? with_swap(row.free, row.waiters)
					      : without_swap(row.free, row.waiters),
				     scan, true);

		EXPECT_EQ(next.flags, row.flags);
		EXPECT_EQ(next.pass, row.next_pass);
		EXPECT_EQ(next.delay_ms, row.delay_ms);
	}
}

TEST_F(DragonFly, b3_each_pass_pays_for_itself)
{
	pd_scan scan = plan(0);

	EXPECT_EQ(i.after_pass(with_swap(0), scan, true).pass, 2u);
	/* What was left open is forgotten: free memory is looked at anew. */
	scan = plan(1200, 2);
	scan.freed = 74;
	EXPECT_EQ(i.after_pass(with_swap(1200), scan, true).flags, PD_NEXT_WAKE_WAITERS);
}

TEST_F(DragonFly, b3_success_leaves_no_debt)
{
	pd_scan scan = plan(0);

	i.after_pass(with_swap(5000), scan, true);
	scan = plan(1200);
	scan.freed = 74;
	EXPECT_EQ(i.after_pass(with_swap(1200), scan, true).flags, PD_NEXT_WAKE_WAITERS);
}

TEST_F(DragonFly, b3_a_pass_over_two_pairs_owes_for_both)
{
	pd_memory memory = with_swap(74);

	memory.nr_pairs = 2;
	memory.inactive = 3000;
	memory.active = 5000; /* half of 1200 each */
	i.plan(memory);

	pd_scan sum = i.plan(memory);

	sum.freed = 1199;
	EXPECT_EQ(i.after_pass(memory, sum, true).pass, 2u);
	i.plan(memory);
	i.plan(memory);
	sum.freed = 1200;
	EXPECT_EQ(i.after_pass(memory, sum, true).pass, 1u);
}

TEST_F(DragonFly, b3_deactivated_pages_count_as_progress)
{
	pd_scan scan = plan(1254);
	pd_page_state p = page();

	ASSERT_EQ(scan.shortage, 20);
	scan.shortage = 0;
	for (int n = 0; n < 19; n++)
		i.active(kDirtyAnon, p, scan);
	EXPECT_EQ(i.after_pass(with_swap(1254), scan, true).pass, 2u);

	scan = plan(1254);
	for (int n = 0; n < 20; n++)
		i.active(kDirtyAnon, p, scan);
	EXPECT_EQ(i.after_pass(with_swap(1254), scan, true).flags, PD_NEXT_WAKE_WAITERS);

	/* Below min there is more to do, but not in a tight loop. */
	scan = plan(0);
	for (int n = 0; n < 1274; n++)
		i.active(kDirtyAnon, p, scan);

	const pd_next next = i.after_pass(with_swap(0), scan, true);

	EXPECT_EQ(next.flags, PD_NEXT_NEEDED);
	EXPECT_EQ(next.pass, 1u);
	EXPECT_EQ(next.delay_ms, 20u);
}

TEST_F(DragonFly, b3_recycled_pages_are_counted_once)
{
	pd_scan scan = plan(1254);
	pd_page_state p = page();

	for (int n = 0; n < 10; n++)
		ASSERT_EQ(i.active(kMappedFile, p, scan).verdict, PD_VERDICT_FREE);
	scan.freed = 10; /* the host's count of them */
	EXPECT_EQ(i.after_pass(with_swap(1254), scan, true).pass, 2u);
}

TEST_F(DragonFly, b3_tasks_neither_owe_nor_pay_for_the_daemon)
{
	pd_scan daemon = plan(1254), task = {};
	const pd_memory memory = memory_64m(0);
	pd_page_state p = page();

	task.direct = 1;
	i.policy->plan(i.state(), &memory, &task);
	task.shortage = 0;
	for (int n = 0; n < 100; n++)
		i.active(kDirtyAnon, p, task);
	daemon.freed = 19;
	EXPECT_EQ(i.after_pass(with_swap(1254), daemon, true).pass, 2u);

	daemon = plan(1254);
	i.policy->plan(i.state(), &memory, &task);
	daemon.freed = 20;
	EXPECT_EQ(i.after_pass(with_swap(1254), daemon, true).flags,
		  PD_NEXT_WAKE_WAITERS);
}

TEST_F(DragonFly, b4_in_a_tiny_cgroup_the_target_may_be_below_min_and_16)
{
	pd_memory memory = with_swap(18);

	memory.limit = 100; /* min 5, target 19 */

	pd_scan scan = i.plan(memory);

	scan.freed = 1;
	EXPECT_EQ(i.after_pass(memory, scan, true).flags, PD_NEXT_NEEDED);
	memory.free = 19;
	EXPECT_EQ(i.after_pass(memory, scan, true).flags, PD_NEXT_WAKE_WAITERS);
}

TEST_F(DragonFly, b5_pauses_scale_with_the_knob)
{
	i.knobs.retry_pause = 50;

	pd_scan scan = plan(0, 2);

	EXPECT_EQ(i.after_pass(with_swap(0), scan, true).delay_ms, 10u);
	scan = plan(0, 10);
	EXPECT_EQ(i.after_pass(without_swap(0), scan, true).delay_ms, 100u);
	for (pd_u64 least : {0ull, 1ull}) {
		i.knobs.retry_pause = least;
		scan = plan(0, 2);
		EXPECT_EQ(i.after_pass(with_swap(0, 1), scan, true).delay_ms, 1u);
	}
	i.knobs.retry_pause = PD_AUTO;
	scan = plan(0, 10);
	EXPECT_EQ(i.after_pass(without_swap(0), scan, true).delay_ms, 120000u);
}

TEST_F(DragonFly, b5_a_pass_for_nothing_is_never_repeated_at_once)
{
	Edges random(11);

	for (int n = 0; n < 100000; n++) {
		const pd_memory memory = random.memory();
		pd_scan scan = random.scan();

		if (random(4) == 0)
			random.fill(i.knobs);
		scan.freed = scan.laundered = 0;
		if (random(2))
			i.plan(random.memory(), scan.pass);

		const pd_next next = i.after_pass(memory, scan, random(4));

		if (next.flags & PD_NEXT_NEEDED) {
			ASSERT_GT(next.delay_ms, 0u);
			ASSERT_GE(next.pass, 1u);
		}
	}
}

TEST_F(DragonFly, b5_swap_is_full_until_4_percent_are_free_again)
{
	pd_memory memory = with_swap(0);
	const auto delay = [&](pd_u64 swap_free) {
		const pd_scan scan = plan(0, 10);

		memory.swap_free = swap_free;
		return i.after_pass(memory, scan, true).delay_ms;
	};

	EXPECT_EQ(delay(1), 100u);
	EXPECT_EQ(delay(0), 1000u);
	EXPECT_EQ(delay(399), 1000u);
	EXPECT_EQ(delay(400), 100u);
	EXPECT_EQ(delay(399), 100u);
	memory.swap_total = 0;
	EXPECT_EQ(delay(0), 1000u);
}

TEST_F(DragonFly, b6_idle_tick_of_five_seconds_unless_aging_is_off)
{
	const pd_scan scan = {};

	EXPECT_EQ(i.after_pass(with_swap(0), scan, false).flags, 0u);
	EXPECT_EQ(i.after_pass(with_swap(0), scan, false).delay_ms, 5000u);
	i.knobs.update_period = 0;
	EXPECT_EQ(i.after_pass(with_swap(2000), scan, true).delay_ms, PD_FOREVER_MS);
}

TEST_F(DragonFly, b84_flushers_are_asked_when_files_were_missed_below_min)
{
	pd_scan scan = plan(0);
	const auto kicks = [&](pd_s64 free) {
		return i.after_pass(with_swap(free), scan, true).flags &
		       PD_NEXT_KICK_WRITEBACK;
	};

	EXPECT_EQ(kicks(139), 0u);
	scan.lock_misses = 1;
	EXPECT_NE(kicks(139), 0u);
	EXPECT_EQ(kicks(140), 0u);

	/* The reserve is above the minimum in the smallest of cgroups: 7 and 1. */
	pd_memory memory = with_swap(6);

	memory.limit = 20;
	EXPECT_NE(i.after_pass(memory, scan, true).flags & PD_NEXT_KICK_WRITEBACK, 0u);
}

TEST_F(DragonFly, b86_vote_needs_full_swap_and_a_third_failure)
{
	const auto votes = [&](pd_u32 pass, const pd_memory &memory) {
		const pd_scan scan = plan(0, pass);

		return i.after_pass(memory, scan, true).flags & PD_NEXT_OOM_VOTE;
	};

	EXPECT_EQ(votes(3, with_swap(0)), 0u);
	EXPECT_EQ(votes(2, without_swap(0)), 0u);
	EXPECT_NE(votes(3, without_swap(0)), 0u);
	EXPECT_EQ(votes(3, without_swap(1274)), 0u);
}

/* ---- Idle aging ---- */

TEST_F(DragonFly, b79_three_partial_rounds_then_a_full_one)
{
	/* 637 / 16384 of 10000 active pages are 388.8. */
	for (int tick = 0; tick < 16; tick++) {
		const pd_scan scan = idle(memory_64m(-500));

		EXPECT_EQ(scan.active_max_scan, tick % 4 == 3 ? 10000 : 389);
		EXPECT_EQ(scan.active_shortage, scan.active_max_scan);
		EXPECT_EQ(scan.shortage, 0);
		EXPECT_EQ(scan.max_scan, 0);
		EXPECT_EQ(next_tick, 5000u);
	}
}

TEST_F(DragonFly, b79_every_pair_gets_its_full_round)
{
	pd_memory memory = memory_64m(-500);

	memory.nr_pairs = 3;
	for (int tick = 0; tick < 16; tick++) {
		for (int pair = 0; pair < 3; pair++)
			EXPECT_EQ(idle(memory).active_max_scan,
				  tick % 4 == 3 ? 10000 : 389);
	}
}

TEST_F(DragonFly, b79_only_while_pages_are_wanted)
{
	/* inactive target 4096 + cache max 1274 + min 140 = 5510 */
	pd_memory memory = memory_64m(1510);

	memory.total_inactive = 4000;
	EXPECT_EQ(idle(memory).active_max_scan, 0);
	EXPECT_EQ(next_tick, 5000u);
	memory.free = 1509;
	EXPECT_EQ(idle(memory).active_max_scan, 389);
}

TEST_F(DragonFly, b79_a_call_without_time_visits_nothing)
{
	EXPECT_EQ(idle(memory_64m(-500), 0).active_max_scan, 0);
	EXPECT_EQ(next_tick, 5000u);
	/* A long sleep is one tick. */
	for (int tick = 0; tick < 3; tick++)
		EXPECT_EQ(idle(memory_64m(-500), ~pd_u64{0}).active_max_scan, 389);
	EXPECT_EQ(idle(memory_64m(-500), ~pd_u64{0}).active_max_scan, 10000);
}

TEST_F(DragonFly, b79_update_period_0_turns_aging_off)
{
	i.knobs.update_period = 0;
	EXPECT_EQ(idle(memory_64m(-500)).active_max_scan, 0);
	EXPECT_EQ(next_tick, PD_FOREVER_MS);
}

TEST_F(DragonFly, b79_page_becomes_inactive_when_seen_at_0)
{
	pd_scan scan = idle(memory_64m(-500));
	pd_page_state p = page(1);

	/* Files fall by one here, too, and nothing asks for their object. */
	EXPECT_EQ(i.active(kCleanFile, p, scan),
		  decision(PD_VERDICT_REQUEUE, PD_REASON_DECAYED));
	EXPECT_EQ(p.act_count, 0);
	EXPECT_EQ(i.active(kCleanFile, p, scan),
		  decision(PD_VERDICT_DEACTIVATE, PD_REASON_AGED));
	EXPECT_EQ(i.active(make_view(PD_TYPE_ANON, PD_PAGE_MAPPED, 2), p, scan),
		  decision(PD_VERDICT_REQUEUE, PD_REASON_REFERENCED));
	EXPECT_EQ(p.act_count, 5);
	EXPECT_EQ(i.active(make_view(PD_TYPE_ANON, PD_PAGE_HELD), p, scan),
		  decision(PD_VERDICT_KEEP, PD_REASON_HELD));
	/* Idle aging is no progress of a pass. */
	scan = plan(1254);
	scan.freed = 19;
	for (int n = 0; n < 5; n++) {
		pd_scan aging = idle(memory_64m(-500));
		pd_page_state q = page();

		i.active(kDirtyAnon, q, aging);
	}
	EXPECT_EQ(i.after_pass(with_swap(1254), scan, true).pass, 2u);
}

/* ---- State ---- */

TEST_F(DragonFly, judging_inactive_pages_does_not_change_the_state)
{
	Edges random(5);
	const std::string before = i.bytes();

	for (int n = 0; n < 10000; n++) {
		const pd_memory memory = random.memory();
		const pd_view view = random.view();
		pd_page_state p = random.page();
		pd_scan scan = random.scan();

		i.watermarks(memory);
		i.inactive(view, p, scan);
		i.policy->laundered(i.state(), &scan, random.u64(), random.u64());
		i.policy->inactive_done(i.state(), &memory, &scan);
		i.enqueue(view, p);
	}
	EXPECT_EQ(i.bytes(), before);
}

TEST_F(DragonFly, no_verdict_frees_or_writes_a_page_in_use)
{
	const pd_u32 in_use =
		PD_PAGE_BUSY | PD_PAGE_WRITEBACK | PD_PAGE_HELD | PD_PAGE_UNEVICTABLE;
	Edges random(8);

	for (int n = 0; n < 200000; n++) {
		const pd_view view = random.view();
		const bool active = random(2);
		pd_page_state p = random.page();
		pd_scan scan = random.scan();
		const pd_decision d =
			active ? i.active(view, p, scan) : i.inactive(view, p, scan);
		const bool frees = d.verdict == PD_VERDICT_FREE;

		if (frees || d.verdict == PD_VERDICT_LAUNDER) {
			ASSERT_FALSE(view.flags & in_use);
		}
		if (frees) {
			ASSERT_FALSE(view.flags & PD_PAGE_DIRTY);
		}
		ASSERT_LE(p.act_count, PD_ACT_COUNT_MAX);
	}
}

TEST_F(DragonFly, any_run_of_verbs_keeps_its_promises)
{
	Edges random(9);

	for (int n = 0; n < 100000; n++) {
		const pd_memory memory = random.memory();
		pd_scan scan = random.scan();
		pd_page_state p = random.page();

		if (random(8) == 0)
			random.fill(i.knobs);

		const pd_watermarks m = i.watermarks(memory);

		ASSERT_LE(m.free_min, m.wakeup_thresh);
		ASSERT_LE(m.wakeup_thresh, m.free_target);
		ASSERT_LE(m.free_target, m.free_stop);
		i.policy->plan(i.state(), &memory, &scan);
		ASSERT_GT(scan.enough, 0);
		ASSERT_GE(scan.launder_budget, 1);
		for (int k = 0; k < 3; k++)
			i.inactive(random.view(), p, scan);
		i.policy->laundered(i.state(), &scan, random.u64(), random.u64());
		i.policy->inactive_done(i.state(), &memory, &scan);
		for (int k = 0; k < 3; k++)
			i.active(random.view(), p, scan);
		i.after_pass(random.memory(), scan, random(2));
		i.policy->idle(i.state(), &memory, random.u64(), &scan);
		ASSERT_GE(scan.active_max_scan, 0);
	}
}
