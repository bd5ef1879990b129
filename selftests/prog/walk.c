// SPDX-License-Identifier: GPL-2.0
/*
 * Count a cgroup's pages by looking at every page frame of the machine, in the
 * terms of memory.stat, to compare with what the kernel has kept count of. The
 * cgroup should be at rest meanwhile.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "work.h"

/* include/uapi/linux/kernel-page-flags.h */
#define KPF_LRU			(1ULL << 5)
#define KPF_ACTIVE		(1ULL << 6)
#define KPF_SLAB		(1ULL << 7)
#define KPF_MMAP		(1ULL << 11)
#define KPF_ANON		(1ULL << 12)
#define KPF_SWAPCACHE		(1ULL << 13)
#define KPF_SWAPBACKED		(1ULL << 14)
#define KPF_COMPOUND_TAIL	(1ULL << 16)
#define KPF_UNEVICTABLE		(1ULL << 18)
#define KPF_NOPAGE		(1ULL << 20)

#define FRAMES 8192

/* How many pages have which flags: what to look at if the counts are wrong. */
static struct kind {
	uint64_t flags;
	size_t pages;
} kinds[256];

static void count_kind(uint64_t flags)
{
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (kinds[i].pages && kinds[i].flags != flags)
			continue;
		kinds[i].flags = flags;
		kinds[i].pages++;
		return;
	}
}

struct counts {
	size_t anon, file, shmem, swapcached;
	size_t inactive_anon, active_anon, inactive_file, active_file, unevictable;
	size_t unlisted;
};

static void count(struct counts *c, uint64_t flags)
{
	bool anon = flags & KPF_ANON, swapcache = flags & KPF_SWAPCACHE;

	if (anon && (flags & KPF_MMAP))
		c->anon++;
	if (!(flags & KPF_LRU)) {
		/* Anonymous and isolated, or on its way to a list. */
		c->unlisted += anon;
		return;
	}
	c->swapcached += swapcache;
	/* Shared memory is among the file pages until it is in the swap cache. */
	if (!anon && !swapcache)
		c->file++;
	if (!anon && (flags & KPF_SWAPBACKED) && !swapcache)
		c->shmem++;
	if (flags & KPF_UNEVICTABLE)
		c->unevictable++;
	else if (flags & KPF_SWAPBACKED)
		*(flags & KPF_ACTIVE ? &c->active_anon : &c->inactive_anon) += 1;
	else
		*(flags & KPF_ACTIVE ? &c->active_file : &c->inactive_file) += 1;
}

/*
 * Folios that wait in the per-CPU batches are on no list, or on one without
 * PG_lru. Asking to move no pages empties the batches of all CPUs.
 */
static void drain(void)
{
	int none = 0;

	if (syscall(SYS_move_pages, 0, 0UL, NULL, &none, &none, 0))
		die("move_pages");
}

/* Pages of a cgroup that is no more are its nearest living ancestor's. */
static bool is_one_of(uint64_t owner, const uint64_t *cgroups, size_t n)
{
	while (n--)
		if (owner == cgroups[n])
			return true;
	return false;
}

int cmd_walk(int argc, char **argv)
{
	static uint64_t owner[FRAMES], flags[FRAMES];
	uint64_t head = 0, cgroups[16];
	int owners, all_flags;
	struct counts c = {};
	struct stat st;
	ssize_t n, i;

	if (argc < 2 || argc > 1 + (int)(sizeof(cgroups) / sizeof(*cgroups)))
		die("walk CGROUP-DIRECTORY...");
	for (i = 1; i < argc; i++) {
		if (stat(argv[i], &st))
			die("%s", argv[i]);
		cgroups[i - 1] = st.st_ino;
	}
	drain();
	owners = open_or_die("/proc/kpagecgroup", O_RDONLY);
	all_flags = open_or_die("/proc/kpageflags", O_RDONLY);
	while ((n = read(owners, owner, sizeof(owner))) > 0) {
		if (read(all_flags, flags, n) != n)
			die("/proc/kpageflags");
		for (i = 0; i < n / (ssize_t)sizeof(*owner); i++) {
			/* A tail page is what its head is. */
			if (flags[i] & KPF_COMPOUND_TAIL)
				;
			else if (is_one_of(owner[i], cgroups, argc - 1) &&
				 !(flags[i] & (KPF_NOPAGE | KPF_SLAB)))
				head = flags[i];
			else
				head = 0;
			if (head) {
				count(&c, head);
				count_kind(head);
			}
		}
	}
	if (n < 0)
		die("/proc/kpagecgroup");
#define PRINT(what) printf(#what " %zu\n", c.what * PAGE)
	PRINT(anon);
	PRINT(file);
	PRINT(shmem);
	PRINT(swapcached);
	PRINT(inactive_anon);
	PRINT(active_anon);
	PRINT(inactive_file);
	PRINT(active_file);
	PRINT(unevictable);
	PRINT(unlisted);
	for (i = 0; i < (ssize_t)(sizeof(kinds) / sizeof(*kinds)); i++)
		if (kinds[i].pages)
			printf("flags_%llx %zu\n", (unsigned long long)kinds[i].flags,
			       kinds[i].pages);
	return 0;
}
