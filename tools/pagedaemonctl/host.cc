// SPDX-License-Identifier: GPL-2.0
#include "host.hh"
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <unistd.h>

namespace pagedaemon::ctl
{

int write_file(const Path &file, std::string_view text)
{
	/* No O_CREAT, no O_TRUNC: a file that is missing must stay missing. */
	int fd = open(file.c_str(), O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	ssize_t n = ::write(fd, text.data(), text.size());
	int error = n < 0 ? errno : 0;
	close(fd);
	return error;
}

std::optional<std::string> read_file(const Path &file)
{
	int fd = open(file.c_str(), O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return std::nullopt;
	std::string text;
	char buffer[8192];
	ssize_t n;
	while ((n = ::read(fd, buffer, sizeof(buffer))) > 0)
		text.append(buffer, static_cast<std::size_t>(n));
	int error = errno;
	close(fd);
	errno = error;
	return n < 0 ? std::nullopt : std::optional(std::move(text));
}

Host host_of_environment()
{
	Host host;
	const char *root = std::getenv("PAGEDAEMONCTL_ROOT");
	if (!root || !*root)
		return host;
	for (Path *at : {&host.module, &host.cgroups, &host.tracing, &host.kernel_log})
		*at = root / at->relative_path();
	return host;
}

KernelLog::KernelLog(const Path &file)
	: fd(open(file.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC))
{
	if (fd >= 0)
		lseek(fd, 0, SEEK_END);
}

KernelLog::~KernelLog()
{
	if (fd >= 0)
		close(fd);
}

std::vector<std::string> KernelLog::read()
{
	std::vector<std::string> messages;
	char record[8192];
	while (fd >= 0) {
		ssize_t n = ::read(fd, record, sizeof(record));
		if (n < 0 && errno == EPIPE)
			continue; /* overwritten before we came to it: go on with the next
				   */
		if (n <= 0)
			break;
		if (auto text = module_message({record, static_cast<std::size_t>(n)}))
			messages.push_back(*text);
	}
	return messages;
}

std::optional<std::string> module_message(std::string_view record)
{
	constexpr std::string_view prefix = "pagedaemon: ";
	auto at = record.find(';');
	if (at == record.npos)
		return std::nullopt;
	record.remove_prefix(at + 1);
	if (!record.starts_with(prefix))
		return std::nullopt;
	record.remove_prefix(prefix.size());
	/* Lines after the first are the record's dictionary. */
	return std::string(record.substr(0, record.find('\n')));
}

std::vector<std::string_view> split(std::string_view text, std::string_view separators)
{
	std::vector<std::string_view> words;
	for (;;) {
		auto begin = text.find_first_not_of(separators);
		if (begin == text.npos)
			return words;
		auto end = text.find_first_of(separators, begin);
		words.push_back(text.substr(begin, end - begin));
		if (end == text.npos)
			return words;
		text.remove_prefix(end);
	}
}

} // namespace pagedaemon::ctl
