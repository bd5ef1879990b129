// SPDX-License-Identifier: GPL-2.0
/*
 * Pages that are gone: who a folio is, the table that a policy's ghosts are in, and
 * which pages of a pass come to be there.
 */
#include "pass.h"
#include <linux/fs.h>
#include <linux/kdev_t.h>

/* What the policy wants remembered of every page. */
#define PD_GHOST 77

static struct pd_ghosts_fake {
	unsigned int asked;
	u32 remember;
	u32 forgotten;
} *pd_ghosts_fake;

static u32 pd_ghosts_remember(void *state, const struct pd_view *view,
			      const struct pd_page_state *page)
{
	pd_ghosts_fake->asked++;
	return pd_ghosts_fake->remember;
}

static void pd_ghosts_forgotten(void *state, u32 ghost)
{
	KUNIT_EXPECT_EQ(pd_fake->test, ghost, (u32)PD_GHOST);
	pd_ghosts_fake->forgotten++;
}

static const struct pd_policy pd_ghosts_policy = {
	.name = "ghosts",
	.state_size = sizeof(struct pd_fake *),
	.flags = PD_POLICY_GHOSTS,
	.enqueue = pd_fake_enqueue,
	.plan = pd_pass_plan,
	.inactive = pd_pass_inactive,
	.laundered = pd_pass_laundered,
	.inactive_done = pd_pass_inactive_done,
	.active = pd_pass_inactive,
	.after_pass = pd_pass_after,
	.remember = pd_ghosts_remember,
	.forgotten = pd_ghosts_forgotten,
};

static int pd_ghosts_init(struct kunit *test)
{
	struct pd_fake *f;
	int err = pd_pass_init(test);

	if (err)
		return err;
	f = test->priv;
	pd_ghosts_fake = kunit_kzalloc(test, sizeof(*pd_ghosts_fake), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, pd_ghosts_fake);
	pd_ghosts_fake->remember = PD_GHOST;
	pd_pass->frees = true;
	f->inst->policy = &pd_ghosts_policy;
	pd_ghosts_fit(f->inst, 0);
	KUNIT_ASSERT_NOT_NULL(test, rcu_access_pointer(f->inst->ghosts));
	return 0;
}

static void pd_ghosts_exit(struct kunit *test)
{
	struct pd_fake *f = test->priv;

	if (f && f->inst)
		pd_ghosts_free(rcu_dereference_protected(f->inst->ghosts, true));
	pd_fake_exit(test);
}

/* A file of its own file system. */
static struct address_space *pd_ghosts_file(struct kunit *test, unsigned int minor,
					    unsigned long ino)
{
	struct super_block *sb = kunit_kzalloc(test, sizeof(*sb), GFP_KERNEL);
	struct inode *inode = kunit_kzalloc(test, sizeof(*inode), GFP_KERNEL);
	struct address_space *mapping = kunit_kzalloc(test, sizeof(*mapping), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, sb);
	KUNIT_ASSERT_NOT_NULL(test, inode);
	KUNIT_ASSERT_NOT_NULL(test, mapping);
	sb->s_dev = MKDEV(250, minor);
	inode->i_sb = sb;
	inode->i_ino = ino;
	mapping->host = inode;
	return mapping;
}

/* A new folio that is page @index of @mapping. */
static char pd_ghosts_page(struct pd_fake *f, void *mapping, pgoff_t index)
{
	bool anon = (unsigned long)mapping & PAGE_MAPPING_ANON;
	char letter = pd_fake_add(f, !anon, 0);
	struct folio *folio = pd_fake_folio(f, letter);

	folio->mapping = mapping;
	folio->index = index;
	folio_mark_uptodate(folio);
	return letter;
}

static u64 pd_ghosts_id(struct pd_fake *f, void *mapping, pgoff_t index)
{
	return pd_folio_id(pd_fake_folio(f, pd_ghosts_page(f, mapping, index)));
}

/* What is remembered of page @index, which is forgotten now. */
static u32 pd_ghosts_find(struct pd_fake *f, void *mapping, pgoff_t index)
{
	char letter = pd_ghosts_page(f, mapping, index);

	return pd_ghosts_take(f->dom, pd_fake_folio(f, letter));
}

/* ---- Who a folio is ---- */

static void page_of_a_file_is_the_same_in_whatever_frame(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	struct address_space *file = pd_ghosts_file(test, 1, 12);
	u64 id = pd_ghosts_id(f, file, 3);

	KUNIT_EXPECT_NE(test, id, 0ULL);
	KUNIT_EXPECT_EQ(test, id, pd_ghosts_id(f, file, 3));
	/* The inode was dropped, and read anew. */
	KUNIT_EXPECT_EQ(test, id, pd_ghosts_id(f, pd_ghosts_file(test, 1, 12), 3));
}

