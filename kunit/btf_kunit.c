// SPDX-License-Identifier: GPL-2.0
/*
 * The BTF reader: finds what is there, refuses what is malformed. That it reads
 * nothing beyond the blob shows where KASAN is on: blobs here are allocated to
 * the byte.
 */
#include "../src/hooks/symbols.h"
#include "../src/hooks/btf.h"
#include <kunit/test.h>
#include <linux/btf.h>
#include <linux/slab.h>

#define TYPES 15

/* Names in the string section, by offset. */
static const char strings[] =
	"\0"		/* 0 */
	"int\0"		/* 1 */
	"ulong\0"	/* 5 */
	"thing\0"	/* 11 */
	"a\0"		/* 17 */
	"b\0"		/* 19 */
	"inner\0"	/* 21 */
	"flag\0"	/* 27 */
	"work\0"	/* 32 */
	"loop\0"	/* 37 */
	"array";	/* 42 */

enum {
	S_NONE = 0, S_INT = 1, S_ULONG = 5, S_THING = 11, S_A = 17, S_B = 19,
	S_INNER = 21, S_FLAG = 27, S_WORK = 32, S_LOOP = 37, S_ARRAY = 42,
};

#define INFO(kind, flag, vlen) ((u32)(flag) << 31 | (kind) << 24 | (vlen))

/*
 * struct thing {
 *	int a;
 *	int flag : 1;
 *	union { struct { ulong inner; }; };
 *	const ulong array[3];
 *	struct thing *b;
 * };
 * int work(struct thing *, ulong, ...);
 * typedef of itself: loop;
 */
static const u32 types[] = {
	/* 1 */ S_INT, INFO(BTF_KIND_INT, 0, 0), 4, 32,
	/* 2 */ S_ULONG, INFO(BTF_KIND_INT, 0, 0), 8, 64,
	/* 3 */ S_THING, INFO(BTF_KIND_STRUCT, 1, 5), 48,
		S_A, 1, 0,
		S_FLAG, 1, 1 << 24 | 32,
		S_NONE, 4, 64,
		S_ARRAY, 6, 128,
		S_B, 8, 320,
	/* 4 */ S_NONE, INFO(BTF_KIND_UNION, 0, 1), 8,
		S_NONE, 5, 0,
	/* 5 */ S_NONE, INFO(BTF_KIND_STRUCT, 0, 1), 8,
		S_INNER, 2, 0,
	/* 6 */ S_NONE, INFO(BTF_KIND_ARRAY, 0, 0), 0, 7, 1, 3,
	/* 7 */ S_NONE, INFO(BTF_KIND_CONST, 0, 0), 2,
	/* 8 */ S_NONE, INFO(BTF_KIND_PTR, 0, 0), 3,
	/* 9 */ S_NONE, INFO(BTF_KIND_FUNC_PROTO, 0, 3), 1,
		S_A, 8, S_B, 2, S_NONE, 0,
	/* 10 */ S_WORK, INFO(BTF_KIND_FUNC, 0, 0), 9,
	/* 11 */ S_LOOP, INFO(BTF_KIND_TYPEDEF, 0, 0), 11,
	/* 12 */ S_NONE, INFO(BTF_KIND_FUNC_PROTO, 0, 1), 0,
		S_A, 11,
	/* 13 */ S_LOOP, INFO(BTF_KIND_FUNC, 0, 0), 12,
	/* 14 */ S_NONE, INFO(BTF_KIND_PTR, 0, 0), 14,
	/* 15: has itself as an anonymous member */
		S_INNER, INFO(BTF_KIND_STRUCT, 0, 1), 8,
		S_NONE, 15, 0,
};

#define BLOB_BYTES (sizeof(struct btf_header) + sizeof(types) + sizeof(strings))
#define TYPE_WORD(word) (sizeof(struct btf_header) + (word) * sizeof(u32))

static u8 *make_blob(struct kunit *test)
{
	u8 *blob = kunit_kzalloc(test, BLOB_BYTES, GFP_KERNEL);
	struct btf_header header = {
		.magic = BTF_MAGIC,
		.version = BTF_VERSION,
		.hdr_len = sizeof(header),
		.type_len = sizeof(types),
		.str_off = sizeof(types),
		.str_len = sizeof(strings),
	};

	KUNIT_ASSERT_NOT_NULL(test, blob);
	memcpy(blob, &header, sizeof(header));
	memcpy(blob + sizeof(header), types, sizeof(types));
	memcpy(blob + sizeof(header) + sizeof(types), strings, sizeof(strings));
	return blob;
}

static struct pd_btf *make_btf(struct kunit *test)
{
	struct pd_btf *btf = kunit_kzalloc(test, sizeof(*btf), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, btf);
	return btf;
}

