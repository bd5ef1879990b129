// SPDX-License-Identifier: GPL-2.0
#include "baselines.hh"

namespace pagedaemon::sim
{
namespace
{

/* One byte for each page: enough to tell a hit. */
constexpr u8 kResident = 1u << 0;
constexpr u8 kReferenced = 1u << 1;

/* References so far ahead are fetched into the cache meanwhile. */
constexpr std::size_t kAhead = 16;

/* @use is called for each reference; what it needs of @state comes to it early. */
template <typename T, typename F>
void for_each(const Trace &trace, const std::vector<T> &state, F use)
{
	const std::size_t n = trace.ids.size();
	const std::size_t early = n > kAhead ? n - kAhead : 0;
	std::size_t i = 0;

	for (; i < early; i++) {
		__builtin_prefetch(&state[trace.ids[i + kAhead]]);
		use(trace.ids[i]);
	}
	for (; i < n; i++)
		use(trace.ids[i]);
}

/* FIFO and CLOCK: frames in a ring, the hand at the oldest. */
template <bool kSecondChance>
Result run_ring(const Trace &trace, u32 frames)
{
	std::vector<u8> state(trace.pages);
	std::vector<u32> ring(frames);
	Result result;
	u32 used = 0;
	u32 hand = 0;

	const auto advance = [&] {
		hand = hand + 1 == frames ? 0 : hand + 1;
	};

	for_each(trace, state, [&](u32 page) {
		if ((state[page] & kResident) != 0) {
			if constexpr (kSecondChance)
				state[page] = kResident | kReferenced;
			return;
		}
		result.misses++;
		if (used < frames) {
			ring[used++] = page;
		} else {
			while (state[ring[hand]] == (kResident | kReferenced)) {
				state[ring[hand]] = kResident;
				result.looks_inactive++;
				advance();
			}
			state[ring[hand]] = 0;
			result.looks_inactive++;
			result.frees++;
			ring[hand] = page;
			advance();
		}
		state[page] = kResident;
	});
	result.bytes = state.size() * sizeof(state[0]) + ring.size() * sizeof(ring[0]);
	return result;
}

/* Frames in a ring of links; the one behind the head is the newest. */
class LruList
{
public:
	explicit LruList(u32 frames) : links_(frames + std::size_t{1}), head_(frames)
	{
		links_[head_] = {head_, head_, kNone};
	}

	void push(u32 frame, u32 page)
	{
		links_[frame].page = page;
		link(frame);
	}

	void touch(u32 frame)
	{
		if (links_[head_].next == frame)
			return;
		unlink(frame);
		link(frame);
	}

	u32 pop_oldest()
	{
		const u32 frame = links_[head_].prev;

		unlink(frame);
		return frame;
	}

	u32 page_of(u32 frame) const
	{
		return links_[frame].page;
	}

	u64 bytes() const
	{
		return links_.size() * sizeof(links_[0]);
	}

private:
	struct Link {
		u32 next;
		u32 prev;
		u32 page;
	};

	void link(u32 frame)
	{
		const u32 first = links_[head_].next;

		links_[frame].prev = head_;
		links_[frame].next = first;
		links_[first].prev = frame;
		links_[head_].next = frame;
	}

	void unlink(u32 frame)
	{
		const Link &at = links_[frame];

		links_[at.prev].next = at.next;
		links_[at.next].prev = at.prev;
	}

	std::vector<Link> links_;
	u32 head_;
};

} // namespace

Result run_fifo(const Trace &trace, u32 frames)
{
	return run_ring<false>(trace, frames);
}

Result run_clock(const Trace &trace, u32 frames)
{
	return run_ring<true>(trace, frames);
}

Result run_lru(const Trace &trace, u32 frames)
{
	std::vector<u32> frame_of(trace.pages, kNone);
	LruList list(frames);
	Result result;
	u32 used = 0;

	for_each(trace, frame_of, [&](u32 page) {
		u32 frame = frame_of[page];

		if (frame != kNone) {
			list.touch(frame);
			return;
		}
		result.misses++;
		if (used < frames) {
			frame = used++;
		} else {
			frame = list.pop_oldest();
			frame_of[list.page_of(frame)] = kNone;
			result.frees++;
		}
		list.push(frame, page);
		frame_of[page] = frame;
	});
	result.bytes = frame_of.size() * sizeof(frame_of[0]) + list.bytes();
	return result;
}

} // namespace pagedaemon::sim
