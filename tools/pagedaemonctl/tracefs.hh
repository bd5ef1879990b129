/* SPDX-License-Identifier: GPL-2.0 */
/* An instance of tracefs of our own: what others trace stays as it is. */
#ifndef PAGEDAEMONCTL_TRACEFS_HH
#define PAGEDAEMONCTL_TRACEFS_HH

#include "process.hh"
#include <cstdint>

namespace pagedaemon::ctl
{

class TraceInstance final
{
public:
	/*
	 * With the events of one cgroup on, by its directory name. Throws Refused where
	 * there is no tracefs or no module's event in it.
	 */
	TraceInstance(const Host &host, const std::string &cgroup,
		      std::uint64_t buffer_kb);
	TraceInstance(const TraceInstance &) = delete;
	TraceInstance &operator=(const TraceInstance &) = delete;

	/* Does the module tell when pages come? */
	bool has_insertions() const
	{
		return insertions;
	}

	int pipe() const
	{
		return pipe_.get();
	}

	/* What there is by now is still to be read. */
	void stop();

	/* Of all processors, since the beginning. */
	std::uint64_t lost() const;

private:
	void enable(const char *event, const std::string &filter);
	void put(const Path &file, const std::string &text);

	/* Removing it takes the events in it with it, once nothing in it is open. */
	struct Directory {
		Path path;
		~Directory();
	};

	const Host &host;
	Directory directory; /* before what is open in it */
	bool insertions = false;
	Descriptor pipe_;
};

} // namespace pagedaemon::ctl

#endif
