/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A host for policies, as src/daemon and src/queue are one in the kernel: the same verbs
 * in the same order with the same numbers, over a trace in place of tasks. Where it is
 * simpler, on purpose:
 *
 *  1. One reference after the other: no task runs beside a pass, no page is ever locked,
 *     pinned, mlocked, truncated or part of a larger folio.
 *  2. Without a daemon (the default) the pass of who missed may write dirty file pages;
 *     in the kernel only the daemon may. It wants one page, and goes on with the priority
 *     rising as the kernel's reclaim does.
 *  3. A page is written by itself: no cluster of neighbours, as a trace knows no files.
 *     No write fails, but those to a swap that is full.
 *  4. A slot in swap, once given, stays with its page until the policy has it dropped.
 *  5. No page is said to be a refault (PD_PAGE_REFAULT), so knob refault_activate does
 *     nothing.
 *  6. A read() counts and moves nothing by itself, as with the multi-generational LRU on
 *     in the rest of the system; up to seven are counted between two looks.
 *  7. No headroom is kept unless the knob says so: nobody charges in batches.
 *  8. A daemon takes no time; its pauses and ticks are in virtual time.
 *  9. Who finds everything being written waits for the oldest write, in no virtual time.
 * 10. What is remembered of a page that goes is asked for when it is freed, of shared
 *     memory, too. A page's identity is its number in the trace.
 * 11. PD_PAGE_FIRST_LOOK is set only with --first-touch: without, no reference is of the
 *     fault.
 * 12. Nothing is ejected: a policy that breaks its contract ends the run with an error,
 *     one that goes on in vain without a pause is made to sleep for a second.
 */
#ifndef PAGEDAEMON_SIM_HOST_HH
#define PAGEDAEMON_SIM_HOST_HH

#include <deque>
#include <memory>
#include <new>

#include <pagedaemon/ghosts.h>
#include <pagedaemon/policy.h>

#include "queues.hh"
#include "trace.hh"

namespace pagedaemon::sim
{

struct HostOptions {
	bool daemon = false; /* watermarks and a daemon, not only who misses */
	bool mapped = true;  /* references by page table, not by read() */
	bool first_touch =
		false; /* mapped: what brings a page in counts as a reference */
	pd_page_type type = PD_TYPE_FILE; /* of pages whose trace does not say */
	u64 refs_per_second = 1000000;
	u64 write_refs = 0; /* references that a write takes */
	u64 swap = kNone;   /* slots */
	pd_knobs knobs = pd_knobs_defaults();
};

class Host
{
public:
	/* @trace and @policy stay the caller's; @frames is at least 1. */
	Host(const Trace &trace, const pd_policy &policy, u32 frames,
	     const HostOptions &options);

	/* Once. Throws Error if the policy breaks its contract or nothing can go. */
	Result run();

	/* For tests: is the page in a frame, and do queues and counts agree? */
	bool is_resident(u32 page) const;
	bool is_consistent();

private:
	/* One page, known or not; a byte, as a hit must touch no more than that. */
	enum PageBits : u8 {
		kResident = 1u << 0,
		kDirty = 1u << 1,
		kInSwap = 1u << 2,
		kTypeShift = 3,
		kTypeMask = 3u << kTypeShift,
		kRefsShift = 5,
		kOneRef = 1u << kRefsShift,
	};

	enum class By { kDaemon, kTask };

	/* A pass under way. */
	struct Pass {
		By by;
		int priority;
		pd_scan scan;
	};

	/* Judged frames, off their queue until acted upon. */
	struct Batch {
		u32 nr = 0;
		Frame frame[PD_BATCH];
		u8 verdict[PD_BATCH];
		u32 ghost[PD_BATCH]; /* of those that go: what to remember */
	};

	struct Write {
		u64 done; /* the reference before which it is over */
		u32 page;
	};

	/* host.cc: references, frames in and out */
	template <bool kMapped, bool kSays>
	u64 run_hits(u64 begin, u64 end);
	u64 run_until(u64 begin, u64 end);
	void apply_op(u32 page, u8 op);
	void miss(u32 page, u8 op);
	void evict(u32 page);
	void remember(u32 page, u32 ghost);
	void place(Frame frame, u32 ghost);
	pd_memory memory() const;
	s64 free_pages() const;

	u32 type_of(u32 page) const
	{
		return (pages_[page] & kTypeMask) >> kTypeShift;
	}

	bool is_swap_backed(u32 page) const
	{
		const u32 type = type_of(page);

		return type == PD_TYPE_ANON || type == PD_TYPE_SHMEM;
	}

	void count_page(u32 page, int by);
	[[noreturn]] void broken(const char *what) const;

	/* pass.cc: passes */
	void make_pass(Pass &pass, s64 wanted);
	void scan_inactive(Pass &pass);
	void scan_active(Pass &pass);
	void plan_active(Pass &pass);
	bool take_batch(Pass &pass, s64 nr, Batch &batch);
	u8 judge_inactive(Pass &pass, Frame &frame, u32 &ghost);
	u8 judge_active(Pass &pass, Frame &frame, u32 &ghost);
	bool is_placed_anew(const Frame &frame, u8 verdict) const;
	void act(Pass &pass, Batch &batch);
	void put_by_verdict(u32 queue, const Frame &frame, u8 verdict);
	pd_view look(Frame &frame);
	pd_view look_entering(const Frame &frame) const;
	u32 ghost_to_be(const pd_view &view, const pd_page_state &state);
	pd_decision checked(u32 queue, const pd_view &view, pd_page_state &state,
			    pd_decision decision) const;
	void drop_swap(u32 page);

	/* writes.cc: what is on its way to backing store, and the last resort */
	bool start_write(Frame &frame);
	void finish_write(u32 page);
	void finish_writes_until(u64 now);
	bool wait_for_write();
	bool force_one();
	void make_room(s64 wanted);

	/* daemon.cc: who works while time goes by */
	void daemon_begin();
	void daemon_wake();
	void daemon_work();
	void daemon_tick();
	bool daemon_wanted();
	void daemon_sleep(u64 ms);
	u64 refs_of_ms(u64 ms) const;

	const Trace &trace_;
	const pd_policy &policy_;
	const HostOptions options_;

	struct FreeState {
		void operator()(void *state) const
		{
			::operator delete (state, std::align_val_t{16});
		}
	};

	std::unique_ptr<void, FreeState> state_;
	pd_watermarks marks_ = {};
	std::vector<u8> pages_;
	std::vector<pd_ghost_bucket> ghosts_; /* empty if the policy wants none */
	Queues queues_;
	u32 used_ = 0; /* frames with a page */
	u64 of_type_[PD_NR_TYPES] = {};
	u64 dirty_file_ = 0;
	u64 swap_used_ = 0;
	u64 now_ = 0; /* virtual time: references so far */

	std::deque<Write> writes_;
	std::vector<Frame> written_now_; /* of this batch, off their queue until placed */

	struct {
		bool needed = false;
		u32 pass = 0;
		u64 due = ~u64{0}; /* a pause or the time to a tick ends */
		u64 last = 0;	   /* of the last pass or tick */
		u64 deficit = 0;
		u32 vain = 0; /* passes in a row that brought nothing */
	} daemon_;

	Result result_;
};

} // namespace pagedaemon::sim

#endif
