/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Private page queues of one (memcg, node).
 *
 *        kernel's lists (in-tray)            private queues (true age order)
 *   insertion --> LRU_{IN,}ACTIVE_{ANON,FILE} --adopt--> inactive: oldest ... newest
 *                                                        active:   oldest ... newest
 *
 * PG_lru, PG_active and the LRU size counters stay exactly as the kernel keeps
 * them, so whoever isolates, truncates or migrates a folio need not know: its
 * list_del() does not care whose list it is.
 *
 * Lock: lruvec->lru_lock guards the queues, the cursors and every lru list_head
 * of a folio with PG_lru. It is taken with interrupts off, innermost.
 */
#ifndef PD_QUEUE_H
#define PD_QUEUE_H

#include "../hooks/compat/mm.h"
#include <linux/list.h>
#include <pagedaemon/ghosts.h>
#include <pagedaemon/policy.h>

struct pd_domain;
struct pd_instance;
struct pd_set;

/* Passes that can be under way in one pair at a time; others wait. */
#define PD_MAX_CURSORS 32

/**
 * struct pd_cursor - a place in a queue that survives a dropped lock
 * @node: linked into the queue between two folios, just before the next to visit
 */
struct pd_cursor {
	struct list_head node;
};

/**
 * struct pd_pair - the inactive and active queue of one (memcg, node)
 * @lruvec: the kernel's own; its lists are the in-tray
 * @memcg: owner; the domain holds a reference
 * @domain: whose policy judges
 * @set: the pairs of the same memcg; NULL in tests
 * @nid: NUMA node
 * @queue: oldest first; list heads guarded by lruvec->lru_lock
 * @cursors: places of the passes under way, and the tasks' hand
 * @cursor_map: which of them are taken; bit operations, no lock
 * @hand_until: when the tasks' hand is too old, in jiffies; guarded by lru_lock
 * @freed: pages freed from here since it was made
 * @looked: how often a pass has looked at a page here since then
 * @turned: of these, when MGLRU's generation was counted on; guarded by lru_lock
 * @wants_exec: looks shall find out what is program text
 * @exec_found: they have found some since that was last asked
 * @open: the queues take pages; written under lru_lock
 */
struct pd_pair {
	struct lruvec *lruvec;
	struct mem_cgroup *memcg;
	struct pd_domain *domain;
	struct pd_set *set;
	int nid;
	struct list_head queue[PD_NR_QUEUES];
	struct pd_cursor cursors[PD_MAX_CURSORS + 1];
	unsigned long cursor_map;
	unsigned long hand_until;
	atomic_long_t freed;
	atomic_long_t looked;
	unsigned long turned;
	bool wants_exec;
	bool exec_found;
	bool open;
};

/* Is this place in a queue a cursor, and no folio? */
static inline bool pd_is_cursor(struct pd_pair *pair, struct list_head *node)
{
	return node >= &pair->cursors[0].node &&
	       node <= &pair->cursors[PD_MAX_CURSORS].node;
}

/**
 * struct pd_batch - folios taken off a queue, to be judged and put back
 * @nr: how many
 * @ahead: of a scan of the inactive queue that is under way, the cursor: what is to be
 *         the next to go is put there. NULL: there is none
 * @folio: each held by one reference, PG_lru clear
 * @decision: what the policy said
 * @ghost: what it wants remembered of a folio that goes, 0 for nothing
 * @id: who that is; only where there is a ghost
 */
struct pd_batch {
	unsigned int nr;
	struct pd_cursor *ahead;
	struct folio *folio[PD_BATCH];
	struct pd_decision decision[PD_BATCH];
	u16 ghost[PD_BATCH];
	u64 id[PD_BATCH];
};

/* LRU size changes gathered under one lock hold, applied once for each zone. */
struct pd_sizes {
	long delta[(LRU_ACTIVE_FILE + 1) * MAX_NR_ZONES];
	unsigned long changed;	/* a bit for each delta */
};

static inline void pd_sizes_add(struct pd_sizes *sizes, struct folio *folio,
				enum lru_list lru, long pages)
{
	unsigned int i = lru * MAX_NR_ZONES + folio_zonenum(folio);

	sizes->delta[i] += pages;
	sizes->changed |= 1UL << i;
}

