// SPDX-License-Identifier: GPL-2.0
/*
 * The queues against a model: the same operations, drawn at random, on a pair of fake.h
 * and on strings, which is all there is to know about order. Letters and digits as in
 * fake.h: each list is a string, its oldest end to the left. After each step both agree
 * on every list, every flag, every reference and every number.
 *
 * A failure names its seed, its step and the operation; the same seed comes to it again.
 */
#include "fake.h"
#include <linux/ctype.h>
#include <linux/prandom.h>

#define PD_MODEL_STEPS 4000
#define PD_MODEL_FOLIOS 44
#define PD_MODEL_PASSES 6	/* 10 at most: a cursor is one digit */

/**
 * struct pd_model_page - what is known of a folio beside its place
 * @active: PG_active
 * @workingset: PG_workingset
 * @isolating: somebody has cleared PG_lru and waits for the lock; still on its list
 * @isolated: somebody has it, off all lists
 * @seen: PD_STATE_SEEN: it has entered the queues since its frame was new to them
 * @laundered: PD_STATE_LAUNDERED
 * @exec: PD_STATE_EXEC
 */
struct pd_model_page {
	bool active;
	bool workingset;
	bool isolating;
	bool isolated;
	bool seen;
	bool laundered;
	bool exec;
};

/**
 * struct pd_model_pass - a pass under way
 * @cursor: its place; NULL if there is no such pass
 * @queue: where that is
 * @batch: what it has taken
 * @taken: the same, as the model has it
 * @victims: taken out of a batch to be freed
 */
struct pd_model_pass {
	struct pd_cursor *cursor;
	enum pd_queue_id queue;
	struct pd_batch batch;
	char taken[PD_BATCH + 1];
	char victims[PD_BATCH + 1];
};

struct pd_model {
	struct pd_fake *f;
	struct rnd_state rnd;
	const char *did;
	bool open;
	char queue[PD_NR_QUEUES][PD_FAKE_TEXT];
	char tray[LRU_ACTIVE_FILE + 1][PD_FAKE_TEXT];
	struct pd_model_page page[PD_MODEL_FOLIOS];
	struct pd_model_pass pass[PD_MODEL_PASSES];
	struct pd_fake_counts counts;	/* events only */
};

static unsigned int pd_dice(struct pd_model *m, unsigned int sides)
{
	return prandom_u32_state(&m->rnd) % sides;
}

/* Strings as lists */

static void pd_text_insert(char *at, char c)
{
	memmove(at + 1, at, strlen(at) + 1);
	*at = c;
}

static void pd_text_append(char *text, char c)
{
	pd_text_insert(text + strlen(text), c);
}

static bool pd_text_remove(char *text, char c)
{
	char *at = strchr(text, c);

	if (!at)
		return false;
	memmove(at, at + 1, strlen(at));
	return true;
}

static struct folio *pd_model_folio(struct pd_model *m, char c)
{
	return pd_fake_folio(m->f, c);
}

static struct pd_model_page *pd_model_page(struct pd_model *m, char c)
{
	return &m->page[pd_fake_of(m->f, c) - m->f->folio];
}

static char pd_model_digit(struct pd_model *m, struct pd_model_pass *p)
{
	return '0' + (p->cursor - m->f->pair->cursors);
}

/* The kernel's list for a folio in its present state. */
static char *pd_model_tray(struct pd_model *m, char c)
{
	return m->tray[(folio_is_file_lru(pd_model_folio(m, c)) ? LRU_FILE : 0) +
		       (pd_model_page(m, c)->active ? LRU_ACTIVE : 0)];
}

static char *pd_model_list(struct pd_model *m, char c)
{
	enum lru_list lru;
	int q;

	for_each_evictable_lru(lru)
		if (strchr(m->tray[lru], c))
			return m->tray[lru];
	for (q = 0; q < PD_NR_QUEUES; q++)
		if (strchr(m->queue[q], c))
			return m->queue[q];
	return NULL;
}

/* References that passes and others have to it. */
static int pd_model_refs(struct pd_model *m, char c)
{
	int refs = pd_model_page(m, c)->isolated;
	int i;

	for (i = 0; i < PD_MODEL_PASSES; i++)
		refs += strchr(m->pass[i].taken, c) || strchr(m->pass[i].victims, c);
	return refs;
}

