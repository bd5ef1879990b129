// SPDX-License-Identifier: GPL-2.0
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "symbols.h"
#include "internal.h"
#include "btf.h"
#include "plant.h"
#include <linux/printk.h>
#include <linux/slab.h>

DEFINE_STATIC_CALL_NULL(pd_client_attached, *pd_client_type->attached);
DEFINE_STATIC_CALL_NULL(pd_client_reclaim, *pd_client_type->reclaim);
DEFINE_STATIC_CALL_NULL(pd_client_inserted, *pd_client_type->inserted);
DEFINE_STATIC_CALL_NULL(pd_client_activated, *pd_client_type->activated);

/* The way in that is in use; written by start only. */
static enum pd_hook_mode way_in;

static int open_btf(struct pd_btf *btf)
{
	const char *start = (const char *)pd_symbol_lookup("__start_BTF");
	const char *stop = (const char *)pd_symbol_lookup("__stop_BTF");

	if (!start || stop <= start) {
		pr_err("kernel has no BTF\n");
		return -EOPNOTSUPP;
	}
	if (pd_btf_open(btf, start, stop - start)) {
		pr_err("kernel's BTF is malformed\n");
		return -EOPNOTSUPP;
	}
	return 0;
}

int pd_hooks_prepare(void)
{
	struct pd_btf *btf;
	int err;

	err = PD_STEP(pd_symbols_resolve());
	if (err)
		return err;

	btf = kmalloc(sizeof(*btf), GFP_KERNEL);
	if (!btf)
		return -ENOMEM;
	err = PD_STEP(open_btf(btf));
	if (err)
		goto out;
	err = PD_STEP(pd_symbols_check(btf));
	if (err)
		goto out;
	err = PD_STEP(pd_sc_prepare(btf));
	if (err)
		goto out;
	err = PD_STEP(pd_lru_hook_prepare(btf));
	if (err)
		goto out;
	pd_symbols_enable();
	pd_referenced_enable();
out:
	kfree(btf);
	return err;
}

static int choose_way_in(enum pd_hook_mode mode)
{
	int err;

	if (mode != PD_HOOK_SHRINKER) {
		err = pd_reclaim_hook_start();
		if (!err) {
			way_in = PD_HOOK_FTRACE;
			return 0;
		}
		if (mode == PD_HOOK_FTRACE)
			return err == -EOPNOTSUPP || err == -ENOMEM ? err :
								      -EBUSY;
		pr_info("falling back to the shrinker\n");
	}
	if (!pd_have(set_shrinker_bit)) {
		pr_err("hook=shrinker needs set_shrinker_bit(), which this kernel has not\n");
		return -EOPNOTSUPP;
	}
	way_in = PD_HOOK_SHRINKER;
	return 0;
}

int pd_hooks_start(enum pd_hook_mode mode, const struct pd_hook_client *client)
{
	int err;

	static_call_update(pd_client_attached, client->attached);
	static_call_update(pd_client_reclaim, client->reclaim);
	static_call_update(pd_client_inserted, client->inserted);
	static_call_update(pd_client_activated, client->activated);

	err = PD_STEP(pd_lru_hook_start());
	if (err)
		return err;
	err = PD_STEP(pd_shrinker_start(client));
	if (err)
		goto out_lru;
	err = PD_STEP(pd_css_hook_start(client));
	if (err && mode == PD_HOOK_FTRACE)
		goto out_shrinker;
	err = PD_STEP(choose_way_in(mode));
	if (err)
		goto out_css;
	return 0;

out_css:
	pd_css_hook_stop();
out_shrinker:
	pd_shrinker_stop();
out_lru:
	pd_lru_hook_stop();
	return err;
}

void pd_hooks_stop(void)
{
	if (way_in == PD_HOOK_FTRACE)
		pd_reclaim_hook_stop();
	pd_css_hook_stop();
	pd_lru_hook_stop();
	pd_shrinker_stop();
}

enum pd_hook_mode pd_hooks_mode(void)
{
	return way_in;
}

const char *pd_hooks_mode_name(void)
{
	return way_in == PD_HOOK_FTRACE ? "ftrace" : "shrinker";
}
