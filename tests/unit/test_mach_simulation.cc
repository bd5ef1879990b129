// SPDX-License-Identifier: GPL-2.0
/*
 * Mach's policy over time: a host in miniature with a disk that takes a while for
 * each page, so that bursts, pauses and laundry mean something.
 */
#include "policy_test.h"

#include <deque>
#include <list>
#include <vector>

namespace
{

class SlowDiskHost
{
public:
	SlowDiskHost(size_t limit, size_t nr_pages, pd_u64 write_ms)
		: limit_(limit), write_ms_(write_ms), pages_(nr_pages)
	{
	}

	/* Returns whether the page had to be brought in. */
	bool access(size_t number, pd_page_type type, bool write)
	{
		Page &page = pages_[number];
		const bool missed = !page.resident;
		const bool mapped = type == PD_TYPE_ANON;

		if (missed) {
			const pd_memory m = memory();

			if (i.needs_scan(m))
				daemon();
			if (free() <= 0)
				limit_hits++;
			page = {};
			page.resident = true;
			anon_ += type == PD_TYPE_ANON;
			page.view = make_view(type, mapped ? PD_PAGE_MAPPED : 0);
			put(number, i.enqueue(page.view, page.state).verdict);
		} else if (mapped) {
			page.view.refs = 1;
		} else {
			page.view.soft_refs = 1;
		}
		if (write)
			set_dirty(page, true);
		return missed;
	}

	pd_s64 free() const
	{
		return static_cast<pd_s64>(limit_) -
		       static_cast<pd_s64>(queue_[0].size() + queue_[1].size());
	}

	pd_memory memory() const
	{
		pd_memory m = {};

		m.limit = limit_;
		m.free = free();
		m.inactive = m.total_inactive = queue_[PD_QUEUE_INACTIVE].size();
		m.active = m.total_active = queue_[PD_QUEUE_ACTIVE].size();
		m.writeback = disk_.size();
		m.nr_pairs = 1;
		m.anon = anon_;
		m.dirty = dirty_;
		return m;
	}

	Instance i{"mach"};
	size_t limit_hits = 0, written = 0, lost = 0, most_in_flight = 0, passes = 0;
	size_t longest_work = 0;
	pd_u64 now_ms = 0;

private:
	struct Page {
		bool resident = false;
		pd_view view = {};
		pd_page_state state = {};
		pd_queue_id queue = PD_QUEUE_INACTIVE;
		std::list<size_t>::iterator place;
	};

	void put(size_t number, pd_u8 verdict)
	{
		Page &page = pages_[number];

		page.queue = verdict == PD_VERDICT_ACTIVATE ? PD_QUEUE_ACTIVE
							    : PD_QUEUE_INACTIVE;

		std::list<size_t> &list = queue_[page.queue];

		page.place = list.insert(
			verdict == PD_VERDICT_DEACTIVATE_HEAD ? list.begin() : list.end(),
			number);
	}

	void set_dirty(Page &page, bool dirty)
	{
		const bool was = page.view.flags & PD_PAGE_DIRTY;

		page.view.flags ^= was != dirty ? PD_PAGE_DIRTY : 0;
		if (page.view.type != PD_TYPE_ANON)
			dirty_ += dirty - was;
	}

	void take(size_t number)
	{
		queue_[pages_[number].queue].erase(pages_[number].place);
	}

	void drop(size_t number)
	{
		Page &page = pages_[number];

		lost += (page.view.flags & PD_PAGE_DIRTY) != 0;
		set_dirty(page, false);
		anon_ -= page.view.type == PD_TYPE_ANON;
		take(number);
		page.resident = false;
	}

	void write_out(size_t number)
	{
		Page &page = pages_[number];

		set_dirty(page, false);
		page.view.flags |= PD_PAGE_WRITEBACK;
		page.state.flags |= PD_STATE_LAUNDERED;
		disk_.push_back(number);
		written++;
		most_in_flight = std::max(most_in_flight, disk_.size());
	}

