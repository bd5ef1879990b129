// SPDX-License-Identifier: GPL-2.0
/*
 * GNU Mach's policy, behaviour by behaviour: bNN is the number of the row in
 * docs/behaviours.md.
 */
#include "policy_test.h"

namespace
{

/* Of a cgroup of 64 MiB, whose memory without the reserve is 16334 pages. */
constexpr pd_s64 kMin = 223, kTarget = 269;
constexpr pd_u64 kExternalLimit = 8167, kExternalTarget = 4083;
constexpr pd_u32 kLower = PD_NEXT_KICK_SLAB;
constexpr pd_u32 kDone = PD_NEXT_KICK_SLAB | PD_NEXT_WAKE_WAITERS;

/* Inactive enough, and with anonymous pages that could go to swap. */
pd_memory memory_of(pd_s64 free, pd_u64 dirty = 0, pd_u64 writeback = 0)
{
	pd_memory memory = memory_64m(free);

	memory.anon = 5000;
	memory.dirty = dirty;
	memory.writeback = writeback;
	return memory;
}

class Mach : public testing::Test
{
protected:
	pd_decision judge(pd_scan &scan, pd_page_type type, pd_u32 flags = 0,
			  pd_u8 refs = 0, pd_u8 soft_refs = 0, pd_u32 size = 1) const
	{
		pd_page_state p = page();

		return i.inactive(make_view(type, flags, refs, soft_refs, size), p, scan);
	}

	/* Free enough, dirty file pages above their target. */
	pd_scan external_only() const
	{
		return i.plan(memory_of(kTarget, kExternalTarget + 100));
	}

	/* What a pass that sent @pages out is followed by. */
	pd_next sent(pd_u64 pages, pd_u64 writeback) const
	{
		pd_scan scan = i.plan(memory_of(0, 0, writeback));

		scan.laundered = pages;
		i.policy->laundered(i.state(), &scan, pages, 0);
		return i.after_pass(memory_of(0, 0, writeback), scan, true);
	}

	pd_scan refill(const pd_memory &memory, pd_scan scan = {}) const
	{
		i.policy->inactive_done(i.state(), &memory, &scan);
		return scan;
	}

	Instance i{"mach"};
};

} // namespace

/* ---- Watermarks ---- */

TEST_F(Mach, b1_watermarks_derive_from_the_limit)
{
	static const struct {
		pd_u64 limit, reserved, min, target;
	} rows[] = {
		/* the worked numbers: 64 MiB, 256 MiB, 1 GiB */
		{16384, 50, 223, 269},
		{65536, 50, 714, 883},
		{262144, 50, 2680, 3341},
		/* 4 GiB, 2^64 bytes */
		{1048576, 50, 10545, 13171},
		{pd_u64{1} << 52, 50, 45035996273764, 56294995342195},
		/* edges of the formulas: 50 + 80, 50 + 100, 50 + 160 */
		{149, 50, 60, 66},
		{150, 50, 61, 66},
		{209, 50, 61, 66},
		{210, 50, 61, 67},
		/* half the limit is the most */
		{132, 50, 60, 66},
		{131, 50, 60, 65},
		{110, 50, 55, 55},
		{80, 40, 40, 40},
		{2, 1, 1, 1},
		{1, 0, 0, 0},
		{0, 0, 0, 0},
	};

	for (const auto &row : rows) {
		const pd_watermarks m = i.watermarks(row.limit);

		SCOPED_TRACE(row.limit);
		EXPECT_EQ(m.free_reserved, row.reserved);
		EXPECT_EQ(m.free_severe, row.reserved);
		EXPECT_EQ(m.free_min, row.min);
		EXPECT_EQ(m.wakeup_thresh, row.min);
		EXPECT_EQ(m.free_target, row.target);
		EXPECT_EQ(m.free_stop, row.target);
		EXPECT_EQ(m.cluster_pages, 1u);
		EXPECT_EQ(m.max_launder, 10u);
		EXPECT_EQ(m.cluster_flags, 0u);
	}
	EXPECT_EQ(i.watermarks(~pd_u64{0}).free_target, 56294995342195u);
}

TEST_F(Mach, b1_an_empty_cgroup_is_never_short_however_small)
{
	expect_empty_is_never_short(i, 3000);
	for (pd_u64 limit = 0; limit < 3000; limit++) {
		pd_memory memory = {};

		memory.limit = limit;
		memory.free = static_cast<pd_s64>(limit);
		ASSERT_EQ(i.after_pass(memory, {}, true).delay_ms, PD_FOREVER_MS);
	}
}

TEST_F(Mach, b1_target_is_5_above_a_minimum_that_is_set)
{
	i.knobs.free_min = 1000;
	EXPECT_EQ(i.watermarks(16384).free_target, 1005u);
	EXPECT_EQ(i.watermarks(16384).free_stop, 1005u);
	i.knobs.free_target = 1003;
	EXPECT_EQ(i.watermarks(16384).free_target, 1005u);
	i.knobs.free_target = 2000;
	EXPECT_EQ(i.watermarks(16384).free_target, 2000u);
	i.knobs.free_min = 16384;
	EXPECT_EQ(i.watermarks(16384).free_target, 16384u);
}

TEST_F(Mach, b12_the_other_marks_follow_a_reserve_that_is_set)
{
	i.knobs.free_reserved = 1384; /* leaves 15000 */

	const pd_watermarks m = i.watermarks(16384);

	EXPECT_EQ(m.free_reserved, 1384u);
	EXPECT_EQ(m.free_min, 1544u);
	EXPECT_EQ(m.free_target, 1586u);
}

/* ---- Who is woken, and what for ---- */

TEST_F(Mach, b13_daemon_is_wanted_below_min_or_below_target_with_few_inactive)
{
	pd_memory memory = memory_of(kMin);

	memory.total_inactive = 10666; /* two thirds of 16000 */
	memory.total_active = 5334;
	EXPECT_FALSE(i.needs_scan(memory));
	memory.free = kMin - 1;
	EXPECT_TRUE(i.needs_scan(memory));
	memory.free = kTarget - 1;
	EXPECT_FALSE(i.needs_scan(memory));
	memory.total_inactive--;
	memory.total_active++;
	EXPECT_TRUE(i.needs_scan(memory));
	memory.free = kTarget;
	EXPECT_FALSE(i.needs_scan(memory));
}

