// SPDX-License-Identifier: GPL-2.0
/*
 * Looks at folios: the short way that most of them take tells the same as the long one.
 */
#include "fake.h"

/* What may differ between two pages of a kind. */
struct pd_view_case {
	const char *name;
	unsigned long flags;	/* the folio's */
	u8 state;		/* of its frame */
	int held;		/* references more than usual */
};

static const struct pd_view_case pd_view_cases[] = {
	{ "nothing", BIT(PG_uptodate) },
	{ "used", BIT(PG_uptodate) | BIT(PG_referenced) },
	{ "used by who read it in", BIT(PG_uptodate) | BIT(PG_referenced),
	  PD_STATE_FIRST_TOUCH },
	{ "used often", BIT(PG_uptodate) | BIT(PG_referenced) | BIT(PG_workingset) },
	{ "used often, and known to be",
	  BIT(PG_uptodate) | BIT(PG_referenced) | BIT(PG_workingset),
	  PD_STATE_WORKINGSET },
	{ "was used often", BIT(PG_uptodate), PD_STATE_WORKINGSET },
	{ "was program text", BIT(PG_uptodate), PD_STATE_EXEC },
	{ "active", BIT(PG_uptodate) | BIT(PG_active) },
	{ "not read in", 0 },
	{ "held", BIT(PG_uptodate), 0, 1 },
	{ "pinned", BIT(PG_uptodate), 0, GUP_PIN_COUNTING_BIAS },
	{ "all", BIT(PG_referenced) | BIT(PG_workingset) | BIT(PG_active),
	  PD_STATE_FIRST_TOUCH | PD_STATE_WORKINGSET | PD_STATE_EXEC, 3 },
};

/* Of pages that have their contents in swap, if anywhere. */
static const struct pd_view_case pd_view_private_cases[] = {
	{ "in swap", BIT(PG_uptodate) | BIT(PG_swapcache) },
	{ "in swap, and changed", BIT(PG_uptodate) | BIT(PG_swapcache) | BIT(PG_dirty) },
	{ "in swap, and held", BIT(PG_uptodate) | BIT(PG_swapcache), 0, 1 },
	{ "being written", BIT(PG_uptodate) | BIT(PG_swapcache) | BIT(PG_writeback) },
	{ "being read", BIT(PG_swapcache) },
	{ "changed", BIT(PG_uptodate) | BIT(PG_dirty) },
	{ "not asked for", BIT(PG_uptodate) | BIT(PG_referenced), PD_STATE_UNASKED },
};

/*
 * Look at page a as the case has it; @shared: how many others hold it by what it is;
 * @aside: it has something of its file system's.
 */
static struct pd_page_state pd_view_look(struct pd_fake *f, const struct pd_view_case *c,
					 enum pd_look look, int shared, bool aside,
					 struct pd_view *view)
{
	struct folio *folio = pd_fake_folio(f, 'a');
	struct pd_page_state *page = pd_fake_page(f, 'a');
	unsigned long flags = folio->flags;
	int held = c->held + shared + aside;

	folio->flags |= c->flags | (aside ? BIT(PG_private) : 0);
	page->flags = PD_STATE_SEEN | c->state;
	folio_ref_add(folio, held);
	KUNIT_ASSERT_EQ(f->test, pd_folio_is_plain(folio) || pd_folio_is_private(folio),
			!aside);
	if (look == PD_LOOK_INACTIVE)
		KUNIT_ASSERT_TRUE(f->test, folio_trylock(folio));
	pd_view_make(f->pair, folio, page, look, view);
	if (look == PD_LOOK_INACTIVE)
		folio_unlock(folio);
	folio_ref_sub(folio, held);
	folio->flags = flags;
	return *page;
}

static void pd_view_compare(struct pd_fake *f, const struct pd_view_case *c,
			    enum pd_look look, int shared)
{
	struct pd_view brief, other;
	struct pd_page_state after_brief = pd_view_look(f, c, look, shared, false, &brief);
	struct pd_page_state after_other = pd_view_look(f, c, look, shared, true, &other);