enum pd_pick {
	PD_PICK_LISTED,		/* on a list, and nobody is about to isolate it */
	PD_PICK_NOWHERE,
	PD_PICK_ISOLATING,
	PD_PICK_ISOLATED,
};

static bool pd_model_is(struct pd_model *m, char c, enum pd_pick what)
{
	struct pd_model_page *page = pd_model_page(m, c);

	switch (what) {
	case PD_PICK_LISTED:
		return pd_model_list(m, c) && !page->isolating;
	case PD_PICK_NOWHERE:
		return !pd_model_list(m, c) && !pd_model_refs(m, c);
	case PD_PICK_ISOLATING:
		return page->isolating;
	default:
		return page->isolated;
	}
}

/* A letter of that kind; '\0' if there is none. */
static char pd_model_pick(struct pd_model *m, enum pd_pick what)
{
	unsigned int i, start = pd_dice(m, PD_MODEL_FOLIOS);

	for (i = 0; i < PD_MODEL_FOLIOS; i++) {
		char c = pd_fake_letter((start + i) % PD_MODEL_FOLIOS);

		if (pd_model_is(m, c, what))
			return c;
	}
	return '\0';
}

/* What the kernel and others do */

/* What the policy will say of it. */
static void pd_model_enter_verdict(struct pd_model *m, char c)
{
	static const u8 verdicts[] = {
		PD_VERDICT_ACTIVATE, PD_VERDICT_DEACTIVATE, PD_VERDICT_DEACTIVATE_HEAD,
	};

	pd_fake_of(m->f, c)->enter.verdict = verdicts[pd_dice(m, ARRAY_SIZE(verdicts))];
}

/* What adoption of @c, which is no longer in the in-tray, does. */
static void pd_model_adopt(struct pd_model *m, char c)
{
	u8 verdict = pd_fake_of(m->f, c)->enter.verdict;
	bool active = verdict == PD_VERDICT_ACTIVATE;
	char *queue = m->queue[active ? PD_QUEUE_ACTIVE : PD_QUEUE_INACTIVE];
	struct pd_model_page *page = pd_model_page(m, c);
	long pages = folio_nr_pages(pd_model_folio(m, c));

	/* What an earlier owner knew is forgotten. */
	if (!page->seen) {
		page->laundered = false;
		page->exec = false;
	}
	page->seen = true;
	if (active && !page->active) {
		m->counts.activated += pages;
		page->laundered = false;
	}
	if (!active && page->active)
		m->counts.deactivated += pages;
	page->active = active;
	if (verdict == PD_VERDICT_DEACTIVATE_HEAD)
		pd_text_insert(queue, c);
	else
		pd_text_append(queue, c);
}

/* It is on top of a kernel list; the hook is called or is not. */
static void pd_model_listed(struct pd_model *m, char c, bool hooked)
{
	if (hooked && m->open)
		pd_model_adopt(m, c);
	else
		pd_text_append(pd_model_tray(m, c), c);
}

static void pd_model_insert_as(struct pd_model *m, char c, bool active)
{
	bool hooked = pd_dice(m, 2);

	pd_model_enter_verdict(m, c);
	if (hooked)
		pd_fake_insert_hooked(m->f, c, active);
	else
		pd_fake_insert(m->f, c, active);
	pd_model_page(m, c)->active = active;
	pd_model_listed(m, c, hooked);
}

static void pd_model_insert(struct pd_model *m)
{
	char c = pd_model_pick(m, PD_PICK_NOWHERE);

	if (c)
		pd_model_insert_as(m, c, pd_dice(m, 2));
}

static void pd_model_truncate(struct pd_model *m)
{
	char c = pd_model_pick(m, PD_PICK_LISTED);

	if (!c)
		return;
	pd_text_remove(pd_model_list(m, c), c);
	pd_fake_remove(m->f, c);
	pd_model_page(m, c)->active = false;
}

static void pd_model_activate(struct pd_model *m)
{
	char c = pd_model_pick(m, PD_PICK_LISTED);
	bool hooked = pd_dice(m, 2);

	if (!c)
		return;
	pd_model_enter_verdict(m, c);
	pd_text_remove(pd_model_list(m, c), c);
	pd_fake_activate(m->f, c, hooked);
	pd_model_page(m, c)->active = true;
	pd_model_listed(m, c, hooked);
}

