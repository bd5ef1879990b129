// SPDX-License-Identifier: GPL-2.0
/* What commands do to the module's files, and what they say when they cannot. */
#include "fake_module.h"
#include "module.hh"
#include <cerrno>

namespace pagedaemon::ctl
{
namespace
{

class Commands : public FakeModule
{
protected:
	void expect_refused(std::vector<std::string> words, const char *text,
			    int code = 1)
	{
		EXPECT_EQ(run(words), code);
		EXPECT_NE(err.find(text), err.npos) << err;
		EXPECT_EQ(out, "");
	}
};

TEST_F(Commands, attach_writes_path_and_policy)
{
	EXPECT_EQ(run({"attach", "/app/db"}), 0) << err;
	EXPECT_EQ(run({"detach", "app/db"}), 0) << err;
	EXPECT_EQ(run({"attach", "/app/db", "mach", "--json"}), 0) << err;
	EXPECT_EQ(log, (std::vector<std::string>{"attach /app/db", "detach /app/db",
						 "attach /app/db mach"}));
	EXPECT_EQ(json(), (nlohmann::json{{"cgroup", "/app/db"},
					  {"policy", "mach"},
					  {"knobs", nlohmann::json::object()}}));
}

TEST_F(Commands, attach_sets_knobs)
{
	EXPECT_EQ(run({"attach", "/app/db", "mach", "--set", "burst_max=20", "--set",
		       "headroom=9", "--json"}),
		  0)
		<< err;
	EXPECT_EQ(content(in("app!db/knobs/burst_max")), "20");
	EXPECT_EQ(json()["knobs"], (nlohmann::json{{"burst_max", 20}, {"headroom", 9}}));
}

TEST_F(Commands, attach_takes_options_before_the_cgroup)
{
	EXPECT_EQ(run({"attach", "--set", "headroom=9", "/app/db", "mach"}), 0) << err;
	EXPECT_EQ(log, (std::vector<std::string>{"attach /app/db mach",
						 "app!db/knobs/headroom 9"}));
}

TEST_F(Commands, attach_is_undone_if_a_knob_is_refused)
{
	refuse["app!db/knobs/headroom 9"] = EINVAL;
	expect_refused({"attach", "/app/db", "--set", "headroom=9"},
		       "/app/db is not attached");
	EXPECT_EQ(log.back(), "detach /app/db");
	EXPECT_FALSE(std::filesystem::exists(in("app!db")));
}

TEST_F(Commands, attach_does_nothing_if_a_knob_cannot_be_right)
{
	expect_refused({"attach", "/app/db", "--set", "headroom=x"},
		       "not a decimal number");
	expect_refused(
		{"attach", "/app/db", "linux"},
		"unknown policy: linux; expected one of freebsd dragonfly netbsd mach");
	expect_refused({"attach", "/app/nope"}, "no such cgroup: /app/nope");
	expect_refused({"attach", "/"}, "root cgroup");
	EXPECT_TRUE(log.empty());
}

TEST_F(Commands, without_the_module_say_so)
{
	std::filesystem::remove_all(host.module);
	for (const char *command : {"attach", "detach", "policy", "get", "stats"})
		expect_refused({command, "/app/db"}, "the module is not loaded");
	expect_refused({"set", "/app/db", "headroom=1"}, "the module is not loaded");
	expect_refused({"list"}, "the module is not loaded");
}

TEST_F(Commands, on_a_cgroup_that_is_not_attached_say_so)
{
	for (const char *command : {"detach", "policy", "get", "stats"}) {
		expect_refused({command, "/app/db"}, "/app/db is not attached");
		expect_refused({command, "/app/nope"}, "no such cgroup: /app/nope");
	}
	expect_refused({"set", "/app/db", "headroom=1"}, "/app/db is not attached");
	EXPECT_TRUE(log.empty());
}

TEST_F(Commands, turn_each_errno_into_words)
{
	const std::pair<int, const char *> texts[] = {
		{EPERM, "only root"},
		{EACCES, "only root"},
		{EROFS, "read-only"},
		{EEXIST, "attached already"},
		{ENODEV, "no memory controller"},
		{EOPNOTSUPP, "kernel lacks"},
		{ENOMEM, "out of memory"},
		{ENOENT, "not there"},
		{EINVAL, "does not take it"},
		{EIO, "Input/output error"},
	};
	for (auto [error, text] : texts) {
		refuse["attach /app/db"] = error;
		expect_refused({"attach", "/app/db"}, text);
	}
}

TEST_F(Commands, show_what_the_kernel_logged_of_a_refusal)
{
	refuse["attach /app/db"] = EINVAL;
	put(host.kernel_log, "4,1,1,-;pagedaemon: of long ago\n");
	expect_refused({"attach", "/app/db"}, "kernel log: attach: no, said the test");
	EXPECT_EQ(err.find("long ago"), err.npos);
}

TEST_F(Commands, list_shows_every_attached_cgroup)
{
	EXPECT_EQ(run({"list", "--json"}), 0) << err;
	EXPECT_EQ(json()["cgroups"], nlohmann::json::array());
	make_attached("/web", "mach");
	make_attached("/app/db");
	put(in("web/state"), "ejected: no progress\n");
	EXPECT_EQ(run({"list", "--json"}), 0) << err;
	auto document = json();
	EXPECT_EQ(document["hook"], "ftrace");
	ASSERT_EQ(document["cgroups"].size(), 2u);
	EXPECT_EQ(document["cgroups"][0]["cgroup"], "/app/db");
	EXPECT_EQ(document["cgroups"][1]["state"], "ejected: no progress");
	EXPECT_EQ(document["cgroups"][1]["policy"], "mach");
	EXPECT_EQ(document["cgroups"][0]["limit"], 100);
	for (const char *name : {"inactive", "active", "free", "freed", "refaults",
				 "wakeups", "direct_passes"})
		EXPECT_TRUE(document["cgroups"][0][name].is_number()) << name;
	EXPECT_EQ(run({"list"}), 0);
	EXPECT_NE(out.find("/web"), out.npos);
}

TEST_F(Commands, policy_shows_and_switches)
{
	make_attached("/app/db");
	EXPECT_EQ(run({"policy", "/app/db"}), 0) << err;
	EXPECT_EQ(out, "* freebsd\n  dragonfly\n  netbsd\n  mach\n");
	EXPECT_EQ(run({"policy", "/app/db", "netbsd", "--json"}), 0) << err;
	EXPECT_EQ(json()["policy"], "netbsd");
	EXPECT_EQ(json()["policies"].size(), 4u);
	expect_refused({"policy", "/app/db", "linux"},
		       "unknown policy: linux; expected one of");
	EXPECT_EQ(log, (std::vector<std::string>{"app!db/policy netbsd"}));
}

TEST_F(Commands, get_shows_value_default_bounds_unit_and_text)
{
	make_attached("/app/db");
	EXPECT_EQ(run({"get", "/app/db", "--json"}), 0) << err;
	EXPECT_EQ(json()["knobs"].size(), all_knobs().size());
	EXPECT_EQ(run({"get", "/app/db", "update_period", "headroom", "--json"}), 0)
		<< err;
	auto knobs = json()["knobs"];
	ASSERT_EQ(knobs.size(), 2u);
	EXPECT_EQ(knobs[0]["name"], "update_period");
	EXPECT_EQ(knobs[0]["value"], 600);
	EXPECT_EQ(knobs[0]["default"], 600);
	EXPECT_EQ(knobs[0]["min"], 0);
	EXPECT_EQ(knobs[0]["max"], 86400);
	EXPECT_EQ(knobs[0]["unit"], "seconds");
	EXPECT_NE(knobs[0]["text"], "");
	EXPECT_EQ(knobs[1]["default"], nullptr);
	EXPECT_EQ(run({"get", "/app/db", "headroom"}), 0);
	EXPECT_NE(out.find("computed"), out.npos);
	expect_refused({"get", "/app/db", "speed"}, "there is no knob speed");
	std::filesystem::remove(in("app!db/knobs/headroom"));
	expect_refused({"get", "/app/db", "headroom"}, "of another version");
}

TEST_F(Commands, set_writes_numbers_and_auto)
{
	make_attached("/app/db");
	EXPECT_EQ(run({"set", "/app/db", "update_period=5", "headroom=auto", "--json"}),
		  0)
		<< err;
	EXPECT_EQ(json()["knobs"],
		  (nlohmann::json{{"update_period", 5}, {"headroom", 77}}));
}

TEST_F(Commands, set_checks_all_before_it_writes_any)
{
	make_attached("/app/db");
	expect_refused({"set", "/app/db", "update_period=5", "speed=1"},
		       "there is no knob speed");
	expect_refused(
		{"set", "/app/db", "update_period=5", "cluster_pages=65"},
		"cluster_pages=65 is out of bounds; expected 1 to 64 (pages) or auto");
	expect_refused({"set", "/app/db", "cluster_pages=0"}, "out of bounds");
	expect_refused({"set", "/app/db", "cluster_pages=-1"}, "not a decimal number");
	expect_refused({"set", "/app/db", "cluster_pages=99999999999999999999"},
		       "not a decimal");
	expect_refused({"set", "/app/db", "anonmin=50", "filemin=60"},
		       "expected 95 at most");
	expect_refused({"set", "/app/db", "update_period"}, "KNOB=VALUE", 2);
	expect_refused({"set", "/app/db", "update_period="}, "KNOB=VALUE", 2);
	expect_refused({"set", "/app/db", "headroom=1", "headroom=2"}, "given twice", 2);
	EXPECT_TRUE(log.empty());
}

TEST_F(Commands, set_lowers_floors_before_it_raises_others)
{
	make_attached("/app/db");
	put(in("app!db/knobs/anonmin"), "80\n");
	EXPECT_EQ(run({"set", "/app/db", "filemin=70", "anonmin=5"}), 0) << err;
	EXPECT_EQ(log, (std::vector<std::string>{"app!db/knobs/anonmin 5",
						 "app!db/knobs/filemin 70"}));
}

TEST_F(Commands, set_takes_back_what_it_wrote_before_a_refusal)
{
	make_attached("/app/db");
	put(in("app!db/knobs/free_target"), "5\n");
	refuse["app!db/knobs/max_launder 1000"] = EINVAL;
	expect_refused({"set", "/app/db", "headroom=100", "update_period=700",
			"free_target=6", "max_launder=1000"},
		       "cannot set max_launder=1000 for /app/db");
	EXPECT_EQ(content(in("app!db/knobs/headroom")), "77");
	EXPECT_EQ(log.back(), "app!db/knobs/headroom auto");
	EXPECT_EQ(content(in("app!db/knobs/update_period")), "600");
	EXPECT_EQ(content(in("app!db/knobs/free_target")), "5");
}

TEST_F(Commands, stats_have_units)
{
	make_attached("/app/db");
	EXPECT_EQ(run({"stats", "/app/db", "--json"}), 0) << err;
	auto document = json();
	EXPECT_EQ(document["gauges"]["limit"], 100);
	EXPECT_EQ(document["gauges"].size() + document["counters"].size(),
		  all_stats().size());
	EXPECT_EQ(document["units"]["daemon_cpu_us"], "microseconds");
	EXPECT_FALSE(document["counters"].contains("limit"));
	EXPECT_EQ(run({"stats", "/app/db"}), 0);
	EXPECT_NE(out.find("microseconds"), out.npos);
	put(in("app!db/stats"), "limit 5\nfree -3\nnews 7\n");
	EXPECT_EQ(run({"stats", "/app/db", "--json"}), 0) << err;
	EXPECT_EQ(json()["gauges"]["free"], -3);
	EXPECT_EQ(json()["units"]["news"], "unknown");
}

TEST_F(Commands, stats_show_rates_between_looks)
{
	make_attached("/app/db");
	EXPECT_EQ(
		run({"stats", "/app/db", "--interval", "0.01", "--count", "2", "--json"}),
		0)
		<< err;
	std::istringstream lines(out);
	std::string line;
	int n = 0;
	while (std::getline(lines, line)) {
		auto document = nlohmann::json::parse(line);
		EXPECT_GT(document["seconds"], 0.0);
		EXPECT_EQ(document["rates"]["freed"], 0.0);
		EXPECT_FALSE(document["rates"].contains("free"));
		n++;
	}
	EXPECT_EQ(n, 2);
	EXPECT_EQ(run({"stats", "/app/db", "--interval", "0.01", "--count", "1"}), 0);
	EXPECT_NE(out.find("freed/s"), out.npos);
	expect_refused({"stats", "/app/db", "--interval", "-1"}, "--interval", 2);
	expect_refused({"stats", "/app/db", "--count", "1"}, "--interval", 2);
}

TEST_F(Commands, that_make_no_sense_exit_with_2)
{
	expect_refused({}, "--help", 2);
	expect_refused({"defrag"}, "--help", 2);
	expect_refused({"attach"}, "CGROUP", 2);
	expect_refused({"detach", "/a", "/b"}, "--help", 2);
	expect_refused({"attach", "/a b"}, "blank", 2);
	expect_refused({"set", "/app/db"}, "KNOB=VALUE", 2);
	EXPECT_EQ(run({"--help"}), 0);
	EXPECT_NE(out.find("attach"), out.npos);
	EXPECT_EQ(run({"attach", "--help"}), 0);
	EXPECT_NE(out.find("CGROUP"), out.npos);
}

TEST_F(Commands, with_json_complain_in_json)
{
	EXPECT_EQ(run({"stats", "/app/db", "--json"}), 1);
	auto complaint = nlohmann::json::parse(err);
	EXPECT_EQ(complaint["exit"], 1);
	EXPECT_NE(complaint["error"].get<std::string>().find("not attached"),
		  std::string::npos);
}

TEST(KernelLogRecords, are_taken_if_the_module_wrote_them)
{
	EXPECT_EQ(module_message("4,1,2,-;pagedaemon: attach \"/\": no\n SUBSYSTEM=x\n"),
		  "attach \"/\": no");
	EXPECT_EQ(module_message("4,1,2,-;other: pagedaemon: no\n"), std::nullopt);
	EXPECT_EQ(module_message("rubbish"), std::nullopt);
}

TEST(Tables, hold_what_the_def_files_say)
{
	ASSERT_NE(find_knob("cluster_pages"), nullptr);
	EXPECT_EQ(find_knob("cluster_pages")->max, 64u);
	EXPECT_FALSE(find_knob("cluster_pages")->def);
	EXPECT_EQ(find_knob("retry_pause")->def, 500u);
	EXPECT_EQ(find_stat("daemon_cpu_us")->unit, "microseconds");
	EXPECT_TRUE(find_stat("freed")->rises);
	EXPECT_FALSE(find_stat("free")->rises);
	EXPECT_EQ(find_stat("nope"), nullptr);
}

} // namespace
} // namespace pagedaemon::ctl
