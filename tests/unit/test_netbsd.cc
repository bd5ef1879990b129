// SPDX-License-Identifier: GPL-2.0
/*
 * NetBSD's policy, behaviour by behaviour: bNN is the number of the row in
 * docs/behaviours.md.
 */
#include "policy_test.h"

namespace
{

class NetBsdInstance : public Instance
{
public:
	NetBsdInstance() : Instance("netbsd")
	{
	}

	void inactive_done(const pd_memory &memory, pd_scan &scan) const
	{
		policy->inactive_done(state(), &memory, &scan);
	}

	pd_decision inactive(pd_u8 type, pd_u32 flags, pd_scan &scan,
			     pd_u32 nr_pages = 1) const
	{
		pd_page_state page = {};

		return Instance::inactive(
			make_view(static_cast<pd_page_type>(type), flags, 0, 0, nr_pages),
			page, scan);
	}

	using Instance::inactive;

	pd_decision active(pd_u32 flags, pd_scan &scan, pd_u32 nr_pages = 1) const
	{
		pd_page_state page = {};

		return Instance::active(make_view(PD_TYPE_ANON, flags, 0, 0, nr_pages),
					page, scan);
	}

	using Instance::active;
};

/* 64 MiB: min 163, target 217, stop 868; no type is below its floor or above its top. */
pd_memory balanced(pd_s64 free)
{
	pd_memory memory = memory_64m(free);

	memory.anon = 8000;
	memory.file = 8000;
	memory.exec = 2000;
	memory.swap_total = memory.swap_free = 5000;
	return memory;
}

pd_memory swap_full(pd_s64 free)
{
	pd_memory memory = balanced(free);

	memory.swap_free = 0;
	return memory;
}

struct MarksRow {
	pd_u64 limit, reserved, min, target, stop;
};

/*
 * Of 16384 pages, on queues and free: the floors are 25, 25 and 12, the ceilings 204,
 * 128 and 76 parts of 256.
 */
struct BalanceRow {
	pd_u64 anon, file, exec;
	bool spare_anon, spare_file, spare_exec;
};

const pd_decision kFreed = decision(PD_VERDICT_FREE, PD_REASON_CLEAN);
const pd_decision kWritten = decision(PD_VERDICT_LAUNDER, PD_REASON_DIRTY);
const pd_decision kSpared = decision(PD_VERDICT_ACTIVATE, PD_REASON_PROTECTED);
const pd_decision kReferenced = decision(PD_VERDICT_ACTIVATE, PD_REASON_REFERENCED);
const pd_decision kSwapFull = decision(PD_VERDICT_ACTIVATE, PD_REASON_SWAP_FULL);
const pd_decision kStopped = decision(PD_VERDICT_KEEP, PD_REASON_STOPPED);
const pd_decision kBusy = decision(PD_VERDICT_KEEP, PD_REASON_BUSY);
const pd_decision kInFlight = decision(PD_VERDICT_KEEP, PD_REASON_IN_FLIGHT);
const pd_decision kAged = decision(PD_VERDICT_DEACTIVATE, PD_REASON_AGED);
const pd_decision kSlotFreed = decision(PD_VERDICT_DROP_SWAP, PD_REASON_SWAP_FULL);

} // namespace

/* ---- Watermarks ---- */

TEST(NetBSD, b1_watermarks_derive_from_the_limit)
{
	static const MarksRow rows[] = {
		/* 64 MiB, 256 MiB, 1 GiB: 1 % of the limit */
		{16384, 5, 163, 217, 868},
		{65536, 5, 655, 873, 3492},
		{262144, 5, 2621, 3494, 13976},
		/* 4 GiB, and the most there can be */
		{1048576, 5, 10485, 13980, 55920},
		{pd_u64{1} << 52, 5, 45035996273704, 60047995031605, 240191980126420},
		{~pd_u64{0}, 5, 45035996273704, 60047995031605, 240191980126420},
		/* 256 KiB, as in the source, from 1280 to 6499 pages */
		{6500, 5, 65, 86, 344},
		{6499, 5, 64, 85, 340},
		{2000, 5, 64, 85, 340},
		{1280, 5, 64, 85, 340},
		/* a twentieth below */
		{1279, 5, 63, 84, 336},
		{140, 5, 7, 9, 36},
		/* one more than the reserve at least */
		{139, 5, 6, 8, 32},
		{80, 5, 6, 8, 32},
		/* never more than half the limit */
		{60, 5, 6, 8, 30},
		{12, 5, 6, 6, 6},
		{10, 5, 5, 5, 5},
		{7, 3, 3, 3, 3},
		{1, 0, 0, 0, 0},
		{0, 0, 0, 0, 0},
	};

	for (const MarksRow &row : rows) {
		NetBsdInstance i;
		const pd_watermarks m = i.watermarks(row.limit);

		SCOPED_TRACE(row.limit);
		EXPECT_EQ(m.free_reserved, row.reserved);
		EXPECT_EQ(m.free_severe, row.reserved);
		EXPECT_EQ(m.free_min, row.min);
		EXPECT_EQ(m.wakeup_thresh, row.min);
		EXPECT_EQ(m.free_target, row.target);
		EXPECT_EQ(m.free_stop, row.stop);
	}
}

TEST(NetBSD, b1_an_empty_cgroup_is_never_short_however_small)
{
	expect_empty_is_never_short(NetBsdInstance(), 5000);
}

TEST(NetBSD, b1_knobs_override_and_what_depends_on_them_follows)
{
	NetBsdInstance i;

	i.knobs.free_min = 300;
	EXPECT_EQ(i.watermarks(16384).wakeup_thresh, 300u);
	EXPECT_EQ(i.watermarks(16384).free_target, 300u);
	EXPECT_EQ(i.watermarks(16384).free_stop, 1200u);
	i.knobs.free_target = 500;
	EXPECT_EQ(i.watermarks(16384).free_stop, 2000u);
	EXPECT_EQ(i.watermarks(16384).inactive_target, 501u);
	i.knobs.free_target = 5000;
	EXPECT_EQ(i.watermarks(16384).free_stop, 8192u);
	i.knobs.free_target = 10000;
	EXPECT_EQ(i.watermarks(16384).free_stop, 10000u);
}

