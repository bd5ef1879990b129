// SPDX-License-Identifier: GPL-2.0
/* The formats of traces; docs/simulator.md describes them for users. */
#include <array>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string_view>

#include <fmt/format.h>
#include <pagedaemon/types.h>

#include "bytes.hh"
#include "trace.hh"

namespace pagedaemon::sim
{
namespace
{

/* No line of a trace is longer; what is, is something else. */
constexpr std::size_t kLongestLine = 4096;

/* Cuts a stream into lines and knows where it is, for error messages. */
class Lines
{
public:
	Lines(Bytes &bytes, std::string path) : bytes_(bytes), path_(std::move(path))
	{
	}

	bool next(std::string_view &line)
	{
		while (true) {
			const std::string_view rest(buffer_.data() + at_, filled_ - at_);
			const std::size_t end = rest.find('\n');

			if (end != std::string_view::npos || (ended_ && !rest.empty())) {
				line = rest.substr(0, end);
				at_ += std::min(line.size() + 1, rest.size());
				number_++;
				if (line.ends_with('\r'))
					line.remove_suffix(1);
				return true;
			}
			if (ended_)
				return false;
			if (rest.size() > kLongestLine) {
				number_++;
				fail("line is too long for a page number");
			}
			refill(rest);
		}
	}

	[[noreturn]] void fail(std::string_view why) const
	{
		throw Error(fmt::format("{}: line {}: {}", path_, number_, why));
	}

private:
	void refill(std::string_view rest)
	{
		const std::size_t kept = rest.size();

		std::memmove(buffer_.data(), rest.data(), kept);
		const std::size_t wanted = buffer_.size() - kept;
		const std::size_t got = bytes_.read(buffer_.data() + kept, wanted);

		at_ = 0;
		filled_ = kept + got;
		ended_ = got < wanted;
	}

