// SPDX-License-Identifier: GPL-2.0
/* The host of policies: what it owes them, and what comes out of it. */
#include "sim_test.h"

#include <cstring>
#include <sys/resource.h>
#include <sys/wait.h>

#include "../../tools/sim/baselines.hh"
#include "../../tools/sim/generate.hh"
#include "../../tools/sim/host.hh"
#include "../../tools/sim/runner.hh"

using namespace pagedaemon::sim;

namespace
{

const pd_policy &policy_of(const std::string &name)
{
	return *pd_policy_find(name.data(), name.size());
}

/* Runs, and has the host check itself. */
Result run(const Trace &trace, const std::string &policy, u32 frames,
	   const HostOptions &options = {})
{
	Host host(trace, policy_of(policy), frames, options);
	const Result result = host.run();

	EXPECT_TRUE(host.is_consistent()) << policy;
	EXPECT_EQ(result.references, trace.ids.size());
	EXPECT_GE(result.misses, std::min<u64>(trace.pages, result.misses));
	return result;
}

/*
 * A policy in miniature, to see what the host does for it: FIFO on the inactive queue,
 * with a second chance. What it was shown is in its statics, one test at a time.
 */
struct Probe {
	static inline std::vector<pd_view> entered, judged;
	static inline std::vector<pd_scan> planned;
	static inline std::vector<u32> forgotten_ghosts;
	static inline u64 laundered_pages, laundered_failed;
	static inline u32 ghost = 0;
	static inline pd_u8 first_verdict = PD_NR_VERDICTS;

	static void reset()
	{
		entered.clear();
		judged.clear();
		planned.clear();
		forgotten_ghosts.clear();
		laundered_pages = laundered_failed = 0;
		ghost = 0;
		first_verdict = PD_NR_VERDICTS;
	}

	static void init(void *, const pd_knobs *)
	{
	}

	static void watermarks(void *, const pd_memory *memory, pd_watermarks *marks)
	{
		*marks = {};
		marks->wakeup_thresh = memory->limit / 8;
		marks->free_target = memory->limit / 4;
	}

	static pd_u8 needs_scan(void *, const pd_memory *)
	{
		return 0;
	}

	static void plan(void *, const pd_memory *memory, pd_scan *scan)
	{
		scan->shortage = static_cast<pd_s64>(memory->limit / 4) - memory->free;
		scan->max_scan = static_cast<pd_s64>(memory->inactive);
		planned.push_back(*scan);
	}

	static pd_decision enqueue(void *, const pd_view *view, pd_page_state *)
	{
		entered.push_back(*view);
		return {PD_VERDICT_DEACTIVATE, PD_REASON_CACHED};
	}

	static pd_decision inactive(void *, const pd_view *view, pd_page_state *,
				    pd_scan *scan)
	{
		judged.push_back(*view);
		if (first_verdict != PD_NR_VERDICTS)
			return {first_verdict, PD_REASON_NONE};
		if (view->refs != 0 || view->soft_refs != 0)
			return {PD_VERDICT_REQUEUE, PD_REASON_REFERENCED};
		if ((view->flags & PD_PAGE_BUSY) != 0)
			return {PD_VERDICT_KEEP, PD_REASON_BUSY};
		if ((view->flags & PD_PAGE_DIRTY) != 0)
			return {PD_VERDICT_LAUNDER, PD_REASON_DIRTY};
		scan->shortage--;
		return {PD_VERDICT_FREE, PD_REASON_CLEAN};
	}

	static void laundered(void *, pd_scan *, pd_u64 pages, pd_u64 failed)
	{
		laundered_pages += pages;
		laundered_failed += failed;
	}

	static void inactive_done(void *, const pd_memory *, pd_scan *)
	{
	}

	static pd_decision active(void *, const pd_view *, pd_page_state *, pd_scan *)
	{
		return {PD_VERDICT_DEACTIVATE, PD_REASON_AGED};
	}

	static void after_pass(void *, const pd_memory *, const pd_scan *, pd_u8,
			       pd_next *)
	{
	}

	static pd_u32 idle(void *, const pd_memory *, pd_u64, pd_scan *)
	{
		return PD_FOREVER_MS;
	}

	static pd_u32 remember(void *, const pd_view *, const pd_page_state *)
	{
		return ghost;
	}

