/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's functions and variables that are not exported.
 *
 * Functions are called through static calls, i.e. by direct call instructions:
 * on CPUs with IBT a call through a pointer faults, because the kernel seals
 * functions whose address it never takes.
 */
#ifndef PD_SYMBOLS_H
#define PD_SYMBOLS_H

#include "compat/mm.h"
#include <linux/backing-dev-defs.h>
#include <linux/static_call.h>

struct pd_btf;
struct reclaim_stat;
struct scan_control;

enum pd_need {
	PD_OPTIONAL,
	PD_NEEDED,
};

/**
 * struct pd_symbol - a function of the running kernel
 * @name: its name
 * @prototype: its type, for messages
 * @signature: its type, for comparison with the kernel's BTF
 * @need: can we do without?
 * @addr: its address; 0: absent
 */
struct pd_symbol {
	const char *name;
	const char *prototype;
	const char *signature;
	enum pd_need need;
	unsigned long addr;
};

#define PD_FUNCTION(name, ...) extern struct pd_symbol pd_symbol_##name
#include "functions.def"

/* For their type only. */
#define PD_FUNCTION(name, ret_t, params, ...) ret_t pd_type_##name params
#include "functions.def"

#define PD_FUNCTION(name, ...) \
	DECLARE_STATIC_CALL(pd_fn_##name, pd_type_##name)
#include "functions.def"

#define PD_VARIABLE(name, type_t) extern type_t pd_##name
#include "variables.def"

/* Does the running kernel have an optional function? */
#define pd_have(name) (pd_symbol_##name.addr != 0)

/**
 * pd_symbols_resolve() - fill in the table
 *
 * Context: process, may sleep.
 * Return: 0, -EOPNOTSUPP with a log line naming what is missing.
 */
int pd_symbols_resolve(void);

/**
 * pd_symbols_check() - compare the table with the kernel's type information
 * @btf: the running kernel's
 *
 * Drops optional functions that look different.
 *
 * Return: 0, -EOPNOTSUPP with a log line naming the function.
 */
int pd_symbols_check(const struct pd_btf *btf);

/**
 * pd_symbols_enable() - make the functions below callable
 *
 * Context: process, may sleep; patches this module's code.
 */
void pd_symbols_enable(void);

/* The running kernel's address of a symbol, 0 if there is none. */
unsigned long pd_symbol_lookup(const char *name);

/*
 * Reclaim. Same contracts as in the kernel's mm/.
 */

/* The kernel's own reclaim of an lruvec, past our hook. */
static inline void pd_shrink_lruvec(struct lruvec *lruvec,
				    struct scan_control *sc)
{
	static_call(pd_fn_shrink_lruvec)(lruvec, sc);
}

static inline bool pd_try_to_shrink_lruvec(struct lruvec *lruvec,
					   struct scan_control *sc)
{
	return static_call(pd_fn_try_to_shrink_lruvec)(lruvec, sc);
}

/* Takes isolated folios; leaves on the list what it did not free. May sleep. */
static inline unsigned int pd_shrink_folio_list(struct list_head *folios,
						struct pglist_data *pgdat,
						struct scan_control *sc,
						struct reclaim_stat *stat,
						bool ignore_references)
{
	return static_call(pd_fn_shrink_folio_list)(folios, pgdat, sc, stat,
						    ignore_references);
}

/* Counts and clears young PTEs. May sleep. */
static inline int pd_folio_referenced(struct folio *folio, int is_locked,
				      struct mem_cgroup *memcg,
				      unsigned long *vm_flags)
{
	return static_call(pd_fn_folio_referenced)(folio, is_locked, memcg,
						   vm_flags);
}

static inline void pd_lru_add_drain(void)
{
	static_call(pd_fn_lru_add_drain)();
}

static inline void pd_folio_putback_lru(struct folio *folio)
{
	static_call(pd_fn_folio_putback_lru)(folio);
}

static inline void pd_wakeup_flusher_threads(enum wb_reason reason)
{
	static_call(pd_fn_wakeup_flusher_threads)(reason);
}

/* Shrinks the slab caches of a cgroup on a node; our own shrinker is among them. */
static inline unsigned long pd_shrink_slab(gfp_t gfp, int nid,
					   struct mem_cgroup *memcg,
					   int priority)
{
	return static_call(pd_fn_shrink_slab)(gfp, nid, memcg, priority);
}

static inline void pd_workingset_age_nonresident(struct lruvec *lruvec,
						 unsigned long nr_pages)
{
	static_call_cond(pd_fn_workingset_age_nonresident)(lruvec, nr_pages);
}

/* Folio locked. false: swap space is still needed, or this kernel cannot. */
static inline bool pd_folio_free_swap(struct folio *folio)
{
	return pd_have(folio_free_swap) &&
	       static_call(pd_fn_folio_free_swap)(folio);
}

/* Mappings of a file that cover a page; i_mmap_rwsem held. NULL at the end. */
static inline struct vm_area_struct *pd_vma_first(struct address_space *mapping,
						  pgoff_t index)
{
	if (!pd_have(vma_interval_tree_iter_first) ||
	    !pd_have(vma_interval_tree_iter_next))
		return NULL;
	return static_call(pd_fn_vma_interval_tree_iter_first)(&mapping->i_mmap,
							       index, index);
}

static inline struct vm_area_struct *pd_vma_next(struct vm_area_struct *vma,
						 pgoff_t index)
{
	return static_call(pd_fn_vma_interval_tree_iter_next)(vma, index, index);
}

/*
 * A cgroup's counter, an enum node_stat_item or memcg_stat_item, descendants
 * included. As of the kernel's last flush, up to about two seconds ago; 0 if
 * this kernel has no such function.
 */
static inline unsigned long pd_memcg_page_state(struct mem_cgroup *memcg,
						int idx)
{
	if (!pd_have(memcg_page_state))
		return 0;
	return static_call(pd_fn_memcg_page_state)(memcg, idx);
}

/* Swap that a cgroup may still use; the system's where limits are unknown. */
static inline long pd_mem_cgroup_get_nr_swap_pages(struct mem_cgroup *memcg)
{
	if (!pd_have(mem_cgroup_get_nr_swap_pages))
		return get_nr_swap_pages();
	return static_call(pd_fn_mem_cgroup_get_nr_swap_pages)(memcg);
}

/* All swap space of the system. */
static inline unsigned long pd_swap_pages(void)
{
	return READ_ONCE(*pd_total_swap_pages);
}

/* Kill in @memcg. May sleep. false: nothing to kill, or not to be had. */
static inline bool pd_mem_cgroup_out_of_memory(struct mem_cgroup *memcg,
					       gfp_t gfp, int order)
{
	return pd_have(mem_cgroup_out_of_memory) &&
	       static_call(pd_fn_mem_cgroup_out_of_memory)(memcg, gfp, order);
}

#endif
