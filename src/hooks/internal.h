/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of src/hooks share among themselves. */
#ifndef PD_HOOKS_INTERNAL_H
#define PD_HOOKS_INTERNAL_H

#include "hooks.h"
#include <linux/static_call.h>

struct pd_btf;

/* The client's functions for the two hot hooks, as direct calls. */
extern const struct pd_hook_client *pd_client_type; /* for typeof only */
DECLARE_STATIC_CALL(pd_client_attached, *pd_client_type->attached);
DECLARE_STATIC_CALL(pd_client_reclaim, *pd_client_type->reclaim);
DECLARE_STATIC_CALL(pd_client_inserted, *pd_client_type->inserted);
DECLARE_STATIC_CALL(pd_client_activated, *pd_client_type->activated);

/* referenced.c; once symbols can be called */
void pd_referenced_enable(void);

/* scan_control.c */
int pd_sc_prepare(const struct pd_btf *btf);
unsigned long pd_sc_reclaimed(struct scan_control *sc);

/*
 * One start and one stop for each way in. Starts return 0 or -errno, having left
 * nothing behind; a stop returns when no task can be in a client's function by
 * this way any more. All in process context; may sleep.
 */

/* reclaim_hook.c; -EBUSY when somebody else owns a function */
int pd_reclaim_hook_start(void);
void pd_reclaim_hook_stop(void);

/* lru_hook.c */
int pd_lru_hook_prepare(const struct pd_btf *btf);
int pd_lru_hook_start(void);
void pd_lru_hook_stop(void);

/* shrinker.c */
int pd_shrinker_start(const struct pd_hook_client *client);
void pd_shrinker_stop(void);

/* css_hook.c; stop does nothing after a failed start */
int pd_css_hook_start(const struct pd_hook_client *client);
void pd_css_hook_stop(void);

#endif
