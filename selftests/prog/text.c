// SPDX-License-Identifier: GPL-2.0
/* A file mapped as program text is, and touched now and then. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <time.h>
#include "work.h"

int cmd_text(int argc, char **argv)
{
	struct timespec pause;
	size_t bytes, i, misses = 0, rounds = 0;
	uint64_t ms;
	char *text;

	if (argc != 4)
		die("text FILE BYTES PAUSE-MILLISECONDS");
	bytes = parse_bytes(argv[2], PAGE);
	ms = parse_number(argv[3]);
	pause = (struct timespec){ ms / 1000, ms % 1000 * 1000000 };
	text = mmap(NULL, bytes, PROT_READ | PROT_EXEC, MAP_PRIVATE,
		    open_or_die(argv[1], O_RDONLY), 0);
	if (text == MAP_FAILED)
		die("mmap");
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
