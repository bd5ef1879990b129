// SPDX-License-Identifier: GPL-2.0
/*
 * CLOCK-Pro's policy: what becomes of a page at either hand, and of one that was gone.
 * What the numbers of the clock are is for test_clockpro_clock.cc; here they are far
 * from their edges. bNN is the number of the row in docs/behaviours.md.
 */
#include <pagedaemon/ghosts.h>

#include "policy_test.h"

#include <thread>
#include <vector>

namespace
{

const pd_decision kOnTrial = decision(PD_VERDICT_DEACTIVATE, PD_REASON_CACHED);
const pd_decision kHotAtOnce = decision(PD_VERDICT_ACTIVATE, PD_REASON_CACHED);
const pd_decision kRefault = decision(PD_VERDICT_ACTIVATE, PD_REASON_REFAULT);
const pd_decision kReferenced = decision(PD_VERDICT_ACTIVATE, PD_REASON_REFERENCED);
const pd_decision kGoesRound = decision(PD_VERDICT_REQUEUE, PD_REASON_REFERENCED);
const pd_decision kFaulted = decision(PD_VERDICT_REQUEUE, PD_REASON_FAULTED);
const pd_decision kFreed = decision(PD_VERDICT_FREE, PD_REASON_CLEAN);
const pd_decision kWritten = decision(PD_VERDICT_LAUNDER, PD_REASON_DIRTY);
const pd_decision kBusy = decision(PD_VERDICT_KEEP, PD_REASON_BUSY);
const pd_decision kHeld = decision(PD_VERDICT_KEEP, PD_REASON_HELD);
const pd_decision kNoSwap = decision(PD_VERDICT_REQUEUE, PD_REASON_SWAP_DEFERRED);
const pd_decision kUnqueued = decision(PD_VERDICT_UNQUEUE, PD_REASON_UNEVICTABLE);
const pd_decision kAged = decision(PD_VERDICT_DEACTIVATE, PD_REASON_AGED);
const pd_decision kAgedAndNext = decision(PD_VERDICT_DEACTIVATE_HEAD, PD_REASON_AGED);
const pd_decision kMovedCold = decision(PD_VERDICT_DEACTIVATE, PD_REASON_MOVED);
const pd_decision kMovedHot = decision(PD_VERDICT_ACTIVATE, PD_REASON_MOVED);
const pd_decision kTrialAgain = decision(PD_VERDICT_DEACTIVATE, PD_REASON_REFERENCED);
const pd_decision kWriteEnded = decision(PD_VERDICT_DEACTIVATE_HEAD, PD_REASON_CLEAN);

/* 64 MiB: the marks are min 81, target 163. */
pd_memory full(pd_s64 free = 0)
{
	pd_memory memory = memory_64m(free);

	memory.anon = memory.file = 8000;
	memory.swap_total = memory.swap_free = 5000;
	return memory;
}

pd_view clean(pd_u32 flags = 0)
{
	return make_view(PD_TYPE_FILE, flags);
}

pd_view used(pd_u32 flags = 0)
{
	return make_view(PD_TYPE_FILE, PD_PAGE_MAPPED | flags, 1);
}

pd_view back(pd_u32 ghost)
{
	pd_view view = clean();

	view.ghost = ghost;
	return view;
}

/* Memory has been full, 10000 pages are hot, and cold ones may be a third. */
class ClockPro : public testing::Test
{
protected:
	ClockPro() : scan(fill(i))
	{
	}

	static pd_scan fill(Instance &i)
	{
		i.watermarks(full());
		i.after_pass(full(), i.plan(full()), false);
		for (int n = 0; n < 8000 && cold_target(i) < 5000; n++) {
			pd_page_state p = enter(i);

			i.enqueue(used(PD_PAGE_ACTIVE), p);
		}
		EXPECT_GE(cold_target(i), 5000);
		return i.plan(full());
	}

	/* A page that is new here. */
	static pd_page_state enter(const Instance &i)
	{
		pd_page_state p = {0, PD_STATE_SEEN | PD_STATE_FIRST_TOUCH};

		EXPECT_EQ(i.enqueue(clean(), p), kOnTrial);
		return p;
	}

	pd_page_state on_trial() const
	{
		return enter(i);
	}

	/* Cold, and not on trial. */
	pd_page_state aged() const
	{
		pd_page_state p = hot();
		pd_scan some = {};

		EXPECT_EQ(i.active(clean(), p, some), kAged);
		return p;
	}

	pd_page_state hot() const
	{
		pd_page_state p = on_trial();
		pd_scan some = {};

		EXPECT_EQ(i.inactive(used(), p, some), kReferenced);
		return p;
	}

	/* The hot hand goes past @pages that are in use, in folios of @size. */
	void turn(int pages, int size = 1) const
	{
		pd_view view = used();

		view.nr_pages = static_cast<pd_u32>(size);
		for (int n = 0; n < pages; n += size) {
			pd_page_state p = {PD_ACT_COUNT_MAX,
					   PD_STATE_SEEN | PD_STATE_QUEUED};
			pd_scan some = {};

			i.active(view, p, some);
		}
	}

	/* All the way round; test periods that were under way are over. */
	void turn_round() const
	{
		turn(10000 + 2500);
	}

	static pd_s64 wanted_cold(const Instance &i, pd_memory memory, pd_scan some = {})
	{
		i.policy->inactive_done(i.state(), &memory, &some);
		return some.active_shortage;
	}

	/* By what the hot hand is to take away, were all memory hot and nothing free. */
	static pd_s64 cold_target(const Instance &i)
	{
		pd_memory memory = full();

		memory.inactive = memory.total_inactive = 0;
		memory.active = memory.total_active = 16000;
		return wanted_cold(i, memory);
	}

	pd_s64 cold_target() const
	{
		return cold_target(i);
	}

	pd_u32 remember(const pd_page_state &page) const
	{
		const pd_view view = clean();

		return i.policy->remember(i.state(), &view, &page);
	}

	void forgotten(pd_u32 ghost) const
	{
		i.policy->forgotten(i.state(), ghost);
	}

