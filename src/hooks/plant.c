// SPDX-License-Identifier: GPL-2.0
/* Bugs on purpose, see plant.h. Empty but in debug builds. */
#include "plant.h"

#ifdef PD_DEBUG
#include <linux/atomic.h>
#include <linux/buffer_head.h>
#include <linux/magic.h>
#include <linux/moduleparam.h>
#include <linux/pagemap.h>
#include <linux/string.h>

/* One of so many; each must happen many times in a minute of a slow machine. */
static const int pd_plant_every[] = {
	[PD_PLANT_LOSE] = 512,
	[PD_PLANT_DIRTY] = 8,
};

static int pd_plant;

static const char *const pd_plant_words[] = {
	[PD_PLANT_NONE] = "none",
	[PD_PLANT_LOSE] = "lose",
	[PD_PLANT_DIRTY] = "dirty",
};

static int pd_plant_set(const char *text, const struct kernel_param *param)
{
	int word = sysfs_match_string(pd_plant_words, text);

	if (word < 0)
		return word;
	pd_plant = word;
	return 0;
}

static const struct kernel_param_ops pd_plant_ops = { .set = pd_plant_set };
module_param_cb(plant, &pd_plant_ops, NULL, 0);
MODULE_PARM_DESC(plant, "a bug on purpose: lose or dirty (debug builds only)");

static unsigned int pd_fail_step;
module_param_named(fail_step, pd_fail_step, uint, 0);
MODULE_PARM_DESC(fail_step, "number of the step of loading that is to fail (debug builds only)");

bool pd_step_fails(void)
{
	return pd_fail_step && !--pd_fail_step;
}

/* More pages lost would leave a small cgroup none to live on. */
#define PD_PLANT_MOST 64

bool pd_plant_due(enum pd_plant plant)
{
	static atomic_t met = ATOMIC_INIT(0), done = ATOMIC_INIT(0);

	return pd_plant == plant &&
	       atomic_inc_return(&met) % pd_plant_every[plant] == 0 &&
	       atomic_inc_return(&done) <= PD_PLANT_MOST;
}

/*
 * As writing it out would, without the writing. Only where a file system keeps
 * track of blocks by buffer heads, and not where space is yet to be allocated:
 * it would find the space missing, which is not what is to be found.
 */
void pd_plant_clean(struct folio *folio)
{
	struct buffer_head *head, *bh;

	if (pd_plant != PD_PLANT_DIRTY || !folio_test_dirty(folio) ||
	    folio_test_anon(folio) || !folio->mapping ||
	    folio->mapping->host->i_sb->s_magic != EXT4_SUPER_MAGIC)
		return;
	head = folio_buffers(folio);
	bh = head;
	do {
		if (!bh || !buffer_mapped(bh) || buffer_delay(bh) ||
		    buffer_unwritten(bh))
			return;
		bh = bh->b_this_page;
	} while (bh != head);
	if (!pd_plant_due(PD_PLANT_DIRTY))
		return;
	do {
		clear_buffer_dirty(bh);
		bh = bh->b_this_page;
	} while (bh != head);
	folio_clear_dirty_for_io(folio);
}
#endif
