// SPDX-License-Identifier: GPL-2.0
/*
 * Writes what is right, nearly right and not right at all to the files below
 * /sys/kernel/mm/pagedaemon, and knows beforehand what has to become of it: a
 * small model, written from the description of the files and knobs.def, says for
 * each write whether it is taken or with which errno it is refused. What is taken
 * must read back as written; what is refused must change nothing. The model holds
 * all settings, so that nothing changed means: everything reads as the model says.
 *
 * Values of knobs that are computed are not in the model. They are compared with
 * those of another cgroup of the same limit, freshly attached and given the same
 * settings: what counts is what was written last, not how it came to that. One that is
 * measured may change at any time: there, the model has the bounds.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>
#include <pagedaemon/knobs.h>
#include "work.h"

#define PD "/sys/kernel/mm/pagedaemon"
#define CGROUPS "/sys/fs/cgroup"
#define PATH_LEN 256
#define MAX_CGROUPS 8
#define MAX_POLICIES 8
#define MAX_STALE 8
#define INPUT_BYTES (3 * PAGE)

#define CHECK_ALL_EVERY 1000
#define LOG_EVERY 256
/* These take the kernel milliseconds, so that one in so many writes is enough. */
#define ATTACH_EVERY 500
#define TWIN_EVERY 20000

#define PD_KNOB(n, d, lo, hi, u, t) { #n, d, lo, hi },
static const struct knob {
	const char *name;
	uint64_t def, min, max;
} knobs[PD_NR_KNOBS] = {
#include <pagedaemon/knobs.def>
};
#undef PD_KNOB

/* A measured headroom: what tasks take unseen, unless that is above the most. */
#define HEADROOM_LEAST 96
#define HEADROOM_MOST_SHARE 16

/* What a cgroup's settings are to be. */
struct settings {
	bool attached;
	unsigned int policy;
	uint64_t knob[PD_NR_KNOBS];
};

static struct cgroup {
	char path[PATH_LEN + 1];
	char name[PATH_LEN + 1];
	struct settings set;
	uint64_t limit;	/* pages, or UINT64_MAX */
	/* Values in force that were computed, as last read; PD_AUTO: not known. */
	uint64_t computed[PD_NR_KNOBS];
	int policy_fd, state_fd, stats_fd, pairs_fd, knob_fd[PD_NR_KNOBS];
} cgroups[MAX_CGROUPS], twin;

static unsigned int nr_cgroups, nr_policies, nr_stale;
static char policies[MAX_POLICIES][16];
static int stale[MAX_STALE];
static int attach_fd, detach_fd;
static uint64_t state, seed;

enum what { ATTACH, DETACH, POLICY, KNOB, STALE, NR_WHAT };
static const char *const what_names[] = { "attach", "detach", "policy", "knob", "stale" };

/* The write at hand, and all of them. */
static struct input {
	enum what what;
	struct cgroup *cg;
	unsigned int knob;
	int fd;
	size_t len;
	unsigned char text[INPUT_BYTES];
} in;

static struct {
	uint64_t writes, taken[NR_WHAT], refused[NR_WHAT], empty, attaches, detaches,
		switches, checks, twins, reads, log_lines, errors[128];
} count;

__attribute__((noreturn, format(printf, 1, 2)))
static void wrong(const char *fmt, ...)
{
	va_list args;
	size_t i;

	printf("wrong ");
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	printf("\nat_write %" PRIu64 "\nseed %" PRIu64 "\n", count.writes, seed);
	printf("input %s %s%s%s, %zu bytes: ", what_names[in.what], in.cg ? in.cg->path : "",
	       in.what == KNOB ? " " : "", in.what == KNOB ? knobs[in.knob].name : "", in.len);
	for (i = 0; i < in.len && i < 300; i++) {
		if (in.text[i] > ' ' && in.text[i] < 0x7f && in.text[i] != '\\')
			putchar(in.text[i]);
		else
			printf("\\x%02x", in.text[i]);
	}
	putchar('\n');
	exit(EXIT_FAILURE);
}

static uint64_t below(uint64_t n)
{
	return next_random(&state) % n;
}

static bool chance(unsigned int one_in)
{
	return !below(one_in);
}

