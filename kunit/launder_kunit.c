// SPDX-License-Identifier: GPL-2.0
/*
 * Files whose pages are written: which neighbours go along, and what a file system
 * has yet to commit. The file is one that nobody knows of, without tags of dirty
 * pages in its mapping: nothing is written, but each page of a cluster takes over
 * the activity of the page it goes along with, and that can be seen.
 */
#include "fake.h"
#include <linux/backing-dev.h>
#include <linux/fs.h>

#define PD_FILE_CLUSTER 64
#define PD_FILE_BLOCK (PD_CLUSTER_BLOCK | PD_CLUSTER_INHERIT)
/* Of the page that is written; its neighbours have none. */
#define PD_FILE_ACT 7

static struct pd_file {
	struct backing_dev_info bdi;
	struct super_block sb;
	struct inode inode;
	struct pd_laundry laundry;
	bool dirty;
	bool writeback;
	unsigned int commits;
} *pd_file;

static void pd_file_is_dirty(struct folio *folio, bool *dirty, bool *writeback)
{
	*dirty |= pd_file->dirty;
	*writeback |= pd_file->writeback;
}

static int pd_file_write_inode(struct inode *inode, struct writeback_control *wbc)
{
	pd_file->commits++;
	return 0;
}

static const struct address_space_operations pd_file_plain;
static const struct address_space_operations pd_file_commits = {
	.is_dirty_writeback = pd_file_is_dirty,
};
static const struct super_operations pd_file_super = {
	.write_inode = pd_file_write_inode,
};
static const struct inode_operations pd_file_inode;

static int pd_launder_init(struct kunit *test)
{
	struct bdi_writeback *wb;
	struct inode *inode;
	int err = pd_fake_init(test);

	if (err)
		return err;
	pd_file = kunit_kzalloc(test, sizeof(*pd_file), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, pd_file);

	/* As much of a writeback domain as an inode asks of it. */
	wb = &pd_file->bdi.wb;
	pd_file->bdi.capabilities = BDI_CAP_WRITEBACK;
	wb->bdi = &pd_file->bdi;
	spin_lock_init(&wb->list_lock);

	init_rwsem(&pd_file->sb.s_umount);
	pd_file->sb.s_bdi = &pd_file->bdi;
	pd_file->sb.s_op = &pd_file_super;
	pd_file->sb.s_flags = SB_ACTIVE;
	/* Mounted, is all that is asked. */
	pd_file->sb.s_root = ERR_PTR(-ENOENT);
	strscpy(pd_file->sb.s_id, "fake", sizeof(pd_file->sb.s_id));

	inode = &pd_file->inode;
	inode->i_sb = &pd_file->sb;
	inode->i_op = &pd_file_inode;
	inode->i_mapping = &inode->i_data;
	spin_lock_init(&inode->i_lock);
	INIT_LIST_HEAD(&inode->i_io_list);
	atomic_set(&inode->i_count, 1);
#ifdef CONFIG_CGROUP_WRITEBACK
	inode->i_wb = wb;
#endif
	address_space_init_once(&inode->i_data);
	inode->i_data.host = inode;
	inode->i_data.a_ops = &pd_file_plain;
	return 0;
}

static void pd_launder_exit(struct kunit *test)
{
	if (pd_file) {
		KUNIT_EXPECT_EQ(test, atomic_read(&pd_file->inode.i_count), 1);
		KUNIT_EXPECT_FALSE(test, rwsem_is_locked(&pd_file->sb.s_umount));
		xa_destroy(&pd_file->inode.i_data.i_pages);
	}
	pd_file = NULL;
	pd_fake_exit(test);
}

/* Dirty pages of the file from @first on, as many as letters: those from 'a' on. */
static void pd_file_fill(struct pd_fake *f, pgoff_t first, const char *letters)
{
	struct address_space *mapping = &pd_file->inode.i_data;

	for (; *letters; letters++) {
		struct folio *folio;

		KUNIT_ASSERT_EQ(f->test, pd_fake_add(f, true, 0), *letters);
		folio = pd_fake_folio(f, *letters);
		folio->mapping = mapping;
		folio->index = first++;
		folio_mark_uptodate(folio);
		folio_set_dirty(folio);
		KUNIT_ASSERT_NULL(f->test, xa_store(&mapping->i_pages, folio->index,
						    folio, GFP_KERNEL));
	}
}