	/* The disk writes one page after the other. */
	void pause(pd_u64 ms)
	{
		now_ms += ms;
		for (disk_ms_ += ms; !disk_.empty() && disk_ms_ >= write_ms_;
		     disk_ms_ -= write_ms_) {
			const size_t number = disk_.front();
			Page &page = pages_[number];

			disk_.pop_front();
			page.view.flags &= ~PD_PAGE_WRITEBACK;
			if (page.view.type == PD_TYPE_ANON) {
				/* Written to meanwhile: it stays. */
				if (!(page.view.flags & PD_PAGE_DIRTY))
					drop(number);
			} else if (page.queue == PD_QUEUE_INACTIVE) {
				take(number);
				put(number, i.enqueue(page.view, page.state).verdict);
			}
		}
		if (disk_.empty())
			disk_ms_ = 0;
	}

	void refill(pd_scan &scan)
	{
		const pd_memory m = memory();
		std::list<size_t> &active = queue_[PD_QUEUE_ACTIVE];

		i.policy->inactive_done(i.state(), &m, &scan);
		while (scan.active_shortage > 0 && scan.active_max_scan-- > 0 &&
		       !active.empty()) {
			const size_t number = active.front();
			Page &page = pages_[number];
			const pd_decision d = i.active(page.view, page.state, scan);

			page.view.refs = page.view.soft_refs = 0;
			take(number);
			if (d.verdict == PD_VERDICT_DEACTIVATE)
				put(number, PD_VERDICT_DEACTIVATE);
			else
				put(number, PD_VERDICT_ACTIVATE);
		}
	}

	/* The pages of one batch, which keep their place before the cursor. */
	std::vector<size_t> batch(std::list<size_t>::iterator &cursor, size_t most)
	{
		std::vector<size_t> taken;

		while (taken.size() < most && cursor != queue_[0].end())
			taken.push_back(*cursor++);
		return taken;
	}

	void scan_inactive(pd_scan &scan)
	{
		std::list<size_t> &list = queue_[PD_QUEUE_INACTIVE];

		refill(scan);

		auto cursor = list.begin();

		while (scan.shortage > 0 && scan.max_scan > 0) {
			const auto most = std::min<pd_s64>(
				PD_BATCH, std::min(scan.shortage, scan.max_scan));
			const auto numbers = batch(cursor, static_cast<size_t>(most));
			pd_u64 sent = 0;

			if (numbers.empty())
				break;
			scan.max_scan -= static_cast<pd_s64>(numbers.size());
			for (size_t number : numbers)
				sent += judge(number, scan);
			i.policy->laundered(i.state(), &scan, sent, 0);
			scan.laundered += sent;
			if (scan.enough != 0 && free() >= scan.enough)
				scan.shortage = 0;
			refill(scan);
		}
	}

	pd_u64 judge(size_t number, pd_scan &scan)
	{
		Page &page = pages_[number];
		const pd_decision d = i.inactive(page.view, page.state, scan);

		page.view.refs = page.view.soft_refs = 0;
		switch (d.verdict) {
		case PD_VERDICT_FREE:
			drop(number);
			scan.freed++;
			return 0;
		case PD_VERDICT_LAUNDER_ACTIVATE:
			write_out(number);
			take(number);
			put(number, PD_VERDICT_ACTIVATE);
			return 1;
		case PD_VERDICT_LAUNDER:
			write_out(number);
			return 1;
		case PD_VERDICT_KEEP:
			return 0;
		default:
			take(number);
			put(number, d.verdict);
			return 0;
		}
	}

	void daemon()
	{
		pd_u32 pass = 1;

		for (size_t work = 1; work < 100000; work++) {
			pd_scan scan = i.plan(memory(), pass);

			passes++;
			longest_work = std::max(longest_work, work);
			if (scan.shortage > 0)
				scan_inactive(scan);
			else
				refill(scan);

			const pd_next next = i.after_pass(memory(), scan, true);

			if (!(next.flags & PD_NEXT_NEEDED))
				return;
			pause(next.delay_ms);
			pass = next.pass;
		}
		ADD_FAILURE() << "the daemon never ends";
	}

