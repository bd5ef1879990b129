/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How DragonFly's active pages age while nobody needs memory (b79): its page
 * statistics. Lines ("DragonFly 1705") are those of dragonfly.cc.
 */
#ifndef PAGEDAEMON_POLICY_DRAGONFLY_AGING_HH
#define PAGEDAEMON_POLICY_DRAGONFLY_AGING_HH

#include "bsd.hh"
#include "dragonfly_marks.hh"

namespace pagedaemon
{
/* Unnamed for the reason that formulas.hh gives. */
namespace // NOLINT(cert-dcl59-cpp,google-build-namespaces)
{

/* DragonFly 1995, 1997: partial and full rounds of idle aging. */
inline constexpr pd_u64 kTickMs = 5000;
inline constexpr pd_u64 kFullMs = 4 * kTickMs;

inline bool is_aging_on(const pd_knobs &knobs)
{
	return read_once(knobs.update_period) != 0;
}

/* DragonFly 1707-1713. */
constexpr bool is_aging_wanted(const pd_watermarks &marks, const pd_memory &memory)
{
	const pd_u64 cache_max = 2 * boot_of(memory).cache_min;

	return pages(memory.free) + pages(memory.total_inactive) <
	       pages(marks.inactive_target) + pages(cache_max) + pages(marks.free_min);
}

/*
 * DragonFly 1715-1723, 1989. One count, @aged_ms, serves all pairs, each of which adds
 * its ticks: in the last quarter of the cycle all get their full round.
 */
inline pd_s64 aging_quantum(const pd_memory &memory, pd_u64 elapsed_ms, pd_u64 &aged_ms)
{
	const pd_u64 nr_pairs = max(memory.nr_pairs, pd_u32{1});
	const pd_u64 cycle = kFullMs * nr_pairs;
	const pd_u64 at = read_once(aged_ms) % cycle;
	const pd_s64 active = pages(memory.active);

	write_once(aged_ms, (at + min(elapsed_ms, kTickMs)) % cycle);
	if (at >= (kFullMs - kTickMs) * nr_pairs)
		return active;
	return share(active, boot_of(memory).free_target,
		     static_cast<pd_u64>(pages(memory.limit)));
}

/* DragonFly 1810-1838 (b79): no object is looked at, no file is different. */
inline pd_decision age(pd_page_state &page)
{
	if (page.act_count != 0) {
		page.act_count = act_decayed(page.act_count, kActDecline);
		return decide(PD_VERDICT_REQUEUE, PD_REASON_DECAYED);
	}
	forget_lap(page);
	return decide(PD_VERDICT_DEACTIVATE, PD_REASON_AGED);
}

} // namespace
} // namespace pagedaemon

#endif
