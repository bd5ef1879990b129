// SPDX-License-Identifier: GPL-2.0
/*
 * For selftests/refuse.sh: a livepatch that owns shrink_lruvec(), as another
 * vendor's might. While it is in, the function does nothing at all, so that
 * whatever is reclaimed was reclaimed by another way.
 */
#include <linux/livepatch.h>
#include <linux/module.h>

struct lruvec;
struct scan_control;

static void livepatched_shrink_lruvec(struct lruvec *lruvec,
				      struct scan_control *sc)
{
}

static struct klp_func funcs[] = {
	{
		.old_name = "shrink_lruvec",
		.new_func = livepatched_shrink_lruvec,
	}, {}
};

static struct klp_object objs[] = {
	{
		/* No name: the kernel itself. */
		.funcs = funcs,
	}, {}
};

static struct klp_patch patch = {
	.mod = THIS_MODULE,
	.objs = objs,
};

static int __init pd_test_livepatch_init(void)
{
	return klp_enable_patch(&patch);
}

static void __exit pd_test_livepatch_exit(void)
{
}

module_init(pd_test_livepatch_init);
module_exit(pd_test_livepatch_exit);
MODULE_DESCRIPTION("A livepatch that owns shrink_lruvec(), for tests");
MODULE_LICENSE("GPL");
MODULE_INFO(livepatch, "Y");
