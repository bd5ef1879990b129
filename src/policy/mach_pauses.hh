/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How much Mach's page daemon writes at a time, and how long it pauses then. Lines
 * ("Mach 1632") and differences are those of mach.cc.
 */
#ifndef PAGEDAEMON_POLICY_MACH_PAUSES_HH
#define PAGEDAEMON_POLICY_MACH_PAUSES_HH

#include "mach_marks.hh"

namespace pagedaemon
{
/* Unnamed for the reason that formulas.hh gives. */
namespace // NOLINT(cert-dcl59-cpp,google-build-namespaces)
{

inline constexpr pd_s64 kLaundryGood = 5;  /* Mach 1041, 1848 */
inline constexpr pd_u32 kPausesMax = 10;   /* Mach 1053 */
inline constexpr pd_u32 kHiddenMax = 3;	   /* pauses until hidden laundry is forgotten */
inline constexpr pd_u64 kMaxWaitMs = 1000; /* a page; no bound in the source */
inline constexpr pd_u64 kMaxPauseMs = 60000; /* the same for a burst */
inline constexpr pd_u32 kMaxEmptyWaits = 16; /* how long the pause for nothing can get */

/* Part of the policy's state: what it has on its way, and what pauses have taught. */
class Pauses final
{
public:
	explicit Pauses(const pd_knobs &knobs) : knobs_(&knobs)
	{
	}

	/* Pages that may be sent before the next pause (b63). */
	pd_s64 burst_room(const pd_memory &memory, const pd_watermarks &marks) const
	{
		/* The first page sent would be one under way. */
		if (is_below(memory, reserve_less(marks, kAboveReally)))
			return 1;
		return min(burst_max(), pages(marks.max_launder) - laundry(memory));
	}

	/* Mach 1634-1636: what is under way must end first. */
	bool is_held_up(const pd_memory &memory, const pd_watermarks &marks) const
	{
		return laundry(memory) >= pages(marks.max_launder) ||
		       risky(memory, marks);
	}

	/* Mach 1632-1653 (b63, b64); 0 where the source would just go on. */
	pd_u32 pause_ms(const pd_memory &memory, const pd_watermarks &marks,
			const pd_scan &scan, bool fruitless) const
	{
		const bool empty = memory.total_inactive == 0;
		const pd_s64 burst = pages(scan.laundered);
		const pd_s64 most = max(burst_max(), pages(marks.max_launder));

		if (!empty && scan.freed != 0 && burst < burst_max() &&
		    !is_held_up(memory, marks))
			return 0;

		/* Folios of many pages may pass the limits, which single ones cannot. */
		const auto sent =
			static_cast<pd_u64>(min(max(laundry(memory), burst), most));
		pd_u64 ms = sent * burst_wait_ms();

		if (empty || fruitless) {
			const pd_u64 wait =
				min(read_once(knobs_->empty_wait), kMaxPauseMs);
			const pd_u32 times =
				max(min(scan.pass, kMaxEmptyWaits), pd_u32{1});

			ms = max(ms, max(wait, pd_u64{1}) * times);
		}
		return static_cast<pd_u32>(min(ms, kMaxPauseMs));
	}

	void count_sent(pd_u64 written)
	{
		write_once(sent_,
			   static_cast<pd_u64>(pages(read_once(sent_)) + pages(written)));
	}

	/* The pause after the pass; 0 is none. */
	void ordered(pd_u32 delay_ms)
	{
		write_once(paused_, delay_ms != 0 ? pd_u32{1} : pd_u32{0});
	}

	/* Sleep is no pause: nothing is learnt from how long it lasts. */
	void sleep(const pd_memory &memory)
	{
		write_once(paused_, pd_u32{0});
		write_once(sent_, static_cast<pd_u64>(laundry(memory)));
	}

	/* Mach 1838-1857 (b65). */
	void pause_is_over(const pd_memory &memory)
	{
		if (read_once(paused_) == 0)
			return;
		write_once(paused_, pd_u32{0});

		pd_u64 wait = burst_wait_ms();
		pd_u32 good = read_once(good_pauses_);

		if (laundry(memory) > kLaundryGood) {
			wait = min(wait + 1, kMaxWaitMs);
			good = 0;
		} else if (++good > kPausesMax) {
			wait = max(wait * 3 / 4, pd_u64{1});
			good = 0;
		}
		write_once(wait_ms_, wait);
		write_once(wait_begun_, burst_wait_knob());
		write_once(good_pauses_, good);
		count_down(memory);
	}

private:
	pd_s64 burst_max() const
	{
		return pages(max(read_once(knobs_->burst_max), pd_u64{1}));
	}

	/* Pages the daemon has on their way, as far as it can know: difference 5. */
	pd_s64 laundry(const pd_memory &memory) const
	{
		return min(pages(memory.writeback), pages(read_once(sent_)));
	}

	/* Mach 1635: sending takes memory, so not while something is under way. */
	bool risky(const pd_memory &memory, const pd_watermarks &marks) const
	{
		return laundry(memory) > 0 &&
		       is_below(memory, reserve_less(marks, kAboveReally));
	}

	pd_u64 burst_wait_knob() const
	{
		return max(min(read_once(knobs_->burst_wait), kMaxWaitMs), pd_u64{1});
	}

	/* What the knob says, until pauses have taught better. */
	pd_u64 burst_wait_ms() const
	{
		return read_once(wait_begun_) == burst_wait_knob() ? read_once(wait_ms_)
								   : burst_wait_knob();
	}

	/* What of ours is known to be written, or must be by now: difference 5. */
	void count_down(const pd_memory &memory)
	{
		const pd_s64 left = laundry(memory);
		const bool hidden = left != 0 && pages(memory.writeback) > left;
		const pd_u32 pauses = hidden ? read_once(hidden_pauses_) + 1 : 0;

		write_once(sent_, pauses < kHiddenMax ? static_cast<pd_u64>(left) : 0);
		write_once(hidden_pauses_, pauses < kHiddenMax ? pauses : 0);
	}

	const pd_knobs *knobs_;
	/* The daemons of several nodes share these; a lost update costs a pause. */
	pd_u64 sent_ = 0;	   /* pages sent out and not known to be written */
	pd_u64 wait_ms_ = 0;	   /* pause for each page of a burst, as learnt */
	pd_u64 wait_begun_ = 0;	   /* the knob it began from; 0: nothing learnt yet */
	pd_u32 good_pauses_ = 0;   /* pauses in a row that were long enough */
	pd_u32 hidden_pauses_ = 0; /* pauses in which others' writes hid ours */
	pd_u32 paused_ = 0;	   /* a pause was ordered after the last pass */
};

} // namespace
} // namespace pagedaemon

#endif
