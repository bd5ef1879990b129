// SPDX-License-Identifier: GPL-2.0
/*
 * Writing dirty file pages, in aligned clusters, through the file's own
 * mapping. Anonymous pages go to swap by the kernel's reclaim instead. What was
 * written, but is not safe before the server commits it, has its inode written.
 *
 * A pinned item holds its inode, and its super block's s_umount for reading:
 * without the latter the inode would be found busy at unmount. Both are only
 * tried for, under the folio lock that keeps the inode alive meanwhile.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "domain.h"
#include "trace.h"
#include <linux/backing-dev.h>
#include <linux/fs.h>
#include <linux/pagemap.h>
#include <linux/writeback.h>

/* Does an earlier item hold this super block already? */
static bool pd_laundry_has_sb(struct pd_laundry *laundry, unsigned int nr,
			      struct super_block *sb)
{
	while (nr)
		if (laundry->item[--nr].inode->i_sb == sb)
			return true;
	return false;
}

bool pd_launder_pin(struct pd_laundry *laundry, struct folio *folio)
{
	struct address_space *mapping = folio->mapping;
	struct super_block *sb;
	struct inode *inode;
	bool have_sb;

	if (!mapping || folio_test_anon(folio) || !mapping->host ||
	    !mapping_can_writeback(mapping) || laundry->nr == PD_BATCH)
		return false;
	inode = mapping->host;
	sb = inode->i_sb;

	have_sb = pd_laundry_has_sb(laundry, laundry->nr, sb);
	if (!have_sb && !down_read_trylock(&sb->s_umount))
		return false;
	/*
	 * Freezing a file system takes s_umount too, so while we hold it no
	 * freeze can begin and leave us waiting for the thaw (FreeBSD 1198).
	 */
	if (!sb->s_root || !(sb->s_flags & SB_ACTIVE) ||
	    sb->s_writers.frozen != SB_UNFROZEN || !igrab(inode)) {
		if (!have_sb)
			up_read(&sb->s_umount);
		return false;
	}
	laundry->item[laundry->nr].inode = inode;
	laundry->item[laundry->nr].index = folio->index;
	laundry->item[laundry->nr].pfn = folio_pfn(folio);
	laundry->item[laundry->nr].uncommitted =
		folio_test_private(folio) && !folio_test_dirty(folio) ?
			folio_nr_pages(folio) : 0;
	laundry->nr++;
	return true;
}

/*
 * May the page at @index be written: dirty, nobody at work on it, not wired or
 * held (FreeBSD 403-405, DragonFly 319-322), and inactive unless @any_queue? Looked at
 * without a reference: a stale answer costs a page more or less.
 */
static bool pd_cluster_wants(struct address_space *mapping, pgoff_t index,
			     bool any_queue)
{
	struct folio *folio;
	bool wants = false;

	rcu_read_lock();
	folio = xa_load(&mapping->i_pages, index);
	if (folio && !xa_is_value(folio))
		wants = folio_test_dirty(folio) &&
			(any_queue || !folio_test_active(folio)) &&
			!folio_test_writeback(folio) && !folio_test_locked(folio) &&
			!folio_test_mlocked(folio) && !folio_maybe_dma_pinned(folio);
	rcu_read_unlock();
	return wants;
}

/*
 * The run of pages around @index to write together: backwards to a multiple of
 * @cluster, then forwards, then backwards again while there is room
 * (FreeBSD 386-447). In a block only up to its end (DragonFly 272-340).
 */
static void pd_cluster_range(struct address_space *mapping, pgoff_t index,
			     unsigned int cluster, u32 flags,
			     pgoff_t *first, pgoff_t *end)
{
	bool any = flags & PD_CLUSTER_ACTIVE;
	pgoff_t lo = index, hi = index + 1;
	bool more = true;

	while (more) {
		more = false;
		while (hi - lo < cluster && lo &&
		       !(flags & PD_CLUSTER_BLOCK && lo % cluster == 0) &&
		       pd_cluster_wants(mapping, lo - 1, any)) {
			lo--;
			if (lo % cluster == 0) {
				more = !(flags & PD_CLUSTER_BLOCK);
				break;
			}
		}
		while (hi - lo < cluster &&
		       !(flags & PD_CLUSTER_BLOCK && hi % cluster == 0) &&
		       pd_cluster_wants(mapping, hi, any))
			hi++;
		if (hi - lo >= cluster)
			break;
	}
	*first = lo;
	*end = hi;
}

/* Neighbours share the fate of the page they are written with (DragonFly 341-396). */
static void pd_cluster_inherit(struct address_space *mapping, pgoff_t first,
			       pgoff_t end, const struct pd_page_state *from)
{
	struct pd_page_state *page;
	struct folio *folio;
	pgoff_t index;

	rcu_read_lock();
	for (index = first; index < end; index++) {
		folio = xa_load(&mapping->i_pages, index);
		if (!folio || xa_is_value(folio))
			continue;
		page = pd_state_of(folio_pfn(folio));
		page->act_count = from->act_count;
		page->flags = (page->flags & ~PD_STATE_SECOND_LAP) |
			      (from->flags & PD_STATE_SECOND_LAP);
	}
	rcu_read_unlock();
}

/*
 * Not written: make the kernel see it as used, so that it leaves the oldest end
 * of the inactive queue instead of clogging it (FreeBSD 524-535).
 */
