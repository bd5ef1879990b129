// SPDX-License-Identifier: GPL-2.0
/*
 * The page daemon: one kernel thread for each node of a domain, named
 * pagedaemon/CGROUP/NODE. It belongs to the root cgroup, so that it is neither
 * charged to nor throttled by the cgroup it serves.
 *
 *	asleep ──wake──► pass 1 ──► enough free? ──yes──► asleep, pass 0
 *	   ▲  tick: aging              │ no: the policy says when pass 2 begins
 *	   └──────────◄────────────────┘
 */
#include "domain.h"
#include "../hooks/hooks.h"
#include "../hooks/symbols.h"
#include "trace.h"
#include <linux/error-injection.h>
#include <linux/kthread.h>
#include <linux/sched/mm.h>

/* Passes in a row that bring nothing, until memory.low counts no more. */
#define PD_VAIN_PASSES 4

void pd_daemon_beat(struct pd_domain *dom, int nid)
{
	/* Tests make passes without daemons. */
	if (dom->nodes && dom->nodes[nid])
		WRITE_ONCE(dom->nodes[nid]->beat, jiffies);
}

void pd_daemon_wake(struct pd_domain *dom, int nid)
{
	struct pd_node *node = dom->nodes[nid];
	u64 limit;

	/* Needed already: it is at work, or naps as its policy told it to. */
	if (!node || READ_ONCE(node->needed))
		return;
	/* From now on it is expected to get on. */
	WRITE_ONCE(node->beat, jiffies);
	WRITE_ONCE(node->needed, true);
	pd_count(dom, PD_COUNT_wakeups, 1);
	if (trace_pd_wake_enabled())
		trace_pd_wake(dom->name, nid, pd_domain_free(dom, &limit),
			      READ_ONCE(dom->marks.wakeup_thresh));
	wake_up_process(node->task);
}

/*
 * The first pass in a cgroup that has filled up would adopt all of its pages before it
 * frees one, while tasks run into the limit. So most are adopted shortly before that.
 */
void pd_daemon_see_filling(struct pd_domain *dom, int nid, s64 free, u64 limit)
{
	struct pd_node *node = dom->nodes[nid];

	if (!node)
		return;
	if (free > (s64)(limit / 4)) {
		if (!READ_ONCE(node->filling))
			WRITE_ONCE(node->filling, true);
		return;
	}
	if (!READ_ONCE(node->filling) || free > (s64)(limit / 8))
		return;
	WRITE_ONCE(node->filling, false);
	/* At work it adopts anyway, and its naps are not for us to end. */
	if (READ_ONCE(node->needed))
		return;
	WRITE_ONCE(node->nudged, true);
	wake_up_process(node->task);
}

/* Detached, or its policy ejected: nobody waits for a daemon that is ejected. */
static bool pd_daemon_must_end(struct pd_node *node)
{
	return kthread_should_stop() || READ_ONCE(node->domain->ejected);
}

/*
 * Sleep until woken, for @timeout at most, or until the cgroup is to be looked at again:
 * @last and @ns are of the last look. With a headroom that was set, daemons are woken as
 * BSD's are, by who takes memory. Returns what is left of @timeout.
 */
static long pd_sleep_looking(struct pd_node *node, long timeout, s64 *last, u64 *ns)
{
	struct pd_domain *dom = node->domain;
	unsigned long from = jiffies, slept;
	u64 limit, wakeup = READ_ONCE(dom->marks.wakeup_thresh);
	s64 free = pd_domain_free(dom, &limit);
	ktime_t until;

	if (READ_ONCE(dom->knobs.headroom) != PD_AUTO)
		return schedule_timeout(timeout);
	switch (pd_headroom_ahead(dom, free - (s64)wakeup, last, ns)) {
	case PD_AHEAD_NOT:
		return schedule_timeout(timeout);
	case PD_AHEAD_PASS:
		WRITE_ONCE(node->beat, jiffies);
		node->ahead = !xchg(&node->needed, true);
		if (node->ahead)
			trace_pd_wake(dom->name, node->nid, free, wakeup);
		return timeout;
	case PD_AHEAD_LOOK:
		break;
	}
	until = ns_to_ktime(*ns);
	if (timeout < HZ)
		until = min(until, ns_to_ktime(jiffies_to_nsecs(timeout)));
	/* No matter if it is a bit later. */
	schedule_hrtimeout_range(&until, *ns / 4, HRTIMER_MODE_REL);
	if (timeout == MAX_SCHEDULE_TIMEOUT)
		return timeout;
	slept = jiffies - from;
	return slept < timeout ? timeout - slept : 0;
}

