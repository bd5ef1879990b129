// SPDX-License-Identifier: GPL-2.0
/* Tells the client when a cgroup comes or goes. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "compat/mm.h"
#include "compat/ftrace.h"
#include "symbols.h"
#include "internal.h"

#ifdef PD_HAVE_FTRACE

/**
 * struct css_hook - a function of the kernel, and whom to tell of its calls
 * @ops: the hook
 * @symbol: the function; its first argument is a css of the memory controller
 * @tell: called with the cgroup; set before the hook is in place
 * @hooked: the hook is in place
 */
struct css_hook {
	struct ftrace_ops ops;
	struct pd_symbol *symbol;
	void (*tell)(struct mem_cgroup *memcg);
	bool hooked;
};

static notrace void css_entry(unsigned long ip, unsigned long parent_ip,
			      struct ftrace_ops *op, struct ftrace_regs *fregs)
{
	struct css_hook *hook = container_of(op, struct css_hook, ops);
	struct cgroup_subsys_state *css = (void *)pd_ftrace_arg0(fregs);
	int bit = ftrace_test_recursion_trylock(ip, parent_ip);

	if (bit < 0)
		return;
	hook->tell(mem_cgroup_from_css(css));
	ftrace_test_recursion_unlock(bit);
}

enum { HOOK_ONLINE, HOOK_OFFLINE };

static struct css_hook css_hooks[] = {
	[HOOK_ONLINE] = {
		.ops = { .func = css_entry, .flags = FTRACE_OPS_FL_PERMANENT },
		.symbol = &pd_symbol_mem_cgroup_css_online,
	},
	[HOOK_OFFLINE] = {
		.ops = { .func = css_entry, .flags = FTRACE_OPS_FL_PERMANENT },
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

	css_hooks[HOOK_ONLINE].tell = client->memcg_online;
	css_hooks[HOOK_OFFLINE].tell = client->memcg_offline;
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
