// SPDX-License-Identifier: GPL-2.0
/*
 * The policies as compiled for the kernel. Their arithmetic is tested at length
 * in user space (tests/unit): here it is enough to see that the kernel's flags
 * gave the same code, that the C side lays out every struct as the C++ side does,
 * and that no verb sleeps. Floating point cannot come in: the kernel's flags leave
 * the compiler no register for it.
 *
 * Every verb is called with interrupts off, as enqueue() is called.
 */
#include "../src/hooks/compat/mm.h"
#include "kunit.h"
#include <linux/irqflags.h>
#include <linux/prandom.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <pagedaemon/policy.h>

#define PD_MIB_PAGES (1024 * 1024 / PAGE_SIZE)

/* A policy with a memory of its own. */
struct pd_subject {
	const struct pd_policy *policy;
	struct pd_knobs knobs;
	void *state;
};

/* The verbs of the policy under test, as the host would call them at its worst. */

static void pd_do_init(struct pd_subject *s)
{
	unsigned long flags;

	local_irq_save(flags);
	s->policy->init(s->state, &s->knobs);
	local_irq_restore(flags);
}

static struct pd_watermarks pd_do_watermarks(struct pd_subject *s,
					     const struct pd_memory *memory)
{
	struct pd_watermarks marks = {};
	unsigned long flags;

	local_irq_save(flags);
	s->policy->watermarks(s->state, memory, &marks);
	local_irq_restore(flags);
	return marks;
}

static bool pd_do_needs_scan(struct pd_subject *s, const struct pd_memory *memory)
{
	unsigned long flags;
	bool needed;

	local_irq_save(flags);
	needed = s->policy->needs_scan(s->state, memory);
	local_irq_restore(flags);
	return needed;
}

static void pd_do_plan(struct pd_subject *s, const struct pd_memory *memory,
		       struct pd_scan *scan)
{
	unsigned long flags;

	local_irq_save(flags);
	s->policy->plan(s->state, memory, scan);
	local_irq_restore(flags);
}

static struct pd_decision pd_do_enqueue(struct pd_subject *s, const struct pd_view *view,
					struct pd_page_state *page)
{
	struct pd_decision d;
	unsigned long flags;

	local_irq_save(flags);
	d = s->policy->enqueue(s->state, view, page);
	local_irq_restore(flags);
	return d;
}

static struct pd_decision pd_do_inactive(struct pd_subject *s, const struct pd_view *view,
					 struct pd_page_state *page, struct pd_scan *scan)
{
	struct pd_decision d;
	unsigned long flags;

	local_irq_save(flags);
	d = s->policy->inactive(s->state, view, page, scan);
	local_irq_restore(flags);
	return d;
}

static void pd_do_laundered(struct pd_subject *s, struct pd_scan *scan, u64 pages,
			    u64 failed)
{
	unsigned long flags;

	local_irq_save(flags);
	s->policy->laundered(s->state, scan, pages, failed);
	local_irq_restore(flags);
}

static void pd_do_inactive_done(struct pd_subject *s, const struct pd_memory *memory,
				struct pd_scan *scan)
{
	unsigned long flags;

	local_irq_save(flags);
	s->policy->inactive_done(s->state, memory, scan);
	local_irq_restore(flags);
}

static struct pd_decision pd_do_active(struct pd_subject *s, const struct pd_view *view,
				       struct pd_page_state *page, struct pd_scan *scan)
{
	struct pd_decision d;
	unsigned long flags;

	local_irq_save(flags);
	d = s->policy->active(s->state, view, page, scan);
	local_irq_restore(flags);
	return d;
}

static void pd_do_after_pass(struct pd_subject *s, const struct pd_memory *memory,
			     const struct pd_scan *scan, bool needed, struct pd_next *next)
{
	unsigned long flags;

	local_irq_save(flags);
	s->policy->after_pass(s->state, memory, scan, needed, next);
	local_irq_restore(flags);
}

static u32 pd_do_idle(struct pd_subject *s, const struct pd_memory *memory, u64 elapsed_ms,
		      struct pd_scan *scan)
{
	unsigned long flags;
	u32 delay_ms;

