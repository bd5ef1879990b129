/* SPDX-License-Identifier: GPL-2.0 */
/*
 * CLOCK-Pro (Jiang, Chen, Zhang, USENIX 2005), which NetBSD later had as a second
 * policy behind its page daemon. A page is hot when it was used again within a test
 * period, that is, sooner than the hot page that was not used for longest; cold pages
 * go first, and those gone in their test period are remembered, so that one which
 * comes back in time is hot at once. How much of memory cold pages get adapts: each
 * such return says that more would have been right, each test period that ends in vain
 * that less is enough.
 *
 * Cold pages are the inactive queue, hot ones the active queue, test periods are in
 * clockpro_clock.hh. "b24" is behaviour 24 of section 4 in docs/behaviours.md.
 *
 * Where it differs from the paper, on purpose:
 *
 *  1. The hot hand runs before each batch of the cold hand and after it, not within it.
 *     A page whose test ends well becomes hot even if no hot page could make room yet.
 *  2. Test periods end by a thirtieth of memory at a time.
 *  3. Pages gone are remembered for two times the frames of the limit, the oldest
 *     forgotten first, roughly (pagedaemon/ghosts.h).
 *  4. What the daemon keeps free counts as cold: it is where new pages go.
 *  5. A fault leaves a reference behind by itself. The first look at a page that came
 *     by a fault takes it away and sends the page round once more; NetBSD has a queue
 *     of new pages for that.
 *  6. Where the working set changes, what comes back gives cold pages a hundredth of
 *     memory, not a page: see ghost_came_back(). By pages it takes a memory's worth of
 *     misses to follow. 0 in knobs/fast_adapt has it as in the paper, here and in 11.
 *  7. A page that was read ahead is on trial like any other, but what is remembered of
 *     it counts only once it was used; NetBSD calls it speculative until then.
 *  8. NetBSD's daemon is woken by its free_min and frees a third of that. Here it goes
 *     on up to free_min from an eighth of it: less memory is kept free, and a pass has
 *     more to do. The host's headroom sees to it that it is woken in time.
 *  9. To find that all hot pages are in use takes as long as to go round them. Where
 *     tasks come near the limit meanwhile and nothing is left that is cold, the hot hand
 *     takes what is lacking as it comes, used or not.
 * 10. New memory, which has no copy anywhere, begins hot; 0 in knobs/anon_hot has it on
 *     trial, as in the paper. To evict it costs a write and a read where a page of a
 *     file costs a read, and much of it is gone with its process before it would have
 *     been used again.
 * 11. Where few of the hot pages that it came by lately were used, what it makes cold is
 *     the next to go: pages on trial are in use, if any are. Not what is dirty: by the
 *     time that it goes, pages beside it are cold, too, and are written with it.
 * 12. Program text used since it came is hot at once, as with Linux: knobs/exec_hot.
 */
#include <pagedaemon/ghosts.h>

#include "clockpro_clock.hh"
#include "netbsd_marks.hh"
#include "policy.hh"

namespace pagedaemon
{
namespace
{

/* Two windows of read-ahead of each of two streams, by Linux's default. */
constexpr pd_s64 kReadAhead = pd_s64{4} * 32;

/* struct pd_page_state.flags: what others have for a second lap. */
constexpr pd_u8 kInTest = PD_STATE_SECOND_LAP;

class ClockPro final
{
public:
	static constexpr char kName[] = "clockpro";
	static constexpr char kText[] = "CLOCK-Pro: hot and cold pages by reuse "
					"distance, with memory of those gone";

	static constexpr pd_u32 kPolicyFlags = PD_POLICY_GHOSTS;

	explicit ClockPro(const pd_knobs &knobs) : knobs_(&knobs)
	{
	}

	pd_watermarks watermarks(const pd_memory &memory)
	{
		clock_.resize(memory.limit);
		return marks(memory);
	}

	bool needs_scan(const pd_memory &memory) const
	{
		return pages(memory.free) < pages(marks(memory).wakeup_thresh);
	}

