// SPDX-License-Identifier: GPL-2.0
#include "fake.h"
#include <linux/ctype.h>
#include <linux/slab.h>

static const char *const pd_fake_count_names[] = {
	"inactive", "active", "tray", "generations",
	"inactive_anon", "active_anon", "inactive_file", "active_file",
	"isolated", "activated", "deactivated", "returned", "aged",
};

/* The one in use: found by what is called behind the static calls. */
struct pd_fake *pd_fake;

/* Behind the static calls; lru_lock is held but for folio_putback_lru(). */

static void pd_fake_update_lru_size(struct lruvec *lruvec, enum lru_list lru, int zid,
				    int pages)
{
	unsigned long *size = &pd_fake->pn->lru_zone_size[zid][lru];

	lockdep_assert_held(&lruvec->lru_lock);
	*size += pages;
	if ((long)*size < 0 || lruvec != pd_fake->lruvec)
		pd_fake->negative = true;
}

static void pd_fake_mod_lruvec_state(struct lruvec *lruvec, enum node_stat_item idx,
				     int val)
{
	lockdep_assert_held(&lruvec->lru_lock);
	pd_fake->stat[idx - NR_LRU_BASE] += val;
}

static void pd_fake_count_memcg_events(struct mem_cgroup *memcg,
				       enum vm_event_item idx, unsigned long count)
{
	if (memcg != pd_fake->memcg)
		pd_fake->negative = true;
	if (idx == PGACTIVATE)
		pd_fake->activated += count;
	else if (idx == PGDEACTIVATE)
		pd_fake->deactivated += count;
}

static void pd_fake_folio_putback_lru(struct folio *folio)
{
	lockdep_assert_not_held(&pd_fake->lruvec->lru_lock);
	pd_fake->returned += folio_nr_pages(folio);
	folio_put(folio);
}

static void pd_fake_age_nonresident(struct lruvec *lruvec, unsigned long pages)
{
	pd_fake->aged += pages;
}

int pd_fake_suite_init(struct kunit_suite *suite)
{
	int err = pd_kunit_prepare();

	if (err)
		return err;
	static_call_update(pd_fn_mem_cgroup_update_lru_size, pd_fake_update_lru_size);
	static_call_update(pd_fn___mod_lruvec_state, pd_fake_mod_lruvec_state);
	static_call_update(pd_fn___count_memcg_events, pd_fake_count_memcg_events);
	static_call_update(pd_fn_folio_putback_lru, pd_fake_folio_putback_lru);
	static_call_update(pd_fn_workingset_age_nonresident, pd_fake_age_nonresident);
	return 0;
}

void pd_fake_suite_exit(struct kunit_suite *suite)
{
	PD_FAKE_RESTORE(mem_cgroup_update_lru_size);
	PD_FAKE_RESTORE(__mod_lruvec_state);
	PD_FAKE_RESTORE(__count_memcg_events);
	PD_FAKE_RESTORE(folio_putback_lru);
	PD_FAKE_RESTORE(workingset_age_nonresident);
}

/* The policy: does what the test says. */
struct pd_decision pd_fake_enqueue(void *state, const struct pd_view *view,
				   struct pd_page_state *page)
{
	struct pd_fake *f = *(struct pd_fake **)state;
	unsigned int i;

	for (i = 0; i < f->nr; i++) {
		struct pd_fake_folio *r = &f->folio[i];

		if (folio_pfn(r->folio) != view->pfn)
			continue;
		r->seen = *view;
		r->seen_page = *page;
		return r->enter;
	}
	f->negative = true;
	return (struct pd_decision){ PD_VERDICT_DEACTIVATE, PD_REASON_NONE };
}

static const struct pd_policy pd_fake_policy = {
	.name = "fake",
	.state_size = sizeof(struct pd_fake *),
	.enqueue = pd_fake_enqueue,
};

