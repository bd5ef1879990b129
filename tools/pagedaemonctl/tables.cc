// SPDX-License-Identifier: GPL-2.0
#include "tables.hh"
#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <pagedaemon/types.h>

namespace pagedaemon::ctl
{
namespace
{

constexpr std::optional<std::uint64_t> default_of(std::uint64_t value)
{
	return value == PD_AUTO ? std::nullopt : std::optional(value);
}

#define PD_KNOB(name, def, min, max, unit, text)                                         \
	Knob{#name, default_of(def), min, max, unit, text},
constexpr Knob knob_table[] = {
#include <pagedaemon/knobs.def>
};
#undef PD_KNOB

#define PD_GAUGE(name, expression, unit, text) Stat{#name, unit, text, false},
#define PD_COUNTER(name, unit, text) Stat{#name, unit, text, true},
constexpr Stat stat_table[] = {
#include "gauges.def"
#include <pagedaemon/counters.def>
};
#undef PD_GAUGE
#undef PD_COUNTER

template <typename Row>
const Row *find(std::span<const Row> rows, std::string_view name)
{
	auto row = std::ranges::find(rows, name, &Row::name);
	return row == rows.end() ? nullptr : &*row;
}

} // namespace

std::span<const Knob> all_knobs()
{
	return knob_table;
}

std::span<const Stat> all_stats()
{
	return stat_table;
}

const Knob *find_knob(std::string_view name)
{
	return find(all_knobs(), name);
}

const Stat *find_stat(std::string_view name)
{
	return find(all_stats(), name);
}

std::string bounds_text(const Knob &knob)
{
	return fmt::format("{} to {} ({})", knob.min, knob.max, knob.unit);
}

std::optional<std::uint64_t> parse_number(std::string_view text)
{
	std::uint64_t value = 0;
	auto [end, error] =
		std::from_chars(text.data(), text.data() + text.size(), value);
	if (error != std::errc() || end != text.data() + text.size())
		return std::nullopt;
	return value;
}

} // namespace pagedaemon::ctl
