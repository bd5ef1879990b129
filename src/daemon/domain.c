// SPDX-License-Identifier: GPL-2.0
/* Life of a domain, and what is computed from its limit. */
#include "domain.h"
#include "../hooks/hooks.h"
#include "../hooks/symbols.h"
#include <linux/error-injection.h>
#include <linux/rculist.h>
#include <linux/slab.h>

static noinline struct pd_instance *
pd_instance_make(struct pd_domain *dom, const struct pd_policy *policy)
{
	struct pd_instance *inst = kzalloc(sizeof(*inst) + policy->state_size,
					   GFP_KERNEL);

	struct pd_ghosts *ghosts;

	if (!inst)
		return NULL;
	if (policy->flags & PD_POLICY_GHOSTS) {
		ghosts = pd_ghosts_make(READ_ONCE(dom->limit));
		if (!ghosts) {
			kfree(inst);
			return NULL;
		}
		RCU_INIT_POINTER(inst->ghosts, ghosts);
	}
	refcount_set(&inst->refs, 1);
	inst->policy = policy;
	policy->init(inst->state, &dom->knobs);
	return inst;
}

ALLOW_ERROR_INJECTION(pd_instance_make, NULL);

struct pd_instance *pd_instance_get(struct pd_domain *dom)
{
	struct pd_instance *inst;

	rcu_read_lock();
	do {
		inst = rcu_dereference(dom->inst);
	} while (!refcount_inc_not_zero(&inst->refs));
	rcu_read_unlock();
	return inst;
}

void pd_instance_put(struct pd_instance *inst)
{
	if (!refcount_dec_and_test(&inst->refs))
		return;
	pd_ghosts_free(rcu_dereference_protected(inst->ghosts, true));
	kfree_rcu(inst, rcu);
}

const struct pd_policy *pd_domain_policy(struct pd_domain *dom)
{
	const struct pd_policy *policy;

	rcu_read_lock();
	policy = rcu_dereference(dom->inst)->policy;
	rcu_read_unlock();
	return policy;
}

s64 pd_domain_free(struct pd_domain *dom, u64 *limitp)
{
	struct mem_cgroup *memcg;
	u64 limit = totalram_pages();
	s64 free = S64_MAX;
	u64 headroom;

	/* The domain holds its cgroup, a cgroup its parents. */
	for (memcg = dom->memcg; memcg; memcg = parent_mem_cgroup(memcg)) {
		u64 max = min(READ_ONCE(memcg->memory.max),
			      READ_ONCE(memcg->memory.high));

		if (max >= PAGE_COUNTER_MAX)
			continue;
		limit = min(limit, max);
		free = min(free, (s64)max -
				 (s64)page_counter_read(&memcg->memory));
	}
	if (free == S64_MAX)
		free = (s64)limit -
		       (s64)page_counter_read(&dom->memcg->memory);
	*limitp = limit;

	headroom = READ_ONCE(dom->knobs.headroom);
	if (headroom == PD_AUTO) {
		headroom = READ_ONCE(dom->headroom);
		pd_headroom_see(dom, free);
	}
	/* More than all of it is all of it; a knob may say anything. */
	return free - (s64)min(headroom, limit);
}

/* Recompute what depends on the limit; racing callers compute the same. */
static void pd_domain_retune(struct pd_domain *dom, u64 limit)
{
	struct pd_memory memory = { .limit = limit, .nr_pairs = 1 };
	struct pd_instance *inst = pd_instance_get(dom);
	struct pd_watermarks marks = {};

	inst->policy->watermarks(inst->state, &memory, &marks);
	pd_instance_put(inst);

	if (likely(pd_marks_are_sane(&marks, limit)))
		dom->marks = marks;
	else
		pd_condemn(dom, PD_FAULT_MARKS, NULL);
	if (xchg(&dom->limit, limit) != limit) {
		pd_headroom_begin(dom, limit);
		pd_count(dom, PD_COUNT_limit_changes, 1);
	}
}

