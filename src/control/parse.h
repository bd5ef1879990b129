/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From what users write to values: pure functions of text. Builds in user space
 * too, for the fuzzer.
 */
#ifndef PD_PARSE_H
#define PD_PARSE_H

#include <linux/limits.h>
#include <linux/types.h>
#include <pagedaemon/knobs.h>
#include <pagedaemon/policy.h>

/* A cgroup's path is a directory name in sysfs, with one more '/' before it. */
#define PD_PATH_LEN (NAME_MAX + 1)

/* What a refusal of a path says it wants. */
#define PD_EXAMPLE "an existing cgroup v2 path such as /app/db"

/**
 * struct pd_refusal - why something was refused
 * @text: "what is wrong; expected what would be right", no newline, and none of
 *        the user's bytes
 */
struct pd_refusal {
	char text[224];
};

/**
 * pd_refuse() - fill in a refusal
 * @why: filled in
 * @err: negative errno
 * @fmt: printf format of the text
 *
 * Context: any.
 * Return: @err.
 */
__printf(3, 4)
int pd_refuse(struct pd_refusal *why, int err, const char *fmt, ...);

/**
 * struct pd_target - what a line written to attach or detach means
 * @path: cgroup path with a '/' before each component, no other one
 * @policy: the policy named, or the first there is
 */
struct pd_target {
	char path[PD_PATH_LEN + 1];
	const struct pd_policy *policy;
};

/**
 * struct pd_knob_desc - a line of knobs.def
 * @name: file name
 * @unit: unit
 * @def: default; PD_AUTO for a computed one
 * @min: least value
 * @max: greatest value
 */
struct pd_knob_desc {
	const char *name;
	const char *unit;
	u64 def;
	u64 min;
	u64 max;
};

extern const struct pd_knob_desc pd_knob_descs[PD_NR_KNOBS];

/**
 * pd_parse_attach() - read "CGROUP-PATH [POLICY]"
 * @text: what was written; one newline at the end is ignored
 * @len: its length
 * @target: filled in
 * @why: filled in on error
 *
 * Words are separated by blanks or tabs, so a path with one in it cannot be
 * named; nor can one with control characters.
 *
 * Context: any.
 * Return: 0 or -EINVAL.
 */
int pd_parse_attach(const char *text, size_t len, struct pd_target *target,
		    struct pd_refusal *why);

/**
 * pd_parse_path() - read "CGROUP-PATH"
 * @text: what was written; one newline at the end is ignored
 * @len: its length
 * @target: path filled in
 * @why: filled in on error
 *
 * Context: any.
 * Return: 0 or -EINVAL.
 */
int pd_parse_path(const char *text, size_t len, struct pd_target *target,
		  struct pd_refusal *why);

/**
 * pd_parse_policy() - read the name of a policy
 * @text: what was written; one newline at the end is ignored
 * @len: its length
 * @policy: set to the policy
 * @why: filled in on error
 *
 * Context: any.
 * Return: 0 or -EINVAL.
 */
int pd_parse_policy(const char *text, size_t len,
		    const struct pd_policy **policy, struct pd_refusal *why);

/**
 * pd_parse_knob() - read the value of a knob
 * @id: which knob
 * @text: decimal digits or "auto"; one newline at the end is ignored
 * @len: its length
 * @value: set to the number; for "auto" to the default, which may be PD_AUTO
 * @why: filled in on error
 *
 * Context: any.
 * Return: 0 or -EINVAL.
 */
int pd_parse_knob(enum pd_knob_id id, const char *text, size_t len, u64 *value,
		  struct pd_refusal *why);

/**
 * pd_parse_word() - read a word that is one of a list
 * @text: terminated string
 * @words: words, NULL at the end
 * @why: filled in on error
 *
 * Context: any.
 * Return: index of the word or -EINVAL.
 */
int pd_parse_word(const char *text, const char *const *words,
		  struct pd_refusal *why);

/**
 * pd_path_to_name() - make a directory name of a cgroup's path
 * @path: normalised, as in struct pd_target
 * @name: filled in, NAME_MAX + 1 bytes: no leading '/', the others as '!'
 *
 * Two paths can give one name ("/a/b" and "/a!b").
 *
 * Context: any.
 */
void pd_path_to_name(const char *path, char *name);

#endif
