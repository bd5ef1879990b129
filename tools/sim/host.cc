// SPDX-License-Identifier: GPL-2.0
#include "host.hh"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

namespace pagedaemon::sim
{
namespace
{

/* References so far ahead are fetched into the cache meanwhile. */
constexpr u64 kAhead = 16;

} // namespace

Host::Host(const Trace &trace, const pd_policy &policy, u32 frames,
	   const HostOptions &options)
	: trace_(trace), policy_(policy), options_(options),
	  state_(::operator new (std::max<pd_u32>(policy.state_size, 1),
				 std::align_val_t{16})),
	  pages_(trace.pages,
		 static_cast<u8>(static_cast<unsigned>(options.type) << kTypeShift)),
	  queues_(frames)
{
	std::memset(state_.get(), 0, policy.state_size);
	policy_.init(state_.get(), &options_.knobs);
	if ((policy_.flags & PD_POLICY_GHOSTS) != 0)
		ghosts_.resize(pd_ghost_buckets(frames));

	pd_memory limit = {};

	limit.limit = frames;
	limit.nr_pairs = 1;
	policy_.watermarks(state_.get(), &limit, &marks_);
}

void Host::broken(const char *what) const
{
	throw Error(fmt::format("policy {} broke its contract at reference {}: {}",
				policy_.name, now_, what));
}

s64 Host::free_pages() const
{
	const u64 limit = queues_.capacity();
	const u64 kept = options_.knobs.headroom == PD_AUTO
				 ? 0
				 : std::min<u64>(options_.knobs.headroom, limit);

	return static_cast<s64>(limit) - static_cast<s64>(used_) - static_cast<s64>(kept);
}

pd_memory Host::memory() const
{
	pd_memory m = {};

	m.limit = queues_.capacity();
	m.free = free_pages();
	m.inactive = m.total_inactive = queues_.length(PD_QUEUE_INACTIVE);
	m.active = m.total_active = queues_.length(PD_QUEUE_ACTIVE);
	m.anon = of_type_[PD_TYPE_ANON] + of_type_[PD_TYPE_SHMEM];
	m.exec = of_type_[PD_TYPE_EXEC];
	m.file = of_type_[PD_TYPE_FILE] + m.exec;
	m.dirty = dirty_file_;
	m.writeback = writes_.size();
	m.swap_total = options_.swap;
	m.swap_free = options_.swap - swap_used_;
	m.deficit = daemon_.deficit;
	m.nr_pairs = 1;
	return m;
}

/* Takes what a resident page is into the counts, or out of them. */
void Host::count_page(u32 page, int by)
{
	of_type_[type_of(page)] += static_cast<u64>(by);
	if ((pages_[page] & kDirty) != 0 && !is_swap_backed(page))
		dirty_file_ += static_cast<u64>(by);
}

/* What a reference says beside its page. Anonymous memory has no copy until written. */
void Host::apply_op(u32 page, u8 op)
{
	u8 bits = pages_[page];

	if ((op & kOpTyped) != 0)
		bits = static_cast<u8>((bits & ~kTypeMask) |
				       op >> kOpTypeShift << kTypeShift);

	const u32 type = (bits & kTypeMask) >> kTypeShift;
	const bool swap_backed = type == PD_TYPE_ANON || type == PD_TYPE_SHMEM;

	if ((op & kOpWrite) != 0 || (type == PD_TYPE_ANON && (bits & kInSwap) == 0))
		bits |= kDirty;
	if (bits == pages_[page])
		return;
	if ((bits & kResident) != 0)
		count_page(page, -1);
	if (!swap_backed && (bits & kInSwap) != 0) {
		swap_used_--;
		bits &= static_cast<u8>(~kInSwap);
	}
	pages_[page] = bits;
	if ((bits & kResident) != 0)
		count_page(page, 1);
}

/* The hit path: one byte is looked at and written. */
template <bool kMapped, bool kSays>
u64 Host::run_hits(u64 begin, u64 end)
{
	const u32 *const ids = trace_.ids.data();
	const u64 last = trace_.ids.size() - 1;
	u8 *const pages = pages_.data();

	for (now_ = begin; now_ < end; now_++) {
		const u32 page = ids[now_];
		const u8 bits = pages[page];

		__builtin_prefetch(&pages[ids[std::min(now_ + kAhead, last)]]);
		if ((bits & kResident) == 0) [[unlikely]] {
			miss(page, kSays ? trace_.ops[now_] : u8{0});
			/* The daemon's next turn may be nearer now. */
			end = std::min(end, std::max(daemon_.due, now_ + 1));
			continue;
		}
		if constexpr (kMapped)
			pages[page] = bits | kOneRef;
		else
			pages[page] = static_cast<u8>(
				bits + (bits < (7u << kRefsShift) ? kOneRef : 0));
		if constexpr (kSays)
			apply_op(page, trace_.ops[now_]);
	}
	return now_;
}

u64 Host::run_until(u64 begin, u64 end)
{
	if (trace_.ops.empty())
		return options_.mapped ? run_hits<true, false>(begin, end)
				       : run_hits<false, false>(begin, end);
	return options_.mapped ? run_hits<true, true>(begin, end)
			       : run_hits<false, true>(begin, end);
}

/* Of a frame that is on no queue. */
void Host::evict(u32 page)
{
	count_page(page, -1);
	pages_[page] &= kInSwap | kTypeMask;
	used_--;
	result_.frees++;
}

/* A page is gone, and its policy wants to know should it come back. */
void Host::remember(u32 page, u32 ghost)
{
	if (ghost == 0)
		return;

	const u32 displaced =
		pd_ghost_put(ghosts_.data(), ghosts_.size(), page + u64{1}, ghost);

	if (displaced != 0)
		policy_.forgotten(state_.get(), displaced);
}

void Host::place(Frame frame, u32 ghost)
{
	pd_view view = look_entering(frame);

	view.ghost = ghost;

	const pd_decision decision = policy_.enqueue(state_.get(), &view, &frame.state);

	if (decision.verdict == PD_VERDICT_ACTIVATE)
		frame.state.flags &= static_cast<u8>(~PD_STATE_LAUNDERED);
	else if (decision.verdict != PD_VERDICT_DEACTIVATE &&
		 decision.verdict != PD_VERDICT_DEACTIVATE_HEAD)
		broken("enqueue() says neither active nor inactive");
	put_by_verdict(PD_QUEUE_INACTIVE, frame, decision.verdict);
}

void Host::miss(u32 page, u8 op)
{
	result_.misses++;
	if (used_ == queues_.capacity())
		make_room(options_.daemon ? 32 : 1);

	Frame frame = {page, {0, PD_STATE_SEEN | PD_STATE_FIRST_TOUCH}, 0, 0};

	used_++;
	apply_op(page, op);
	pages_[page] |= kResident;
	if (options_.first_touch && options_.mapped)
		pages_[page] |= kOneRef;
	count_page(page, 1);
	if (type_of(page) == PD_TYPE_EXEC)
		frame.state.flags |= PD_STATE_EXEC;
	place(frame, ghosts_.empty() ? 0
				     : pd_ghost_take(ghosts_.data(), ghosts_.size(),
						     page + u64{1}));
	if (options_.daemon && daemon_wanted())
		daemon_wake();
}

Result Host::run()
{
	const u64 n = trace_.ids.size();

	daemon_begin();
	for (u64 at = 0; at < n;) {
		at = run_until(at, std::min(n, daemon_.due));
		if (at >= daemon_.due)
			daemon_tick();
	}
	result_.trace = trace_.name;
	result_.policy = policy_.name;
	result_.frames = queues_.capacity();
	result_.references = n;
	result_.bytes = queues_.bytes() + pages_.size() * sizeof(pages_[0]) +
			ghosts_.size() * sizeof(ghosts_[0]) + policy_.state_size;
	return result_;
}

bool Host::is_resident(u32 page) const
{
	return (pages_[page] & kResident) != 0;
}

bool Host::is_consistent()
{
	u64 of_type[PD_NR_TYPES] = {};
	u64 resident = 0;
	u64 in_swap = 0;

	u64 length[PD_NR_QUEUES] = {};
	const bool found = queues_.find([&](const Queues::Where &where, const Frame &f) {
		of_type[type_of(f.page)]++;
		length[where.queue]++;
		return !is_resident(f.page);
	});

	if (found)
		return false;
	for (u32 queue = 0; queue < PD_NR_QUEUES; queue++) {
		if (length[queue] != queues_.length(queue))
			return false;
		resident += length[queue];
	}
	for (const u8 bits : pages_) {
		resident -= bits & kResident;
		in_swap += (bits & kInSwap) != 0 ? 1 : 0;
	}
	return resident == 0 && in_swap == swap_used_ &&
	       std::equal(std::begin(of_type), std::end(of_type), of_type_) &&
	       used_ == queues_.length(0) + queues_.length(1);
}

} // namespace pagedaemon::sim
