// SPDX-License-Identifier: GPL-2.0
/* advise: the simulator over a trace, for each policy and a range of limits. */
#include "../sim/bytes.hh"
#include "../sim/runner.hh"
#include "advise.hh"
#include "chart.hh"
#include "commands.hh"
#include "error.hh"
#include "print.hh"
#include "trace_file.hh"
#include <algorithm>
#include <fmt/ranges.h>

namespace pagedaemon::ctl
{

using Json = nlohmann::ordered_json;

namespace
{

TraceHeader header_of(const std::string &file)
{
	std::string text(1 << 16, '\0');
	text.resize(sim::open_bytes(file)->read(text.data(), text.size()));
	return parse_header(text);
}

std::vector<std::uint64_t> limits_of(const AdviseOptions &options, std::uint64_t recorded)
{
	if (options.limits.empty() && !recorded)
		throw Refused(
			"{} does not say under which limit it was recorded; give --limit",
			options.trace);
	std::vector<std::uint64_t> limits;
	for (const std::string &text : options.limits)
		limits.push_back(parse_limit(text, recorded));
	if (limits.empty())
		limits = usual_limits(recorded);
	std::ranges::sort(limits);
	auto repeated = std::ranges::unique(limits);
	limits.erase(repeated.begin(), repeated.end());
	return limits;
}

std::vector<std::string> policies_of(const AdviseOptions &options)
{
	auto known = sim::policy_names();
	for (const std::string &policy : options.policies)
		if (std::ranges::find(known, policy) == known.end())
			throw Refused("unknown policy: {}; expected one of {}", policy,
				      fmt::join(known, " "));
	return options.policies.empty() ? known : options.policies;
}

/* As it is in the kernel, as far as the trace tells. */
sim::RunOptions run_options(const TraceHeader &header, const sim::Trace &trace)
{
	sim::RunOptions options;
	options.host.daemon = true;
	options.host.mapped = header.by_table >= header.by_read;
	if (header.seconds > 0)
		options.host.refs_per_second = std::max<std::uint64_t>(
			1,
			static_cast<std::uint64_t>(static_cast<double>(trace.ids.size()) /
						   header.seconds));
	return options;
}

std::vector<Row> simulate(const sim::Trace &trace, const TraceHeader &header,
			  const std::vector<std::uint64_t> &limits,
			  const std::vector<std::string> &policies)
{
	std::vector<sim::Job> jobs;
	for (auto limit : limits)
		for (const std::string &policy : policies)
			jobs.push_back({&trace, policy, static_cast<sim::u32>(limit)});
	auto results = sim::run_all(jobs, run_options(header, trace));
	std::vector<Row> rows;
	for (auto result = results.begin(); result != results.end();) {
		rows.push_back({limits[rows.size()], {}});
		for (const std::string &policy : policies) {
			rows.back().outcomes.push_back(
				{policy, result->misses, result->writes});
			++result;
		}
	}
	return rows;
}

struct Advice {
	const TraceHeader &header;
	const sim::Trace &trace;
	const std::vector<Row> &rows;
	const Row &at; /* the recorded limit, or what is nearest to it */
	const Row &knee;

	const Outcome &best(const Row &row) const
	{
		return row.best(header.policy);
	}
};

const Row &nearest(const std::vector<Row> &rows, std::uint64_t limit)
{
	return *std::ranges::min_element(rows, {}, [&](const Row &row) {
		return row.limit > limit ? row.limit - limit : limit - row.limit;
	});
}

Json as_json(const Advice &advice)
{
	Json table = Json::array();
	for (const Row &row : advice.rows) {
		Json outcomes = Json::object();
		for (const Outcome &outcome : row.outcomes)
			outcomes[outcome.policy] = {{"misses", outcome.misses},
						    {"writes", outcome.writes}};
		table.push_back({{"limit", row.limit},
				 {"best", advice.best(row).policy},
				 {"policies", outcomes}});
	}
	return {{"trace", advice.trace.name},
		{"accesses", advice.trace.ids.size()},
		{"pages", advice.trace.pages},
		{"recorded_limit", advice.header.limit},
		{"recorded_policy", advice.header.policy},
		{"lost_events", advice.header.lost},
		{"limit", advice.at.limit},
		{"policy", advice.best(advice.at).policy},
		{"misses", advice.best(advice.at).misses},
		{"knee", advice.knee.limit},
		{"table", table}};
}

std::string size_text(std::uint64_t pages)
{
	return fmt::format("{} pages ({:.1f} MiB)", pages,
			   static_cast<double>(pages) / 256);
}

void print_table(Session &session, const Advice &advice)
{
	std::vector<std::string> header = {"LIMIT"};
	for (const Outcome &outcome : advice.rows.front().outcomes)
		header.push_back(outcome.policy);
	header.push_back("BEST");
	Table table(std::move(header));
	for (const Row &row : advice.rows) {
		std::vector<std::string> line = {std::to_string(row.limit)};
		for (const Outcome &outcome : row.outcomes)
			line.push_back(std::to_string(outcome.misses));
		line.push_back(advice.best(row).policy);
		table.add(std::move(line));
	}
	table.print(session.out, 0);
}

void print_words(Session &session, const Advice &advice)
{
	const Outcome &best = advice.best(advice.at);
	auto accesses = advice.trace.ids.size();
	print(session.out,
	      "policy: {}: {} misses expected of {} accesses ({:.1f} %) at {}\n",
	      best.policy, best.misses, accesses,
	      100 * static_cast<double>(best.misses) / static_cast<double>(accesses),
	      size_text(advice.at.limit));
	print(session.out,
	      "        {} of them are first accesses, which no policy can avoid\n",
	      std::min<std::uint64_t>(advice.trace.pages, best.misses));
	const Row &largest = advice.rows.back();
	if (advice.rows.size() < 2)
		return;
	if (advice.knee.limit == largest.limit)
		print(session.out, "limit:  misses still fall at {}, the largest tried\n",
		      size_text(largest.limit));
	else
		print(session.out,
		      "limit:  {}, policy {}: above, misses hardly fall any more\n",
		      size_text(advice.knee.limit), advice.best(advice.knee).policy);
}

} // namespace

void do_advise(Session &session, const AdviseOptions &options)
{
	TraceHeader header = header_of(options.trace);
	auto limits = limits_of(options, header.limit);
	auto policies = policies_of(options);
	sim::Trace trace = sim::read_trace(options.trace, sim::Format::kAuto);
	if (trace.ids.empty())
		throw Refused("{} has no access in it: nothing to advise on",
			      options.trace);
	auto rows = simulate(trace, header, limits, policies);
	/* Without a recorded limit the first one asked for is what is wanted. */
	auto wanted =
		header.limit ? header.limit : parse_limit(options.limits.front(), 0);
	Advice advice = {header, trace, rows, nearest(rows, wanted), knee(rows)};
	if (!options.chart.empty())
		draw_chart(rows, header.limit, options.chart);
	if (session.json) {
		print_json(session.out, as_json(advice));
		return;
	}
	print(session.out, "expected misses, by limit in pages and policy:\n\n");
	print_table(session, advice);
	print(session.out, "\n");
	print_words(session, advice);
	if (header.lost)
		print(session.err,
		      "pagedaemonctl: the trace lacks {} events: the numbers are too "
		      "low\n",
		      header.lost);
}

} // namespace pagedaemon::ctl
