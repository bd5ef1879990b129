/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the host (C, kernel) and the policies (C++, freestanding) say to each
 * other. Plain data, no kernel header: the same files compile in the module,
 * in KUnit, in user-space tests and in the simulator.
 *
 * Everything is counted in base pages unless a name says otherwise.
 */
#ifndef PAGEDAEMON_TYPES_H
#define PAGEDAEMON_TYPES_H

typedef __UINT8_TYPE__ pd_u8;
typedef __UINT16_TYPE__ pd_u16;
typedef __UINT32_TYPE__ pd_u32;
/* As the kernel spells its own u64, so that pointers to either are the same. */
typedef unsigned long long pd_u64;
typedef long long pd_s64;

/* A knob that holds this value follows the computed default. */
#define PD_AUTO (~(pd_u64)0)
/* A delay that never ends by itself. */
#define PD_FOREVER_MS (~(pd_u32)0)

/* References that one look can count: FreeBSD's PMAP_TS_REFERENCED_MAX. */
#define PD_REFS_MAX 5
/* Folios taken from a queue under one hold of its lock. */
#define PD_BATCH 32

enum pd_queue_id {
	PD_QUEUE_INACTIVE,
	PD_QUEUE_ACTIVE,
	PD_NR_QUEUES,
};

enum pd_page_type {
	PD_TYPE_ANON,		/* anonymous, swap-backed */
	PD_TYPE_SHMEM,		/* tmpfs and shared memory: has an index, goes to swap */
	PD_TYPE_FILE,		/* page cache, or anonymous memory under MADV_FREE */
	PD_TYPE_EXEC,		/* page cache seen through an executable mapping */
	PD_NR_TYPES,
};

/* struct pd_view.flags */
#define PD_PAGE_DIRTY		(1u << 0)	/* has no up-to-date copy on backing store */
#define PD_PAGE_WRITEBACK	(1u << 1)
#define PD_PAGE_MAPPED		(1u << 2)	/* in some page table (object->ref_count) */
#define PD_PAGE_HELD		(1u << 3)	/* pinned, or references we cannot account for */
#define PD_PAGE_BUSY		(1u << 4)	/* locked by somebody else, or in writeback */
#define PD_PAGE_INVALID		(1u << 5)	/* no valid contents */
#define PD_PAGE_DEAD		(1u << 6)	/* its object is going away: truncated mapping */
#define PD_PAGE_UNEVICTABLE	(1u << 7)	/* mlocked, or the mapping is unevictable */
#define PD_PAGE_ACTIVE		(1u << 8)	/* the kernel wants it active (PG_active) */
#define PD_PAGE_REFAULT		(1u << 9)	/* was here not long ago (PG_workingset) */
#define PD_PAGE_LOCK_MISS	(1u << 10)	/* its file cannot be written now without waiting */
#define PD_PAGE_SWAPCACHE	(1u << 11)	/* has a slot in swap */
#define PD_PAGE_FIRST_LOOK	(1u << 12)	/* references may be of the fault that brought it */

/**
 * struct pd_view - one page as a policy sees it, at one moment
 * @pfn: page frame number of the (head) page; for traces only
 * @nr_pages: base pages of the folio
 * @flags: PD_PAGE_*
 * @refs: page-table references since the last look, 0..PD_REFS_MAX, now cleared
 * @soft_refs: accesses by read() and the like since the last look, now cleared;
 *             a lone one that only brought the page in is not among them
 * @type: enum pd_page_type
 * @ghost: what the policy wanted remembered of this page when it was last evicted, 0
 *         if nothing is known. Shown once, when the page enters the queues or, if
 *         it came by read-ahead, at the first look that finds it was used
 */
struct pd_view {
	pd_u64 pfn;
	pd_u32 nr_pages;
	pd_u32 flags;
	pd_u8 refs;
	pd_u8 soft_refs;
	pd_u8 type;
	pd_u8 pad;
	pd_u32 ghost;
};

#define PD_ACT_COUNT_MAX 64

/* struct pd_page_state.flags */
#define PD_STATE_SECOND_LAP	(1u << 0)	/* dirty page has been round once (WINATCFLS) */
#define PD_STATE_FIRST_TOUCH	(1u << 1)	/* only the access that brought it in is known */
#define PD_STATE_EXEC		(1u << 2)	/* was seen through an executable mapping */
#define PD_STATE_LAUNDERED	(1u << 3)	/* we started its write-out */
#define PD_STATE_WORKINGSET	(1u << 4)	/* PG_workingset was set when we last looked */
#define PD_STATE_SEEN		(1u << 5)	/* initialised since the frame was last inserted */
#define PD_STATE_QUEUED		(1u << 6)	/* queued since then; the policy's own */
#define PD_STATE_UNASKED	(1u << 7)	/* ghost not asked for yet; the host's */

/**
 * struct pd_page_state - what is remembered of a page between looks
 * @act_count: activity count, 0..PD_ACT_COUNT_MAX
 * @flags: PD_STATE_*
 *
 * Two bytes for a page frame. Updated without a lock: a lost update costs one
 * tick of age, never a page.
 */
