// SPDX-License-Identifier: GPL-2.0
/*
 * A host in miniature: two queues, a limit, no kernel. It does what the module
 * does with verdicts, so that what a policy achieves can be seen from outside.
 */
#include "policy_test.h"

#include <pagedaemon/ghosts.h>

#include <list>
#include <vector>

namespace
{

class MiniHost
{
public:
	struct Page {
		bool resident = false;
		bool in_swap = false;
		pd_page_type type = PD_TYPE_FILE;
		bool mapped = false;
		bool dirty = false;
		pd_u8 refs = 0, soft_refs = 0;
		pd_page_state state = {};
		pd_queue_id queue = PD_QUEUE_INACTIVE;
		std::list<size_t>::iterator place;
	};

	MiniHost(pd_u64 limit, size_t nr_pages, bool swap = true,
		 const char *policy = "freebsd")
		: i(policy), swap(swap), limit_(limit), pages_(nr_pages),
		  ghosts_(has_ghosts() ? pd_ghost_buckets(limit) : 0)
	{
		i.watermarks(memory());
	}

	void set_type(size_t first, size_t count, pd_page_type type, bool mapped)
	{
		for (size_t i = first; i < first + count; i++) {
			pages_[i].type = type;
			pages_[i].mapped = mapped;
		}
	}

	/* Returns whether the page had to be brought in. */
	bool access(size_t number, bool write = false)
	{
		Page &page = pages_[number];
		const bool missed = !page.resident;

		if (missed)
			insert(number);
		else if (page.mapped)
			page.refs = PD_REFS_MAX > page.refs ? page.refs + 1 : page.refs;
		else if (page.soft_refs < 255)
			page.soft_refs++;
		if (write || (missed && page.type == PD_TYPE_ANON && !page.in_swap))
			page.dirty = true;
		return missed;
	}

	void idle(pd_u64 elapsed_ms)
	{
		const pd_memory m = memory();
		pd_scan scan = {};

		i.policy->idle(i.state(), &m, elapsed_ms, &scan);
		scan_active(scan);
	}

	pd_s64 free() const
	{
		return static_cast<pd_s64>(limit_) -
		       static_cast<pd_s64>(queue_[0].size() + queue_[1].size());
	}

	/* Every resident page is on the one queue it says, and nothing else is. */
	void check() const
	{
		std::vector<int> seen(pages_.size());

		for (int id = 0; id < PD_NR_QUEUES; id++) {
			for (size_t number : queue_[id]) {
				seen[number]++;
				ASSERT_TRUE(pages_[number].resident);
				ASSERT_EQ(pages_[number].queue, id);
			}
		}
		for (size_t number = 0; number < pages_.size(); number++)
			ASSERT_EQ(seen[number], pages_[number].resident ? 1 : 0);
	}

	bool is_active(size_t number) const
	{
		return pages_[number].resident && pages_[number].queue == PD_QUEUE_ACTIVE;
	}

	Instance i;
	bool swap;
	pd_u64 hard_limit_hits = 0, written = 0, lost = 0;
	pd_u64 remembered = 0, refaults = 0, forgotten = 0;

private:
	bool has_ghosts() const
	{
		return (i.policy->flags & PD_POLICY_GHOSTS) != 0;
	}

	/* Who a page is; 0 is nobody. */
	static pd_u64 id_of(size_t number)
	{
		return number + 1;
	}

	pd_u32 ghost_of(size_t number)
	{
		if (!has_ghosts())
			return 0;

		const pd_u32 ghost =
			pd_ghost_take(ghosts_.data(), ghosts_.size(), id_of(number));

		refaults += ghost != 0;
		return ghost;
	}

	void remember(size_t number, const Page &page)
	{
		if (!has_ghosts())
			return;

		const pd_view view = look(page);
		const pd_u32 ghost = i.policy->remember(i.state(), &view, &page.state);

		ASSERT_LE(ghost, PD_GHOST_MAX);
		if (ghost == 0)
			return;

		const pd_u32 displaced = pd_ghost_put(ghosts_.data(), ghosts_.size(),
						      id_of(number), ghost);

		remembered++;
		if (displaced != 0) {
			forgotten++;
			i.policy->forgotten(i.state(), displaced);
		}
	}

