/* SPDX-License-Identifier: GPL-2.0 */
/* Traces as files: the comments at their beginning, and writing them. */
#ifndef PAGEDAEMONCTL_TRACE_FILE_HH
#define PAGEDAEMONCTL_TRACE_FILE_HH

#include "host.hh"
#include <cstdint>
#include <memory>

namespace pagedaemon::ctl
{

/* What a trace says about itself. */
struct TraceHeader {
	std::string cgroup, kernel, policy;
	std::uint64_t limit = 0; /* pages; 0: not known */
	double seconds = 0;
	std::uint64_t lost = 0; /* events */
	/* How the accesses came that are no insertions. */
	std::uint64_t by_table = 0, by_read = 0;
	bool operator==(const TraceHeader &) const = default;
};

std::string render(const TraceHeader &header);
/* From the beginning of a trace; whatever is not there keeps its default. */
TraceHeader parse_header(std::string_view text);

/*
 * A file that is there once it is complete, or not at all. Compressed by zstd if its
 * name ends in .zst. Throws Refused.
 */
class NewFile final
{
public:
	/* Says at once if it cannot be made. */
	explicit NewFile(const Path &name);
	~NewFile();
	NewFile(const NewFile &) = delete;
	NewFile &operator=(const NewFile &) = delete;

	void write(std::string_view text);
	void finish();

private:
	void compress(std::string_view text, int how);
	void write_out(const char *data, std::size_t size);

	struct Zstd;
	Path name, unfinished;
	int fd;
	std::unique_ptr<Zstd> zstd; /* none: as it is */
};

} // namespace pagedaemon::ctl

#endif
