// SPDX-License-Identifier: GPL-2.0
/*
 * One pass over one queue pair: take a batch, have each folio judged, act on
 * the verdicts, put the rest back. The same code serves the daemon and tasks in
 * direct reclaim; what differs is who may write, and how much is wanted.
 *
 * Verdicts are advice. What a policy must not decide is decided here: a page
 * that is dirty, pinned or busy is never freed, an unknown verdict keeps it.
 */
#include "domain.h"
#include "../hooks/hooks.h"
#include "../hooks/symbols.h"
#include "../hooks/plant.h"
#include "trace.h"
#include <linux/blkdev.h>
#include <linux/sched/mm.h>

/* A task looks at this many active pages at least, at most at its share. */
#define PD_TASK_ACTIVE_MIN 128

/* A step of the scan of active pages is of so many at least, at most of a batch. */
#define PD_STEP_MIN 4

/* A pass under way. */
struct pd_work {
	struct pd_pair *pair;
	struct pd_domain *dom;
	struct pd_instance *inst;	/* NULL: by force */
	struct pd_reclaim *rc;
	struct pd_scan *scan;
	struct pd_cursor *cursor;
	enum pd_context by;
	unsigned long left;	/* pages of this batch that only the daemon can write */
	struct pd_batch batch;
	struct folio *victim[PD_BATCH];
	bool may_drop;		/* pages may go without the kernel's reclaim */
	unsigned int nr_dropped;
	struct folio *dropped[PD_BATCH];	/* out of the page cache, to be released */
	struct pd_laundry laundry;
};

/* About 2 KiB: too much for the stack of a task deep in an allocation. */
static struct pd_work *pd_work_make(struct pd_pair *pair, struct pd_instance *inst,
				    struct pd_reclaim *rc, enum pd_context by,
				    struct pd_scan *scan)
{
	struct pd_work *w = kzalloc(sizeof(*w), GFP_NOWAIT | __GFP_NOWARN |
						__GFP_MEMALLOC);

	if (!w)
		return NULL;
	w->pair = pair;
	w->dom = pair->domain;
	w->inst = inst;
	w->rc = rc;
	w->by = by;
	w->scan = scan;
	/* A task's request may want pages moved to slower memory, not freed. */
	w->may_drop = by == PD_BY_DAEMON || num_node_state(N_MEMORY) == 1;
	if (inst)
		pair->wants_exec = inst->policy->flags & PD_POLICY_EXEC;
	return w;
}

/*
 * Is whoever makes this pass wanted elsewhere, or the policy not to be asked any
 * more? What was done so far stands.
 */
static bool pd_is_called_off(const struct pd_work *w)
{
	if (pd_is_condemned(w->dom))
		return true;
	return w->by == PD_BY_TASK ? fatal_signal_pending(current) :
				     pd_daemon_is_ending(w->dom);
}

static __always_inline void pd_trace_verdict(struct pd_work *w, struct folio *folio,
					     const struct pd_view *view, u8 queue,
					     u8 before, u8 after,
					     struct pd_decision decision)
{
	if (trace_pd_verdict_enabled())
		trace_pd_verdict(w->dom->name, pd_folio_id(folio), view, queue,
				 before, after, decision);
}

static void pd_count_inactive(struct pd_work *w, struct pd_decision decision,
			      u64 pages)
{
	struct pd_domain *dom = w->dom;

	switch (decision.verdict) {
	case PD_VERDICT_ACTIVATE:
		pd_count(dom, PD_COUNT_reactivated, pages);
		if (decision.reason == PD_REASON_PROTECTED)
			pd_count(dom, PD_COUNT_kept_protected, pages);
		else if (decision.reason == PD_REASON_SWAP_FULL)
			pd_count(dom, PD_COUNT_kept_swap_full, pages);
		break;
	case PD_VERDICT_REQUEUE:
		pd_count(dom, PD_COUNT_requeued, pages);
		if (decision.reason == PD_REASON_SECOND_LAP)
			pd_count(dom, PD_COUNT_second_laps, pages);
		else if (decision.reason == PD_REASON_RESERVE)
			pd_count(dom, PD_COUNT_kept_reserve, pages);
		else if (decision.reason == PD_REASON_LOCK_MISS)
			pd_count(dom, PD_COUNT_lock_misses, 1);
		break;
	case PD_VERDICT_UNQUEUE:
		pd_count(dom, PD_COUNT_unqueued, pages);
		break;
	case PD_VERDICT_KEEP:
		if (decision.reason == PD_REASON_BUSY)
			pd_count(dom, PD_COUNT_kept_busy, pages);
		else if (decision.reason == PD_REASON_HELD)
			pd_count(dom, PD_COUNT_kept_held, pages);
		else if (decision.reason == PD_REASON_BUDGET)
			pd_count(dom, PD_COUNT_kept_budget, pages);
		else if (decision.reason == PD_REASON_RESERVE)
			pd_count(dom, PD_COUNT_kept_reserve, pages);
		else if (decision.reason == PD_REASON_LOCK_MISS)
			pd_count(dom, PD_COUNT_lock_misses, 1);
		break;
	}
}

