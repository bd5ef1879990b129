/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Capacities in words: "1000", "5%" of the distinct pages of the trace, and
 * "A..B:N", N of them from A to B, evenly spaced on a logarithmic scale.
 */
#ifndef PAGEDAEMON_SIM_CAPACITY_HH
#define PAGEDAEMON_SIM_CAPACITY_HH

#include <string>
#include <vector>

#include "sim.hh"

namespace pagedaemon::sim
{

/* In rising order, each once. Throws Error in words. */
std::vector<u32> parse_capacities(const std::vector<std::string> &texts, u32 pages);

/* At commas. */
std::vector<std::string> split(const std::string &text);

} // namespace pagedaemon::sim

#endif