	KUNIT_EXPECT_EQ_MSG(f->test, brief.pfn, other.pfn, "%s", c->name);
	KUNIT_EXPECT_EQ_MSG(f->test, brief.nr_pages, other.nr_pages, "%s", c->name);
	KUNIT_EXPECT_EQ_MSG(f->test, brief.flags, other.flags, "%s", c->name);
	KUNIT_EXPECT_EQ_MSG(f->test, brief.refs, other.refs, "%s", c->name);
	KUNIT_EXPECT_EQ_MSG(f->test, brief.soft_refs, other.soft_refs, "%s", c->name);
	KUNIT_EXPECT_EQ_MSG(f->test, brief.type, other.type, "%s", c->name);
	KUNIT_EXPECT_EQ_MSG(f->test, brief.ghost, other.ghost, "%s", c->name);
	KUNIT_EXPECT_EQ_MSG(f->test, after_brief.flags, after_other.flags, "%s", c->name);
}

static void plain_page_is_seen_as_any_other(struct kunit *test)
{
	static const struct address_space_operations none;
	struct pd_fake *f = test->priv;
	struct address_space *mapping = kunit_kzalloc(test, sizeof(*mapping), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, mapping);
	mapping->a_ops = &none;
	KUNIT_ASSERT_EQ(test, pd_fake_add(f, true, 0), 'a');
	pd_fake_folio(f, 'a')->mapping = mapping;
	for (i = 0; i < ARRAY_SIZE(pd_view_cases); i++) {
		pd_view_compare(f, &pd_view_cases[i], PD_LOOK_ACTIVE, 1);
		pd_view_compare(f, &pd_view_cases[i], PD_LOOK_INACTIVE, 1);
	}
	pd_fake_folio(f, 'a')->mapping = NULL;
}

/* As often as @mappings says it is mapped, by nobody who could be found. */
static void pd_view_compare_private(struct pd_fake *f, const struct pd_view_case *c,
				    int mappings)
{
	struct folio *folio = pd_fake_folio(f, 'a');
	int shared = mappings + !!(c->flags & BIT(PG_swapcache));

	atomic_set(&folio->_mapcount, mappings - 1);
	pd_view_compare(f, c, PD_LOOK_ACTIVE, shared);
	pd_view_compare(f, c, PD_LOOK_INACTIVE, shared);
	atomic_set(&folio->_mapcount, -1);
}

static void private_page_is_seen_as_any_other(struct kunit *test)
{
	struct pd_fake *f = test->priv;
	struct anon_vma *anon_vma = kunit_kzalloc(test, sizeof(*anon_vma), GFP_KERNEL);
	struct folio *folio;
	unsigned int i;
	int mappings;

	KUNIT_ASSERT_NOT_NULL(test, anon_vma);
	anon_vma->root = anon_vma;
	init_rwsem(&anon_vma->rwsem);
	atomic_set(&anon_vma->refcount, 1);
	anon_vma->rb_root = RB_ROOT_CACHED;

	KUNIT_ASSERT_EQ(test, pd_fake_add(f, false, 0), 'a');
	folio = pd_fake_folio(f, 'a');
	folio->mapping = (void *)((unsigned long)anon_vma | PAGE_MAPPING_ANON);
	for (mappings = 0; mappings < 3; mappings++) {
		for (i = 0; i < ARRAY_SIZE(pd_view_cases); i++)
			pd_view_compare_private(f, &pd_view_cases[i], mappings);
		for (i = 0; i < ARRAY_SIZE(pd_view_private_cases); i++)
			pd_view_compare_private(f, &pd_view_private_cases[i], mappings);
	}
	folio->mapping = NULL;
}