	static void forgotten(void *, pd_u32 value)
	{
		forgotten_ghosts.push_back(value);
	}
};

constexpr pd_policy kProbe = {
	.name = "probe",
	.text = "for tests",
	.state_size = 0,
	.flags = PD_POLICY_GHOSTS,
	.init = Probe::init,
	.watermarks = Probe::watermarks,
	.needs_scan = Probe::needs_scan,
	.plan = Probe::plan,
	.enqueue = Probe::enqueue,
	.inactive = Probe::inactive,
	.laundered = Probe::laundered,
	.inactive_done = Probe::inactive_done,
	.active = Probe::active,
	.after_pass = Probe::after_pass,
	.idle = Probe::idle,
	.remember = Probe::remember,
	.forgotten = Probe::forgotten,
};

class HostProbe : public testing::Test
{
protected:
	void SetUp() override
	{
		Probe::reset();
	}

	static Result run(const Trace &trace, u32 frames, const HostOptions &options = {})
	{
		Host host(trace, kProbe, frames, options);
		const Result result = host.run();

		EXPECT_TRUE(host.is_consistent());
		return result;
	}
};

const char *const kSources[] = {
	"zipf:pages=2000,refs=60000,alpha=0.9",
	"loop:pages=700,refs=20000",
	"scan:pages=5000,hot=300,length=400,refs=60000,writes=0.2",
	"phase:pages=400,phases=5,period=8000,refs=60000,writes=0.3,type=anon",
	"tenants:pages=1500,loop=900,refs=60000,writes=0.2",
	"zipf:pages=2000,refs=60000,alpha=0.7,type=exec",
};

} // namespace

TEST(Host, no_policy_loses_or_doubles_a_page)
{
	for (const char *source : kSources) {
		const Trace trace = generate(source);
		const u64 floor = run_belady(trace, next_uses(trace), 500).misses;

		for (const std::string &policy : policy_names()) {
			for (const bool daemon : {false, true}) {
				HostOptions options;

				options.daemon = daemon;
				options.refs_per_second = 5000;
				const Result r = run(trace, policy, 500, options);

				SCOPED_TRACE(policy + " " + source);
				EXPECT_GE(r.misses, floor);
				EXPECT_LE(r.frees, r.misses);
				EXPECT_GE(r.frees + 500, r.misses);
				EXPECT_EQ(r.daemon_passes != 0, daemon);
			}
		}
	}
}

TEST(Host, writes_that_take_time_and_little_swap)
{
	for (const char *source :
	     {"phase:pages=80,phases=5,period=1000,refs=4000,writes=0.3,type=anon",
	      "tenants:pages=300,loop=180,refs=4000,writes=0.2",
	      "scan:pages=1000,hot=60,length=80,refs=4000,writes=0.5"}) {
		const Trace trace = generate(source);

		for (const std::string &policy : policy_names()) {
			for (const u64 latency : {u64{0}, u64{1}, u64{200}}) {
				for (const bool daemon : {false, true}) {
					HostOptions options;

					options.write_refs = latency;
					options.daemon = daemon;
					/* With the frames, enough for all. */
					options.swap = 330;
					SCOPED_TRACE(policy + " " + source);
					EXPECT_GT(run(trace, policy, 100, options).writes,
						  0u);
				}
			}
		}
	}
}

TEST(Host, reads_and_first_touches_end_well_too)
{
	for (const std::string &policy : policy_names()) {
		const Trace trace = generate(kSources[0]);
		HostOptions options;

		options.mapped = false;
		run(trace, policy, 300, options);
		options.mapped = true;
		options.first_touch = true;
		run(trace, policy, 300, options);
	}
}

TEST(Host, few_frames)
{
	for (const std::string &policy : policy_names()) {
		for (const u32 frames : {1u, 2u, 3u, 10u, 40u}) {
			const Trace trace = random_trace(frames, 2000, 60);

			for (const bool daemon : {false, true}) {
				HostOptions options;

				options.daemon = daemon;
				run(trace, policy, frames, options);
			}
		}
	}
}

TEST(Host, enough_frames_for_all_miss_once)
{
	const Trace trace = random_trace(3, 20000, 900);

	for (const std::string &policy : policy_names()) {
		const Result r = run(trace, policy, trace.pages);

		EXPECT_EQ(r.misses, trace.pages);
		EXPECT_EQ(r.looks_inactive + r.looks_active, 0u);
	}
}

