// SPDX-License-Identifier: GPL-2.0
/* What users write: knob values, attach lines, names. Tables of the well and ill formed. */
#include "../src/control/control.h"
#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

/* A literal with its length, so that a NUL can be in it. */
#define TEXT(s) .text = (s), .len = sizeof(s) - 1

struct pd_text_case {
	const char *name;
	const char *text;
	size_t len;
	const char *expect;	/* a path or policy; NULL: refused */
	const char *why;	/* part of the refusal */
};

static const struct pd_text_case pd_path_cases[] = {
	{ "a path", TEXT("/app"), "/app" },
	{ "a newline at its end", TEXT("/app/db\n"), "/app/db" },
	{ "superfluous slashes", TEXT("//app///db/"), "/app/db" },
	{ "blanks around", TEXT(" \t/app \n"), "/app" },
	{ "names that start with dots", TEXT("/.a/..b/..."), "/.a/..b/..." },
	{ "bytes above 0x7f", TEXT("/\xc3\xa4pp"), "/\xc3\xa4pp" },
	{ "nothing", TEXT(""), NULL, "empty" },
	{ "a newline only", TEXT("\n"), NULL, "empty" },
	{ "blanks only", TEXT(" \t \n"), NULL, "empty" },
	{ "two newlines", TEXT("/app\n\n"), NULL, "control character" },
	{ "a NUL at its end", TEXT("/app\0"), NULL, "control character" },
	{ "a NUL in it", TEXT("/a\0b"), NULL, "control character" },
	{ "an escape character", TEXT("/a\033b"), NULL, "control character" },
	{ "a DEL", TEXT("/a\x7f"), NULL, "control character" },
	{ "a relative path", TEXT("app/db"), NULL, "absolute" },
	{ "a name with !", TEXT("app!db"), NULL, "absolute" },
	{ "the root", TEXT("/"), NULL, "root" },
	{ "the root with more slashes", TEXT("///\n"), NULL, "root" },
	{ "dot", TEXT("/app/."), NULL, ". or .." },
	{ "dot dot", TEXT("/app/../db"), NULL, ". or .." },
	{ "three words", TEXT("/app freebsd again"), NULL, "too many words" },
};

static void path_is_normalised_or_refused(struct kunit *test)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(pd_path_cases); i++) {
		const struct pd_text_case *c = &pd_path_cases[i];
		struct pd_target target = {};
		struct pd_refusal why = {};
		int err = pd_parse_attach(c->text, c->len, &target, &why);

		if (c->expect) {
			KUNIT_EXPECT_EQ_MSG(test, err, 0, "%s: %s", c->name, why.text);
			KUNIT_EXPECT_STREQ(test, target.path, c->expect);
			KUNIT_EXPECT_PTR_EQ(test, target.policy, pd_policy_at(0));
		} else {
			KUNIT_EXPECT_EQ_MSG(test, err, -EINVAL, "%s", c->name);
			KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(why.text, c->why),
						  "%s: %s", c->name, why.text);
			KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(why.text, "; expected "),
						  "%s: %s", c->name, why.text);
		}
	}
}

static void detach_line_has_no_policy(struct kunit *test)
{
	struct pd_target target = {};
	struct pd_refusal why = {};

	KUNIT_EXPECT_EQ(test, pd_parse_path("/app\n", 5, &target, &why), 0);
	KUNIT_EXPECT_STREQ(test, target.path, "/app");
	KUNIT_EXPECT_EQ(test, pd_parse_path("/app freebsd", 12, &target, &why), -EINVAL);
	KUNIT_EXPECT_EQ(test, pd_parse_path("", 0, &target, &why), -EINVAL);
}

static void longest_path_fits_a_directory_name(struct kunit *test)
{
	char *text = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	char *name = kunit_kzalloc(test, NAME_MAX + 1, GFP_KERNEL);
	struct pd_target target = {};
	struct pd_refusal why = {};

	KUNIT_ASSERT_NOT_NULL(test, text);
	KUNIT_ASSERT_NOT_NULL(test, name);
	memset(text, 'a', PAGE_SIZE);
	text[0] = '/';
	text[100] = '/';
	KUNIT_EXPECT_EQ(test, pd_parse_attach(text, NAME_MAX + 1, &target, &why), 0);
	KUNIT_EXPECT_EQ(test, strlen(target.path), (size_t)NAME_MAX + 1);
	pd_path_to_name(target.path, name);
	KUNIT_EXPECT_EQ(test, strlen(name), (size_t)NAME_MAX);
	KUNIT_EXPECT_EQ(test, pd_parse_attach(text, NAME_MAX + 2, &target, &why), -EINVAL);
	KUNIT_EXPECT_NOT_NULL(test, strstr(why.text, "too long"));
	KUNIT_EXPECT_EQ(test, pd_parse_attach(text, PAGE_SIZE - 1, &target, &why), -EINVAL);
	KUNIT_EXPECT_EQ(test, pd_parse_attach(text, PAGE_SIZE, &target, &why), -EINVAL);
	KUNIT_EXPECT_NOT_NULL(test, strstr(why.text, "longer than"));

	/* Slashes that are dropped do not count. */
	memset(text, '/', 600);
	text[599] = 'a';
	KUNIT_EXPECT_EQ(test, pd_parse_attach(text, 600, &target, &why), 0);
	KUNIT_EXPECT_STREQ(test, target.path, "/a");
}

