// SPDX-License-Identifier: GPL-2.0
/*
 * The memcgs of a domain: the attached cgroup and its descendants, less those
 * that are attached on their own. Sets come and go with cgroups while the domain
 * lives, under control's mutex; hooks and daemons find them under RCU.
 *
 *	made -publish-> alive -kill-> dead -close-> closed, freed
 *
 * A reclaimer that finds a dead set waits until it is closed: until then some
 * pages are where neither we nor the kernel would find them.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "domain.h"
#include "../hooks/hooks.h"
#include "../hooks/symbols.h"
#include <linux/cgroup.h>
#include <linux/error-injection.h>
#include <linux/rculist.h>
#include <linux/slab.h>

static DEFINE_HASHTABLE(pd_sets, 10);
/* Attached sets: lets every insertion in the system pass with one look. */
static atomic_t pd_nr_sets = ATOMIC_INIT(0);

LIST_HEAD(pd_domains);

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

bool pd_set_enter(struct pd_set *set)
{
	atomic_inc(&set->inflight);
	/* Pairs with pd_sets_kill(): it sees the count or we see it. */
	smp_mb__after_atomic();
	if (likely(!READ_ONCE(set->dead)))
		return true;
	pd_set_leave(set);
	return false;
}

void pd_set_leave(struct pd_set *set)
{
	/* Under RCU: the set is freed once the count is seen at zero. */
	rcu_read_lock();
	if (atomic_dec_and_test(&set->inflight) && READ_ONCE(set->dead))
		wake_up_all(&set->domain->idle);
	rcu_read_unlock();
}

struct pd_set *pd_set_next(struct pd_domain *dom, struct pd_set *set)
{
	/* A set that was entered is still linked: it cannot be closed. */
	struct list_head *pos = set ? &set->list : &dom->sets;
	struct pd_set *next = NULL;

	rcu_read_lock();
	while ((pos = rcu_dereference(list_next_rcu(pos))) != &dom->sets) {
		next = list_entry(pos, struct pd_set, list);
		if (pd_set_enter(next))
			break;
		next = NULL;
	}
	rcu_read_unlock();
	if (set)
		pd_set_leave(set);
	return next;
}

/* The domain that a memcg belongs to: that of the nearest attached ancestor. */
static struct pd_domain *pd_owner(struct mem_cgroup *memcg)
{
	struct pd_domain *dom;

	for (; memcg; memcg = parent_mem_cgroup(memcg))
		list_for_each_entry(dom, &pd_domains, list)
			if (dom->memcg == memcg)
				return dom;
	return NULL;
}

static void pd_set_free(struct pd_set *set)
{
	int nid;

	pd_for_each_nid(nid)
		kfree(set->pairs[nid]);
	css_put(&set->memcg->css);
	kfree(set);
}

static noinline int pd_set_make(struct pd_domain *dom, struct mem_cgroup *memcg)
{
	struct pd_set *set = kzalloc(struct_size(set, pairs, nr_node_ids),
				     GFP_KERNEL);
	int nid;

	if (!set)
		return -ENOMEM;
	css_get(&memcg->css);
	set->memcg = memcg;
	set->domain = dom;
	for_each_node_state(nid, N_MEMORY) {
		set->pairs[nid] = kzalloc_node(sizeof(*set->pairs[nid]),
					       GFP_KERNEL, nid);
		if (!set->pairs[nid]) {
			pd_set_free(set);
			return -ENOMEM;
		}
		pd_pair_init(set->pairs[nid], dom, memcg, nid);
		set->pairs[nid]->set = set;
	}
	/* Not hashed says: not published. Nobody may enter yet. */
	INIT_HLIST_NODE(&set->hash);
	set->dead = true;
	set->seq = dom->next_seq++;
	list_add_tail_rcu(&set->list, &dom->sets);
	return 0;
}

ALLOW_ERROR_INJECTION(pd_set_make, ERRNO);

static struct pd_set *pd_set_of(struct pd_domain *dom, struct mem_cgroup *memcg)
{
	struct pd_set *set;

	list_for_each_entry(set, &dom->sets, list)
		if (set->memcg == memcg)
			return set;
	return NULL;
}

int pd_sets_make(struct pd_domain *dom)
{
	struct cgroup_subsys_state *css;
	int err = 0;

	/* Keeps the tree as it is, and each css in it alive. */
	pd_cgroup_lock();
	css_for_each_descendant_pre(css, &dom->memcg->css) {
		struct mem_cgroup *memcg = mem_cgroup_from_css(css);

		/* Pages of a cgroup that is going leave it soon, or stay as they are. */
		if (!(css->flags & CSS_ONLINE) || css_is_dying(css) ||
		    pd_owner(memcg) != dom || pd_set_of(dom, memcg))
			continue;
		err = pd_set_make(dom, memcg);
		if (err)
			break;
	}
	pd_cgroup_unlock();
	return err;
}

ALLOW_ERROR_INJECTION(pd_sets_make, ERRNO);

/* Found first, then to take the pages: else the kernel would meet an empty cgroup. */
static void pd_set_open(struct pd_set *set)
{
	int nid;

	pd_for_each_nid(nid)
		if (set->pairs[nid])
			pd_hooks_watch_memcg(set->memcg, nid);
	WRITE_ONCE(set->dead, false);
	atomic_inc(&pd_nr_sets);
	hash_add_rcu(pd_sets, &set->hash, (unsigned long)set->memcg);
	pd_for_each_nid(nid)
		if (set->pairs[nid])
			pd_pair_open(set->pairs[nid]);
	set->opened = true;
}

