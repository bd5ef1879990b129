// SPDX-License-Identifier: GPL-2.0
/*
 * FreeBSD's policy, behaviour by behaviour: bNN is the number of the row in
 * docs/behaviours.md.
 */
#include "policy_test.h"

namespace
{

/* A scan of the first pass that wants a lot and may do everything. */
pd_scan first_pass(const Instance &i)
{
	return i.plan(memory_64m(0), 1);
}

pd_scan second_pass(const Instance &i)
{
	return i.plan(memory_64m(0), 2);
}

} // namespace

/* ---- Watermarks ---- */

struct MarksRow {
	pd_u64 limit, reserved, severe, min, target, wakeup, inactive, cluster;
};

TEST(FreeBSD, b1_watermarks_derive_from_the_limit)
{
	static const MarksRow rows[] = {
		/* the worked numbers: 64 MiB, 256 MiB, 1 GiB */
		{16384, 71, 111, 151, 391, 165, 586, 16},
		{65536, 135, 298, 461, 1439, 506, 2158, 16},
		{262144, 391, 1045, 1700, 5627, 1870, 8440, 16},
		/* edges of the formulas */
		{1023, 43, 45, 47, 59, 44, 88, 8},
		{1024, 43, 45, 47, 59, 44, 88, 8},
		{1025, 43, 45, 47, 59, 44, 88, 8},
		{1223, 43, 45, 47, 59, 44, 88, 8},
		{1224, 43, 45, 48, 63, 44, 94, 8},
		{1999, 44, 48, 52, 76, 55, 114, 8},
		{2000, 52, 56, 60, 84, 66, 126, 16},
		/* 4 GiB, 64 GiB, 1 TiB, by hand from the source's formulas */
		{1048576, 1415, 4035, 6656, 22379, 7315, 33568, 16},
		{16777216, 21895, 63837, 105779, 357431, 116347, 536146, 16},
	};

	for (const MarksRow &row : rows) {
		Instance i;
		const pd_watermarks m = i.watermarks(row.limit);

		SCOPED_TRACE(row.limit);
		EXPECT_EQ(m.free_reserved, row.reserved);
		EXPECT_EQ(m.free_severe, row.severe);
		EXPECT_EQ(m.free_min, row.min);
		EXPECT_EQ(m.free_target, row.target);
		EXPECT_EQ(m.wakeup_thresh, row.wakeup);
		EXPECT_EQ(m.inactive_target, row.inactive);
		EXPECT_EQ(m.cluster_pages, row.cluster);
	}
}

TEST(FreeBSD, b1_inactive_target_is_at_most_a_third_of_the_limit)
{
	Instance i;

	EXPECT_EQ(i.watermarks(150).inactive_target, 50u);
	EXPECT_EQ(i.watermarks(300).inactive_target, 87u);
}

TEST(FreeBSD, b1_an_empty_cgroup_is_never_short_however_small)
{
	expect_empty_is_never_short(Instance(), 5000);
}

TEST(FreeBSD, b1_marks_of_a_tiny_cgroup_stop_at_half_the_limit)
{
	Instance i;
	const pd_watermarks m = i.watermarks(80);

	EXPECT_EQ(m.free_reserved, 40u);
	EXPECT_EQ(m.free_severe, 40u);
	EXPECT_EQ(m.free_min, 40u);
	EXPECT_EQ(m.free_target, 40u);
	EXPECT_EQ(m.wakeup_thresh, 40u);
	EXPECT_EQ(m.inactive_target, 26u);
	EXPECT_EQ(i.watermarks(pd_u64{0}).free_target, 0u);
	EXPECT_EQ(i.watermarks(1).free_target, 0u);
	EXPECT_EQ(i.watermarks(118).free_target, 58u);
}

TEST(FreeBSD, b1_no_limit_is_too_large)
{
	Instance i;
	pd_u64 before = 0;

	for (int shift = 20; shift < 52; shift++) {
		const pd_watermarks m = i.watermarks(pd_u64{1} << shift);

		EXPECT_GT(m.free_target, before);
		EXPECT_LT(m.free_target, pd_u64{1} << shift);
		EXPECT_LT(m.wakeup_thresh, m.free_target);
		before = m.free_target;
	}
	EXPECT_EQ(i.watermarks(~pd_u64{0}).free_target,
		  i.watermarks(pd_u64{1} << 52).free_target);
}

TEST(FreeBSD, b1_watermarks_follow_a_limit_that_changes)
{
	Instance i;

	EXPECT_EQ(i.watermarks(8192).free_target, 216u);
	EXPECT_EQ(i.watermarks(65536).free_target, 1439u);
	EXPECT_EQ(i.watermarks(8192).free_target, 216u);
}

TEST(FreeBSD, b2_daemon_is_wanted_below_the_wakeup_threshold_only)
{
	Instance i;
	pd_memory memory = memory_64m(165);

	EXPECT_FALSE(i.needs_scan(memory));
	memory.free = 164;
	EXPECT_TRUE(i.needs_scan(memory));
	memory.free = -1;
	EXPECT_TRUE(i.needs_scan(memory));
}

/* ---- Plan ---- */

TEST(FreeBSD, b7_shortage_is_the_target_less_free_plus_the_deficit)
{
	Instance i;
	pd_memory memory = memory_64m(100);

	EXPECT_EQ(i.plan(memory).shortage, 291);
	memory.deficit = 9;
	EXPECT_EQ(i.plan(memory).shortage, 300);
	EXPECT_EQ(i.plan(memory).deficit, 9);
	memory.free = -500;
	EXPECT_EQ(i.plan(memory).shortage, 900);
	memory.free = 1000;
	EXPECT_EQ(i.plan(memory).shortage, -600);
}

/* The host tells each pair of a pass of the same deficit. */
TEST(FreeBSD, b7_pairs_make_up_for_one_deficit_together)
{
	Instance i;
	pd_memory memory = memory_64m(391);
	pd_s64 shortage = 0;

	memory.nr_pairs = 3;
	memory.deficit = 100;
	for (const pd_u64 part : {3000, 2250, 750}) { /* of 6000 */
		memory.inactive = part;
		shortage += i.plan(memory).shortage;
	}
	EXPECT_EQ(shortage, 50 + 38 + 13);
}

TEST(FreeBSD, b21_scan_is_bounded_by_the_length_of_the_queue)
{
	Instance i;
	pd_memory memory = memory_64m(0);

	EXPECT_EQ(i.plan(memory).max_scan, 6000);
	memory.inactive = 0;
	EXPECT_EQ(i.plan(memory).max_scan, 0);
}

