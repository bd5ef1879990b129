// SPDX-License-Identifier: GPL-2.0
#include "btf.h"

#ifdef __KERNEL__
#include <linux/errno.h>
#include <linux/string.h>
#else
#include <errno.h>
#include <string.h>
#endif

/* The format, from Documentation/bpf/btf.rst. Native byte order only. */
#define BTF_MAGIC_NATIVE 0xeb9f
#define HEADER_BYTES 24
#define TYPE_BYTES 12
#define MEMBER_BYTES 12
#define PARAM_BYTES 8

enum kind {
	KIND_VOID,
	KIND_INT,
	KIND_PTR,
	KIND_ARRAY,
	KIND_STRUCT,
	KIND_UNION,
	KIND_ENUM,
	KIND_FWD,
	KIND_TYPEDEF,
	KIND_VOLATILE,
	KIND_CONST,
	KIND_RESTRICT,
	KIND_FUNC,
	KIND_FUNC_PROTO,
	KIND_VAR,
	KIND_DATASEC,
	KIND_FLOAT,
	KIND_DECL_TAG,
	KIND_TYPE_TAG,
	KIND_ENUM64,
	NR_KINDS
};

/* Bytes behind the common part of a type: fixed, and for each of its vlen. */
static const struct {
	u8 fixed;
	u8 each;
} trailer[NR_KINDS] = {
	[KIND_INT] = { 4, 0 },
	[KIND_ARRAY] = { 12, 0 },
	[KIND_STRUCT] = { 0, MEMBER_BYTES },
	[KIND_UNION] = { 0, MEMBER_BYTES },
	[KIND_ENUM] = { 0, 8 },
	[KIND_FUNC_PROTO] = { 0, PARAM_BYTES },
	[KIND_VAR] = { 4, 0 },
	[KIND_DATASEC] = { 0, 12 },
	[KIND_DECL_TAG] = { 4, 0 },
	[KIND_ENUM64] = { 0, 12 },
};

#define U32_LIMIT 0xffffffffULL
/* The format's own limit. */
#define MAX_TYPES 0xfffff

/* Chains of typedefs, qualifiers and pointers end after this many links. */
#define MAX_LINKS 32
/* Anonymous structs within structs. */
#define MAX_DEPTH 8
/* Members looked at for one name, all levels together. */
#define MAX_MEMBERS 65536

/* A type, decoded. */
struct type {
	u32 name;	/* offset of a string that is within the section */
	u32 kind;
	u32 vlen;
	u32 flag;
	u32 arg;	/* size, or number of another type */
	u32 data;	/* offset of what follows the common part */
	u32 end;	/* offset of the next type */
};

