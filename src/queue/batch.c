// SPDX-License-Identifier: GPL-2.0
/*
 * Batches and cursors: folios are taken off a queue under one hold of lru_lock,
 * judged without it, and put back under another. A cursor keeps the place
 * meanwhile, whatever others do to the neighbours.
 */
#include "queue.h"
#include "../hooks/plant.h"
#include "../daemon/domain.h"
#include "../hooks/symbols.h"
#include <linux/sched/signal.h>

/* Folios counted under one hold of lru_lock. */
#define PD_COUNT_BATCH 512

struct pd_cursor *pd_cursor_get(struct pd_pair *pair, enum pd_queue_id queue)
{
	unsigned int i;

	do {
		i = find_first_zero_bit(&pair->cursor_map, PD_MAX_CURSORS);
		if (i >= PD_MAX_CURSORS)
			return NULL;
	} while (test_and_set_bit(i, &pair->cursor_map));

	spin_lock_irq(&pair->lruvec->lru_lock);
	list_add(&pair->cursors[i].node, &pair->queue[queue]);
	spin_unlock_irq(&pair->lruvec->lru_lock);
	return &pair->cursors[i];
}

void pd_cursor_put(struct pd_pair *pair, struct pd_cursor *cursor)
{
	spin_lock_irq(&pair->lruvec->lru_lock);
	list_del_init(&cursor->node);
	spin_unlock_irq(&pair->lruvec->lru_lock);
	clear_bit(cursor - pair->cursors, &pair->cursor_map);
}

static struct list_head *pd_hand(struct pd_pair *pair)
{
	return &pair->cursors[PD_MAX_CURSORS].node;
}

void pd_hand_follow(struct pd_pair *pair, struct pd_cursor *cursor)
{
	struct list_head *hand = pd_hand(pair);

	spin_lock_irq(&pair->lruvec->lru_lock);
	if (time_after(jiffies, pair->hand_until))
		list_del_init(hand);
	if (!list_empty(hand))
		list_move(&cursor->node, hand);
	spin_unlock_irq(&pair->lruvec->lru_lock);
}

void pd_hand_move(struct pd_pair *pair, struct pd_cursor *cursor)
{
	struct list_head *hand = pd_hand(pair);

	spin_lock_irq(&pair->lruvec->lru_lock);
	/* From where every page was looked at, not from where this one began. */
	if (list_empty(hand))
		pair->hand_until = jiffies + PD_HAND_LIFE;
	list_move_tail(hand, &cursor->node);
	spin_unlock_irq(&pair->lruvec->lru_lock);
}

void pd_hand_drop(struct pd_pair *pair)
{
	spin_lock_irq(&pair->lruvec->lru_lock);
	list_del_init(pd_hand(pair));
	spin_unlock_irq(&pair->lruvec->lru_lock);
}

unsigned long pd_batch_take(struct pd_pair *pair, enum pd_queue_id queue,
			    struct pd_cursor *cursor, unsigned int nr,
			    int max_zone, struct pd_batch *batch)
{
	struct lruvec *lruvec = pair->lruvec;
	struct list_head *head = &pair->queue[queue], *pos, *next;
	unsigned long visited = 0, taken[ANON_AND_FILE] = {};
	const bool active = queue == PD_QUEUE_ACTIVE;
	unsigned int looked = 0;
	struct pd_sizes sizes = {};
	bool file;

	batch->nr = 0;
	nr = min_t(unsigned int, nr, PD_BATCH);

	spin_lock_irq(&lruvec->lru_lock);
	for (pos = cursor->node.next; pos != head && looked < nr; pos = next) {
		struct folio *folio;
		long pages;

		next = pos->next;
		if (pd_is_cursor(pair, pos))
			continue;

		folio = list_entry(pos, struct folio, lru);
		pages = folio_nr_pages(folio);
		visited += pages;
		looked++;

		if (unlikely(!pd_folio_belongs(pair, queue, folio))) {
			pd_condemn(pair->domain, PD_FAULT_QUEUE,
				   pd_folio_check(pair, queue, folio));
			continue;
		}

		if (folio_zonenum(folio) > max_zone)
			continue;
		/* Being freed: whoever does it takes it off our queue. */
		if (!folio_try_get(folio))
			continue;
		/* Being isolated by somebody who waits for our lock. */
		if (!folio_test_clear_lru(folio)) {
			folio_put(folio);
			continue;
		}
		list_del(pos);
		file = folio_is_file_lru(folio);
		pd_sizes_add(&sizes, folio, active * LRU_ACTIVE + file * LRU_FILE,
			     -pages);
		taken[file] += pages;
		batch->folio[batch->nr++] = folio;
	}
	list_move_tail(&cursor->node, pos);
	pd_sizes_flush(&sizes, lruvec);
	__mod_node_page_state(lruvec_pgdat(lruvec), NR_ISOLATED_ANON, taken[0]);
	__mod_node_page_state(lruvec_pgdat(lruvec), NR_ISOLATED_FILE, taken[1]);
	spin_unlock_irq(&lruvec->lru_lock);
	return visited;
}

