/* SPDX-License-Identifier: GPL-2.0 */
/* Results as text for people, CSV, JSON, and a chart by gnuplot. */
#ifndef PAGEDAEMON_SIM_OUTPUT_HH
#define PAGEDAEMON_SIM_OUTPUT_HH

#include <string>
#include <vector>

#include "sim.hh"

namespace pagedaemon::sim
{

enum class Style { kText, kCsv, kJson, kMarkdown };

/* One row a run; kMarkdown is not for runs. */
std::string show_results(const std::vector<Result> &results, Style style);

/* Commas and quotes as in RFC 4180. */
std::string csv_field(const std::string &text);

/*
 * A curve for each policy, miss ratio over frames. @path ends in .svg or .png. Throws
 * Error if it does not, or gnuplot cannot be run.
 */
void draw_chart(const std::vector<Result> &results, const std::string &path);

/* Throws Error if @path is none that draw_chart() can make; looks at the name alone. */
void check_chart_name(const std::string &path);

/* To a file, or standard output if @path is empty. Throws Error. */
void write_text(const std::string &path, const std::string &text);

} // namespace pagedaemon::sim

#endif
