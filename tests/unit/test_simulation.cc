// SPDX-License-Identifier: GPL-2.0
/* What FreeBSD's policy achieves with streams, hot sets and swap. */
#include "mini_host.h"

namespace
{

constexpr size_t kLimit = 4096; /* 16 MiB */
constexpr size_t kHot = 1500;

} // namespace

TEST(Simulation, mapped_hot_set_survives_a_stream)
{
	MiniHost host(kLimit, kHot + 4 * kLimit);

	host.set_type(0, kHot, PD_TYPE_FILE, true);
	EXPECT_LT(stream_past_hot_set(host, kHot, 4 * kLimit), 8 * kLimit / 100);
	EXPECT_EQ(host.hard_limit_hits, 0u);
	host.check();
}

TEST(Simulation, read_hot_set_survives_a_stream)
{
	MiniHost host(kLimit, kHot + 4 * kLimit);

	EXPECT_LT(stream_past_hot_set(host, kHot, 4 * kLimit), 8 * kLimit / 100);
	EXPECT_EQ(host.hard_limit_hits, 0u);
	host.check();
}

TEST(Simulation, anonymous_hot_set_survives_a_stream)
{
	MiniHost host(kLimit, kHot + 4 * kLimit);

	host.set_type(0, kHot, PD_TYPE_ANON, true);
	EXPECT_LT(stream_past_hot_set(host, kHot, 4 * kLimit), 8 * kLimit / 100);
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
	const size_t anon = kLimit / 2;
	MiniHost host(kLimit, 4 * kLimit, false);

	host.set_type(0, anon, PD_TYPE_ANON, true);
	host.set_type(anon, 3 * kLimit, PD_TYPE_FILE, true);
	for (size_t n = 0; n < anon; n++)
		host.access(n, true);
	/* Faulted file pages start active; anonymous ones cannot leave. */
	for (size_t n = anon; n < anon + 3 * kLimit; n++)
		host.access(n);
	EXPECT_EQ(host.hard_limit_hits, 0u);
	for (size_t n = 0; n < anon; n++)
		ASSERT_FALSE(host.access(n)) << "an anonymous page is gone";
	host.check();
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
