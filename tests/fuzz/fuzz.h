/* SPDX-License-Identifier: GPL-2.0 */
/* What the fuzz targets share. */
#ifndef PAGEDAEMON_FUZZ_H
#define PAGEDAEMON_FUZZ_H

#include <cstdio>
#include <cstdlib>

#include <fuzzer/FuzzedDataProvider.h>

/* Ends the run if it is not kept: libFuzzer then saves the input. */
inline void promise(bool kept, const char *what)
{
	if (kept)
		return;
	std::fprintf(stderr, "broken promise: %s\n", what);
	std::abort();
}

#endif
