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
 * gets a CPU. So both are measured: from where the daemon is woken there shall be twice
 * the way to the limit that usage lately went, and no less than the cgroup takes, at its
 * present rate, while a daemon waits for its CPU a tick longer than it used to. It begins
 * with a guess for fast disks, doubles what a task that came to the limit has shown to be
 * too little, and gives back slowly what is not used.
 */
#include "domain.h"
#include <linux/math64.h>

/* Charges come in batches of this many pages for each CPU. */
#define PD_CHARGE_BATCH 64
/* No less than tasks can take before anybody sees it, and a batch of the daemon. */
#define PD_HEADROOM_MIN (PD_CHARGE_BATCH + PD_BATCH)
/* A burst counts for about that many passes. */
#define PD_BURST_PASSES 32
/* How late a daemon may come that is woken in time: a tick of 250 a second. */
#define PD_LATE_NS (4 * NSEC_PER_MSEC)
/* A cgroup that takes nothing for so long need not be looked at. */
#define PD_LOOK_MOST_NS (100 * NSEC_PER_MSEC)
/* The rate follows by a part in so many of each sample. */
#define PD_RATE_SAMPLES 8

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

/*
 * Pages that the cgroup takes in PD_LATE_NS. What passes free is what is taken, over
 * time. A sample is no shorter than that: the daemons of several nodes end their passes
 * as it happens. Who races with another one may count his pages in the next sample, or
 * take back a sample of the other's.
 */
static u64 pd_headroom_rate(struct pd_domain *dom, u64 freed, u64 now)
{
	u64 then = READ_ONCE(dom->sampled), rate = READ_ONCE(dom->rate), sample;

	atomic64_add(freed, &dom->taken);
	if (now < then + PD_LATE_NS || cmpxchg(&dom->sampled, then, now) != then)
		return rate / PD_RATE_SAMPLES;
	sample = min_t(u64, atomic64_xchg(&dom->taken, 0), U32_MAX);
	rate -= DIV_ROUND_UP(rate, PD_RATE_SAMPLES);
	rate += div64_u64(sample * PD_LATE_NS, now - then);
	WRITE_ONCE(dom->rate, rate);
	return rate / PD_RATE_SAMPLES;
}

void pd_headroom_adapt(struct pd_domain *dom, u64 freed, u64 now)
{
	u64 most = pd_headroom_most(READ_ONCE(dom->limit));
	u64 wakeup = READ_ONCE(dom->marks.wakeup_thresh);
	s64 woken_at = READ_ONCE(dom->headroom) + wakeup;
	s64 lowest = xchg(&dom->lowest, S64_MAX);
	u64 burst = READ_ONCE(dom->burst), rate = pd_headroom_rate(dom, freed, now), want;

	burst -= DIV_ROUND_UP(burst, PD_BURST_PASSES);
	if (lowest < woken_at)
		burst = max_t(u64, burst, woken_at - max(lowest, 0LL));
	WRITE_ONCE(dom->burst, burst);

	/* Who wakes it may have taken a batch before. */
	want = max(2 * burst, PD_CHARGE_BATCH + rate);
	want = want > wakeup ? want - wakeup : 0;
	WRITE_ONCE(dom->headroom, clamp_t(u64, want, min_t(u64, PD_HEADROOM_MIN, most),
					  most));
}

enum pd_ahead pd_headroom_ahead(struct pd_domain *dom, s64 left, s64 *last_left, u64 *ns)
{
	u64 rate = READ_ONCE(dom->rate) / PD_RATE_SAMPLES, last_ns = *ns;
	s64 last = *last_left;

	if (left <= 0 || !rate || rate > PD_CHARGE_BATCH)
		return PD_AHEAD_NOT;
	/* Right after a pass that is what its policy wants, and no look would come in time. */
	if (left < PD_CHARGE_BATCH)
		return last_ns ? PD_AHEAD_PASS : PD_AHEAD_NOT;
	*last_left = left;
	*ns = div64_u64(left / 2 * PD_LATE_NS, rate);
	if (last_ns && left >= last)
		*ns = max(*ns, 2 * last_ns);
	return *ns > PD_LOOK_MOST_NS ? PD_AHEAD_NOT : PD_AHEAD_LOOK;
}