	local_irq_save(flags);
	delay_ms = s->policy->idle(s->state, memory, elapsed_ms, scan);
	local_irq_restore(flags);
	return delay_ms;
}

static struct pd_subject *pd_subject(struct kunit *test, const struct pd_policy *policy)
{
	struct pd_subject *s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, s);
	s->policy = policy;
	s->knobs = pd_knobs_defaults();
	s->state = kunit_kzalloc(test, policy->state_size, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, s->state);
	pd_do_init(s);
	return s;
}

static struct pd_watermarks pd_marks(struct pd_subject *s, u64 limit)
{
	struct pd_memory memory = { .limit = limit, .nr_pairs = 1 };

	return pd_do_watermarks(s, &memory);
}

/* A scan of a domain of 64 MiB with @free pages, all that is used inactive. */
static struct pd_scan pd_scan_at(struct pd_subject *s, u32 pass, s64 free)
{
	struct pd_memory memory = {
		.limit = 64 * PD_MIB_PAGES,
		.free = free,
		.inactive = 64 * PD_MIB_PAGES - free,
		.total_inactive = 64 * PD_MIB_PAGES - free,
		.file = 64 * PD_MIB_PAGES - free,
		.swap_total = 1024,
		.swap_free = 1024,
		.nr_pairs = 1,
	};
	struct pd_scan scan = { .pass = pass, .may_swap = 1, .may_launder = 1 };

	pd_do_plan(s, &memory, &scan);
	return scan;
}

static struct pd_view pd_file_view(u32 flags, u8 refs, u8 soft_refs)
{
	return (struct pd_view){
		.pfn = 1, .nr_pages = 1, .flags = flags, .refs = refs,
		.soft_refs = soft_refs, .type = PD_TYPE_FILE,
	};
}

static void pd_expect_decision(struct kunit *test, struct pd_decision d,
			       enum pd_verdict verdict, enum pd_reason reason, int line)
{
	KUNIT_EXPECT_EQ_MSG(test, d.verdict, verdict, "line %d", line);
	KUNIT_EXPECT_EQ_MSG(test, d.reason, reason, "line %d", line);
}