/* --- Files ---------------------------------------------------------------------- */

static int open_file(const char *dir, const char *sub, const char *name, int flags)
{
	char path[2 * PATH_LEN];

	snprintf(path, sizeof(path), PD "/%s%s%s", dir, sub, name);
	return open_or_die(path, flags);
}

static size_t read_text(int fd, char *buf, size_t size)
{
	ssize_t n = pread(fd, buf, size - 1, 0);

	if (n <= 0)
		wrong("reading: %s", n ? strerror(errno) : "nothing");
	buf[n] = '\0';
	count.reads++;
	return n;
}

static uint64_t read_knob(const struct cgroup *cg, unsigned int k)
{
	char buf[64], *end;
	uint64_t v;

	read_text(cg->knob_fd[k], buf, sizeof(buf));
	v = strtoull(buf, &end, 10);
	if (end == buf || strcmp(end, "\n"))
		wrong("%s of %s reads \"%s\"", knobs[k].name, cg->path, buf);
	return v;
}

/* A file that cannot be opened so is to say EACCES, to root as well. */
static void refuses_open(const char *dir, const char *name, int flags)
{
	char path[2 * PATH_LEN];
	int fd;

	snprintf(path, sizeof(path), PD "/%s/%s", dir, name);
	fd = open(path, flags | O_CLOEXEC);
	if (fd >= 0 || errno != EACCES)
		wrong("opening %s with %#x: %s", path, flags,
		      fd < 0 ? strerror(errno) : "is possible");
}

static void open_files(struct cgroup *cg)
{
	unsigned int k;

	cg->policy_fd = open_file(cg->name, "/", "policy", O_RDWR);
	cg->state_fd = open_file(cg->name, "/", "state", O_RDONLY);
	cg->stats_fd = open_file(cg->name, "/", "stats", O_RDONLY);
	cg->pairs_fd = open_file(cg->name, "/", "pairs", O_RDONLY);
	for (k = 0; k < PD_NR_KNOBS; k++)
		cg->knob_fd[k] = open_file(cg->name, "/knobs/", knobs[k].name, O_RDWR);
	refuses_open(cg->name, "state", O_WRONLY);
	refuses_open(cg->name, "stats", O_RDWR);
	refuses_open(cg->name, "pairs", O_WRONLY | O_TRUNC);
}

/* Some stay open: files of what is detached. */
static void close_or_keep(int fd)
{
	unsigned int i;

	if (!chance(PD_NR_KNOBS / 2)) {
		close(fd);
	} else if (nr_stale < MAX_STALE) {
		stale[nr_stale++] = fd;
	} else {
		i = below(MAX_STALE);
		close(stale[i]);
		stale[i] = fd;
	}
}

static void close_files(struct cgroup *cg)
{
	unsigned int k;

	close(cg->state_fd);
	close(cg->stats_fd);
	close(cg->pairs_fd);
	close_or_keep(cg->policy_fd);
	for (k = 0; k < PD_NR_KNOBS; k++)
		close_or_keep(cg->knob_fd[k]);
}

static void forget_computed(struct cgroup *cg)
{
	memset(cg->computed, 0xff, sizeof(cg->computed));
}

static void now_attached(struct cgroup *cg, unsigned int policy)
{
	unsigned int k;

	cg->set.attached = true;
	cg->set.policy = policy;
	for (k = 0; k < PD_NR_KNOBS; k++)
		cg->set.knob[k] = knobs[k].def;
	forget_computed(cg);
	open_files(cg);
}

static void now_detached(struct cgroup *cg)
{
	cg->set.attached = false;
	close_files(cg);
}

/* --- What must be so ------------------------------------------------------------ */

static bool is_measured(const struct cgroup *cg, unsigned int k)
{
	return k == PD_KNOB_headroom && cg->set.knob[k] == PD_AUTO;
}

static void check_measured(const struct cgroup *cg, unsigned int k, uint64_t v)
{
	uint64_t most = cg->limit / HEADROOM_MOST_SHARE;
	uint64_t least = most < HEADROOM_LEAST ? most : HEADROOM_LEAST;

	if (v < least || v > most)
		wrong("%s of %s is %" PRIu64 ", not between %" PRIu64 " and %" PRIu64,
		      knobs[k].name, cg->path, v, least, most);
}