static void other_pages_files_and_file_systems_are_others(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	struct address_space *file = pd_ghosts_file(test, 1, 12);
	u64 id = pd_ghosts_id(f, file, 3);

	KUNIT_EXPECT_NE(test, id, pd_ghosts_id(f, file, 4));
	KUNIT_EXPECT_NE(test, id, pd_ghosts_id(f, pd_ghosts_file(test, 1, 13), 3));
	KUNIT_EXPECT_NE(test, id, pd_ghosts_id(f, pd_ghosts_file(test, 2, 12), 3));
}

static void anonymous_page_is_known_by_its_mappings_and_place(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	struct address_space *file = pd_ghosts_file(test, 1, 12);
	/* Only compared: the address of an anon_vma. */
	void *here = (void *)((unsigned long)file | PAGE_MAPPING_ANON);
	void *there = (void *)((unsigned long)(file + 1) | PAGE_MAPPING_ANON);
	u64 id = pd_ghosts_id(f, here, 3);

	KUNIT_EXPECT_NE(test, id, 0ULL);
	KUNIT_EXPECT_EQ(test, id, pd_ghosts_id(f, here, 3));
	KUNIT_EXPECT_NE(test, id, pd_ghosts_id(f, here, 4));
	KUNIT_EXPECT_NE(test, id, pd_ghosts_id(f, there, 3));
	KUNIT_EXPECT_NE(test, id, pd_ghosts_id(f, file, 3));
}

static void page_that_belongs_to_nobody_is_not_known(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	struct address_space *file = pd_ghosts_file(test, 1, 12);
	void *driver = (void *)((unsigned long)file | PAGE_MAPPING_MOVABLE);

	/* Truncated, or read ahead from swap. */
	KUNIT_EXPECT_EQ(test, pd_ghosts_id(f, NULL, 3), 0ULL);
	KUNIT_EXPECT_EQ(test, pd_ghosts_id(f, driver, 3), 0ULL);
	/* Not of an inode. */
	file->host = NULL;
	KUNIT_EXPECT_EQ(test, pd_ghosts_id(f, file, 3), 0ULL);
}

/* ---- The table ---- */

static struct pd_ghosts *pd_ghosts_of(struct pd_fake *f)
{
	return rcu_dereference_protected(f->inst->ghosts, true);
}

static void table_grows_with_the_limit_and_shrinks_to_half(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	struct pd_ghosts *least = pd_ghosts_of(f), *table;

	KUNIT_EXPECT_EQ(test, least->buckets, (u64)PD_GHOST_MIN_BUCKETS);
	pd_ghosts_fit(f->inst, 31);
	KUNIT_EXPECT_PTR_EQ(test, pd_ghosts_of(f), least);

	pd_ghosts_fit(f->inst, 65536);
	table = pd_ghosts_of(f);
	KUNIT_EXPECT_EQ(test, table->buckets, pd_ghost_buckets(65536));
	pd_ghosts_fit(f->inst, 65536);
	KUNIT_EXPECT_PTR_EQ(test, pd_ghosts_of(f), table);
	pd_ghosts_fit(f->inst, 32768);
	KUNIT_EXPECT_PTR_EQ(test, pd_ghosts_of(f), table);
	pd_ghosts_fit(f->inst, 32000);
	KUNIT_EXPECT_EQ(test, pd_ghosts_of(f)->buckets, pd_ghost_buckets(32000));
}

static void what_cannot_be_had_leaves_the_table_as_it_was(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	struct address_space *file = pd_ghosts_file(test, 1, 12);
	struct pd_ghosts *table = pd_ghosts_of(f);

	pd_ghosts_put(f->inst, pd_ghosts_id(f, file, 3), PD_GHOST);
	/* 2^35 frames: a table of 256 GiB. */
	pd_ghosts_fit(f->inst, 1ULL << 35);
	KUNIT_EXPECT_PTR_EQ(test, pd_ghosts_of(f), table);
	KUNIT_EXPECT_EQ(test, pd_ghosts_find(f, file, 3), (u32)PD_GHOST);
}

static void policy_without_ghosts_has_no_table(struct kunit *test)
{
	static const struct pd_policy plain = { .name = "plain" };
	struct pd_fake *f = test->priv;
	struct pd_ghosts *table = pd_ghosts_of(f);

	f->inst->policy = &plain;
	RCU_INIT_POINTER(f->inst->ghosts, NULL);
	pd_ghosts_free(table);
	pd_ghosts_fit(f->inst, 65536);
	KUNIT_EXPECT_NULL(test, pd_ghosts_of(f));
	KUNIT_EXPECT_EQ(test, pd_ghosts_find(f, pd_ghosts_file(test, 1, 12), 3), 0U);
	pd_ghosts_put(f->inst, 17, PD_GHOST);
	pd_ghosts_free(NULL);
}

