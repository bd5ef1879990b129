// SPDX-License-Identifier: GPL-2.0
/*
 * struct scan_control is private to mm/vmscan.c and changes within one stable
 * series: where its fields are comes from the running kernel's BTF.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "compat/mm.h"
#include "internal.h"
#include "btf.h"
#include <linux/printk.h>
#include <linux/string.h>

/* Offsets in bytes. */
static struct {
	u16 nr_to_reclaim;
	u16 target_mem_cgroup;
	u16 priority;
	u16 reclaim_idx;
	u16 order;
	u16 gfp_mask;
	u16 nr_scanned;
	u16 nr_reclaimed;
	u16 reclaim_state;
} at;

static const struct {
	const char *name;
	u16 *at;
	u8 bytes;
} fields[] = {
	{ "nr_to_reclaim", &at.nr_to_reclaim, sizeof(unsigned long) },
	{ "target_mem_cgroup", &at.target_mem_cgroup, sizeof(void *) },
	{ "priority", &at.priority, sizeof(s8) },
	{ "reclaim_idx", &at.reclaim_idx, sizeof(s8) },
	{ "order", &at.order, sizeof(s8) },
	{ "gfp_mask", &at.gfp_mask, sizeof(gfp_t) },
	{ "nr_scanned", &at.nr_scanned, sizeof(unsigned long) },
	{ "nr_reclaimed", &at.nr_reclaimed, sizeof(unsigned long) },
};

/* A bit of a byte; a mask of 0 is a flag that this kernel has not. */
struct sc_flag {
	u16 at;
	u8 mask;
};

static struct {
	struct sc_flag may_writepage;
	struct sc_flag may_unmap;
	struct sc_flag may_swap;
	struct sc_flag proactive;
	struct sc_flag no_demotion;
} flag;

static const struct {
	const char *name;
	struct sc_flag *flag;
	bool needed;
} flags[] = {
	{ "may_writepage", &flag.may_writepage, true },
	{ "may_unmap", &flag.may_unmap, true },
	{ "may_swap", &flag.may_swap, true },
	{ "proactive", &flag.proactive, false },
	{ "no_demotion", &flag.no_demotion, false },
};

/* Field of a scan_control; aligned as the compiler laid it out. */
#define SC(sc, name, type) (*(type *)((u8 *)(sc) + at.name))

static bool get_flag(struct scan_control *sc, struct sc_flag flag)
{
	return *((u8 *)sc + flag.at) & flag.mask;
}

static void set_flag(void *sc, struct sc_flag flag, bool on)
{
	if (on)
		*((u8 *)sc + flag.at) |= flag.mask;
}

static int bad_field(const char *name)
{
	pr_err("scan_control.%s is not as expected on this kernel\n", name);
	return -EOPNOTSUPP;
}

static int find_field(const struct pd_btf *btf, u32 type, const char *name,
		      unsigned int bytes, u16 *at)
{
	struct pd_btf_member member;

	if (pd_btf_member(btf, type, name, &member) ||
	    member.bit_size != bytes * 8 ||
	    member.bit_offset % member.bit_size)
		return bad_field(name);
	*at = member.bit_offset / 8;
	return 0;
}

static int find_flag(const struct pd_btf *btf, u32 type, const char *name,
		     bool needed, struct sc_flag *flag)
{
	struct pd_btf_member member;
	int err = pd_btf_member(btf, type, name, &member);

	flag->mask = 0;
	if (err == -ENOENT && !needed)
		return 0;
	if (err || member.bit_size != 1)
		return bad_field(name);
	flag->at = member.bit_offset / 8;
	flag->mask = 1 << member.bit_offset % 8;
	return 0;
}

/* Embedded, so that task->reclaim_state leads to the scan_control. */
static int find_reclaim_state(const struct pd_btf *btf, u32 type)
{
	struct pd_btf_member member;

	if (pd_btf_member(btf, type, "reclaim_state", &member) ||
	    member.bit_size != sizeof(struct reclaim_state) * 8)
		return bad_field("reclaim_state");
	at.reclaim_state = member.bit_offset / 8;
	return 0;
}

