// SPDX-License-Identifier: GPL-2.0
/*
 * What a policy may know of a folio: gathered here, so that no policy ever sees
 * a kernel type and every kernel detail of "referenced" and "dirty" is in one
 * place.
 */
#include "queue.h"
#include "../hooks/symbols.h"

enum pd_page_type pd_folio_type(struct folio *folio, bool exec)
{
	if (folio_is_file_lru(folio))
		return exec && !folio_test_anon(folio) ? PD_TYPE_EXEC : PD_TYPE_FILE;
	/* Read ahead from swap, it becomes anonymous when somebody maps it. */
	return folio_test_anon(folio) || folio_test_swapcache(folio) ?
		       PD_TYPE_ANON : PD_TYPE_SHMEM;
}

/* Would its contents be lost, were it dropped now? */
static bool pd_folio_dirty(struct folio *folio)
{
	/*
	 * MADV_FREE gave it up, and there is no file to write it to. If somebody has
	 * put new contents there, the kernel sees that as it unmaps the page.
	 */
	if (folio_test_anon(folio) && !folio_test_swapbacked(folio))
		return false;
	/* Anonymous memory may have no copy in swap yet. */
	return folio_test_dirty(folio) ||
	       (folio_test_anon(folio) && !folio_test_swapcache(folio));
}

/*
 * What the flags of a file's page do not say: that its server has yet to commit it,
 * or is about to (NFS). Folio locked.
 */
static u32 pd_folio_uncommitted(struct folio *folio)
{
	struct address_space *mapping = folio->mapping;
	bool dirty = false, writeback = false;

	if (folio_test_anon(folio) || !folio_test_private(folio) || !mapping ||
	    !mapping->a_ops->is_dirty_writeback)
		return 0;
	mapping->a_ops->is_dirty_writeback(folio, &dirty, &writeback);
	return (dirty ? PD_PAGE_DIRTY : 0) |
	       (writeback ? PD_PAGE_WRITEBACK | PD_PAGE_BUSY : 0);
}

/*
 * Does anybody hold it who will not let go by being unmapped? A reference that
 * comes or goes while we count is worth one lap of error.
 */
static bool pd_folio_held(struct folio *folio)
{
	int expected = 1;	/* ours: it is isolated */

	if (folio_maybe_dma_pinned(folio))
		return true;
	/* Counting the mappings of a large folio is not cheap on each kernel. */
	if (folio_test_large(folio))
		return false;
	expected += atomic_read(&folio->_mapcount) + 1;
	if (folio_test_swapcache(folio) ||
	    (!folio_test_anon(folio) && folio->mapping))
		expected++;
	if (folio_test_private(folio))
		expected++;
	return folio_ref_count(folio) > expected;
}

/*
 * Accesses through read() and the like. Linux marks a page referenced on the
 * very access that brings it in: that one is no reuse and is swallowed here. @used is
 * set if there was any.
 */
static unsigned int pd_soft_refs(struct folio *folio, struct pd_page_state *page,
				 bool *used)
{
	bool workingset;
	unsigned int refs = pd_soft_refs_take(folio, &workingset);

	/*
	 * With MGLRU on, the second access in a row is recorded in PG_workingset,
	 * which outlives our look: it counts only when it is new.
	 */
	if (workingset && !(page->flags & PD_STATE_WORKINGSET) &&
	    pd_mglru_enabled())
		refs++;
	if (workingset)
		page->flags |= PD_STATE_WORKINGSET;
	else
		page->flags &= ~PD_STATE_WORKINGSET;

	*used = refs;
	/* Two at once are a reuse, as the kernel has it with MGLRU off. */
	if (refs && (page->flags & PD_STATE_FIRST_TOUCH)) {
		page->flags &= ~PD_STATE_FIRST_TOUCH;
		/* Of a mapped page MGLRU records page-table references there. */
		if (refs == 1 && !folio_mapped(folio))
			refs = 0;
	}
	return refs;
}

/*
 * Does some mapping make it program text? Asked where a policy wants to know:
 * with MGLRU on, a look at one page collects its neighbours' references, too,
 * but not through which mappings they came. What cannot be had without waiting
 * is asked again at the next look.
 */
static bool pd_folio_is_text(struct folio *folio, bool locked)
{
	struct address_space *mapping;
	struct vm_area_struct *vma;
	bool text = false;

	if (folio_test_anon(folio) || (!locked && !folio_trylock(folio)))
		return false;
	mapping = folio->mapping;
	if (mapping && i_mmap_trylock_read(mapping)) {
		for (vma = pd_vma_first(mapping, folio->index); vma && !text;
		     vma = pd_vma_next(vma, folio->index))
			text = vma->vm_flags & VM_EXEC;
		i_mmap_unlock_read(mapping);
	}
	if (!locked)
		folio_unlock(folio);
	return text;
}

