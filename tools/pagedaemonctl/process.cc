// SPDX-License-Identifier: GPL-2.0
#include "process.hh"
#include "error.hh"
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

/* glibc 2.36 does not say so itself. */
extern "C" {
#include <sys/pidfd.h>
}

namespace pagedaemon::ctl
{
namespace
{

sigset_t stop_signals()
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	return set;
}

/* Why there is no command: where it failed, and how. */
struct Failure {
	int error;
	bool joined;
};

/* In the child. Between fork() and exec() only what is safe after a signal. */
[[noreturn]] void become(int procs, char *const *words, int report)
{
	sigset_t set = stop_signals();
	sigprocmask(SIG_UNBLOCK, &set, nullptr);
	Failure failure = {0, false};
	/* 0: who writes it. */
	if (procs >= 0 && write(procs, "0", 1) == 1) {
		failure.joined = true;
		execvp(words[0], words);
	}
	failure.error = errno;
	if (write(report, &failure, sizeof(failure)) < 0)
		_exit(126);
	_exit(127);
}

} // namespace

Descriptor::~Descriptor()
{
	if (fd >= 0)
		close(fd);
}

Descriptor::Descriptor(Descriptor &&other) noexcept : fd(std::exchange(other.fd, -1))
{
}

Descriptor &Descriptor::operator=(Descriptor &&other) noexcept
{
	std::swap(fd, other.fd);
	return *this;
}

StopSignals::StopSignals()
{
	sigset_t set = stop_signals();
	sigprocmask(SIG_BLOCK, &set, &before);
	descriptor = Descriptor(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

StopSignals::~StopSignals()
{
	/* One that came is taken, or it would end us now. */
	signalfd_siginfo taken;
	while (read(descriptor.get(), &taken, sizeof(taken)) > 0)
		;
	sigprocmask(SIG_SETMASK, &before, nullptr);
}

Child::Child(const Path &cgroup, const std::vector<std::string> &command)
{
	std::vector<char *> words;
	for (const std::string &word : command)
		words.push_back(const_cast<char *>(word.c_str()));
	words.push_back(nullptr);

	Path procs_file = cgroup / "cgroup.procs";
	Descriptor procs(open(procs_file.c_str(), O_WRONLY | O_CLOEXEC));
	int ends[2];
	if (procs.get() < 0)
		throw Refused("cannot run {} in {}: {}", command[0], cgroup.string(),
			      std::strerror(errno));
	if (pipe2(ends, O_CLOEXEC) < 0)
		throw Refused("cannot run {}: {}", command[0], std::strerror(errno));
	Descriptor from(ends[0]), to(ends[1]);
	pid = fork();
	if (pid == 0)
		become(procs.get(), words.data(), to.get());
	if (pid < 0)
		throw Refused("cannot run {}: {}", command[0], std::strerror(errno));
	to = Descriptor();
	Failure failure;
	/* exec() closes the other end without a word. */
	if (read(from.get(), &failure, sizeof(failure)) == sizeof(failure)) {
		waitpid(pid, nullptr, 0);
		throw Refused("cannot {} {}: {}",
			      failure.joined ? "execute" : "move into the cgroup",
			      command[0], std::strerror(failure.error));
	}
	descriptor = Descriptor(pidfd_open(pid, 0));
}

std::string Child::failure()
{
	int status = 0;
	waitpid(pid, &status, 0);
	if (WIFSIGNALED(status))
		return fmt::format("signal {}", WTERMSIG(status));
	if (WEXITSTATUS(status))
		return fmt::format("exit status {}", WEXITSTATUS(status));
	return "";
}

} // namespace pagedaemon::ctl