static void check_knob(struct cgroup *cg, unsigned int k)
{
	uint64_t v = read_knob(cg, k), expected = cg->set.knob[k];

	if (is_measured(cg, k)) {
		check_measured(cg, k, v);
		return;
	}
	if (expected == PD_AUTO) {
		expected = cg->computed[k];
		cg->computed[k] = v;
		if (expected == PD_AUTO)
			return;
	}
	if (v != expected)
		wrong("%s of %s is %" PRIu64 ", not %" PRIu64, knobs[k].name, cg->path, v,
		      expected);
}

static void check_policy(const struct cgroup *cg)
{
	char buf[PAGE], expected[PAGE];
	unsigned int i;
	size_t at = 0;

	read_text(cg->policy_fd, buf, sizeof(buf));
	for (i = 0; i < nr_policies; i++)
		at += sprintf(expected + at, i == cg->set.policy ? "%s[%s]" : "%s%s",
			      i ? " " : "", policies[i]);
	strcpy(expected + at, "\n");
	if (strcmp(buf, expected))
		wrong("policy of %s is %s, not %s", cg->path, buf, expected);
}

static void check_readings(const struct cgroup *cg)
{
	char buf[PAGE + 1], *line, *rest, *end;

	read_text(cg->state_fd, buf, sizeof(buf));
	if (strcmp(buf, "active\n"))
		wrong("state of %s is %s", cg->path, buf);
	read_text(cg->stats_fd, buf, sizeof(buf));
	for (rest = buf; (line = strsep(&rest, "\n")) && *line;) {
		line += strspn(line, "abcdefghijklmnopqrstuvwxyz_");
		if (*line == ' ')
			strtoll(line + 1, &end, 10);
		if (*line != ' ' || end == line + 1 || *end)
			wrong("stats of %s have \"%s\"", cg->path, line);
	}
	read_text(cg->pairs_fd, buf, sizeof(buf));
	if (strncmp(buf, "node ", 5))
		wrong("pairs of %s begin with %s", cg->path, buf);
}

static bool is_root_file(const char *name)
{
	return !strcmp(name, "attach") || !strcmp(name, "detach") ||
	       !strcmp(name, "policies") || !strcmp(name, "hook") || !strcmp(name, "stats") ||
	       name[0] == '.';
}

static void check_directories(void)
{
	unsigned int i, attached = 0, found = 0;
	struct dirent *entry;
	DIR *dir;

	for (i = 0; i < nr_cgroups; i++)
		attached += cgroups[i].set.attached;
	dir = opendir(PD);
	if (!dir)
		wrong("no " PD);
	while ((entry = readdir(dir))) {
		if (is_root_file(entry->d_name))
			continue;
		found++;
		for (i = 0; i < nr_cgroups; i++)
			if (cgroups[i].set.attached && !strcmp(cgroups[i].name, entry->d_name))
				break;
		if (i == nr_cgroups)
			wrong("there is a directory %s", entry->d_name);
	}
	closedir(dir);
	if (found != attached)
		wrong("%u are attached, not %u", found, attached);
}

static void check_settings(struct cgroup *cg)
{
	unsigned int k;

	check_policy(cg);
	for (k = 0; k < PD_NR_KNOBS; k++)
		check_knob(cg, k);
}

static void check_all(void)
{
	unsigned int i;

	count.checks++;
	check_directories();
	for (i = 0; i < nr_cgroups; i++) {
		if (!cgroups[i].set.attached)
			continue;
		check_settings(&cgroups[i]);
		check_readings(&cgroups[i]);
	}
}

static void must_write(int fd, const char *fmt, ...)
{
	char buf[PAGE];
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(buf, sizeof(buf), fmt, args);
	va_end(args);
	if (write(fd, buf, len) != len)
		wrong("setting up the twin: \"%s\" is refused: %s", buf, strerror(errno));
}

