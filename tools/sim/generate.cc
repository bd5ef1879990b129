// SPDX-License-Identifier: GPL-2.0
#include "generate.hh"

#include <array>
#include <charconv>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <pagedaemon/types.h>

namespace pagedaemon::sim
{
namespace
{

/* The values of a specification, each asked for once; what nobody asks for is an error.
 */
class Spec
{
public:
	explicit Spec(const std::string &text) : text_(text)
	{
		std::string_view rest = text;

		rest.remove_prefix(text.find(':') + 1);
		while (!rest.empty()) {
			const std::string_view item = rest.substr(0, rest.find(','));
			const std::size_t equals = item.find('=');

			rest.remove_prefix(std::min(item.size() + 1, rest.size()));
			if (equals == std::string_view::npos || equals == 0)
				fail(fmt::format("expected KEY=VALUE, not \"{}\"", item));
			if (!values_.emplace(item.substr(0, equals),
					     item.substr(equals + 1))
				     .second)
				fail(fmt::format("{} is given twice",
						 item.substr(0, equals)));
		}
	}

	u64 count(const std::string &key, u64 otherwise, u64 least, u64 most)
	{
		return number<u64>(key, otherwise, least, most);
	}

	double real(const std::string &key, double otherwise, double least, double most)
	{
		return number<double>(key, otherwise, least, most);
	}

	std::string word(const std::string &key, const std::string &otherwise)
	{
		known_.insert(key);

		const auto at = values_.find(key);

		return at == values_.end() ? otherwise : at->second;
	}

	/* To be called when all keys have been asked for, before the work. */
	void finish() const
	{
		for (const auto &[key, value] : values_) {
			if (!known_.contains(key))
				fail(fmt::format("there is no {}; the keys are {}", key,
						 fmt::join(known_, ", ")));
		}
	}

	[[noreturn]] void fail(std::string_view why) const
	{
		throw Error(fmt::format("generator {}: {}", text_, why));
	}

private:
	template <typename T>
	T number(const std::string &key, T otherwise, T least, T most)
	{
		const std::string text = word(key, "");
		T value = otherwise;

		if (values_.contains(key)) {
			const char *end = text.data() + text.size();
			const auto got = std::from_chars(text.data(), end, value);

			if (got.ec != std::errc() || got.ptr != end)
				fail(fmt::format("{}={} is no number of its kind", key,
						 text));
		}
		/* Not below and not above: a NaN is neither. */
		if (!(value >= least && value <= most))
			fail(fmt::format("{} is to be {} to {}, not {}", key, least, most,
					 value));
		return value;
	}

	std::string text_;
	std::map<std::string, std::string> values_;
	std::set<std::string> known_;
};

constexpr u64 kMostPages = u64{1} << 31;

/* Spreads ranks over the numbers, so that hot pages are no neighbours in memory. */
class Scatter
{
public:
	/* Near the golden section of n, and coprime to it: a permutation. */
	explicit Scatter(u64 n) : n_(n), step_(std::max<u64>(n * 618 / 1000, 1))
	{
		while (std::gcd(step_, n_) != 1)
			step_++;
	}

	u64 operator()(u64 rank) const
	{
		return rank * step_ % n_;
	}

private:
	u64 n_;
	u64 step_;
};

/* What the kinds have in common: how many references, what they say, a seed. */
class Generator
{
public:
	explicit Generator(Spec &spec)
		: refs_(spec.count("refs", 1000000, 1, kMostRefs)),
		  random_(spec.count("seed", 1, 0, ~u64{0})),
		  writes_(spec.real("writes", 0, 0, 1))
	{
		const std::string type = spec.word("type", "");

		if (type == "anon")
			op_ = op_of_type(PD_TYPE_ANON);
		else if (type == "shmem")
			op_ = op_of_type(PD_TYPE_SHMEM);
		else if (type == "file")
			op_ = op_of_type(PD_TYPE_FILE);
		else if (type == "exec")
			op_ = op_of_type(PD_TYPE_EXEC);
		else if (!type.empty())
			spec.fail("type is to be anon, shmem, file or exec");
	}

	/* @next makes one page number after the other. */
	template <typename F>
	Trace run(const std::string &name, u64 pages, F next)
	{
		return run_with(
			name, pages, [&](u8 & /* op */) { return next(); }, false);
	}

	/* The same of one that says what kind of page it is. */
	template <typename F>
	Trace run_typed(const std::string &name, u64 pages, F next)
	{
		return run_with(name, pages, next, true);
	}

	Random &random()
	{
		return random_;
	}