TEST_F(Mach, b56_daemon_is_wanted_above_the_external_limit)
{
	EXPECT_FALSE(i.needs_scan(memory_of(5000, kExternalLimit)));
	EXPECT_TRUE(i.needs_scan(memory_of(5000, kExternalLimit + 1)));
}

TEST_F(Mach, b13_a_wake_up_without_a_shortage_refills_the_inactive_queue)
{
	const pd_memory memory = memory_of(kTarget);
	const pd_scan scan = i.plan(memory);

	EXPECT_LE(scan.shortage, 0);
	EXPECT_EQ(refill(memory, scan).active_shortage, 10666 - 6000);
	EXPECT_EQ(i.after_pass(memory, scan, true).flags, kDone);
}

TEST_F(Mach, b55_pages_are_wanted_up_to_the_target_and_one_for_each_waiter)
{
	pd_memory memory = memory_of(100, 16000);

	EXPECT_EQ(i.plan(memory).shortage, 169);
	EXPECT_EQ(i.plan(memory).enough, kTarget);
	memory.waiters = 3;
	EXPECT_EQ(i.plan(memory).shortage, 172);
	EXPECT_EQ(i.plan(memory).enough, kTarget + 3);
	memory.free = 5000;
	EXPECT_EQ(i.plan(memory).shortage, 3);

	pd_scan scan = i.plan(memory);

	EXPECT_EQ(judge(scan, PD_TYPE_FILE), decision(PD_VERDICT_FREE, PD_REASON_CLEAN));
	memory.free = -50;
	EXPECT_EQ(i.plan(memory).shortage, 322);
}

TEST_F(Mach, b55_without_a_want_of_pages_dirty_file_pages_are_the_aim)
{
	const pd_scan scan = external_only();

	EXPECT_EQ(scan.shortage, 100);
	EXPECT_EQ(scan.enough, 0);
}

TEST_F(Mach, b55_pages_bound_for_swap_are_passed_by_when_none_are_wanted)
{
	pd_scan scan = external_only();
	const pd_scan before = scan;

	for (pd_page_type type : {PD_TYPE_ANON, PD_TYPE_SHMEM}) {
		EXPECT_EQ(judge(scan, type, PD_PAGE_DIRTY | PD_PAGE_MAPPED, 5),
			  decision(PD_VERDICT_KEEP, PD_REASON_EXTERNAL));
		EXPECT_EQ(judge(scan, type),
			  decision(PD_VERDICT_KEEP, PD_REASON_EXTERNAL));
	}
	EXPECT_EQ(scan.shortage, before.shortage);
	EXPECT_EQ(scan.addl_shortage, 0);
}

TEST_F(Mach, b55_each_of_several_pairs_takes_its_share)
{
	pd_memory memory = memory_of(100);

	memory.nr_pairs = 2;
	memory.inactive = 1000;
	memory.active = 3000;
	EXPECT_EQ(i.plan(memory).shortage, 43); /* 169 / 4, rounded up */
	EXPECT_EQ(i.plan(memory).launder_budget, 3);
	EXPECT_EQ(refill(memory).active_shortage, 1400); /* 3/10 of 10666 - 6000 */
	memory.free = kTarget;
	memory.dirty = kExternalTarget + 100;
	EXPECT_EQ(i.plan(memory).shortage, 25);
}

TEST_F(Mach, b57_clean_file_pages_go_round_when_none_are_wanted)
{
	pd_scan scan = external_only();

	EXPECT_EQ(judge(scan, PD_TYPE_FILE),
		  decision(PD_VERDICT_REQUEUE, PD_REASON_EXTERNAL));
	EXPECT_EQ(judge(scan, PD_TYPE_EXEC, PD_PAGE_MAPPED),
		  decision(PD_VERDICT_REQUEUE, PD_REASON_EXTERNAL));
	EXPECT_EQ(judge(scan, PD_TYPE_FILE, PD_PAGE_INVALID),
		  decision(PD_VERDICT_REQUEUE, PD_REASON_EXTERNAL));
	EXPECT_EQ(scan.shortage, 100);
}

TEST_F(Mach, b56_dirty_file_pages_are_written_and_counted_when_no_pages_are_wanted)
{
	pd_scan scan = external_only();

	EXPECT_EQ(judge(scan, PD_TYPE_FILE, PD_PAGE_DIRTY, 0, 0, 4),
		  decision(PD_VERDICT_LAUNDER_ACTIVATE, PD_REASON_EXTERNAL));
	EXPECT_EQ(scan.shortage, 96);
	i.policy->laundered(i.state(), &scan, 3, 1);
	EXPECT_EQ(scan.shortage, 97);
}

TEST_F(Mach, b56_work_goes_on_until_the_external_target)
{
	pd_scan scan = external_only();

	scan.laundered = 5;
	EXPECT_TRUE(
		i.after_pass(memory_of(kTarget, kExternalTarget + 1), scan, true).flags &
		PD_NEXT_NEEDED);
	EXPECT_EQ(i.after_pass(memory_of(kTarget, kExternalTarget), scan, true).flags,
		  kDone);
}

TEST_F(Mach, b56_a_pass_that_found_nothing_to_write_is_the_last_within_the_limit)
{
	const pd_scan scan = external_only();

	EXPECT_EQ(i.after_pass(memory_of(kTarget, kExternalLimit), scan, true).flags,
		  kDone);
	EXPECT_TRUE(
		i.after_pass(memory_of(kTarget, kExternalLimit + 1), scan, true).flags &
		PD_NEXT_NEEDED);
	/* Nor the last, if it found nothing only because enough was under way. */
	sent(10, 10);
	EXPECT_TRUE(
		i.after_pass(memory_of(kTarget, kExternalLimit, 10), scan, true).flags &
		PD_NEXT_NEEDED);
}

/* ---- Inactive scan ---- */

TEST_F(Mach, b23_file_that_cannot_be_had_now_goes_to_the_tail)
{
	pd_scan scan = i.plan(memory_of(kTarget - 1));

	EXPECT_EQ(judge(scan, PD_TYPE_FILE, PD_PAGE_DIRTY | PD_PAGE_LOCK_MISS),
		  decision(PD_VERDICT_REQUEUE, PD_REASON_LOCK_MISS));
	EXPECT_EQ(scan.lock_misses, 1);
	EXPECT_EQ(scan.launder_budget, 10);
}

