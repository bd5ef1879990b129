/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Bugs on purpose, to show that tests find such: module parameter plant=NAME. They
 * exist only in debug builds (make debug-module, and any for a kernel that is built
 * for debugging); elsewhere there is neither the parameter nor the code.
 *
 *   lose   now and then a folio is not put back on its queue, nor counted
 *   dirty  now and then a file page that is to be written is taken for clean
 *
 * And fail_step=N, with which the Nth step of loading fails.
 */
#ifndef PAGEDAEMON_PLANT_H
#define PAGEDAEMON_PLANT_H

#include <linux/errno.h>
#include <linux/types.h>

struct folio;

enum pd_plant {
	PD_PLANT_NONE,
	PD_PLANT_LOSE,
	PD_PLANT_DIRTY,
};

#ifdef PD_DEBUG
/* Is this step of loading to fail? */
bool pd_step_fails(void);

/**
 * pd_plant_due() - is it time for a planted bug?
 * @plant: which; asked where it would be done
 */
bool pd_plant_due(enum pd_plant plant);

/**
 * pd_plant_clean() - take what a file page holds for written, if that is planted
 * @folio: any, locked
 */
void pd_plant_clean(struct folio *folio);
#else
static inline bool pd_step_fails(void)
{
	return false;
}

static inline bool pd_plant_due(enum pd_plant plant)
{
	return false;
}

static inline void pd_plant_clean(struct folio *folio)
{
}
#endif

/* A step of loading, or what it would return if it failed. */
#define PD_STEP(call) (pd_step_fails() ? -ENOMEM : (call))

#endif
