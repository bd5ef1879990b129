/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's header, as far as src/control/parse.c sees it. */
#ifndef PAGEDAEMON_SHIM_TYPES_H
#define PAGEDAEMON_SHIM_TYPES_H

#include_next <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

typedef __u8 u8;
typedef __u32 u32;
typedef __u64 u64;

#define __printf(text, first) __attribute__((format(printf, text, first)))

#endif
