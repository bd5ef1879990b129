// SPDX-License-Identifier: GPL-2.0
/*
 * The way into reclaim: calls of shrink_lruvec() for an attached lruvec are sent
 * to the client; all others run the kernel's code, one compare later.
 *
 *   caller -> shrink_lruvec -> divert() ──not attached-> shrink_lruvec's body
 *                                   |
 *                                attached, counted in flight
 *                                   v
 *                        redirected() -> client->reclaim()
 *                                   `- false -> shrink_lruvec, seen by divert()
 *                                      to come from this module and let pass
 *
 * The count of tasks in flight is taken in the callback, because from there on
 * until redirected() is left the module must stay, also when the task sleeps
 * there: synchronize_rcu_tasks() takes sleeping for having left.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "compat/mm.h"
#include "compat/ftrace.h"
#include "symbols.h"
#include "internal.h"
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>

struct hook_counts {
	u64 redirected;
	u64 passed;
};

static DEFINE_PER_CPU(struct hook_counts, hook_counts);

#define SUM(field) ({							\
	u64 sum = 0;							\
	int cpu;							\
	for_each_possible_cpu(cpu)					\
		sum += READ_ONCE(per_cpu(hook_counts.field, cpu));	\
	sum; })

u64 pd_hooks_redirected(void)
{
	return SUM(redirected);
}

u64 pd_hooks_passed(void)
{
	return SUM(passed);
}

#ifdef PD_HAVE_FTRACE

static atomic_t in_flight = ATOMIC_INIT(0);

static noinline void redirected(struct lruvec *lruvec, struct scan_control *sc)
{
	struct pd_reclaim rc;

	pd_sc_read(sc, &rc);
	if (!static_call(pd_client_reclaim)(lruvec, &rc))
		pd_shrink_lruvec(lruvec, sc);
	/* Also keeps the call above from being a jump: divert() looks for it. */
	atomic_dec(&in_flight);
}

/*
 * MGLRU's global reclaim calls this for one cgroup after another. True moves the
 * cgroup behind all others, as it should be if there is nothing to gain. False
 * lets it be tried once more in this round: the kernel takes it for too small,
 * since its generations are empty.
 */
static noinline bool redirected_try(struct lruvec *lruvec,
				    struct scan_control *sc)
{
	unsigned long before = pd_sc_reclaimed(sc);
	struct pd_reclaim rc;
	bool rotate;

	pd_sc_read(sc, &rc);
	if (static_call(pd_client_reclaim)(lruvec, &rc))
		rotate = pd_sc_reclaimed(sc) == before;
	else
		rotate = pd_try_to_shrink_lruvec(lruvec, sc);
	atomic_dec(&in_flight);
	return rotate;
}

static __always_inline void divert(unsigned long ip, unsigned long parent_ip,
				   struct ftrace_regs *fregs, void *to)
{
	struct lruvec *lruvec = (struct lruvec *)pd_ftrace_arg0(fregs);
	int bit = ftrace_test_recursion_trylock(ip, parent_ip);

	if (bit < 0)
		return;
	/* Our own call of the original must not come back to us. */
	if (static_call(pd_client_attached)(lruvec) &&
	    !within_module(parent_ip, THIS_MODULE)) {
		atomic_inc(&in_flight);
		this_cpu_inc(hook_counts.redirected);
		pd_ftrace_redirect(fregs, (unsigned long)to);
	} else {
		this_cpu_inc(hook_counts.passed);
	}
	ftrace_test_recursion_unlock(bit);
}

static notrace void shrink_lruvec_entry(unsigned long ip,
					unsigned long parent_ip,
					struct ftrace_ops *op,
					struct ftrace_regs *fregs)
{
	divert(ip, parent_ip, fregs, redirected);
}

static notrace void try_to_shrink_entry(unsigned long ip,
					unsigned long parent_ip,
					struct ftrace_ops *op,
					struct ftrace_regs *fregs)
{
	divert(ip, parent_ip, fregs, redirected_try);
}

/*
 * PERMANENT: kernel.ftrace_enabled=0 is refused while we are in, since pages on
 * private queues are out of reach for the kernel's own code.
 */
#define HOOK_FLAGS (FTRACE_OPS_FL_IPMODIFY | FTRACE_OPS_FL_PERMANENT)

static struct ftrace_ops shrink_lruvec_ops = {
	.func = shrink_lruvec_entry,
	.flags = HOOK_FLAGS,
};

static struct ftrace_ops try_to_shrink_ops = {
	.func = try_to_shrink_entry,
	.flags = HOOK_FLAGS,
};

static int hook(struct ftrace_ops *ops, unsigned long addr)
{
	int err = ftrace_set_filter_ip(ops, addr, 0, 0);

	if (err)
		return err;
	err = register_ftrace_function(ops);
	if (err)
		ftrace_free_filter(ops);
	return err;
}

static void unhook(struct ftrace_ops *ops)
{
	unregister_ftrace_function(ops);
	ftrace_free_filter(ops);
}

/* Nobody comes in any more; wait for those who are. */
static void wait_for_tasks(void)
{
	while (atomic_read(&in_flight))
		msleep(20);
	/* Some may still be on the last instructions behind atomic_dec(). */
	synchronize_rcu_tasks();
}

static void say_why(const char *function, int err)
{
	if (err == -EBUSY)
		pr_info("%s() belongs to somebody else, such as a livepatch; expected a function of the kernel's own, or hook=shrinker\n",
			function);
	else
		pr_info("cannot hook %s() (%d); expected a kernel that lets functions be traced, or hook=shrinker\n",
			function, err);
}

int pd_reclaim_hook_start(void)
{
	int err = hook(&shrink_lruvec_ops, pd_symbol_shrink_lruvec.addr);

	if (err) {
		say_why("shrink_lruvec", err);
		return err;
	}
	if (!pd_have(try_to_shrink_lruvec))
		return 0;

	err = hook(&try_to_shrink_ops, pd_symbol_try_to_shrink_lruvec.addr);
	if (err) {
		say_why("try_to_shrink_lruvec", err);
		unhook(&shrink_lruvec_ops);
		wait_for_tasks();
	}
	return err;
}

void pd_reclaim_hook_stop(void)
{
	if (pd_have(try_to_shrink_lruvec))
		unhook(&try_to_shrink_ops);
	unhook(&shrink_lruvec_ops);
	wait_for_tasks();
}

#else /* !PD_HAVE_FTRACE */

int pd_reclaim_hook_start(void)
{
	pr_info("this kernel has no ftrace to hook shrink_lruvec() with\n");
	return -EOPNOTSUPP;
}

void pd_reclaim_hook_stop(void)
{
}

#endif