TEST_F(Mach, b24_busy_page_is_left_alone_and_does_not_count_as_inactive)
{
	const pd_memory memory = memory_of(0);
	pd_scan scan = i.plan(memory);

	EXPECT_EQ(judge(scan, PD_TYPE_FILE, PD_PAGE_BUSY | PD_PAGE_MAPPED, 3),
		  decision(PD_VERDICT_KEEP, PD_REASON_BUSY));
	EXPECT_EQ(judge(scan, PD_TYPE_ANON, PD_PAGE_WRITEBACK, 0, 0, 16),
		  decision(PD_VERDICT_KEEP, PD_REASON_BUSY));
	EXPECT_EQ(judge(scan, PD_TYPE_FILE, PD_PAGE_BUSY | PD_PAGE_INVALID),
		  decision(PD_VERDICT_KEEP, PD_REASON_BUSY));
	EXPECT_EQ(scan.shortage, kTarget);
	EXPECT_EQ(refill(memory, scan).active_shortage, 10666 - 6000 + 18);
}

TEST_F(Mach, b24_dirty_page_of_a_dead_object_goes_round)
{
	pd_scan scan = i.plan(memory_of(0));

	for (pd_page_type type : {PD_TYPE_FILE, PD_TYPE_SHMEM})
		EXPECT_EQ(judge(scan, type, PD_PAGE_DIRTY | PD_PAGE_DEAD),
			  decision(PD_VERDICT_REQUEUE, PD_REASON_DEAD));
	EXPECT_EQ(scan.shortage, kTarget);
}

TEST_F(Mach, wired_page_is_taken_off_the_queue)
{
	pd_scan scan = i.plan(memory_of(0));
	pd_page_state p = page();
	const pd_view view = make_view(PD_TYPE_FILE, PD_PAGE_UNEVICTABLE | PD_PAGE_BUSY);

	EXPECT_EQ(i.inactive(view, p, scan),
		  decision(PD_VERDICT_UNQUEUE, PD_REASON_UNEVICTABLE));
	EXPECT_EQ(i.active(view, p, scan),
		  decision(PD_VERDICT_UNQUEUE, PD_REASON_UNEVICTABLE));
}

TEST_F(Mach, b27_invalid_page_is_freed_at_once_even_if_referenced)
{
	pd_scan scan = i.plan(memory_of(0));

	EXPECT_EQ(judge(scan, PD_TYPE_FILE, PD_PAGE_INVALID | PD_PAGE_MAPPED, 5),
		  decision(PD_VERDICT_FREE, PD_REASON_INVALID));
	EXPECT_EQ(scan.shortage, kTarget - 1);
	EXPECT_EQ(judge(scan, PD_TYPE_FILE, PD_PAGE_INVALID | PD_PAGE_HELD),
		  decision(PD_VERDICT_KEEP, PD_REASON_HELD));
	EXPECT_EQ(scan.addl_shortage, 1);
}

TEST_F(Mach, b27_page_valid_in_part_is_judged_like_any_dirty_one)
{
	constexpr pd_u32 kInPart = PD_PAGE_INVALID | PD_PAGE_DIRTY;
	pd_scan scan = i.plan(memory_of(0));
	pd_scan external = external_only();

	EXPECT_EQ(judge(scan, PD_TYPE_FILE, kInPart | PD_PAGE_MAPPED, 5).verdict,
		  PD_VERDICT_ACTIVATE);
	EXPECT_EQ(judge(scan, PD_TYPE_FILE, kInPart),
		  judge(scan, PD_TYPE_FILE, PD_PAGE_DIRTY));
	EXPECT_EQ(judge(external, PD_TYPE_FILE, kInPart),
		  decision(PD_VERDICT_LAUNDER_ACTIVATE, PD_REASON_EXTERNAL));
}

TEST_F(Mach, b31_one_reference_of_any_kind_activates)
{
	static const struct {
		pd_page_type type;
		pd_u32 flags;
		pd_u8 refs, soft_refs;
	} rows[] = {
		{PD_TYPE_ANON, PD_PAGE_MAPPED | PD_PAGE_DIRTY, 1, 0},
		{PD_TYPE_EXEC, PD_PAGE_MAPPED, 5, 1},
		{PD_TYPE_FILE, PD_PAGE_HELD, 0, 1},
		{PD_TYPE_FILE, 0, 0, 200},
	};

	for (const auto &row : rows) {
		pd_scan scan = i.plan(memory_of(0));
		pd_page_state p = page(0);

		EXPECT_EQ(i.inactive(
				  make_view(row.type, row.flags, row.refs, row.soft_refs),
				  p, scan),
			  decision(PD_VERDICT_ACTIVATE, PD_REASON_REFERENCED));
		EXPECT_EQ(p.act_count, 5);
		EXPECT_EQ(scan.shortage, kTarget);
	}

	/* Bits of a mapping that is gone are none. */
	pd_scan scan = i.plan(memory_of(0));

	EXPECT_EQ(judge(scan, PD_TYPE_FILE, 0, 5),
		  decision(PD_VERDICT_FREE, PD_REASON_CLEAN));
}

TEST_F(Mach, b31_a_reference_activates_when_no_pages_are_wanted_too)
{
	pd_scan scan = external_only();

	EXPECT_EQ(judge(scan, PD_TYPE_FILE, PD_PAGE_MAPPED | PD_PAGE_DIRTY, 1),
		  decision(PD_VERDICT_ACTIVATE, PD_REASON_REFERENCED));
}

TEST_F(Mach, b36_clean_page_is_freed_and_counts)
{
	pd_scan scan = i.plan(memory_of(0));

	for (int type = 0; type < PD_NR_TYPES; type++)
		EXPECT_EQ(judge(scan, static_cast<pd_page_type>(type), PD_PAGE_MAPPED),
			  decision(PD_VERDICT_FREE, PD_REASON_CLEAN));
	EXPECT_EQ(scan.shortage, kTarget - PD_NR_TYPES);
	judge(scan, PD_TYPE_FILE, 0, 0, 0, 64);
	EXPECT_EQ(scan.shortage, kTarget - PD_NR_TYPES - 64);
}

