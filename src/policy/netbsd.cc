/* SPDX-License-Identifier: GPL-2.0 */
/*
 * NetBSD's page daemon, as it was in March 2004. Line numbers ("NetBSD 173") are
 * those of its sys/uvm/uvm_pdaemon.c 1.59 (as listed, two lines of heading first);
 * bNN is the number of a behaviour in docs/behaviours.md.
 *
 * Where it differs from the source, on purpose:
 *
 *  1. "Physical memory" is the limit. free_min may reach 1 % of it; the source stops at
 *     64 pages, which is no warning at all in a large cgroup. In one of less than 64
 *     pages thresholds stop at half the limit.
 *  2. With several queue pairs each gives its share, by what is inactive or active there;
 *     the source has one pair.
 *  3. Floors and ceilings are given up when no type could be taken, as NetBSD did a year
 *     later, and when the daemon has looked at everything in vain: here the number of
 *     pages of each type is an estimate.
 *  4. A page is deactivated with its reference cleared, as NetBSD did before and after.
 *     The source leaves the stale reference for the inactive scan to find.
 *  5. Only a page reactivated for want of swap tells that slots are short; the source
 *     counts the slots that are in use.
 *  6. Large folios and batches may end a scan half-way through a batch. Those of its
 *     pages that were used are still reactivated: looking has cleared their references.
 *  7. An unsuccessful pass is followed by a pause. In the source nothing happens until
 *     the next allocation fails.
 */
#include "netbsd_balance.hh"
#include "netbsd_marks.hh"
#include "policy.hh"

namespace pagedaemon
{
namespace
{

constexpr pd_u32 kCyclePauseMs = 1;

/* Free, and on its way to be (b10). */
constexpr pd_s64 free_soon(const pd_memory &memory)
{
	return pages(memory.free) + pages(memory.writeback);
}

class NetBsd final
{
public:
	static constexpr char kName[] = "netbsd";
	static constexpr char kText[] =
		"NetBSD's page daemon: reference bits, shares for anon, file and exec";

	static constexpr pd_u32 kPolicyFlags = PD_POLICY_EXEC | PD_POLICY_WAKES;

	explicit NetBsd(const pd_knobs &knobs) : knobs_(&knobs)
	{
	}

	/* b1, b73 */
	pd_watermarks watermarks(const pd_memory &memory) const
	{
		const auto woken_at_min = [](pd_u64 free_min) {
			return free_min;
		};
		pd_watermarks m = marks_in_force(netbsd_marks(memory.limit), *knobs_,
						 memory.limit, woken_at_min);
		const auto n = static_cast<pd_u64>(pages(memory.limit));
		const auto queued = static_cast<pd_u64>(on_queues(memory));

		/* NetBSD 425. What depends on free_target follows its knob, too. */
		if (read_once(knobs_->free_stop) == PD_AUTO)
			m.free_stop =
				max(m.free_target, min(4 * min(m.free_target, n), n / 2));
		/* NetBSD 247-250. */
		if (read_once(knobs_->inactive_target) == PD_AUTO)
			m.inactive_target = max(queued / 3, min(m.free_target, n) + 1);
		return m;
	}

	/* The test of the source's allocator: b10, and what wakes the daemon. */
	bool needs_scan(const pd_memory &memory) const
	{
		return needs_scan(memory, free_soon(memory));
	}

	void plan(const pd_memory &memory, pd_scan &scan) const
	{
		const pd_watermarks marks = watermarks(memory);
		const pd_s64 soon = free_soon(memory);
		const bool swap_full = memory.swap_free == 0 ||
				       !swap_pageouts_okay(*knobs_, marks, memory);

		scan.scratch[kCharged] = scan.scratch[kReacts] = 0;
		scan.scratch[kRoom] = pages(marks.free_stop) - soon;
		scan.scratch[kFlags] = swap_full ? kSwapFull : 0;
		/* Deviation 3; tasks that try in vain have their own last resort. */
		if (scan.direct != 0 || scan.pass <= 1)
			scan.scratch[kFlags] |=
				types_to_spare(*knobs_, memory, swap_full);

		/* NetBSD 260: whatever it began for, a scan goes on to free_stop. */
		if (soon < pages(marks.free_target) || inactive_short(marks, memory))
			scan.shortage = share_of_inactive(scan.scratch[kRoom], memory);
		else
			scan.shortage = 0;
		scan.max_scan = pages(memory.inactive);
		scan.launder_budget = pages(kMaxLaunder);
		/* NetBSD 424 looks at each page; a task wants what it wants. */
		scan.enough = scan.direct != 0 ? 0 : pages(marks.free_stop);
	}

