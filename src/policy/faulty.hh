/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The policies that misbehave, one for each way in which a verdict, a plan or a pause
 * can be wrong. Debug builds have them, to show that the host ends each of them and no
 * page comes to harm (selftests/eject.sh).
 */
#ifndef PAGEDAEMON_POLICY_FAULTY_HH
#define PAGEDAEMON_POLICY_FAULTY_HH

#include <pagedaemon/policy.h>

/* X(id, name, text) */
#define PD_FAULTY_POLICIES(X)                                                            \
	X(Keeps, "fault_keeps", "keeps every page")                                      \
	X(Activates, "fault_activate", "finds every page in use")                        \
	X(Requeues, "fault_requeue", "has every page go round")                          \
	X(PlansNothing, "fault_no_plan", "has no page looked at")                        \
	X(FreesAll, "fault_frees", "frees what is dirty, held or busy, too")             \
	X(FreesActive, "fault_recycle", "the same from the active queue")                \
	X(WritesAll, "fault_writes", "writes what is busy or being written, too")        \
	X(Verdict, "fault_verdict", "says what is no verdict")                           \
	X(Reason, "fault_reason", "gives what is no reason")                             \
	X(WritesActive, "fault_launder", "writes pages of the active queue")             \
	X(Enters, "fault_enqueue", "has pages go that have yet to come")                 \
	X(Counts, "fault_count", "sets an activity count out of range")                  \
	X(Marks, "fault_marks", "wants more pages free than the limit")                  \
	X(PlansAll, "fault_plan", "wants more pages than there are")                     \
	X(Spins, "fault_spins", "brings nothing and never pauses")                       \
	X(Sleeps, "fault_sleeps", "sleeps for ever although needed")                     \
	X(Naps, "fault_naps", "pauses for a minute while tasks wait")                    \
	X(Queue, "fault_queue", "nothing wrong: the host finds a queue broken")

namespace pagedaemon
{

#define PD_FAULTY_DECLARE(id, name, text) extern const pd_policy faulty##id##_policy;
PD_FAULTY_POLICIES(PD_FAULTY_DECLARE)
#undef PD_FAULTY_DECLARE

} // namespace pagedaemon

#endif