static long pd_fake_node_counter(int nid, enum node_stat_item item)
{
	struct pglist_data *pgdat = NODE_DATA(nid);
	long n = atomic_long_read(&pgdat->vm_stat[item]);
	int cpu;

	for_each_online_cpu(cpu)
		n += per_cpu_ptr(pgdat->per_cpu_nodestats, cpu)->vm_node_stat_diff[item];
	return n;
}

static long pd_fake_isolated(struct pd_fake *f)
{
	return pd_fake_node_counter(f->nid, NR_ISOLATED_ANON) +
	       pd_fake_node_counter(f->nid, NR_ISOLATED_FILE);
}

void pd_fake_lruvec_init(struct lruvec *lruvec)
{
	int lru;

	spin_lock_init(&lruvec->lru_lock);
	for (lru = 0; lru < NR_LRU_LISTS; lru++)
		INIT_LIST_HEAD(&lruvec->lists[lru]);
#ifdef CONFIG_LRU_GEN
	{
		int gen, type, zone;

		/* Four generations, all in use. */
		lruvec->lrugen.max_seq = MAX_NR_GENS - 1;
		for (gen = 0; gen < MAX_NR_GENS; gen++)
			for (type = 0; type < ANON_AND_FILE; type++)
				for (zone = 0; zone < MAX_NR_ZONES; zone++)
					INIT_LIST_HEAD(&lruvec->lrugen.folios[gen][type][zone]);
	}
#endif
}

int pd_fake_init(struct kunit *test)
{
	struct pd_fake *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, f);
	f->test = test;
	f->nid = first_memory_node;
	f->memcg = kunit_kzalloc(test, struct_size(f->memcg, nodeinfo, nr_node_ids),
				 GFP_KERNEL);
	f->pn = kunit_kzalloc(test, sizeof(*f->pn), GFP_KERNEL);
	f->dom = kunit_kzalloc(test, sizeof(*f->dom), GFP_KERNEL);
	f->inst = kunit_kzalloc(test, sizeof(*f->inst) + sizeof(struct pd_fake *),
				GFP_KERNEL);
	f->pair = kunit_kzalloc(test, sizeof(*f->pair), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, f->memcg);
	KUNIT_ASSERT_NOT_NULL(test, f->pn);
	KUNIT_ASSERT_NOT_NULL(test, f->dom);
	KUNIT_ASSERT_NOT_NULL(test, f->inst);
	KUNIT_ASSERT_NOT_NULL(test, f->pair);
	f->dom->counters = alloc_percpu(struct pd_counters);
	KUNIT_ASSERT_NOT_NULL(test, f->dom->counters);

	f->memcg->nodeinfo[f->nid] = f->pn;
	f->pn->memcg = f->memcg;
	f->lruvec = &f->pn->lruvec;
	pd_fake_lruvec_init(f->lruvec);

	refcount_set(&f->inst->refs, 1);
	f->inst->policy = &pd_fake_policy;
	*(struct pd_fake **)f->inst->state = f;
	f->dom->name = "fake";
	f->dom->memcg = f->memcg;
	INIT_LIST_HEAD(&f->dom->sets);
	spin_lock_init(&f->dom->inflight.lock);
	RCU_INIT_POINTER(f->dom->inst, f->inst);
	pd_pair_init(f->pair, f->dom, f->memcg, f->nid);

#ifdef CONFIG_LRU_GEN
	f->real_caps = pd_lru_gen_caps;
	pd_lru_gen_caps = f->caps;
#endif
	f->isolated_before = pd_fake_isolated(f);
	pd_fake = f;
	test->priv = f;
	return 0;
}

void pd_fake_mglru(struct pd_fake *f, bool on)
{
#ifdef CONFIG_LRU_GEN
	atomic_set(&f->caps[LRU_GEN_CORE].enabled, on);
#endif
}

static void pd_fake_alloc(struct pd_fake *f, struct pd_fake_folio *r,
			  unsigned int order)
{
	struct page *page = alloc_pages_node(f->nid, GFP_KERNEL | __GFP_THISNODE |
						     (order ? __GFP_COMP : 0), order);

	KUNIT_ASSERT_NOT_NULL(f->test, page);
	r->folio = page_folio(page);
	r->order = order;
	r->zone = page_zonenum(page);
	r->enter.verdict = PD_VERDICT_DEACTIVATE;
	r->folio->memcg_data = (unsigned long)f->memcg;
	INIT_LIST_HEAD(&r->folio->lru);
	*pd_state_of(folio_pfn(r->folio)) = (struct pd_page_state){};
}