	pd_decision inactive(const pd_view &view, pd_page_state &page,
			     pd_scan &scan) const
	{
		/* Wired pages are on no queue in NetBSD (b26). */
		if (has(view, PD_PAGE_UNEVICTABLE))
			return decide(PD_VERDICT_UNQUEUE, PD_REASON_UNEVICTABLE);

		/* NetBSD 454-458 (b31). */
		if (act_delta(view) != 0)
			return activate(page, PD_REASON_REFERENCED);

		/* NetBSD 424-426 (b48), within a batch. */
		if (scan.shortage <= 0 || scan.scratch[kReacts] >= most_reacts())
			return decide(PD_VERDICT_KEEP, PD_REASON_STOPPED);

		/* NetBSD 470-485 (b33). */
		if ((scan.scratch[kFlags] & flag_of_type(view)) != 0)
			return activate(page, PD_REASON_PROTECTED);

		/* NetBSD 506-511, 518, 530 (b23, b24). */
		if (has(view, PD_PAGE_BUSY | PD_PAGE_WRITEBACK))
			return decide(PD_VERDICT_KEEP, PD_REASON_BUSY);
		/* There a page under I/O of others is busy or wired. */
		if (has(view, PD_PAGE_HELD))
			return decide(PD_VERDICT_KEEP, PD_REASON_HELD);

		/* NetBSD 547-555, 567-601 (b36, b45). */
		if (has(view, PD_PAGE_DIRTY))
			return dirty(view, page, scan);
		spend(size_of(view), scan);
		return decide(PD_VERDICT_FREE, PD_REASON_CLEAN);
	}

	/* What is in flight counts as free (b10), so it is charged like it. */
	static void laundered(pd_scan &scan, pd_u64 written, pd_u64 /* failed */)
	{
		spend(owed_for(written, scan.scratch[kCharged]), scan);
	}

	/* NetBSD 803-815 (b73, b81). */
	void inactive_done(const pd_memory &memory, pd_scan &scan) const
	{
		const pd_watermarks marks = watermarks(memory);
		const pd_s64 inactive =
			refill_of_pair(pages(marks.inactive_target), memory);
		const bool slots_short = scan.freed == 0 && scan.scratch[kReacts] > 0 &&
					 memory.swap_total != 0 && memory.swap_free == 0;

		scan.scratch[kInactiveShort] = max(inactive, pd_s64{0});
		scan.scratch[kSlotsShort] = 0;
		if (slots_short)
			scan.scratch[kSlotsShort] =
				max(share_of_pair(paging_target(marks, memory), memory),
				    pd_s64{0});
		scan.active_shortage =
			scan.scratch[kInactiveShort] + scan.scratch[kSlotsShort];
		scan.active_max_scan = pages(memory.active);
	}

	/*
	 * NetBSD 820-898 (b80): first in, first out. Looking has cleared what
	 * references there were; those that come now are what counts.
	 */
	static pd_decision active(const pd_view &view, pd_page_state &page, pd_scan &scan)
	{
		const pd_s64 size = size_of(view);

		if (has(view, PD_PAGE_UNEVICTABLE))
			return decide(PD_VERDICT_UNQUEUE, PD_REASON_UNEVICTABLE);
		/* NetBSD 824, 835, 842, 858 (b23, b24). */
		if (has(view, PD_PAGE_BUSY | PD_PAGE_WRITEBACK))
			return decide(PD_VERDICT_KEEP, PD_REASON_BUSY);

		/*
		 * NetBSD 868-883 (b81). The source deactivates the page as well; here
		 * that waits for the next scan.
		 */
		if (scan.scratch[kSlotsShort] > 0 && has(view, PD_PAGE_SWAPCACHE)) {
			charge(scan.scratch[kSlotsShort], size);
			charge(scan.active_shortage, size);
			return decide(PD_VERDICT_DROP_SWAP, PD_REASON_SWAP_FULL);
		}
		if (scan.scratch[kInactiveShort] <= 0)
			return decide(PD_VERDICT_KEEP, PD_REASON_NONE);
		/* NetBSD 889-893; deviation 4. */
		charge(scan.scratch[kInactiveShort], size);
		charge(scan.active_shortage, size);
		page.flags &= static_cast<pd_u8>(~PD_STATE_SECOND_LAP);
		return decide(PD_VERDICT_DEACTIVATE, PD_REASON_AGED);
	}

	pd_decision enqueue(const pd_view &view, pd_page_state &page) const
	{
		return entered(view, page, *knobs_,
			       read_once(knobs_->read_activate) != 0);
	}