/* Ask the policy about a page of the inactive queue. */
static __always_inline void pd_ask(struct pd_work *w, const struct pd_view *view,
				   struct pd_page_state *page,
				   struct pd_decision *decision)
{
	const struct pd_policy *policy = w->inst->policy;

	*decision = policy->inactive(w->inst->state, view, page, w->scan);
	*decision = pd_validate(w->dom, PD_QUEUE_INACTIVE, view, page, *decision);
}

/*
 * A dirty file page is to be written. Who may not write leaves it to the
 * daemon; of a file that cannot be had without waiting the policy hears by being
 * asked again, with nothing charged for the page.
 */
static void pd_launder_file(struct pd_work *w, struct folio *folio,
			    struct pd_view *view, struct pd_page_state *page,
			    struct pd_decision *decision)
{
	struct pd_scan *scan = w->scan;

	if (!scan->may_launder) {
		pd_count(w->dom, PD_COUNT_launder_deferred, folio_nr_pages(folio));
		scan->stuck += folio_nr_pages(folio);
		w->left += folio_nr_pages(folio);
		decision->verdict = PD_VERDICT_LAUNDER;
	} else if (!pd_launder_pin(&w->laundry, folio)) {
		w->inst->policy->laundered(w->inst->state, scan, 0, 0);
		view->flags |= PD_PAGE_LOCK_MISS;
		pd_ask(w, view, page, decision);
	}
}

/*
 * The slot in swap of a locked page goes back; the page itself is dirty then, so
 * its contents must be there. Not while it is being written, nor while another
 * process has yet to read that slot.
 */
static bool pd_drop_swap(struct folio *folio)
{
	return folio_test_swapcache(folio) && folio_test_uptodate(folio) &&
	       !folio_test_writeback(folio) && pd_folio_free_swap(folio);
}

/* The verdict PD_VERDICT_DROP_SWAP: the page stays. */
static void pd_keep_without_swap(struct pd_work *w, struct folio *folio)
{
	if (pd_drop_swap(folio))
		pd_count(w->dom, PD_COUNT_swap_dropped, folio_nr_pages(folio));
}

/* A folio is to go: what does the policy want to know should it come back? */
static void pd_remember(struct pd_work *w, unsigned int i, const struct pd_view *view,
			const struct pd_page_state *page)
{
	const struct pd_policy *policy = w->inst->policy;
	struct pd_batch *batch = &w->batch;
	u32 ghost = 0;

	if (policy->flags & PD_POLICY_GHOSTS)
		ghost = policy->remember(w->inst->state, view, page);
	batch->ghost[i] = ghost;
	if (!ghost)
		return;
	batch->id[i] = pd_folio_id(batch->folio[i]);
	if (!batch->id[i])
		batch->ghost[i] = 0;
}

/*
 * The victims were handed to the kernel: what it did not free is in @left. A page of
 * shared memory has lost its name by the time that its way to swap ends.
 */
static void pd_remember_gone(struct pd_work *w, unsigned int nr,
			     struct list_head *left)
{
	struct pd_batch *batch = &w->batch;
	struct folio *folio;
	unsigned int i;

	list_for_each_entry(folio, left, lru) {
		if (folio_test_writeback(folio) && !folio_test_anon(folio))
			continue;
		for (i = 0; i < nr; i++)
			if (w->victim[i] == folio)
				batch->ghost[i] = 0;
	}
	for (i = 0; i < nr; i++)
		if (w->victim[i] && batch->ghost[i])
			pd_ghosts_put(w->inst, batch->id[i], batch->ghost[i]);
}