/* All a caller can do with a blob; results may be anything but a crash. */
static void use(struct pd_btf *btf, const void *blob, size_t len)
{
	static const char * const names[] = {
		"thing", "inner", "loop", "work", "a", "b", "flag", "array", "",
	};
	struct pd_btf_member member;
	char text[24];
	u32 bytes;
	int i, type;

	if (pd_btf_open(btf, blob, len))
		return;
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		pd_btf_struct(btf, names[i], &bytes);
		pd_btf_signature(btf, names[i], text, sizeof(text));
		for (type = 0; type <= TYPES + 1; type++)
			pd_btf_member(btf, type, names[i], &member);
	}
}

static void finds_structs_and_members(struct kunit *test)
{
	static const struct {
		const char *name;
		u32 offset, size;
	} members[] = {
		{ "a", 0, 32 }, { "flag", 32, 1 }, { "inner", 64, 64 },
		{ "array", 128, 192 }, { "b", 320, 64 },
	};
	struct pd_btf *btf = make_btf(test);
	struct pd_btf_member m;
	u32 bytes = 0;
	int type, i;

	KUNIT_ASSERT_EQ(test, pd_btf_open(btf, make_blob(test), BLOB_BYTES), 0);
	KUNIT_EXPECT_EQ(test, btf->nr_types, TYPES);
	type = pd_btf_struct(btf, "thing", &bytes);
	KUNIT_ASSERT_EQ(test, type, 3);
	KUNIT_EXPECT_EQ(test, bytes, 48);
	for (i = 0; i < ARRAY_SIZE(members); i++) {
		KUNIT_ASSERT_EQ_MSG(test, 0,
				    pd_btf_member(btf, type, members[i].name, &m),
				    "%s", members[i].name);
		KUNIT_EXPECT_EQ(test, m.bit_offset, members[i].offset);
		KUNIT_EXPECT_EQ(test, m.bit_size, members[i].size);
	}
	KUNIT_EXPECT_EQ(test, pd_btf_member(btf, type, "none", &m), -ENOENT);
	KUNIT_EXPECT_EQ(test, pd_btf_struct(btf, "none", NULL), -ENOENT);
	KUNIT_EXPECT_EQ(test, pd_btf_member(btf, 0, "a", &m), -EINVAL);
	KUNIT_EXPECT_EQ(test, pd_btf_member(btf, 1, "a", &m), -EINVAL);
	KUNIT_EXPECT_EQ(test, pd_btf_member(btf, TYPES + 1, "a", &m), -EINVAL);
}

static void renders_signatures(struct kunit *test)
{
	struct pd_btf *btf = make_btf(test);
	char text[32];

	KUNIT_ASSERT_EQ(test, pd_btf_open(btf, make_blob(test), BLOB_BYTES), 0);
	KUNIT_EXPECT_EQ(test, pd_btf_signature(btf, "work", text, sizeof(text)),
			3);
	KUNIT_EXPECT_STREQ(test, text, "4 thing* 8 ...");
	KUNIT_EXPECT_EQ(test, pd_btf_signature(btf, "work", text, 14), -E2BIG);
	KUNIT_EXPECT_EQ(test, pd_btf_signature(btf, "work", text, 15), 3);
	KUNIT_EXPECT_EQ(test, pd_btf_signature(btf, "none", text, sizeof(text)),
			-ENOENT);
}

static void refuses_cycles(struct kunit *test)
{
	struct pd_btf *btf = make_btf(test);
	u8 *blob = make_blob(test);
	struct pd_btf_member m;
	char text[32];
	u32 name = S_NONE;

	KUNIT_ASSERT_EQ(test, pd_btf_open(btf, blob, BLOB_BYTES), 0);
	/* A typedef and a function of one name: which is meant? */
	KUNIT_EXPECT_EQ(test, pd_btf_signature(btf, "loop", text, sizeof(text)),
			-EEXIST);
	/* Without the typedef's name: a parameter that is a typedef of itself. */
	memcpy(blob + TYPE_WORD(ARRAY_SIZE(types) - 20), &name, sizeof(name));
	KUNIT_ASSERT_EQ(test, pd_btf_open(btf, blob, BLOB_BYTES), 0);
	KUNIT_EXPECT_EQ(test, pd_btf_signature(btf, "loop", text, sizeof(text)),
			-EINVAL);
	/* A struct inside itself. */
	KUNIT_ASSERT_EQ(test, pd_btf_struct(btf, "inner", NULL), TYPES);
	KUNIT_EXPECT_EQ(test, pd_btf_member(btf, TYPES, "a", &m), -EINVAL);
}

static void refuses_every_truncation(struct kunit *test)
{
	struct pd_btf *btf = make_btf(test);
	u8 *blob = make_blob(test);
	size_t len;

	for (len = 0; len < BLOB_BYTES; len++) {
		/* To the byte, and not aligned, for KASAN's sake. */
		u8 *cut = kmalloc(len + 1, GFP_KERNEL);

		KUNIT_ASSERT_NOT_NULL(test, cut);
		memcpy(cut + 1, blob, len);
		KUNIT_EXPECT_EQ_MSG(test, pd_btf_open(btf, cut + 1, len),
				    -EINVAL, "cut to %zu bytes", len);
		kfree(cut);
	}
}

