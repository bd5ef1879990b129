// SPDX-License-Identifier: GPL-2.0
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "symbols.h"
#include "btf.h"
#include <linux/kprobes.h>
#include <linux/printk.h>
#include <linux/string.h>

/* Longest rendered signature that is compared and logged. */
#define SIGNATURE_BYTES 128

DEFINE_STATIC_CALL_NULL(pd_kallsyms_lookup_name,
			*((unsigned long (*)(const char *name))NULL));

#define PD_FUNCTION(symbol, ret, params, needed, sig)	\
	struct pd_symbol pd_symbol_##symbol = {		\
		.name = #symbol,			\
		.prototype = #ret " " #params,		\
		.signature = (sig),			\
		.need = (needed),			\
	}
#include "functions.def"

#define PD_FUNCTION(name, ...) \
	DEFINE_STATIC_CALL_NULL(pd_fn_##name, pd_type_##name)
#include "functions.def"

#define PD_VARIABLE(name, type_t) type_t pd_##name
#include "variables.def"

/*
 * kallsyms_lookup_name() is not exported, but kprobes resolve names. They give
 * the address behind the function's ENDBR; asking the function for itself gives
 * its true start.
 */
static int find_lookup(void)
{
	struct kprobe probe = { .symbol_name = "kallsyms_lookup_name" };
	unsigned long addr;
	int err;

	err = register_kprobe(&probe);
	if (err) {
		pr_err("cannot look up kernel symbols: no kprobe on kallsyms_lookup_name() (%d)\n",
		       err);
		return -EOPNOTSUPP;
	}
	addr = (unsigned long)probe.addr;
	unregister_kprobe(&probe);

	static_call_update(pd_kallsyms_lookup_name, (void *)addr);
	addr = pd_symbol_lookup("kallsyms_lookup_name");
	if (!addr) {
		pr_err("kallsyms_lookup_name() does not find itself\n");
		return -EOPNOTSUPP;
	}
	static_call_update(pd_kallsyms_lookup_name, (void *)addr);
	return 0;
}

unsigned long pd_symbol_lookup(const char *name)
{
	return static_call(pd_kallsyms_lookup_name)(name);
}

/* These three do nothing once *err is set. */
static void resolve_function(struct pd_symbol *symbol, int *err)
{
	if (*err)
		return;
	symbol->addr = pd_symbol_lookup(symbol->name);
	if (symbol->addr || symbol->need == PD_OPTIONAL)
		return;
	pr_err("this kernel has no function %s()\n", symbol->name);
	*err = -EOPNOTSUPP;
}

static void resolve_variable(const char *name, void *pointer, int *err)
{
	unsigned long addr;

	if (*err)
		return;
	addr = pd_symbol_lookup(name);
	memcpy(pointer, &addr, sizeof(addr));
	if (addr)
		return;
	pr_err("this kernel has no variable %s\n", name);
	*err = -EOPNOTSUPP;
}

static void check_function(const struct pd_btf *btf, struct pd_symbol *symbol,
			   int *err)
{
	char found[SIGNATURE_BYTES];
	int n;

	if (*err || !symbol->addr)
		return;
	n = pd_btf_signature(btf, symbol->name, found, sizeof(found));
	if (n >= 0 && !strcmp(found, symbol->signature))
		return;
	if (symbol->need == PD_OPTIONAL) {
		pr_info("not using %s(): it is different on this kernel\n",
			symbol->name);
		symbol->addr = 0;
		return;
	}
	if (n >= 0)
		pr_err("%s() is \"%s\" on this kernel; needed is %s, \"%s\"\n",
		       symbol->name, found, symbol->prototype,
		       symbol->signature);
	else
		pr_err("this kernel's BTF does not describe %s() (%d)\n",
		       symbol->name, n);
	*err = -EOPNOTSUPP;
}

int pd_symbols_resolve(void)
{
	int err = find_lookup();

#define PD_FUNCTION(name, ...) resolve_function(&pd_symbol_##name, &err)
#include "functions.def"

#define PD_VARIABLE(name, ...) resolve_variable(#name, &pd_##name, &err)
#include "variables.def"

	return err;
}

int pd_symbols_check(const struct pd_btf *btf)
{
	int err = 0;

#define PD_FUNCTION(name, ...) check_function(btf, &pd_symbol_##name, &err)
#include "functions.def"

	return err;
}

void pd_symbols_enable(void)
{
#define PD_FUNCTION(name, ...) \
	static_call_update(pd_fn_##name, (void *)pd_symbol_##name.addr)
#include "functions.def"
}