TEST_F(Mach, held_page_stays_and_does_not_count_as_inactive)
{
	pd_scan scan = i.plan(memory_of(0));

	EXPECT_EQ(judge(scan, PD_TYPE_ANON, PD_PAGE_HELD | PD_PAGE_DIRTY, 0, 0, 2),
		  decision(PD_VERDICT_KEEP, PD_REASON_HELD));
	EXPECT_EQ(scan.addl_shortage, 2);
}

TEST_F(Mach, pages_go_to_swap_only_where_they_may)
{
	for (int how = 0; how < 3; how++) {
		pd_scan scan = {};
		const pd_memory memory = memory_of(kMin);

		i.knobs = pd_knobs_defaults();
		i.knobs.disable_swap_pageouts = how == 0;
		i.knobs.defer_swap_pageouts = how == 1;
		scan.pass = scan.may_launder = 1;
		scan.may_swap = how != 2;
		i.policy->plan(i.state(), &memory, &scan);
		EXPECT_EQ(judge(scan, PD_TYPE_SHMEM, PD_PAGE_DIRTY, 0, 0, 8),
			  decision(PD_VERDICT_REQUEUE, PD_REASON_SWAP_DEFERRED));
		EXPECT_EQ(scan.launder_budget, 10);
		/* A queue full of them must not pass for an inactive one. */
		EXPECT_EQ(refill(memory, scan).active_shortage, 10666 - 6000 + 8);
		EXPECT_EQ(judge(scan, PD_TYPE_FILE, PD_PAGE_DIRTY),
			  decision(PD_VERDICT_LAUNDER_ACTIVATE, PD_REASON_DIRTY));
	}
}

/* ---- Laundering ---- */

TEST_F(Mach, b62_written_file_page_is_activated_a_swapped_one_is_out_of_the_way)
{
	pd_scan scan = i.plan(memory_of(100));
	pd_page_state p = page();

	EXPECT_EQ(i.inactive(make_view(PD_TYPE_FILE, PD_PAGE_DIRTY), p, scan),
		  decision(PD_VERDICT_LAUNDER_ACTIVATE, PD_REASON_DIRTY));
	EXPECT_EQ(p.act_count, 5);
	p = page();
	EXPECT_EQ(i.inactive(make_view(PD_TYPE_ANON, PD_PAGE_DIRTY), p, scan),
		  decision(PD_VERDICT_LAUNDER, PD_REASON_DIRTY));
	EXPECT_EQ(p.act_count, 0);
}

TEST_F(Mach, b62_pages_on_their_way_do_not_count_as_free)
{
	pd_scan scan = i.plan(memory_of(100));

	judge(scan, PD_TYPE_FILE, PD_PAGE_DIRTY);
	judge(scan, PD_TYPE_ANON, PD_PAGE_DIRTY);
	i.policy->laundered(i.state(), &scan, 2, 0);
	EXPECT_EQ(scan.shortage, 169);
	EXPECT_EQ(scan.launder_budget, 8);
}

TEST_F(Mach, b58_below_the_internal_reserve_file_pages_are_left_for_anonymous_ones)
{
	pd_scan scan = i.plan(memory_of(24));

	EXPECT_EQ(judge(scan, PD_TYPE_FILE, PD_PAGE_DIRTY, 0, 0, 3),
		  decision(PD_VERDICT_KEEP, PD_REASON_RESERVE));
	EXPECT_EQ(scan.addl_shortage, 3);
	EXPECT_EQ(scan.launder_budget, 10);
	EXPECT_EQ(judge(scan, PD_TYPE_ANON, PD_PAGE_DIRTY),
		  decision(PD_VERDICT_LAUNDER, PD_REASON_DIRTY));
	EXPECT_EQ(judge(scan, PD_TYPE_FILE), decision(PD_VERDICT_FREE, PD_REASON_CLEAN));
	/* At the mark there is enough. */
	scan = i.plan(memory_of(25));
	EXPECT_EQ(judge(scan, PD_TYPE_FILE, PD_PAGE_DIRTY),
		  decision(PD_VERDICT_LAUNDER_ACTIVATE, PD_REASON_DIRTY));
}

TEST_F(Mach, b58_file_pages_are_written_where_nothing_else_could_go)
{
	const pd_decision written =
		decision(PD_VERDICT_LAUNDER_ACTIVATE, PD_REASON_DIRTY);
	pd_memory memory = memory_of(24);
	pd_scan scan = i.plan(memory, 2); /* the first pass brought nothing */

	EXPECT_EQ(judge(scan, PD_TYPE_FILE, PD_PAGE_DIRTY), written);
	memory.anon = 0;
	scan = i.plan(memory);
	EXPECT_EQ(judge(scan, PD_TYPE_FILE, PD_PAGE_DIRTY), written);
	memory.anon = 1;
	i.knobs.disable_swap_pageouts = 1;
	scan = i.plan(memory);
	EXPECT_EQ(judge(scan, PD_TYPE_FILE, PD_PAGE_DIRTY), written);
	i.knobs.disable_swap_pageouts = 0;
	scan = {};
	scan.pass = scan.may_launder = 1;
	i.policy->plan(i.state(), &memory, &scan);
	EXPECT_EQ(judge(scan, PD_TYPE_FILE, PD_PAGE_DIRTY), written);
}

TEST_F(Mach, b58_reserves_follow_the_knob_and_stop_at_nothing)
{
	i.knobs.free_reserved = 125;

	pd_scan scan = i.plan(memory_of(99));

	EXPECT_EQ(judge(scan, PD_TYPE_FILE, PD_PAGE_DIRTY).reason, PD_REASON_RESERVE);
	scan = i.plan(memory_of(100));
	EXPECT_EQ(judge(scan, PD_TYPE_FILE, PD_PAGE_DIRTY).reason, PD_REASON_DIRTY);
	i.knobs.free_reserved = 20;
	scan = i.plan(memory_of(0));
	EXPECT_EQ(judge(scan, PD_TYPE_FILE, PD_PAGE_DIRTY).reason, PD_REASON_DIRTY);
	scan = i.plan(memory_of(-1));
	EXPECT_EQ(judge(scan, PD_TYPE_FILE, PD_PAGE_DIRTY).reason, PD_REASON_RESERVE);
}

