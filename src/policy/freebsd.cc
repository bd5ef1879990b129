/* SPDX-License-Identifier: GPL-2.0 */
/*
 * FreeBSD's page daemon, as it was between the per-domain queues of 2013 and
 * the laundry queue of 2016. Line numbers ("FreeBSD 1658") are those of that
 * sys/vm/vm_pageout.c; bNN is the number of a behaviour in docs/behaviours.md.
 *
 * Where it differs from the source, on purpose:
 *
 *  1. "Physical memory" is the limit; below half a MiB, thresholds stop at half of it.
 *  2. With several queue pairs each gives its share of the shortage, of inactive pages by
 *     what is inactive there, of active ones by what is active; the source lets every
 *     domain free the whole.
 *  3. Laundering is charged by the pages written (see settle_laundry()); the source
 * charges one for a cluster of 16. Later versions do as we do.
 *  4. The activity count stops at its maximum everywhere.
 *  5. Idle aging leaves the inactive queue alone, and carries the fraction of a page
 *     over, so that short queues age too. Later versions do the same.
 *  6. Pages that may not go to swap do not count as inactive when the active scan's
 *     target is set: a queue full of them would hide that nothing on it can go.
 *  7. A pass that freed something is followed by the next one at once.
 */
#include "bsd.hh"
#include "policy.hh"

namespace pagedaemon
{
namespace
{

/* FreeBSD 1633: hz, one second. */
constexpr pd_u32 kIdleTickMs = 1000;
constexpr pd_u64 kMaxPeriodS = 86400; /* keeps idle()'s products small */

/* FreeBSD 1688 */
constexpr pd_u64 wakeup_from_min(pd_u64 free_min)
{
	return free_min / 10 * 11;
}

/* What FreeBSD computes at boot, with the limit in place of v_page_count. */
constexpr pd_watermarks computed_marks(pd_u64 limit)
{
	const auto n = static_cast<pd_u64>(pages(limit));
	/* FreeBSD 1660, 209: clusters of 16 pages, 8 in a small machine. */
	const pd_u64 cluster = n < 2000 ? 8 : 16;
	/* FreeBSD 1668. */
	const pd_u64 base = n > 1024 ? 4 + (n - 1024) / 200 : 4;
	/* FreeBSD 1672, 1659: two buffers of MAXBSIZE (64 KiB), and 2 pages. */
	const pd_u64 pageout_free_min = 2 * 65536 / 4096 + 2;
	pd_watermarks m = {};

	/* FreeBSD 1674-1679. */
	m.free_reserved = cluster + pageout_free_min + n / 768;
	m.free_severe = base / 2 + m.free_reserved;
	m.free_target = 4 * base + m.free_reserved;
	m.free_min = base + m.free_reserved;
	/* FreeBSD 1680; at boot v_free_count is nearly all there is. */
	m.inactive_target = min(3 * m.free_target / 2, n / 3);
	m.wakeup_thresh = wakeup_from_min(m.free_min);
	m.cluster_pages = cluster;
	/* FreeBSD 964. */
	m.max_launder = 32;

	stop_marks_at(n / 2, m);
	return m;
}

class FreeBsd final
{
public:
	static constexpr char kName[] = "freebsd";
	static constexpr char kText[] =
		"FreeBSD's page daemon: activity counts, second lap, passes";

	explicit FreeBsd(const pd_knobs &knobs) : knobs_(&knobs)
	{
	}

	/* b1 */
	pd_watermarks watermarks(const pd_memory &memory) const
	{
		return marks_in_force(computed_marks(memory.limit), *knobs_, memory.limit,
				      wakeup_from_min);
	}

	/* FreeBSD 1613, 1723 (b2): vm_paging_needed(). */
	bool needs_scan(const pd_memory &memory) const
	{
		return pages(memory.free) < pages(watermarks(memory).wakeup_thresh);
	}

	void plan(const pd_memory &memory, pd_scan &scan) const
	{
		const pd_watermarks marks = watermarks(memory);

		/* FreeBSD 945-951 (b7). */
		scan.deficit = pages(memory.deficit);
		scan.shortage = share_of_inactive(
			paging_target(marks, memory) + scan.deficit, memory);
		/* FreeBSD 976 (b21). */
		scan.max_scan = pages(memory.inactive);
		/* FreeBSD 963-966 (b40). */
		plan_laundry(scan, pages(marks.max_launder),
			     swap_pageouts_okay(*knobs_, marks, memory));
	}

	static pd_decision inactive(const pd_view &view, pd_page_state &page,
				    pd_scan &scan)
	{
		/* Wired pages are on no queue in FreeBSD (b26). */
		if (has(view, PD_PAGE_UNEVICTABLE))
			return decide(PD_VERDICT_UNQUEUE, PD_REASON_UNEVICTABLE);

		/* FreeBSD 1025-1030 (b24). */
		if (has(view, PD_PAGE_BUSY | PD_PAGE_WRITEBACK)) {
			credit(scan.addl_shortage, size_of(view));
			return decide(PD_VERDICT_KEEP, PD_REASON_BUSY);
		}
		/* FreeBSD 1066-1078. */
		if (const pd_u32 delta = act_delta(view); delta != 0)
			return referenced(view, page, delta);

		/* FreeBSD 1080-1092 (b25). */
		if (has(view, PD_PAGE_HELD)) {
			credit(scan.addl_shortage, size_of(view));
			return decide(PD_VERDICT_KEEP, PD_REASON_HELD);
		}
		return reclaim(view, page, scan);
	}

