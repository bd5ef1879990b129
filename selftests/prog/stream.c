// SPDX-License-Identifier: GPL-2.0
/* Sequential reads, and what of a file is cached. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "work.h"

/* What cp and cat use. */
#define CHUNK (128UL << 10)

/* What was read from @at on, is it what write wrote? */
static void verify(const char *buf, size_t n, size_t at, uint64_t seed)
{
	size_t i;

	for (i = 0; i < n; i += PAGE) {
		if (page_right(buf + i, seed, (at + i) / PAGE, 0))
			continue;
		if (emulated()) {
			/* As in churn.c: an old translation of the buffer. */
			flush_tlb();
			if (page_right(buf + i, seed, (at + i) / PAGE, 0))
				continue;
		}
		fprintf(stderr, "pdwork: stream: page %zu is wrong\n", (at + i) / PAGE);
		exit(EXIT_CORRUPT);
	}
}

int cmd_stream(int argc, char **argv)
{
	size_t bytes, done;
	uint64_t passes, begin;
	ssize_t n;
	char *buf;
	int fd;

	if (argc != 4 && argc != 5)
		die("stream FILE BYTES PASSES [SEED]");
	fd = open_or_die(argv[1], O_RDONLY);
	bytes = parse_bytes(argv[2], 1);
	buf = map_or_die(CHUNK, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	begin = now_us();
	stop_on_signal();
	for (passes = parse_number(argv[3]); passes && !stop_requested; passes--) {
		if (lseek(fd, 0, SEEK_SET))
			die("lseek");
		for (done = 0; done < bytes && !stop_requested; done += n) {
			n = read(fd, buf, CHUNK);
			if (n <= 0)
				die("%s ends at %zu", argv[1], done);
			if (argc == 5)
				verify(buf, n, done, parse_number(argv[4]));
		}
	}
	printf("elapsed_us %llu\ncpu_us %llu\n",
	       (unsigned long long)(now_us() - begin),
	       (unsigned long long)cpu_us());
	return 0;
}

int cmd_resident(int argc, char **argv)
{
	size_t pages, i, resident = 0;
	unsigned char *present;
	struct stat st;
	void *map;
	int fd;

	if (argc != 2)
		die("resident FILE");
	fd = open_or_die(argv[1], O_RDWR);
	if (fstat(fd, &st) || !st.st_size)
		die("%s", argv[1]);
	pages = (st.st_size + PAGE - 1) / PAGE;
	map = map_or_die(pages * PAGE, MAP_SHARED, fd);
	present = malloc(pages);
	if (!present || mincore(map, pages * PAGE, present))
		die("mincore");
	for (i = 0; i < pages; i++)
		resident += present[i] & 1;
	printf("pages %zu\nresident %zu\n", pages, resident);
	return 0;
}
