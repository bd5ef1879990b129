/* SPDX-License-Identifier: GPL-2.0 */
/* What ends a command before its work is done; what() is the whole sentence. */
#ifndef PAGEDAEMONCTL_ERROR_HH
#define PAGEDAEMONCTL_ERROR_HH

#include <fmt/format.h>
#include <stdexcept>

namespace pagedaemon::ctl
{

enum ExitCode { exit_done = 0, exit_refused = 1, exit_usage = 2 };

/* The system, the module or a check of ours said no. */
struct Refused : std::runtime_error {
	template <typename... Args>
	explicit Refused(fmt::format_string<Args...> text, Args &&...args)
		: std::runtime_error(fmt::format(text, std::forward<Args>(args)...))
	{
	}
};

/* The command line makes no sense, whatever the state of the system. */
struct Usage : std::runtime_error {
	template <typename... Args>
	explicit Usage(fmt::format_string<Args...> text, Args &&...args)
		: std::runtime_error(fmt::format(text, std::forward<Args>(args)...))
	{
	}
};

} // namespace pagedaemon::ctl

#endif
