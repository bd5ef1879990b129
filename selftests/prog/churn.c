// SPDX-License-Identifier: GPL-2.0
/* Memory and files whose contents are verified at every touch. */
#include <cpuid.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#include "work.h"

struct store {
	const char *kind;
	size_t pages;
	uint64_t seed;
	uint64_t random;
	char *map;		/* or NULL: */
	int fd;
	int direct_fd;		/* the same file by O_DIRECT, or -1; then map is the file, too */
	char *buf;		/* what is read and written: one page or more */
	size_t buf_pages;
	uint32_t *generation;	/* how often each page was rewritten; HOLE: never, or not since */
};

#define HOLE UINT32_MAX
/* Touches between two of what else a kind does. */
#define DISTURB_EVERY 64

static size_t any(struct store *s, size_t n)
{
	return next_random(&s->random) % n;
}

static bool is_kind(const struct store *s, const char *kind)
{
	return !strcmp(s->kind, kind);
}

static bool right(const struct store *s, const void *page, size_t index)
{
	const uint64_t *word = page;
	size_t i;

	if (s->generation[index] != HOLE)
		return page_right(page, s->seed, index, s->generation[index]);
	for (i = 0; i < PAGE / sizeof(*word); i++)
		if (word[i])
			return false;
	return true;
}

/* Whose page of which generation is it, if one of ours? */
static void identify(const struct store *s, const char *what, const void *page)
{
	const uint64_t *word = page;
	size_t i, g, rest = 0;

	for (i = 0; i < s->pages; i++)
		for (g = 0; s->generation[i] != HOLE && g <= s->generation[i]; g++)
			if (page_right(page, s->seed, i, g)) {
				fprintf(stderr, "pdwork: %s is page %zu, generation %zu\n",
					what, i, g);
				return;
			}
	for (i = 0; i < PAGE / sizeof(*word); i++)
		rest += !word[i];
	fprintf(stderr, "pdwork: %s is unknown, %zu words are zero, begins with %016llx %016llx\n",
		what, rest, (unsigned long long)word[0], (unsigned long long)word[1]);
}

static void corrupt(const struct store *s, size_t index, const void *page)
{
	fprintf(stderr, "pdwork: %s seed %llu: page %zu is not its generation %d\n",
		s->kind, (unsigned long long)s->seed, index, (int)s->generation[index]);
	identify(s, "it", page);
	if (s->fd >= 0) {
		/* Was it the file, or the buffer that it was read into? */
		static char again[PAGE] __attribute__((aligned(PAGE)));

		if (pread(s->fd, again, PAGE, index * PAGE) == (ssize_t)PAGE)
			identify(s, "read once more, it", again);
	}
	exit(EXIT_CORRUPT);
}

bool emulated(void)
{
	unsigned int eax, ebx, ecx, edx;
	static int known = -1;

	if (known < 0) {
		__cpuid(0x40000000, eax, ebx, ecx, edx);
		known = ebx == 0x54474354 && ecx == 0x43544743 &&
			edx == 0x47435447;	/* TCGTCGTCGTCG */
	}
	return known;
}

/*
 * A buffer that the kernel has just written to, and that we read. When another
 * CPU has unmapped the page and not yet sent its flush, the kernel's write
 * faults and gets a new page. On x86 that fault drops the CPU's translation of
 * the address; QEMU keeps translations for user and kernel mode apart and drops
 * the kernel's only, so that we are shown the old page until the flush comes.
 * Only this, only there, is forgiven: the data is right once all translations
 * are gone.
 */
static bool stale_translation(const struct store *s, const void *page, size_t index)
{
	if (!emulated())
		return false;
	flush_tlb();
	if (!right(s, page, index))
		return false;
	fprintf(stderr, "pdwork: the emulator showed an old page for page %zu\n", index);
	return true;
}

/*
 * Where to see a page and by which file it gets there: as it is mapped, by none
 * (-1), or in a buffer. A store may have more than one way.
 */
static char *place(struct store *s, size_t index, int *fd)
{
	size_t way = s->direct_fd >= 0 ? any(s, 3) : !s->map;

	if (!way) {
		*fd = -1;
		return s->map + index * PAGE;
	}
	*fd = way == 2 ? s->direct_fd : s->fd;
	return s->buf + any(s, s->buf_pages) * PAGE;
}

static void verify(struct store *s, size_t index)
{
	int fd;
	char *page = place(s, index, &fd);

	if (fd >= 0 && pread(fd, page, PAGE, index * PAGE) != (ssize_t)PAGE)
		die("%s: read of page %zu", s->kind, index);
	if (!right(s, page, index) && (fd < 0 || !stale_translation(s, page, index)))
		corrupt(s, index, page);
}

