// SPDX-License-Identifier: GPL-2.0
/* Trace files, and what keeps a recording from beginning; selftests/ctl.sh records. */
#include "error.hh"
#include "fake_module.h"
#include "trace_file.hh"
#include <zstd.h>

namespace pagedaemon::ctl
{
namespace
{

class Record : public FakeModule
{
protected:
	std::size_t files() const
	{
		std::filesystem::directory_iterator all(root);
		return static_cast<std::size_t>(std::distance(begin(all), end(all)));
	}
};

TEST_F(Record, headers_say_the_same_when_read_back)
{
	TraceHeader header = {"/app/db: x", "6.12.1", "mach", 16384, 2.5, 3, 4, 5};
	EXPECT_EQ(parse_header(render(header) + "0 f\n1 f\n"), header);
	EXPECT_EQ(parse_header("1\n2\n# limit: 5 pages\n"), TraceHeader());
	EXPECT_EQ(parse_header("# limit: many\n"), TraceHeader());
	EXPECT_EQ(parse_header("# limit: 77").limit, 77u);
}

TEST_F(Record, a_file_is_there_once_it_is_complete)
{
	std::size_t before = files();
	{
		NewFile file(root / "t");
		file.write("1\n");
	}
	EXPECT_EQ(files(), before);
	NewFile file(root / "t");
	file.write("1\n");
	EXPECT_FALSE(std::filesystem::exists(root / "t"));
	file.finish();
	EXPECT_EQ(content(root / "t"), "1\n");
	EXPECT_EQ(files(), before + 1);
	EXPECT_THROW(NewFile(root / "nope/t"), Refused);
}

TEST_F(Record, a_file_with_zst_in_its_name_is_compressed)
{
	std::string text;
	for (int i = 0; i < 300000; i++)
		text += std::to_string(i) + " f\n";
	NewFile file(root / "t.zst");
	file.write(text);
	file.write("end\n");
	file.finish();
	std::string packed = content(root / "t.zst"), unpacked(text.size() + 100, '\0');
	EXPECT_LT(packed.size(), text.size() / 2);
	/* The size is not in a stream's header: decompress into what is surely enough. */
	auto n = ZSTD_decompress(unpacked.data(), unpacked.size(), packed.data(),
				 packed.size());
	ASSERT_FALSE(ZSTD_isError(n)) << ZSTD_getErrorName(n);
	unpacked.resize(n);
	EXPECT_EQ(unpacked, text + "end\n");
}

TEST_F(Record, refuses_in_words)
{
	auto refused = [&](const char *text, std::vector<std::string> more = {}) {
		std::vector<std::string> words = {"record", "/app/db", "--trace",
						  (root / "t").string()};
		words.insert(words.end(), more.begin(), more.end());
		std::size_t before = files();
		EXPECT_EQ(run(words), 1);
		EXPECT_NE(err.find(text), err.npos) << err;
		EXPECT_EQ(files(), before);
	};
	refused("/app/db is not attached");
	make_attached("/app/db");
	refused("no tracefs at");
	std::filesystem::create_directories(host.tracing / "instances");
	refused("has no tracepoints");
	put(in("app!db/state"), "ejected: no progress\n");
	refused("ejected: no progress");
	EXPECT_EQ(run({"record", "/app/db", "--trace", "/nope/t"}), 1);
	EXPECT_EQ(run({"record", "/app/db"}), 2);
	EXPECT_NE(err.find("--trace"), err.npos) << err;
	EXPECT_EQ(run({"record", "/app/db", "--trace", "t", "--seconds", "0"}), 2);
	EXPECT_EQ(run({"record", "/app/db", "--trace", "t", "--"}), 2);
	EXPECT_NE(err.find("no command"), err.npos) << err;
}

} // namespace
} // namespace pagedaemon::ctl
