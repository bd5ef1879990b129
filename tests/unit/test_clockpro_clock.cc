// SPDX-License-Identifier: GPL-2.0
/* The clock of CLOCK-Pro's policy: tickets, stamps, test periods, the cold target. */
#include "policy_test.h"

#include "../../src/policy/clockpro_clock.hh"

namespace
{

using pagedaemon::Clock;

constexpr pd_u64 kHot = 10000;
/* More than two units of time, whatever a unit is. */
constexpr pd_u64 kWhile = 16384 / 8;

class ClockProClock : public testing::Test
{
protected:
	ClockProClock()
	{
		clock.follow(memory(kHot));
	}

	static pd_memory memory(pd_u64 hot, pd_u64 limit = 16384)
	{
		pd_memory m = memory_64m(0);

		m.limit = limit;
		m.active = m.total_active = hot;
		m.inactive = m.total_inactive = limit > hot ? limit - hot : 0;
		return m;
	}

	/* The hand goes past pages that are all in use. */
	void turn(pd_u64 pages)
	{
		for (pd_u64 n = 0; n < pages; n++) {
			clock.hand_passes(1);
			clock.draw_ticket();
		}
	}

	void raise_cold_target(pd_s64 to)
	{
		clock.adjust(to - clock.cold_target());
		ASSERT_EQ(clock.cold_target(), to);
	}

	Clock clock;
};

} // namespace

TEST_F(ClockProClock, a_test_period_is_one_time_round)
{
	const pd_u8 stamp = clock.stamp();

	EXPECT_TRUE(clock.is_ahead(stamp));
	turn(kHot - kWhile);
	EXPECT_TRUE(clock.is_ahead(stamp));
	turn(2 * kWhile);
	EXPECT_FALSE(clock.is_ahead(stamp));
}

TEST_F(ClockProClock, what_becomes_hot_meanwhile_does_not_lengthen_it)
{
	const pd_u8 stamp = clock.stamp();

	for (pd_u64 n = 0; n < kHot / 2; n++)
		clock.draw_ticket();
	EXPECT_TRUE(clock.is_ahead(stamp));
	clock.hand_passes(kHot + kWhile);
	EXPECT_FALSE(clock.is_ahead(stamp));
}

TEST_F(ClockProClock, a_later_stamp_outlives_an_earlier_one)
{
	const pd_u8 early = clock.stamp();

	turn(kHot / 2);

	const pd_u8 late = clock.stamp();

	ASSERT_NE(early, late);
	turn(kHot / 2 + kWhile);
	EXPECT_FALSE(clock.is_ahead(early));
	EXPECT_TRUE(clock.is_ahead(late));
}

TEST_F(ClockProClock, stamps_are_right_however_often_they_wrapped_around)
{
	for (int round = 0; round < 500; round++) {
		const pd_u8 stamp = clock.stamp();

		ASSERT_LE(stamp, Clock::kStampMask);
		ASSERT_TRUE(clock.is_ahead(stamp)) << round;
		turn(kHot + kWhile);
		ASSERT_FALSE(clock.is_ahead(stamp)) << round;
	}
}

TEST_F(ClockProClock, a_ghosts_stamp_is_told_from_those_of_later_rounds)
{
	const pd_u8 stamp = clock.stamp();
	const pd_u32 ghost = clock.ghost_of(stamp);

	EXPECT_GE(ghost, 1u);
	EXPECT_LE(ghost, Clock::kGhostMask);
	EXPECT_TRUE(clock.is_ghost_ahead(ghost));
	turn(kHot - kWhile);
	EXPECT_TRUE(clock.is_ghost_ahead(ghost));
	turn(2 * kWhile);
	for (int round = 0; round < 3; round++) {
		ASSERT_FALSE(clock.is_ghost_ahead(ghost)) << round;
		turn(kHot);
	}
}

TEST_F(ClockProClock, a_ghost_is_never_0_wherever_the_hand_is)
{
	for (int n = 0; n < 5000; n++) {
		const pd_u32 ghost = clock.ghost_of(clock.stamp());

		ASSERT_GE(ghost, 1u);
		ASSERT_LE(ghost, PD_GHOST_MAX);
		clock.ghost_leaves(ghost);
		turn(kWhile / 4);
	}
}

TEST_F(ClockProClock, the_hand_stops_at_the_newest_hot_page)
{
	clock.hand_passes(kHot - 1);
	EXPECT_EQ(clock.hot(), 1);
	clock.hand_passes(1000);
	EXPECT_EQ(clock.hot(), 0);
	clock.draw_ticket();
	EXPECT_EQ(clock.hot(), 1);
}

TEST_F(ClockProClock, it_follows_what_is_on_the_queue)
{
	EXPECT_EQ(clock.hot(), static_cast<pd_s64>(kHot));
	/* Truncated. */
	clock.follow(memory(4000));
	EXPECT_EQ(clock.hot(), 4000);
	/* Of a policy before. */
	clock.follow(memory(12000));
	EXPECT_EQ(clock.hot(), 12000);
	clock.follow(memory(0));
	EXPECT_EQ(clock.hot(), 0);
}

TEST_F(ClockProClock, with_few_hot_pages_a_test_is_not_over_at_once)
{
	clock.follow(memory(1));
	EXPECT_TRUE(clock.is_ahead(clock.stamp()));
	clock.follow(memory(0));
	EXPECT_TRUE(clock.is_ahead(clock.stamp()));
}