/* Apply and clear; lru_lock held. */
void pd_sizes_flush(struct pd_sizes *sizes, struct lruvec *lruvec);

/* Counts of one pair, pages. */
struct pd_pair_counts {
	unsigned long inactive;
	unsigned long active;
	unsigned long anon;
	unsigned long file;
};

void pd_pair_init(struct pd_pair *pair, struct pd_domain *domain,
		  struct mem_cgroup *memcg, int nid);

/**
 * pd_pair_open() - have a pair take pages
 * @pair: an initialised pair
 *
 * Opts the lruvec out of MGLRU if that is on. The pages that it has are on the kernel's
 * lists then, in age order: pd_pair_adopt_all() is to follow.
 *
 * Context: process, may sleep; pd_cgroup_lock() held; takes lru_lock.
 */
void pd_pair_open(struct pd_pair *pair);

/**
 * pd_pair_adopt_all() - take over the pages that a pair has as it is opened
 * @pair: an open pair
 *
 * Context: process, may sleep; takes lru_lock.
 */
void pd_pair_adopt_all(struct pd_pair *pair);

/**
 * pd_pair_close() - give every page to the kernel's lists
 * @pair: an open pair; no pass may be under way
 *
 * With MGLRU on the kernel does not look there: pd_pair_to_mglru() is to follow.
 *
 * Context: process, may sleep; takes lru_lock.
 */
void pd_pair_close(struct pd_pair *pair);

/**
 * pd_pair_to_mglru() - give the pages of a closed pair to MGLRU, if that is on
 * @pair: a closed pair
 *
 * The mutex keeps others from toggling while we follow their choice. Does nothing if it
 * was done before.
 *
 * Context: process, may sleep; pd_cgroup_lock() held; takes lru_lock.
 */
void pd_pair_to_mglru(struct pd_pair *pair);

/**
 * pd_pair_reopt() - notice that MGLRU was switched on meanwhile; opt out again
 * @pair: an open pair
 *
 * Context: process, may sleep; only tries for cgroup_mutex.
 * Return: true if the lruvec is opted out now.
 */
bool pd_pair_reopt(struct pd_pair *pair);

/*
 * Count MGLRU's generation on each time that passes have come by a quarter of the pair's
 * pages. With four generations it would do so then: the oldest one is over when each page
 * of it has gone or was found in use. After a pass; takes lru_lock.
 */
void pd_pair_turn(struct pd_pair *pair);

/* Sort what the kernel's lists gathered into the queues; returns folios moved. */
unsigned long pd_pair_adopt(struct pd_pair *pair);

/* Same for one folio just put on a kernel list; lru_lock held. */
void pd_pair_adopt_one(struct pd_pair *pair, struct folio *folio);

struct pd_pair_counts pd_pair_counts(struct pd_pair *pair);

/**
 * pd_pair_count_exec() - count the pages known to be program text
 * @pair: the pair
 *
 * An estimate: a page counts from the first look that finds an executable mapping
 * of it until the first that finds it unmapped.
 *
 * Context: process, may sleep; takes lru_lock.
 * Return: pages.
 */
unsigned long pd_pair_count_exec(struct pd_pair *pair);

/* A cursor at the oldest end of @queue, or NULL if all are in use. */
struct pd_cursor *pd_cursor_get(struct pd_pair *pair, enum pd_queue_id queue);
void pd_cursor_put(struct pd_pair *pair, struct pd_cursor *cursor);

/**
 * pd_hand_follow() - go on where tasks have left off
 * @pair: the pair
 * @cursor: at the oldest end of the inactive queue; moved behind the hand, if there
 *          is one and it is not too old
 *
 * The tasks' hand is a place in the inactive queue. What is older was met by a task a
 * moment ago and can only be written, which is for the daemon to do: a stream beside
 * many dirty pages would else meet all of them for each 32 pages that it is short of.
 * The daemon itself takes no notice. At worst a page that has become clean meanwhile
 * waits for the daemon's next pass, or for %PD_HAND_LIFE.
 */
void pd_hand_follow(struct pd_pair *pair, struct pd_cursor *cursor);

/* All that is older than @cursor is left to the daemon. */
void pd_hand_move(struct pd_pair *pair, struct pd_cursor *cursor);

