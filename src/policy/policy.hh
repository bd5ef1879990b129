/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From a C++ type to struct pd_policy. A policy is a class whose members are
 * the verbs of pagedaemon/policy.h, with references in place of pointers and
 * results in place of out parameters. Its object is the state that a domain
 * owns: plain data, copied into the host's storage once and never destroyed.
 *
 * To add a policy: one file with the class and
 *
 *	constinit const pd_policy NAME_policy = kPolicyTable<Class>;
 *
 * its declaration at the end of this file, and its line in registry.cc.
 */
#ifndef PAGEDAEMON_POLICY_POLICY_HH
#define PAGEDAEMON_POLICY_POLICY_HH

#include <pagedaemon/policy.h>

namespace pagedaemon
{

template <typename T, typename U>
concept Same = __is_same(T, U);

/* clang-format off */
template <typename P>
concept Policy = __is_trivially_copyable(P) && alignof(P) <= 16 &&
	requires(P policy, const pd_knobs &knobs, const pd_memory &memory,
		 const pd_view &view, pd_page_state &page, pd_scan &scan,
		 const pd_scan &done, bool needed, pd_u64 n) {
	P(knobs);
	{ *P::kName } -> Same<const char &>;
	{ *P::kText } -> Same<const char &>;
	{ policy.watermarks(memory) } -> Same<pd_watermarks>;
	{ policy.needs_scan(memory) } -> Same<bool>;
	{ policy.plan(memory, scan) } -> Same<void>;
	{ policy.enqueue(view, page) } -> Same<pd_decision>;
	{ policy.inactive(view, page, scan) } -> Same<pd_decision>;
	{ policy.laundered(scan, n, n) } -> Same<void>;
	{ policy.inactive_done(memory, scan) } -> Same<void>;
	{ policy.active(view, page, scan) } -> Same<pd_decision>;
	{ policy.after_pass(memory, done, needed) } -> Same<pd_next>;
	{ policy.idle(memory, n, scan) } -> Same<pd_u32>;
};
/* clang-format on */

/* The edge: each verb of the table, forwarded to the policy that owns @state. */
template <Policy P>
struct Edge {
	static P &of(void *state)
	{
		return *static_cast<P *>(state);
	}

	static void init(void *state, const pd_knobs *knobs)
	{
		of(state) = P(*knobs);
	}

	static void watermarks(void *state, const pd_memory *memory, pd_watermarks *marks)
	{
		*marks = of(state).watermarks(*memory);
	}

	static pd_u8 needs_scan(void *state, const pd_memory *memory)
	{
		return of(state).needs_scan(*memory) ? 1 : 0;
	}

	static void plan(void *state, const pd_memory *memory, pd_scan *scan)
	{
		of(state).plan(*memory, *scan);
	}

	static pd_decision enqueue(void *state, const pd_view *view, pd_page_state *page)
	{
		return of(state).enqueue(*view, *page);
	}

	static pd_decision inactive(void *state, const pd_view *view, pd_page_state *page,
				    pd_scan *scan)
	{
		return of(state).inactive(*view, *page, *scan);
	}

	static void laundered(void *state, pd_scan *scan, pd_u64 pages, pd_u64 failed)
	{
		of(state).laundered(*scan, pages, failed);
	}

	static void inactive_done(void *state, const pd_memory *memory, pd_scan *scan)
	{
		of(state).inactive_done(*memory, *scan);
	}

	static pd_decision active(void *state, const pd_view *view, pd_page_state *page,
				  pd_scan *scan)
	{
		return of(state).active(*view, *page, *scan);
	}

	static void after_pass(void *state, const pd_memory *memory, const pd_scan *scan,
			       pd_u8 needed, pd_next *next)
	{
		*next = of(state).after_pass(*memory, *scan, needed != 0);
	}

	static pd_u32 idle(void *state, const pd_memory *memory, pd_u64 elapsed_ms,
			   pd_scan *scan)
	{
		return of(state).idle(*memory, elapsed_ms, *scan);
	}

	static pd_u32 remember(void *state, const pd_view *view,
			       const pd_page_state *page)
	{
		return of(state).remember(*view, *page);
	}

	static void forgotten(void *state, pd_u32 ghost)
	{
		of(state).forgotten(ghost);
	}
};

/* PD_POLICY_*: what a policy's kPolicyFlags says, none without. */
template <typename P>
consteval pd_u32 flags_of()
{
	if constexpr (requires { P::kPolicyFlags; })
		return P::kPolicyFlags;
	return 0;
}

/* The verbs that a policy has only with PD_POLICY_GHOSTS. */
template <typename P>
concept Remembers = requires(P policy, const pd_view &view, const pd_page_state &page,
			     pd_u32 ghost)
{
	{
		policy.remember(view, page)
		} -> Same<pd_u32>;
	{
		policy.forgotten(ghost)
		} -> Same<void>;
};

template <typename P>
consteval decltype(pd_policy::remember) remember_of()
{
	static_assert(Remembers<P> == ((flags_of<P>() & PD_POLICY_GHOSTS) != 0));
	if constexpr (Remembers<P>)
		return Edge<P>::remember;
	return nullptr;
}

template <typename P>
consteval decltype(pd_policy::forgotten) forgotten_of()
{
	if constexpr (Remembers<P>)
		return Edge<P>::forgotten;
	return nullptr;
}

/* The verb table of a policy: constants only, nothing runs to make it. */
template <Policy P>
inline constexpr pd_policy kPolicyTable = {
	.name = P::kName,
	.text = P::kText,
	.state_size = sizeof(P),
	.flags = flags_of<P>(),
	.init = Edge<P>::init,
	.watermarks = Edge<P>::watermarks,
	.needs_scan = Edge<P>::needs_scan,
	.plan = Edge<P>::plan,
	.enqueue = Edge<P>::enqueue,
	.inactive = Edge<P>::inactive,
	.laundered = Edge<P>::laundered,
	.inactive_done = Edge<P>::inactive_done,
	.active = Edge<P>::active,
	.after_pass = Edge<P>::after_pass,
	.idle = Edge<P>::idle,
	.remember = remember_of<P>(),
	.forgotten = forgotten_of<P>(),
};

/* The policies built in. */
extern const pd_policy freebsd_policy;
extern const pd_policy dragonfly_policy;
extern const pd_policy netbsd_policy;
extern const pd_policy mach_policy;
extern const pd_policy clockpro_policy;

} // namespace pagedaemon

#endif
