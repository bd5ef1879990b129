// SPDX-License-Identifier: GPL-2.0
/* record: what a cgroup does, as a trace. */
#include "commands.hh"
#include "converter.hh"
#include "error.hh"
#include "module.hh"
#include "print.hh"
#include "process.hh"
#include "trace_file.hh"
#include "tracefs.hh"
#include <cerrno>
#include <chrono>
#include <cstring>
#include <poll.h>
#include <sys/utsname.h>
#include <unistd.h>

namespace pagedaemon::ctl
{
namespace
{

using Clock = std::chrono::steady_clock;

/* Reads the events, as long as they are wanted. */
class Recording final
{
public:
	Recording(const Host &host, const Cgroup &cgroup, const RecordOptions &options)
		: cgroup(cgroup.name()), options(options),
		  instance(host, this->cgroup, options.buffer_kb),
		  converter(instance.has_insertions()),
		  directory(host.cgroups / cgroup.path.substr(1))
	{
	}

	void run();

	std::string cgroup;
	const RecordOptions &options;
	TraceInstance instance;
	Converter converter;
	Path directory;
	double seconds = 0;
	std::uint64_t lost = 0;
	std::string command_failure, ended_early;

private:
	bool read_some();
	void take(std::string_view line);

	std::string rest; /* of a line whose end is still to come */
	std::uint64_t lost_lines = 0;
};

void Recording::take(std::string_view line)
{
	lost_lines += parse_lost(line).value_or(0);
	auto event = parse_event(line);
	if (!event || event->cgroup != cut_name(cgroup))
		return;
	if (event->name == "pd_detach")
		ended_early = "the cgroup was detached";
	else if (event->name == "pd_eject")
		ended_early = "the policy was ejected";
	else
		converter.add(*event);
}

/* False if there is nothing now. */
bool Recording::read_some()
{
	char buffer[1 << 16];
	ssize_t n = read(instance.pipe(), buffer, sizeof(buffer));
	if (n < 0 && errno != EAGAIN && errno != EINTR)
		throw Refused("cannot read the trace: {}", std::strerror(errno));
	if (n <= 0)
		return n < 0 && errno == EINTR;
	rest.append(buffer, static_cast<std::size_t>(n));
	std::size_t begin = 0;
	for (auto end = rest.find('\n'); end != rest.npos; end = rest.find('\n', begin)) {
		take(std::string_view(rest).substr(begin, end - begin));
		begin = end + 1;
	}
	rest.erase(0, begin);
	return true;
}

void Recording::run()
{
	StopSignals signals;
	std::optional<Child> child;
	auto begin = Clock::now();
	auto elapsed = [&] {
		return std::chrono::duration<double>(Clock::now() - begin).count();
	};

	if (!options.command.empty())
		child.emplace(directory, options.command);
	pollfd wanted[] = {{signals.get(), POLLIN, 0},
			   {child ? child->get() : -1, POLLIN, 0},
			   {instance.pipe(), POLLIN, 0}};
	/* The kernel wakes us at half a buffer; what is less waits a little. */
	constexpr int look_ms = 50;
	auto over = [&] {
		return wanted[0].revents || wanted[1].revents || !ended_early.empty() ||
		       (options.seconds > 0 && elapsed() >= options.seconds);
	};
	while (!over()) {
		poll(wanted, std::size(wanted), look_ms);
		while (read_some() && !over())
			poll(wanted, 2, 0);
	}
	seconds = elapsed();
	instance.stop();
	while (read_some())
		;
	lost = std::max(instance.lost(), lost_lines);
	if (child && wanted[1].revents)
		command_failure = child->failure();
	else if (child)
		ended_early = "the command still runs";
}

std::string kernel_release()
{
	utsname name;
	return uname(&name) ? "unknown" : name.release;
}

void write_trace(NewFile &file, const TraceHeader &header,
		 const std::vector<Access> &trace)
{
	constexpr std::size_t at_once = 1 << 16;
	file.write(render(header));
	for (std::span<const Access> left = trace; !left.empty();) {
		auto part = left.first(std::min(at_once, left.size()));
		file.write(render(part));
		left = left.subspan(part.size());
	}
	file.finish();
}

void report(Session &session, const Recording &recording, const RecordOptions &options)
{
	auto n = recording.converter.counts();
	if (session.json) {
		print_json(session.out, {{"trace", options.file},
					 {"seconds", recording.seconds},
					 {"insertions", n.insertions},
					 {"looks", n.looks},
					 {"pages", n.pages},
					 {"accesses", n.accesses},
					 {"evictions", n.evictions},
					 {"refaults", n.refaults},
					 {"references_by_page_table", n.by_table},
					 {"references_by_read", n.by_read},
					 {"lost_events", recording.lost}});
		return;
	}
	print(session.out,
	      "{}: {:.1f} s, {} accesses to {} pages, {} evictions, {} refaults (from {} "
	      "insertions and {} looks)\n",
	      options.file, recording.seconds, n.accesses, n.pages, n.evictions,
	      n.refaults, n.insertions, n.looks);
}

void warn(Session &session, const Recording &recording)
{
	if (recording.lost)
		print(session.err,
		      "pagedaemonctl: {} events were lost: the trace has gaps; a larger "
		      "--buffer helps\n",
		      recording.lost);
	if (!recording.instance.has_insertions())
		print(session.err,
		      "pagedaemonctl: the loaded module does not tell when pages "
		      "come: pages that came back count as new ones\n");
	if (!recording.ended_early.empty())
		print(session.err, "pagedaemonctl: the recording ended: {}\n",
		      recording.ended_early);
	if (!recording.command_failure.empty())
		print(session.err, "pagedaemonctl: the command ended with {}\n",
		      recording.command_failure);
}

} // namespace

void do_record(Session &session, const RecordOptions &options)
{
	Cgroup cgroup = parse_cgroup(session.host, options.cgroup);
	Module module(session.host);
	Attachment now = module.attachment(cgroup);
	if (now.state != "active")
		throw Refused(
			"{} is {}: the kernel reclaims it, so there is nothing to record",
			cgroup.path, now.state);
	NewFile file(options.file);
	Recording recording(session.host, cgroup, options);
	recording.run();
	auto n = recording.converter.counts();
	TraceHeader header = {
		cgroup.path,	   kernel_release(),
		now.policy,	   static_cast<std::uint64_t>(now.stat("limit")),
		recording.seconds, recording.lost,
		n.by_table,	   n.by_read};
	write_trace(file, header, recording.converter.trace());
	report(session, recording, options);
	warn(session, recording);
}

} // namespace pagedaemon::ctl