	bool chance(double of)
	{
		return of > 0 && uniform_(random_) < of;
	}

private:
	template <typename F>
	Trace run_with(const std::string &name, u64 pages, F next, bool typed)
	{
		const bool says = typed || op_ != 0 || writes_ > 0;
		Trace trace;

		trace.name = name;
		trace.pages = static_cast<u32>(pages);
		trace.ids.reserve(refs_);
		trace.ops.reserve(says ? refs_ : 0);
		for (u64 i = 0; i < refs_; i++) {
			u8 op = op_;

			trace.ids.push_back(static_cast<u32>(next(op)));
			if (!says)
				continue;
			if (chance(writes_))
				op |= kOpWrite;
			trace.ops.push_back(op);
		}
		return trace;
	}

	u64 refs_;
	Random random_;
	std::uniform_real_distribution<double> uniform_{0, 1};
	double writes_;
	u8 op_ = 0;
};

Trace make_zipf(const std::string &name, Spec &spec)
{
	const u64 pages = spec.count("pages", 100000, 1, kMostPages);
	const Zipf zipf(pages, spec.real("alpha", 1, 0, 10));
	const Scatter scatter(pages);
	Generator generator(spec);

	spec.finish();
	return generator.run(name, pages,
			     [&] { return scatter(zipf(generator.random())); });
}

/* Over and over the same pages in the same order. */
Trace make_loop(const std::string &name, Spec &spec)
{
	const u64 pages = spec.count("pages", 100000, 1, kMostPages);
	Generator generator(spec);
	u64 at = 0;

	spec.finish();
	return generator.run(name, pages, [&] { return at++ % pages; });
}

/* A hot set by Zipf's law, and now and then a run through pages never seen again soon. */
Trace make_scan(const std::string &name, Spec &spec)
{
	const u64 pages = spec.count("pages", 1000000, 2, kMostPages);
	const u64 hot = spec.count("hot", pages / 10, 1, pages - 1);
	const u64 length = spec.count("length", 1000, 1, kMostPages);
	const double part = spec.real("share", 0.5, 0, 1);
	const Zipf zipf(hot, spec.real("alpha", 0.8, 0, 10));
	const Scatter scatter(hot);
	Generator generator(spec);
	/* A run begins so often that @part of all references belong to runs. */
	const double begins =
		part >= 1 ? 1 : part / (part + (1 - part) * static_cast<double>(length));
	u64 at = 0;
	u64 left = 0;

	spec.finish();
	return generator.run(name, pages, [&] {
		if (left == 0 && generator.chance(begins))
			left = length;
		if (left == 0)
			return scatter(zipf(generator.random()));
		left--;
		return hot + at++ % (pages - hot);
	});
}

/* What is hot moves on to other pages every so many references. */
Trace make_phase(const std::string &name, Spec &spec)
{
	const u64 pages = spec.count("pages", 10000, 1, kMostPages);
	const u64 phases = spec.count("phases", 10, 1, kMostPages / pages);
	const u64 period = spec.count("period", 100000, 1, kMostRefs);
	const Zipf zipf(pages, spec.real("alpha", 0.8, 0, 10));
	const Scatter scatter(pages);
	Generator generator(spec);
	u64 n = 0;

	spec.finish();
	return generator.run(name, pages * phases, [&] {
		return n++ / period % phases * pages + scatter(zipf(generator.random()));
	});
}

/* One with anonymous memory used by Zipf's law beside one that loops through a file. */
Trace make_tenants(const std::string &name, Spec &spec)
{
	const u64 pages = spec.count("pages", 50000, 1, kMostPages / 2);
	const u64 loop = spec.count("loop", 100000, 1, kMostPages / 2);
	const double part = spec.real("share", 0.5, 0, 1);
	const Zipf zipf(pages, spec.real("alpha", 0.8, 0, 10));
	const Scatter scatter(pages);
	Generator generator(spec);
	u64 at = 0;

	spec.finish();
	return generator.run_typed(name, pages + loop, [&](u8 &op) {
		if (generator.chance(part)) {
			op = op != 0 ? op : op_of_type(PD_TYPE_FILE);
			return pages + at++ % loop;
		}
		op = op != 0 ? op : op_of_type(PD_TYPE_ANON);
		return scatter(zipf(generator.random()));
	});
}

struct Kind {
	std::string_view name;
	Trace (*make)(const std::string &name, Spec &spec);
};

constexpr std::array kKinds = {
	Kind{"zipf", make_zipf},   Kind{"loop", make_loop},	  Kind{"scan", make_scan},
	Kind{"phase", make_phase}, Kind{"tenants", make_tenants},
};

const Kind *kind_of(const std::string &spec)
{
	for (const Kind &kind : kKinds) {
		if (spec == kind.name || spec.starts_with(fmt::format("{}:", kind.name)))
			return &kind;
	}
	return nullptr;
}

} // namespace

bool is_generator(const std::string &spec)
{
	return kind_of(spec) != nullptr;
}

Trace generate(const std::string &spec)
{
	const Kind *kind = kind_of(spec);

	if (kind == nullptr)
		throw Error(fmt::format("{} is no generator", spec));

	Spec values(spec == kind->name ? spec + ":" : spec);

	return kind->make(spec, values);
}

} // namespace pagedaemon::sim