/*
 * Sleep for @ms, or until somebody needs memory if @listen. Naps of a policy's
 * pacing do not listen: whoever wants memory meanwhile reclaims for himself.
 */
static void pd_sleep(struct pd_node *node, u32 ms, bool listen)
{
	long timeout = ms == PD_FOREVER_MS ? MAX_SCHEDULE_TIMEOUT :
					     msecs_to_jiffies(ms);
	s64 last = 0;
	u64 ns = 0;

	set_current_state(TASK_IDLE);
	while (timeout && !pd_daemon_must_end(node) && !READ_ONCE(node->nudged) &&
	       !(listen && READ_ONCE(node->needed))) {
		if (listen)
			timeout = pd_sleep_looking(node, timeout, &last, &ns);
		else
			timeout = schedule_timeout(timeout);
		set_current_state(TASK_IDLE);
	}
	__set_current_state(TASK_RUNNING);
	WRITE_ONCE(node->nudged, false);
}

static void pd_daemon_constraints(struct pd_node *node, struct pd_reclaim *rc)
{
	*rc = (struct pd_reclaim){
		.target = node->domain->memcg,
		.nr_to_reclaim = ULONG_MAX,
		.gfp = GFP_KERNEL,
		.priority = 12,
		.reclaim_idx = MAX_NR_ZONES - 1,
		.may_writepage = true,
		.may_unmap = true,
		.may_swap = true,
	};
	pd_sc_make(node->sc, rc);
}

void pd_deficit_add(struct pd_domain *dom, unsigned int pages)
{
	int nid;

	pd_for_each_nid(nid)
		if (dom->nodes[nid])
			atomic_add(pages, &dom->nodes[nid]->deficit);
}

u64 pd_deficit(struct pd_domain *dom)
{
	u64 most = 0;
	int nid;

	pd_for_each_nid(nid)
		if (dom->nodes[nid])
			most = max_t(u64, most,
				     (u32)atomic_read(&dom->nodes[nid]->deficit));
	return most;
}

u64 pd_deficit_take(struct pd_node *node)
{
	u32 pages = atomic_xchg(&node->deficit, 0);

	/*
	 * Tasks count what they miss anew at each try of a charge: to have the
	 * target once over is enough. That tasks went without shows even if the
	 * policy wants nothing free.
	 */
	return min_t(u64, pages, max(node->domain->marks.free_target, 1));
}

/* Ask the kernel's caches of this cgroup for memory, once in lowmem_period. */
static void pd_kick_slab(struct pd_domain *dom, int nid)
{
	unsigned long period = READ_ONCE(dom->knobs.lowmem_period) * HZ;
	unsigned int noreclaim;

	if (time_before(jiffies, READ_ONCE(dom->last_slab_kick) + period))
		return;
	WRITE_ONCE(dom->last_slab_kick, jiffies);
	pd_count(dom, PD_COUNT_kicks_slab, 1);
	noreclaim = memalloc_noreclaim_save();
	pd_shrink_slab(GFP_KERNEL, nid, dom->memcg, 12);
	memalloc_noreclaim_restore(noreclaim);
}

/*
 * Count the pages that are program text, for policies that want to know: those
 * that an executable mapping was found of. Once in a second at most, sooner if a
 * look has found new ones: a floor that is to protect them cannot wait.
 */