TEST(NetBSD, b10_daemon_is_woken_below_min_with_what_is_in_flight)
{
	NetBsdInstance i;
	pd_memory memory = balanced(163);

	EXPECT_FALSE(i.needs_scan(memory));
	memory.free = 162;
	EXPECT_TRUE(i.needs_scan(memory));
	memory.writeback = 1;
	EXPECT_FALSE(i.needs_scan(memory));
	memory.free = -500;
	EXPECT_TRUE(i.needs_scan(memory));
	memory.writeback = 663;
	EXPECT_FALSE(i.needs_scan(memory));
	memory.writeback = 0;
	memory.free = 170;
	i.knobs.wakeup_thresh = 171;
	EXPECT_TRUE(i.needs_scan(memory));
}

TEST(NetBSD, b10_below_the_target_the_inactive_queue_has_a_say)
{
	NetBsdInstance i;
	pd_memory memory = balanced(216);

	memory.total_inactive = 5333; /* a third of 16000 */
	memory.total_active = 16000 - 5333;
	EXPECT_FALSE(i.needs_scan(memory));
	memory.total_inactive--;
	memory.total_active++;
	EXPECT_TRUE(i.needs_scan(memory));
	memory.writeback = 1;
	EXPECT_FALSE(i.needs_scan(memory));
	memory.writeback = 0;
	memory.free = 217;
	EXPECT_FALSE(i.needs_scan(memory));
}

TEST(NetBSD, b73_inactive_target_is_a_third_but_above_the_free_target)
{
	NetBsdInstance i;
	pd_memory memory = balanced(0);

	EXPECT_EQ(i.watermarks(memory).inactive_target, 5333u);
	memory.total_active = 0;
	for (pd_u64 n : {0, 600, 651, 654, 656}) {
		memory.total_inactive = n;
		EXPECT_EQ(i.watermarks(memory).inactive_target, 218u) << n;
	}
	memory.total_inactive = 657;
	EXPECT_EQ(i.watermarks(memory).inactive_target, 219u);
	i.knobs.inactive_target = 77;
	EXPECT_EQ(i.watermarks(memory).inactive_target, 77u);
}

/* ---- Plan ---- */

TEST(NetBSD, b48_scan_goes_on_to_four_times_the_target)
{
	NetBsdInstance i;

	EXPECT_EQ(i.plan(balanced(0)).shortage, 868);
	EXPECT_EQ(i.plan(balanced(-100)).shortage, 968);
	EXPECT_EQ(i.plan(balanced(216)).shortage, 652);
	EXPECT_EQ(i.plan(balanced(0)).enough, 868);
	EXPECT_EQ(i.plan(balanced(0)).refill, 0);
	EXPECT_EQ(i.plan(balanced(0)).max_scan, 6000);
	i.knobs.free_stop = 400;
	EXPECT_EQ(i.plan(balanced(0)).shortage, 400);
	EXPECT_EQ(i.plan(balanced(0)).enough, 400);
}

TEST(NetBSD, b48_scan_begins_below_the_target_or_when_inactive_pages_are_few)
{
	NetBsdInstance i;
	pd_memory memory = balanced(217);

	EXPECT_EQ(i.plan(memory).shortage, 0);
	memory.total_inactive = memory.inactive = 1000;
	EXPECT_EQ(i.plan(memory).shortage, 651);
	memory.free = 867;
	EXPECT_EQ(i.plan(memory).shortage, 1);
	memory.free = 869;
	EXPECT_LE(i.plan(memory).shortage, 0);
}

TEST(NetBSD, b10_what_is_in_flight_need_not_be_freed_again)
{
	NetBsdInstance i;
	pd_memory memory = balanced(100);

	memory.writeback = 50;
	EXPECT_EQ(i.plan(memory).shortage, 718);
	memory.writeback = 117;
	EXPECT_EQ(i.plan(memory).shortage, 0);
}

TEST(NetBSD, each_of_several_pairs_takes_its_share)
{
	NetBsdInstance i;
	pd_memory memory = balanced(0);

	memory.nr_pairs = 2;
	memory.inactive = 1000;
	memory.active = 3000;
	memory.total_inactive = 3000;
	memory.total_active = 13000;
	EXPECT_EQ(i.plan(memory).shortage, 290); /* 868 / 3, rounded up */

	pd_scan scan = i.plan(memory);

	/* 5333 - 3000 of all, of them 3 of 13 */
	i.inactive_done(memory, scan);
	EXPECT_EQ(scan.active_shortage, 539);
}

TEST(NetBSD, a_tasks_scan_is_not_cut_short_by_what_is_free)
{
	NetBsdInstance i;

	EXPECT_EQ(i.direct_plan(balanced(5000), 32).enough, 0);
}

/* ---- Inactive scan ---- */

TEST(NetBSD, b23_b24_locked_and_busy_pages_stay)
{
	NetBsdInstance i;
	pd_scan scan = i.plan(balanced(0));

	for (pd_u32 flag : {PD_PAGE_BUSY, PD_PAGE_WRITEBACK}) {
		EXPECT_EQ(i.inactive(PD_TYPE_FILE, flag | PD_PAGE_DIRTY, scan), kBusy);
		EXPECT_EQ(i.inactive(PD_TYPE_ANON, flag, scan), kBusy);
		EXPECT_EQ(i.active(flag, scan), kBusy);
	}
	EXPECT_EQ(scan.shortage, 868);
	EXPECT_EQ(scan.addl_shortage, 0);
}

TEST(NetBSD, b24_a_busy_page_that_was_used_is_activated)
{
	NetBsdInstance i;
	pd_scan scan = i.plan(balanced(0));
	pd_page_state p = {};

	EXPECT_EQ(
		i.inactive(make_view(PD_TYPE_ANON, PD_PAGE_WRITEBACK | PD_PAGE_MAPPED, 1),
			   p, scan),
		kReferenced);
}

TEST(NetBSD, b24_a_held_page_stays)
{
	NetBsdInstance i;
	pd_scan scan = i.plan(balanced(0));

	for (int type = 0; type < PD_NR_TYPES; type++)
		EXPECT_EQ(i.inactive(static_cast<pd_u8>(type), PD_PAGE_HELD, scan),
			  decision(PD_VERDICT_KEEP, PD_REASON_HELD));
	EXPECT_EQ(scan.shortage, 868);
}

TEST(NetBSD, b26_wired_page_is_taken_off_the_queue)
{
	NetBsdInstance i;
	pd_scan scan = i.plan(balanced(0));
	const pd_decision off = decision(PD_VERDICT_UNQUEUE, PD_REASON_UNEVICTABLE);
	const pd_view view = make_view(
		PD_TYPE_ANON, PD_PAGE_UNEVICTABLE | PD_PAGE_MAPPED | PD_PAGE_BUSY, 5);
	pd_page_state p = {};

	EXPECT_EQ(i.inactive(view, p, scan), off);
	EXPECT_EQ(i.active(view, p, scan), off);
}