/* Folio @i of the batch is to be freed, and locked. True: it was, and is not now. */
static bool pd_drop(struct pd_work *w, unsigned int i)
{
	struct pd_batch *batch = &w->batch;
	struct folio *folio = batch->folio[i];

	if (!w->may_drop || !pd_folio_drop(folio, w->rc->target))
		return false;
	w->dropped[w->nr_dropped++] = folio;
	batch->folio[i] = NULL;
	if (batch->ghost[i])
		pd_ghosts_put(w->inst, batch->id[i], batch->ghost[i]);
	return true;
}

/* Free what was dropped of a batch. */
static void pd_release_dropped(struct pd_work *w)
{
	unsigned long pages = 0;
	unsigned int i;

	if (!w->nr_dropped)
		return;
	for (i = 0; i < w->nr_dropped; i++)
		pages += folio_nr_pages(w->dropped[i]);
	mod_node_page_state(NODE_DATA(w->pair->nid), NR_ISOLATED_FILE, -(long)pages);
	/* A folio begins with its first page. */
	release_pages((struct page **)w->dropped, w->nr_dropped);
	w->nr_dropped = 0;
	w->scan->freed += pages;
	/* As the kernel's reclaim does with what it is handed. */
	pd_sc_add_scanned(w->rc->sc, pages);
}

/* Have folio @i of a batch of the inactive queue judged. */
static struct pd_decision pd_judge(struct pd_work *w, unsigned int i)
{
	struct folio *folio = w->batch.folio[i];
	struct pd_page_state *page = pd_state_of(folio_pfn(folio));
	u8 before = page->act_count;
	struct pd_decision decision;
	struct pd_view view;
	bool locked = folio_trylock(folio);

	if (!locked) {
		/* References stay uncounted; whoever has the lock is using it. */
		view = (struct pd_view){
			.pfn = folio_pfn(folio),
			.nr_pages = folio_nr_pages(folio),
			.flags = PD_PAGE_BUSY,
			.type = pd_folio_type(folio, page->flags & PD_STATE_EXEC),
		};
		pd_ask(w, &view, page, &decision);
	} else {
		pd_plant_clean(folio);
		pd_view_make(w->pair, folio, page, PD_LOOK_INACTIVE, &view);
		if (view.flags & PD_PAGE_WRITEBACK)
			w->scan->stuck += view.nr_pages;
		pd_ask(w, &view, page, &decision);
		if (!pd_is_launder(decision.verdict)) {
			if (decision.verdict == PD_VERDICT_DROP_SWAP)
				pd_keep_without_swap(w, folio);
		} else if (folio_is_file_lru(folio)) {
			pd_launder_file(w, folio, &view, page, &decision);
		} else {
			decision.verdict = PD_VERDICT_LAUNDER;
			if (w->dom->marks.cluster_flags & PD_CLUSTER_NEW_SLOTS &&
			    view.flags & PD_PAGE_DIRTY)
				pd_drop_swap(folio);
		}
		if (decision.verdict == PD_VERDICT_FREE ||
		    (decision.verdict == PD_VERDICT_LAUNDER &&
		     !folio_is_file_lru(folio)))
			pd_remember(w, i, &view, page);
	}
	pd_trace_verdict(w, folio, &view, PD_QUEUE_INACTIVE, before, page->act_count,
			 decision);
	if (locked && (decision.verdict != PD_VERDICT_FREE || !pd_drop(w, i)))
		folio_unlock(folio);
	pd_count_inactive(w, decision, view.nr_pages);
	if (pd_is_withheld(&view, decision))
		w->scan->withheld += view.nr_pages;
	return decision;
}

/*
 * Hand the victims to the kernel. What it could not free comes back in @victims
 * and goes through the batch, 32 at a time, before the cursor. @written: pages
 * it wrote to swap; those are free once the write has ended.
 */