TEST_F(Mach, b63_scan_ends_after_a_burst_of_10)
{
	pd_scan scan = i.plan(memory_of(100));

	for (int n = 0; n < 10; n++)
		ASSERT_EQ(judge(scan, n % 2 ? PD_TYPE_FILE : PD_TYPE_ANON, PD_PAGE_DIRTY)
				  .reason,
			  PD_REASON_DIRTY);
	EXPECT_GT(scan.max_scan, 0);
	EXPECT_EQ(judge(scan, PD_TYPE_FILE),
		  decision(PD_VERDICT_KEEP, PD_REASON_STOPPED));
	EXPECT_EQ(scan.max_scan, 0);
	EXPECT_EQ(judge(scan, PD_TYPE_FILE, PD_PAGE_DIRTY),
		  decision(PD_VERDICT_KEEP, PD_REASON_STOPPED));
	EXPECT_EQ(scan.shortage, 169);
}

TEST_F(Mach, b63_the_end_of_the_queue_within_a_batch_is_no_end_of_the_scan)
{
	pd_scan scan = i.plan(memory_of(100));

	scan.max_scan = 0;
	EXPECT_EQ(judge(scan, PD_TYPE_FILE), decision(PD_VERDICT_FREE, PD_REASON_CLEAN));
}

TEST_F(Mach, b63_limits_of_burst_and_laundry_are_knobs)
{
	i.knobs.burst_max = 100;
	EXPECT_EQ(i.plan(memory_of(100)).launder_budget, 10);
	i.knobs.max_launder = 50;
	EXPECT_EQ(i.plan(memory_of(100)).launder_budget, 50);
	i.knobs.burst_max = 3;
	EXPECT_EQ(i.plan(memory_of(100)).launder_budget, 3);
	i.knobs.burst_max = 0;
	EXPECT_EQ(i.plan(memory_of(100)).launder_budget, 1);
}

TEST_F(Mach, b63_what_is_still_under_way_leaves_less_to_send)
{
	sent(7, 7);
	EXPECT_EQ(i.plan(memory_of(100, 0, 7)).launder_budget, 3);
	EXPECT_EQ(i.plan(memory_of(100, 0, 4)).launder_budget, 6);
	sent(8, 15);

	const pd_scan scan = i.plan(memory_of(100, 0, 15));

	EXPECT_EQ(scan.max_scan, 0);
	EXPECT_EQ(scan.shortage, 169);
}

TEST_F(Mach, b63_writes_of_others_are_no_laundry_of_ours)
{
	EXPECT_EQ(i.plan(memory_of(100, 0, 5000)).launder_budget, 10);
	sent(4, 5000);
	EXPECT_EQ(i.plan(memory_of(100, 0, 5000)).launder_budget, 6);
}

TEST_F(Mach, b63_writes_of_others_hide_the_end_of_ours_for_three_pauses)
{
	EXPECT_EQ(sent(10, 5000).delay_ms, 100u);
	for (int pause = 0; pause < 2; pause++) {
		const pd_scan scan = i.plan(memory_of(100, 0, 5000));

		ASSERT_EQ(scan.max_scan, 0) << pause;
		i.after_pass(memory_of(100, 0, 5000), scan, true);
	}
	EXPECT_EQ(i.plan(memory_of(100, 0, 5000)).max_scan, 10666);
	EXPECT_EQ(i.plan(memory_of(100, 0, 5000)).launder_budget, 10);
}

TEST_F(Mach, b63_a_disk_that_stands_still_is_waited_for)
{
	sent(10, 10);
	for (int pause = 0; pause < 10; pause++) {
		const pd_scan scan = i.plan(memory_of(100, 0, 10));

		ASSERT_EQ(scan.max_scan, 0) << pause;
		i.after_pass(memory_of(100, 0, 10), scan, true);
	}
	EXPECT_EQ(i.plan(memory_of(100, 0, 3)).launder_budget, 7);
}

TEST_F(Mach, b63_laundry_is_remembered_while_the_daemon_sleeps)
{
	sent(8, 8);
	i.after_pass(memory_of(kTarget, 0, 6), {}, true);
	EXPECT_EQ(i.plan(memory_of(100, 0, 50)).launder_budget, 4);
	i.after_pass(memory_of(kTarget, 0, 0), {}, true);
	EXPECT_EQ(i.plan(memory_of(100, 0, 50)).launder_budget, 10);
}

TEST_F(Mach, b63_below_the_last_reserve_pages_are_sent_one_at_a_time)
{
	EXPECT_EQ(i.plan(memory_of(10)).launder_budget, 10);
	EXPECT_EQ(i.plan(memory_of(9)).launder_budget, 1);
	sent(1, 1);
	EXPECT_EQ(i.plan(memory_of(10, 0, 1)).launder_budget, 9);
	EXPECT_EQ(i.plan(memory_of(10, 0, 1)).max_scan, 10666);
	EXPECT_EQ(i.plan(memory_of(9, 0, 1)).max_scan, 0);
}

TEST_F(Mach, b63_a_task_knows_no_bursts_and_pays_for_what_it_writes)
{
	sent(10, 10);

	pd_scan scan = i.direct_plan(memory_of(0, 0, 10), 32);

	EXPECT_EQ(scan.max_scan, 10666);
	EXPECT_EQ(scan.enough, 0);
	for (int n = 0; n < 20; n++)
		ASSERT_EQ(judge(scan, PD_TYPE_ANON, PD_PAGE_DIRTY),
			  decision(PD_VERDICT_LAUNDER, PD_REASON_DIRTY));
	EXPECT_EQ(scan.shortage, 12);
	i.policy->laundered(i.state(), &scan, 15, 5);
	EXPECT_EQ(scan.shortage, 17);
	/* File pages are the daemon's business, also where it would leave them. */
	EXPECT_EQ(judge(scan, PD_TYPE_FILE, PD_PAGE_DIRTY),
		  decision(PD_VERDICT_LAUNDER, PD_REASON_DIRTY));
	EXPECT_EQ(scan.shortage, 17);
}

TEST_F(Mach, b63_what_tasks_write_is_no_laundry_of_the_daemon)
{
	pd_scan scan = i.direct_plan(memory_of(0), 32);

	i.policy->laundered(i.state(), &scan, 15, 0);
	EXPECT_EQ(i.plan(memory_of(100, 0, 15)).launder_budget, 10);
}

