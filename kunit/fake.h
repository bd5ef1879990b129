/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A cgroup's part of a node that the kernel knows nothing of, with real folios
 * on it: struct mem_cgroup, its lruvec, a domain and a queue pair, all zeroed
 * memory set up by hand. What would reach into the kernel's accounting from
 * there is replaced behind the static calls for as long as the suite runs.
 *
 * Folios are named by letters, cursors by digits, so that the order of a list is
 * a string, its oldest end to the left: "ab0c" has cursor 0 before folio c, "ab|c"
 * the tasks' hand.
 *
 * Each folio has one reference of ours and none of anybody else: nothing here
 * may free one. Nobody reclaims or migrates them meanwhile: whoever finds them by
 * frame number sees neither a mapping nor a page table.
 */
#ifndef PD_KUNIT_FAKE_H
#define PD_KUNIT_FAKE_H

#include "../src/daemon/domain.h"
#include "../src/hooks/symbols.h"
#include "kunit.h"
#include <linux/jump_label.h>

#define PD_FAKE_FOLIOS 52
#define PD_FAKE_TEXT (PD_FAKE_FOLIOS + PD_MAX_CURSORS + 2)

/**
 * struct pd_fake_folio - a folio and what the test wants done with it
 * @folio: the folio
 * @order: its order
 * @zone: the zone it is really in
 * @enter: what the policy answers when it enters
 * @verdict: what pd_fake_put() decides
 * @seen: what the policy saw when it entered last
 * @seen_page: and what was known of it
 */
struct pd_fake_folio {
	struct folio *folio;
	unsigned int order;
	enum zone_type zone;
	struct pd_decision enter;
	u8 verdict;
	struct pd_view seen;
	struct pd_page_state seen_page;
};

struct pd_fake {
	struct kunit *test;
	int nid;
	struct mem_cgroup *memcg;
	struct mem_cgroup_per_node *pn;
	struct lruvec *lruvec;
	struct pd_domain *dom;
	struct pd_instance *inst;
	struct pd_pair *pair;
	struct pd_batch batch;

	struct pd_fake_folio folio[PD_FAKE_FOLIOS];
	unsigned int nr;
	long isolated_before;

	/* What came through the static calls. */
	long stat[NR_LRU_LISTS];
	long activated;
	long deactivated;
	long returned;
	long aged;
	bool negative;

#ifdef CONFIG_LRU_GEN
	struct static_key caps[NR_LRU_GEN_CAPS];
	struct static_key *real_caps;
#endif
};

/**
 * struct pd_fake_counts - everything that is counted, pages
 * @inactive: on the inactive queue, walked
 * @active: on the active queue, walked
 * @tray: on the kernel's four lists, walked
 * @generations: on MGLRU's lists, walked
 * @inactive_anon: LRU size
 * @active_anon: LRU size
 * @inactive_file: LRU size
 * @active_file: LRU size
 * @isolated: our part of the node's NR_ISOLATED_*
 * @activated: event of the cgroup
 * @deactivated: event of the cgroup
 * @returned: through folio_putback_lru()
 * @aged: through workingset_age_nonresident()
 */
struct pd_fake_counts {
	long inactive;
	long active;
	long tray;
	long generations;
	long inactive_anon;
	long active_anon;
	long inactive_file;
	long active_file;
	long isolated;
	long activated;
	long deactivated;
	long returned;
	long aged;
};

/* For struct kunit_suite. The fake itself is test->priv. */
int pd_fake_suite_init(struct kunit_suite *suite);
void pd_fake_suite_exit(struct kunit_suite *suite);
int pd_fake_init(struct kunit *test);
void pd_fake_exit(struct kunit *test);

