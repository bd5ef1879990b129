// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include "work.h"

volatile sig_atomic_t stop_requested;

void die(const char *fmt, ...)
{
	int err = errno;
	va_list args;

	fputs("pdwork: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	if (err)
		fprintf(stderr, ": %s", strerror(err));
	fputc('\n', stderr);
	exit(EXIT_FAILURE);
}

uint64_t parse_number(const char *s)
{
	char *end;
	uint64_t n;

	errno = 0;
	n = strtoull(s, &end, 10);
	if (errno || end == s || *end)
		die("not a number: %s", s);
	return n;
}

size_t parse_bytes(const char *s, size_t least)
{
	static const char units[] = "KMG";
	const char *unit;
	char *end;
	size_t n;

	errno = 0;
	n = strtoull(s, &end, 10);
	unit = *end ? strchr(units, *end) : NULL;
	if (unit) {
		n <<= 10 * (unit - units + 1);
		end++;
	}
	if (errno || end == s || *end || n < least)
		die("not a size of %zu bytes or more: %s", least, s);
	return n;
}

static uint64_t clock_us(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return t.tv_sec * 1000000ULL + t.tv_nsec / 1000;
}

uint64_t now_us(void)
{
	return clock_us(CLOCK_MONOTONIC);
}

uint64_t cpu_us(void)
{
	return clock_us(CLOCK_PROCESS_CPUTIME_ID);
}

void *map_or_die(size_t bytes, int flags, int fd)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, flags, fd, 0);

	if (p == MAP_FAILED)
		die("mmap of %zu bytes", bytes);
	return p;
}

int open_or_die(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0644);

	if (fd < 0)
		die("%s", path);
	return fd;
}

uint64_t next_random(uint64_t *state)
{
	uint64_t x = *state;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	*state = x;
	return x;
}

/* Each word depends on all three, so no page can be taken for another one. */
static uint64_t page_key(uint64_t seed, uint64_t index, uint64_t generation)
{
	uint64_t key = seed * 0x9e3779b97f4a7c15ULL + index;

	key = (key ^ key >> 30) * 0xbf58476d1ce4e5b9ULL + generation;
	key = (key ^ key >> 27) * 0x94d049bb133111ebULL;
	return key ^ key >> 31;
}

void page_fill(void *page, uint64_t seed, uint64_t index, uint64_t generation)
{
	uint64_t key = page_key(seed, index, generation), *word = page;
	size_t i;

	for (i = 0; i < PAGE / sizeof(*word); i++)
		word[i] = key + i * 0x9e3779b97f4a7c15ULL;
}

bool page_right(const void *page, uint64_t seed, uint64_t index,
		uint64_t generation)
{
	uint64_t key = page_key(seed, index, generation), wrong = 0;
	const uint64_t *word = page;
	size_t i;

	for (i = 0; i < PAGE / sizeof(*word); i++)
		wrong |= word[i] ^ (key + i * 0x9e3779b97f4a7c15ULL);
	return !wrong;
}

void flush_tlb(void)
{
	/* More pages than the kernel flushes one by one: it flushes all. */
	const size_t bytes = 64 * PAGE;
	static void *area;

	if (!area) {
		area = map_or_die(bytes, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1);
		/* It must not be what reclaim takes. */
		if (mlock(area, bytes))
			die("mlock");
	}
	if (mprotect(area, bytes, PROT_READ) ||
	    mprotect(area, bytes, PROT_READ | PROT_WRITE))
		die("mprotect");
	/* Writable again takes effect at the next write; make that now. */
	for (size_t i = 0; i < bytes; i += PAGE)
		((volatile char *)area)[i] = 0;
}

static void on_signal(int sig)
{
	(void)sig;
	stop_requested = 1;
}

void stop_on_signal(void)
{
	struct sigaction act = { .sa_handler = on_signal };

	if (sigaction(SIGTERM, &act, NULL) || sigaction(SIGINT, &act, NULL))
		die("sigaction");
}

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *usage;
} commands[] = {
	{ "stream", cmd_stream, "FILE BYTES PASSES [SEED]: read it from end to end, and verify what write wrote with SEED" },
	{ "hot", cmd_hot, "[OPTION=VALUE...]: touch a hot set, stream a file meanwhile" },
	{ "churn", cmd_churn,
	  "anon|thp|mlock|lock|fork|shmem|mmap|rw|cut|direct FILE|- BYTES SEED SECONDS [TOUCHES]: read and rewrite at random, verifying" },
	{ "write", cmd_write, "FILE BYTES SEED: write a pattern, no sync" },
	{ "check", cmd_check, "FILE BYTES SEED: is it what write wrote?" },
	{ "fault", cmd_fault, "BYTES ROUNDS: anonymous page faults; prints CPU time" },
	{ "pin", cmd_pin, "PAGES SEED SECONDS: hold references to anonymous pages" },
	{ "text", cmd_text, "FILE BYTES PAUSE-MS [random|sequential]: touch it as program text, again and again; with advice to the kernel" },
	{ "walk", cmd_walk, "CGROUP-DIRECTORY...: count their pages, one by one" },
	{ "keep", cmd_keep, "BYTES SEED: anonymous memory, verified at each SIGUSR1 and at SIGTERM" },
	{ "pipes", cmd_pipes, "BYTES: stop; when continued take kernel memory" },
	{ "part", cmd_part,
	  "FILE BYTES SEED FIRST COUNT EVERY write|map: as write, COUNT pages of every EVERY from FIRST on" },
	{ "resident", cmd_resident, "FILE: how many of its pages are cached" },
	{ "bench", cmd_bench, "WORKLOAD [OPTION=VALUE...]: of make bench; done, or printed page by page" },
	{ "fuzz", cmd_fuzz,
	  "WRITES SECONDS SEED TWIN CGROUP...: write to the files of the module, with a model beside" },
};

int main(int argc, char **argv)
{
	size_t i;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (i = 0; argc > 1 && i < sizeof(commands) / sizeof(*commands); i++) {
		if (!strcmp(argv[1], commands[i].name)) {
			errno = 0;
			return commands[i].run(argc - 1, argv + 1);
		}
	}
	fputs("usage: pdwork COMMAND, one of\n", stderr);
	for (i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		fprintf(stderr, "  %s %s\n", commands[i].name, commands[i].usage);
	return 2;
}