#define PD_EXPECT_DECISION(test, d, verdict, reason)				\
	pd_expect_decision(test, d, PD_VERDICT_##verdict, PD_REASON_##reason, __LINE__)

/* Every policy */

/* Parameters are the policies; each has an address of its own. */
static const void *pd_policy_gen(const void *prev, char *desc)
{
	const struct pd_policy *policy;
	u32 i = 0;

	if (prev)
		while (pd_policy_at(i++) != prev)
			;
	policy = pd_policy_at(i);
	if (policy)
		strscpy(desc, policy->name, KUNIT_PARAM_DESC_SIZE);
	return policy;
}

static void policy_is_complete_and_found_by_its_name(struct kunit *test)
{
	const struct pd_policy *p = test->param_value;

	KUNIT_EXPECT_PTR_EQ(test, pd_policy_find(p->name, strlen(p->name)), p);
	KUNIT_EXPECT_GT(test, strlen(p->text), (size_t)0);
	KUNIT_EXPECT_GT(test, p->state_size, 0U);
	KUNIT_EXPECT_NOT_NULL(test, p->init);
	KUNIT_EXPECT_NOT_NULL(test, p->watermarks);
	KUNIT_EXPECT_NOT_NULL(test, p->needs_scan);
	KUNIT_EXPECT_NOT_NULL(test, p->plan);
	KUNIT_EXPECT_NOT_NULL(test, p->enqueue);
	KUNIT_EXPECT_NOT_NULL(test, p->inactive);
	KUNIT_EXPECT_NOT_NULL(test, p->laundered);
	KUNIT_EXPECT_NOT_NULL(test, p->inactive_done);
	KUNIT_EXPECT_NOT_NULL(test, p->active);
	KUNIT_EXPECT_NOT_NULL(test, p->after_pass);
	KUNIT_EXPECT_NOT_NULL(test, p->idle);
}

static void b1_marks_are_ordered_whatever_the_limit(struct kunit *test)
{
	static const u64 limits[] = {
		0, 1, 2, 16, 256, 1023, 1024, 1025, 2000, 64 * PD_MIB_PAGES,
		256 * PD_MIB_PAGES, 1024 * PD_MIB_PAGES, 1ULL << 40, U64_MAX,
	};
	struct pd_subject *s = pd_subject(test, test->param_value);
	int i;

	for (i = 0; i < ARRAY_SIZE(limits); i++) {
		struct pd_watermarks m = pd_marks(s, limits[i]);

		KUNIT_EXPECT_LE_MSG(test, m.free_severe, m.free_min, "limit %llu", limits[i]);
		KUNIT_EXPECT_LE_MSG(test, m.free_min, m.free_target, "limit %llu", limits[i]);
		KUNIT_EXPECT_LE_MSG(test, m.free_target, limits[i], "limit %llu", limits[i]);
		KUNIT_EXPECT_LE_MSG(test, m.wakeup_thresh, limits[i], "limit %llu", limits[i]);
		KUNIT_EXPECT_GE_MSG(test, m.cluster_pages, 1ULL, "limit %llu", limits[i]);
		KUNIT_EXPECT_LE_MSG(test, m.cluster_pages, 64ULL, "limit %llu", limits[i]);
	}
}

static void b2_daemon_is_wanted_when_memory_is_out_and_not_when_it_is_empty(struct kunit *test)
{
	struct pd_subject *s = pd_subject(test, test->param_value);
	struct pd_memory memory = { .limit = 64 * PD_MIB_PAGES, .nr_pairs = 1 };

	memory.inactive = memory.limit;
	memory.total_inactive = memory.limit;
	memory.file = memory.limit;
	KUNIT_EXPECT_TRUE(test, pd_do_needs_scan(s, &memory));
	memory.free = -100;
	KUNIT_EXPECT_TRUE(test, pd_do_needs_scan(s, &memory));
	memory.inactive = 0;
	memory.total_inactive = 0;
	memory.file = 0;
	memory.free = memory.limit;
	KUNIT_EXPECT_FALSE(test, pd_do_needs_scan(s, &memory));
}

static void b36_clean_page_that_nobody_uses_is_freed(struct kunit *test)
{
	struct pd_subject *s = pd_subject(test, test->param_value);
	struct pd_scan scan = pd_scan_at(s, 1, 0);
	struct pd_view view = pd_file_view(0, 0, 0);
	struct pd_page_state page = {};
	s64 shortage = scan.shortage;

	KUNIT_ASSERT_GT(test, shortage, 0LL);
	KUNIT_EXPECT_EQ(test, pd_do_inactive(s, &view, &page, &scan).verdict,
			PD_VERDICT_FREE);
	KUNIT_EXPECT_EQ(test, scan.shortage, shortage - 1);
}

static void b26_b29_page_in_use_is_not_freed(struct kunit *test)
{
	static const u32 flags[] = {
		PD_PAGE_UNEVICTABLE, PD_PAGE_BUSY, PD_PAGE_WRITEBACK, PD_PAGE_HELD,
		PD_PAGE_DIRTY,
	};
	struct pd_subject *s = pd_subject(test, test->param_value);
	struct pd_view view;
	int i;

	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		struct pd_scan scan = pd_scan_at(s, 1, 0);
		struct pd_page_state page = {};

		view = pd_file_view(flags[i], 0, 0);
		KUNIT_EXPECT_NE_MSG(test, pd_do_inactive(s, &view, &page, &scan).verdict,
				    PD_VERDICT_FREE, "flags %#x", flags[i]);
	}

	view = pd_file_view(PD_PAGE_MAPPED, PD_REFS_MAX, 0);
	for (i = 0; i < 10; i++) {
		struct pd_scan scan = pd_scan_at(s, 1, 0);
		struct pd_page_state page = {};

		KUNIT_EXPECT_NE(test, pd_do_inactive(s, &view, &page, &scan).verdict,
				PD_VERDICT_FREE);
	}
}

