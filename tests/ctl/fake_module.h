/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The module's files in a directory of the test, and what stands in for the kernel
 * when they are written: it takes what is right, and refuses what it is told to.
 */
#ifndef PAGEDAEMON_TESTS_FAKE_MODULE_H
#define PAGEDAEMON_TESTS_FAKE_MODULE_H

#include "cgroup.hh"
#include "cli.hh"
#include "tables.hh"
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <unistd.h>

namespace pagedaemon::ctl
{

inline void put(const Path &file, std::string_view text)
{
	std::ofstream(file) << text;
}

class FakeModule : public testing::Test
{
protected:
	FakeModule()
	{
		char name[] = "/tmp/pagedaemonctl-test-XXXXXX";
		root = mkdtemp(name);
		host.module = root / "module";
		host.cgroups = root / "cgroup";
		host.tracing = root / "tracing";
		host.kernel_log = root / "kmsg";
		host.write = [this](const Path &file, std::string_view text) {
			return written(file, std::string(text));
		};
		std::filesystem::create_directories(host.module);
		std::filesystem::create_directories(host.cgroups / "app/db");
		put(host.cgroups / "cgroup.controllers", "memory\n");
		put(host.kernel_log, "");
		for (const char *file : {"attach", "detach"})
			put(host.module / file, "");
		put(host.module / "policies", "freebsd dragonfly netbsd mach\n");
		put(host.module / "hook", "ftrace\n");
	}

	~FakeModule() override
	{
		std::filesystem::remove_all(root);
	}

	/* Runs a command line; what it said is in out and err. */
	int run(std::vector<std::string> words)
	{
		std::ostringstream to_out, to_err;
		Session session{host, to_out, to_err};
		int code = ctl::run(session, std::move(words));
		out = to_out.str();
		err = to_err.str();
		return code;
	}

	nlohmann::json json() const
	{
		return nlohmann::json::parse(out);
	}

	Path in(const std::string &name) const
	{
		return host.module / name;
	}

	std::string content(const Path &file) const
	{
		return read_file(file).value_or("(none)");
	}

	void make_attached(const std::string &path, const std::string &policy = "freebsd")
	{
		std::string name = Cgroup{path}.name();
		std::filesystem::create_directories(in(name) / "knobs");
		show_policy(name, policy);
		put(in(name) / "state", "active\n");
		put(in(name) / "pairs",
		    "node 0 inactive 7 active 5 anon 4 file 8 freed 3 spared 0 " + path +
			    "\n");
		std::string stats;
		int value = 100;
		for (const Stat &stat : all_stats())
			stats += fmt::format("{} {}\n", stat.name, value++);
		put(in(name) / "stats", stats);
		for (const Knob &knob : all_knobs())
			put(in(name) / "knobs" / knob.name,
			    fmt::format("{}\n", knob.def.value_or(computed)));
	}

	void show_policy(const std::string &name, const std::string &policy)
	{
		std::string text = "freebsd dragonfly netbsd mach\n";
		text.replace(text.find(policy), policy.size(), "[" + policy + "]");
		put(in(name) / "policy", text);
	}

	int written(const Path &file, std::string text)
	{
		std::string what = file.lexically_relative(host.module).string();
		log.push_back(what + " " + text);
		if (auto refusal = refuse.find(what + " " + text);
		    refusal != refuse.end()) {
			std::ofstream(host.kernel_log, std::ios::app)
				<< "4,9,9,-;pagedaemon: " << what
				<< ": no, said the test\n";
			return refusal->second;
		}
		if (what == "attach") {
			auto blank = text.find(' ');
			make_attached(text.substr(0, blank),
				      blank == text.npos ? "freebsd"
							 : text.substr(blank + 1));
		} else if (what == "detach") {
			std::filesystem::remove_all(in(Cgroup{text}.name()));
		} else if (file.filename() == "policy") {
			show_policy(file.parent_path().filename(), text);
		} else if (file.parent_path().filename() == "knobs") {
			const Knob *knob = find_knob(file.filename().string());
			put(file, text == "auto"
					  ? std::to_string(knob->def.value_or(computed))
					  : text);
		} else {
			return write_file(file, text);
		}
		return 0;
	}

	static constexpr std::uint64_t computed = 77;

	Path root;
	Host host;
	std::string out, err;
	std::map<std::string, int> refuse; /* "FILE TEXT": the errno */
	std::vector<std::string> log;	   /* the same of each write */
};

} // namespace pagedaemon::ctl

#endif
