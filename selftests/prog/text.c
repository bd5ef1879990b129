// SPDX-License-Identifier: GPL-2.0
/*
 * A file mapped as program text is, and touched now and then. With advice on how it will
 * be read, which changes what the kernel makes of its references.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include "work.h"

static void advise(char *text, size_t bytes, const char *how)
{
	int advice = MADV_RANDOM;

	if (!strcmp(how, "sequential"))
		advice = MADV_SEQUENTIAL;
	else if (strcmp(how, "random"))
		die("text: %s: neither random nor sequential", how);
	if (madvise(text, bytes, advice))
		die("madvise");
}

int cmd_text(int argc, char **argv)
{
	struct timespec pause;
	size_t bytes, i, misses = 0, rounds = 0;
	uint64_t ms;
	char *text;

	if (argc != 4 && argc != 5)
		die("text FILE BYTES PAUSE-MILLISECONDS [random|sequential]");
	bytes = parse_bytes(argv[2], PAGE);
	ms = parse_number(argv[3]);
	pause = (struct timespec){ ms / 1000, ms % 1000 * 1000000 };
	text = mmap(NULL, bytes, PROT_READ | PROT_EXEC, MAP_PRIVATE,
		    open_or_die(argv[1], O_RDONLY), 0);
	if (text == MAP_FAILED)
		die("mmap");
	if (argc == 5)
		advise(text, bytes, argv[4]);
	stop_on_signal();
	while (!stop_requested) {
		size_t missed = 0;

		for (i = 0; i < bytes; i += PAGE) {
			unsigned char present;

			if (mincore(text + i, PAGE, &present))
				die("mincore");
			missed += !(present & 1);
			(void)*(volatile char *)(text + i);
		}
		flush_tlb();
		/* The first round brings it in. */
		misses += rounds++ ? missed : 0;
		printf("round %zu misses %zu\n", rounds, missed);
		nanosleep(&pause, NULL);
	}
	printf("rounds %zu\nmisses %zu\n", rounds, misses);
	return 0;
}
