// SPDX-License-Identifier: GPL-2.0
/*
 * Belady's MIN without a search among pages. A resident page stands in a set by the time
 * of its next use, so the reference at time t is a hit if t is in the set, and the victim
 * is the page of the greatest time in it. Times are small integers: the set is a bitmap,
 * with bitmaps above it that say which words have a bit, 64 to one, so that its greatest
 * member is found in a handful of steps. Pages that are never used again are better
 * victims than any, and one is as good as the other: they are only counted.
 */
#include "baselines.hh"

#include <bit>

namespace pagedaemon::sim
{
namespace
{

class TimeSet
{
public:
	explicit TimeSet(std::size_t times)
	{
		do {
			times = (times + 63) / 64;
			levels_.emplace_back(times);
		} while (times > 1);
	}

	bool has(std::size_t time) const
	{
		return (levels_[0][time / 64] >> time % 64 & 1) != 0;
	}

	void add(std::size_t time)
	{
		for (std::vector<u64> &level : levels_) {
			const u64 bit = u64{1} << time % 64;

			time /= 64;
			if (level[time] != 0) {
				level[time] |= bit;
				return;
			}
			level[time] = bit;
		}
	}

	void remove(std::size_t time)
	{
		for (std::vector<u64> &level : levels_) {
			const u64 bit = u64{1} << time % 64;

			time /= 64;
			level[time] &= ~bit;
			if (level[time] != 0)
				return;
		}
	}

	/* Of a set that is not empty. */
	std::size_t greatest() const
	{
		std::size_t at = 0;

		for (std::size_t i = levels_.size(); i-- > 0;) {
			const auto top = static_cast<std::size_t>(
				63 - std::countl_zero(levels_[i][at]));

			at = at * 64 + top;
		}
		return at;
	}

	u64 bytes() const
	{
		u64 words = 0;

		for (const std::vector<u64> &level : levels_)
			words += level.size();
		return words * sizeof(u64);
	}

private:
	std::vector<std::vector<u64>> levels_;
};

} // namespace

std::vector<u32> next_uses(const Trace &trace)
{
	std::vector<u32> last(trace.pages, kNone);
	std::vector<u32> next(trace.ids.size());

	for (std::size_t i = next.size(); i-- > 0;) {
		next[i] = last[trace.ids[i]];
		last[trace.ids[i]] = static_cast<u32>(i);
	}
	return next;
}

Result run_belady(const Trace &trace, const std::vector<u32> &next, u32 frames)
{
	TimeSet uses(trace.ids.size());
	Result result;
	u32 used = 0;
	u32 useless = 0; /* resident, never to be used again */

	for (std::size_t now = 0; now < next.size(); now++) {
		if (uses.has(now)) {
			uses.remove(now);
		} else {
			result.misses++;
			if (used < frames) {
				used++;
			} else {
				result.frees++;
				if (useless != 0)
					useless--;
				else
					uses.remove(uses.greatest());
			}
		}
		if (next[now] == kNone)
			useless++;
		else
			uses.add(next[now]);
	}
	result.bytes = uses.bytes() + next.size() * sizeof(next[0]);
	return result;
}

} // namespace pagedaemon::sim
