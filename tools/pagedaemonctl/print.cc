// SPDX-License-Identifier: GPL-2.0
#include "print.hh"
#include <algorithm>

namespace pagedaemon::ctl
{

void print_json(std::ostream &out, const nlohmann::ordered_json &document)
{
	using Json = nlohmann::ordered_json;
	out << document.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
}

Table::Table(std::vector<std::string> header) : rows{std::move(header)}
{
}

void Table::add(std::vector<std::string> row)
{
	rows.push_back(std::move(row));
}

void Table::print(std::ostream &out, std::size_t left) const
{
	std::vector<std::size_t> widths(rows.front().size());
	for (const auto &row : rows)
		for (std::size_t i = 0; i < row.size(); i++)
			widths[i] = std::max(widths[i], row[i].size());
	for (const auto &row : rows) {
		std::string line;
		for (std::size_t i = 0; i < row.size(); i++) {
			if (i < left)
				line += fmt::format("{:<{}}  ", row[i], widths[i]);
			else
				line += fmt::format("{:>{}}  ", row[i], widths[i]);
		}
		line.erase(line.find_last_not_of(' ') + 1);
		out << line << '\n';
	}
}

} // namespace pagedaemon::ctl