/* Is it what another one becomes that is given the same settings? */
static void check_twin(struct cgroup *cg)
{
	static const unsigned int floors[] = { PD_KNOB_anonmin, PD_KNOB_filemin,
					       PD_KNOB_execmin };
	unsigned int k;

	count.twins++;
	must_write(attach_fd, "%s %s", twin.path, policies[below(nr_policies)]);
	open_files(&twin);
	/* Room for the three in any order. */
	for (k = 0; k < 3; k++)
		must_write(twin.knob_fd[floors[k]], "0");
	for (k = 0; k < PD_NR_KNOBS; k++)
		if (cg->set.knob[k] != PD_AUTO)
			must_write(twin.knob_fd[k], "%" PRIu64 "\n", cg->set.knob[k]);
	must_write(twin.policy_fd, "%s", policies[cg->set.policy]);
	for (k = 0; k < PD_NR_KNOBS; k++) {
		if (is_measured(cg, k)) {
			check_measured(&twin, k, read_knob(&twin, k));
			continue;
		}
		if (read_knob(&twin, k) != read_knob(cg, k))
			wrong("%s of %s is %" PRIu64 ", of one with the same settings %" PRIu64,
			      knobs[k].name, cg->path, read_knob(cg, k), read_knob(&twin, k));
	}
	close_files(&twin);
	must_write(detach_fd, "%s\n", twin.path);
}

/* --- The model -------------------------------------------------------------------- */

struct word {
	const unsigned char *at;
	size_t len;
};

/* Words of a line; -1 if it is no line of words. */
static int split(struct word *words, int max)
{
	size_t i, len = in.len;
	bool inside = false;
	int nr = 0;

	if (len >= PAGE)
		return -1;
	if (len && in.text[len - 1] == '\n')
		len--;
	for (i = 0; i < len; i++) {
		unsigned char c = in.text[i];

		if (c == ' ' || c == '\t') {
			inside = false;
			continue;
		}
		if (c < ' ' || c == 0x7f)
			return -1;
		if (!inside) {
			if (nr == max)
				return -1;
			words[nr++] = (struct word){ in.text + i, 0 };
			inside = true;
		}
		words[nr - 1].len++;
	}
	return nr ? nr : -1;
}

/* The path with one slash before each part; false if it is none for us. */
static bool normal_path(const struct word *word, char *path)
{
	char copy[PAGE], *rest = copy, *part;
	size_t len = 0;

	if (word->at[0] != '/')
		return false;
	memcpy(copy, word->at, word->len);
	copy[word->len] = '\0';
	while ((part = strsep(&rest, "/"))) {
		if (!*part)
			continue;
		if (!strcmp(part, ".") || !strcmp(part, ".."))
			return false;
		if (len + 1 + strlen(part) > PATH_LEN)
			return false;
		len += sprintf(path + len, "/%s", part);
	}
	return len > 0;
}

static int find_policy(const struct word *word)
{
	unsigned int i;

	for (i = 0; i < nr_policies; i++)
		if (strlen(policies[i]) == word->len &&
		    !memcmp(policies[i], word->at, word->len))
			return i;
	return -1;
}

static struct cgroup *find_cgroup(const char *path)
{
	unsigned int i;

	for (i = 0; i < nr_cgroups; i++)
		if (!strcmp(cgroups[i].path, path))
			return &cgroups[i];
	return NULL;
}

static bool is_there(const char *path, const char *file)
{
	char full[2 * PATH_LEN];
	struct stat st;

	snprintf(full, sizeof(full), CGROUPS "%s%s", path, file);
	return !stat(full, &st) && (*file || S_ISDIR(st.st_mode));
}

/* Each of these returns 0 or an errno, and what the write is to do. */
static int predict_attach(struct cgroup **cgp, unsigned int *policy)
{
	char path[PATH_LEN + 1];
	struct word words[2];
	unsigned int i;
	int nr, found;

	nr = split(words, 2);
	if (nr < 0 || !normal_path(&words[0], path))
		return EINVAL;
	*policy = 0;
	if (nr == 2) {
		found = find_policy(&words[1]);
		if (found < 0)
			return EINVAL;
		*policy = found;
	}
	if (!is_there(path, ""))
		return ENOENT;
	if (!is_there(path, "/memory.max"))
		return ENODEV;
	*cgp = find_cgroup(path);
	if (!*cgp)
		wrong("no cgroup of ours: %s", path);
	for (i = 0; i < nr_cgroups; i++)
		if (cgroups[i].set.attached && !strcmp(cgroups[i].name, (*cgp)->name))
			return EEXIST;
	return 0;
}