TEST(NetBSD, b31_one_reference_of_either_kind_activates)
{
	NetBsdInstance i;
	pd_scan scan = i.plan(balanced(0));
	const struct {
		pd_u8 refs, soft_refs;
	} rows[] = {{1, 0}, {5, 0}, {0, 1}, {3, 7}};

	for (int type = 0; type < PD_NR_TYPES; type++) {
		for (const auto &row : rows) {
			pd_page_state p = {3, 0};

			EXPECT_EQ(i.inactive(make_view(static_cast<pd_page_type>(type),
						       PD_PAGE_MAPPED | PD_PAGE_DIRTY,
						       row.refs, row.soft_refs),
					     p, scan),
				  kReferenced);
			/* For a policy that counts; it is not raised further. */
			EXPECT_EQ(p.act_count, 5);
		}
	}
	EXPECT_EQ(scan.shortage, 868);
}

TEST(NetBSD, b31_stale_page_table_bits_of_an_unmapped_page_do_not_count)
{
	NetBsdInstance i;
	pd_scan scan = i.plan(balanced(0));
	pd_page_state p = {};

	EXPECT_EQ(i.inactive(make_view(PD_TYPE_FILE, 0, 5), p, scan), kFreed);
}

TEST(NetBSD, b31_pages_are_not_counted_on)
{
	NetBsdInstance i;
	pd_scan scan = i.plan(balanced(0));
	pd_page_state p = {PD_ACT_COUNT_MAX, 0};

	EXPECT_EQ(i.inactive(make_view(PD_TYPE_FILE, PD_PAGE_MAPPED), p, scan), kFreed);
}

TEST(NetBSD, b32_b33_types_are_spared_at_their_floor_or_while_another_is_above_its_top)
{
	static const BalanceRow rows[] = {
		{8000, 8000, 2000, false, false, false},
		/* floors: 1600, 1600, 768 */
		{1600, 8000, 2000, true, false, false},
		{1601, 8000, 2000, false, false, false},
		{8000, 3600, 2000, false, true, false},
		{8000, 3601, 2000, false, false, false},
		{8000, 8000, 768, false, false, true},
		{8000, 8000, 769, false, false, false},
		/* ceilings: 13056, 8192, 4864 */
		{13056, 3601, 2000, false, false, false},
		{13057, 5601, 2000, false, true, true},
		{8000, 10192, 2000, false, false, false},
		{8000, 10193, 2000, true, false, true},
		{8000, 12864, 4864, false, false, false},
		{8000, 12865, 4865, true, true, false},
		/* a type above its own top is not spared for another's sake */
		{13057, 10193, 2000, false, false, true},
		{13057, 12865, 4865, false, true, false},
		{13057, 14865, 4865, false, false, false},
		/* nor is it if below its floor it is all the same */
		{0, 10193, 2000, true, false, true},
	};

	for (const BalanceRow &row : rows) {
		NetBsdInstance i;
		pd_memory memory = balanced(384);

		SCOPED_TRACE(testing::Message()
			     << row.anon << " " << row.file << " " << row.exec);
		/* Not short: a scan of a task, so that free can be what it is. */
		memory.anon = row.anon;
		memory.file = row.file;
		memory.exec = row.exec;

		pd_scan scan = i.direct_plan(memory, 100);

		for (pd_page_type type : kSwapTypes)
			EXPECT_EQ(i.inactive(type, 0, scan),
				  row.spare_anon ? kSpared : kFreed);
		EXPECT_EQ(i.inactive(PD_TYPE_FILE, 0, scan),
			  row.spare_file ? kSpared : kFreed);
		EXPECT_EQ(i.inactive(PD_TYPE_EXEC, 0, scan),
			  row.spare_exec ? kSpared : kFreed);
	}
}

TEST(NetBSD, b32_floors_and_ceilings_are_knobs)
{
	NetBsdInstance i;
	pd_memory memory = balanced(384);

	i.knobs.filemin = 50; /* 8192 of 16384 */
	memory.file = 10192;

	pd_scan scan = i.direct_plan(memory, 100);

	EXPECT_EQ(i.inactive(PD_TYPE_FILE, 0, scan), kSpared);
	i.knobs.filemin = 49; /* 125 parts of 256 */
	scan = i.direct_plan(memory, 100);
	EXPECT_EQ(i.inactive(PD_TYPE_FILE, 0, scan), kFreed);
	i.knobs.anonmax = 0;
	scan = i.direct_plan(memory, 100);
	EXPECT_EQ(i.inactive(PD_TYPE_ANON, 0, scan), kFreed);
	EXPECT_EQ(i.inactive(PD_TYPE_FILE, 0, scan), kSpared);
	EXPECT_EQ(i.inactive(PD_TYPE_EXEC, 0, scan), kSpared);
}

TEST(NetBSD, b32_floors_make_95_percent_at_most)
{
	NetBsdInstance i;
	pd_memory memory = balanced(0);
	pd_scan scan = {};

	/* 95 %: 243 parts of 256, of 16000 pages: 15187 */
	i.knobs.anonmin = i.knobs.filemin = i.knobs.execmin = 100;
	i.knobs.anonmax = i.knobs.filemax = i.knobs.execmax = 100;
	memory.anon = 15187;
	scan = i.plan(memory);
	EXPECT_EQ(i.inactive(PD_TYPE_ANON, 0, scan), kSpared);
	EXPECT_EQ(i.inactive(PD_TYPE_FILE, 0, scan), kFreed);
	memory.anon++;
	scan = i.plan(memory);
	EXPECT_EQ(i.inactive(PD_TYPE_ANON, 0, scan), kFreed);

	/* What anon leaves is for files, then for text: 204, 25 and 12 of 256. */
	i.knobs.anonmin = 80;
	i.knobs.filemin = 10;
	memory.anon = 13000;
	memory.exec = 750;
	memory.file = 750 + 1562;
	scan = i.direct_plan(memory, 100);
	EXPECT_EQ(i.inactive(PD_TYPE_FILE, 0, scan), kSpared);
	EXPECT_EQ(i.inactive(PD_TYPE_EXEC, 0, scan), kSpared);
	memory.exec++;
	memory.file += 2;
	scan = i.direct_plan(memory, 100);
	EXPECT_EQ(i.inactive(PD_TYPE_FILE, 0, scan), kFreed);
	EXPECT_EQ(i.inactive(PD_TYPE_EXEC, 0, scan), kFreed);
}