	Instance i{"clockpro"};
	pd_scan scan;
};

} // namespace

/* ---- Watermarks ---- */

TEST_F(ClockPro, b1_watermarks_are_netbsds_and_an_eighth_of_its_minimum)
{
	const Instance netbsd("netbsd");

	for (pd_u64 limit : {pd_u64{0}, pd_u64{1}, pd_u64{7}, pd_u64{139}, pd_u64{6499},
			     pd_u64{16384}, pd_u64{1} << 30, ~pd_u64{0}}) {
		const pd_watermarks here = i.watermarks(limit);
		const pd_watermarks there = netbsd.watermarks(limit);

		SCOPED_TRACE(limit);
		EXPECT_EQ(here.free_reserved, there.free_reserved);
		EXPECT_EQ(here.free_severe, there.free_severe);
		EXPECT_EQ(here.free_target, there.free_min);
		EXPECT_EQ(here.free_min,
			  std::max(there.free_min / 8,
				   std::min(there.free_min, there.free_reserved + 1)));
		EXPECT_EQ(here.wakeup_thresh, here.free_min);
		EXPECT_EQ(here.cluster_pages, there.cluster_pages);
		EXPECT_EQ(here.cluster_flags, there.cluster_flags);
		EXPECT_EQ(here.max_launder, there.max_launder);
	}
}

TEST_F(ClockPro, b1_an_empty_cgroup_is_never_short_however_small)
{
	expect_empty_is_never_short(i, 5000);
}

TEST_F(ClockPro, b1_knobs_override)
{
	i.knobs.free_min = 300;
	EXPECT_EQ(i.watermarks(16384).wakeup_thresh, 300u);
	i.knobs.free_target = 500;
	EXPECT_EQ(i.watermarks(16384).free_target, 500u);
	EXPECT_EQ(i.plan(full()).shortage, 500);
}

TEST_F(ClockPro, b2_daemon_is_woken_below_the_threshold_alone)
{
	pd_memory memory = full(20);

	EXPECT_FALSE(i.needs_scan(memory));
	memory.free = 19;
	EXPECT_TRUE(i.needs_scan(memory));
	memory.inactive = memory.total_inactive = 0;
	memory.free = 20;
	EXPECT_FALSE(i.needs_scan(memory));
	i.knobs.wakeup_thresh = 21;
	EXPECT_TRUE(i.needs_scan(memory));
}

/* ---- Plan ---- */

TEST_F(ClockPro, pages_are_wanted_up_to_the_target_with_what_tasks_did_not_get)
{
	pd_memory memory = full(100);

	EXPECT_EQ(i.plan(memory).shortage, 63);
	EXPECT_EQ(i.plan(memory).enough, 163);
	memory.deficit = 32;
	EXPECT_EQ(i.plan(memory).shortage, 95);
	EXPECT_LE(i.plan(full(163)).shortage, 0);
}

/* Or what was read ahead, and is newest, goes before it was used. */
TEST_F(ClockPro, the_first_pass_leaves_as_many_cold_as_are_read_ahead)
{
	Instance fresh{"clockpro"};

	fresh.watermarks(full());
	fresh.plan(full());
	EXPECT_EQ(cold_target(fresh), 163 + 128);
}

TEST_F(ClockPro, a_tasks_scan_is_not_cut_short_by_what_is_free)
{
	EXPECT_EQ(i.direct_plan(full(5000), 32).enough, 0);
}

TEST_F(ClockPro, both_hands_may_go_round_once_in_a_pass)
{
	EXPECT_NE(scan.refill, 0);
	EXPECT_EQ(scan.max_scan, 16000);

	pd_scan some = scan;
	const pd_memory memory = full();

	i.policy->inactive_done(i.state(), &memory, &some);
	EXPECT_EQ(some.active_max_scan, 10000);
}

/* Where all are in use one is as good as another, and tasks would wait for that. */
TEST_F(ClockPro, the_hot_hand_takes_used_pages_where_tasks_come_near_the_limit)
{
	pd_memory memory = full(-1);
	pd_page_state used_page = hot();

	memory.inactive = memory.total_inactive = 10;
	memory.active = memory.total_active = 16000;
	scan.shortage = 30;
	i.policy->inactive_done(i.state(), &memory, &scan);

	const pd_s64 all = scan.active_shortage;

	/* No more than the cold hand lacks, whatever there are too many of. */
	ASSERT_GT(all, 20);
	for (int n = 0; n < 20; n++) {
		pd_page_state p = hot();

		EXPECT_EQ(i.active(used(), p, scan), kAged);
	}
	EXPECT_EQ(scan.active_shortage, all - 20);
	EXPECT_EQ(i.active(used(), used_page, scan), kGoesRound);
	EXPECT_EQ(scan.active_shortage, all - 20);
	EXPECT_EQ(i.active(clean(), used_page, scan), kAged);

	used_page = hot();
	memory.free = 0;
	i.policy->inactive_done(i.state(), &memory, &scan);
	EXPECT_EQ(i.active(used(), used_page, scan).verdict, PD_VERDICT_REQUEUE);
}

TEST_F(ClockPro, each_of_several_pairs_takes_its_share)
{
	pd_memory memory = full();

	memory.inactive = memory.total_inactive = 3000;
	memory.active = memory.total_active = 13000;

	const pd_s64 all = wanted_cold(i, memory);

	ASSERT_GT(all, 0);
	memory.nr_pairs = 2;
	memory.inactive = 750;
	memory.active = 3250;
	EXPECT_EQ(i.plan(memory).shortage, 41); /* 163 / 4, rounded up */
	EXPECT_EQ(wanted_cold(i, memory), (all + 3) / 4);
}

/* ---- Pages that enter ---- */