TEST_F(Mach, b55_a_task_wants_pages_whatever_is_free)
{
	pd_scan scan = i.direct_plan(memory_of(5000, kExternalLimit), 32);

	EXPECT_EQ(judge(scan, PD_TYPE_FILE), decision(PD_VERDICT_FREE, PD_REASON_CLEAN));
	EXPECT_EQ(scan.shortage, 31);
}

/* ---- After a pass ---- */

TEST_F(Mach, b64_pause_is_10_ms_for_each_page_of_burst_or_laundry)
{
	static const struct {
		pd_u64 freed, laundered, writeback;
		pd_u32 delay_ms;
	} rows[] = {
		{5, 10, 10, 100},   /* the burst is over */
		{5, 10, 0, 100},    /* the disk is fast: the same */
		{5, 9, 9, 0},	    /* within both limits the source goes on */
		{0, 9, 9, 90},	    /* but not over the same pages again */
		{5, 512, 512, 100}, /* one huge page: a burst, not fifty */
		{5, 0, 5000, 0},    /* others write */
	};

	for (const auto &row : rows) {
		Instance fresh("mach");
		pd_scan scan = fresh.plan(memory_of(100));

		scan.freed = row.freed;
		scan.laundered = row.laundered;
		fresh.policy->laundered(fresh.state(), &scan, row.laundered, 0);
		SCOPED_TRACE(testing::Message()
			     << row.freed << " freed, " << row.laundered << " laundered, "
			     << row.writeback);

		const pd_next next =
			fresh.after_pass(memory_of(100, 0, row.writeback), scan, true);

		EXPECT_EQ(next.flags, kDone | PD_NEXT_NEEDED);
		EXPECT_EQ(next.pass, 1u);
		EXPECT_EQ(next.delay_ms, row.delay_ms);
	}
}

TEST_F(Mach, b64_laundry_of_earlier_bursts_lengthens_the_pause)
{
	i.knobs.max_launder = 15;
	sent(10, 10);

	pd_scan scan = i.plan(memory_of(100, 0, 10));

	EXPECT_EQ(scan.launder_budget, 5);
	scan.freed = 1;
	scan.laundered = 5;
	i.policy->laundered(i.state(), &scan, 5, 0);
	/* 11 ms a page: the last pause was too short. */
	EXPECT_EQ(i.after_pass(memory_of(100, 0, 15), scan, true).delay_ms, 165u);
}

TEST_F(Mach, b64_pause_below_the_last_reserve_while_something_is_under_way)
{
	pd_scan scan = i.plan(memory_of(9));

	scan.freed = scan.laundered = 1;
	i.policy->laundered(i.state(), &scan, 1, 0);
	EXPECT_EQ(i.after_pass(memory_of(9, 0, 1), scan, true).delay_ms, 10u);
	EXPECT_EQ(i.after_pass(memory_of(10, 0, 1), scan, true).delay_ms, 0u);
	EXPECT_EQ(i.after_pass(memory_of(9, 0, 0), scan, true).delay_ms, 0u);
}

TEST_F(Mach, b63_b64_pause_is_75_ms_at_least_while_nothing_is_inactive)
{
	pd_memory memory = memory_of(100);
	pd_scan scan = i.plan(memory);

	memory.total_inactive = 0;
	scan.freed = 1;
	EXPECT_EQ(i.after_pass(memory, scan, true).delay_ms, 75u);
	scan.laundered = 9;
	EXPECT_EQ(i.after_pass(memory, scan, true).delay_ms, 90u);
	i.knobs.empty_wait = 200;
	EXPECT_EQ(i.after_pass(memory, scan, true).delay_ms, 200u);
	i.knobs.empty_wait = 0;
	scan.laundered = 0;
	EXPECT_EQ(i.after_pass(memory, scan, true).delay_ms, 1u);
	i.knobs.empty_wait = PD_AUTO;
	EXPECT_EQ(i.after_pass(memory, scan, true).delay_ms, 60000u);
}

TEST_F(Mach, b64_passes_that_bring_nothing_pause_longer_each_time)
{
	pd_scan scan = i.plan(memory_of(100));
	pd_u32 pass = 1;

	for (pd_u32 n = 1; n <= 20; n++) {
		scan.pass = pass;

		const pd_next next = i.after_pass(memory_of(100), scan, true);

		EXPECT_EQ(next.delay_ms, 75 * (n < 16 ? n : 16));
		EXPECT_EQ(next.pass, n + 1);
		pass = next.pass;
	}
	scan.pass = ~0u;
	EXPECT_EQ(i.after_pass(memory_of(100), scan, true).pass, ~0u);
	scan.pass = 7;
	scan.freed = 1;
	EXPECT_EQ(i.after_pass(memory_of(100), scan, true).pass, 1u);
	EXPECT_EQ(i.after_pass(memory_of(100), scan, true).delay_ms, 0u);
}

TEST_F(Mach, b64_waiting_for_laundry_is_not_bringing_nothing)
{
	sent(10, 10);

	pd_scan scan = i.plan(memory_of(100, 0, 10));

	scan.pass = 3;

	const pd_next next = i.after_pass(memory_of(100, 0, 10), scan, true);

	EXPECT_EQ(next.pass, 3u);
	EXPECT_EQ(next.delay_ms, 110u); /* 11 ms a page by now */
}

TEST_F(Mach, b65_wait_grows_by_1_while_more_than_5_pages_are_left)
{
	for (pd_u32 n = 0; n < 5; n++) {
		ASSERT_EQ(sent(10, 6).delay_ms, 100 + 10 * n);
		i.plan(memory_of(0, 0, 6));
	}
	/* 5 are fine: no change. */
	for (int n = 0; n < 5; n++) {
		ASSERT_EQ(sent(10, 5).delay_ms, 150u);
		i.plan(memory_of(0, 0, 5));
	}
}

TEST_F(Mach, b65_wait_shrinks_by_a_quarter_after_more_than_ten_good_pauses)
{
	const pd_u32 waits[] = {10, 7, 5, 3, 2, 1, 1, 1};

	for (pd_u32 wait : waits)
		for (int n = 0; n < 11; n++)
			ASSERT_EQ(sent(10, 0).delay_ms, 10 * wait) << wait << ' ' << n;
}

