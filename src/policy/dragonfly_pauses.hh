/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How long DragonFly's page daemon waits before the next try (b5, b8). Lines
 * ("DragonFly 2235") are those of dragonfly.cc.
 */
#ifndef PAGEDAEMON_POLICY_DRAGONFLY_PAUSES_HH
#define PAGEDAEMON_POLICY_DRAGONFLY_PAUSES_HH

#include "formulas.hh"

namespace pagedaemon
{
/* Unnamed for the reason that formulas.hh gives. */
namespace // NOLINT(cert-dcl59-cpp,google-build-namespaces)
{

/* DragonFly 2235 (b5): from then on the daemon does not hurry. */
inline constexpr pd_u32 kManyPasses = 10;
inline constexpr pd_u64 kLeastPauseMs = 20; /* a few disk writes */
inline constexpr pd_u64 kMaxPauseMs = 60000;

constexpr bool is_progress(const pd_scan &scan)
{
	return scan.freed != 0 || scan.laundered != 0;
}

/* The source's clock ticks, with hz/2 in the knob. */
inline pd_u32 pause(const pd_knobs &knobs, pd_u64 fifths)
{
	const pd_u64 half_second = min(read_once(knobs.retry_pause), kMaxPauseMs);

	return static_cast<pd_u32>(max(half_second * fifths / 5, pd_u64{1}));
}

inline pd_u32 short_pause(const pd_knobs &knobs)
{
	return static_cast<pd_u32>(min(pd_u64{pause(knobs, 1)}, kLeastPauseMs));
}

/* Never without a pause for nothing: the loop would spin. */
inline pd_u32 at_once(const pd_knobs &knobs, const pd_scan &scan)
{
	return is_progress(scan) ? 0 : short_pause(knobs);
}

/*
 * DragonFly 2235-2269. Whoever waits has asked for memory beside the one that
 * woke the daemon up (b8).
 */
inline pd_u32 retry_pause(const pd_knobs &knobs, const pd_memory &memory,
			  const pd_scan &scan, bool swap_full)
{
	if (scan.pass >= kManyPasses)
		return pause(knobs, swap_full ? 10 : 1);
	if (memory.waiters != 0)
		return swap_full ? pause(knobs, 2) : at_once(knobs, scan);
	if (scan.freed != 0)
		return 0;
	return scan.laundered != 0 ? short_pause(knobs) : pause(knobs, 1);
}

} // namespace
} // namespace pagedaemon

#endif