char pd_fake_add(struct pd_fake *f, bool file, unsigned int order)
{
	KUNIT_ASSERT_LT(f->test, f->nr, (unsigned int)PD_FAKE_FOLIOS);
	pd_fake_alloc(f, &f->folio[f->nr], order);
	if (!file)
		__folio_set_swapbacked(f->folio[f->nr].folio);
	return pd_fake_letter(f->nr++);
}

void pd_fake_gone(struct pd_fake *f, char letter)
{
	struct folio *folio = pd_fake_folio(f, letter);

	folio->memcg_data = 0;
	folio->mapping = NULL;
	set_page_zone(&folio->page, pd_fake_of(f, letter)->zone);
	KUNIT_EXPECT_TRUE(f->test, folio_ref_freeze(folio, 2));
	pd_fake_alloc(f, pd_fake_of(f, letter), 0);
}

static bool pd_fake_listed(struct folio *folio)
{
	return folio->lru.next != LIST_POISON1 && folio->lru.next != &folio->lru;
}

/* What lru_add() does to one folio, but for PG_lru. lru_lock held. */
static void pd_fake_list(struct pd_fake *f, struct folio *folio, bool active)
{
	if (active)
		folio_set_active(folio);
	else
		folio_clear_active(folio);
	lruvec_add_folio(f->lruvec, folio);
}

void pd_fake_insert(struct pd_fake *f, char letter, bool active)
{
	struct folio *folio = pd_fake_folio(f, letter);

	spin_lock_irq(&f->lruvec->lru_lock);
	pd_fake_list(f, folio, active);
	folio_set_lru(folio);
	spin_unlock_irq(&f->lruvec->lru_lock);
}

void pd_fake_insert_hooked(struct pd_fake *f, char letter, bool active)
{
	struct folio *folio = pd_fake_folio(f, letter);

	spin_lock_irq(&f->lruvec->lru_lock);
	pd_fake_list(f, folio, active);
	pd_pair_adopt_one(f->pair, folio);
	folio_set_lru(folio);
	spin_unlock_irq(&f->lruvec->lru_lock);
}

void pd_fake_remove(struct pd_fake *f, char letter)
{
	struct folio *folio = pd_fake_folio(f, letter);

	spin_lock_irq(&f->lruvec->lru_lock);
	lruvec_del_folio(f->lruvec, folio);
	folio_clear_lru(folio);
	folio_clear_active(folio);
	spin_unlock_irq(&f->lruvec->lru_lock);
}

void pd_fake_activate(struct pd_fake *f, char letter, bool hooked)
{
	struct folio *folio = pd_fake_folio(f, letter);

	spin_lock_irq(&f->lruvec->lru_lock);
	lruvec_del_folio(f->lruvec, folio);
	pd_fake_list(f, folio, true);
	if (hooked)
		pd_pair_adopt_one(f->pair, folio);
	spin_unlock_irq(&f->lruvec->lru_lock);
}

void pd_fake_rotate(struct pd_fake *f, char letter)
{
	struct folio *folio = pd_fake_folio(f, letter);

	spin_lock_irq(&f->lruvec->lru_lock);
	lruvec_del_folio(f->lruvec, folio);
	folio_clear_active(folio);
	lruvec_add_folio_tail(f->lruvec, folio);
	spin_unlock_irq(&f->lruvec->lru_lock);
}

void pd_fake_deactivate(struct pd_fake *f, char letter)
{
	struct folio *folio = pd_fake_folio(f, letter);

	spin_lock_irq(&f->lruvec->lru_lock);
	lruvec_del_folio(f->lruvec, folio);
	pd_fake_list(f, folio, false);
	spin_unlock_irq(&f->lruvec->lru_lock);
}

