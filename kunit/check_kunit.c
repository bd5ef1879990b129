// SPDX-License-Identifier: GPL-2.0
/*
 * pd_queue_check() on a queue pair of fake.h: it finds every fault made on purpose,
 * and none, nor a difference to an oracle, whatever the kernel and passes do.
 */
#include "fake.h"
#include <linux/prandom.h>

/* Faults */

static void check_finds_a_folio_of_another_cgroup_or_node(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	struct folio *folio;

	pd_fake_open(f, 2, 1);
	KUNIT_EXPECT_NULL(test, pd_queue_check(f->pair));
	folio = pd_fake_folio(f, 'b');
	folio->memcg_data = 0;
	KUNIT_EXPECT_STREQ(test, pd_queue_check(f->pair) ?: "",
			   "folio of another cgroup or node");
	folio->memcg_data = (unsigned long)f->memcg;
	KUNIT_EXPECT_NULL(test, pd_queue_check(f->pair));

	f->pair->nid++;
	KUNIT_EXPECT_STREQ(test, pd_queue_check(f->pair) ?: "",
			   "folio of another cgroup or node");
	f->pair->nid--;
	KUNIT_EXPECT_NULL(test, pd_queue_check(f->pair));
}

static void check_finds_a_wrong_flag(struct kunit *test)
{
	struct pd_fake *f = test->priv;

	pd_fake_open(f, 2, 1);
	folio_set_active(pd_fake_folio(f, 'b'));
	KUNIT_EXPECT_STREQ(test, pd_queue_check(f->pair) ?: "",
			   "PG_active does not match the queue");
	folio_clear_active(pd_fake_folio(f, 'b'));
	folio_clear_active(pd_fake_folio(f, 'c'));
	KUNIT_EXPECT_STREQ(test, pd_queue_check(f->pair) ?: "",
			   "PG_active does not match the queue");
	folio_set_active(pd_fake_folio(f, 'c'));

	folio_set_unevictable(pd_fake_folio(f, 'b'));
	KUNIT_EXPECT_STREQ(test, pd_queue_check(f->pair) ?: "",
			   "unevictable folio on a queue");
	folio_clear_unevictable(pd_fake_folio(f, 'b'));

	/* Cleared by whoever isolates it: no corruption. */
	folio_clear_lru(pd_fake_folio(f, 'b'));
	KUNIT_EXPECT_NULL(test, pd_queue_check(f->pair));
	folio_set_lru(pd_fake_folio(f, 'b'));
	KUNIT_EXPECT_NULL(test, pd_queue_check(f->pair));
}

static void check_finds_a_wrong_size(struct kunit *test)
{
	static const char differ[] = "queue lengths and the kernel's LRU sizes differ";
	struct pd_fake *f = test->priv;
	enum lru_list lru;
	int zone;

	pd_fake_open(f, 2, 1);
	for_each_evictable_lru(lru)
		for (zone = 0; zone < MAX_NR_ZONES; zone++) {
			f->pn->lru_zone_size[zone][lru]++;
			KUNIT_EXPECT_STREQ(test, pd_queue_check(f->pair) ?: "", differ);
			f->pn->lru_zone_size[zone][lru]--;
			KUNIT_EXPECT_NULL(test, pd_queue_check(f->pair));
		}
}

static void check_finds_a_lost_and_a_foreign_folio(struct kunit *test)
{
	static const char differ[] = "queue lengths and the kernel's LRU sizes differ";
	struct pd_fake *f = test->priv;
	struct folio *folio;

	pd_fake_open(f, 3, 0);
	folio = pd_fake_folio(f, 'b');
	list_del(&folio->lru);
	KUNIT_EXPECT_STREQ(test, pd_queue_check(f->pair) ?: "", differ);
	list_add(&folio->lru, &f->pair->queue[PD_QUEUE_INACTIVE]);
	KUNIT_EXPECT_NULL(test, pd_queue_check(f->pair));

	/* Of this cgroup, and never accounted. */
	pd_fake_add(f, true, 0);
	folio = pd_fake_folio(f, 'd');
	folio_set_lru(folio);
	list_add(&folio->lru, &f->pair->queue[PD_QUEUE_INACTIVE]);
	KUNIT_EXPECT_STREQ(test, pd_queue_check(f->pair) ?: "", differ);
	list_del(&folio->lru);
	KUNIT_EXPECT_NULL(test, pd_queue_check(f->pair));
}

