// SPDX-License-Identifier: GPL-2.0
/*
 * Page state, two bytes for a page frame, in a table of two levels: looked up
 * for every page that enters an attached cgroup, so no tree and no lock.
 *
 *	top[frame >> 20] -> mid[frame >> 11 & 511] -> leaf[frame & 2047]
 *
 * A leaf is a page and covers 8 MiB of memory; it is allocated when a frame of
 * it is first seen, and lives until the module goes: the cost of frames seen
 * once is bounded by 1/2048 of memory, and nobody has to count who still looks.
 */
#include "queue.h"

#define PD_LEAF_SHIFT 11
#define PD_MID_SHIFT 9
#define PD_LEAF_FRAMES (1UL << PD_LEAF_SHIFT)
#define PD_MID_LEAVES (1UL << PD_MID_SHIFT)
#define PD_TOP_SHIFT (PD_LEAF_SHIFT + PD_MID_SHIFT)

struct pd_state_mid {
	struct pd_page_state *leaf[PD_MID_LEAVES];
};

static struct pd_state_mid **pd_top;
static unsigned long pd_top_entries;

/*
 * Stands in where memory was not to be had. Everybody writes to it and nobody
 * can rely on what is read: pages lose their age, nothing else.
 */
static struct pd_page_state pd_nobody;

/* Fill in an empty slot, unless somebody else does it first. */
static void *pd_fill(void **slot)
{
	void *page, *old;

	/* Under lru_lock with interrupts off: no waiting, no warning. */
	page = (void *)get_zeroed_page(GFP_NOWAIT | __GFP_NOWARN);
	if (!page)
		return NULL;
	old = cmpxchg(slot, NULL, page);
	if (!old)
		return page;
	free_page((unsigned long)page);
	return old;
}

static noinline struct pd_page_state *pd_state_add(unsigned long pfn)
{
	unsigned long top = pfn >> PD_TOP_SHIFT;
	struct pd_state_mid *mid;
	struct pd_page_state *leaf;

	if (top >= pd_top_entries)
		return &pd_nobody;
	mid = READ_ONCE(pd_top[top]) ?: pd_fill((void **)&pd_top[top]);
	if (!mid)
		return &pd_nobody;
	leaf = pd_fill((void **)&mid->leaf[pfn >> PD_LEAF_SHIFT & (PD_MID_LEAVES - 1)]);
	return leaf ? &leaf[pfn & (PD_LEAF_FRAMES - 1)] : &pd_nobody;
}

struct pd_page_state *pd_state_of(unsigned long pfn)
{
	unsigned long top = pfn >> PD_TOP_SHIFT;

	if (likely(top < pd_top_entries)) {
		struct pd_state_mid *mid = READ_ONCE(pd_top[top]);

		if (likely(mid)) {
			struct pd_page_state *leaf =
				READ_ONCE(mid->leaf[pfn >> PD_LEAF_SHIFT &
						    (PD_MID_LEAVES - 1)]);

			if (likely(leaf))
				return &leaf[pfn & (PD_LEAF_FRAMES - 1)];
		}
	}
	return pd_state_add(pfn);
}

int pd_state_map_init(void)
{
	BUILD_BUG_ON(sizeof(struct pd_page_state) != 2);
	BUILD_BUG_ON(PD_LEAF_FRAMES * sizeof(struct pd_page_state) != PAGE_SIZE);
	BUILD_BUG_ON(sizeof(struct pd_state_mid) != PAGE_SIZE);

	/* All that the machine can ever have, memory to be plugged in included. */
	pd_top_entries = 1UL << (MAX_PHYSMEM_BITS - PAGE_SHIFT - PD_TOP_SHIFT);
	pd_top = kvcalloc(pd_top_entries, sizeof(*pd_top), GFP_KERNEL);
	if (!pd_top) {
		pd_top_entries = 0;
		return -ENOMEM;
	}
	return 0;
}

void pd_state_map_exit(void)
{
	unsigned long top, i;

	for (top = 0; top < pd_top_entries; top++) {
		struct pd_state_mid *mid = pd_top[top];

		if (!mid)
			continue;
		for (i = 0; i < PD_MID_LEAVES; i++)
			free_page((unsigned long)mid->leaf[i]);
		free_page((unsigned long)mid);
	}
	kvfree(pd_top);
	pd_top = NULL;
	pd_top_entries = 0;
}