TEST(FreeBSD, b40_launder_budget_is_32_and_10000_after_the_first_pass)
{
	Instance i;

	EXPECT_EQ(i.plan(memory_64m(0), 0).launder_budget, 32);
	EXPECT_EQ(i.plan(memory_64m(0), 1).launder_budget, 32);
	EXPECT_EQ(i.plan(memory_64m(0), 2).launder_budget, 10000);
	EXPECT_EQ(i.plan(memory_64m(0), ~0u).launder_budget, 10000);
	i.knobs.max_launder = 0;
	EXPECT_EQ(i.plan(memory_64m(0), 1).launder_budget, 1);
	i.knobs.max_launder = 100;
	EXPECT_EQ(i.plan(memory_64m(0), 1).launder_budget, 100);
}

TEST(FreeBSD, b15_each_of_several_pairs_gives_what_is_inactive_there)
{
	Instance i;
	pd_memory memory = memory_64m(100);

	memory.nr_pairs = 2;
	memory.inactive = 1000;
	memory.active = 3000;
	memory.total_inactive = 6000;
	memory.total_active = 10000;
	EXPECT_EQ(i.plan(memory).shortage, 49); /* 291 / 6, rounded up */
	memory.inactive = 5000;
	memory.active = 7000;
	EXPECT_EQ(i.plan(memory).shortage, 243);
	memory.inactive = 0;
	EXPECT_EQ(i.plan(memory).shortage, 0);
	/* Nobody has any: by size, for what the active scan brings meanwhile. */
	memory.total_inactive = 0;
	EXPECT_EQ(i.plan(memory).shortage, 204); /* 291 * 7 / 10 */
}

TEST(FreeBSD, b15_a_single_pair_takes_all_whatever_the_totals_say)
{
	Instance i;
	pd_memory memory = memory_64m(100);

	memory.total_inactive = memory.total_active = 1000000;
	EXPECT_EQ(i.plan(memory).shortage, 291);
	memory.nr_pairs = 0;
	EXPECT_EQ(i.plan(memory).shortage, 291);
}

TEST(FreeBSD, b15_a_pair_alone_in_its_domain_takes_all_if_totals_lag)
{
	Instance i;
	pd_memory memory = memory_64m(100);

	memory.nr_pairs = 3;
	memory.total_inactive = memory.total_active = 0;
	EXPECT_EQ(i.plan(memory).shortage, 291);
}

/* ---- Inactive scan ---- */

TEST(FreeBSD, b24_busy_page_stays_and_is_counted)
{
	Instance i;
	pd_scan scan = first_pass(i);
	const pd_s64 shortage = scan.shortage;
	pd_page_state p = page(7);

	EXPECT_EQ(i.inactive(make_view(PD_TYPE_FILE, PD_PAGE_BUSY | PD_PAGE_MAPPED, 3), p,
			     scan),
		  decision(PD_VERDICT_KEEP, PD_REASON_BUSY));
	EXPECT_EQ(scan.addl_shortage, 1);
	EXPECT_EQ(
		i.inactive(make_view(PD_TYPE_ANON, PD_PAGE_WRITEBACK, 0, 0, 16), p, scan),
		decision(PD_VERDICT_KEEP, PD_REASON_BUSY));
	EXPECT_EQ(scan.addl_shortage, 17);
	EXPECT_EQ(scan.shortage, shortage);
	EXPECT_EQ(p.act_count, 7);
}

TEST(FreeBSD, b25_held_page_stays_and_is_counted)
{
	Instance i;
	pd_scan scan = first_pass(i);
	pd_page_state p = page();

	EXPECT_EQ(i.inactive(make_view(PD_TYPE_ANON, PD_PAGE_HELD, 0, 0, 2), p, scan),
		  decision(PD_VERDICT_KEEP, PD_REASON_HELD));
	EXPECT_EQ(scan.addl_shortage, 2);
}

TEST(FreeBSD, b25_held_and_referenced_page_is_activated_first)
{
	Instance i;
	pd_scan scan = first_pass(i);
	pd_page_state p = page();

	EXPECT_EQ(i.inactive(make_view(PD_TYPE_ANON, PD_PAGE_HELD | PD_PAGE_MAPPED, 1), p,
			     scan),
		  decision(PD_VERDICT_ACTIVATE, PD_REASON_REFERENCED));
	EXPECT_EQ(scan.addl_shortage, 0);
}

TEST(FreeBSD, b26_wired_page_is_taken_off_the_queue)
{
	Instance i;
	pd_scan scan = first_pass(i);
	pd_page_state p = page();

	EXPECT_EQ(
		i.inactive(make_view(PD_TYPE_FILE,
				     PD_PAGE_UNEVICTABLE | PD_PAGE_BUSY | PD_PAGE_MAPPED,
				     5),
			   p, scan),
		decision(PD_VERDICT_UNQUEUE, PD_REASON_UNEVICTABLE));
	EXPECT_EQ(i.active(make_view(PD_TYPE_FILE, PD_PAGE_UNEVICTABLE), p, scan),
		  decision(PD_VERDICT_UNQUEUE, PD_REASON_UNEVICTABLE));
}

TEST(FreeBSD, b27_invalid_page_is_freed_at_once)
{
	Instance i;
	pd_scan scan = first_pass(i);
	pd_page_state p = page();
	const pd_s64 shortage = scan.shortage;

	EXPECT_EQ(i.inactive(make_view(PD_TYPE_FILE, PD_PAGE_INVALID), p, scan),
		  decision(PD_VERDICT_FREE, PD_REASON_INVALID));
	EXPECT_EQ(scan.shortage, shortage - 1);
}

TEST(FreeBSD, b27_page_valid_in_part_is_written_like_any_dirty_one)
{
	const pd_view view = make_view(PD_TYPE_FILE, PD_PAGE_INVALID | PD_PAGE_DIRTY);
	Instance i;
	pd_scan scan = first_pass(i);
	pd_page_state p = page();
	const pd_s64 shortage = scan.shortage;

	EXPECT_EQ(i.inactive(view, p, scan),
		  decision(PD_VERDICT_REQUEUE, PD_REASON_SECOND_LAP));
	EXPECT_EQ(scan.shortage, shortage);
	EXPECT_EQ(i.inactive(view, p, scan),
		  decision(PD_VERDICT_LAUNDER, PD_REASON_DIRTY));
}

TEST(FreeBSD, b28_references_are_page_tables_and_the_soft_flag)
{
	Instance i;
	pd_scan scan = first_pass(i);

	for (pd_u8 refs = 0; refs <= PD_REFS_MAX; refs++) {
		for (pd_u8 soft = 0; soft < 4; soft++) {
			pd_page_state p = page();
			const pd_decision d = i.inactive(
				make_view(PD_TYPE_FILE, PD_PAGE_MAPPED, refs, soft), p,
				scan);
			const unsigned delta = refs + (soft ? 1 : 0);

			if (delta == 0) {
				EXPECT_EQ(d, decision(PD_VERDICT_FREE, PD_REASON_CLEAN));
				continue;
			}
			EXPECT_EQ(d, decision(PD_VERDICT_ACTIVATE, PD_REASON_REFERENCED));
			EXPECT_EQ(p.act_count, 5 + delta + 3);
		}
	}
}

