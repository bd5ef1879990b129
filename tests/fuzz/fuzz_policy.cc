// SPDX-License-Identifier: GPL-2.0
/*
 * The verbs of every policy, in the order in which the host calls them
 * (src/daemon/pass.c, daemon.c), with whatever numbers the input has, and other passes,
 * insertions and changes of knobs at any moment in between. What a verb leaves must be
 * what pagedaemon/policy.h and the host rely on.
 */
#include "../unit/policy_instance.h"
#include "fuzz.h"

#include <pagedaemon/ghosts.h>

#include <algorithm>
#include <tuple>
#include <vector>

namespace
{

/* What a page must not be when it is freed, and when it is written. */
constexpr pd_u32 kInUse =
	PD_PAGE_BUSY | PD_PAGE_WRITEBACK | PD_PAGE_HELD | PD_PAGE_UNEVICTABLE;
/* What the host keeps in struct pd_page_state. */
constexpr pd_u8 kHostFlags =
	PD_STATE_SEEN | PD_STATE_FIRST_TOUCH | PD_STATE_EXEC | PD_STATE_WORKINGSET;
/* The longest pause while memory is short, milliseconds: retry_pause, twice. */
constexpr pd_u32 kLongestPause = 120000;
constexpr pd_s64 kMaxPages = pd_s64{1} << 52;

struct KnobBounds {
	pd_u64 min, max;
};

constexpr KnobBounds kKnobs[] = {
#define PD_KNOB(name, def, min, max, unit, text) {min, max},
#include <pagedaemon/knobs.def>
#undef PD_KNOB
};

/* Numbers from the input; zeros once it is used up. */
class Bytes
{
public:
	explicit Bytes(FuzzedDataProvider &input) : input_(input)
	{
	}

	pd_u64 word()
	{
		return input_.ConsumeIntegral<pd_u64>();
	}

	pd_u64 below(pd_u64 n)
	{
		return input_.ConsumeIntegralInRange<pd_u64>(0, n - 1);
	}

	pd_u32 flags()
	{
		return input_.ConsumeIntegral<pd_u16>();
	}

private:
	FuzzedDataProvider &input_;
};

pd_s64 pages(pd_s64 count)
{
	return std::clamp(count, -kMaxPages, kMaxPages);
}

pd_s64 pages(pd_u64 count)
{
	return static_cast<pd_s64>(std::min(count, static_cast<pd_u64>(kMaxPages)));
}

pd_s64 size_of(const pd_view &view)
{
	return std::max(view.nr_pages, pd_u32{1});
}

bool is_swap_backed(const pd_view &view)
{
	return view.type == PD_TYPE_ANON || view.type == PD_TYPE_SHMEM;
}

bool is_launder(pd_decision d)
{
	return d.verdict == PD_VERDICT_LAUNDER ||
	       d.verdict == PD_VERDICT_LAUNDER_ACTIVATE;
}

/* A policy, and what is remembered for it: in one bucket, so that it fills up. */
struct Attached : Instance {
	using Instance::Instance;

	bool has_ghosts() const
	{
		return (policy->flags & PD_POLICY_GHOSTS) != 0;
	}

	pd_ghost_bucket ghosts = {};
};

/* What is the host's in a scan. */
auto host_part(const pd_scan &s)
{
	return std::make_tuple(s.pass, s.direct, s.emergency, s.may_swap, s.may_launder,
			       s.scanned, s.freed, s.laundered, s.stuck);
}

class Host
{
public:
	explicit Host(FuzzedDataProvider &input)
		: input_(input), numbers_(Bytes(input)), lawful_(numbers_(4) != 0)
	{
		switch_policy();
	}

	void step()
	{
		switch (numbers_(8)) {
		case 0:
		case 1:
		case 2:
			daemon_pass();
			break;
		case 3:
			task_pass();
			break;
		case 4:
			idle();
			break;
		case 5:
			switch_policy();
			break;
		default:
			meanwhile();
		}
	}

private:
	using Policy = std::shared_ptr<Attached>;

