// SPDX-License-Identifier: GPL-2.0
/* Capacities, knobs, tables and output; then the program itself. */
#include "sim_test.h"

#include <array>
#include <sys/wait.h>

#include <nlohmann/json.hpp>

#include "../../tools/sim/capacity.hh"
#include "../../tools/sim/knobs.hh"
#include "../../tools/sim/runner.hh"
#include "../../tools/sim/table.hh"

using namespace pagedaemon::sim;

namespace
{

std::string frames_error(const std::string &text)
{
	return error_of([&] { parse_capacities({text}, 1000); });
}

std::string knob_error(const std::string &text)
{
	return error_of([&] { parse_knob(text); });
}

/* Two rows: LRU 10 and 20, Belady 30 and 20, one of them without a gap. */
Table two_rows()
{
	Table table;

	table.policies = {"lru", "belady", "clockpro"};
	table.rows = {{{"a", 10, {{"clockpro", 25.0}, {"lru", 10.0}}}, {10, 30, 25}},
		      {{"b,c", 20, {{"clockpro", 21.5}}}, {20, 20, 20}}};
	return table;
}

/* Standard output and error together, and the exit status. */
struct Ran {
	std::string out;
	int status;
};

Ran sim(const std::string &arguments)
{
	std::FILE *pipe = popen((sim_binary() + " " + arguments + " 2>&1").c_str(), "r");
	std::array<char, 4096> buffer;
	Ran ran;

	while (const std::size_t n = std::fread(buffer.data(), 1, buffer.size(), pipe))
		ran.out.append(buffer.data(), n);
	ran.status = WEXITSTATUS(pclose(pipe));
	return ran;
}

std::size_t lines_in(const std::string &text)
{
	return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

} // namespace

TEST(Capacity, numbers_shares_and_ranges)
{
	EXPECT_EQ(parse_capacities({"7", "10%", "0.01%", "7"}, 1000),
		  (std::vector<u32>{1, 7, 100}));
	EXPECT_EQ(parse_capacities({"10..1000:3"}, 1), (std::vector<u32>{10, 100, 1000}));
	EXPECT_EQ(parse_capacities({"1%..100%:3"}, 1000),
		  (std::vector<u32>{10, 100, 1000}));
	/* Points that fall together are one. */
	EXPECT_EQ(parse_capacities({"1..3:50"}, 1), (std::vector<u32>{1, 2, 3}));
	EXPECT_EQ(split("a,b,"), (std::vector<std::string>{"a", "b", ""}));
}

TEST(Capacity, bad_ones_are_refused_in_words)
{
	for (const char *text : {"", "x", "1.5", "1..2", "1..2:", "1..2:1", "9..2:3",
				 "1..2:3:4", "1..", "nan", "inf", "-", "1e9999"})
		EXPECT_NE(frames_error(text), "") << text;
	EXPECT_EQ(frames_error("0"), "\"0\" is 0 frames; 1 to 4294967000 can be");
	EXPECT_EQ(frames_error("-5"), "\"-5\" is -5 frames; 1 to 4294967000 can be");
	EXPECT_EQ(frames_error("5x"),
		  "expected a number of frames, P% or A..B:N, not \"5x\"");
}

TEST(Knobs, have_the_bounds_of_the_module)
{
	const pd_knobs knobs = knobs_for("freebsd", {parse_knob("update_period=60"),
						     parse_knob("netbsd.anonmin=50"),
						     parse_knob("freebsd.free_min=99"),
						     parse_knob("max_launder=5"),
						     parse_knob("max_launder=auto")});

	EXPECT_EQ(knobs.update_period, 60u);
	EXPECT_EQ(knobs.anonmin, pd_knobs_defaults().anonmin);
	EXPECT_EQ(knobs.free_min, 99u);
	EXPECT_EQ(knobs.max_launder, PD_AUTO);
	EXPECT_EQ(knob_error("update_period=86401"),
		  "knob update_period takes 0 to 86400 seconds or auto, not \"86401\"");
	EXPECT_EQ(knob_error("update_period=x"),
		  "knob update_period takes 0 to 86400 seconds or auto, not \"x\"");
	EXPECT_EQ(knob_error("nothing=1"),
		  "there is no knob nothing; `pagedaemon-sim list` has them");
	EXPECT_EQ(knob_error("vms.free_min=1"),
		  "there is no policy \"vms\" to set free_min of");
	EXPECT_EQ(knob_error("free_min"),
		  "expected KNOB=VALUE or POLICY.KNOB=VALUE, not \"free_min\"");
	EXPECT_EQ(error_of([] {
			  knobs_for("netbsd",
				    {parse_knob("anonmin=60"), parse_knob("filemin=40")});
		  }),
		  "netbsd: anonmin, filemin and execmin together are 105 %, 95 at most");
}

TEST(Policies, names_stand_for_one_or_many)
{
	EXPECT_EQ(parse_policies("lru,freebsd,lru"),
		  (std::vector<std::string>{"lru", "freebsd"}));
	EXPECT_EQ(parse_policies("baselines"), baseline_names());
	EXPECT_EQ(parse_policies("policies"), policy_names());
	EXPECT_EQ(parse_policies("all").size(),
		  baseline_names().size() + policy_names().size());
	EXPECT_NE(error_of([] { parse_policies("lru,nope"); }).find("\"nope\""),
		  std::string::npos);
	EXPECT_NE(error_of([] { parse_policies(""); }), "");
}

TEST(Table, gap_shares_and_their_mean)
{
	const Table table = two_rows();

	EXPECT_DOUBLE_EQ(*gap_share(table, table.rows[0], 2), 0.75);
	EXPECT_FALSE(gap_share(table, table.rows[1], 2).has_value());
	EXPECT_DOUBLE_EQ(*mean_gap_share(table, 2), 0.75);
	EXPECT_DOUBLE_EQ(*mean_gap_share(table, 0), 0);
	EXPECT_DOUBLE_EQ(*mean_gap_share(table, 1), 1);
}

TEST(Table, differences_to_what_was_given)
{
	const Difference d = difference(two_rows(), 2, 1);

	EXPECT_EQ(d.rows, 2u);
	EXPECT_EQ(d.within, 1u);
	EXPECT_NEAR(d.greatest, 1.5, 1e-9);
	EXPECT_EQ(d.where, "b,c@20");
	EXPECT_EQ(difference(two_rows(), 0, 1).rows, 1u);
	EXPECT_EQ(difference(two_rows(), 1, 1).rows, 0u);
}

TEST(Table, markdown_csv_and_json_say_the_same)
{
	const Table table = two_rows();
	const std::string markdown = show_table(table, Style::kMarkdown);
	const nlohmann::json json =
		nlohmann::json::parse(show_table(table, Style::kJson));

	EXPECT_NE(markdown.find("| a@10 | 10.00 | 30.00 | 25.00 |"), std::string::npos);
	EXPECT_NE(markdown.find("| 0.0 | 100.0 | 75.0 |"), std::string::npos);
	EXPECT_NE(show_table(table, Style::kCsv).find("\"b,c\",20,clockpro,20.0000,\n"),
		  std::string::npos);
	EXPECT_EQ(json["rows"][0]["hit_percent"]["clockpro"], 25);
	EXPECT_EQ(json["rows"][1]["gap_share"]["clockpro"], nullptr);
	EXPECT_EQ(json["mean_gap_share"]["clockpro"], 0.75);
}

TEST(Table, rows_come_from_a_markdown_table)
{
	const TempDir dir;
	const std::string path =
		dir.write("README.md",
			  "# Traces\n\n| file | what |\n|---|---|\n| a | b |\n\n"
			  "| trace@frames | LRU | CLOCK-Pro | note |\n|---|---|---|---|\n"
			  "| loop@512 | 0.00 | 50.05 | x |\n| a.b@7 | 1.5 | | |\n");
	const std::vector<RowSpec> specs = read_row_specs(path);

	ASSERT_EQ(specs.size(), 2u);
	EXPECT_EQ(specs[0].trace, "loop");
	EXPECT_EQ(specs[0].frames, 512u);
	EXPECT_EQ(specs[0].given,
		  (std::map<std::string, double>{{"lru", 0}, {"clockpro", 50.05}}));
	EXPECT_EQ(specs[1].given, (std::map<std::string, double>{{"lru", 1.5}}));
	EXPECT_NE(error_of([&] { read_row_specs(dir.write("x", "# none\n")); }), "");
	EXPECT_NE(error_of([] { read_row_specs("/nonexistent"); }), "");
}

TEST(Table, a_trace_is_one_file)
{
	const TempDir dir;

	dir.write("a.txt.zst", "");
	dir.write("ab.txt", "");
	dir.write("b", "");
	dir.write("b.lis", "");
	EXPECT_TRUE(find_trace(dir.path(), "a").ends_with("/a.txt.zst"));
	EXPECT_NE(error_of([&] { find_trace(dir.path(), "b"); }).find("2 files"),
		  std::string::npos);
	EXPECT_NE(error_of([&] { find_trace(dir.path(), "c"); }).find("0 files"),
		  std::string::npos);
	EXPECT_NE(error_of([] { find_trace("/nonexistent", "a"); }), "");
}

TEST(Program, curves_as_text_csv_json_and_charts)
{
	const TempDir dir;
	const std::string command =
		"run zipf:pages=500,refs=5000 -f 10,20% -p lru,freebsd ";

	EXPECT_EQ(lines_in(sim(command + "--as csv").out), 5u);
	EXPECT_EQ(nlohmann::json::parse(sim(command + "--as json").out).size(), 4u);
	EXPECT_EQ(sim(command + "-o " + dir.path() + "/out.txt").out, "");

	for (const char *name : {"/a.svg", "/a.png"}) {
		const Ran ran = sim(command + "--as csv --chart " + dir.path() + name);
		std::ifstream file(dir.path() + name);
		std::string head(5, '\0');

		EXPECT_EQ(ran.status, 0) << ran.out;
		file.read(head.data(), 5);
		EXPECT_EQ(head.substr(1, 3), name[3] == 's' ? "?xm" : "PNG");
	}
}

TEST(Program, a_table_of_traces_against_the_numbers_of_others)
{
	const TempDir dir;
	std::string loop;

	for (int i = 0; i < 400; i++)
		loop += std::to_string(i % 20) + "\n";
	dir.write("loop.txt", loop);
	/* Of 400, Belady with 10 of 20 pages misses 20, then 10 in each 19 or so. */
	dir.write("README.md",
		  "| trace@frames | LRU | FIFO |\n|---|---|---|\n"
		  "| loop@10 | 0.00 | 0.00 |\n| loop@20 | 95.00 | 95.00 |\n");

	const Ran good = sim("table " + dir.path() + " --check");

	EXPECT_EQ(good.status, 0) << good.out;
	EXPECT_NE(good.out.find("| loop@20 | 95.00 |"), std::string::npos);
	EXPECT_NE(good.out.find("lru: within 0.01 of the given column on 2 of 2 rows"),
		  std::string::npos);
	dir.write("README.md",
		  "| trace@frames | LRU |\n|---|---|\n| loop@20 | 94.00 |\n");
	EXPECT_EQ(sim("table " + dir.path() + " --check").status, 1);
	EXPECT_EQ(sim("table " + dir.path() + " --check --within 1").status, 0);
	EXPECT_EQ(sim("table " + dir.path() + " --rows loop@5,loop@6 -p lru").status, 0);
}

TEST(Program, what_it_generates_it_reads)
{
	const TempDir dir;
	const std::string spec = "tenants:pages=50,loop=60,refs=3000,writes=0.3";
	const std::string path = dir.path() + "/t";
	const std::string how = " -f 30,60 -p policies --as csv | cut -d, -f2-10";

	ASSERT_EQ(sim("generate " + spec + " -o " + path).status, 0);
	EXPECT_EQ(lines_in(sim("run " + path + how).out), 2 * policy_names().size() + 1);
}

TEST(Program, bad_input_is_an_error_in_words_and_changes_nothing)
{
	const TempDir dir;
	const std::string bad = dir.write("bad", "1\nx\n");
	const std::string out = dir.write("out", "as it was");

	for (const std::string &arguments :
	     {std::string("run ") + bad + " -o " + out,
	      std::string("run zipf:pages=0 -o ") + out,
	      std::string("run zipf -f 0 -o ") + out,
	      std::string("run zipf -p nope -o ") + out,
	      std::string("run zipf --set nope=1 -o ") + out,
	      std::string("run zipf --chart a.gif -o ") + out,
	      std::string("run zipf --daemon --exact -o ") + out,
	      std::string("run zipf --refs-per-second 0 -o ") + out,
	      std::string("table ") + dir.path() + " -o " + out,
	      std::string("table ") + dir.path() + " --rows a@0 -o " + out,
	      std::string("generate nope -o ") + out, std::string("run"),
	      std::string("nope"), std::string()}) {
		const Ran ran = sim(arguments);
		std::ifstream file(out);
		const std::string kept{std::istreambuf_iterator<char>(file), {}};

		EXPECT_EQ(ran.status, 2) << arguments << ": " << ran.out;
		EXPECT_NE(ran.out, "") << arguments;
		EXPECT_EQ(kept, "as it was") << arguments;
	}
	EXPECT_NE(sim("run " + bad).out.find("bad: line 2: the page number"),
		  std::string::npos);
	EXPECT_EQ(sim("--help").status, 0);
	EXPECT_EQ(sim("list").status, 0);
}