#ifdef CONFIG_LRU_GEN

static void check_finds_a_folio_of_a_generation(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	struct folio *folio;

	pd_fake_open(f, 2, 1);
	folio = pd_fake_folio(f, 'b');
	set_mask_bits(&folio->flags, LRU_GEN_MASK, 1UL << LRU_GEN_PGOFF);
	KUNIT_EXPECT_STREQ(test, pd_queue_check(f->pair) ?: "",
			   "folio of an MGLRU generation on a queue");
	set_mask_bits(&folio->flags, LRU_GEN_MASK, 0UL);
	KUNIT_EXPECT_NULL(test, pd_queue_check(f->pair));
}

#endif

/*
 * Against an oracle: the same operations on strings, which is all there is to
 * know about order. Letters and digits as in fake.h.
 */

#define PD_ORACLE_STEPS 4000
#define PD_ORACLE_FOLIOS 40
#define PD_ORACLE_CURSORS 4

struct pd_oracle {
	struct pd_fake *f;
	struct rnd_state rnd;
	char queue[PD_NR_QUEUES][PD_FAKE_TEXT];
	char tray[LRU_ACTIVE_FILE + 1][PD_FAKE_TEXT];
	struct {
		struct pd_cursor *cursor;
		enum pd_queue_id queue;
		struct pd_batch batch;
		char taken[PD_BATCH + 1];
	} pass[PD_ORACLE_CURSORS];
	struct pd_fake_counts counts;	/* events only */
};

static unsigned int pd_dice(struct pd_oracle *o, unsigned int sides)
{
	return prandom_u32_state(&o->rnd) % sides;
}

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

static enum lru_list pd_oracle_lru(struct pd_oracle *o, char c, bool active)
{
	return (folio_is_file_lru(pd_fake_folio(o->f, c)) ? LRU_FILE : 0) +
	       (active ? LRU_ACTIVE : 0);
}

/* Takes a letter off whatever list it is on; false: it is on none. */
static bool pd_oracle_unlist(struct pd_oracle *o, char c)
{
	enum lru_list lru;

	for_each_evictable_lru(lru)
		if (pd_text_remove(o->tray[lru], c))
			return true;
	return pd_text_remove(o->queue[PD_QUEUE_INACTIVE], c) ||
	       pd_text_remove(o->queue[PD_QUEUE_ACTIVE], c);
}

static bool pd_oracle_is_listed(struct pd_oracle *o, char c)
{
	enum lru_list lru;

	for_each_evictable_lru(lru)
		if (strchr(o->tray[lru], c))
			return true;
	return strchr(o->queue[PD_QUEUE_INACTIVE], c) ||
	       strchr(o->queue[PD_QUEUE_ACTIVE], c);
}

static bool pd_oracle_is_taken(struct pd_oracle *o, char c)
{
	int i;

	for (i = 0; i < PD_ORACLE_CURSORS; i++)
		if (strchr(o->pass[i].taken, c))
			return true;
	return false;
}

/* A letter that is on a list, or one that is nowhere; '\0' if there is none. */
static char pd_oracle_pick(struct pd_oracle *o, bool listed)
{
	unsigned int i, start = pd_dice(o, PD_ORACLE_FOLIOS);

	for (i = 0; i < PD_ORACLE_FOLIOS; i++) {
		char c = pd_fake_letter((start + i) % PD_ORACLE_FOLIOS);

		if (listed ? pd_oracle_is_listed(o, c) :
			     !pd_oracle_is_listed(o, c) && !pd_oracle_is_taken(o, c))
			return c;
	}
	return '\0';
}

static void pd_oracle_enter_verdict(struct pd_oracle *o, char c)
{
	static const u8 verdicts[] = {
		PD_VERDICT_ACTIVATE, PD_VERDICT_DEACTIVATE, PD_VERDICT_DEACTIVATE_HEAD,
	};

	pd_fake_of(o->f, c)->enter.verdict = verdicts[pd_dice(o, ARRAY_SIZE(verdicts))];
}

