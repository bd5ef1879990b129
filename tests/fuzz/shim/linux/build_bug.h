/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's header, as far as src/control/parse.c sees it. */
#ifndef PAGEDAEMON_SHIM_BUILD_BUG_H
#define PAGEDAEMON_SHIM_BUILD_BUG_H

#define static_assert(condition) _Static_assert(condition, #condition)

#endif
