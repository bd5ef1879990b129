/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DragonFly's page daemon, as it was in September 2017. Line numbers
 * ("DragonFly 1867") are those of that sys/vm/vm_pageout.c as `cat -n` of the
 * reference file shows them; bNN is the number of a behaviour in
 * docs/behaviours.md.
 *
 * Its passes are numbered from 0, those of pagedaemon from 1: "pass > 0" of the
 * source is pass > 1 here.
 *
 * Where it differs from the source, on purpose:
 *
 *  1. "Physical memory" is the limit, and so is what is free at boot. The floor of
 *     free_min for each CPU is dropped. Below 14 pages, thresholds stop at half.
 *  2. There is no cache queue. A clean page is freed at once, and free pages stand for
 *     free and cached ones: the daemon works for free_target + cache_min of them.
 *  3. With several queue pairs each gives its share of what is wanted, by what is
 *     inactive or active there, rounded up. The source asks of each of its 512 queues
 *     twice the average and stops when the sum is reached; the host goes through all
 *     pairs.
 *  4. The launder limit is one for the pass, not one for each queue. Later versions do
 *     the same.
 *  5. The activity count stops at its maximum everywhere.
 *  6. A file that nobody maps has read() in place of the buffer cache: accessed twice
 *     since the last look it is active. A single access is discarded, as in the source.
 *  7. Pages that may not go to swap do not count as inactive when the active scan's
 *     target is set: a queue full of them would hide that nothing on it can go.
 *  8. The pauses that the source lets a wake-up cut short are left out after a pass that
 *     freed something, and are short if it wrote something. What neither freed nor wrote
 *     pauses always, where the source goes on at once.
 *  9. The full round of idle aging comes for all queues in every fourth tick. The source
 *     counts queues where it means ticks, and visits every fourth queue in full.
 */
#include "bsd.hh"
#include "dragonfly_aging.hh"
#include "dragonfly_marks.hh"
#include "dragonfly_pauses.hh"
#include "policy.hh"

namespace pagedaemon
{
namespace
{

/* DragonFly 139 (b14). */
constexpr pd_s64 kEmergencyLaunder = 100;
/* DragonFly's swap pager: "full" lasts until 4 % of swap are free again. */
constexpr pd_u64 kSwapLowPct = 4;

/*
 * object->ref_count: of mapped pages, and of tmpfs and shared memory, whose
 * object lives as long as the file.
 */
constexpr bool is_object_referenced(const pd_view &view)
{
	return has(view, PD_PAGE_MAPPED) || view.type == PD_TYPE_SHMEM;
}

/* A page that the source would have wired in the buffer cache for its use. */
constexpr bool is_buffered(const pd_view &view)
{
	return !is_object_referenced(view) && view.soft_refs >= kSoftRefsToActivate;
}

/* References that count for the active queue (b74). */
constexpr pd_u32 active_delta(const pd_view &view)
{
	if (is_object_referenced(view))
		return act_delta(view);
	return is_buffered(view) ? 1 : 0;
}

class DragonFly final
{
public:
	static constexpr char kName[] = "dragonfly";
	static constexpr char kText[] =
		"DragonFly's page daemon: large clusters, early stop, recycling";

	/* DragonFly 2075-2083 (b6). */
	static constexpr pd_u32 kPolicyFlags = PD_POLICY_TICKS;

	explicit DragonFly(const pd_knobs &knobs) : knobs_(&knobs)
	{
	}

	/* b1 */
	pd_watermarks watermarks(const pd_memory &memory) const
	{
		const pd_u64 cache_min = boot_of(memory).cache_min;

		return marks_in_force(
			computed_marks(memory.limit), *knobs_, memory.limit,
			[cache_min](pd_u64 free_min) {
				return static_cast<pd_u64>(pages(free_min)) + cache_min;
			});
	}

	/* DragonFly 2309, 2322 (b2). The threshold is never below free_min. */
	bool needs_scan(const pd_memory &memory) const
	{
		return pages(memory.free) < pages(watermarks(memory).wakeup_thresh);
	}

	void plan(const pd_memory &memory, pd_scan &scan)
	{
		const pd_watermarks marks = watermarks(memory);

		/* DragonFly 2125-2126 (b7), 2135 (b16). */
		scan.deficit = pages(memory.deficit);
		scan.shortage = share_of_inactive(
			paging_target(marks, memory) + scan.deficit, memory);
		/* DragonFly 798 (b21). */
		scan.max_scan = pages(memory.inactive);
		/* DragonFly 879 (b17): more than max_launder above the target. */
		scan.enough = pages(marks.free_target) + pages(marks.max_launder) + 1;
		/* DragonFly 773-776 (b40). */
		plan_laundry(
			scan,
			max(share_of_pair(pages(marks.max_launder), memory), pd_s64{1}),
			swap_pageouts_okay(*knobs_, count_min(marks, 0), memory));
		if (scan.direct == 0)
			owe(max(scan.shortage, pd_s64{0}));
	}

