// SPDX-License-Identifier: GPL-2.0
#include "advise.hh"
#include "chart.hh"
#include "error.hh"
#include "fake_module.h"

namespace pagedaemon::ctl
{
namespace
{

TEST(Limits, are_pages_sizes_or_shares)
{
	EXPECT_EQ(parse_limit("8192", 0), 8192u);
	EXPECT_EQ(parse_limit("32M", 0), 8192u);
	EXPECT_EQ(parse_limit("4k", 0), 1u);
	EXPECT_EQ(parse_limit("1G", 0), 262144u);
	EXPECT_EQ(parse_limit("150%", 1000), 1500u);
	EXPECT_THROW(parse_limit("150%", 0), Refused);
	EXPECT_THROW(parse_limit("0", 0), Refused);
	EXPECT_THROW(parse_limit("1K", 0), Refused);
	EXPECT_THROW(parse_limit("18446744073709551615", 0), Refused);
	EXPECT_THROW(parse_limit("2147483648G", 0), Refused);
	for (const char *text : {"", "%", "M", "x", "-1", "1T", "1.5M", "1 M"})
		EXPECT_THROW(parse_limit(text, 1000), Usage) << text;
}

TEST(Limits, usually_go_from_half_to_twice_the_recorded_one)
{
	auto limits = usual_limits(1000);
	EXPECT_EQ(limits.front(), 500u);
	EXPECT_EQ(limits.back(), 2000u);
	EXPECT_NE(std::ranges::find(limits, 1000u), limits.end());
	EXPECT_EQ(usual_limits(1).front(), 1u);
}

Row row(std::uint64_t limit, std::uint64_t a, std::uint64_t b)
{
	return {limit, {{"a", a, 0}, {"b", b, 0}}};
}

TEST(BestPolicy, has_the_fewest_misses)
{
	EXPECT_EQ(row(1, 5, 4).best("a").policy, "b");
	EXPECT_EQ(row(1, 4, 5).best("b").policy, "a");
}

TEST(BestPolicy, is_the_one_in_force_where_others_are_no_better)
{
	EXPECT_EQ(row(1, 5, 5).best("b").policy, "b");
	EXPECT_EQ(row(1, 5, 5).best("other").policy, "a");
}

TEST(Knee, is_where_misses_stop_falling)
{
	Row falls[] = {row(1, 1000, 2000), row(2, 500, 400), row(3, 110, 300),
		       row(4, 100, 100)};
	EXPECT_EQ(knee(falls).limit, 3u);
	Row still[] = {row(1, 1000, 1000), row(2, 800, 900), row(3, 500, 500)};
	EXPECT_EQ(knee(still).limit, 3u);
	Row flat[] = {row(1, 10, 20), row(2, 10, 10)};
	EXPECT_EQ(knee(flat).limit, 1u);
	/* More memory may bring more misses: FIFO's anomaly. */
	Row rises[] = {row(1, 10, 10), row(2, 12, 12)};
	EXPECT_EQ(knee(rises).limit, 1u);
}

class Advise : public FakeModule
{
protected:
	/* Pages in a circle, which no policy of the kind can keep below its size. */
	std::string circle(unsigned pages, unsigned rounds, const std::string &header)
	{
		std::string text = header;
		for (unsigned i = 0; i < pages * rounds; i++)
			text += std::to_string(i % pages) + " f\n";
		put(root / "t", text);
		return (root / "t").string();
	}
};

TEST_F(Advise, says_what_every_policy_would_miss)
{
	std::string trace = circle(1000, 20, "# limit: 1000 pages\n# policy: mach\n");
	EXPECT_EQ(run({"advise", trace, "--json"}), 0) << err;
	auto document = json();
	EXPECT_EQ(document["accesses"], 20000);
	EXPECT_EQ(document["pages"], 1000);
	EXPECT_EQ(document["recorded_limit"], 1000);
	EXPECT_EQ(document["limit"], 1000);
	EXPECT_EQ(document["table"].size(), 16u);
	auto largest = document["table"].back();
	EXPECT_EQ(largest["limit"], 2000);
	/* Everything fits: each page is missed once, so the policy may stay. */
	EXPECT_EQ(largest["best"], "mach");
	for (const auto &[policy, outcome] : largest["policies"].items())
		EXPECT_EQ(outcome["misses"], 1000) << policy;
	/* Half of it does not. */
	for (const auto &[policy, outcome] :
	     document["table"].front()["policies"].items())
		EXPECT_GT(outcome["misses"], 5000) << policy;
	EXPECT_GT(document["knee"], 900);
}

TEST_F(Advise, says_it_in_words)
{
	std::string trace = circle(100, 5, "# limit: 300 pages\n# lost events: 7\n");
	EXPECT_EQ(run({"advise", trace, "--policy", "freebsd", "--policy", "mach"}), 0)
		<< err;
	EXPECT_NE(out.find("policy: freebsd: 100 misses expected of 500 accesses (20.0 "
			   "%) at 300 "
			   "pages (1.2 MiB)"),
		  out.npos)
		<< out;
	EXPECT_EQ(out.find("netbsd"), out.npos);
	EXPECT_NE(err.find("lacks 7 events"), err.npos) << err;
}

TEST_F(Advise, takes_limits_of_the_user)
{
	std::string trace = circle(100, 5, "");
	EXPECT_EQ(run({"advise", trace, "--limit", "300", "--limit", "2M", "--json"}), 0)
		<< err;
	ASSERT_EQ(json()["table"].size(), 2u);
	EXPECT_EQ(json()["table"][1]["limit"], 512);
	EXPECT_EQ(json()["limit"], 300);
}

TEST_F(Advise, refuses_in_words)
{
	auto refused = [&](std::vector<std::string> words, const char *text,
			   int code = 1) {
		EXPECT_EQ(run(words), code);
		EXPECT_NE(err.find(text), err.npos) << err;
		EXPECT_EQ(out, "");
	};
	std::string trace = circle(10, 2, "");
	refused({"advise", trace}, "give --limit");
	refused({"advise", trace, "--limit", "50%"}, "of what?");
	refused({"advise", trace, "--limit", "some"}, "is no limit", 2);
	refused({"advise", trace, "--limit", "50", "--policy", "lru"},
		"unknown policy: lru");
	refused({"advise", (root / "nope").string(), "--limit", "50"}, "nope");
	put(root / "bad", "1 f\nnot a trace\n");
	refused({"advise", (root / "bad").string(), "--limit", "50"}, "line 2");
	put(root / "empty", "# limit: 5 pages\n");
	refused({"advise", (root / "empty").string()}, "empty");
	refused({"advise", trace, "--limit", "50", "--chart", "/nope/chart.svg"},
		"cannot draw");
}

TEST_F(Advise, draws_a_chart)
{
	std::string trace = circle(100, 5, "# limit: 60 pages\n");
	std::string chart = (root / "it's.svg").string();
	EXPECT_EQ(run({"advise", trace, "--chart", chart}), 0) << err;
	std::string drawn = content(chart);
	EXPECT_NE(drawn.find("<svg"), drawn.npos);
	EXPECT_NE(drawn.find("netbsd"), drawn.npos);
}

TEST(Chart, has_a_line_for_each_policy)
{
	Row rows[] = {row(10, 5, 4), row(20, 3, 2)};
	std::string script = chart_script(rows, 15, "/tmp/it's.svg");
	EXPECT_NE(script.find("10 5 4\n20 3 2\nEND\n"), script.npos) << script;
	EXPECT_NE(script.find("using 1:3 with linespoints title 'b'"), script.npos);
	EXPECT_NE(script.find("set output '/tmp/it''s.svg'"), script.npos);
	EXPECT_NE(script.find("from first 15,"), script.npos);
	EXPECT_EQ(chart_script(rows, 0, "x").find("arrow"), script.npos);
}

} // namespace
} // namespace pagedaemon::ctl
