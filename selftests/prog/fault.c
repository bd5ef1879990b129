// SPDX-License-Identifier: GPL-2.0
/* What a page fault costs: CPU time of many. */
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include "work.h"

int cmd_fault(int argc, char **argv)
{
	struct rusage before, after;
	uint64_t rounds, begin;
	size_t bytes, i;
	char *map;

	if (argc != 3)
		die("fault BYTES ROUNDS");
	bytes = parse_bytes(argv[1], PAGE);
	rounds = parse_number(argv[2]);
	map = map_or_die(bytes, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	madvise(map, bytes, MADV_NOHUGEPAGE);
	/* The first round pays for page tables. */
	for (i = 0; i < bytes; i += PAGE)
		((volatile char *)map)[i] = 1;
	madvise(map, bytes, MADV_DONTNEED);

	getrusage(RUSAGE_SELF, &before);
	begin = cpu_us();
	while (rounds--) {
		for (i = 0; i < bytes; i += PAGE)
			((volatile char *)map)[i] = 1;
		madvise(map, bytes, MADV_DONTNEED);
	}
	begin = cpu_us() - begin;
	getrusage(RUSAGE_SELF, &after);
	printf("cpu_us %llu\nfaults %ld\n", (unsigned long long)begin,
	       after.ru_minflt - before.ru_minflt);
	return 0;
}