static unsigned long pd_reclaim_victims(struct pd_work *w,
					struct list_head *victims,
					unsigned long *written)
{
	struct pglist_data *pgdat = NODE_DATA(w->pair->nid);
	struct reclaim_stat stat = {};
	unsigned int noreclaim;
	unsigned long freed;
	struct blk_plug plug;

	/* As kswapd: reserves may be used, reclaim is not entered again. */
	noreclaim = memalloc_noreclaim_save();
	/* Pages of one batch get neighbouring slots: one request of the disk. */
	blk_start_plug(&plug);
	freed = pd_shrink_folio_list(victims, pgdat, w->rc->sc, &stat, true);
	blk_finish_plug(&plug);
	memalloc_noreclaim_restore(noreclaim);
	*written = stat.nr_pageout;
	pd_count(w->dom, PD_COUNT_laundered_anon, stat.nr_pageout);
	return freed;
}

static void pd_put_back_victims(struct pd_work *w, enum pd_queue_id queue,
				struct list_head *victims)
{
	struct pd_batch *batch = &w->batch;

	while (!list_empty(victims)) {
		struct folio *folio = lru_to_folio(victims);
		struct pd_page_state *page = pd_state_of(folio_pfn(folio));
		struct pd_decision decision = { PD_VERDICT_KEEP, PD_REASON_REFUSED };
		bool refused = folio_test_active(folio);

		list_del(&folio->lru);
		folio_clear_active(folio);
		if (folio_test_writeback(folio)) {
			page->flags |= PD_STATE_LAUNDERED;
			pd_inflight_add(w->dom, folio, w->inst);
		} else if (refused && !folio_is_file_lru(folio) &&
			   !folio_test_swapcache(folio)) {
			/*
			 * No swap for it: out of the way, as after a pager error,
			 * unless such pages are to stay (DragonFly 476-488).
			 */
			if (!(w->dom->marks.cluster_flags & PD_CLUSTER_FAILED_STAYS))
				decision.verdict = PD_VERDICT_ACTIVATE;
			pd_count(w->dom, PD_COUNT_launder_failed,
				 folio_nr_pages(folio));
		}
		batch->folio[batch->nr] = folio;
		batch->decision[batch->nr] = decision;
		if (++batch->nr == PD_BATCH)
			pd_batch_put(w->pair, queue, w->cursor, batch);
	}
	pd_batch_put(w->pair, queue, w->cursor, batch);
}

/*
 * Act on a judged batch: one reclaim call for what goes, one lock hold for what
 * stays, then the writing, which may take long and holds nothing.
 */
static void pd_act(struct pd_work *w, enum pd_queue_id queue)
{
	const struct pd_policy *policy = w->inst->policy;
	struct pd_batch *batch = &w->batch;
	struct pd_scan *scan = w->scan;
	unsigned long clean = 0, anon = 0, freed, kept = 0, started, failed = 0;
	LIST_HEAD(victims);
	struct folio *folio;
	unsigned int i, nr = batch->nr;

	pd_release_dropped(w);
	for (i = 0; i < nr; i++) {
		folio = batch->folio[i];
		w->victim[i] = NULL;
		if (!folio)
			continue;
		switch (batch->decision[i].verdict) {
		case PD_VERDICT_FREE:
			clean += folio_nr_pages(folio);
			break;
		case PD_VERDICT_LAUNDER:
			if (folio_is_file_lru(folio))
				continue;
			anon += folio_nr_pages(folio);
			break;
		default:
			continue;
		}
		/* Victims are inactive by definition; what returns is judged anew. */
		folio_clear_active(folio);
		list_add(&folio->lru, &victims);
		w->victim[i] = folio;
		batch->folio[i] = NULL;
	}
	pd_batch_put(w->pair, queue, w->cursor, batch);

	if (!list_empty(&victims)) {
		unsigned long isolated[ANON_AND_FILE] = {}, left[ANON_AND_FILE] = {};
		unsigned long written, refused;

		list_for_each_entry(folio, &victims, lru)
			isolated[folio_is_file_lru(folio)] += folio_nr_pages(folio);
		freed = pd_reclaim_victims(w, &victims, &written);
		list_for_each_entry(folio, &victims, lru) {
			left[folio_is_file_lru(folio)] += folio_nr_pages(folio);
			kept += folio_nr_pages(folio);
		}
		/* pd_batch_put() takes what is left off the isolated count. */
		mod_node_page_state(NODE_DATA(w->pair->nid), NR_ISOLATED_ANON,
				    (long)left[0] - (long)isolated[0]);
		mod_node_page_state(NODE_DATA(w->pair->nid), NR_ISOLATED_FILE,
				    (long)left[1] - (long)isolated[1]);
		if (w->inst->policy->flags & PD_POLICY_GHOSTS)
			pd_remember_gone(w, nr, &victims);
		pd_put_back_victims(w, queue, &victims);

		scan->freed += freed;
		if (anon) {
			/* Writing to swap is asynchronous: written is done. */
			written = min(anon, written);
			policy->laundered(w->inst->state, scan, written,
					  anon - written);
			scan->laundered += written;
		}
		/*
		 * What was to be freed and stayed the policy took for freed. Pages
		 * to be written stay, too: all of them, unless the disk is fast.
		 */
		refused = min(clean, kept > anon ? kept - anon : 0);
		if (refused) {
			scan->shortage += refused;
			pd_count(w->dom, PD_COUNT_free_refused, refused);
		}
		if (queue == PD_QUEUE_ACTIVE)
			pd_count(w->dom, PD_COUNT_recycled, freed);
	}

	if (w->laundry.nr) {
		started = pd_launder_write(w->pair, &w->laundry,
					   w->dom->marks.cluster_pages,
					   w->dom->marks.cluster_flags, &failed);
		policy->laundered(w->inst->state, scan, started, failed);
		scan->laundered += started;
		pd_count(w->dom, PD_COUNT_laundered_file, started);
		pd_count(w->dom, PD_COUNT_launder_failed, failed);
	}
}