TEST_F(Mach, b65_one_bad_pause_starts_the_count_anew)
{
	for (int n = 0; n < 11; n++)
		sent(10, 0);
	/* 10 of the eleventh burst are left. */
	EXPECT_EQ(sent(10, 10).delay_ms, 110u);
	for (int n = 0; n < 10; n++)
		ASSERT_EQ(sent(10, 0).delay_ms, 110u) << n;
	EXPECT_EQ(sent(10, 0).delay_ms, 80u);
}

TEST_F(Mach, b65_what_was_not_a_pause_teaches_nothing)
{
	for (int n = 0; n < 50; n++) {
		pd_scan scan = i.plan(memory_of(100));

		scan.freed = 5;
		ASSERT_EQ(i.after_pass(memory_of(100), scan, true).delay_ms, 0u);
	}
	EXPECT_EQ(sent(10, 0).delay_ms, 100u);
	/* Sleep is no pause either. */
	i.after_pass(memory_of(5000), {}, true);
	for (int n = 0; n < 50; n++)
		i.plan(memory_of(100));
	EXPECT_EQ(sent(10, 0).delay_ms, 100u);
}

TEST_F(Mach, b65_tasks_do_not_end_the_daemons_pause)
{
	for (int n = 0; n < 50; n++) {
		ASSERT_EQ(sent(10, 0).delay_ms, n < 11 ? 100u : 70u) << n;
		i.direct_plan(memory_of(0, 0, 10), 32);
		if (n == 11)
			break;
	}
}

TEST_F(Mach, b65_wait_begins_anew_when_the_knob_changes)
{
	for (int n = 0; n < 12; n++)
		sent(10, 0);
	EXPECT_EQ(sent(10, 0).delay_ms, 70u);
	i.knobs.burst_wait = 20;
	EXPECT_EQ(sent(10, 0).delay_ms, 200u);
	i.knobs.burst_wait = 0;
	EXPECT_EQ(sent(10, 0).delay_ms, 10u);
	i.knobs.burst_wait = PD_AUTO;
	EXPECT_EQ(sent(10, 0).delay_ms, 10000u);
}

TEST_F(Mach, b55_done_at_both_targets_without_waiters)
{
	pd_memory memory = memory_of(kTarget, kExternalTarget);
	pd_scan scan = {};
	pd_next next = i.after_pass(memory, scan, true);

	EXPECT_EQ(next.flags, kDone);
	EXPECT_EQ(next.pass, 0u);
	EXPECT_EQ(next.delay_ms, PD_FOREVER_MS);
	scan.freed = 1;
	memory.waiters = 1;
	EXPECT_EQ(i.after_pass(memory, scan, true).flags, kDone | PD_NEXT_NEEDED);
	memory.waiters = 0;
	memory.free--;
	EXPECT_EQ(i.after_pass(memory, scan, true).flags, kDone | PD_NEXT_NEEDED);
	EXPECT_EQ(i.after_pass(memory, scan, false).flags, kDone);
}

TEST_F(Mach, b12_waiters_go_on_above_the_reserve)
{
	pd_scan scan = i.plan(memory_of(49));

	EXPECT_EQ(i.after_pass(memory_of(49), scan, true).flags, kLower | PD_NEXT_NEEDED);
	EXPECT_EQ(i.after_pass(memory_of(50), scan, true).flags, kDone | PD_NEXT_NEEDED);
}

TEST_F(Mach, b18_caches_are_asked_at_each_pass)
{
	for (pd_s64 free : {-10, 100, 9999})
		EXPECT_TRUE(i.after_pass(memory_of(free), {}, true).flags &
			    PD_NEXT_KICK_SLAB);
}

/* ---- Active queue ---- */

TEST_F(Mach, b73_two_thirds_are_to_be_inactive_before_every_batch)
{
	pd_memory memory = memory_of(0);

	EXPECT_EQ(i.plan(memory).refill, 1);
	EXPECT_EQ(i.direct_plan(memory, 32).refill, 1);
	EXPECT_EQ(i.watermarks(memory).inactive_target, 10666u);
	EXPECT_EQ(refill(memory).active_shortage, 4666);
	EXPECT_EQ(refill(memory).active_max_scan, 10000);
	memory.inactive = memory.total_inactive = 12000;
	memory.active = memory.total_active = 4000;
	EXPECT_EQ(refill(memory).active_shortage, -1334);
	memory.inactive = memory.total_inactive = 0;
	EXPECT_EQ(refill(memory).active_shortage, 2666);
	i.knobs.inactive_target = 100;
	EXPECT_EQ(refill(memory).active_shortage, 100);
}

TEST_F(Mach, b73_scan_looks_at_what_the_refill_makes_inactive)
{
	pd_memory memory = memory_of(0);

	EXPECT_EQ(i.plan(memory).max_scan, 10666);
	memory.inactive = memory.total_inactive = 12000;
	EXPECT_EQ(i.plan(memory).max_scan, 14666);
	memory.inactive = memory.total_inactive = 40000;
	EXPECT_EQ(i.plan(memory).max_scan, 40000);
}

TEST_F(Mach, b80_active_pages_leave_in_order_whatever_their_references)
{
	pd_scan scan = {};
	pd_page_state p = page(40, PD_STATE_SECOND_LAP | PD_STATE_EXEC);

	scan.active_shortage = 100;
	EXPECT_EQ(i.active(make_view(PD_TYPE_ANON, PD_PAGE_MAPPED, 5, 1, 16), p, scan),
		  decision(PD_VERDICT_DEACTIVATE, PD_REASON_AGED));
	EXPECT_EQ(scan.active_shortage, 84);
	EXPECT_EQ(p.act_count, 40);
	EXPECT_EQ(p.flags, PD_STATE_EXEC);
	EXPECT_EQ(
		i.active(make_view(PD_TYPE_FILE, PD_PAGE_DIRTY | PD_PAGE_HELD), p, scan),
		decision(PD_VERDICT_DEACTIVATE, PD_REASON_AGED));
}

TEST_F(Mach, b80_busy_active_page_goes_to_the_tail)
{
	pd_scan scan = {};
	pd_page_state p = page();

	scan.active_shortage = 100;
	EXPECT_EQ(i.active(make_view(PD_TYPE_FILE, PD_PAGE_BUSY), p, scan),
		  decision(PD_VERDICT_REQUEUE, PD_REASON_BUSY));
	EXPECT_EQ(scan.active_shortage, 100);
}