/* Write @letter; @cluster are those that went along, and it. */
static void pd_file_expect(struct pd_fake *f, char letter, u32 flags,
			   const char *cluster, int line)
{
	char text[PD_FAKE_FOLIOS + 1];
	unsigned long failed;
	unsigned int i, n = 0;

	for (i = 0; i < f->nr; i++)
		pd_state_of(folio_pfn(f->folio[i].folio))->act_count = 0;
	pd_fake_page(f, letter)->act_count = PD_FILE_ACT;
	KUNIT_ASSERT_TRUE(f->test, pd_launder_pin(&pd_file->laundry,
						  pd_fake_folio(f, letter)));
	pd_launder_write(f->pair, &pd_file->laundry, PD_FILE_CLUSTER, flags, &failed);
	KUNIT_EXPECT_EQ(f->test, pd_file->laundry.nr, 0U);
	KUNIT_EXPECT_EQ(f->test, failed, 0UL);

	for (i = 0; i < f->nr; i++)
		if (pd_state_of(folio_pfn(f->folio[i].folio))->act_count == PD_FILE_ACT)
			text[n++] = pd_fake_letter(i);
	text[n] = '\0';
	KUNIT_EXPECT_STREQ_MSG(f->test, text, cluster, "line %d", line);
}

#define PD_EXPECT_CLUSTER(f, letter, flags, cluster) \
	pd_file_expect(f, letter, flags, cluster, __LINE__)

static void b67_cluster_is_the_aligned_block(struct kunit *test)
{
	struct pd_fake *f = test->priv;

	pd_file_fill(f, 2 * PD_FILE_CLUSTER - 3, "abcdef");
	PD_EXPECT_CLUSTER(f, 'a', PD_FILE_BLOCK, "abc");
	PD_EXPECT_CLUSTER(f, 'c', PD_FILE_BLOCK, "abc");
	PD_EXPECT_CLUSTER(f, 'd', PD_FILE_BLOCK, "def");
	PD_EXPECT_CLUSTER(f, 'e', PD_FILE_BLOCK, "def");
}

static void b66_cluster_goes_on_past_the_alignment(struct kunit *test)
{
	struct pd_fake *f = test->priv;

	pd_file_fill(f, 2 * PD_FILE_CLUSTER - 3, "abcdef");
	PD_EXPECT_CLUSTER(f, 'e', PD_CLUSTER_INHERIT, "abcdef");
}

static void b67_neighbour_takes_over_the_lap(struct kunit *test)
{
	struct pd_fake *f = test->priv;

	pd_file_fill(f, 0, "abc");
	pd_fake_page(f, 'b')->flags = PD_STATE_SECOND_LAP | PD_STATE_EXEC;
	pd_fake_page(f, 'c')->flags = PD_STATE_QUEUED;
	PD_EXPECT_CLUSTER(f, 'b', PD_FILE_BLOCK, "abc");
	KUNIT_EXPECT_EQ(test, pd_fake_page(f, 'a')->flags, PD_STATE_SECOND_LAP);
	KUNIT_EXPECT_EQ(test, pd_fake_page(f, 'c')->flags,
			PD_STATE_SECOND_LAP | PD_STATE_QUEUED);
	pd_fake_page(f, 'b')->flags = 0;
	PD_EXPECT_CLUSTER(f, 'b', PD_FILE_BLOCK, "abc");
	KUNIT_EXPECT_EQ(test, pd_fake_page(f, 'c')->flags, PD_STATE_QUEUED);
}

static void b67_neighbour_that_may_not_come_ends_the_cluster(struct kunit *test)
{
	struct pd_fake *f = test->priv;

	pd_file_fill(f, 0, "abcde");
	folio_clear_dirty(pd_fake_folio(f, 'b'));
	PD_EXPECT_CLUSTER(f, 'd', PD_FILE_BLOCK, "cde");
	folio_set_dirty(pd_fake_folio(f, 'b'));

	KUNIT_ASSERT_TRUE(test, folio_trylock(pd_fake_folio(f, 'e')));
	PD_EXPECT_CLUSTER(f, 'd', PD_FILE_BLOCK, "abcd");
	folio_unlock(pd_fake_folio(f, 'e'));

	folio_set_active(pd_fake_folio(f, 'b'));
	PD_EXPECT_CLUSTER(f, 'd', PD_FILE_BLOCK, "cde");
	PD_EXPECT_CLUSTER(f, 'd', PD_FILE_BLOCK | PD_CLUSTER_ACTIVE, "abcde");
}

static void b66_b67_held_neighbour_ends_the_cluster(struct kunit *test)
{
	static const u32 flags[] = { PD_FILE_BLOCK, PD_CLUSTER_INHERIT,
				     PD_FILE_BLOCK | PD_CLUSTER_ACTIVE };
	struct pd_fake *f = test->priv;
	int i;

	pd_file_fill(f, 0, "abcdefg");
	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		folio_set_mlocked(pd_fake_folio(f, 'b'));
		PD_EXPECT_CLUSTER(f, 'd', flags[i], "cdefg");
		folio_clear_mlocked(pd_fake_folio(f, 'b'));
		PD_EXPECT_CLUSTER(f, 'd', flags[i], "abcdefg");

		/* Pinned, as for direct I/O. */
		folio_ref_add(pd_fake_folio(f, 'f'), GUP_PIN_COUNTING_BIAS);
		PD_EXPECT_CLUSTER(f, 'd', flags[i], "abcde");
		folio_ref_sub(pd_fake_folio(f, 'f'), GUP_PIN_COUNTING_BIAS);
	}
}