static void two_states_know_nothing_of_each_other(struct kunit *test)
{
	struct pd_subject *s = pd_subject(test, test->param_value);
	struct pd_subject *other = pd_subject(test, test->param_value);
	struct pd_watermarks before = pd_marks(other, 64 * PD_MIB_PAGES), after;
	void *bytes = kunit_kzalloc(test, s->policy->state_size, GFP_KERNEL);
	struct pd_memory memory = { .limit = 1 << 20, .active = 12345, .nr_pairs = 2 };
	struct pd_scan scan;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, bytes);
	memcpy(bytes, other->state, s->policy->state_size);
	s->knobs.free_min = 1000;
	for (i = 0; i < 10; i++) {
		scan = pd_scan_at(s, i, i * 10);
		pd_do_idle(s, &memory, 100 + i, &scan);
		pd_marks(s, i * 1000);
	}
	KUNIT_EXPECT_EQ(test, memcmp(bytes, other->state, s->policy->state_size), 0);
	after = pd_marks(other, 64 * PD_MIB_PAGES);
	KUNIT_EXPECT_EQ(test, memcmp(&before, &after, sizeof(before)), 0);
}

static u64 pd_any(struct rnd_state *rnd)
{
	u64 n = (u64)prandom_u32_state(rnd) << 32 | prandom_u32_state(rnd);

	/* All magnitudes alike. */
	return n >> (prandom_u32_state(rnd) % 64);
}

/* What the kernel says is read without locks, so it may be any nonsense. */
static void no_number_makes_a_verb_trap_or_leave_its_range(struct kunit *test)
{
	struct pd_subject *s = pd_subject(test, test->param_value);
	struct rnd_state rnd;
	int i;

	prandom_seed_state(&rnd, 4711);
	for (i = 0; i < 5000; i++) {
		struct pd_memory memory;
		struct pd_page_state page;
		struct pd_next next = {};
		struct pd_scan scan;
		struct pd_view view;
		struct pd_decision d;
		u64 *word;

		for (word = (u64 *)&memory; word < (u64 *)(&memory + 1); word++)
			*word = pd_any(&rnd);
		for (word = (u64 *)&scan; word < (u64 *)(&scan + 1); word++)
			*word = pd_any(&rnd);
		for (word = (u64 *)&view; word < (u64 *)(&view + 1); word++)
			*word = pd_any(&rnd);
		*((u64 *)&s->knobs + i % PD_NR_KNOBS) = i & 1 ? PD_AUTO : pd_any(&rnd);
		view.type %= PD_NR_TYPES;
		page.act_count = prandom_u32_state(&rnd) % (PD_ACT_COUNT_MAX + 1);
		page.flags = prandom_u32_state(&rnd);

		pd_do_watermarks(s, &memory);
		pd_do_needs_scan(s, &memory);
		pd_do_plan(s, &memory, &scan);
		d = pd_do_enqueue(s, &view, &page);
		KUNIT_EXPECT_LT(test, d.verdict, PD_NR_VERDICTS);
		KUNIT_EXPECT_LT(test, d.reason, PD_NR_REASONS);
		KUNIT_EXPECT_TRUE(test, d.verdict == PD_VERDICT_ACTIVATE ||
				  d.verdict == PD_VERDICT_DEACTIVATE ||
				  d.verdict == PD_VERDICT_DEACTIVATE_HEAD);
		KUNIT_EXPECT_LE(test, page.act_count, PD_ACT_COUNT_MAX);
		d = pd_do_inactive(s, &view, &page, &scan);
		KUNIT_EXPECT_LT(test, d.verdict, PD_NR_VERDICTS);
		KUNIT_EXPECT_LT(test, d.reason, PD_NR_REASONS);
		KUNIT_EXPECT_LE(test, page.act_count, PD_ACT_COUNT_MAX);
		pd_do_laundered(s, &scan, pd_any(&rnd), pd_any(&rnd));
		pd_do_inactive_done(s, &memory, &scan);
		d = pd_do_active(s, &view, &page, &scan);
		KUNIT_EXPECT_LT(test, d.verdict, PD_NR_VERDICTS);
		KUNIT_EXPECT_FALSE(test, d.verdict == PD_VERDICT_FREE &&
				   view.flags & (PD_PAGE_DIRTY | PD_PAGE_WRITEBACK));
		KUNIT_EXPECT_NE(test, d.verdict, PD_VERDICT_LAUNDER);
		KUNIT_EXPECT_NE(test, d.verdict, PD_VERDICT_LAUNDER_ACTIVATE);
		KUNIT_EXPECT_LE(test, page.act_count, PD_ACT_COUNT_MAX);
		pd_do_after_pass(s, &memory, &scan, i & 1, &next);
		pd_do_idle(s, &memory, pd_any(&rnd), &scan);
		KUNIT_EXPECT_GE(test, scan.active_max_scan, 0LL);
		/* One report is enough. */
		if (READ_ONCE(test->status) == KUNIT_FAILURE)
			break;
	}
}

