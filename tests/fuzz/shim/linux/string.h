/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's header, as far as src/control/parse.c sees it. */
#ifndef PAGEDAEMON_SHIM_STRING_H
#define PAGEDAEMON_SHIM_STRING_H

#include <errno.h>
#include <string.h>

/* No padding to the end, as in the kernel: a sanitizer knows where that is. */
static inline long strscpy(char *to, const char *from, size_t size)
{
	const size_t len = strnlen(from, size);

	if (size == 0)
		return -E2BIG;
	memcpy(to, from, len < size ? len : size - 1);
	to[len < size ? len : size - 1] = '\0';
	return len < size ? (long)len : -E2BIG;
}

static inline char *strreplace(char *text, char old_one, char new_one)
{
	for (; *text; text++)
		if (*text == old_one)
			*text = new_one;
	return text;
}

#endif