TEST_F(Mach, b80_nothing_ages_while_nobody_needs_memory)
{
	const pd_memory memory = memory_of(5000);
	pd_scan scan = {};

	scan.shortage = scan.max_scan = scan.active_shortage = scan.active_max_scan = 5;
	EXPECT_EQ(i.policy->idle(i.state(), &memory, 1000000, &scan), PD_FOREVER_MS);
	EXPECT_EQ(scan.shortage, 0);
	EXPECT_EQ(scan.max_scan, 0);
	EXPECT_EQ(scan.active_shortage, 0);
	EXPECT_EQ(scan.active_max_scan, 0);
}

/* ---- Pages that enter ---- */

TEST_F(Mach, pages_start_active_also_those_that_were_read)
{
	pd_page_state p = page();

	EXPECT_EQ(i.enqueue(make_view(PD_TYPE_ANON), p),
		  decision(PD_VERDICT_ACTIVATE, PD_REASON_FAULTED));
	EXPECT_EQ(p.act_count, 5);
	p = page();
	EXPECT_EQ(i.enqueue(make_view(PD_TYPE_EXEC, PD_PAGE_MAPPED), p),
		  decision(PD_VERDICT_ACTIVATE, PD_REASON_FAULTED));
	p = page();
	EXPECT_EQ(i.enqueue(make_view(PD_TYPE_FILE), p),
		  decision(PD_VERDICT_ACTIVATE, PD_REASON_CACHED));
	p = page();
	i.knobs.refault_activate = 1;
	EXPECT_EQ(i.enqueue(make_view(PD_TYPE_FILE, PD_PAGE_REFAULT), p),
		  decision(PD_VERDICT_ACTIVATE, PD_REASON_REFAULT));
}

TEST_F(Mach, b62_page_whose_write_has_ended_is_next_to_go)
{
	pd_page_state p = page(5, PD_STATE_QUEUED | PD_STATE_LAUNDERED);

	EXPECT_EQ(i.enqueue(make_view(PD_TYPE_FILE), p),
		  decision(PD_VERDICT_DEACTIVATE_HEAD, PD_REASON_CLEAN));
}

/* ---- State and hostile numbers ---- */

TEST_F(Mach, two_states_do_not_know_of_each_other)
{
	Instance other("mach");

	i.knobs.max_launder = 1;
	for (int n = 0; n < 12; n++)
		sent(10, 0);
	EXPECT_EQ(other.plan(memory_of(100, 0, 100)).launder_budget, 10);

	pd_scan scan = other.plan(memory_of(100));

	scan.laundered = 10;
	EXPECT_EQ(other.after_pass(memory_of(100), scan, true).delay_ms, 100u);
}

TEST_F(Mach, judging_pages_does_not_change_the_state)
{
	Edges random(15);
	const std::string before = i.bytes();

	for (int n = 0; n < 10000; n++) {
		const pd_memory memory = random.memory();
		const pd_view view = random.view();
		pd_page_state p = random.page();
		pd_scan scan = random.scan();

		i.watermarks(memory);
		i.needs_scan(memory);
		i.inactive(view, p, scan);
		i.active(view, p, scan);
		i.enqueue(view, p);
		refill(memory, scan);
	}
	EXPECT_EQ(i.bytes(), before);
}

TEST_F(Mach, hostile_numbers_neither_trap_nor_stop_the_daemon)
{
	Edges random(16);
	pd_scan scan = {};

	for (int n = 0; n < 100000; n++) {
		if (n % 10 == 0)
			random.fill(i.knobs);
		if (random(3) == 0)
			scan = random.scan();

		const pd_memory memory = random.memory();
		const pd_watermarks m = i.watermarks(memory);

		ASSERT_LE(m.free_reserved, m.free_severe);
		ASSERT_LE(m.free_severe, m.free_min);
		ASSERT_LE(m.free_min, m.free_target);
		ASSERT_LE(m.free_target, m.free_stop);
		ASSERT_LE(m.free_stop, pd_u64{1} << 52);
		ASSERT_GE(m.cluster_pages, 1u);
		ASSERT_GE(m.max_launder, 1u);
		i.needs_scan(memory);
		i.policy->plan(i.state(), &memory, &scan);
		for (int k = 0; k < 3; k++) {
			const pd_view view = random.view();
			pd_page_state p = random.page();

			i.inactive(view, p, scan);
			i.active(view, p, scan);
			i.enqueue(view, p);
			ASSERT_LE(p.act_count, PD_ACT_COUNT_MAX);
		}
		i.policy->laundered(i.state(), &scan, random.u64(), random.u64());
		i.policy->inactive_done(i.state(), &memory, &scan);

		const pd_next next = i.after_pass(memory, scan, random(8) != 0);

		if (next.flags & PD_NEXT_NEEDED) {
			ASSERT_LE(next.delay_ms, 60000u);
			ASSERT_TRUE(next.delay_ms > 0 || scan.freed != 0);
		} else {
			ASSERT_EQ(next.delay_ms, PD_FOREVER_MS);
		}
		i.policy->idle(i.state(), &memory, random.u64(), &scan);
	}
}

TEST_F(Mach, no_verdict_frees_or_writes_a_page_in_use)
{
	const pd_u32 in_use =
		PD_PAGE_BUSY | PD_PAGE_WRITEBACK | PD_PAGE_HELD | PD_PAGE_UNEVICTABLE;
	Edges random(17);

	for (int n = 0; n < 200000; n++) {
		const pd_view view = random.view();
		pd_page_state p = random.page();
		pd_scan scan = random.scan();
		const pd_u8 v = i.inactive(view, p, scan).verdict;
		const bool writes =
			v == PD_VERDICT_LAUNDER || v == PD_VERDICT_LAUNDER_ACTIVATE;

		if (view.flags & in_use) {
			ASSERT_FALSE(v == PD_VERDICT_FREE || writes);
		}
		if (v == PD_VERDICT_FREE) {
			ASSERT_FALSE(view.flags & PD_PAGE_DIRTY);
		}
		if (writes) {
			ASSERT_TRUE(view.flags & PD_PAGE_DIRTY);
		}
	}
}