static struct kunit_case pd_policy_cases[] = {
	KUNIT_CASE_PARAM(policy_is_complete_and_found_by_its_name, pd_policy_gen),
	KUNIT_CASE_PARAM(b1_marks_are_ordered_whatever_the_limit, pd_policy_gen),
	KUNIT_CASE_PARAM(b2_daemon_is_wanted_when_memory_is_out_and_not_when_it_is_empty,
			 pd_policy_gen),
	KUNIT_CASE_PARAM(b36_clean_page_that_nobody_uses_is_freed, pd_policy_gen),
	KUNIT_CASE_PARAM(b26_b29_page_in_use_is_not_freed, pd_policy_gen),
	KUNIT_CASE_PARAM(two_states_know_nothing_of_each_other, pd_policy_gen),
	KUNIT_CASE_PARAM(no_number_makes_a_verb_trap_or_leave_its_range, pd_policy_gen),
	{}
};

struct kunit_suite pd_policy_suite = {
	.name = "pd_policy",
	.test_cases = pd_policy_cases,
};

/* FreeBSD */

static int pd_freebsd_init(struct kunit *test)
{
	const struct pd_policy *policy = pd_policy_find("freebsd", 7);

	KUNIT_ASSERT_NOT_NULL(test, policy);
	test->priv = pd_subject(test, policy);
	return 0;
}

static void b1_watermarks_derive_from_the_limit(struct kunit *test)
{
	static const struct {
		u64 mib, min, severe, target, wakeup, inactive;
	} table[] = {
		{ 64, 151, 111, 391, 165, 586 },
		{ 256, 461, 298, 1439, 506, 2158 },
		{ 1024, 1700, 1045, 5627, 1870, 8440 },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(table); i++) {
		struct pd_watermarks m = pd_marks(test->priv, table[i].mib * PD_MIB_PAGES);

		KUNIT_EXPECT_EQ_MSG(test, m.free_min, table[i].min, "%llu MiB", table[i].mib);
		KUNIT_EXPECT_EQ_MSG(test, m.free_severe, table[i].severe, "%llu MiB",
				    table[i].mib);
		KUNIT_EXPECT_EQ_MSG(test, m.free_target, table[i].target, "%llu MiB",
				    table[i].mib);
		KUNIT_EXPECT_EQ_MSG(test, m.wakeup_thresh, table[i].wakeup, "%llu MiB",
				    table[i].mib);
		KUNIT_EXPECT_EQ_MSG(test, m.inactive_target, table[i].inactive, "%llu MiB",
				    table[i].mib);
		KUNIT_EXPECT_EQ_MSG(test, m.cluster_pages, 16ULL, "%llu MiB", table[i].mib);
	}
}