TEST_F(ClockPro, pages_enter_on_trial_whatever_brought_them)
{
	i.knobs.anon_hot = 0;
	for (pd_page_type type : kAllTypes) {
		for (pd_u32 flags :
		     {0u, PD_PAGE_MAPPED, PD_PAGE_ACTIVE, PD_PAGE_REFAULT}) {
			pd_page_state p = {33, PD_STATE_SEEN | PD_STATE_FIRST_TOUCH};

			EXPECT_EQ(i.enqueue(make_view(type, flags), p), kOnTrial);
			EXPECT_NE(remember(p), 0u);
		}
	}
}

/* Difference 10. */
TEST_F(ClockPro, new_memory_begins_hot_and_what_was_read_does_not)
{
	for (pd_page_type type : kAllTypes) {
		const bool memory = type == PD_TYPE_ANON || type == PD_TYPE_SHMEM;
		pd_page_state p = {0, PD_STATE_SEEN | PD_STATE_FIRST_TOUCH};

		EXPECT_EQ(i.enqueue(make_view(type, PD_PAGE_MAPPED | PD_PAGE_DIRTY), p),
			  memory ? kHotAtOnce : kOnTrial);
		for (pd_u32 flags : {PD_PAGE_SWAPCACHE, PD_PAGE_REFAULT}) {
			p = {0, PD_STATE_SEEN | PD_STATE_FIRST_TOUCH};
			EXPECT_EQ(i.enqueue(make_view(type, flags), p), kOnTrial);
		}
	}
}

TEST_F(ClockPro, memory_that_was_gone_for_too_long_is_not_new)
{
	pd_view view = make_view(PD_TYPE_ANON, PD_PAGE_MAPPED | PD_PAGE_DIRTY);
	pd_page_state p = {};

	view.ghost = remember(on_trial());
	turn_round();
	EXPECT_EQ(i.enqueue(view, p), kOnTrial);
}

TEST_F(ClockPro, until_memory_was_full_once_most_of_it_may_be_hot)
{
	Instance fresh("clockpro");
	pd_decision d = kHotAtOnce;
	int hot = 0;

	fresh.watermarks(16384);
	for (; hot <= 16384 && d == kHotAtOnce; hot++) {
		pd_page_state p = {};

		d = fresh.enqueue(clean(), p);
	}
	EXPECT_EQ(d, kOnTrial);
	EXPECT_GT(hot, 16384 * 9 / 10);
	EXPECT_LE(hot, 16384);
}

TEST_F(ClockPro, once_memory_was_full_pages_are_on_trial_ever_after)
{
	Instance fresh("clockpro");
	pd_memory memory = full(10000);
	pd_page_state p = {};

	fresh.watermarks(16384);
	EXPECT_EQ(fresh.enqueue(clean(), p), kHotAtOnce);
	fresh.after_pass(full(), fresh.plan(full()), false);
	memory.active = memory.total_active = 0;
	fresh.plan(memory);
	p = {};
	EXPECT_EQ(fresh.enqueue(clean(), p), kOnTrial);
}

TEST_F(ClockPro, a_page_that_is_back_in_time_is_hot_and_cold_pages_get_more)
{
	const pd_u32 ghost = remember(on_trial());
	const pd_s64 before = cold_target();
	pd_page_state p = {};

	ASSERT_NE(ghost, 0u);
	turn(5000);
	i.knobs.fast_adapt = 0;
	EXPECT_EQ(i.enqueue(back(ghost), p), kRefault);
	EXPECT_EQ(cold_target(), before + 1);
	EXPECT_EQ(remember(p), 0u);
	EXPECT_EQ(p.flags, PD_STATE_QUEUED);
}

TEST_F(ClockPro, a_page_that_is_back_too_late_is_on_trial_like_any_other)
{
	const pd_u32 ghost = remember(on_trial());
	pd_page_state p = {};

	turn_round();

	const pd_s64 before = cold_target();

	EXPECT_EQ(i.enqueue(back(ghost), p), kOnTrial);
	EXPECT_EQ(cold_target(), before);
	EXPECT_NE(remember(p), 0u);
}

/* ---- Pages that the kernel moves ---- */

TEST_F(ClockPro, b53_a_page_whose_write_out_has_ended_is_next_to_go)
{
	pd_page_state p = on_trial();

	p.flags |= PD_STATE_LAUNDERED;
	EXPECT_EQ(i.enqueue(clean(), p), kWriteEnded);
	EXPECT_EQ(p.flags & PD_STATE_LAUNDERED, 0);
	/* Its test is not over: should it come back, it is known. */
	EXPECT_NE(remember(p), 0u);
	EXPECT_EQ(i.inactive(clean(), p, scan), kFreed);
}

TEST_F(ClockPro, a_page_still_being_written_is_not)
{
	for (pd_u32 flag : {PD_PAGE_DIRTY, PD_PAGE_WRITEBACK}) {
		pd_page_state p = on_trial();

		p.flags |= PD_STATE_LAUNDERED;
		EXPECT_EQ(i.enqueue(clean(flag), p), kMovedCold);
		EXPECT_NE(p.flags & PD_STATE_LAUNDERED, 0);
	}
}

TEST_F(ClockPro, a_page_the_kernel_deactivates_is_cold_and_its_test_goes_on)
{
	pd_page_state p = on_trial();
	const pd_page_state before = p;

	EXPECT_EQ(i.enqueue(clean(), p), kMovedCold);
	EXPECT_EQ(p.act_count, before.act_count);
	EXPECT_EQ(p.flags, before.flags);
	EXPECT_NE(remember(p), 0u);
}

TEST_F(ClockPro, a_hot_page_the_kernel_puts_back_stays_hot)
{
	pd_page_state p = hot();
	const pd_s64 before = cold_target();

	EXPECT_EQ(i.enqueue(clean(PD_PAGE_ACTIVE), p), kMovedHot);
	EXPECT_EQ(cold_target(), before);
}

TEST_F(ClockPro, a_page_on_trial_the_kernel_activates_is_hot)
{
	pd_page_state p = on_trial();
	const pd_s64 before = cold_target();

	EXPECT_EQ(i.enqueue(clean(PD_PAGE_ACTIVE), p), kReferenced);
	EXPECT_EQ(cold_target(), before + 1);
}

