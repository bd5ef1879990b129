/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Frames on the inactive and the active queue, oldest first, linked by number: 16 bytes
 * for a frame, so that a look at one is one cache line.
 *
 * Each queue has a cursor, between two frames. It keeps its place whatever is put in and
 * taken out elsewhere; taking the frame right behind it moves it back by one.
 */
#ifndef PAGEDAEMON_SIM_QUEUES_HH
#define PAGEDAEMON_SIM_QUEUES_HH

#include <array>
#include <vector>

#include <pagedaemon/types.h>

#include "sim.hh"

namespace pagedaemon::sim
{

struct Frame {
	u32 next;
	u32 prev;
	u32 page;
	pd_page_state state;
	u8 queue; /* enum pd_queue_id */
	u8 in_writeback;
};
static_assert(sizeof(Frame) == 16);

class Queues
{
public:
	explicit Queues(u32 frames)
		: frames_(frames + std::size_t{PD_NR_QUEUES}), first_head_(frames)
	{
		for (u32 queue = 0; queue < PD_NR_QUEUES; queue++) {
			const u32 head = first_head_ + queue;

			frames_[head].next = frames_[head].prev = head;
			frames_[head].page = 0;
			cursor_[queue] = head;
		}
	}

	Frame &operator[](u32 frame)
	{
		return frames_[frame];
	}

	u64 length(u32 queue) const
	{
		return length_[queue];
	}

	u32 capacity() const
	{
		return first_head_;
	}

	u32 oldest(u32 queue) const
	{
		const u32 frame = frames_[head_of(queue)].next;

		return frame == head_of(queue) ? kNone : frame;
	}

	/* The one after @frame, kNone at the newest end. */
	u32 newer(u32 queue, u32 frame) const
	{
		const u32 next = frames_[frame].next;

		return next == head_of(queue) ? kNone : next;
	}

	void put_newest(u32 queue, u32 frame)
	{
		put_after(queue, frames_[head_of(queue)].prev, frame);
	}

	/* Before the cursor, so that a scan under way does not meet it. */
	void put_oldest(u32 queue, u32 frame)
	{
		const u32 head = head_of(queue);

		put_after(queue, head, frame);
		if (cursor_[queue] == head)
			cursor_[queue] = frame;
	}

	/* Just before the cursor. */
	void put_back(u32 queue, u32 frame)
	{
		put_after(queue, cursor_[queue], frame);
		cursor_[queue] = frame;
	}

	void take(u32 frame)
	{
		Frame &f = frames_[frame];

		if (cursor_[f.queue] == frame)
			cursor_[f.queue] = f.prev;
		frames_[f.prev].next = f.next;
		frames_[f.next].prev = f.prev;
		length_[f.queue]--;
	}

	void rewind(u32 queue)
	{
		cursor_[queue] = head_of(queue);
	}

	/* Takes the frame behind the cursor off its queue; kNone at the end. */
	u32 take_next(u32 queue)
	{
		const u32 frame = frames_[cursor_[queue]].next;

		if (frame == head_of(queue))
			return kNone;
		take(frame);
		return frame;
	}

	/*
	 * A place some frames ahead of the cursor, for fetching what will be looked at.
	 * It may be any frame, but is always one.
	 */
	u32 scout(u32 queue) const
	{
		u32 at = cursor_[queue];

		for (int i = 0; i < kScoutAhead; i++)
			at = frames_[at].next;
		return at;
	}

	u32 next_of(u32 frame) const
	{
		return frames_[frame].next;
	}

	u64 bytes() const
	{
		return frames_.size() * sizeof(frames_[0]);
	}

private:
	static constexpr int kScoutAhead = 4;

	u32 head_of(u32 queue) const
	{
		return first_head_ + queue;
	}

	void put_after(u32 queue, u32 place, u32 frame)
	{
		const u32 next = frames_[place].next;

		frames_[frame].queue = static_cast<u8>(queue);
		frames_[frame].prev = place;
		frames_[frame].next = next;
		frames_[next].prev = frame;
		frames_[place].next = frame;
		length_[queue]++;
	}

	std::vector<Frame> frames_;
	u32 first_head_;
	std::array<u32, PD_NR_QUEUES> cursor_ = {};
	std::array<u64, PD_NR_QUEUES> length_ = {};
};

} // namespace pagedaemon::sim

#endif