static void what_is_not_plain_is_told_by_each_of_its_signs(struct kunit *test)
{
	static const unsigned int signs[] = { PG_dirty, PG_writeback, PG_swapbacked,
					      PG_private, PG_private_2, PG_mlocked };
	struct pd_fake *f = test->priv;
	struct address_space *mapping = kunit_kzalloc(test, sizeof(*mapping), GFP_KERNEL);
	struct folio *folio;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, mapping);
	KUNIT_ASSERT_EQ(test, pd_fake_add(f, true, 0), 'a');
	folio = pd_fake_folio(f, 'a');
	KUNIT_EXPECT_FALSE(test, pd_folio_is_plain(folio));
	folio->mapping = mapping;
	KUNIT_EXPECT_TRUE(test, pd_folio_is_plain(folio));
	for (i = 0; i < ARRAY_SIZE(signs); i++) {
		set_bit(signs[i], &folio->flags);
		KUNIT_EXPECT_FALSE_MSG(test, pd_folio_is_plain(folio), "%u", signs[i]);
		clear_bit(signs[i], &folio->flags);
	}
	atomic_set(&folio->_mapcount, 0);
	KUNIT_EXPECT_FALSE(test, pd_folio_is_plain(folio));
	atomic_set(&folio->_mapcount, -1);
	mapping_set_unevictable(mapping);
	KUNIT_EXPECT_FALSE(test, pd_folio_is_plain(folio));
	/* MADV_FREE. */
	folio->mapping = (void *)PAGE_MAPPING_ANON;
	KUNIT_EXPECT_FALSE(test, pd_folio_is_plain(folio));
	folio->mapping = NULL;
}

static void what_is_not_private_is_told_by_each_of_its_signs(struct kunit *test)
{
	static const unsigned int signs[] = { PG_private, PG_private_2, PG_mlocked };
	struct pd_fake *f = test->priv;
	struct folio *folio;
	unsigned int i;

	KUNIT_ASSERT_EQ(test, pd_fake_add(f, false, 0), 'a');
	folio = pd_fake_folio(f, 'a');
	folio->mapping = (void *)PAGE_MAPPING_ANON;
	KUNIT_EXPECT_TRUE(test, pd_folio_is_private(folio));
	for (i = 0; i < ARRAY_SIZE(signs); i++) {
		set_bit(signs[i], &folio->flags);
		KUNIT_EXPECT_FALSE_MSG(test, pd_folio_is_private(folio), "%u", signs[i]);
		clear_bit(signs[i], &folio->flags);
	}
	folio->mapping = (void *)PAGE_MAPPING_KSM;
	KUNIT_EXPECT_FALSE(test, pd_folio_is_private(folio));
	/* Of a driver, and of shared memory. */
	folio->mapping = (void *)PAGE_MAPPING_MOVABLE;
	KUNIT_EXPECT_FALSE(test, pd_folio_is_private(folio));
	folio->mapping = NULL;
	KUNIT_EXPECT_FALSE(test, pd_folio_is_private(folio));
	/* MADV_FREE. */
	folio->mapping = (void *)PAGE_MAPPING_ANON;
	clear_bit(PG_swapbacked, &folio->flags);
	KUNIT_EXPECT_FALSE(test, pd_folio_is_private(folio));
	folio->mapping = NULL;
}

static struct kunit_case pd_view_test_cases[] = {
	KUNIT_CASE(plain_page_is_seen_as_any_other),
	KUNIT_CASE(private_page_is_seen_as_any_other),
	KUNIT_CASE(what_is_not_plain_is_told_by_each_of_its_signs),
	KUNIT_CASE(what_is_not_private_is_told_by_each_of_its_signs),
	{}
};

struct kunit_suite pd_view_suite = {
	.name = "pd_view",
	.suite_init = pd_fake_suite_init,
	.suite_exit = pd_fake_suite_exit,
	.init = pd_fake_init,
	.exit = pd_fake_exit,
	.test_cases = pd_view_test_cases,
};
