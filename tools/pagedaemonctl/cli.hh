/* SPDX-License-Identifier: GPL-2.0 */
/* The command line: from words to an exit code. */
#ifndef PAGEDAEMONCTL_CLI_HH
#define PAGEDAEMONCTL_CLI_HH

#include "host.hh"
#include <ostream>

namespace pagedaemon::ctl
{

/* Where a command reads the system, and writes what it has to say. */
struct Session {
	Host host;
	std::ostream &out, &err;
	bool json = false;
};

/* Words are those after the program's name. Returns an ExitCode. */
int run(Session &session, std::vector<std::string> words);

} // namespace pagedaemon::ctl

#endif