TEST(FreeBSD, b28_the_access_that_brings_a_page_in_is_no_reference)
{
	Instance i;
	pd_scan scan = first_pass(i);
	pd_page_state p = page(0, PD_STATE_SEEN | PD_STATE_FIRST_TOUCH);

	EXPECT_EQ(i.enqueue(make_view(PD_TYPE_FILE), p),
		  decision(PD_VERDICT_DEACTIVATE, PD_REASON_CACHED));
	EXPECT_EQ(i.inactive(make_view(PD_TYPE_FILE), p, scan),
		  decision(PD_VERDICT_FREE, PD_REASON_CLEAN));
}

TEST(FreeBSD, b29_referenced_page_is_activated_with_credit)
{
	Instance i;
	pd_scan scan = first_pass(i);
	const pd_s64 shortage = scan.shortage;
	pd_page_state p = page(0);

	EXPECT_EQ(i.inactive(make_view(PD_TYPE_ANON, PD_PAGE_MAPPED | PD_PAGE_DIRTY, 1),
			     p, scan),
		  decision(PD_VERDICT_ACTIVATE, PD_REASON_REFERENCED));
	EXPECT_EQ(p.act_count, 9);
	p = page(20);
	i.inactive(make_view(PD_TYPE_ANON, PD_PAGE_MAPPED, 5, 1), p, scan);
	EXPECT_EQ(p.act_count, 29);
	EXPECT_EQ(scan.shortage, shortage);
}

TEST(FreeBSD, b29_activity_is_clamped_on_reactivation)
{
	Instance i;
	pd_scan scan = first_pass(i);

	for (pd_u8 act = 50; act <= PD_ACT_COUNT_MAX; act++) {
		pd_page_state p = page(act);

		i.inactive(make_view(PD_TYPE_ANON, PD_PAGE_MAPPED, 5, 1), p, scan);
		EXPECT_EQ(p.act_count, act + 9 < 64 ? act + 9 : 64);
	}
}

TEST(FreeBSD, b30_unmapped_page_that_was_read_once_goes_round)
{
	Instance i;
	pd_scan scan = first_pass(i);
	pd_page_state p = page(2);

	EXPECT_EQ(i.inactive(make_view(PD_TYPE_FILE, 0, 0, 1), p, scan),
		  decision(PD_VERDICT_REQUEUE, PD_REASON_UNMAPPED_REFERENCED));
	EXPECT_EQ(p.act_count, 2);
}

TEST(FreeBSD, b30_unmapped_page_that_was_read_twice_is_activated_as_linux_does)
{
	Instance i;
	pd_scan scan = first_pass(i);
	pd_page_state p = page(2);

	EXPECT_EQ(i.inactive(make_view(PD_TYPE_FILE, 0, 0, 2), p, scan),
		  decision(PD_VERDICT_ACTIVATE, PD_REASON_UNMAPPED_REFERENCED));
	EXPECT_EQ(p.act_count, 5);

	/* The same page where Linux had activated it. */
	pd_page_state q = page(2, PD_STATE_SEEN | PD_STATE_QUEUED);

	EXPECT_EQ(i.enqueue(make_view(PD_TYPE_FILE, PD_PAGE_ACTIVE), q),
		  decision(PD_VERDICT_ACTIVATE, PD_REASON_REFERENCED));
	EXPECT_EQ(q.act_count, p.act_count);
}

TEST(FreeBSD, b30_stale_page_table_bits_of_an_unmapped_page_do_not_count)
{
	Instance i;
	pd_scan scan = first_pass(i);
	pd_page_state p = page();

	EXPECT_EQ(i.inactive(make_view(PD_TYPE_FILE, 0, 5, 0), p, scan),
		  decision(PD_VERDICT_FREE, PD_REASON_CLEAN));
}

TEST(FreeBSD, b36_clean_page_is_freed_and_counts_to_the_target)
{
	Instance i;
	pd_scan scan = first_pass(i);
	const pd_s64 shortage = scan.shortage;

	for (int type = 0; type < PD_NR_TYPES; type++) {
		pd_page_state p = page();

		EXPECT_EQ(i.inactive(make_view(static_cast<pd_page_type>(type),
					       PD_PAGE_MAPPED),
				     p, scan),
			  decision(PD_VERDICT_FREE, PD_REASON_CLEAN));
	}
	EXPECT_EQ(scan.shortage, shortage - PD_NR_TYPES);

	pd_page_state p = page();

	i.inactive(make_view(PD_TYPE_FILE, 0, 0, 0, 64), p, scan);
	EXPECT_EQ(scan.shortage, shortage - PD_NR_TYPES - 64);
}

TEST(FreeBSD, b39_dirty_page_takes_a_second_lap)
{
	Instance i;
	pd_scan scan = first_pass(i);
	const pd_s64 shortage = scan.shortage;
	pd_page_state p = page();

	EXPECT_EQ(i.inactive(make_view(PD_TYPE_FILE, PD_PAGE_DIRTY), p, scan),
		  decision(PD_VERDICT_REQUEUE, PD_REASON_SECOND_LAP));
	EXPECT_EQ(p.flags, PD_STATE_SECOND_LAP);
	EXPECT_EQ(scan.shortage, shortage);
	EXPECT_EQ(i.inactive(make_view(PD_TYPE_FILE, PD_PAGE_DIRTY), p, scan),
		  decision(PD_VERDICT_LAUNDER, PD_REASON_DIRTY));
}

TEST(FreeBSD, b39_no_second_lap_from_the_second_pass_on)
{
	Instance i;
	pd_scan scan = second_pass(i);
	pd_page_state p = page();

	EXPECT_EQ(i.inactive(make_view(PD_TYPE_FILE, PD_PAGE_DIRTY), p, scan),
		  decision(PD_VERDICT_LAUNDER, PD_REASON_DIRTY));
	EXPECT_EQ(p.flags, 0);
}

TEST(FreeBSD, b39_deactivation_forgets_the_first_lap)
{
	Instance i;
	pd_scan scan = first_pass(i);
	pd_page_state p = page(1, PD_STATE_SECOND_LAP | PD_STATE_EXEC);

	EXPECT_EQ(i.active(make_view(PD_TYPE_FILE, PD_PAGE_DIRTY), p, scan),
		  decision(PD_VERDICT_DEACTIVATE, PD_REASON_AGED));
	EXPECT_EQ(p.flags, PD_STATE_EXEC);

	p = page(1, PD_STATE_SECOND_LAP);
	i.enqueue(make_view(PD_TYPE_FILE, PD_PAGE_DIRTY), p);
	EXPECT_EQ(p.flags, PD_STATE_QUEUED);
}

