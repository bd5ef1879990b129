// SPDX-License-Identifier: GPL-2.0
/*
 * Life of a queue pair: taking the pages of a lruvec over, adopting what the
 * kernel lists later, giving everything back, checking that nothing is lost.
 */
#include "queue.h"
#include "../daemon/domain.h"
#include "../hooks/symbols.h"
#include <linux/sched.h>

/* Folios moved under one hold of lru_lock where the number is not bounded. */
#define PD_MOVE_BATCH 64

void pd_sizes_flush(struct pd_sizes *sizes, struct lruvec *lruvec)
{
	for (; sizes->changed; sizes->changed &= sizes->changed - 1) {
		unsigned int i = __ffs(sizes->changed);

		if (sizes->delta[i])
			update_lru_size(lruvec, i / MAX_NR_ZONES, i % MAX_NR_ZONES,
					sizes->delta[i]);
		sizes->delta[i] = 0;
	}
}

void pd_pair_init(struct pd_pair *pair, struct pd_domain *domain,
		  struct mem_cgroup *memcg, int nid)
{
	int i;

	memset(pair, 0, sizeof(*pair));
	pair->lruvec = mem_cgroup_lruvec(memcg, NODE_DATA(nid));
	pair->memcg = memcg;
	pair->domain = domain;
	pair->nid = nid;
	for (i = 0; i < PD_NR_QUEUES; i++)
		INIT_LIST_HEAD(&pair->queue[i]);
	for (i = 0; i <= PD_MAX_CURSORS; i++)
		INIT_LIST_HEAD(&pair->cursors[i].node);
}

/*
 * Move a folio from a kernel list to the queue the policy chooses. PG_active
 * and the sizes follow the queue. lru_lock held.
 */
static void pd_adopt_folio(struct pd_pair *pair, struct pd_instance *inst,
			   struct folio *folio, struct pd_sizes *sizes)
{
	struct pd_page_state *page = pd_state_of(folio_pfn(folio));
	long pages = folio_nr_pages(folio);
	bool was_active = folio_test_active(folio);
	struct pd_decision decision;
	struct pd_view view;
	bool active;

	if (!(page->flags & PD_STATE_SEEN))
		pd_state_begin(folio, page);

	pd_view_make(pair, folio, page, PD_LOOK_ENTER, &view);
	decision = inst->policy->enqueue(inst->state, &view, page);
	decision = pd_validate_entry(pair->domain, page, decision);
	active = decision.verdict == PD_VERDICT_ACTIVATE;

	if (active != was_active) {
		pd_sizes_add(sizes, folio, folio_lru_list(folio), -pages);
		if (active) {
			folio_set_active(folio);
			page->flags &= ~PD_STATE_LAUNDERED;
		} else {
			folio_clear_active(folio);
		}
		pd_sizes_add(sizes, folio, folio_lru_list(folio), pages);
		__count_vm_events(active ? PGACTIVATE : PGDEACTIVATE, pages);
		__count_memcg_events(pair->memcg,
				     active ? PGACTIVATE : PGDEACTIVATE, pages);
	}

	if (decision.verdict == PD_VERDICT_DEACTIVATE_HEAD)
		list_move(&folio->lru, &pair->queue[PD_QUEUE_INACTIVE]);
	else
		list_move_tail(&folio->lru,
			       &pair->queue[active ? PD_QUEUE_ACTIVE :
						     PD_QUEUE_INACTIVE]);
}

void pd_pair_adopt_one(struct pd_pair *pair, struct folio *folio)
{
	struct pd_sizes sizes = {};
	struct pd_instance *inst;

	lockdep_assert_held(&pair->lruvec->lru_lock);

	/*
	 * MGLRU was switched on meanwhile (the folio sits in a generation), or
	 * it is not evictable: not ours. The next pass looks after the former.
	 */
	if (!pair->open || folio_test_unevictable(folio) ||
	    folio_lru_gen(folio) >= 0)
		return;

	rcu_read_lock();
	inst = rcu_dereference(pair->domain->inst);
	pd_adopt_folio(pair, inst, folio, &sizes);
	rcu_read_unlock();
	pd_sizes_flush(&sizes, pair->lruvec);
}