/* What adoption of @c, which is no longer in the in-tray, does. */
static void pd_oracle_adopt(struct pd_oracle *o, char c, bool was_active)
{
	u8 verdict = pd_fake_of(o->f, c)->enter.verdict;
	bool active = verdict == PD_VERDICT_ACTIVATE;
	char *queue = o->queue[active ? PD_QUEUE_ACTIVE : PD_QUEUE_INACTIVE];
	long pages = folio_nr_pages(pd_fake_folio(o->f, c));

	if (active && !was_active)
		o->counts.activated += pages;
	if (!active && was_active)
		o->counts.deactivated += pages;
	pd_text_insert(verdict == PD_VERDICT_DEACTIVATE_HEAD ?
		       queue : queue + strlen(queue), c);
}

static void pd_oracle_insert(struct pd_oracle *o)
{
	char c = pd_oracle_pick(o, false);
	bool active = pd_dice(o, 2);

	if (!c)
		return;
	pd_oracle_enter_verdict(o, c);
	if (pd_dice(o, 2)) {
		pd_fake_insert(o->f, c, active);
		pd_text_append(o->tray[pd_oracle_lru(o, c, active)], c);
	} else {
		pd_fake_insert_hooked(o->f, c, active);
		pd_oracle_adopt(o, c, active);
	}
}

static void pd_oracle_adopt_all(struct pd_oracle *o)
{
	unsigned long moved = 0;
	enum lru_list lru;

	for_each_evictable_lru(lru) {
		const char *c;

		for (c = o->tray[lru]; *c; c++, moved++)
			pd_oracle_adopt(o, *c, is_active_lru(lru));
		o->tray[lru][0] = '\0';
	}
	KUNIT_EXPECT_EQ(o->f->test, pd_pair_adopt(o->f->pair), moved);
}

static void pd_oracle_remove(struct pd_oracle *o)
{
	char c = pd_oracle_pick(o, true);

	if (!c)
		return;
	pd_oracle_unlist(o, c);
	pd_fake_remove(o->f, c);
}

static void pd_oracle_activate(struct pd_oracle *o)
{
	char c = pd_oracle_pick(o, true);
	bool hooked = pd_dice(o, 2);

	if (!c)
		return;
	pd_oracle_enter_verdict(o, c);
	pd_oracle_unlist(o, c);
	pd_fake_activate(o->f, c, hooked);
	if (hooked)
		pd_oracle_adopt(o, c, true);
	else
		pd_text_append(o->tray[pd_oracle_lru(o, c, true)], c);
}

static void pd_oracle_rotate(struct pd_oracle *o)
{
	char c = pd_oracle_pick(o, true), *tray;

	if (!c)
		return;
	pd_oracle_enter_verdict(o, c);
	pd_oracle_unlist(o, c);
	pd_fake_rotate(o->f, c);
	tray = o->tray[pd_oracle_lru(o, c, false)];
	pd_text_insert(tray, c);
}

/* Folios that cannot be taken: a third party has one, and will go away again. */
static void pd_oracle_take(struct pd_oracle *o, int i)
{
	unsigned int nr = 1 + pd_dice(o, 8), looked = 0;
	char *queue = o->queue[o->pass[i].queue];
	char isolated = pd_oracle_pick(o, true), freed = pd_oracle_pick(o, true);
	char *taken = o->pass[i].taken;
	unsigned long visited = 0;
	char *at, digit = '0' + (o->pass[i].cursor - o->f->pair->cursors);
	char text[PD_BATCH + 1];

	if (isolated)
		folio_clear_lru(pd_fake_folio(o->f, isolated));
	if (freed && !folio_ref_freeze(pd_fake_folio(o->f, freed), 1))
		freed = '\0';

	at = strchr(queue, digit);
	memmove(at, at + 1, strlen(at));
	while (*at && looked < nr) {
		if (*at <= '9') {
			at++;
			continue;
		}
		looked++;
		visited += folio_nr_pages(pd_fake_folio(o->f, *at));
		if (*at == isolated || *at == freed) {
			at++;
			continue;
		}
		pd_text_append(taken, *at);
		memmove(at, at + 1, strlen(at));
	}
	pd_text_insert(at, digit);

	KUNIT_EXPECT_EQ(o->f->test,
			pd_batch_take(o->f->pair, o->pass[i].queue, o->pass[i].cursor, nr,
				      MAX_NR_ZONES - 1, &o->pass[i].batch), visited);
	if (freed)
		folio_ref_unfreeze(pd_fake_folio(o->f, freed), 1);
	if (isolated)
		folio_set_lru(pd_fake_folio(o->f, isolated));
	pd_fake_batch_text(o->f, &o->pass[i].batch, text);
	KUNIT_EXPECT_STREQ(o->f->test, text, taken);
}