/* What a policy sees of page a that is not dirty by its flags. */
static u32 pd_file_look(struct pd_fake *f, bool dirty, bool writeback)
{
	struct folio *folio = pd_fake_folio(f, 'a');
	struct pd_view view;

	pd_file->dirty = dirty;
	pd_file->writeback = writeback;
	KUNIT_ASSERT_TRUE(f->test, folio_trylock(folio));
	pd_view_make(f->pair, folio, pd_fake_page(f, 'a'), PD_LOOK_INACTIVE, &view);
	folio_unlock(folio);
	return view.flags;
}

static void b38_uncommitted_page_is_dirty(struct kunit *test)
{
	struct pd_fake *f = test->priv;

	pd_file_fill(f, 0, "a");
	folio_clear_dirty(pd_fake_folio(f, 'a'));
	pd_file->inode.i_data.a_ops = &pd_file_commits;
	/* What is not private has nothing to commit; its file is not asked. */
	KUNIT_EXPECT_EQ(test, pd_file_look(f, true, true), 0U);
	folio_set_private(pd_fake_folio(f, 'a'));
	KUNIT_EXPECT_EQ(test, pd_file_look(f, false, false), 0U);
	KUNIT_EXPECT_EQ(test, pd_file_look(f, true, false), PD_PAGE_DIRTY);
	/* As it is being committed it cannot be had. */
	KUNIT_EXPECT_EQ(test, pd_file_look(f, false, true),
			PD_PAGE_WRITEBACK | PD_PAGE_BUSY);
	/* Most have buffers there, and no such question to ask. */
	pd_file->inode.i_data.a_ops = &pd_file_plain;
	KUNIT_EXPECT_EQ(test, pd_file_look(f, true, true), 0U);
}

static void b38_laundering_an_uncommitted_page_begins_its_commit(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	unsigned long failed;

	pd_file_fill(f, 0, "abc");
	pd_file->inode.i_data.a_ops = &pd_file_commits;
	pd_file->inode.i_state = I_DIRTY_DATASYNC;
	folio_clear_dirty(pd_fake_folio(f, 'a'));
	folio_set_private(pd_fake_folio(f, 'a'));
	KUNIT_ASSERT_TRUE(test, pd_launder_pin(&pd_file->laundry, pd_fake_folio(f, 'a')));
	KUNIT_EXPECT_EQ(test, pd_launder_write(f->pair, &pd_file->laundry, 1, 0, &failed), 1UL);
	KUNIT_EXPECT_EQ(test, failed, 0UL);
	KUNIT_EXPECT_EQ(test, pd_file->commits, 1U);

	/* A page that was dirty and is not any more somebody else has written. */
	pd_file->inode.i_state = I_DIRTY_DATASYNC;
	KUNIT_ASSERT_TRUE(test, pd_launder_pin(&pd_file->laundry, pd_fake_folio(f, 'b')));
	folio_clear_dirty(pd_fake_folio(f, 'b'));
	KUNIT_EXPECT_EQ(test, pd_launder_write(f->pair, &pd_file->laundry, 1, 0, &failed), 0UL);
	KUNIT_EXPECT_EQ(test, pd_file->commits, 1U);
}

static void page_given_up_by_its_process_belongs_to_no_file(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	struct folio *folio;
	u32 flags;

	/* Anonymous, under MADV_FREE, and then read into from a disk. */
	pd_fake_add(f, true, 0);
	folio = pd_fake_folio(f, 'a');
	folio->mapping = (void *)PAGE_MAPPING_ANON;
	folio_mark_uptodate(folio);
	folio_set_dirty(folio);
	flags = pd_file_look(f, false, false);
	/* What its mapping points to is no struct address_space. */
	KUNIT_ASSERT_EQ(test, flags, 0U);
	KUNIT_EXPECT_FALSE(test, pd_launder_pin(&pd_file->laundry, folio));
}

static struct kunit_case pd_launder_cases[] = {
	KUNIT_CASE(b67_cluster_is_the_aligned_block),
	KUNIT_CASE(b66_cluster_goes_on_past_the_alignment),
	KUNIT_CASE(b67_neighbour_takes_over_the_lap),
	KUNIT_CASE(b67_neighbour_that_may_not_come_ends_the_cluster),
	KUNIT_CASE(b66_b67_held_neighbour_ends_the_cluster),
	KUNIT_CASE(b38_uncommitted_page_is_dirty),
	KUNIT_CASE(b38_laundering_an_uncommitted_page_begins_its_commit),
	KUNIT_CASE(page_given_up_by_its_process_belongs_to_no_file),
	{}
};

struct kunit_suite pd_launder_suite = {
	.name = "pd_launder",
	.suite_init = pd_fake_suite_init,
	.suite_exit = pd_fake_suite_exit,
	.init = pd_launder_init,
	.exit = pd_launder_exit,
	.test_cases = pd_launder_cases,
};
