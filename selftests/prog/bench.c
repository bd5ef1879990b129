// SPDX-License-Identifier: GPL-2.0
/* Accesses of the benchmark's workloads, done or printed. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "bench.h"

static struct bench_object *new_object(struct bench *b, enum bench_kind kind, size_t pages)
{
	struct bench_object *o = &b->objects[b->nr_objects];

	if (b->nr_objects++ == BENCH_MAX_OBJECTS)
		die("too many objects");
	*o = (struct bench_object){ .kind = kind, .pages = pages, .base = b->next_base, .fd = -1 };
	b->next_base += pages;
	return o;
}

static void write_text(const char *path, const char *text)
{
	int fd = open_or_die(path, O_WRONLY);

	if (write(fd, text, strlen(text)) < 0)
		die("%s", path);
	close(fd);
}

static int open_file(struct bench *b, enum bench_kind kind, const char *name, size_t pages)
{
	/* A file keeps the read-ahead that its disk had when it was opened. */
	bool without = kind == BENCH_MAP && b->readahead;
	char path[512], usual[32] = "";
	struct stat st;
	int fd;

	if (without) {
		fd = open_or_die(b->readahead, O_RDONLY);
		if (read(fd, usual, sizeof(usual) - 1) <= 0)
			die("%s", b->readahead);
		close(fd);
		write_text(b->readahead, "0");
	}
	snprintf(path, sizeof(path), "%s/%s", b->dir, name);
	fd = open_or_die(path, kind == BENCH_TEXT ? O_RDONLY : O_RDWR);
	if (without)
		write_text(b->readahead, usual);
	errno = 0;
	if (fstat(fd, &st) || (size_t)st.st_size < pages * PAGE)
		die("%s has less than %zu pages", path, pages);
	/*
	 * Cached neighbours would make the kernel read ahead. This says nothing of
	 * mappings, where such advice would have it ignore references.
	 */
	if ((kind == BENCH_PREAD || kind == BENCH_WRITE) &&
	    posix_fadvise(fd, 0, 0, POSIX_FADV_RANDOM))
		die("%s", path);
	return fd;
}

struct bench_object *bench_file(struct bench *b, enum bench_kind kind,
				const char *name, size_t pages)
{
	struct bench_object *o = new_object(b, kind, pages);

	if (b->print)
		return o;
	o->fd = open_file(b, kind, name, pages);
	if (kind == BENCH_MAP)
		o->map = map_or_die(pages * PAGE, MAP_SHARED, o->fd);
	if (kind == BENCH_TEXT) {
		o->map = mmap(NULL, pages * PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE, o->fd, 0);
		if (o->map == MAP_FAILED)
			die("mmap of %s", name);
	}
	return o;
}

struct bench_object *bench_anon(struct bench *b, size_t pages)
{
	struct bench_object *o = new_object(b, BENCH_ANON, pages);