TEST(Host, a_run_is_repeatable_whatever_runs_beside_it)
{
	const Trace trace = generate(kSources[4]);
	std::vector<Job> jobs;
	RunOptions options;

	for (const std::string &policy : parse_policies("all"))
		for (const u32 frames : {100u, 400u, 1600u})
			jobs.push_back({&trace, policy, frames});
	options.jobs = 4;

	const std::vector<Result> many = run_all(jobs, options);

	options.jobs = 1;

	const std::vector<Result> one = run_all(jobs, options);

	for (std::size_t i = 0; i < jobs.size(); i++) {
		EXPECT_EQ(many[i].misses, one[i].misses);
		EXPECT_EQ(many[i].policy, jobs[i].policy);
		EXPECT_EQ(many[i].frames, jobs[i].frames);
	}
}

/* The kernel's README tells of it; here it is a number. */
TEST(Host, a_hot_set_survives_a_stream_with_freebsd)
{
	const Trace trace = generate("scan:pages=100000,hot=800,length=20000,share=0.5,"
				     "alpha=0.2,refs=400000");
	const u64 lru = run_lru(trace, 1000).misses;
	HostOptions options;

	/* What is read begins inactive; what is mapped would begin active. */
	options.mapped = false;
	EXPECT_LT(run(trace, "freebsd", 1000, options).misses, lru);
	EXPECT_LT(run(trace, "clockpro", 1000, options).misses, lru);
}

TEST(Host, clockpro_keeps_part_of_a_loop)
{
	const Trace trace = generate("loop:pages=1000,refs=100000");

	EXPECT_EQ(run_lru(trace, 500).misses, 100000u);
	EXPECT_GT(run(trace, "clockpro", 500).hit_ratio(), 0.45);
}

TEST(Host, knobs_reach_their_policy_alone)
{
	const Trace trace = generate("tenants:pages=600,loop=600,refs=50000,share=0.4");
	RunOptions options;
	const Job netbsd = {&trace, "netbsd", 600};
	const Job freebsd = {&trace, "freebsd", 600};
	const u64 before = run_one(netbsd, options, {}).misses;
	const u64 other = run_one(freebsd, options, {}).misses;

	options.knobs = {parse_knob("netbsd.anonmin=90"), parse_knob("netbsd.filemin=0"),
			 parse_knob("netbsd.execmin=0")};
	EXPECT_NE(run_one(netbsd, options, {}).misses, before);
	EXPECT_EQ(run_one(freebsd, options, {}).misses, other);
}

TEST(Host, the_daemon_keeps_ahead_of_who_misses)
{
	const Trace trace = generate("zipf:pages=20000,refs=300000,alpha=0.8");

	for (const std::string &policy : policy_names()) {
		HostOptions options;

		options.daemon = true;
		/* Slow enough for pauses to be short against the misses. */
		options.refs_per_second = 1000;
		const Result r = run(trace, policy, 8000, options);

		EXPECT_GT(r.daemon_passes, 0u) << policy;
		/* All pages being young and used, the first few find no way out. */
		EXPECT_LT(r.forced, 10u) << policy;
		EXPECT_LT(r.direct_passes, r.misses / 100) << policy;
	}
}

/* b79: what nobody refers to any more goes inactive, though nobody needs memory. */
TEST(Host, idle_time_ages_active_pages)
{
	std::vector<u64> pages;
	HostOptions options;

	for (u64 i = 0; i < 100; i++)
		pages.push_back(i);
	/* 100,000 references are 100 seconds. */
	pages.resize(100000, 0);
	options.daemon = true;
	options.refs_per_second = 1000;
	options.knobs.update_period = 10;

	const Result r = run(trace_of(pages), "freebsd", 1000, options);

	/* A tick a second, of which the last have too few pages for a visit each. */
	EXPECT_GT(r.idle_passes, 50u);
	EXPECT_LE(r.idle_passes, 101u);
	/* Five visits each, one in ten seconds, and the one in use goes on. */
	EXPECT_GT(r.looks_active, 400u);
	options.knobs.update_period = 0;
	EXPECT_EQ(run(trace_of(pages), "freebsd", 1000, options).idle_passes, 0u);
}

TEST(Host, memory_for_a_frame_is_small)
{
	/* 2^28 frames are a terabyte; the host's arrays grow by this much for each. */
	const u32 least = 1u << 16;
	const Trace trace = generate("loop:pages=131072,refs=131072");

	for (const std::string &policy : policy_names()) {
		const u64 small = run(trace, policy, least).bytes;
		const u64 large = run(trace, policy, 2 * least).bytes;

		EXPECT_LE(large - small, u64{26} * least) << policy;
		/* With a page and a half for each frame, and the policy's own. */
		EXPECT_LT(large + trace.ids.size() * sizeof(trace.ids[0]),
			  u64{64} * 2 * least)
			<< policy;
	}
}