static void what_was_put_is_taken_once_and_who_made_room_is_told(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	struct address_space *file = pd_ghosts_file(test, 1, 12);
	u64 id = pd_ghosts_id(f, file, 3), n, buckets = pd_ghosts_of(f)->buckets;

	pd_ghosts_put(f->inst, id, PD_GHOST);
	KUNIT_EXPECT_EQ(test, pd_ghosts_find(f, file, 4), 0U);
	KUNIT_EXPECT_EQ(test, pd_ghosts_find(f, file, 3), (u32)PD_GHOST);
	KUNIT_EXPECT_EQ(test, pd_ghosts_find(f, file, 3), 0U);

	/* Three times what it holds: two thirds of it at least have to go. */
	for (n = 0; n < 3 * PD_GHOST_WAYS * buckets; n++)
		pd_ghosts_put(f->inst, pd_ghost_hash(n), PD_GHOST);
	KUNIT_EXPECT_GE(test, (u64)pd_ghosts_fake->forgotten, 2 * PD_GHOST_WAYS * buckets);
	KUNIT_EXPECT_LT(test, (u64)pd_ghosts_fake->forgotten, 3 * PD_GHOST_WAYS * buckets);
}

/* ---- Passes ---- */

/* Pages 0, 1, ... of @file, in order, on the inactive queue; no more than @nr. */
static void pd_ghosts_open(struct pd_fake *f, struct address_space *file, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		pd_fake_insert(f, pd_ghosts_page(f, file, i), false);
	pd_fake_take_over(f->pair);
	pd_pass_join(f, f->pair, 0);
}

static void page_that_is_freed_is_remembered_and_no_other(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	struct address_space *file = pd_ghosts_file(test, 1, 12);

	pd_ghosts_open(f, file, 4);
	pd_fake_judge(f, "abd", PD_VERDICT_FREE);
	pd_pass->refuses = "b";
	KUNIT_EXPECT_EQ(test, pd_pass_daemon(f).freed, 2ULL);
	PD_EXPECT_QUEUES(f, "cb", "");
	KUNIT_EXPECT_EQ(test, pd_ghosts_fake->asked, 3U);
	KUNIT_EXPECT_EQ(test, pd_ghosts_find(f, file, 0), (u32)PD_GHOST);
	KUNIT_EXPECT_EQ(test, pd_ghosts_find(f, file, 1), 0U);
	KUNIT_EXPECT_EQ(test, pd_ghosts_find(f, file, 2), 0U);
	KUNIT_EXPECT_EQ(test, pd_ghosts_find(f, file, 3), (u32)PD_GHOST);

	/* When it goes after all, it is. */
	pd_pass->refuses = "";
	pd_pass_daemon(f);
	KUNIT_EXPECT_EQ(test, pd_ghosts_find(f, file, 1), (u32)PD_GHOST);
}

static void nothing_is_remembered_where_the_policy_wants_nothing(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	struct address_space *file = pd_ghosts_file(test, 1, 12);

	pd_ghosts_fake->remember = 0;
	pd_ghosts_open(f, file, 1);
	pd_fake_judge(f, "a", PD_VERDICT_FREE);
	KUNIT_EXPECT_EQ(test, pd_pass_daemon(f).freed, 1ULL);
	KUNIT_EXPECT_EQ(test, pd_ghosts_fake->asked, 1U);
	KUNIT_EXPECT_EQ(test, pd_ghosts_find(f, file, 0), 0U);
}

/* Recycled, as DragonFly does. */
static void page_freed_from_the_active_queue_is_remembered_too(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	struct address_space *file = pd_ghosts_file(test, 1, 12);
	char a = pd_ghosts_page(f, file, 0);

	pd_fake_enter(f, "a", PD_VERDICT_ACTIVATE);
	pd_fake_insert(f, a, true);
	pd_fake_take_over(f->pair);
	pd_pass_join(f, f->pair, 0);
	pd_fake_judge(f, "a", PD_VERDICT_FREE);
	pd_pass->active_shortage = 1;
	KUNIT_EXPECT_EQ(test, pd_pass_daemon(f).freed, 1ULL);
	KUNIT_EXPECT_EQ(test, pd_ghosts_find(f, file, 0), (u32)PD_GHOST);
}

/* The file's first page was there, and has gone. */
static void pd_ghosts_begin(struct pd_fake *f, struct address_space *file)
{
	pd_ghosts_open(f, file, 1);
	pd_fake_judge(f, "a", PD_VERDICT_FREE);
	KUNIT_EXPECT_EQ(f->test, pd_pass_daemon(f).freed, 1ULL);
}