static void pd_count_scan(struct pd_work *w, enum pd_queue_id queue,
			  unsigned long pages)
{
	struct mem_cgroup *memcg = w->pair->memcg;
	bool daemon = w->by == PD_BY_DAEMON;

	w->scan->scanned += pages;
	atomic_long_add(pages, &w->pair->looked);
	if (queue == PD_QUEUE_ACTIVE) {
		pd_count(w->dom, PD_COUNT_scan_active, pages);
		count_memcg_events(memcg, PGREFILL, pages);
		return;
	}
	pd_count(w->dom, PD_COUNT_scan_inactive, pages);
	count_memcg_events(memcg, daemon ? PGSCAN_KSWAPD : PGSCAN_DIRECT, pages);
}

/* Pages freed by a scan, told to everybody who counts. */
static void pd_count_freed(struct pd_work *w, unsigned long freed)
{
	bool daemon = w->by == PD_BY_DAEMON;

	if (!freed)
		return;
	atomic_long_add(freed, &w->pair->freed);
	if (w->inst)
		atomic_long_add(freed, &w->dom->freed_wanted);
	pd_count(w->dom, PD_COUNT_freed, freed);
	if (!daemon)
		pd_count(w->dom, PD_COUNT_freed_direct, freed);
	count_memcg_events(w->pair->memcg,
			   daemon ? PGSTEAL_KSWAPD : PGSTEAL_DIRECT, freed);
}

/*
 * Used while active: should it go nevertheless and be wanted again, the wait for it is
 * a stall by memory pressure (PSI). As in Linux, where active pages are those that were
 * used again; of ours many begin there. Not by the fault that brought it.
 */
static void pd_mark_workingset(struct folio *folio, const struct pd_view *view,
			       struct pd_page_state *page)
{
	if ((!view->refs || view->flags & PD_PAGE_FIRST_LOOK) && !view->soft_refs)
		return;
	folio_set_workingset(folio);
	page->flags |= PD_STATE_WORKINGSET;
}

/* Judge one folio of the active queue. */
static struct pd_decision pd_judge_active(struct pd_work *w, unsigned int i)
{
	struct folio *folio = w->batch.folio[i];
	const struct pd_policy *policy = w->inst->policy;
	struct pd_page_state *page = pd_state_of(folio_pfn(folio));
	u8 before = page->act_count;
	struct pd_decision d;
	struct pd_view view;

