// SPDX-License-Identifier: GPL-2.0
/* stats: totals once, or what happens in each interval. */
#include "commands.hh"
#include "error.hh"
#include "module.hh"
#include "print.hh"
#include <chrono>
#include <thread>

namespace pagedaemon::ctl
{

using Json = nlohmann::ordered_json;

namespace
{

using Clock = std::chrono::steady_clock;

struct Look {
	Attachment what;
	Clock::time_point when;
};

bool rises(const Sample &sample)
{
	const Stat *stat = find_stat(sample.name);
	return stat && stat->rises;
}

Json totals(const Attachment &now)
{
	Json gauges = Json::object(), counters = Json::object(), units = Json::object();
	for (const Sample &sample : now.stats) {
		(rises(sample) ? counters : gauges)[sample.name] = sample.value;
		const Stat *stat = find_stat(sample.name);
		units[sample.name] = stat ? stat->unit : "unknown";
	}
	return {{"cgroup", now.cgroup.path}, {"policy", now.policy}, {"state", now.state},
		{"gauges", gauges},	     {"counters", counters}, {"units", units}};
}

void print_totals(Session &session, const Attachment &now)
{
	if (session.json) {
		print_json(session.out, totals(now));
		return;
	}
	print(session.out, "{}, policy {}, {}\n", now.cgroup.path, now.policy, now.state);
	Table table({"NAME", "UNIT", "VALUE"});
	for (const Sample &sample : now.stats) {
		const Stat *stat = find_stat(sample.name);
		table.add({sample.name, std::string(stat ? stat->unit : "?"),
			   std::to_string(sample.value)});
	}
	table.print(session.out, 2);
}

double rate(const Look &before, const Look &now, std::string_view name)
{
	double seconds = std::chrono::duration<double>(now.when - before.when).count();
	auto risen = now.what.stat(name) - before.what.stat(name);
	return static_cast<double>(risen) / seconds;
}

Json interval(const Look &before, const Look &now)
{
	Json rates = Json::object();
	for (const Sample &sample : now.what.stats)
		if (rises(sample))
			rates[sample.name] = rate(before, now, sample.name);
	Json document = totals(now.what);
	document["seconds"] =
		std::chrono::duration<double>(now.when - before.when).count();
	document["rates"] = rates;
	return document;
}

void print_header(Session &session)
{
	print(session.out,
	      "{:>9} {:>9} {:>9} | {:>8} {:>8} {:>8} {:>8} {:>8} {:>6} {:>6} {:>5}\n",
	      "free", "inactive", "active", "insert/s", "refaul/s", "looks/s", "freed/s",
	      "writ/s", "wake/s", "dir/s", "cpu%");
}

void print_interval(Session &session, const Look &before, const Look &now)
{
	auto per_second = [&](auto... names) {
		return (rate(before, now, names) + ...);
	};
	print(session.out,
	      "{:>9} {:>9} {:>9} | {:>8.0f} {:>8.0f} {:>8.0f} {:>8.0f} {:>8.0f} {:>6.1f} "
	      "{:>6.1f} "
	      "{:>5.1f}\n",
	      now.what.stat("free"), now.what.stat("inactive"), now.what.stat("active"),
	      per_second("inserted", "adopted"), per_second("refaults"),
	      per_second("scan_inactive", "scan_active"), per_second("freed"),
	      per_second("laundered_file", "laundered_anon"), per_second("wakeups"),
	      per_second("direct_passes"), per_second("daemon_cpu_us") / 1e4);
}

} // namespace

void do_stats(Session &session, const StatsOptions &options)
{
	Cgroup cgroup = parse_cgroup(session.host, options.cgroup);
	Module module(session.host);
	auto look = [&] {
		return Look{module.attachment(cgroup), Clock::now()};
	};
	Look before = look();
	if (options.interval == 0) {
		print_totals(session, before.what);
		return;
	}
	auto next = before.when;
	auto step = std::chrono::duration_cast<Clock::duration>(
		std::chrono::duration<double>(options.interval));
	for (std::uint64_t n = 0; !options.count || n < options.count; n++) {
		next += step;
		std::this_thread::sleep_until(next);
		Look now = look();
		if (session.json) {
			print_json(session.out, interval(before, now));
		} else {
			if (n % 20 == 0)
				print_header(session);
			print_interval(session, before, now);
		}
		session.out.flush();
		before = now;
	}
}

} // namespace pagedaemon::ctl
