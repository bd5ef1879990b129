// SPDX-License-Identifier: GPL-2.0
#include "trace_event.hh"
#include "host.hh"
#include "tables.hh"
#include <algorithm>
#include <charconv>

namespace pagedaemon::ctl
{
namespace
{

std::uint64_t number(std::string_view text)
{
	int base = 10;
	if (text.starts_with("0x")) {
		text.remove_prefix(2);
		base = 16;
	}
	std::uint64_t value = 0;
	std::from_chars(text.data(), text.data() + text.size(), value, base);
	return value;
}

char type_letter(std::string_view type)
{
	/* exec is seen through an executable mapping; its letter is that of text. */
	return type == "exec" ? 'x' : type.empty() ? 'f' : type.front();
}

void take_field(Event &event, std::string_view key, std::string_view value)
{
	if (key == "cgroup")
		event.cgroup = value;
	else if (key == "id")
		event.id = number(value);
	else if (key == "pfn")
		event.pfn = number(value);
	else if (key == "nr_pages")
		event.nr_pages = static_cast<std::uint32_t>(
			std::clamp<std::uint64_t>(number(value), 1, 1u << 18));
	else if (key == "type")
		event.type = type_letter(value);
	else if (key == "refs")
		event.refs = static_cast<std::uint32_t>(number(value));
	else if (key == "soft_refs")
		event.soft_refs = static_cast<std::uint32_t>(number(value));
	else if (key == "flags")
		event.dirty = std::ranges::count(split(value, "|"), "dirty") > 0;
	else if (key == "verdict")
		event.freed = value == "free";
	else if (key == "refault" || key == "ghost")
		event.refault = event.refault || number(value) != 0;
}

} // namespace

std::optional<Event> parse_event(std::string_view line)
{
	constexpr std::string_view mark = ": pd_", begin = " cgroup=";
	Event event;

	auto at = line.find(mark);
	if (at == line.npos)
		return std::nullopt;
	line.remove_prefix(at + 2);
	auto colon = line.find(':');
	if (colon == line.npos || !line.substr(colon + 1).starts_with(begin))
		return std::nullopt;
	event.name = line.substr(0, colon);
	line.remove_prefix(colon + 1);
	for (std::string_view word : split(line, " \n")) {
		auto equals = word.find('=');
		if (equals != word.npos)
			take_field(event, word.substr(0, equals),
				   word.substr(equals + 1));
	}
	return event;
}

std::optional<std::uint64_t> parse_lost(std::string_view line)
{
	constexpr std::string_view begin = "CPU:", mark = " [LOST ", end = " EVENTS]";
	auto at = line.find(mark);
	if (!line.starts_with(begin) || at == line.npos)
		return std::nullopt;
	line.remove_prefix(at + mark.size());
	return parse_number(line.substr(0, line.find(end)));
}

std::string_view cut_name(std::string_view name)
{
	constexpr std::size_t field = 64; /* PD_TRACE_NAME, with the final NUL */
	return name.substr(0, field - 1);
}

} // namespace pagedaemon::ctl
