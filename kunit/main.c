// SPDX-License-Identifier: GPL-2.0
/*
 * pagedaemon_kunit.ko: the objects of the module and the suites, no hook.
 *
 * KUnit runs the suites when the module goes live, which is after its init
 * function returned, in the context of insmod; results are in the kernel's log
 * (KTAP) and in /sys/kernel/debug/kunit/SUITE/results. A suite can be run again
 * through the file "run" next to it, so nothing here may count on being first.
 */
#include "../src/hooks/compat/mm.h"
#include "kunit.h"
#include "../src/queue/queue.h"
#include "../src/hooks/hooks.h"
#include <linux/module.h>
#include <linux/mutex.h>

int pd_kunit_prepare(void)
{
	static DEFINE_MUTEX(lock);
	static bool prepared;
	int err = 0;

	mutex_lock(&lock);
	if (!prepared) {
		err = pd_hooks_prepare();
		prepared = !err;
	}
	mutex_unlock(&lock);
	return err;
}

kunit_test_suites(&pd_btf_suite, &pd_knobs_suite, &pd_policy_suite,
		  &pd_freebsd_suite, &pd_state_suite, &pd_queue_suite, &pd_batch_suite,
		  &pd_check_suite, &pd_model_suite, &pd_pass_suite, &pd_launder_suite,
		  &pd_ghosts_suite, &pd_headroom_suite, &pd_eject_suite,
		  &pd_view_suite);

static int __init pd_kunit_init(void)
{
	int err = pd_state_map_init();

	if (err)
		return err;
	err = pd_kunit_prepare();
	if (err)
		pd_state_map_exit();
	return err;
}

static void __exit pd_kunit_exit(void)
{
	pd_state_map_exit();
}

module_init(pd_kunit_init);
module_exit(pd_kunit_exit);

MODULE_DESCRIPTION("KUnit tests of pagedaemon");
MODULE_LICENSE("GPL");