TEST_F(ClockPro, a_cold_page_the_kernel_activates_is_on_trial)
{
	pd_page_state p = aged();
	const pd_s64 before = cold_target();

	EXPECT_EQ(i.enqueue(clean(PD_PAGE_ACTIVE), p), kTrialAgain);
	EXPECT_EQ(cold_target(), before);
	EXPECT_NE(remember(p), 0u);
}

/* ---- The cold hand ---- */

TEST_F(ClockPro, b36_clean_page_is_freed_and_counts)
{
	pd_page_state p = on_trial(), q = aged();

	EXPECT_EQ(i.inactive(clean(), p, scan), kFreed);
	EXPECT_EQ(scan.shortage, 162);
	EXPECT_EQ(
		i.inactive(make_view(PD_TYPE_ANON, PD_PAGE_SWAPCACHE, 0, 0, 16), q, scan),
		kFreed);
	EXPECT_EQ(scan.shortage, 146);
}

TEST_F(ClockPro, a_page_used_within_its_test_period_is_hot)
{
	const struct {
		pd_u8 refs, soft_refs;
	} rows[] = {{1, 0}, {5, 0}, {0, 1}, {3, 7}};

	for (const auto &row : rows) {
		pd_page_state p = on_trial();
		const pd_s64 before = cold_target();

		EXPECT_EQ(
			i.inactive(make_view(PD_TYPE_ANON, PD_PAGE_MAPPED | PD_PAGE_DIRTY,
					     row.refs, row.soft_refs),
				   p, scan),
			kReferenced);
		EXPECT_EQ(cold_target(), before + 1);
		EXPECT_EQ(remember(p), 0u);
	}
	EXPECT_EQ(scan.shortage, 163);
}

TEST_F(ClockPro, a_page_used_outside_of_one_begins_a_new_test)
{
	pd_page_state p = aged();
	const pd_s64 before = cold_target();

	EXPECT_EQ(i.inactive(used(), p, scan), kGoesRound);
	EXPECT_EQ(cold_target(), before);
	EXPECT_EQ(i.inactive(used(), p, scan), kReferenced);
	EXPECT_EQ(cold_target(), before + 1);
}

TEST_F(ClockPro, stale_page_table_bits_of_an_unmapped_page_do_not_count)
{
	pd_page_state p = on_trial();

	EXPECT_EQ(i.inactive(make_view(PD_TYPE_FILE, 0, 5), p, scan), kFreed);
}

/* Difference 12. */
TEST_F(ClockPro, program_text_in_use_is_hot_at_the_first_look)
{
	pd_page_state p = on_trial();
	const pd_u32 flags = PD_PAGE_FIRST_LOOK | PD_PAGE_MAPPED;
	const pd_view text = make_view(PD_TYPE_EXEC, flags, 1);
	const pd_s64 target = cold_target();

	EXPECT_EQ(i.inactive(text, p, scan), kReferenced);
	EXPECT_EQ(cold_target(), target);
	p = on_trial();
	EXPECT_EQ(i.inactive(make_view(PD_TYPE_EXEC, flags), p, scan), kFreed);
	p = on_trial();
	EXPECT_EQ(i.inactive(make_view(PD_TYPE_FILE, flags, 1), p, scan), kFaulted);

	i.knobs.exec_hot = 0;
	p = on_trial();
	EXPECT_EQ(i.inactive(text, p, scan), kFaulted);
}

/* Difference 5. */
TEST_F(ClockPro, the_reference_of_the_fault_itself_is_no_reuse)
{
	pd_page_state p = on_trial();
	const pd_page_state before = p;
	const pd_s64 target = cold_target();

	EXPECT_EQ(i.inactive(used(PD_PAGE_FIRST_LOOK), p, scan), kFaulted);
	EXPECT_EQ(p.act_count, before.act_count);
	EXPECT_EQ(p.flags, before.flags);
	EXPECT_EQ(cold_target(), target);
	EXPECT_EQ(i.inactive(used(), p, scan), kReferenced);

	/* Without a reference there is nothing to take away. */
	p = on_trial();
	EXPECT_EQ(i.inactive(clean(PD_PAGE_FIRST_LOOK | PD_PAGE_MAPPED), p, scan),
		  kFreed);
}

TEST_F(ClockPro, a_test_that_ends_in_vain_takes_from_cold_pages_once)
{
	pd_page_state p = on_trial();
	pd_s64 before = 0;

	turn_round();
	before = cold_target();
	EXPECT_EQ(i.inactive(clean(PD_PAGE_HELD), p, scan), kHeld);
	EXPECT_EQ(cold_target(), before - 1);
	EXPECT_EQ(i.inactive(clean(), p, scan), kFreed);
	EXPECT_EQ(cold_target(), before - 1);
	EXPECT_EQ(remember(p), 0u);
}

/* Used, but the hand was there first: more time would have been right. */
TEST_F(ClockPro, a_test_that_ended_too_early_gives_to_cold_pages)
{
	pd_page_state p = on_trial();
	pd_s64 before = 0;

	turn_round();
	before = cold_target();
	EXPECT_EQ(i.inactive(used(), p, scan), kGoesRound);
	EXPECT_EQ(cold_target(), before + 1);
	EXPECT_NE(remember(p), 0u);
}

/* Difference 7. */
TEST_F(ClockPro, what_was_read_ahead_is_known_once_it_is_used)
{
	const pd_u32 ghost = remember(on_trial());
	pd_page_state p = on_trial();
	const pd_s64 before = cold_target();
	pd_view view = back(ghost);

	view.flags = PD_PAGE_MAPPED | PD_PAGE_FIRST_LOOK;
	view.refs = 1;
	EXPECT_EQ(i.inactive(view, p, scan), kRefault);
	EXPECT_GT(cold_target(), before);
}

/* Difference 6. */
class WorkingSetChanges : public ClockPro
{
protected:
	/* What cold pages get for one that has hardly gone and is wanted again. */
	pd_s64 gained()
	{
		const pd_u32 ghost = remember(on_trial());
		const pd_s64 before = cold_target();
		pd_page_state p = {};

		EXPECT_EQ(i.enqueue(back(ghost), p), kRefault);
		return cold_target() - before;
	}