	pd_memory memory() const
	{
		pd_memory m = {};

		m.limit = limit_;
		m.free = free();
		m.inactive = m.total_inactive = queue_[PD_QUEUE_INACTIVE].size();
		m.active = m.total_active = queue_[PD_QUEUE_ACTIVE].size();
		m.anon = of_type_[PD_TYPE_ANON];
		m.exec = of_type_[PD_TYPE_EXEC];
		m.file = of_type_[PD_TYPE_FILE] + m.exec;
		m.swap_total = m.swap_free = swap ? pages_.size() : 0;
		m.nr_pairs = 1;
		return m;
	}

	void insert(size_t number)
	{
		Page &page = pages_[number];
		const pd_memory m = memory();

		if (i.needs_scan(m))
			daemon();
		if (free() <= 0)
			hard_limit_hits++;
		page.resident = true;
		of_type_[page.type]++;
		page.refs = page.soft_refs = 0;
		page.state = {0, PD_STATE_SEEN | PD_STATE_FIRST_TOUCH};

		pd_view view = look(page);

		view.ghost = ghost_of(number);

		const pd_decision d = i.enqueue(view, page.state);

		put(number,
		    d.verdict == PD_VERDICT_ACTIVATE ? PD_QUEUE_ACTIVE
						     : PD_QUEUE_INACTIVE,
		    d.verdict == PD_VERDICT_DEACTIVATE_HEAD);
	}

	void put(size_t number, pd_queue_id queue, bool oldest = false)
	{
		std::list<size_t> &list = queue_[queue];
		const bool is_next =
			!oldest && queue == PD_QUEUE_INACTIVE && next_ == list.end();

		pages_[number].queue = queue;
		pages_[number].place =
			list.insert(oldest ? list.begin() : list.end(), number);
		if (is_next)
			next_ = pages_[number].place;
	}

	/* Where the scan of the inactive queue is; while there is none, as the oldest. */
	void put_next(size_t number)
	{
		std::list<size_t> &list = queue_[PD_QUEUE_INACTIVE];

		next_ = list.insert(is_scanning_ ? next_ : list.begin(), number);
		pages_[number].queue = PD_QUEUE_INACTIVE;
		pages_[number].place = next_;
	}

	void take(size_t number)
	{
		queue_[pages_[number].queue].erase(pages_[number].place);
	}

	static pd_view look(const Page &page)
	{
		pd_u32 flags = 0;

		if (page.mapped)
			flags |= PD_PAGE_MAPPED;
		if (page.dirty)
			flags |= PD_PAGE_DIRTY;
		return make_view(page.type, flags, page.refs, page.soft_refs);
	}

	void daemon()
	{
		pd_u32 pass = 1;

		for (int rounds = 0; rounds < 12; rounds++) {
			pd_scan scan = i.plan(memory(), pass);

			scan.may_swap = swap;
			if (scan.shortage > 0)
				scan_inactive(scan);
			plan_active(scan);

			const pd_next next = i.after_pass(memory(), scan, true);

			if (!(next.flags & PD_NEXT_NEEDED))
				return;
			pass = next.pass;
		}
	}

	void plan_active(pd_scan &scan)
	{
		const pd_memory m = memory();

		i.policy->inactive_done(i.state(), &m, &scan);
		scan_active(scan);
	}

	void scan_inactive(pd_scan &scan)
	{
		std::list<size_t> &list = queue_[PD_QUEUE_INACTIVE];
		const pd_u64 before = written;
		pd_u64 to_write = 0;
		int batch = 0;

		next_ = list.begin();
		is_scanning_ = true;
		while (scan.shortage > 0 && scan.max_scan > 0) {
			if (scan.refill && batch % PD_BATCH == 0)
				plan_active(scan);
			if (next_ == list.end())
				break;
			if (scan.enough != 0 && free() >= scan.enough) {
				scan.shortage = 0;
				break;
			}
			scan.max_scan--;
			judge(*next_++, scan, to_write);
			if (++batch % PD_BATCH == 0 || scan.shortage <= 0) {
				i.policy->laundered(i.state(), &scan, to_write, 0);
				written += to_write;
				to_write = 0;
			}
		}
		is_scanning_ = false;
		i.policy->laundered(i.state(), &scan, to_write, 0);
		written += to_write;
		scan.laundered = written - before;
	}

