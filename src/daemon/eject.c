// SPDX-License-Identifier: GPL-2.0
/*
 * Ejection: the end of a policy that endangers the host. Whoever sees why condemns
 * the domain, from any context; from then on nobody asks the policy any more, and
 * tasks take what the kernel will let go. A worker of control then hands all pages
 * back, without waiting for anybody: a daemon may be stuck in a file system for ever.
 *
 *	ruling -pd_condemn()-> condemned -worker: pd_domain_eject()-> ejected
 *
 * What is checked here costs a few instructions for each verdict, plan or pass. It
 * cannot help against a verb that never returns, or that writes where it must not:
 * policies are code of the kernel.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "domain.h"
#include "../hooks/hooks.h"
#include <linux/mm.h>

/* Passes in a row without any progress, until a policy is ended. */
#define PD_FRUITLESS_PASSES 12
/*
 * Or whatever it says of its reasons: pages that the kernel took by force, as many as the
 * cgroup uses, or so many, while the policy let go of none.
 */
#define PD_FORCED_PAGES 16384
/* Without a pause between them; the first few are in the sources, too. */
#define PD_RESTLESS_PASSES 64

/* The greatest cluster that a knob can set. */
#define PD_MOST_CLUSTER 64

#define PD_FAULT_TEXT(id, text) text,
static const char *const pd_fault_texts[] = { PD_FAULTS(PD_FAULT_TEXT) };

/* How long a daemon may stand still while tasks want memory; 0: for ever. */
unsigned int pd_stall_seconds = 120;

/* Their cgroups are in no table that the hooks look into. */
atomic_t pd_nr_ejected = ATOMIC_INIT(0);

const char *pd_fault_text(enum pd_fault fault)
{
	return pd_fault_texts[fault];
}

void pd_condemn(struct pd_domain *dom, enum pd_fault fault, const char *detail)
{
	if (READ_ONCE(dom->fault) ||
	    cmpxchg(&dom->fault, PD_FAULT_NONE, fault) != PD_FAULT_NONE)
		return;
	pr_warn_ratelimited("%s: policy %s is to be ejected: %s%s%s\n", dom->name,
			    pd_domain_policy(dom)->name, pd_fault_texts[fault],
			    detail ? ": " : "", detail ?: "");
	pd_control_tree_changed();
}

static bool pd_may_launder(const struct pd_view *view)
{
	return !(view->flags & (PD_PAGE_BUSY | PD_PAGE_WRITEBACK | PD_PAGE_HELD |
				PD_PAGE_UNEVICTABLE | PD_PAGE_LOCK_MISS));
}

static void pd_check_state(struct pd_domain *dom, struct pd_page_state *page)
{
	if (likely(page->act_count <= PD_ACT_COUNT_MAX))
		return;
	page->act_count = PD_ACT_COUNT_MAX;
	pd_condemn(dom, PD_FAULT_STATE, NULL);
}

struct pd_decision pd_validate_closely(struct pd_domain *dom, enum pd_queue_id queue,
				       const struct pd_view *view,
				       struct pd_page_state *page,
				       struct pd_decision decision)
{
	const bool launder = pd_is_launder(decision.verdict);

	pd_check_state(dom, page);
	if (unlikely(decision.verdict >= PD_NR_VERDICTS ||
		     decision.reason >= PD_NR_REASONS ||
		     (launder && queue == PD_QUEUE_ACTIVE)))
		pd_condemn(dom, PD_FAULT_VERDICT, NULL);
	else if (unlikely((decision.verdict == PD_VERDICT_FREE && !pd_may_free(view)) ||
			  (launder && !pd_may_launder(view))))
		pd_condemn(dom, PD_FAULT_UNSAFE, NULL);
	else
		return decision;
	return (struct pd_decision){ PD_VERDICT_KEEP, PD_REASON_REFUSED };
}

struct pd_decision pd_validate_entry(struct pd_domain *dom,
				     struct pd_page_state *page,
				     struct pd_decision decision)
{
	pd_check_state(dom, page);
	if (likely(decision.verdict == PD_VERDICT_ACTIVATE ||
		   decision.verdict == PD_VERDICT_DEACTIVATE ||
		   decision.verdict == PD_VERDICT_DEACTIVATE_HEAD))
		return decision;
	pd_condemn(dom, PD_FAULT_VERDICT, NULL);
	return (struct pd_decision){ PD_VERDICT_DEACTIVATE, PD_REASON_REFUSED };
}

