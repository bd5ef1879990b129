/* SPDX-License-Identifier: GPL-2.0 */
/*
 * GNU Mach's page daemon of 2009: no activity counts, one reference bit, a long
 * inactive queue, and writes in small bursts with pauses between them. Line numbers
 * ("Mach 1632") are those of that vm/vm_pageout.c; bNN is the number of a behaviour
 * in docs/behaviours.md.
 *
 * Where it differs from the source, on purpose:
 *
 *  1. "Physical memory" is the limit; below 132 pages, thresholds stop at half of it.
 *  2. A pass is one burst at most. What is wanted is decided when it begins, by the
 *     memory of that moment; the source decides anew before each page. With several
 *     queue pairs each takes its share, of the burst too.
 *  3. External pages are file pages, internal ones go to swap. All dirty file pages
 *     count against the external limit; the source counts those that a scan has met.
 *  4. Pages not wanted, the source takes the wrong link to the next external page and
 *     unlinks a clean one twice: such passes never worked. Here they do. One that found
 *     nothing is the last, unless the limit itself is exceeded.
 *  5. Laundry is what the daemon itself sent out: no more than it counted, no more
 *     than all the writes in flight. Those of others can hide that ours are done, for
 *     three pauses at most.
 *  6. File pages cannot be paged twice. Too little being free for their writers, they are
 *     left until a pass has brought nothing, or if no anonymous page could go instead.
 *  7. The source scans on without a pause while it meets nothing to free; here a pass
 *     that brought nothing pauses as for an empty queue, longer each time.
 *  8. Busy and held pages stay on the inactive queue but do not count as inactive. In
 *     the source a busy page leaves it and comes back by a fault.
 *  9. Pages that may not go to swap go round and do not count as inactive; the source
 *     has no notion of full swap.
 * 10. A task's pass knows neither bursts nor pauses, and pays for what it writes.
 */
#include "mach_marks.hh"
#include "mach_pauses.hh"
#include "policy.hh"

namespace pagedaemon
{
namespace
{

class Mach final
{
public:
	static constexpr char kName[] = "mach";
	static constexpr char kText[] =
		"GNU Mach's page daemon: first in first out, bursts and pauses";

	static constexpr pd_u32 kPolicyFlags = PD_POLICY_WAKES;

	explicit Mach(const pd_knobs &knobs) : knobs_(&knobs), pauses_(knobs)
	{
	}

	/* b1. As in the source, a reserve that is set moves the other marks (b12). */
	pd_watermarks watermarks(const pd_memory &memory) const
	{
		const auto limit = static_cast<pd_u64>(pages(memory.limit));
		pd_u64 reserved = kReserved;

		take_knob(knobs_->free_reserved, limit, reserved);

		pd_watermarks m = marks_in_force(computed_marks(memory, limit, reserved),
						 *knobs_, limit, wakeup_from_min);

		/* Mach 1944: whatever sets the minimum, but see difference 1. */
		m.free_target = max(m.free_target, min(m.free_min + kTargetAboveMin,
						       max(m.free_min, limit / 2)));
		m.free_stop = max(m.free_stop, m.free_target);
		return m;
	}

	/* Mach 1063-1065, 1082, 1090 (b56, b73). */
	bool needs_scan(const pd_memory &memory) const
	{
		const pd_watermarks marks = watermarks(memory);

		if (is_below(memory, marks.free_min))
			return true;
		if (is_below(memory, marks.free_target) &&
		    pages(memory.total_inactive) < pages(marks.inactive_target))
			return true;
		return above_external(memory, marks, kLimitPart) > 0;
	}

	/* b13: shortage or not, each wake-up makes a pass, which refills at least. */
	void plan(const pd_memory &memory, pd_scan &scan)
	{
		const pd_watermarks marks = watermarks(memory);
		const pd_s64 waiters = memory.waiters;
		const bool wanted = scan.direct != 0 || pages_wanted(memory, marks);
		const bool may_swap =
			scan.may_swap != 0 && swap_pageouts_okay(*knobs_, marks, memory);

		/* Mach 1607-1620 (b55). */
		scan.shortage = share_of_pair(
			wanted ? max(paging_target(marks, memory), pd_s64{0}) + waiters
			       : above_external(memory, marks, kTargetPart),
			memory);
		scan.scratch[kExternalOnly] = wanted ? 0 : 1;
		scan.scratch[kSwapOkay] = may_swap ? 1 : 0;
		scan.scratch[kCharged] = 0;
		scan.scratch[kFilesLeft] = 0;
		/* Mach 1543-1604 (b73): what the refill makes inactive is looked at. */
		scan.refill = 1;
		scan.max_scan = max(pages(memory.inactive),
				    share_of_pair(pages(marks.inactive_target), memory));
		/* A task has no bursts; what it wants bounds it. */
		scan.launder_budget = kMaxPages;
		if (scan.direct != 0)
			return;

		pauses_.pause_is_over(memory);
		if (wanted)
			scan.enough = pages(marks.free_target) + waiters;
		/* Mach 1808 (b58). */
		if (scan.pass <= 1 && may_swap && memory.anon != 0 &&
		    is_below(memory, reserve_less(marks, kAboveInternal)))
			scan.scratch[kFilesLeft] = 1;
		/* Mach 1632-1661 (b63): nothing but the pause. */
		if (pauses_.is_held_up(memory, marks))
			scan.max_scan = 0;
		scan.launder_budget =
			max(share_of_pair(pauses_.burst_room(memory, marks), memory),
			    pd_s64{1});
	}