TEST_F(HostProbe, a_hit_is_one_reference_at_the_next_look)
{
	/* 1 is used twice more; 2 and 3 are not. */
	run(trace_of({1, 2, 3, 1, 1, 4}), 3);
	ASSERT_EQ(Probe::judged.size(), 2u);
	EXPECT_EQ(Probe::judged[0].refs, 1u);
	EXPECT_EQ(Probe::judged[0].flags, PD_PAGE_MAPPED);
	EXPECT_EQ(Probe::judged[1].refs, 0u);
	EXPECT_EQ(Probe::judged[0].soft_refs, 0u);
}

TEST_F(HostProbe, reads_are_counted_up_to_seven)
{
	std::vector<u64> pages = {1, 2, 3, 1, 1, 2};
	HostOptions options;

	options.mapped = false;
	pages.insert(pages.end(), 20, 3);
	pages.push_back(4);
	run(trace_of(pages), 3, options);
	ASSERT_GE(Probe::judged.size(), 4u);
	EXPECT_EQ(Probe::judged[0].soft_refs, 2u);
	EXPECT_EQ(Probe::judged[1].soft_refs, 1u);
	EXPECT_EQ(Probe::judged[2].soft_refs, 7u);
	/* A look clears them. */
	EXPECT_EQ(Probe::judged[3].soft_refs, 0u);
	EXPECT_EQ(Probe::judged[0].flags, 0u);
}

TEST_F(HostProbe, what_brings_a_page_in_counts_only_if_asked_for)
{
	HostOptions options;

	options.first_touch = true;
	run(trace_of({1, 2}), 1, options);
	ASSERT_GE(Probe::judged.size(), 2u);
	EXPECT_EQ(Probe::judged[0].refs, 1u);
	EXPECT_TRUE(Probe::judged[0].flags & PD_PAGE_FIRST_LOOK);
	EXPECT_EQ(Probe::judged[1].refs, 0u);
	EXPECT_FALSE(Probe::judged[1].flags & PD_PAGE_FIRST_LOOK);
}

TEST_F(HostProbe, who_misses_wants_one_page_at_rising_priority)
{
	Probe::first_verdict = PD_VERDICT_KEEP;

	const Result r = run(trace_of({1, 2, 3}), 2);

	/* Priorities 12 to 2, then by force. */
	EXPECT_EQ(r.direct_passes, 11u);
	EXPECT_EQ(r.forced, 1u);
	ASSERT_EQ(Probe::planned.size(), 11u);
	EXPECT_EQ(Probe::planned.front().pass, 1u);
	EXPECT_EQ(Probe::planned.back().pass, 11u);
	EXPECT_EQ(Probe::planned.front().direct, 1u);
	EXPECT_EQ(Probe::planned.front().may_launder, 1u);
}

TEST_F(HostProbe, with_a_daemon_tasks_do_not_write_files)
{
	HostOptions options;

	options.daemon = true;
	run(generate("zipf:pages=500,refs=5000,writes=0.5"), 40, options);
	for (const pd_scan &scan : Probe::planned)
		EXPECT_EQ(scan.may_launder, scan.direct == 0);
}

TEST_F(HostProbe, a_dirty_page_is_written_and_then_clean)
{
	const Result r = run(trace_of({1, 2, 3, 4}, kOpWrite), 2);

	EXPECT_EQ(r.writes, 2u);
	EXPECT_EQ(Probe::laundered_pages, 2u);
	EXPECT_EQ(r.frees, 2u);
	EXPECT_EQ(r.forced, 0u);
}

TEST_F(HostProbe, who_waits_for_a_write_gets_its_page)
{
	HostOptions options;

	options.write_refs = 1000000;

	const Result r = run(trace_of({1, 2, 3}, kOpWrite), 2, options);

	EXPECT_EQ(r.forced, 0u);
	EXPECT_EQ(r.frees, 1u);
	EXPECT_TRUE(Probe::judged.back().flags == PD_PAGE_MAPPED);
}

