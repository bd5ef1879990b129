/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What `make bench` runs: workloads whose page accesses follow from a seed alone,
 * so that the same sequence can be printed elsewhere for Belady's algorithm.
 *
 * Sizes are given in pages of the cgroup's limit ("frames").
 */
#ifndef PD_BENCH_H
#define PD_BENCH_H

#include "work.h"

/* Of a stream in one read(): what cp and cat use. */
#define BENCH_CHUNK 32UL
#define BENCH_MAX_OBJECTS 24

enum bench_kind {
	BENCH_PREAD,	/* 4 KiB reads at random; the file is advised so */
	BENCH_WRITE,	/* writes of a part of a page at random, the same */
	BENCH_STREAM,	/* read() from end to end, over and over */
	BENCH_MAP,	/* shared mapping, not advised, no read-ahead */
	BENCH_TEXT,	/* private executable mapping, as program text is */
	BENCH_ANON,
};

/* A file or memory whose pages are accessed; numbers of pages are unique. */
struct bench_object {
	enum bench_kind kind;
	size_t pages;
	size_t base;		/* number of the first page */
	int fd;
	char *map;
	size_t at;		/* where the stream is */
};

struct bench {
	const char *dir;	/* where the files are */
	const char *readahead;	/* the disk's read_ahead_kb */
	const char *cgroup;	/* where tenants have cgroups of their own */
	size_t frames;
	uint64_t seed;
	bool print;		/* tell what would be accessed, access nothing */

	struct bench_object objects[BENCH_MAX_OBJECTS];
	size_t nr_objects;
	size_t next_base;
	char *buf;
	size_t accesses;
	uint64_t sum;		/* of what was read: the reads must happen */
};

/* Zipf's distribution with exponent 1 over the pages of an object, shuffled. */
struct bench_zipf {
	size_t pages;
	uint64_t *sums;
	size_t *order;
};

/* A file by this name in the directory, of at least so many pages. */
struct bench_object *bench_file(struct bench *b, enum bench_kind kind,
				const char *name, size_t pages);
struct bench_object *bench_anon(struct bench *b, size_t pages);
/* One access; BENCH_ANON: a store if @store. */
void bench_touch(struct bench *b, struct bench_object *o, size_t page, bool store);
/* The next chunk of a stream. */
void bench_chunk(struct bench *b, struct bench_object *o);

void bench_zipf_init(struct bench *b, struct bench_zipf *z, size_t pages);
size_t bench_zipf_next(struct bench *b, const struct bench_zipf *z);
void bench_shuffle(struct bench *b, size_t *order, size_t n);
size_t *bench_order(size_t n);

struct bench_load {
	const char *name;
	void (*run)(struct bench *b);
};

extern const struct bench_load bench_loads[];

void bench_tenants(struct bench *b);
void bench_latency(struct bench *b);

#endif
