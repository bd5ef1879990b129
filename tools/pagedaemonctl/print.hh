/* SPDX-License-Identifier: GPL-2.0 */
/* Text for people in columns, JSON for programs. */
#ifndef PAGEDAEMONCTL_PRINT_HH
#define PAGEDAEMONCTL_PRINT_HH

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <vector>

namespace pagedaemon::ctl
{

template <typename... Args>
void print(std::ostream &out, fmt::format_string<Args...> text, Args &&...args)
{
	out << fmt::format(text, std::forward<Args>(args)...);
}

/* One document on one line. Names that are not UTF-8 come out with U+FFFD in them. */
void print_json(std::ostream &out, const nlohmann::ordered_json &document);

class Table final
{
public:
	explicit Table(std::vector<std::string> header);
	void add(std::vector<std::string> row);
	/* The first @left columns are words, the others numbers. */
	void print(std::ostream &out, std::size_t left) const;

private:
	std::vector<std::vector<std::string>> rows;
};

} // namespace pagedaemon::ctl

#endif