/* Have tasks begin at the oldest end again. */
void pd_hand_drop(struct pd_pair *pair);

/* After that time tasks look at every page again. */
#define PD_HAND_LIFE (HZ / 4)

/**
 * pd_batch_take() - isolate the next folios behind a cursor
 * @pair: the pair
 * @queue: which queue the cursor is in
 * @cursor: moved past what was looked at
 * @nr: at most this many, PD_BATCH at most
 * @max_zone: highest zone to take from
 * @batch: filled in
 *
 * Return: pages passed over or taken; 0 at the end of the queue.
 */
unsigned long pd_batch_take(struct pd_pair *pair, enum pd_queue_id queue,
			    struct pd_cursor *cursor, unsigned int nr,
			    int max_zone, struct pd_batch *batch);

/**
 * pd_batch_put() - put a judged batch back by its decisions
 * @pair: the pair
 * @queue: the queue it was taken from
 * @cursor: KEEP and LAUNDER put a folio just before it
 * @batch: entries whose folio is NULL are skipped; emptied
 */
void pd_batch_put(struct pd_pair *pair, enum pd_queue_id queue,
		  struct pd_cursor *cursor, struct pd_batch *batch);

/*
 * Kernel's view of who may be on an evictable list. Folio locked, or interrupts off: the
 * mapping may go away under a folio that nobody holds still, after a grace period.
 */
static inline bool pd_folio_evictable(struct folio *folio)
{
	unsigned long mapping = (unsigned long)READ_ONCE(folio->mapping);

	/* Only files have mappings that are never to be reclaimed. */
	return !folio_test_mlocked(folio) &&
	       (mapping & PAGE_MAPPING_FLAGS ||
		!mapping_unevictable((struct address_space *)mapping));
}

/*
 * A clean page of a file that nobody maps or has locked in memory, and of which its file
 * system keeps nothing: what most looks find, so all flags are looked at in one go. Folio
 * locked, or under RCU.
 */
static inline bool pd_folio_is_plain(struct folio *folio)
{
	const unsigned long other = BIT(PG_swapbacked) | BIT(PG_dirty) |
				    BIT(PG_writeback) | BIT(PG_mlocked) |
				    BIT(PG_private) | BIT(PG_private_2);
	struct address_space *mapping = READ_ONCE(folio->mapping);

	return !(READ_ONCE(folio->flags) & other) && mapping &&
	       !((unsigned long)mapping & PAGE_MAPPING_FLAGS) &&
	       !folio_mapped(folio) && !mapping_unevictable(mapping);
}

/*
 * An anonymous page that is written to swap before it goes: not one that was given up
 * (MADV_FREE), merged with others of its contents (KSM), or locked in memory. Any context.
 */
static inline bool pd_folio_is_private(struct folio *folio)
{
	const unsigned long telling = BIT(PG_swapbacked) | BIT(PG_mlocked) |
				      BIT(PG_private) | BIT(PG_private_2);
	unsigned long mapping = (unsigned long)READ_ONCE(folio->mapping);

	return (READ_ONCE(folio->flags) & telling) == BIT(PG_swapbacked) &&
	       (mapping & PAGE_MAPPING_FLAGS) == PAGE_MAPPING_ANON;
}

/* What kind of page is this? @exec: it was seen through an executable mapping. */
enum pd_page_type pd_folio_type(struct folio *folio, bool exec);

/**
 * enum pd_look - how far to look at a folio
 * @PD_LOOK_ENTER: it enters the queues: nothing is cleared, no lock is taken
 * @PD_LOOK_ACTIVE: references are collected
 * @PD_LOOK_INACTIVE: the same, folio locked by the caller
 */
enum pd_look {
	PD_LOOK_ENTER,
	PD_LOOK_ACTIVE,
	PD_LOOK_INACTIVE,
};

/* A folio the kernel has just listed starts a new life in its frame. */
static inline void pd_state_begin(struct folio *folio, struct pd_page_state *page)
{
	*page = (struct pd_page_state){
		.flags = PD_STATE_SEEN | PD_STATE_FIRST_TOUCH | PD_STATE_UNASKED |
			 (folio_test_workingset(folio) ? PD_STATE_WORKINGSET : 0),
	};
}