	/* A page that was taken off a queue. */
	struct Taken {
		pd_page_state *page;
		pd_view view;
	};

	/* A pass under way; a switch of policy does not reach it. */
	struct Pass {
		Policy i;
		pd_scan scan = {};
		bool stopped = false;
	};

	bool is_over() const
	{
		return input_.remaining_bytes() == 0;
	}

	pd_memory memory()
	{
		pd_memory m = {};

		if (numbers_(4) == 0)
			return numbers_.memory();
		m.limit = numbers_(1 << 20);
		m.inactive = numbers_(m.limit + 1);
		m.active = numbers_(m.limit - m.inactive + 1);
		m.nr_pairs = static_cast<pd_u32>(1 + numbers_(4));
		m.total_inactive = m.inactive;
		m.total_active = m.active;
		if (m.nr_pairs > 1) {
			m.total_inactive += numbers_(1 << 16);
			m.total_active += numbers_(1 << 16);
		}
		m.free = static_cast<pd_s64>(m.limit - m.inactive - m.active) -
			 static_cast<pd_s64>(numbers_(1024));
		m.anon = numbers_(m.total_inactive + m.total_active + 1);
		m.file = m.total_inactive + m.total_active - m.anon;
		m.exec = numbers_(m.file + 1);
		m.dirty = numbers_(m.file + 1);
		m.writeback = numbers_(1025);
		m.swap_total = numbers_(m.limit + 1);
		m.swap_free = numbers_(m.swap_total + 1);
		m.deficit = numbers_(1024);
		m.waiters = static_cast<pd_u32>(numbers_(4));
		return m;
	}

	Taken take()
	{
		Taken t = {&page_[numbers_(kPages)], numbers_.view()};

		/* Found out when its file is asked for: inactive_batch(). */
		t.view.flags &= ~PD_PAGE_LOCK_MISS;
		return t;
	}

	void switch_policy()
	{
		pd_u32 count = 0;

		while (pd_policy_at(count) != nullptr)
			count++;

		const pd_policy *policy =
			pd_policy_at(static_cast<pd_u32>(numbers_(count)));
		const Policy old = std::move(i_);

		i_ = std::make_shared<Attached>(policy->name);
		promise((policy->remember != nullptr) == i_->has_ghosts() &&
				(policy->forgotten != nullptr) == i_->has_ghosts(),
			"who has ghosts, and nobody else, has the verbs for them");
		if (old)
			i_->knobs = old->knobs;
		nothing_ = 0;
	}

	/* As pd_domain_set_knob(); a lawless host has no bounds. */
	void set_knob()
	{
		const pd_u64 id = numbers_(PD_NR_KNOBS);
		const pd_knobs defaults = pd_knobs_defaults();
		pd_knobs knobs = i_->knobs;
		pd_u64 value = numbers_.u64();

		if (lawful_)
			value = std::clamp(value, kKnobs[id].min, kKnobs[id].max);
		if (numbers_(4) == 0)
			value = reinterpret_cast<const pd_u64 *>(&defaults)[id];
		reinterpret_cast<pd_u64 *>(&knobs)[id] = value;
		if (!lawful_ || pd_knobs_fit(&knobs))
			i_->knobs = knobs;
	}

	/* What others do between two verbs of a pass. */
	void meanwhile()
	{
		switch (numbers_(8)) {
		case 0:
		case 1:
		case 2:
			enqueue();
			break;
		case 3:
			watermarks();
			break;
		case 4:
			needs_scan(memory());
			break;
		case 5:
			set_knob();
			break;
		case 6:
			numbers_(2) ? switch_policy() : idle();
			break;
		default:
			task_pass();
		}
	}

	/* ---- Verbs, each with what it promises ---- */

	static void check_decision(pd_decision d)
	{
		promise(d.verdict < PD_NR_VERDICTS, "a verdict is one of the list");
		promise(d.reason < PD_NR_REASONS, "a reason is one of the list");
	}