	static pd_decision inactive(const pd_view &view, pd_page_state &page,
				    pd_scan &scan)
	{
		/* DragonFly 826 (b24). */
		if (has(view, PD_PAGE_BUSY | PD_PAGE_WRITEBACK))
			return decide(PD_VERDICT_KEEP, PD_REASON_BUSY);
		/* DragonFly 842-849 (b14). */
		if (scan.emergency != 0 && !is_swap_backed(view))
			return decide(PD_VERDICT_KEEP, PD_REASON_EXTERNAL);
		/* DragonFly 919-925 (b26). */
		if (has(view, PD_PAGE_UNEVICTABLE))
			return decide(PD_VERDICT_UNQUEUE, PD_REASON_UNEVICTABLE);
		/* DragonFly 930-942 (b25). */
		if (has(view, PD_PAGE_HELD))
			return decide(PD_VERDICT_REQUEUE, PD_REASON_HELD);

		/*
		 * DragonFly 944-985 (b29, b30). The source adds one in the soft flag's
		 * branch, which act_delta() has done already.
		 */
		const pd_u32 delta = is_object_referenced(view) ? act_delta(view) : 0;

		if (delta != 0)
			return reactivate(page, delta);
		if (is_buffered(view))
			return activate(page, PD_REASON_UNMAPPED_REFERENCED);
		return reclaim(view, page, scan);
	}

	/* DragonFly 854, 1215-1216 (b41). */
	static void laundered(pd_scan &scan, pd_u64 written, pd_u64 /* failed */)
	{
		settle_laundry(scan, written);
	}

	/* DragonFly 2151-2213 (b72). */
	void inactive_done(const pd_memory &memory, pd_scan &scan) const
	{
		const pd_s64 target = pages(watermarks(memory).inactive_target);
		pd_s64 wanted = refill_of_pair(target, memory);

		credit(wanted, scan.addl_shortage);
		if (scan.shortage > 0)
			credit(wanted, min(2 * pages(scan.shortage),
					   share_of_pair(target / 10, memory)));
		/* DragonFly 2194-2195 (b14). */
		if (scan.emergency != 0)
			wanted = max(wanted, kEmergencyLaunder);
		/*
		 * DragonFly 1286-1287 (b77): a scan goes on while either kind of page is
		 * missing, and each page that leaves the queue counts for both.
		 */
		if (wanted > 0)
			wanted = max(wanted, scan.shortage);
		scan.active_shortage = wanted;
		scan.active_max_scan = pages(memory.active);
	}

	pd_decision active(const pd_view &view, pd_page_state &page, pd_scan &scan)
	{
		if (has(view, PD_PAGE_UNEVICTABLE))
			return decide(PD_VERDICT_UNQUEUE, PD_REASON_UNEVICTABLE);

		/* The look has cleared them: not to be lost, whatever comes of the page.
		 */
		const pd_u32 delta = active_delta(view);

		if (delta != 0)
			page.act_count = act_raised(page.act_count, delta + kActAdvance);
		/* DragonFly 1306. */
		if (has(view, PD_PAGE_BUSY | PD_PAGE_WRITEBACK))
			return decide(PD_VERDICT_KEEP, PD_REASON_BUSY);
		/* DragonFly 1774-1777. */
		if (has(view, PD_PAGE_HELD) && scan.scratch[kAging] != 0)
			return decide(PD_VERDICT_KEEP, PD_REASON_HELD);
		/* DragonFly 1320-1333 (b78). */
		if (has(view, PD_PAGE_HELD))
			return decide(PD_VERDICT_REQUEUE, PD_REASON_HELD);
		/* DragonFly 1339-1352 (b14). */
		if (scan.emergency != 0 && !is_swap_backed(view))
			return decide(PD_VERDICT_REQUEUE, PD_REASON_EXTERNAL);
		/* DragonFly 1365-1393 (b74). */
		if (delta != 0)
			return decide(PD_VERDICT_REQUEUE, PD_REASON_REFERENCED);
		if (scan.scratch[kAging] != 0)
			return age(page);

		page.act_count = act_decayed(page.act_count, decline(view));
		/* DragonFly 1406-1410 (b76). */
		if (page.act_count < max(scan.pass, pd_u32{1}) ||
		    !is_object_referenced(view) ||
		    read_once(knobs_->pageout_algorithm) != 0)
			return retire(view, page, scan);
		return decide(PD_VERDICT_REQUEUE, PD_REASON_DECAYED);
	}

	pd_decision enqueue(const pd_view &view, pd_page_state &page) const
	{
		return entered(view, page, *knobs_);
	}

