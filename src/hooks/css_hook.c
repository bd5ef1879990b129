// SPDX-License-Identifier: GPL-2.0
/* Tells the client when a cgroup is removed. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "compat/mm.h"
#include "compat/ftrace.h"
#include "symbols.h"
#include "internal.h"

#ifdef PD_HAVE_FTRACE

static const struct pd_hook_client *css_client;
static bool hooked;

static notrace void css_offline_entry(unsigned long ip, unsigned long parent_ip,
				      struct ftrace_ops *op,
				      struct ftrace_regs *fregs)
{
	struct cgroup_subsys_state *css = (void *)pd_ftrace_arg0(fregs);
	int bit = ftrace_test_recursion_trylock(ip, parent_ip);

	if (bit < 0)
		return;
	css_client->memcg_offline(mem_cgroup_from_css(css));
	ftrace_test_recursion_unlock(bit);
}

static struct ftrace_ops css_offline_ops = {
	.func = css_offline_entry,
	.flags = FTRACE_OPS_FL_PERMANENT,
};

int pd_css_hook_start(const struct pd_hook_client *client)
{
	unsigned long addr = pd_symbol_mem_cgroup_css_offline.addr;
	int err;

	css_client = client;
	err = ftrace_set_filter_ip(&css_offline_ops, addr, 0, 0);
	if (err)
		goto out_err;
	err = register_ftrace_function(&css_offline_ops);
	if (err)
		goto out_filter;
	hooked = true;
	return 0;

out_filter:
	ftrace_free_filter(&css_offline_ops);
out_err:
	pr_warn("cannot hook mem_cgroup_css_offline() (%d): the removal of an attached cgroup goes unnoticed\n",
		err);
	return err;
}

void pd_css_hook_stop(void)
{
	if (!hooked)
		return;
	/* Waits until nobody is in the callback. */
	unregister_ftrace_function(&css_offline_ops);
	ftrace_free_filter(&css_offline_ops);
	hooked = false;
}

#else /* !PD_HAVE_FTRACE */

int pd_css_hook_start(const struct pd_hook_client *client)
{
	pr_warn("no ftrace: the removal of an attached cgroup goes unnoticed\n");
	return -EOPNOTSUPP;
}

void pd_css_hook_stop(void)
{
}

#endif
