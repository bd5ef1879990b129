// SPDX-License-Identifier: GPL-2.0
/*
 * References per second of each policy and baseline, one thread, 100,000 frames: make
 * sim-bench. items_per_second is what counts; PD_BENCH_TRACE in the environment names a
 * trace or generator to use in place of Zipf's law over a million pages.
 */
#include <cstdio>
#include <cstdlib>
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

void run(benchmark::State &state, const Trace &trace, const std::string &policy,
	 const std::vector<u32> &next, bool daemon)
{
	RunOptions options;
	Result result;

	options.host.daemon = daemon;
	for (auto _ : state)
		result = run_one({&trace, policy, kFrames}, options, next);
	state.SetItemsProcessed(state.iterations() * static_cast<s64>(trace.ids.size()));
	state.counters["hit_pct"] = 100 * result.hit_ratio();
	state.counters["looks"] =
		result.per_miss(result.looks_inactive + result.looks_active);
}

int bench(int argc, char **argv)
{
	const char *given = std::getenv("PD_BENCH_TRACE");
	const std::string source =
		given != nullptr ? given : "zipf:pages=1000000,refs=20000000,alpha=1";
	const Trace trace = is_generator(source) ? generate(source)
						 : read_trace(source, Format::kAuto);
	const std::vector<u32> next = next_uses(trace);

	benchmark::Initialize(&argc, argv);
	for (const std::string &policy : parse_policies("all"))
		benchmark::RegisterBenchmark(
			policy.c_str(), [&, policy](benchmark::State &state) {
				run(state, trace, policy, next, false);
			});
	for (const std::string &policy : policy_names())
		benchmark::RegisterBenchmark((policy + "/daemon").c_str(),
					     [&, policy](benchmark::State &state) {
						     run(state, trace, policy, next,
							 true);
					     });
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
