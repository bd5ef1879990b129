// SPDX-License-Identifier: GPL-2.0
/*
 * A hot set beside a stream. One task does both, in a fixed ratio: runs compare
 * whatever the machine's speed. The hot set is touched in random cycles: each
 * page once a cycle, in an order that changes.
 *
 * Several tasks can keep step: who finds its pages in memory would else run ahead,
 * be done, and leave its memory to the rest.
 *
 * A miss is a hot page that is in no cache at the moment it is wanted. That is
 * asked of mincore() before each access, which leaves no trace of its own; the
 * kernel's refault counters would not tell the hot set from the stream.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "work.h"

/* Accesses between two meetings of tasks that keep step. */
#define STEP 256

enum mode { HOT_PREAD, HOT_MMAP, HOT_ANON, NR_HOT_MODES };

static const char *const mode_names[NR_HOT_MODES] = { "pread", "mmap", "anon" };

struct hot {
	const char *file;
	size_t pages;
	unsigned int modes;	/* bit for each; page i belongs to one by turns */
	size_t rounds;
	size_t warmup;
	const char *stream_file;
	size_t stream_pages;	/* read before each access to the hot set, in 1/16 */
	size_t stream_bytes;
	uint64_t seed;
	size_t tasks;		/* that keep step */
	uint64_t *step;		/* how often they have met, all of them; shared */
	uint64_t steps;

	int fd;
	char *map;
	char *anon;
	size_t *order;
	int stream_fd;
	char *stream_buf;
	size_t stream_at;
	size_t stream_owed;
	size_t streamed;
	size_t misses[NR_HOT_MODES];
	size_t accesses[NR_HOT_MODES];
};

static enum mode mode_of(const struct hot *h, size_t page)
{
	unsigned int n = __builtin_popcount(h->modes), turn = page % n, bits;

	for (bits = h->modes; turn; turn--)
		bits &= bits - 1;
	return __builtin_ctz(bits);
}

static void shuffle(struct hot *h)
{
	size_t i, j, t;

	for (i = h->pages - 1; i; i--) {
		j = next_random(&h->seed) % (i + 1);
		t = h->order[i];
		h->order[i] = h->order[j];
		h->order[j] = t;
	}
}

static void touch(struct hot *h, size_t page)
{
	static char buf[PAGE];
	enum mode mode = mode_of(h, page);
	char *map = mode == HOT_ANON ? h->anon : h->map;
	const char *at = map + page * PAGE;
	unsigned char present;

	if (mincore(map + page * PAGE, PAGE, &present))
		die("mincore");
	h->accesses[mode]++;
	h->misses[mode] += !(present & 1);
	if (mode == HOT_PREAD) {
		if (pread(h->fd, buf, PAGE, page * PAGE) != (ssize_t)PAGE)
			die("pread of page %zu", page);
		at = buf;
	}
	if (*(const volatile uint64_t *)at != page) {
		errno = 0;
		fprintf(stderr, "pdwork: hot page %zu (%s) holds %llu\n", page,
			mode_names[mode], *(const unsigned long long *)at);
		exit(EXIT_CORRUPT);
	}
}

static void stream_some(struct hot *h)
{
	const size_t chunk = 32 * PAGE;
	ssize_t n;

	for (; h->stream_owed >= 16 * 32; h->stream_owed -= 16 * 32) {
		n = pread(h->stream_fd, h->stream_buf, chunk, h->stream_at);
		if (n <= 0)
			die("%s at %zu", h->stream_file, h->stream_at);
		h->streamed += n / PAGE;
		h->stream_at += n;
		if (h->stream_at >= h->stream_bytes)
			h->stream_at = 0;
	}
}

/* Go on when all have come so far. */
static void meet(struct hot *h)
{
	__atomic_add_fetch(h->step, 1, __ATOMIC_SEQ_CST);
	h->steps++;
	while (__atomic_load_n(h->step, __ATOMIC_SEQ_CST) < h->steps * h->tasks)
		usleep(1000);
}

static void cycle(struct hot *h, bool streaming)
{
	size_t i;

	shuffle(h);
	for (i = 0; i < h->pages && !stop_requested; i++) {
		if (streaming) {
			h->stream_owed += h->stream_pages;
			stream_some(h);
		}
		touch(h, h->order[i]);
		if (i % FLUSH_EVERY == 0)
			flush_tlb();
		if (h->step && i % STEP == 0)
			meet(h);
	}
}