	void judge(size_t number, pd_scan &scan, pd_u64 &to_write)
	{
		Page &page = pages_[number];
		const pd_decision d = i.inactive(look(page), page.state, scan);

		page.refs = page.soft_refs = 0;
		switch (d.verdict) {
		case PD_VERDICT_FREE:
			drop(number, scan);
			break;
		case PD_VERDICT_LAUNDER:
			page.dirty = false;
			if (page.type == PD_TYPE_ANON)
				page.in_swap = true;
			to_write++;
			break;
		case PD_VERDICT_ACTIVATE:
			take(number);
			put(number, PD_QUEUE_ACTIVE);
			break;
		case PD_VERDICT_REQUEUE:
			take(number);
			put(number, PD_QUEUE_INACTIVE);
			break;
		default:
			ASSERT_EQ(d.verdict, PD_VERDICT_KEEP);
			break;
		}
	}

	void drop(size_t number, pd_scan &scan)
	{
		Page &page = pages_[number];

		if (page.dirty)
			lost++;
		remember(number, page);
		take(number);
		page.resident = false;
		of_type_[page.type]--;
		scan.freed++;
	}

	void scan_active(pd_scan &scan)
	{
		while (scan.active_shortage > 0 && scan.active_max_scan-- > 0 &&
		       !queue_[PD_QUEUE_ACTIVE].empty()) {
			const size_t number = queue_[PD_QUEUE_ACTIVE].front();
			Page &page = pages_[number];
			const pd_decision d = i.active(look(page), page.state, scan);

			page.refs = page.soft_refs = 0;
			if (d.verdict == PD_VERDICT_FREE) {
				drop(number, scan);
				continue;
			}
			take(number);
			if (d.verdict == PD_VERDICT_DEACTIVATE_HEAD)
				put_next(number);
			else
				put(number, d.verdict == PD_VERDICT_DEACTIVATE
						    ? PD_QUEUE_INACTIVE
						    : PD_QUEUE_ACTIVE);
		}
	}

	pd_u64 limit_;
	std::vector<Page> pages_;
	std::list<size_t> queue_[PD_NR_QUEUES];
	/* Where the inactive scan goes on. */
	std::list<size_t>::iterator next_ = queue_[PD_QUEUE_INACTIVE].end();
	bool is_scanning_ = false;
	std::vector<pd_ghost_bucket> ghosts_;
	pd_u64 of_type_[PD_NR_TYPES] = {};
};

constexpr size_t kLimit = 4096; /* 16 MiB */
constexpr size_t kHot = 1500;

/* Reads a file of four times the limit past a hot set; returns the misses of the latter.
 */
size_t stream_past_hot_set(MiniHost &host)
{
	Edges random(42);
	size_t misses = 0;

	for (int lap = 0; lap < 4; lap++)
		for (size_t n = 0; n < kHot; n++)
			host.access(n);
	for (size_t n = 0; n < 4 * kLimit; n++) {
		host.access(kHot + n);
		for (int k = 0; k < 2; k++)
			misses += host.access(random(kHot));
	}
	return misses;
}

/* 8192 pages of all types, read and written, some often, with idle times. */
void use_at_random(MiniHost &host, unsigned seed)
{
	Edges random(seed);

	host.set_type(0, 1000, PD_TYPE_ANON, true);
	host.set_type(1000, 1000, PD_TYPE_EXEC, true);
	for (int n = 0; n < 100000; n++) {
		const size_t page = random(4) ? random(2500) : random(8192);

		host.access(page, random(5) == 0);
		if (n % 1000 == 0)
			host.idle(random(3000));
	}
}

/* All pages that there are, of one type, are written to: none is lost. */
void dirty_all(MiniHost &host, pd_page_type type)
{
	host.set_type(0, 4 * kLimit, type, type == PD_TYPE_ANON);
	for (size_t n = 0; n < 4 * kLimit; n++)
		host.access(n, true);
	EXPECT_EQ(host.lost, 0u);
	host.check();
}

/*
 * Anonymous memory without swap, half the limit, cannot leave; file pages that begin
 * active come beside it, three times the limit.
 */
void files_beside_anonymous_memory(MiniHost &host)
{
	const size_t anon = kLimit / 2;

	host.set_type(0, anon, PD_TYPE_ANON, true);
	host.set_type(anon, 3 * kLimit, PD_TYPE_FILE, true);
	for (size_t n = 0; n < anon; n++)
		host.access(n, true);
	for (size_t n = anon; n < anon + 3 * kLimit; n++)
		host.access(n);
	for (size_t n = 0; n < anon; n++)
		ASSERT_FALSE(host.access(n)) << "an anonymous page is gone";
	host.check();
}

} // namespace

