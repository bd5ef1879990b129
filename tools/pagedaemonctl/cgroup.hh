/* SPDX-License-Identifier: GPL-2.0 */
/* Cgroups as users name them, as the module does, and as directories. */
#ifndef PAGEDAEMONCTL_CGROUP_HH
#define PAGEDAEMONCTL_CGROUP_HH

#include "host.hh"

namespace pagedaemon::ctl
{

struct Cgroup {
	std::string path; /* from the root of the hierarchy: /app/db */

	/* Its directory's name in sysfs: app!db */
	std::string name() const;
};

/*
 * Takes /app/db, /sys/fs/cgroup/app/db, and what is relative to the current
 * directory if that is in the hierarchy, else to the hierarchy's root. It need
 * not be there. Throws Usage for what can be no cgroup's path.
 */
Cgroup parse_cgroup(const Host &host, std::string_view text);

/* Throws Refused, with what is missing, unless it is there. */
void require_cgroup(const Host &host, const Cgroup &cgroup);

/*
 * The cgroup of a directory in sysfs. app!db may be /app/db or a cgroup whose own
 * name has a !: the file pairs tells, and if that is empty, what there is.
 */
Cgroup cgroup_of_name(const Host &host, const std::string &name, std::string_view pairs);

} // namespace pagedaemon::ctl

#endif
