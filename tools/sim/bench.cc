// SPDX-License-Identifier: GPL-2.0
/*
 * References per second of each policy and baseline, one thread, 100,000 frames: make
 * sim-bench. "refs" is that, by CPU time; "hits" are in percent, "looks" for each miss.
 * What costs is a miss, so the loads go from many hits to none. PD_BENCH_TRACE in the
 * environment names a trace or generator to use in place of them.
 */
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>

#include <benchmark/benchmark.h>

#include "baselines.hh"
#include "generate.hh"
#include "runner.hh"

namespace pagedaemon::sim
{
namespace
{

constexpr u32 kFrames = 100000;

/* What the benchmarks are called by, and the trace. */
const std::map<std::string, std::string> kLoads = {
	{"zipf", "zipf:pages=1000000,refs=20000000,alpha=1"},
	{"zipf0.8", "zipf:pages=1000000,refs=20000000,alpha=0.8"},
	{"scan", "scan:pages=1000000,hot=90000,refs=20000000"},
	{"loop", "loop:pages=120000,refs=20000000"},
};

struct Load {
	Trace trace;
	std::vector<u32> next;
};

Load load(const std::string &source)
{
	Load made;

	made.trace = is_generator(source) ? generate(source)
					  : read_trace(source, Format::kAuto);
	made.next = next_uses(made.trace);
	return made;
}

void run(benchmark::State &state, const Load &load, const std::string &policy,
	 bool daemon)
{
	RunOptions options;
	Result result;

	options.host.daemon = daemon;
	for (auto _ : state)
		result = run_one({&load.trace, policy, kFrames}, options, load.next);
	state.counters["refs"] =
		benchmark::Counter(static_cast<double>(load.trace.ids.size()),
				   benchmark::Counter::kIsIterationInvariantRate);
	state.counters["hits"] = 100 * result.hit_ratio();
	state.counters["looks"] =
		result.per_miss(result.looks_inactive + result.looks_active);
}

void add(const std::string &name, const Load &load, const std::string &policy,
	 bool daemon)
{
	benchmark::RegisterBenchmark(
		(name + "/" + policy + (daemon ? "/daemon" : "")).c_str(),
		[&load, policy, daemon](benchmark::State &state) {
			run(state, load, policy, daemon);
		})
		->Unit(benchmark::kMillisecond);
}

int bench(int argc, char **argv)
{
	const char *given = std::getenv("PD_BENCH_TRACE");
	const auto sources =
		given == nullptr ? kLoads
				 : std::map<std::string, std::string>{{"given", given}};
	std::map<std::string, Load> loads;

	benchmark::Initialize(&argc, argv);
	for (const auto &[name, source] : sources) {
		const Load &made = loads[name] = load(source);

		for (const std::string &policy : parse_policies("all"))
			add(name, made, policy, false);
		for (const std::string &policy : policy_names())
			add(name, made, policy, true);
	}
	benchmark::RunSpecifiedBenchmarks();
	return 0;
}

} // namespace
} // namespace pagedaemon::sim

int main(int argc, char **argv)
{
	try {
		return pagedaemon::sim::bench(argc, argv);
	} catch (const std::exception &e) {
		std::fprintf(stderr, "bench: %s\n", e.what());
		return 2;
	}
}