static unsigned long pd_adopt(struct pd_pair *pair, bool fresh)
{
	struct lruvec *lruvec = pair->lruvec;
	struct pd_sizes sizes = {};
	struct pd_instance *inst = pd_instance_get(pair->domain);
	unsigned long moved = 0, pages = 0;
	enum lru_list lru;

	for_each_evictable_lru(lru) {
		struct list_head *head = &lruvec->lists[lru];
		int nr;

		/* A peek without the lock: a folio missed is adopted next time. */
		while (!list_empty_careful(head)) {
			spin_lock_irq(&lruvec->lru_lock);
			if (!pair->open) {
				spin_unlock_irq(&lruvec->lru_lock);
				break;
			}
			for (nr = 0; nr < PD_MOVE_BATCH && !list_empty(head); nr++) {
				/* The kernel adds at the head: oldest is last. */
				struct folio *folio = lru_to_folio(head);

				if (fresh)
					pd_state_of(folio_pfn(folio))->flags = 0;
				pages += folio_nr_pages(folio);
				pd_adopt_folio(pair, inst, folio, &sizes);
			}
			pd_sizes_flush(&sizes, lruvec);
			spin_unlock_irq(&lruvec->lru_lock);
			moved += nr;
			cond_resched();
		}
	}
	pd_instance_put(inst);
	if (pages)
		pd_count(pair->domain, PD_COUNT_adopted, pages);
	return moved;
}

unsigned long pd_pair_adopt(struct pd_pair *pair)
{
	return pd_adopt(pair, false);
}

/* Empty the generations onto the kernel's lists; cgroup_mutex held. */
static void pd_pair_optout(struct pd_pair *pair)
{
	struct lruvec *lruvec = pair->lruvec;

	spin_lock_irq(&lruvec->lru_lock);
	pd_mglru_set(lruvec, false);
	while (!pd_mglru_drain_some(lruvec)) {
		spin_unlock_irq(&lruvec->lru_lock);
		cond_resched();
		spin_lock_irq(&lruvec->lru_lock);
	}
	spin_unlock_irq(&lruvec->lru_lock);
}

void pd_pair_open(struct pd_pair *pair)
{
	pd_pair_optout(pair);
	spin_lock_irq(&pair->lruvec->lru_lock);
	WRITE_ONCE(pair->open, true);
	spin_unlock_irq(&pair->lruvec->lru_lock);
}

void pd_pair_adopt_all(struct pd_pair *pair)
{
	pd_lru_add_drain();
	pd_adopt(pair, true);
}

bool pd_pair_reopt(struct pd_pair *pair)
{
	if (likely(!pd_mglru_lruvec_enabled(pair->lruvec)))
		return true;

	/*
	 * Whoever toggles MGLRU fills generations in steps, under this mutex:
	 * clearing the flag between two steps would lose a folio.
	 */
	if (!pd_cgroup_trylock())
		return false;
	/* Closed under a pass: the kernel has it back. */
	if (!READ_ONCE(pair->open)) {
		pd_cgroup_unlock();
		return false;
	}
	pd_pair_optout(pair);
	pd_cgroup_unlock();
	pd_count(pair->domain, PD_COUNT_mglru_reopted, 1);
	return true;
}

void pd_pair_turn(struct pd_pair *pair)
{
	struct pd_pair_counts counts = pd_pair_counts(pair);
	unsigned long looked = atomic_long_read(&pair->looked);
	unsigned long quarter = (counts.inactive + counts.active) / 4;

	if (!pd_mglru_enabled() || looked - READ_ONCE(pair->turned) <= quarter)
		return;
	spin_lock_irq(&pair->lruvec->lru_lock);
	if (pair->open) {
		WRITE_ONCE(pair->turned, looked);
		pd_mglru_turn(pair->lruvec);
	}
	spin_unlock_irq(&pair->lruvec->lru_lock);
}

/*
 * Give some pages of a queue to the kernel's lists; false: there are none left. The
 * cursors of passes under way stay until these put them.
 */
static bool pd_queue_give_some(struct pd_pair *pair, enum pd_queue_id queue)
{
	struct lruvec *lruvec = pair->lruvec;
	struct list_head *head = &pair->queue[queue], *pos, *prev;
	struct folio *folio;
	int nr = 0;

	spin_lock_irq(&lruvec->lru_lock);
	for (pos = head->prev; pos != head && nr < PD_MOVE_BATCH; pos = prev) {
		prev = pos->prev;
		if (pd_is_cursor(pair, pos))
			continue;
		/*
		 * Newest first, behind what came to the kernel's lists since the
		 * last pass: that is newer yet.
		 */
		folio = list_entry(pos, struct folio, lru);
		list_move_tail(pos, &lruvec->lists[folio_lru_list(folio)]);
		nr++;
	}
	spin_unlock_irq(&lruvec->lru_lock);
	return nr;
}