void pd_sets_publish(struct pd_domain *dom)
{
	struct pd_set *set;
	int nid;

	/*
	 * A task that finds a pair which is not yet open waits. Who makes a cgroup holds
	 * this mutex and may want memory of ours for it: to get the mutex after the set
	 * can be found would be to wait for each other.
	 */
	pd_cgroup_lock();
	list_for_each_entry(set, &dom->sets, list)
		if (!hash_hashed(&set->hash))
			pd_set_open(set);
	pd_cgroup_unlock();
	wake_up_all(&dom->progress);

	list_for_each_entry(set, &dom->sets, list) {
		if (!set->opened)
			continue;
		set->opened = false;
		pd_for_each_nid(nid)
			if (set->pairs[nid])
				pd_pair_adopt_all(set->pairs[nid]);
	}
}

static bool pd_nobody_in_dead(struct pd_domain *dom)
{
	struct pd_set *set;

	list_for_each_entry(set, &dom->sets, list)
		if (set->dead && atomic_read(&set->inflight))
			return false;
	return true;
}

static bool pd_nobody_at_gate(struct pd_domain *dom)
{
	struct pd_set *set;

	list_for_each_entry(set, &dom->sets, list)
		if (set->dead && atomic_read(&set->at_gate))
			return false;
	return true;
}

/* Wait until nobody is in a set that has just been marked as dead. */
static void pd_wait_for_passes(struct pd_domain *dom)
{
	/* Waits for the probes, and for who is between finding and counting. */
	synchronize_rcu();
	wake_up_all(&dom->progress);
	wait_event(dom->idle, pd_nobody_in_dead(dom));
}

void pd_sets_kill(struct pd_domain *dom)
{
	struct pd_set *set;

	list_for_each_entry(set, &dom->sets, list)
		WRITE_ONCE(set->dead, true);
	pd_wait_for_passes(dom);
}

void pd_set_to_mglru(struct pd_set *set)
{
	int nid;

	pd_for_each_nid(nid)
		if (set->pairs[nid])
			pd_pair_to_mglru(set->pairs[nid]);
}

void pd_sets_hand_back(struct pd_domain *dom)
{
	struct pd_set *set;
	int nid;

	list_for_each_entry(set, &dom->sets, list) {
		if (!set->dead || set->listed)
			continue;
		pd_for_each_nid(nid)
			if (set->pairs[nid])
				pd_pair_close(set->pairs[nid]);
		WRITE_ONCE(set->listed, true);
	}
	/* Of all sets, before the mutex: who has it and waits does the rest himself. */
	wake_up_all(&dom->progress);
	pd_cgroup_lock();
	list_for_each_entry(set, &dom->sets, list)
		if (set->dead && !set->closed)
			pd_set_to_mglru(set);
	pd_cgroup_unlock();
	list_for_each_entry(set, &dom->sets, list) {
		if (!set->dead || set->closed)
			continue;
		hash_del_rcu(&set->hash);
		atomic_dec(&pd_nr_sets);
		WRITE_ONCE(set->closed, true);
	}
}

void pd_sets_close(struct pd_domain *dom)
{
	struct pd_set *set, *next;
	HLIST_HEAD(closed);
	struct hlist_node *tmp;

	/* Tasks that want memory meanwhile wait until they can have it. */
	pd_sets_hand_back(dom);
	synchronize_rcu();
	wake_up_all(&dom->progress);
	wait_event(dom->idle, pd_nobody_at_gate(dom));
	list_for_each_entry_safe(set, next, &dom->sets, list) {
		if (!set->dead)
			continue;
		/* Readers of the table are gone, those of the list are not. */
		list_del_rcu(&set->list);
		hlist_add_head(&set->hash, &closed);
	}
	/* Who saw a count at zero may still hold the RCU lock for the wake-up. */
	synchronize_rcu();
	hlist_for_each_entry_safe(set, tmp, &closed, hash)
		pd_set_free(set);
}

static bool pd_set_empty(struct pd_set *set)
{
	struct pd_pair_counts c;
	int nid;

	pd_for_each_nid(nid) {
		if (!set->pairs[nid])
			continue;
		c = pd_pair_counts(set->pairs[nid]);
		if (c.inactive + c.active)
			return false;
	}
	return true;
}

void pd_sets_prune(void)
{
	struct pd_domain *dom;
	struct pd_set *set;
	bool any;

	list_for_each_entry(dom, &pd_domains, list) {
		any = false;
		list_for_each_entry(set, &dom->sets, list) {
			if (!hash_hashed(&set->hash))
				continue;
			/*
			 * Another domain is nearer by now; or the cgroup was removed
			 * and its last page has gone.
			 */
			if (pd_owner(set->memcg) == dom &&
			    !(css_is_dying(&set->memcg->css) && pd_set_empty(set)))
				continue;
			WRITE_ONCE(set->dead, true);
			any = true;
		}
		if (!any)
			continue;
		pd_wait_for_passes(dom);
		pd_sets_close(dom);
	}
}

void pd_sets_free(struct pd_domain *dom)
{
	struct pd_set *set, *next;

	list_for_each_entry_safe(set, next, &dom->sets, list)
		pd_set_free(set);
	INIT_LIST_HEAD(&dom->sets);
}

void pd_domains_follow(void)
{
	struct pd_domain *dom;

	pd_sets_prune();
	list_for_each_entry(dom, &pd_domains, list) {
		/* What it had is the kernel's, and so is what comes. */
		if (dom->ejected)
			continue;
		if (pd_sets_make(dom))
			pr_warn("%s: out of memory: some descendants stay with the kernel's own reclaim until the next change of the tree\n",
				dom->name);
		pd_sets_publish(dom);
	}
}
