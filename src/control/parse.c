// SPDX-License-Identifier: GPL-2.0
/*
 * What users write, made into values. Nothing in here looks at the system or
 * changes anything, and no input is too odd: every byte is looked at once.
 */
#include "parse.h"
#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/stdarg.h>
#include <linux/string.h>

#define PD_KNOB(n, d, lo, hi, u, t)                                            \
	{ .name = #n, .unit = u, .def = d, .min = lo, .max = hi },
const struct pd_knob_desc pd_knob_descs[PD_NR_KNOBS] = {
#include <pagedaemon/knobs.def>
};
#undef PD_KNOB

/* PD_AUTO is out of bounds everywhere, so no number can be taken for it. */
#define PD_KNOB(n, d, lo, hi, u, t)                                            \
	static_assert((u64)(lo) <= (hi) && (hi) < PD_AUTO);                    \
	static_assert((d) == PD_AUTO || ((u64)(d) >= (lo) && (d) <= (hi)));
#include <pagedaemon/knobs.def>
#undef PD_KNOB

struct pd_word {
	const char *at;
	size_t len;
};

int pd_refuse(struct pd_refusal *why, int err, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vscnprintf(why->text, sizeof(why->text), fmt, args);
	va_end(args);
	return err;
}

static size_t pd_strip_newline(const char *text, size_t len)
{
	return len && text[len - 1] == '\n' ? len - 1 : len;
}

static bool pd_is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Split into at most @max words; returns how many, or -EINVAL. */
static int pd_split(const char *text, size_t len, struct pd_word *words,
		    int max, const char *expected, struct pd_refusal *why)
{
	size_t i = 0, start;
	int nr = 0;

	/* sysfs cuts what is longer than a page; a full one may have been cut. */
	if (len >= PAGE_SIZE)
		return pd_refuse(why, -EINVAL,
				 "longer than %lu bytes; expected %s",
				 PAGE_SIZE - 1, expected);
	len = pd_strip_newline(text, len);
	for (;;) {
		while (i < len && pd_is_blank(text[i]))
			i++;
		if (i == len)
			break;
		start = i;
		for (; i < len && !pd_is_blank(text[i]); i++)
			if ((u8)text[i] < ' ' || text[i] == 0x7f)
				return pd_refuse(why, -EINVAL,
						 "has a control character in it; expected %s",
						 expected);
		if (nr == max)
			return pd_refuse(why, -EINVAL,
					 "has too many words; expected %s",
					 expected);
		words[nr++] = (struct pd_word){ text + start, i - start };
	}
	if (!nr)
		return pd_refuse(why, -EINVAL,
				 "is empty; expected %s", expected);
	return nr;
}

/* Check a path and copy it with the superfluous slashes left out. */
static int pd_normalise(const struct pd_word *word, char *path,
			struct pd_refusal *why)
{
	size_t i = 0, start, n, out = 0;

	if (word->at[0] != '/')
		return pd_refuse(why, -EINVAL,
				 "is not an absolute path; expected " PD_EXAMPLE);
	while (i < word->len) {
		while (i < word->len && word->at[i] == '/')
			i++;
		start = i;
		while (i < word->len && word->at[i] != '/')
			i++;
		n = i - start;
		if (!n)
			break;
		if (word->at[start] == '.' &&
		    (n == 1 || (n == 2 && word->at[start + 1] == '.')))
			return pd_refuse(why, -EINVAL,
					 "has . or .. in its path; expected " PD_EXAMPLE);
		if (out + 1 + n > PD_PATH_LEN)
			return pd_refuse(why, -EINVAL,
					 "has a path of more than %d bytes, too long for a directory name; expected a shorter one",
					 PD_PATH_LEN);
		path[out++] = '/';
		memcpy(path + out, word->at + start, n);
		out += n;
	}
	path[out] = '\0';
	if (!out)
		return pd_refuse(why, -EINVAL,
				 "is the root cgroup, which has no limit; expected " PD_EXAMPLE);
	return 0;
}

static int pd_find_policy(const struct pd_word *word,
			  const struct pd_policy **policy,
			  struct pd_refusal *why)
{
	const struct pd_policy *p;
	size_t at;
	u32 i;

	*policy = pd_policy_find(word->at, word->len);
	if (*policy)
		return 0;
	pd_refuse(why, -EINVAL, "unknown policy; expected one of");
	at = strlen(why->text);
	for (i = 0; (p = pd_policy_at(i)); i++)
		at += scnprintf(why->text + at, sizeof(why->text) - at, " %s",
				p->name);
	return -EINVAL;
}

int pd_parse_attach(const char *text, size_t len, struct pd_target *target,
		    struct pd_refusal *why)
{
	struct pd_word words[2];
	int nr, err;

	nr = pd_split(text, len, words, 2, "CGROUP-PATH [POLICY]", why);
	if (nr < 0)
		return nr;
	err = pd_normalise(&words[0], target->path, why);
	if (err)
		return err;
	target->policy = pd_policy_at(0);
	return nr == 2 ? pd_find_policy(&words[1], &target->policy, why) : 0;
}

int pd_parse_path(const char *text, size_t len, struct pd_target *target,
		  struct pd_refusal *why)
{
	struct pd_word word;
	int nr;

	nr = pd_split(text, len, &word, 1, "CGROUP-PATH", why);
	if (nr < 0)
		return nr;
	target->policy = pd_policy_at(0);
	return pd_normalise(&word, target->path, why);
}

int pd_parse_policy(const char *text, size_t len,
		    const struct pd_policy **policy, struct pd_refusal *why)
{
	struct pd_word word;
	int nr;

	nr = pd_split(text, len, &word, 1, "the name of a policy", why);
	if (nr < 0)
		return nr;
	return pd_find_policy(&word, policy, why);
}

int pd_parse_knob(enum pd_knob_id id, const char *text, size_t len, u64 *value,
		  struct pd_refusal *why)
{
	const struct pd_knob_desc *desc = &pd_knob_descs[id];
	const char *wrong = NULL;
	u64 v = 0;
	size_t i;

	/* As in pd_split(): of a number that was cut, the rest would be lost. */
	if (len >= PAGE_SIZE)
		wrong = "is longer than a page";
	len = pd_strip_newline(text, len);
	if (len == 4 && !memcmp(text, "auto", 4)) {
		*value = desc->def;
		return 0;
	}
	if (!len)
		wrong = "is empty";
	for (i = 0; i < len && !wrong; i++) {
		u8 digit = text[i] - '0';

		if (digit > 9)
			wrong = "is not a decimal number";
		/* Stays above the maximum once it is, so it cannot wrap round. */
		else if (v <= desc->max)
			v = v * 10 + digit;
	}
	if (!wrong && (v < desc->min || v > desc->max))
		wrong = "is out of bounds";
	if (wrong)
		return pd_refuse(why, -EINVAL,
				 "%s; expected %llu to %llu (%s) or auto",
				 wrong, desc->min, desc->max, desc->unit);
	*value = v;
	return 0;
}

int pd_parse_word(const char *text, const char *const *words,
		  struct pd_refusal *why)
{
	size_t at;
	int i;

	for (i = 0; words[i]; i++)
		if (!strcmp(text, words[i]))
			return i;
	pd_refuse(why, -EINVAL, "unknown; expected one of");
	at = strlen(why->text);
	for (i = 0; words[i]; i++)
		at += scnprintf(why->text + at, sizeof(why->text) - at, " %s",
				words[i]);
	return -EINVAL;
}

void pd_path_to_name(const char *path, char *name)
{
	strscpy(name, path + 1, NAME_MAX + 1);
	strreplace(name, '/', '!');
}