	void plan(const pd_memory &memory, pd_scan &scan)
	{
		const pd_watermarks in_force = marks(memory);

		/* Before the clock follows: the first pass, too, leaves room for it. */
		if (scan.direct == 0) {
			clock_.set_least_cold(pages(in_force.free_target) + kReadAhead);
			scan.enough = pages(in_force.free_target);
		}
		clock_.follow(memory);
		/* Full for the first time, and what each queue pair had was adopted. */
		write_once(plans_, min(read_once(plans_) + 1, kMaxPages));
		if (read_once(plans_) >= static_cast<pd_s64>(memory.nr_pairs))
			write_once(full_, pd_u32{1});
		scan.deficit = pages(memory.deficit);
		scan.shortage = share_of_inactive(
			paging_target(in_force, memory) + scan.deficit, memory);
		/* What the hot hand makes cold meanwhile is looked at, too. */
		scan.refill = 1;
		scan.max_scan = pages(memory.inactive) + pages(memory.active);
		scan.launder_budget = kMaxPages;
		scan.scratch[kCharged] = 0;
		scan.scratch[kSwapOkay] =
			swap_pageouts_okay(*knobs_, in_force, memory) ? 1 : 0;
	}

	/* The cold hand. */
	pd_decision inactive(const pd_view &view, pd_page_state &page, pd_scan &scan)
	{
		if (has(view, PD_PAGE_UNEVICTABLE))
			return decide(PD_VERDICT_UNQUEUE, PD_REASON_UNEVICTABLE);
		if (has(view, PD_PAGE_BUSY | PD_PAGE_WRITEBACK)) {
			credit(scan.addl_shortage, size_of(view));
			return decide(PD_VERDICT_KEEP, PD_REASON_BUSY);
		}

		const bool referenced = act_delta(view) != 0;

		if (view.ghost != 0 && came_back(view.ghost))
			return become_hot(view, page, PD_REASON_REFAULT);
		/* Differences 12 and 5. */
		if (has(view, PD_PAGE_FIRST_LOOK) && referenced) {
			if (view.type == PD_TYPE_EXEC && read_once(knobs_->exec_hot) != 0)
				return become_hot(view, page, PD_REASON_REFERENCED);
			return decide(PD_VERDICT_REQUEUE, PD_REASON_FAULTED);
		}

		const bool in_test = is_in_test(page);

		if (!in_test && (page.flags & kInTest) != 0)
			end_test(page, referenced);
		if (referenced) {
			if (in_test) {
				clock_.adjust(1);
				return become_hot(view, page, PD_REASON_REFERENCED);
			}
			begin_test(page);
			return decide(PD_VERDICT_REQUEUE, PD_REASON_REFERENCED);
		}
		if (has(view, PD_PAGE_HELD)) {
			credit(scan.addl_shortage, size_of(view));
			return decide(PD_VERDICT_KEEP, PD_REASON_HELD);
		}
		if (has(view, PD_PAGE_DIRTY))
			return dirty(view, scan);
		charge(scan.shortage, size_of(view));
		return decide(PD_VERDICT_FREE, PD_REASON_CLEAN);
	}

	static void laundered(pd_scan &scan, pd_u64 written, pd_u64 /* failed */)
	{
		charge(scan.shortage, owed_for(written, scan.scratch[kCharged]));
	}

	/* How far the hot hand is to go. */
	void inactive_done(const pd_memory &memory, pd_scan &scan) const
	{
		const pd_s64 too_hot = pages(memory.total_active) - clock_.hot_target();
		/* The cold hand finds nothing where all is hot. */
		pd_s64 too_few = scan.shortage;

		credit(too_few, scan.addl_shortage);
		charge(too_few, pages(memory.inactive));
		/* Difference 9. */
		scan.scratch[kHurry] = memory.free < 0 ? too_few : 0;
		scan.active_shortage =
			max(memory.nr_pairs > 1
				    ? share(too_hot, memory.active, memory.total_active)
				    : too_hot,
			    too_few);
		/* One time round at most: all used since is no reason to go on. */
		scan.active_max_scan = pages(memory.active);
	}

