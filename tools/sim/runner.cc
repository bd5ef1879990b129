// SPDX-License-Identifier: GPL-2.0
#include "runner.hh"

#include <algorithm>
#include <atomic>
#include <ctime>
#include <exception>
#include <map>
#include <mutex>
#include <thread>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "baselines.hh"
#include "capacity.hh"

namespace pagedaemon::sim
{
namespace
{

/* CPU time of the thread that asks: others may share the CPU. */
u64 cpu_now()
{
	std::timespec t = {};

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return static_cast<u64>(t.tv_sec) * 1000000000u + static_cast<u64>(t.tv_nsec);
}

Result run_policy(const Job &job, const RunOptions &options)
{
	const pd_policy *policy = pd_policy_find(job.policy.data(), job.policy.size());
	HostOptions host = options.host;

	if (policy == nullptr)
		throw Error(fmt::format("there is no policy \"{}\"", job.policy));
	host.knobs = knobs_for(job.policy, options.knobs);
	return Host(*job.trace, *policy, job.frames, host).run();
}

Result dispatch(const Job &job, const RunOptions &options, const std::vector<u32> &next)
{
	if (job.policy == "fifo")
		return run_fifo(*job.trace, job.frames);
	if (job.policy == "clock")
		return run_clock(*job.trace, job.frames);
	if (job.policy == "lru")
		return run_lru(*job.trace, job.frames);
	if (job.policy == "belady")
		return run_belady(*job.trace, next, job.frames);
	return run_policy(job, options);
}

/* The times of next use of each trace, made by the first who needs them. */
class NextUses
{
public:
	explicit NextUses(const std::vector<Job> &jobs)
	{
		for (const Job &job : jobs)
			uses_.try_emplace(job.trace);
	}

	const std::vector<u32> &of(const Job &job)
	{
		Entry &entry = uses_.at(job.trace);

		if (job.policy == "belady")
			std::call_once(entry.once,
				       [&] { entry.next = next_uses(*job.trace); });
		return entry.next;
	}

private:
	struct Entry {
		std::once_flag once;
		std::vector<u32> next;
	};

	std::map<const Trace *, Entry> uses_;
};

} // namespace

const std::vector<std::string> &baseline_names()
{
	static const std::vector<std::string> names = {"fifo", "clock", "lru", "belady"};

	return names;
}

std::vector<std::string> policy_names()
{
	std::vector<std::string> names;

	for (pd_u32 i = 0; const pd_policy *policy = pd_policy_at(i); i++)
		names.emplace_back(policy->name);
	return names;
}

std::vector<std::string> parse_policies(const std::string &text)
{
	const std::vector<std::string> &baselines = baseline_names();
	const std::vector<std::string> policies = policy_names();
	std::vector<std::string> out;

	const auto add = [&](const std::string &name) {
		if (std::find(out.begin(), out.end(), name) == out.end())
			out.push_back(name);
	};
	const auto has = [](const std::vector<std::string> &names, const std::string &n) {
		return std::find(names.begin(), names.end(), n) != names.end();
	};

	for (const std::string &name : split(text)) {
		if (name == "all" || name == "baselines")
			std::for_each(baselines.begin(), baselines.end(), add);
		if (name == "all" || name == "policies")
			std::for_each(policies.begin(), policies.end(), add);
		if (has(baselines, name) || has(policies, name))
			add(name);
		else if (name != "all" && name != "baselines" && name != "policies")
			throw Error(
				fmt::format("there is no policy \"{}\"; there are {}, "
					    "{}, and all, baselines, policies",
					    name, fmt::join(baselines, ", "),
					    fmt::join(policies, ", ")));
	}
	return out;
}

Result run_one(const Job &job, const RunOptions &options, const std::vector<u32> &next)
{
	const u64 begin = cpu_now();
	Result result = dispatch(job, options, next);

	result.cpu_ns = cpu_now() - begin;
	result.trace = job.trace->name;
	result.policy = job.policy;
	result.frames = job.frames;
	result.references = job.trace->ids.size();
	return result;
}

std::vector<Result> run_all(const std::vector<Job> &jobs, const RunOptions &options)
{
	std::vector<Result> results(jobs.size());
	std::atomic<std::size_t> taken = 0;
	std::exception_ptr failure;
	std::mutex lock;
	NextUses uses(jobs);

	const auto work = [&] {
		for (std::size_t i = taken++; i < jobs.size(); i = taken++) {
			try {
				results[i] = run_one(jobs[i], options, uses.of(jobs[i]));
			} catch (...) {
				const std::lock_guard guard(lock);

				if (!failure)
					failure = std::current_exception();
				taken = jobs.size();
			}
		}
	};

	const std::size_t cpus = std::max(1u, std::thread::hardware_concurrency());
	const std::size_t wanted = options.jobs != 0 ? options.jobs : cpus;
	std::vector<std::jthread> threads;

	for (std::size_t i = 1; i < std::min(wanted, jobs.size()); i++)
		threads.emplace_back(work);
	work();
	threads.clear();
	if (failure)
		std::rethrow_exception(failure);
	return results;
}

} // namespace pagedaemon::sim
