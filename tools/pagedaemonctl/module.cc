// SPDX-License-Identifier: GPL-2.0
#include "module.hh"
#include "error.hh"
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fmt/ranges.h>
#include <pagedaemon/knobs.h>

namespace pagedaemon::ctl
{
namespace
{

std::string strip(std::string text)
{
	while (text.ends_with('\n'))
		text.pop_back();
	return text;
}

/* What an errno means where a file of the module was read or written. */
std::string words(int error)
{
	switch (error) {
	case EACCES:
	case EPERM:
		return "only root may do that (try sudo); in a container or under "
		       "lockdown perhaps not even root";
	case EROFS:
		return "sysfs is mounted read-only here, as in most containers";
	case EEXIST:
		return "it is attached already, or an attached cgroup has the same name "
		       "with "
		       "/ written as !";
	case ENODEV:
		return "it has no memory controller on cgroup v2: write +memory to the "
		       "cgroup.subtree_control of its parent";
	case EOPNOTSUPP:
		return "the running kernel lacks something that this needs";
	case ENOMEM:
		return "out of memory";
	case ENOENT:
		return "it is not there, or is not attached any more";
	case EINVAL:
		return "the module does not take it";
	default:
		return std::strerror(error);
	}
}

std::vector<Sample> parse_stats(std::string_view text)
{
	std::vector<Sample> stats;
	for (std::string_view line : split(text, "\n")) {
		auto fields = split(line, " ");
		if (fields.size() == 2)
			stats.push_back({std::string(fields[0]),
					 std::strtoll(fields[1].data(), nullptr, 10)});
	}
	return stats;
}

} // namespace

std::vector<std::string> policy_names(std::string_view file)
{
	std::vector<std::string> names;
	for (std::string_view word : split(file, " \n[]"))
		names.emplace_back(word);
	return names;
}

std::string policy_in_force(std::string_view file)
{
	auto begin = file.find('['), end = file.find(']');
	if (begin == file.npos || end == file.npos || end < begin)
		return "";
	return std::string(file.substr(begin + 1, end - begin - 1));
}

Setting parse_setting(std::string_view text)
{
	auto at = text.find('=');
	if (at == text.npos || at == 0 || at + 1 == text.size())
		throw Usage("\"{}\" is not of the form KNOB=VALUE", text);
	std::string_view name = text.substr(0, at), value = text.substr(at + 1);
	const Knob *knob = find_knob(name);
	if (!knob)
		throw Refused(
			"there is no knob {}; `pagedaemonctl get CGROUP` lists them",
			name);
	if (value == "auto")
		return {knob, std::nullopt};
	auto number = parse_number(value);
	if (!number)
		throw Refused(
			"{}={}: the value is not a decimal number; expected {} or auto",
			name, value, bounds_text(*knob));
	if (*number < knob->min || *number > knob->max)
		throw Refused("{}={} is out of bounds; expected {} or auto", name, value,
			      bounds_text(*knob));
	return {knob, number};
}

std::vector<Setting> parse_settings(std::span<const std::string> texts)
{
	std::vector<Setting> settings;
	for (const std::string &text : texts) {
		Setting setting = parse_setting(text);
		if (std::ranges::find(settings, setting.knob, &Setting::knob) !=
		    settings.end())
			throw Usage("{} is given twice", setting.knob->name);
		settings.push_back(setting);
	}
	return settings;
}

std::int64_t Attachment::stat(std::string_view name) const
{
	auto sample = std::ranges::find(stats, name, &Sample::name);
	return sample == stats.end() ? 0 : sample->value;
}

Module::Module(const Host &host) : host(host)
{
	if (!std::filesystem::is_directory(host.module))
		throw Refused("the module is not loaded (there is no directory {}); load "
			      "it with "
			      "insmod pagedaemon.ko",
			      host.module.string());
}

Path Module::directory(const Cgroup &cgroup) const
{
	return host.module / cgroup.name();
}

Path Module::knob_file(const Cgroup &cgroup, const Knob &knob) const
{
	return directory(cgroup) / "knobs" / knob.name;
}

std::string Module::read(const Cgroup &cgroup, const char *file) const
{
	auto text = read_file(directory(cgroup) / file);
	if (text)
		return strip(*text);
	int error = errno;
	require_attached(cgroup);
	throw Refused("cannot read {} of {}: {}", file, cgroup.path, words(error));
}

void Module::require_attached(const Cgroup &cgroup) const
{
	if (std::filesystem::is_directory(directory(cgroup) / "knobs"))
		return;
	require_cgroup(host, cgroup);
	throw Refused("{} is not attached; attach it with pagedaemonctl attach {}",
		      cgroup.path, cgroup.path);
}

void Module::require_policy(const std::string &policy) const
{
	auto known = policies();
	if (std::ranges::find(known, policy) == known.end())
		throw Refused("unknown policy: {}; expected one of {}", policy,
			      fmt::join(known, " "));
}

std::string Module::hook() const
{
	return strip(read_file(host.module / "hook").value_or(""));
}

std::vector<std::string> Module::policies() const
{
	return policy_names(read_file(host.module / "policies").value_or(""));
}

Attachment Module::attachment(const Cgroup &cgroup) const
{
	return {cgroup, policy_in_force(read(cgroup, "policy")), read(cgroup, "state"),
		stats(cgroup)};
}

std::vector<Attachment> Module::attachments() const
{
	std::vector<Attachment> all;
	for (const auto &entry : std::filesystem::directory_iterator(host.module)) {
		if (!entry.is_directory())
			continue;
		auto pairs = read_file(entry.path() / "pairs");
		auto name = entry.path().filename().string();
		try {
			all.push_back(attachment(
				cgroup_of_name(host, name, pairs.value_or(""))));
		} catch (const Refused &) {
			/* Gone since the directory was read; whatever else, say it. */
			if (std::filesystem::exists(entry.path()))
				throw;
		}
	}
	std::ranges::sort(all, {}, [](const Attachment &a) { return a.cgroup.path; });
	return all;
}

std::vector<Sample> Module::stats(const Cgroup &cgroup) const
{
	return parse_stats(read(cgroup, "stats"));
}

std::uint64_t Module::knob(const Cgroup &cgroup, const Knob &knob) const
{
	std::string file = fmt::format("knobs/{}", knob.name);
	if (std::filesystem::is_directory(directory(cgroup) / "knobs") &&
	    !std::filesystem::exists(directory(cgroup) / file))
		throw Refused(
			"the loaded module has no knob {}: it is of another version",
			knob.name);
	std::string text = read(cgroup, file.c_str());
	auto value = parse_number(text);
	if (!value)
		throw Refused("the file {} of {} holds no number: \"{}\"", file,
			      cgroup.path, text);
	return *value;
}

void Module::write(const Cgroup &cgroup, const Path &file, const std::string &text,
		   const std::string &what) const
{
	KernelLog log(host.kernel_log);
	int error = host.write(file, text);
	if (!error)
		return;
	std::string said;
	for (const std::string &line : log.read())
		said += "\nkernel log: " + line;
	if (said.empty() && (error == EINVAL || error == EOPNOTSUPP))
		said = "; the kernel's log (dmesg) says more";
	throw Refused("cannot {} {}: {}{}", what, cgroup.path, words(error), said);
}

void Module::attach(const Cgroup &cgroup, const std::string &policy,
		    std::span<const Setting> settings) const
{
	require_cgroup(host, cgroup);
	if (!policy.empty())
		require_policy(policy);
	write(cgroup, host.module / "attach",
	      policy.empty() ? cgroup.path : cgroup.path + " " + policy, "attach");
	try {
		set(cgroup, settings);
	} catch (const Refused &refusal) {
		detach(cgroup);
		throw Refused("{}; {} is not attached", refusal.what(), cgroup.path);
	}
}

void Module::detach(const Cgroup &cgroup) const
{
	require_attached(cgroup);
	write(cgroup, host.module / "detach", cgroup.path, "detach");
}

void Module::set_policy(const Cgroup &cgroup, const std::string &policy) const
{
	require_attached(cgroup);
	require_policy(policy);
	write(cgroup, directory(cgroup) / "policy", policy, "switch the policy of");
}

void Module::require_fit(const Cgroup &cgroup, std::span<const Setting> settings) const
{
	auto wanted = [&](const char *name) {
		const Knob *knob = find_knob(name);
		auto setting = std::ranges::find(settings, knob, &Setting::knob);
		if (setting == settings.end())
			return this->knob(cgroup, *knob);
		return setting->value.value_or(knob->def.value_or(0));
	};
	pd_knobs all = pd_knobs_defaults();
	all.anonmin = wanted("anonmin");
	all.filemin = wanted("filemin");
	all.execmin = wanted("execmin");
	if (!pd_knobs_fit(&all))
		throw Refused("the three floors would protect {} % of memory (anonmin "
			      "{}, filemin "
			      "{}, execmin {}); expected {} at most together",
			      all.anonmin + all.filemin + all.execmin, all.anonmin,
			      all.filemin, all.execmin, PD_FLOORS_MAX);
}

/*
 * A file does not say whether its value was computed or written. If "auto" brings the
 * same number it is left at that.
 */
void Module::restore(const Cgroup &cgroup, const Knob &knob, std::uint64_t before) const
{
	Path file = knob_file(cgroup, knob);
	if (!knob.def) {
		auto now = host.write(file, "auto") ? std::nullopt : read_file(file);
		if (now && parse_number(strip(*now)) == before)
			return;
	}
	host.write(file, std::to_string(before));
}

void Module::set(const Cgroup &cgroup, std::span<const Setting> settings) const
{
	struct Change {
		Setting to;
		std::uint64_t before;
	};
	std::vector<Change> changes;

	if (settings.empty())
		return;
	require_attached(cgroup);
	for (const Setting &setting : settings)
		changes.push_back({setting, knob(cgroup, *setting.knob)});
	require_fit(cgroup, settings);
	/* What sinks comes first, so that floors fit together at each step, too. */
	std::ranges::stable_partition(changes, [](const Change &c) {
		return c.to.value.value_or(c.to.knob->def.value_or(0)) <= c.before;
	});
	for (auto change = changes.begin(); change != changes.end(); ++change) {
		const Setting &to = change->to;
		std::string text = to.value ? std::to_string(*to.value) : "auto";
		try {
			write(cgroup, knob_file(cgroup, *to.knob), text,
			      fmt::format("set {}={} for", to.knob->name, text));
		} catch (const Refused &) {
			while (change != changes.begin()) {
				--change;
				restore(cgroup, *change->to.knob, change->before);
			}
			throw;
		}
	}
}

} // namespace pagedaemon::ctl
