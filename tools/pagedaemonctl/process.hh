/* SPDX-License-Identifier: GPL-2.0 */
/* What a recording waits for: a command's end, the user's Ctrl-C. */
#ifndef PAGEDAEMONCTL_PROCESS_HH
#define PAGEDAEMONCTL_PROCESS_HH

#include "host.hh"
#include <csignal>
#include <string>
#include <sys/types.h>
#include <vector>

namespace pagedaemon::ctl
{

/* A file descriptor that is closed at the end. */
class Descriptor final
{
public:
	Descriptor() = default;
	explicit Descriptor(int fd) : fd(fd)
	{
	}
	~Descriptor();
	Descriptor(Descriptor &&other) noexcept;
	Descriptor &operator=(Descriptor &&other) noexcept;

	int get() const
	{
		return fd;
	}

private:
	int fd = -1;
};

/* While this lives SIGINT and SIGTERM end nothing, but make get() readable. */
class StopSignals final
{
public:
	StopSignals();
	~StopSignals();
	StopSignals(const StopSignals &) = delete;
	StopSignals &operator=(const StopSignals &) = delete;

	int get() const
	{
		return descriptor.get();
	}

private:
	sigset_t before;
	Descriptor descriptor;
};

/* A command in a cgroup. It goes on if this ends before it does. */
class Child final
{
public:
	/* Throws Refused if it cannot join the cgroup or cannot be executed. */
	Child(const Path &cgroup, const std::vector<std::string> &command);

	/* Readable once it has ended. */
	int get() const
	{
		return descriptor.get();
	}

	/* Waits for the end: "exit status 1", "signal 9", empty for success. */
	std::string failure();

private:
	pid_t pid;
	Descriptor descriptor;
};

} // namespace pagedaemon::ctl

#endif