TEST(NetBSD, b32_balancing_is_given_up_when_it_would_spare_all)
{
	NetBsdInstance i;
	pd_memory memory = balanced(0);

	/* Nearly all is free, or charged to what is on no queue. */
	memory.anon = memory.file = memory.exec = 100;
	pd_scan scan = i.plan(memory);

	for (int type = 0; type < PD_NR_TYPES; type++)
		EXPECT_EQ(i.inactive(static_cast<pd_u8>(type), 0, scan), kFreed);
}

TEST(NetBSD, b32_balancing_is_given_up_when_only_anon_is_left_and_swap_is_full)
{
	NetBsdInstance i;
	pd_memory memory = balanced(0);
	pd_scan scan = {};

	memory.anon = 14000;
	memory.file = 2000;
	memory.exec = 500;
	scan = i.plan(memory);
	EXPECT_EQ(i.inactive(PD_TYPE_FILE, 0, scan), kSpared);
	EXPECT_EQ(i.inactive(PD_TYPE_EXEC, 0, scan), kSpared);
	EXPECT_EQ(i.inactive(PD_TYPE_ANON, 0, scan), kFreed);
	memory.swap_free = 0;
	scan = i.plan(memory);
	EXPECT_EQ(i.inactive(PD_TYPE_FILE, 0, scan), kFreed);
	EXPECT_EQ(i.inactive(PD_TYPE_EXEC, 0, scan), kFreed);
}

TEST(NetBSD, b32_balancing_is_given_up_when_the_daemon_tried_all_in_vain)
{
	NetBsdInstance i;
	pd_memory memory = balanced(0);

	memory.anon = 1000;
	pd_scan scan = i.plan(memory, 1);
	EXPECT_EQ(i.inactive(PD_TYPE_ANON, 0, scan), kSpared);
	scan = i.plan(memory, 2);
	EXPECT_EQ(i.inactive(PD_TYPE_ANON, 0, scan), kFreed);

	/* Of a task it only says that the kernel asked more than once. */
	pd_scan direct = i.direct_plan(memory, 32, 5);

	EXPECT_EQ(i.inactive(PD_TYPE_ANON, 0, direct), kSpared);
}

TEST(NetBSD, b33_text_goes_with_the_files_when_none_is_known_of)
{
	NetBsdInstance i;
	pd_memory memory = balanced(0);

	memory.exec = 0;
	pd_scan scan = i.plan(memory);
	EXPECT_EQ(i.inactive(PD_TYPE_EXEC, 0, scan), kFreed);
	memory.file = 1000;
	scan = i.plan(memory);
	/* All that is left is anonymous. */
	EXPECT_EQ(i.inactive(PD_TYPE_EXEC, 0, scan), kSpared);
	EXPECT_EQ(i.inactive(PD_TYPE_ANON, 0, scan), kFreed);
}

TEST(NetBSD, b33_a_spared_page_costs_nothing)
{
	NetBsdInstance i;
	pd_memory memory = balanced(0);
	pd_page_state p = {};

	memory.anon = 1000;
	pd_scan scan = i.plan(memory);
	/* Before its owner's lock is tried for, too. */
	EXPECT_EQ(i.inactive(make_view(PD_TYPE_ANON, PD_PAGE_DIRTY | PD_PAGE_BUSY), p,
			     scan),
		  kSpared);
	EXPECT_EQ(p.act_count, 5);
	EXPECT_EQ(scan.shortage, 868);
}

TEST(NetBSD, b36_clean_pages_are_freed_until_the_stop)
{
	NetBsdInstance i;
	pd_scan scan = i.plan(balanced(858));

	scan.shortage = 10;
	EXPECT_EQ(i.inactive(PD_TYPE_ANON, PD_PAGE_SWAPCACHE | PD_PAGE_MAPPED, scan),
		  kFreed);
	EXPECT_EQ(i.inactive(PD_TYPE_FILE, PD_PAGE_MAPPED, scan, 8), kFreed);
	EXPECT_EQ(scan.shortage, 1);
	EXPECT_EQ(i.inactive(PD_TYPE_FILE, PD_PAGE_INVALID, scan), kFreed);
	EXPECT_EQ(scan.shortage, 0);
}

TEST(NetBSD, b48_the_rest_of_a_batch_stays_after_the_stop)
{
	NetBsdInstance i;
	pd_scan scan = i.plan(balanced(0));
	pd_page_state p = {};

	EXPECT_EQ(i.inactive(PD_TYPE_FILE, 0, scan, 868), kFreed);
	EXPECT_EQ(i.inactive(PD_TYPE_FILE, 0, scan), kStopped);
	EXPECT_EQ(i.inactive(PD_TYPE_ANON, PD_PAGE_DIRTY, scan), kStopped);
	EXPECT_EQ(i.inactive(PD_TYPE_ANON, PD_PAGE_BUSY, scan), kStopped);
	EXPECT_EQ(scan.shortage, 0);
	/* Its reference is gone by now, so it has to be honoured. */
	EXPECT_EQ(i.inactive(make_view(PD_TYPE_ANON, PD_PAGE_MAPPED, 1), p, scan),
		  kReferenced);
}

TEST(NetBSD, b45_dirty_file_pages_are_written_at_once)
{
	for (pd_page_type type : kFileTypes) {
		NetBsdInstance i;
		pd_scan scan = i.plan(balanced(0));

		EXPECT_EQ(i.inactive(type, PD_PAGE_DIRTY, scan), kWritten);
		EXPECT_EQ(scan.shortage, 867);
		i.policy->laundered(i.state(), &scan, 1, 0);
		EXPECT_EQ(scan.shortage, 867);
	}
}

TEST(NetBSD, b45_without_swap_in_the_way)
{
	NetBsdInstance i;
	pd_scan scan = i.plan(swap_full(0));

	scan.may_swap = 0;
	EXPECT_EQ(i.inactive(PD_TYPE_FILE, PD_PAGE_DIRTY, scan), kWritten);
}

