// SPDX-License-Identifier: GPL-2.0
#include "capacity.hh"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string_view>

#include <fmt/format.h>

namespace pagedaemon::sim
{
namespace
{

/* Frame numbers have 32 bits, and some are taken for other ends. */
constexpr double kMostFrames = 4294967000.0;
constexpr u64 kMostPoints = 10000;

[[noreturn]] void fail(const std::string &text)
{
	throw Error(fmt::format("expected a number of frames, P% or A..B:N, not \"{}\"",
				text));
}

double number_of(std::string_view text, const std::string &all)
{
	double value = 0;
	const char *end = text.data() + text.size();
	const auto got = std::from_chars(text.data(), end, value);

	if (got.ec != std::errc() || got.ptr != end || !std::isfinite(value))
		fail(all);
	return value;
}

double frames_of(std::string_view text, u32 pages, const std::string &all)
{
	double frames = 0;

	if (text.ends_with('%')) {
		text.remove_suffix(1);
		frames = number_of(text, all) / 100 * pages;
		/* A share of a few pages is one page at least. */
		if (frames > 0)
			frames = std::max(frames, 1.0);
	} else {
		frames = number_of(text, all);
		if (frames != std::floor(frames))
			fail(all);
	}
	if (!(frames >= 1 && frames <= kMostFrames))
		throw Error(fmt::format("\"{}\" is {:.0f} frames; 1 to {:.0f} can be",
					all, frames, kMostFrames));
	return frames;
}

void add_range(const std::string &text, std::size_t dots, u32 pages,
	       std::vector<u32> &out)
{
	const std::string_view all = text;
	const std::size_t colon = text.find(':', dots);
	u64 points = 0;

	if (colon == std::string::npos)
		fail(text);

	const std::string_view count = all.substr(colon + 1);
	const auto got =
		std::from_chars(count.data(), count.data() + count.size(), points);
	const double from = frames_of(all.substr(0, dots), pages, text);
	const double to = frames_of(all.substr(dots + 2, colon - dots - 2), pages, text);

	if (got.ec != std::errc() || got.ptr != count.data() + count.size() ||
	    points < 2 || points > kMostPoints || to < from)
		fail(text);
	for (u64 i = 0; i < points; i++) {
		const double part =
			static_cast<double>(i) / static_cast<double>(points - 1);

		out.push_back(
			static_cast<u32>(std::lround(from * std::pow(to / from, part))));
	}
}

} // namespace

std::vector<std::string> split(const std::string &text)
{
	std::vector<std::string> out;
	std::size_t begin = 0;

	while (begin <= text.size()) {
		const std::size_t end = std::min(text.find(',', begin), text.size());

		out.push_back(text.substr(begin, end - begin));
		begin = end + 1;
	}
	return out;
}

std::vector<u32> parse_capacities(const std::vector<std::string> &texts, u32 pages)
{
	std::vector<u32> out;

	for (const std::string &text : texts) {
		const std::size_t dots = text.find("..");

		if (dots != std::string::npos)
			add_range(text, dots, pages, out);
		else
			out.push_back(static_cast<u32>(
				std::lround(frames_of(text, pages, text))));
	}
	std::sort(out.begin(), out.end());
	out.erase(std::unique(out.begin(), out.end()), out.end());
	return out;
}

} // namespace pagedaemon::sim