	static void check_page(pd_page_state before, pd_page_state after)
	{
		promise(after.act_count <= PD_ACT_COUNT_MAX, "activity is 64 at most");
		promise(((before.flags ^ after.flags) & kHostFlags) == 0,
			"the host's flags of a page are the host's");
	}

	pd_watermarks watermarks()
	{
		const pd_memory m = memory();
		const pd_watermarks w = i_->watermarks(m);
		const pd_knobs &k = i_->knobs;

		promise(w.free_min <= w.free_target,
			"the target is not below the minimum");
		promise(w.wakeup_thresh <= w.free_target, "who is woken has work to do");
		promise(w.free_target <= w.free_stop, "a scan may go on to the target");
		promise(std::max({w.free_reserved, w.free_severe, w.free_min,
				  w.free_stop}) <= m.limit,
			"no mark is above the limit");
		promise(w.cluster_pages >= 1 && w.cluster_pages <= 64,
			"a cluster has 1 to 64 pages");
		promise(w.max_launder >= 1, "something may be written");
		promise(w.cluster_flags < PD_CLUSTER_FAILED_STAYS << 1,
			"cluster_flags has known flags");
		if (std::min({k.free_reserved, k.free_severe, k.free_min, k.free_target,
			      k.wakeup_thresh}) != PD_AUTO) {
			promise(w.free_reserved <= w.free_severe &&
					w.free_severe <= w.free_min &&
					w.free_min <= w.wakeup_thresh,
				"marks are in order where a knob has set one");
		}
		return w;
	}

	bool needs_scan(const pd_memory &m)
	{
		const pd_u8 needed = i_->policy->needs_scan(i_->state(), &m);
		const pd_watermarks w = i_->watermarks(m);

		promise(needed <= 1, "needs_scan() is yes or no");
		if ((i_->policy->flags & PD_POLICY_WAKES) == 0)
			promise(needed == (pages(m.free) < pages(w.wakeup_thresh)),
				"needs_scan() goes by wakeup_thresh");
		return needed != 0;
	}

	void plan(Pass &p, const pd_memory &m)
	{
		const auto before = host_part(p.scan);

		p.i->policy->plan(p.i->state(), &m, &p.scan);
		promise(host_part(p.scan) == before, "plan() leaves what is the host's");
		promise(p.scan.max_scan >= 0, "max_scan is not negative");
		promise(p.scan.launder_budget >= 1, "something may be written");
		if (p.i == i_ && !p.scan.direct && m.nr_pairs <= 1 && needs_scan(m) &&
		    (i_->policy->flags & PD_POLICY_WAKES) == 0)
			promise(p.scan.shortage > 0, "a pass that is needed has work");
	}

	/* A page is here that was here before. A lawless host says anything of it. */
	void come_back(const Policy &i, pd_view &view)
	{
		if (!i->has_ghosts())
			return;
		if (lawful_ || numbers_(2))
			view.ghost =
				pd_ghost_take(&i->ghosts, 1, 1 + numbers_(kIdentities));
		else
			view.ghost = numbers_.ghost();
	}

	/* A page was judged to go; the kernel may refuse. */
	void go(const Policy &i, const pd_view &view, const pd_page_state &page)
	{
		pd_u32 ghost = 0, displaced = 0;

		if (!i->has_ghosts())
			return;
		ghost = i->policy->remember(i->state(), &view, &page);
		promise(ghost <= PD_GHOST_MAX, "what is remembered fits its word");
		if (ghost == 0 || numbers_(8) == 1)
			return;
		displaced = pd_ghost_put(&i->ghosts, 1, 1 + numbers_(kIdentities), ghost);
		if (displaced != 0)
			i->policy->forgotten(i->state(), displaced);
	}

