/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How the module gets into the running kernel. The hooks know nothing of
 * domains or queues: they translate what the kernel does into calls of one
 * struct pd_hook_client, and are the only ones to touch kernel internals that
 * are not exported.
 */
#ifndef PD_HOOKS_H
#define PD_HOOKS_H

#include <linux/types.h>

struct folio;
struct lruvec;
struct mem_cgroup;
struct scan_control;

enum pd_hook_mode {
	PD_HOOK_AUTO,		/* ftrace, or the shrinker where that is not to be had */
	PD_HOOK_FTRACE,
	PD_HOOK_SHRINKER,
};

/**
 * struct pd_reclaim - the constraints of somebody who wants memory
 * @sc: the kernel's own scan_control, handed on to shrink_folio_list()
 * @target: cgroup whose limit was hit; NULL for global reclaim
 * @nr_to_reclaim: pages still wanted
 * @gfp: allocation context
 * @priority: the kernel's scan priority, 12 (light) to 0 (desperate)
 * @reclaim_idx: highest zone to take pages from
 * @may_writepage: dirty pages may be written
 * @may_unmap: mapped pages may be taken
 * @may_swap: anonymous pages may be swapped out
 * @proactive: memory.reclaim
 */
struct pd_reclaim {
	struct scan_control *sc;
	struct mem_cgroup *target;
	unsigned long nr_to_reclaim;
	gfp_t gfp;
	int priority;
	int reclaim_idx;
	bool may_writepage;
	bool may_unmap;
	bool may_swap;
	bool proactive;
};

/**
 * struct pd_hook_client - what the hooks call
 * @attached: does this lruvec belong to a domain? Called for every reclaim in
 *            the system, from an ftrace callback: preemption off, no locks, must
 *            neither sleep nor trace
 * @reclaim: do the reclaim of an attached lruvec in the caller's context; may
 *           sleep. false: not attached any more, the kernel's own code runs. With
 *           MGLRU on, that code finds pages in generations only: not to be
 *           returned while the lruvec is opted out
 * @inserted: @folio has just been put on one of the kernel's lists of its lruvec;
 *            lru_lock held, interrupts off, PG_lru not yet set
 * @activated: the kernel moved @folio to an active list; same context
 * @shrink_count: pages that shrink_scan() could look at; 0 for none. Any
 *            reclaim context; may not sleep
 * @shrink_scan: free up to @nr pages under @gfp; returns pages freed, ~0UL for
 *           stop. The kernel does not count these towards what a memcg reclaim
 *           wants (6.4 on): it comes again at rising priority until
 *           @shrink_count says 0
 * @memcg_online: a cgroup is being made; same context as @memcg_offline
 * @memcg_offline: the cgroup is being removed; under cgroup_mutex, from an ftrace
 *           callback: must not sleep. Not called where ftrace is not to be had
 */
struct pd_hook_client {
	bool (*attached)(struct lruvec *lruvec);
	bool (*reclaim)(struct lruvec *lruvec, struct pd_reclaim *rc);
	void (*inserted)(struct folio *folio);
	void (*activated)(struct folio *folio);
	unsigned long (*shrink_count)(struct mem_cgroup *memcg, int nid);
	unsigned long (*shrink_scan)(struct mem_cgroup *memcg, int nid,
				     unsigned long nr, gfp_t gfp);
	void (*memcg_online)(struct mem_cgroup *memcg);
	void (*memcg_offline)(struct mem_cgroup *memcg);
};

/**
 * pd_hooks_prepare() - resolve symbols and layouts
 *
 * Needs nothing else of the module and changes nothing in the kernel. Must have
 * succeeded before any of the functions in symbols.h is called.
 *
 * Context: process, may sleep.
 * Return: 0, -EOPNOTSUPP with a log line that names what the kernel lacks.
 */
int pd_hooks_prepare(void);

/* Is the memory controller on cgroup v2? Any context. */
bool pd_memcg_v2(void);

/**
 * pd_hooks_start() - hook into the kernel
 * @mode: which way into reclaim
 * @client: what to call; must stay valid until pd_hooks_stop() returned
 *
 * Context: process, may sleep.
 * Return: 0, -EBUSY (mode is ftrace and somebody else owns shrink_lruvec()),
 * -EOPNOTSUPP (kernel lacks something, the log names it), -ENOMEM. On error
 * nothing is left behind.
 */
int pd_hooks_start(enum pd_hook_mode mode, const struct pd_hook_client *client);

/**
 * pd_hooks_stop() - leave the kernel as it was
 *
 * Returns when no task can be in, or enter, a client's function any more. All
 * domains must have been detached.
 *
 * Context: process, may sleep.
 */
void pd_hooks_stop(void);

/* The way in that is in use: never PD_HOOK_AUTO. */
enum pd_hook_mode pd_hooks_mode(void);
/* "ftrace" or "shrinker". */
const char *pd_hooks_mode_name(void);

/**
 * pd_hooks_watch_memcg() - have the shrinker called for a cgroup and node
 * @memcg: the cgroup
 * @nid: node
 *
 * The kernel calls a memcg-aware shrinker only where a bit says there is
 * something to shrink.
 */
void pd_hooks_watch_memcg(struct mem_cgroup *memcg, int nid);

/* How often the reclaim hook redirected, and how often it let a call pass. */
u64 pd_hooks_redirected(void);
u64 pd_hooks_passed(void);

/*
 * scan_control, a struct private to the kernel's vmscan.c: field offsets come
 * from the running kernel's BTF.
 */

/* Read a caller's constraints. */
void pd_sc_read(struct scan_control *sc, struct pd_reclaim *rc);
/*
 * The scan_control of the reclaim that this task is in, NULL if it is in none:
 * what a shrinker is not told. All of the kernel's reclaim points the task at
 * the reclaim_state embedded in its scan_control.
 */
struct scan_control *pd_sc_current(void);
/* Report back to the caller. */
void pd_sc_add_reclaimed(struct scan_control *sc, unsigned long pages);
void pd_sc_add_scanned(struct scan_control *sc, unsigned long pages);

/* Room for a scan_control of any supported kernel; checked at load. */
#define PD_SC_BYTES 320

/**
 * pd_sc_make() - a scan_control of our own, for contexts that have none
 * @storage: PD_SC_BYTES, aligned to 8
 * @rc: constraints to fill in; rc->sc is set to @storage
 */
void pd_sc_make(void *storage, struct pd_reclaim *rc);

#endif
