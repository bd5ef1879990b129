/* SPDX-License-Identifier: GPL-2.0 */
/*
 * References to pages, in memory: pages numbered densely, four bytes for a reference,
 * and one more for each only if some of them say more than which page. Read by many
 * threads at a time, never changed after it is made.
 */
#ifndef PAGEDAEMON_SIM_TRACE_HH
#define PAGEDAEMON_SIM_TRACE_HH

#include <string>
#include <vector>

#include "sim.hh"

namespace pagedaemon::sim
{

/* What a reference says beside the page: write, and what kind of page it is. */
inline constexpr u8 kOpWrite = 1u << 0;
inline constexpr u8 kOpTyped = 1u << 1;
inline constexpr u8 kOpTypeShift = 2; /* enum pd_page_type, two bits */

constexpr u8 op_of_type(unsigned type)
{
	return static_cast<u8>(kOpTyped | type << kOpTypeShift);
}

struct Trace {
	std::string name;
	std::vector<u32> ids;
	std::vector<u8> ops; /* empty, or one for each reference */
	u32 pages = 0;	     /* distinct ones; ids are below */
};

/* From the numbers that files have to dense ones, by first appearance. */
class PageMap
{
public:
	PageMap();
	u32 id_of(u64 page);

	u32 size() const
	{
		return size_;
	}

private:
	struct Slot {
		u64 page;
		u32 id;
	};

	void grow();
	Slot &slot_of(u64 page);

	std::vector<Slot> slots_;
	unsigned bits_;
	u32 size_ = 0;
};

/* Throws Error at the reference that is one too many. */
class TraceBuilder
{
public:
	void add(u64 page, u8 op);
	Trace finish(std::string name);

private:
	Trace trace_;
	PageMap map_;
};

enum class Format {
	kAuto,		/* by the name, less what tells of compression */
	kPlain,		/* a page number a line, and letters */
	kLis,		/* "first count ignored id" a line */
	kOracleGeneral, /* 24 bytes a reference */
};

/* Throws Error that names the file and the line or offset. */
Trace read_trace(const std::string &path, Format format);

/* plain, with letters; for who wants to keep what a generator made. */
void write_plain(const Trace &trace, std::FILE *to);

} // namespace pagedaemon::sim

#endif
