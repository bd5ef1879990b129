/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A reader for BTF, the kernel's type information: just enough to find where a
 * member of a struct is and what a function takes.
 *
 * Trusts nothing: every offset, length, type number and string is checked before
 * use, every walk is bounded, and whatever is malformed gives -EINVAL. Builds in
 * user space too, for the fuzzer. Allocates nothing.
 */
#ifndef PD_BTF_H
#define PD_BTF_H

#ifdef __KERNEL__
#include <linux/types.h>
#else
#include <stddef.h>
#include <linux/types.h>
typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
#endif

/* Places in the type section that are remembered; a lookup walks on from one. */
#define PD_BTF_MARKS 1024

/**
 * struct pd_btf - an opened blob
 * @types: type section
 * @types_len: its length, bytes
 * @strings: string section; its last byte is NUL
 * @strings_len: its length, bytes
 * @nr_types: types are numbered 1 to this; 0 is void
 * @stride: types from one mark to the next
 * @mark: offset of type 1 + n * @stride
 *
 * About 4 KB: not for the stack in the kernel.
 */
struct pd_btf {
	const u8 *types;
	u32 types_len;
	const char *strings;
	u32 strings_len;
	u32 nr_types;
	u32 stride;
	u32 mark[PD_BTF_MARKS];
};

/**
 * struct pd_btf_member - where a member is
 * @bit_offset: from the start of the outermost struct
 * @bit_size: bits, of a bit-field or of the whole type
 */
struct pd_btf_member {
	u32 bit_offset;
	u32 bit_size;
};

/**
 * pd_btf_open() - check the frame of a blob
 * @btf: filled in
 * @blob: must stay valid as long as @btf is used; any alignment
 * @len: its length, bytes
 *
 * Return: 0; -EINVAL if malformed or of a kind not known.
 */
int pd_btf_open(struct pd_btf *btf, const void *blob, size_t len);

/**
 * pd_btf_struct() - find a struct
 * @btf: an opened blob
 * @name: tag of the struct
 * @bytes: set to its size, if not NULL
 *
 * Return: type number; -ENOENT; -EEXIST if there are several of that name and it
 * cannot be told which is meant; -EINVAL.
 */
int pd_btf_struct(const struct pd_btf *btf, const char *name, u32 *bytes);

/**
 * pd_btf_member() - find a member of a struct
 * @btf: an opened blob
 * @type: number of a struct or union
 * @name: member; those of anonymous structs and unions inside count as its own
 * @member: filled in; lies within the struct
 *
 * Return: 0; -ENOENT; -EINVAL.
 */
int pd_btf_member(const struct pd_btf *btf, u32 type, const char *name,
		  struct pd_btf_member *member);

/**
 * pd_btf_signature() - what a function returns and takes
 * @btf: an opened blob
 * @name: function; or the typedef of a pointer to a function
 * @buf: set to the rendered signature
 * @len: room in @buf, bytes
 *
 * The return type and each parameter, with one blank in between: "v" is void, a
 * number an integer or enum of that many bytes, a name a struct or union, "..."
 * a variable list, "?" what does not matter here, each followed by one "*" for
 * each level of pointer. typedef and qualifiers are looked through. For example
 * "4 list_head* scan_control* 1".
 *
 * Return: number of parameters; -ENOENT; -EEXIST; -E2BIG if @buf is too small;
 * -EINVAL.
 */
int pd_btf_signature(const struct pd_btf *btf, const char *name, char *buf,
		     size_t len);

#endif