/* Free pages and limit, with the watermarks following the limit. */
static s64 pd_domain_refresh(struct pd_domain *dom, u64 *limit)
{
	s64 free = pd_domain_free(dom, limit);

	if (likely(*limit == READ_ONCE(dom->limit)))
		return free;
	pd_domain_retune(dom, *limit);
	/* The headroom follows too. */
	return pd_domain_free(dom, limit);
}

void pd_domain_memory(struct pd_domain *dom, struct pd_pair *pair,
		      struct pd_memory *memory)
{
	struct pd_set *set;
	int nid;

	*memory = (struct pd_memory){};
	memory->free = pd_domain_refresh(dom, &memory->limit);

	rcu_read_lock();
	list_for_each_entry_rcu(set, &dom->sets, list) {
		/* What is spared has no share in what is wanted. */
		bool shares = !pair || pair->set == set || !READ_ONCE(set->spared);

		pd_for_each_nid(nid) {
			struct pd_pair_counts c;

			if (!set->pairs[nid])
				continue;
			memory->nr_pairs++;
			c = pd_pair_counts(set->pairs[nid]);
			memory->anon += c.anon;
			memory->file += c.file;
			if (shares) {
				memory->total_inactive += c.inactive;
				memory->total_active += c.active;
			}
			if (!pair || set->pairs[nid] == pair) {
				memory->inactive += c.inactive;
				memory->active += c.active;
			}
		}
	}
	rcu_read_unlock();
	memory->exec = min(READ_ONCE(dom->exec), memory->file);
	memory->dirty = pd_memcg_page_state(dom->memcg, NR_FILE_DIRTY);
	memory->writeback = pd_inflight_count(dom, false);
	memory->swap_total = pd_swap_pages();
	memory->swap_free = max(pd_mem_cgroup_get_nr_swap_pages(dom->memcg), 0L);
	memory->deficit = pd_deficit(dom);
	memory->waiters = atomic_read(&dom->waiters);
}

int pd_domain_set_knob(struct pd_domain *dom, enum pd_knob_id id, u64 value)
{
	struct pd_knobs knobs;
	int err = 0;

	BUILD_BUG_ON(sizeof(dom->knobs) != PD_NR_KNOBS * sizeof(u64));
	mutex_lock(&dom->lock);
	knobs = dom->knobs;
	((u64 *)&knobs)[id] = value;
	if (pd_knobs_fit(&knobs))
		WRITE_ONCE(((u64 *)&dom->knobs)[id], value);
	else
		err = -EINVAL;
	mutex_unlock(&dom->lock);
	if (err)
		return err;
	pd_domain_retune(dom, READ_ONCE(dom->limit));
	/* It may sleep for a time that the knob has just made wrong. */
	pd_daemons_nudge(dom);
	return 0;
}

u64 pd_domain_knob(struct pd_domain *dom, enum pd_knob_id id)
{
	u64 value = READ_ONCE(*((u64 *)&dom->knobs + id)), limit;

	if (value != PD_AUTO)
		return value;
	pd_domain_refresh(dom, &limit);
	switch (id) {
	case PD_KNOB_free_reserved:
		return dom->marks.free_reserved;
	case PD_KNOB_free_severe:
		return dom->marks.free_severe;
	case PD_KNOB_free_min:
		return dom->marks.free_min;
	case PD_KNOB_free_target:
		return dom->marks.free_target;
	case PD_KNOB_wakeup_thresh:
		return dom->marks.wakeup_thresh;
	case PD_KNOB_inactive_target:
		return dom->marks.inactive_target;
	case PD_KNOB_free_stop:
		return dom->marks.free_stop;
	case PD_KNOB_cluster_pages:
		return dom->marks.cluster_pages;
	case PD_KNOB_max_launder:
		return dom->marks.max_launder;
	case PD_KNOB_headroom:
		return dom->headroom;
	default:
		return value;
	}
}