static void rewrite(struct store *s, size_t index)
{
	int fd;
	char *page = place(s, index, &fd);

	s->generation[index]++;
	page_fill(page, s->seed, index, s->generation[index]);
	if (fd >= 0 && pwrite(fd, page, PAGE, index * PAGE) != (ssize_t)PAGE)
		die("%s: write of page %zu", s->kind, index);
}

/* Take a part of a file away, by a hole or by its end; what comes back is zero. */
static void cut(struct store *s)
{
	size_t first = any(s, s->pages), n = 1 + any(s, 64), i;

	switch (any(s, 4)) {
	case 0:
		if (fsync(s->fd))
			die("fsync");
		return;
	case 1:
		n = s->pages - first;
		if (ftruncate(s->fd, first * PAGE) ||
		    ftruncate(s->fd, s->pages * PAGE))
			die("ftruncate at page %zu", first);
		break;
	default:
		if (n > s->pages - first)
			n = s->pages - first;
		if (fallocate(s->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			      first * PAGE, n * PAGE))
			die("hole at page %zu", first);
	}
	for (i = first; i < first + n; i++)
		s->generation[i] = HOLE;
}

/* A child that sees what we have, and changes what only it shall see. */
static void spawn(struct store *s)
{
	size_t n = 1 + any(s, 16), i, index;
	int status;
	pid_t pid = fork();

	if (pid < 0)
		return;		/* there is no memory for a process: next time */
	if (!pid) {
		s->random += n;
		for (i = 0; i < n; i++) {
			index = any(s, s->pages);
			verify(s, index);
			rewrite(s, index);
			verify(s, index);
		}
		_exit(0);
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			die("waitpid");
	/* A child may be killed for want of memory, as may we. */
	if (status && !(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL))
		exit(WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE);
}

/* What a kind does besides reading and rewriting. */
static void disturb(struct store *s)
{
	size_t first = any(s, s->pages), n = 1 + any(s, s->pages - first);

	if (is_kind(s, "cut")) {
		cut(s);
	} else if (is_kind(s, "fork")) {
		spawn(s);
	} else if (is_kind(s, "lock")) {
		if (any(s, 2) ? munlock(s->map + first * PAGE, n * PAGE) :
		    mlock(s->map + first * PAGE, n * PAGE))
			die("mlock of %zu pages", n);
	}
}

static void open_store(struct store *s, const char *file)
{
	bool direct = is_kind(s, "direct"), mapped_file = direct || is_kind(s, "mmap");
	static char buf[PAGE] __attribute__((aligned(PAGE)));
	size_t bytes = s->pages * PAGE;

	s->generation = malloc(s->pages * sizeof(*s->generation));
	if (!s->generation)
		die("malloc");
	memset(s->generation, 0xff, s->pages * sizeof(*s->generation));
	s->buf = buf;
	s->buf_pages = 1;
	if (mapped_file || is_kind(s, "rw") || is_kind(s, "cut")) {
		s->fd = open_or_die(file, O_RDWR | O_CREAT);
		/* What somebody wrote who was killed is not ours. */
		if (ftruncate(s->fd, 0) || ftruncate(s->fd, bytes))
			die("%s", file);
		if (mapped_file)
			s->map = map_or_die(bytes, MAP_SHARED, s->fd);
		if (direct) {
			s->direct_fd = open_or_die(file, O_RDWR | O_DIRECT);
			/* The buffers are pages that come and go like others. */
			s->buf_pages = 64;
			s->buf = map_or_die(s->buf_pages * PAGE,
					    MAP_PRIVATE | MAP_ANONYMOUS, -1);
		}
		return;
	}
	if (is_kind(s, "shmem"))
		s->map = map_or_die(bytes, MAP_SHARED | MAP_ANONYMOUS, -1);
	else
		s->map = map_or_die(bytes, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	if (is_kind(s, "thp")) {
		if (madvise(s->map, bytes, MADV_HUGEPAGE))
			die("madvise");
	} else if (is_kind(s, "mlock")) {
		if (mlock(s->map, bytes))
			die("mlock");
	} else if (!is_kind(s, "anon") && !is_kind(s, "shmem") &&
		   !is_kind(s, "fork") && !is_kind(s, "lock")) {
		die("no such kind: %s", s->kind);
	}
}

int cmd_churn(int argc, char **argv)
{
	size_t i, touched = 0, rewritten = 0;
	struct store s = { .fd = -1, .direct_fd = -1 };
	uint64_t seconds, end, touches = 0;

	if (argc != 6 && argc != 7)
		die("churn KIND FILE BYTES SEED SECONDS [TOUCHES]");
	s.kind = argv[1];
	s.pages = parse_bytes(argv[3], PAGE) / PAGE;
	s.seed = parse_number(argv[4]);
	seconds = parse_number(argv[5]);
	if (argc == 7)
		touches = parse_number(argv[6]);
	stop_on_signal();
	s.random = s.seed * 2 + 1;
	open_store(&s, argv[2]);
	for (i = 0; i < s.pages; i++)
		rewrite(&s, i);
	printf("filled %zu\n", s.pages);

	/* 0 seconds: until told to stop. 0 touches: as many as come. */
	end = now_us() + seconds * 1000000;
	while (!stop_requested && (!seconds || now_us() < end) &&
	       (!touches || touched < touches)) {
		i = any(&s, s.pages);
		verify(&s, i);
		if (any(&s, 4) == 0) {
			rewrite(&s, i);
			rewritten++;
		}
		if (++touched % FLUSH_EVERY == 0)
			flush_tlb();
		if (touched % DISTURB_EVERY == 0)
			disturb(&s);
	}
	for (i = 0; i < s.pages; i++)
		verify(&s, i);
	/* Pages taken along by a crash of the machine are not for us to find. */
	printf("touched %zu\nrewritten %zu\nverified %zu\n", touched, rewritten,
	       s.pages);
	return 0;
}

int cmd_write(int argc, char **argv)
{
	static char buf[PAGE];
	size_t pages, i;
	uint64_t seed;
	int fd;

	if (argc != 4)
		die("write FILE BYTES SEED");
	fd = open_or_die(argv[1], O_RDWR | O_CREAT);
	pages = parse_bytes(argv[2], PAGE) / PAGE;
	seed = parse_number(argv[3]);
	for (i = 0; i < pages; i++) {
		page_fill(buf, seed, i, 0);
		if (pwrite(fd, buf, PAGE, i * PAGE) != (ssize_t)PAGE)
			die("%s: page %zu", argv[1], i);
	}
	printf("written %zu\n", pages);
	return 0;
}

int cmd_check(int argc, char **argv)
{
	static char buf[PAGE];
	size_t pages, i, wrong = 0;
	uint64_t seed;
	int fd;

	if (argc != 4)
		die("check FILE BYTES SEED");
	fd = open_or_die(argv[1], O_RDONLY);
	pages = parse_bytes(argv[2], PAGE) / PAGE;
	seed = parse_number(argv[3]);
	for (i = 0; i < pages; i++) {
		if (pread(fd, buf, PAGE, i * PAGE) != (ssize_t)PAGE)
			die("%s: page %zu", argv[1], i);
		wrong += !page_right(buf, seed, i, 0);
	}
	printf("checked %zu\nwrong %zu\n", pages, wrong);
	return wrong ? EXIT_CORRUPT : 0;
}

/*
 * Pages in a pipe are held by a reference that no page table accounts for, as
 * are those under network or direct I/O.
 */
int cmd_pin(int argc, char **argv)
{
	static char buf[PAGE];
	size_t pages, i, wrong = 0;
	uint64_t seed, seconds, end;
	struct iovec vec;
	int fd[2];
	char *map;

	if (argc != 4)
		die("pin PAGES SEED SECONDS");
	pages = parse_number(argv[1]);
	seed = parse_number(argv[2]);
	seconds = parse_number(argv[3]);
	stop_on_signal();
	map = map_or_die(pages * PAGE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	for (i = 0; i < pages; i++)
		page_fill(map + i * PAGE, seed, i, 0);
	if (pipe(fd) || fcntl(fd[1], F_SETPIPE_SZ, pages * PAGE) < 0)
		die("pipe of %zu pages", pages);
	vec.iov_base = map;
	vec.iov_len = pages * PAGE;
	if (vmsplice(fd[1], &vec, 1, SPLICE_F_NONBLOCK) != (ssize_t)vec.iov_len)
		die("vmsplice");
	printf("pinned %zu\n", pages);

	end = now_us() + seconds * 1000000;
	while (!stop_requested && (!seconds || now_us() < end))
		usleep(20000);
	for (i = 0; i < pages; i++) {
		if (read(fd[0], buf, PAGE) != (ssize_t)PAGE)
			die("pipe");
		wrong += !page_right(buf, seed, i, 0);
		wrong += !page_right(map + i * PAGE, seed, i, 0);
	}
	printf("verified %zu\n", pages);
	return wrong ? EXIT_CORRUPT : 0;
}