/* To the oldest end, as its write-out has ended; or, as madvise() wants, the newest. */
static void pd_model_deactivate(struct pd_model *m)
{
	char c = pd_model_pick(m, PD_PICK_LISTED);
	bool rotate = pd_dice(m, 2);

	if (!c)
		return;
	pd_model_enter_verdict(m, c);
	pd_text_remove(pd_model_list(m, c), c);
	pd_model_page(m, c)->active = false;
	if (rotate) {
		pd_fake_rotate(m->f, c);
		pd_text_insert(pd_model_tray(m, c), c);
	} else {
		pd_fake_deactivate(m->f, c);
		pd_text_append(pd_model_tray(m, c), c);
	}
}

/* In two steps, as in folio_isolate_lru(): between them it waits for the lock. */
static void pd_model_isolate(struct pd_model *m)
{
	char c = pd_model_pick(m, pd_dice(m, 2) ? PD_PICK_LISTED : PD_PICK_ISOLATING);
	struct pd_model_page *page;

	if (!c)
		return;
	page = pd_model_page(m, c);
	if (!page->isolating) {
		KUNIT_EXPECT_TRUE(m->f->test, folio_test_clear_lru(pd_model_folio(m, c)));
		page->isolating = true;
		return;
	}
	pd_text_remove(pd_model_list(m, c), c);
	pd_fake_isolate(m->f, c);
	page->isolating = false;
	page->isolated = true;
}

/* Who has isolated it puts it back: compaction, migration that came to nothing. */
static void pd_model_putback(struct pd_model *m)
{
	char c = pd_model_pick(m, PD_PICK_ISOLATED);

	if (!c)
		return;
	pd_model_page(m, c)->isolated = false;
	folio_put(pd_model_folio(m, c));
	pd_model_insert_as(m, c, pd_model_page(m, c)->active);
}

/* A look, or the launderer, notes something about it. */
static void pd_model_note(struct pd_model *m)
{
	char c = pd_fake_letter(pd_dice(m, PD_MODEL_FOLIOS));
	struct pd_model_page *page = pd_model_page(m, c);

	if (pd_dice(m, 2)) {
		page->exec = !page->exec;
		pd_fake_page(m->f, c)->flags ^= PD_STATE_EXEC;
	} else {
		page->laundered = !page->laundered;
		pd_fake_page(m->f, c)->flags ^= PD_STATE_LAUNDERED;
	}
}

/* What passes do */

static void pd_model_adopt_trays(struct pd_model *m)
{
	enum lru_list lru;
	const char *c;

	for_each_evictable_lru(lru) {
		char tray[PD_FAKE_TEXT];

		strscpy(tray, m->tray[lru], sizeof(tray));
		m->tray[lru][0] = '\0';
		for (c = tray; *c; c++)
			pd_model_adopt(m, *c);
	}
}

static void pd_model_collect(struct pd_model *m)
{
	unsigned long moved = 0;
	enum lru_list lru;

	if (!m->open)
		return;
	for_each_evictable_lru(lru)
		moved += strlen(m->tray[lru]);
	KUNIT_EXPECT_EQ(m->f->test, pd_pair_adopt(m->f->pair), moved);
	pd_model_adopt_trays(m);
}

/* One folio cannot be had: it is being freed. */
static void pd_model_take(struct pd_model *m, struct pd_model_pass *p)
{
	char *queue = m->queue[p->queue], digit = pd_model_digit(m, p), *at;
	unsigned int nr = pd_dice(m, 4) ? 1 + pd_dice(m, 8) : pd_dice(m, 40);
	int max_zone = pd_dice(m, 4) ? MAX_NR_ZONES - 1 : ZONE_MOVABLE - 1;
	char freed = pd_model_pick(m, PD_PICK_LISTED);
	unsigned long visited = 0;
	unsigned int looked = 0;
	char text[PD_BATCH + 1];

	if (freed && !folio_ref_freeze(pd_model_folio(m, freed), 1))
		freed = '\0';

	at = strchr(queue, digit);
	memmove(at, at + 1, strlen(at));
	while (*at && looked < min_t(unsigned int, nr, PD_BATCH)) {
		char c = *at;

		if (!isalpha(c)) {
			at++;
			continue;
		}
		looked++;
		visited += folio_nr_pages(pd_model_folio(m, c));
		if (folio_zonenum(pd_model_folio(m, c)) > max_zone || c == freed ||
		    pd_model_page(m, c)->isolating) {
			at++;
			continue;
		}
		pd_text_append(p->taken, c);
		memmove(at, at + 1, strlen(at));
	}
	pd_text_insert(at, digit);

	KUNIT_EXPECT_EQ(m->f->test, pd_batch_take(m->f->pair, p->queue, p->cursor, nr,
						  max_zone, &p->batch), visited);
	if (freed)
		folio_ref_unfreeze(pd_model_folio(m, freed), 1);
	pd_fake_batch_text(m->f, &p->batch, text);
	KUNIT_EXPECT_STREQ(m->f->test, text, p->taken);
}

