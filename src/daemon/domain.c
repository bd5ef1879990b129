// SPDX-License-Identifier: GPL-2.0
/*
 * Life of a domain, and what is computed from its limit.
 *
 * The table from memcg to set is read by the hooks under RCU and written by
 * control, one attach or detach at a time.
 */
#include "domain.h"
#include "../hooks/hooks.h"
#include "../hooks/symbols.h"
#include <linux/rculist.h>
#include <linux/slab.h>

static DEFINE_HASHTABLE(pd_sets, 6);
/* Attached sets: lets every insertion in the system pass with one look. */
static atomic_t pd_nr_sets = ATOMIC_INIT(0);

/* Charges come in batches of this many pages for each CPU. */
#define PD_CHARGE_BATCH 64

notrace struct pd_set *pd_set_find(struct mem_cgroup *memcg)
{
	struct pd_set *set;

	if (likely(!atomic_read(&pd_nr_sets)))
		return NULL;
	hash_for_each_possible_rcu(pd_sets, set, hash, (unsigned long)memcg,
				   rcu_read_lock_any_held())
		if (set->memcg == memcg)
			return set;
	return NULL;
}

static struct pd_instance *pd_instance_make(struct pd_domain *dom,
					    const struct pd_policy *policy)
{
	struct pd_instance *inst = kzalloc(sizeof(*inst) + policy->state_size,
					   GFP_KERNEL);

	if (!inst)
		return NULL;
	refcount_set(&inst->refs, 1);
	inst->policy = policy;
	policy->init(inst->state, &dom->knobs);
	return inst;
}

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
	if (refcount_dec_and_test(&inst->refs))
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
	if (headroom == PD_AUTO)
		headroom = READ_ONCE(dom->headroom);
	return free - (s64)headroom;
}

/*
 * What charges can take at once, beyond what the watermarks reckon with: each
 * CPU's batch, and a read-ahead window of each. Never more than a sixteenth.
 */
static u64 pd_headroom(u64 limit)
{
	return min_t(u64, limit / 16, 4 * PD_CHARGE_BATCH * num_online_cpus());
}

/* Recompute what depends on the limit; racing callers compute the same. */
static void pd_domain_retune(struct pd_domain *dom, u64 limit)
{
	struct pd_memory memory = { .limit = limit, .nr_pairs = 1 };
	struct pd_instance *inst = pd_instance_get(dom);
	struct pd_watermarks marks = {};

	inst->policy->watermarks(inst->state, &memory, &marks);
	pd_instance_put(inst);

	WRITE_ONCE(dom->headroom, pd_headroom(limit));
	dom->marks = marks;
	if (xchg(&dom->limit, limit) != limit)
		pd_count(dom, PD_COUNT_limit_changes, 1);
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

	list_for_each_entry(set, &dom->sets, list) {
		for_each_node(nid) {
			struct pd_pair_counts c;

			if (!set->pairs[nid])
				continue;
			c = pd_pair_counts(set->pairs[nid]);
			memory->total_inactive += c.inactive;
			memory->total_active += c.active;
			memory->anon += c.anon;
			memory->file += c.file;
			memory->nr_pairs++;
			if (!pair || set->pairs[nid] == pair) {
				memory->inactive += c.inactive;
				memory->active += c.active;
			}
		}
	}
	memory->dirty = pd_memcg_page_state(dom->memcg, NR_FILE_DIRTY);
	memory->writeback = pd_memcg_page_state(dom->memcg, NR_WRITEBACK);
	memory->swap_total = pd_swap_pages();
	memory->swap_free = max(pd_mem_cgroup_get_nr_swap_pages(dom->memcg), 0L);
	memory->deficit = atomic_read(&dom->deficit);
	memory->waiters = atomic_read(&dom->waiters);
}

