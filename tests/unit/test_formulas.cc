// SPDX-License-Identifier: GPL-2.0
#include "policy_test.h"

#include "../../src/policy/formulas.hh"

namespace pd = pagedaemon;

TEST(Formulas, page_counts_are_cut_to_what_memory_can_have)
{
	EXPECT_EQ(pd::pages(pd_u64{0}), 0);
	EXPECT_EQ(pd::pages(pd_u64{4711}), 4711);
	EXPECT_EQ(pd::pages(~pd_u64{0}), pd::kMaxPages);
	EXPECT_EQ(pd::pages(pd_s64{-4711}), -4711);
	EXPECT_EQ(pd::pages(pd_s64{-__INT64_MAX__ - 1}), -pd::kMaxPages);
	EXPECT_EQ(pd::pages(pd_s64{__INT64_MAX__}), pd::kMaxPages);
}

TEST(Formulas, credit_and_charge_stop_at_the_ends)
{
	pd_s64 field = __INT64_MAX__ - 1;

	pd::credit(field, 5);
	EXPECT_EQ(field, __INT64_MAX__);
	pd::charge(field, -5);
	EXPECT_EQ(field, __INT64_MAX__);
	field = -__INT64_MAX__;
	pd::charge(field, 5);
	EXPECT_EQ(field, -__INT64_MAX__ - 1);
	pd::credit(field, -5);
	EXPECT_EQ(field, -__INT64_MAX__ - 1);
	pd::credit(field, 1);
	EXPECT_EQ(field, -__INT64_MAX__);
}

TEST(Formulas, a_share_is_rounded_up)
{
	EXPECT_EQ(pd::share(100, 1, 4), 25);
	EXPECT_EQ(pd::share(101, 1, 4), 26);
	EXPECT_EQ(pd::share(1, 1, 1000), 1);
	EXPECT_EQ(pd::share(0, 1, 4), 0);
	EXPECT_EQ(pd::share(100, 0, 4), 0);
	/* A surplus is rounded down, so that it is not overstated. */
	EXPECT_EQ(pd::share(-101, 1, 4), -25);
	EXPECT_EQ(pd::share(-100, 1, 4), -25);
}

TEST(Formulas, a_share_of_nothing_known_is_all)
{
	EXPECT_EQ(pd::share(100, 0, 0), 100);
	EXPECT_EQ(pd::share(100, 5, 4), 100);
	EXPECT_EQ(pd::share(-100, 5, 5), -100);
}

TEST(Formulas, shares_make_the_whole_and_little_more)
{
	Edges random(11);

	for (int round = 0; round < 20000; round++) {
		const int n = 1 + static_cast<int>(random(16));
		const pd_s64 amount =
			static_cast<pd_s64>(random(1ull << (1 + random(50))));
		pd_u64 part[16], whole = 0;
		pd_s64 sum = 0;

		for (int i = 0; i < n; i++)
			whole += part[i] = random(1ull << (1 + random(30)));
		if (whole == 0 || whole >> 31 != 0)
			continue;
		for (int i = 0; i < n; i++)
			sum += pd::share(amount, part[i], whole);
		ASSERT_GE(sum, amount);
		ASSERT_LE(sum, amount + n);
	}
}

TEST(Formulas, a_share_of_huge_memory_stays_in_range)
{
	const pd_u64 huge = pd_u64{1} << 53;

	EXPECT_NEAR(static_cast<double>(pd::share(1 << 30, huge / 4, huge)), 1 << 28, 2);
	EXPECT_EQ(pd::share(pd::kMaxPages, huge - 1, huge), pd::kMaxPages);
	EXPECT_EQ(pd::share(-pd::kMaxPages, huge - 1, huge), -pd::kMaxPages);
}

TEST(Formulas, activity_rises_to_64_and_falls_to_0)
{
	for (unsigned act = 0; act < 256; act++) {
		for (unsigned by = 0; by < 300; by++) {
			const unsigned start = act < 64 ? act : 64;
			const auto a = static_cast<pd_u8>(act);

			ASSERT_EQ(pd::act_raised(a, by),
				  start + by < 64 ? start + by : 64);
			if (by < 256) {
				ASSERT_EQ(pd::act_decayed(a, static_cast<pd_u8>(by)),
					  start > by ? start - by : 0);
			}
		}
	}
	EXPECT_EQ(pd::act_raised(1, ~0u), 64);
	EXPECT_EQ(pd::act_started(0), 5);
	EXPECT_EQ(pd::act_started(6), 6);
	EXPECT_EQ(pd::act_started(255), 64);
}

TEST(Formulas, page_table_references_count_for_mapped_pages_only)
{
	EXPECT_EQ(pd::act_delta(make_view(PD_TYPE_FILE, PD_PAGE_MAPPED, 5, 0)), 5u);
	EXPECT_EQ(pd::act_delta(make_view(PD_TYPE_FILE, PD_PAGE_MAPPED, 5, 1)), 6u);
	EXPECT_EQ(pd::act_delta(make_view(PD_TYPE_FILE, PD_PAGE_MAPPED, 0, 200)), 1u);
	EXPECT_EQ(pd::act_delta(make_view(PD_TYPE_FILE, 0, 5, 0)), 0u);
	EXPECT_EQ(pd::act_delta(make_view(PD_TYPE_FILE, 0, 0, 0)), 0u);
}

TEST(Formulas, a_folio_of_no_pages_counts_as_one)
{
	EXPECT_EQ(pd::size_of(make_view(PD_TYPE_FILE, 0, 0, 0, 0)), 1);
	EXPECT_EQ(pd::size_of(make_view(PD_TYPE_FILE, 0, 0, 0, 512)), 512);
	EXPECT_EQ(pd::size_of(make_view(PD_TYPE_FILE, 0, 0, 0, ~0u)), 4294967295);
}