static int predict_detach(struct cgroup **cgp)
{
	char path[PATH_LEN + 1];
	struct word word;

	if (split(&word, 1) < 0 || !normal_path(&word, path))
		return EINVAL;
	*cgp = find_cgroup(path);
	return *cgp && (*cgp)->set.attached ? 0 : ENOENT;
}

static int predict_policy(unsigned int *policy)
{
	struct word word;
	int found;

	if (split(&word, 1) < 0)
		return EINVAL;
	found = find_policy(&word);
	*policy = found;
	return found < 0 ? EINVAL : 0;
}

static int predict_knob(uint64_t *value)
{
	const struct knob *k = &knobs[in.knob];
	uint64_t floors = 0, v = 0;
	unsigned int i;
	size_t len = in.len;

	if (len >= PAGE)
		return EINVAL;
	if (len && in.text[len - 1] == '\n')
		len--;
	if (len == 4 && !memcmp(in.text, "auto", 4)) {
		v = k->def;
	} else {
		if (!len)
			return EINVAL;
		for (i = 0; i < len; i++) {
			if (in.text[i] < '0' || in.text[i] > '9')
				return EINVAL;
			if (__builtin_mul_overflow(v, 10, &v) ||
			    __builtin_add_overflow(v, in.text[i] - '0', &v))
				v = UINT64_MAX;
			if (v > k->max)
				return EINVAL;
		}
		if (v < k->min)
			return EINVAL;
	}
	for (i = PD_KNOB_anonmin; i <= PD_KNOB_execmin; i++)
		floors += i == in.knob ? v : in.cg->set.knob[i];
	if (in.knob >= PD_KNOB_anonmin && in.knob <= PD_KNOB_execmin && floors > 95)
		return EINVAL;
	*value = v;
	return 0;
}

/* --- Input ------------------------------------------------------------------------ */

static void put(const void *bytes, size_t len)
{
	if (len > INPUT_BYTES - in.len)
		len = INPUT_BYTES - in.len;
	memcpy(in.text + in.len, bytes, len);
	in.len += len;
}

static void put_text(const char *s)
{
	put(s, strlen(s));
}

static void put_number(uint64_t v)
{
	char buf[24];

	put(buf, sprintf(buf, "%" PRIu64, v));
}

static size_t odd_length(void)
{
	switch (below(8)) {
	case 0:
		return PAGE - 2 + below(5);
	case 1:
		return below(INPUT_BYTES);
	default:
		return below(40);
	}
}

static void put_random(void)
{
	size_t n = odd_length();

	while (n--) {
		unsigned char c = next_random(&state) >> 11;

		put(&c, 1);
	}
}

static void put_repeated(char c, size_t n)
{
	while (n--)
		put(&c, 1);
}

static void put_value(const struct knob *k)
{
	static const uint64_t odd[] = { 0, 1, 2, 95, 100, 1ULL << 32, 1ULL << 40, 1ULL << 63,
					UINT64_MAX, UINT64_MAX - 1 };

	switch (below(8)) {
	case 0:
		put_text("auto");
		break;
	case 1:
		put_number(k->min - 1 + below(3));
		break;
	case 2:
		put_number(k->max - 1 + below(3));
		break;
	case 3:
		put_number(odd[below(sizeof(odd) / sizeof(*odd))]);
		break;
	case 4:
		/* Computed ones are of this size. */
		put_number(k->min + below(k->max - k->min < 4096 ? k->max - k->min + 1 : 4096));
		break;
	case 5:
		put_repeated('0', odd_length());
		/* fall through */
	default:
		put_number(k->min + below(k->max - k->min + 1));
	}
}

