// SPDX-License-Identifier: GPL-2.0
/*
 * Two tenants of one limit, each in a cgroup of its own: one reads a file at random, of
 * the size of the limit and by Zipf's distribution, the other one reads a file of four
 * times that from end to end. They take turns, so that there is one order of accesses.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include "bench.h"

/* Accesses of a turn. */
#define TURN (4 * BENCH_CHUNK)

struct tenant {
	const char *name;
	struct bench_object *object;
	struct bench_zipf *zipf;	/* NULL: it streams */
	int mine[2];			/* pipe that says it is our turn */
};

static void take_turn(struct bench *b, const struct tenant *t)
{
	size_t i;

	for (i = 0; i < TURN; i += t->zipf ? 1 : BENCH_CHUNK) {
		if (t->zipf)
			bench_touch(b, t->object, bench_zipf_next(b, t->zipf), false);
		else
			bench_chunk(b, t->object);
	}
}

static void enter(struct bench *b, const struct tenant *t)
{
	char path[512];
	int fd;

	snprintf(path, sizeof(path), "%s/%s/cgroup.procs", b->cgroup, t->name);
	fd = open_or_die(path, O_WRONLY);
	if (write(fd, "0", 1) != 1)
		die("%s", path);
	close(fd);
}

static pid_t start(struct bench *b, const struct tenant *t, const struct tenant *next,
		   size_t turns)
{
	pid_t pid = fork();
	char token;

	if (pid < 0)
		die("fork");
	if (pid)
		return pid;
	enter(b, t);
	/* With the other's copies open its end would go unnoticed. */
	close(t->mine[1]);
	close(next->mine[0]);
	while (turns--) {
		if (read(t->mine[0], &token, 1) != 1)
			die("%s: the other tenant is gone", t->name);
		take_turn(b, t);
		/* Of the last token nobody takes notice. */
		if (write(next->mine[1], "", 1) != 1 && turns)
			die("%s: cannot pass the turn", t->name);
	}
	_exit(0);
}

void bench_tenants(struct bench *b)
{
	struct bench_zipf zipf;
	struct tenant t[2] = {
		{ .name = "database", .zipf = &zipf },
		{ .name = "backup" },
	};
	size_t turns = 6 * b->frames / TURN, i;
	pid_t pids[2];
	int status;

	t[0].object = bench_file(b, BENCH_PREAD, "data", b->frames);
	t[1].object = bench_file(b, BENCH_STREAM, "stream", 4 * b->frames);
	bench_zipf_init(b, &zipf, b->frames);
	if (b->print) {
		for (i = 0; i < 2 * turns; i++)
			take_turn(b, &t[i % 2]);
		return;
	}
	errno = 0;
	if (!b->cgroup)
		die("cgroup= is missing");
	if (pipe(t[0].mine) || pipe(t[1].mine))
		die("pipe");
	signal(SIGPIPE, SIG_IGN);
	for (i = 0; i < 2; i++)
		pids[i] = start(b, &t[i], &t[!i], turns);
	if (write(t[0].mine[1], "", 1) != 1)
		die("the first turn");
	for (i = 0; i < 2; i++) {
		close(t[i].mine[0]);
		close(t[i].mine[1]);
	}
	for (i = 0; i < 2; i++) {
		errno = 0;
		if (waitpid(pids[i], &status, 0) != pids[i] || status)
			die("tenant %s ended with %d", t[i].name, status);
	}
	b->accesses = 2 * turns * TURN;
}