TEST(Simulation, mapped_hot_set_survives_a_stream)
{
	MiniHost host(kLimit, kHot + 4 * kLimit);

	host.set_type(0, kHot, PD_TYPE_FILE, true);
	EXPECT_LT(stream_past_hot_set(host), 8 * kLimit / 100);
	EXPECT_EQ(host.hard_limit_hits, 0u);
	host.check();
}

TEST(Simulation, read_hot_set_survives_a_stream)
{
	MiniHost host(kLimit, kHot + 4 * kLimit);

	EXPECT_LT(stream_past_hot_set(host), 8 * kLimit / 100);
	EXPECT_EQ(host.hard_limit_hits, 0u);
	host.check();
}

TEST(Simulation, anonymous_hot_set_survives_a_stream)
{
	MiniHost host(kLimit, kHot + 4 * kLimit);

	host.set_type(0, kHot, PD_TYPE_ANON, true);
	EXPECT_LT(stream_past_hot_set(host), 8 * kLimit / 100);
	EXPECT_EQ(host.hard_limit_hits, 0u);
	EXPECT_EQ(host.lost, 0u);
	host.check();
}

TEST(Simulation, nothing_of_a_stream_becomes_active)
{
	MiniHost host(kLimit, 8 * kLimit);

	for (size_t n = 0; n < 8 * kLimit; n++)
		host.access(n);
	for (size_t n = 0; n < 8 * kLimit; n++)
		ASSERT_FALSE(host.is_active(n));
	EXPECT_GE(host.free(), 0);
}

TEST(Simulation, dirty_data_is_written_before_it_is_freed)
{
	MiniHost host(kLimit, 4 * kLimit);

	for (size_t n = 0; n < 4 * kLimit; n++)
		host.access(n, true);
	EXPECT_EQ(host.lost, 0u);
	EXPECT_GE(host.written, 3 * kLimit);
	EXPECT_EQ(host.hard_limit_hits, 0u);
	host.check();
}

TEST(Simulation, anonymous_memory_beyond_the_limit_goes_to_swap)
{
	MiniHost host(kLimit, 3 * kLimit);

	host.set_type(0, 3 * kLimit, PD_TYPE_ANON, true);
	for (size_t n = 0; n < 3 * kLimit; n++)
		host.access(n, true);
	EXPECT_EQ(host.lost, 0u);
	EXPECT_GE(host.written, 2 * kLimit);
	EXPECT_EQ(host.hard_limit_hits, 0u);
	host.check();
}

/* Deviation 6: else inactive anonymous pages hide that active file pages could go. */
TEST(Simulation, without_swap_active_file_pages_are_still_found)
{
	MiniHost host(kLimit, 4 * kLimit, false);

	files_beside_anonymous_memory(host);
	EXPECT_EQ(host.hard_limit_hits, 0u);
}

TEST(Simulation, idle_aging_lets_an_unused_active_set_go_inactive)
{
	MiniHost host(kLimit, 1000);
	size_t active = 0;

	host.set_type(0, 1000, PD_TYPE_ANON, true);
	for (size_t n = 0; n < 1000; n++)
		host.access(n);
	for (size_t n = 0; n < 1000; n++)
		ASSERT_TRUE(host.is_active(n));
	/* Four visits take an activity of 5 to 1; then the queue shrinks. */
	for (int second = 0; second < 4 * 600; second++)
		host.idle(1000);
	for (size_t n = 0; n < 1000; n++)
		ASSERT_TRUE(host.is_active(n));
	for (int second = 0; second < 6 * 600; second++)
		host.idle(1000);
	for (size_t n = 0; n < 1000; n++)
		active += host.is_active(n);
	EXPECT_LT(active, 50u);
	host.check();
}

TEST(Simulation, every_page_is_conserved_under_random_use)
{
	for (unsigned seed = 1; seed <= 5; seed++) {
		MiniHost host(2048, 8192, seed % 2);

		use_at_random(host, seed);
		EXPECT_EQ(host.lost, 0u);
		EXPECT_EQ(host.hard_limit_hits, 0u);
		host.check();
	}
}

/* ---- NetBSD ---- */

