// SPDX-License-Identifier: GPL-2.0
#include "tracefs.hh"
#include "error.hh"
#include "tables.hh"
#include "trace_event.hh"
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace pagedaemon::ctl
{
namespace
{

constexpr const char *group = "events/pagedaemon";

void require_events(const Path &tracing)
{
	if (!std::filesystem::is_directory(tracing / "instances"))
		throw Refused(
			"no tracefs at {}: mount it with mount -t tracefs tracefs {} (as "
			"root)",
			tracing.string(), tracing.string());
	if (!std::filesystem::is_directory(tracing / group / "pd_verdict"))
		throw Refused(
			"the loaded module has no tracepoints: it was built for a kernel "
			"without them");
}

/* An expression that ftrace's filters take; all, if the name has a quote in it. */
std::string filter_for(std::string_view cgroup)
{
	if (cgroup.find('"') != cgroup.npos)
		return "";
	return fmt::format("cgroup == \"{}\"", cut_name(cgroup));
}

} // namespace

TraceInstance::TraceInstance(const Host &host, const std::string &cgroup,
			     std::uint64_t buffer_kb)
	: host(host)
{
	require_events(host.tracing);
	Path made =
		host.tracing / "instances" / fmt::format("pagedaemonctl.{}", getpid());
	if (mkdir(made.c_str(), 0700) < 0)
		throw Refused("cannot make {}: {}", made.string(), std::strerror(errno));
	directory.path = made;
	insertions = std::filesystem::exists(directory.path / group / "pd_insert");
	put("buffer_size_kb", std::to_string(buffer_kb));
	pipe_ = Descriptor(open((directory.path / "trace_pipe").c_str(),
				O_RDONLY | O_NONBLOCK | O_CLOEXEC));
	if (pipe_.get() < 0)
		throw Refused("cannot read {}/trace_pipe: {}", directory.path.string(),
			      std::strerror(errno));
	std::string filter = filter_for(cgroup);
	for (const char *event : {"pd_detach", "pd_eject", "pd_verdict"})
		enable(event, filter);
	if (insertions)
		enable("pd_insert", filter);
}

TraceInstance::Directory::~Directory()
{
	if (!path.empty())
		rmdir(path.c_str());
}

void TraceInstance::put(const Path &file, const std::string &text)
{
	if (int error = host.write(directory.path / file, text))
		throw Refused("cannot write {} to {}: {}", text,
			      (directory.path / file).string(), std::strerror(error));
}

void TraceInstance::enable(const char *event, const std::string &filter)
{
	Path at = Path(group) / event;
	if (!filter.empty())
		put(at / "filter", filter);
	put(at / "enable", "1");
}

void TraceInstance::stop()
{
	put("tracing_on", "0");
}

std::uint64_t TraceInstance::lost() const
{
	std::uint64_t sum = 0;
	for (const auto &cpu :
	     std::filesystem::directory_iterator(directory.path / "per_cpu")) {
		auto stats = read_file(cpu.path() / "stats").value_or("");
		for (std::string_view line : split(stats, "\n"))
			if (line.starts_with("overrun: ") ||
			    line.starts_with("dropped events: "))
				sum += parse_number(line.substr(line.rfind(' ') + 1))
					       .value_or(0);
	}
	return sum;
}

} // namespace pagedaemon::ctl
