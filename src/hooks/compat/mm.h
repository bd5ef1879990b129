/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's memory-management headers, made usable in a module. Must be the
 * first include of every C file that touches mm.
 *
 * Their inline helpers call functions and read variables that are not exported.
 * Each is renamed here before the kernel declares it, so that the kernel's own
 * declaration gives our stand-in its prototype; the stand-ins (mm.c) call the
 * real ones through the symbol table. Usable after pd_hooks_prepare() only.
 *
 * Never call lru_gen_enabled(): its static key is not exported. Ask
 * pd_mglru_enabled().
 */
#ifndef PD_COMPAT_MM_H
#define PD_COMPAT_MM_H

#if defined(_LINUX_MEMCONTROL_H) || defined(_LINUX_VMSTAT_H) || \
	defined(_LINUX_CGROUP_H)
#error "compat/mm.h must be the first include"
#endif
#ifndef PD_COMPAT_PROBED
#error "compat/probe.mk is not part of this build"
#endif

#define mem_cgroup_update_lru_size pd_mem_cgroup_update_lru_size
#define mem_cgroup_calculate_protection pd_mem_cgroup_calculate_protection
#define __mod_lruvec_state pd_mod_lruvec_state
#define __count_memcg_events pd_count_memcg_events
#define lruvec_memcg_debug pd_lruvec_memcg_debug
#define ptep_clear_flush_young pd_ptep_clear_flush_young
#define pmdp_clear_flush_young pd_pmdp_clear_flush_young
#define __mmu_notifier_clear_flush_young pd_mmu_notifier_clear_flush_young
#define root_mem_cgroup (*pd_root_mem_cgroup)
#define cgroup_mutex (*pd_cgroup_mutex)

#include <linux/cgroup.h>
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/mm_inline.h>
#include <linux/mmzone.h>
#include <linux/pagemap.h>
#include <linux/rmap.h>
#include <linux/swap.h>
#include <linux/vmstat.h>

/* Folios moved under one hold of the lru_lock by the two *_some() functions. */
#define PD_MGLRU_BATCH 4096

/**
 * pd_mglru_enabled() - is MGLRU on for the system?
 *
 * Context: any.
 */
bool pd_mglru_enabled(void);

/* Does this lruvec's insertion go to generations? Stable under lru_lock only. */
static inline bool pd_mglru_lruvec_enabled(struct lruvec *lruvec)
{
#ifdef CONFIG_LRU_GEN
	return READ_ONCE(lruvec->lrugen.enabled);
#else
	return false;
#endif
}

/**
 * pd_mglru_set() - where new folios of this lruvec go
 * @lruvec: the lruvec
 * @on: to generations; else to the classic lists
 *
 * To be followed by pd_mglru_drain_some() or pd_mglru_fill_some() until they
 * return true. The kernel changes the flag itself, for all lruvecs in turn, with
 * the cgroup_mutex held and the lru_lock dropped between its steps; a change of
 * ours in between makes its step lose a folio.
 *
 * Context: lruvec->lru_lock and pd_cgroup_lock() held.
 */
void pd_mglru_set(struct lruvec *lruvec, bool on);

/**
 * pd_mglru_drain_some() - generations to classic lists, oldest first
 * @lruvec: one that pd_mglru_set(.., false) was called for
 *
 * Moves at most PD_MGLRU_BATCH folios. The two youngest generations become
 * active; within a list the order of age is kept.
 *
 * Context: lruvec->lru_lock held.
 * Return: true when no folio is in a generation any more.
 */
bool pd_mglru_drain_some(struct lruvec *lruvec);

/**
 * pd_mglru_fill_some() - classic lists to generations, oldest first
 * @lruvec: one that pd_mglru_set(.., true) was called for
 *
 * Context: lruvec->lru_lock held.
 * Return: true when the evictable classic lists are empty.
 */
bool pd_mglru_fill_some(struct lruvec *lruvec);

/**
 * pd_mglru_turn() - a generation has passed
 * @lruvec: one that pd_mglru_set(.., false) was called for, its generations empty
 *
 * With MGLRU on in the system a page that comes back by a fault is taken for one that
 * was pushed out too early, and waiting for it for a stall by memory pressure (PSI), if
 * it went in the generation that is still the oldest. Of an lruvec without generations
 * that is true of every page, unless somebody counts on.
 *
 * Context: lruvec->lru_lock held.
 */
void pd_mglru_turn(struct lruvec *lruvec);

/*
 * The kernel's cgroup_mutex: outermost of all locks here, held by it across
 * changes of the system's MGLRU state and around mem_cgroup_css_offline().
 */
void pd_cgroup_lock(void);
bool pd_cgroup_trylock(void);
void pd_cgroup_unlock(void);
/* Has the calling task got it, from further up its stack? Any context. */
bool pd_cgroup_lock_is_mine(void);

/**
 * pd_soft_refs_take() - read and clear what folio_mark_accessed() recorded
 * @folio: a folio held by a reference
 * @workingset: set to the state of PG_workingset
 *
 * With MGLRU off an access is PG_referenced (a second one activates, and is seen
 * as PG_active). With it on accesses are counted into PG_referenced, then
 * PG_workingset, then LRU_REFS. PG_workingset is never cleared, because pressure
 * stall information rests on it: if it was clear at the last look and is set
 * now, and MGLRU is on, that is one access more than the return value says.
 * With MGLRU on, PG_referenced can also stand for a young PTE: folio_referenced()
 * on one folio clears the PTEs around it and sets PG_referenced for those.
 *
 * Context: any; atomic bit operations only.
 * Return: accesses since the last call, as far as the bits can count.
 */
unsigned int pd_soft_refs_take(struct folio *folio, bool *workingset);

/* Would pd_soft_refs_take() find anything at all? */
static inline bool pd_has_soft_refs(struct folio *folio)
{
	unsigned long bits = BIT(PG_referenced) | BIT(PG_workingset);

#ifdef CONFIG_LRU_GEN
	bits |= LRU_REFS_MASK;
#endif
	return READ_ONCE(folio->flags) & bits;
}

/* Is its file system to be asked before the folio leaves the page cache? */
static inline bool pd_folio_needs_release(struct folio *folio,
					  struct address_space *mapping)
{
#ifdef PD_HAVE_RELEASE_ALWAYS
	if (mapping_release_always(mapping))
		return true;
#endif
	return folio_has_private(folio);
}

/* Is @memcg protected (memory.low, memory.min) from reclaim for @target? */
static inline bool pd_mem_cgroup_below_low(struct mem_cgroup *target,
					   struct mem_cgroup *memcg)
{
#ifdef PD_HAVE_PROTECTION_TARGET
	return mem_cgroup_below_low(target, memcg);
#else
	return memcg != target && mem_cgroup_below_low(memcg);
#endif
}

static inline bool pd_mem_cgroup_below_min(struct mem_cgroup *target,
					   struct mem_cgroup *memcg)
{
#ifdef PD_HAVE_PROTECTION_TARGET
	return mem_cgroup_below_min(target, memcg);
#else
	return memcg != target && mem_cgroup_below_min(memcg);
#endif
}

#endif