TEST(FreeBSD, b39_activation_alone_does_not_forget_it)
{
	Instance i;
	pd_scan scan = first_pass(i);
	pd_page_state p = page(1, PD_STATE_SECOND_LAP);

	i.inactive(make_view(PD_TYPE_FILE, PD_PAGE_DIRTY | PD_PAGE_MAPPED, 1), p, scan);
	EXPECT_EQ(p.flags, PD_STATE_SECOND_LAP);
}

TEST(FreeBSD, b40_exhausted_budget_leaves_dirty_pages_in_place)
{
	Instance i;
	pd_scan scan = first_pass(i);
	pd_page_state p = page(0, PD_STATE_SECOND_LAP);
	int laundered = 0;

	while (i.inactive(make_view(PD_TYPE_FILE, PD_PAGE_DIRTY), p, scan).verdict ==
	       PD_VERDICT_LAUNDER)
		laundered++;
	EXPECT_EQ(laundered, 32);
	EXPECT_EQ(i.inactive(make_view(PD_TYPE_FILE, PD_PAGE_DIRTY), p, scan),
		  decision(PD_VERDICT_KEEP, PD_REASON_BUDGET));
	EXPECT_EQ(scan.addl_shortage, 0);
	/* Clean pages go on being freed. */
	EXPECT_EQ(i.inactive(make_view(PD_TYPE_FILE), p, scan),
		  decision(PD_VERDICT_FREE, PD_REASON_CLEAN));
}

TEST(FreeBSD, b41_laundering_is_charged_by_the_pages_written)
{
	Instance i;
	pd_scan scan = first_pass(i);
	const pd_s64 shortage = scan.shortage;
	pd_page_state p = page(0, PD_STATE_SECOND_LAP);

	/* Three verdicts, one cluster of 16 that holds all three. */
	for (int n = 0; n < 3; n++)
		i.inactive(make_view(PD_TYPE_FILE, PD_PAGE_DIRTY), p, scan);
	EXPECT_EQ(scan.shortage, shortage - 3);
	EXPECT_EQ(scan.launder_budget, 29);
	i.policy->laundered(i.state(), &scan, 16, 0);
	EXPECT_EQ(scan.shortage, shortage - 16);
	EXPECT_EQ(scan.launder_budget, 16);
	i.policy->laundered(i.state(), &scan, 16, 0);
	EXPECT_EQ(scan.shortage, shortage - 32);
	EXPECT_EQ(scan.launder_budget, 0);
}

TEST(FreeBSD, b41_what_could_not_be_written_is_given_back)
{
	Instance i;
	pd_scan scan = first_pass(i);
	const pd_s64 shortage = scan.shortage;
	pd_page_state p = page(0, PD_STATE_SECOND_LAP);

	for (int n = 0; n < 4; n++)
		i.inactive(make_view(PD_TYPE_ANON, PD_PAGE_DIRTY, 0, 0, 2), p, scan);
	i.policy->laundered(i.state(), &scan, 2, 6);
	EXPECT_EQ(scan.shortage, shortage - 2);
	EXPECT_EQ(scan.launder_budget, 30);
	i.policy->laundered(i.state(), &scan, 0, 0);
	EXPECT_EQ(scan.shortage, shortage - 2);
}

TEST(FreeBSD, b41_one_call_for_each_cluster_comes_to_the_same)
{
	Instance i;
	pd_scan a = second_pass(i), b = a;
	pd_page_state p = page();

	for (int n = 0; n < 20; n++) {
		i.inactive(make_view(PD_TYPE_FILE, PD_PAGE_DIRTY), p, a);
		i.inactive(make_view(PD_TYPE_FILE, PD_PAGE_DIRTY), p, b);
	}
	i.policy->laundered(i.state(), &a, 45, 0);
	for (int n = 0; n < 3; n++)
		i.policy->laundered(i.state(), &b, 15, 0);
	EXPECT_EQ(a.shortage, b.shortage);
	EXPECT_EQ(a.launder_budget, b.launder_budget);
}

TEST(FreeBSD, b41_verdicts_of_a_batch_ask_for_no_more_than_is_wanted)
{
	Instance i;
	pd_scan scan = i.plan(memory_64m(386), 2);
	pd_page_state p = page();
	int verdicts = 0;

	ASSERT_EQ(scan.shortage, 5);
	while (scan.shortage > 0 && verdicts < PD_BATCH) {
		i.inactive(make_view(PD_TYPE_FILE, PD_PAGE_DIRTY), p, scan);
		verdicts++;
	}
	EXPECT_EQ(verdicts, 5);
}

TEST(FreeBSD, b41_writing_left_to_the_daemon_counts_for_nothing)
{
	Instance i;
	pd_scan scan = second_pass(i);
	const pd_s64 shortage = scan.shortage;
	pd_page_state p = page();

	scan.may_launder = 0;
	EXPECT_EQ(i.inactive(make_view(PD_TYPE_FILE, PD_PAGE_DIRTY), p, scan),
		  decision(PD_VERDICT_LAUNDER, PD_REASON_DIRTY));
	EXPECT_EQ(scan.shortage, shortage);
	/* Swap is no file: it is written from here. */
	i.inactive(make_view(PD_TYPE_ANON, PD_PAGE_DIRTY), p, scan);
	EXPECT_EQ(scan.shortage, shortage - 1);
}

TEST(FreeBSD, b42_swap_pageouts_can_be_disabled)
{
	for (pd_page_type type : kSwapTypes) {
		Instance i;

		i.knobs.disable_swap_pageouts = 1;
		i.knobs.defer_swap_pageouts = 1;

		pd_scan scan = i.plan(memory_64m(-100), 2);
		pd_page_state p = page();

		EXPECT_EQ(i.inactive(make_view(type, PD_PAGE_DIRTY), p, scan),
			  decision(PD_VERDICT_REQUEUE, PD_REASON_SWAP_DEFERRED));
	}
}

TEST(FreeBSD, b42_swap_pageouts_can_be_deferred_until_memory_is_below_min)
{
	for (pd_page_type type : kSwapTypes) {
		const pd_view view = make_view(type, PD_PAGE_DIRTY);
		Instance i;
		pd_page_state p = page();

		i.knobs.defer_swap_pageouts = 1;

		pd_scan scan = i.plan(memory_64m(151), 2);

		EXPECT_EQ(i.inactive(view, p, scan),
			  decision(PD_VERDICT_REQUEUE, PD_REASON_SWAP_DEFERRED));
		scan = i.plan(memory_64m(150), 2);
		EXPECT_EQ(i.inactive(view, p, scan),
			  decision(PD_VERDICT_LAUNDER, PD_REASON_DIRTY));
	}
}