static void pd_oracle_put(struct pd_oracle *o, int i)
{
	char *active = o->queue[PD_QUEUE_ACTIVE], *inactive = o->queue[PD_QUEUE_INACTIVE];
	enum pd_queue_id from = o->pass[i].queue;
	char *queue = o->queue[from];
	char mlocked = pd_dice(o, 4) ? '\0' : o->pass[i].taken[0];
	char digit = '0' + (o->pass[i].cursor - o->f->pair->cursors);
	const char *c;

	if (mlocked)
		folio_set_mlocked(pd_fake_folio(o->f, mlocked));
	for (c = o->pass[i].taken; *c; c++) {
		long pages = folio_nr_pages(pd_fake_folio(o->f, *c));
		/* Some that are no verdicts, too. */
		u8 verdict = pd_dice(o, PD_NR_VERDICTS + 2);

		pd_fake_of(o->f, *c)->verdict = verdict;
		if (*c == mlocked || verdict == PD_VERDICT_UNQUEUE) {
			o->counts.returned += pages;
			continue;
		}
		/* For the queues it is the same: writing is the pass's business. */
		if (verdict == PD_VERDICT_LAUNDER_ACTIVATE)
			verdict = PD_VERDICT_ACTIVATE;
		if (from == PD_QUEUE_INACTIVE && verdict == PD_VERDICT_ACTIVATE) {
			o->counts.activated += pages;
			o->counts.aged += pages;
		}
		if (from == PD_QUEUE_ACTIVE && (verdict == PD_VERDICT_DEACTIVATE ||
						verdict == PD_VERDICT_DEACTIVATE_HEAD))
			o->counts.deactivated += pages;

		if (verdict == PD_VERDICT_ACTIVATE)
			pd_text_append(active, *c);
		else if (verdict == PD_VERDICT_DEACTIVATE)
			pd_text_append(inactive, *c);
		else if (verdict == PD_VERDICT_DEACTIVATE_HEAD)
			pd_text_insert(inactive, *c);
		else if (verdict == PD_VERDICT_REQUEUE)
			pd_text_append(queue, *c);
		else
			pd_text_insert(strchr(queue, digit), *c);
	}
	pd_fake_put_batch(o->f, from, o->pass[i].cursor, &o->pass[i].batch);
	o->pass[i].taken[0] = '\0';
	if (mlocked)
		folio_clear_mlocked(pd_fake_folio(o->f, mlocked));
}

/* A pass takes its next step: begins, takes, puts back, or ends. */
static void pd_oracle_pass(struct pd_oracle *o)
{
	int i = pd_dice(o, PD_ORACLE_CURSORS);
	char *queue;

	if (!o->pass[i].cursor) {
		o->pass[i].queue = pd_dice(o, PD_NR_QUEUES);
		o->pass[i].cursor = pd_cursor_get(o->f->pair, o->pass[i].queue);
		KUNIT_ASSERT_NOT_NULL(o->f->test, o->pass[i].cursor);
		queue = o->queue[o->pass[i].queue];
		pd_text_insert(queue, '0' + (o->pass[i].cursor - o->f->pair->cursors));
	} else if (o->pass[i].batch.nr) {
		pd_oracle_put(o, i);
	} else if (pd_dice(o, 6)) {
		pd_oracle_take(o, i);
	} else {
		pd_text_remove(o->queue[o->pass[i].queue],
			       '0' + (o->pass[i].cursor - o->f->pair->cursors));
		pd_cursor_put(o->f->pair, o->pass[i].cursor);
		o->pass[i].cursor = NULL;
	}
}

static long pd_oracle_pages(struct pd_oracle *o, const char *text, int file)
{
	long pages = 0;

	for (; *text; text++) {
		if (*text <= '9')
			continue;
		if (file < 0 || folio_is_file_lru(pd_fake_folio(o->f, *text)) == file)
			pages += folio_nr_pages(pd_fake_folio(o->f, *text));
	}
	return pages;
}