	size_t limit_;
	pd_u64 write_ms_, disk_ms_ = 0;
	std::vector<Page> pages_;
	std::list<size_t> queue_[PD_NR_QUEUES];
	std::deque<size_t> disk_;
	pd_u64 anon_ = 0, dirty_ = 0;
};

constexpr size_t kLimit = 2048; /* 8 MiB: minimum 79, target 89 */

} // namespace

TEST(MachSimulation, a_stream_of_reads_needs_no_pause)
{
	SlowDiskHost host(kLimit, 4 * kLimit, 1);

	for (size_t n = 0; n < 4 * kLimit; n++)
		host.access(n, PD_TYPE_FILE, false);
	EXPECT_EQ(host.limit_hits, 0u);
	EXPECT_EQ(host.written, 0u);
	EXPECT_EQ(host.now_ms, 0u);
}

TEST(MachSimulation, hot_set_survives_a_stream)
{
	const size_t hot = 500;
	SlowDiskHost host(kLimit, hot + 6 * kLimit, 1);
	Edges random(7);
	size_t misses = 0;

	host.i.knobs.read_activate = 0;
	for (size_t n = 0; n < hot; n++)
		host.access(n, PD_TYPE_ANON, true);
	for (size_t n = 0; n < 6 * kLimit; n++) {
		host.access(hot + n, PD_TYPE_FILE, false);
		for (int k = 0; k < 2; k++)
			misses += host.access(random(hot), PD_TYPE_ANON, true);
	}
	EXPECT_LT(misses, hot / 10);
	EXPECT_EQ(host.limit_hits, 0u);
	EXPECT_EQ(host.lost, 0u);
}

TEST(MachSimulation, b63_no_more_than_a_burst_is_in_flight)
{
	for (pd_u64 write_ms : {1, 10, 50}) {
		SlowDiskHost host(kLimit, 2 * kLimit, write_ms);

		for (size_t n = 0; n < 2 * kLimit; n++)
			host.access(n, PD_TYPE_ANON, true);
		EXPECT_LE(host.most_in_flight, 10u) << write_ms;
		EXPECT_GE(host.written, kLimit) << write_ms;
		EXPECT_EQ(host.limit_hits, 0u) << write_ms;
		EXPECT_EQ(host.lost, 0u) << write_ms;
	}
}

TEST(MachSimulation, b65_the_pause_comes_to_fit_the_disk)
{
	for (pd_u64 write_ms : {2, 5, 20}) {
		SlowDiskHost host(kLimit, 6 * kLimit, write_ms);

		for (size_t n = 0; n < 6 * kLimit; n++)
			host.access(n, PD_TYPE_ANON, true);
		/* The disk is busy at least a third of the time. */
		EXPECT_LT(host.now_ms, 3 * host.written * write_ms) << write_ms;
	}
}

TEST(MachSimulation, b56_dirty_file_pages_come_down_to_their_share)
{
	SlowDiskHost host(kLimit, 4 * kLimit, 1);

	for (size_t n = 0; n < 4 * kLimit; n++) {
		host.access(n, PD_TYPE_FILE, true);
		ASSERT_LE(host.memory().dirty, (kLimit - 50) / 2 + 2);
	}
	EXPECT_EQ(host.lost, 0u);
	EXPECT_EQ(host.limit_hits, 0u);
}

TEST(MachSimulation, work_ends_under_random_use)
{
	for (unsigned seed = 1; seed <= 3; seed++) {
		SlowDiskHost host(512, 2048, seed);
		Edges random(seed);

		for (int n = 0; n < 20000; n++) {
			const size_t page = random(4) ? random(600) : random(2048);

			host.access(page, page % 3 ? PD_TYPE_FILE : PD_TYPE_ANON,
				    random(5) == 0);
		}
		EXPECT_EQ(host.lost, 0u);
		EXPECT_EQ(host.limit_hits, 0u);
		EXPECT_LT(host.longest_work, 200u);
	}
}