TEST(FreeBSD, b42_swap_knobs_do_not_concern_files_or_clean_pages)
{
	Instance i;

	i.knobs.disable_swap_pageouts = 1;

	pd_scan scan = second_pass(i);
	pd_page_state p = page();

	EXPECT_EQ(i.inactive(make_view(PD_TYPE_FILE, PD_PAGE_DIRTY), p, scan),
		  decision(PD_VERDICT_LAUNDER, PD_REASON_DIRTY));
	EXPECT_EQ(i.inactive(make_view(PD_TYPE_EXEC, PD_PAGE_DIRTY), p, scan),
		  decision(PD_VERDICT_LAUNDER, PD_REASON_DIRTY));
	EXPECT_EQ(i.inactive(make_view(PD_TYPE_ANON), p, scan),
		  decision(PD_VERDICT_FREE, PD_REASON_CLEAN));
}

TEST(FreeBSD, b42_nothing_goes_to_swap_against_the_callers_word)
{
	Instance i;
	pd_scan scan = second_pass(i);
	pd_page_state p = page();

	scan.may_swap = 0;
	EXPECT_EQ(i.inactive(make_view(PD_TYPE_ANON, PD_PAGE_DIRTY), p, scan),
		  decision(PD_VERDICT_REQUEUE, PD_REASON_SWAP_DEFERRED));
	EXPECT_EQ(i.inactive(make_view(PD_TYPE_FILE, PD_PAGE_DIRTY), p, scan),
		  decision(PD_VERDICT_LAUNDER, PD_REASON_DIRTY));
}

TEST(FreeBSD, b42_pages_barred_from_swap_do_not_pass_for_inactive_ones)
{
	Instance i;
	const pd_memory memory = memory_64m(0);
	pd_scan scan = second_pass(i);
	pd_page_state p = page();

	scan.may_swap = 0;
	for (int n = 0; n < 6000; n++)
		i.inactive(make_view(PD_TYPE_ANON, PD_PAGE_DIRTY), p, scan);
	i.policy->inactive_done(i.state(), &memory, &scan);
	EXPECT_GE(scan.active_shortage,
		  static_cast<pd_s64>(i.watermarks(memory).inactive_target));
}

TEST(FreeBSD, b42_page_of_a_dead_object_goes_round)
{
	Instance i;
	pd_scan scan = second_pass(i);
	const pd_scan before = scan;
	pd_page_state p = page();

	EXPECT_EQ(i.inactive(make_view(PD_TYPE_FILE, PD_PAGE_DIRTY | PD_PAGE_DEAD), p,
			     scan),
		  decision(PD_VERDICT_REQUEUE, PD_REASON_DEAD));
	EXPECT_EQ(scan.shortage, before.shortage);
	EXPECT_EQ(scan.launder_budget, before.launder_budget);
}

TEST(FreeBSD, b43_file_that_cannot_be_written_now_is_a_lock_miss)
{
	Instance i;
	pd_scan scan = second_pass(i);
	const pd_scan before = scan;
	pd_page_state p = page();

	EXPECT_EQ(i.inactive(make_view(PD_TYPE_FILE, PD_PAGE_DIRTY | PD_PAGE_LOCK_MISS),
			     p, scan),
		  decision(PD_VERDICT_KEEP, PD_REASON_LOCK_MISS));
	EXPECT_EQ(scan.lock_misses, 1);
	EXPECT_EQ(scan.launder_budget, before.launder_budget);
	EXPECT_EQ(scan.shortage, before.shortage);
}

/* ---- Active queue ---- */

TEST(FreeBSD, b71_active_scan_makes_up_for_inactive_and_free_pages)
{
	Instance i;
	pd_memory memory = memory_64m(100);
	pd_scan scan = {};

	memory.inactive = 500;
	scan.deficit = 7;
	scan.addl_shortage = 11;
	i.policy->inactive_done(i.state(), &memory, &scan);
	EXPECT_EQ(scan.active_shortage, 586 - 500 + (391 - 100) + 7 + 11);
	EXPECT_EQ(scan.active_max_scan, 10000);
}

TEST(FreeBSD, b71_no_active_scan_while_enough_is_inactive)
{
	Instance i;
	pd_memory memory = memory_64m(391);
	pd_scan scan = {};

	memory.inactive = 586;
	i.policy->inactive_done(i.state(), &memory, &scan);
	EXPECT_EQ(scan.active_shortage, 0);
	memory.free = 5000;
	i.policy->inactive_done(i.state(), &memory, &scan);
	EXPECT_LT(scan.active_shortage, 0);
}

TEST(FreeBSD, b71_active_pages_make_up_for_what_all_pairs_lack)
{
	Instance i;
	pd_memory memory = memory_64m(391);
	pd_scan scan = {};

	memory.nr_pairs = 2;
	memory.inactive = 100;
	memory.active = 1500;
	memory.total_inactive = 186;
	memory.total_active = 15000;
	scan.addl_shortage = 3;
	i.policy->inactive_done(i.state(), &memory, &scan);
	EXPECT_EQ(scan.active_shortage, 40 + 3); /* a tenth of 586 - 186 */
	EXPECT_EQ(scan.active_max_scan, 1500);
	/* Enough is inactive elsewhere: the pages of this one stay. */
	memory.inactive = 0;
	memory.total_inactive = 2000;
	i.policy->inactive_done(i.state(), &memory, &scan);
	EXPECT_LT(scan.active_shortage, 0);
}

TEST(FreeBSD, b74_reference_raises_activity_by_3_and_the_references)
{
	Instance i;
	pd_scan scan = first_pass(i);
	pd_page_state p = page(5);

	EXPECT_EQ(i.active(make_view(PD_TYPE_ANON, PD_PAGE_MAPPED, 1), p, scan),
		  decision(PD_VERDICT_REQUEUE, PD_REASON_REFERENCED));
	EXPECT_EQ(p.act_count, 9);
	i.active(make_view(PD_TYPE_ANON, PD_PAGE_MAPPED, 5, 3), p, scan);
	EXPECT_EQ(p.act_count, 18);
	/* An unmapped page has only its soft flag. */
	i.active(make_view(PD_TYPE_FILE, 0, 0, 2), p, scan);
	EXPECT_EQ(p.act_count, 22);
}

TEST(FreeBSD, b74_activity_is_at_most_64)
{
	Instance i;
	pd_scan scan = first_pass(i);
	pd_page_state p = page(0);

	for (int n = 0; n < 100; n++) {
		i.active(make_view(PD_TYPE_ANON, PD_PAGE_MAPPED, 5, 1), p, scan);
		ASSERT_LE(p.act_count, PD_ACT_COUNT_MAX);
	}
	EXPECT_EQ(p.act_count, PD_ACT_COUNT_MAX);
}

TEST(FreeBSD, b74_page_faulted_once_is_inactive_after_five_scans)
{
	Instance i;
	pd_scan scan = first_pass(i);
	pd_page_state p = page();

	scan.active_shortage = 10;
	i.enqueue(make_view(PD_TYPE_ANON, PD_PAGE_MAPPED), p);
	for (int n = 0; n < 4; n++)
		EXPECT_EQ(i.active(make_view(PD_TYPE_ANON, PD_PAGE_MAPPED), p, scan),
			  decision(PD_VERDICT_REQUEUE, PD_REASON_DECAYED));
	EXPECT_EQ(scan.active_shortage, 10);
	EXPECT_EQ(i.active(make_view(PD_TYPE_ANON, PD_PAGE_MAPPED), p, scan),
		  decision(PD_VERDICT_DEACTIVATE, PD_REASON_AGED));
	EXPECT_EQ(scan.active_shortage, 9);
}

