/* SPDX-License-Identifier: GPL-2.0 */
/* The loaded module: what its files say, and what can be done through them. */
#ifndef PAGEDAEMONCTL_MODULE_HH
#define PAGEDAEMONCTL_MODULE_HH

#include "cgroup.hh"
#include "tables.hh"
#include <cstdint>
#include <map>
#include <span>

namespace pagedaemon::ctl
{

/* A knob and what to write to it: a number, or none for "auto". */
struct Setting {
	const Knob *knob;
	std::optional<std::uint64_t> value;
};

/*
 * KNOB=VALUE. Throws Usage for what has not that form, Refused for a knob that there
 * is not and a value out of bounds.
 */
Setting parse_setting(std::string_view text);
std::vector<Setting> parse_settings(std::span<const std::string> texts);

struct Sample {
	std::string name;
	std::int64_t value;
};

struct Attachment {
	Cgroup cgroup;
	std::string policy, state;
	std::vector<Sample> stats; /* in the order of the file */

	std::int64_t stat(std::string_view name) const;
};

/* Each throws Refused, with the reason in words. */
class Module final
{
public:
	/* Refuses if the module is not loaded. */
	explicit Module(const Host &host);

	std::string hook() const;
	std::vector<std::string> policies() const;

	/* By path. One that is detached meanwhile is left out. */
	std::vector<Attachment> attachments() const;
	Attachment attachment(const Cgroup &cgroup) const;
	std::vector<Sample> stats(const Cgroup &cgroup) const;
	std::uint64_t knob(const Cgroup &cgroup, const Knob &knob) const;

	/* With the first policy if that is empty; undone if a setting is refused. */
	void attach(const Cgroup &cgroup, const std::string &policy,
		    std::span<const Setting> settings) const;
	void detach(const Cgroup &cgroup) const;
	void set_policy(const Cgroup &cgroup, const std::string &policy) const;
	/* All of them or none. */
	void set(const Cgroup &cgroup, std::span<const Setting> settings) const;

private:
	Path directory(const Cgroup &cgroup) const;
	Path knob_file(const Cgroup &cgroup, const Knob &knob) const;
	std::string read(const Cgroup &cgroup, const char *file) const;
	void require_attached(const Cgroup &cgroup) const;
	void require_policy(const std::string &policy) const;
	void require_fit(const Cgroup &cgroup, std::span<const Setting> settings) const;
	void write(const Cgroup &cgroup, const Path &file, const std::string &text,
		   const std::string &what) const;
	void restore(const Cgroup &cgroup, const Knob &knob, std::uint64_t before) const;

	const Host &host;
};

/* "[freebsd] mach": all names, and the one in brackets. */
std::vector<std::string> policy_names(std::string_view file);
std::string policy_in_force(std::string_view file);

} // namespace pagedaemon::ctl

#endif
