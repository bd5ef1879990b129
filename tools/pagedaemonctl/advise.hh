/* SPDX-License-Identifier: GPL-2.0 */
/* From misses by policy and limit to words: which policy, which limit. */
#ifndef PAGEDAEMONCTL_ADVISE_HH
#define PAGEDAEMONCTL_ADVISE_HH

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pagedaemon::ctl
{

/* A limit as users write it, in pages: 8192, 32M, 150%. Throws Usage or Refused. */
std::uint64_t parse_limit(std::string_view text, std::uint64_t recorded);

/* Unless the user says which: 50 % to 200 % of what was recorded. */
std::vector<std::uint64_t> usual_limits(std::uint64_t recorded);

struct Outcome {
	std::string policy;
	std::uint64_t misses, writes;
};

/* What each policy did under one limit, in the same order in all rows. */
struct Row {
	std::uint64_t limit;
	std::vector<Outcome> outcomes;

	/* With the fewest misses; of several, @preferred, else the first. */
	const Outcome &best(std::string_view preferred) const;
};

/*
 * The knee of the curve that the best policy at each limit makes: the smallest limit that
 * saves all but a twentieth of the misses that the largest saves over the smallest.
 * Rows are in rising order of limit.
 */
const Row &knee(std::span<const Row> rows);

} // namespace pagedaemon::ctl

#endif
