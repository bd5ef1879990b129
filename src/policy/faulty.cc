/* SPDX-License-Identifier: GPL-2.0 */
/* See faulty.hh. Each is first in first out, but for its fault. */
#include "faulty.hh"
#include "formulas.hh"
#include "policy.hh"

namespace pagedaemon
{
namespace
{

#define PD_FAULTY_ENUM(id, name, text) k##id,
enum class Fault { PD_FAULTY_POLICIES(PD_FAULTY_ENUM) };
#undef PD_FAULTY_ENUM

#define PD_FAULTY_NAME(id, name, text) name,
constexpr const char *kNames[] = {PD_FAULTY_POLICIES(PD_FAULTY_NAME)};
#undef PD_FAULTY_NAME

#define PD_FAULTY_TEXT(id, name, text) text,
constexpr const char *kTexts[] = {PD_FAULTY_POLICIES(PD_FAULTY_TEXT)};
#undef PD_FAULTY_TEXT

constexpr pd_u32 kMinuteMs = 60000;
constexpr pd_u32 kPauseMs = 10;
constexpr pd_u8 kOutOfRange = 200;

template <Fault F>
class Faulty final
{
public:
	static constexpr const char *kName = kNames[static_cast<int>(F)];
	static constexpr const char *kText = kTexts[static_cast<int>(F)];
	static constexpr pd_u32 kPolicyFlags = F == Fault::kQueue ? PD_POLICY_BREAKS : 0;

	explicit Faulty(const pd_knobs & /* knobs */)
	{
	}

	static pd_watermarks watermarks(const pd_memory &memory)
	{
		const auto limit = static_cast<pd_u64>(pages(memory.limit));
		const bool wrong = F == Fault::kMarks;

		return {.free_reserved = limit / 64,
			.free_severe = limit / 64,
			.free_min = limit / 64,
			.free_target = wrong ? limit * 2 : limit / 16,
			.wakeup_thresh = limit / 32,
			.inactive_target = limit / 2,
			.free_stop = limit / 16,
			.cluster_pages = 1,
			.max_launder = 64,
			.cluster_flags = 0};
	}

	static bool needs_scan(const pd_memory &memory)
	{
		return memory.free < pages(watermarks(memory).wakeup_thresh);
	}

	static void plan(const pd_memory &memory, pd_scan &scan)
	{
		scan.shortage = max(paging_target(watermarks(memory), memory) +
					    pages(memory.deficit),
				    pd_s64{0});
		scan.max_scan = pages(memory.inactive);
		scan.launder_budget = kMaxPages;
		if constexpr (F == Fault::kPlansAll)
			scan.shortage = scan.max_scan = __INT64_MAX__;
		if constexpr (F == Fault::kPlansNothing)
			scan.shortage = scan.max_scan = -1;
	}

	static pd_decision inactive(const pd_view &view, pd_page_state &page,
				    pd_scan &scan)
	{
		switch (F) {
		case Fault::kKeeps:
		case Fault::kSpins:
		case Fault::kSleeps:
		case Fault::kNaps:
			return decide(PD_VERDICT_KEEP, PD_REASON_NONE);
		case Fault::kActivates:
			return decide(PD_VERDICT_ACTIVATE, PD_REASON_REFERENCED);
		case Fault::kRequeues:
			return decide(PD_VERDICT_REQUEUE, PD_REASON_SECOND_LAP);
		case Fault::kFreesAll:
			return decide(PD_VERDICT_FREE, PD_REASON_CLEAN);
		case Fault::kWritesAll:
			return decide(PD_VERDICT_LAUNDER, PD_REASON_DIRTY);
		case Fault::kVerdict:
			return {kOutOfRange, PD_REASON_NONE};
		case Fault::kReason:
			return {PD_VERDICT_KEEP, kOutOfRange};
		case Fault::kCounts:
			page.act_count = kOutOfRange;
			break;
		default:
			break;
		}
		if (has(view, PD_PAGE_UNEVICTABLE))
			return decide(PD_VERDICT_UNQUEUE, PD_REASON_UNEVICTABLE);
		if (has(view, PD_PAGE_BUSY | PD_PAGE_WRITEBACK | PD_PAGE_HELD |
				      PD_PAGE_LOCK_MISS))
			return decide(PD_VERDICT_REQUEUE, PD_REASON_BUSY);
		charge(scan.shortage, size_of(view));
		return has(view, PD_PAGE_DIRTY)
			       ? decide(PD_VERDICT_LAUNDER, PD_REASON_DIRTY)
			       : decide(PD_VERDICT_FREE, PD_REASON_CLEAN);
	}