TEST_F(ClockProClock, those_gone_in_test_lower_the_target_as_the_hand_comes_by)
{
	raise_cold_target(5000);

	const pd_u8 stamp = clock.stamp();

	for (int n = 0; n < 300; n++)
		clock.ghost_of(stamp);
	turn(kHot - kWhile);
	EXPECT_EQ(clock.cold_target(), 5000);
	turn(2 * kWhile);
	EXPECT_EQ(clock.cold_target(), 4700);
	turn(kHot);
	EXPECT_EQ(clock.cold_target(), 4700) << "each counts once";
}

TEST_F(ClockProClock, who_came_back_or_was_forgotten_is_not_among_them)
{
	raise_cold_target(5000);

	const pd_u32 ghost = clock.ghost_of(clock.stamp());

	for (int n = 0; n < 9; n++)
		clock.ghost_of(clock.stamp());
	for (int n = 0; n < 4; n++)
		clock.ghost_leaves(ghost);
	turn(kHot + kWhile);
	EXPECT_EQ(clock.cold_target(), 5000 - 6);
	/* No more leave than there are. */
	for (int n = 0; n < 100; n++)
		clock.ghost_leaves(ghost);
	turn(kHot + kWhile);
	EXPECT_EQ(clock.cold_target(), 5000 - 6);
}

TEST_F(ClockProClock, a_jump_of_the_hand_ends_all_tests_it_passes)
{
	raise_cold_target(5000);
	for (int part = 0; part < 8; part++) {
		for (int n = 0; n < 10; n++)
			clock.ghost_of(clock.stamp());
		turn(kHot / 20);
	}
	clock.hand_passes(~pd_u64{0} >> 1);
	clock.follow(memory(kHot));
	turn(kWhile);
	EXPECT_EQ(clock.cold_target(), 5000 - 80);
}

TEST_F(ClockProClock, the_target_leaves_something_for_hot_and_for_cold_pages)
{
	clock.adjust(pd_s64{1} << 40);
	EXPECT_GT(clock.hot_target(), 0);
	EXPECT_LT(clock.hot_target(), 1000);
	clock.adjust(-(pd_s64{1} << 41));
	EXPECT_GT(clock.cold_target(), 0);
	EXPECT_LT(clock.cold_target(), 1000);
	EXPECT_EQ(clock.cold_target() + clock.hot_target(), 16384);
}

TEST_F(ClockProClock, what_is_kept_free_counts_as_cold)
{
	pd_memory m = memory(kHot);
	const pd_s64 before = clock.hot_target();

	m.free = 200;
	clock.follow(m);
	EXPECT_GT(clock.hot_target() + clock.cold_target(), before);
	EXPECT_EQ(clock.hot_target() + clock.cold_target(), 16384 + 200);
	/* What is missing is nobody's. */
	m.free = -5000;
	clock.follow(m);
	EXPECT_EQ(clock.hot_target() + clock.cold_target(), 16384);
}

TEST_F(ClockProClock, another_limit_moves_the_target_into_its_bounds)
{
	raise_cold_target(10000);
	clock.follow(memory(300, 1000));
	EXPECT_GE(clock.hot_target(), 0);
	EXPECT_LT(clock.cold_target(), 1000);
	clock.follow(memory(kHot, 65536));
	EXPECT_GT(clock.hot_target(), 60000);

	const pd_u8 stamp = clock.stamp();

	EXPECT_TRUE(clock.is_ahead(stamp));
	turn(kHot + 65536 / 8);
	EXPECT_FALSE(clock.is_ahead(stamp));
}

TEST_F(ClockProClock, warm_up_ends_before_all_memory_is_hot)
{
	for (pd_u64 limit : {1, 2, 3, 10, 200, 16384}) {
		Clock fresh;
		pd_u64 hot = 0;

		fresh.resize(limit);
		for (; hot <= limit && fresh.has_room_for_hot(); hot++)
			fresh.draw_ticket();
		EXPECT_LT(hot, limit + (limit < 3)) << limit;
		EXPECT_GE(hot, limit * 9 / 10 - (limit > 2 ? 2 : limit * 9 / 10))
			<< limit;
	}
}

TEST_F(ClockProClock, any_numbers_are_borne)
{
	Edges random(13);

	for (int n = 0; n < 50000; n++) {
		const auto stamp = static_cast<pd_u8>(random(256));
		const auto ghost = static_cast<pd_u32>(random.u64());

		switch (random(7)) {
		case 0:
			clock.follow(random.memory());
			break;
		case 1:
			clock.resize(random.u64());
			break;
		case 2:
			clock.hand_passes(random.u64());
			break;
		case 3:
			ASSERT_LE(clock.ghost_of(stamp) - 1, PD_GHOST_MAX - 1);
			break;
		case 4:
			clock.ghost_leaves(ghost);
			break;
		case 5:
			clock.adjust(static_cast<pd_s64>(random(2001)) - 1000);
			break;
		default:
			clock.draw_ticket();
		}
		clock.is_ahead(stamp);
		clock.is_ghost_ahead(ghost);
		ASSERT_LE(clock.stamp(), Clock::kStampMask);
	}
	clock.follow(memory(kHot));
	ASSERT_EQ(clock.hot(), static_cast<pd_s64>(kHot));
	ASSERT_GE(clock.cold_target(), 1);
	ASSERT_GE(clock.hot_target(), 1);
}
