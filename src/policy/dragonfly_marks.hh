/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DragonFly's thresholds. Lines ("DragonFly 1867") are those of dragonfly.cc.
 */
#ifndef PAGEDAEMON_POLICY_DRAGONFLY_MARKS_HH
#define PAGEDAEMON_POLICY_DRAGONFLY_MARKS_HH

#include "formulas.hh"

namespace pagedaemon
{
/* Unnamed for the reason that formulas.hh gives. */
namespace // NOLINT(cert-dcl59-cpp,google-build-namespaces)
{

/* DragonFly 138. */
inline constexpr pd_u64 kMaxLaunder = 4096;
/* DragonFly 131 (b4). */
inline constexpr pd_u64 kHysteresis = 16;
/* DragonFly 280: BLIST_MAX_ALLOC (b67). */
inline constexpr pd_u64 kClusterPages = 64;

/* What the source has at boot, with the limit in place of v_page_count. */
struct Boot {
	pd_u64 free_min;
	pd_u64 free_reserved;
	pd_u64 free_target;
	pd_u64 cache_min;
};

constexpr Boot at_boot(pd_u64 n)
{
	Boot b = {};

	/* DragonFly 1867-1870, 1882-1883; less 1880-1881. */
	b.free_min = min(n > 1024 ? 64 + (n - 1024) / 200 : 64, n / 20);
	/* DragonFly 1885. */
	b.free_reserved = b.free_min / 2 + 7;
	/* DragonFly 1941-1946. */
	b.free_target = (n > 6144 ? 4 : 2) * b.free_min + b.free_reserved;
	/* DragonFly 1975-1981. */
	b.cache_min = n > 2048 ? b.free_target : 0;
	return b;
}

constexpr pd_watermarks computed_marks(pd_u64 limit)
{
	const auto n = static_cast<pd_u64>(pages(limit));
	const Boot boot = at_boot(n);
	pd_watermarks m = {};

	m.free_reserved = boot.free_reserved;
	/* DragonFly 1886. */
	m.free_severe = boot.free_min / 2;
	m.free_min = boot.free_min;
	/* vm_paging_target() and vm_paging_needed(), with nothing cached. */
	m.free_target = boot.free_target + boot.cache_min;
	m.wakeup_thresh = boot.free_min + boot.cache_min;
	/* DragonFly 1982. */
	m.inactive_target = n / 4;
	m.cluster_pages = kClusterPages;
	m.cluster_flags = PD_CLUSTER_BLOCK | PD_CLUSTER_INHERIT | PD_CLUSTER_FAILED_STAYS;
	m.max_launder = kMaxLaunder;
	stop_marks_at(n / 2, m);
	return m;
}

constexpr Boot boot_of(const pd_memory &memory)
{
	return at_boot(static_cast<pd_u64>(pages(memory.limit)));
}

/*
 * The minimum as vm_page_count_min() has it: never below the reserve, which is
 * higher in the smallest of cgroups.
 */
constexpr pd_watermarks count_min(pd_watermarks marks, pd_u64 slack)
{
	marks.free_min = max(marks.free_min + slack, marks.free_reserved);
	return marks;
}

} // namespace
} // namespace pagedaemon

#endif