	void enqueue()
	{
		Taken t = take();
		pd_decision d;

		come_back(i_, t.view);
		if (numbers_(2))
			*t.page = numbers_.page();

		const pd_page_state before = *t.page;

		d = i_->enqueue(t.view, *t.page);
		check_decision(d);
		check_page(before, *t.page);
		promise(d.verdict == PD_VERDICT_ACTIVATE ||
				d.verdict == PD_VERDICT_DEACTIVATE ||
				d.verdict == PD_VERDICT_DEACTIVATE_HEAD,
			"a page enters one of the queues");
	}

	static void check_freed(pd_decision d, const pd_view &view)
	{
		if (d.verdict == PD_VERDICT_FREE)
			promise((view.flags & (kInUse | PD_PAGE_DIRTY)) == 0,
				"no page in use and no dirty one is freed");
	}

	static pd_decision inactive(Pass &p, const pd_view &view, pd_page_state &page)
	{
		const pd_page_state page_before = page;
		const pd_scan before = p.scan;
		const pd_decision d = p.i->inactive(view, page, p.scan);
		const pd_scan &s = p.scan;

		check_decision(d);
		check_page(page_before, page);
		check_freed(d, view);
		promise(host_part(s) == host_part(before),
			"inactive() leaves the host's");
		promise(s.shortage <= before.shortage, "no verdict raises the shortage");
		promise(s.launder_budget <= before.launder_budget,
			"no verdict raises the budget");
		promise(s.max_scan == before.max_scan || s.max_scan == 0,
			"max_scan is lowered by the host, or the scan ended");
		promise(s.active_shortage == before.active_shortage &&
				s.active_max_scan == before.active_max_scan,
			"inactive() leaves the active scan's part");
		if (is_launder(d)) {
			promise((view.flags & PD_PAGE_DIRTY) != 0,
				"only dirty pages are written");
			promise((view.flags & (kInUse | PD_PAGE_LOCK_MISS)) == 0,
				"no page in use is written");
			promise(s.may_swap || !is_swap_backed(view),
				"nothing goes to swap that may not");
		}
		p.stopped |= s.max_scan < before.max_scan;
		if (p.stopped)
			promise(d.verdict != PD_VERDICT_FREE && !is_launder(d),
				"what comes after the end of a scan is kept");
		return d;
	}

	static void laundered(Pass &p, pd_u64 written, pd_u64 failed)
	{
		const auto before = host_part(p.scan);

		p.i->policy->laundered(p.i->state(), &p.scan, written, failed);
		promise(host_part(p.scan) == before, "laundered() leaves the host's");
	}

	void inactive_done(Pass &p)
	{
		const auto before = host_part(p.scan);
		const pd_memory m = memory();

		p.i->policy->inactive_done(p.i->state(), &m, &p.scan);
		promise(host_part(p.scan) == before, "inactive_done() leaves the host's");
		promise(p.scan.active_max_scan >= 0 &&
				p.scan.active_max_scan <= pages(m.active),
			"an active scan is bounded by the queue");
	}

	static pd_decision active(Pass &p, const Taken &t)
	{
		const pd_page_state page_before = *t.page;
		const pd_scan before = p.scan;
		const pd_decision d = p.i->active(t.view, *t.page, p.scan);
		const pd_scan &s = p.scan;

		check_decision(d);
		check_page(page_before, *t.page);
		check_freed(d, t.view);
		promise(!is_launder(d), "no active page is written");
		promise(host_part(s) == host_part(before), "active() leaves the host's");
		promise(s.active_shortage <= before.active_shortage &&
				s.shortage <= before.shortage,
			"no verdict raises a shortage");
		return d;
	}