/* Where does a verdict put a folio? */
static struct list_head *pd_place(struct pd_pair *pair, enum pd_queue_id queue,
				  struct pd_cursor *cursor, struct pd_cursor *ahead,
				  u8 verdict, bool *active)
{
	*active = queue == PD_QUEUE_ACTIVE;
	switch (verdict) {
	case PD_VERDICT_ACTIVATE:
	case PD_VERDICT_LAUNDER_ACTIVATE:
		*active = true;
		return &pair->queue[PD_QUEUE_ACTIVE];
	case PD_VERDICT_DEACTIVATE:
		*active = false;
		return &pair->queue[PD_QUEUE_INACTIVE];
	case PD_VERDICT_DEACTIVATE_HEAD:
		*active = false;
		/* Before the first that is to come: what list_add() means. */
		return ahead ? ahead->node.next : pair->queue[PD_QUEUE_INACTIVE].next;
	case PD_VERDICT_REQUEUE:
		return &pair->queue[queue];
	default:
		return &cursor->node;
	}
}

static bool pd_batch_is_empty(const struct pd_batch *batch)
{
	unsigned int i;

	for (i = 0; i < batch->nr; i++)
		if (batch->folio[i])
			return false;
	return true;
}

void pd_batch_put(struct pd_pair *pair, enum pd_queue_id queue,
		  struct pd_cursor *cursor, struct pd_batch *batch)
{
	struct lruvec *lruvec = pair->lruvec;
	unsigned long put[ANON_AND_FILE] = {}, up = 0, down = 0;
	struct folio *stray[PD_BATCH];
	struct pd_sizes sizes = {};
	unsigned int i, strays = 0;

	/* Mostly all of a batch has gone: that needs no lock. */
	if (pd_batch_is_empty(batch)) {
		batch->nr = 0;
		return;
	}
	spin_lock_irq(&lruvec->lru_lock);
	for (i = 0; i < batch->nr; i++) {
		struct folio *folio = batch->folio[i];
		struct list_head *place;
		bool active;
		long pages;

		if (!folio)
			continue;
		pages = folio_nr_pages(folio);
		put[folio_is_file_lru(folio)] += pages;

		/*
		 * mlocked since we took it, or the policy does not want it, or the
		 * pair was closed meanwhile: its place is where the kernel says.
		 */
		if (!pair->open || batch->decision[i].verdict == PD_VERDICT_UNQUEUE ||
		    !pd_folio_evictable(folio)) {
			stray[strays++] = folio;
			batch->folio[i] = NULL;
			continue;
		}

		if (pd_plant_due(PD_PLANT_LOSE)) {
			folio_clear_active(folio);
			continue;
		}

		place = pd_place(pair, queue, cursor, batch->ahead,
				 batch->decision[i].verdict, &active);
		if (active) {
			folio_set_active(folio);
			if (queue == PD_QUEUE_INACTIVE)
				up += pages;
		} else {
			folio_clear_active(folio);
			if (queue == PD_QUEUE_ACTIVE)
				down += pages;
		}
		folio_set_lru(folio);
		list_add_tail(&folio->lru, place);
		pd_sizes_add(&sizes, folio, folio_lru_list(folio), pages);
	}
	pd_sizes_flush(&sizes, lruvec);
	__mod_node_page_state(lruvec_pgdat(lruvec), NR_ISOLATED_ANON, -put[0]);
	__mod_node_page_state(lruvec_pgdat(lruvec), NR_ISOLATED_FILE, -put[1]);
	if (up) {
		__count_vm_events(PGACTIVATE, up);
		__count_memcg_events(pair->memcg, PGACTIVATE, up);
	}
	if (down) {
		__count_vm_events(PGDEACTIVATE, down);
		__count_memcg_events(pair->memcg, PGDEACTIVATE, down);
	}
	spin_unlock_irq(&lruvec->lru_lock);

	if (up)
		pd_workingset_age_nonresident(lruvec, up);

	/*
	 * Only now: where ours is the last reference the folio leaves its queue
	 * the way every folio does, and that takes lru_lock.
	 */
	for (i = 0; i < batch->nr; i++)
		if (batch->folio[i])
			folio_put(batch->folio[i]);
	for (i = 0; i < strays; i++)
		pd_folio_putback_lru(stray[i]);
	batch->nr = 0;
}

unsigned long pd_pair_count_exec(struct pd_pair *pair)
{
	struct lruvec *lruvec = pair->lruvec;
	unsigned long exec = 0;
	unsigned int q;

	for (q = 0; q < PD_NR_QUEUES; q++) {
		struct list_head *head = &pair->queue[q], *pos;
		struct pd_cursor *cursor = pd_cursor_get(pair, q);
		bool more = true;

		if (!cursor)
			continue;
		while (more) {
			unsigned int looked = 0;

			spin_lock_irq(&lruvec->lru_lock);
			for (pos = cursor->node.next;
			     pos != head && looked < PD_COUNT_BATCH; pos = pos->next) {
				struct folio *folio;

				if (pd_is_cursor(pair, pos))
					continue;
				looked++;
				folio = list_entry(pos, struct folio, lru);
				if (folio_is_file_lru(folio) &&
				    pd_state_of(folio_pfn(folio))->flags & PD_STATE_EXEC)
					exec += folio_nr_pages(folio);
			}
			more = pos != head;
			list_move_tail(&cursor->node, pos);
			spin_unlock_irq(&lruvec->lru_lock);
			cond_resched();
		}
		pd_cursor_put(pair, cursor);
	}
	return exec;
}
