/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A table of hit ratios, one row a trace and number of frames, one column a policy, and
 * the share of the gap between LRU and Belady that each policy closes. A Markdown table
 * of others' results, whose rows begin with TRACE@FRAMES, says which rows there are; what
 * its columns say is held against ours of the same name.
 */
#ifndef PAGEDAEMON_SIM_TABLE_HH
#define PAGEDAEMON_SIM_TABLE_HH

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "output.hh"

namespace pagedaemon::sim
{

struct RowSpec {
	std::string trace;
	u32 frames = 0;
	/* Hit ratios in percent, by policy as column_key() spells it. */
	std::map<std::string, double> given;
};

struct TableRow {
	RowSpec spec;
	std::vector<double> hits; /* percent, as in Table.policies */
};

struct Table {
	std::vector<std::string> policies;
	std::vector<TableRow> rows;
};

/* Lower case, letters and digits: "CLOCK-Pro" is clockpro. */
std::string column_key(const std::string &heading);

/* "TRACE@FRAMES" and nothing else. Throws Error. */
RowSpec parse_row_spec(const std::string &text);

/* The rows of the Markdown tables in a file; none is an error. */
std::vector<RowSpec> read_row_specs(const std::string &path);

/* The one file of @directory that is called TRACE, or TRACE with a suffix. */
std::string find_trace(const std::string &directory, const std::string &trace);

/* Of one row; none where LRU is as good as Belady, or one of both is missing. */
std::optional<double> gap_share(const Table &table, const TableRow &row,
				std::size_t policy);
std::optional<double> mean_gap_share(const Table &table, std::size_t policy);

struct Difference {
	std::size_t rows = 0;
	double greatest = 0; /* points */
	std::size_t within = 0;
	std::string where; /* the row of the greatest */
};

/* Between a column and what was given for it. */
Difference difference(const Table &table, std::size_t policy, double points);

std::string show_table(const Table &table, Style style);

/* One line for each column that was given, too. */
std::string show_differences(const Table &table, double points);

} // namespace pagedaemon::sim

#endif