	void many_come_back()
	{
		for (int n = 0; n < 200; n++)
			gained();
	}

	void hot_hand_finds(const pd_view &view)
	{
		for (int n = 0; n < 200; n++) {
			pd_page_state page = {PD_ACT_COUNT_MAX,
					      PD_STATE_SEEN | PD_STATE_QUEUED};
			pd_scan some = {};

			some.active_shortage = 1;
			i.active(view, page, some);
		}
	}
};

TEST_F(WorkingSetChanges, cold_pages_get_much_more_at_once)
{
	many_come_back();
	hot_hand_finds(clean(PD_PAGE_ACTIVE));
	EXPECT_GT(gained(), 50);
}

TEST_F(WorkingSetChanges, not_where_hot_pages_are_used)
{
	many_come_back();
	hot_hand_finds(used(PD_PAGE_ACTIVE));
	EXPECT_EQ(gained(), 1);
}

TEST_F(WorkingSetChanges, not_where_few_come_back)
{
	hot_hand_finds(clean(PD_PAGE_ACTIVE));
	for (int n = 0; n < 400; n++)
		on_trial();
	EXPECT_EQ(gained(), 1);
}

/* For each that comes back in gained() a new page comes; the share is of some 64. */
TEST_F(WorkingSetChanges, from_a_twentieth_of_what_comes)
{
	hot_hand_finds(clean(PD_PAGE_ACTIVE));
	for (int n = 0; n < 3; n++)
		EXPECT_EQ(gained(), 1);
	EXPECT_GT(gained(), 50);
}

TEST_F(WorkingSetChanges, not_where_the_paper_is_followed)
{
	i.knobs.fast_adapt = 0;
	many_come_back();
	hot_hand_finds(clean(PD_PAGE_ACTIVE));
	EXPECT_EQ(gained(), 1);
}

TEST_F(WorkingSetChanges, what_the_hot_hand_makes_cold_is_next_to_go)
{
	pd_page_state p = hot(), q = hot(), r = hot(), s = hot();

	hot_hand_finds(used(PD_PAGE_ACTIVE));
	EXPECT_EQ(i.active(clean(), p, scan), kAged);
	hot_hand_finds(clean(PD_PAGE_ACTIVE));
	EXPECT_EQ(i.active(clean(), q, scan), kAgedAndNext);
	EXPECT_EQ(i.active(clean(PD_PAGE_DIRTY), s, scan), kAged)
		<< "with its neighbours";
	i.knobs.fast_adapt = 0;
	EXPECT_EQ(i.active(clean(), r, scan), kAged) << "as in the paper";
}

TEST_F(ClockPro, what_was_read_ahead_and_is_back_too_late_is_judged_like_any_other)
{
	const pd_u32 ghost = remember(on_trial());

	turn_round();

	pd_page_state p = on_trial(), q = on_trial();
	pd_view view = back(ghost);

	EXPECT_EQ(i.inactive(view, p, scan), kFreed);
	view.soft_refs = 1;
	EXPECT_EQ(i.inactive(view, q, scan), kReferenced);
}

TEST_F(ClockPro, b24_a_busy_page_stays_and_is_not_counted_on)
{
	for (pd_u32 flag : {PD_PAGE_BUSY, PD_PAGE_WRITEBACK}) {
		pd_page_state p = on_trial();
		const pd_page_state before = p;
		const pd_s64 target = cold_target();

		scan.addl_shortage = 0;
		EXPECT_EQ(i.inactive(make_view(PD_TYPE_FILE,
					       flag | PD_PAGE_MAPPED | PD_PAGE_DIRTY, 1,
					       0, 4),
				     p, scan),
			  kBusy);
		EXPECT_EQ(scan.addl_shortage, 4);
		/* Whoever has the lock hides what was used. */
		EXPECT_EQ(p.act_count, before.act_count);
		EXPECT_EQ(p.flags, before.flags);
		EXPECT_EQ(cold_target(), target);
	}
	EXPECT_EQ(scan.shortage, 163);
}

TEST_F(ClockPro, b25_a_held_page_stays_but_may_become_hot)
{
	pd_page_state p = on_trial();

	for (pd_page_type type : kAllTypes)
		EXPECT_EQ(
			i.inactive(make_view(type, PD_PAGE_HELD | PD_PAGE_DIRTY, 0, 0, 2),
				   p, scan),
			kHeld);
	EXPECT_EQ(scan.addl_shortage, 8);
	EXPECT_EQ(scan.shortage, 163);
	EXPECT_EQ(i.inactive(used(PD_PAGE_HELD), p, scan), kReferenced);
}

TEST_F(ClockPro, b26_wired_page_is_taken_off_the_queue)
{
	pd_page_state p = on_trial();
	const pd_view view = make_view(
		PD_TYPE_ANON, PD_PAGE_UNEVICTABLE | PD_PAGE_MAPPED | PD_PAGE_BUSY, 5);

	EXPECT_EQ(i.inactive(view, p, scan), kUnqueued);
	EXPECT_EQ(i.active(view, p, scan), kUnqueued);
}

/* ---- Dirty pages ---- */

TEST_F(ClockPro, dirty_page_is_written_in_its_place_and_counts)
{
	pd_page_state p = on_trial();

	for (pd_page_type type : kAllTypes)
		EXPECT_EQ(i.inactive(make_view(type, PD_PAGE_DIRTY), p, scan), kWritten);
	EXPECT_EQ(scan.shortage, 159);
	/* Its test goes on: it is not gone yet. */
	EXPECT_NE(remember(p), 0u);
}

