/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Frames on the inactive and the active queue, oldest first. A queue holds the frames
 * themselves, 8 bytes each, one behind the other in chunks: who scans reads memory in
 * order, and knows what comes next early enough to fetch it. Links from frame to frame
 * would cost a cache miss at each step.
 *
 *	[put_oldest()][put_back()] | cursor | [put_next()][not scanned yet][put_newest()]
 *	 kept aside during a scan  |        |              in chunks
 *
 * A scan begins at the oldest. What it puts back, and what is put in as the oldest
 * meanwhile, it does not meet again: that is kept aside, and goes in front when the
 * scan ends.
 */
#ifndef PAGEDAEMON_SIM_QUEUES_HH
#define PAGEDAEMON_SIM_QUEUES_HH

#include <algorithm>
#include <array>
#include <memory>
#include <unordered_map>
#include <vector>

#include <pagedaemon/types.h>

#include "sim.hh"

namespace pagedaemon::sim
{

struct Frame {
	u32 page;
	pd_page_state state;
	u8 in_writeback;
	u8 is_gone; /* taken from between others: there is no frame here */
};
static_assert(sizeof(Frame) == 8);

/* Memory for frames; what was given back last is likely in the cache. */
class Chunks
{
public:
	static constexpr unsigned kShift = 9;
	static constexpr u64 kFrames = u64{1} << kShift;

	Frame *get()
	{
		if (free_.empty()) {
			all_.push_back(std::make_unique_for_overwrite<Frame[]>(kFrames));
			return all_.back().get();
		}

		Frame *const chunk = free_.back();

		free_.pop_back();
		return chunk;
	}

	void put(Frame *chunk)
	{
		free_.push_back(chunk);
	}

	u64 bytes() const
	{
		return all_.size() * (kFrames * sizeof(Frame) + sizeof(all_[0])) +
		       free_.capacity() * sizeof(free_[0]);
	}

private:
	std::vector<std::unique_ptr<Frame[]>> all_;
	std::vector<Frame *> free_;
};

/* Frames in a row that grows at both ends. A frame's place stays what it is. */
class Row
{
public:
	Frame &operator[](u64 place)
	{
		return chunk_of(place)[place % Chunks::kFrames];
	}

	u64 begin() const
	{
		return begin_;
	}

	u64 end() const
	{
		return end_;
	}

	u64 push_newest(Chunks &chunks, const Frame &frame)
	{
		if (end_ % Chunks::kFrames == 0)
			add_chunk(chunks, end_);
		(*this)[end_] = frame;
		return end_++;
	}

	u64 push_oldest(Chunks &chunks, const Frame &frame)
	{
		if (begin_ % Chunks::kFrames == 0)
			add_chunk(chunks, begin_ - 1);
		(*this)[--begin_] = frame;
		return begin_;
	}

	/* Of a row that is not empty. */
	Frame pop_oldest(Chunks &chunks)
	{
		const Frame frame = (*this)[begin_];

		if (++begin_ % Chunks::kFrames == 0)
			chunks.put(chunk_of(begin_ - 1));
		return frame;
	}

	u64 bytes() const
	{
		return chunks_.size() * sizeof(chunks_[0]);
	}

private:
	Frame *&chunk_of(u64 place)
	{
		return chunks_[place >> Chunks::kShift & (chunks_.size() - 1)];
	}

	void add_chunk(Chunks &chunks, u64 place)
	{
		if (((end_ - begin_) >> Chunks::kShift) + 3 > chunks_.size())
			grow();
		chunk_of(place) = chunks.get();
	}

	void grow()
	{
		std::vector<Frame *> larger(chunks_.size() * 2);
		const u64 last = end_ >> Chunks::kShift;

		for (u64 at = begin_ >> Chunks::kShift; at <= last; at++)
			larger[at & (larger.size() - 1)] =
				chunks_[at & (chunks_.size() - 1)];
		chunks_ = std::move(larger);
	}

	/* Round and round; a power of two, and larger than what is in use. */
	std::vector<Frame *> chunks_ = std::vector<Frame *>(4);
	/* Half way, so that both ends have room for as long as a run takes. */
	u64 begin_ = u64{1} << 63;
	u64 end_ = begin_;
};

class Queues
{
public:
	/* Where a frame is, while no scan is under way. */
	struct Where {
		u32 queue;
		u64 place;
	};

	explicit Queues(u32 frames) : capacity_(frames)
	{
	}

	u64 length(u32 queue) const
	{
		return length_[queue];
	}

	u32 capacity() const
	{
		return capacity_;
	}

