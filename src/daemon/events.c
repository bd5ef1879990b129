// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel tells us: a folio was listed, a task wants memory, a cgroup
 * goes away. Everything here starts with finding the domain, and must cost next
 * to nothing where there is none.
 *
 * Who may still be inside when a set ends: insertion probes (they run with
 * preemption off: synchronize_rcu() waits for them) and passes (counted in
 * set->inflight, raised under RCU before they sleep).
 */
#include "domain.h"
#include "../hooks/hooks.h"
#include "../hooks/symbols.h"
#include "trace.h"
#include <linux/sched/signal.h>

/* How long a task waits for the daemon's writes before it tries again. */
#define PD_WAIT_FOR_WRITES (HZ / 10)

static bool pd_by_shrinker(void)
{
	return pd_hooks_mode() == PD_HOOK_SHRINKER;
}

static notrace bool pd_attached(struct lruvec *lruvec)
{
	bool attached;

	rcu_read_lock();
	attached = pd_set_find(lruvec_memcg(lruvec));
	rcu_read_unlock();
	return attached;
}

/* Enter a set for a pass; NULL if there is none (any more). */
static struct pd_pair *pd_enter(struct mem_cgroup *memcg, int nid)
{
	struct pd_pair *pair = NULL;
	struct pd_set *set;

	rcu_read_lock();
	set = pd_set_find(memcg);
	if (set && pd_set_enter(set)) {
		pair = set->pairs[nid];
		if (!pair)
			pd_set_leave(set);
	}
	rcu_read_unlock();
	return pair;
}

/* The pass number a task works with: the kernel's priority says how hard it is. */
static u32 pd_task_pass(struct pd_domain *dom, int priority)
{
	return 1 + clamp(12 - priority, 0, 12);
}

/*
 * Dirty or busy pages were all there was. The daemon writes; let it, instead of
 * spinning through the kernel's retries to an early OOM kill.
 */
static void pd_wait_for_progress(struct pd_pair *pair)
{
	struct pd_domain *dom = pair->domain;
	int seq = atomic_read(&dom->freed_seq);

	pd_daemon_wake(dom, pair->nid);
	wait_event_killable_timeout(dom->progress,
				    atomic_read(&dom->freed_seq) != seq ||
				    READ_ONCE(pair->set->dead),
				    PD_WAIT_FOR_WRITES);
}

static bool pd_may_wait(void)
{
	return !(current->flags & PF_KTHREAD) && !fatal_signal_pending(current);
}

/* A task's pass: shared by both ways in. */
static unsigned long pd_task_reclaim(struct pd_pair *pair, struct pd_reclaim *rc)
{
	struct pd_domain *dom = pair->domain;
	struct pd_instance *inst = pd_instance_get(dom);
	struct pd_scan scan = { .pass = pd_task_pass(dom, rc->priority) };
	u64 begin = ktime_get_ns();
	unsigned long freed;

	/* memory.reclaim and global reclaim want pages, but no task is short. */
	bool waits = rc->target && !rc->proactive;

	if (waits) {
		atomic_inc(&dom->waiters);
		pd_headroom_see(dom, 0);
	}
	pd_count(dom, PD_COUNT_direct_passes, 1);

	freed = pd_pass_run(pair, inst, rc, PD_BY_TASK, &scan);
	if (!freed && waits)
		pd_check_stall(dom);
	/* Until all is the kernel's again, without the policy. */
	if (!freed && pd_is_condemned(dom)) {
		freed = pd_pass_force(pair, rc);
	} else if (!freed && rc->priority <= PD_DESPERATE_PRIORITY) {
		/*
		 * A daemon that paces itself (Mach) may have come to none of the
		 * dirty pages yet: it goes on while we wait, and what it has
		 * cleaned is the better choice.
		 */
		if (waits && scan.stuck && pd_may_wait()) {
			pd_wait_for_progress(pair);
			scan = (struct pd_scan){ .pass = pd_task_pass(dom, rc->priority) };
			freed = pd_pass_run(pair, inst, rc, PD_BY_TASK, &scan);
		}
		if (!freed)
			freed = pd_pass_force(pair, rc);
	}
	if (waits) {
		if (freed < rc->nr_to_reclaim)
			pd_deficit_add(dom, rc->nr_to_reclaim - freed);
		pd_daemon_wake(dom, pair->nid);
		if (!freed && (scan.stuck || scan.laundered) &&
		    rc->priority < 10 && pd_may_wait())
			pd_wait_for_progress(pair);
		atomic_dec(&dom->waiters);
	}
	pd_instance_put(inst);
	pd_count(dom, PD_COUNT_direct_us, (ktime_get_ns() - begin) / 1000);
	/* The kernel's reclaim counted what it was handed; the rest is ours. */
	if (scan.scanned > freed)
		pd_sc_add_scanned(rc->sc, scan.scanned - freed);
	return freed;
}