static void pd_oracle_compare(struct pd_oracle *o)
{
	struct pd_fake *f = o->f;
	struct pd_fake_counts want = o->counts;
	const char *inactive = o->queue[PD_QUEUE_INACTIVE];
	const char *active = o->queue[PD_QUEUE_ACTIVE];
	enum lru_list lru;
	int i;

	PD_EXPECT_QUEUES(f, inactive, active);
	for_each_evictable_lru(lru) {
		PD_EXPECT_TRAY(f, lru, o->tray[lru]);
		want.tray += pd_oracle_pages(o, o->tray[lru], -1);
	}
	want.inactive = pd_oracle_pages(o, inactive, -1);
	want.active = pd_oracle_pages(o, active, -1);
	want.inactive_anon = pd_oracle_pages(o, inactive, 0) +
			     pd_oracle_pages(o, o->tray[LRU_INACTIVE_ANON], 0);
	want.active_anon = pd_oracle_pages(o, active, 0) +
			   pd_oracle_pages(o, o->tray[LRU_ACTIVE_ANON], 0);
	want.inactive_file = pd_oracle_pages(o, inactive, 1) +
			     pd_oracle_pages(o, o->tray[LRU_INACTIVE_FILE], 1);
	want.active_file = pd_oracle_pages(o, active, 1) +
			   pd_oracle_pages(o, o->tray[LRU_ACTIVE_FILE], 1);
	for (i = 0; i < PD_ORACLE_CURSORS; i++)
		want.isolated += pd_oracle_pages(o, o->pass[i].taken, -1);
	pd_fake_expect(f, want, __LINE__);
}

static void pd_oracle_step(struct pd_oracle *o)
{
	switch (pd_dice(o, 12)) {
	case 0:
	case 1:
	case 2:
		pd_oracle_insert(o);
		break;
	case 3:
		pd_oracle_remove(o);
		break;
	case 4:
		pd_oracle_activate(o);
		break;
	case 5:
		pd_oracle_rotate(o);
		break;
	case 6:
		pd_oracle_adopt_all(o);
		break;
	default:
		pd_oracle_pass(o);
	}
}

static const u64 pd_oracle_seeds[] = { 1, 2, 0x706167656461656d };

static void pd_oracle_desc(const u64 *seed, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "seed %llu", *seed);
}

KUNIT_ARRAY_PARAM(pd_oracle, pd_oracle_seeds, pd_oracle_desc);

static void queues_agree_with_an_oracle_whatever_happens(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	struct pd_oracle *o = kunit_kzalloc(test, sizeof(*o), GFP_KERNEL);
	int i, step;

	KUNIT_ASSERT_NOT_NULL(test, o);
	o->f = f;
	prandom_seed_state(&o->rnd, *(const u64 *)test->param_value);
	for (i = 0; i < PD_ORACLE_FOLIOS; i++)
		pd_fake_add(f, i & 1, i % 10 ? 0 : 2);
	pd_pair_open(f->pair);

	for (step = 0; step < PD_ORACLE_STEPS; step++) {
		pd_oracle_step(o);
		pd_oracle_compare(o);
		if (READ_ONCE(test->status) == KUNIT_FAILURE) {
			kunit_err(test, "at step %d\n", step);
			break;
		}
		cond_resched();
	}
	/* Nobody is under way when a pair is closed. */
	for (i = 0; i < PD_ORACLE_CURSORS; i++) {
		if (!o->pass[i].cursor)
			continue;
		pd_oracle_put(o, i);
		pd_cursor_put(f->pair, o->pass[i].cursor);
	}
	pd_pair_close(f->pair);
	PD_EXPECT_QUEUES(f, "", "");
}

static struct kunit_case pd_check_cases[] = {
	KUNIT_CASE(check_finds_a_folio_of_another_cgroup_or_node),
	KUNIT_CASE(check_finds_a_wrong_flag),
	KUNIT_CASE(check_finds_a_wrong_size),
	KUNIT_CASE(check_finds_a_lost_and_a_foreign_folio),
#ifdef CONFIG_LRU_GEN
	KUNIT_CASE(check_finds_a_folio_of_a_generation),
#endif
	KUNIT_CASE_PARAM(queues_agree_with_an_oracle_whatever_happens, pd_oracle_gen_params),
	{}
};

struct kunit_suite pd_check_suite = {
	.name = "pd_check",
	.suite_init = pd_fake_suite_init,
	.suite_exit = pd_fake_suite_exit,
	.init = pd_fake_init,
	.exit = pd_fake_exit,
	.test_cases = pd_check_cases,
};