TEST_F(ClockPro, b43_what_was_not_written_is_still_wanted_and_neighbours_count)
{
	pd_page_state p = on_trial();

	for (int n = 0; n < 8; n++)
		i.inactive(make_view(PD_TYPE_FILE, PD_PAGE_DIRTY), p, scan);
	EXPECT_EQ(scan.shortage, 155);
	i.policy->laundered(i.state(), &scan, 20, 0);
	EXPECT_EQ(scan.shortage, 143);
	i.inactive(make_view(PD_TYPE_ANON, PD_PAGE_DIRTY, 0, 0, 8), p, scan);
	EXPECT_EQ(scan.shortage, 135);
	i.policy->laundered(i.state(), &scan, 3, 5);
	EXPECT_EQ(scan.shortage, 140);
	i.policy->laundered(i.state(), &scan, 0, 0);
	EXPECT_EQ(scan.shortage, 140);
}

TEST_F(ClockPro, a_task_gets_nothing_from_what_it_leaves_to_the_daemon)
{
	pd_scan direct = i.direct_plan(full(), 32);
	pd_page_state p = on_trial();

	EXPECT_EQ(i.inactive(make_view(PD_TYPE_FILE, PD_PAGE_DIRTY), p, direct),
		  kWritten);
	EXPECT_EQ(direct.shortage, 32);
	EXPECT_EQ(i.inactive(make_view(PD_TYPE_ANON, PD_PAGE_DIRTY), p, direct),
		  kWritten);
	EXPECT_EQ(direct.shortage, 31);
}

TEST_F(ClockPro, b42_pages_go_to_swap_only_where_they_may)
{
	pd_page_state p = on_trial();

	for (pd_page_type type : kSwapTypes) {
		scan = i.plan(full());
		scan.may_swap = 0;
		EXPECT_EQ(i.inactive(make_view(type, PD_PAGE_DIRTY), p, scan), kNoSwap);
		EXPECT_EQ(scan.addl_shortage, 1);
		/* It has a copy: nothing is to be written. */
		EXPECT_EQ(i.inactive(make_view(type, PD_PAGE_SWAPCACHE), p, scan),
			  kFreed);
	}
	i.knobs.disable_swap_pageouts = 1;
	scan = i.plan(full());
	EXPECT_EQ(i.inactive(make_view(PD_TYPE_ANON, PD_PAGE_DIRTY), p, scan), kNoSwap);
	EXPECT_EQ(i.inactive(make_view(PD_TYPE_FILE, PD_PAGE_DIRTY), p, scan), kWritten);
	i.knobs.disable_swap_pageouts = 0;
	i.knobs.defer_swap_pageouts = 1;
	scan = i.plan(full(19));
	EXPECT_EQ(i.inactive(make_view(PD_TYPE_ANON, PD_PAGE_DIRTY), p, scan), kWritten);
	scan = i.plan(full(20));
	EXPECT_EQ(i.inactive(make_view(PD_TYPE_ANON, PD_PAGE_DIRTY), p, scan), kNoSwap);
}

TEST_F(ClockPro, b23_a_file_that_cannot_be_had_now_is_skipped)
{
	pd_page_state p = on_trial();

	EXPECT_EQ(i.inactive(clean(PD_PAGE_DIRTY | PD_PAGE_LOCK_MISS), p, scan),
		  decision(PD_VERDICT_KEEP, PD_REASON_LOCK_MISS));
	EXPECT_EQ(scan.lock_misses, 1);
	EXPECT_EQ(i.inactive(clean(PD_PAGE_DIRTY | PD_PAGE_DEAD), p, scan),
		  decision(PD_VERDICT_REQUEUE, PD_REASON_DEAD));
	EXPECT_EQ(scan.shortage, 163);
}

/* ---- The hot hand ---- */

TEST_F(ClockPro, hot_pages_that_are_not_used_become_cold_without_a_trial)
{
	scan.active_shortage = 100;
	for (pd_page_type type : kAllTypes) {
		pd_page_state p = hot();

		EXPECT_EQ(
			i.active(make_view(type, PD_PAGE_MAPPED | PD_PAGE_DIRTY, 0, 0, 3),
				 p, scan),
			kAged);
		EXPECT_EQ(remember(p), 0u);
		EXPECT_EQ(i.inactive(clean(), p, scan), kFreed);
	}
	EXPECT_EQ(scan.active_shortage, 88);
}

TEST_F(ClockPro, hot_pages_that_are_used_stay_and_go_round)
{
	pd_page_state p = hot();

	scan.active_shortage = 5;
	EXPECT_EQ(i.active(used(), p, scan), kGoesRound);
	EXPECT_EQ(i.active(make_view(PD_TYPE_FILE, 0, 0, 1), p, scan), kGoesRound);
	EXPECT_EQ(scan.active_shortage, 5);
	/* As hot as before: the kernel may put it back. */
	EXPECT_EQ(i.enqueue(clean(PD_PAGE_ACTIVE), p), kMovedHot);
}

/* Else a test period would last for 512 times round where all is huge pages. */
TEST_F(ClockPro, the_hot_hand_goes_past_all_pages_of_a_large_folio)
{
	for (int size : {1, 16, 512}) {
		const pd_page_state p = on_trial();
		const pd_page_state unused = aged();

		turn(7500, size);
		EXPECT_NE(remember(p), 0u) << size;
		turn(5000, size);
		EXPECT_EQ(remember(p), 0u) << size;
		EXPECT_EQ(remember(unused), 0u);
	}
}

TEST_F(ClockPro, the_hot_hand_takes_what_is_above_the_hot_target)
{
	pd_memory memory = full();
	const pd_s64 more = wanted_cold(i, memory);

	memory.active = memory.total_active = 10100;
	EXPECT_EQ(wanted_cold(i, memory), more + 100);
	memory.active = memory.total_active = 100;
	EXPECT_LE(wanted_cold(i, memory), 0);
}

/* All is hot: the cold hand would find nothing. */
TEST_F(ClockPro, the_hot_hand_takes_what_the_cold_one_lacks)
{
	pd_memory memory = full();
	pd_scan some = {};

	memory.active = memory.total_active = 5000;
	memory.inactive = memory.total_inactive = 100;
	some.shortage = 163;
	EXPECT_EQ(wanted_cold(i, memory, some), 63);
	/* Those that cannot go now do not count. */
	some.addl_shortage = 60;
	EXPECT_EQ(wanted_cold(i, memory, some), 123);
}