/*
 * The cgroup was found, and its pages are yet to be put where we find them. A few
 * holds of lru_lock, by somebody who waits for nobody: for tasks of any kind.
 */
static void pd_wait_for_attach(struct pd_pair *pair)
{
	if (unlikely(!READ_ONCE(pair->open)))
		wait_event_killable_timeout(pair->domain->progress,
					    READ_ONCE(pair->open) ||
					    READ_ONCE(pair->set->dead),
					    PD_WAIT_FOR_WRITES);
}

/* Global reclaim takes from every cgroup by its size; so from us. */
static void pd_limit_to_share(struct pd_pair *pair, struct pd_reclaim *rc)
{
	struct pd_pair_counts counts;
	unsigned long share;

	if (rc->target)
		return;
	counts = pd_pair_counts(pair);
	share = (counts.inactive + counts.active) >> clamp(rc->priority, 0, 12);
	rc->nr_to_reclaim = min(rc->nr_to_reclaim, max(share, SWAP_CLUSTER_MAX));
}

/*
 * The cgroup is being handed back just now: some of its pages are out of the
 * kernel's sight, which would take the cgroup for empty and kill. Wait; the next
 * try finds them on the kernel's lists. False: it has no set, or its daemon asks,
 * for whose end detach waits.
 *
 * A daemon that is still in this set may wait for a lock of a file system. Who may
 * have one (no __GFP_FS) waits a moment only: at worst a try of his brings nothing.
 *
 * The last step takes the cgroup_mutex. Who has it, making a cgroup whose memory is
 * charged to this one, takes that step himself.
 */
static bool pd_wait_for_detach(struct mem_cgroup *memcg, gfp_t gfp)
{
	long timeout = gfp & __GFP_FS ? MAX_SCHEDULE_TIMEOUT : PD_WAIT_FOR_WRITES;
	struct pd_set *set;

	rcu_read_lock();
	set = pd_set_find(memcg);
	if (set && pd_daemon_is_current(set->domain))
		set = NULL;
	if (set)
		atomic_inc(&set->at_gate);
	rcu_read_unlock();
	if (!set)
		return false;

	if (pd_cgroup_lock_is_mine()) {
		wait_event_killable_timeout(set->domain->progress,
					    READ_ONCE(set->listed), timeout);
		if (READ_ONCE(set->listed))
			pd_set_to_mglru(set);
	} else {
		wait_event_killable_timeout(set->domain->progress,
					    READ_ONCE(set->closed), timeout);
	}
	rcu_read_lock();
	if (atomic_dec_and_test(&set->at_gate))
		wake_up_all(&set->domain->idle);
	rcu_read_unlock();
	return true;
}