static void b1_knob_overrides_what_is_computed(struct kunit *test)
{
	struct pd_subject *s = test->priv;
	struct pd_watermarks m;

	s->knobs.free_target = 1000;
	m = pd_marks(s, 64 * PD_MIB_PAGES);
	KUNIT_EXPECT_EQ(test, m.free_target, 1000ULL);
	KUNIT_EXPECT_EQ(test, m.free_min, 151ULL);
	s->knobs.free_target = PD_AUTO;
	m = pd_marks(s, 64 * PD_MIB_PAGES);
	KUNIT_EXPECT_EQ(test, m.free_target, 391ULL);
}

static void b7_b21_b40_scan_is_planned_by_the_target(struct kunit *test)
{
	struct pd_scan scan = pd_scan_at(test->priv, 1, 100);

	KUNIT_EXPECT_EQ(test, scan.shortage, 391LL - 100);
	KUNIT_EXPECT_EQ(test, scan.max_scan, (s64)(64 * PD_MIB_PAGES - 100));
	KUNIT_EXPECT_EQ(test, scan.launder_budget, 32LL);
	scan = pd_scan_at(test->priv, 2, 100);
	KUNIT_EXPECT_EQ(test, scan.launder_budget, 10000LL);
}

static void b39_dirty_page_takes_a_second_lap(struct kunit *test)
{
	struct pd_subject *s = test->priv;
	struct pd_scan scan = pd_scan_at(s, 1, 100);
	struct pd_view view = pd_file_view(PD_PAGE_DIRTY, 0, 0);
	struct pd_page_state page = {};
	s64 shortage = scan.shortage;

	PD_EXPECT_DECISION(test, pd_do_inactive(s, &view, &page, &scan),
			   REQUEUE, SECOND_LAP);
	KUNIT_EXPECT_EQ(test, page.flags, PD_STATE_SECOND_LAP);
	KUNIT_EXPECT_EQ(test, scan.shortage, shortage);

	PD_EXPECT_DECISION(test, pd_do_inactive(s, &view, &page, &scan),
			   LAUNDER, DIRTY);
	KUNIT_EXPECT_EQ(test, scan.shortage, shortage - 1);
	KUNIT_EXPECT_EQ(test, scan.launder_budget, 31LL);

	/* Not from the second pass on. */
	scan = pd_scan_at(s, 2, 100);
	page.flags = 0;
	PD_EXPECT_DECISION(test, pd_do_inactive(s, &view, &page, &scan),
			   LAUNDER, DIRTY);
}

static void b29_referenced_page_is_activated_with_credit(struct kunit *test)
{
	struct pd_subject *s = test->priv;
	struct pd_scan scan = pd_scan_at(s, 1, 100);
	struct pd_view view = pd_file_view(PD_PAGE_MAPPED, 2, 1);
	struct pd_page_state page = {};
	int i;

	/* ACT_INIT, two references, the soft flag, ACT_ADVANCE. */
	PD_EXPECT_DECISION(test, pd_do_inactive(s, &view, &page, &scan),
			   ACTIVATE, REFERENCED);
	KUNIT_EXPECT_EQ(test, page.act_count, 5 + 2 + 1 + 3);
	for (i = 0; i < 20; i++)
		pd_do_inactive(s, &view, &page, &scan);
	KUNIT_EXPECT_EQ(test, page.act_count, 64);
}

static void b74_page_faulted_once_is_inactive_after_five_scans(struct kunit *test)
{
	struct pd_subject *s = test->priv;
	struct pd_scan scan = { .active_shortage = 10, .active_max_scan = 100 };
	struct pd_view view = pd_file_view(PD_PAGE_MAPPED, 0, 0);
	struct pd_page_state page = { .flags = PD_STATE_SECOND_LAP };
	int i;

	PD_EXPECT_DECISION(test, pd_do_enqueue(s, &view, &page), ACTIVATE, FAULTED);
	KUNIT_EXPECT_EQ(test, page.act_count, 5);
	for (i = 4; i > 0; i--) {
		PD_EXPECT_DECISION(test, pd_do_active(s, &view, &page, &scan),
				   REQUEUE, DECAYED);
		KUNIT_EXPECT_EQ(test, page.act_count, i);
		KUNIT_EXPECT_EQ(test, scan.active_shortage, 10LL);
	}
	PD_EXPECT_DECISION(test, pd_do_active(s, &view, &page, &scan),
			   DEACTIVATE, AGED);
	KUNIT_EXPECT_EQ(test, page.act_count, 0);
	KUNIT_EXPECT_EQ(test, page.flags & PD_STATE_SECOND_LAP, 0);
	KUNIT_EXPECT_EQ(test, scan.active_shortage, 9LL);
}