/* ---- The cold target, and pages that are gone ---- */

TEST_F(ClockPro, pages_are_remembered_in_their_test_period_alone)
{
	const pd_page_state p = on_trial();
	const pd_u32 ghost = remember(p);

	EXPECT_GE(ghost, 1u);
	EXPECT_LE(ghost, PD_GHOST_MAX);
	EXPECT_EQ(remember(hot()), 0u);
	EXPECT_EQ(remember(aged()), 0u);
	turn_round();
	EXPECT_EQ(remember(p), 0u);
}

TEST_F(ClockPro, a_page_that_goes_late_in_its_test_has_the_rest_of_it_to_come_back)
{
	const pd_page_state p = on_trial();

	turn(7500);

	const pd_u32 ghost = remember(p);
	pd_page_state q = {}, r = {};

	ASSERT_NE(ghost, 0u);
	EXPECT_EQ(i.enqueue(back(ghost), q), kRefault);
	turn(5000);
	EXPECT_EQ(i.enqueue(back(ghost), r), kOnTrial);
}

TEST_F(ClockPro, those_that_do_not_come_back_take_from_cold_pages)
{
	const pd_s64 before = cold_target();

	for (int n = 0; n < 50; n++)
		remember(on_trial());
	turn_round();
	EXPECT_EQ(cold_target(), before - 50);
}

TEST_F(ClockPro, a_page_forgotten_in_its_test_period_counts_as_one_that_did_not_come_back)
{
	const pd_u32 ghost = remember(on_trial());
	const pd_s64 before = cold_target();

	forgotten(ghost);
	EXPECT_EQ(cold_target(), before - 1);
	turn_round();
	EXPECT_EQ(cold_target(), before - 1) << "but once";
}

TEST_F(ClockPro, a_page_forgotten_after_its_test_period_has_counted)
{
	const pd_u32 ghost = remember(on_trial());

	turn_round();

	const pd_s64 before = cold_target();

	forgotten(ghost);
	EXPECT_EQ(cold_target(), before);
}

TEST_F(ClockPro, the_cold_target_leaves_both_kinds_something)
{
	const pd_u32 ghost = remember(on_trial());

	for (int n = 0; n < 20000; n++)
		forgotten(ghost);

	const pd_s64 least = cold_target();

	EXPECT_GE(least, 0);
	EXPECT_LT(least, 1000);
	for (int n = 0; n < 20000; n++) {
		pd_page_state p = {};
		const pd_u32 again = remember(on_trial());

		ASSERT_EQ(i.enqueue(back(again), p), kRefault);
		if (n % 1000 == 0)
			i.plan(full());
	}
	EXPECT_GT(cold_target(), 15000);
	EXPECT_LT(cold_target(), 16384);
}

/* ---- After a pass ---- */

TEST_F(ClockPro, daemon_goes_on_while_it_would_be_woken)
{
	pd_scan done = {};

	done.pass = 1;
	done.freed = 1;
	EXPECT_NE(i.after_pass(full(19), done, true).flags & PD_NEXT_NEEDED, 0u);
	EXPECT_EQ(i.after_pass(full(19), done, true).delay_ms, 0u);
	EXPECT_EQ(i.after_pass(full(19), done, true).pass, 1u);
	EXPECT_EQ(i.after_pass(full(19), done, false).flags & PD_NEXT_NEEDED, 0u);
	EXPECT_EQ(i.after_pass(full(20), done, true).flags & PD_NEXT_NEEDED, 0u);
	EXPECT_EQ(i.after_pass(full(20), done, true).delay_ms, PD_FOREVER_MS);
}

/* Nothing may have been wanted yet when the first one began. */
TEST_F(ClockPro, a_second_pass_that_brings_nothing_pauses)
{
	pd_scan done = {};

	done.pass = 1;
	EXPECT_EQ(i.after_pass(full(), done, true).delay_ms, 0u);
	EXPECT_EQ(i.after_pass(full(), done, true).pass, 2u);
	done.pass = 2;
	done.freed = 1;
	EXPECT_EQ(i.after_pass(full(), done, true).pass, 1u);
	done.freed = 0;
	done.pass = 3;
	EXPECT_EQ(i.after_pass(full(), done, true).delay_ms, 500u);
	EXPECT_EQ(i.after_pass(full(), done, true).pass, 4u);
	done.laundered = 10;
	EXPECT_EQ(i.after_pass(full(), done, true).delay_ms, 20u);
	i.knobs.retry_pause = 0;
	EXPECT_EQ(i.after_pass(full(), done, true).delay_ms, 1u);
	done.pass = ~0u;
	EXPECT_EQ(i.after_pass(full(), done, true).pass, ~0u);
}

TEST_F(ClockPro, waiters_go_on_at_the_minimum)
{
	const pd_scan done = {};

	EXPECT_EQ(i.after_pass(full(19), done, true).flags & PD_NEXT_WAKE_WAITERS, 0u);
	EXPECT_NE(i.after_pass(full(20), done, true).flags & PD_NEXT_WAKE_WAITERS, 0u);
}

TEST_F(ClockPro, no_hand_moves_while_nobody_needs_memory)
{
	const pd_memory memory = full();
	pd_scan some = scan;

	some.active_shortage = some.active_max_scan = 5;
	EXPECT_EQ(i.policy->idle(i.state(), &memory, 1000, &some), PD_FOREVER_MS);
	EXPECT_EQ(some.active_shortage, 0);
	EXPECT_EQ(some.active_max_scan, 0);
	EXPECT_EQ(some.shortage, 0);
	EXPECT_EQ(some.max_scan, 0);
}

TEST_F(ClockPro, the_daemon_never_spins)
{
	Edges random(21);

	for (int n = 0; n < 100000; n++) {
		pd_scan done = random.scan();

		if (random(8) == 0)
			random.fill(i.knobs);
		done.freed = 0;

		const pd_next next = i.after_pass(random.memory(), done, true);

		if ((next.flags & PD_NEXT_NEEDED) != 0) {
			/* At once it goes on after a first pass alone. */
			ASSERT_GT(next.pass, done.pass > 1 ? 2u : 0u);
			ASSERT_TRUE(next.delay_ms > 0 || done.pass <= 1);
		}
	}
}