static void page_that_comes_back_by_use_gets_its_ghost_once(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	struct address_space *file = pd_ghosts_file(test, 1, 12);
	char b;

	pd_ghosts_begin(f, file);
	KUNIT_EXPECT_EQ(test, pd_fake_of(f, 'a')->seen.ghost, 0U);

	b = pd_ghosts_page(f, file, 0);
	folio_set_referenced(pd_fake_folio(f, b));
	pd_fake_insert_hooked(f, b, false);
	KUNIT_EXPECT_EQ(test, pd_fake_of(f, b)->seen.ghost, (u32)PD_GHOST);

	pd_pass_daemon(f);
	KUNIT_EXPECT_EQ(test, pd_fake_of(f, b)->seen.ghost, 0U);
	/* The kernel moves it: it is no newcomer. */
	pd_fake_activate(f, b, true);
	KUNIT_EXPECT_EQ(test, pd_fake_of(f, b)->seen.ghost, 0U);
	KUNIT_EXPECT_EQ(test, pd_ghosts_find(f, file, 0), 0U);
}

static void page_that_was_read_ahead_gets_its_ghost_once_it_is_used(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	struct address_space *file = pd_ghosts_file(test, 1, 12);
	char b;

	pd_ghosts_begin(f, file);

	b = pd_ghosts_page(f, file, 0);
	pd_fake_insert_hooked(f, b, false);
	KUNIT_EXPECT_EQ(test, pd_fake_of(f, b)->seen.ghost, 0U);
	pd_pass_daemon(f);
	KUNIT_EXPECT_EQ(test, pd_fake_of(f, b)->seen.ghost, 0U);

	folio_set_referenced(pd_fake_folio(f, b));
	pd_pass_daemon(f);
	KUNIT_EXPECT_EQ(test, pd_fake_of(f, b)->seen.ghost, (u32)PD_GHOST);
	/* The use that brought it in is no reuse, but it is a use. */
	KUNIT_EXPECT_EQ(test, pd_fake_of(f, b)->seen.soft_refs, 0);
	pd_pass_daemon(f);
	KUNIT_EXPECT_EQ(test, pd_fake_of(f, b)->seen.ghost, 0U);
}

/* Nobody ever used it: what was known before is still known when it comes by use. */
static void page_read_ahead_in_vain_leaves_its_ghost(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	struct address_space *file = pd_ghosts_file(test, 1, 12);
	char b;

	pd_ghosts_begin(f, file);

	pd_ghosts_fake->remember = 0;
	b = pd_ghosts_page(f, file, 0);
	pd_fake_insert_hooked(f, b, false);
	pd_fake_judge(f, "b", PD_VERDICT_FREE);
	KUNIT_EXPECT_EQ(test, pd_pass_daemon(f).freed, 1ULL);
	KUNIT_EXPECT_EQ(test, pd_ghosts_find(f, file, 0), (u32)PD_GHOST);
}

static struct kunit_case pd_ghosts_cases[] = {
	KUNIT_CASE(page_of_a_file_is_the_same_in_whatever_frame),
	KUNIT_CASE(other_pages_files_and_file_systems_are_others),
	KUNIT_CASE(anonymous_page_is_known_by_its_mappings_and_place),
	KUNIT_CASE(page_that_belongs_to_nobody_is_not_known),
	KUNIT_CASE(table_grows_with_the_limit_and_shrinks_to_half),
	KUNIT_CASE(what_cannot_be_had_leaves_the_table_as_it_was),
	KUNIT_CASE(policy_without_ghosts_has_no_table),
	KUNIT_CASE(what_was_put_is_taken_once_and_who_made_room_is_told),
	KUNIT_CASE(page_that_is_freed_is_remembered_and_no_other),
	KUNIT_CASE(nothing_is_remembered_where_the_policy_wants_nothing),
	KUNIT_CASE(page_freed_from_the_active_queue_is_remembered_too),
	KUNIT_CASE(page_that_comes_back_by_use_gets_its_ghost_once),
	KUNIT_CASE(page_that_was_read_ahead_gets_its_ghost_once_it_is_used),
	KUNIT_CASE(page_read_ahead_in_vain_leaves_its_ghost),
	{}
};

struct kunit_suite pd_ghosts_suite = {
	.name = "pd_ghosts",
	.suite_init = pd_pass_suite_init,
	.suite_exit = pd_pass_suite_exit,
	.init = pd_ghosts_init,
	.exit = pd_ghosts_exit,
	.test_cases = pd_ghosts_cases,
};