	void put_newest(u32 queue, const Frame &frame)
	{
		length_[queue]++;
		note(queue, frame, row_[queue].push_newest(chunks_, frame));
	}

	/* Before the cursor, so that a scan under way does not meet it. */
	void put_oldest(u32 queue, const Frame &frame)
	{
		length_[queue]++;
		if (is_scanned_[queue])
			oldest_[queue].push_back(frame);
		else
			note(queue, frame, row_[queue].push_oldest(chunks_, frame));
	}

	/* Behind the cursor: a scan under way meets it next. */
	void put_next(u32 queue, const Frame &frame)
	{
		length_[queue]++;
		note(queue, frame, row_[queue].push_oldest(chunks_, frame));
	}

	/* Just before the cursor, where a scan took it. */
	void put_back(u32 queue, const Frame &frame)
	{
		length_[queue]++;
		back_[queue].push_back(frame);
	}

	void begin_scan(u32 queue)
	{
		is_scanned_[queue] = true;
	}

	/* Takes the frame behind the cursor off its queue; false at the end. */
	bool take_next(u32 queue, Frame &frame)
	{
		Row &row = row_[queue];

		while (row.begin() != row.end()) {
			frame = row.pop_oldest(chunks_);
			if (frame.is_gone == 0) {
				length_[queue]--;
				return true;
			}
		}
		return false;
	}

	void end_scan(u32 queue)
	{
		is_scanned_[queue] = false;
		/* Most have nothing aside. */
		if (!back_[queue].empty() || !oldest_[queue].empty())
			put_in_front(queue);
	}

	/*
	 * The page of a frame some way behind the cursor, for fetching what will be
	 * looked at: near the end of the queue any page that is one.
	 */
	u32 page_ahead(u32 queue)
	{
		Row &row = row_[queue];

		if (row.begin() == row.end())
			return 0;
		return row[std::min(row.begin() + kAhead, row.end() - 1)].page;
	}

	/*
	 * Between scans: @see is called for each frame from the oldest on, with where it
	 * is, until it returns true. True if it did.
	 */
	template <typename F>
	bool find(F see)
	{
		for (u32 queue = 0; queue < PD_NR_QUEUES; queue++) {
			for (u64 at = row_[queue].begin(); at != row_[queue].end();
			     at++) {
				Frame &frame = row_[queue][at];

				if (frame.is_gone == 0 && see(Where{queue, at}, frame))
					return true;
			}
		}
		return false;
	}

	/* Between scans: leaves the others where they are. */
	Frame take(const Where &where)
	{
		Frame &frame = row_[where.queue][where.place];
		const Frame taken = frame;

		frame.is_gone = 1;
		length_[where.queue]--;
		return taken;
	}

	/* Between scans: the frame of a page that is in writeback, and is so no more. */
	Where end_writeback(u32 page)
	{
		const auto at = in_writeback_.find(page);
		const Where where = at->second;

		in_writeback_.erase(at);
		row_[where.queue][where.place].in_writeback = 0;
		return where;
	}

	const Frame &operator[](const Where &where)
	{
		return row_[where.queue][where.place];
	}

	u64 bytes() const
	{
		u64 sum = chunks_.bytes();

		for (u32 queue = 0; queue < PD_NR_QUEUES; queue++)
			sum += row_[queue].bytes() +
			       (back_[queue].capacity() + oldest_[queue].capacity()) *
				       sizeof(Frame);
		return sum;
	}

private:
	static constexpr u64 kAhead = 16;

	/* Of all frames only those in writeback are ever looked for. */
	void note(u32 queue, const Frame &frame, u64 place)
	{
		if (frame.in_writeback != 0) [[unlikely]]
			in_writeback_[frame.page] = {queue, place};
	}

	void put_in_front(u32 queue)
	{
		std::vector<Frame> &back = back_[queue];

		for (auto frame = back.rbegin(); frame != back.rend(); ++frame)
			note(queue, *frame, row_[queue].push_oldest(chunks_, *frame));
		for (const Frame &frame : oldest_[queue])
			note(queue, frame, row_[queue].push_oldest(chunks_, frame));
		back.clear();
		oldest_[queue].clear();
	}

	u32 capacity_;
	Chunks chunks_;
	std::array<Row, PD_NR_QUEUES> row_;
	std::array<u64, PD_NR_QUEUES> length_ = {};
	std::array<bool, PD_NR_QUEUES> is_scanned_ = {};
	std::array<std::vector<Frame>, PD_NR_QUEUES> back_;
	std::array<std::vector<Frame>, PD_NR_QUEUES> oldest_;
	std::unordered_map<u32, Where> in_writeback_;
};

} // namespace pagedaemon::sim

#endif