/* The kernel's own function again, for the exit of a suite that replaced it. */
#define PD_FAKE_RESTORE(name) \
	static_call_update(pd_fn_##name, (void *)pd_symbol_##name.addr)

/* The one in use, and parts of it for suites that build upon it. */
extern struct pd_fake *pd_fake;
void pd_fake_lruvec_init(struct lruvec *lruvec);
struct pd_decision pd_fake_enqueue(void *state, const struct pd_view *view,
				   struct pd_page_state *page);

static inline char pd_fake_letter(unsigned int i)
{
	return i < 26 ? 'a' + i : 'A' + i - 26;
}

static inline struct pd_fake_folio *pd_fake_of(struct pd_fake *f, char letter)
{
	return &f->folio[letter >= 'a' ? letter - 'a' : letter - 'A' + 26];
}

static inline struct folio *pd_fake_folio(struct pd_fake *f, char letter)
{
	return pd_fake_of(f, letter)->folio;
}

/* Is it being written? Nobody waits for the end. */
static inline void pd_fake_writeback(struct folio *folio, bool on)
{
	assign_bit(PG_writeback, folio_flags(folio, 0), on);
}

static inline struct pd_page_state *pd_fake_page(struct pd_fake *f, char letter)
{
	return pd_state_of(folio_pfn(pd_fake_folio(f, letter)));
}

/* A new folio on no list; returns its letter. */
char pd_fake_add(struct pd_fake *f, bool file, unsigned int order);

/* What control does as a set begins and ends, but for the set. */
void pd_fake_take_over(struct pd_pair *pair);
void pd_fake_hand_back(struct pd_pair *pair);

/*
 * An open pair with @active and @inactive single file pages, adopted: letters
 * from 'a' on, the inactive ones first.
 */
void pd_fake_open(struct pd_fake *f, unsigned int inactive, unsigned int active);

/* Is the system on MGLRU, as far as the module can see? */
void pd_fake_mglru(struct pd_fake *f, bool on);

/* The kernel lists a folio and tells nobody. */
void pd_fake_insert(struct pd_fake *f, char letter, bool active);
/* The kernel lists a folio and the hook is called, before PG_lru is set. */
void pd_fake_insert_hooked(struct pd_fake *f, char letter, bool active);
/* What truncation does: the folio leaves whatever list it is on. */
void pd_fake_remove(struct pd_fake *f, char letter);
/*
 * The kernel has taken an isolated folio that has two references out of the page cache:
 * none is left, who has it will free it. Another one has its letter, and is on no list.
 */
void pd_fake_gone(struct pd_fake *f, char letter);
/* What folio_activate() does; the hook is called or is not. */
void pd_fake_activate(struct pd_fake *f, char letter, bool hooked);
/* What folio_rotate_reclaimable() does. */
void pd_fake_rotate(struct pd_fake *f, char letter);
/* What folio_deactivate() does. */
void pd_fake_deactivate(struct pd_fake *f, char letter);
/* What folio_isolate_lru() does once it has cleared PG_lru. */
void pd_fake_isolate(struct pd_fake *f, char letter);

/* Every letter of @letters gets a verdict, and a judgement on entering. */
void pd_fake_judge(struct pd_fake *f, const char *letters, u8 verdict);
void pd_fake_enter(struct pd_fake *f, const char *letters, u8 verdict);

/* Take into f->batch; returns pages visited. */
unsigned long pd_fake_take(struct pd_fake *f, enum pd_queue_id queue,
			   struct pd_cursor *cursor, unsigned int nr);
/* Put the batch back, each folio by its verdict. */
void pd_fake_put_batch(struct pd_fake *f, enum pd_queue_id queue,
		       struct pd_cursor *cursor, struct pd_batch *batch);
/* The same with f->batch. */
void pd_fake_put(struct pd_fake *f, enum pd_queue_id queue, struct pd_cursor *cursor);

/* The batch as letters; room for PD_BATCH + 1. */
void pd_fake_batch_text(struct pd_fake *f, const struct pd_batch *batch, char *text);
long pd_fake_lru_size(struct pd_fake *f, enum lru_list lru);

/* Letters and digits of a list, from its first entry on; or from its last. */
void pd_fake_expect_text(struct pd_fake *f, struct list_head *head, bool backward,
			 const char *want, const char *name, int line);
void pd_fake_expect_queues(struct pd_fake *f, const char *inactive, const char *active,
			   int line);
void pd_fake_expect_tray(struct pd_fake *f, enum lru_list lru, const char *want, int line);
void pd_fake_expect_batch(struct pd_fake *f, const char *want, int line);
void pd_fake_expect(struct pd_fake *f, struct pd_fake_counts want, int line);

#define PD_EXPECT_QUEUES(f, inactive, active) \
	pd_fake_expect_queues(f, inactive, active, __LINE__)
/* The kernel's lists have their oldest end last. */
#define PD_EXPECT_TRAY(f, lru, want) pd_fake_expect_tray(f, lru, want, __LINE__)
/* What is in f->batch. */
#define PD_EXPECT_BATCH(f, want) pd_fake_expect_batch(f, want, __LINE__)
/* All counts are as listed, those not listed are 0; and the invariants hold. */
#define PD_EXPECT_COUNTS(f, ...) \
	pd_fake_expect(f, (struct pd_fake_counts){ __VA_ARGS__ }, __LINE__)

#endif
