// SPDX-License-Identifier: GPL-2.0
/*
 * What users write to attach, detach, policy and knobs (src/control/parse.c, compiled for
 * user space), against readers of the same grammar written another way. Texts are in
 * memory to the byte and not terminated.
 */
#include "fuzz.h"

#include <cctype>
#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <vector>

extern "C" {
#include "../../src/control/parse.h"
}

namespace
{

constexpr size_t kPageSize = 4096;
constexpr u64 kUntouched = 0x5ca1ab1e0ddba11;

/* A text that ends where its memory ends. */
class Text
{
public:
	explicit Text(const std::string &s) : size(s.size()), at_(new char[size])
	{
		std::memcpy(at_.get(), s.data(), size);
	}

	const char *data() const
	{
		return at_.get();
	}

	const size_t size;

private:
	const std::unique_ptr<char[]> at_;
};

/* Filled with rubbish, and in memory of its own. */
class Refusal
{
public:
	Refusal()
	{
		std::memset(why_->text, '\n', sizeof(why_->text));
	}

	operator pd_refusal *() const
	{
		return why_.get();
	}

	/* "what is wrong; expected what would be right" */
	void check(int err) const
	{
		const size_t len = strnlen(why_->text, sizeof(why_->text));
		const std::string text(why_->text, len);

		promise(err == -EINVAL, "what is refused is invalid");
		promise(len < sizeof(why_->text), "a refusal is terminated");
		promise(text.find("; expected ") != std::string::npos &&
				text.find("; expected ") > 0,
			"a refusal says what is wrong and what would be right");
		for (const char c : text)
			promise(std::isprint(static_cast<unsigned char>(c)) != 0,
				"a refusal is one line of plain text");
	}

private:
	const std::unique_ptr<pd_refusal> why_ = std::make_unique<pd_refusal>();
};

std::string without_newline(std::string s)
{
	if (!s.empty() && s.back() == '\n')
		s.pop_back();
	return s;
}

/* ---- The grammar, as the documentation has it ---- */

/* The words of a line, none if they cannot be read. */
std::vector<std::string> words_of(const std::string &line)
{
	std::vector<std::string> words;
	std::string word;

	if (line.size() >= kPageSize)
		return {};
	for (const char c : without_newline(line) + ' ') {
		if (c != ' ' && c != '\t') {
			if (static_cast<unsigned char>(c) < ' ' || c == 0x7f)
				return {};
			word += c;
		} else if (!word.empty()) {
			words.push_back(word);
			word.clear();
		}
	}
	return words;
}

std::optional<std::string> path_of(const std::string &word)
{
	std::string path, name;

	if (word[0] != '/')
		return {};
	for (const char c : word.substr(1) + '/') {
		if (c != '/') {
			name += c;
			continue;
		}
		if (name == "." || name == "..")
			return {};
		if (!name.empty())
			path += '/' + name;
		name.clear();
	}
	if (path.empty() || path.size() > PD_PATH_LEN)
		return {};
	return path;
}

const pd_policy *policy_of(const std::string &word)
{
	for (u32 i = 0; const pd_policy *policy = pd_policy_at(i); i++) {
		if (word == policy->name)
			return policy;
	}
	return nullptr;
}

std::optional<u64> number_of(const std::string &text)
{
	const size_t zeros = text.find_first_not_of('0');

	if (text.empty() || text.find_first_not_of("0123456789") != std::string::npos)
		return {};
	if (zeros == std::string::npos)
		return 0;
	errno = 0;

	const u64 value = std::strtoull(text.c_str() + zeros, nullptr, 10);

	return errno == ERANGE ? PD_AUTO : value;
}

/* ---- Parsers against it ---- */

void check_path(const char *path)
{
	std::unique_ptr<char[]> name(new char[NAME_MAX + 1]);
	const auto again = std::make_unique<pd_target>();
	const Refusal why;
	std::string slashes;

	pd_path_to_name(path, name.get());
	promise(std::strlen(name.get()) == std::strlen(path) - 1 &&
			std::strchr(name.get(), '/') == nullptr,
		"a path makes the name of a directory");
	promise(pd_parse_path(path, std::strlen(path), again.get(), why) == 0 &&
			std::strcmp(again->path, path) == 0,
		"a path that was accepted means itself");
	for (const char *c = path; *c; c++)
		slashes += *c == '/' ? std::string("//") : std::string(1, *c);
	if (slashes.size() + 1 < kPageSize)
		promise(pd_parse_path(slashes.data(), slashes.size(), again.get(), why) ==
					0 &&
				std::strcmp(again->path, path) == 0,
			"a slash more means nothing");
}

void attach_line(const std::string &line)
{
	const std::vector<std::string> words = words_of(line);
	const Text text(line);

	for (const size_t most : {size_t{1}, size_t{2}}) {
		const auto target = std::make_unique<pd_target>();
		const pd_policy *policy = pd_policy_at(0);
		std::optional<std::string> path;
		const Refusal why;
		int err;

		if (!words.empty() && words.size() <= most)
			path = path_of(words[0]);
		if (words.size() == 2)
			policy = policy_of(words[1]);
		if (policy == nullptr)
			path.reset();

		err = (most == 1 ? pd_parse_path : pd_parse_attach)(
			text.data(), text.size, target.get(), why);
		promise((err == 0) == path.has_value(),
			"a line is accepted if it is well formed");
		if (err != 0) {
			why.check(err);
			continue;
		}
		promise(path == target->path, "a path is taken as it was written");
		promise(target->policy == policy,
			"the policy is the one named, or the first");
		check_path(target->path);
	}
}

void policy_line(const std::string &line)
{
	const std::vector<std::string> words = words_of(line);
	const pd_policy *found = nullptr, *policy = nullptr;
	const Text text(line);
	const Refusal why;
	const int err = pd_parse_policy(text.data(), text.size, &found, why);

	if (words.size() == 1)
		policy = policy_of(words[0]);
	promise((err == 0) == (policy != nullptr),
		"a policy is accepted if there is one");
	promise(found == policy, "the policy is the one named");
	if (err != 0)
		why.check(err);
}

void knob_line(enum pd_knob_id id, const std::string &line)
{
	const pd_knob_desc &desc = pd_knob_descs[id];
	const std::string word = without_newline(line);
	/* What fills a page may be the beginning of more. */
	const std::optional<u64> number =
		line.size() < kPageSize ? number_of(word) : std::nullopt;
	const bool is_auto = word == "auto";
	const Text text(line);
	const Refusal why;
	u64 value = kUntouched;
	const int err = pd_parse_knob(id, text.data(), text.size, &value, why);

	promise((err == 0) == (is_auto ||
			       (number && *number >= desc.min && *number <= desc.max)),
		"a number is accepted if it is one and within its bounds");
	if (err != 0) {
		promise(value == kUntouched, "what is refused changes nothing");
		why.check(err);
		return;
	}
	promise(value == (is_auto ? desc.def : *number), "a number means itself");
	if (value != PD_AUTO) {
		const std::string shown = std::to_string(value) + '\n';
		u64 again = kUntouched;

		promise(pd_parse_knob(id, shown.data(), shown.size(), &again, why) == 0 &&
				again == value,
			"what a knob shows can be written to it");
	}
}

void word_line(const std::string &line)
{
	static const char *const words[] = {"auto", "ftrace", "shrinker", "", nullptr};
	const std::string word = line.substr(0, line.find('\0'));
	const Refusal why;
	const Text text(word + '\0');
	const int index = pd_parse_word(text.data(), words, why);

	for (int i = 0; words[i]; i++)
		promise((index == i) == (word == words[i]), "a word is one of the list");
	if (index < 0)
		why.check(index);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	FuzzedDataProvider input(data, size);
	const auto what = input.ConsumeIntegral<uint8_t>();
	/* A text as long as a page, without so long an input. */
	const auto copies = input.ConsumeIntegralInRange<unsigned>(0, 64);
	const std::string rest = input.ConsumeRemainingBytesAsString();
	std::string line = rest;

	if (copies > 60)
		for (unsigned i = 0; i < 8 * copies && line.size() < 2 * kPageSize; i++)
			line += rest;
	if (what < PD_NR_KNOBS) {
		knob_line(static_cast<enum pd_knob_id>(what), line);
		return 0;
	}
	attach_line(line);
	policy_line(line);
	word_line(line);
	return 0;
}
