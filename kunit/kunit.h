/* SPDX-License-Identifier: GPL-2.0 */
/* What the suites and the module that runs them share. */
#ifndef PD_KUNIT_H
#define PD_KUNIT_H

#include <kunit/test.h>

extern struct kunit_suite pd_btf_suite;
extern struct kunit_suite pd_knobs_suite;
extern struct kunit_suite pd_policy_suite;
extern struct kunit_suite pd_freebsd_suite;
extern struct kunit_suite pd_ghosts_suite;
extern struct kunit_suite pd_headroom_suite;
extern struct kunit_suite pd_launder_suite;
extern struct kunit_suite pd_model_suite;
extern struct kunit_suite pd_pass_suite;
extern struct kunit_suite pd_queue_suite;
extern struct kunit_suite pd_batch_suite;
extern struct kunit_suite pd_check_suite;
extern struct kunit_suite pd_state_suite;
extern struct kunit_suite pd_eject_suite;
extern struct kunit_suite pd_view_suite;

/**
 * pd_kunit_prepare() - make the kernel's functions callable, without any hook
 *
 * For the suite_init of a suite that needs them; later calls do nothing.
 *
 * Context: process, may sleep.
 * Return: 0 or what pd_hooks_prepare() said.
 */
int pd_kunit_prepare(void);

#endif
