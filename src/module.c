// SPDX-License-Identifier: GPL-2.0
/* Loading and unloading, in order. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "control/control.h"
#include "daemon/domain.h"
#include "hooks/hooks.h"
#include "hooks/plant.h"
#include <linux/module.h>

static char *pd_hook = "auto";
module_param_named(hook, pd_hook, charp, 0444);
MODULE_PARM_DESC(hook, "way into reclaim: ftrace, shrinker, or auto (ftrace where it is to be had; default)");

static char *pd_cgroup;
module_param_named(cgroup, pd_cgroup, charp, 0444);
MODULE_PARM_DESC(cgroup, "cgroup v2 path to attach at once");

static char *pd_policy;
module_param_named(policy, pd_policy, charp, 0444);
MODULE_PARM_DESC(policy, "policy for the cgroup of cgroup=");

module_param_named(stall_seconds, pd_stall_seconds, uint, 0644);
MODULE_PARM_DESC(stall_seconds, "eject a policy whose daemon stands still for so long while tasks want memory (default 120); 0: never");

static const char *const pd_hook_words[] = {
	[PD_HOOK_AUTO] = "auto",
	[PD_HOOK_FTRACE] = "ftrace",
	[PD_HOOK_SHRINKER] = "shrinker",
	NULL,
};

static int __init pd_module_init(void)
{
	struct pd_refusal why;
	int mode, err;

	mode = pd_parse_word(pd_hook, pd_hook_words, &why);
	if (mode < 0) {
		pd_refuse_log(NULL, "hook=", pd_hook, strlen(pd_hook), &why);
		return mode;
	}
	if (pd_policy && !pd_cgroup) {
		err = pd_refuse(&why, -EINVAL, "is of no use alone; expected cgroup=, too");
		pd_refuse_log(NULL, "policy=", pd_policy, strlen(pd_policy), &why);
		return err;
	}
	if (!pd_memcg_v2()) {
		pr_err("the memory controller is not on cgroup v2; expected a system that uses cgroup v2 only\n");
		return -ENODEV;
	}

	err = PD_STEP(pd_state_map_init());
	if (err)
		return err;
	err = pd_hooks_prepare();
	if (err)
		goto out_map;
	err = pd_hooks_start(mode, &pd_daemon_hooks);
	if (err)
		goto out_map;
	err = PD_STEP(pd_control_init());
	if (err)
		goto out_hooks;
	if (pd_cgroup) {
		err = PD_STEP(pd_control_param(pd_cgroup, pd_policy));
		if (err)
			goto out_control;
	}
	return 0;

out_control:
	pd_control_exit();
out_hooks:
	pd_hooks_stop();
out_map:
	pd_state_map_exit();
	return err;
}

static void __exit pd_module_exit(void)
{
	pd_control_exit();
	pd_hooks_stop();
	pd_state_map_exit();
}

module_init(pd_module_init);
module_exit(pd_module_exit);

MODULE_DESCRIPTION("BSD page daemons for memory cgroups");
MODULE_VERSION("0.1");
MODULE_LICENSE("GPL");
