/* SPDX-License-Identifier: GPL-2.0 */
/* One function for each sub-command that talks to the module. */
#ifndef PAGEDAEMONCTL_COMMANDS_HH
#define PAGEDAEMONCTL_COMMANDS_HH

#include "cli.hh"
#include <cstdint>

namespace pagedaemon::ctl
{

using Words = std::vector<std::string>;

void do_attach(Session &session, const std::string &cgroup, const std::string &policy,
	       const Words &settings);
void do_detach(Session &session, const std::string &cgroup);
void do_list(Session &session);
void do_policy(Session &session, const std::string &cgroup, const std::string &policy);
void do_set(Session &session, const std::string &cgroup, const Words &settings);
void do_get(Session &session, const std::string &cgroup, const Words &knobs);

struct StatsOptions {
	std::string cgroup;
	double interval = 0;	 /* seconds; 0: once, totals */
	std::uint64_t count = 0; /* lines; 0: without end */
};
void do_stats(Session &session, const StatsOptions &options);

struct RecordOptions {
	std::string cgroup, file;
	double seconds = 0; /* 0: until the command ends or the user says so */
	std::uint64_t buffer_kb = 8192; /* for each processor */
	Words command;			/* runs in the cgroup; none: just watch */
};
void do_record(Session &session, const RecordOptions &options);

struct AdviseOptions {
	std::string trace, chart;
	Words limits, policies; /* none: around the recorded one; all */
};
void do_advise(Session &session, const AdviseOptions &options);

} // namespace pagedaemon::ctl

#endif
