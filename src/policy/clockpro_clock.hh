/* SPDX-License-Identifier: GPL-2.0 */
/*
 * CLOCK-Pro's one clock, told with two queues and a table of pages that are gone.
 *
 *	newest                                                        oldest
 *	   h  c  .  h  h  c  .  c  h  .  h  h      h hot, c cold, . gone
 *	                                    ^ the hot hand
 *
 * In the paper all pages are on one list by when they were last placed at its head,
 * and a cold page's test period ends when the hot hand comes by. Here hot pages are
 * the active queue, in that same order. Each that joins it draws a ticket; the hand is
 * at the lowest ticket still in the queue. Who is placed when the next ticket is t has
 * all lower tickets behind, so the hand has come by once it stands at t or above. A page
 * needs no place on a list for that, only a stamp: t, in units of a thirtieth of
 * memory, which fits beside its flags.
 *
 * Everything here is read and written by several CPUs without a lock. A lost update
 * shifts the hand or the target by a page.
 */
#ifndef PAGEDAEMON_POLICY_CLOCKPRO_CLOCK_HH
#define PAGEDAEMON_POLICY_CLOCKPRO_CLOCK_HH

#include <pagedaemon/ghosts.h>

#include "formulas.hh"

namespace pagedaemon
{
/* Unnamed for the reason that formulas.hh gives. */
namespace // NOLINT(cert-dcl59-cpp,google-build-namespaces)
{

class Clock final
{
public:
	/* Stamps of pages: six bits, of which half tell passed from to come. */
	static constexpr pd_u8 kStampMask = 63;
	/* Of ghosts: the same units, two bits more, as they may wait for longer. */
	static constexpr pd_u32 kGhostMask = 255;
	/* Above that, when it went, in units of a 64th of memory. */
	static constexpr pd_u32 kGhostShift = 8;
	static constexpr pd_u32 kTimeMask = PD_GHOST_MAX >> kGhostShift;

	/* Stamps are in units of the limit; those from before it moved mean little. */
	void resize(pd_u64 limit)
	{
		const auto n = static_cast<pd_u64>(pages(limit));

		write_once(unit_, n / 30 + 1);
		write_once(time_unit_, n / 64 + 1);
		write_once(most_hot_,
			   static_cast<pd_s64>(n - max(n / 100, min(n, pd_u64{2}))));
	}

	/* As long as memory has never been full. */
	bool has_room_for_hot() const
	{
		return hot() < read_once(most_hot_);
	}

	/* Bring the clock up to what is on the queues, before each scan. */
	void follow(const pd_memory &memory)
	{
		const auto hot = static_cast<pd_u64>(pages(memory.total_active));
		const pd_u64 tail = read_once(tail_);
		const pd_u64 head = read_once(head_);

		resize(memory.limit);
		write_once(room_, pages(memory.total_active) +
					  pages(memory.total_inactive) +
					  max(pages(memory.free), pd_s64{0}));
		/* Hot pages that were truncated, or came from a policy before this one.
		 */
		if (tail - head > hot)
			advance(tail - hot);
		else
			write_once(tail_, head + hot);
		adjust(0);
	}

	/* A folio of @count pages becomes hot, or stays hot and is placed anew. */
	void draw_ticket(pd_u64 count = 1)
	{
		write_once(tail_, read_once(tail_) + count);
	}

	/* The hot hand has gone past @count pages, used since it came by last, or not. */
	void hand_passes(pd_u64 count, bool used)
	{
		const pd_s64 live = read_once(live_);

		write_once(live_, live + ((used ? kAll : 0) - live) / 32);
		hand_passes(count);
	}

	/* The same of @count pages that it did not look at. */
	void hand_passes(pd_u64 count)
	{
		const pd_u64 tail = read_once(tail_);
		const pd_u64 head = read_once(head_) + count;

		advance(min(head, tail));
	}

	pd_u8 stamp() const
	{
		return static_cast<pd_u8>(read_once(tail_) / unit()) & kStampMask;
	}

	/* Has the hot hand not yet come by whoever was placed with this stamp? */
	bool is_ahead(pd_u8 stamp) const
	{
		return is_ahead(stamp, kStampMask);
	}

	/* What to remember of a page with this stamp, that is ahead of the hand and goes.
	 */
	pd_u32 ghost_of(pd_u8 stamp)
	{
		const pd_u64 at = head_unit();
		const pd_u32 ahead =
			static_cast<pd_u32>(stamp - at) & static_cast<pd_u32>(kStampMask);
		pd_u32 &count = in_test_[stamp & kStampMask];

		write_once(count, read_once(count) + 1);
		write_once(gone_, read_once(gone_) + 1);
		return max(time() << kGhostShift |
				   (static_cast<pd_u32>(at + ahead) & kGhostMask),
			   pd_u32{1});
	}