static void pd_model_judged(struct pd_model *m, struct pd_model_pass *p, char c, u8 verdict)
{
	char *queue = m->queue[p->queue];
	struct pd_model_page *page = pd_model_page(m, c);
	long pages = folio_nr_pages(pd_model_folio(m, c));
	bool was_active = p->queue == PD_QUEUE_ACTIVE;

	/* For the queues it is the same: writing is the pass's business. */
	if (verdict == PD_VERDICT_LAUNDER_ACTIVATE)
		verdict = PD_VERDICT_ACTIVATE;
	switch (verdict) {
	case PD_VERDICT_ACTIVATE:
		if (!was_active) {
			m->counts.activated += pages;
			m->counts.aged += pages;
		}
		page->active = true;
		pd_text_append(m->queue[PD_QUEUE_ACTIVE], c);
		return;
	case PD_VERDICT_DEACTIVATE:
	case PD_VERDICT_DEACTIVATE_HEAD:
		if (was_active)
			m->counts.deactivated += pages;
		page->active = false;
		if (verdict == PD_VERDICT_DEACTIVATE)
			pd_text_append(m->queue[PD_QUEUE_INACTIVE], c);
		else
			pd_text_insert(m->queue[PD_QUEUE_INACTIVE], c);
		return;
	}
	page->active = was_active;
	if (verdict == PD_VERDICT_REQUEUE)
		pd_text_append(queue, c);
	else
		pd_text_insert(strchr(queue, pd_model_digit(m, p)), c);
}

/* Some go to be freed, some are mlocked by now; some verdicts are none. */
static void pd_model_put(struct pd_model *m, struct pd_model_pass *p)
{
	char mlocked = pd_dice(m, 4) ? '\0' : p->taken[0];
	struct folio *folio;
	unsigned int i;
	const char *c;

	for (c = p->taken, i = 0; *c; c++, i++) {
		u8 verdict = pd_dice(m, PD_NR_VERDICTS + 2);

		folio = pd_model_folio(m, *c);
		pd_fake_of(m->f, *c)->verdict = verdict;
		if (*c == mlocked) {
			folio_set_mlocked(folio);
			m->counts.returned += folio_nr_pages(folio);
		} else if (verdict == PD_VERDICT_UNQUEUE) {
			m->counts.returned += folio_nr_pages(folio);
		} else if (verdict == PD_VERDICT_FREE) {
			folio_clear_active(folio);
			pd_model_page(m, *c)->active = false;
			p->batch.folio[i] = NULL;
			pd_text_append(p->victims, *c);
		} else {
			pd_model_judged(m, p, *c, verdict);
		}
	}
	pd_fake_put_batch(m->f, p->queue, p->cursor, &p->batch);
	p->taken[0] = '\0';
	if (mlocked)
		folio_clear_mlocked(pd_model_folio(m, mlocked));
}

/* Of the victims some are freed; the rest goes back through a batch of its own. */
static void pd_model_reclaim(struct pd_model *m, struct pd_model_pass *p)
{
	const char *c;

	for (c = p->victims; *c; c++) {
		struct folio *folio = pd_model_folio(m, *c);
		u8 verdict = pd_dice(m, 2) ? PD_VERDICT_KEEP : PD_VERDICT_ACTIVATE;

		if (pd_dice(m, 2)) {
			mod_node_page_state(NODE_DATA(m->f->nid),
					    NR_ISOLATED_ANON + folio_is_file_lru(folio),
					    -folio_nr_pages(folio));
			folio_put(folio);
			continue;
		}
		pd_fake_of(m->f, *c)->verdict = verdict;
		p->batch.folio[p->batch.nr++] = folio;
		pd_model_judged(m, p, *c, verdict);
	}
	pd_fake_put_batch(m->f, p->queue, p->cursor, &p->batch);
	p->victims[0] = '\0';
}