/* ---- Any input ---- */

TEST_F(ClockPro, two_states_do_not_know_of_each_other)
{
	Instance other("clockpro");
	const std::string before = other.bytes();

	turn(100);
	remember(on_trial());
	hot();
	i.plan(full());
	EXPECT_EQ(other.bytes(), before);
}

/* A policy before this one leaves what it thought of pages. */
TEST_F(ClockPro, whatever_a_page_is_said_to_be_it_is_judged)
{
	const pd_u8 host = PD_STATE_SEEN | PD_STATE_FIRST_TOUCH | PD_STATE_EXEC |
			   PD_STATE_WORKINGSET | PD_STATE_UNASKED;

	for (int flags = 0; flags < 256; flags++) {
		for (pd_u8 act = 0; act <= PD_ACT_COUNT_MAX; act++) {
			const pd_page_state any = {act, static_cast<pd_u8>(flags)};
			pd_page_state p[4] = {any, any, any, any};

			ASSERT_EQ(i.inactive(clean(), p[0], scan), kFreed);
			ASSERT_NE(i.inactive(used(), p[1], scan).verdict,
				  PD_VERDICT_FREE);
			/* To where it goes is for WorkingSetChanges. */
			ASSERT_EQ(i.active(clean(), p[2], scan).reason, PD_REASON_AGED);
			i.enqueue(clean(), p[3]);
			for (const pd_page_state &after : p) {
				ASSERT_LE(after.act_count, PD_ACT_COUNT_MAX);
				ASSERT_EQ(after.flags & host, flags & host);
				ASSERT_LE(remember(after), PD_GHOST_MAX);
			}
		}
	}
}

TEST_F(ClockPro, no_verdict_frees_or_writes_a_page_in_use)
{
	const pd_u32 in_use =
		PD_PAGE_BUSY | PD_PAGE_WRITEBACK | PD_PAGE_HELD | PD_PAGE_UNEVICTABLE;
	Edges random(8);
	int freed = 0, written = 0;

	for (int n = 0; n < 200000; n++) {
		pd_view view = random.view();
		pd_page_state p = random.page();
		pd_scan any = random.scan();

		view.ghost = random.ghost();

		const pd_decision d = i.inactive(view, p, any);

		ASSERT_LE(p.act_count, PD_ACT_COUNT_MAX);
		if (d.verdict != PD_VERDICT_FREE && d.verdict != PD_VERDICT_LAUNDER)
			continue;
		ASSERT_EQ(view.flags & in_use, 0u);
		ASSERT_EQ((view.flags & PD_PAGE_DIRTY) != 0,
			  d.verdict == PD_VERDICT_LAUNDER);
		if (d.verdict == PD_VERDICT_LAUNDER && any.may_swap == 0) {
			ASSERT_TRUE(view.type != PD_TYPE_ANON &&
				    view.type != PD_TYPE_SHMEM);
		}
		(d.verdict == PD_VERDICT_FREE ? freed : written)++;
	}
	EXPECT_GT(freed, 100);
	EXPECT_GT(written, 20);
}

namespace
{

/* Every verb, on any numbers. */
void use_at_random(const Instance &i, Edges &random)
{
	const pd_memory memory = random.memory();
	pd_scan scan = random.scan();
	pd_page_state p = random.page();
	pd_view view = random.view();

	i.watermarks(memory);
	i.policy->plan(i.state(), &memory, &scan);
	ASSERT_GE(scan.max_scan, 0);
	for (int k = 0; k < 8; k++) {
		p = random.page();
		i.enqueue(view, p);
		view = random.view();
		view.ghost = random.ghost();
		i.inactive(view, p, scan);
		ASSERT_LE(i.policy->remember(i.state(), &view, &p), PD_GHOST_MAX);
		i.policy->forgotten(i.state(), static_cast<pd_u32>(random.u64()));
		i.policy->laundered(i.state(), &scan, random.u64(), random.u64());
	}
	i.policy->inactive_done(i.state(), &memory, &scan);
	ASSERT_GE(scan.active_max_scan, 0);
	for (int k = 0; k < 8; k++) {
		p = random.page();

		const pd_decision d = i.active(random.view(), p, scan);

		ASSERT_TRUE(d.verdict == PD_VERDICT_REQUEUE ||
			    d.verdict == PD_VERDICT_DEACTIVATE ||
			    d.verdict == PD_VERDICT_UNQUEUE);
	}
	i.after_pass(memory, scan, random(2));
}

} // namespace

TEST_F(ClockPro, a_whole_pass_on_any_numbers)
{
	Edges random(9);

	for (int n = 0; n < 20000; n++) {
		if (random(4) == 0)
			random.fill(i.knobs);
		ASSERT_NO_FATAL_FAILURE(use_at_random(i, random));
	}
	/* None of it stays: the next look at real numbers is right again. */
	i.knobs = pd_knobs_defaults();
	fill(i);
	EXPECT_GE(cold_target(), 5000);
	EXPECT_LT(cold_target(), 16384);
}

/* Lost updates cost accuracy, and are made good by the next scan's look at the queues. */
TEST_F(ClockPro, several_at_once_do_no_lasting_harm)
{
	std::vector<std::thread> threads;

	threads.reserve(4);
	for (unsigned seed = 1; seed <= 4; seed++) {
		threads.emplace_back([this, seed] {
			Edges random(seed);

			for (int n = 0; n < 2000; n++)
				use_at_random(i, random);
		});
	}
	for (std::thread &thread : threads)
		thread.join();
	fill(i);
	EXPECT_GE(cold_target(), 5000);
	EXPECT_LT(cold_target(), 16384);

	const pd_page_state p = on_trial();

	EXPECT_NE(remember(p), 0u);
	turn_round();
	EXPECT_EQ(remember(p), 0u);
}
