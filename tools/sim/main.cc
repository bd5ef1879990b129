// SPDX-License-Identifier: GPL-2.0
/* pagedaemon-sim: see docs/simulator.md. Exit status 2: something given is no good. */
#include <cstdio>
#include <exception>
#include <map>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "capacity.hh"
#include "generate.hh"
#include "output.hh"
#include "runner.hh"
#include "table.hh"

namespace pagedaemon::sim
{
namespace
{

struct Options {
	std::string source;
	std::string policies = "all";
	std::string frames = "1%..50%:12";
	Format format = Format::kAuto;
	std::string access = "mapped";
	std::string type = "file";
	std::vector<std::string> knobs;
	Style style = Style::kText;
	std::string output;
	std::string chart;
	std::string rows;
	double points = 0.01;
	bool check = false;
	bool exact = false;
	RunOptions run;
};

const std::map<std::string, Format> kFormats = {
	{"auto", Format::kAuto},
	{"plain", Format::kPlain},
	{"lis", Format::kLis},
	{"oracleGeneral", Format::kOracleGeneral}};

const std::map<std::string, pd_page_type> kTypes = {{"anon", PD_TYPE_ANON},
						    {"shmem", PD_TYPE_SHMEM},
						    {"file", PD_TYPE_FILE},
						    {"exec", PD_TYPE_EXEC}};

void add_host_options(CLI::App &app, Options &o)
{
	HostOptions &host = o.run.host;
	CLI::Option *exact =
		app.add_flag("--exact", o.exact,
			     "no daemon: who misses makes room for one page (default)");

	app.add_option("-p,--policy", o.policies,
		       "names at commas; all, policies, baselines")
		->capture_default_str();
	app.add_option("--format", o.format, "auto, plain, lis or oracleGeneral")
		->transform(CLI::CheckedTransformer(kFormats));
	app.add_flag("--daemon", host.daemon,
		     "watermarks, and a page daemon in virtual time")
		->excludes(exact);
	app.add_option("--refs-per-second", host.refs_per_second, "virtual time")
		->check(CLI::Range(u64{1}, u64{1000000000000}))
		->capture_default_str();
	app.add_option("--access", o.access, "mapped or read")
		->check(CLI::IsMember({"mapped", "read"}))
		->capture_default_str();
	app.add_flag("--first-touch", host.first_touch,
		     "mapped: what brings a page in is a reference, too");
	app.add_option("--type", o.type,
		       "anon, shmem, file or exec, if the trace is silent")
		->check(CLI::IsMember({"anon", "shmem", "file", "exec"}))
		->capture_default_str();
	app.add_option("--write-refs", host.write_refs, "references that a write takes")
		->check(CLI::Range(u64{0}, u64{1} << 40))
		->capture_default_str();
	app.add_option("--swap", host.swap, "slots of swap (default: plenty)")
		->check(CLI::Range(u64{0}, u64{kNone}));
	app.add_option("--set", o.knobs, "KNOB=VALUE or POLICY.KNOB=VALUE");
	app.add_option("-j,--jobs", o.run.jobs,
		       "runs at a time (default: one for each CPU)")
		->check(CLI::Range(1u, 1024u));
	app.add_option("-o,--output", o.output,
		       "file to write (default: standard output)");
}

void use_host_options(Options &o)
{
	o.run.host.mapped = o.access == "mapped";
	o.run.host.type = kTypes.at(o.type);
	for (const std::string &knob : o.knobs)
		o.run.knobs.push_back(parse_knob(knob));
	/* What clashes is to be said before anything runs. */
	for (const std::string &policy : policy_names())
		knobs_for(policy, o.run.knobs);
}

Trace load(const std::string &source, Format format)
{
	return is_generator(source) ? generate(source) : read_trace(source, format);
}

int do_run(Options &o)
{
	const std::vector<std::string> policies = parse_policies(o.policies);
	std::vector<Job> jobs;

	use_host_options(o);
	if (!o.chart.empty())
		check_chart_name(o.chart);

	const Trace trace = load(o.source, o.format);

	for (const std::string &policy : policies) {
		for (const u32 frames : parse_capacities(split(o.frames), trace.pages))
			jobs.push_back({&trace, policy, frames});
	}

	const std::vector<Result> results = run_all(jobs, o.run);

	write_text(o.output, show_results(results, o.style));
	if (!o.chart.empty())
		draw_chart(results, o.chart);
	return 0;
}

std::vector<RowSpec> row_specs(const Options &o)
{
	std::vector<RowSpec> specs;

	if (o.rows.empty())
		return read_row_specs(o.source + "/README.md");
	if (o.rows.find('@') == std::string::npos)
		return read_row_specs(o.rows);
	for (const std::string &text : split(o.rows))
		specs.push_back(parse_row_spec(text));
	return specs;
}

int do_table(Options &o)
{
	Table table;
	std::map<std::string, Trace> traces;
	std::vector<Job> jobs;

	table.policies = parse_policies(o.policies);
	use_host_options(o);
	for (const RowSpec &spec : row_specs(o)) {
		if (!traces.contains(spec.trace))
			traces.emplace(
				spec.trace,
				read_trace(find_trace(o.source, spec.trace), o.format));
		table.rows.push_back({spec, {}});
		for (const std::string &policy : table.policies)
			jobs.push_back({&traces.at(spec.trace), policy, spec.frames});
	}

	const std::vector<Result> results = run_all(jobs, o.run);
	auto result = results.begin();

	for (TableRow &row : table.rows) {
		for (std::size_t i = 0; i < table.policies.size(); i++)
			row.hits.push_back(100 * (result++)->hit_ratio());
	}
	write_text(o.output, show_table(table, o.style));

	const std::string said = show_differences(table, o.points);

	std::fwrite(said.data(), 1, said.size(), stderr);
	for (std::size_t i = 0; o.check && i < table.policies.size(); i++) {
		const Difference d = difference(table, i, o.points);

		if (d.within != d.rows)
			return 1;
	}
	return 0;
}

int do_generate(const Options &o)
{
	if (!is_generator(o.source))
		throw Error(fmt::format("{} is no generator", o.source));

	const Trace trace = generate(o.source);
	const auto close = [](std::FILE *file) {
		std::fclose(file);
	};
	std::unique_ptr<std::FILE, decltype(close)> file;

	if (!o.output.empty())
		file.reset(std::fopen(o.output.c_str(), "wb"));
	if (!o.output.empty() && !file)
		throw Error(fmt::format("{}: cannot be written", o.output));

	std::FILE *to = file ? file.get() : stdout;

	write_plain(trace, to);
	if (std::fflush(to) != 0)
		throw Error("the trace could not be written to its end");
	return 0;
}

int do_list()
{
	fmt::print("baselines\n");
	for (const std::string &name : baseline_names())
		fmt::print("  {}\n", name);
	fmt::print("policies\n");
	for (pd_u32 i = 0; const pd_policy *policy = pd_policy_at(i); i++)
		fmt::print("  {:<10} {}\n", policy->name, policy->text);
	fmt::print("generators\n  zipf, loop, scan, phase, tenants\n");
	fmt::print("knobs\n{}", describe_knobs());
	return 0;
}

const std::map<std::string, Style> kRunStyles = {
	{"text", Style::kText}, {"csv", Style::kCsv}, {"json", Style::kJson}};
const std::map<std::string, Style> kTableStyles = {
	{"markdown", Style::kMarkdown}, {"csv", Style::kCsv}, {"json", Style::kJson}};

int run_command_line(int argc, char **argv)
{
	Options o;
	CLI::App app("Page-replacement policies over traces of page accesses");

	app.name("pagedaemon-sim");
	app.require_subcommand(1);

	CLI::App &run = *app.add_subcommand("run", "miss-ratio curves over one trace");
	run.add_option("source", o.source, "file or generator")->required();
	run.add_option("-f,--frames", o.frames, "N, P%, A..B:N, at commas")
		->capture_default_str();
	add_host_options(run, o);
	run.add_option("--as", o.style, "text, csv or json")
		->transform(CLI::CheckedTransformer(kRunStyles));
	run.add_option("--chart", o.chart, "also draw the curves: FILE.svg or FILE.png");

	CLI::App &table =
		*app.add_subcommand("table", "hit ratios of many traces, and gap shares");
	table.add_option("directory", o.source, "where the traces are")->required();
	table.add_option("--rows", o.rows,
			 "TRACE@FRAMES at commas, or a file with a table of them "
			 "(default: README.md of the directory)");
	add_host_options(table, o);
	table.add_option("--as", o.style, "markdown, csv or json")
		->transform(CLI::CheckedTransformer(kTableStyles));
	table.add_option("--within", o.points,
			 "points that may lie between ours and theirs")
		->check(CLI::Range(0.0, 100.0))
		->capture_default_str();
	table.add_flag("--check", o.check, "exit with 1 if more does");

	CLI::App &make = *app.add_subcommand("generate", "write what a generator makes");
	make.add_option("source", o.source, "generator")->required();
	make.add_option("-o,--output", o.output, "file (default: standard output)");

	CLI::App &list = *app.add_subcommand("list", "policies, generators and knobs");

	try {
		app.parse(argc, argv);
	} catch (const CLI::ParseError &e) {
		return app.exit(e) == 0 ? 0 : 2;
	}
	if (run.parsed())
		return do_run(o);
	if (table.parsed())
		return do_table(o);
	if (make.parsed())
		return do_generate(o);
	return list.parsed() ? do_list() : 2;
}

} // namespace
} // namespace pagedaemon::sim

int main(int argc, char **argv)
{
	try {
		return pagedaemon::sim::run_command_line(argc, argv);
	} catch (const pagedaemon::sim::Error &e) {
		std::fprintf(stderr, "pagedaemon-sim: %s\n", e.what());
		return 2;
	} catch (const std::bad_alloc &) {
		std::fprintf(stderr, "pagedaemon-sim: out of memory\n");
	} catch (const std::exception &e) {
		std::fprintf(stderr, "pagedaemon-sim: %s\n", e.what());
	}
	return 1;
}