static void pd_count_exec(struct pd_domain *dom)
{
	unsigned long counted = READ_ONCE(dom->exec_counted), wait = HZ;
	struct pd_set *set = NULL;
	u64 exec = 0;
	int nid;

	if (xchg(&dom->exec_found, false))
		wait = 1;
	if (time_before(jiffies, counted + wait) ||
	    cmpxchg(&dom->exec_counted, counted, jiffies) != counted)
		return;
	while ((set = pd_set_next(dom, set)))
		pd_for_each_nid(nid)
			if (set->pairs[nid])
				exec += pd_pair_count_exec(set->pairs[nid]);
	WRITE_ONCE(dom->exec, exec);
}

/*
 * How much may be taken from a cgroup below ours, by the kernel's rules: nothing
 * below memory.min; nothing below memory.low unless @low, when all others have
 * nothing left; else what is above both. Effective values come top-down, and
 * sets are in that order.
 */
static unsigned long pd_unprotected(struct pd_domain *dom, struct pd_set *set,
				    bool low)
{
	struct mem_cgroup *memcg = set->memcg;
	unsigned long usage, keep;

	mem_cgroup_calculate_protection(dom->memcg, memcg);
	if (memcg == dom->memcg)
		return ULONG_MAX;
	usage = page_counter_read(&memcg->memory);
	keep = READ_ONCE(memcg->memory.emin);
	if (!low)
		keep = max(keep, READ_ONCE(memcg->memory.elow));
	if (!keep)
		return ULONG_MAX;
	return usage > keep ? usage - keep : 0;
}

/* See who is spared in the coming pass. */
static void pd_see_protection(struct pd_domain *dom, bool low)
{
	struct pd_set *set = NULL;

	while ((set = pd_set_next(dom, set)))
		WRITE_ONCE(set->spared, !pd_unprotected(dom, set, low));
}

/* One pass over one set's pair of this node; what it did is added to @sum. */
static void pd_daemon_pass_set(struct pd_node *node, struct pd_instance *inst,
			       struct pd_set *set, bool low, struct pd_scan *sum)
{
	struct pd_pair *pair = set->pairs[node->nid];
	struct pd_scan scan = { .pass = node->pass, .deficit = sum->deficit };
	struct pd_pair_counts counts;
	struct pd_reclaim rc;

	if (!pair || READ_ONCE(set->spared))
		return;
	counts = pd_pair_counts(pair);
	if (!(counts.inactive + counts.active) && set->memcg != node->domain->memcg)
		return;
	pd_daemon_constraints(node, &rc);
	rc.nr_to_reclaim = pd_unprotected(node->domain, set, low);
	pd_pass_run(pair, inst, &rc, PD_BY_DAEMON, &scan);
	sum->freed += scan.freed;
	sum->scanned += scan.scanned;
	sum->laundered += scan.laundered;
	sum->lock_misses += scan.lock_misses;
	sum->withheld += scan.withheld;
}

/*
 * One pass over each queue pair of the node. It begins where the last one ended,
 * so that no cgroup is always the first to give (DragonFly 2131-2142).
 */
