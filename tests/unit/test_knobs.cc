// SPDX-License-Identifier: GPL-2.0
#include "policy_test.h"

#include <cctype>
#include <set>

namespace
{

struct Line {
	const char *label;
	pd_u64 def, min, max;
	const char *unit, *text;
};

#define PD_KNOB(name, def, min, max, unit, text) {#name, def, min, max, unit, text},
const Line kLines[] = {
#include <pagedaemon/knobs.def>
};
#undef PD_KNOB

} // namespace

TEST(Knobs, each_line_is_a_field_and_an_id)
{
	static_assert(sizeof(pd_knobs) == PD_NR_KNOBS * sizeof(pd_u64));
	EXPECT_EQ(sizeof(kLines) / sizeof(kLines[0]), static_cast<size_t>(PD_NR_KNOBS));
#define PD_KNOB(name, def, min, max, unit, text)                                         \
	EXPECT_EQ(offsetof(pd_knobs, name), PD_KNOB_##name * sizeof(pd_u64));            \
	EXPECT_STREQ(kLines[PD_KNOB_##name].label, #name);
#include <pagedaemon/knobs.def>
#undef PD_KNOB
}

TEST(Knobs, defaults_are_those_of_the_table)
{
	const pd_knobs knobs = pd_knobs_defaults();

#define PD_KNOB(name, def, min, max, unit, text) EXPECT_EQ(knobs.name, (pd_u64)(def));
#include <pagedaemon/knobs.def>
#undef PD_KNOB
}

TEST(Knobs, defaults_lie_within_their_bounds)
{
	for (const Line &line : kLines) {
		SCOPED_TRACE(line.label);
		EXPECT_LT(line.min, line.max);
		EXPECT_LT(line.max, PD_AUTO);
		if (line.def == PD_AUTO)
			continue;
		EXPECT_GE(line.def, line.min);
		EXPECT_LE(line.def, line.max);
	}
}

TEST(Knobs, names_and_texts_are_fit_for_files_and_documents)
{
	const std::set<std::string> units = {"pages",	     "boolean", "seconds",
					     "milliseconds", "percent", "number",
					     "activity"};
	std::set<std::string> names;

	for (const Line &line : kLines) {
		SCOPED_TRACE(line.label);
		EXPECT_TRUE(names.insert(line.label).second);
		for (const char *c = line.label; *c; c++)
			EXPECT_TRUE(std::islower(*c) || std::isdigit(*c) || *c == '_');
		EXPECT_EQ(units.count(line.unit), 1u) << line.unit;
		EXPECT_STRNE(line.text, "");
		EXPECT_EQ(std::strchr(line.text, '\n'), nullptr);
		if (std::string(line.unit) == "boolean") {
			EXPECT_EQ(line.min, 0u);
			EXPECT_EQ(line.max, 1u);
		}
	}
}

TEST(Knobs, those_named_like_a_watermark_are_automatic)
{
	const pd_knobs knobs = pd_knobs_defaults();

	EXPECT_EQ(knobs.free_reserved, PD_AUTO);
	EXPECT_EQ(knobs.free_severe, PD_AUTO);
	EXPECT_EQ(knobs.free_min, PD_AUTO);
	EXPECT_EQ(knobs.free_target, PD_AUTO);
	EXPECT_EQ(knobs.wakeup_thresh, PD_AUTO);
	EXPECT_EQ(knobs.inactive_target, PD_AUTO);
	EXPECT_EQ(knobs.cluster_pages, PD_AUTO);
}

TEST(Knobs, defaults_that_have_a_number_in_the_source_keep_it)
{
	const pd_knobs knobs = pd_knobs_defaults();

	EXPECT_EQ(knobs.max_launder, PD_AUTO);
	EXPECT_EQ(knobs.update_period, 600u);
	EXPECT_EQ(knobs.lowmem_period, 10u);
	EXPECT_EQ(knobs.retry_pause, 500u);
	EXPECT_EQ(knobs.defer_swap_pageouts, 0u);
	EXPECT_EQ(knobs.disable_swap_pageouts, 0u);
}

TEST(Knobs, each_watermark_knob_overrides_its_mark)
{
	Instance i;

	i.knobs.free_reserved = 10;
	i.knobs.free_severe = 20;
	i.knobs.free_min = 30;
	i.knobs.wakeup_thresh = 40;
	i.knobs.free_target = 50;
	i.knobs.inactive_target = 60;
	i.knobs.cluster_pages = 7;

	const pd_watermarks m = i.watermarks(16384);

	EXPECT_EQ(m.free_reserved, 10u);
	EXPECT_EQ(m.free_severe, 20u);
	EXPECT_EQ(m.free_min, 30u);
	EXPECT_EQ(m.wakeup_thresh, 40u);
	EXPECT_EQ(m.free_target, 50u);
	EXPECT_EQ(m.inactive_target, 60u);
	EXPECT_EQ(m.cluster_pages, 7u);
}

TEST(Knobs, wakeup_thresh_follows_free_min_unless_set_itself)
{
	Instance i;

	i.knobs.free_min = 1000;
	EXPECT_EQ(i.watermarks(262144).wakeup_thresh, 1100u);
	i.knobs.wakeup_thresh = 1500;
	EXPECT_EQ(i.watermarks(262144).wakeup_thresh, 1500u);
}

TEST(Knobs, a_contradiction_raises_the_marks_above)
{
	Instance i;

	i.knobs.free_min = 2000;
	i.knobs.free_target = 100;

	const pd_watermarks m = i.watermarks(262144);

	EXPECT_EQ(m.free_min, 2000u);
	EXPECT_EQ(m.wakeup_thresh, 2200u);
	EXPECT_EQ(m.free_target, 2200u);
}

TEST(Knobs, a_target_below_the_wakeup_mark_is_raised_to_it)
{
	Instance i;

	i.knobs.free_target = 10;
	EXPECT_EQ(i.watermarks(16384).free_target, 165u);
}

TEST(Knobs, nothing_is_above_the_limit)
{
	Instance i;

	i.knobs.free_reserved = i.knobs.free_severe = i.knobs.free_min = PD_AUTO - 1;
	i.knobs.free_target = i.knobs.wakeup_thresh = PD_AUTO - 1;
	i.knobs.inactive_target = i.knobs.cluster_pages = PD_AUTO - 1;

	const pd_watermarks m = i.watermarks(16384);

	EXPECT_EQ(m.free_reserved, 16384u);
	EXPECT_EQ(m.free_severe, 16384u);
	EXPECT_EQ(m.free_min, 16384u);
	EXPECT_EQ(m.free_target, 16384u);
	EXPECT_EQ(m.wakeup_thresh, 16384u);
	EXPECT_EQ(m.inactive_target, 16384u);
	EXPECT_EQ(m.cluster_pages, 64u);
}

TEST(Knobs, a_cluster_has_at_least_one_page)
{
	Instance i;

	i.knobs.cluster_pages = 0;
	EXPECT_EQ(i.watermarks(16384).cluster_pages, 1u);
}

TEST(Knobs, auto_goes_back_to_the_computed_value)
{
	Instance i;
	const pd_u64 computed = i.watermarks(16384).free_target;

	i.knobs.free_target = 5000;
	EXPECT_EQ(i.watermarks(16384).free_target, 5000u);
	i.knobs.free_target = PD_AUTO;
	EXPECT_EQ(i.watermarks(16384).free_target, computed);
}

TEST(Knobs, order_of_marks_holds_whatever_is_set)
{
	Edges random(7);
	Instance i;

	for (int round = 0; round < 100000; round++) {
		random.fill(i.knobs);
		i.knobs.free_min = random.u64() >> 1; /* never PD_AUTO */

		const pd_watermarks m = i.watermarks(random.u64());

		ASSERT_LE(m.free_reserved, m.free_severe);
		ASSERT_LE(m.free_severe, m.free_min);
		ASSERT_LE(m.free_min, m.wakeup_thresh);
		ASSERT_LE(m.wakeup_thresh, m.free_target);
	}
}
