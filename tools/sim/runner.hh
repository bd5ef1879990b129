/* SPDX-License-Identifier: GPL-2.0 */
/* Runs of policies and baselines over traces, several at a time. */
#ifndef PAGEDAEMON_SIM_RUNNER_HH
#define PAGEDAEMON_SIM_RUNNER_HH

#include <string>
#include <vector>

#include "host.hh"
#include "knobs.hh"
#include "trace.hh"

namespace pagedaemon::sim
{

struct Job {
	const Trace *trace;
	std::string policy; /* or baseline */
	u32 frames;
};

struct RunOptions {
	HostOptions host;
	std::vector<KnobSetting> knobs;
	unsigned jobs = 0; /* 0: as many as there are CPUs */
};

/* fifo, clock, lru, belady. */
const std::vector<std::string> &baseline_names();
/* Those built in, in the registry's order. */
std::vector<std::string> policy_names();

/* Names at commas; "all", "policies" and "baselines" stand for many. Throws Error. */
std::vector<std::string> parse_policies(const std::string &text);

/* One run, here and now. @next: of next_uses(), for belady alone. */
Result run_one(const Job &job, const RunOptions &options, const std::vector<u32> &next);

/* All of them, in the order given. The first error of any ends all, and is thrown. */
std::vector<Result> run_all(const std::vector<Job> &jobs, const RunOptions &options);

} // namespace pagedaemon::sim

#endif
