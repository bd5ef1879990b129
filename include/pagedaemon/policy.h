/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The verbs of a policy. A policy says what to do with a page; the host does
 * it. It calls nothing, sees no kernel type, has no globals: all it remembers
 * is in a state struct of @state_size bytes that the domain owns, and in the
 * struct pd_page_state of each page.
 *
 * Context of every verb: any, with locks held and interrupts off for enqueue();
 * never sleeps. Verbs of one state may run at the same time on several CPUs
 * (the daemon and tasks in direct reclaim): a lost update in the state struct
 * must cost accuracy at most.
 */
#ifndef PAGEDAEMON_POLICY_H
#define PAGEDAEMON_POLICY_H

#include <pagedaemon/types.h>
#include <pagedaemon/knobs.h>

#ifdef __cplusplus
extern "C" {
#endif

/* struct pd_policy.flags */
#define PD_POLICY_EXEC	(1u << 0)	/* wants memory.exec; counting costs a walk */
#define PD_POLICY_WAKES	(1u << 1)	/* needs_scan() knows more than wakeup_thresh */
#define PD_POLICY_TICKS	(1u << 2)	/* an idle tick is a pass if needs_scan() says so */
#define PD_POLICY_GHOSTS (1u << 3)	/* has pages remembered that are gone; see remember() */
#define PD_POLICY_BREAKS (1u << 31)	/* for tests: act as if it had broken a queue */

/**
 * struct pd_policy - a page replacement policy
 * @name: what users write to attach and policy; [a-z0-9_]+
 * @text: one line on what it is
 * @state_size: bytes of state that the host allocates, aligned to 16
 * @flags: PD_POLICY_*
 *
 * @init: make a state in zeroed storage. @knobs stays valid and may change
 *        under the policy's feet; it reads what it needs anew in each verb.
 * @watermarks: derive all thresholds from memory->limit (and the knobs, which
 *        override); must accept any limit, including 0
 * @needs_scan: would the daemon have work with this memory? The wake-up test's
 *        second opinion, beside free < wakeup_thresh.
 * @plan: set shortage, max_scan, launder_budget of a zeroed scan whose pass,
 *        direct, emergency, deficit, may_* the host has set
 * @enqueue: a page enters the private queues (new, or moved by the kernel):
 *        ACTIVATE, DEACTIVATE or DEACTIVATE_HEAD, and set its activity count.
 *        Under the LRU lock: a few nanoseconds, no more.
 * @inactive: judge a page of the inactive queue, lowering scan->shortage and
 *        scan->launder_budget for what the verdict is sure to bring. To end the
 *        scan it sets scan->max_scan to 0; what is left of the batch still comes,
 *        and is to be kept (PD_REASON_STOPPED). Called a second time for a page
 *        that it wants written and whose file cannot be had without waiting,
 *        with PD_PAGE_LOCK_MISS and after laundered() of no pages; LAUNDER is
 *        refused then
 * @laundered: the host wrote out @pages pages for the last LAUNDER verdicts
 *        (clusters bring along neighbours), @failed could not be
 * @inactive_done: the inactive scan is over; set active_shortage, active_max_scan
 * @active: judge a page of the active queue, lowering scan->active_shortage.
 *        FREE is for clean pages only here, LAUNDER is refused
 * @after_pass: say how to go on; @needed tells whether somebody still waits for
 *        memory. memory is fresh.
 * @idle: nobody needs memory, @elapsed_ms went by since the last pass or idle
 *        call: set active_shortage and active_max_scan for aging (0: none).
 *        Returns milliseconds to the next call, PD_FOREVER_MS for none.
 * @remember: with PD_POLICY_GHOSTS, else NULL: the page is about to be freed. Returns
 *            what view->ghost shall be should it come back, 1..PD_GHOST_MAX; 0 for
 *            nothing. It may stay after all: then nothing is remembered
 * @forgotten: the same: what was remembered of some page made room for another's
 */
struct pd_policy {
	const char *name;
	const char *text;
	pd_u32 state_size;
	pd_u32 flags;

	void (*init)(void *state, const struct pd_knobs *knobs);
	void (*watermarks)(void *state, const struct pd_memory *memory,
			   struct pd_watermarks *marks);
	pd_u8 (*needs_scan)(void *state, const struct pd_memory *memory);
	void (*plan)(void *state, const struct pd_memory *memory,
		     struct pd_scan *scan);
	struct pd_decision (*enqueue)(void *state, const struct pd_view *view,
				      struct pd_page_state *page);
	struct pd_decision (*inactive)(void *state, const struct pd_view *view,
				       struct pd_page_state *page,
				       struct pd_scan *scan);
	void (*laundered)(void *state, struct pd_scan *scan, pd_u64 pages,
			  pd_u64 failed);
	void (*inactive_done)(void *state, const struct pd_memory *memory,
			      struct pd_scan *scan);
	struct pd_decision (*active)(void *state, const struct pd_view *view,
				     struct pd_page_state *page,
				     struct pd_scan *scan);
	void (*after_pass)(void *state, const struct pd_memory *memory,
			   const struct pd_scan *scan, pd_u8 needed,
			   struct pd_next *next);
	pd_u32 (*idle)(void *state, const struct pd_memory *memory,
		       pd_u64 elapsed_ms, struct pd_scan *scan);
	pd_u32 (*remember)(void *state, const struct pd_view *view,
			   const struct pd_page_state *page);
	void (*forgotten)(void *state, pd_u32 ghost);
};

/**
 * pd_policy_at() - the policies built in, in the order users see them
 * @index: 0, 1, ...
 *
 * Return: the policy, NULL past the last one.
 */
const struct pd_policy *pd_policy_at(pd_u32 index);

/**
 * pd_policy_find() - look a policy up by its name
 * @name: the name, @len characters, not terminated
 * @len: length of the name
 *
 * Return: the policy or NULL.
 */
const struct pd_policy *pd_policy_find(const char *name, pd_u64 len);

#ifdef __cplusplus
}
#endif

#endif
