/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's header, as far as src/control/parse.c sees it. */
#ifndef PAGEDAEMON_SHIM_KERNEL_H
#define PAGEDAEMON_SHIM_KERNEL_H

#include <linux/types.h>
#include <stdarg.h>
#include <stdio.h>

/* What was written, not what would have been. */
static inline int vscnprintf(char *buf, size_t size, const char *format, va_list args)
{
	int n = vsnprintf(buf, size, format, args);

	if (n < 0 || size == 0)
		return 0;
	return (size_t)n < size ? n : (int)(size - 1);
}

static inline __printf(3, 4) int scnprintf(char *buf, size_t size, const char *format,
					   ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vscnprintf(buf, size, format, args);
	va_end(args);
	return n;
}

#endif