	pd_next after_pass(const Pass &p)
	{
		const pd_memory m = memory();
		const bool needed = numbers_(8) != 0;
		const pd_next next = p.i->after_pass(m, p.scan, needed);
		const bool goes_on = (next.flags & PD_NEXT_NEEDED) != 0;
		const bool nothing = p.scan.freed == 0 && p.scan.laundered == 0;

		promise(next.flags < PD_NEXT_OOM_VOTE << 1, "flags are known ones");
		promise(needed || !goes_on, "nobody goes on where nobody waits");
		if (!goes_on) {
			promise(next.delay_ms > 0, "who sleeps sleeps for a time");
			nothing_ = 0;
			return next;
		}
		promise(next.pass >= 1 &&
				next.pass <= std::max(p.scan.pass, p.scan.pass + 1),
			"passes are counted from 1, by 1");
		promise(next.delay_ms <= kLongestPause, "a pause ends");
		/* A knob out of bounds may ask for it. */
		nothing_ = nothing && next.delay_ms == 0 ? nothing_ + 1 : 0;
		promise(!lawful_ || nothing_ <= 1, "the daemon does not spin");
		return next;
	}

	/* ---- What pass.c and daemon.c do ---- */

	/* The kernel is handed what is to go, and may refuse some of it. */
	void reclaim(Pass &p, pd_u64 clean)
	{
		const pd_u64 freed = numbers_(clean + 1);

		p.scan.freed += freed;
		p.scan.shortage += static_cast<pd_s64>(clean - freed);
	}

	void inactive_batch(Pass &p)
	{
		const pd_s64 most =
			std::min({pd_s64{PD_BATCH}, p.scan.shortage, p.scan.max_scan});
		const pd_s64 shortage = p.scan.shortage;
		pd_u64 clean = 0, anon = 0, files = 0, written, started = 0;
		std::vector<Taken> batch(1 + numbers_(static_cast<pd_u64>(most)));

		for (Taken &t : batch) {
			t = take();
			p.scan.max_scan -= t.view.nr_pages;
			p.scan.scanned += t.view.nr_pages;
		}
		for (Taken &t : batch) {
			const auto size = static_cast<pd_u64>(size_of(t.view));

			if (numbers_(16) == 1)
				meanwhile();
			come_back(p.i, t.view);

			pd_decision d = inactive(p, t.view, *t.page);

			if (is_launder(d) && !is_swap_backed(t.view)) {
				if (!p.scan.may_launder) {
					p.scan.stuck += size;
					continue;
				}
				if (numbers_(4) != 1) {
					files += size;
					continue;
				}
				/* Its file cannot be had without waiting. */
				laundered(p, 0, 0);
				t.view.flags |= PD_PAGE_LOCK_MISS;
				d = inactive(p, t.view, *t.page);
			}
			if (is_launder(d))
				anon += size;
			if (d.verdict == PD_VERDICT_FREE)
				clean += size;
			if (is_launder(d) || d.verdict == PD_VERDICT_FREE)
				go(p.i, t.view, *t.page);
		}
		written = numbers_(anon + 1);
		if (anon != 0)
			laundered(p, written, anon - written);
		if (files != 0) {
			/* Neighbours come along in a cluster. */
			started = numbers_(2 * files + 1);
			laundered(p, started, numbers_(files + 1));
		}
		promise(p.scan.shortage <= shortage - static_cast<pd_s64>(clean) &&
				p.scan.shortage >=
					shortage - static_cast<pd_s64>(clean + written +
								       started),
			"a batch is charged for what was freed and written, once");
		p.scan.laundered += written + started;
		reclaim(p, clean);
	}

	void active_scan(Pass &p)
	{
		while (p.scan.active_shortage > 0 && p.scan.active_max_scan > 0 &&
		       !is_over()) {
			pd_u64 clean = 0;

			for (pd_u64 n = 1 + numbers_(PD_BATCH); n > 0; n--) {
				const Taken t = take();

				p.scan.active_max_scan -= t.view.nr_pages;
				p.scan.scanned += t.view.nr_pages;
				/* Once the quota is met the rest stays as it was. */
				if (p.scan.active_shortage <= 0)
					continue;
				if (active(p, t).verdict != PD_VERDICT_FREE)
					continue;
				clean += static_cast<pd_u64>(size_of(t.view));
				go(p.i, t.view, *t.page);
			}
			reclaim(p, clean);
		}
	}

