// SPDX-License-Identifier: GPL-2.0
/*
 * The headroom: what of the limit is kept out of the policies' reckoning, so that
 * tasks do not reach the limit before the daemon has begun to free.
 *
 *	limit ----+--  usage may get here: a stall
 *	          |    headroom
 *	          +--  "free" is 0
 *	          |    wakeup_thresh (the policy's)
 *	          +--  the daemon is woken; the burst is how far usage gets from here
 *
 * How much it takes depends on how fast the cgroup allocates and how soon the daemon
 * gets a CPU. So it is measured: from where the daemon is woken there shall be twice
 * the way to the limit that usage lately went. It begins with a guess for fast disks,
 * doubles what a task that came to the limit has shown to be too little, and gives
 * back slowly what is not used.
 */
#include "domain.h"

/* Charges come in batches of this many pages for each CPU. */
#define PD_CHARGE_BATCH 64
/* No less than tasks can take before anybody sees it, and a batch of the daemon. */
#define PD_HEADROOM_MIN (PD_CHARGE_BATCH + PD_BATCH)
/* A burst counts for about that many passes. */
#define PD_BURST_PASSES 32

/* It never takes more of the limit than this. */
static u64 pd_headroom_most(u64 limit)
{
	return limit / 16;
}

void pd_headroom_begin(struct pd_domain *dom, u64 limit)
{
	u64 first = min_t(u64, pd_headroom_most(limit),
			  4 * PD_CHARGE_BATCH * num_online_cpus());

	WRITE_ONCE(dom->headroom, first);
	WRITE_ONCE(dom->burst, (first + READ_ONCE(dom->marks.wakeup_thresh)) / 2);
	WRITE_ONCE(dom->lowest, S64_MAX);
}

void pd_headroom_see(struct pd_domain *dom, s64 left)
{
	if (left < READ_ONCE(dom->lowest))
		WRITE_ONCE(dom->lowest, left);
}

void pd_headroom_adapt(struct pd_domain *dom)
{
	u64 most = pd_headroom_most(READ_ONCE(dom->limit));
	u64 wakeup = READ_ONCE(dom->marks.wakeup_thresh);
	s64 woken_at = READ_ONCE(dom->headroom) + wakeup;
	s64 lowest = xchg(&dom->lowest, S64_MAX);
	u64 burst = READ_ONCE(dom->burst), want;

	burst -= DIV_ROUND_UP(burst, PD_BURST_PASSES);
	if (lowest < woken_at)
		burst = max_t(u64, burst, woken_at - max(lowest, 0LL));
	WRITE_ONCE(dom->burst, burst);

	want = 2 * burst > wakeup ? 2 * burst - wakeup : 0;
	WRITE_ONCE(dom->headroom, clamp_t(u64, want, min_t(u64, PD_HEADROOM_MIN, most),
					  most));
}
