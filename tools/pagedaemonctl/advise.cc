// SPDX-License-Identifier: GPL-2.0
#include "advise.hh"
#include "error.hh"
#include "tables.hh"
#include <algorithm>

namespace pagedaemon::ctl
{
namespace
{

constexpr std::uint64_t page_bytes = 4096; /* x86-64 */
/* The simulator's frames have 32-bit numbers. */
constexpr std::uint64_t most_pages = 1ull << 31;

/* How many of the unit make a page, or are in it: bytes for K, M and G. */
std::uint64_t unit_bytes(char letter)
{
	switch (letter) {
	case 'K':
	case 'k':
		return 1ull << 10;
	case 'M':
	case 'm':
		return 1ull << 20;
	case 'G':
	case 'g':
		return 1ull << 30;
	default:
		return 0;
	}
}

std::uint64_t fewest(const Row &row)
{
	return row.best("").misses;
}

} // namespace

std::uint64_t parse_limit(std::string_view text, std::uint64_t recorded)
{
	char last = text.empty() ? '\0' : text.back();
	std::uint64_t bytes = unit_bytes(last);
	auto digits = bytes || last == '%' ? text.substr(0, text.size() - 1) : text;
	auto number = parse_number(digits);
	if (!number)
		throw Usage("\"{}\" is no limit; expected pages (8192), a size (32M) or "
			    "a share of "
			    "the recorded limit (150%)",
			    text);
	if (last == '%' && !recorded)
		throw Refused(
			"{} of what? The trace does not say under which limit it was "
			"recorded; expected a limit in pages or a size",
			text);
	/* Before it is multiplied, so that nothing wraps round. */
	if (*number > most_pages)
		throw Refused("a limit of {} is more than the simulator can do", text);
	std::uint64_t pages = *number;
	if (bytes)
		pages = *number * bytes / page_bytes;
	else if (last == '%')
		pages = *number * recorded / 100;
	if (pages < 1 || pages > most_pages)
		throw Refused("a limit of {} is {} pages; expected 1 to {}", text, pages,
			      most_pages);
	return pages;
}

std::vector<std::uint64_t> usual_limits(std::uint64_t recorded)
{
	std::vector<std::uint64_t> limits;
	for (std::uint64_t percent = 50; percent <= 200; percent += 10)
		limits.push_back(std::max<std::uint64_t>(1, recorded * percent / 100));
	return limits;
}

const Outcome &Row::best(std::string_view preferred) const
{
	auto least = std::ranges::min_element(outcomes, {}, &Outcome::misses);
	auto wanted = std::ranges::find(outcomes, preferred, &Outcome::policy);
	return wanted != outcomes.end() && wanted->misses == least->misses ? *wanted
									   : *least;
}

const Row &knee(std::span<const Row> rows)
{
	std::uint64_t least = fewest(rows.back());
	std::uint64_t saved =
		fewest(rows.front()) - std::min(fewest(rows.front()), least);
	return *std::ranges::find_if(
		rows, [&](const Row &row) { return fewest(row) <= least + saved / 20; });
}

} // namespace pagedaemon::ctl