static void pd_model_begin(struct pd_model *m, struct pd_model_pass *p)
{
	p->queue = pd_dice(m, PD_NR_QUEUES);
	p->cursor = pd_cursor_get(m->f->pair, p->queue);
	KUNIT_ASSERT_NOT_NULL(m->f->test, p->cursor);
	pd_text_insert(m->queue[p->queue], pd_model_digit(m, p));
}

static void pd_model_end(struct pd_model *m, struct pd_model_pass *p)
{
	pd_text_remove(m->queue[p->queue], pd_model_digit(m, p));
	pd_cursor_put(m->f->pair, p->cursor);
	p->cursor = NULL;
}

static void pd_model_hand_drop(struct pd_model *m)
{
	pd_text_remove(m->queue[PD_QUEUE_INACTIVE], '|');
	pd_hand_drop(m->f->pair);
}

/* The tasks' hand; @p is in the inactive queue. */
static void pd_model_hand(struct pd_model *m, struct pd_model_pass *p)
{
	char *queue = m->queue[PD_QUEUE_INACTIVE], digit = pd_model_digit(m, p);
	bool there = strchr(queue, '|'), old = !pd_dice(m, 8);
	struct pd_pair *pair = m->f->pair;
	unsigned long until, before = jiffies;

	/* No matter how long the test takes. */
	pair->hand_until = before + (old ? -HZ : 3600 * HZ);
	until = pair->hand_until;

	switch (pd_dice(m, 5)) {
	case 0:
	case 1:
		pd_hand_move(pair, p->cursor);
		if (there)
			KUNIT_EXPECT_EQ(m->f->test, pair->hand_until, until);
		else
			KUNIT_EXPECT_TRUE(m->f->test,
					  time_in_range(pair->hand_until, before + PD_HAND_LIFE,
							jiffies + PD_HAND_LIFE));
		pd_text_remove(queue, '|');
		pd_text_insert(strchr(queue, digit), '|');
		break;
	case 2:
	case 3:
		pd_hand_follow(pair, p->cursor);
		if (old)
			pd_text_remove(queue, '|');
		if (strchr(queue, '|')) {
			pd_text_remove(queue, digit);
			pd_text_insert(strchr(queue, '|') + 1, digit);
		}
		break;
	default:
		pd_model_hand_drop(m);
	}
}

/* A pass takes its next step. */
static void pd_model_pass(struct pd_model *m)
{
	struct pd_model_pass *p = &m->pass[pd_dice(m, PD_MODEL_PASSES)];

	if (!m->open)
		return;
	if (!p->cursor)
		pd_model_begin(m, p);
	else if (p->batch.nr)
		pd_model_put(m, p);
	else if (p->victims[0])
		pd_model_reclaim(m, p);
	else if (p->queue == PD_QUEUE_INACTIVE && !pd_dice(m, 4))
		pd_model_hand(m, p);
	else if (pd_dice(m, 6))
		pd_model_take(m, p);
	else
		pd_model_end(m, p);
}

static void pd_model_count_exec(struct pd_model *m)
{
	unsigned long exec = 0;
	const char *c;
	int q;

	for (q = 0; q < PD_NR_QUEUES; q++)
		for (c = m->queue[q]; *c; c++)
			if (isalpha(*c) && pd_model_page(m, *c)->exec &&
			    folio_is_file_lru(pd_model_folio(m, *c)))
				exec += folio_nr_pages(pd_model_folio(m, *c));
	KUNIT_EXPECT_EQ(m->f->test, pd_pair_count_exec(m->f->pair), exec);
}

/* Life of the pair */