void pd_pair_close(struct pd_pair *pair)
{
	struct lruvec *lruvec = pair->lruvec;
	int q;

	spin_lock_irq(&lruvec->lru_lock);
	WRITE_ONCE(pair->open, false);
	spin_unlock_irq(&lruvec->lru_lock);
	pd_hand_drop(pair);

	for (q = 0; q < PD_NR_QUEUES; q++)
		while (pd_queue_give_some(pair, q))
			cond_resched();
}

void pd_pair_to_mglru(struct pd_pair *pair)
{
	struct lruvec *lruvec = pair->lruvec;

	if (!pd_mglru_enabled())
		return;
	spin_lock_irq(&lruvec->lru_lock);
	pd_mglru_set(lruvec, true);
	while (!pd_mglru_fill_some(lruvec)) {
		spin_unlock_irq(&lruvec->lru_lock);
		cond_resched();
		spin_lock_irq(&lruvec->lru_lock);
	}
	spin_unlock_irq(&lruvec->lru_lock);
}

struct pd_pair_counts pd_pair_counts(struct pd_pair *pair)
{
	struct mem_cgroup_per_node *pn = container_of(pair->lruvec,
					struct mem_cgroup_per_node, lruvec);
	unsigned long n[NR_LRU_LISTS] = {};
	struct pd_pair_counts c;
	enum lru_list lru;
	int zid;

	/*
	 * The kernel's own sizes: right to the page whoever moves folios. What
	 * waits in the in-tray is among them; it is adopted before it matters.
	 */
	for_each_evictable_lru(lru)
		for (zid = 0; zid < MAX_NR_ZONES; zid++)
			n[lru] += READ_ONCE(pn->lru_zone_size[zid][lru]);

	c.inactive = n[LRU_INACTIVE_ANON] + n[LRU_INACTIVE_FILE];
	c.active = n[LRU_ACTIVE_ANON] + n[LRU_ACTIVE_FILE];
	c.anon = n[LRU_INACTIVE_ANON] + n[LRU_ACTIVE_ANON];
	c.file = n[LRU_INACTIVE_FILE] + n[LRU_ACTIVE_FILE];
	return c;
}

const char *pd_folio_check(struct pd_pair *pair, enum pd_queue_id queue,
			   struct folio *folio)
{
	if (pd_folio_belongs(pair, queue, folio))
		return NULL;
	if (folio_memcg(folio) != pair->memcg || folio_nid(folio) != pair->nid)
		return "folio of another cgroup or node";
	if (folio_test_active(folio) ? queue != PD_QUEUE_ACTIVE :
				       queue == PD_QUEUE_ACTIVE)
		return "PG_active does not match the queue";
	if (folio_test_unevictable(folio))
		return "unevictable folio on a queue";
	if (folio_lru_gen(folio) >= 0)
		return "folio of an MGLRU generation on a queue";
	return NULL;
}

const char *pd_queue_check(struct pd_pair *pair)
{
	struct lruvec *lruvec = pair->lruvec;
	unsigned long pages[NR_LRU_LISTS] = {};
	struct mem_cgroup_per_node *pn = container_of(lruvec,
					struct mem_cgroup_per_node, lruvec);
	const char *bad = NULL;
	struct list_head *pos;
	struct folio *folio;
	enum lru_list lru;
	int q, zid;

	spin_lock_irq(&lruvec->lru_lock);
	for (q = 0; q < PD_NR_QUEUES && !bad; q++) {
		list_for_each(pos, &pair->queue[q]) {
			if (pd_is_cursor(pair, pos))
				continue;
			folio = list_entry(pos, struct folio, lru);
			/*
			 * PG_lru is clear while somebody isolates it and waits for
			 * the lock: the folio still counts.
			 */
			bad = pd_folio_check(pair, q, folio);
			if (bad)
				break;
			pages[folio_lru_list(folio)] += folio_nr_pages(folio);
		}
	}
	for_each_evictable_lru(lru) {
		unsigned long size = 0;

		if (bad)
			break;
		list_for_each_entry(folio, &lruvec->lists[lru], lru)
			pages[lru] += folio_nr_pages(folio);
		for (zid = 0; zid < MAX_NR_ZONES; zid++)
			size += pn->lru_zone_size[zid][lru];
		if (size != pages[lru])
			bad = "queue lengths and the kernel's LRU sizes differ";
	}
	spin_unlock_irq(&lruvec->lru_lock);
	return bad;
}
