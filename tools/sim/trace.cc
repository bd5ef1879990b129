// SPDX-License-Identifier: GPL-2.0
#include "trace.hh"

#include <utility>

#include <fmt/format.h>

namespace pagedaemon::sim
{

PageMap::PageMap() : slots_(std::size_t{1} << 10, Slot{0, kNone}), bits_(10)
{
}

/* Multiplicative hashing: neighbouring numbers end up far apart. */
PageMap::Slot &PageMap::slot_of(u64 page)
{
	const std::size_t mask = slots_.size() - 1;
	std::size_t at = (page * 0x9e3779b97f4a7c15u) >> (64 - bits_);

	while (slots_[at].id != kNone && slots_[at].page != page)
		at = (at + 1) & mask;
	return slots_[at];
}

void PageMap::grow()
{
	std::vector<Slot> old(slots_.size() * 2, Slot{0, kNone});

	std::swap(old, slots_);
	bits_++;
	for (const Slot &slot : old) {
		if (slot.id != kNone)
			slot_of(slot.page) = slot;
	}
}

u32 PageMap::id_of(u64 page)
{
	Slot *slot = &slot_of(page);

	if (slot->id != kNone)
		return slot->id;
	/* Half full at most, else runs of taken slots get long. */
	if (std::size_t{size_} * 2 >= slots_.size()) {
		grow();
		slot = &slot_of(page);
	}
	*slot = {page, size_};
	return size_++;
}

void TraceBuilder::add(u64 page, u8 op)
{
	if (trace_.ids.size() >= kMostRefs)
		throw Error(fmt::format("more than {} references", kMostRefs));
	if (op != 0 && trace_.ops.empty())
		trace_.ops.resize(trace_.ids.size());
	trace_.ids.push_back(map_.id_of(page));
	if (op != 0 || !trace_.ops.empty())
		trace_.ops.push_back(op);
}

Trace TraceBuilder::finish(std::string name)
{
	trace_.name = std::move(name);
	trace_.pages = map_.size();
	return std::move(trace_);
}

} // namespace pagedaemon::sim
