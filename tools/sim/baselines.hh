/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What policies are measured against: the classic algorithms, one frame a page, without
 * dirty pages, types or a daemon. Each starts empty.
 */
#ifndef PAGEDAEMON_SIM_BASELINES_HH
#define PAGEDAEMON_SIM_BASELINES_HH

#include <vector>

#include "trace.hh"

namespace pagedaemon::sim
{

Result run_fifo(const Trace &trace, u32 frames);

/*
 * FIFO with a second chance: one bit for each page, clear as the page comes in, set by
 * each hit; the hand clears it and goes on.
 */
Result run_clock(const Trace &trace, u32 frames);

Result run_lru(const Trace &trace, u32 frames);

/*
 * For each reference the one at which its page is next used, kNone if never. The same
 * for all capacities.
 */
std::vector<u32> next_uses(const Trace &trace);

/*
 * Belady's MIN: the page goes whose next use is farthest away. Every page comes in,
 * however far away its own next use is.
 */
Result run_belady(const Trace &trace, const std::vector<u32> &next, u32 frames);

} // namespace pagedaemon::sim

#endif