	/* The hot hand. */
	pd_decision active(const pd_view &view, pd_page_state &page, pd_scan &scan)
	{
		if (has(view, PD_PAGE_UNEVICTABLE))
			return decide(PD_VERDICT_UNQUEUE, PD_REASON_UNEVICTABLE);

		const auto size = static_cast<pd_u64>(size_of(view));
		const bool used = act_delta(view) != 0;

		clock_.hand_passes(size, used);
		if (used && scan.scratch[kHurry] <= 0) {
			clock_.draw_ticket(size);
			return decide(PD_VERDICT_REQUEUE, PD_REASON_REFERENCED);
		}
		/* Cold, and not on trial: it had its time. */
		page.flags &= static_cast<pd_u8>(~kInTest);
		page.act_count = 0;
		charge(scan.active_shortage, size_of(view));
		charge(scan.scratch[kHurry], size_of(view));
		/* Difference 11. */
		if (clock_.is_stale() && !has(view, PD_PAGE_DIRTY) &&
		    read_once(knobs_->fast_adapt) != 0)
			return decide(PD_VERDICT_DEACTIVATE_HEAD, PD_REASON_AGED);
		return decide(PD_VERDICT_DEACTIVATE, PD_REASON_AGED);
	}

	pd_decision enqueue(const pd_view &view, pd_page_state &page)
	{
		const bool known = (page.flags & PD_STATE_QUEUED) != 0;

		page.flags |= PD_STATE_QUEUED;
		if (known)
			return moved(view, page);
		if (view.ghost != 0 && came_back(view.ghost))
			return become_hot(view, page, PD_REASON_REFAULT);
		if (view.ghost == 0)
			clock_.is_new();
		/*
		 * Difference 10; and until memory is full for the first time, as many as
		 * may be are hot.
		 */
		if (is_new_memory(view) ||
		    (read_once(full_) == 0 && clock_.has_room_for_hot()))
			return become_hot(view, page, PD_REASON_CACHED);
		begin_test(page);
		return decide(PD_VERDICT_DEACTIVATE, PD_REASON_CACHED);
	}

	/*
	 * The pass number rises with each that brings nothing; then it pauses. Not after
	 * the first: that may have begun when nothing was wanted yet, and tasks would be
	 * without a daemon for as long as the pause.
	 */
	pd_next after_pass(const pd_memory &memory, const pd_scan &scan, bool needed)
	{
		pd_next next = {
			.flags = PD_NEXT_KICK_SLAB, .pass = 0, .delay_ms = PD_FOREVER_MS};

		if (!below_min(marks(memory), memory))
			next.flags |= PD_NEXT_WAKE_WAITERS;
		if (!needed || !needs_scan(memory))
			return next;
		next.flags |= PD_NEXT_NEEDED;
		next.pass = 1;
		next.delay_ms = 0;
		if (scan.freed == 0) {
			next.pass = max(scan.pass + 1, scan.pass);
			if (scan.pass > 1)
				next.delay_ms =
					max(retry_pause(scan, *knobs_), pd_u32{1});
		}
		return next;
	}

	/* The hands move when memory is wanted, and only then. */
	static pd_u32 idle(const pd_memory & /* memory */, pd_u64 /* elapsed_ms */,
			   pd_scan &scan)
	{
		scan.shortage = scan.max_scan = 0;
		scan.active_shortage = scan.active_max_scan = 0;
		return PD_FOREVER_MS;
	}

	/* A page that goes in its test period is known if it comes back in time. */
	pd_u32 remember(const pd_view & /* view */, const pd_page_state &page)
	{
		return is_in_test(page) ? clock_.ghost_of(page.act_count) : 0;
	}

	void forgotten(pd_u32 ghost)
	{
		if (clock_.is_ghost_ahead(ghost)) {
			clock_.ghost_leaves(ghost);
			clock_.adjust(-1);
		}
	}

private:
	/* struct pd_scan.scratch */
	enum Scratch {
		kCharged,  /* pages charged for verdicts not yet settled */
		kSwapOkay, /* dirty pages may go to swap */
		kHurry,	   /* pages that must become cold, used or not */
	};

	pd_watermarks marks(const pd_memory &memory) const
	{
		pd_watermarks m = netbsd_marks(memory.limit);

		/* Difference 8. */
		m.free_target = m.free_min;
		m.free_min = max(m.free_min / 8, min(m.free_min, m.free_reserved + 1));
		m.wakeup_thresh = m.free_min;
		return marks_in_force(m, *knobs_, memory.limit,
				      [](pd_u64 free_min) { return free_min; });
	}

