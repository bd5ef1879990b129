/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Bytes of a file, decompressed on the way. What a file is compressed with is told
 * by its first bytes; its name says nothing. Several compressed streams in a row
 * count as one.
 */
#ifndef PAGEDAEMON_SIM_BYTES_HH
#define PAGEDAEMON_SIM_BYTES_HH

#include <cstddef>
#include <memory>
#include <string>

namespace pagedaemon::sim
{

class Bytes
{
public:
	Bytes() = default;
	Bytes(const Bytes &) = delete;
	Bytes &operator=(const Bytes &) = delete;
	virtual ~Bytes() = default;

	/* Up to @size bytes; fewer only at the end, 0 there. Throws Error. */
	virtual std::size_t read(char *to, std::size_t size) = 0;
};

/* Throws Error if @path cannot be read. */
std::unique_ptr<Bytes> open_bytes(const std::string &path);

} // namespace pagedaemon::sim

#endif
