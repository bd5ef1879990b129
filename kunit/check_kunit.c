// SPDX-License-Identifier: GPL-2.0
/*
 * pd_queue_check() on a queue pair of fake.h: it finds every fault made on purpose.
 * That it finds none, whatever the kernel and passes do, is in model_kunit.c.
 */
#include "fake.h"

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

static struct kunit_case pd_check_cases[] = {
	KUNIT_CASE(check_finds_a_folio_of_another_cgroup_or_node),
	KUNIT_CASE(check_finds_a_wrong_flag),
	KUNIT_CASE(check_finds_a_wrong_size),
	KUNIT_CASE(check_finds_a_lost_and_a_foreign_folio),
#ifdef CONFIG_LRU_GEN
	KUNIT_CASE(check_finds_a_folio_of_a_generation),
#endif
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
