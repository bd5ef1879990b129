/* SPDX-License-Identifier: GPL-2.0 */
/* What the suites share: a policy with state and knobs, makers of views. */
#ifndef PAGEDAEMON_POLICY_TEST_H
#define PAGEDAEMON_POLICY_TEST_H

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <ostream>
#include <random>
#include <string>

#include <pagedaemon/policy.h>

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

/* Zeroed storage of exactly state_size bytes, so that a sanitizer sees its end. */
class Instance
{
public:
	explicit Instance(const char *name = "freebsd")
		: policy(pd_policy_find(name, std::strlen(name))),
		  knobs(pd_knobs_defaults())
	{
		state_.reset(::operator new (policy->state_size, std::align_val_t{16}));
		std::memset(state_.get(), 0, policy->state_size);
		policy->init(state_.get(), &knobs);
	}

	void *state() const
	{
		return state_.get();
	}

	std::string bytes() const
	{
		return {static_cast<const char *>(state_.get()), policy->state_size};
	}

	pd_watermarks watermarks(const pd_memory &memory) const
	{
		pd_watermarks marks = {};

		policy->watermarks(state(), &memory, &marks);
		return marks;
	}

	pd_watermarks watermarks(pd_u64 limit) const
	{
		pd_memory memory = {};

		memory.limit = limit;
		return watermarks(memory);
	}

	pd_scan plan(const pd_memory &memory, pd_u32 pass = 1) const
	{
		pd_scan scan = {};

		scan.pass = pass;
		scan.may_swap = 1;
		scan.may_launder = 1;
		policy->plan(state(), &memory, &scan);
		return scan;
	}

	/* Of a task that wants @shortage pages; dirty files are not its to write. */
	pd_scan direct_plan(const pd_memory &memory, pd_s64 shortage,
			    pd_u32 pass = 1) const
	{
		pd_scan scan = {};

		scan.pass = pass;
		scan.direct = 1;
		scan.may_swap = 1;
		policy->plan(state(), &memory, &scan);
		scan.shortage = shortage;
		return scan;
	}

	bool needs_scan(const pd_memory &memory) const
	{
		return policy->needs_scan(state(), &memory) != 0;
	}

	pd_decision inactive(const pd_view &view, pd_page_state &page,
			     pd_scan &scan) const
	{
		return policy->inactive(state(), &view, &page, &scan);
	}

	pd_decision active(const pd_view &view, pd_page_state &page, pd_scan &scan) const
	{
		return policy->active(state(), &view, &page, &scan);
	}

	pd_decision enqueue(const pd_view &view, pd_page_state &page) const
	{
		return policy->enqueue(state(), &view, &page);
	}

	pd_next after_pass(const pd_memory &memory, const pd_scan &scan,
			   bool needed) const
	{
		pd_next next = {};

		policy->after_pass(state(), &memory, &scan, needed, &next);
		return next;
	}

	const pd_policy *policy;
	pd_knobs knobs;

private:
	struct Free {
		void operator()(void *storage) const
		{
			::operator delete (storage, std::align_val_t{16});
		}
	};

	std::unique_ptr<void, Free> state_;
};

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

/* Numbers at and beyond every edge, for fuzzing. */
class Edges
{
public:
	explicit Edges(unsigned seed) : random_(seed)
	{
	}

	pd_u64 u64()
	{
		static const pd_u64 edges[] = {
			0,	    1,	       2,	   31,
			32,	    64,	       1023,	   1024,
			1025,	    1999,      2000,	   1u << 31,
			~0ull,	    ~0ull - 1, 1ull << 63, (1ull << 63) - 1,
			1ull << 52,
		};
		const pd_u64 r = random_();

		switch (r % 3) {
		case 0:
			return edges[random_() % (sizeof(edges) / sizeof(edges[0]))];
		case 1:
			return random_() >> (random_() % 64);
		default:
			return random_() % 100000;
		}
	}

	pd_s64 s64()
	{
		return static_cast<pd_s64>(random_() % 2 ? u64() : 0 - u64());
	}

	void fill(pd_knobs &knobs)
	{
#define PD_KNOB(name, def, min, max, unit, text)                                         \
	knobs.name = random_() % 2 ? static_cast<pd_u64>(def) : u64();
#include <pagedaemon/knobs.def>
#undef PD_KNOB
	}

	pd_memory memory()
	{
		pd_memory m = {};

		m.limit = u64();
		m.free = s64();
		m.inactive = u64();
		m.active = u64();
		m.total_inactive = u64();
		m.total_active = u64();
		m.anon = u64();
		m.file = u64();
		m.exec = u64();
		m.dirty = u64();
		m.writeback = u64();
		m.swap_total = u64();
		m.swap_free = u64();
		m.deficit = u64();
		m.waiters = static_cast<pd_u32>(u64());
		m.nr_pairs = static_cast<pd_u32>(u64());
		return m;
	}

	pd_scan scan()
	{
		pd_scan s = {};

		s.pass = static_cast<pd_u32>(u64());
		s.direct = random_() % 2;
		s.emergency = random_() % 2;
		s.may_swap = random_() % 2;
		s.may_launder = random_() % 2;
		s.shortage = s64();
		s.max_scan = s64();
		s.launder_budget = s64();
		s.addl_shortage = s64();
		s.deficit = s64();
		s.active_shortage = s64();
		s.active_max_scan = s64();
		s.lock_misses = s64();
		s.scanned = u64();
		s.freed = u64();
		s.laundered = u64();
		for (pd_s64 &word : s.scratch)
			word = s64();
		return s;
	}

	pd_view view()
	{
		pd_view v = {};

		v.pfn = u64();
		v.nr_pages = static_cast<pd_u32>(u64());
		v.flags = static_cast<pd_u32>(random_());
		v.flags &= static_cast<pd_u32>(random_() | random_());
		v.refs = static_cast<pd_u8>(random_());
		v.soft_refs = random_() % 2 ? 0 : static_cast<pd_u8>(random_());
		v.type = static_cast<pd_u8>(random_() % 8 ? random_() % PD_NR_TYPES
							  : random_());
		return v;
	}

	pd_page_state page()
	{
		return {static_cast<pd_u8>(random_() % (PD_ACT_COUNT_MAX + 1)),
			static_cast<pd_u8>(random_())};
	}

	pd_u64 operator()(pd_u64 below)
	{
		return random_() % below;
	}

private:
	std::mt19937_64 random_;
};

#endif
