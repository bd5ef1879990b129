// SPDX-License-Identifier: GPL-2.0
#include "knobs.hh"

#include <array>
#include <charconv>
#include <cstring>

#include <fmt/format.h>
#include <pagedaemon/policy.h>

namespace pagedaemon::sim
{
namespace
{

struct Knob {
	const char *name;
	pd_u64 otherwise;
	pd_u64 least;
	pd_u64 most;
	const char *unit;
	const char *text;
	pd_u64 pd_knobs::*field;
};

constexpr std::array kKnobs = {
#define PD_KNOB(name, def, min, max, unit, text)                                         \
	Knob{#name, def, min, max, unit, text, &pd_knobs::name},
#include <pagedaemon/knobs.def>
#undef PD_KNOB
};
static_assert(kKnobs.size() == PD_NR_KNOBS);

std::string in_words(pd_u64 value)
{
	return value == PD_AUTO ? "auto" : fmt::format("{}", value);
}

std::size_t knob_id(const std::string &name)
{
	for (std::size_t id = 0; id < kKnobs.size(); id++) {
		if (name == kKnobs[id].name)
			return id;
	}
	throw Error(
		fmt::format("there is no knob {}; `pagedaemon-sim list` has them", name));
}

u64 knob_value(const Knob &knob, const std::string &text)
{
	const char *end = text.data() + text.size();
	u64 value = 0;

	if (text == "auto")
		return knob.otherwise;

	const auto got = std::from_chars(text.data(), end, value);

	if (got.ec != std::errc() || got.ptr != end || value < knob.least ||
	    value > knob.most)
		throw Error(fmt::format("knob {} takes {} to {} {} or auto, not \"{}\"",
					knob.name, knob.least, knob.most, knob.unit,
					text));
	return value;
}

} // namespace

KnobSetting parse_knob(const std::string &text)
{
	const std::size_t equals = text.find('=');

	if (equals == std::string::npos)
		throw Error(fmt::format(
			"expected KNOB=VALUE or POLICY.KNOB=VALUE, not \"{}\"", text));

	std::string name = text.substr(0, equals);
	KnobSetting setting = {};

	if (const std::size_t dot = name.find('.'); dot != std::string::npos) {
		setting.policy = name.substr(0, dot);
		name = name.substr(dot + 1);
		if (pd_policy_find(setting.policy.data(), setting.policy.size()) ==
		    nullptr)
			throw Error(fmt::format("there is no policy \"{}\" to set {} of",
						setting.policy, name));
	}
	setting.id = knob_id(name);
	setting.value = knob_value(kKnobs[setting.id], text.substr(equals + 1));
	return setting;
}

pd_knobs knobs_for(const std::string &policy, const std::vector<KnobSetting> &settings)
{
	pd_knobs knobs = pd_knobs_defaults();

	for (const KnobSetting &setting : settings) {
		if (setting.policy.empty() || setting.policy == policy)
			knobs.*kKnobs[setting.id].field = setting.value;
	}
	if (pd_knobs_fit(&knobs) == 0)
		throw Error(fmt::format(
			"{}: anonmin, filemin and execmin together are {} %, {} at most",
			policy, knobs.anonmin + knobs.filemin + knobs.execmin,
			PD_FLOORS_MAX));
	return knobs;
}

std::string describe_knobs()
{
	std::string out;

	for (const Knob &knob : kKnobs)
		out += fmt::format("  {:<22} {:>6} ({} to {}, {})\n      {}\n", knob.name,
				   in_words(knob.otherwise), knob.least, knob.most,
				   knob.unit, knob.text);
	return out;
}

} // namespace pagedaemon::sim