static void put_path(void)
{
	const struct cgroup *cg = &cgroups[below(nr_cgroups)];

	switch (below(10)) {
	case 0:
		put_text(cg->name);
		break;
	case 1:
		put_text(cg->path);
		put_text("/memory.max");
		break;
	case 2:
		put_text("/");
		put_repeated('x', 250 + below(10));
		break;
	case 3:
		put_text("//");
		put_text(cg->path + 1);
		put_text("///");
		break;
	case 4:
		put_text("/../..");
		put_text(cg->path);
		break;
	default:
		put_text(cg->path);
	}
}

/* Something that might be right there. */
static void put_valid(enum what what)
{
	switch (what) {
	case ATTACH:
	case DETACH:
		put_path();
		if (what == ATTACH && chance(2)) {
			put_text(" ");
			put_text(policies[below(nr_policies)]);
		}
		break;
	case POLICY:
		put_text(policies[below(nr_policies)]);
		break;
	default:
		put_value(what == KNOB ? &knobs[in.knob] : &knobs[below(PD_NR_KNOBS)]);
	}
	if (chance(2))
		put_text("\n");
}

static void mutate(void)
{
	static const char bytes[] = { 0, 1, '\t', '\n', ' ', '%', '+', '-', '.', '/', '0', '\\',
				      0x1b, 0x7f, (char)0x80, (char)0xff };
	size_t at = in.len ? below(in.len) : 0, n, old = in.len;
	unsigned char c = bytes[below(sizeof(bytes))];

	switch (below(7)) {
	case 0:
		if (in.len)
			in.text[at] ^= 1 << below(8);
		break;
	case 1:
		in.len = at;
		break;
	case 2:
		if (in.len)
			in.text[at] = c;
		break;
	case 3:
		put(&c, 1);
		memmove(in.text + at + 1, in.text + at, in.len - 1 - at);
		in.text[at] = c;
		break;
	case 4:
		put_valid(below(STALE));
		break;
	case 5:
		/* All of it again, and again. */
		for (n = below(4) ? 1 : below(PAGE); n-- && in.len < INPUT_BYTES;)
			put(in.text, old);
		break;
	case 6:
		put_repeated(c, odd_length());
		break;
	}
}

static void generate(void)
{
	struct cgroup *cg = &cgroups[below(nr_cgroups)];
	unsigned int kind = below(16), n;

	for (n = 0; n < 3 && !cg->set.attached; n++)
		cg = &cgroups[below(nr_cgroups)];
	in.len = 0;
	in.cg = NULL;
	in.fd = -1;
	if (kind == 0 && nr_stale) {
		in.what = STALE;
		in.fd = stale[below(nr_stale)];
	} else if (kind < 3 || !cg->set.attached) {
		in.what = chance(2) ? ATTACH : DETACH;
		in.fd = in.what == ATTACH ? attach_fd : detach_fd;
	} else if (kind < 5) {
		in.what = POLICY;
		in.cg = cg;
		in.fd = cg->policy_fd;
	} else {
		in.what = KNOB;
		in.cg = cg;
		in.knob = below(PD_NR_KNOBS);
		in.fd = cg->knob_fd[in.knob];
	}
	switch (below(8)) {
	case 0:
		put_random();
		break;
	case 1:
		put_valid(below(STALE));
		break;
	case 2:
	case 3:
		put_valid(in.what);
		break;
	default:
		put_valid(in.what);
		for (n = 1 + below(3); n--;)
			mutate();
	}
}

/* One write, in one of the ways there are, which all mean the same. */
static ssize_t write_input(void)
{
	struct iovec parts[2];
	size_t cut;

	switch (below(8)) {
	case 0:
		return pwrite(in.fd, in.text, in.len, below(1ULL << (1 + below(62))));
	case 1:
		cut = below(in.len + 1);
		parts[0] = (struct iovec){ in.text, cut };
		parts[1] = (struct iovec){ in.text + cut, in.len - cut };
		return writev(in.fd, parts, 2);
	default:
		return pwrite(in.fd, in.text, in.len, 0);
	}
}

static void read_oddly(void)
{
	char buf[2 * PAGE];
	ssize_t n = pread(in.fd, buf, 1 + below(sizeof(buf)), below(1ULL << below(20)));

	count.reads++;
	if (n < 0 && in.what != STALE)
		wrong("reading: %s", strerror(errno));
	if (n >= 0 && in.what == STALE)
		wrong("a file of what is detached could be read");
}