	Bytes &bytes_;
	std::string path_;
	std::vector<char> buffer_ = std::vector<char>(std::size_t{1} << 16);
	std::size_t at_ = 0;
	std::size_t filled_ = 0;
	u64 number_ = 0;
	bool ended_ = false;
};

/* Takes a word off the front; empty at the end and where a comment begins. */
std::string_view take_word(std::string_view &line)
{
	constexpr std::string_view blanks = " \t";
	const std::size_t begin = line.find_first_not_of(blanks);

	if (begin == std::string_view::npos || line[begin] == '#') {
		line = {};
		return {};
	}
	line.remove_prefix(begin);

	const std::string_view word = line.substr(0, line.find_first_of(" \t#"));

	line.remove_prefix(word.size());
	return word;
}

/* For messages: printable, and not the whole of a binary file. */
std::string quoted(std::string_view text)
{
	std::string out = "\"";

	for (const char c : text.substr(0, 20))
		out += c >= ' ' && c <= '~' ? c : '?';
	return out + (text.size() > 20 ? "...\"" : "\"");
}

u64 number_in(const Lines &lines, std::string_view word, std::string_view what)
{
	u64 number = 0;
	const auto [end, error] =
		std::from_chars(word.data(), word.data() + word.size(), number);

	if (word.empty())
		lines.fail(fmt::format("{} is missing", what));
	if (error == std::errc::result_out_of_range)
		lines.fail(fmt::format("{} {} does not fit into 64 bits", what,
				       quoted(word)));
	if (error != std::errc() || end != word.data() + word.size())
		lines.fail(fmt::format("{} is no number, but {}", what, quoted(word)));
	return number;
}

std::optional<unsigned> type_of(char letter)
{
	switch (letter) {
	case 'a':
		return PD_TYPE_ANON;
	case 's':
		return PD_TYPE_SHMEM;
	case 'f':
		return PD_TYPE_FILE;
	case 'x':
		return PD_TYPE_EXEC;
	default:
		return {};
	}
}

u8 op_in(const Lines &lines, std::string_view word)
{
	u8 op = 0;

	for (const char letter : word) {
		if (letter == 'w') {
			op |= kOpWrite;
		} else if (const auto type = type_of(letter)) {
			if ((op & kOpTyped) != 0)
				lines.fail(
					fmt::format("{} has more than one kind of page",
						    quoted(word)));
			op |= op_of_type(*type);
		} else {
			lines.fail(fmt::format("expected letters of \"wasfx\", not {}",
					       quoted(word)));
		}
	}
	return op;
}

void read_plain(Bytes &bytes, const std::string &path, TraceBuilder &builder)
{
	Lines lines(bytes, path);
	std::string_view line;

	while (lines.next(line)) {
		const std::string_view first = take_word(line);

		if (first.empty())
			continue;

		const u64 page = number_in(lines, first, "the page number");
		const u8 op = op_in(lines, take_word(line));

		if (const std::string_view more = take_word(line); !more.empty())
			lines.fail(fmt::format("nothing is expected after the letters, "
					       "but there is {}",
					       quoted(more)));
		builder.add(page, op);
	}
}

void read_lis(Bytes &bytes, const std::string &path, TraceBuilder &builder)
{
	Lines lines(bytes, path);
	std::string_view line;

	while (lines.next(line)) {
		const std::string_view word = take_word(line);

		if (word.empty())
			continue;

		const u64 first = number_in(lines, word, "the first page");
		const u64 count = number_in(lines, take_word(line), "the count of pages");

		number_in(lines, take_word(line), "the third number");
		number_in(lines, take_word(line), "the id of the request");
		if (!take_word(line).empty())
			lines.fail("there are more than four numbers");
		if (count == 0 || count > kMostRefs || first + (count - 1) < first)
			lines.fail(fmt::format("{} pages from {} on cannot be", count,
					       first));
		for (u64 i = 0; i < count; i++)
			builder.add(first + i, 0);
	}
}

/* u32 time, u64 object, u32 size, s64 next use; little-endian, packed. */
constexpr std::size_t kOracleRecord = 24;
constexpr std::size_t kOracleObject = 4;

void read_oracle_general(Bytes &bytes, const std::string &path, TraceBuilder &builder)
{
	std::vector<char> buffer(kOracleRecord * 4096);
	u64 offset = 0;

	while (const std::size_t got = bytes.read(buffer.data(), buffer.size())) {
		for (std::size_t at = 0; at + kOracleRecord <= got; at += kOracleRecord) {
			u64 object = 0;

			for (unsigned i = 0; i < 8; i++) {
				const auto byte =
					static_cast<u8>(buffer[at + kOracleObject + i]);

				object |= u64{byte} << (8 * i);
			}
			builder.add(object, 0);
		}
		if (got % kOracleRecord != 0)
			throw Error(fmt::format(
				"{}: offset {}: the last record has {} bytes of {}", path,
				offset + got / kOracleRecord * kOracleRecord,
				got % kOracleRecord, kOracleRecord));
		offset += got;
	}
}

Format format_by_name(const std::string &path)
{
	std::string name = std::filesystem::path(path).filename().string();

	for (const char *suffix : {".zst", ".xz", ".gz"}) {
		if (name.ends_with(suffix))
			name.resize(name.size() - std::strlen(suffix));
	}
	if (name.ends_with(".lis"))
		return Format::kLis;
	if (name.find(".oracleGeneral") != std::string::npos)
		return Format::kOracleGeneral;
	return Format::kPlain;
}

} // namespace

Trace read_trace(const std::string &path, Format format)
{
	const std::unique_ptr<Bytes> bytes = open_bytes(path);
	TraceBuilder builder;

	if (format == Format::kAuto)
		format = format_by_name(path);
	switch (format) {
	case Format::kLis:
		read_lis(*bytes, path, builder);
		break;
	case Format::kOracleGeneral:
		read_oracle_general(*bytes, path, builder);
		break;
	default:
		read_plain(*bytes, path, builder);
		break;
	}

	Trace trace = builder.finish(path);

	if (trace.ids.empty())
		throw Error(fmt::format("{}: no references in it", path));
	return trace;
}

void write_plain(const Trace &trace, std::FILE *to)
{
	constexpr std::string_view letters = "asfx";

	for (std::size_t i = 0; i < trace.ids.size(); i++) {
		const u8 op = trace.ops.empty() ? u8{0} : trace.ops[i];
		std::string said;

		if ((op & kOpWrite) != 0)
			said += 'w';
		if ((op & kOpTyped) != 0)
			said += letters[op >> kOpTypeShift];
		fmt::print(to, "{}{}{}\n", trace.ids[i], said.empty() ? "" : " ", said);
	}
}

} // namespace pagedaemon::sim
