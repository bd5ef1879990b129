// SPDX-License-Identifier: GPL-2.0
/* Writes to backing store, and who waits for them when nothing else can go. */
#include "host.hh"

#include <fmt/format.h>

namespace pagedaemon::sim
{
namespace
{

/* The kernel's priorities: the first, and the one at which a policy is overruled. */
constexpr int kFirstPriority = 12;
constexpr int kDesperatePriority = 2;

} // namespace

/* False if the page would need a slot in swap and there is none. */
bool Host::start_write(Frame &f)
{
	const bool swap_backed = is_swap_backed(f.page);

	if (swap_backed && (pages_[f.page] & kInSwap) == 0) {
		if (swap_used_ >= options_.swap)
			return false;
		swap_used_++;
		pages_[f.page] |= kInSwap;
	}
	count_page(f.page, -1);
	pages_[f.page] &= static_cast<u8>(~kDirty);
	count_page(f.page, 1);
	result_.writes++;
	/* The kernel rotates a page whose way to swap is over; a file's page stays. */
	if (swap_backed)
		f.state.flags |= PD_STATE_LAUNDERED;
	if (options_.write_refs != 0) {
		f.in_writeback = 1;
		writes_.push_back({now_ + options_.write_refs, f.page});
	}
	return true;
}

void Host::finish_write(u32 page)
{
	const Queues::Where where = queues_.end_writeback(page);

	if (where.queue == PD_QUEUE_INACTIVE &&
	    (queues_[where].state.flags & PD_STATE_LAUNDERED) != 0)
		place(queues_.take(where), 0);
}

void Host::finish_writes_until(u64 now)
{
	while (!writes_.empty() && writes_.front().done <= now) {
		finish_write(writes_.front().page);
		writes_.pop_front();
	}
}

bool Host::wait_for_write()
{
	if (writes_.empty())
		return false;
	finish_write(writes_.front().page);
	writes_.pop_front();
	return true;
}

/* The oldest page that can go at all, inactive ones first, whatever the policy says. */
bool Host::force_one()
{
	return queues_.find([this](const Queues::Where &where, Frame &frame) {
		if (frame.in_writeback != 0)
			return false;
		if ((pages_[frame.page] & kDirty) != 0 && !start_write(frame))
			return false;
		/* Written just now, and there is nobody else to wait for it. */
		if (frame.in_writeback != 0) {
			writes_.pop_back();
			frame.in_writeback = 0;
		}
		evict(queues_.take(where).page);
		result_.forced++;
		return true;
	});
}

/* What a task does that finds no free frame: the kernel's loop of rising priority. */
void Host::make_room(s64 wanted)
{
	const u32 capacity = queues_.capacity();

	for (int priority = kFirstPriority; used_ == capacity;) {
		Pass pass = {};

		pass.by = By::kTask;
		pass.priority = priority;
		pass.scan.pass = static_cast<pd_u32>(1 + kFirstPriority - priority);
		result_.direct_passes++;
		make_pass(pass, wanted);
		if (options_.daemon) {
			if (static_cast<s64>(pass.scan.freed) < wanted)
				daemon_.deficit +=
					static_cast<u64>(wanted) - pass.scan.freed;
			daemon_wake();
		}
		if (used_ != capacity)
			break;
		if (priority > kDesperatePriority) {
			priority--;
			continue;
		}
		/* One more try each time that waiting has made a page clean. */
		if (wait_for_write())
			continue;
		if (!force_one())
			throw Error(fmt::format(
				"policy {}, {} frames, reference {}: out of memory: all "
				"is anonymous and swap is full",
				policy_.name, capacity, now_));
	}
}

} // namespace pagedaemon::sim