TEST(FreeBSD, b74_saturated_page_takes_64_scans)
{
	Instance i;
	pd_scan scan = first_pass(i);
	pd_page_state p = page(PD_ACT_COUNT_MAX);
	int scans = 1;

	while (i.active(make_view(PD_TYPE_FILE), p, scan).verdict == PD_VERDICT_REQUEUE)
		scans++;
	EXPECT_EQ(scans, 64);
}

TEST(FreeBSD, b74_page_without_activity_leaves_at_once)
{
	Instance i;
	pd_scan scan = first_pass(i);
	pd_page_state p = page(0);

	scan.active_shortage = 100;
	EXPECT_EQ(i.active(make_view(PD_TYPE_FILE, 0, 0, 0, 16), p, scan),
		  decision(PD_VERDICT_DEACTIVATE, PD_REASON_AGED));
	EXPECT_EQ(scan.active_shortage, 84);
}

TEST(FreeBSD, b74_busy_and_held_pages_age_like_others)
{
	Instance i;
	pd_scan scan = first_pass(i);
	pd_page_state p = page(2);

	EXPECT_EQ(i.active(make_view(PD_TYPE_FILE, PD_PAGE_BUSY | PD_PAGE_HELD), p, scan),
		  decision(PD_VERDICT_REQUEUE, PD_REASON_DECAYED));
	EXPECT_EQ(p.act_count, 1);
}

/* ---- Pages that enter ---- */

TEST(FreeBSD, faulted_pages_start_active_with_5)
{
	struct {
		pd_page_type type;
		pd_u32 flags;
	} const rows[] = {
		{PD_TYPE_ANON, 0},
		{PD_TYPE_ANON, PD_PAGE_MAPPED | PD_PAGE_ACTIVE},
		{PD_TYPE_SHMEM, PD_PAGE_DIRTY},
		{PD_TYPE_FILE, PD_PAGE_MAPPED},
		{PD_TYPE_EXEC, PD_PAGE_MAPPED | PD_PAGE_REFAULT},
		{PD_TYPE_FILE, PD_PAGE_MAPPED | PD_PAGE_ACTIVE},
	};

	for (const auto &row : rows) {
		Instance i;
		pd_page_state p = page(0, PD_STATE_SEEN | PD_STATE_FIRST_TOUCH);

		EXPECT_EQ(i.enqueue(make_view(row.type, row.flags), p),
			  decision(PD_VERDICT_ACTIVATE, PD_REASON_FAULTED));
		EXPECT_EQ(p.act_count, 5);
		EXPECT_EQ(p.flags,
			  PD_STATE_SEEN | PD_STATE_FIRST_TOUCH | PD_STATE_QUEUED);
	}
}

TEST(FreeBSD, pages_read_and_read_ahead_start_inactive_with_0)
{
	Instance i;
	pd_page_state p = page(33, PD_STATE_SEEN);

	EXPECT_EQ(i.enqueue(make_view(PD_TYPE_FILE), p),
		  decision(PD_VERDICT_DEACTIVATE, PD_REASON_CACHED));
	EXPECT_EQ(p.act_count, 0);
}

TEST(FreeBSD, page_the_kernel_activates_keeps_what_activity_it_has)
{
	Instance i;
	pd_page_state p = page(30, PD_STATE_SEEN | PD_STATE_QUEUED);

	EXPECT_EQ(i.enqueue(make_view(PD_TYPE_FILE, PD_PAGE_ACTIVE), p),
		  decision(PD_VERDICT_ACTIVATE, PD_REASON_REFERENCED));
	EXPECT_EQ(p.act_count, 30);
}

TEST(FreeBSD, refault_is_credited_only_if_asked_for)
{
	Instance i;
	pd_page_state p = page();

	EXPECT_EQ(i.enqueue(make_view(PD_TYPE_FILE, PD_PAGE_REFAULT), p),
		  decision(PD_VERDICT_DEACTIVATE, PD_REASON_CACHED));
	i.knobs.refault_activate = 1;
	p = page();
	EXPECT_EQ(i.enqueue(make_view(PD_TYPE_FILE, PD_PAGE_REFAULT), p),
		  decision(PD_VERDICT_ACTIVATE, PD_REASON_REFAULT));
	EXPECT_EQ(p.act_count, 5);
	/* PG_workingset outlives the refault: a page moved about is none. */
	p = page(1, PD_STATE_QUEUED);
	EXPECT_EQ(i.enqueue(make_view(PD_TYPE_FILE, PD_PAGE_REFAULT), p),
		  decision(PD_VERDICT_DEACTIVATE, PD_REASON_MOVED));
}

TEST(FreeBSD, laundered_page_that_is_rotated_is_next_to_go)
{
	for (int type = 0; type < PD_NR_TYPES; type++) {
		Instance i;
		pd_scan scan = first_pass(i);
		pd_page_state p = page(4, PD_STATE_QUEUED | PD_STATE_LAUNDERED |
						  PD_STATE_SECOND_LAP);
		const pd_view view = make_view(static_cast<pd_page_type>(type));

		EXPECT_EQ(i.enqueue(view, p),
			  decision(PD_VERDICT_DEACTIVATE_HEAD, PD_REASON_CLEAN));
		EXPECT_EQ(p.flags, PD_STATE_QUEUED);
		EXPECT_EQ(i.inactive(view, p, scan),
			  decision(PD_VERDICT_FREE, PD_REASON_CLEAN));
	}
}

TEST(FreeBSD, laundered_page_that_is_not_clean_is_not_next)
{
	for (pd_u32 flag : {PD_PAGE_DIRTY, PD_PAGE_WRITEBACK}) {
		Instance i;
		pd_page_state p = page(0, PD_STATE_QUEUED | PD_STATE_LAUNDERED);

		EXPECT_EQ(i.enqueue(make_view(PD_TYPE_FILE, flag), p),
			  decision(PD_VERDICT_DEACTIVATE, PD_REASON_MOVED));
	}
}

TEST(FreeBSD, page_that_madvise_moved_stays_inactive)
{
	Instance i;
	pd_page_state p = page(0, PD_STATE_SEEN);
	pd_scan scan = first_pass(i);

	i.enqueue(make_view(PD_TYPE_ANON, PD_PAGE_MAPPED), p);
	i.active(make_view(PD_TYPE_ANON, PD_PAGE_MAPPED, 5), p, scan);
	EXPECT_EQ(p.act_count, 13);
	EXPECT_EQ(i.enqueue(make_view(PD_TYPE_ANON, PD_PAGE_MAPPED), p),
		  decision(PD_VERDICT_DEACTIVATE, PD_REASON_MOVED));
	EXPECT_EQ(p.act_count, 13);
}