TEST(NetBSD, b10_what_was_written_counts_as_free_and_what_failed_does_not)
{
	NetBsdInstance i;
	pd_scan scan = i.plan(balanced(0));

	EXPECT_EQ(i.inactive(PD_TYPE_FILE, PD_PAGE_DIRTY, scan), kWritten);
	EXPECT_EQ(i.inactive(PD_TYPE_ANON, PD_PAGE_DIRTY, scan, 4), kWritten);
	EXPECT_EQ(scan.shortage, 863);
	/* A cluster brings neighbours along. */
	i.policy->laundered(i.state(), &scan, 16, 0);
	EXPECT_EQ(scan.shortage, 852);
	EXPECT_EQ(i.inactive(PD_TYPE_FILE, PD_PAGE_DIRTY, scan), kWritten);
	i.policy->laundered(i.state(), &scan, 0, 1);
	EXPECT_EQ(scan.shortage, 852);
}

TEST(NetBSD, b10_writing_left_to_the_daemon_counts_for_nothing)
{
	NetBsdInstance i;
	pd_scan scan = i.direct_plan(balanced(0), 32);

	EXPECT_EQ(i.inactive(PD_TYPE_FILE, PD_PAGE_DIRTY, scan), kWritten);
	EXPECT_EQ(scan.shortage, 32);
	EXPECT_EQ(i.inactive(PD_TYPE_ANON, PD_PAGE_DIRTY, scan), kWritten);
	EXPECT_EQ(scan.shortage, 31);
}

TEST(NetBSD, b47_nothing_more_is_written_when_what_is_in_flight_suffices)
{
	NetBsdInstance i;
	pd_memory memory = balanced(0);

	memory.writeback = 868;
	pd_scan scan = i.direct_plan(memory, 32);
	/* Exactly enough is not more than enough. */
	EXPECT_EQ(i.inactive(PD_TYPE_ANON, PD_PAGE_DIRTY, scan), kWritten);
	for (int type = 0; type < PD_NR_TYPES; type++)
		EXPECT_EQ(i.inactive(static_cast<pd_u8>(type), PD_PAGE_DIRTY, scan),
			  kInFlight);
	EXPECT_EQ(i.inactive(PD_TYPE_ANON, 0, scan), kFreed);
	EXPECT_EQ(scan.shortage, 30);

	/* What the scan itself frees and writes counts alike. */
	scan = i.direct_plan(balanced(866), 32);
	EXPECT_EQ(i.inactive(PD_TYPE_FILE, 0, scan), kFreed);
	EXPECT_EQ(i.inactive(PD_TYPE_ANON, PD_PAGE_DIRTY, scan), kWritten);
	EXPECT_EQ(i.inactive(PD_TYPE_FILE, 0, scan), kFreed);
	EXPECT_EQ(i.inactive(PD_TYPE_ANON, PD_PAGE_DIRTY, scan), kInFlight);
	/* So does what a cluster brought along; what failed is given back. */
	scan = i.direct_plan(balanced(860), 32);
	EXPECT_EQ(i.inactive(PD_TYPE_ANON, PD_PAGE_DIRTY, scan), kWritten);
	i.policy->laundered(i.state(), &scan, 9, 0);
	EXPECT_EQ(i.inactive(PD_TYPE_ANON, PD_PAGE_DIRTY, scan), kInFlight);
	scan = i.direct_plan(balanced(860), 32);
	EXPECT_EQ(i.inactive(PD_TYPE_ANON, PD_PAGE_DIRTY, scan, 9), kWritten);
	i.policy->laundered(i.state(), &scan, 0, 9);
	EXPECT_EQ(i.inactive(PD_TYPE_ANON, PD_PAGE_DIRTY, scan), kWritten);
	/* Swap is not even looked at: NetBSD 610 comes before 636. */
	memory.swap_free = 0;
	memory.writeback = 869;
	scan = i.direct_plan(memory, 32);
	EXPECT_EQ(i.inactive(PD_TYPE_ANON, PD_PAGE_DIRTY, scan), kInFlight);
}

TEST(NetBSD, b50_dirty_anonymous_pages_are_reactivated_while_swap_is_full)
{
	NetBsdInstance i;
	pd_scan scan = i.plan(swap_full(0));

	scan.may_swap = 0;
	for (pd_page_type type : kSwapTypes) {
		pd_page_state p = {};

		EXPECT_EQ(i.inactive(make_view(type, PD_PAGE_DIRTY), p, scan), kSwapFull);
		EXPECT_EQ(p.act_count, 5);
		/* It has a copy: nothing is to be written. */
		EXPECT_EQ(i.inactive(type, PD_PAGE_SWAPCACHE, scan), kFreed);
	}
	EXPECT_EQ(scan.shortage, 866);
}

TEST(NetBSD, b42_swap_knobs_are_a_full_swap)
{
	NetBsdInstance i;
	pd_scan scan = i.plan(balanced(0));

	i.knobs.disable_swap_pageouts = 1;
	scan = i.plan(balanced(0));
	EXPECT_EQ(i.inactive(PD_TYPE_ANON, PD_PAGE_DIRTY, scan), kSwapFull);
	i.knobs.disable_swap_pageouts = 0;
	i.knobs.defer_swap_pageouts = 1;
	scan = i.plan(balanced(162));
	EXPECT_EQ(i.inactive(PD_TYPE_ANON, PD_PAGE_DIRTY, scan), kWritten);
	scan = i.plan(balanced(163));
	EXPECT_EQ(i.inactive(PD_TYPE_ANON, PD_PAGE_DIRTY, scan), kSwapFull);
}

TEST(NetBSD, b48_sixteen_dirty_reactivations_end_the_scan)
{
	NetBsdInstance i;
	pd_scan scan = i.plan(swap_full(0));
	pd_page_state p = {};

	for (int n = 0; n < 16; n++) {
		EXPECT_EQ(scan.max_scan, 6000);
		EXPECT_EQ(i.inactive(PD_TYPE_ANON, PD_PAGE_DIRTY, scan), kSwapFull);
	}
	EXPECT_EQ(scan.max_scan, 0);
	EXPECT_EQ(i.inactive(PD_TYPE_ANON, PD_PAGE_DIRTY, scan), kStopped);
	EXPECT_EQ(i.inactive(PD_TYPE_FILE, 0, scan), kStopped);
	EXPECT_EQ(i.inactive(make_view(PD_TYPE_FILE, 0, 0, 1), p, scan), kReferenced);
	/* A new scan begins anew. */
	scan = i.plan(swap_full(0));
	EXPECT_EQ(i.inactive(PD_TYPE_ANON, PD_PAGE_DIRTY, scan), kSwapFull);
}

