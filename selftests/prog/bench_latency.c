// SPDX-License-Identifier: GPL-2.0
/*
 * How long a new page takes in a cgroup that is at its limit: full of file pages and
 * some anonymous ones. Allocations come at a pace that background reclaim can keep, so
 * what is measured is whether somebody else has freed memory before.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include "bench.h"

#define ROUNDS 4
/* Pages allocated at once, and how often that is, on average. */
#define BURST 32
#define PERIOD_NS 8000000L

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

static void wait_until(uint64_t ns)
{
	struct timespec t = { ns / 1000000000, ns % 1000000000 };

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/*
 * Half of the period to one and a half. A fixed one keeps step with the kernel's tick,
 * which then falls into no burst for seconds, or into each: 31 in 1000 allocations of
 * one run have it, and none of the next.
 */
static uint64_t random_gap(struct bench *b)
{
	return PERIOD_NS / 2 + next_random(&b->seed) % PERIOD_NS;
}

static size_t allocate(struct bench *b, size_t pages, uint64_t *took)
{
	char *map = map_or_die(pages * PAGE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	uint64_t next = now_ns(), begin;
	size_t i;

	madvise(map, pages * PAGE, MADV_NOHUGEPAGE);
	for (i = 0; i < pages; i++) {
		if (i % BURST == 0) {
			next += random_gap(b);
			wait_until(next);
		}
		begin = now_ns();
		((volatile char *)map)[i * PAGE] = 1;
		took[i] = now_ns() - begin;
	}
	b->accesses += pages;
	munmap(map, pages * PAGE);
	return pages;
}

void bench_latency(struct bench *b)
{
	struct bench_object *stream = bench_file(b, BENCH_STREAM, "stream", 8 * b->frames);
	struct bench_object *kept = bench_anon(b, b->frames / 4);
	size_t pages = b->frames / 2, n = 0, i, round;
	uint64_t *took = calloc(ROUNDS * pages, sizeof(*took));

	if (!took)
		die("calloc");
	if (b->print)
		die("alloc-latency has no sequence to print");
	for (i = 0; i < kept->pages; i++)
		bench_touch(b, kept, i, true);
	/* Their page faults are not to be measured. */
	for (i = 0; i < ROUNDS * pages; i++)
		took[i] = 1;
	for (round = 0; round < ROUNDS; round++) {
		for (i = 0; i < b->frames; i += BENCH_CHUNK)
			bench_chunk(b, stream);
		n += allocate(b, pages, took + n);
	}
	qsort(took, n, sizeof(*took), compare);
	printf("latency_p50_ns %llu\nlatency_p99_ns %llu\nlatency_max_ns %llu\n",
	       (unsigned long long)took[n / 2], (unsigned long long)took[n * 99 / 100],
	       (unsigned long long)took[n - 1]);
}