/*
 * Was it here before? Asked once in a page's life, and not before it was used: of what
 * was read ahead nobody knows yet whether it was wanted.
 */
static void pd_ask_for_ghost(struct pd_pair *pair, struct folio *folio,
			     struct pd_page_state *page, bool used,
			     struct pd_view *view)
{
	if (!used || !(page->flags & PD_STATE_UNASKED))
		return;
	page->flags &= ~PD_STATE_UNASKED;
	view->ghost = pd_ghosts_take(pair->domain, folio);
}

/*
 * A look at a folio of one page that pd_folio_is_plain(): what pd_view_make_any() would
 * find, but without asking what is known already.
 */
static noinline void pd_view_make_plain(struct pd_pair *pair, struct folio *folio,
					struct pd_page_state *page, enum pd_look look,
					struct pd_view *view)
{
	bool used = false;

	*view = (struct pd_view){
		.pfn = folio_pfn(folio),
		.nr_pages = 1,
		.type = PD_TYPE_FILE,
	};
	page->flags &= ~PD_STATE_EXEC;
	if (pd_has_soft_refs(folio) || page->flags & PD_STATE_WORKINGSET)
		view->soft_refs = min(pd_soft_refs(folio, page, &used), 255u);
	pd_ask_for_ghost(pair, folio, page, used, view);
	if (folio_test_active(folio))
		view->flags |= PD_PAGE_ACTIVE;
	if (look == PD_LOOK_INACTIVE && !folio_test_uptodate(folio))
		view->flags |= PD_PAGE_INVALID;
	/* We have one, the page cache has one; a pin is worth a thousand. */
	if (folio_ref_count(folio) > 2)
		view->flags |= PD_PAGE_HELD;
}

/*
 * The same of an anonymous page that pd_folio_is_private(). What its flags say is looked at
 * once, before its references: a write to swap that ends meanwhile is worth a lap of error.
 */
static noinline void pd_view_make_private(struct pd_pair *pair, struct folio *folio,
					  struct pd_page_state *page,
					  enum pd_look look, struct pd_view *view)
{
	const unsigned long flags = READ_ONCE(folio->flags);
	unsigned long vm_flags;
	int refs = 0, expected = 2;	/* ours, and _mapcount begins at -1 */
	bool used = false;
	u32 about = 0;

	*view = (struct pd_view){
		.pfn = folio_pfn(folio),
		.nr_pages = 1,
		.type = PD_TYPE_ANON,
	};
	if (flags & BIT(PG_active))
		about |= PD_PAGE_ACTIVE;
	if (flags & BIT(PG_swapcache)) {
		about |= PD_PAGE_SWAPCACHE;
		expected++;
		if (flags & BIT(PG_dirty))
			about |= PD_PAGE_DIRTY;
	} else {
		about |= PD_PAGE_DIRTY;
	}
	if (flags & BIT(PG_writeback))
		about |= PD_PAGE_WRITEBACK;
	if (look == PD_LOOK_INACTIVE) {
		if (flags & BIT(PG_writeback))
			about |= PD_PAGE_BUSY;
		if (!(flags & BIT(PG_uptodate)))
			about |= PD_PAGE_INVALID;
	}

	if (folio_mapped(folio)) {
		about |= PD_PAGE_MAPPED;
		if (page->flags & PD_STATE_FIRST_TOUCH)
			about |= PD_PAGE_FIRST_LOOK;
		refs = pd_folio_referenced(folio, look == PD_LOOK_INACTIVE, NULL,
					   &vm_flags);
		if (refs < 0) {
			about |= PD_PAGE_BUSY;
			refs = 0;
		}
		view->refs = min(refs, PD_REFS_MAX);
	} else {
		page->flags &= ~PD_STATE_EXEC;
	}
	if (pd_has_soft_refs(folio) || page->flags & PD_STATE_WORKINGSET)
		view->soft_refs = min(pd_soft_refs(folio, page, &used), 255u);
	if (about & PD_PAGE_MAPPED)
		page->flags &= ~PD_STATE_FIRST_TOUCH;
	pd_ask_for_ghost(pair, folio, page, used || refs, view);
	/* A pin is worth a thousand. */
	if (folio_ref_count(folio) > expected + atomic_read(&folio->_mapcount))
		about |= PD_PAGE_HELD;
	view->flags = about;
}

