// SPDX-License-Identifier: GPL-2.0
/* Tells the client when a cgroup comes or goes. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "compat/mm.h"
#include "compat/ftrace.h"
#include "symbols.h"
#include "internal.h"

#ifdef PD_HAVE_FTRACE

static const struct pd_hook_client *css_client;

static notrace void css_online_entry(unsigned long ip, unsigned long parent_ip,
				     struct ftrace_ops *op,
				     struct ftrace_regs *fregs)
{
	struct cgroup_subsys_state *css = (void *)pd_ftrace_arg0(fregs);
	int bit = ftrace_test_recursion_trylock(ip, parent_ip);

	if (bit < 0)
		return;
	css_client->memcg_online(mem_cgroup_from_css(css));
	ftrace_test_recursion_unlock(bit);
}

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

static struct css_hook {
	struct ftrace_ops ops;
	struct pd_symbol *symbol;
	bool hooked;
} css_hooks[] = {
	{
		.ops = { .func = css_online_entry, .flags = FTRACE_OPS_FL_PERMANENT },
		.symbol = &pd_symbol_mem_cgroup_css_online,
	}, {
		.ops = { .func = css_offline_entry, .flags = FTRACE_OPS_FL_PERMANENT },
		.symbol = &pd_symbol_mem_cgroup_css_offline,
	},
};

void pd_css_hook_stop(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(css_hooks); i++) {
		if (!css_hooks[i].hooked)
			continue;
		/* Waits until nobody is in the callback. */
		unregister_ftrace_function(&css_hooks[i].ops);
		ftrace_free_filter(&css_hooks[i].ops);
		css_hooks[i].hooked = false;
	}
}

int pd_css_hook_start(const struct pd_hook_client *client)
{
	int i, err;

	css_client = client;
	for (i = 0; i < ARRAY_SIZE(css_hooks); i++) {
		struct css_hook *hook = &css_hooks[i];

		err = ftrace_set_filter_ip(&hook->ops, hook->symbol->addr, 0, 0);
		if (err)
			goto out_err;
		err = register_ftrace_function(&hook->ops);
		if (err) {
			ftrace_free_filter(&hook->ops);
			goto out_err;
		}
		hook->hooked = true;
	}
	return 0;

out_err:
	pr_warn("cannot hook %s() (%d): nobody notices cgroups that come or go\n",
		css_hooks[i].symbol->name, err);
	pd_css_hook_stop();
	return err;
}

#else /* !PD_HAVE_FTRACE */

int pd_css_hook_start(const struct pd_hook_client *client)
{
	pr_warn("no ftrace: nobody notices cgroups that come or go\n");
	return -EOPNOTSUPP;
}

void pd_css_hook_stop(void)
{
}

#endif
