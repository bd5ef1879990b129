/* SPDX-License-Identifier: GPL-2.0 */
/* Knobs and statistics by name, from the .def files that the module is made from. */
#ifndef PAGEDAEMONCTL_TABLES_HH
#define PAGEDAEMONCTL_TABLES_HH

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace pagedaemon::ctl
{

struct Knob {
	std::string_view name;
	std::optional<std::uint64_t> def; /* none: computed from the limit */
	std::uint64_t min, max;
	std::string_view unit, text;
};

struct Stat {
	std::string_view name, unit, text;
	bool rises; /* a counter; else it falls, too */
};

std::span<const Knob> all_knobs();
std::span<const Stat> all_stats();
const Knob *find_knob(std::string_view name);
const Stat *find_stat(std::string_view name);

/* "0 to 86400 seconds" */
std::string bounds_text(const Knob &knob);

/* Decimal digits and nothing else, as the module reads them. */
std::optional<std::uint64_t> parse_number(std::string_view text);

} // namespace pagedaemon::ctl

#endif