static bool pd_reclaim(struct lruvec *lruvec, struct pd_reclaim *rc)
{
	struct pd_pair *pair = pd_enter(lruvec_memcg(lruvec),
					lruvec_pgdat(lruvec)->node_id);
	unsigned long freed;

	if (!pair)
		return pd_wait_for_detach(lruvec_memcg(lruvec), rc->gfp);

	pd_wait_for_attach(pair);
	pd_limit_to_share(pair, rc);
	if (rc->nr_to_reclaim) {
		freed = pd_task_reclaim(pair, rc);
		pd_sc_add_reclaimed(rc->sc, freed);
	}
	pd_set_leave(pair->set);
	return true;
}

/* Has the policy reasons of its own to begin? */
static bool pd_policy_wakes(struct pd_domain *dom)
{
	struct pd_instance *inst;
	struct pd_memory memory;
	bool wakes = false;

	rcu_read_lock();
	inst = rcu_dereference(dom->inst);
	if (inst->policy->flags & PD_POLICY_WAKES) {
		pd_domain_memory(dom, NULL, &memory);
		wakes = inst->policy->needs_scan(inst->state, &memory);
	}
	rcu_read_unlock();
	return wakes;
}

/* Less free than the daemon wants to see? Wake it. @ask the policy, too. */
static void pd_check_margin(struct pd_domain *dom, int nid, bool ask)
{
	u64 limit;
	s64 free = pd_domain_free(dom, &limit);

	if (free < (s64)READ_ONCE(dom->marks.wakeup_thresh) ||
	    unlikely(limit != READ_ONCE(dom->limit)) ||
	    (ask && !READ_ONCE(dom->nodes[nid]->needed) && pd_policy_wakes(dom)))
		pd_daemon_wake(dom, nid);
	else
		pd_daemon_see_filling(dom, nid, free, limit);
}

/*
 * The pair that a folio belongs to. Probes run with preemption off, under a
 * lru_lock: that is an RCU read-side section, and almost all calls end with the
 * first look.
 */
static __always_inline struct pd_pair *pd_pair_of(struct folio *folio)
{
	struct pd_set *set = pd_set_find(folio_memcg(folio));

	if (likely(!set) || READ_ONCE(set->dead))
		return NULL;
	return set->pairs[folio_nid(folio)];
}

/* Pages between two looks at the margin, on one CPU. */
#define PD_MARGIN_STRIDE 16
/* And between two questions to the policy, which cost more. */
#define PD_POLICY_STRIDE 256

/*
 * A folio is left where the kernel put it, for the next pass to adopt: most
 * pages of a cgroup that is far from its limit are freed before. Where the
 * kernel's own scan goes first (hook=shrinker), it must not find them there.
 */
static void pd_inserted(struct folio *folio)
{
	struct pd_pair *pair = pd_pair_of(folio);
	struct pd_domain *dom;
	long pages;
	u64 seen;

	if (likely(!pair))
		return;
	dom = pair->domain;
	pages = folio_nr_pages(folio);
	pd_state_begin(folio, pd_state_of(folio_pfn(folio)));
	if (folio_test_workingset(folio))
		pd_count(dom, PD_COUNT_refaults, pages);
	if (trace_pd_insert_enabled())
		trace_pd_insert(dom->name, pd_folio_id(folio), folio_pfn(folio),
				pages, pd_folio_type(folio, false),
				folio_test_workingset(folio));
	if (pd_by_shrinker())
		pd_pair_adopt_one(pair, folio);

	seen = this_cpu_add_return(dom->counters->v[PD_COUNT_inserted], pages);
	if ((seen & (PD_MARGIN_STRIDE - 1)) < pages)
		pd_check_margin(dom, pair->nid,
				(seen & (PD_POLICY_STRIDE - 1)) < pages);
}

static void pd_activated(struct folio *folio)
{
	struct pd_pair *pair = pd_pair_of(folio);

	if (likely(!pair))
		return;
	pd_count(pair->domain, PD_COUNT_activations_seen, folio_nr_pages(folio));
	if (pd_by_shrinker())
		pd_pair_adopt_one(pair, folio);
}

