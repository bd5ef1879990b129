/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Mach's thresholds, and what they say of the memory of a moment. Lines ("Mach 1926")
 * are those of mach.cc.
 */
#ifndef PAGEDAEMON_POLICY_MACH_MARKS_HH
#define PAGEDAEMON_POLICY_MACH_MARKS_HH

#include "formulas.hh"

namespace pagedaemon
{
/* Unnamed for the reason that formulas.hh gives. */
namespace // NOLINT(cert-dcl59-cpp,google-build-namespaces)
{

inline constexpr pd_u64 kReserved = 50;	     /* Mach 1113 */
inline constexpr pd_u64 kAboveInternal = 25; /* Mach 1125 */
inline constexpr pd_u64 kAboveReally = 40;   /* Mach 1137 */
inline constexpr pd_u64 kTargetAboveMin = 5; /* Mach 1944 */
inline constexpr pd_u64 kLaundryMax = 10;    /* Mach 1037, 1634 */

/* Mach 1095, 1102: parts of memory that dirty file pages may take. */
inline constexpr pd_u64 kLimitPart = 2;
inline constexpr pd_u64 kTargetPart = 4;

/* Mach 1082: awake below the minimum in any case; else see needs_scan(). */
constexpr pd_u64 wakeup_from_min(pd_u64 free_min)
{
	return free_min;
}

/* Memory without the reserve: Mach 1926; at boot v_page_free_count is all there is. */
constexpr pd_u64 room_above(pd_u64 reserved, pd_u64 limit)
{
	return limit > reserved ? limit - reserved : 0;
}

/* What Mach computes at boot, with the limit in place of the free pages. */
constexpr pd_watermarks computed_marks(const pd_memory &memory, pd_u64 limit,
				       pd_u64 reserved)
{
	const pd_u64 room = room_above(reserved, limit);
	const pd_s64 queued = pages(memory.total_active) + pages(memory.total_inactive);
	pd_watermarks m = {};

	m.free_reserved = reserved;
	/* The tiers of severity are below the reserve here: see reserve_less(). */
	m.free_severe = reserved;
	/* Mach 1087, 1078, 1936-1945. */
	m.free_min = reserved + 10 + room / 100;
	m.free_target = max(reserved + 15 + room / 80, m.free_min + kTargetAboveMin);
	m.wakeup_thresh = wakeup_from_min(m.free_min);
	/* Mach 1069, 1548 (b73). */
	m.inactive_target = static_cast<pd_u64>(queued * 2 / 3);
	/* Mach 1396: pages are written one by one. */
	m.cluster_pages = 1;
	m.max_launder = kLaundryMax;
	/* Else an empty cgroup of a few pages would be short of memory. */
	stop_marks_at(limit / 2, m);
	return m;
}

constexpr bool is_below(const pd_memory &memory, pd_u64 mark)
{
	return pages(memory.free) < pages(mark);
}

constexpr pd_u64 reserve_less(const pd_watermarks &marks, pd_u64 amount)
{
	return marks.free_reserved > amount ? marks.free_reserved - amount : 0;
}

/* Dirty file pages above that part of memory (b56). */
constexpr pd_s64 above_external(const pd_memory &memory, const pd_watermarks &marks,
				pd_u64 part)
{
	const auto limit = static_cast<pd_u64>(pages(memory.limit));

	return pages(memory.dirty) - pages(room_above(marks.free_reserved, limit) / part);
}

/* Mach 1619. */
constexpr bool pages_wanted(const pd_memory &memory, const pd_watermarks &marks)
{
	return is_below(memory, marks.free_target) || memory.waiters != 0;
}

} // namespace
} // namespace pagedaemon

#endif