void pd_fake_isolate(struct pd_fake *f, char letter)
{
	struct folio *folio = pd_fake_folio(f, letter);

	folio_get(folio);
	spin_lock_irq(&f->lruvec->lru_lock);
	lruvec_del_folio(f->lruvec, folio);
	spin_unlock_irq(&f->lruvec->lru_lock);
}

/* Letters and digits of a list, from its first entry on; or from its last. */
static const char *pd_fake_text(struct pd_fake *f, struct list_head *head, bool backward,
				char *text)
{
	struct list_head *pos = head;
	unsigned int n = 0, i;

	while ((pos = backward ? pos->prev : pos->next) != head &&
	       n < PD_FAKE_TEXT - 1) {
		char c = '?';

		for (i = 0; i < PD_MAX_CURSORS; i++)
			if (pos == &f->pair->cursors[i].node)
				c = '0' + min(i, 9U);
		if (pos == &f->pair->cursors[PD_MAX_CURSORS].node)
			c = '|';
		for (i = 0; i < f->nr; i++)
			if (pos == &f->folio[i].folio->lru)
				c = pd_fake_letter(i);
		text[n++] = c;
	}
	text[n] = '\0';
	return text;
}

void pd_fake_expect_text(struct pd_fake *f, struct list_head *head, bool backward,
			 const char *want, const char *name, int line)
{
	char text[PD_FAKE_TEXT];

	/* Into ours first: a failure allocates, and must not under the lock. */
	spin_lock_irq(&f->lruvec->lru_lock);
	pd_fake_text(f, head, backward, text);
	spin_unlock_irq(&f->lruvec->lru_lock);
	KUNIT_EXPECT_STREQ_MSG(f->test, text, want, "%s, line %d", name, line);
}

void pd_fake_expect_queues(struct pd_fake *f, const char *inactive, const char *active,
			   int line)
{
	pd_fake_expect_text(f, &f->pair->queue[PD_QUEUE_INACTIVE], false, inactive,
			    "inactive queue", line);
	pd_fake_expect_text(f, &f->pair->queue[PD_QUEUE_ACTIVE], false, active,
			    "active queue", line);
}

void pd_fake_expect_tray(struct pd_fake *f, enum lru_list lru, const char *want,
			 int line)
{
	static const char *const names[] = {
		[LRU_INACTIVE_ANON] = "the kernel's inactive anon list",
		[LRU_ACTIVE_ANON] = "the kernel's active anon list",
		[LRU_INACTIVE_FILE] = "the kernel's inactive file list",
		[LRU_ACTIVE_FILE] = "the kernel's active file list",
	};

	pd_fake_expect_text(f, &f->lruvec->lists[lru], true, want, names[lru], line);
}

static long pd_fake_walk(struct pd_fake *f, struct list_head *head)
{
	char text[PD_FAKE_TEXT];
	const char *c = pd_fake_text(f, head, false, text);
	long pages = 0;

	for (; *c; c++)
		if (*c == '?' || isalpha(*c))
			pages += *c == '?' ? 1000000 : folio_nr_pages(pd_fake_folio(f, *c));
	return pages;
}

static long pd_fake_generations(struct pd_fake *f)
{
	long pages = 0;
#ifdef CONFIG_LRU_GEN
	int gen, type, zone;

	for (gen = 0; gen < MAX_NR_GENS; gen++)
		for (type = 0; type < ANON_AND_FILE; type++)
			for (zone = 0; zone < MAX_NR_ZONES; zone++) {
				struct lru_gen_folio *lrugen = &f->lruvec->lrugen;
				long walked;

				walked = pd_fake_walk(f, &lrugen->folios[gen][type][zone]);
				pages += walked;
				if (walked != lrugen->nr_pages[gen][type][zone])
					f->negative = true;
			}
#endif
	return pages;
}

long pd_fake_lru_size(struct pd_fake *f, enum lru_list lru)
{
	long pages = 0;
	int zone;

	for (zone = 0; zone < MAX_NR_ZONES; zone++)
		pages += f->pn->lru_zone_size[zone][lru];
	return pages;
}