TEST_F(HostProbe, anonymous_memory_is_dirty_until_it_has_a_copy_in_swap)
{
	/* 1 goes to swap, comes back unwritten and goes for free. */
	const Result r = run(trace_of({1, 2, 1, 3}, op_of_type(PD_TYPE_ANON)), 1);

	EXPECT_EQ(r.writes, 2u);
	ASSERT_GE(Probe::entered.size(), 4u);
	EXPECT_EQ(Probe::entered[0].type, PD_TYPE_ANON);
	EXPECT_TRUE(Probe::entered[0].flags & PD_PAGE_DIRTY);
	EXPECT_FALSE(Probe::entered[0].flags & PD_PAGE_SWAPCACHE);
	EXPECT_TRUE(Probe::judged.back().flags & PD_PAGE_SWAPCACHE);
}

TEST_F(HostProbe, without_swap_all_anonymous_memory_is_the_end)
{
	const Trace trace = trace_of({1, 2, 3}, op_of_type(PD_TYPE_ANON));
	HostOptions options;

	options.swap = 0;
	EXPECT_EQ(error_of([&] { run(trace, 2, options); }),
		  "policy probe, 2 frames, reference 2: out of memory: all is anonymous "
		  "and swap is full");
}

TEST_F(HostProbe, a_page_that_comes_back_has_its_ghost_once)
{
	Probe::ghost = 77;
	run(trace_of({1, 2, 1, 3}), 1);
	ASSERT_EQ(Probe::entered.size(), 4u);
	EXPECT_EQ(Probe::entered[0].ghost, 0u);
	EXPECT_EQ(Probe::entered[1].ghost, 0u);
	EXPECT_EQ(Probe::entered[2].ghost, 77u);
	EXPECT_EQ(Probe::entered[3].ghost, 0u);
}

TEST_F(HostProbe, the_table_of_ghosts_is_bounded)
{
	Probe::ghost = 5;
	run(generate("loop:pages=20000,refs=20000"), 16);

	/* A few are taken for others of the same 16 bits; then they leave a gap. */
	const auto mistaken = static_cast<u64>(
		std::count_if(Probe::entered.begin(), Probe::entered.end(),
			      [](const pd_view &view) { return view.ghost != 0; }));
	const u64 gone = Probe::forgotten_ghosts.size() + mistaken;

	EXPECT_LT(mistaken, 50u);
	/* As many buckets as there are at least. */
	EXPECT_GE(gone, 20000u - 16 - PD_GHOST_MIN_BUCKETS * PD_GHOST_WAYS);
	EXPECT_LE(gone, 20000u - 16 - PD_GHOST_MIN_BUCKETS * PD_GHOST_WAYS + mistaken);
	EXPECT_EQ(Probe::forgotten_ghosts.front(), 5u);
}

TEST_F(HostProbe, a_broken_contract_ends_the_run)
{
	const Trace dirty = trace_of({1, 2}, kOpWrite);

	Probe::first_verdict = PD_VERDICT_FREE;
	EXPECT_EQ(
		error_of([&] { run(dirty, 1); }),
		"policy probe broke its contract at reference 1: a dirty or busy page is "
		"to be freed");
	Probe::first_verdict = PD_NR_VERDICTS + 1;
	EXPECT_EQ(error_of([&] { run(dirty, 1); }),
		  "policy probe broke its contract at reference 1: an unknown verdict or "
		  "reason");
	Probe::first_verdict = PD_VERDICT_KEEP;
	Probe::ghost = PD_GHOST_MAX + 1;
	EXPECT_EQ(error_of([&] { run(dirty, 1); }), "");
}

/* All that a process takes: with the trace, of a page and a quarter for each frame. */
TEST(Host, a_process_with_many_frames_is_small)
{
	const std::string binary = sim_binary();
	const pid_t child = fork();
	struct rusage usage = {};
	int status = 0;

	ASSERT_NE(child, -1);
	if (child == 0) {
		execl(binary.c_str(), "pagedaemon-sim", "run",
		      "loop:pages=5242880,refs=6000000", "-f", "4194304", "-p",
		      "clockpro", "-j", "1", "-o", "/dev/null", nullptr);
		_exit(127);
	}
	ASSERT_EQ(wait4(child, &status, 0, &usage), child);
	ASSERT_EQ(status, 0);
	/* Kibibytes. Sanitizers have their share in it. */
	EXPECT_LT(static_cast<u64>(usage.ru_maxrss) * 1024, u64{64} * 4194304);
}
