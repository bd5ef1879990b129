/* SPDX-License-Identifier: GPL-2.0 */
/* What the suites share: a policy with state and knobs, makers of views. */
#ifndef PAGEDAEMON_POLICY_TEST_H
#define PAGEDAEMON_POLICY_TEST_H

#include <gtest/gtest.h>

#include <ostream>
#include <random>

#include "policy_instance.h"

inline bool operator==(const pd_decision &a, const pd_decision &b)
{
	return a.verdict == b.verdict && a.reason == b.reason;
}

inline std::ostream &operator<<(std::ostream &out, const pd_decision &d)
{
#define PD_TEXT(id, text) text,
	static const char *const verdicts[] = {PD_VERDICTS(PD_TEXT)};
	static const char *const reasons[] = {PD_REASONS(PD_TEXT)};
#undef PD_TEXT
	return out << (d.verdict < PD_NR_VERDICTS ? verdicts[d.verdict] : "?") << " ("
		   << (d.reason < PD_NR_REASONS ? reasons[d.reason] : "?") << ")";
}

inline pd_decision decision(pd_verdict verdict, pd_reason reason)
{
	return {static_cast<pd_u8>(verdict), static_cast<pd_u8>(reason)};
}

/* A cgroup of 64 MiB with one queue pair: the first row of the worked numbers. */
inline pd_memory memory_64m(pd_s64 free)
{
	pd_memory memory = {};

	memory.limit = 16384;
	memory.free = free;
	memory.inactive = 6000;
	memory.active = 10000;
	memory.total_inactive = memory.inactive;
	memory.total_active = memory.active;
	memory.nr_pairs = 1;
	return memory;
}

inline pd_view make_view(pd_page_type type, pd_u32 flags = 0, pd_u8 refs = 0,
			 pd_u8 soft_refs = 0, pd_u32 nr_pages = 1)
{
	pd_view view = {};

	view.pfn = 4711;
	view.nr_pages = nr_pages;
	view.flags = flags;
	view.refs = refs;
	view.soft_refs = soft_refs;
	view.type = static_cast<pd_u8>(type);
	return view;
}

inline pd_page_state page(pd_u8 act_count = 0, pd_u8 flags = 0)
{
	return {act_count, flags};
}

inline constexpr pd_page_type kSwapTypes[] = {PD_TYPE_ANON, PD_TYPE_SHMEM};
inline constexpr pd_page_type kFileTypes[] = {PD_TYPE_FILE, PD_TYPE_EXEC};
inline constexpr pd_page_type kAllTypes[] = {PD_TYPE_ANON, PD_TYPE_SHMEM, PD_TYPE_FILE,
					     PD_TYPE_EXEC};

/* All that is limited is free: nothing is wanted, whatever the limit. */
inline void expect_empty_is_never_short(const Instance &i, pd_u64 limits)
{
	for (pd_u64 limit = 0; limit < limits; limit++) {
		pd_memory memory = {};

		memory.limit = limit;
		memory.free = static_cast<pd_s64>(limit);
		ASSERT_FALSE(i.needs_scan(memory)) << limit;
		ASSERT_LE(i.plan(memory).shortage, 0) << limit;
	}
}

/* By chance, the same for each run. */
class Random
{
public:
	explicit Random(unsigned seed) : engine_(seed)
	{
	}

	pd_u64 word()
	{
		return engine_();
	}

	pd_u64 below(pd_u64 n)
	{
		return engine_() % n;
	}

	pd_u32 flags()
	{
		const auto bits = static_cast<pd_u32>(engine_());

		return bits & static_cast<pd_u32>(engine_() | engine_());
	}

private:
	std::mt19937_64 engine_;
};

using Edges = EdgesOf<Random>;

#endif