	if (b->print)
		return o;
	o->map = map_or_die(pages * PAGE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	madvise(o->map, pages * PAGE, MADV_NOHUGEPAGE);
	return o;
}

/* One line of a trace as the simulator reads it: page, kind of page, w for a write. */
static void print_access(const struct bench_object *o, size_t page, bool store)
{
	static const char kinds[] = {
		[BENCH_PREAD] = 'f', [BENCH_WRITE] = 'f', [BENCH_STREAM] = 'f',
		[BENCH_MAP] = 'f', [BENCH_TEXT] = 'x', [BENCH_ANON] = 'a',
	};

	printf("%zu %s%c\n", o->base + page, store ? "w" : "", kinds[o->kind]);
}

void bench_touch(struct bench *b, struct bench_object *o, size_t page, bool store)
{
	off_t at = page * PAGE;

	b->accesses++;
	if (b->print) {
		print_access(o, page, store);
		return;
	}
	switch (o->kind) {
	case BENCH_PREAD:
		if (pread(o->fd, b->buf, PAGE, at) != (ssize_t)PAGE)
			die("pread of page %zu", page);
		b->sum += *(const uint64_t *)b->buf;
		return;
	case BENCH_WRITE:
		/* Less than a page: what is not cached is read first. */
		if (pwrite(o->fd, b->buf, PAGE / 8, at) != (ssize_t)(PAGE / 8))
			die("pwrite of page %zu", page);
		return;
	case BENCH_ANON:
		if (store)
			*(volatile uint64_t *)(o->map + at) = b->accesses;
		/* fallthrough */
	default:
		b->sum += *(volatile uint64_t *)(o->map + at);
	}
	if (b->accesses % FLUSH_EVERY == 0)
		flush_tlb();
}

void bench_chunk(struct bench *b, struct bench_object *o)
{
	size_t n = o->pages - o->at < BENCH_CHUNK ? o->pages - o->at : BENCH_CHUNK, i;

	if (!b->print && pread(o->fd, b->buf, n * PAGE, o->at * PAGE) != (ssize_t)(n * PAGE))
		die("stream at %zu", o->at);
	for (i = 0; b->print && i < n; i++)
		print_access(o, o->at + i, false);
	b->accesses += n;
	o->at = (o->at + n) % o->pages;
}

void bench_shuffle(struct bench *b, size_t *order, size_t n)
{
	size_t i, j, t;

	for (i = n - 1; i; i--) {
		j = next_random(&b->seed) % (i + 1);
		t = order[i];
		order[i] = order[j];
		order[j] = t;
	}
}

size_t *bench_order(size_t n)
{
	size_t *order = malloc(n * sizeof(*order)), i;

	if (!order)
		die("malloc");
	for (i = 0; i < n; i++)
		order[i] = i;
	return order;
}

void bench_zipf_init(struct bench *b, struct bench_zipf *z, size_t pages)
{
	uint64_t sum = 0;
	size_t i;

	z->pages = pages;
	z->order = bench_order(pages);
	bench_shuffle(b, z->order, pages);
	z->sums = malloc(pages * sizeof(*z->sums));
	if (!z->sums)
		die("malloc");
	/* Whole numbers: the same on every processor. */
	for (i = 0; i < pages; i++)
		z->sums[i] = sum += (1ULL << 40) / (i + 1);
}

size_t bench_zipf_next(struct bench *b, const struct bench_zipf *z)
{
	uint64_t draw = next_random(&b->seed) % z->sums[z->pages - 1];
	size_t low = 0, high = z->pages - 1, middle;

	while (low < high) {
		middle = (low + high) / 2;
		if (z->sums[middle] > draw)
			high = middle;
		else
			low = middle + 1;
	}
	return z->order[low];
}

static void parse(struct bench *b, char *arg)
{
	char *value = strchr(arg, '=');

	if (!value)
		die("not OPTION=VALUE: %s", arg);
	*value++ = '\0';
	if (!strcmp(arg, "dir"))
		b->dir = value;
	else if (!strcmp(arg, "readahead"))
		b->readahead = value;
	else if (!strcmp(arg, "cgroup"))
		b->cgroup = value;
	else if (!strcmp(arg, "frames"))
		b->frames = parse_number(value);
	else if (!strcmp(arg, "seed"))
		/* Small seeds differ in few bits only; 0 would give zeroes for ever. */
		b->seed = (parse_number(value) + 1) * 0x9e3779b97f4a7c15ULL | 1;
	else if (!strcmp(arg, "print"))
		b->print = parse_number(value);
	else
		die("unknown option: %s", arg);
}

/*
 * Options: frames= (pages of the limit), dir= (of the files), seed=, print=1 (a trace instead of
 * accesses), readahead= (the file that sets the disk's),
 * cgroup= (a directory, for workloads of several tasks).
 */
int cmd_bench(int argc, char **argv)
{
	struct bench b = { .frames = 8192, .seed = 1, .dir = "." };
	const struct bench_load *load = bench_loads;
	uint64_t begin, cpu;
	int i;

	if (argc < 2)
		die("bench WORKLOAD [OPTION=VALUE...]");
	while (load->name && strcmp(load->name, argv[1]))
		load++;
	if (!load->name)
		die("no such workload: %s", argv[1]);
	for (i = 2; i < argc; i++)
		parse(&b, argv[i]);
	if (b.frames < 1024)
		die("frames= must be 1024 or more");
	if (b.print)
		setvbuf(stdout, NULL, _IOFBF, 1 << 16);
	b.buf = map_or_die(BENCH_CHUNK * PAGE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	begin = now_us();
	cpu = cpu_us();
	load->run(&b);
	if (!b.print)
		printf("elapsed_us %llu\ncpu_us %llu\naccesses %zu\n",
		       (unsigned long long)(now_us() - begin),
		       (unsigned long long)(cpu_us() - cpu), b.accesses);
	return 0;
}
