/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEDAEMONCTL_CHART_HH
#define PAGEDAEMONCTL_CHART_HH

#include "advise.hh"
#include "host.hh"

namespace pagedaemon::ctl
{

/* Misses over limits, a line for each policy, and a mark at the recorded limit. */
std::string chart_script(std::span<const Row> rows, std::uint64_t recorded,
			 const Path &file);

/* By gnuplot, as SVG. Throws Refused; the file is then as it was before. */
void draw_chart(std::span<const Row> rows, std::uint64_t recorded, const Path &file);

} // namespace pagedaemon::ctl

#endif