	pd_next after_pass(const pd_memory &memory, const pd_scan &scan, bool needed)
	{
		const pd_watermarks marks = watermarks(memory);
		const bool swap_full = is_swap_full(memory);
		const bool above_target = paging_target(marks, memory) <= 0;
		/* DragonFly 2278-2279 (b4). */
		const bool enough =
			above_target || !below_min(count_min(marks, kHysteresis), memory);
		const bool paid = all_paid(scan);
		const bool met = above_target || paid;
		pd_next next = {};

		if (needed && enough)
			next.flags |= PD_NEXT_WAKE_WAITERS;
		/* DragonFly 1570-1572 (b84). The target is never below the minimum. */
		if (scan.lock_misses > 0 && below_min(count_min(marks, 0), memory))
			next.flags |= PD_NEXT_KICK_WRITEBACK;
		/* DragonFly 1612-1617 (b86); how often is the host's: it has a clock. */
		if (!met && swap_full && scan.pass > 2)
			next.flags |= PD_NEXT_OOM_VOTE;

		if (!needed || (met && enough)) {
			/* DragonFly 2074-2076 (b6). */
			next.delay_ms =
				is_aging_on(*knobs_) ? pd_u32{kTickMs} : PD_FOREVER_MS;
			return next;
		}
		next.flags |= PD_NEXT_NEEDED;
		if (met) {
			/* DragonFly 2277 (b3): not above min yet, but all was done. */
			next.pass = 1;
			next.delay_ms = at_once(*knobs_, scan);
		} else {
			/* DragonFly 2234-2269 (b5, b8). */
			next.pass = max(scan.pass + 1, scan.pass);
			next.delay_ms = retry_pause(*knobs_, memory, scan, swap_full);
		}
		return next;
	}

	/* DragonFly 1705-1740, 2073-2081 (b79). */
	pd_u32 idle(const pd_memory &memory, pd_u64 elapsed_ms, pd_scan &scan)
	{
		scan.shortage = scan.max_scan = 0;
		scan.active_shortage = scan.active_max_scan = 0;
		scan.scratch[kAging] = 1;
		if (!is_aging_on(*knobs_))
			return PD_FOREVER_MS;
		if (elapsed_ms != 0 && is_aging_wanted(watermarks(memory), memory)) {
			scan.active_max_scan =
				aging_quantum(memory, elapsed_ms, aged_ms_);
			scan.active_shortage = scan.active_max_scan;
		}
		return kTickMs;
	}

private:
	/* struct pd_scan.scratch */
	enum Own {
		kRecycled = kScratchOwn, /* active pages that went as memory was short */
		kAging,			 /* an idle scan */
	};

	/* DragonFly 1395-1405 (b75). */
	pd_u8 decline(const pd_view &view) const
	{
		const pd_u64 by =
			read_once(is_swap_backed(view) ? knobs_->anonmem_decline
						       : knobs_->filemem_decline);

		return static_cast<pd_u8>(min(by, pd_u64{PD_ACT_COUNT_MAX}));
	}

	/* DragonFly 1419-1440 (b77). */
	pd_decision retire(const pd_view &view, pd_page_state &page, pd_scan &scan)
	{
		const bool is_short = scan.shortage > 0;

		forget_lap(page);
		charge(scan.active_shortage, size_of(view));
		charge(scan.shortage, size_of(view));
		if (is_short) {
			credit(scan.scratch[kRecycled], size_of(view));
			if (!has(view, PD_PAGE_DIRTY))
				return decide(PD_VERDICT_FREE, PD_REASON_RECYCLED);
		}
		if (scan.direct == 0)
			owe(-size_of(view));
		return decide(PD_VERDICT_DEACTIVATE, PD_REASON_AGED);
	}

	/*
	 * avail_shortage of the source: what passes set out to free, less what they
	 * freed, wrote and deactivated (DragonFly 2140, 2213). What tasks took
	 * meanwhile is not in it.
	 */
	void owe(pd_s64 amount)
	{
		pd_s64 owed = read_once(owed_);

		credit(owed, amount);
		write_once(owed_, owed);
	}

	bool all_paid(const pd_scan &scan)
	{
		const pd_s64 owed = read_once(owed_);

		write_once(owed_, pd_s64{0});
		return pages(owed) <= pages(scan.freed) + pages(scan.laundered);
	}

	/* swap_pager_full, without swap, too. */
	bool is_swap_full(const pd_memory &memory)
	{
		const pd_s64 total = pages(memory.swap_total);
		const pd_s64 free = pages(memory.swap_free);

		if (free == 0)
			write_once(swap_full_, pd_u8{1});
		else if (free >= total * pd_s64{kSwapLowPct} / 100)
			write_once(swap_full_, pd_u8{0});
		return read_once(swap_full_) != 0;
	}

	const pd_knobs *knobs_;
	/*
	 * Daemons of several nodes share these, and a race loses an update: a pass
	 * number or a round of aging comes early or late.
	 */
	pd_s64 owed_ = 0;
	pd_u64 aged_ms_ = 0;
	pd_u8 swap_full_ = 0;
};

} // namespace

constinit const pd_policy dragonfly_policy = kPolicyTable<DragonFly>;

} // namespace pagedaemon