	static void laundered(pd_scan & /* scan */, pd_u64 /* written */,
			      pd_u64 /* failed */)
	{
	}

	static void inactive_done(const pd_memory &memory, pd_scan &scan)
	{
		scan.active_max_scan = pages(memory.active);
		scan.active_shortage = pages(memory.active);
	}

	static pd_decision active(const pd_view &view, pd_page_state & /* page */,
				  pd_scan &scan)
	{
		charge(scan.active_shortage, size_of(view));
		switch (F) {
		case Fault::kKeeps:
		case Fault::kActivates:
		case Fault::kSpins:
		case Fault::kSleeps:
		case Fault::kNaps:
			return decide(PD_VERDICT_KEEP, PD_REASON_NONE);
		case Fault::kFreesActive:
			return decide(PD_VERDICT_FREE, PD_REASON_RECYCLED);
		case Fault::kWritesActive:
			return decide(PD_VERDICT_LAUNDER, PD_REASON_DIRTY);
		default:
			return decide(PD_VERDICT_DEACTIVATE, PD_REASON_AGED);
		}
	}

	static pd_decision enqueue(const pd_view &view, pd_page_state & /* page */)
	{
		if constexpr (F == Fault::kEnters)
			return decide(PD_VERDICT_FREE, PD_REASON_CLEAN);
		return has(view, PD_PAGE_MAPPED)
			       ? decide(PD_VERDICT_ACTIVATE, PD_REASON_FAULTED)
			       : decide(PD_VERDICT_DEACTIVATE, PD_REASON_CACHED);
	}

	static pd_next after_pass(const pd_memory &memory, const pd_scan &scan,
				  bool /* needed */)
	{
		const bool more = needs_scan(memory);
		pd_next next = {.flags = PD_NEXT_WAKE_WAITERS |
					 (more ? pd_u32{PD_NEXT_NEEDED} : 0U),
				.pass = scan.pass + 1,
				.delay_ms = more ? kPauseMs : PD_FOREVER_MS};

		if constexpr (F == Fault::kSpins) {
			next.flags |= PD_NEXT_NEEDED;
			next.delay_ms = 0;
		}
		if constexpr (F == Fault::kSleeps) {
			next.flags |= PD_NEXT_NEEDED;
			next.delay_ms = PD_FOREVER_MS;
		}
		if constexpr (F == Fault::kNaps) {
			next.flags |= PD_NEXT_NEEDED;
			next.delay_ms = kMinuteMs;
		}
		return next;
	}

	static pd_u32 idle(const pd_memory & /* memory */, pd_u64 /* elapsed_ms */,
			   pd_scan &scan)
	{
		scan.shortage = scan.max_scan = 0;
		scan.active_shortage = scan.active_max_scan = 0;
		return PD_FOREVER_MS;
	}
};

} // namespace

#define PD_FAULTY_TABLE(id, name, text)                                                  \
	constinit const pd_policy faulty##id##_policy =                                  \
		kPolicyTable<Faulty<Fault::k##id>>;
PD_FAULTY_POLICIES(PD_FAULTY_TABLE)
#undef PD_FAULTY_TABLE

} // namespace pagedaemon