static bool memory_is_short(enum what what, int err)
{
	return err == ENOMEM && what != KNOB;
}

static void one_write(void)
{
	unsigned int policy = 0;
	struct cgroup *cg = NULL;
	uint64_t value = 0;
	int expected = 0;
	ssize_t n;

	for (;;) {
		generate();
		switch (in.what) {
		case ATTACH:
			expected = predict_attach(&cg, &policy);
			break;
		case DETACH:
			expected = predict_detach(&cg);
			break;
		case POLICY:
			expected = predict_policy(&policy);
			break;
		case KNOB:
			expected = predict_knob(&value);
			break;
		default:
			expected = ENODEV;
		}
		if (in.what > DETACH || expected)
			break;
		/* Most of the time most of them are to be attached. */
		if (count.writes >= ATTACH_EVERY * (count.attaches + count.detaches) &&
		    (in.what == ATTACH || chance(4)))
			break;
	}
	count.writes++;
	errno = 0;
	n = write_input();
	if (!in.len) {
		/* Ends in the kernel's own code, and before it asks whether it is detached. */
		count.empty++;
		if (n >= 0)
			expected = 0;
	}
	if (n < 0 && errno != expected && !memory_is_short(in.what, errno))
		wrong("refused with %s, not %s", strerrorname_np(errno),
		      expected ? strerrorname_np(expected) : "taken");
	if (n >= 0 && expected)
		wrong("taken, should be refused with %s", strerrorname_np(expected));
	if (n >= 0 && n != (ssize_t)in.len)
		wrong("%zd bytes of %zu taken", n, in.len);
	if (n < 0) {
		count.refused[in.what]++;
		count.errors[errno]++;
	} else if (in.len) {
		count.taken[in.what]++;
		switch (in.what) {
		case ATTACH:
			count.attaches++;
			now_attached(cg, policy);
			check_policy(cg);
			break;
		case DETACH:
			count.detaches++;
			now_detached(cg);
			break;
		case POLICY:
			count.switches += in.cg->set.policy != policy;
			in.cg->set.policy = policy;
			forget_computed(in.cg);
			break;
		case KNOB:
			in.cg->set.knob[in.knob] = value;
			forget_computed(in.cg);
			break;
		default:
			break;
		}
	}
	if (in.what == POLICY)
		check_policy(in.cg);
	if (in.what == KNOB)
		check_knob(in.cg, in.knob);
	if (in.what >= POLICY && chance(16))
		read_oddly();
}

/* --- The log ---------------------------------------------------------------------- */

/*
 * The kernel shows control characters of a line as \x1b; what the module shows of
 * what it was given must be made harmless by itself, for whoever reads the console.
 */
static void check_log_line(const char *line)
{
	const char *p = line;
	unsigned int code;

	while ((p = strstr(p, "\\x"))) {
		if (sscanf(p, "\\x%2x", &code) != 1 || code < ' ' ||
		    (code >= 0x7f && code < 0xa0))
			wrong("a line of the log has a control character: %s", line);
		p += 2;
	}
}

static void read_log(int fd)
{
	char buf[8192], *text;
	ssize_t n;

	for (;;) {
		n = read(fd, buf, sizeof(buf) - 1);
		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0)
			wrong("reading the log: %s", strerror(errno));
		buf[n] = '\0';
		text = strchr(buf, ';');
		if (!text)
			continue;
		text++;
		text[strcspn(text, "\n")] = '\0';
		if (strncmp(text, "pagedaemon: ", 12) && !strstr(text, "callbacks suppressed"))
			continue;
		count.log_lines++;
		check_log_line(text);
	}
}

static void read_policies(void)
{
	char buf[PAGE], *rest = buf, *name;
	int fd = open_file("", "", "policies", O_RDONLY);

	read_text(fd, buf, sizeof(buf));
	close(fd);
	buf[strcspn(buf, "\n")] = '\0';
	while ((name = strsep(&rest, " "))) {
		if (nr_policies == MAX_POLICIES || strlen(name) >= sizeof(policies[0]))
			die("more policies than expected");
		strcpy(policies[nr_policies++], name);
	}
}

