/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Passes over queues of our own (fake.h), for the suites about them: a policy whose
 * verdicts are those of the test, and stand-ins for what a pass asks of the kernel.
 * Reclaim frees nothing, unless the test says so: it finds a slot in swap for each page
 * that needs one, or for none.
 */
#ifndef PD_KUNIT_PASS_H
#define PD_KUNIT_PASS_H

#include "fake.h"

/**
 * struct pd_pass_fake - what the policy of a test saw, and what it wants
 * @deficit: of the first plans
 * @plans: how many there were
 * @active_shortage: what the active scan is to bring
 * @refill: it is made before each batch of the inactive one
 * @swap_is_full: reclaim finds no slot
 * @frees: reclaim frees what it is handed
 * @refuses: but for these letters
 * @drops: these leave the page cache if the host wants them to
 * @dropped: how many have
 * @writes: it begins to write these instead
 * @reclaimed: how many folios that was
 * @slots_freed: in swap, of folios that stay
 * @looks: how often the policy was asked
 */
struct pd_pass_fake {
	u64 deficit[4];
	unsigned int plans;
	s64 active_shortage;
	bool refill;
	bool swap_is_full;
	bool frees;
	const char *refuses;
	const char *writes;
	const char *drops;
	unsigned int dropped;
	unsigned int reclaimed;
	unsigned int slots_freed;
	unsigned int looks;
};

extern struct pd_pass_fake *pd_pass;

/* For struct kunit_suite. */
int pd_pass_suite_init(struct kunit_suite *suite);
void pd_pass_suite_exit(struct kunit_suite *suite);
int pd_pass_init(struct kunit *test);

/* The verbs, for policies that have more. */
void pd_pass_plan(void *state, const struct pd_memory *memory, struct pd_scan *scan);
struct pd_decision pd_pass_inactive(void *state, const struct pd_view *view,
				    struct pd_page_state *page, struct pd_scan *scan);
void pd_pass_laundered(void *state, struct pd_scan *scan, u64 pages, u64 failed);
void pd_pass_inactive_done(void *state, const struct pd_memory *memory,
			   struct pd_scan *scan);
void pd_pass_after(void *state, const struct pd_memory *memory,
		   const struct pd_scan *scan, u8 needed, struct pd_next *next);

/* The set of @pair, the domain's @seq-th. */
void pd_pass_join(struct pd_fake *f, struct pd_pair *pair, u64 seq);
/* A pass of the daemon over the fake's pair. */
struct pd_scan pd_pass_daemon(struct pd_fake *f);

#endif
