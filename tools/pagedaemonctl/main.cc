// SPDX-License-Identifier: GPL-2.0
/* pagedaemonctl: see docs/pagedaemonctl.8. */
#include "cli.hh"
#include <iostream>

int main(int argc, char **argv)
{
	using namespace pagedaemon::ctl;

	Session session{host_of_environment(), std::cout, std::cerr};
	return run(session, {argv + 1, argv + argc});
}
