// SPDX-License-Identifier: GPL-2.0
#include "trace_file.hh"
#include "error.hh"
#include "tables.hh"
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>
#include <zstd.h>

namespace pagedaemon::ctl
{

std::string render(const TraceHeader &header)
{
	return fmt::format(
		"# recorded by pagedaemonctl\n"
		"# cgroup: {}\n"
		"# limit: {} pages\n"
		"# kernel: {}\n"
		"# policy: {}\n"
		"# duration: {:.3f} s\n"
		"# lost events: {}\n"
		"# references by page table: {}\n"
		"# references by read: {}\n"
		"# page [kind: a anonymous, s shared memory, f file, x program text] "
		"[w: write]; # e PAGE evicted, # r PAGE refaulted\n",
		header.cgroup, header.limit, header.kernel, header.policy, header.seconds,
		header.lost, header.by_table, header.by_read);
}

TraceHeader parse_header(std::string_view text)
{
	TraceHeader header;
	while (text.starts_with("# ")) {
		std::string_view line = text.substr(2, text.find('\n') - 2);
		text.remove_prefix(std::min(text.size(), line.size() + 3));
		auto colon = line.find(": ");
		if (colon == line.npos)
			continue;
		std::string_view key = line.substr(0, colon),
				 value = line.substr(colon + 2);
		/* Less what follows the number: its unit. */
		auto number = parse_number(value.substr(0, value.find(' ')));
		if (key == "cgroup")
			header.cgroup = value;
		else if (key == "kernel")
			header.kernel = value;
		else if (key == "policy")
			header.policy = value;
		else if (key == "limit")
			header.limit = number.value_or(0);
		else if (key == "lost events")
			header.lost = number.value_or(0);
		else if (key == "references by page table")
			header.by_table = number.value_or(0);
		else if (key == "references by read")
			header.by_read = number.value_or(0);
		else if (key == "duration")
			header.seconds = std::strtod(std::string(value).c_str(), nullptr);
	}
	return header;
}

struct NewFile::Zstd {
	ZSTD_CCtx *context = ZSTD_createCCtx();
	std::vector<char> out = std::vector<char>(ZSTD_CStreamOutSize());

	~Zstd()
	{
		ZSTD_freeCCtx(context);
	}
};

NewFile::NewFile(const Path &name)
	: name(name), unfinished(name.string() + fmt::format(".{}.tmp", getpid())),
	  fd(open(unfinished.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644))
{
	if (fd < 0)
		throw Refused("cannot write {}: {}", name.string(), std::strerror(errno));
	if (name.extension() == ".zst")
		zstd = std::make_unique<Zstd>();
}

NewFile::~NewFile()
{
	if (fd < 0)
		return;
	close(fd);
	unlink(unfinished.c_str());
}

void NewFile::write_out(const char *data, std::size_t size)
{
	while (size) {
		ssize_t n = ::write(fd, data, size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			throw Refused("cannot write {}: {}", name.string(),
				      std::strerror(errno));
		data += n;
		size -= static_cast<std::size_t>(n);
	}
}

void NewFile::compress(std::string_view text, int how)
{
	ZSTD_inBuffer in = {text.data(), text.size(), 0};
	auto mode = static_cast<ZSTD_EndDirective>(how);
	std::size_t left;
	do {
		ZSTD_outBuffer out = {zstd->out.data(), zstd->out.size(), 0};
		left = ZSTD_compressStream2(zstd->context, &out, &in, mode);
		if (ZSTD_isError(left))
			throw Refused("cannot compress {}: {}", name.string(),
				      ZSTD_getErrorName(left));
		write_out(zstd->out.data(), out.pos);
	} while (mode == ZSTD_e_end ? left != 0 : in.pos < in.size);
}

void NewFile::write(std::string_view text)
{
	if (zstd)
		compress(text, ZSTD_e_continue);
	else
		write_out(text.data(), text.size());
}

void NewFile::finish()
{
	if (zstd)
		compress({}, ZSTD_e_end);
	if (fsync(fd) < 0 && errno != EINVAL)
		throw Refused("cannot write {}: {}", name.string(), std::strerror(errno));
	if (rename(unfinished.c_str(), name.c_str()) < 0)
		throw Refused("cannot write {}: {}", name.string(), std::strerror(errno));
	close(fd);
	fd = -1;
}

} // namespace pagedaemon::ctl