u64 pd_domain_counter(struct pd_domain *dom, enum pd_counter_id id)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(dom->counters, cpu)->v[id]);
	return sum;
}

static void pd_domain_free_all(struct pd_domain *dom)
{
	pd_sets_free(dom);
	if (rcu_access_pointer(dom->inst))
		pd_instance_put(rcu_dereference_protected(dom->inst, true));
	free_percpu(dom->counters);
	css_put(&dom->memcg->css);
	kfree(dom->name);
	kfree(dom);
}

int pd_domain_attach(struct mem_cgroup *memcg, const char *name,
		     const struct pd_policy *policy, struct pd_domain **domp)
{
	struct pd_instance *inst;
	struct pd_domain *dom;
	int err = -ENOMEM;

	list_for_each_entry(dom, &pd_domains, list)
		if (dom->memcg == memcg)
			return -EEXIST;

	dom = kzalloc(sizeof(*dom), GFP_KERNEL);
	if (!dom)
		return -ENOMEM;
	INIT_LIST_HEAD(&dom->sets);
	mutex_init(&dom->lock);
	init_waitqueue_head(&dom->idle);
	init_waitqueue_head(&dom->progress);
	spin_lock_init(&dom->inflight.lock);
	dom->last_slab_kick = jiffies;
	dom->exec_counted = jiffies;
	dom->knobs = pd_knobs_defaults();
	css_get(&memcg->css);
	dom->memcg = memcg;

	dom->name = kstrdup(name, GFP_KERNEL);
	dom->counters = alloc_percpu(struct pd_counters);
	pd_domain_free(dom, &dom->limit);
	inst = pd_instance_make(dom, policy);
	/* From here on it goes with the domain. */
	rcu_assign_pointer(dom->inst, inst);
	if (!dom->name || !dom->counters || !inst)
		goto out_free;
	pd_domain_retune(dom, dom->limit);
	pd_headroom_begin(dom, dom->limit);

	/* Whose a cgroup is, is decided by who is on the list. */
	list_add(&dom->list, &pd_domains);
	err = pd_sets_make(dom);
	if (!err)
		err = pd_daemons_create(dom);
	if (err)
		goto out_unlist;

	/* From here on nothing can fail. */
	pd_sets_prune();
	pd_sets_publish(dom);
	pd_daemons_start(dom);
	*domp = dom;
	return 0;

out_unlist:
	list_del(&dom->list);
out_free:
	pd_domain_free_all(dom);
	return err;
}

void pd_domain_detach(struct pd_domain *dom)
{
	/*
	 * Daemons first, as they wait for file systems: a task that waits at the gate
	 * of a dead set may have a lock that a write needs.
	 */
	pd_daemons_stop(dom);
	/* No new pass; who is in one knows nothing of it and leaves in time. */
	pd_sets_kill(dom);
	/* After the tasks: they wake daemons. */
	pd_daemons_free(dom);
	pd_sets_close(dom);
	list_del(&dom->list);
	if (dom->ejected)
		atomic_dec(&pd_nr_ejected);
	pd_domain_free_all(dom);
	/* What was below an attached cgroup goes back to its domain. */
	pd_domains_follow();
}

int pd_domain_set_policy(struct pd_domain *dom, const struct pd_policy *policy)
{
	struct pd_instance *inst = pd_instance_make(dom, policy), *old;

	if (!inst)
		return -ENOMEM;
	mutex_lock(&dom->lock);
	old = rcu_replace_pointer(dom->inst, inst, lockdep_is_held(&dom->lock));
	pd_domain_retune(dom, READ_ONCE(dom->limit));
	mutex_unlock(&dom->lock);
	pd_instance_put(old);
	/* The new one has its own idea of when to be called. */
	pd_daemons_nudge(dom);
	return 0;
}