struct pd_page_state {
	pd_u8 act_count;
	pd_u8 flags;
};

/* X(id, text): what to do with a page. Order is part of the trace ABI. */
#define PD_VERDICTS(X)                                                         \
	X(KEEP, "keep")               /* stays where it is in its queue */     \
	X(FREE, "free")               /* reclaim it now */                     \
	X(LAUNDER, "launder")         /* start writing it out, keep its place */ \
	X(ACTIVATE, "activate")       /* newest end of the active queue */     \
	X(DEACTIVATE, "deactivate")   /* newest end of the inactive queue */   \
	X(DEACTIVATE_HEAD, "deactivate_head") /* oldest end: next to go */     \
	X(REQUEUE, "requeue")         /* newest end of the queue it is on */   \
	X(UNQUEUE, "unqueue")         /* not ours any more */                  \
	X(LAUNDER_ACTIVATE, "launder_activate") /* start writing it out, activate it */ \
	X(DROP_SWAP, "drop_swap")     /* stays where it is, its swap slot is freed */

/* X(id, text): why. Order is part of the trace ABI. */
#define PD_REASONS(X)                                                          \
	X(NONE, "none")                                                        \
	X(CLEAN, "clean")                                                      \
	X(INVALID, "invalid")                                                  \
	X(REFERENCED, "referenced")                                            \
	X(UNMAPPED_REFERENCED, "unmapped_referenced")                          \
	X(BUSY, "busy")                                                        \
	X(HELD, "held")                                                        \
	X(UNEVICTABLE, "unevictable")                                          \
	X(SECOND_LAP, "second_lap")                                            \
	X(DIRTY, "dirty")                                                      \
	X(BUDGET, "budget")                                                    \
	X(SWAP_DEFERRED, "swap_deferred")                                      \
	X(DEAD, "dead")                                                        \
	X(LOCK_MISS, "lock_miss")                                              \
	X(AGED, "aged")                                                        \
	X(DECAYED, "decayed")                                                  \
	X(FORCED, "forced")                                                    \
	X(REFUSED, "refused")                                                  \
	X(FAULTED, "faulted")                                                  \
	X(CACHED, "cached")                                                    \
	X(REFAULT, "refault")                                                  \
	X(MOVED, "moved")                                                      \
	X(PROTECTED, "protected")     /* pages of its type are below their floor */ \
	X(SWAP_FULL, "swap_full")                                              \
	X(EXTERNAL, "external")       /* only dirty file pages are wanted, or it is one */ \
	X(RESERVE, "reserve")         /* too little is free to write files */  \
	X(IN_FLIGHT, "in_flight")     /* enough is being written */            \
	X(RECYCLED, "recycled")       /* straight from the active queue */     \
	X(STOPPED, "stopped")         /* the scan has ended within a batch */

#define PD_VERDICT_ENUM(id, text) PD_VERDICT_##id,
#define PD_REASON_ENUM(id, text) PD_REASON_##id,
enum pd_verdict { PD_VERDICTS(PD_VERDICT_ENUM) PD_NR_VERDICTS };
enum pd_reason { PD_REASONS(PD_REASON_ENUM) PD_NR_REASONS };

/**
 * struct pd_decision - a verdict and its reason
 * @verdict: enum pd_verdict; the host takes an unknown one for PD_VERDICT_KEEP,
 *           and ends the policy
 * @reason: enum pd_reason
 */
struct pd_decision {
	pd_u8 verdict;
	pd_u8 reason;
};

/**
 * struct pd_memory - the state of the domain's memory at one moment
 * @limit: smallest memory.max/memory.high on the path to the root: the "physical memory"
 * @free: smallest distance of any of them to its usage, less the headroom; may be negative
 * @inactive: pages on the inactive queue of the queue pair being served
 * @active: pages on its active queue
 * @total_inactive: the same over all queue pairs of the domain
 * @total_active: the same over all queue pairs of the domain
 * @anon: anonymous and shmem pages on queues
 * @file: file pages on queues
 * @exec: estimate of file pages that are program text (among @file)
 * @dirty: dirty file pages of the domain
 * @writeback: pages in flight to backing store that its passes sent there; exact
 * @swap_total: swap that the domain may use, pages
 * @swap_free: of that, still free
 * @deficit: pages asked for and not granted before this pass, of all pairs
 * @waiters: tasks inside direct reclaim of the domain
 * @nr_pairs: queue pairs of the domain
 */
struct pd_memory {
	pd_u64 limit;
	pd_s64 free;
	pd_u64 inactive;
	pd_u64 active;
	pd_u64 total_inactive;
	pd_u64 total_active;
	pd_u64 anon;
	pd_u64 file;
	pd_u64 exec;
	pd_u64 dirty;
	pd_u64 writeback;
	pd_u64 swap_total;
	pd_u64 swap_free;
	pd_u64 deficit;
	pd_u32 waiters;
	pd_u32 nr_pairs;
};

