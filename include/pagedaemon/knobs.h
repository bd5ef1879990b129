/* SPDX-License-Identifier: GPL-2.0 */
/* The knobs of a domain, one field for each line of knobs.def. */
#ifndef PAGEDAEMON_KNOBS_H
#define PAGEDAEMON_KNOBS_H

#include <pagedaemon/types.h>

#define PD_KNOB(name, def, min, max, unit, text) pd_u64 name;
struct pd_knobs {
#include <pagedaemon/knobs.def>
};
#undef PD_KNOB

#define PD_KNOB(name, def, min, max, unit, text) PD_KNOB_##name,
enum pd_knob_id {
#include <pagedaemon/knobs.def>
	PD_NR_KNOBS
};
#undef PD_KNOB

/* The values a new domain starts with. */
#define PD_KNOB(name, def, min, max, unit, text) def,
static inline struct pd_knobs pd_knobs_defaults(void)
{
	struct pd_knobs k = {
#include <pagedaemon/knobs.def>
	};

	return k;
}
#undef PD_KNOB

/* Percent of memory that NetBSD's three floors may protect together, at most. */
#define PD_FLOORS_MAX 95

/* Do these values go together? Each is within its bounds. */
static inline int pd_knobs_fit(const struct pd_knobs *k)
{
	return k->anonmin + k->filemin + k->execmin <= PD_FLOORS_MAX;
}

#endif