static void pd_launder_failed(struct address_space *mapping, pgoff_t index)
{
	struct page *page = find_get_page(mapping, index);

	if (!page)
		return;
	folio_mark_accessed(page_folio(page));
	folio_mark_accessed(page_folio(page));
	put_page(page);
}

void pd_inflight_add(struct pd_domain *dom, struct folio *folio, bool wanted)
{
	struct pd_inflight *in = &dom->inflight;
	unsigned long flags;

	spin_lock_irqsave(&in->lock, flags);
	if (in->nr == PD_MAX_INFLIGHT)
		memmove(in->page, in->page + 1, --in->nr * sizeof(*in->page));
	in->page[in->nr].pfn = folio_pfn(folio);
	in->page[in->nr++].wanted = wanted;
	spin_unlock_irqrestore(&in->lock, flags);
}

unsigned long pd_inflight_count(struct pd_domain *dom, bool wanted)
{
	struct pd_inflight *in = &dom->inflight;
	unsigned int i, left = 0;
	unsigned long flags, pages = 0;

	if (!READ_ONCE(in->nr))
		return 0;
	spin_lock_irqsave(&in->lock, flags);
	for (i = 0; i < in->nr; i++) {
		/* No reference: a frame reused for another write counts, and may. */
		struct page *page = pfn_to_page(in->page[i].pfn);

		if (!PageWriteback(page))
			continue;
		in->page[left++] = in->page[i];
		if (in->page[i].wanted || !wanted)
			pages += compound_nr(page);
	}
	in->nr = left;
	spin_unlock_irqrestore(&in->lock, flags);
	return pages;
}

/* Those of a cluster whose write-out has begun. */
static void pd_cluster_inflight(struct pd_domain *dom,
				struct address_space *mapping, pgoff_t first,
				pgoff_t end)
{
	struct folio *folio;
	pgoff_t index;

	rcu_read_lock();
	for (index = first; index < end; index++) {
		folio = xa_load(&mapping->i_pages, index);
		if (folio && !xa_is_value(folio) && folio_test_writeback(folio) &&
		    folio->index == index)
			pd_inflight_add(dom, folio, true);
	}
	rcu_read_unlock();
}

/*
 * Has a write to this file failed, without its owner having been told so far? The
 * kernel has done with those pages what it does; what we must not do is to push
 * more of them into the same wall. Those left are the flusher threads' business,
 * which know how to wait.
 */
static bool pd_file_is_broken(struct address_space *mapping)
{
	return test_bit(AS_EIO, &mapping->flags) ||
	       test_bit(AS_ENOSPC, &mapping->flags);
}

/* Begin to write a cluster; @pages is set to how many of it. */
static int pd_cluster_write(struct address_space *mapping, pgoff_t first, pgoff_t end,
			    unsigned long *pages)
{
	struct writeback_control wbc = {
		.sync_mode = WB_SYNC_NONE,
		.nr_to_write = *pages,
		.range_start = (loff_t)first << PAGE_SHIFT,
		.range_end = ((loff_t)end << PAGE_SHIFT) - 1,
	};
	int err = filemap_fdatawrite_wbc(mapping, &wbc);

	if (!err && wbc.nr_to_write > 0)
		*pages -= min_t(unsigned long, *pages, wbc.nr_to_write);
	return err;
}

unsigned long pd_launder_write(struct pd_pair *pair, struct pd_laundry *laundry,
			       unsigned int cluster, u32 flags,
			       unsigned long *failed)
{
	unsigned long started = 0;
	unsigned int i;

	*failed = 0;
	for (i = 0; i < laundry->nr; i++) {
		struct inode *inode = laundry->item[i].inode;
		struct address_space *mapping = inode->i_mapping;
		unsigned long uncommitted = laundry->item[i].uncommitted, pages;
		pgoff_t index = laundry->item[i].index;
		pgoff_t first = index, end = index + uncommitted;
		int err;

		if (!uncommitted) {
			/* A cluster before this one brought it along. */
			if (!pd_cluster_wants(mapping, index, true))
				continue;
			pd_cluster_range(mapping, index, max(cluster, 1u), flags,
					 &first, &end);
			if (flags & PD_CLUSTER_INHERIT)
				pd_cluster_inherit(mapping, first, end,
						   pd_state_of(laundry->item[i].pfn));
		}
		pages = end - first;
		if (pd_file_is_broken(mapping))
			err = -EIO;
		else if (uncommitted)
			/* Asks the server, and waits for nothing. */
			err = sync_inode_metadata(inode, 0);
		else
			err = pd_cluster_write(mapping, first, end, &pages);
		if (err) {
			pr_warn_ratelimited("%s: cannot write pages %lu-%lu of inode %lu of %s (error %d): they stay; expected a disk that works\n",
					    pair->domain->name, first, end - 1,
					    inode->i_ino, inode->i_sb->s_id, err);
			*failed += pages;
			if (!(flags & PD_CLUSTER_FAILED_STAYS))
				pd_launder_failed(mapping, index);
		} else {
			started += pages;
			pd_cluster_inflight(pair->domain, mapping, first, end);
		}
		trace_pd_launder(pair->domain->name, pair->nid,
				 laundry->item[i].pfn, first, err ? 0 : pages,
				 err ? pages : 0);
	}

	/* The last item of a super block gives it back: after its inodes. */
	while (laundry->nr) {
		struct inode *inode = laundry->item[--laundry->nr].inode;
		struct super_block *sb = inode->i_sb;

		iput(inode);
		if (!pd_laundry_has_sb(laundry, laundry->nr, sb))
			up_read(&sb->s_umount);
	}
	return started;
}
