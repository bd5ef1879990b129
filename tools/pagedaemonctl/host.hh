/* SPDX-License-Identifier: GPL-2.0 */
/* Where the kernel shows itself, and reading and writing its files. */
#ifndef PAGEDAEMONCTL_HOST_HH
#define PAGEDAEMONCTL_HOST_HH

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pagedaemon::ctl
{

using Path = std::filesystem::path;

/* In one write(), as the files of sysfs want it. Returns 0 or the errno. */
int write_file(const Path &file, std::string_view text);

/* What a file holds; none, with errno set, if it cannot be read. */
std::optional<std::string> read_file(const Path &file);

/* Tests replace the directories, and write by what imitates the module in them. */
struct Host {
	Path module = "/sys/kernel/mm/pagedaemon";
	Path cgroups = "/sys/fs/cgroup";
	Path tracing = "/sys/kernel/tracing";
	Path kernel_log = "/dev/kmsg";
	std::function<int(const Path &, std::string_view)> write = write_file;
};

/* That of the system, or of PAGEDAEMONCTL_ROOT: a directory with sys and dev in it. */
Host host_of_environment();

/* What the module says in the kernel's log while this lives. */
class KernelLog final
{
public:
	explicit KernelLog(const Path &file);
	~KernelLog();
	KernelLog(const KernelLog &) = delete;
	KernelLog &operator=(const KernelLog &) = delete;

	/* The texts since then, without "pagedaemon: "; none where it cannot be read. */
	std::vector<std::string> read();

private:
	int fd;
};

/* The text of a record of /dev/kmsg that the module wrote; none if another did. */
std::optional<std::string> module_message(std::string_view record);

std::vector<std::string_view> split(std::string_view text, std::string_view separators);

} // namespace pagedaemon::ctl

#endif
