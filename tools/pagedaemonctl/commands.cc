// SPDX-License-Identifier: GPL-2.0
#include "commands.hh"
#include "error.hh"
#include "module.hh"
#include "print.hh"
#include <nlohmann/json.hpp>

namespace pagedaemon::ctl
{

using Json = nlohmann::ordered_json;

namespace
{

/* What list shows of stats, and so that it is the same with and without --json. */
constexpr const char *headline[] = {"inactive", "active",   "free",    "limit",
				    "freed",	"refaults", "wakeups", "direct_passes"};

Json knobs_in_force(const Module &module, const Cgroup &cgroup,
		    const std::vector<Setting> &settings)
{
	Json knobs = Json::object();
	for (const Setting &setting : settings)
		knobs[std::string(setting.knob->name)] =
			module.knob(cgroup, *setting.knob);
	return knobs;
}

void print_knobs(Session &session, const Json &knobs)
{
	for (const auto &[name, value] : knobs.items())
		print(session.out, "{}={}\n", name, value.get<std::uint64_t>());
}

} // namespace

void do_attach(Session &session, const std::string &name, const std::string &policy,
	       const Words &texts)
{
	Cgroup cgroup = parse_cgroup(session.host, name);
	auto settings = parse_settings(texts);
	Module module(session.host);
	module.attach(cgroup, policy, settings);
	Attachment now = module.attachment(cgroup);
	Json knobs = knobs_in_force(module, cgroup, settings);
	if (session.json) {
		print_json(session.out, {{"cgroup", cgroup.path},
					 {"policy", now.policy},
					 {"knobs", knobs}});
		return;
	}
	print(session.out, "{} is attached, policy {}\n", cgroup.path, now.policy);
	print_knobs(session, knobs);
}

void do_detach(Session &session, const std::string &name)
{
	Cgroup cgroup = parse_cgroup(session.host, name);
	Module(session.host).detach(cgroup);
	if (session.json)
		print_json(session.out, {{"cgroup", cgroup.path}});
	else
		print(session.out, "{} is detached\n", cgroup.path);
}

void do_list(Session &session)
{
	Module module(session.host);
	auto all = module.attachments();
	if (session.json) {
		Json list = Json::array();
		for (const Attachment &one : all) {
			Json row = {{"cgroup", one.cgroup.path},
				    {"policy", one.policy},
				    {"state", one.state}};
			for (const char *name : headline)
				row[name] = one.stat(name);
			list.push_back(std::move(row));
		}
		print_json(session.out, {{"hook", module.hook()}, {"cgroups", list}});
		return;
	}
	Table table({"CGROUP", "POLICY", "STATE", "INACTIVE", "ACTIVE", "FREE", "LIMIT",
		     "FREED", "REFAULTS", "WAKEUPS", "DIRECT"});
	for (const Attachment &one : all) {
		std::vector<std::string> row = {one.cgroup.path, one.policy, one.state};
		for (const char *name : headline)
			row.push_back(std::to_string(one.stat(name)));
		table.add(std::move(row));
	}
	table.print(session.out, 3);
	if (all.empty())
		print(session.out, "(no cgroup is attached)\n");
}

void do_policy(Session &session, const std::string &name, const std::string &policy)
{
	Cgroup cgroup = parse_cgroup(session.host, name);
	Module module(session.host);
	if (!policy.empty())
		module.set_policy(cgroup, policy);
	Attachment now = module.attachment(cgroup);
	if (session.json) {
		print_json(session.out, {{"cgroup", cgroup.path},
					 {"policy", now.policy},
					 {"state", now.state},
					 {"policies", module.policies()}});
		return;
	}
	for (const std::string &known : module.policies())
		print(session.out, "{} {}\n", known == now.policy ? '*' : ' ', known);
	if (now.state != "active")
		print(session.out, "{}\n", now.state);
}

void do_set(Session &session, const std::string &name, const Words &texts)
{
	Cgroup cgroup = parse_cgroup(session.host, name);
	auto settings = parse_settings(texts);
	Module module(session.host);
	module.set(cgroup, settings);
	Json knobs = knobs_in_force(module, cgroup, settings);
	if (session.json)
		print_json(session.out, {{"cgroup", cgroup.path}, {"knobs", knobs}});
	else
		print_knobs(session, knobs);
}

void do_get(Session &session, const std::string &name, const Words &names)
{
	Cgroup cgroup = parse_cgroup(session.host, name);
	std::vector<const Knob *> wanted;
	for (const std::string &knob : names) {
		wanted.push_back(find_knob(knob));
		if (!wanted.back())
			throw Refused(
				"there is no knob {}; `pagedaemonctl get {}` lists them",
				knob, cgroup.path);
	}
	if (names.empty())
		for (const Knob &knob : all_knobs())
			wanted.push_back(&knob);

	Module module(session.host);
	Json list = Json::array();
	Table table({"KNOB", "VALUE", "DEFAULT", "BOUNDS", "UNIT", "WHAT IT IS"});
	for (const Knob *knob : wanted) {
		auto value = module.knob(cgroup, *knob);
		list.push_back({{"name", knob->name},
				{"value", value},
				{"default", knob->def ? Json(*knob->def) : Json(nullptr)},
				{"min", knob->min},
				{"max", knob->max},
				{"unit", knob->unit},
				{"text", knob->text}});
		table.add({std::string(knob->name), std::to_string(value),
			   knob->def ? std::to_string(*knob->def) : "computed",
			   fmt::format("{}..{}", knob->min, knob->max),
			   std::string(knob->unit), std::string(knob->text)});
	}
	if (session.json)
		print_json(session.out, {{"cgroup", cgroup.path}, {"knobs", list}});
	else
		table.print(session.out, 6);
}

} // namespace pagedaemon::ctl
