// SPDX-License-Identifier: GPL-2.0
#include "cgroup.hh"
#include "error.hh"
#include "fake_module.h"

namespace pagedaemon::ctl
{
namespace
{

class CgroupPaths : public FakeModule
{
protected:
	std::string path(std::string_view text) const
	{
		return parse_cgroup(host, text).path;
	}
};

TEST_F(CgroupPaths, are_taken_however_users_write_them)
{
	EXPECT_EQ(path("/app/db"), "/app/db");
	EXPECT_EQ(path("//app///db/"), "/app/db");
	EXPECT_EQ(path("app/db"), "/app/db");
	EXPECT_EQ(path("/app/./x/../db"), "/app/db");
	EXPECT_EQ(path((host.cgroups / "app/db").string()), "/app/db");
	EXPECT_EQ(path((host.cgroups / "app/db/").string()), "/app/db");
	EXPECT_EQ(path("/app!db"), "/app!db");
}

TEST_F(CgroupPaths, are_relative_to_the_directory_one_is_in_if_that_is_a_cgroup)
{
	Path before = std::filesystem::current_path();
	std::filesystem::current_path(host.cgroups / "app");
	EXPECT_EQ(path("db"), "/app/db");
	EXPECT_EQ(path("."), "/app");
	EXPECT_EQ(path("../db"), "/db");
	std::filesystem::current_path(before);
}

TEST_F(CgroupPaths, cannot_be_those_the_module_cannot_take)
{
	EXPECT_THROW(path(""), Usage);
	EXPECT_THROW(path("/a b"), Usage);
	EXPECT_THROW(path("/a\nb"), Usage);
	EXPECT_THROW(path("/"), Refused);
	EXPECT_THROW(path("///"), Refused);
	EXPECT_THROW(path("/.."), Refused);
	EXPECT_THROW(path(host.cgroups.string()), Refused);
}

TEST_F(CgroupPaths, have_a_directory_name_with_exclamation_marks)
{
	EXPECT_EQ(Cgroup{"/app/db"}.name(), "app!db");
	EXPECT_EQ(Cgroup{"/app"}.name(), "app");
}

TEST_F(CgroupPaths, are_found_again_from_the_directory_name)
{
	auto found = [&](const char *name, const char *pairs) {
		return cgroup_of_name(host, name, pairs).path;
	};
	EXPECT_EQ(found("app!db", ""), "/app/db");
	EXPECT_EQ(found("app!db", "node 0 freed 1 /x/y\nnode 0 freed 1 /app!db\n"),
		  "/app!db");
	EXPECT_EQ(found("gone!db", "...\n"), "/gone/db");
	std::filesystem::create_directories(host.cgroups / "a!b/c");
	EXPECT_EQ(found("a!b!c", ""), "/a!b/c");
}

TEST(Split, leaves_out_what_is_between)
{
	EXPECT_EQ(split("  a b\n", " \n"), (std::vector<std::string_view>{"a", "b"}));
	EXPECT_TRUE(split("", " ").empty());
}

} // namespace
} // namespace pagedaemon::ctl
