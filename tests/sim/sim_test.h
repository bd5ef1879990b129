/* SPDX-License-Identifier: GPL-2.0 */
/* What the tests of the simulator share. */
#ifndef PAGEDAEMON_SIM_TEST_H
#define PAGEDAEMON_SIM_TEST_H

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "../../tools/sim/trace.hh"

/* The program itself: it is built beside the tests, with the same sanitizers. */
inline std::string sim_binary()
{
	return (std::filesystem::read_symlink("/proc/self/exe").parent_path() /
		"lib/pagedaemon-sim")
		.string();
}

/* A directory that goes with the test. */
class TempDir
{
public:
	TempDir()
	{
		std::string name =
			(std::filesystem::temp_directory_path() / "pagedaemon-sim.XXXXXX")
				.string();

		if (mkdtemp(name.data()) == nullptr)
			std::abort();
		path_ = name;
	}

	TempDir(const TempDir &) = delete;
	TempDir &operator=(const TempDir &) = delete;

	~TempDir()
	{
		std::error_code ignored;

		std::filesystem::remove_all(path_, ignored);
	}

	std::string path() const
	{
		return path_;
	}

	/* Returns the file's path. */
	std::string write(const std::string &name, const std::string &bytes) const
	{
		const std::string path = path_ + "/" + name;

		std::ofstream(path, std::ios::binary) << bytes;
		return path;
	}

private:
	std::string path_;
};

inline pagedaemon::sim::Trace trace_of(const std::vector<pagedaemon::sim::u64> &pages,
				       pagedaemon::sim::u8 op = 0)
{
	pagedaemon::sim::TraceBuilder builder;

	for (const pagedaemon::sim::u64 page : pages)
		builder.add(page, op);
	return builder.finish("test");
}

/* Skewed towards low numbers, with a loop in between, so that policies differ. */
inline pagedaemon::sim::Trace random_trace(unsigned seed, std::size_t refs,
					   pagedaemon::sim::u64 pages)
{
	std::mt19937 random(seed);
	std::vector<pagedaemon::sim::u64> out;

	for (std::size_t i = 0; i < refs; i++) {
		const pagedaemon::sim::u64 bound = 1 + random() % pages;

		out.push_back(random() % 4 == 0 ? i % pages : random() % bound);
	}
	return trace_of(out);
}

/* What @function throws as an Error; empty if it does not. */
template <typename F>
std::string error_of(F function)
{
	try {
		function();
	} catch (const pagedaemon::sim::Error &e) {
		return e.what();
	}
	return {};
}

#endif