	/*
	 * The source sleeps after each scan, and is woken by whoever still finds too
	 * little. Here it goes on by itself while that would happen.
	 */
	pd_next after_pass(const pd_memory &memory, const pd_scan &scan, bool needed)
	{
		/* Writes that were over before anybody counted are in flight here. */
		const pd_s64 in_flight =
			max(pages(memory.writeback), pages(scan.laundered));
		/* NetBSD 230-235, 281-290 (b18): before and after each scan. */
		pd_next next = {
			.flags = PD_NEXT_KICK_SLAB, .pass = 0, .delay_ms = PD_FOREVER_MS};

		/* NetBSD 270-273 (b9). */
		if (pages(memory.free) > pages(watermarks(memory).free_reserved) ||
		    in_flight == 0)
			next.flags |= PD_NEXT_WAKE_WAITERS;
		if (!needed || !needs_scan(memory, pages(memory.free) + in_flight)) {
			write_once(in_vain_, pd_u64{0});
			return next;
		}
		next.flags |= PD_NEXT_NEEDED;
		next.pass = max(scan.pass, pd_u32{1});
		if (scan.freed != 0 || scan.laundered != 0) {
			write_once(in_vain_, pd_u64{0});
			next.delay_ms = scan.freed != 0 ? 0 : pause_ms(scan);
			return next;
		}
		/*
		 * A scan may bring nothing and yet be needed to get at what it cycles
		 * through the queues (NetBSD 630-635). It is in vain when every page
		 * was met on both.
		 */
		const auto met = static_cast<pd_u64>(pages(scan.scanned) +
						     pages(read_once(in_vain_)));

		write_once(in_vain_, met);
		if (scan.scanned != 0 &&
		    met < 2 * static_cast<pd_u64>(on_queues(memory))) {
			next.delay_ms = kCyclePauseMs;
		} else {
			next.pass = max(next.pass + 1, next.pass);
			next.delay_ms = pause_ms(scan);
		}
		return next;
	}

	/* NetBSD 221-227: it sleeps until it is woken; there is no aging. */
	static pd_u32 idle(const pd_memory & /* memory */, pd_u64 /* elapsed_ms */,
			   pd_scan &scan)
	{
		scan.shortage = scan.max_scan = 0;
		scan.active_shortage = scan.active_max_scan = 0;
		return PD_FOREVER_MS;
	}

private:
	/* struct pd_scan.scratch */
	enum Scratch {
		kCharged, /* pages charged for verdicts not yet settled */
		kRoom,	  /* pages until free_stop are free or in flight */
		kReacts,  /* dirty pages reactivated for want of swap */
		kFlags,
		kInactiveShort, /* pages to deactivate */
		kSlotsShort,	/* slots of swap to free */
	};

	/* scratch[kFlags], beside the types to spare */
	enum Flags {
		kSwapFull = kSpareEnd,
	};

	/* Freed, or soon to be. */
	static void spend(pd_s64 count, pd_scan &scan)
	{
		charge(scan.shortage, count);
		charge(scan.scratch[kRoom], count);
	}

	/* A dirty page is written the first time round (b45); there is no second lap. */
	pd_decision dirty(const pd_view &view, pd_page_state &page, pd_scan &scan) const
	{
		const pd_s64 size = size_of(view);

		/* NetBSD 610-613 (b47); it matters to tasks, who want more than that. */
		if (scan.scratch[kRoom] < 0)
			return decide(PD_VERDICT_KEEP, PD_REASON_IN_FLIGHT);
		if (has(view, PD_PAGE_DEAD))
			return decide(PD_VERDICT_KEEP, PD_REASON_DEAD);
		/* NetBSD 506 (b23). */
		if (has(view, PD_PAGE_LOCK_MISS)) {
			credit(scan.lock_misses, 1);
			return decide(PD_VERDICT_KEEP, PD_REASON_LOCK_MISS);
		}
		if (is_swap_backed(view)) {
			if ((scan.scratch[kFlags] & kSwapFull) != 0)
				return no_swap_for(size, page, scan);
			/* NetBSD 652-654 (b52). */
			if (scan.may_swap == 0)
				return decide(PD_VERDICT_KEEP, PD_REASON_SWAP_DEFERRED);
		}
		/* A task that leaves the writing to the daemon gets nothing from it. */
		if (is_swap_backed(view) || scan.may_launder != 0) {
			spend(size, scan);
			credit(scan.scratch[kCharged], size);
		}
		return decide(PD_VERDICT_LAUNDER, PD_REASON_DIRTY);
	}

	/* NetBSD 426, 636-641 (b48, b50): so that all pages come by in the end. */
	pd_decision no_swap_for(pd_s64 size, pd_page_state &page, pd_scan &scan) const
	{
		credit(scan.scratch[kReacts], size);
		if (scan.scratch[kReacts] >= most_reacts())
			scan.max_scan = 0;
		return activate(page, PD_REASON_SWAP_FULL);
	}

	pd_s64 most_reacts() const
	{
		return pages(max(read_once(knobs_->dirty_reacts), pd_u64{1}));
	}

	static bool inactive_short(const pd_watermarks &marks, const pd_memory &memory)
	{
		return pages(memory.total_inactive) < pages(marks.inactive_target);
	}

	bool needs_scan(const pd_memory &memory, pd_s64 soon) const
	{
		const pd_watermarks marks = watermarks(memory);

		return soon < pages(marks.wakeup_thresh) ||
		       (soon < pages(marks.free_target) && inactive_short(marks, memory));
	}

	pd_u32 pause_ms(const pd_scan &scan) const
	{
		return max(retry_pause(scan, *knobs_), kCyclePauseMs);
	}

	const pd_knobs *knobs_;
	/* Pages met since memory was last freed; a race loses some of a pass. */
	pd_u64 in_vain_ = 0;
};

} // namespace

constinit const pd_policy netbsd_policy = kPolicyTable<NetBsd>;

} // namespace pagedaemon
