// SPDX-License-Identifier: GPL-2.0
/*
 * Tells the client of folios that reach a list, or an active list, of the kernel.
 * The tracepoints fire under the lru_lock. They are on the path of every page
 * fault in the system: no pointer calls, no locks, no allocations.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "compat/mm.h"
#include "internal.h"
#include "btf.h"
#include <linux/printk.h>
#include <linux/string.h>
#include <linux/tracepoint.h>

static void folio_inserted(void *data, struct folio *folio)
{
	static_call(pd_client_inserted)(folio);
}

static void folio_activated(void *data, struct folio *folio)
{
	static_call(pd_client_activated)(folio);
}

static struct lru_probe {
	const char *name;
	const char *type;	/* the kernel's typedef of the probe function */
	void *func;
	struct tracepoint *tp;
} probes[] = {
	{ "mm_lru_insertion", "btf_trace_mm_lru_insertion", folio_inserted },
	{ "mm_lru_activate", "btf_trace_mm_lru_activate", folio_activated },
};

static void match(struct tracepoint *tp, void *data)
{
	struct lru_probe *probe = data;

	if (!strcmp(tp->name, probe->name))
		probe->tp = tp;
}

int pd_lru_hook_prepare(const struct pd_btf *btf)
{
	char found[64];
	int i;

	for (i = 0; i < ARRAY_SIZE(probes); i++) {
		probes[i].tp = NULL;
		for_each_kernel_tracepoint(match, &probes[i]);
		if (!probes[i].tp) {
			pr_err("this kernel has no tracepoint %s\n",
			       probes[i].name);
			return -EOPNOTSUPP;
		}
		if (pd_btf_signature(btf, probes[i].type, found,
				     sizeof(found)) < 0 ||
		    strcmp(found, "v v* folio*")) {
			pr_err("tracepoint %s is not as expected on this kernel\n",
			       probes[i].name);
			return -EOPNOTSUPP;
		}
	}
	return 0;
}

static void unregister(int nr)
{
	while (nr--)
		tracepoint_probe_unregister(probes[nr].tp, probes[nr].func,
					    NULL);
	tracepoint_synchronize_unregister();
}

int pd_lru_hook_start(void)
{
	int i, err;

	for (i = 0; i < ARRAY_SIZE(probes); i++) {
		err = tracepoint_probe_register(probes[i].tp, probes[i].func,
						NULL);
		if (err) {
			pr_err("cannot use tracepoint %s (%d)\n",
			       probes[i].name, err);
			unregister(i);
			return err;
		}
	}
	return 0;
}

void pd_lru_hook_stop(void)
{
	unregister(ARRAY_SIZE(probes));
}