/**
 * pd_view_make() - what a policy may know of a folio, now
 * @pair: the pair it belongs to
 * @folio: the folio; isolated unless @look is PD_LOOK_ENTER
 * @page: its page state; first-touch and working-set bits are updated
 * @look: how far to look
 * @view: filled in
 *
 * Context: may sleep unless @look is PD_LOOK_ENTER.
 */
void pd_view_make(struct pd_pair *pair, struct folio *folio,
		  struct pd_page_state *page, enum pd_look look,
		  struct pd_view *view);

/**
 * pd_folio_drop() - take a clean, unmapped page of a file out of the page cache
 * @folio: locked, isolated, held by one reference
 * @target: for whose sake; NULL: the system's
 *
 * What is known of the page stays there in its place, for the kernel to tell how soon it
 * came back.
 *
 * Context: process, may sleep; takes i_lock and the lock of the mapping.
 * Return: true if the caller's reference is the last one now, and the folio unlocked; it
 * is to be released with release_pages(). Else nothing has changed: it is of another
 * kind, has come into use, or this kernel does not let us.
 */
bool pd_folio_drop(struct folio *folio, struct mem_cgroup *target);

/* Is a folio of a queue as it should be there? lru_lock held. */
static inline bool pd_folio_belongs(struct pd_pair *pair, enum pd_queue_id queue,
				    struct folio *folio)
{
	unsigned long telling = BIT(PG_active) | BIT(PG_unevictable);

#ifdef CONFIG_LRU_GEN
	telling |= LRU_GEN_MASK;
#endif
	return (READ_ONCE(folio->flags) & telling) ==
		       (queue == PD_QUEUE_ACTIVE ? BIT(PG_active) : 0) &&
	       folio_memcg(folio) == pair->memcg && folio_nid(folio) == pair->nid;
}

/* What is wrong with a folio of a queue, or NULL. lru_lock held. */
const char *pd_folio_check(struct pd_pair *pair, enum pd_queue_id queue,
			   struct folio *folio);

/**
 * pd_queue_check() - check the invariants of a pair
 * @pair: the pair
 *
 * Walks both queues under lru_lock; for debug builds and tests.
 *
 * Return: NULL, or what is wrong.
 */
const char *pd_queue_check(struct pd_pair *pair);

/**
 * struct pd_ghosts - what is remembered of pages that are gone
 * @rcu: to be freed
 * @buckets: size of the table
 * @bucket: see pagedaemon/ghosts.h
 */
struct pd_ghosts {
	struct rcu_head rcu;
	u64 buckets;
	struct pd_ghost_bucket bucket[] ____cacheline_aligned;
};

/**
 * pd_folio_id() - who is this folio, whatever frame it is in?
 * @folio: held by a reference, or on a list whose lru_lock is held
 *
 * For a page of a file its file system, inode and place, for an anonymous one its
 * mappings and place: a number made of that, which may be another's with the odds of
 * a hash.
 *
 * Context: any.
 * Return: never 0, unless nothing is known yet: read ahead from swap, truncated.
 */
u64 pd_folio_id(struct folio *folio);

/* A table for a limit of @frames; NULL without memory. May sleep. */
struct pd_ghosts *pd_ghosts_make(u64 frames);
/* After a grace period. NULL is fine. */
void pd_ghosts_free(struct pd_ghosts *ghosts);
/* Another table if the limit has outgrown it or is below half of it. May sleep. */
void pd_ghosts_fit(struct pd_instance *inst, u64 frames);
/* A folio is here again; what was remembered of it is forgotten. Any context. */
u32 pd_ghosts_take(struct pd_domain *dom, struct folio *folio);
/* A folio has gone. Any context; tells the policy who had to make room. */
void pd_ghosts_put(struct pd_instance *inst, u64 id, u32 ghost);

/*
 * Page state: two bytes for a page frame, in chunks allocated as frames are
 * first seen. No lock; see struct pd_page_state.
 */
int pd_state_map_init(void);
void pd_state_map_exit(void);
/* The state of a frame; a shared dummy if memory for its chunk was not to be had. */
struct pd_page_state *pd_state_of(unsigned long pfn);

#endif