	void plan_active(Pass &p)
	{
		inactive_done(p);
		if (p.scan.direct)
			p.scan.active_max_scan =
				std::min(p.scan.active_max_scan, pd_s64{128});
		active_scan(p);
	}

	void run(Pass &p, pd_u64 nr_to_reclaim)
	{
		const pd_memory m = memory();

		p.scan.may_swap = numbers_(4) != 0;
		p.scan.may_launder = !p.scan.direct;
		p.scan.emergency = numbers_(8) == 1;
		plan(p, m);
		if (p.scan.direct)
			p.scan.shortage = static_cast<pd_s64>(nr_to_reclaim);
		else if (p.scan.shortage > 0)
			p.scan.shortage = static_cast<pd_s64>(std::min(
				static_cast<pd_u64>(p.scan.shortage), nr_to_reclaim));
		p.scan.max_scan = std::min(p.scan.max_scan,
					   pages(m.inactive) +
						   (p.scan.refill ? pages(m.active) : 0));
		while (p.scan.shortage > 0 && p.scan.max_scan > 0 && !is_over()) {
			if (p.scan.refill)
				plan_active(p);
			/* A refill of DragonFly's kind may have met the shortage. */
			if (p.scan.shortage <= 0)
				break;
			inactive_batch(p);
			if (p.scan.enough && !p.scan.direct &&
			    memory().free >= p.scan.enough)
				p.scan.shortage = 0;
		}
		plan_active(p);
	}

	void task_pass()
	{
		Pass p;

		if (depth_ == 2)
			return;
		depth_++;
		p.i = i_;
		p.scan.pass = 1;
		p.scan.direct = 1;
		run(p, 1 + numbers_(numbers_(2) ? 32 : pd_u64{1} << 40));
		depth_--;
	}

	/* One pass over some pairs of the node. */
	void daemon_pass()
	{
		const Policy i = i_;
		Pass sum;

		sum.i = i;
		sum.scan.pass = std::max(next_.pass, 1u);
		sum.scan.deficit = static_cast<pd_s64>(numbers_(1024));
		depth_++;
		for (pd_u64 pairs = 1 + numbers_(2); pairs > 0; pairs--) {
			Pass p;

			p.i = i;
			p.scan.pass = sum.scan.pass;
			p.scan.deficit = sum.scan.deficit;
			run(p, numbers_(4) ? ~pd_u64{0} : numbers_(1 << 16));
			sum.scan.freed += p.scan.freed;
			sum.scan.scanned += p.scan.scanned;
			sum.scan.laundered += p.scan.laundered;
			sum.scan.lock_misses += p.scan.lock_misses;
		}
		depth_--;
		next_ = after_pass(sum);
		if ((next_.flags & PD_NEXT_NEEDED) == 0)
			next_.pass = 0;
	}

	void idle()
	{
		const pd_memory m = memory();
		Pass p;

		p.i = i_;
		promise(p.i->policy->idle(p.i->state(), &m, numbers_.u64(), &p.scan) > 0,
			"there is time between two idle calls");
		promise(p.scan.shortage == 0 && p.scan.max_scan == 0,
			"aging leaves the inactive queue alone");
		promise(p.scan.active_max_scan >= 0 &&
				p.scan.active_max_scan <= pages(m.active),
			"aging is bounded by the queue");
		active_scan(p);
	}

	static constexpr pd_u64 kPages = 64;
	/* Somewhat more than a bucket holds. */
	static constexpr pd_u64 kIdentities = 48;

	FuzzedDataProvider &input_;
	EdgesOf<Bytes> numbers_;
	bool lawful_; /* knobs are within their bounds */
	Policy i_;
	pd_page_state page_[kPages] = {};
	pd_next next_ = {};
	int depth_ = 0;	  /* passes within passes */
	int nothing_ = 0; /* passes in a row that brought nothing and did not pause */
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	FuzzedDataProvider input(data, size);
	Host host(input);

	while (input.remaining_bytes() != 0)
		host.step();
	return 0;
}
