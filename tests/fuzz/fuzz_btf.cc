// SPDX-License-Identifier: GPL-2.0
/*
 * The BTF reader (src/hooks/btf.c, compiled for user space). An input that begins with
 * BTF's magic is a blob as it is: whatever it holds, the reader ends, reads nothing
 * outside of it and says nothing that contradicts itself. Any other input is a recipe for
 * a valid blob: all that is in it is found where it was put. The rest of the recipe then
 * spoils some bytes.
 */
#include "fuzz.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

extern "C" {
#include "../../src/hooks/btf.h"
}

namespace
{

enum Kind : u32 {
	kInt = 1,
	kPtr,
	kArray,
	kStruct,
	kUnion,
	kTypedef = 8,
	kConst = 10,
	kFunc = 12,
	kFuncProto,
};

/* A blob that ends where its memory ends, and is not aligned. */
class Blob
{
public:
	explicit Blob(const std::string &bytes)
		: size(bytes.size()), memory_(new char[size + 1])
	{
		std::memcpy(memory_.get() + 1, bytes.data(), size);
	}

	const void *data() const
	{
		return memory_.get() + 1;
	}

	const size_t size;

private:
	const std::unique_ptr<char[]> memory_;
};

/* ---- Any blob ---- */

/* The same signature, however much room there is. */
void check_signature(const pd_btf &btf, const char *name)
{
	const std::unique_ptr<char[]> large(new char[4096]);
	const int params = pd_btf_signature(&btf, name, large.get(), 4096);

	if (params < 0)
		return;

	const size_t len = strnlen(large.get(), 4096);

	promise(len < 4096, "a signature is terminated");
	for (const size_t room : {len + 1, len, len / 2, size_t{1}, size_t{0}}) {
		const std::unique_ptr<char[]> text(new char[room]);
		const int again = pd_btf_signature(&btf, name, text.get(), room);

		promise(again == (room > len ? params : -E2BIG),
			"a signature is refused if there is no room for it");
		if (room > 0)
			promise(strnlen(text.get(), room) < room,
				"a signature is terminated");
		if (room > len)
			promise(std::strcmp(text.get(), large.get()) == 0,
				"a signature does not depend on the room");
	}
}

void use(const Blob &blob)
{
	const auto btf = std::make_unique<pd_btf>();
	std::vector<const char *> names = {"scan_control", "nr_to_reclaim", "a", ""};

	if (pd_btf_open(btf.get(), blob.data(), blob.size) != 0)
		return;
	promise(btf->nr_types <= btf->types_len / 12, "a type takes 12 bytes at least");
	for (u32 at = 0; at < btf->strings_len && names.size() < 12;
	     at += static_cast<u32>(std::strlen(btf->strings + at)) + 1)
		names.push_back(btf->strings + at);

	for (const char *name : names) {
		u32 bytes = 0;
		const int id = pd_btf_struct(btf.get(), name, &bytes);
		struct pd_btf_member member;

		promise(id != 0 && id <= static_cast<int>(btf->nr_types),
			"a struct has a number of its own");
		check_signature(*btf, name);
		for (u32 type = 0; type <= btf->nr_types + 1 && type < 24; type++)
			pd_btf_member(btf.get(), type, name, &member);
		pd_btf_member(btf.get(), ~u32{0}, name, &member);
		if (id < 0)
			continue;
		for (const char *inner : names) {
			if (pd_btf_member(btf.get(), static_cast<u32>(id), inner,
					  &member) != 0)
				continue;
			promise(u64{member.bit_offset} + member.bit_size <=
					u64{bytes} * 8,
				"a member lies within its struct");
		}
	}
}

void check_cut(const Blob &blob)
{
	const auto btf = std::make_unique<pd_btf>();

	promise(pd_btf_open(btf.get(), blob.data(), blob.size) == -EINVAL,
		"types that end within one are refused");
}

/* ---- Valid blobs ---- */

class Builder
{
public:
	struct Found {
		std::string name;
		u32 offset, bits;
	};

