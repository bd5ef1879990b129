// SPDX-License-Identifier: GPL-2.0
/* Generators: distributions, repeatability, bad specifications. */
#include "sim_test.h"

#include <algorithm>
#include <cmath>
#include <set>

#include <pagedaemon/types.h>

#include "../../tools/sim/generate.hh"

using namespace pagedaemon::sim;

namespace
{

std::vector<u64> counts_of(const Trace &trace)
{
	std::vector<u64> counts(trace.pages);

	for (const u32 page : trace.ids)
		counts.at(page)++;
	std::sort(counts.rbegin(), counts.rend());
	return counts;
}

std::string spec_error(const std::string &spec)
{
	return error_of([&] { generate(spec); });
}

} // namespace

/* Chi-squared over the ranks, at five standard deviations: a seed is a seed. */
TEST(Generate, zipf_ranks_have_their_chances)
{
	constexpr u64 n = 200;
	constexpr u64 draws = 400000;

	for (const double alpha : {0.0, 0.5, 0.9, 1.0, 1.2, 2.5}) {
		const Zipf zipf(n, alpha);
		std::vector<u64> seen(n);
		Random random(11);
		double sum = 0;
		double chi = 0;

		for (u64 i = 0; i < draws; i++)
			seen.at(zipf(random))++;
		for (u64 k = 1; k <= n; k++)
			sum += std::pow(k, -alpha);
		for (u64 k = 1; k <= n; k++) {
			const double expected = draws * std::pow(k, -alpha) / sum;

			chi += std::pow(static_cast<double>(seen[k - 1]) - expected, 2) /
			       expected;
		}
		EXPECT_LT(chi, n + 5 * std::sqrt(2.0 * n)) << alpha;
		EXPECT_GT(chi, n - 5 * std::sqrt(2.0 * n)) << alpha;
	}
}

TEST(Generate, zipf_of_one_page_and_of_many)
{
	Random random(1);
	const Zipf one(1, 1);
	const Zipf many(u64{1} << 31, 0.99);

	for (int i = 0; i < 1000; i++) {
		EXPECT_EQ(one(random), 0u);
		EXPECT_LT(many(random), u64{1} << 31);
	}
}

TEST(Generate, zipf_spreads_its_hot_pages)
{
	const Trace trace = generate("zipf:pages=1000,refs=200000,alpha=1");
	const std::vector<u64> counts = counts_of(trace);
	const double first = static_cast<double>(counts[0]);

	/* The sum of 1/k to 1000 is 7.485. */
	EXPECT_NEAR(first, 200000 / 7.485, 1000);
	EXPECT_NEAR(first / static_cast<double>(counts[9]), 10, 1.5);
	EXPECT_NE(std::max_element(trace.ids.begin(), trace.ids.begin() + 100),
		  trace.ids.begin());
}

TEST(Generate, loop_comes_round)
{
	const Trace trace = generate("loop:pages=3,refs=7");

	EXPECT_EQ(trace.ids, (std::vector<u32>{0, 1, 2, 0, 1, 2, 0}));
	EXPECT_EQ(trace.pages, 3u);
}

TEST(Generate, scan_has_the_share_of_runs_it_says)
{
	const Trace trace =
		generate("scan:pages=10000,hot=1000,length=100,share=0.3,refs=500000");
	u64 scanned = 0;
	u64 follows = 0;

	for (std::size_t i = 0; i < trace.ids.size(); i++) {
		const bool cold = trace.ids[i] >= 1000;

		scanned += cold;
		follows += cold && i > 0 && trace.ids[i] == trace.ids[i - 1] + 1;
	}
	EXPECT_NEAR(static_cast<double>(scanned) / 500000, 0.3, 0.03);
	EXPECT_GT(follows, scanned * 97 / 100);
}

TEST(Generate, phases_use_other_pages)
{
	const Trace trace = generate("phase:pages=50,phases=3,period=1000,refs=4000");

	EXPECT_EQ(trace.pages, 150u);
	for (std::size_t i = 0; i < trace.ids.size(); i++)
		ASSERT_EQ(trace.ids[i] / 50, i / 1000 % 3);
}

TEST(Generate, tenants_have_memory_of_their_own_kind)
{
	const Trace trace =
		generate("tenants:pages=100,loop=200,share=0.25,refs=100000,writes=0.1");
	u64 file = 0;
	u64 writes = 0;

	ASSERT_EQ(trace.ops.size(), trace.ids.size());
	for (std::size_t i = 0; i < trace.ids.size(); i++) {
		const bool loops = trace.ids[i] >= 100;

		ASSERT_EQ((trace.ops[i] & ~kOpWrite),
			  op_of_type(loops ? PD_TYPE_FILE : PD_TYPE_ANON));
		file += loops;
		writes += trace.ops[i] & kOpWrite;
	}
	EXPECT_NEAR(static_cast<double>(file) / 100000, 0.25, 0.01);
	EXPECT_NEAR(static_cast<double>(writes) / 100000, 0.1, 0.01);
}

TEST(Generate, the_same_specification_makes_the_same_trace)
{
	for (const char *spec : {"zipf", "scan:writes=0.5", "phase", "tenants", "loop"}) {
		const Trace first = generate(spec);
		const Trace second = generate(spec);

		EXPECT_EQ(first.ids, second.ids) << spec;
		EXPECT_EQ(first.ops, second.ops) << spec;
	}
	EXPECT_NE(generate("zipf:seed=1").ids, generate("zipf:seed=2").ids);
}

TEST(Generate, names_of_files_are_no_generators)
{
	EXPECT_TRUE(is_generator("zipf"));
	EXPECT_TRUE(is_generator("zipf:alpha=1"));
	EXPECT_FALSE(is_generator("zipf.txt"));
	EXPECT_FALSE(is_generator("./zipf"));
	EXPECT_FALSE(is_generator("zip"));
}

TEST(Generate, bad_specifications_are_refused_in_words)
{
	EXPECT_EQ(spec_error("zipf:pages=0"),
		  "generator zipf:pages=0: pages is to be 1 to 2147483648, not 0");
	EXPECT_EQ(spec_error("zipf:alpha=x"),
		  "generator zipf:alpha=x: alpha=x is no number of its kind");
	EXPECT_EQ(spec_error("zipf:alpha=nan"),
		  "generator zipf:alpha=nan: alpha is to be 0 to 10, not nan");
	EXPECT_EQ(spec_error("zipf:refs=-1"),
		  "generator zipf:refs=-1: refs=-1 is no number of its kind");
	EXPECT_EQ(spec_error("loop:alpha=1"),
		  "generator loop:alpha=1: there is no alpha; the keys are pages, refs, "
		  "seed, type, writes");
	EXPECT_EQ(spec_error("loop:pages"),
		  "generator loop:pages: expected KEY=VALUE, not \"pages\"");
	EXPECT_EQ(spec_error("loop:pages=1,pages=2"),
		  "generator loop:pages=1,pages=2: pages is given twice");
	EXPECT_EQ(spec_error("loop:type=stone"),
		  "generator loop:type=stone: type is to be anon, shmem, file or exec");
	EXPECT_EQ(spec_error("nothing"), "nothing is no generator");
}
