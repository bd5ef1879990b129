// SPDX-License-Identifier: GPL-2.0
/* The baselines against slow and plain implementations of the same. */
#include "sim_test.h"

#include <algorithm>
#include <deque>
#include <list>
#include <map>

#include "../../tools/sim/baselines.hh"

using namespace pagedaemon::sim;

namespace
{

u64 slow_fifo(const Trace &trace, u32 frames)
{
	std::deque<u32> queue;
	u64 misses = 0;

	for (const u32 page : trace.ids) {
		if (std::find(queue.begin(), queue.end(), page) != queue.end())
			continue;
		misses++;
		if (queue.size() == frames)
			queue.pop_front();
		queue.push_back(page);
	}
	return misses;
}

/* As a queue in which the oldest page is put in again if its bit is set. */
u64 slow_clock(const Trace &trace, u32 frames)
{
	std::deque<u32> queue;
	std::map<u32, bool> bit;
	u64 misses = 0;

	for (const u32 page : trace.ids) {
		if (bit.contains(page)) {
			bit[page] = true;
			continue;
		}
		misses++;
		if (queue.size() == frames) {
			while (bit[queue.front()]) {
				bit[queue.front()] = false;
				queue.push_back(queue.front());
				queue.pop_front();
			}
			bit.erase(queue.front());
			queue.pop_front();
		}
		queue.push_back(page);
		bit[page] = false;
	}
	return misses;
}

u64 slow_lru(const Trace &trace, u32 frames)
{
	std::list<u32> list;
	u64 misses = 0;

	for (const u32 page : trace.ids) {
		const auto at = std::find(list.begin(), list.end(), page);

		if (at != list.end()) {
			list.erase(at);
		} else {
			misses++;
			if (list.size() == frames)
				list.pop_back();
		}
		list.push_front(page);
	}
	return misses;
}

/* Looks for the page whose next use is farthest away, each time. */
u64 slow_belady(const Trace &trace, u32 frames)
{
	std::vector<u32> resident;
	u64 misses = 0;

	for (std::size_t now = 0; now < trace.ids.size(); now++) {
		const u32 page = trace.ids[now];

		if (std::find(resident.begin(), resident.end(), page) != resident.end())
			continue;
		misses++;
		if (resident.size() == frames) {
			const auto use = [&](u32 other) {
				return std::find(trace.ids.begin() +
							 static_cast<std::ptrdiff_t>(now),
						 trace.ids.end(), other);
			};

			resident.erase(std::max_element(
				resident.begin(), resident.end(),
				[&](u32 a, u32 b) { return use(a) < use(b); }));
		}
		resident.push_back(page);
	}
	return misses;
}

u64 belady(const Trace &trace, u32 frames)
{
	return run_belady(trace, next_uses(trace), frames).misses;
}

} // namespace

TEST(Baselines, each_equals_a_plain_implementation)
{
	for (unsigned seed = 1; seed <= 6; seed++) {
		const Trace trace = random_trace(seed, 3000, 20 + 30 * seed);

		for (const u32 frames : {1u, 2u, 3u, 7u, 20u, 64u, 200u}) {
			EXPECT_EQ(run_fifo(trace, frames).misses,
				  slow_fifo(trace, frames));
			EXPECT_EQ(run_clock(trace, frames).misses,
				  slow_clock(trace, frames));
			EXPECT_EQ(run_lru(trace, frames).misses, slow_lru(trace, frames));
			EXPECT_EQ(belady(trace, frames), slow_belady(trace, frames));
		}
	}
}

/* The reference string of Belady's anomaly, worked out by hand many times. */
TEST(Baselines, the_anomaly_of_fifo)
{
	const Trace trace = trace_of({1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5});

	EXPECT_EQ(run_fifo(trace, 3).misses, 9u);
	EXPECT_EQ(run_fifo(trace, 4).misses, 10u);
	EXPECT_EQ(run_lru(trace, 3).misses, 10u);
	EXPECT_EQ(run_lru(trace, 4).misses, 8u);
	EXPECT_EQ(belady(trace, 3), 7u);
	EXPECT_EQ(belady(trace, 4), 6u);
}

TEST(Baselines, clock_gives_no_second_chance_for_the_first_access)
{
	/* 1 was used again, 2 was not: 2 goes, though 1 is older. */
	EXPECT_EQ(run_clock(trace_of({1, 2, 1, 3, 1}), 2).misses, 3u);
	EXPECT_EQ(run_clock(trace_of({1, 2, 1, 3, 2}), 2).misses, 4u);
	EXPECT_EQ(run_fifo(trace_of({1, 2, 1, 3, 1}), 2).misses, 4u);
}

TEST(Baselines, a_loop_beyond_the_frames_defeats_lru_and_not_belady)
{
	std::vector<u64> pages;

	for (u64 i = 0; i < 1000; i++)
		pages.push_back(i % 100);

	const Trace trace = trace_of(pages);

	EXPECT_EQ(run_lru(trace, 99).misses, 1000u);
	/* 100 to begin with, then one in each 99 or so. */
	EXPECT_EQ(belady(trace, 99), slow_belady(trace, 99));
	EXPECT_LT(belady(trace, 99), 120u);
	EXPECT_EQ(run_lru(trace, 100).misses, 100u);
}

TEST(Baselines, next_uses_point_to_the_same_page)
{
	const Trace trace = trace_of({1, 2, 1, 1, 3});

	EXPECT_EQ(next_uses(trace), (std::vector<u32>{2, kNone, 3, kNone, kNone}));
}

/* Words of words of bits: more than 64^2 times. */
TEST(Baselines, belady_over_a_long_trace)
{
	const Trace trace = random_trace(99, 300000, 5000);
	u64 before = ~u64{0};

	for (const u32 frames : {1u, 10u, 100u, 1000u, 4999u, 5000u}) {
		const u64 misses = belady(trace, frames);

		EXPECT_LE(misses, run_lru(trace, frames).misses);
		EXPECT_LE(misses, before);
		before = misses;
	}
	EXPECT_EQ(before, trace.pages);
}
