// SPDX-License-Identifier: GPL-2.0
#include "cgroup.hh"
#include "error.hh"
#include <algorithm>

namespace pagedaemon::ctl
{
namespace
{

std::string name_of(std::string_view path)
{
	std::string name(path.substr(1));
	std::ranges::replace(name, '/', '!');
	return name;
}

/* The path from the root of the hierarchy, if the directory is in it. */
std::optional<Path> within(const Path &hierarchy, const Path &directory)
{
	Path rest = directory.lexically_relative(hierarchy);
	if (rest.empty() || *rest.begin() == "..")
		return std::nullopt;
	return ("/" / rest).lexically_normal();
}

Path resolve(const Host &host, const Path &given)
{
	if (given.is_absolute())
		return within(host.cgroups, given.lexically_normal()).value_or(given);
	std::error_code ignored;
	Path here = std::filesystem::current_path(ignored);
	if (auto path = within(host.cgroups, (here / given).lexically_normal()))
		return *path;
	return "/" / given;
}

/* The first reading of the name, ! as / or as itself, that is a directory. */
std::optional<std::string> search(const Path &directory, const std::string &prefix,
				  std::string_view rest)
{
	for (auto at = rest.find('!');; at = rest.find('!', at + 1)) {
		std::string part = prefix + "/" + std::string(rest.substr(0, at));
		if (std::filesystem::is_directory(directory / part.substr(1))) {
			if (at == rest.npos)
				return part;
			if (auto found = search(directory, part, rest.substr(at + 1)))
				return found;
		}
		if (at == rest.npos)
			return std::nullopt;
	}
}

} // namespace

std::string Cgroup::name() const
{
	return name_of(path);
}

Cgroup parse_cgroup(const Host &host, std::string_view text)
{
	if (text.empty())
		throw Usage("the cgroup's path is empty; expected one such as /app/db");
	for (unsigned char c : text)
		if (c <= ' ' || c == 0x7f)
			throw Usage("the cgroup's path has a blank or a control "
				    "character in it, "
				    "which the module cannot take; rename the cgroup");
	std::string path = resolve(host, Path(text)).lexically_normal().string();
	/* A path of several slashes in front keeps them in lexically_normal(). */
	path.erase(0, std::min(path.find_first_not_of('/'), path.size()));
	while (path.ends_with('/'))
		path.pop_back();
	if (path.empty() || path == ".")
		throw Refused("{} is the root cgroup, which has no limit; expected one "
			      "below it, "
			      "such as /app/db",
			      text);
	return {"/" + path};
}

void require_cgroup(const Host &host, const Cgroup &cgroup)
{
	if (!std::filesystem::exists(host.cgroups / "cgroup.controllers"))
		throw Refused("no cgroup v2 hierarchy is mounted at {}",
			      host.cgroups.string());
	Path directory = host.cgroups / cgroup.path.substr(1);
	if (!std::filesystem::is_directory(directory))
		throw Refused("no such cgroup: {} (there is no directory {})",
			      cgroup.path, directory.string());
}

Cgroup cgroup_of_name(const Host &host, const std::string &name, std::string_view pairs)
{
	for (std::string_view line : split(pairs, "\n")) {
		auto at = line.find(" /");
		if (at != line.npos && name_of(line.substr(at + 1)) == name)
			return {std::string(line.substr(at + 1))};
	}
	if (auto found = search(host.cgroups, "", name))
		return {*found};
	std::string path = "/" + name;
	std::ranges::replace(path, '!', '/');
	return {path};
}

} // namespace pagedaemon::ctl