static void directory_name_has_no_slash(struct kunit *test)
{
	char name[NAME_MAX + 1];

	pd_path_to_name("/app", name);
	KUNIT_EXPECT_STREQ(test, name, "app");
	pd_path_to_name("/app/db/one", name);
	KUNIT_EXPECT_STREQ(test, name, "app!db!one");
	pd_path_to_name("/app!db", name);
	KUNIT_EXPECT_STREQ(test, name, "app!db");
}

static void policy_is_found_by_its_whole_name(struct kunit *test)
{
	const struct pd_policy *p, *found;
	struct pd_target target = {};
	struct pd_refusal why = {};
	char line[64];
	u32 i;
	int n;

	for (i = 0; (p = pd_policy_at(i)); i++) {
		n = scnprintf(line, sizeof(line), "%s\n", p->name);
		KUNIT_EXPECT_EQ(test, pd_parse_policy(line, n, &found, &why), 0);
		KUNIT_EXPECT_PTR_EQ(test, found, p);
		/* One letter short, one too many. */
		KUNIT_EXPECT_EQ(test, pd_parse_policy(line, n - 2, &found, &why), -EINVAL);
		n = scnprintf(line, sizeof(line), "%sx", p->name);
		KUNIT_EXPECT_EQ(test, pd_parse_policy(line, n, &found, &why), -EINVAL);
		KUNIT_EXPECT_NOT_NULL(test, strstr(why.text, p->name));

		n = scnprintf(line, sizeof(line), "/app %s\n", p->name);
		KUNIT_EXPECT_EQ(test, pd_parse_attach(line, n, &target, &why), 0);
		KUNIT_EXPECT_PTR_EQ(test, target.policy, p);
	}
	KUNIT_EXPECT_GT(test, i, 0U);
	KUNIT_EXPECT_EQ(test, pd_parse_policy("", 0, &found, &why), -EINVAL);
	KUNIT_EXPECT_EQ(test, pd_parse_policy("\n", 1, &found, &why), -EINVAL);
	KUNIT_EXPECT_EQ(test, pd_parse_policy("[freebsd]", 9, &found, &why), -EINVAL);
	KUNIT_EXPECT_EQ(test, pd_parse_attach("/app linux", 10, &target, &why), -EINVAL);
	KUNIT_EXPECT_NOT_NULL(test, strstr(why.text, "unknown policy"));
}

struct pd_knob_case {
	const char *name;
	const char *text;
	size_t len;
	const char *why;
};

static const struct pd_knob_case pd_bad_knobs[] = {
	{ "nothing", TEXT(""), "empty" },
	{ "a newline only", TEXT("\n"), "empty" },
	{ "garbage", TEXT("lots"), "decimal" },
	{ "a negative number", TEXT("-1"), "decimal" },
	{ "a plus sign", TEXT("+1"), "decimal" },
	{ "hexadecimal", TEXT("0x10"), "decimal" },
	{ "a suffix", TEXT("16M"), "decimal" },
	{ "a fraction", TEXT("1.5"), "decimal" },
	{ "a blank before", TEXT(" 1"), "decimal" },
	{ "a blank after", TEXT("1 "), "decimal" },
	{ "two numbers", TEXT("1 1"), "decimal" },
	{ "two newlines", TEXT("1\n\n"), "decimal" },
	{ "a NUL", TEXT("1\0"), "decimal" },
	{ "binary", TEXT("\xff\xfe\x01"), "decimal" },
	{ "AUTO", TEXT("AUTO"), "decimal" },
	{ "auto and more", TEXT("automatic"), "decimal" },
	{ "huge", TEXT("99999999999999999999999999999999"), "bounds" },
	{ "2^64", TEXT("18446744073709551616"), "bounds" },
	{ "2^64 + 1, which would wrap round to 1", TEXT("18446744073709551617"), "bounds" },
	{ "the number that stands for auto", TEXT("18446744073709551615"), "bounds" },
};

static void malformed_knob_value_is_refused(struct kunit *test)
{
	int id, i;

	for (id = 0; id < PD_NR_KNOBS; id++) {
		for (i = 0; i < ARRAY_SIZE(pd_bad_knobs); i++) {
			const struct pd_knob_case *c = &pd_bad_knobs[i];
			struct pd_refusal why = {};
			u64 value = 42;

			KUNIT_EXPECT_EQ_MSG(test, pd_parse_knob(id, c->text, c->len, &value, &why),
					    -EINVAL, "%s: %s", pd_knob_descs[id].name, c->name);
			KUNIT_EXPECT_EQ(test, value, 42ULL);
			KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(why.text, c->why),
						  "%s: %s", c->name, why.text);
		}
	}
}