static void make_hot_set(struct hot *h)
{
	static uint64_t page[PAGE / sizeof(uint64_t)];
	size_t i;

	h->order = malloc(h->pages * sizeof(*h->order));
	if (!h->order)
		die("malloc");
	for (i = 0; i < h->pages; i++)
		h->order[i] = i;
	if (h->modes & (1 << HOT_ANON)) {
		h->anon = map_or_die(h->pages * PAGE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
		/* A huge page would be hot as a whole. */
		madvise(h->anon, h->pages * PAGE, MADV_NOHUGEPAGE);
		for (i = 0; i < h->pages; i++)
			if (mode_of(h, i) == HOT_ANON)
				*(uint64_t *)(h->anon + i * PAGE) = i;
	}
	if (h->modes & ~(1 << HOT_ANON)) {
		h->fd = open_or_die(h->file, O_RDWR | O_CREAT);
		for (i = 0; i < h->pages; i++) {
			page[0] = i;
			if (pwrite(h->fd, page, PAGE, i * PAGE) != (ssize_t)PAGE)
				die("%s", h->file);
		}
		/* Clean, and in the order of the workload, not of this loop. */
		if (fsync(h->fd) || posix_fadvise(h->fd, 0, 0, POSIX_FADV_DONTNEED) ||
		    posix_fadvise(h->fd, 0, 0, POSIX_FADV_RANDOM))
			die("%s", h->file);
		h->map = map_or_die(h->pages * PAGE, MAP_SHARED, h->fd);
	}
}

static void parse(struct hot *h, char *arg)
{
	char *value = strchr(arg, '='), *word;
	int i;

	if (!value)
		die("not OPTION=VALUE: %s", arg);
	*value++ = '\0';
	if (!strcmp(arg, "file")) {
		h->file = value;
	} else if (!strcmp(arg, "size")) {
		h->pages = parse_bytes(value, PAGE) / PAGE;
	} else if (!strcmp(arg, "rounds")) {
		h->rounds = parse_number(value);
	} else if (!strcmp(arg, "warmup")) {
		h->warmup = parse_number(value);
	} else if (!strcmp(arg, "seed")) {
		h->seed = parse_number(value) | 1;
	} else if (!strcmp(arg, "stream")) {
		h->stream_file = value;
	} else if (!strcmp(arg, "stream_size")) {
		h->stream_bytes = parse_bytes(value, 32 * PAGE);
	} else if (!strcmp(arg, "stream_per_16")) {
		h->stream_pages = parse_number(value);
	} else if (!strcmp(arg, "tasks")) {
		h->tasks = parse_number(value);
	} else if (!strcmp(arg, "step")) {
		/* Made by the caller, of a page of zeroes. */
		h->step = map_or_die(PAGE, MAP_SHARED, open_or_die(value, O_RDWR));
	} else if (!strcmp(arg, "mode")) {
		h->modes = 0;
		for (word = strtok(value, "+"); word; word = strtok(NULL, "+")) {
			for (i = 0; i < NR_HOT_MODES; i++)
				if (!strcmp(word, mode_names[i]))
					break;
			if (i == NR_HOT_MODES)
				die("mode is pread, mmap, anon, or several with +: %s", word);
			h->modes |= 1 << i;
		}
	} else {
		die("unknown option: %s", arg);
	}
}

/*
 * Options: file=, size=, mode=, rounds= (cycles counted), warmup= (cycles
 * before, without the stream; rounds=0: until told to stop), stream=, stream_size=, stream_per_16= (pages
 * streamed for each 16 accesses to the hot set), seed=, step= (a file of one page
 * of zeroes, for all who keep step), tasks= (how many they are).
 */
int cmd_hot(int argc, char **argv)
{
	struct hot h = {
		.pages = 1024, .modes = 1 << HOT_PREAD, .rounds = 10,
		.warmup = 3, .stream_pages = 16, .seed = 1, .fd = -1,
	};
	uint64_t begin, cpu;
	size_t i;

	for (i = 1; i < (size_t)argc; i++)
		parse(&h, argv[i]);
	if (h.step && !h.tasks)
		die("tasks= is missing");
	if (!h.file && h.modes != 1 << HOT_ANON)
		die("file= is missing");
	make_hot_set(&h);
	if (h.stream_file) {
		if (!h.stream_bytes)
			die("stream_size= is missing");
		h.stream_fd = open_or_die(h.stream_file, O_RDONLY);
		h.stream_buf = map_or_die(32 * PAGE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	}

	if (!h.rounds) {
		if (h.step)
			die("rounds=0: the others would wait for ever");
		stop_on_signal();
	}
	for (i = 0; i < h.warmup; i++)
		cycle(&h, false);
	printf("warm %zu\n", h.pages);
	memset(h.misses, 0, sizeof(h.misses));
	memset(h.accesses, 0, sizeof(h.accesses));
	begin = now_us();
	cpu = cpu_us();
	for (i = 0; h.rounds ? i < h.rounds : !stop_requested; i++)
		cycle(&h, h.stream_file);

	printf("elapsed_us %llu\ncpu_us %llu\nstreamed_pages %zu\n",
	       (unsigned long long)(now_us() - begin),
	       (unsigned long long)(cpu_us() - cpu), h.streamed);
	printf("accesses %zu\nmisses %zu\n", h.accesses[0] + h.accesses[1] + h.accesses[2],
	       h.misses[0] + h.misses[1] + h.misses[2]);
	for (i = 0; i < NR_HOT_MODES; i++)
		if (h.modes & 1 << i)
			printf("accesses_%s %zu\nmisses_%s %zu\n", mode_names[i],
			       h.accesses[i], mode_names[i], h.misses[i]);
	return 0;
}