/* struct pd_watermarks.cluster_flags */
#define PD_CLUSTER_BLOCK	(1u << 0)	/* an aligned block, no run around the page */
#define PD_CLUSTER_INHERIT	(1u << 1)	/* neighbours take over lap and count */
#define PD_CLUSTER_ACTIVE	(1u << 2)	/* active neighbours come along */
#define PD_CLUSTER_NEW_SLOTS	(1u << 3)	/* to swap: give the old slot back first */
#define PD_CLUSTER_FAILED_STAYS	(1u << 4)	/* a page not written stays inactive */

/**
 * struct pd_watermarks - thresholds a policy derives from the limit
 * @free_reserved: kept for those who must not wait
 * @free_severe: below it the situation is severe
 * @free_min: below it tasks would have to wait
 * @free_target: the daemon works until this much is free
 * @wakeup_thresh: below it the daemon is woken
 * @inactive_target: wanted length of the inactive queue
 * @free_stop: the scan may go on until this much is free; at least @free_target
 * @cluster_pages: pages written out together
 * @max_launder: pages written out in one pass, as far as a policy has such a limit
 * @cluster_flags: PD_CLUSTER_*
 */
struct pd_watermarks {
	pd_u64 free_reserved;
	pd_u64 free_severe;
	pd_u64 free_min;
	pd_u64 free_target;
	pd_u64 wakeup_thresh;
	pd_u64 inactive_target;
	pd_u64 free_stop;
	pd_u64 cluster_pages;
	pd_u64 max_launder;
	pd_u32 cluster_flags;
};

/**
 * struct pd_scan - one pass over one queue pair
 * @pass: how often the daemon has tried without success; 1 is the first try
 * @direct: a task does this in its own context, under its own constraints
 * @emergency: only what needs no file system may be done
 * @may_swap: anonymous pages may be written to swap
 * @may_launder: dirty file pages may be written from this context; where not,
 *               the host turns PD_VERDICT_LAUNDER of a file page into a wake-up
 * @refill: set by plan(): fill the inactive queue up before each batch of it, by
 *          inactive_done() and an active scan, not after the inactive scan; what that
 *          puts there as DEACTIVATE_HEAD is the next that the inactive scan looks at
 * @enough: set by plan(): with this many pages free the inactive scan ends, all
 *          wanted being there whoever freed it; 0: not looked at
 * @shortage: pages still to be freed; set by plan(), lowered by the policy
 * @max_scan: pages the inactive scan may still look at; lowered by the host
 * @launder_budget: pages that may still be laundered
 * @addl_shortage: inactive pages found stuck, not to be counted as inactive
 * @deficit: memory.deficit as plan() saw it; set by the host before
 * @active_shortage: pages to move off the active queue
 * @active_max_scan: pages the active scan may still look at; lowered by the host
 * @lock_misses: files that could not be written without waiting; kept by the policy
 * @scanned: pages looked at, both queues; kept by the host
 * @freed: pages freed; kept by the host
 * @laundered: pages whose write-out started; kept by the host
 * @stuck: pages that writing out would free, met by who may not write or being
 *         written already; kept by the host
 * @withheld: inactive pages that could have gone at once and stayed, and active ones
 *            that did not age, for none of the reasons that stand for a setting;
 *            kept by the host
 * @scratch: a policy's own
 *
 * Lives on the stack of whoever makes the pass; several may be under way.
 */
struct pd_scan {
	pd_u32 pass;
	pd_u8 direct;
	pd_u8 emergency;
	pd_u8 may_swap;
	pd_u8 may_launder;
	pd_u8 refill;
	pd_s64 enough;
	pd_s64 shortage;
	pd_s64 max_scan;
	pd_s64 launder_budget;
	pd_s64 addl_shortage;
	pd_s64 deficit;
	pd_s64 active_shortage;
	pd_s64 active_max_scan;
	pd_s64 lock_misses;
	pd_u64 scanned;
	pd_u64 freed;
	pd_u64 laundered;
	pd_u64 stuck;
	pd_u64 withheld;
	pd_s64 scratch[6];
};

/* struct pd_next.flags */
#define PD_NEXT_NEEDED		(1u << 0)	/* not done: scan again after @delay_ms */
#define PD_NEXT_WAKE_WAITERS	(1u << 1)	/* waiting tasks may try again */
#define PD_NEXT_KICK_WRITEBACK	(1u << 2)	/* ask the flusher threads to write */
#define PD_NEXT_KICK_SLAB	(1u << 3)	/* ask the kernel's caches for memory */
#define PD_NEXT_OOM_VOTE	(1u << 4)	/* this policy sees no way out */

/**
 * struct pd_next - what the daemon does after a pass
 * @flags: PD_NEXT_*
 * @pass: pass number of the next scan
 * @delay_ms: sleep before it; while PD_NEXT_NEEDED is set a wake-up does not
 *            cut it short, else it is the time to the next idle() call
 */
struct pd_next {
	pd_u32 flags;
	pd_u32 pass;
	pd_u32 delay_ms;
};

#endif