	static pd_decision inactive(const pd_view &view, pd_page_state &page,
				    pd_scan &scan)
	{
		/* Mach 1632-1661 (b63). The burst is over for the whole pass. */
		if (scan.direct == 0 && scan.launder_budget <= 0) {
			scan.max_scan = 0;
			return decide(PD_VERDICT_KEEP, PD_REASON_STOPPED);
		}
		/* Wired pages are on no queue in Mach. */
		if (has(view, PD_PAGE_UNEVICTABLE))
			return decide(PD_VERDICT_UNQUEUE, PD_REASON_UNEVICTABLE);

		/* Mach 1668-1678 (b55): on to the next, this one keeps its place. */
		if (scan.scratch[kExternalOnly] != 0 && is_swap_backed(view))
			return decide(PD_VERDICT_KEEP, PD_REASON_EXTERNAL);

		/*
		 * Mach 1709-1719 (b24). Off the queues only a fault would bring it back,
		 * and on Linux it may never be unmapped. Kept in place, as the end of its
		 * writing may come soon.
		 */
		if (has(view, PD_PAGE_BUSY | PD_PAGE_WRITEBACK)) {
			credit(scan.addl_shortage, size_of(view));
			return decide(PD_VERDICT_KEEP, PD_REASON_BUSY);
		}
		/* Mach 1725-1732 (b27): before anything else is asked about it. */
		if (is_invalid(view) && !has(view, PD_PAGE_HELD) &&
		    scan.scratch[kExternalOnly] == 0)
			return freed(view, scan, PD_REASON_INVALID);

		/*
		 * Mach 1740-1747 (b31). The source leaves the bit set, the host has
		 * cleared it: the same, as deactivation clears it unseen.
		 */
		if (act_delta(view) != 0)
			return activate(page, PD_REASON_REFERENCED);

		if (has(view, PD_PAGE_HELD)) {
			credit(scan.addl_shortage, size_of(view));
			return decide(PD_VERDICT_KEEP, PD_REASON_HELD);
		}
		if (has(view, PD_PAGE_DIRTY))
			return dirty(view, page, scan);

		/* Mach 1773-1784 (b57). */
		if (scan.scratch[kExternalOnly] != 0)
			return decide(PD_VERDICT_REQUEUE, PD_REASON_EXTERNAL);
		/* Mach 1790-1793 (b36). */
		return freed(view, scan, PD_REASON_CLEAN);
	}

	/* Verdicts have charged already; what was not written is given back. */
	void laundered(pd_scan &scan, pd_u64 written, pd_u64 /* failed */)
	{
		spend(scan, owed_for(written, scan.scratch[kCharged]));
		if (scan.direct == 0)
			pauses_.count_sent(written);
	}

	/* Mach 1548-1556 (b73), before every batch here. */
	void inactive_done(const pd_memory &memory, pd_scan &scan) const
	{
		const pd_watermarks marks = watermarks(memory);

		scan.active_shortage =
			refill_of_pair(pages(marks.inactive_target), memory);
		/* Mach 1706: what was found busy is not on the queue. */
		credit(scan.active_shortage, scan.addl_shortage);
		scan.active_max_scan = pages(memory.active);
	}

	/* Mach 1552-1604 (b80): the oldest goes, referenced or not. */
	static pd_decision active(const pd_view &view, pd_page_state &page, pd_scan &scan)
	{
		if (has(view, PD_PAGE_UNEVICTABLE))
			return decide(PD_VERDICT_UNQUEUE, PD_REASON_UNEVICTABLE);

		/* A lock missed and a busy page are one here: both are in use. */
		if (has(view, PD_PAGE_BUSY))
			return decide(PD_VERDICT_REQUEUE, PD_REASON_BUSY);

		/* References seen are gone: the host has cleared them. */
		page.flags &= static_cast<pd_u8>(~PD_STATE_SECOND_LAP);
		charge(scan.active_shortage, size_of(view));
		return decide(PD_VERDICT_DEACTIVATE, PD_REASON_AGED);
	}

	/*
	 * As in FreeBSD: faults activate. A page that was written and has come back clean
	 * is next to go, as if its pager had let go of it (Mach 1325-1331).
	 */
	pd_decision enqueue(const pd_view &view, pd_page_state &page) const
	{
		return entered(view, page, *knobs_,
			       read_once(knobs_->read_activate) != 0);
	}