	/* How many pages have gone since it went? A multiple of four memories less. */
	pd_s64 gone_since(pd_u32 ghost) const
	{
		const pd_u32 ago = (time() - (ghost >> kGhostShift)) & kTimeMask;

		return static_cast<pd_s64>(ago * time_unit());
	}

	bool is_ghost_ahead(pd_u32 ghost) const
	{
		return is_ahead(ghost, kGhostMask);
	}

	/* A page has come of which nothing is remembered. */
	void is_new()
	{
		note_arrival(false);
	}

	/*
	 * A page has come back within its test period: cold pages should have more room.
	 * The paper gives them a page. But where many come back that have hardly gone,
	 * and hot pages are not used any more, the working set has changed, and there is
	 * much to win and nothing to lose.
	 */
	void ghost_came_back(pd_u32 ghost, bool fast)
	{
		const bool near = gone_since(ghost) <= max(cold_target(), hot() / 64);

		ghost_leaves(ghost);
		note_arrival(near);
		if (fast && near && read_once(near_) >= kAll / 20 &&
		    read_once(live_) < kAll / 16)
			adjust(max(read_once(room_) / kFastStep, pd_s64{1}));
		else
			adjust(1);
	}

	/* Of the hot pages that the hand came by lately, were few used? */
	bool is_stale() const
	{
		return read_once(live_) < kAll / 4;
	}

	/* It counts among those in test no more. */
	void ghost_leaves(pd_u32 ghost)
	{
		pd_u32 &count = in_test_[ghost & kStampMask];

		if (read_once(count) != 0)
			write_once(count, read_once(count) - 1);
	}

	/* One more page used in its test period, or @by of them used up in vain. */
	void adjust(pd_s64 by)
	{
		const pd_s64 room = read_once(room_);
		const pd_s64 least =
			max(max(room / 100, pd_s64{2}), min(read_once(least_), room / 8));

		write_once(cold_target_,
			   max(min(read_once(cold_target_) + by, room - least), least));
	}

	/* What the cold hand may take at one time, and what is read ahead meanwhile. */
	void set_least_cold(pd_s64 count)
	{
		write_once(least_, count);
	}

	pd_s64 cold_target() const
	{
		return read_once(cold_target_);
	}

	/* Pages that may be hot. */
	pd_s64 hot_target() const
	{
		return read_once(room_) - cold_target();
	}

	pd_s64 hot() const
	{
		return static_cast<pd_s64>(read_once(tail_) - read_once(head_));
	}

private:
	/* Shares are of this. */
	static constexpr pd_s64 kAll = 1 << 16;
	/* Found with the simulator: see docs/simulator.md. */
	static constexpr pd_s64 kFastStep = 128;

	void note_arrival(bool near)
	{
		const pd_s64 share = read_once(near_);

		write_once(near_, share + ((near ? kAll : 0) - share) / 64);
	}

	/*
	 * Both are rounded down, so a test period may be a unit too short: too long would
	 * be worse, as pages of a loop were then exchanged for others of it. Where that
	 * is all of it, too few pages being hot, it is a unit too long.
	 */
	bool is_ahead(pd_u64 stamp, pd_u64 mask) const
	{
		const pd_u64 ahead = (stamp - head_unit()) & mask;

		return (ahead != 0 || hot() < 2 * static_cast<pd_s64>(unit())) &&
		       ahead <= mask / 2;
	}

	pd_u64 unit() const
	{
		return max(read_once(unit_), pd_u64{1});
	}

	pd_u64 time_unit() const
	{
		return max(read_once(time_unit_), pd_u64{1});
	}

	/* It goes by pages gone in their test period. */
	pd_u32 time() const
	{
		return static_cast<pd_u32>(read_once(gone_) / time_unit()) & kTimeMask;
	}

	pd_u64 head_unit() const
	{
		return read_once(head_) / unit();
	}

	/* Test periods of those that are gone end as the hand comes by. */
	void advance(pd_u64 head)
	{
		pd_u64 from = head_unit();

		write_once(head_, head);
		const pd_u64 to = head_unit();

		from = max(from, to - min(to, pd_u64{kStampMask} + 1));
		for (; from < to; from++) {
			pd_u32 &count = in_test_[(from + 1) & kStampMask];

			adjust(-static_cast<pd_s64>(read_once(count)));
			write_once(count, pd_u32{0});
		}
	}

	pd_u64 tail_ = 0;
	pd_u64 head_ = 0;
	pd_u64 unit_ = 1;
	pd_u64 gone_ = 0;
	pd_u64 time_unit_ = 1;
	pd_s64 most_hot_ = 0;
	pd_s64 room_ = 0;
	pd_s64 least_ = 0;
	pd_s64 cold_target_ = 0;
	/* Of the pages that came lately, the share that had hardly gone. */
	pd_s64 near_ = 0;
	/* Of the pages that the hot hand came by lately, the share that was used. */
	pd_s64 live_ = kAll / 2;
	pd_u32 in_test_[kStampMask + 1] = {};
};

} // namespace
} // namespace pagedaemon

#endif