static struct pd_fake_counts pd_fake_counts(struct pd_fake *f)
{
	struct pd_fake_counts c;
	enum lru_list lru;

	spin_lock_irq(&f->lruvec->lru_lock);
	c = (struct pd_fake_counts){
		.inactive = pd_fake_walk(f, &f->pair->queue[PD_QUEUE_INACTIVE]),
		.active = pd_fake_walk(f, &f->pair->queue[PD_QUEUE_ACTIVE]),
		.generations = pd_fake_generations(f),
		.inactive_anon = pd_fake_lru_size(f, LRU_INACTIVE_ANON),
		.active_anon = pd_fake_lru_size(f, LRU_ACTIVE_ANON),
		.inactive_file = pd_fake_lru_size(f, LRU_INACTIVE_FILE),
		.active_file = pd_fake_lru_size(f, LRU_ACTIVE_FILE),
		.isolated = pd_fake_isolated(f) - f->isolated_before,
		.activated = f->activated,
		.deactivated = f->deactivated,
		.returned = f->returned,
		.aged = f->aged,
	};
	for_each_evictable_lru(lru)
		c.tray += pd_fake_walk(f, &f->lruvec->lists[lru]);
	spin_unlock_irq(&f->lruvec->lru_lock);
	return c;
}

void pd_fake_expect(struct pd_fake *f, struct pd_fake_counts want, int line)
{
	struct pd_fake_counts is = pd_fake_counts(f);
	long sizes = is.inactive_anon + is.active_anon + is.inactive_file + is.active_file;
	long stats = f->stat[LRU_INACTIVE_ANON] + f->stat[LRU_ACTIVE_ANON] +
		     f->stat[LRU_INACTIVE_FILE] + f->stat[LRU_ACTIVE_FILE];
	int i;

	BUILD_BUG_ON(sizeof(is) != ARRAY_SIZE(pd_fake_count_names) * sizeof(long));
	for (i = 0; i < ARRAY_SIZE(pd_fake_count_names); i++)
		KUNIT_EXPECT_EQ_MSG(f->test, ((long *)&is)[i], ((long *)&want)[i],
				    "%s, line %d", pd_fake_count_names[i], line);
	/* Generations have sizes of their own beside the node's. */
	KUNIT_EXPECT_EQ_MSG(f->test, stats, sizes + is.generations, "line %d", line);
	if (!is.generations) {
		KUNIT_EXPECT_EQ(f->test, f->stat[LRU_INACTIVE_ANON], is.inactive_anon);
		KUNIT_EXPECT_EQ(f->test, f->stat[LRU_ACTIVE_ANON], is.active_anon);
		KUNIT_EXPECT_EQ(f->test, f->stat[LRU_INACTIVE_FILE], is.inactive_file);
		KUNIT_EXPECT_EQ(f->test, f->stat[LRU_ACTIVE_FILE], is.active_file);
	}
	KUNIT_EXPECT_FALSE_MSG(f->test, f->negative,
			       "a size below zero, or of another cgroup, line %d", line);
	KUNIT_EXPECT_STREQ_MSG(f->test, pd_queue_check(f->pair) ?: "", "", "line %d", line);
}

void pd_fake_judge(struct pd_fake *f, const char *letters, u8 verdict)
{
	for (; *letters; letters++)
		pd_fake_of(f, *letters)->verdict = verdict;
}

void pd_fake_enter(struct pd_fake *f, const char *letters, u8 verdict)
{
	for (; *letters; letters++)
		pd_fake_of(f, *letters)->enter.verdict = verdict;
}

unsigned long pd_fake_take(struct pd_fake *f, enum pd_queue_id queue,
			   struct pd_cursor *cursor, unsigned int nr)
{
	return pd_batch_take(f->pair, queue, cursor, nr, MAX_NR_ZONES - 1, &f->batch);
}

void pd_fake_put_batch(struct pd_fake *f, enum pd_queue_id queue,
		       struct pd_cursor *cursor, struct pd_batch *batch)
{
	unsigned int i, k;

