/* SPDX-License-Identifier: GPL-2.0 */
/*
 * NetBSD's watermarks: behind one page daemon it has several policies, and so have we.
 * Lines ("NetBSD 173") are those of netbsd.cc.
 */
#ifndef PAGEDAEMON_POLICY_NETBSD_MARKS_HH
#define PAGEDAEMON_POLICY_NETBSD_MARKS_HH

#include "formulas.hh"

namespace pagedaemon
{
/* Unnamed for the reason that formulas.hh gives. */
namespace // NOLINT(cert-dcl59-cpp,google-build-namespaces)
{

/* What only the kernel may take: reserve_kernel, 5 in uvm_page.c before and later. */
inline constexpr pd_u64 kReserveKernel = 5;
/* NetBSD 648: MAXPHYS, 64 KiB; its file systems write as much around a page. */
inline constexpr pd_u64 kClusterPages = 16;
/* Nothing bounds a scan's writes but free_stop; this is the knob's end. */
inline constexpr pd_u64 kMaxLaunder = pd_u64{1} << 32;

/* NetBSD 173-186, with the limit in place of npages. */
constexpr pd_watermarks netbsd_marks(pd_u64 limit)
{
	const auto n = static_cast<pd_u64>(pages(limit));
	/*
	 * NetBSD 173-178, deviation 1 of netbsd.cc; the reserve is above its lower bound
	 * of 16 KiB.
	 */
	const pd_u64 base = min(n / 20, max(n / 100, pd_u64{64}));
	pd_watermarks m = {};

	m.free_reserved = kReserveKernel;
	m.free_severe = m.free_reserved;
	/* NetBSD 180-186. */
	m.free_min = max(base, kReserveKernel + 1);
	m.free_target = max(m.free_min * 4 / 3, m.free_min + 1);
	m.wakeup_thresh = m.free_min;
	m.cluster_pages = kClusterPages;
	/* NetBSD 616-626 (b49). */
	m.cluster_flags = PD_CLUSTER_NEW_SLOTS;
	m.max_launder = kMaxLaunder;
	stop_marks_at(n / 2, m);
	return m;
}

} // namespace
} // namespace pagedaemon

#endif