	pd_view_make(w->pair, folio, page, PD_LOOK_ACTIVE, &view);
	pd_mark_workingset(folio, &view, page);
	d = policy->active(w->inst->state, &view, page, w->scan);
	d = pd_validate(w->dom, PD_QUEUE_ACTIVE, &view, page, d);
	/* It need not go at once, but it has to come nearer to that. */
	if (d.verdict != PD_VERDICT_DEACTIVATE &&
	    d.verdict != PD_VERDICT_DEACTIVATE_HEAD && page->act_count >= before &&
	    pd_is_withheld(&view, d))
		w->scan->withheld += view.nr_pages;
	if (d.verdict == PD_VERDICT_FREE)
		pd_remember(w, i, &view, page);
	if (d.verdict == PD_VERDICT_DROP_SWAP && folio_trylock(folio)) {
		pd_keep_without_swap(w, folio);
		folio_unlock(folio);
	}
	pd_trace_verdict(w, folio, &view, PD_QUEUE_ACTIVE, before, page->act_count, d);
	return d;
}

/*
 * Tasks come near the limit, and there are pages to be freed: what is to be moved off
 * the active queue besides can wait. To go round all of it takes as long as it takes
 * tasks to use up what is free. Not if the last pass has found that what is inactive
 * cannot go.
 */
static bool pd_must_free_first(struct pd_work *w)
{
	u64 limit;

	return w->by == PD_BY_DAEMON && w->scan->pass <= 1 &&
	       pd_domain_free(w->dom, &limit) < 0 && pd_pair_counts(w->pair).inactive;
}

static void pd_scan_active(struct pd_work *w)
{
	struct pd_batch *batch = &w->batch;
	struct pd_scan *scan = w->scan;
	unsigned long visited, down = 0, freed = scan->freed;
	/* What is taken beyond the quota is put back as it was: small steps first. */
	unsigned int i, nr, step = clamp_t(s64, scan->active_shortage, PD_STEP_MIN,
					   PD_BATCH);

	w->cursor = pd_cursor_get(w->pair, PD_QUEUE_ACTIVE);
	if (!w->cursor)
		return;

	while (scan->active_shortage > 0 && scan->active_max_scan > 0) {
		nr = min_t(s64, step, scan->active_max_scan);
		step = min_t(unsigned int, 2 * step, PD_BATCH);
		visited = pd_batch_take(w->pair, PD_QUEUE_ACTIVE, w->cursor, nr,
					MAX_NR_ZONES - 1, batch);
		if (!visited)
			break;
		if (w->by == PD_BY_DAEMON)
			pd_daemon_beat(w->dom, w->pair->nid);
		scan->active_max_scan -= visited;
		pd_count_scan(w, PD_QUEUE_ACTIVE, visited);

		for (i = 0; i < batch->nr; i++) {
			struct pd_decision d = { PD_VERDICT_KEEP, PD_REASON_NONE };

			/* Once the quota is met the rest stays as it was. */
			if (scan->active_shortage > 0)
				d = pd_judge_active(w, i);
			if (d.verdict == PD_VERDICT_DEACTIVATE ||
			    d.verdict == PD_VERDICT_DEACTIVATE_HEAD)
				down += folio_nr_pages(batch->folio[i]);
			batch->decision[i] = d;
		}
		pd_act(w, PD_QUEUE_ACTIVE);
		cond_resched();
		if (pd_is_called_off(w) || pd_must_free_first(w))
			break;
	}
	pd_cursor_put(w->pair, w->cursor);
	w->cursor = NULL;
	pd_count(w->dom, PD_COUNT_deactivated, down);
	pd_count_freed(w, scan->freed - freed);
}

/* What the policy wants moved off the active queue, now. */
static void pd_plan_active(struct pd_work *w)
{
	struct pd_scan *scan = w->scan;
	struct pd_memory memory;
	u64 share;

	pd_domain_memory(w->dom, w->pair, &memory);
	w->inst->policy->inactive_done(w->inst->state, &memory, scan);
	pd_check_plan(w->dom, scan);
	if (w->by != PD_BY_TASK)
		return;
	/* A task pays for its own pages, not for the aging of all. */
	share = max_t(u64, PD_TASK_ACTIVE_MIN,
		      memory.active >> clamp(w->rc->priority, 0, 12));
	scan->active_max_scan = min_t(s64, scan->active_max_scan, share);
}

/* Is there so much free by now that no more is wanted, whoever freed it? */
static bool pd_enough(struct pd_work *w)
{
	u64 limit;

	return w->scan->enough && w->by == PD_BY_DAEMON &&
	       pd_domain_free(w->dom, &limit) >= w->scan->enough;
}