/* Nobody is under way when a pair is closed; isolated folios are nobody's concern. */
static void pd_model_close(struct pd_model *m)
{
	enum lru_list lru;
	int i, q;

	for (i = 0; i < PD_MODEL_PASSES; i++) {
		if (!m->pass[i].cursor)
			continue;
		pd_model_put(m, &m->pass[i]);
		pd_model_reclaim(m, &m->pass[i]);
		pd_model_end(m, &m->pass[i]);
	}
	pd_fake_hand_back(m->f->pair);
	m->open = false;

	/* In front of what is newer, in order. */
	for_each_evictable_lru(lru) {
		char tray[PD_FAKE_TEXT] = "";
		const char *c;

		for (q = 0; q < PD_NR_QUEUES; q++)
			for (c = m->queue[q]; *c; c++)
				if (isalpha(*c) && pd_model_tray(m, *c) == m->tray[lru])
					pd_text_append(tray, *c);
		strlcat(tray, m->tray[lru], sizeof(tray));
		strscpy(m->tray[lru], tray, sizeof(tray));
	}
	for (q = 0; q < PD_NR_QUEUES; q++)
		m->queue[q][0] = '\0';
}

static void pd_model_open(struct pd_model *m)
{
	enum lru_list lru;
	const char *c;

	for_each_evictable_lru(lru)
		for (c = m->tray[lru]; *c; c++)
			pd_model_page(m, *c)->seen = false;
	pd_fake_take_over(m->f->pair);
	m->open = true;
	pd_model_adopt_trays(m);
}

static void pd_model_toggle(struct pd_model *m)
{
	if (!m->open)
		pd_model_open(m);
	else if (!pd_dice(m, 8))
		pd_model_close(m);
}

/* Do they agree? */

static long pd_model_pages(struct pd_model *m, const char *text, int file)
{
	long pages = 0;

	for (; *text; text++) {
		if (!isalpha(*text))
			continue;
		if (file < 0 || folio_is_file_lru(pd_model_folio(m, *text)) == file)
			pages += folio_nr_pages(pd_model_folio(m, *text));
	}
	return pages;
}

static void pd_model_compare_counts(struct pd_model *m)
{
	const char *inactive = m->queue[PD_QUEUE_INACTIVE];
	const char *active = m->queue[PD_QUEUE_ACTIVE];
	struct pd_fake_counts want = m->counts;
	enum lru_list lru;
	int i;

	for_each_evictable_lru(lru)
		want.tray += pd_model_pages(m, m->tray[lru], -1);
	want.inactive = pd_model_pages(m, inactive, -1);
	want.active = pd_model_pages(m, active, -1);
	want.inactive_anon = pd_model_pages(m, inactive, 0) +
			     pd_model_pages(m, m->tray[LRU_INACTIVE_ANON], 0);
	want.active_anon = pd_model_pages(m, active, 0) +
			   pd_model_pages(m, m->tray[LRU_ACTIVE_ANON], 0);
	want.inactive_file = pd_model_pages(m, inactive, 1) +
			     pd_model_pages(m, m->tray[LRU_INACTIVE_FILE], 1);
	want.active_file = pd_model_pages(m, active, 1) +
			   pd_model_pages(m, m->tray[LRU_ACTIVE_FILE], 1);
	for (i = 0; i < PD_MODEL_PASSES; i++)
		want.isolated += pd_model_pages(m, m->pass[i].taken, -1) +
				 pd_model_pages(m, m->pass[i].victims, -1);
	pd_fake_expect(m->f, want, __LINE__);
}

static void pd_model_compare_page(struct pd_model *m, char c)
{
	struct folio *folio = pd_model_folio(m, c);
	struct pd_model_page *page = pd_model_page(m, c);
	u8 flags = pd_fake_page(m->f, c)->flags;

	KUNIT_EXPECT_EQ_MSG(m->f->test, folio_test_lru(folio),
			    pd_model_list(m, c) && !page->isolating, "PG_lru of %c", c);
	KUNIT_EXPECT_EQ_MSG(m->f->test, folio_test_active(folio), page->active,
			    "PG_active of %c", c);
	KUNIT_EXPECT_EQ_MSG(m->f->test, folio_test_workingset(folio), page->workingset,
			    "PG_workingset of %c", c);
	KUNIT_EXPECT_EQ_MSG(m->f->test, folio_ref_count(folio), 1 + pd_model_refs(m, c),
			    "references of %c", c);
	KUNIT_EXPECT_EQ_MSG(m->f->test, !!(flags & PD_STATE_SEEN), page->seen,
			    "seen, %c", c);
	KUNIT_EXPECT_EQ_MSG(m->f->test, !!(flags & PD_STATE_LAUNDERED), page->laundered,
			    "laundered, %c", c);
	KUNIT_EXPECT_EQ_MSG(m->f->test, !!(flags & PD_STATE_EXEC), page->exec, "exec, %c", c);
}