static u32 get32(const u8 *p)
{
	u32 v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static int decode(const struct pd_btf *btf, u32 off, struct type *t)
{
	u32 info, room;
	u64 bytes;

	if (off > btf->types_len || btf->types_len - off < TYPE_BYTES)
		return -EINVAL;
	t->name = get32(btf->types + off);
	info = get32(btf->types + off + 4);
	t->arg = get32(btf->types + off + 8);
	t->kind = (info >> 24) & 0x1f;
	t->vlen = info & 0xffff;
	t->flag = info >> 31;
	t->data = off + TYPE_BYTES;
	if (t->kind == KIND_VOID || t->kind >= NR_KINDS ||
	    t->name >= btf->strings_len)
		return -EINVAL;
	room = btf->types_len - t->data;
	bytes = trailer[t->kind].fixed +
		(u64)trailer[t->kind].each * t->vlen;
	if (bytes > room)
		return -EINVAL;
	t->end = t->data + (u32)bytes;
	return 0;
}

int pd_btf_open(struct pd_btf *btf, const void *blob, size_t len)
{
	const u8 *raw = blob;
	const u8 *p = raw;
	u32 header, type_off, str_off, off;
	struct type t;
	u16 magic;
	u32 i;

	memset(btf, 0, sizeof(*btf));
	if (len < HEADER_BYTES)
		return -EINVAL;
	memcpy(&magic, p, sizeof(magic));
	header = get32(p + 4);
	if (magic != BTF_MAGIC_NATIVE || p[2] != 1 || p[3] != 0 ||
	    header < HEADER_BYTES || header > len)
		return -EINVAL;
	p += header;
	len -= header;

	type_off = get32(raw + 8);
	btf->types_len = get32(raw + 12);
	str_off = get32(raw + 16);
	btf->strings_len = get32(raw + 20);
	if (type_off > len || btf->types_len > len - type_off ||
	    str_off > len || btf->strings_len > len - str_off)
		return -EINVAL;
	btf->types = p + type_off;
	btf->strings = (const char *)p + str_off;
	/* String 0 is the empty one, and the last has an end. */
	if (!btf->strings_len || btf->strings[0] ||
	    btf->strings[btf->strings_len - 1])
		return -EINVAL;

	for (off = 0; off < btf->types_len; off = t.end) {
		if (decode(btf, off, &t))
			return -EINVAL;
		btf->nr_types++;
	}
	if (btf->nr_types > MAX_TYPES)
		return -EINVAL;

	btf->stride = btf->nr_types / PD_BTF_MARKS + 1;
	for (i = 0, off = 0; i < btf->nr_types; i++, off = t.end) {
		if (i % btf->stride == 0)
			btf->mark[i / btf->stride] = off;
		if (decode(btf, off, &t))
			return -EINVAL;
	}
	return 0;
}

/* Decode type @id, which is not void. */
static int get_type(const struct pd_btf *btf, u32 id, struct type *t)
{
	u32 off, n;

	if (!id || id > btf->nr_types)
		return -EINVAL;
	id--;
	off = btf->mark[id / btf->stride];
	n = id % btf->stride;
	do {
		if (decode(btf, off, t))
			return -EINVAL;
		off = t->end;
	} while (n--);
	return 0;
}

/* Number of the only type of one of two kinds and of a name. */
static int find(const struct pd_btf *btf, const char *name, u32 kind1,
		u32 kind2, struct type *found)
{
	int id = -ENOENT;
	struct type t;
	u32 i, off;

	for (i = 1, off = 0; i <= btf->nr_types; i++, off = t.end) {
		if (decode(btf, off, &t))
			return -EINVAL;
		if (t.kind != kind1 && t.kind != kind2)
			continue;
		if (strcmp(btf->strings + t.name, name))
			continue;
		if (id > 0)
			return -EEXIST;
		id = i;
		*found = t;
	}
	return id;
}

static int is_alias(u32 kind)
{
	return kind == KIND_TYPEDEF || kind == KIND_VOLATILE ||
	       kind == KIND_CONST || kind == KIND_RESTRICT ||
	       kind == KIND_TYPE_TAG;
}

/* Look through typedefs and qualifiers. 1: *t is decoded, 0: void. */
static int resolve(const struct pd_btf *btf, u32 id, struct type *t)
{
	int links;

	for (links = 0; links < MAX_LINKS; links++) {
		if (!id)
			return 0;
		if (get_type(btf, id, t))
			return -EINVAL;
		if (!is_alias(t->kind))
			return 1;
		id = t->arg;
	}
	return -EINVAL;
}

int pd_btf_struct(const struct pd_btf *btf, const char *name, u32 *bytes)
{
	struct type t;
	int id = find(btf, name, KIND_STRUCT, KIND_STRUCT, &t);

	if (id > 0 && bytes)
		*bytes = t.arg;
	return id;
}

/* Size of a type in bits, and where in those the value begins (old bit-fields). */
static int type_bits(const struct pd_btf *btf, u32 id, u32 *bits, u32 *begin)
{
	u64 elements = 1;
	struct type t;
	int links;
	u64 n;

	*begin = 0;
	for (links = 0; links < MAX_LINKS; links++) {
		if (resolve(btf, id, &t) <= 0)
			return -EINVAL;
		switch (t.kind) {
		case KIND_ARRAY:
			id = get32(btf->types + t.data);
			n = get32(btf->types + t.data + 8);
			/* Both factors under 2^32: no overflow. */
			elements *= n;
			if (elements > U32_LIMIT)
				return -EINVAL;
			continue;
		case KIND_PTR:
			n = 64;
			break;
		case KIND_INT:
			n = get32(btf->types + t.data) & 0xff;
			*begin = (get32(btf->types + t.data) >> 16) & 0xff;
			break;
		case KIND_ENUM:
		case KIND_ENUM64:
		case KIND_STRUCT:
		case KIND_UNION:
		case KIND_FLOAT:
			n = (u64)t.arg * 8;
			break;
		default:
			return -EINVAL;
		}
		/* n is below 2^35 and elements below 2^32; the product may wrap. */
		if (elements && n > U32_LIMIT / elements)
			return -EINVAL;
		*bits = (u32)(n * elements);
		return 0;
	}
	return -EINVAL;
}

/* A struct that is being searched; anonymous ones within it are on a stack. */
struct level {
	struct type t;
	u32 next;	/* member to look at next */
	u32 bit_offset;	/* of the struct */
};

int pd_btf_member(const struct pd_btf *btf, u32 type, const char *name,
		  struct pd_btf_member *member)
{
	struct level stack[MAX_DEPTH];
	struct level *l = stack;
	u32 looked = 0;
	u64 whole;

	if (get_type(btf, type, &l->t) ||
	    (l->t.kind != KIND_STRUCT && l->t.kind != KIND_UNION))
		return -EINVAL;
	l->next = 0;
	l->bit_offset = 0;
	whole = (u64)l->t.arg * 8;

	for (;;) {
		u32 offset, bits, id, begin = 0;
		const u8 *m;
		u32 string;
		u64 at;

		if (l->next == l->t.vlen) {
			if (l == stack)
				return -ENOENT;
			l--;
			continue;
		}
		if (looked++ == MAX_MEMBERS)
			return -EINVAL;
		m = btf->types + l->t.data + l->next++ * MEMBER_BYTES;
		string = get32(m);
		id = get32(m + 4);
		offset = get32(m + 8);
		bits = 0;
		if (l->t.flag) {
			bits = offset >> 24;
			offset &= 0xffffff;
		}
		if (string >= btf->strings_len)
			return -EINVAL;
		at = (u64)l->bit_offset + offset;
		if (at > whole)
			return -EINVAL;

		if (!btf->strings[string]) {
			struct type inner;

			if (resolve(btf, id, &inner) <= 0)
				return -EINVAL;
			/* Else an unnamed bit-field, i.e. padding. */
			if (inner.kind == KIND_STRUCT ||
			    inner.kind == KIND_UNION) {
				if (l == stack + MAX_DEPTH - 1)
					return -EINVAL;
				l++;
				l->t = inner;
				l->next = 0;
				l->bit_offset = (u32)at;
			}
			continue;
		}
		if (strcmp(btf->strings + string, name))
			continue;

		if (!bits) {
			if (type_bits(btf, id, &bits, &begin))
				return -EINVAL;
			at += begin;
		}
		if (at + bits > whole || at > U32_LIMIT)
			return -EINVAL;
		member->bit_offset = (u32)at;
		member->bit_size = bits;
		return 0;
	}
}

/* Where a signature is rendered to; full: *room is 0. */
struct text {
	char *at;
	size_t room;
};

static void put_string(struct text *text, const char *s)
{
	size_t len = strlen(s);

	if (len >= text->room) {
		text->room = 0;
		return;
	}
	memcpy(text->at, s, len + 1);
	text->at += len;
	text->room -= len;
}

static void put_number(struct text *text, u32 v)
{
	char digits[11];
	char *p = digits + sizeof(digits) - 1;

	*p = '\0';
	do {
		*--p = '0' + v % 10;
		v /= 10;
	} while (v);
	put_string(text, p);
}

static int put_type(const struct pd_btf *btf, u32 id, struct text *text)
{
	struct type t;
	int pointers;
	int found;

	for (pointers = 0; pointers < MAX_LINKS; pointers++) {
		found = resolve(btf, id, &t);
		if (found < 0)
			return -EINVAL;
		if (!found || t.kind != KIND_PTR)
			break;
		id = t.arg;
	}
	if (pointers == MAX_LINKS)
		return -EINVAL;

	if (!found) {
		put_string(text, "v");
	} else {
		switch (t.kind) {
		case KIND_INT:
		case KIND_ENUM:
		case KIND_ENUM64:
			put_number(text, t.arg);
			break;
		case KIND_STRUCT:
		case KIND_UNION:
		case KIND_FWD:
			put_string(text, btf->strings + t.name);
			break;
		default:
			put_string(text, "?");
		}
	}
	while (pointers--)
		put_string(text, "*");
	return 0;
}

int pd_btf_signature(const struct pd_btf *btf, const char *name, char *buf,
		     size_t len)
{
	struct text text = { .at = buf, .room = len };
	struct type t;
	u32 i;
	int id;

	if (!len)
		return -E2BIG;
	buf[0] = '\0';
	id = find(btf, name, KIND_FUNC, KIND_TYPEDEF, &t);
	if (id < 0)
		return id;
	if (t.kind == KIND_TYPEDEF) {
		if (resolve(btf, t.arg, &t) <= 0 || t.kind != KIND_PTR)
			return -ENOENT;
	}
	if (get_type(btf, t.arg, &t) || t.kind != KIND_FUNC_PROTO)
		return -EINVAL;

	if (put_type(btf, t.arg, &text))
		return -EINVAL;
	for (i = 0; i < t.vlen; i++) {
		const u8 *param = btf->types + t.data + i * PARAM_BYTES;
		u32 string = get32(param);
		u32 type = get32(param + 4);

		put_string(&text, " ");
		if (!type && !string && i == t.vlen - 1)
			put_string(&text, "...");
		else if (put_type(btf, type, &text))
			return -EINVAL;
	}
	return text.room ? (int)t.vlen : -E2BIG;
}
