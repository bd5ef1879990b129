/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What FreeBSD's and DragonFly's page daemons have in common: both descend from
 * the one of FreeBSD 4, and treat a dirty page alike. "FreeBSD 1121" and
 * "DragonFly 1020" are lines of their sys/vm/vm_pageout.c; bNN is the number of a
 * behaviour in docs/behaviours.md.
 */
#ifndef PAGEDAEMON_POLICY_BSD_HH
#define PAGEDAEMON_POLICY_BSD_HH

#include "formulas.hh"

namespace pagedaemon
{
/* Unnamed for the reason that formulas.hh gives. */
namespace // NOLINT(cert-dcl59-cpp,google-build-namespaces)
{

/* FreeBSD 965, DragonFly 776: once the first pass has failed there is no frugality. */
inline constexpr pd_s64 kMaxLaunderAllOut = 10000;
/* Two accesses to an unmapped page make it active, as in Linux itself. */
inline constexpr pd_u8 kSoftRefsToActivate = 2;

/* struct pd_scan.scratch */
enum Scratch {
	kCharged,    /* pages charged for verdicts not yet settled */
	kSwapOkay,   /* the knobs let dirty pages go to swap */
	kScratchOwn, /* from here on a policy's own */
};

/* What plan() has to say about dirty pages (b40, b42). */
inline void plan_laundry(pd_scan &scan, pd_s64 budget, bool swap_okay)
{
	scan.launder_budget = scan.pass > 1 ? kMaxLaunderAllOut : budget;
	/* The sources look anew for each page; a pass is a short time. */
	scan.scratch[kSwapOkay] = swap_okay ? 1 : 0;
	scan.scratch[kCharged] = 0;
}

/* A reference was seen on the inactive queue (b29). */
inline pd_decision reactivate(pd_page_state &page, pd_u32 delta)
{
	page.act_count = act_raised(act_started(page.act_count), delta + kActAdvance);
	return decide(PD_VERDICT_ACTIVATE, PD_REASON_REFERENCED);
}

/* A page of the inactive queue that nobody refers to or holds (b27, b36, b39-b43). */
inline pd_decision launder(const pd_view &view, pd_page_state &page, pd_scan &scan)
{
	const pd_s64 size = size_of(view);

	/*
	 * FreeBSD 1121-1137, DragonFly 1020-1043 (b39): cheaper pages first. The
	 * first pass is 0 in DragonFly.
	 */
	if ((page.flags & PD_STATE_SECOND_LAP) == 0 && scan.pass < 2) {
		page.flags |= PD_STATE_SECOND_LAP;
		return decide(PD_VERDICT_REQUEUE, PD_REASON_SECOND_LAP);
	}
	/* FreeBSD 1138, 1297, DragonFly 1044 (b40): stays in front, for the next scan. */
	if (scan.launder_budget <= 0)
		return decide(PD_VERDICT_KEEP, PD_REASON_BUDGET);

	/* FreeBSD 1150-1170, DragonFly 1055-1089 (b42). */
	if (is_swap_backed(view) &&
	    (scan.may_swap == 0 || scan.scratch[kSwapOkay] == 0)) {
		credit(scan.addl_shortage, size);
		return decide(PD_VERDICT_REQUEUE, PD_REASON_SWAP_DEFERRED);
	}
	if (has(view, PD_PAGE_DEAD))
		return decide(PD_VERDICT_REQUEUE, PD_REASON_DEAD);

	/* FreeBSD 1198-1220, DragonFly 1117-1141 (b43). */
	if (has(view, PD_PAGE_LOCK_MISS)) {
		credit(scan.lock_misses, 1);
		return decide(PD_VERDICT_KEEP, PD_REASON_LOCK_MISS);
	}
	/*
	 * FreeBSD 1277-1280, DragonFly 1215-1216 (b41): a page on its way to be clean
	 * counts as freed. Charged here, so that a batch of verdicts cannot ask for
	 * more than is wanted; settle_laundry() puts it right. A task that leaves the
	 * writing to the daemon gets nothing from it.
	 */
	if (is_swap_backed(view) || scan.may_launder != 0) {
		charge(scan.shortage, size);
		charge(scan.launder_budget, size);
		credit(scan.scratch[kCharged], size);
	}
	return decide(PD_VERDICT_LAUNDER, PD_REASON_DIRTY);
}

/* FreeBSD 1107-1120, DragonFly 1006-1020 (b27, b36). */
inline pd_decision reclaim(const pd_view &view, pd_page_state &page, pd_scan &scan)
{
	if (has(view, PD_PAGE_DIRTY))
		return launder(view, page, scan);
	charge(scan.shortage, size_of(view));
	return decide(PD_VERDICT_FREE,
		      is_invalid(view) ? PD_REASON_INVALID : PD_REASON_CLEAN);
}

/*
 * b41: what was written counts, neighbours in the cluster included; what could
 * not be written, or was refused, does not. May come once for a batch, or for
 * each cluster: what verdicts charged is given back at the first call.
 */
inline void settle_laundry(pd_scan &scan, pd_u64 written)
{
	const pd_s64 owed = owed_for(written, scan.scratch[kCharged]);

	charge(scan.shortage, owed);
	charge(scan.launder_budget, owed);
}

/* vm_page_deactivate() forgets the first lap (b39). */
inline void forget_lap(pd_page_state &page)
{
	page.flags &= static_cast<pd_u8>(~PD_STATE_SECOND_LAP);
}

} // namespace
} // namespace pagedaemon

#endif
