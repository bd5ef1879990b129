/* SPDX-License-Identifier: GPL-2.0 */
/* A policy with state and knobs, and hostile numbers for it. Needs no GoogleTest. */
#ifndef PAGEDAEMON_POLICY_INSTANCE_H
#define PAGEDAEMON_POLICY_INSTANCE_H

#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <utility>

#include <pagedaemon/policy.h>

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

/*
 * Numbers at and beyond every edge. @Source says which: it has word(), any number,
 * below(n), one less than n, and flags(), a number of few bits.
 */
template <typename Source>
class EdgesOf
{
public:
	template <typename Seed>
	explicit EdgesOf(Seed &&seed) : random_(std::forward<Seed>(seed))
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
		switch (random_.below(3)) {
		case 0:
			return edges[random_.below(sizeof(edges) / sizeof(edges[0]))];
		case 1:
			return random_.word() >> random_.below(64);
		default:
			return random_.below(100000);
		}
	}

	pd_s64 s64()
	{
		return static_cast<pd_s64>(random_.below(2) ? u64() : 0 - u64());
	}

	void fill(pd_knobs &knobs)
	{
#define PD_KNOB(name, def, min, max, unit, text)                                         \
	knobs.name = random_.below(2) ? static_cast<pd_u64>(def) : u64();
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
		s.direct = random_.below(2);
		s.emergency = random_.below(2);
		s.may_swap = random_.below(2);
		s.may_launder = random_.below(2);
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
		v.flags = random_.flags();
		v.refs = static_cast<pd_u8>(random_.below(256));
		v.soft_refs =
			random_.below(2) ? 0 : static_cast<pd_u8>(random_.below(256));
		v.type = static_cast<pd_u8>(
			random_.below(random_.below(8) ? pd_u64{PD_NR_TYPES} : 256));
		return v;
	}

	pd_u32 ghost()
	{
		return random_.below(2) ? 0 : static_cast<pd_u32>(u64());
	}

	pd_page_state page()
	{
		return {static_cast<pd_u8>(random_.below(PD_ACT_COUNT_MAX + 1)),
			static_cast<pd_u8>(random_.below(256))};
	}

	pd_u64 operator()(pd_u64 below)
	{
		return random_.below(below);
	}

private:
	Source random_;
};

#endif
