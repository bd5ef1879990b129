/* SPDX-License-Identifier: GPL-2.0 */
/*
 * NetBSD's balance of anonymous memory, files and text: which of them a scan leaves
 * alone. Lines ("NetBSD 405") are those of netbsd.cc.
 */
#ifndef PAGEDAEMON_POLICY_NETBSD_BALANCE_HH
#define PAGEDAEMON_POLICY_NETBSD_BALANCE_HH

#include "formulas.hh"

namespace pagedaemon
{
/* Unnamed for the reason that formulas.hh gives. */
namespace // NOLINT(cert-dcl59-cpp,google-build-namespaces)
{

/* What the sysctls let the three floors make together. */
inline constexpr pd_u64 kFloorsPct = 95;

/* Types to spare, flags. */
enum Spare {
	kSpareAnon = 1,
	kSpareFile = 2,
	kSpareExec = 4,
	kSpareEnd = 8, /* from here on flags of others */
};

constexpr pd_s64 on_queues(const pd_memory &memory)
{
	return pages(memory.total_inactive) + pages(memory.total_active);
}

/* How much of memory there is of one type: NetBSD 406-411. */
struct Share {
	bool under, over;
};

constexpr Share share_of(pd_s64 count, pd_s64 of, pd_u64 floor_pct, pd_u64 ceiling_pct)
{
	const auto part = [of](pd_u64 pct) {
		return of * static_cast<pd_s64>(pct * 256 / 100) >> 8;
	};

	return {count <= part(floor_pct), count > part(ceiling_pct)};
}

/* NetBSD 412-414 */
constexpr bool spare(const Share &its, const Share &a, const Share &b)
{
	return its.under || (!its.over && (a.over || b.over));
}

inline pd_u64 pct(const pd_u64 &knob, pd_u64 most = 100)
{
	return min(read_once(knob), most);
}

/* NetBSD 405-414 (b32): which types to reactivate rather than take. */
inline pd_s64 types_to_spare(const pd_knobs &knobs, const pd_memory &memory,
			     bool swap_full)
{
	const pd_s64 all = max(on_queues(memory) + pages(memory.free), pd_s64{0});
	const pd_s64 exec_pages = min(pages(memory.exec), pages(memory.file));
	const pd_u64 anonmin = pct(knobs.anonmin, kFloorsPct);
	const pd_u64 filemin = pct(knobs.filemin, kFloorsPct - anonmin);
	const pd_u64 execmin = pct(knobs.execmin, kFloorsPct - anonmin - filemin);
	const Share anon = share_of(pages(memory.anon), all, anonmin, pct(knobs.anonmax));
	const Share file = share_of(pages(memory.file) - exec_pages, all, filemin,
				    pct(knobs.filemax));
	const Share exec = share_of(exec_pages, all, execmin, pct(knobs.execmax));
	const bool spare_anon = spare(anon, file, exec);
	const bool spare_file = spare(file, anon, exec);
	/* No text is known of: what looks like it goes with the files. */
	const bool spare_exec = exec_pages != 0 ? spare(exec, anon, file) : spare_file;

	/* Nothing left to take (in the source from 2005 on). */
	if (spare_file && spare_exec && (spare_anon || swap_full))
		return 0;
	return (spare_anon ? kSpareAnon : 0) | (spare_file ? kSpareFile : 0) |
	       (spare_exec ? kSpareExec : 0);
}

constexpr pd_s64 flag_of_type(const pd_view &view)
{
	if (view.type == PD_TYPE_EXEC)
		return kSpareExec;
	return is_swap_backed(view) ? kSpareAnon : kSpareFile;
}

} // namespace
} // namespace pagedaemon

#endif
