/* SPDX-License-Identifier: GPL-2.0 */
/* Lines of tracefs's trace_pipe, as src/control/trace.h has the kernel write them. */
#ifndef PAGEDAEMONCTL_TRACE_EVENT_HH
#define PAGEDAEMONCTL_TRACE_EVENT_HH

#include <cstdint>
#include <optional>
#include <string_view>

namespace pagedaemon::ctl
{

/* Of an event what a trace of accesses is made from. Views are into the line. */
struct Event {
	std::string_view name;	 /* pd_insert, pd_verdict, ... */
	std::string_view cgroup; /* as in sysfs, cut to 63 bytes */
	std::uint64_t id = 0;	 /* of the page, for as long as it exists; 0: not known */
	std::uint64_t pfn = 0;
	std::uint32_t nr_pages = 1;
	char type = 'f'; /* a, s, f or x, as in a trace */
	std::uint32_t refs = 0, soft_refs = 0;
	bool dirty = false;
	bool freed = false; /* the verdict */
	bool refault = false;
};

/* None for what is no event of the module. Fields that are missing keep their default. */
std::optional<Event> parse_event(std::string_view line);

/* How many events the line says were lost; none if it is not about that. */
std::optional<std::uint64_t> parse_lost(std::string_view line);

/* What the tracepoints make of a cgroup's directory name. */
std::string_view cut_name(std::string_view name);

} // namespace pagedaemon::ctl

#endif