static bool pd_is_known(struct mem_cgroup *memcg)
{
	bool known;

	rcu_read_lock();
	known = pd_set_find(memcg);
	rcu_read_unlock();
	return known;
}

/*
 * Is it a daemon that asks the kernel's caches for memory, and so us as well? Its own
 * passes take from the queues: there is nothing more to be had here.
 */
static bool pd_asks_itself(struct mem_cgroup *memcg)
{
	struct pd_set *set;
	bool itself;

	rcu_read_lock();
	set = pd_set_find(memcg);
	itself = set && pd_daemon_is_current(set->domain);
	rcu_read_unlock();
	return itself;
}

static unsigned long pd_shrink_count(struct mem_cgroup *memcg, int nid)
{
	struct pd_pair_counts counts;
	struct pd_pair *pair;
	unsigned long n = 0;

	if (pd_asks_itself(memcg))
		return 0;
	pair = pd_enter(memcg, nid);
	/* Being handed back: have the kernel come, and wait. */
	if (!pair)
		return pd_by_shrinker() && pd_is_known(memcg) ? PD_BATCH * 2 : 0;
	/* The kernel is reclaiming here: memory is low, whoever does the work. */
	pd_daemon_wake(pair->domain, nid);
	if (pd_by_shrinker()) {
		counts = pd_pair_counts(pair);
		n = counts.inactive + counts.active;
	}
	pd_set_leave(pair->set);
	return n;
}

static unsigned long pd_shrink_scan(struct mem_cgroup *memcg, int nid,
				    unsigned long nr, gfp_t gfp)
{
	struct scan_control *sc = pd_sc_current();
	u64 storage[PD_SC_BYTES / sizeof(u64)];
	struct pd_reclaim rc = {
		.target = memcg,
		.nr_to_reclaim = min_t(unsigned long, nr, SWAP_CLUSTER_MAX),
		.gfp = gfp,
		.priority = 12,
		.reclaim_idx = MAX_NR_ZONES - 1,
		.may_writepage = (gfp & (__GFP_IO | __GFP_FS)) == (__GFP_IO | __GFP_FS),
		.may_unmap = true,
		.may_swap = gfp & __GFP_IO,
	};
	struct pd_pair *pair;
	unsigned long freed;

	pair = pd_enter(memcg, nid);
	if (!pair) {
		pd_wait_for_detach(memcg, gfp);
		return ~0UL;
	}
	pd_wait_for_attach(pair);
	/*
	 * memcg reclaim does not count what a shrinker frees (since 6.4), and
	 * would go on until the cgroup is empty: tell it ourselves.
	 */
	if (sc) {
		pd_sc_read(sc, &rc);
		pd_limit_to_share(pair, &rc);
	} else {
		pd_sc_make(storage, &rc);
	}
	freed = rc.nr_to_reclaim ? pd_task_reclaim(pair, &rc) : 0;
	if (sc)
		pd_sc_add_reclaimed(sc, freed);
	pd_set_leave(pair->set);
	return freed ?: ~0UL;
}

/* A cgroup comes: it is ours if its parent is. */
static void pd_memcg_online(struct mem_cgroup *memcg)
{
	struct mem_cgroup *parent = parent_mem_cgroup(memcg);

	rcu_read_lock();
	if (parent && pd_set_find(parent))
		pd_control_tree_changed();
	rcu_read_unlock();
}

static void pd_memcg_offline(struct mem_cgroup *memcg)
{
	rcu_read_lock();
	if (pd_set_find(memcg) || atomic_read(&pd_nr_ejected))
		pd_control_tree_changed();
	rcu_read_unlock();
}

const struct pd_hook_client pd_daemon_hooks = {
	.attached = pd_attached,
	.reclaim = pd_reclaim,
	.inserted = pd_inserted,
	.activated = pd_activated,
	.shrink_count = pd_shrink_count,
	.shrink_scan = pd_shrink_scan,
	.memcg_online = pd_memcg_online,
	.memcg_offline = pd_memcg_offline,
};