void pd_daemon_pass(struct pd_node *node, struct pd_next *next)
{
	struct pd_domain *dom = node->domain;
	struct pd_instance *inst = pd_instance_get(dom);
	struct pd_scan sum = {
		.pass = node->pass,
		.deficit = pd_deficit_take(node),
	};
	struct pd_set *set = NULL;
	struct pd_memory memory;
	u64 first = node->first, second = U64_MAX;
	bool low = node->vain >= PD_VAIN_PASSES;
	int turn;	/* 0: from there to the end; 1: the rest */

	pd_count(dom, PD_COUNT_passes, 1);
	pd_ghosts_fit(inst, READ_ONCE(dom->limit));
	pd_see_protection(dom, low);
	if (inst->policy->flags & PD_POLICY_EXEC)
		pd_count_exec(dom);
	for (turn = 0; turn < 2; turn++) {
		while ((set = pd_set_next(dom, set))) {
			bool behind = set->seq < first;

			if (behind != turn)
				continue;
			if (set->seq > first)
				second = min(second, set->seq);
			pd_daemon_pass_set(node, inst, set, low, &sum);
			cond_resched();
		}
	}
	/* The last one has had its turn: from the beginning. */
	node->first = second == U64_MAX ? 0 : second;
	/* As the kernel: memory.low gives way when there is nothing else. */
	node->vain = sum.freed || sum.laundered ? 0 : node->vain + 1;

	pd_headroom_adapt(dom, sum.freed, ktime_get_ns());
	pd_count(dom, PD_COUNT_ahead_passes, node->ahead);
	node->ahead = false;
	WRITE_ONCE(node->needed, false);
	/*
	 * Cleared before the look at memory: a wake-up that comes later is seen
	 * by the next turn of the loop.
	 */
	smp_mb();
	pd_domain_memory(dom, NULL, &memory);
	*next = (struct pd_next){};
	if (!pd_is_condemned(dom)) {
		inst->policy->after_pass(inst->state, &memory, &sum, true, next);
		pd_check_pass(node, &sum, next);
	}
	if (next->flags & PD_NEXT_NEEDED)
		WRITE_ONCE(node->needed, true);

	if (next->flags & PD_NEXT_KICK_WRITEBACK) {
		pd_count(dom, PD_COUNT_kicks_writeback, 1);
		pd_wakeup_flusher_threads(WB_REASON_VMSCAN);
	}
	if (next->flags & PD_NEXT_KICK_SLAB)
		pd_kick_slab(dom, node->nid);
	if ((next->flags & PD_NEXT_WAKE_WAITERS) &&
	    wq_has_sleeper(&dom->progress)) {
		atomic_inc(&dom->freed_seq);
		wake_up_all(&dom->progress);
	}
	pd_instance_put(inst);
}

/* Aging while nobody needs memory; returns milliseconds to the next time. */
static u32 pd_daemon_idle(struct pd_node *node, u64 elapsed_ms)
{
	struct pd_domain *dom = node->domain;
	struct pd_instance *inst = pd_instance_get(dom);
	struct pd_memory memory;
	struct pd_reclaim rc;
	struct pd_set *set = NULL;
	u32 ms = PD_FOREVER_MS;

	while ((set = pd_set_next(dom, set))) {
		struct pd_pair *pair = set->pairs[node->nid];
		struct pd_scan scan = {};

		if (!pair)
			continue;
		/* What came since the last time is to age, too. */
		if (elapsed_ms) {
			pd_pair_reopt(pair);
			pd_pair_adopt(pair);
		}
		pd_domain_memory(dom, pair, &memory);
		ms = min(ms, inst->policy->idle(inst->state, &memory, elapsed_ms,
						&scan));
		if (scan.active_max_scan <= 0)
			continue;
		pd_count(dom, PD_COUNT_idle_passes, 1);
		pd_daemon_constraints(node, &rc);
		pd_pass_age(pair, inst, &rc, &scan);
	}
	pd_instance_put(inst);
	return ms;
}

/*
 * Memory can go without a page being listed, which is when the daemon is woken else:
 * to page tables, to the kernel's own objects. Some policies look at each tick, too
 * (DragonFly 2075-2083).
 */
static bool pd_tick_is_pass(struct pd_domain *dom)
{
	struct pd_instance *inst = pd_instance_get(dom);
	struct pd_memory memory;
	bool needed = false;

	if (inst->policy->flags & PD_POLICY_TICKS) {
		pd_domain_memory(dom, NULL, &memory);
		needed = inst->policy->needs_scan(inst->state, &memory);
	}
	pd_instance_put(inst);
	return needed;
}

static void pd_account_cpu(struct pd_domain *dom, u64 *last)
{
	u64 now = current->se.sum_exec_runtime;

	pd_count(dom, PD_COUNT_daemon_cpu_us, (now - *last) / NSEC_PER_USEC);
	*last += (now - *last) / NSEC_PER_USEC * NSEC_PER_USEC;
}

