/* SPDX-License-Identifier: GPL-2.0 */
/* What all parts of the simulator share: integers, errors, the result of a run. */
#ifndef PAGEDAEMON_SIM_SIM_HH
#define PAGEDAEMON_SIM_SIM_HH

#include <cstdint>
#include <stdexcept>
#include <string>

namespace pagedaemon::sim
{

using u8 = std::uint8_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;
using s64 = std::int64_t;

/* Frames, pages and references have 32-bit numbers; this one is none of them. */
inline constexpr u32 kNone = ~u32{0};
inline constexpr u64 kMostRefs = kNone - 1;

/* Something the user gave cannot be used; what() is for the user to read. */
class Error : public std::runtime_error
{
public:
	using std::runtime_error::runtime_error;
};

/**
 * struct Result - what one policy did with one trace and so many frames
 * @frees: pages evicted, by whatever way
 * @writes: pages written to file or swap before they could go
 * @looks_inactive: pages judged on the inactive queue (hand steps for CLOCK)
 * @looks_active: pages judged on the active queue
 * @activations: inactive pages that a look made active
 * @forced: pages evicted against the policy's verdict, for it gave none
 * @direct_passes: passes made by who missed and found no free frame
 * @daemon_passes: passes of the daemon, with --daemon
 * @pauses: of them, those after which it slept although memory was short
 * @idle_passes: active scans while nobody needed memory
 * @cpu_ns: host CPU time of the run, without reading the trace
 * @bytes: the host's memory for frames and pages, without the trace
 */
struct Result {
	std::string trace;
	std::string policy;
	u64 frames = 0;
	u64 references = 0;
	u64 misses = 0;
	u64 frees = 0;
	u64 writes = 0;
	u64 looks_inactive = 0;
	u64 looks_active = 0;
	u64 activations = 0;
	u64 forced = 0;
	u64 direct_passes = 0;
	u64 daemon_passes = 0;
	u64 pauses = 0;
	u64 idle_passes = 0;
	u64 cpu_ns = 0;
	u64 bytes = 0;

	double miss_ratio() const
	{
		return references == 0 ? 0
				       : static_cast<double>(misses) /
						 static_cast<double>(references);
	}

	double hit_ratio() const
	{
		return references == 0 ? 0 : 1 - miss_ratio();
	}

	/* A count for each miss. */
	double per_miss(u64 count) const
	{
		return misses == 0
			       ? 0
			       : static_cast<double>(count) / static_cast<double>(misses);
	}

	double ns_per_reference() const
	{
		return references == 0 ? 0
				       : static_cast<double>(cpu_ns) /
						 static_cast<double>(references);
	}

	double bytes_per_frame() const
	{
		return frames == 0
			       ? 0
			       : static_cast<double>(bytes) / static_cast<double>(frames);
	}
};

} // namespace pagedaemon::sim

#endif
