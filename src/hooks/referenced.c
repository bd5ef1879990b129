// SPDX-License-Identifier: GPL-2.0
/*
 * Was a folio used through page tables since somebody last asked?
 *
 * The kernel's folio_referenced() is made for its own policies. With MGLRU on in the
 * system it looks at 64 page-table entries around each one that it finds young, to age
 * them all at once: for us, who look at one page at a time, that is most of the cost,
 * and the neighbours' references arrive as accesses by read(). It also leaves out
 * mappings that are to be read at random or in sequence, which are as good as others to
 * know a page by. So we walk ourselves, unless this kernel lacks what that takes.
 */
#include "compat/mm.h"
#include "internal.h"
#include "symbols.h"
#include <linux/mmu_notifier.h>
#include <linux/rmap.h>

struct pd_references {
	int count;
	unsigned long vm_flags;
};

/* One mapping. True: on to the next. */
static bool pd_referenced_one(struct folio *folio, struct vm_area_struct *vma,
			      unsigned long address, void *data)
{
	struct pd_references *refs = data;
	/* No huge pages of hugetlbfs come here: theirs is the only other index. */
	struct page_vma_mapped_walk pvmw = {
		.pfn = folio_pfn(folio),
		.nr_pages = folio_nr_pages(folio),
		.pgoff = folio->index,
		.vma = vma,
		.address = address,
	};
	bool young = false;

	while (static_call(pd_fn_page_vma_mapped_walk)(&pvmw)) {
		if (pvmw.pte)
			young |= ptep_clear_flush_young_notify(vma, pvmw.address,
							       pvmw.pte);
#ifdef CONFIG_TRANSPARENT_HUGEPAGE
		else
			young |= pmdp_clear_flush_young_notify(vma, pvmw.address,
							       pvmw.pmd);
#endif
		/* A mapping has a small page once: no need to look for more. */
		if (pvmw.nr_pages == 1) {
			page_vma_mapped_walk_done(&pvmw);
			break;
		}
	}
	refs->count += young;
	refs->vm_flags |= vma->vm_flags;
	return true;
}

/*
 * As the kernel's: negative if a lock could not be had without waiting, 1 for a file's
 * folio that somebody else has locked. Who has locked it in memory is found out as it is
 * unmapped.
 */
static int pd_referenced(struct folio *folio, int is_locked, struct mem_cgroup *memcg,
			 unsigned long *vm_flags)
{
	struct pd_references refs = {};
	struct rmap_walk_control rwc = {
		.arg = &refs,
		.rmap_one = pd_referenced_one,
		.anon_lock = (void *)pd_symbol_folio_lock_anon_vma_read.addr,
		.try_lock = true,
	};
	bool locks = !is_locked && (!folio_test_anon(folio) || folio_test_ksm(folio));

	*vm_flags = 0;
	if (!folio_mapped(folio) || !READ_ONCE(folio->mapping))
		return 0;
	if (locks && !folio_trylock(folio))
		return 1;
	static_call(pd_fn_rmap_walk)(folio, &rwc);
	if (locks)
		folio_unlock(folio);
	*vm_flags = refs.vm_flags;
	return rwc.contended ? -1 : refs.count;
}

void pd_referenced_enable(void)
{
	if (!pd_have(rmap_walk) || !pd_have(page_vma_mapped_walk) ||
	    !pd_have(folio_lock_anon_vma_read) || !pd_have(ptep_clear_flush_young))
		return;
#ifdef CONFIG_MMU_NOTIFIER
	if (!pd_have(__mmu_notifier_clear_flush_young))
		return;
#endif
#ifdef CONFIG_TRANSPARENT_HUGEPAGE
	if (!pd_have(pmdp_clear_flush_young))
		return;
#endif
	static_call_update(pd_fn_folio_referenced, pd_referenced);
}