	explicit Builder(FuzzedDataProvider &input) : input_(input)
	{
		strings_.push_back('\0');
		add({string("long"), info(kInt, 0), 8, 64});
		add({string("int"), info(kInt, 0), 4, 32});
		add({0, info(kPtr, 0), 2});
		types_ = {{1, 64, "8"}, {2, 32, "4"}, {3, 64, "4*"}};
		for (unsigned n = below(8); n > 0; n--)
			add_alias();
		add_struct();
		for (unsigned n = below(4); n > 0; n--)
			add_alias();
		add_function();
		add_cycles();
		strings_first_ = below(2) != 0;
	}

	/* Whichever section is last ends the blob. The last @cut bytes of types are
	 * missing. */
	std::string bytes(size_t cut = 0) const
	{
		const auto strings = static_cast<u32>(strings_.size());
		const auto types = static_cast<u32>(words_.size() * sizeof(u32) - cut);
		const u32 header[] = {0x0001eb9f,
				      24,
				      strings_first_ ? strings : 0,
				      types,
				      strings_first_ ? 0 : types,
				      strings};
		std::string out(reinterpret_cast<const char *>(header), sizeof(header));
		const std::string section(reinterpret_cast<const char *>(words_.data()),
					  types);

		return out + (strings_first_ ? strings_ + section : section + strings_);
	}

	void check(const Blob &blob) const
	{
		const auto btf = std::make_unique<pd_btf>();
		char text[512];
		u32 bytes = 0;
		int id;

		promise(pd_btf_open(btf.get(), blob.data(), blob.size) == 0,
			"a valid blob is accepted");
		promise(btf->nr_types == count_, "no type is overlooked");
		id = pd_btf_struct(btf.get(), "outer", &bytes);
		promise(id == static_cast<int>(outer_) && bytes == bytes_,
			"a struct is found, with its size");
		for (const Found &m : members_) {
			struct pd_btf_member member = {};

			promise(pd_btf_member(btf.get(), outer_, m.name.c_str(),
					      &member) == 0,
				"each member is found");
			promise(member.bit_offset == m.offset &&
					member.bit_size == m.bits,
				"a member is found where it is");
		}
		promise(pd_btf_member(btf.get(), outer_, "nobody", nullptr) == -ENOENT,
			"what is not there is not found");
		promise(pd_btf_signature(btf.get(), "work", text, sizeof(text)) ==
					params_ &&
				signature_ == text,
			"a signature is what was put there");
		promise(pd_btf_signature(btf.get(), "endless", text, sizeof(text)) ==
				-EINVAL,
			"a chain without end is refused");
		promise(pd_btf_member(btf.get(), nested_, "nobody", nullptr) == -EINVAL,
			"a struct within itself is refused");
	}

private:
	/* A type that a member or parameter can have; how a signature shows it. */
	struct Type {
		u32 id, bits;
		std::string text;
	};

	static u32 info(Kind kind, u32 vlen, bool flag = false)
	{
		return u32{flag} << 31 | kind << 24 | vlen;
	}

	unsigned below(unsigned n)
	{
		return input_.ConsumeIntegralInRange<unsigned>(0, n - 1);
	}

	u32 string(std::string_view s)
	{
		const u32 at = static_cast<u32>(strings_.size());

		strings_ += s;
		strings_.push_back('\0');
		return at;
	}

	u32 add(const std::vector<u32> &words)
	{
		words_.insert(words_.end(), words.begin(), words.end());
		return ++count_;
	}

	const Type &any_type()
	{
		return types_[below(static_cast<unsigned>(types_.size()))];
	}

	/* A type made of another. */
	void add_alias()
	{
		Type t = any_type();

		switch (below(4)) {
		case 0:
			t.id = add({0, info(kConst, 0), t.id});
			break;
		case 1:
			t.id = add({string("alias"), info(kTypedef, 0), t.id});
			break;
		case 2:
			t.id = add({0, info(kPtr, 0), t.id});
			t.bits = 64;
			t.text += '*';
			break;
		default:
			if (t.bits > 4096)
				return;
			{
				const u32 n = below(5);

				t.id = add({0, info(kArray, 0), 0, t.id, 1, n});
				t.bits *= n;
				t.text = "?";
			}
		}
		types_.push_back(t);
	}