TEST(NetBSD, b48_the_number_of_reactivations_is_a_knob_in_pages)
{
	NetBsdInstance i;
	pd_scan scan = i.plan(swap_full(0));

	i.knobs.dirty_reacts = 9;
	EXPECT_EQ(i.inactive(PD_TYPE_ANON, PD_PAGE_DIRTY, scan, 8), kSwapFull);
	EXPECT_EQ(scan.max_scan, 6000);
	EXPECT_EQ(i.inactive(PD_TYPE_ANON, PD_PAGE_DIRTY, scan), kSwapFull);
	EXPECT_EQ(scan.max_scan, 0);
	/* Nothing at all could be done. */
	i.knobs.dirty_reacts = 0;
	scan = i.plan(swap_full(0));
	EXPECT_EQ(i.inactive(PD_TYPE_FILE, 0, scan), kFreed);
}

TEST(NetBSD, b48_a_last_batch_is_judged_though_max_scan_is_0)
{
	NetBsdInstance i;
	pd_scan scan = i.plan(swap_full(0));

	scan.max_scan = 0;
	EXPECT_EQ(i.inactive(PD_TYPE_FILE, 0, scan), kFreed);
}

TEST(NetBSD, b52_a_page_that_may_not_have_a_slot_is_skipped)
{
	NetBsdInstance i;
	pd_scan scan = i.plan(balanced(0));

	scan.may_swap = 0;
	/* It does not end the scan either. */
	for (int n = 0; n < 20; n++)
		for (pd_page_type type : kSwapTypes)
			EXPECT_EQ(i.inactive(type, PD_PAGE_DIRTY, scan),
				  decision(PD_VERDICT_KEEP, PD_REASON_SWAP_DEFERRED));
	EXPECT_EQ(scan.max_scan, 6000);
	EXPECT_EQ(scan.shortage, 868);
}

TEST(NetBSD, b23_a_file_that_cannot_be_had_now_is_skipped)
{
	NetBsdInstance i;
	pd_scan scan = i.plan(balanced(0));

	EXPECT_EQ(i.inactive(PD_TYPE_FILE, PD_PAGE_DIRTY | PD_PAGE_LOCK_MISS, scan),
		  decision(PD_VERDICT_KEEP, PD_REASON_LOCK_MISS));
	EXPECT_EQ(i.inactive(PD_TYPE_FILE, PD_PAGE_DIRTY | PD_PAGE_DEAD, scan),
		  decision(PD_VERDICT_KEEP, PD_REASON_DEAD));
	EXPECT_EQ(scan.lock_misses, 1);
	EXPECT_EQ(scan.shortage, 868);
}

TEST(NetBSD, b51_clusters_are_of_64_kib_around_the_page)
{
	NetBsdInstance i;

	EXPECT_EQ(i.watermarks(16384).cluster_pages, 16u);
	i.knobs.cluster_pages = 1;
	EXPECT_EQ(i.watermarks(16384).cluster_pages, 1u);
}

TEST(NetBSD, b49_page_written_again_gets_a_new_slot)
{
	NetBsdInstance i;

	EXPECT_EQ(i.watermarks(16384).cluster_flags, PD_CLUSTER_NEW_SLOTS);
}

TEST(NetBSD, nothing_but_the_stop_bounds_what_is_written)
{
	NetBsdInstance i;
	pd_scan scan = i.plan(balanced(0));

	for (int n = 0; n < 868; n++)
		ASSERT_EQ(i.inactive(PD_TYPE_ANON, PD_PAGE_DIRTY, scan), kWritten);
	EXPECT_EQ(i.inactive(PD_TYPE_ANON, PD_PAGE_DIRTY, scan), kStopped);
	EXPECT_GT(scan.launder_budget, 0);
}

/* ---- Active scan ---- */

TEST(NetBSD, b73_active_scan_makes_up_for_missing_inactive_pages)
{
	NetBsdInstance i;
	pd_memory memory = balanced(0);
	pd_scan scan = i.plan(memory);

	memory.inactive = memory.total_inactive = 3000;
	memory.active = memory.total_active = 13000;
	i.inactive_done(memory, scan);
	EXPECT_EQ(scan.active_shortage, 2333);
	EXPECT_EQ(scan.active_max_scan, 13000);
	memory.inactive = memory.total_inactive = 6000;
	memory.active = memory.total_active = 10000;
	i.inactive_done(memory, scan);
	EXPECT_EQ(scan.active_shortage, 0);
}

TEST(NetBSD, b80_oldest_pages_are_deactivated_whether_used_or_not)
{
	NetBsdInstance i;
	pd_memory memory = balanced(0);
	pd_scan scan = i.plan(memory);

	memory.inactive = memory.total_inactive = 5328;
	memory.active = memory.total_active = 10672;
	i.inactive_done(memory, scan);
	EXPECT_EQ(scan.active_shortage, 5);
	for (int type = 0; type < PD_NR_TYPES; type++) {
		pd_page_state p = {7, PD_STATE_QUEUED | PD_STATE_SECOND_LAP};

		EXPECT_EQ(i.active(make_view(static_cast<pd_page_type>(type),
					     PD_PAGE_MAPPED | PD_PAGE_DIRTY, 5, 3),
				   p, scan),
			  kAged);
		EXPECT_EQ(p.act_count, 7);
		EXPECT_EQ(p.flags, PD_STATE_QUEUED);
	}
	EXPECT_EQ(scan.active_shortage, 1);
	EXPECT_EQ(i.active(0u, scan, 16), kAged);
	EXPECT_EQ(scan.active_shortage, -15);
	EXPECT_EQ(i.active(0u, scan), decision(PD_VERDICT_KEEP, PD_REASON_NONE));
}

TEST(NetBSD, b49_b81_slots_of_active_pages_are_freed_when_swap_is_all_there_is_to_gain)
{
	NetBsdInstance i;
	pd_memory memory = swap_full(215);
	pd_scan scan = i.plan(memory);

	scan.shortage = 100;
	EXPECT_EQ(i.inactive(PD_TYPE_ANON, PD_PAGE_DIRTY, scan), kSwapFull);
	memory.inactive = memory.total_inactive = 5332;
	memory.active = memory.total_active = 10668;
	i.inactive_done(memory, scan);
	/* 217 - 215 slots, and a page to deactivate */
	EXPECT_EQ(scan.active_shortage, 3);
	EXPECT_EQ(i.active(PD_PAGE_SWAPCACHE, scan), kSlotFreed);
	EXPECT_EQ(scan.active_shortage, 2);
	EXPECT_EQ(i.active(0u, scan), kAged);
	EXPECT_EQ(scan.active_shortage, 1);
	/* Only slots are wanted now. */
	EXPECT_EQ(i.active(0u, scan), decision(PD_VERDICT_KEEP, PD_REASON_NONE));
	EXPECT_EQ(i.active(PD_PAGE_SWAPCACHE | PD_PAGE_BUSY, scan), kBusy);
	EXPECT_EQ(i.active(PD_PAGE_SWAPCACHE, scan), kSlotFreed);
	EXPECT_EQ(scan.active_shortage, 0);
}

