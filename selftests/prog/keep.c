// SPDX-License-Identifier: GPL-2.0
/* Pages that are touched when told to, and not in between. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "work.h"

/* The @i-th page to touch: neighbours in time are none in the address space. */
static size_t scattered(size_t i, size_t pages)
{
	return i * 40507 % pages;	/* a prime */
}

static size_t verify(const char *map, size_t pages, uint64_t seed)
{
	size_t i, page, wrong = 0;

	for (i = 0; i < pages; i++) {
		page = scattered(i, pages);
		wrong += !page_right(map + page * PAGE, seed, page, 0);
	}
	return wrong;
}

int cmd_keep(int argc, char **argv)
{
	size_t pages, i, wrong = 0, rounds = 0;
	uint64_t seed;
	sigset_t set;
	char *map;
	int sig;

	if (argc != 3)
		die("keep BYTES SEED");
	pages = parse_bytes(argv[1], PAGE) / PAGE;
	seed = parse_number(argv[2]);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	map = map_or_die(pages * PAGE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	madvise(map, pages * PAGE, MADV_NOHUGEPAGE);
	for (i = 0; i < pages; i++)
		page_fill(map + scattered(i, pages) * PAGE, seed, scattered(i, pages), 0);
	printf("filled %zu\n", pages);
	do {
		if (sigwait(&set, &sig))
			die("sigwait");
		wrong += verify(map, pages, seed);
		printf("read %zu wrong %zu\n", ++rounds, wrong);
	} while (sig != SIGTERM);
	return wrong ? EXIT_CORRUPT : 0;
}

/*
 * What a cgroup pays for and no list holds. It begins, and stops itself; when it is
 * continued it takes the memory.
 */
int cmd_pipes(int argc, char **argv)
{
	static char buf[PAGE];
	size_t pages, done;
	int fd[2] = { -1, -1 };

	if (argc != 2)
		die("pipes BYTES");
	pages = parse_bytes(argv[1], PAGE) / PAGE;
	stop_on_signal();
	puts("begun");
	raise(SIGSTOP);
	for (done = 0; done < pages; done++) {
		/* A pipe holds 16 pages. */
		if (done % 16 == 0 && pipe(fd))
			die("pipe %zu", done / 16);
		if (write(fd[1], buf, PAGE) != (ssize_t)PAGE)
			die("write");
	}
	printf("taken %zu\n", done);
	while (!stop_requested)
		usleep(20000);
	return 0;
}

int cmd_part(int argc, char **argv)
{
	static char buf[PAGE];
	size_t pages, first, count, every, i, written = 0;
	char *map = NULL;
	uint64_t seed;
	struct stat st;
	int fd;

	if (argc != 8)
		die("part FILE BYTES SEED FIRST COUNT EVERY write|map");
	fd = open_or_die(argv[1], O_RDWR | O_CREAT);
	pages = parse_bytes(argv[2], PAGE) / PAGE;
	seed = parse_number(argv[3]);
	first = parse_number(argv[4]);
	count = parse_number(argv[5]);
	every = parse_number(argv[6]);
	if (!every)
		die("every 0 pages");
	if (fstat(fd, &st) || ((size_t)st.st_size < pages * PAGE &&
			       ftruncate(fd, pages * PAGE)))
		die("%s", argv[1]);
	if (!strcmp(argv[7], "map"))
		map = map_or_die(pages * PAGE, MAP_SHARED, fd);
	for (i = 0; i < pages; i++) {
		if (i % every < first || i % every >= first + count)
			continue;
		written++;
		if (map) {
			page_fill(map + i * PAGE, seed, i, 0);
			continue;
		}
		page_fill(buf, seed, i, 0);
		if (pwrite(fd, buf, PAGE, i * PAGE) != (ssize_t)PAGE)
			die("%s: page %zu", argv[1], i);
	}
	printf("written %zu\n", written);
	/* Mapped pages stay so until somebody says otherwise. */
	stop_on_signal();
	while (map && !stop_requested)
		usleep(20000);
	return 0;
}