static void survives_any_changed_byte(struct kunit *test)
{
	static const u8 values[] = { 0, 1, 3, 0x7f, 0x80, 0xff };
	struct pd_btf *btf = make_btf(test);
	u8 *blob = make_blob(test);
	size_t at;
	int i;

	for (at = 0; at < BLOB_BYTES; at++) {
		u8 was = blob[at];

		for (i = 0; i < ARRAY_SIZE(values); i++) {
			blob[at] = values[i];
			use(btf, blob, BLOB_BYTES);
		}
		for (i = 0; i < 8; i++) {
			blob[at] = was ^ 1 << i;
			use(btf, blob, BLOB_BYTES);
		}
		blob[at] = was;
	}
}

static void refuses_strings_without_end(struct kunit *test)
{
	struct pd_btf *btf = make_btf(test);
	u8 *blob = make_blob(test);

	blob[BLOB_BYTES - 1] = 'x';
	KUNIT_EXPECT_EQ(test, pd_btf_open(btf, blob, BLOB_BYTES), -EINVAL);
	blob[BLOB_BYTES - 1] = '\0';
	blob[sizeof(struct btf_header) + sizeof(types)] = 'x';
	KUNIT_EXPECT_EQ(test, pd_btf_open(btf, blob, BLOB_BYTES), -EINVAL);
}

static void refuses_a_member_outside_its_struct(struct kunit *test)
{
	struct pd_btf *btf = make_btf(test);
	u8 *blob = make_blob(test);
	u32 bytes = 40;
	struct pd_btf_member m;

	/* struct thing: its pointer ends at byte 48. */
	memcpy(blob + TYPE_WORD(10), &bytes, sizeof(bytes));
	KUNIT_ASSERT_EQ(test, pd_btf_open(btf, blob, BLOB_BYTES), 0);
	KUNIT_EXPECT_EQ(test, pd_btf_member(btf, 3, "a", &m), 0);
	KUNIT_EXPECT_EQ(test, pd_btf_member(btf, 3, "b", &m), -EINVAL);
}

static void reads_the_running_kernel(struct kunit *test)
{
	struct pd_btf *btf = make_btf(test);
	const char *start, *stop;
	struct pd_btf_member m;
	char text[96];
	int type;

	KUNIT_ASSERT_EQ(test, pd_symbols_resolve(), 0);
	start = (const char *)pd_symbol_lookup("__start_BTF");
	stop = (const char *)pd_symbol_lookup("__stop_BTF");
	KUNIT_ASSERT_NOT_NULL(test, start);
	KUNIT_ASSERT_EQ(test, pd_btf_open(btf, start, stop - start), 0);

	type = pd_btf_struct(btf, "scan_control", NULL);
	KUNIT_ASSERT_GT(test, type, 0);
	KUNIT_ASSERT_EQ(test, pd_btf_member(btf, type, "nr_to_reclaim", &m), 0);
	KUNIT_EXPECT_EQ(test, m.bit_size, 64);
	KUNIT_ASSERT_EQ(test, pd_btf_member(btf, type, "may_swap", &m), 0);
	KUNIT_EXPECT_EQ(test, m.bit_size, 1);

	/* What we can compare with the compiler's word. */
	type = pd_btf_struct(btf, "lruvec", NULL);
	KUNIT_ASSERT_GT(test, type, 0);
	KUNIT_ASSERT_EQ(test, pd_btf_member(btf, type, "lru_lock", &m), 0);
	KUNIT_EXPECT_EQ(test, m.bit_offset, 8 * offsetof(struct lruvec, lru_lock));
	KUNIT_EXPECT_EQ(test, m.bit_size, 8 * sizeof(spinlock_t));

	KUNIT_EXPECT_EQ(test, 2, pd_btf_signature(btf, "shrink_lruvec", text,
						  sizeof(text)));
	KUNIT_EXPECT_STREQ(test, text, "v lruvec* scan_control*");
}

static struct kunit_case cases[] = {
	KUNIT_CASE(finds_structs_and_members),
	KUNIT_CASE(renders_signatures),
	KUNIT_CASE(refuses_cycles),
	KUNIT_CASE(refuses_every_truncation),
	KUNIT_CASE(survives_any_changed_byte),
	KUNIT_CASE(refuses_strings_without_end),
	KUNIT_CASE(refuses_a_member_outside_its_struct),
	KUNIT_CASE(reads_the_running_kernel),
	{}
};

struct kunit_suite pd_btf_suite = {
	.name = "pd_btf",
	.test_cases = cases,
};