	static void laundered(pd_scan &scan, pd_u64 written, pd_u64 /* failed */)
	{
		settle_laundry(scan, written);
	}

	/* FreeBSD 1313-1318 (b71). */
	void inactive_done(const pd_memory &memory, pd_scan &scan) const
	{
		const pd_watermarks marks = watermarks(memory);
		const pd_s64 wanted = pages(marks.inactive_target) +
				      paging_target(marks, memory) + pages(scan.deficit);

		scan.active_shortage = refill_of_pair(wanted, memory);
		credit(scan.active_shortage, scan.addl_shortage);
		scan.active_max_scan = pages(memory.active);
	}

	/* FreeBSD 1361-1401 (b74). Busy and held pages are judged like others. */
	static pd_decision active(const pd_view &view, pd_page_state &page, pd_scan &scan)
	{
		if (has(view, PD_PAGE_UNEVICTABLE))
			return decide(PD_VERDICT_UNQUEUE, PD_REASON_UNEVICTABLE);

		if (const pd_u32 delta = act_delta(view); delta != 0) {
			page.act_count = act_raised(page.act_count, delta + kActAdvance);
			return decide(PD_VERDICT_REQUEUE, PD_REASON_REFERENCED);
		}
		page.act_count = act_decayed(page.act_count, kActDecline);
		if (page.act_count != 0)
			return decide(PD_VERDICT_REQUEUE, PD_REASON_DECAYED);

		forget_lap(page);
		charge(scan.active_shortage, size_of(view));
		return decide(PD_VERDICT_DEACTIVATE, PD_REASON_AGED);
	}

	pd_decision enqueue(const pd_view &view, pd_page_state &page) const
	{
		return entered(view, page, *knobs_);
	}

	pd_next after_pass(const pd_memory &memory, const pd_scan &scan,
			   bool needed) const
	{
		const bool above_min = !below_min(watermarks(memory), memory);
		pd_next next = {};

		/* FreeBSD 1612-1616 (b4): waiters go on before the daemon is done. */
		if (needed && above_min) {
			next.flags |= PD_NEXT_WAKE_WAITERS;
			needed = needs_scan(memory);
		}
		if (needed) {
			/* FreeBSD 1617-1626, 1637-1640 (b3, b5). */
			next.flags |= PD_NEXT_NEEDED;
			next.pass = max(scan.pass + 1, scan.pass);
			/*
			 * The source pauses after every pass but the first. Tasks at the
			 * limit would spend those half seconds with pages at hand, so
			 * only a pass that freed nothing pauses, shortly if it started
			 * writes: the next pass frees what they clean.
			 */
			if (scan.pass > 1 && scan.freed == 0)
				next.delay_ms = retry_pause(scan, *knobs_);
			else if (scan.pass > 1)
				next.pass = scan.pass;
		} else {
			/* FreeBSD 1632-1634 (b6). */
			next.delay_ms =
				update_period_s() != 0 ? kIdleTickMs : PD_FOREVER_MS;
		}
		/* FreeBSD 923-935 (b18); lowmem_period is the host's: it has a clock. */
		if (scan.pass > 0)
			next.flags |= PD_NEXT_KICK_SLAB;
		/* FreeBSD 1424-1426. */
		if (scan.lock_misses > 0 && !above_min)
			next.flags |= PD_NEXT_KICK_WRITEBACK;
		return next;
	}

	/*
	 * FreeBSD 1320-1327 (b79): every active page is visited once in
	 * update_period; all that have no activity left may go.
	 */
	pd_u32 idle(const pd_memory &memory, pd_u64 elapsed_ms, pd_scan &scan)
	{
		const pd_u64 period = update_period_s() * 1000;

		scan.shortage = scan.max_scan = 0;
		scan.active_shortage = scan.active_max_scan = 0;
		if (period == 0)
			return PD_FOREVER_MS;

		/* active * elapsed / period, without the overflow. */
		const auto active = static_cast<pd_u64>(pages(memory.active));
		const pd_u64 elapsed = min(elapsed_ms, period);
		const pd_u64 rest = active % period * elapsed +
				    min(read_once(aging_carry_), period - 1);
		const pd_u64 visits = active / period * elapsed + rest / period;

		write_once(aging_carry_, rest % period);
		scan.active_max_scan = pages(visits);
		scan.active_shortage = scan.active_max_scan;
		return kIdleTickMs;
	}

private:
	/* A reference was seen on the inactive queue (b29, b30). */
	static pd_decision referenced(const pd_view &view, pd_page_state &page,
				      pd_u32 delta)
	{
		if (has(view, PD_PAGE_MAPPED))
			return reactivate(page, delta);
		/*
		 * With the multi-generational LRU off Linux itself activates a page on
		 * its second read(); with it on the accesses are only counted. Here both
		 * end alike: see enqueue().
		 */
		if (view.soft_refs >= kSoftRefsToActivate)
			return activate(page, PD_REASON_UNMAPPED_REFERENCED);
		return decide(PD_VERDICT_REQUEUE, PD_REASON_UNMAPPED_REFERENCED);
	}

	pd_u64 update_period_s() const
	{
		return min(read_once(knobs_->update_period), kMaxPeriodS);
	}

	const pd_knobs *knobs_;
	/* Idle aging's fraction, in pages * ms; a race loses less than a page. */
	pd_u64 aging_carry_ = 0;
};

} // namespace

constinit const pd_policy freebsd_policy = kPolicyTable<FreeBsd>;

} // namespace pagedaemon