	/*
	 * The members of a struct or union, inner ones first, as a compiler would have
	 * them: what was put where, relative to its beginning. Returns its type.
	 */
	u32 add_members(unsigned depth, u32 name, u32 &bytes, std::vector<Found> &all)
	{
		const bool is_union = depth > 0 && below(2);
		const bool flag = below(2) != 0;
		std::vector<u32> members;
		u32 end = 0, longest = 0;

		for (unsigned n = below(6); n > 0; n--) {
			const u32 begin = is_union ? 0 : (end + 63) / 64 * 64;
			u32 bits = 0;

			if (depth < 7 && below(4) == 1) {
				std::vector<Found> inside;
				u32 size = 0;
				const u32 id = add_members(depth + 1, 0, size, inside);

				for (Found &m : inside) {
					m.offset += begin;
					all.push_back(m);
				}
				members.insert(members.end(), {0, id, begin});
				end = begin + size * 8;
			} else {
				const Type t = any_type();
				const std::string called = "m" + std::to_string(named_++);

				if (flag && t.id <= 2)
					bits = below(t.bits);
				members.insert(members.end(), {string(called), t.id,
							       bits << 24 | begin});
				all.push_back({called, begin, bits ? bits : t.bits});
				end = begin + (bits ? bits : t.bits);
			}
			longest = std::max(longest, end);
		}
		bytes = (longest + 63) / 64 * 8;

		std::vector<u32> type = {name,
					 info(is_union ? kUnion : kStruct,
					      static_cast<u32>(members.size() / 3), flag),
					 bytes};

		type.insert(type.end(), members.begin(), members.end());
		return add(type);
	}

	void add_struct()
	{
		outer_ = add_members(0, string("outer"), bytes_, members_);
		types_.push_back({outer_, bytes_ * 8, "outer"});
	}

	void add_function()
	{
		std::vector<u32> proto;
		const Type result = any_type();

		params_ = static_cast<int>(below(6));
		proto = {0, info(kFuncProto, static_cast<u32>(params_)), result.id};
		signature_ = result.text;
		for (int n = 0; n < params_; n++) {
			const Type t = any_type();

			proto.insert(proto.end(), {string("p"), t.id});
			signature_ += ' ' + t.text;
		}
		add({string("work"), info(kFunc, 0), add(proto)});
	}

	/* A function of typedefs of each other, and a struct within itself. */
	void add_cycles()
	{
		const u32 first = count_ + 1, last = first + below(3);

		while (count_ < last)
			add({string("endless_t"), info(kTypedef, 0),
			     count_ + 1 < last ? count_ + 2 : first});
		add({string("endless"), info(kFunc, 0),
		     add({0, info(kFuncProto, 0), first})});
		nested_ = count_ + 1;
		add({string("nested"), info(kStruct, 1), 8, 0, nested_, 0});
	}

	FuzzedDataProvider &input_;
	bool strings_first_ = false;
	std::string strings_;
	std::vector<u32> words_;
	std::vector<Type> types_;
	std::vector<Found> members_;
	std::string signature_;
	u32 count_ = 0, outer_ = 0, bytes_ = 0, nested_ = 0;
	unsigned named_ = 0;
	int params_ = 0;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size >= 2 && data[0] == 0x9f && data[1] == 0xeb) {
		use(Blob(std::string(reinterpret_cast<const char *>(data), size)));
		return 0;
	}

	FuzzedDataProvider input(data, size);
	const Builder builder(input);
	std::string bytes = builder.bytes();
	const Blob blob(bytes);

	builder.check(blob);
	/* The last type has 24 bytes. */
	check_cut(Blob(builder.bytes(input.ConsumeIntegralInRange<size_t>(1, 23))));
	while (input.remaining_bytes() >= 2) {
		const auto at = input.ConsumeIntegralInRange<size_t>(0, bytes.size() - 1);

		bytes[at] = input.ConsumeIntegral<char>();
	}
	use(Blob(bytes));
	use(Blob(bytes.substr(0, input.ConsumeIntegralInRange<size_t>(0, bytes.size()))));
	return 0;
}
