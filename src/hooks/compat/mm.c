// SPDX-License-Identifier: GPL-2.0
/*
 * Stand-ins for what the kernel's inline helpers call, and what differs with
 * MGLRU. Functions here carry the kernel's names; compat/mm.h renames them.
 */
#include "mm.h"
#include "../hooks.h"
#include "../symbols.h"
#include <linux/export.h>
#include <linux/jump_label.h>
#include <linux/mmu_notifier.h>

void mem_cgroup_update_lru_size(struct lruvec *lruvec, enum lru_list lru,
				int zid, int nr_pages)
{
	static_call(pd_fn_mem_cgroup_update_lru_size)(lruvec, lru, zid,
						      nr_pages);
}

void mem_cgroup_calculate_protection(struct mem_cgroup *root,
				     struct mem_cgroup *memcg)
{
	static_call(pd_fn_mem_cgroup_calculate_protection)(root, memcg);
}

void __mod_lruvec_state(struct lruvec *lruvec, enum node_stat_item idx, int val)
{
	static_call(pd_fn___mod_lruvec_state)(lruvec, idx, val);
}

void __count_memcg_events(struct mem_cgroup *memcg, enum vm_event_item idx,
			  unsigned long count)
{
	static_call(pd_fn___count_memcg_events)(memcg, idx, count);
}

int ptep_clear_flush_young(struct vm_area_struct *vma, unsigned long address,
			   pte_t *ptep)
{
	return static_call(pd_fn_ptep_clear_flush_young)(vma, address, ptep);
}

#ifdef CONFIG_TRANSPARENT_HUGEPAGE
int pmdp_clear_flush_young(struct vm_area_struct *vma, unsigned long address,
			   pmd_t *pmdp)
{
	return static_call(pd_fn_pmdp_clear_flush_young)(vma, address, pmdp);
}
#endif

#ifdef CONFIG_MMU_NOTIFIER
int __mmu_notifier_clear_flush_young(struct mm_struct *mm, unsigned long start,
				     unsigned long end)
{
	return static_call(pd_fn___mmu_notifier_clear_flush_young)(mm, start, end);
}
#endif

#ifdef CONFIG_DEBUG_VM
void lruvec_memcg_debug(struct lruvec *lruvec, struct folio *folio)
{
	static_call(pd_fn_lruvec_memcg_debug)(lruvec, folio);
}
#endif

void pd_cgroup_lock(void)
{
	mutex_lock(&cgroup_mutex);
}

bool pd_cgroup_trylock(void)
{
	return mutex_trylock(&cgroup_mutex);
}

void pd_cgroup_unlock(void)
{
	mutex_unlock(&cgroup_mutex);
}

bool pd_cgroup_lock_is_mine(void)
{
	/* Beside the owner, in the low bits: whether somebody waits. */
#ifdef CONFIG_PREEMPT_RT
	unsigned long owner = (unsigned long)READ_ONCE(cgroup_mutex.rtmutex.owner) & ~1UL;
#else
	unsigned long owner = atomic_long_read(&cgroup_mutex.owner) & ~7UL;
#endif

	return owner == (unsigned long)current;
}

bool pd_memcg_v2(void)
{
	return !mem_cgroup_disabled() &&
	       cgroup_subsys_on_dfl(memory_cgrp_subsys);
}

#ifdef CONFIG_LRU_GEN

bool pd_mglru_enabled(void)
{
	return static_key_count(&pd_lru_gen_caps[LRU_GEN_CORE]) > 0;
}

void pd_mglru_set(struct lruvec *lruvec, bool on)
{
	lockdep_assert_held(&lruvec->lru_lock);
	lockdep_assert_held(&cgroup_mutex);

	WRITE_ONCE(lruvec->lrugen.enabled, on);
}

bool pd_mglru_drain_some(struct lruvec *lruvec)
{
	int left = PD_MGLRU_BATCH;
	int type, age, zone;

	lockdep_assert_held(&lruvec->lru_lock);

	for (type = 0; type < ANON_AND_FILE; type++) {
		/* All generations, in use or not, from the oldest in use on. */
		for (age = 0; age < MAX_NR_GENS; age++) {
			unsigned long seq = lruvec->lrugen.min_seq[type] + age;
			int gen = lru_gen_from_seq(seq);

			for (zone = 0; zone < MAX_NR_ZONES; zone++) {
				struct list_head *head;

				head = &lruvec->lrugen.folios[gen][type][zone];
				while (!list_empty(head)) {
					struct folio *folio = lru_to_folio(head);

					if (!left--)
						return false;
					lru_gen_del_folio(lruvec, folio, false);
					lruvec_add_folio(lruvec, folio);
				}
			}
		}
	}
	return true;
}

void pd_mglru_turn(struct lruvec *lruvec)
{
	int type;

	lockdep_assert_held(&lruvec->lru_lock);

	/* All of them, so that nothing is between them after it either. */
	if (lruvec->lrugen.enabled)
		return;
	WRITE_ONCE(lruvec->mm_state.seq, lruvec->mm_state.seq + 1);
	WRITE_ONCE(lruvec->lrugen.max_seq, lruvec->lrugen.max_seq + 1);
	for (type = 0; type < ANON_AND_FILE; type++)
		WRITE_ONCE(lruvec->lrugen.min_seq[type],
			   lruvec->lrugen.min_seq[type] + 1);
}

bool pd_mglru_fill_some(struct lruvec *lruvec)
{
	int left = PD_MGLRU_BATCH;
	enum lru_list lru;

	lockdep_assert_held(&lruvec->lru_lock);
	if (WARN_ON_ONCE(!lruvec->lrugen.enabled))
		return true;

	for_each_evictable_lru(lru) {
		struct list_head *head = &lruvec->lists[lru];

		while (!list_empty(head)) {
			struct folio *folio = lru_to_folio(head);

			if (!left--)
				return false;
			lruvec_del_folio(lruvec, folio);
			lruvec_add_folio(lruvec, folio);
		}
	}
	return true;
}

#else /* !CONFIG_LRU_GEN */

void pd_mglru_turn(struct lruvec *lruvec)
{
}

bool pd_mglru_enabled(void)
{
	return false;
}

void pd_mglru_set(struct lruvec *lruvec, bool on)
{
}

bool pd_mglru_drain_some(struct lruvec *lruvec)
{
	return true;
}

bool pd_mglru_fill_some(struct lruvec *lruvec)
{
	return true;
}

#endif

unsigned int pd_soft_refs_take(struct folio *folio, bool *workingset)
{
	unsigned int refs = 0;

	/* Looking first spares most folios the locked instruction. */
	if (folio_test_referenced(folio))
		refs = folio_test_clear_referenced(folio);
	*workingset = folio_test_workingset(folio);

#ifdef CONFIG_LRU_GEN
	if ((READ_ONCE(folio->flags) & LRU_REFS_MASK) && pd_mglru_enabled()) {
		unsigned long old = set_mask_bits(&folio->flags, LRU_REFS_MASK,
						  0UL);

		refs += (old & LRU_REFS_MASK) >> LRU_REFS_PGOFF;
	}
#endif
	return refs;
}