	/* act_count of a hot page; else it is the stamp of a test period. */
	static constexpr pd_u8 kHot = PD_ACT_COUNT_MAX;

	bool is_in_test(const pd_page_state &page) const
	{
		return (page.flags & kInTest) != 0 && clock_.is_ahead(page.act_count);
	}

	void begin_test(pd_page_state &page)
	{
		page.act_count = clock_.stamp();
		page.flags |= kInTest;
	}

	/* The hot hand has come by since. */
	void end_test(pd_page_state &page, bool referenced)
	{
		page.flags &= static_cast<pd_u8>(~kInTest);
		clock_.adjust(referenced ? 1 : -1);
	}

	pd_decision become_hot(const pd_view &view, pd_page_state &page, pd_reason reason)
	{
		clock_.draw_ticket(static_cast<pd_u64>(size_of(view)));
		page.act_count = kHot;
		page.flags &= static_cast<pd_u8>(~kInTest);
		return decide(PD_VERDICT_ACTIVATE, reason);
	}

	/*
	 * Not from swap, as far as that can be known: a fault that writes gives the slot
	 * back, and what was not in its test period is not remembered.
	 */
	bool is_new_memory(const pd_view &view) const
	{
		return is_swap_backed(view) && read_once(knobs_->anon_hot) != 0 &&
		       view.ghost == 0 && !has(view, PD_PAGE_SWAPCACHE | PD_PAGE_REFAULT);
	}

	/* Is a page that is here again back within its test period? */
	bool came_back(pd_u32 ghost)
	{
		/* If not, that has counted when the hand came by. */
		if (!clock_.is_ghost_ahead(ghost))
			return false;
		clock_.ghost_came_back(ghost, read_once(knobs_->fast_adapt) != 0);
		return true;
	}

	/* A page that is ours already was moved by the kernel. */
	pd_decision moved(const pd_view &view, pd_page_state &page)
	{
		if ((page.flags & PD_STATE_LAUNDERED) != 0 &&
		    !has(view, PD_PAGE_DIRTY | PD_PAGE_WRITEBACK)) {
			page.flags &= static_cast<pd_u8>(~PD_STATE_LAUNDERED);
			return decide(PD_VERDICT_DEACTIVATE_HEAD, PD_REASON_CLEAN);
		}
		if (!has(view, PD_PAGE_ACTIVE))
			return decide(PD_VERDICT_DEACTIVATE, PD_REASON_MOVED);
		if (page.act_count == kHot)
			return become_hot(view, page, PD_REASON_MOVED);
		/* Linux has seen it used. */
		if (is_in_test(page)) {
			clock_.adjust(1);
			return become_hot(view, page, PD_REASON_REFERENCED);
		}
		begin_test(page);
		return decide(PD_VERDICT_DEACTIVATE, PD_REASON_REFERENCED);
	}

	static pd_decision dirty(const pd_view &view, pd_scan &scan)
	{
		const pd_s64 size = size_of(view);

		if (has(view, PD_PAGE_DEAD))
			return decide(PD_VERDICT_REQUEUE, PD_REASON_DEAD);
		if (has(view, PD_PAGE_LOCK_MISS)) {
			credit(scan.lock_misses, 1);
			return decide(PD_VERDICT_KEEP, PD_REASON_LOCK_MISS);
		}
		if (is_swap_backed(view) &&
		    (scan.may_swap == 0 || scan.scratch[kSwapOkay] == 0)) {
			credit(scan.addl_shortage, size);
			return decide(PD_VERDICT_REQUEUE, PD_REASON_SWAP_DEFERRED);
		}
		/* A task that leaves the writing to the daemon gets nothing from it. */
		if (is_swap_backed(view) || scan.may_launder != 0) {
			charge(scan.shortage, size);
			credit(scan.scratch[kCharged], size);
		}
		return decide(PD_VERDICT_LAUNDER, PD_REASON_DIRTY);
	}

	const pd_knobs *knobs_;
	Clock clock_;
	pd_s64 plans_ = 0;
	pd_u32 full_ = 0;
};

} // namespace

constinit const pd_policy clockpro_policy = kPolicyTable<ClockPro>;

} // namespace pagedaemon