bool pd_marks_are_sane(const struct pd_watermarks *marks, u64 limit)
{
	return marks->free_reserved <= limit && marks->free_severe <= limit &&
	       marks->free_min <= limit && marks->free_target <= limit &&
	       marks->wakeup_thresh <= limit && marks->free_min <= marks->free_target &&
	       marks->cluster_pages && marks->cluster_pages <= PD_MOST_CLUSTER &&
	       marks->max_launder;
}

void pd_check_plan(struct pd_domain *dom, struct pd_scan *scan)
{
	/*
	 * What is used, the headroom, the target and the deficit are each all memory
	 * at most; twice that leaves room for what moves meanwhile.
	 */
	const s64 most = 8 * (s64)totalram_pages();

	if (likely(scan->shortage <= most && scan->active_shortage <= most))
		return;
	scan->shortage = min(scan->shortage, 0LL);
	scan->active_shortage = min(scan->active_shortage, 0LL);
	pd_condemn(dom, PD_FAULT_PLAN, NULL);
}

void pd_check_pass(struct pd_node *node, const struct pd_scan *sum,
		   struct pd_next *next)
{
	struct pd_domain *dom = node->domain;
	const bool needed = next->flags & PD_NEXT_NEEDED;
	u64 forced, used;
	long freed;

	if (sum->freed || sum->laundered) {
		node->fruitless = 0;
		node->restless = 0;
		return;
	}

	node->restless = needed && !next->delay_ms ? node->restless + 1 : 0;
	if (node->restless >= PD_RESTLESS_PASSES ||
	    (needed && next->delay_ms == PD_FOREVER_MS)) {
		next->delay_ms = MSEC_PER_SEC;
		pd_condemn(dom, PD_FAULT_PAUSE, NULL);
	}

	/*
	 * No progress is not the same as nothing to be had: pages may be in flight that
	 * the policy wanted written, or all locked in memory, or used since the last
	 * look, where tasks use more all the time than there is. Only if tasks went
	 * without, the policy was shown pages that could go, and the kernel did free
	 * some meanwhile that it had kept, it is to blame.
	 */
	freed = atomic_long_read(&dom->freed_wanted);
	if (pd_inflight_count(dom, true) || freed != node->policy_freed) {
		node->policy_freed = freed;
		node->fruitless = 0;
		return;
	}
	if (!sum->deficit)
		return;
	forced = pd_domain_counter(dom, PD_COUNT_freed_forced);
	if (!node->fruitless) {
		node->forced_freed = forced;
		node->withheld = 0;
	}
	node->fruitless++;
	node->withheld += !!sum->withheld;
	used = page_counter_read(&dom->memcg->memory);
	if ((node->withheld > PD_FRUITLESS_PASSES && forced != node->forced_freed) ||
	    (node->fruitless > PD_FRUITLESS_PASSES &&
	     forced - node->forced_freed > min_t(u64, used, PD_FORCED_PAGES)))
		pd_condemn(dom, PD_FAULT_PROGRESS, NULL);
}

void pd_check_stall(struct pd_domain *dom)
{
	const unsigned long most = READ_ONCE(pd_stall_seconds) * (unsigned long)HZ;
	struct pd_node *node;
	int nid;

	if (!most)
		return;
	pd_for_each_nid(nid) {
		node = dom->nodes[nid];
		if (node && READ_ONCE(node->needed) &&
		    time_after(jiffies, READ_ONCE(node->beat) + most))
			pd_condemn(dom, PD_FAULT_STALL, NULL);
	}
}

void pd_domain_eject(struct pd_domain *dom)
{
	struct pd_set *set;

	/* Passes under way give their pages to the kernel from here on. */
	list_for_each_entry(set, &dom->sets, list)
		WRITE_ONCE(set->dead, true);
	synchronize_rcu();
	pd_sets_hand_back(dom);
	WRITE_ONCE(dom->ejected, true);
	atomic_inc(&pd_nr_ejected);
	synchronize_rcu();
	wake_up_all(&dom->progress);
	/* They end by themselves, when they can. */
	pd_daemons_nudge(dom);
}
