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
#include <linux/kthread.h>
#include <linux/sched/mm.h>

void pd_daemon_wake(struct pd_domain *dom, int nid)
{
	struct pd_node *node = dom->nodes[nid];
	u64 limit;

	/* Needed already: it is at work, or naps as its policy told it to. */
	if (!node || READ_ONCE(node->needed))
		return;
	WRITE_ONCE(node->needed, true);
	pd_count(dom, PD_COUNT_wakeups, 1);
	if (trace_pd_wake_enabled())
		trace_pd_wake(dom->name, nid, pd_domain_free(dom, &limit),
			      READ_ONCE(dom->marks.wakeup_thresh));
	wake_up_process(node->task);
}

/*
 * Sleep for @ms, or until somebody needs memory if @listen. Naps of a policy's
 * pacing do not listen: whoever wants memory meanwhile reclaims for himself.
 */
static void pd_sleep(struct pd_node *node, u32 ms, bool listen)
{
	long timeout = ms == PD_FOREVER_MS ? MAX_SCHEDULE_TIMEOUT :
					     msecs_to_jiffies(ms);

	set_current_state(TASK_IDLE);
	while (timeout && !kthread_should_stop() && !READ_ONCE(node->nudged) &&
	       !(listen && READ_ONCE(node->needed))) {
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

/* One pass over each queue pair of the node. */
static void pd_daemon_pass(struct pd_node *node, struct pd_next *next)
{
	struct pd_domain *dom = node->domain;
	struct pd_instance *inst = pd_instance_get(dom);
	struct pd_scan scan, sum = { .pass = node->pass };
	struct pd_memory memory;
	struct pd_reclaim rc;
	struct pd_set *set;

	pd_count(dom, PD_COUNT_passes, 1);
	list_for_each_entry(set, &dom->sets, list) {
		if (!set->pairs[node->nid])
			continue;
		scan = (struct pd_scan){ .pass = node->pass };
		pd_daemon_constraints(node, &rc);
		pd_pass_run(set->pairs[node->nid], inst, &rc, PD_BY_DAEMON, &scan);
		sum.freed += scan.freed;
		sum.scanned += scan.scanned;
		sum.laundered += scan.laundered;
		sum.lock_misses += scan.lock_misses;
	}

	WRITE_ONCE(node->needed, false);
	/*
	 * Cleared before the look at memory: a wake-up that comes later is seen
	 * by the next turn of the loop.
	 */
	smp_mb();
	pd_domain_memory(dom, NULL, &memory);
	*next = (struct pd_next){};
	inst->policy->after_pass(inst->state, &memory, &sum, true, next);
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
	struct pd_set *set;
	u32 ms = PD_FOREVER_MS;

	list_for_each_entry(set, &dom->sets, list) {
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

	while (!kthread_should_stop()) {
		if (!READ_ONCE(node->needed)) {
			WRITE_ONCE(node->pass, 0);
			pd_sleep(node, ms, true);
			pd_account_cpu(dom, &cpu);
			if (kthread_should_stop())
				break;
		}
		if (!READ_ONCE(node->needed)) {
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
			ms = next.delay_ms;
		} else if (next.delay_ms) {
			pd_sleep(node, next.delay_ms, false);
		} else {
			cond_resched();
		}
	}
	pd_account_cpu(dom, &cpu);
	return 0;
}

void pd_daemons_stop(struct pd_domain *dom)
{
	int nid;

	if (!dom->nodes)
		return;
	for_each_node(nid) {
		struct pd_node *node = dom->nodes[nid];

		if (!node)
			continue;
		kthread_stop(node->task);
		put_task_struct(node->task);
		kfree(node);
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
		/* Wakers may look at it until detach has waited for them. */
		node->task = get_task_struct(task);
		dom->nodes[nid] = node;
	}
	return 0;

out_stop:
	pd_daemons_stop(dom);
	return -ENOMEM;
}

void pd_daemons_nudge(struct pd_domain *dom)
{
	int nid;

	for_each_node(nid) {
		if (!dom->nodes[nid])
			continue;
		WRITE_ONCE(dom->nodes[nid]->nudged, true);
		wake_up_process(dom->nodes[nid]->task);
	}
}

void pd_daemons_start(struct pd_domain *dom)
{
	int nid;

	for_each_node(nid)
		if (dom->nodes[nid])
			wake_up_process(dom->nodes[nid]->task);
}