/* ---- After a pass ---- */

struct AfterRow {
	pd_u32 pass;
	pd_s64 free;
	bool needed;
	pd_u64 freed;
	pd_u32 flags, next_pass, delay_ms;
};

TEST(FreeBSD, b3_b4_b5_b6_what_follows_a_pass)
{
	const pd_u32 N = PD_NEXT_NEEDED, W = PD_NEXT_WAKE_WAITERS, S = PD_NEXT_KICK_SLAB;
	static const AfterRow rows[] = {
		/* above the wake-up threshold (165): done, waiters go on */
		{1, 165, true, 10, W | S, 0, 1000},
		{7, 9999, true, 0, W | S, 0, 1000},
		/* between min (151) and the threshold: waiters go on, the daemon too */
		{1, 164, true, 10, N | W | S, 2, 0},
		{1, 151, true, 0, N | W | S, 2, 0},
		/* below min: waiters wait */
		{0, 150, true, 10, N, 1, 0},
		{1, 150, true, 10, N | S, 2, 0},
		{1, -9999, true, 0, N | S, 2, 0},
		/* the second pass and later pause if they freed nothing */
		{2, 150, true, 0, N | S, 3, 500},
		{3, 150, true, 0, N | S, 4, 500},
		{3, 160, true, 0, N | W | S, 4, 500},
		/* and go on at once if they did */
		{2, 150, true, 1, N | S, 2, 0},
		{9, -100, true, 500, N | S, 9, 0},
		/* nobody needs anything: the source does not look at free */
		{0, 150, false, 0, 0, 0, 1000},
		{0, 9999, false, 0, 0, 0, 1000},
		{5, 150, false, 0, S, 0, 1000},
		/* the number stops rising rather than wrap */
		{~0u, 150, true, 0, N | S, ~0u, 500},
	};

	for (const AfterRow &row : rows) {
		Instance i;
		pd_scan scan = {};

		scan.pass = row.pass;
		scan.freed = row.freed;
		SCOPED_TRACE(testing::Message()
			     << "pass " << row.pass << " free " << row.free << " needed "
			     << row.needed << " freed " << row.freed);

		const pd_next next = i.after_pass(memory_64m(row.free), scan, row.needed);

		EXPECT_EQ(next.flags, row.flags);
		EXPECT_EQ(next.pass, row.next_pass);
		EXPECT_EQ(next.delay_ms, row.delay_ms);
	}
}

TEST(FreeBSD, b3_pass_rises_while_short_and_is_zero_when_met)
{
	Instance i;
	pd_scan scan = {};

	for (pd_u32 pass = 1; pass < 50; pass++) {
		scan.pass = pass;
		scan = {};
		scan.pass = pass;
		EXPECT_EQ(i.after_pass(memory_64m(0), scan, true).pass, pass + 1);
	}
	EXPECT_EQ(i.after_pass(memory_64m(1000), scan, true).pass, 0u);
}

TEST(FreeBSD, b4_in_a_tiny_cgroup_being_needed_lasts_until_min)
{
	Instance i;
	pd_memory memory = memory_64m(45);
	pd_scan scan = {};

	/* 4 MiB: min 47 is above the wake-up threshold 44. */
	memory.limit = 1024;
	scan.pass = 1;
	EXPECT_EQ(i.after_pass(memory, scan, true).flags &
			  (PD_NEXT_NEEDED | PD_NEXT_WAKE_WAITERS),
		  PD_NEXT_NEEDED);
	memory.free = 47;
	EXPECT_EQ(i.after_pass(memory, scan, true).flags &
			  (PD_NEXT_NEEDED | PD_NEXT_WAKE_WAITERS),
		  PD_NEXT_WAKE_WAITERS);
}

TEST(FreeBSD, b5_the_pause_is_a_knob)
{
	Instance i;
	pd_scan scan = {};

	scan.pass = 2;
	i.knobs.retry_pause = 20;
	EXPECT_EQ(i.after_pass(memory_64m(0), scan, true).delay_ms, 20u);
	i.knobs.retry_pause = PD_AUTO;
	EXPECT_EQ(i.after_pass(memory_64m(0), scan, true).delay_ms, 60000u);
}

TEST(FreeBSD, b5_the_pause_is_short_while_writes_are_under_way)
{
	Instance i;
	pd_scan scan = {};

	scan.pass = 2;
	scan.laundered = 16;
	EXPECT_EQ(i.after_pass(memory_64m(0), scan, true).delay_ms, 20u);
	EXPECT_EQ(i.after_pass(memory_64m(0), scan, true).pass, 3u);
	i.knobs.retry_pause = 5;
	EXPECT_EQ(i.after_pass(memory_64m(0), scan, true).delay_ms, 5u);
	scan.pass = 1;
	EXPECT_EQ(i.after_pass(memory_64m(0), scan, true).delay_ms, 0u);
}

TEST(FreeBSD, b6_no_update_period_no_tick)
{
	Instance i;
	pd_scan scan = {};

	i.knobs.update_period = 0;
	EXPECT_EQ(i.after_pass(memory_64m(1000), scan, true).delay_ms, PD_FOREVER_MS);
	EXPECT_EQ(i.after_pass(memory_64m(1000), scan, false).delay_ms, PD_FOREVER_MS);
}

TEST(FreeBSD, b18_caches_are_asked_from_the_first_pass_on)
{
	Instance i;
	pd_scan scan = {};

	EXPECT_FALSE(i.after_pass(memory_64m(0), scan, true).flags & PD_NEXT_KICK_SLAB);
	scan.pass = 1;
	EXPECT_TRUE(i.after_pass(memory_64m(0), scan, true).flags & PD_NEXT_KICK_SLAB);
}

TEST(FreeBSD, flushers_are_asked_when_files_were_missed_and_memory_is_below_min)
{
	Instance i;
	pd_scan scan = {};

	scan.pass = 1;
	EXPECT_FALSE(i.after_pass(memory_64m(150), scan, true).flags &
		     PD_NEXT_KICK_WRITEBACK);
	scan.lock_misses = 1;
	EXPECT_TRUE(i.after_pass(memory_64m(150), scan, true).flags &
		    PD_NEXT_KICK_WRITEBACK);
	EXPECT_FALSE(i.after_pass(memory_64m(151), scan, true).flags &
		     PD_NEXT_KICK_WRITEBACK);
}

/* ---- Idle aging ---- */

TEST(FreeBSD, b79_idle_aging_visits_all_active_pages_in_update_period)
{
	Instance i;
	pd_memory memory = memory_64m(5000);
	pd_scan scan = {};
	pd_s64 visits = 0;

	for (int second = 0; second < 600; second++) {
		EXPECT_EQ(i.policy->idle(i.state(), &memory, 1000, &scan), 1000u);
		EXPECT_EQ(scan.active_max_scan, scan.active_shortage);
		EXPECT_GE(scan.active_max_scan, 16);
		EXPECT_LE(scan.active_max_scan, 17);
		visits += scan.active_max_scan;
	}
	EXPECT_EQ(visits, 10000);
}

