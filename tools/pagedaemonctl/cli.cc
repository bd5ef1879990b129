// SPDX-License-Identifier: GPL-2.0
#include "cli.hh"
#include "commands.hh"
#include "error.hh"
#include "print.hh"
#include <CLI/CLI.hpp>

namespace pagedaemon::ctl
{
namespace
{

/* The sub-commands, each with a place for its arguments that outlives the parsing. */
class CommandLine final
{
public:
	explicit CommandLine(Session &session);
	int run(std::vector<std::string> words);

private:
	CLI::App *command(const char *name, const char *text,
			  std::function<void()> action);
	void add_control();
	void add_knobs();
	void add_stats();
	void add_record();
	void add_advise();
	CLI::App *with_cgroup(CLI::App *sub);
	void take_command(std::vector<std::string> &words);
	int complain(int code, const char *text);

	Session &session;
	CLI::App app{"Page-replacement policies for single cgroups, on a running kernel.",
		     "pagedaemonctl"};
	std::string cgroup, policy;
	Words settings, knobs;
	StatsOptions stats;
	RecordOptions record;
	AdviseOptions advise;
};

CommandLine::CommandLine(Session &session) : session(session)
{
	app.require_subcommand(1);
	app.footer("A CGROUP is a path in the cgroup v2 hierarchy: /app/db, or "
		   "/sys/fs/cgroup/app/db.\nExit status: 0 done, 1 refused, 2 wrong "
		   "command line. "
		   "See pagedaemonctl(8).");
	add_control();
	add_knobs();
	add_stats();
	add_record();
	add_advise();
}

CLI::App *CommandLine::command(const char *name, const char *text,
			       std::function<void()> action)
{
	CLI::App *sub = app.add_subcommand(name, text);
	sub->add_flag("--json", session.json, "print one JSON document to a line");
	sub->callback(std::move(action));
	return sub;
}

CLI::App *CommandLine::with_cgroup(CLI::App *sub)
{
	sub->add_option("CGROUP", cgroup, "path of the cgroup")->required();
	return sub;
}

void CommandLine::add_control()
{
	CLI::App *sub =
		with_cgroup(command("attach", "have a page daemon serve a cgroup", [&] {
			do_attach(session, cgroup, policy, settings);
		}));
	sub->add_option("POLICY", policy,
			"name of a policy; without, the module's first");
	sub->add_option("--set", settings, "KNOB=VALUE to begin with; may be given again")
		->allow_extra_args(false);

	with_cgroup(command("detach", "hand a cgroup back to the kernel",
			    [&] { do_detach(session, cgroup); }));
	command("list", "attached cgroups, with headline numbers in pages",
		[&] { do_list(session); });
	sub = with_cgroup(command("policy", "show or switch the policy",
				  [&] { do_policy(session, cgroup, policy); }));
	sub->add_option("NAME", policy, "the policy to switch to");
}

void CommandLine::add_knobs()
{
	CLI::App *sub = with_cgroup(command("set", "set knobs, all of them or none",
					    [&] { do_set(session, cgroup, settings); }));
	sub->add_option("KNOB=VALUE", settings,
			"VALUE is a number, or auto for the default")
		->required();
	sub = with_cgroup(command("get",
				  "show knobs: value, default, bounds, what they are",
				  [&] { do_get(session, cgroup, knobs); }));
	sub->add_option("KNOB", knobs, "those wanted; without, all");
}

void CommandLine::add_stats()
{
	CLI::App *sub = with_cgroup(command("stats", "counters, once or as rates", [&] {
		stats.cgroup = cgroup;
		do_stats(session, stats);
	}));
	auto *interval = sub->add_option("--interval", stats.interval,
					 "seconds between lines of rates")
				 ->check(CLI::Range(0.01, 86400.0));
	sub->add_option("--count", stats.count, "lines to print, without: for ever")
		->needs(interval)
		->check(CLI::PositiveNumber);
}

void CommandLine::add_record()
{
	CLI::App *sub = with_cgroup(
		command("record", "what a cgroup does, as a trace for simulators", [&] {
			record.cgroup = cgroup;
			do_record(session, record);
		}));
	sub->add_option("--trace", record.file, "the file to write; .zst compresses it")
		->required();
	sub->add_option("--seconds", record.seconds, "end after so long")
		->check(CLI::Range(0.01, 1e6));
	sub->add_option("--buffer", record.buffer_kb, "KiB for each processor")
		->check(CLI::Range(64, 1 << 20))
		->capture_default_str();
	sub->footer(
		"After --, a COMMAND to run in the cgroup; the recording ends with it. "
		"Without\n--seconds and COMMAND, Ctrl-C ends it.");
}

int CommandLine::complain(int code, const char *text)
{
	if (session.json)
		print_json(session.err, {{"error", text}, {"exit", code}});
	else
		print(session.err, "pagedaemonctl: {}\n", text);
	return code;
}

void CommandLine::add_advise()
{
	CLI::App *sub = command("advise", "which policy and limit, by simulating a trace",
				[&] { do_advise(session, advise); });
	sub->add_option("TRACE", advise.trace, "what record wrote, or another trace")
		->required();
	sub->add_option(
		   "--limit", advise.limits,
		   "pages, a size (32M), or a share of the recorded limit (150%); may be "
		   "given again")
		->allow_extra_args(false);
	sub->add_option("--policy", advise.policies, "only this one; may be given again")
		->allow_extra_args(false);
	sub->add_option("--chart", advise.chart, "draw the misses into this SVG file");
}

/* What is behind -- has options of its own. */
void CommandLine::take_command(std::vector<std::string> &words)
{
	auto mark = std::ranges::find(words, "--");
	if (mark == words.end() || words.front() != "record")
		return;
	record.command.assign(mark + 1, words.end());
	words.erase(mark, words.end());
	if (record.command.empty())
		throw Usage("there is no command after --");
}

int CommandLine::run(std::vector<std::string> words)
{
	try {
		take_command(words);
		std::ranges::reverse(words);
		app.parse(std::move(words));
		return exit_done;
	} catch (const CLI::Success &wanted) {
		/* --help and its like: CLI11 has the text. */
		return app.exit(wanted, session.out, session.err);
	} catch (const CLI::ParseError &error) {
		return complain(exit_usage,
				fmt::format("{}; see pagedaemonctl --help", error.what())
					.c_str());
	} catch (const Usage &error) {
		return complain(exit_usage, error.what());
	} catch (const std::exception &error) {
		return complain(exit_refused, error.what());
	}
}

} // namespace

int run(Session &session, std::vector<std::string> words)
{
	return CommandLine(session).run(std::move(words));
}

} // namespace pagedaemon::ctl
