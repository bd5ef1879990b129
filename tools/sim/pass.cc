// SPDX-License-Identifier: GPL-2.0
/* One pass over the two queues, as src/daemon/pass.c makes it. */
#include "host.hh"

#include <algorithm>

namespace pagedaemon::sim
{
namespace
{

/* A task looks at this many active pages at least, at most at its share. */
constexpr s64 kTaskActiveMin = 128;

constexpr u32 kMayNotGo = PD_PAGE_DIRTY | PD_PAGE_WRITEBACK | PD_PAGE_BUSY;

bool is_launder(u8 verdict)
{
	return verdict == PD_VERDICT_LAUNDER || verdict == PD_VERDICT_LAUNDER_ACTIVATE;
}

} // namespace

pd_view Host::look_entering(const Frame &f) const
{
	const u8 bits = pages_[f.page];
	pd_view view = {};

	view.pfn = f.page;
	view.nr_pages = 1;
	view.type = static_cast<pd_u8>(type_of(f.page));
	view.flags = (options_.mapped ? PD_PAGE_MAPPED : 0) |
		     ((bits & kDirty) != 0 ? PD_PAGE_DIRTY : 0) |
		     ((bits & kInSwap) != 0 ? PD_PAGE_SWAPCACHE : 0) |
		     (f.in_writeback != 0 ? PD_PAGE_WRITEBACK : 0);
	return view;
}

/* As the above, and takes the references along. */
pd_view Host::look(Frame &f)
{
	pd_view view = look_entering(f);
	u8 &bits = pages_[f.page];
	const u8 refs = bits >> kRefsShift;

	bits &= kOneRef - 1;
	if (options_.first_touch && options_.mapped &&
	    (f.state.flags & PD_STATE_FIRST_TOUCH) != 0)
		view.flags |= PD_PAGE_FIRST_LOOK;
	f.state.flags &= static_cast<u8>(~PD_STATE_FIRST_TOUCH);
	if (options_.mapped)
		view.refs = refs;
	else
		view.soft_refs = refs;
	return view;
}

/* What no policy may ask for; the kernel's host ejects one that does. */
pd_decision Host::checked(u32 queue, const pd_view &view, pd_page_state &state,
			  pd_decision decision) const
{
	if (state.act_count > PD_ACT_COUNT_MAX)
		broken("an activity count beyond its maximum");
	if (decision.verdict >= PD_NR_VERDICTS || decision.reason >= PD_NR_REASONS)
		broken("an unknown verdict or reason");
	if (decision.verdict == PD_VERDICT_UNQUEUE)
		broken("a page that can be evicted is to leave the queues");
	if (decision.verdict == PD_VERDICT_FREE && (view.flags & kMayNotGo) != 0)
		broken("a dirty or busy page is to be freed");
	if (is_launder(decision.verdict) &&
	    (queue == PD_QUEUE_ACTIVE ||
	     (view.flags & (PD_PAGE_WRITEBACK | PD_PAGE_BUSY)) != 0))
		broken("an active or busy page is to be written");
	return decision;
}

void Host::drop_swap(u32 page)
{
	if ((pages_[page] & kInSwap) == 0)
		return;
	pages_[page] = static_cast<u8>((pages_[page] & ~kInSwap) | kDirty);
	swap_used_--;
}

/* What the policy wants remembered of a page that it lets go, 0 for nothing. */
u32 Host::ghost_to_be(const pd_view &view, const pd_page_state &state)
{
	if (ghosts_.empty())
		return 0;

	const u32 ghost = policy_.remember(state_.get(), &view, &state);

	if (ghost > PD_GHOST_MAX)
		broken("more to be remembered than there is room for");
	return ghost;
}

u8 Host::judge_inactive(Pass &pass, Frame &f, u32 &ghost)
{
	pd_view view = look(f);

	if (f.in_writeback != 0) {
		view.flags |= PD_PAGE_BUSY;
		pass.scan.stuck++;
	}

	const pd_decision decision =
		checked(PD_QUEUE_INACTIVE, view, f.state,
			policy_.inactive(state_.get(), &view, &f.state, &pass.scan));

	switch (decision.verdict) {
	case PD_VERDICT_FREE:
		ghost = ghost_to_be(view, f.state);
		break;
	case PD_VERDICT_ACTIVATE:
		result_.activations++;
		break;
	case PD_VERDICT_DROP_SWAP:
		drop_swap(f.page);
		return PD_VERDICT_KEEP;
	case PD_VERDICT_LAUNDER_ACTIVATE:
		if (is_swap_backed(f.page) || pass.scan.may_launder == 0)
			return PD_VERDICT_LAUNDER;
		break;
	default:
		break;
	}
	return decision.verdict;
}

u8 Host::judge_active(Pass &pass, Frame &f, u32 &ghost)
{
	pd_view view = look(f);

	view.flags |= PD_PAGE_ACTIVE;

	const pd_decision decision =
		checked(PD_QUEUE_ACTIVE, view, f.state,
			policy_.active(state_.get(), &view, &f.state, &pass.scan));

	if (decision.verdict == PD_VERDICT_DROP_SWAP) {
		drop_swap(f.page);
		return PD_VERDICT_KEEP;
	}
	if (decision.verdict == PD_VERDICT_FREE)
		ghost = ghost_to_be(view, f.state);
	return decision.verdict;
}

void Host::put_by_verdict(u32 queue, const Frame &frame, u8 verdict)
{
	switch (verdict) {
	case PD_VERDICT_ACTIVATE:
	case PD_VERDICT_LAUNDER_ACTIVATE:
		queues_.put_newest(PD_QUEUE_ACTIVE, frame);
		break;
	case PD_VERDICT_DEACTIVATE:
		queues_.put_newest(PD_QUEUE_INACTIVE, frame);
		break;
	case PD_VERDICT_DEACTIVATE_HEAD:
		if (queue == PD_QUEUE_ACTIVE)
			queues_.put_next(PD_QUEUE_INACTIVE, frame);
		else
			queues_.put_oldest(PD_QUEUE_INACTIVE, frame);
		break;
	case PD_VERDICT_REQUEUE:
		queues_.put_newest(queue, frame);
		break;
	default:
		queues_.put_back(queue, frame);
		break;
	}
}

bool Host::take_batch(Pass &pass, s64 nr, Batch &batch)
{
	batch.nr = 0;
	while (batch.nr < nr &&
	       queues_.take_next(PD_QUEUE_INACTIVE, batch.frame[batch.nr])) {
		batch.nr++;
		/* Likely of the next passes. */
		__builtin_prefetch(&pages_[queues_.page_ahead(PD_QUEUE_INACTIVE)]);
	}
	pass.scan.scanned += batch.nr;
	result_.looks_inactive += batch.nr;
	return batch.nr != 0;
}

/* A write to swap that takes no time: its page is clean, and placed like a new one. */
bool Host::is_placed_anew(const Frame &f, u8 verdict) const
{
	return options_.write_refs == 0 && verdict == PD_VERDICT_LAUNDER &&
	       (f.state.flags & PD_STATE_LAUNDERED) != 0;
}

/* Frees what is to go, puts the rest back, then starts the writes. */
void Host::act(Pass &pass, Batch &batch)
{
	pd_u64 written[2] = {}; /* to swap, to files */
	pd_u64 failed = 0;
	bool asked[2] = {};

	for (u32 i = 0; i < batch.nr; i++) {
		Frame &frame = batch.frame[i];
		const u8 verdict = batch.verdict[i];

		if (verdict == PD_VERDICT_FREE) {
			evict(frame.page);
			remember(frame.page, batch.ghost[i]);
			pass.scan.freed++;
			continue;
		}
		if (!is_launder(verdict)) {
			put_by_verdict(PD_QUEUE_INACTIVE, frame, verdict);
			continue;
		}

		const bool file = !is_swap_backed(frame.page);

		if (file && pass.scan.may_launder == 0) {
			/* The daemon's to write. */
			pass.scan.stuck++;
			queues_.put_back(PD_QUEUE_INACTIVE, frame);
			continue;
		}
		asked[file] = true;
		if (start_write(frame)) {
			written[file]++;
			if (is_placed_anew(frame, verdict))
				written_now_.push_back(frame);
			else
				put_by_verdict(PD_QUEUE_INACTIVE, frame, verdict);
		} else {
			failed++;
			/* Out of the way, unless such pages are to stay. */
			put_by_verdict(PD_QUEUE_INACTIVE, frame,
				       (marks_.cluster_flags & PD_CLUSTER_FAILED_STAYS) !=
						       0
					       ? PD_VERDICT_KEEP
					       : PD_VERDICT_ACTIVATE);
		}
	}
	if (asked[0])
		policy_.laundered(state_.get(), &pass.scan, written[0], failed);
	if (asked[1])
		policy_.laundered(state_.get(), &pass.scan, written[1], 0);
	pass.scan.laundered += written[0] + written[1];
	for (const Frame &frame : written_now_)
		place(frame, 0);
	written_now_.clear();
}

/*
 * One after the other: nothing here depends on batches, since what is beyond the quota
 * stays as it was. The kernel's counts are higher, as they are of whole batches.
 */
void Host::scan_active(Pass &pass)
{
	pd_scan &scan = pass.scan;

	Frame frame;

	queues_.begin_scan(PD_QUEUE_ACTIVE);
	while (scan.active_shortage > 0 && scan.active_max_scan > 0 &&
	       queues_.take_next(PD_QUEUE_ACTIVE, frame)) {
		__builtin_prefetch(&pages_[queues_.page_ahead(PD_QUEUE_ACTIVE)]);
		scan.active_max_scan--;
		scan.scanned++;
		result_.looks_active++;

		u32 ghost = 0;
		const u8 verdict = judge_active(pass, frame, ghost);

		if (verdict == PD_VERDICT_FREE) {
			evict(frame.page);
			remember(frame.page, ghost);
			scan.freed++;
		} else {
			put_by_verdict(PD_QUEUE_ACTIVE, frame, verdict);
		}
	}
	queues_.end_scan(PD_QUEUE_ACTIVE);
}

void Host::plan_active(Pass &pass)
{
	const pd_memory m = memory();
	pd_scan &scan = pass.scan;

	policy_.inactive_done(state_.get(), &m, &scan);
	if (pass.by == By::kTask) {
		const auto share = static_cast<s64>(m.active >> pass.priority);

		/* A task pays for its own pages, not for the aging of all. */
		scan.active_max_scan = std::min<s64>(scan.active_max_scan,
						     std::max(kTaskActiveMin, share));
	}
}

void Host::scan_inactive(Pass &pass)
{
	pd_scan &scan = pass.scan;
	Batch batch;

	queues_.begin_scan(PD_QUEUE_INACTIVE);
	while (scan.shortage > 0 && scan.max_scan > 0) {
		if (scan.refill != 0) {
			plan_active(pass);
			scan_active(pass);
		}

		const s64 nr =
			std::min({s64{PD_BATCH}, s64{scan.shortage}, s64{scan.max_scan}});

		if (!take_batch(pass, nr, batch))
			break;
		scan.max_scan -= batch.nr;
		for (u32 i = 0; i < batch.nr; i++)
			batch.verdict[i] =
				judge_inactive(pass, batch.frame[i], batch.ghost[i]);
		act(pass, batch);
		if (scan.enough != 0 && pass.by == By::kDaemon &&
		    free_pages() >= scan.enough)
			scan.shortage = 0;
	}
	queues_.end_scan(PD_QUEUE_INACTIVE);
}

/* @wanted: how many pages a task wants; the daemon's policy says so itself. */
void Host::make_pass(Pass &pass, s64 wanted)
{
	pd_scan &scan = pass.scan;

	finish_writes_until(now_);

	pd_memory m = memory();
	const bool task = pass.by == By::kTask;

	m.deficit = static_cast<pd_u64>(scan.deficit);
	m.waiters = task ? 1 : 0;
	scan.direct = task ? 1 : 0;
	scan.may_swap = m.swap_free != 0 ? 1 : 0;
	scan.may_launder = !task || !options_.daemon ? 1 : 0;
	policy_.plan(state_.get(), &m, &scan);
	if (task)
		scan.shortage = wanted;
	/* With a refill what is active now may be inactive then. */
	scan.max_scan = std::min<s64>(
		scan.max_scan,
		static_cast<s64>(m.inactive + (scan.refill != 0 ? m.active : 0)));
	if (scan.shortage > 0)
		scan_inactive(pass);
	plan_active(pass);
	scan_active(pass);
}

} // namespace pagedaemon::sim