static uint64_t read_limit(const struct cgroup *cg)
{
	char path[2 * PATH_LEN], buf[32];
	int fd;

	snprintf(path, sizeof(path), CGROUPS "%s/memory.max", cg->path);
	/* Without a memory controller it cannot be attached. */
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return UINT64_MAX;
	read_text(fd, buf, sizeof(buf));
	close(fd);
	return strncmp(buf, "max", 3) ? strtoull(buf, NULL, 10) / PAGE : UINT64_MAX;
}

static void name_cgroup(struct cgroup *cg, const char *path)
{
	char *p;

	if (strlen(path) > PATH_LEN || !is_there(path, ""))
		die("no such cgroup: %s", path);
	strcpy(cg->path, path);
	strcpy(cg->name, path + 1);
	for (p = cg->name; *p; p++)
		if (*p == '/')
			*p = '!';
	cg->limit = read_limit(cg);
}

int cmd_fuzz(int argc, char **argv)
{
	uint64_t writes, seconds, begin, us, limit;
	struct cgroup *cg;
	int i, log_fd;

	if (argc < 6 || argc - 5 > MAX_CGROUPS)
		die("fuzz WRITES SECONDS SEED TWIN CGROUP...");
	writes = parse_number(argv[1]);
	seconds = parse_number(argv[2]);
	seed = parse_number(argv[3]);
	if (!seed)
		seed = now_us() | 1;
	printf("seed %" PRIu64 "\n", seed);
	state = seed;
	name_cgroup(&twin, argv[4]);
	for (i = 5; i < argc; i++)
		name_cgroup(&cgroups[nr_cgroups++], argv[i]);
	attach_fd = open_file("", "", "attach", O_WRONLY);
	detach_fd = open_file("", "", "detach", O_WRONLY);
	read_policies();
	refuses_open(".", "attach", O_RDONLY);
	refuses_open(".", "detach", O_RDWR);
	refuses_open(".", "stats", O_WRONLY);
	refuses_open(".", "policies", O_WRONLY);
	refuses_open(".", "hook", O_RDWR);
	log_fd = open_or_die("/dev/kmsg", O_RDONLY | O_NONBLOCK);
	lseek(log_fd, 0, SEEK_END);

	stop_on_signal();
	begin = now_us();
	/* No writes: as many as come. 0 seconds: until all are done. */
	while (!stop_requested && (!writes || count.writes < writes) &&
	       (!seconds || now_us() - begin < seconds * 1000000)) {
		one_write();
		if (count.writes % LOG_EVERY == 0)
			read_log(log_fd);
		if (count.writes % CHECK_ALL_EVERY == 0)
			check_all();
		cg = &cgroups[below(nr_cgroups)];
		if (count.writes % TWIN_EVERY == 0 && cg->set.attached)
			check_twin(cg);
	}
	check_all();
	for (cg = cgroups; cg < cgroups + nr_cgroups; cg++)
		if (cg->set.attached)
			check_twin(cg);
	us = now_us() - begin;
	read_log(log_fd);
	/* 100 in five seconds, and a line that tells of those held back. */
	limit = (us / 5000000 + 2) * 101;
	if (count.log_lines > limit)
		wrong("%" PRIu64 " lines in the log, more than %" PRIu64, count.log_lines, limit);

	printf("writes %" PRIu64 "\nelapsed_us %" PRIu64 "\n", count.writes, us);
	for (i = 0; i < NR_WHAT; i++)
		printf("taken_%s %" PRIu64 "\nrefused_%s %" PRIu64 "\n", what_names[i],
		       count.taken[i], what_names[i], count.refused[i]);
	for (i = 0; i < (int)(sizeof(count.errors) / sizeof(*count.errors)); i++)
		if (count.errors[i])
			printf("%s %" PRIu64 "\n", strerrorname_np(i), count.errors[i]);
	printf("empty %" PRIu64 "\nswitches %" PRIu64 "\nreads %" PRIu64 "\nchecks %" PRIu64
	       "\ntwins %" PRIu64 "\nlog_lines %" PRIu64 "\n",
	       count.empty, count.switches, count.reads, count.checks, count.twins,
	       count.log_lines);
	return 0;
}
