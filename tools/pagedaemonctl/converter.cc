// SPDX-License-Identifier: GPL-2.0
#include "converter.hh"
#include <algorithm>
#include <fmt/format.h>
#include <iterator>

namespace pagedaemon::ctl
{

void Converter::add(const Event &event)
{
	if (event.name == "pd_insert") {
		insertions++;
		for (std::uint32_t i = 0; i < event.nr_pages; i++)
			insert(event, i);
	} else if (event.name == "pd_verdict") {
		looks++;
		look(event);
	}
}

std::uint32_t *Converter::find(const Event &event, std::uint32_t nth)
{
	auto &map = event.id ? by_id : by_pfn;
	auto at = map.find((event.id ? event.id : event.pfn) + nth);
	return at == map.end() ? nullptr : &at->second;
}

std::uint32_t Converter::make(const Event &event, std::uint32_t nth)
{
	auto page = static_cast<std::uint32_t>(pages.size());
	pages.push_back({});
	(event.id ? by_id : by_pfn)[(event.id ? event.id : event.pfn) + nth] = page;
	return page;
}

void Converter::access(std::uint32_t page, char type)
{
	pages[page].last_access = static_cast<std::uint32_t>(records.size());
	pages[page].resident = true;
	records.push_back({page, Access::access, type, false});
}

void Converter::insert(const Event &event, std::uint32_t nth)
{
	/* A frame says nothing about who was in it before. */
	const std::uint32_t *known = event.id ? find(event, nth) : nullptr;
	std::uint64_t pfn = event.pfn + nth;
	if (known && pages[*known].resident && pages[*known].pfn == pfn)
		return;
	std::uint32_t page = known ? *known : make(event, nth);
	pages[page].pfn = pfn;
	if (event.refault || (known && !pages[page].resident))
		records.push_back({page, Access::refault, event.type, false});
	access(page, event.type);
	note_dirty(page, event.dirty);
}

/* Once for each time that it becomes dirty: a page stays so until it is written. */
void Converter::note_dirty(std::uint32_t page, bool dirty)
{
	if (dirty && !pages[page].dirty)
		records[pages[page].last_access].write = true;
	pages[page].dirty = dirty;
}

void Converter::evict(const Event &event, std::uint32_t nth, std::uint32_t page)
{
	records.push_back({page, Access::eviction, event.type, false});
	pages[page].resident = false;
	if (!insertions_seen && !event.id)
		by_pfn.erase(event.pfn + nth);
}

void Converter::look(const Event &event)
{
	std::uint32_t references = (event.refs ? 1 : 0) + event.soft_refs;
	std::vector<std::uint32_t> folio;

	by_table += event.refs ? 1 : 0;
	by_read += event.soft_refs;
	for (std::uint32_t i = 0; i < event.nr_pages; i++) {
		const std::uint32_t *known = find(event, i);
		/* It was here before the recording began; if it is used, it counts. */
		if (!known && insertions_seen && !references)
			return;
		folio.push_back(known ? *known : make(event, i));
		if (!known && !references)
			access(folio.back(), event.type);
	}
	for (std::uint32_t i = 0; i < references; i++)
		for (std::uint32_t page : folio)
			access(page, event.type);
	for (std::uint32_t i = 0; i < folio.size(); i++) {
		note_dirty(folio[i], event.dirty);
		if (event.freed)
			evict(event, i, folio[i]);
	}
}

Converter::Counts Converter::counts() const
{
	auto of = [&](Access::Kind kind) {
		return static_cast<std::uint64_t>(
			std::ranges::count(records, kind, &Access::kind));
	};
	return {.insertions = insertions,
		.looks = looks,
		.accesses = of(Access::access),
		.evictions = of(Access::eviction),
		.refaults = of(Access::refault),
		.pages = pages.size(),
		.by_table = by_table,
		.by_read = by_read};
}

std::string render(std::span<const Access> trace)
{
	std::string text;
	auto out = std::back_inserter(text);
	for (const Access &one : trace) {
		if (one.kind == Access::eviction)
			fmt::format_to(out, "# e {}\n", one.page);
		else if (one.kind == Access::refault)
			fmt::format_to(out, "# r {}\n", one.page);
		else
			fmt::format_to(out, "{} {}{}\n", one.page, one.type,
				       one.write ? "w" : "");
	}
	return text;
}

} // namespace pagedaemon::ctl
