// SPDX-License-Identifier: GPL-2.0
#include "policy_test.h"

#include <cctype>
#include <set>

TEST(Registry, lists_policies_until_null)
{
	pd_u32 count = 0;

	while (pd_policy_at(count) != nullptr)
		count++;
	EXPECT_GE(count, 1u);
	EXPECT_EQ(pd_policy_at(count + 1), nullptr);
	EXPECT_EQ(pd_policy_at(~0u), nullptr);
}

TEST(Registry, lists_the_default_first)
{
	ASSERT_NE(pd_policy_at(0), nullptr);
	EXPECT_STREQ(pd_policy_at(0)->name, "clockpro");
}

TEST(Registry, finds_every_policy_by_its_name)
{
	for (pd_u32 i = 0; const pd_policy *policy = pd_policy_at(i); i++)
		EXPECT_EQ(pd_policy_find(policy->name, std::strlen(policy->name)),
			  policy);
}

TEST(Registry, finds_a_name_that_is_not_terminated)
{
	EXPECT_EQ(pd_policy_find("freebsd\n", 7), pd_policy_find("freebsd", 7));
	EXPECT_NE(pd_policy_find("freebsdx", 7), nullptr);
}

TEST(Registry, reads_no_further_than_the_length)
{
	const std::unique_ptr<char[]> name(new char[7]);

	std::memcpy(name.get(), "freebsd", 7);
	EXPECT_NE(pd_policy_find(name.get(), 7), nullptr);
	EXPECT_EQ(pd_policy_find(name.get(), 6), nullptr);
}

TEST(Registry, refuses_what_is_no_name)
{
	const std::string embedded("freebsd\0", 8);
	const std::string longer(100000, 'f');

	EXPECT_EQ(pd_policy_find(nullptr, 0), nullptr);
	EXPECT_EQ(pd_policy_find(nullptr, 7), nullptr);
	EXPECT_EQ(pd_policy_find("", 0), nullptr);
	EXPECT_EQ(pd_policy_find("freebs", 6), nullptr);
	EXPECT_EQ(pd_policy_find("freebsd2", 8), nullptr);
	EXPECT_EQ(pd_policy_find("FreeBSD", 7), nullptr);
	EXPECT_EQ(pd_policy_find(" freebsd", 8), nullptr);
	EXPECT_EQ(pd_policy_find(embedded.data(), embedded.size()), nullptr);
	EXPECT_EQ(pd_policy_find(longer.data(), longer.size()), nullptr);
}

TEST(Registry, every_policy_is_complete)
{
	std::set<std::string> names;

	for (pd_u32 i = 0; const pd_policy *policy = pd_policy_at(i); i++) {
		SCOPED_TRACE(policy->name);
		EXPECT_TRUE(names.insert(policy->name).second) << "listed twice";
		EXPECT_STRNE(policy->name, "");
		for (const char *c = policy->name; *c; c++)
			EXPECT_TRUE(std::islower(*c) || std::isdigit(*c) || *c == '_');
		EXPECT_STRNE(policy->text, "");
		EXPECT_EQ(std::strchr(policy->text, '\n'), nullptr);
		EXPECT_GT(policy->state_size, 0u);
		EXPECT_LE(policy->state_size, 4096u);
		EXPECT_NE(policy->init, nullptr);
		EXPECT_NE(policy->watermarks, nullptr);
		EXPECT_NE(policy->needs_scan, nullptr);
		EXPECT_NE(policy->plan, nullptr);
		EXPECT_NE(policy->enqueue, nullptr);
		EXPECT_NE(policy->inactive, nullptr);
		EXPECT_NE(policy->laundered, nullptr);
		EXPECT_NE(policy->inactive_done, nullptr);
		EXPECT_NE(policy->active, nullptr);
		EXPECT_NE(policy->after_pass, nullptr);
		EXPECT_NE(policy->idle, nullptr);
	}
}

TEST(Registry, page_state_is_two_bytes)
{
	static_assert(sizeof(pd_page_state) == 2);
	static_assert(sizeof(pd_decision) == 2);
	SUCCEED();
}

/* What a page from the active queue must not be when it is freed. */
constexpr pd_u32 kNotToFree = PD_PAGE_DIRTY | PD_PAGE_WRITEBACK | PD_PAGE_HELD |
			      PD_PAGE_BUSY | PD_PAGE_UNEVICTABLE;

/* Every verb of every policy, on anything that memory, pages and knobs may be. */
TEST(Registry, every_policy_survives_any_input)
{
	for (pd_u32 i = 0; const pd_policy *policy = pd_policy_at(i); i++) {
		Edges random(20240 + i);
		Instance instance(policy->name);

		SCOPED_TRACE(policy->name);
		for (int round = 0; round < 200000; round++) {
			const pd_memory memory = random.memory();
			const pd_view view = random.view();
			pd_page_state page = random.page();
			pd_scan scan = random.scan();
			pd_watermarks marks = {};
			pd_next next = {};
			pd_decision d = {};

			if (random(4) == 0)
				random.fill(instance.knobs);
			switch (random(10)) {
			case 0:
				policy->watermarks(instance.state(), &memory, &marks);
				EXPECT_GE(marks.cluster_pages, 1u);
				EXPECT_LE(marks.cluster_pages, 64u);
				EXPECT_LE(marks.free_target, memory.limit);
				break;
			case 1:
				EXPECT_LE(policy->needs_scan(instance.state(), &memory),
					  1);
				break;
			case 2:
				policy->plan(instance.state(), &memory, &scan);
				EXPECT_GE(scan.max_scan, 0);
				EXPECT_GE(scan.launder_budget, 1);
				break;
			case 3:
				d = policy->enqueue(instance.state(), &view, &page);
				EXPECT_TRUE(d.verdict == PD_VERDICT_ACTIVATE ||
					    d.verdict == PD_VERDICT_DEACTIVATE ||
					    d.verdict == PD_VERDICT_DEACTIVATE_HEAD)
					<< d;
				break;
			case 4:
			case 5:
				d = policy->inactive(instance.state(), &view, &page,
						     &scan);
				break;
			case 6:
				policy->laundered(instance.state(), &scan, random.u64(),
						  random.u64());
				break;
			case 7:
				policy->inactive_done(instance.state(), &memory, &scan);
				EXPECT_GE(scan.active_max_scan, 0);
				break;
			case 8:
				d = policy->active(instance.state(), &view, &page, &scan);
				if (d.verdict == PD_VERDICT_FREE) {
					EXPECT_FALSE(view.flags & kNotToFree);
				}
				EXPECT_NE(d.verdict, PD_VERDICT_LAUNDER);
				break;
			default:
				policy->after_pass(instance.state(), &memory, &scan,
						   random(2), &next);
				EXPECT_EQ(next.flags & ~0x1fu, 0u);
				policy->idle(instance.state(), &memory, random.u64(),
					     &scan);
				EXPECT_GE(scan.active_max_scan, 0);
				break;
			}
			EXPECT_LT(d.verdict, PD_NR_VERDICTS);
			EXPECT_LT(d.reason, PD_NR_REASONS);
			ASSERT_LE(page.act_count, PD_ACT_COUNT_MAX);
		}
	}
}