static void pd_model_compare(struct pd_model *m)
{
	enum lru_list lru;
	int i;

	PD_EXPECT_QUEUES(m->f, m->queue[PD_QUEUE_INACTIVE], m->queue[PD_QUEUE_ACTIVE]);
	for_each_evictable_lru(lru)
		PD_EXPECT_TRAY(m->f, lru, m->tray[lru]);
	/* The invariants are in here. */
	pd_model_compare_counts(m);
	for (i = 0; i < PD_MODEL_FOLIOS; i++)
		pd_model_compare_page(m, pd_fake_letter(i));
}

/* What can happen, and how often. */
static const struct {
	unsigned int often;
	void (*op)(struct pd_model *m);
	const char *name;
} pd_model_ops[] = {
	{ 12, pd_model_insert, "insert" },
	{ 3, pd_model_truncate, "truncate" },
	{ 4, pd_model_activate, "activate" },
	{ 4, pd_model_deactivate, "deactivate" },
	{ 4, pd_model_isolate, "isolate" },
	{ 3, pd_model_putback, "put back" },
	{ 2, pd_model_note, "note" },
	{ 4, pd_model_collect, "collect" },
	{ 30, pd_model_pass, "pass" },
	{ 1, pd_model_count_exec, "count exec" },
	{ 1, pd_model_toggle, "open or close" },
};

static void pd_model_step(struct pd_model *m)
{
	unsigned int all = 0, dice, i;

	for (i = 0; i < ARRAY_SIZE(pd_model_ops); i++)
		all += pd_model_ops[i].often;
	dice = pd_dice(m, all);
	for (i = 0; dice >= pd_model_ops[i].often; i++)
		dice -= pd_model_ops[i].often;
	m->did = pd_model_ops[i].name;
	pd_model_ops[i].op(m);
}

static const u64 pd_model_seeds[] = { 1, 2, 3, 4, 5, 0x706167656461656d };

static void pd_model_desc(const u64 *seed, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "seed %llu", *seed);
}

KUNIT_ARRAY_PARAM(pd_model, pd_model_seeds, pd_model_desc);

static void queues_agree_with_a_model_whatever_happens(struct kunit *test)
{
	u64 seed = *(const u64 *)test->param_value;
	struct pd_fake *f = test->priv;
	struct pd_model *m = kunit_kzalloc(test, sizeof(*m), GFP_KERNEL);
	int i, step;
	char c;

	KUNIT_ASSERT_NOT_NULL(test, m);
	m->f = f;
	prandom_seed_state(&m->rnd, seed);
	for (i = 0; i < PD_MODEL_FOLIOS; i++) {
		c = pd_fake_add(f, i & 1, i % 10 ? 0 : 2);
		/* Whatever zones this machine has. */
		set_page_zone(&pd_fake_folio(f, c)->page, i % 7 ? 0 : ZONE_MOVABLE);
	}
	pd_model_open(m);

	for (step = 0; step < PD_MODEL_STEPS; step++) {
		pd_model_step(m);
		pd_model_compare(m);
		if (READ_ONCE(test->status) == KUNIT_FAILURE) {
			kunit_err(test, "seed %llu, step %d: %s\n", seed, step, m->did);
			break;
		}
		cond_resched();
	}
	if (m->open)
		pd_model_close(m);
	while ((c = pd_model_pick(m, PD_PICK_ISOLATED)))
		pd_model_putback(m);
	if (READ_ONCE(test->status) != KUNIT_FAILURE)
		pd_model_compare(m);
}

static struct kunit_case pd_model_cases[] = {
	KUNIT_CASE_PARAM(queues_agree_with_a_model_whatever_happens, pd_model_gen_params),
	{}
};

struct kunit_suite pd_model_suite = {
	.name = "pd_model",
	.suite_init = pd_fake_suite_init,
	.suite_exit = pd_fake_suite_exit,
	.init = pd_fake_init,
	.exit = pd_fake_exit,
	.test_cases = pd_model_cases,
};
