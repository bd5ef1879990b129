/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Integer arithmetic that policies share. Nothing here can overflow, divide
 * by zero or trap, whatever the arguments: numbers come from a running kernel,
 * read without locks, and from whoever may write a knob.
 */
#ifndef PAGEDAEMON_POLICY_FORMULAS_HH
#define PAGEDAEMON_POLICY_FORMULAS_HH

#include <pagedaemon/knobs.h>
#include <pagedaemon/types.h>

namespace pagedaemon
{
/*
 * Each object has its own copies. Shared ones would be in sections of which the
 * linker keeps one, while the tracer's tables refer to all.
 */
namespace // NOLINT(cert-dcl59-cpp,google-build-namespaces)
{

template <typename T>
[[nodiscard]] constexpr T min(T a, T b)
{
	return b < a ? b : a;
}

template <typename T>
[[nodiscard]] constexpr T max(T a, T b)
{
	return a < b ? b : a;
}

/*
 * 2^52 pages of 4 KiB are 2^64 bytes: no cgroup has more. Page counts from
 * outside are cut to it, which leaves room for a thousand of them in a sum.
 */
inline constexpr pd_s64 kMaxPages = pd_s64{1} << 52;

/* The most that one write-out takes along. */
inline constexpr pd_u64 kMaxClusterPages = 64;

[[nodiscard]] constexpr pd_s64 pages(pd_u64 count)
{
	return static_cast<pd_s64>(min(count, static_cast<pd_u64>(kMaxPages)));
}

[[nodiscard]] constexpr pd_s64 pages(pd_s64 count)
{
	return max(min(count, kMaxPages), -kMaxPages);
}

/* A folio of no pages is a bug elsewhere; take it for one page. */
[[nodiscard]] constexpr pd_s64 size_of(const pd_view &view)
{
	return max(view.nr_pages, pd_u32{1});
}

[[nodiscard]] constexpr bool has(const pd_view &view, pd_u32 any_of)
{
	return (view.flags & any_of) != 0;
}

/*
 * Holds nothing that is worth keeping (b27). A dirty page may be valid in part: a
 * block or two that were written, the others never read.
 */
[[nodiscard]] constexpr bool is_invalid(const pd_view &view)
{
	return has(view, PD_PAGE_INVALID) && !has(view, PD_PAGE_DIRTY);
}

/* Goes to swap when dirty, not to a file. */
[[nodiscard]] constexpr bool is_swap_backed(const pd_view &view)
{
	return view.type == PD_TYPE_ANON || view.type == PD_TYPE_SHMEM;
}

[[nodiscard]] constexpr pd_decision decide(pd_verdict verdict, pd_reason reason)
{
	return {static_cast<pd_u8>(verdict), static_cast<pd_u8>(reason)};
}

/*
 * References since the last look: page-table bits, of mapped pages only, and
 * one for the soft flag (FreeBSD 1050-1061, 1364-1379: b28). The host counts
 * soft references without the access that brought the page in, so a page that
 * was read once has none.
 */
[[nodiscard]] constexpr pd_u32 act_delta(const pd_view &view)
{
	const pd_u32 refs = has(view, PD_PAGE_MAPPED) ? view.refs : 0;

	return refs + (view.soft_refs != 0 ? 1 : 0);
}

/* Adds to a field of struct pd_scan; stops at the ends of its range. */
constexpr void credit(pd_s64 &field, pd_s64 amount)
{
	if (__builtin_add_overflow(field, amount, &field))
		field = amount < 0 ? -__INT64_MAX__ - 1 : __INT64_MAX__;
}

constexpr void charge(pd_s64 &field, pd_s64 amount)
{
	if (__builtin_sub_overflow(field, amount, &field))
		field = amount < 0 ? __INT64_MAX__ : -__INT64_MAX__ - 1;
}

/*
 * What falls to @part of @whole of an amount of pages, rounded up so that the
 * shares of all parts make at least the amount. The parts are read one after
 * the other while pages move, so a part may seem larger than the whole.
 */
[[nodiscard]] constexpr pd_s64 share(pd_s64 amount, pd_u64 part, pd_u64 whole)
{
	if (part >= whole)
		return amount;
	/* Keep the product below inside 64 bits; matters from 8 TiB on. */
	while (whole >> 31 != 0) {
		whole >>= 1;
		part = (part >> 1) + (part & 1);
	}

	const auto of = static_cast<pd_s64>(whole);
	const auto mine = static_cast<pd_s64>(part);
	const pd_s64 rest = amount % of * mine;

	return amount / of * mine + rest / of + (rest % of > 0 ? 1 : 0);
}

/* The same of a number that concerns the domain, for the pair being served. */
[[nodiscard]] constexpr pd_s64 share_of_pair(pd_s64 amount, const pd_memory &memory)
{
	if (memory.nr_pairs <= 1)
		return amount;

	const pd_s64 part = pages(memory.inactive) + pages(memory.active);
	const pd_s64 whole = pages(memory.total_inactive) + pages(memory.total_active);

	return share(amount, static_cast<pd_u64>(part), static_cast<pd_u64>(whole));
}

/*
 * Of pages to be freed, what the inactive queue of the pair being served gives:
 * as much as it would on average if all inactive pages were on one queue. Were
 * it by size, a cgroup that streams would keep its cold pages while others lose
 * pages that they use.
 */
[[nodiscard]] constexpr pd_s64 share_of_inactive(pd_s64 amount, const pd_memory &memory)
{
	if (memory.nr_pairs <= 1)
		return amount;
	if (memory.total_inactive == 0)
		return share_of_pair(amount, memory);
	return share(amount, memory.inactive, memory.total_inactive);
}

/*
 * What the active queue of the pair being served gives so that the inactive
 * queues of all pairs together have @target pages. Negative if they have more.
 */
[[nodiscard]] constexpr pd_s64 refill_of_pair(pd_s64 target, const pd_memory &memory)
{
	if (memory.nr_pairs <= 1)
		return target - pages(memory.inactive);
	return share(target - pages(memory.total_inactive), memory.active,
		     memory.total_active);
}

/*
 * Knobs and a policy's own state may change while they are read. One load, so
 * that a test and the use after it see the same number.
 */
template <typename T>
[[nodiscard]] inline T read_once(const T &field)
{
	return __atomic_load_n(&field, __ATOMIC_RELAXED);
}

template <typename T>
inline void write_once(T &field, T value)
{
	__atomic_store_n(&field, value, __ATOMIC_RELAXED);
}

/* Sets @value to a knob that does not say "auto", but no higher than @highest. */
inline bool take_knob(const pd_u64 &knob, pd_u64 highest, pd_u64 &value)
{
	const pd_u64 set = read_once(knob);

	if (set == PD_AUTO)
		return false;
	value = min(set, highest);
	return true;
}

/* Pages missing from the target; negative above it. */
[[nodiscard]] constexpr pd_s64 paging_target(const pd_watermarks &marks,
					     const pd_memory &memory)
{
	return pages(marks.free_target) - pages(memory.free);
}

/*
 * The knobs override what was computed. Nothing is refused: a knob that
 * contradicts one below it is raised to it, and a mark above the limit, which
 * could never be met, is lowered to the limit.
 */
template <typename F>
[[nodiscard]] inline pd_watermarks marks_in_force(pd_watermarks marks,
						  const pd_knobs &knobs, pd_u64 limit,
						  F wakeup_from_min)
{
	bool any = take_knob(knobs.free_reserved, limit, marks.free_reserved);

	any |= take_knob(knobs.free_severe, limit, marks.free_severe);
	if (take_knob(knobs.free_min, limit, marks.free_min)) {
		any = true;
		marks.wakeup_thresh = min(wakeup_from_min(marks.free_min), limit);
	}
	any |= take_knob(knobs.wakeup_thresh, limit, marks.wakeup_thresh);
	any |= take_knob(knobs.free_target, limit, marks.free_target);
	if (any) {
		marks.free_severe = max(marks.free_severe, marks.free_reserved);
		marks.free_min = max(marks.free_min, marks.free_severe);
		marks.wakeup_thresh = max(marks.wakeup_thresh, marks.free_min);
		/* Else a pass could be needed and have nothing to do. */
		marks.free_target = max(marks.free_target, marks.wakeup_thresh);
	}
	take_knob(knobs.free_stop, limit, marks.free_stop);
	marks.free_stop = max(marks.free_stop, marks.free_target);
	take_knob(knobs.inactive_target, limit, marks.inactive_target);
	take_knob(knobs.max_launder, static_cast<pd_u64>(kMaxPages), marks.max_launder);
	marks.max_launder = max(marks.max_launder, pd_u64{1});
	take_knob(knobs.cluster_pages, kMaxClusterPages, marks.cluster_pages);
	marks.cluster_pages = max(marks.cluster_pages, pd_u64{1});
	return marks;
}

/* Activity counts; the same numbers in FreeBSD and DragonFly. */
[[maybe_unused]] inline constexpr pd_u8 kActInit = 5;
[[maybe_unused]] inline constexpr pd_u8 kActAdvance = 3;
[[maybe_unused]] inline constexpr pd_u8 kActDecline = 1;

[[nodiscard]] constexpr pd_u8 act_raised(pd_u8 act_count, pd_u32 by)
{
	const pd_u32 room = PD_ACT_COUNT_MAX - min<pd_u32>(act_count, PD_ACT_COUNT_MAX);

	return static_cast<pd_u8>(PD_ACT_COUNT_MAX - room + min(by, room));
}

[[nodiscard]] constexpr pd_u8 act_decayed(pd_u8 act_count, pd_u8 by)
{
	const auto act = min<pd_u8>(act_count, PD_ACT_COUNT_MAX);

	return static_cast<pd_u8>(act - min(act, by));
}

/* What becoming active gives at least. */
[[nodiscard]] constexpr pd_u8 act_started(pd_u8 act_count)
{
	return min<pd_u8>(max(act_count, kActInit), PD_ACT_COUNT_MAX);
}

inline pd_decision activate(pd_page_state &page, pd_reason reason)
{
	page.act_count = act_started(page.act_count);
	return decide(PD_VERDICT_ACTIVATE, reason);
}

/*
 * What vm_page_activate() and vm_page_deactivate() do for the fault handler and
 * the buffer cache: faulted pages start active with ACT_INIT, pages read or read
 * ahead start inactive with 0. Where there is no buffer cache and reads are faults,
 * too, all pages start active.
 */
inline pd_decision entered(const pd_view &view, pd_page_state &page,
			   const pd_knobs &knobs, bool read_activate = false)
{
	const bool faulted = is_swap_backed(view) || has(view, PD_PAGE_MAPPED);
	const bool known = (page.flags & PD_STATE_QUEUED) != 0;

	page.flags |= PD_STATE_QUEUED;
	if (has(view, PD_PAGE_ACTIVE))
		return activate(page, faulted ? PD_REASON_FAULTED : PD_REASON_REFERENCED);

	if ((page.flags & PD_STATE_LAUNDERED) != 0 &&
	    !has(view, PD_PAGE_DIRTY | PD_PAGE_WRITEBACK)) {
		/* Rotated by the kernel as its write-out ended. */
		page.flags &=
			static_cast<pd_u8>(~(PD_STATE_LAUNDERED | PD_STATE_SECOND_LAP));
		return decide(PD_VERDICT_DEACTIVATE_HEAD, PD_REASON_CLEAN);
	}
	if (!known && faulted)
		return activate(page, PD_REASON_FAULTED);
	if (!known && has(view, PD_PAGE_REFAULT) &&
	    read_once(knobs.refault_activate) != 0)
		return activate(page, PD_REASON_REFAULT);
	if (!known && read_activate)
		return activate(page, PD_REASON_CACHED);

	page.flags &= static_cast<pd_u8>(~PD_STATE_SECOND_LAP);
	/*
	 * A page we had before was moved here by the kernel: madvise(), migration, a
	 * truncation that found it in use. Its count stays, as in
	 * vm_page_deactivate().
	 */
	if (!known)
		page.act_count = 0;
	return decide(PD_VERDICT_DEACTIVATE, known ? PD_REASON_MOVED : PD_REASON_CACHED);
}

/*
 * Verdicts charge what they ask to be written; this is what remains to be
 * charged, or given back if negative, now that @written pages were.
 */
[[nodiscard]] constexpr pd_s64 owed_for(pd_u64 written, pd_s64 &charged)
{
	const pd_s64 owed = pages(written) - pages(charged);

	charged = 0;
	return owed;
}

/* The pause after a pass that freed nothing; its writes are soon done. */
[[nodiscard]] inline pd_u32 retry_pause(const pd_scan &scan, const pd_knobs &knobs)
{
	constexpr pd_u64 write_pause_ms = 20; /* a few disk writes */
	constexpr pd_u64 longest_ms = 60000;

	return static_cast<pd_u32>(
		min(read_once(knobs.retry_pause),
		    scan.laundered != 0 ? write_pause_ms : longest_ms));
}

/* The marks stop at @highest, else an empty cgroup of a few pages would be short. */
constexpr void stop_marks_at(pd_u64 highest, pd_watermarks &m)
{
	pd_u64 *const marks[] = {&m.free_reserved, &m.free_severe, &m.free_min,
				 &m.free_target, &m.wakeup_thresh};

	for (pd_u64 *mark : marks)
		*mark = min(*mark, highest);
}

[[nodiscard]] constexpr bool below_min(const pd_watermarks &marks,
				       const pd_memory &memory)
{
	return pages(memory.free) < pages(marks.free_min);
}

/* Do the knobs let dirty pages go to swap (FreeBSD 1153-1156: b42)? */
[[nodiscard]] inline bool swap_pageouts_okay(const pd_knobs &knobs,
					     const pd_watermarks &marks,
					     const pd_memory &memory)
{
	if (read_once(knobs.disable_swap_pageouts) != 0)
		return false;
	return read_once(knobs.defer_swap_pageouts) == 0 || below_min(marks, memory);
}

} // namespace
} // namespace pagedaemon

#endif
