// SPDX-License-Identifier: GPL-2.0
/* From lines of trace_pipe to traces. */
#include "converter.hh"
#include <fmt/format.h>
#include <gtest/gtest.h>

namespace pagedaemon::ctl
{
namespace
{

/* The text of an event, without the fields that only newer modules have. */
std::string look(unsigned pfn, const char *more, const char *verdict = "keep")
{
	return fmt::format(
		"   pagedaemon/app!d-123     [001] ..... 12.345678: pd_verdict: "
		"cgroup=app!db pfn=0x{:x} nr_pages=1 type=file queue=inactive "
		"references=0 {} act=0->0 verdict={} reason=none",
		pfn, more, verdict);
}

constexpr const char *untouched = "refs=0 soft_refs=0 flags=";

std::string insertion(unsigned id, unsigned pfn, const char *more = "type=file refault=0")
{
	return fmt::format("  dd-7  [000] d..1. 12.3: pd_insert: cgroup=app!db id=0x{:x} "
			   "pfn=0x{:x} {}",
			   id, pfn, more);
}

std::string look_id(unsigned id, const char *more, const char *verdict = "keep")
{
	return look(1, more, verdict) + fmt::format(" id=0x{:x}", id);
}

std::string convert(std::initializer_list<std::string> lines, bool insertions_seen = true)
{
	Converter converter(insertions_seen);
	for (const std::string &line : lines) {
		auto event = parse_event(line);
		EXPECT_TRUE(event) << line;
		if (event)
			converter.add(*event);
	}
	return render(converter.trace());
}

TEST(TraceEvents, are_parsed_field_by_field)
{
	std::string line = look(0x1f, "refs=3 soft_refs=2 flags=mapped|dirty", "free");
	auto event = parse_event(line);
	ASSERT_TRUE(event);
	EXPECT_EQ(event->name, "pd_verdict");
	EXPECT_EQ(event->cgroup, "app!db");
	EXPECT_EQ(event->pfn, 0x1fu);
	EXPECT_EQ(event->id, 0u);
	EXPECT_EQ(event->nr_pages, 1u);
	EXPECT_EQ(event->type, 'f');
	EXPECT_EQ(event->refs, 3u);
	EXPECT_EQ(event->soft_refs, 2u);
	EXPECT_TRUE(event->dirty);
	EXPECT_TRUE(event->freed);
	EXPECT_FALSE(event->refault);
}

TEST(TraceEvents, may_have_fields_of_newer_modules)
{
	std::string line = insertion(0xabc, 5, "nr_pages=4 type=exec ghost=1 news=7");
	auto event = parse_event(line);
	ASSERT_TRUE(event);
	EXPECT_EQ(event->name, "pd_insert");
	EXPECT_EQ(event->id, 0xabcu);
	EXPECT_EQ(event->nr_pages, 4u);
	EXPECT_EQ(event->type, 'x');
	EXPECT_TRUE(event->refault);
}

TEST(TraceEvents, of_others_are_none)
{
	for (const char *line : {"", "# tracer: nop", "CPU:1 [LOST 12 EVENTS]",
				 "  x-1 [000] ..... 1.0: sched_switch: prev_comm=a",
				 "a: pd_verdict", "a: pd_verdict: pfn=1"})
		EXPECT_FALSE(parse_event(line)) << line;
}

TEST(TraceEvents, of_odd_tasks_are_parsed)
{
	auto event = parse_event(
		"  a: pd b c-1 [000] ..... 1.0: pd_detach: cgroup=x why=detached");
	ASSERT_TRUE(event);
	EXPECT_EQ(event->name, "pd_detach");
	EXPECT_EQ(event->cgroup, "x");
}

TEST(TraceEvents, that_were_lost_are_counted)
{
	EXPECT_EQ(parse_lost("CPU:1 [LOST 1234 EVENTS]"), 1234u);
	EXPECT_EQ(parse_lost("CPU:1 [LOST EVENTS]"), std::nullopt);
	EXPECT_EQ(parse_lost(look(1, untouched)), std::nullopt);
}

TEST(TraceEvents, name_a_cgroup_by_63_bytes_at_most)
{
	EXPECT_EQ(cut_name("app"), "app");
	EXPECT_EQ(cut_name(std::string(80, 'x')), std::string(63, 'x'));
}

TEST(TraceConverter, makes_an_insertion_an_access)
{
	EXPECT_EQ(convert({insertion(10, 1), insertion(20, 2),
			   insertion(30, 3, "type=anon")}),
		  "0 f\n1 f\n2 a\n");
}

TEST(TraceConverter, makes_references_accesses_at_the_time_of_the_look)
{
	/* By page table one, however many; by read() each. */
	EXPECT_EQ(convert({insertion(10, 1), insertion(20, 2),
			   look_id(10, "refs=4 soft_refs=0 flags="),
			   look_id(20, "refs=0 soft_refs=2 flags="),
			   look_id(10, untouched)}),
		  "0 f\n1 f\n0 f\n1 f\n1 f\n");
}

TEST(TraceConverter, tells_evictions_and_refaults)
{
	EXPECT_EQ(convert({insertion(10, 1), look_id(10, untouched, "free"),
			   insertion(10, 9)}),
		  "0 f\n# e 0\n# r 0\n0 f\n");
}

TEST(TraceConverter, believes_the_module_about_refaults)
{
	EXPECT_EQ(convert({insertion(10, 1, "type=file refault=1")}), "# r 0\n0 f\n");
}

TEST(TraceConverter, makes_the_last_access_of_a_dirty_page_a_write)
{
	EXPECT_EQ(convert({insertion(10, 1), insertion(20, 2),
			   look_id(10, "refs=0 soft_refs=0 flags=dirty"),
			   look_id(10, "refs=1 soft_refs=0 flags=dirty"),
			   look_id(10, untouched),
			   look_id(10, "refs=1 soft_refs=0 flags=mapped|dirty")}),
		  "0 fw\n1 f\n0 f\n0 fw\n");
}

TEST(TraceConverter, takes_a_frame_for_a_page_where_no_identity_is_known)
{
	/* Inserted again it is another page, whatever the verdict on the old one was. */
	EXPECT_EQ(convert({insertion(0, 1), insertion(0, 2),
			   look(1, "refs=1 soft_refs=0 flags="),
			   look(2, untouched, "free"), insertion(0, 2)}),
		  "0 f\n1 f\n0 f\n# e 1\n2 f\n");
}

TEST(TraceConverter, without_insertions_takes_the_first_look_for_one)
{
	EXPECT_EQ(convert({look(1, untouched), look(1, "refs=1 soft_refs=0 flags="),
			   look(1, untouched, "free"), look(1, untouched)},
			  false),
		  "0 f\n0 f\n# e 0\n1 f\n");
}

TEST(TraceConverter, leaves_out_pages_of_before_until_they_are_used)
{
	EXPECT_EQ(convert({look_id(10, untouched), look_id(20, untouched, "free"),
			   look_id(10, "refs=1 soft_refs=0 flags=")}),
		  "0 f\n");
}

TEST(TraceConverter, takes_no_page_for_new_that_was_put_back_where_it_was)
{
	EXPECT_EQ(convert({insertion(10, 1), insertion(10, 1)}), "0 f\n");
	/* In another frame it is one whose eviction was not seen. */
	EXPECT_EQ(convert({insertion(10, 1), insertion(10, 2)}), "0 f\n0 f\n");
	/* And without an identity it is another page. */
	EXPECT_EQ(convert({insertion(0, 1), insertion(0, 1)}), "0 f\n1 f\n");
}

TEST(TraceConverter, makes_a_large_folio_as_many_pages)
{
	std::string folio = insertion(10, 1, "nr_pages=2 type=anon");
	std::string used =
		look(1, "refs=1 soft_refs=0 flags= nr_pages=2 type=anon id=0xa");
	EXPECT_EQ(convert({folio, used}), "0 a\n1 a\n0 a\n1 a\n");
	/* Its second page may come back alone. */
	EXPECT_EQ(convert({folio, insertion(11, 7)}), "0 a\n1 a\n1 f\n");
}

TEST(TraceConverter, counts)
{
	Converter converter(true);
	std::string lines[] = {insertion(10, 1),
			       look_id(10, "refs=2 soft_refs=2 flags=", "free"),
			       insertion(10, 2)};
	for (const std::string &line : lines)
		converter.add(*parse_event(line));
	EXPECT_EQ(converter.counts(), (Converter::Counts{.insertions = 2,
							 .looks = 1,
							 .accesses = 5,
							 .evictions = 1,
							 .refaults = 1,
							 .pages = 1,
							 .by_table = 1,
							 .by_read = 2}));
}

} // namespace
} // namespace pagedaemon::ctl