TEST(FreeBSD, b79_a_short_queue_is_visited_too)
{
	Instance i;
	pd_memory memory = memory_64m(5000);
	pd_scan scan = {};
	pd_s64 visits = 0;

	memory.active = 7; /* 7 / 600 is nothing in the source's integers */
	for (int second = 0; second < 600; second++) {
		i.policy->idle(i.state(), &memory, 1000, &scan);
		visits += scan.active_max_scan;
	}
	EXPECT_EQ(visits, 7);
}

TEST(FreeBSD, b79_uneven_ticks_come_to_the_same)
{
	Edges random(3);
	Instance i;
	pd_memory memory = memory_64m(5000);
	pd_scan scan = {};
	pd_s64 visits = 0;
	pd_u64 left = 600000;

	while (left != 0) {
		const pd_u64 elapsed = random(left < 5000 ? left + 1 : 5000);

		i.policy->idle(i.state(), &memory, elapsed, &scan);
		visits += scan.active_max_scan;
		left -= elapsed;
	}
	EXPECT_EQ(visits, 10000);
}

TEST(FreeBSD, b79_a_long_sleep_visits_no_more_than_there_is)
{
	Instance i;
	pd_memory memory = memory_64m(5000);
	pd_scan scan = {};

	i.policy->idle(i.state(), &memory, ~pd_u64{0}, &scan);
	EXPECT_EQ(scan.active_max_scan, 10000);
	memory.active = ~pd_u64{0};
	i.policy->idle(i.state(), &memory, ~pd_u64{0}, &scan);
	EXPECT_EQ(scan.active_max_scan, pd_s64{1} << 52);
}

TEST(FreeBSD, b79_aging_leaves_the_inactive_queue_alone)
{
	Instance i;
	pd_memory memory = memory_64m(0);
	pd_scan scan = {};

	scan.shortage = scan.max_scan = 5;
	i.policy->idle(i.state(), &memory, 1000, &scan);
	EXPECT_EQ(scan.shortage, 0);
	EXPECT_EQ(scan.max_scan, 0);
}

TEST(FreeBSD, b79_update_period_0_turns_aging_off)
{
	Instance i;
	pd_memory memory = memory_64m(5000);
	pd_scan scan = {};

	scan.active_shortage = scan.active_max_scan = 5;
	i.knobs.update_period = 0;
	EXPECT_EQ(i.policy->idle(i.state(), &memory, 1000, &scan), PD_FOREVER_MS);
	EXPECT_EQ(scan.active_shortage, 0);
	EXPECT_EQ(scan.active_max_scan, 0);
}

TEST(FreeBSD, b79_a_shorter_period_takes_effect_at_once)
{
	Instance i;
	pd_memory memory = memory_64m(5000);
	pd_scan scan = {};

	i.policy->idle(i.state(), &memory, 999, &scan);
	i.knobs.update_period = 1;
	i.policy->idle(i.state(), &memory, 1000, &scan);
	EXPECT_EQ(scan.active_max_scan, 10000);
}

TEST(FreeBSD, b79_an_absurd_period_does_not_turn_aging_off)
{
	Instance i;
	pd_memory memory = memory_64m(5000);
	pd_scan scan = {};

	i.knobs.update_period = pd_u64{1} << 61; /* times 1000: 0 */
	EXPECT_EQ(i.policy->idle(i.state(), &memory, 86400000, &scan), 1000u);
	EXPECT_EQ(scan.active_max_scan, 10000);
}

/* ---- State ---- */

TEST(FreeBSD, two_states_do_not_know_of_each_other)
{
	Instance a, b, fresh;
	pd_memory memory = memory_64m(100);
	pd_scan scan = {};

	a.knobs.free_target = 9999;
	a.knobs.max_launder = 1;
	memory.active = 7;
	for (int n = 0; n < 100; n++)
		a.policy->idle(a.state(), &memory, 1000, &scan);
	EXPECT_EQ(b.watermarks(16384).free_target, 391u);
	EXPECT_EQ(b.plan(memory).launder_budget, 32);

	/* b ages as if a had never been. */
	for (int n = 0; n < 600; n++) {
		pd_scan other = {};

		b.policy->idle(b.state(), &memory, 1000, &scan);
		fresh.policy->idle(fresh.state(), &memory, 1000, &other);
		ASSERT_EQ(scan.active_max_scan, other.active_max_scan);
	}
}

TEST(FreeBSD, judging_pages_does_not_change_the_state)
{
	Edges random(5);
	Instance i;
	const std::string before = i.bytes();

	for (int n = 0; n < 10000; n++) {
		const pd_memory memory = random.memory();
		const pd_view view = random.view();
		pd_page_state p = random.page();
		pd_scan scan = random.scan();

		i.watermarks(memory);
		i.policy->plan(i.state(), &memory, &scan);
		i.inactive(view, p, scan);
		i.active(view, p, scan);
		i.enqueue(view, p);
		i.after_pass(memory, scan, random(2));
	}
	EXPECT_EQ(i.bytes(), before);
}

TEST(FreeBSD, activity_never_leaves_its_range)
{
	Edges random(6);
	Instance i;
	pd_page_state p = page();

	for (int n = 0; n < 200000; n++) {
		const pd_view view = random.view();
		pd_scan scan = random.scan();

		switch (random(3)) {
		case 0:
			i.inactive(view, p, scan);
			break;
		case 1:
			i.active(view, p, scan);
			break;
		default:
			i.enqueue(view, p);
			break;
		}
		ASSERT_LE(p.act_count, PD_ACT_COUNT_MAX);
	}
}

TEST(FreeBSD, no_verdict_frees_or_writes_a_page_in_use)
{
	const pd_u32 in_use =
		PD_PAGE_BUSY | PD_PAGE_WRITEBACK | PD_PAGE_HELD | PD_PAGE_UNEVICTABLE;
	Edges random(8);
	Instance i;

	for (int n = 0; n < 200000; n++) {
		const pd_view view = random.view();
		pd_page_state p = random.page();
		pd_scan scan = random.scan();
		const pd_decision d = i.inactive(view, p, scan);

		if (view.flags & in_use) {
			ASSERT_NE(d.verdict, PD_VERDICT_FREE);
			ASSERT_NE(d.verdict, PD_VERDICT_LAUNDER);
		}
		if (d.verdict == PD_VERDICT_FREE) {
			ASSERT_FALSE(view.flags & PD_PAGE_DIRTY);
		}
		if (d.verdict == PD_VERDICT_LAUNDER) {
			ASSERT_TRUE(view.flags & PD_PAGE_DIRTY);
		}
	}
}