/* With reads that begin on the inactive queue; those of NetBSD push hot pages out. */
TEST(Simulation, netbsd_hot_sets_survive_a_stream)
{
	for (pd_page_type type : {PD_TYPE_FILE, PD_TYPE_EXEC, PD_TYPE_ANON}) {
		MiniHost host(kLimit, kHot + 4 * kLimit, true, "netbsd");

		host.i.knobs.read_activate = 0;
		host.set_type(0, kHot, type, true);
		EXPECT_LT(stream_past_hot_set(host), 8 * kLimit / 100) << type;
		EXPECT_EQ(host.hard_limit_hits, 0u);
		EXPECT_EQ(host.lost, 0u);
		host.check();
	}
}

TEST(Simulation, netbsd_dirty_data_is_written_before_it_is_freed)
{
	for (pd_page_type type : {PD_TYPE_FILE, PD_TYPE_ANON}) {
		MiniHost host(kLimit, 4 * kLimit, true, "netbsd");

		dirty_all(host, type);
		EXPECT_GE(host.written, 2 * kLimit);
	}
}

/* b48: sixteen at a time, but all of them in the end. */
TEST(Simulation, netbsd_without_swap_active_file_pages_are_still_found)
{
	MiniHost host(kLimit, 4 * kLimit, false, "netbsd");

	files_beside_anonymous_memory(host);
	EXPECT_LT(host.free(), static_cast<pd_s64>(kLimit / 2));
}

/* b33: a stream of files does not push anonymous memory below its floor, used or not. */
TEST(Simulation, netbsd_unused_anonymous_memory_keeps_its_floor)
{
	const size_t anon = kLimit / 3;
	size_t left = 0;

	MiniHost host(kLimit, 9 * kLimit, true, "netbsd");

	host.set_type(0, anon, PD_TYPE_ANON, true);
	for (size_t n = 0; n < anon; n++)
		host.access(n, true);
	for (size_t n = anon; n < 9 * kLimit; n++)
		host.access(n);
	for (size_t n = 0; n < anon; n++)
		left += !host.access(n);
	EXPECT_GE(left, kLimit * 25 / 256 - 32);
	EXPECT_EQ(host.lost, 0u);
	host.check();
}

TEST(Simulation, netbsd_every_page_is_conserved_under_random_use)
{
	for (unsigned seed = 1; seed <= 4; seed++) {
		Edges random(seed);
		MiniHost host(2048, 8192, seed % 2, "netbsd");

		host.set_type(0, 1000, PD_TYPE_ANON, true);
		host.set_type(1000, 1000, PD_TYPE_EXEC, true);
		for (int n = 0; n < 50000; n++) {
			const size_t page = random(4) ? random(2500) : random(8192);

			host.access(page, random(5) == 0);
		}
		EXPECT_EQ(host.lost, 0u);
		host.check();
	}
}

/* ---- DragonFly ---- */

TEST(Simulation, dragonfly_mapped_hot_sets_survive_a_stream)
{
	for (pd_page_type type : {PD_TYPE_FILE, PD_TYPE_ANON}) {
		MiniHost host(kLimit, kHot + 4 * kLimit, true, "dragonfly");

		host.set_type(0, kHot, type, true);
		EXPECT_LT(stream_past_hot_set(host), 8 * kLimit / 100);
		EXPECT_EQ(host.hard_limit_hits, 0u);
		EXPECT_EQ(host.lost, 0u);
		host.check();
	}
}

/* The buffer cache's part: of an unmapped file, what is read twice in a lap stays. */
TEST(Simulation, dragonfly_read_hot_set_survives_a_stream)
{
	MiniHost host(kLimit, kHot + 4 * kLimit, true, "dragonfly");

	EXPECT_LT(stream_past_hot_set(host), 8 * kLimit / 100);
	EXPECT_EQ(host.hard_limit_hits, 0u);
	host.check();
}

TEST(Simulation, dragonfly_dirty_data_is_written_before_it_is_freed)
{
	for (pd_page_type type : {PD_TYPE_FILE, PD_TYPE_ANON}) {
		MiniHost host(kLimit, 4 * kLimit, true, "dragonfly");

		dirty_all(host, type);
		EXPECT_GE(host.written, 3 * kLimit);
		EXPECT_EQ(host.hard_limit_hits, 0u);
	}
}

/* Deviation 7: else inactive anonymous pages hide that active file pages could go. */
TEST(Simulation, dragonfly_without_swap_active_file_pages_are_still_found)
{
	MiniHost host(kLimit, 4 * kLimit, false, "dragonfly");

	files_beside_anonymous_memory(host);
	EXPECT_EQ(host.hard_limit_hits, 0u);
}