	for (i = 0; i < batch->nr; i++)
		for (k = 0; k < f->nr; k++)
			if (batch->folio[i] == f->folio[k].folio)
				batch->decision[i].verdict = f->folio[k].verdict;
	pd_batch_put(f->pair, queue, cursor, batch);
}

void pd_fake_put(struct pd_fake *f, enum pd_queue_id queue, struct pd_cursor *cursor)
{
	pd_fake_put_batch(f, queue, cursor, &f->batch);
}

void pd_fake_batch_text(struct pd_fake *f, const struct pd_batch *batch,
			char *text)
{
	unsigned int i, k;

	for (i = 0; i < batch->nr; i++) {
		text[i] = '?';
		for (k = 0; k < f->nr; k++)
			if (batch->folio[i] == f->folio[k].folio)
				text[i] = pd_fake_letter(k);
	}
	text[i] = '\0';
}

void pd_fake_expect_batch(struct pd_fake *f, const char *want, int line)
{
	char text[PD_BATCH + 1];

	pd_fake_batch_text(f, &f->batch, text);
	KUNIT_EXPECT_STREQ_MSG(f->test, text, want, "batch, line %d", line);
}

void pd_fake_take_over(struct pd_pair *pair)
{
	pd_cgroup_lock();
	pd_pair_open(pair);
	pd_cgroup_unlock();
	pd_pair_adopt_all(pair);
}

void pd_fake_hand_back(struct pd_pair *pair)
{
	pd_pair_close(pair);
	pd_cgroup_lock();
	pd_pair_to_mglru(pair);
	pd_cgroup_unlock();
}

void pd_fake_open(struct pd_fake *f, unsigned int inactive, unsigned int active)
{
	unsigned int i;

	for (i = 0; i < inactive + active; i++) {
		char c = pd_fake_add(f, true, 0);

		pd_fake_insert(f, c, i >= inactive);
		if (i >= inactive)
			pd_fake_of(f, c)->enter.verdict = PD_VERDICT_ACTIVATE;
	}
	pd_fake_take_over(f->pair);
}

static void pd_fake_free(struct pd_fake *f, struct pd_fake_folio *r)
{
	struct folio *folio = r->folio;
	bool listed;

	spin_lock_irq(&f->lruvec->lru_lock);
	listed = pd_fake_listed(folio);
	if (listed)
		lruvec_del_folio(f->lruvec, folio);
	spin_unlock_irq(&f->lruvec->lru_lock);
	KUNIT_EXPECT_EQ_MSG(f->test, folio_ref_count(folio), 1, "references of %c",
			    pd_fake_letter(r - f->folio));

	folio->memcg_data = 0;
	folio->mapping = NULL;
	folio_clear_lru(folio);
	folio_clear_active(folio);
	folio_clear_unevictable(folio);
	folio_clear_mlocked(folio);
	folio_clear_dirty(folio);
	pd_fake_writeback(folio, false);
	folio_clear_private(folio);
	folio_clear_swapcache(folio);
	atomic_set(&folio->_mapcount, -1);
	set_page_zone(&folio->page, r->zone);
	if (folio_ref_count(folio) == 1)
		__free_pages(&folio->page, r->order);
}

void pd_fake_exit(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	enum lru_list lru;
	unsigned int i;

	if (!f)
		return;
	for (i = 0; i < f->nr; i++)
		pd_fake_free(f, &f->folio[i]);
	for_each_evictable_lru(lru) {
		KUNIT_EXPECT_EQ(test, f->stat[lru], 0L);
		KUNIT_EXPECT_EQ(test, pd_fake_lru_size(f, lru), 0L);
	}
	KUNIT_EXPECT_EQ(test, pd_fake_isolated(f), f->isolated_before);
	KUNIT_EXPECT_EQ(test, refcount_read(&f->inst->refs), 1U);
#ifdef CONFIG_LRU_GEN
	pd_lru_gen_caps = f->real_caps;
#endif
	free_percpu(f->dom->counters);
	pd_fake = NULL;
}