TEST(NetBSD, b81_slots_are_let_be_unless_they_are_what_is_missing)
{
	const struct {
		pd_s64 free;
		pd_u64 swap_total, swap_free, freed;
		pd_u32 reacts;
		pd_s64 wanted;
	} rows[] = {
		{215, 5000, 0, 0, 1, 2},
		/* above the target */
		{217, 5000, 0, 0, 1, 0},
		{900, 5000, 0, 0, 1, 0},
		/* there is no swap, or some is left */
		{215, 0, 0, 0, 1, 0},
		{215, 5000, 1, 0, 1, 0},
		/* the scan has freed something */
		{215, 5000, 0, 1, 1, 0},
		/* no page was turned away */
		{215, 5000, 0, 0, 0, 0},
	};

	for (const auto &row : rows) {
		NetBsdInstance i;
		pd_memory memory = swap_full(215);
		pd_scan scan = i.plan(memory);

		scan.shortage = 100;
		for (pd_u32 n = 0; n < row.reacts; n++)
			i.inactive(PD_TYPE_ANON, PD_PAGE_DIRTY, scan);
		scan.freed = row.freed;
		memory.free = row.free;
		memory.swap_total = row.swap_total;
		memory.swap_free = row.swap_free;
		i.inactive_done(memory, scan);
		EXPECT_EQ(scan.active_shortage, row.wanted) << &row - rows;
	}
}

/* ---- Pages that enter ---- */

TEST(NetBSD, pages_enter_active_also_those_that_were_read)
{
	Edges random(11);
	NetBsdInstance i;
	Instance freebsd;

	for (int n = 0; n < 20000; n++) {
		const pd_view view = random.view();
		pd_page_state p = random.page(), q = p;

		i.knobs.refault_activate = freebsd.knobs.refault_activate = random(2);

		const pd_decision here = i.enqueue(view, p);
		const pd_decision there = freebsd.enqueue(view, q);

		if (there == decision(PD_VERDICT_DEACTIVATE, PD_REASON_CACHED)) {
			ASSERT_EQ(here, decision(PD_VERDICT_ACTIVATE, PD_REASON_CACHED));
			continue;
		}
		ASSERT_EQ(here, there);
		ASSERT_EQ(p.act_count, q.act_count);
		ASSERT_EQ(p.flags, q.flags);
	}
}

TEST(NetBSD, b53_a_page_whose_write_out_has_ended_is_next_to_go)
{
	NetBsdInstance i;
	pd_scan scan = i.plan(balanced(0));
	pd_page_state p = {4, PD_STATE_QUEUED | PD_STATE_LAUNDERED};

	EXPECT_EQ(i.enqueue(make_view(PD_TYPE_ANON), p),
		  decision(PD_VERDICT_DEACTIVATE_HEAD, PD_REASON_CLEAN));
	EXPECT_EQ(i.inactive(make_view(PD_TYPE_ANON), p, scan), kFreed);
}

/* ---- After a pass ---- */

TEST(NetBSD, b9_waiters_go_on_above_the_reserve_or_with_nothing_in_flight)
{
	NetBsdInstance i;
	const struct {
		pd_s64 free;
		pd_u64 writeback, laundered;
		bool woken;
	} rows[] = {
		{6, 100, 0, true},  {5, 100, 0, false}, {5, 0, 0, true},
		{-99, 1, 0, false}, {-99, 0, 0, true},	{5, 0, 1, false},
	};

	for (const auto &row : rows) {
		for (bool needed : {false, true}) {
			pd_memory memory = balanced(row.free);
			pd_scan scan = {};

			memory.writeback = row.writeback;
			scan.laundered = row.laundered;
			EXPECT_EQ((i.after_pass(memory, scan, needed).flags &
				   PD_NEXT_WAKE_WAITERS) != 0,
				  row.woken)
				<< &row - rows;
		}
	}
}

TEST(NetBSD, b18_caches_are_asked_in_every_pass)
{
	NetBsdInstance i;

	for (pd_s64 free : {-100, 0, 9999}) {
		pd_scan scan = {};

		EXPECT_TRUE(i.after_pass(balanced(free), scan, true).flags &
			    PD_NEXT_KICK_SLAB);
	}
}

TEST(NetBSD, b10_daemon_goes_on_while_it_would_be_woken)
{
	NetBsdInstance i;
	pd_scan scan = {};
	pd_memory memory = balanced(162);

	scan.pass = 1;
	scan.freed = 1;
	EXPECT_TRUE(i.after_pass(memory, scan, true).flags & PD_NEXT_NEEDED);
	EXPECT_EQ(i.after_pass(memory, scan, true).delay_ms, 0u);
	EXPECT_FALSE(i.after_pass(memory, scan, false).flags & PD_NEXT_NEEDED);
	memory.free = 163;
	EXPECT_FALSE(i.after_pass(memory, scan, true).flags & PD_NEXT_NEEDED);
	/* What it has started to write counts, though the kernel has not counted yet. */
	memory.free = 150;
	scan.laundered = 12;
	EXPECT_TRUE(i.after_pass(memory, scan, true).flags & PD_NEXT_NEEDED);
	scan.laundered = 13;
	EXPECT_FALSE(i.after_pass(memory, scan, true).flags & PD_NEXT_NEEDED);
	/* But not twice. */
	memory.writeback = 12;
	scan.laundered = 12;
	EXPECT_TRUE(i.after_pass(memory, scan, true).flags & PD_NEXT_NEEDED);
}