static void pd_scan_inactive(struct pd_work *w)
{
	struct pd_batch *batch = &w->batch;
	struct pd_scan *scan = w->scan;
	unsigned long visited, freed;
	unsigned int i, nr;
	struct pd_cursor *cursor = pd_cursor_get(w->pair, PD_QUEUE_INACTIVE);
	bool task = w->by == PD_BY_TASK;
	bool leaves = task;	/* everything so far to the daemon */

	if (!cursor)
		return;
	/* Who is desperate looks at everything. */
	if (task && w->rc->priority > PD_DESPERATE_PRIORITY)
		pd_hand_follow(w->pair, cursor);

	while (scan->shortage > 0 && scan->max_scan > 0) {
		if (scan->refill) {
			pd_plan_active(w);
			batch->ahead = cursor;
			pd_scan_active(w);
			batch->ahead = NULL;
		}
		w->cursor = cursor;
		freed = scan->freed;
		nr = min3((s64)PD_BATCH, scan->shortage, scan->max_scan);
		visited = pd_batch_take(w->pair, PD_QUEUE_INACTIVE, cursor, nr,
					w->rc->reclaim_idx, batch);
		if (!visited)
			break;
		if (w->by == PD_BY_DAEMON)
			pd_daemon_beat(w->dom, w->pair->nid);
		scan->max_scan -= visited;
		pd_count_scan(w, PD_QUEUE_INACTIVE, visited);

		w->left = 0;
		for (i = 0; i < batch->nr; i++)
			batch->decision[i] = pd_judge(w, i);
		pd_act(w, PD_QUEUE_INACTIVE);
		pd_count_freed(w, scan->freed - freed);
		leaves = leaves && w->left >= visited;
		if (leaves)
			pd_hand_move(w->pair, cursor);

		cond_resched();
		if (pd_is_called_off(w))
			break;
		if (pd_enough(w))
			scan->shortage = 0;
	}
	/* What was passed over may be the better choice by now. */
	if (task && scan->shortage > 0)
		pd_hand_drop(w->pair);
	pd_cursor_put(w->pair, cursor);
	w->cursor = NULL;
}

static void pd_collect(struct pd_pair *pair)
{
	/* Folios wait in per-CPU batches before the kernel lists them. */
	pd_lru_add_drain();
	pd_pair_reopt(pair);
	pd_pair_adopt(pair);
}

unsigned long pd_pass_run(struct pd_pair *pair, struct pd_instance *inst,
			  struct pd_reclaim *rc, enum pd_context by,
			  struct pd_scan *scan)
{
	struct pd_domain *dom = pair->domain;
	struct pd_work *w = pd_work_make(pair, inst, rc, by, scan);
	struct pd_memory memory;
	bool direct = by == PD_BY_TASK;

	if (!w)
		return 0;
	if (pd_is_condemned(dom))
		goto out_free;

	pd_collect(pair);
	pd_domain_memory(dom, pair, &memory);
	/*
	 * What its caller took over, for all pairs. A task took nothing: it pays
	 * for itself, and what tasks did not get is the daemons' debt.
	 */
	memory.deficit = scan->deficit;
	scan->direct = direct;
	scan->may_swap = rc->may_swap && memory.swap_free;
	scan->may_launder = !direct;
	inst->policy->plan(inst->state, &memory, scan);
	if (inst->policy->flags & PD_POLICY_BREAKS)
		pd_condemn(dom, PD_FAULT_QUEUE, "not really, as the policy wishes");
	pd_check_plan(dom, scan);
	/* Less is free than its own minimum, and it would look at nothing. */
	if (memory.free < (s64)dom->marks.free_min &&
	    (scan->shortage <= 0 || scan->max_scan <= 0))
		scan->withheld += memory.inactive;
	/* For the daemon the bound is what memory.min and memory.low leave it. */
	if (direct)
		scan->shortage = rc->nr_to_reclaim;
	else if (scan->shortage > 0)
		scan->shortage = min_t(u64, scan->shortage, rc->nr_to_reclaim);
	/* With a refill what is active now may be inactive then. */
	scan->max_scan = min_t(s64, scan->max_scan,
			       memory.inactive + (scan->refill ? memory.active : 0));

