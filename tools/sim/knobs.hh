/* SPDX-License-Identifier: GPL-2.0 */
/* Knobs by name, with the bounds of include/pagedaemon/knobs.def. */
#ifndef PAGEDAEMON_SIM_KNOBS_HH
#define PAGEDAEMON_SIM_KNOBS_HH

#include <string>
#include <vector>

#include <pagedaemon/knobs.h>

#include "sim.hh"

namespace pagedaemon::sim
{

/* NAME=VALUE for all policies, POLICY.NAME=VALUE for one; VALUE may be auto. */
struct KnobSetting {
	std::string policy; /* empty: all */
	std::size_t id;	    /* enum pd_knob_id */
	u64 value;
};

/* Throws Error in words. */
KnobSetting parse_knob(const std::string &text);

/* The defaults, and what of @settings is for @policy. Throws Error if they clash. */
pd_knobs knobs_for(const std::string &policy, const std::vector<KnobSetting> &settings);

/* One line for each knob: name, default, bounds, unit, text. */
std::string describe_knobs();

} // namespace pagedaemon::sim

#endif
