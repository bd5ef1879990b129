/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's header, as far as src/control/parse.c sees it. */
#ifndef PAGEDAEMON_SHIM_MM_H
#define PAGEDAEMON_SHIM_MM_H

#define PAGE_SIZE 4096UL

#endif