	pd_next after_pass(const pd_memory &memory, const pd_scan &scan, bool needed)
	{
		const pd_watermarks marks = watermarks(memory);
		const bool brought = scan.freed != 0 || scan.laundered != 0;
		const bool fruitless = !brought && !pauses_.is_held_up(memory, marks);
		pd_next next = {};

		/* Mach 1532-1536 (b18); lowmem_period is the host's. */
		next.flags = PD_NEXT_KICK_SLAB;
		/* Who has no privilege may allocate down to the reserve: Mach 1106. */
		if (!is_below(memory, marks.free_reserved))
			next.flags |= PD_NEXT_WAKE_WAITERS;

		if (!needed || !goes_on(memory, marks, fruitless)) {
			/* Mach 1882: asleep, without a tick. */
			pauses_.sleep(memory);
			next.delay_ms = PD_FOREVER_MS;
			return next;
		}
		next.flags |= PD_NEXT_NEEDED;
		/* The number says how many passes in a row found nothing to do. */
		next.pass = brought ? 1 : scan.pass;
		if (fruitless)
			next.pass = max(scan.pass + 1, scan.pass);
		next.delay_ms = pauses_.pause_ms(memory, marks, scan, fruitless);
		pauses_.ordered(next.delay_ms);
		return next;
	}

	/* Nothing ages while nobody needs memory (b80). */
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
		kCharged,      /* pages charged for verdicts not yet settled */
		kExternalOnly, /* no pages are wanted, only dirty file pages looked for */
		kFilesLeft,    /* too little is free to have file pages written */
		kSwapOkay,     /* dirty pages may go to swap */
	};

	/* Mach 1613-1616, and difference 4. */
	static bool goes_on(const pd_memory &memory, const pd_watermarks &marks,
			    bool fruitless)
	{
		return pages_wanted(memory, marks) ||
		       above_external(memory, marks,
				      fruitless ? kLimitPart : kTargetPart) > 0;
	}

	static pd_decision freed(const pd_view &view, pd_scan &scan, pd_reason reason)
	{
		charge(scan.shortage, size_of(view));
		return decide(PD_VERDICT_FREE, reason);
	}

	/*
	 * A page on its way does not count as free (Mach 1613); what bounds the writing
	 * is the burst. It counts where there is no burst, or dirty pages are the aim.
	 */
	static void spend(pd_scan &scan, pd_s64 amount)
	{
		charge(scan.launder_budget, amount);
		if (scan.direct != 0 || scan.scratch[kExternalOnly] != 0)
			charge(scan.shortage, amount);
	}

	static void send(const pd_view &view, pd_scan &scan)
	{
		spend(scan, size_of(view));
		credit(scan.scratch[kCharged], size_of(view));
	}

	static pd_decision dirty(const pd_view &view, pd_page_state &page, pd_scan &scan)
	{
		/* Mach 1709: it will be gone with its object. */
		if (has(view, PD_PAGE_DEAD))
			return decide(PD_VERDICT_REQUEUE, PD_REASON_DEAD);

		if (is_swap_backed(view)) {
			if (scan.may_swap == 0 || scan.scratch[kSwapOkay] == 0) {
				credit(scan.addl_shortage, size_of(view));
				return decide(PD_VERDICT_REQUEUE,
					      PD_REASON_SWAP_DEFERRED);
			}
			/* Mach 1351-1355 (b62): out of the way until it is written. */
			send(view, scan);
			return decide(PD_VERDICT_LAUNDER, PD_REASON_DIRTY);
		}
		/* Left to the daemon, which the host wakes: nothing is gained here. */
		if (scan.may_launder == 0)
			return decide(PD_VERDICT_LAUNDER, PD_REASON_DIRTY);

		/* Mach 1795-1812 (b58): in front, for when more is free. */
		if (scan.scratch[kFilesLeft] != 0) {
			credit(scan.addl_shortage, size_of(view));
			return decide(PD_VERDICT_KEEP, PD_REASON_RESERVE);
		}
		/* Mach 1687-1699 (b23). */
		if (has(view, PD_PAGE_LOCK_MISS)) {
			credit(scan.lock_misses, 1);
			return decide(PD_VERDICT_REQUEUE, PD_REASON_LOCK_MISS);
		}
		/* Mach 1356 (b62). */
		send(view, scan);
		page.act_count = act_started(page.act_count);
		return decide(PD_VERDICT_LAUNDER_ACTIVATE,
			      scan.scratch[kExternalOnly] != 0 ? PD_REASON_EXTERNAL
							       : PD_REASON_DIRTY);
	}

	const pd_knobs *knobs_;
	Pauses pauses_;
};

} // namespace

constinit const pd_policy mach_policy = kPolicyTable<Mach>;

} // namespace pagedaemon
