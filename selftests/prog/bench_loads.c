// SPDX-License-Identifier: GPL-2.0
/*
 * The benchmark's workloads of one task. Sizes are parts of the limit; all is done in
 * a fixed order, so that runs compare whatever the machine's speed.
 */
#include <stdio.h>
#include <stdlib.h>
#include "bench.h"

#define SET_FILES 16UL

/* A set of files of 1.43 times the limit, all read ten times. */
static void ten_passes(struct bench *b)
{
	size_t pages = b->frames * 143 / 100 / SET_FILES, i, pass;
	struct bench_object *set[SET_FILES];
	char name[16];

	for (i = 0; i < SET_FILES; i++) {
		snprintf(name, sizeof(name), "set.%zu", i);
		set[i] = bench_file(b, BENCH_STREAM, name, pages);
	}
	for (pass = 0; pass < 10; pass++) {
		for (i = 0; i < SET_FILES; i++) {
			do
				bench_chunk(b, set[i]);
			while (set[i]->at);
		}
	}
}

/*
 * A hot set of half the limit, each page once a cycle in an order that changes, and
 * meanwhile a page of a stream for each access; three cycles come before the stream.
 */
static void hot_and_stream(struct bench *b, struct bench_object *hot)
{
	struct bench_object *stream = bench_file(b, BENCH_STREAM, "stream", 8 * b->frames);
	size_t *order = bench_order(hot->pages), i, cycle;

	for (cycle = 0; cycle < 3 + 16; cycle++) {
		bench_shuffle(b, order, hot->pages);
		for (i = 0; i < hot->pages; i++) {
			/* Anonymous: what was stored first is then read. */
			bench_touch(b, hot, order[i], !cycle);
			if (cycle >= 3 && i % BENCH_CHUNK == 0)
				bench_chunk(b, stream);
		}
	}
	free(order);
}

static void hot_map_stream(struct bench *b)
{
	hot_and_stream(b, bench_file(b, BENCH_MAP, "data", b->frames / 2));
}

static void hot_anon_stream(struct bench *b)
{
	hot_and_stream(b, bench_anon(b, b->frames / 2));
}

/* Random reads of half the limit, none of them twice as likely as another; a stream. */
static void pread_stream(struct bench *b)
{
	struct bench_object *hot = bench_file(b, BENCH_PREAD, "data", b->frames / 2);
	struct bench_object *stream = bench_file(b, BENCH_STREAM, "stream", 8 * b->frames);
	size_t i;

	for (i = 0; i < 12 * b->frames; i++) {
		bench_touch(b, hot, next_random(&b->seed) % hot->pages, false);
		if (i >= 2 * b->frames && i % BENCH_CHUNK == 0)
			bench_chunk(b, stream);
	}
}

/* A mapped file of twice the limit, some of its pages wanted more than others. */
static void zipf_map(struct bench *b)
{
	struct bench_object *file = bench_file(b, BENCH_MAP, "data", 2 * b->frames);
	struct bench_zipf zipf;
	size_t i;

	bench_zipf_init(b, &zipf, file->pages);
	for (i = 0; i < 16 * b->frames; i++)
		bench_touch(b, file, bench_zipf_next(b, &zipf), false);
}

/* The same, and a page of a stream for every four accesses. */
static void zipf_stream(struct bench *b)
{
	struct bench_object *file = bench_file(b, BENCH_MAP, "data", 2 * b->frames);
	struct bench_object *stream = bench_file(b, BENCH_STREAM, "stream", 4 * b->frames);
	struct bench_zipf zipf;
	size_t i;

	bench_zipf_init(b, &zipf, file->pages);
	for (i = 0; i < 12 * b->frames; i++) {
		bench_touch(b, file, bench_zipf_next(b, &zipf), false);
		if (i % (4 * BENCH_CHUNK) == 0)
			bench_chunk(b, stream);
	}
}

/* Anonymous memory of one and a half times the limit; one access in four stores. */
static void anon_zipf(struct bench *b)
{
	struct bench_object *anon = bench_anon(b, b->frames * 3 / 2);
	struct bench_zipf zipf;
	size_t i;

	bench_zipf_init(b, &zipf, anon->pages);
	for (i = 0; i < anon->pages; i++)
		bench_touch(b, anon, i, true);
	for (i = 0; i < 24 * b->frames; i++)
		bench_touch(b, anon, bench_zipf_next(b, &zipf), i % 4 == 0);
}

/* Writes at random over twice the limit, and reads of a hot set of half of it. */
static void writers_hot(struct bench *b)
{
	struct bench_object *file = bench_file(b, BENCH_WRITE, "rewritten", 2 * b->frames);
	struct bench_object *hot = bench_file(b, BENCH_PREAD, "data", b->frames / 2);
	size_t i;

	for (i = 0; i < 8 * b->frames; i++) {
		bench_touch(b, hot, next_random(&b->seed) % hot->pages, false);
		if (i % 4 == 0)
			bench_touch(b, file, next_random(&b->seed) % file->pages, true);
	}
}

/* Program text of an eighth of the limit, run through after each quarter of a stream. */
static void text_stream(struct bench *b)
{
	struct bench_object *text = bench_file(b, BENCH_TEXT, "data", b->frames / 8);
	struct bench_object *stream = bench_file(b, BENCH_STREAM, "stream", 8 * b->frames);
	size_t round, i;

	for (round = 0; round < 32; round++) {
		for (i = 0; i < text->pages; i++)
			bench_touch(b, text, i, false);
		for (i = 0; i < b->frames / 4; i += BENCH_CHUNK)
			bench_chunk(b, stream);
	}
}

static void one_stream(struct bench *b)
{
	struct bench_object *stream = bench_file(b, BENCH_STREAM, "stream", 8 * b->frames);

	do
		bench_chunk(b, stream);
	while (stream->at);
}

/*
 * A hot set of half the limit that is another one from time to time; one access in
 * fifty goes to any page of the file.
 */
static void phase_change(struct bench *b)
{
	struct bench_object *file = bench_file(b, BENCH_MAP, "data", 4 * b->frames);
	size_t hot = b->frames / 2, phase, i, page;

	for (phase = 0; phase < 4; phase++) {
		for (i = 0; i < 4 * b->frames; i++) {
			page = next_random(&b->seed) % hot + phase * b->frames;
			if (next_random(&b->seed) % 50 == 0)
				page = next_random(&b->seed) % file->pages;
			bench_touch(b, file, page, false);
		}
	}
}

const struct bench_load bench_loads[] = {
	{ "ten-passes", ten_passes },
	{ "hot-mmap-stream", hot_map_stream },
	{ "zipf-mmap", zipf_map },
	{ "zipf-stream", zipf_stream },
	{ "pread-stream", pread_stream },
	{ "hot-anon-stream", hot_anon_stream },
	{ "anon-zipf-swap", anon_zipf },
	{ "writers-hot", writers_hot },
	{ "text-stream", text_stream },
	{ "stream", one_stream },
	{ "phase-change", phase_change },
	{ "two-tenants", bench_tenants },
	{ "alloc-latency", bench_latency },
	{ NULL, NULL },
};
