// SPDX-License-Identifier: GPL-2.0
/* Formats and compressions of traces, and input that is none. */
#include "sim_test.h"

#include <lzma.h>
#include <pagedaemon/types.h>
#include <zlib.h>
#include <zstd.h>

using namespace pagedaemon::sim;

namespace
{

std::string zstd(const std::string &in)
{
	std::string out(ZSTD_compressBound(in.size()), '\0');

	out.resize(ZSTD_compress(out.data(), out.size(), in.data(), in.size(), 3));
	return out;
}

std::string xz(const std::string &in)
{
	std::string out(lzma_stream_buffer_bound(in.size()), '\0');
	std::size_t size = 0;

	EXPECT_EQ(lzma_easy_buffer_encode(
			  1, LZMA_CHECK_CRC32, nullptr,
			  reinterpret_cast<const uint8_t *>(in.data()), in.size(),
			  reinterpret_cast<uint8_t *>(out.data()), &size, out.size()),
		  LZMA_OK);
	out.resize(size);
	return out;
}

std::string gzip(const std::string &in)
{
	z_stream stream = {};
	std::string copy = in;
	std::string out;

	EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY),
		  Z_OK);
	out.resize(deflateBound(&stream, in.size()) + 64);
	stream.next_in = reinterpret_cast<Bytef *>(copy.data());
	stream.avail_in = static_cast<uInt>(copy.size());
	stream.next_out = reinterpret_cast<Bytef *>(out.data());
	stream.avail_out = static_cast<uInt>(out.size());
	EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
	out.resize(stream.total_out);
	deflateEnd(&stream);
	return out;
}

/* One record of oracleGeneral. */
std::string record(u64 object)
{
	std::string out(24, '\x7f');

	for (unsigned i = 0; i < 8; i++)
		out[4 + i] = static_cast<char>(object >> (8 * i));
	return out;
}

/* Long enough for several reads, and for what is compressed to be cut anywhere. */
std::string long_plain(std::vector<u32> &ids)
{
	std::mt19937 random(7);
	std::string out;
	PageMap map;

	for (int i = 0; i < 200000; i++) {
		const u64 page = random() % 50000 + (u64{1} << 40);

		out += std::to_string(page) + "\n";
		ids.push_back(map.id_of(page));
	}
	return out;
}

std::string read_error(const std::string &name, const std::string &bytes)
{
	const TempDir dir;
	const std::string path = dir.write(name, bytes);
	const std::string error = error_of([&] { read_trace(path, Format::kAuto); });

	/* The message begins with the file's name; what follows is compared. */
	return error.starts_with(path + ": ") ? error.substr(path.size() + 2) : error;
}

} // namespace

TEST(Readers, plain_has_a_number_a_line_and_comments)
{
	const TempDir dir;
	const Trace trace =
		read_trace(dir.write("t", "# made by hand\n\n10\n 20 # again\n10\r\n"
					  "18446744073709551615"),
			   Format::kAuto);

	EXPECT_EQ(trace.ids, (std::vector<u32>{0, 1, 0, 2}));
	EXPECT_EQ(trace.pages, 3u);
	EXPECT_TRUE(trace.ops.empty());
}

TEST(Readers, plain_letters_say_dirty_and_type)
{
	const TempDir dir;
	const Trace trace =
		read_trace(dir.write("t", "1\n2 w\n3 x\n4 wa\n5 aw # both\n6 f\n7 s\n"),
			   Format::kAuto);

	EXPECT_EQ(trace.ops,
		  (std::vector<u8>{0, kOpWrite, op_of_type(PD_TYPE_EXEC),
				   u8(op_of_type(PD_TYPE_ANON) | kOpWrite),
				   u8(op_of_type(PD_TYPE_ANON) | kOpWrite),
				   op_of_type(PD_TYPE_FILE), op_of_type(PD_TYPE_SHMEM)}));
}

TEST(Readers, lis_lines_are_runs_of_pages)
{
	const TempDir dir;
	const Trace trace = read_trace(
		dir.write("t.lis", "100 3 0 0\n101 1 0 1\n7 2 5 2\n"), Format::kAuto);

	EXPECT_EQ(trace.ids, (std::vector<u32>{0, 1, 2, 1, 3, 4}));
}

TEST(Readers, oracle_general_is_24_bytes_a_reference)
{
	const TempDir dir;
	const std::string bytes = record(~u64{0}) + record(1) + record(~u64{0});
	const Trace trace =
		read_trace(dir.write("t.oracleGeneral.bin", bytes), Format::kAuto);

	EXPECT_EQ(trace.ids, (std::vector<u32>{0, 1, 0}));
}

TEST(Readers, each_compression_is_told_by_its_bytes_not_by_the_name)
{
	const TempDir dir;
	std::vector<u32> ids;
	const std::string plain = long_plain(ids);

	for (const std::string &bytes : {plain, zstd(plain), xz(plain), gzip(plain)})
		EXPECT_EQ(read_trace(dir.write("t", bytes), Format::kAuto).ids, ids);
	/* A name that lies changes nothing. */
	EXPECT_EQ(read_trace(dir.write("t.zst", gzip(plain)), Format::kAuto).ids, ids);
}