TEST(Simulation, dragonfly_every_page_is_conserved_under_random_use)
{
	for (unsigned seed = 1; seed <= 3; seed++) {
		MiniHost host(2048, 8192, seed % 2, "dragonfly");

		use_at_random(host, seed);
		EXPECT_EQ(host.lost, 0u);
		EXPECT_EQ(host.hard_limit_hits, 0u);
		host.check();
	}
}

/* ---- CLOCK-Pro ---- */

namespace
{

/* Misses of @laps times round a file of @size pages, after as many that are not counted.
 */
size_t misses_of_a_loop(MiniHost &host, size_t size, int laps)
{
	size_t misses = 0;

	for (int lap = -laps; lap < laps; lap++)
		for (size_t n = 0; n < size; n++)
			misses += host.access(n) && lap >= 0;
	return misses;
}

} // namespace

/* The oldest page is the next one used: by age alone each is gone just in time. */
TEST(Simulation, clockpro_keeps_most_of_a_loop_that_does_not_fit)
{
	const size_t loop = kLimit * 11 / 10;
	const int laps = 20;

	for (const char *policy : {"freebsd", "dragonfly", "netbsd", "mach"}) {
		MiniHost host(kLimit, loop, true, policy);

		EXPECT_GE(misses_of_a_loop(host, loop, laps), laps * loop * 9 / 10)
			<< policy;
	}

	MiniHost host(kLimit, loop, true, "clockpro");

	EXPECT_LE(misses_of_a_loop(host, loop, laps), laps * loop / 2);
	EXPECT_GT(host.remembered, 0u);
	EXPECT_EQ(host.hard_limit_hits, 0u);
	host.check();
}

TEST(Simulation, clockpro_hot_sets_survive_a_stream)
{
	for (pd_page_type type : {PD_TYPE_FILE, PD_TYPE_EXEC, PD_TYPE_ANON}) {
		for (bool mapped : {false, true}) {
			MiniHost host(kLimit, kHot + 4 * kLimit, true, "clockpro");

			host.set_type(0, kHot, type, mapped);
			EXPECT_LT(stream_past_hot_set(host), 8 * kLimit / 100) << type;
			EXPECT_EQ(host.hard_limit_hits, 0u);
			EXPECT_EQ(host.lost, 0u);
			host.check();
		}
	}
}

/* Used twice, but too far apart for memory to hold it: only who is remembered gets in. */
TEST(Simulation, clockpro_finds_a_new_working_set_after_an_old_one)
{
	MiniHost host(kLimit, 8 * kLimit, true, "clockpro");
	size_t misses = 0;

	misses_of_a_loop(host, kLimit * 3 / 4, 10);
	for (int lap = 0; lap < 20; lap++)
		for (size_t n = 4 * kLimit; n < 4 * kLimit + kLimit * 3 / 4; n++)
			misses += host.access(n);
	/* It is read in once, and again until the old one has given way. */
	EXPECT_LE(misses, 6 * kLimit * 3 / 4);
	EXPECT_GT(host.refaults, 0u);
	host.check();
}

TEST(Simulation, clockpro_dirty_data_is_written_before_it_is_freed)
{
	for (pd_page_type type : {PD_TYPE_FILE, PD_TYPE_ANON}) {
		MiniHost host(kLimit, 4 * kLimit, true, "clockpro");

		dirty_all(host, type);
		EXPECT_GE(host.written, 2 * kLimit);
		EXPECT_EQ(host.hard_limit_hits, 0u);
	}
}

TEST(Simulation, clockpro_without_swap_hot_file_pages_are_still_found)
{
	MiniHost host(kLimit, 4 * kLimit, false, "clockpro");

	files_beside_anonymous_memory(host);
	EXPECT_EQ(host.hard_limit_hits, 0u);
}

TEST(Simulation, clockpro_every_page_is_conserved_under_random_use)
{
	pd_u64 refaults = 0, forgotten = 0;

	for (unsigned seed = 1; seed <= 3; seed++) {
		MiniHost host(2048, 8192, seed % 2, "clockpro");

		use_at_random(host, seed);
		EXPECT_EQ(host.lost, 0u);
		EXPECT_EQ(host.hard_limit_hits, 0u);
		host.check();
		refaults += host.refaults;
		forgotten += host.forgotten;
		EXPECT_GE(host.remembered, host.refaults + host.forgotten);
	}
	EXPECT_GT(refaults, 0u);
	EXPECT_GT(forgotten, 0u);
}