	trace_pd_pass_begin(dom->name, pair->nid, scan->pass, direct, memory.free,
			    scan->shortage);
	if (scan->shortage > 0)
		pd_scan_inactive(w);

	pd_plan_active(w);
	pd_scan_active(w);
	pd_domain_memory(dom, pair, &memory);
	if (pair->exec_found) {
		pair->exec_found = false;
		WRITE_ONCE(dom->exec_found, true);
	}
	trace_pd_pass_end(dom->name, pair->nid, scan->pass, direct, scan->scanned,
			  scan->freed, scan->laundered, memory.free);

	if (scan->freed) {
		pd_pair_turn(pair);
		atomic_inc(&dom->freed_seq);
		if (wq_has_sleeper(&dom->progress))
			wake_up_all(&dom->progress);
	}
	if (direct && scan->stuck)
		pd_daemon_wake(dom, pair->nid);
out_free:
	kfree(w);
	return scan->freed;
}

void pd_pass_age(struct pd_pair *pair, struct pd_instance *inst,
		 struct pd_reclaim *rc, struct pd_scan *scan)
{
	struct pd_work *w = pd_work_make(pair, inst, rc, PD_BY_DAEMON, scan);

	if (!w)
		return;
	pd_check_plan(pair->domain, scan);
	pd_scan_active(w);
	kfree(w);
}

/* Take what the kernel will let go from one queue, oldest first. */
static unsigned long pd_force_queue(struct pd_work *w, enum pd_queue_id queue)
{
	struct pd_batch *batch = &w->batch;
	unsigned long freed = 0, visited = 0, n, written;
	struct pd_pair_counts counts = pd_pair_counts(w->pair);
	unsigned long limit = queue ? counts.active : counts.inactive;

	w->cursor = pd_cursor_get(w->pair, queue);
	if (!w->cursor)
		return 0;
	while (freed < w->rc->nr_to_reclaim && visited < limit) {
		unsigned long isolated[ANON_AND_FILE] = {};
		LIST_HEAD(victims);
		struct folio *folio;
		unsigned int i;

		n = pd_batch_take(w->pair, queue, w->cursor, PD_BATCH,
				  w->rc->reclaim_idx, batch);
		if (!n)
			break;
		visited += n;
		pd_count_scan(w, queue, n);
		if (queue == PD_QUEUE_INACTIVE)
			pd_count(w->dom, PD_COUNT_scan_forced, n);
		for (i = 0; i < batch->nr; i++) {
			folio = batch->folio[i];
			folio_clear_active(folio);
			isolated[folio_is_file_lru(folio)] += folio_nr_pages(folio);
			list_add(&folio->lru, &victims);
		}
		batch->nr = 0;
		n = pd_reclaim_victims(w, &victims, &written);
		freed += n;
		list_for_each_entry(folio, &victims, lru)
			isolated[folio_is_file_lru(folio)] -= folio_nr_pages(folio);
		mod_node_page_state(NODE_DATA(w->pair->nid), NR_ISOLATED_ANON,
				    -(long)isolated[0]);
		mod_node_page_state(NODE_DATA(w->pair->nid), NR_ISOLATED_FILE,
				    -(long)isolated[1]);
		pd_put_back_victims(w, queue, &victims);
		cond_resched();
		if (fatal_signal_pending(current))
			break;
	}
	pd_cursor_put(w->pair, w->cursor);
	return freed;
}

unsigned long pd_pass_force(struct pd_pair *pair, struct pd_reclaim *rc)
{
	struct pd_scan scan = {};
	struct pd_work *w = pd_work_make(pair, NULL, rc, PD_BY_TASK, &scan);
	unsigned long freed;

	if (!w)
		return 0;
	pd_collect(pair);
	freed = pd_force_queue(w, PD_QUEUE_INACTIVE);
	if (freed < rc->nr_to_reclaim)
		freed += pd_force_queue(w, PD_QUEUE_ACTIVE);
	if (freed) {
		pd_count_freed(w, freed);
		pd_count(w->dom, PD_COUNT_freed_forced, freed);
		atomic_inc(&w->dom->freed_seq);
	}
	kfree(w);
	return freed;
}