int pd_sc_prepare(const struct pd_btf *btf)
{
	int type, i, err;
	u32 bytes;

	type = pd_btf_struct(btf, "scan_control", &bytes);
	if (type < 0) {
		pr_err("this kernel's BTF does not describe struct scan_control (%d)\n",
		       type);
		return -EOPNOTSUPP;
	}
	if (bytes > PD_SC_BYTES) {
		pr_err("struct scan_control has %u bytes on this kernel, more than %u\n",
		       bytes, PD_SC_BYTES);
		return -EOPNOTSUPP;
	}

	for (i = 0; i < ARRAY_SIZE(fields); i++) {
		err = find_field(btf, type, fields[i].name, fields[i].bytes,
				 fields[i].at);
		if (err)
			return err;
	}
	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		err = find_flag(btf, type, flags[i].name, flags[i].needed,
				flags[i].flag);
		if (err)
			return err;
	}

	err = find_reclaim_state(btf, type);
	if (err)
		return err;

	/* shrink_folio_list() clears one of these; ours must be as large. */
	type = pd_btf_struct(btf, "reclaim_stat", &bytes);
	if (type < 0 || bytes > sizeof(struct reclaim_stat)) {
		pr_err("struct reclaim_stat is not as in this kernel's headers\n");
		return -EOPNOTSUPP;
	}
	return 0;
}

void pd_sc_read(struct scan_control *sc, struct pd_reclaim *rc)
{
	rc->sc = sc;
	rc->target = SC(sc, target_mem_cgroup, struct mem_cgroup *);
	rc->nr_to_reclaim = SC(sc, nr_to_reclaim, unsigned long);
	rc->nr_to_reclaim -= min(rc->nr_to_reclaim,
				 SC(sc, nr_reclaimed, unsigned long));
	rc->gfp = SC(sc, gfp_mask, gfp_t);
	rc->priority = SC(sc, priority, s8);
	rc->reclaim_idx = SC(sc, reclaim_idx, s8);
	rc->may_writepage = get_flag(sc, flag.may_writepage);
	rc->may_unmap = get_flag(sc, flag.may_unmap);
	rc->may_swap = get_flag(sc, flag.may_swap);
	rc->proactive = get_flag(sc, flag.proactive);
}

struct scan_control *pd_sc_current(void)
{
	if (!current->reclaim_state)
		return NULL;
	return (void *)((u8 *)current->reclaim_state - at.reclaim_state);
}

void pd_sc_add_reclaimed(struct scan_control *sc, unsigned long pages)
{
	SC(sc, nr_reclaimed, unsigned long) += pages;
}

void pd_sc_add_scanned(struct scan_control *sc, unsigned long pages)
{
	SC(sc, nr_scanned, unsigned long) += pages;
}

unsigned long pd_sc_reclaimed(struct scan_control *sc)
{
	return SC(sc, nr_reclaimed, unsigned long);
}

void pd_sc_make(void *storage, struct pd_reclaim *rc)
{
	memset(storage, 0, PD_SC_BYTES);
	rc->sc = storage;
	SC(storage, target_mem_cgroup, struct mem_cgroup *) = rc->target;
	SC(storage, nr_to_reclaim, unsigned long) = rc->nr_to_reclaim;
	SC(storage, gfp_mask, gfp_t) = rc->gfp;
	SC(storage, priority, s8) = rc->priority;
	SC(storage, reclaim_idx, s8) = rc->reclaim_idx;
	SC(storage, order, s8) = 0;
	set_flag(storage, flag.may_writepage, rc->may_writepage);
	set_flag(storage, flag.may_unmap, rc->may_unmap);
	set_flag(storage, flag.may_swap, rc->may_swap);
	set_flag(storage, flag.proactive, rc->proactive);
	/* Moving a page to slower memory does not uncharge it. */
	set_flag(storage, flag.no_demotion, true);
}