static noinline void pd_view_make_any(struct pd_pair *pair, struct folio *folio,
				      struct pd_page_state *page, enum pd_look look,
				      struct pd_view *view)
{
	unsigned long vm_flags = 0;
	bool mapped = folio_mapped(folio);
	bool used;
	int refs = 0;

	*view = (struct pd_view){
		.pfn = folio_pfn(folio),
		.nr_pages = folio_nr_pages(folio),
	};
	if (mapped)
		view->flags |= PD_PAGE_MAPPED;
	if (folio_test_active(folio))
		view->flags |= PD_PAGE_ACTIVE;
	if (folio_test_writeback(folio))
		view->flags |= PD_PAGE_WRITEBACK;
	if (folio_test_swapcache(folio))
		view->flags |= PD_PAGE_SWAPCACHE;
	if (pd_folio_dirty(folio))
		view->flags |= PD_PAGE_DIRTY;

	if (look == PD_LOOK_ENTER) {
		if (page->flags & PD_STATE_WORKINGSET)
			view->flags |= PD_PAGE_REFAULT;
		view->type = pd_folio_type(folio, page->flags & PD_STATE_EXEC);
		/* By the flag alone: what it says stays for the first look. */
		pd_ask_for_ghost(pair, folio, page,
				 mapped || folio_test_referenced(folio), view);
		return;
	}

	if (mapped) {
		u8 flags = page->flags;

		/* A fault sets the bit that it finds. */
		if (page->flags & PD_STATE_FIRST_TOUCH)
			view->flags |= PD_PAGE_FIRST_LOOK;

		refs = pd_folio_referenced(folio, look == PD_LOOK_INACTIVE, NULL,
					   &vm_flags);
		if (vm_flags & VM_EXEC ||
		    (pair->wants_exec && !(page->flags & PD_STATE_EXEC) &&
		     folio_is_file_lru(folio) &&
		     pd_folio_is_text(folio, look == PD_LOOK_INACTIVE)))
			page->flags |= PD_STATE_EXEC;
		if (page->flags & ~flags & PD_STATE_EXEC)
			pair->exec_found = true;
	} else {
		page->flags &= ~PD_STATE_EXEC;
	}
	/* The reverse map was contended: somebody is at work on it. */
	if (refs < 0) {
		view->flags |= PD_PAGE_BUSY;
		refs = 0;
	}
	view->refs = min(refs, PD_REFS_MAX);
	view->soft_refs = min(pd_soft_refs(folio, page, &used), 255u);
	if (mapped)
		page->flags &= ~PD_STATE_FIRST_TOUCH;
	pd_ask_for_ghost(pair, folio, page, used || refs > 0, view);
	view->type = pd_folio_type(folio, page->flags & PD_STATE_EXEC);

	if (look == PD_LOOK_ACTIVE)
		rcu_read_lock();
	if (!pd_folio_evictable(folio))
		view->flags |= PD_PAGE_UNEVICTABLE;
	if (look == PD_LOOK_ACTIVE)
		rcu_read_unlock();
	if (pd_folio_held(folio))
		view->flags |= PD_PAGE_HELD;
	if (look != PD_LOOK_INACTIVE)
		return;

	view->flags |= pd_folio_uncommitted(folio);
	if (folio_test_writeback(folio))
		view->flags |= PD_PAGE_BUSY;
	if (!folio_test_anon(folio) && !folio_test_swapcache(folio) &&
	    !folio->mapping)
		view->flags |= PD_PAGE_DEAD;
	if (!folio_test_uptodate(folio))
		view->flags |= PD_PAGE_INVALID;
}

void pd_view_make(struct pd_pair *pair, struct folio *folio,
		  struct pd_page_state *page, enum pd_look look,
		  struct pd_view *view)
{
	bool plain;

	if (look == PD_LOOK_ENTER || folio_test_large(folio)) {
		pd_view_make_any(pair, folio, page, look, view);
		return;
	}
	if (pd_folio_is_private(folio)) {
		pd_view_make_private(pair, folio, page, look, view);
		return;
	}
	/* Nobody holds the mapping of a folio that is not locked. */
	if (look == PD_LOOK_ACTIVE)
		rcu_read_lock();
	plain = pd_folio_is_plain(folio);
	if (look == PD_LOOK_ACTIVE)
		rcu_read_unlock();
	if (plain)
		pd_view_make_plain(pair, folio, page, look, view);
	else
		pd_view_make_any(pair, folio, page, look, view);
}