void pd_domain_set_knob(struct pd_domain *dom, enum pd_knob_id id, u64 value)
{
	u64 *knob = (u64 *)&dom->knobs + id;

	BUILD_BUG_ON(sizeof(dom->knobs) != PD_NR_KNOBS * sizeof(u64));
	WRITE_ONCE(*knob, value);
	pd_domain_retune(dom, READ_ONCE(dom->limit));
	/* It may sleep for a time that the knob has just made wrong. */
	pd_daemons_nudge(dom);
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

static void pd_set_free(struct pd_set *set)
{
	int nid;

	if (!set)
		return;
	for_each_node(nid)
		kfree(set->pairs[nid]);
	css_put(&set->memcg->css);
	kfree(set);
}

static struct pd_set *pd_set_make(struct pd_domain *dom, struct mem_cgroup *memcg)
{
	struct pd_set *set = kzalloc(struct_size(set, pairs, nr_node_ids),
				     GFP_KERNEL);
	int nid;

	if (!set)
		return NULL;
	css_get(&memcg->css);
	set->memcg = memcg;
	set->domain = dom;
	for_each_node_state(nid, N_MEMORY) {
		set->pairs[nid] = kzalloc_node(sizeof(*set->pairs[nid]),
					       GFP_KERNEL, nid);
		if (!set->pairs[nid]) {
			pd_set_free(set);
			return NULL;
		}
		pd_pair_init(set->pairs[nid], dom, memcg, nid);
	}
	return set;
}

static void pd_domain_free_all(struct pd_domain *dom)
{
	struct pd_set *set, *next;

	list_for_each_entry_safe(set, next, &dom->sets, list)
		pd_set_free(set);
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
	struct pd_set *set;
	bool taken;
	int nid, err = -ENOMEM;

	rcu_read_lock();
	taken = pd_set_find(memcg);
	rcu_read_unlock();
	if (taken)
		return -EEXIST;

	dom = kzalloc(sizeof(*dom), GFP_KERNEL);
	if (!dom)
		return -ENOMEM;
	INIT_LIST_HEAD(&dom->list);
	INIT_LIST_HEAD(&dom->sets);
	mutex_init(&dom->lock);
	init_waitqueue_head(&dom->idle);
	init_waitqueue_head(&dom->progress);
	dom->last_slab_kick = jiffies;
	dom->knobs = pd_knobs_defaults();
	css_get(&memcg->css);
	dom->memcg = memcg;

	dom->name = kstrdup(name, GFP_KERNEL);
	dom->counters = alloc_percpu(struct pd_counters);
	inst = pd_instance_make(dom, policy);
	if (!dom->name || !dom->counters || !inst) {
		kfree(inst);
		goto out_free;
	}
	rcu_assign_pointer(dom->inst, inst);
	pd_domain_free(dom, &dom->limit);
	pd_domain_retune(dom, dom->limit);

	set = pd_set_make(dom, memcg);
	if (!set)
		goto out_free;
	list_add(&set->list, &dom->sets);

	err = pd_daemons_create(dom);
	if (err)
		goto out_free;

	/*
	 * From here on nothing can fail. First to be found, then to take the
	 * pages: else the kernel would meet a cgroup that looks empty.
	 */
	atomic_inc(&pd_nr_sets);
	hash_add_rcu(pd_sets, &set->hash, (unsigned long)memcg);
	for_each_node(nid)
		if (set->pairs[nid])
			pd_pair_open(set->pairs[nid]);
	pd_daemons_start(dom);
	for_each_node(nid)
		if (set->pairs[nid])
			pd_hooks_watch_memcg(memcg, nid);
	*domp = dom;
	return 0;

out_free:
	pd_domain_free_all(dom);
	return err;
}

void pd_domain_detach(struct pd_domain *dom)
{
	struct pd_set *set;
	int nid;

	/* No new pass; who is in one knows nothing of it and leaves in time. */
	WRITE_ONCE(dom->dead, true);
	/* Waits for the probes, and for who is between finding and counting. */
	synchronize_rcu();
	wake_up_all(&dom->progress);
	/* Tasks first: they wake daemons. */
	wait_event(dom->idle, !atomic_read(&dom->inflight));
	pd_daemons_stop(dom);

	/* Tasks that want memory meanwhile wait until they can have it. */
	list_for_each_entry(set, &dom->sets, list)
		for_each_node(nid)
			if (set->pairs[nid])
				pd_pair_close(set->pairs[nid]);
	list_for_each_entry(set, &dom->sets, list) {
		hash_del_rcu(&set->hash);
		atomic_dec(&pd_nr_sets);
	}
	WRITE_ONCE(dom->closed, true);
	synchronize_rcu();
	wake_up_all(&dom->progress);
	wait_event(dom->idle, !atomic_read(&dom->at_gate));
	/* Who saw a count at zero may still hold the RCU lock for the wake-up. */
	synchronize_rcu();
	pd_domain_free_all(dom);
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
	return 0;
}