static void b74_reference_raises_activity_on_the_active_queue(struct kunit *test)
{
	struct pd_subject *s = test->priv;
	struct pd_scan scan = { .active_shortage = 10, .active_max_scan = 100 };
	struct pd_view view = pd_file_view(PD_PAGE_MAPPED, 1, 0);
	struct pd_page_state page = { .act_count = 5 };

	PD_EXPECT_DECISION(test, pd_do_active(s, &view, &page, &scan),
			   REQUEUE, REFERENCED);
	KUNIT_EXPECT_EQ(test, page.act_count, 5 + 1 + 3);
}

static void b71_active_scan_makes_up_for_inactive_and_free_pages(struct kunit *test)
{
	struct pd_subject *s = test->priv;
	struct pd_memory memory = {
		.limit = 64 * PD_MIB_PAGES, .free = 100, .inactive = 300, .active = 5000,
		.total_inactive = 300, .total_active = 5000, .nr_pairs = 1,
	};
	struct pd_scan scan = { .pass = 1, .addl_shortage = 7 };

	pd_do_inactive_done(s, &memory, &scan);
	KUNIT_EXPECT_EQ(test, scan.active_shortage, 586LL + (391 - 100) - 300 + 7);
	KUNIT_EXPECT_EQ(test, scan.active_max_scan, 5000LL);
}

static void b79_idle_aging_visits_all_active_pages_in_update_period(struct kunit *test)
{
	struct pd_subject *s = test->priv;
	struct pd_memory memory = { .limit = 64 * PD_MIB_PAGES, .free = 8000, .nr_pairs = 1 };
	static const u64 active[] = { 0, 1, 599, 601, 6000, 123456 };
	int i, second;

	for (i = 0; i < ARRAY_SIZE(active); i++) {
		u64 visits = 0;

		memory.active = active[i];
		memory.total_active = active[i];
		for (second = 0; second < 600; second++) {
			struct pd_scan scan = {};

			KUNIT_EXPECT_EQ(test, pd_do_idle(s, &memory, 1000, &scan), 1000U);
			KUNIT_EXPECT_EQ(test, scan.active_shortage, scan.active_max_scan);
			visits += scan.active_max_scan;
		}
		/* Fractions are carried over, so it may be one off. */
		KUNIT_EXPECT_GE(test, visits + 1, active[i]);
		KUNIT_EXPECT_LE(test, visits, active[i] + 1);
	}
	s->knobs.update_period = 0;
	KUNIT_EXPECT_EQ(test, pd_do_idle(s, &memory, 1000, &(struct pd_scan){}),
			PD_FOREVER_MS);
}

static struct kunit_case pd_freebsd_cases[] = {
	KUNIT_CASE(b1_watermarks_derive_from_the_limit),
	KUNIT_CASE(b1_knob_overrides_what_is_computed),
	KUNIT_CASE(b7_b21_b40_scan_is_planned_by_the_target),
	KUNIT_CASE(b29_referenced_page_is_activated_with_credit),
	KUNIT_CASE(b39_dirty_page_takes_a_second_lap),
	KUNIT_CASE(b71_active_scan_makes_up_for_inactive_and_free_pages),
	KUNIT_CASE(b74_page_faulted_once_is_inactive_after_five_scans),
	KUNIT_CASE(b74_reference_raises_activity_on_the_active_queue),
	KUNIT_CASE(b79_idle_aging_visits_all_active_pages_in_update_period),
	{}
};

struct kunit_suite pd_freebsd_suite = {
	.name = "pd_freebsd",
	.init = pd_freebsd_init,
	.test_cases = pd_freebsd_cases,
};