TEST(Readers, the_format_is_told_by_the_name_below_the_compression)
{
	const TempDir dir;

	EXPECT_EQ(read_trace(dir.write("a.lis.zst", zstd("5 2 0 0\n")), Format::kAuto)
			  .ids.size(),
		  2u);
	EXPECT_EQ(
		read_trace(dir.write("a.oracleGeneral.xz", xz(record(5))), Format::kAuto)
			.ids.size(),
		1u);
	/* Or by who says so. */
	EXPECT_EQ(read_trace(dir.write("a.txt", "5 2 0 0\n"), Format::kLis).ids.size(),
		  2u);
}

TEST(Readers, compressed_streams_in_a_row_are_one)
{
	const TempDir dir;

	for (const auto &pack : {zstd, xz, gzip})
		EXPECT_EQ(read_trace(dir.write("t", pack("1\n2") + pack("3\n4\n")),
				     Format::kAuto)
				  .ids.size(),
			  3u);
}

TEST(Readers, cut_or_damaged_compressed_data_is_an_error)
{
	std::vector<u32> ids;
	const std::string plain = long_plain(ids);

	for (const auto &pack : {zstd, xz, gzip}) {
		std::string bytes = pack(plain);

		EXPECT_EQ(read_error("t", bytes.substr(0, bytes.size() - 9)),
			  "the compressed data ends in the middle");
		for (std::size_t i = bytes.size() / 2; i < bytes.size() / 2 + 64; i++)
			bytes[i] = static_cast<char>(~bytes[i]);
		EXPECT_NE(read_error("t", bytes), "");
	}
}

TEST(Readers, a_bad_line_is_named)
{
	EXPECT_EQ(read_error("t", "1\n2\nthree\n"),
		  "line 3: the page number is no number, but \"three\"");
	EXPECT_EQ(read_error("t", "1\n-2\n"),
		  "line 2: the page number is no number, but \"-2\"");
	EXPECT_EQ(read_error("t", "1\n18446744073709551616\n"),
		  "line 2: the page number \"18446744073709551616\" does not fit into 64 "
		  "bits");
	EXPECT_EQ(read_error("t", "1 y\n"),
		  "line 1: expected letters of \"wasfx\", not \"y\"");
	EXPECT_EQ(read_error("t", "1 af\n"),
		  "line 1: \"af\" has more than one kind of page");
	EXPECT_EQ(read_error("t", "1 w 2\n"),
		  "line 1: nothing is expected after the letters, but there is \"2\"");
	EXPECT_EQ(read_error("t", "1\n" + std::string(100000, '1')),
		  "line 2: line is too long for a page number");
	EXPECT_EQ(read_error("t.lis", "1 2 3 4\n1 2 3\n"),
		  "line 2: the id of the request is missing");
	EXPECT_EQ(read_error("t.lis", "1 0 3 4\n"),
		  "line 1: 0 pages from 1 on cannot be");
	EXPECT_EQ(read_error("t.lis", "18446744073709551615 2 3 4\n"),
		  "line 1: 2 pages from 18446744073709551615 on cannot be");
	EXPECT_EQ(read_error("t.lis", "1 2 3 4 5\n"),
		  "line 1: there are more than four numbers");
}

TEST(Readers, a_cut_record_is_named_by_its_offset)
{
	EXPECT_EQ(read_error("t.oracleGeneral", record(1) + record(2) + "xyz"),
		  "offset 48: the last record has 3 bytes of 24");
}

TEST(Readers, nothing_at_all_is_an_error)
{
	EXPECT_EQ(read_error("t", ""), "no references in it");
	EXPECT_EQ(read_error("t", "# nothing\n"), "no references in it");
	EXPECT_EQ(error_of([] { read_trace("/nonexistent", Format::kAuto); }),
		  "/nonexistent: No such file or directory");
	EXPECT_EQ(error_of([] { read_trace("/", Format::kAuto); }), "/: Is a directory");
}

TEST(Readers, what_is_written_reads_the_same)
{
	const TempDir dir;
	const Trace first = read_trace(dir.write("t", "9 w\n8\n9 x\n7 wa\n7 s\n7 f\n"),
				       Format::kAuto);
	const std::string path = dir.path() + "/copy";
	std::FILE *file = std::fopen(path.c_str(), "w");

	write_plain(first, file);
	std::fclose(file);

	const Trace second = read_trace(path, Format::kAuto);

	EXPECT_EQ(first.ids, second.ids);
	EXPECT_EQ(first.ops, second.ops);
}

TEST(Readers, page_numbers_are_dense_whatever_they_were)
{
	std::mt19937_64 random(1);
	std::map<u64, u32> expected;
	PageMap map;

	for (int i = 0; i < 100000; i++) {
		const u64 page = random() >> random() % 64;
		const auto [at, fresh] =
			expected.try_emplace(page, static_cast<u32>(expected.size()));

		ASSERT_EQ(map.id_of(page), at->second);
	}
	EXPECT_EQ(map.size(), expected.size());
}