static int pd_knob(int id, u64 number, u64 *value)
{
	struct pd_refusal why;
	char text[32];

	return pd_parse_knob(id, text, scnprintf(text, sizeof(text), "%llu\n", number),
			     value, &why);
}

static void knob_takes_its_bounds_and_nothing_beyond(struct kunit *test)
{
	int id;

	for (id = 0; id < PD_NR_KNOBS; id++) {
		const struct pd_knob_desc *d = &pd_knob_descs[id];
		u64 value = 0;

		KUNIT_EXPECT_EQ_MSG(test, pd_knob(id, d->min, &value), 0, "%s", d->name);
		KUNIT_EXPECT_EQ(test, value, d->min);
		KUNIT_EXPECT_EQ_MSG(test, pd_knob(id, d->max, &value), 0, "%s", d->name);
		KUNIT_EXPECT_EQ(test, value, d->max);
		KUNIT_EXPECT_EQ_MSG(test, pd_knob(id, d->max + 1, &value), -EINVAL, "%s", d->name);
		if (d->min)
			KUNIT_EXPECT_EQ_MSG(test, pd_knob(id, d->min - 1, &value),
					    -EINVAL, "%s", d->name);
		KUNIT_EXPECT_EQ(test, value, d->max);
	}
}

static void auto_goes_back_to_the_default(struct kunit *test)
{
	struct pd_knobs defaults = pd_knobs_defaults();
	struct pd_refusal why;
	u64 value;

#define PD_KNOB(name, def, min, max, unit, text)                               \
	value = 42;                                                            \
	KUNIT_EXPECT_EQ(test, pd_parse_knob(PD_KNOB_##name, "auto\n", 5, &value, &why), 0); \
	KUNIT_EXPECT_EQ_MSG(test, value, defaults.name, #name);
#include <pagedaemon/knobs.def>
#undef PD_KNOB
}

static void knob_number_may_have_leading_zeros(struct kunit *test)
{
	struct pd_refusal why;
	u64 value = 0;

	KUNIT_EXPECT_EQ(test, pd_parse_knob(PD_KNOB_max_launder, "0000000000000000000000000010",
					    28, &value, &why), 0);
	KUNIT_EXPECT_EQ(test, value, 10ULL);
}

/* sysfs hands over a page at most: there may have been more. */
static void knob_number_that_may_have_been_cut_is_refused(struct kunit *test)
{
	struct pd_refusal why = {};
	u64 value = 42;
	char *zeros;

	zeros = kunit_kmalloc(test, PAGE_SIZE, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, zeros);
	memset(zeros, '0', PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, pd_parse_knob(PD_KNOB_headroom, zeros, PAGE_SIZE, &value, &why),
			-EINVAL);
	KUNIT_EXPECT_NOT_NULL(test, strstr(why.text, "page"));
	KUNIT_EXPECT_EQ(test, value, 42ULL);
	KUNIT_EXPECT_EQ(test, pd_parse_knob(PD_KNOB_headroom, zeros, PAGE_SIZE - 1, &value, &why),
			0);
	KUNIT_EXPECT_EQ(test, value, 0ULL);
}

static void word_is_one_of_the_list(struct kunit *test)
{
	static const char *const words[] = { "auto", "ftrace", "shrinker", NULL };
	struct pd_refusal why = {};

	KUNIT_EXPECT_EQ(test, pd_parse_word("auto", words, &why), 0);
	KUNIT_EXPECT_EQ(test, pd_parse_word("shrinker", words, &why), 2);
	KUNIT_EXPECT_EQ(test, pd_parse_word("", words, &why), -EINVAL);
	KUNIT_EXPECT_EQ(test, pd_parse_word("ftrace ", words, &why), -EINVAL);
	KUNIT_EXPECT_NOT_NULL(test, strstr(why.text, "auto ftrace shrinker"));
}

static void long_refusal_is_cut_and_terminated(struct kunit *test)
{
	struct pd_refusal why;

	memset(&why, 'x', sizeof(why));
	KUNIT_EXPECT_EQ(test, pd_refuse(&why, -EINVAL, "%0400d", 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, strnlen(why.text, sizeof(why.text)), sizeof(why.text) - 1);
}

static struct kunit_case pd_knobs_cases[] = {
	KUNIT_CASE(path_is_normalised_or_refused),
	KUNIT_CASE(detach_line_has_no_policy),
	KUNIT_CASE(longest_path_fits_a_directory_name),
	KUNIT_CASE(directory_name_has_no_slash),
	KUNIT_CASE(policy_is_found_by_its_whole_name),
	KUNIT_CASE(malformed_knob_value_is_refused),
	KUNIT_CASE(knob_takes_its_bounds_and_nothing_beyond),
	KUNIT_CASE(auto_goes_back_to_the_default),
	KUNIT_CASE(knob_number_may_have_leading_zeros),
	KUNIT_CASE(knob_number_that_may_have_been_cut_is_refused),
	KUNIT_CASE(word_is_one_of_the_list),
	KUNIT_CASE(long_refusal_is_cut_and_terminated),
	{}
};

struct kunit_suite pd_knobs_suite = {
	.name = "pd_knobs",
	.test_cases = pd_knobs_cases,
};