static int pd_daemon(void *data)
{
	struct pd_node *node = data;
	struct pd_domain *dom = node->domain;
	unsigned long last = jiffies;
	u64 cpu = current->se.sum_exec_runtime;
	struct pd_next next = {};
	u32 ms;

	/* Its writes must not be throttled for dirt that it is there to clean. */
	current->flags |= PF_LOCAL_THROTTLE;
	ms = pd_daemon_idle(node, 0);

	while (!pd_daemon_must_end(node)) {
		WRITE_ONCE(node->beat, jiffies);
		if (!READ_ONCE(node->needed)) {
			WRITE_ONCE(node->pass, 0);
			pd_sleep(node, ms, true);
			pd_account_cpu(dom, &cpu);
			if (pd_daemon_must_end(node))
				break;
		}
		if (!READ_ONCE(node->needed) && !pd_tick_is_pass(dom)) {
			ms = pd_daemon_idle(node,
					    jiffies_to_msecs(jiffies - last));
			last = jiffies;
			continue;
		}
		/* A wake-up out of idleness is the first pass. */
		WRITE_ONCE(node->pass, max(next.pass, 1u));
		pd_daemon_pass(node, &next);
		last = jiffies;
		pd_account_cpu(dom, &cpu);
		if (!(next.flags & PD_NEXT_NEEDED)) {
			next.pass = 0;
			node->vain = 0;
			ms = next.delay_ms;
		} else if (next.delay_ms) {
			pd_count(dom, PD_COUNT_pauses, 1);
			pd_count(dom, PD_COUNT_pauses_us,
				 (u64)next.delay_ms * USEC_PER_MSEC);
			pd_sleep(node, next.delay_ms, false);
		} else {
			cond_resched();
		}
	}
	pd_account_cpu(dom, &cpu);
	return 0;
}

bool pd_daemon_is_current(struct pd_domain *dom)
{
	const struct pd_node *node;

	if (!(current->flags & PF_KTHREAD) || kthread_func(current) != pd_daemon)
		return false;
	node = kthread_data(current);
	return node->domain == dom;
}

bool pd_daemon_is_ending(struct pd_domain *dom)
{
	return pd_daemon_is_current(dom) && kthread_should_stop();
}

void pd_daemons_stop(struct pd_domain *dom)
{
	int nid;

	pd_for_each_nid(nid)
		if (dom->nodes[nid])
			kthread_stop(dom->nodes[nid]->task);
}

void pd_daemons_free(struct pd_domain *dom)
{
	int nid;

	if (!dom->nodes)
		return;
	pd_for_each_nid(nid) {
		if (!dom->nodes[nid])
			continue;
		put_task_struct(dom->nodes[nid]->task);
		kfree(dom->nodes[nid]);
	}
	kfree(dom->nodes);
	dom->nodes = NULL;
}

int pd_daemons_create(struct pd_domain *dom)
{
	int nid;

	dom->nodes = kcalloc(nr_node_ids, sizeof(*dom->nodes), GFP_KERNEL);
	if (!dom->nodes)
		return -ENOMEM;

	for_each_node_state(nid, N_MEMORY) {
		struct pd_node *node = kzalloc(sizeof(*node), GFP_KERNEL);
		struct task_struct *task;

		if (!node)
			goto out_stop;
		node->domain = dom;
		node->nid = nid;
		task = kthread_create_on_node(pd_daemon, node, nid,
					      "pagedaemon/%s/%d", dom->name, nid);
		if (IS_ERR(task)) {
			kfree(node);
			goto out_stop;
		}
		/*
		 * As on BSD (PVM) before any user's process: what it comes too late for,
		 * tasks do themselves, and wait.
		 */
		set_user_nice(task, MIN_NICE);
		/* Wakers may look at it until detach has waited for them. */
		node->task = get_task_struct(task);
		dom->nodes[nid] = node;
	}
	return 0;

out_stop:
	pd_daemons_stop(dom);
	pd_daemons_free(dom);
	return -ENOMEM;
}

ALLOW_ERROR_INJECTION(pd_daemons_create, ERRNO);

void pd_daemons_nudge(struct pd_domain *dom)
{
	int nid;

	pd_for_each_nid(nid) {
		if (!dom->nodes[nid])
			continue;
		WRITE_ONCE(dom->nodes[nid]->nudged, true);
		wake_up_process(dom->nodes[nid]->task);
	}
}

void pd_daemons_start(struct pd_domain *dom)
{
	int nid;

	pd_for_each_nid(nid)
		if (dom->nodes[nid])
			wake_up_process(dom->nodes[nid]->task);
}
