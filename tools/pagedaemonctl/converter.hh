/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From what the module saw of pages to a trace of accesses:
 *
 *	an insertion		an access, the one that missed
 *	references at a look	page tables: one access, however many there were, as
 *				that is all a look can tell; read() and its like: each
 *	dirty at a look		the page's last access was a write
 *	verdict free		"e": evicted
 *	insertion of a page	"r": a refault
 *	that was evicted
 *	insertion of a page	nothing: somebody took it off a list and put it back, as
 *	in the frame it is in	compaction and reclaim do
 *
 * An access is where it was seen, not where it happened: between two looks at a page
 * there is at most one moment for all accesses by page table. The order within a
 * pass is that of the queue.
 *
 * Without a page's identity it is taken for the same from its insertion until its
 * frame is inserted again; refaults are then only what the module says they are.
 */
#ifndef PAGEDAEMONCTL_CONVERTER_HH
#define PAGEDAEMONCTL_CONVERTER_HH

#include "trace_event.hh"
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace pagedaemon::ctl
{

struct Access {
	enum Kind : std::uint8_t { access, eviction, refault };
	std::uint32_t page; /* dense, by first appearance */
	Kind kind;
	char type;
	bool write;
};

class Converter final
{
public:
	/*
	 * Without insertions (a module that has no pd_insert) the first look at a page
	 * stands for its insertion.
	 */
	explicit Converter(bool insertions_seen) : insertions_seen(insertions_seen)
	{
	}

	void add(const Event &event);

	const std::vector<Access> &trace() const
	{
		return records;
	}

	struct Counts {
		std::uint64_t insertions = 0, looks = 0, accesses = 0, evictions = 0,
			      refaults = 0, pages = 0, by_table = 0, by_read = 0;
		bool operator==(const Counts &) const = default;
	};
	Counts counts() const;

private:
	struct Page {
		std::uint64_t pfn;
		std::uint32_t last_access;
		bool resident, dirty;
	};

	void insert(const Event &event, std::uint32_t nth);
	void look(const Event &event);
	std::uint32_t *find(const Event &event, std::uint32_t nth);
	std::uint32_t make(const Event &event, std::uint32_t nth);
	void access(std::uint32_t page, char type);
	void note_dirty(std::uint32_t page, bool dirty);
	void evict(const Event &event, std::uint32_t nth, std::uint32_t page);

	bool insertions_seen;
	std::uint64_t insertions = 0, looks = 0;
	std::uint64_t by_table = 0, by_read = 0; /* accesses that looks found */
	/* The pages of a large folio have identities in a row, as they have frames. */
	std::unordered_map<std::uint64_t, std::uint32_t> by_id, by_pfn;
	std::vector<Page> pages;
	std::vector<Access> records;
};

/* One access a line; evictions and refaults as comments. */
std::string render(std::span<const Access> trace);

} // namespace pagedaemon::ctl

#endif