TEST(NetBSD, there_is_no_idle_tick)
{
	NetBsdInstance i;
	pd_memory memory = balanced(0);
	pd_scan scan = {};

	EXPECT_EQ(i.after_pass(balanced(5000), scan, true).delay_ms, PD_FOREVER_MS);
	EXPECT_EQ(i.after_pass(memory, scan, false).delay_ms, PD_FOREVER_MS);
	scan.active_shortage = scan.active_max_scan = scan.shortage = scan.max_scan = 5;
	EXPECT_EQ(i.policy->idle(i.state(), &memory, 1000, &scan), PD_FOREVER_MS);
	EXPECT_EQ(scan.active_shortage, 0);
	EXPECT_EQ(scan.active_max_scan, 0);
	EXPECT_EQ(scan.shortage, 0);
	EXPECT_EQ(scan.max_scan, 0);
}

TEST(NetBSD, a_pass_in_vain_pauses_shortly_until_every_page_was_met_twice)
{
	NetBsdInstance i;
	pd_scan scan = {};
	pd_next next = {};

	/* 16000 pages on the queues. */
	scan.pass = 1;
	scan.scanned = 10667;
	for (int n = 0; n < 2; n++) {
		next = i.after_pass(balanced(0), scan, true);
		EXPECT_EQ(next.pass, 1u);
		EXPECT_EQ(next.delay_ms, 1u);
	}
	for (pd_u32 pass = 1; pass < 5; pass++) {
		scan.pass = pass;
		next = i.after_pass(balanced(0), scan, true);
		EXPECT_EQ(next.pass, pass + 1);
		EXPECT_EQ(next.delay_ms, 500u);
	}
	/* Success does not give the types their floors back before memory is free. */
	scan.freed = 1;
	next = i.after_pass(balanced(0), scan, true);
	EXPECT_EQ(next.pass, 4u);
	EXPECT_EQ(next.delay_ms, 0u);
	scan.freed = 0;
	next = i.after_pass(balanced(0), scan, true);
	EXPECT_EQ(next.pass, 4u);
	EXPECT_EQ(next.delay_ms, 1u);
	next = i.after_pass(balanced(300), scan, true);
	EXPECT_EQ(next.pass, 0u);
	/* Nor does what was met before count any more. */
	scan.scanned = 31999;
	EXPECT_EQ(i.after_pass(balanced(0), scan, true).delay_ms, 1u);
}

TEST(NetBSD, a_pass_that_met_nothing_pauses_at_once)
{
	NetBsdInstance i;
	pd_scan scan = {};
	pd_next next = i.after_pass(balanced(0), scan, true);

	EXPECT_EQ(next.pass, 2u);
	EXPECT_EQ(next.delay_ms, 500u);
	scan.pass = ~0u;
	EXPECT_EQ(i.after_pass(balanced(0), scan, true).pass, ~0u);
	i.knobs.retry_pause = 0;
	EXPECT_EQ(i.after_pass(balanced(0), scan, true).delay_ms, 1u);
	i.knobs.retry_pause = PD_AUTO;
	EXPECT_EQ(i.after_pass(balanced(0), scan, true).delay_ms, 60000u);
}

TEST(NetBSD, a_pass_that_only_wrote_pauses_for_the_disk)
{
	NetBsdInstance i;
	pd_scan scan = {};

	scan.pass = 1;
	scan.scanned = 100000;
	scan.laundered = 10;
	const pd_next next = i.after_pass(balanced(0), scan, true);
	EXPECT_EQ(next.delay_ms, 20u);
	EXPECT_EQ(next.pass, 1u);
}

TEST(NetBSD, the_daemon_never_spins)
{
	Edges random(21);
	NetBsdInstance i;

	for (int n = 0; n < 100000; n++) {
		pd_scan scan = random.scan();

		if (random(8) == 0)
			random.fill(i.knobs);
		scan.freed = scan.laundered = 0;

		const pd_next next = i.after_pass(random.memory(), scan, true);

		if (next.flags & PD_NEXT_NEEDED) {
			ASSERT_GT(next.delay_ms, 0u);
			ASSERT_GT(next.pass, 0u);
		}
	}
}

/* ---- Any input ---- */

TEST(NetBSD, no_verdict_frees_or_writes_a_page_in_use)
{
	const pd_u32 in_use =
		PD_PAGE_BUSY | PD_PAGE_WRITEBACK | PD_PAGE_HELD | PD_PAGE_UNEVICTABLE;
	Edges random(8);
	NetBsdInstance i;
	int freed = 0, written = 0;

	for (int n = 0; n < 200000; n++) {
		const pd_view view = random.view();
		pd_page_state p = random.page();
		pd_scan scan = random.scan();
		const pd_decision d = i.inactive(view, p, scan);

		ASSERT_LE(p.act_count, PD_ACT_COUNT_MAX);
		if (d.verdict != PD_VERDICT_FREE && d.verdict != PD_VERDICT_LAUNDER)
			continue;
		ASSERT_FALSE(view.flags & in_use);
		ASSERT_EQ((view.flags & PD_PAGE_DIRTY) != 0,
			  d.verdict == PD_VERDICT_LAUNDER);
		if (d.verdict == PD_VERDICT_LAUNDER && scan.may_swap == 0) {
			ASSERT_TRUE(view.type != PD_TYPE_ANON &&
				    view.type != PD_TYPE_SHMEM);
		}
		(d.verdict == PD_VERDICT_FREE ? freed : written)++;
	}
	EXPECT_GT(freed, 100);
	EXPECT_GT(written, 20);
}

TEST(NetBSD, a_whole_pass_on_any_numbers)
{
	Edges random(9);
	NetBsdInstance i;

	for (int n = 0; n < 20000; n++) {
		if (random(4) == 0)
			random.fill(i.knobs);

		const pd_memory memory = random.memory();
		const pd_watermarks m = i.watermarks(memory);
		pd_scan scan = random.scan();

		ASSERT_GE(m.free_stop, m.free_target);
		i.policy->plan(i.state(), &memory, &scan);
		for (int k = 0; k < 8; k++) {
			pd_page_state p = random.page();

			i.inactive(random.view(), p, scan);
			i.policy->laundered(i.state(), &scan, random.u64(), random.u64());
		}
		i.inactive_done(random.memory(), scan);
		ASSERT_GE(scan.active_shortage, 0);
		for (int k = 0; k < 8; k++) {
			pd_page_state p = random.page();
			const pd_decision d = i.active(random.view(), p, scan);

			ASSERT_TRUE(d.verdict == PD_VERDICT_KEEP ||
				    d.verdict == PD_VERDICT_DEACTIVATE ||
				    d.verdict == PD_VERDICT_UNQUEUE ||
				    d.verdict == PD_VERDICT_DROP_SWAP);
		}
		i.after_pass(memory, scan, random(2));
	}
}
