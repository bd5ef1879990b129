// SPDX-License-Identifier: GPL-2.0
/*
 * The files in /sys/kernel/mm/pagedaemon. Described in
 * docs/sysfs-kernel-mm-pagedaemon, whose lists are made from the same .def files.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "control.h"
#include "../daemon/domain.h"
#include "../hooks/hooks.h"
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/kernfs.h>
#include <linux/nodemask.h>
#include <linux/printk.h>

/* Files that concern all cgroups. */

static ssize_t attach_store(struct kobject *kobj, struct kobj_attribute *attr,
			    const char *buf, size_t count)
{
	struct pd_target target;
	struct pd_refusal why;
	int err;

	err = pd_parse_attach(buf, count, &target, &why);
	if (!err)
		err = pd_control_attach(&target, &why);
	if (!err)
		return count;
	pd_refuse_log(NULL, "attach", buf, count, &why);
	return err;
}

static ssize_t detach_store(struct kobject *kobj, struct kobj_attribute *attr,
			    const char *buf, size_t count)
{
	struct pd_target target;
	struct pd_refusal why;
	int err;

	err = pd_parse_path(buf, count, &target, &why);
	if (!err)
		err = pd_control_detach(&target, &why);
	if (!err)
		return count;
	pd_refuse_log(NULL, "detach", buf, count, &why);
	return err;
}

/* The names of all policies; @current_one, if any, in brackets. */
static ssize_t pd_emit_policies(char *buf, const struct pd_policy *current_one)
{
	const struct pd_policy *p;
	int at = 0;
	u32 i;

	for (i = 0; (p = pd_policy_at(i)); i++)
		at += sysfs_emit_at(buf, at, p == current_one ? "%s[%s]" : "%s%s",
				    i ? " " : "", p->name);
	return at + sysfs_emit_at(buf, at, "\n");
}

static ssize_t policies_show(struct kobject *kobj, struct kobj_attribute *attr,
			     char *buf)
{
	return pd_emit_policies(buf, NULL);
}

static ssize_t hook_show(struct kobject *kobj, struct kobj_attribute *attr,
			 char *buf)
{
	return sysfs_emit(buf, "%s\n", pd_hooks_mode_name());
}

static ssize_t root_stats_show(struct kobject *kobj,
			       struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "domains %u\nhook_redirected %llu\nhook_passed %llu\n",
			  pd_control_nr_attached(), pd_hooks_redirected(),
			  pd_hooks_passed());
}

static struct kobj_attribute attach_attr = __ATTR(attach, 0200, NULL, attach_store);
static struct kobj_attribute detach_attr = __ATTR(detach, 0200, NULL, detach_store);
static struct kobj_attribute policies_attr = __ATTR(policies, 0444, policies_show, NULL);
static struct kobj_attribute hook_attr = __ATTR(hook, 0444, hook_show, NULL);
static struct kobj_attribute root_stats_attr = __ATTR(stats, 0444, root_stats_show, NULL);

static struct attribute *pd_root_attrs[] = {
	&attach_attr.attr,
	&detach_attr.attr,
	&policies_attr.attr,
	&hook_attr.attr,
	&root_stats_attr.attr,
	NULL,
};

static const struct attribute_group pd_root_group = { .attrs = pd_root_attrs };

/* mm_kobj is not exported by all kernels; its directory can be looked up. */
static struct kobject *pd_mm_kobj_get(void)
{
	struct kernfs_node *kn = kernfs_find_and_get(kernel_kobj->sd, "mm");
	struct kobject *kobj;

	if (!kn)
		return NULL;
	/* Made at boot and never removed, so it outlives the node's reference. */
	kobj = kobject_get(kn->priv);
	kernfs_put(kn);
	return kobj;
}

struct kobject *pd_sysfs_root_add(void)
{
	struct kobject *mm, *root;
	int err;

	mm = pd_mm_kobj_get();
	if (!mm) {
		pr_err("this kernel has no /sys/kernel/mm\n");
		return ERR_PTR(-EOPNOTSUPP);
	}
	root = kobject_create_and_add("pagedaemon", mm);
	kobject_put(mm);
	if (!root)
		return ERR_PTR(-ENOMEM);
	err = sysfs_create_group(root, &pd_root_group);
	if (err) {
		kobject_put(root);
		return ERR_PTR(err);
	}
	return root;
}

void pd_sysfs_root_close(struct kobject *root)
{
	sysfs_remove_group(root, &pd_root_group);
}

void pd_sysfs_root_del(struct kobject *root)
{
	kobject_put(root);
}

/* Files of one cgroup. */

static struct pd_attachment *pd_attachment_of(struct kobject *kobj)
{
	return container_of(kobj, struct pd_attachment, kobj);
}

static ssize_t policy_show(struct kobject *kobj, struct kobj_attribute *attr,
			   char *buf)
{
	return pd_emit_policies(buf, pd_domain_policy(pd_attachment_of(kobj)->dom));
}

static ssize_t policy_store(struct kobject *kobj, struct kobj_attribute *attr,
			    const char *buf, size_t count)
{
	struct pd_attachment *att = pd_attachment_of(kobj);
	const struct pd_policy *policy;
	struct pd_refusal why;
	int err;

	err = pd_parse_policy(buf, count, &policy, &why);
	if (!err)
		err = pd_control_switch(att, policy, &why);
	if (!err)
		return count;
	if (err != -ERESTARTNOINTR)
		pd_refuse_log(kobject_name(kobj), "policy", buf, count, &why);
	return err;
}

static ssize_t state_show(struct kobject *kobj, struct kobj_attribute *attr,
			  char *buf)
{
	struct pd_domain *dom = pd_attachment_of(kobj)->dom;

	if (READ_ONCE(dom->ejected))
		return sysfs_emit(buf, "ejected: %s\n", pd_fault_text(dom->fault));
	return sysfs_emit(buf, "active\n");
}

/* A pass with a high number is a daemon that finds nothing to free. */
static u32 pd_highest_pass(struct pd_domain *dom)
{
	u32 pass = 0;
	int nid;

	for_each_online_node(nid)
		if (dom->nodes[nid])
			pass = max(pass, READ_ONCE(dom->nodes[nid]->pass));
	return pass;
}

/* The longest the stats file can become: each line a name, a blank, 20 digits, a newline. */
#define PD_GAUGE(name, expr, unit, text) + sizeof(#name) + 21
#define PD_COUNTER(name, unit, text) + sizeof(#name) + 21
enum {
	PD_STATS_BYTES = 0
#include "gauges.def"
#include <pagedaemon/counters.def>
};
#undef PD_GAUGE
#undef PD_COUNTER
static_assert(PD_STATS_BYTES < PAGE_SIZE);

#define PD_COUNTER(name, unit, text) #name,
static const char *const pd_counter_names[PD_NR_COUNTERS] = {
#include <pagedaemon/counters.def>
};
#undef PD_COUNTER

static ssize_t stats_show(struct kobject *kobj, struct kobj_attribute *attr,
			  char *buf)
{
	struct pd_domain *dom = pd_attachment_of(kobj)->dom;
	struct pd_watermarks marks;
	struct pd_memory memory;
	int i, at = 0;

	pd_domain_memory(dom, NULL, &memory);
	/* May mix two limits if one is just being set; the next reader sees one. */
	marks = dom->marks;

#define PD_GAUGE(name, expr, unit, text)                                       \
	at += sysfs_emit_at(buf, at, #name " %lld\n", (s64)(expr));
#include "gauges.def"
#undef PD_GAUGE

	for (i = 0; i < PD_NR_COUNTERS; i++)
		at += sysfs_emit_at(buf, at, "%s %llu\n", pd_counter_names[i],
				    pd_domain_counter(dom, i));
	return at;
}

/*
 * A line for each queue pair. Where there are too many for the file, the last
 * line says so.
 */
static ssize_t pairs_show(struct kobject *kobj, struct kobj_attribute *attr,
			  char *buf)
{
	const int longest = PD_PATH_LEN + 8 * 24;
	struct pd_domain *dom = pd_attachment_of(kobj)->dom;
	char path[PD_PATH_LEN + 1];
	struct pd_set *set = NULL;
	int nid, at = 0;

	while ((set = pd_set_next(dom, set))) {
		cgroup_path(set->memcg->css.cgroup, path, sizeof(path));
		pd_for_each_nid(nid) {
			struct pd_pair *pair = set->pairs[nid];
			struct pd_pair_counts c;

			if (!pair)
				continue;
			if (at > (int)PAGE_SIZE - longest) {
				pd_set_leave(set);
				return at + sysfs_emit_at(buf, at, "...\n");
			}
			c = pd_pair_counts(pair);
			at += sysfs_emit_at(buf, at,
					    "node %d inactive %lu active %lu anon %lu file %lu freed %lu spared %d %s\n",
					    nid, c.inactive, c.active, c.anon, c.file,
					    atomic_long_read(&pair->freed),
					    READ_ONCE(set->spared), path);
		}
	}
	return at;
}

static struct kobj_attribute pairs_attr = __ATTR(pairs, 0444, pairs_show, NULL);
static struct kobj_attribute policy_attr = __ATTR(policy, 0644, policy_show, policy_store);
static struct kobj_attribute state_attr = __ATTR(state, 0444, state_show, NULL);
static struct kobj_attribute stats_attr = __ATTR(stats, 0444, stats_show, NULL);

static struct attribute *pd_cgroup_attrs[] = {
	&policy_attr.attr,
	&state_attr.attr,
	&stats_attr.attr,
	&pairs_attr.attr,
	NULL,
};

static const struct attribute_group pd_cgroup_group = { .attrs = pd_cgroup_attrs };

/* Knobs: the place in the array says which. */

static struct kobj_attribute pd_knob_attributes[];

static enum pd_knob_id pd_knob_of(struct kobj_attribute *attr)
{
	return attr - pd_knob_attributes;
}

static ssize_t knob_show(struct kobject *kobj, struct kobj_attribute *attr,
			 char *buf)
{
	struct pd_domain *dom = pd_attachment_of(kobj)->dom;
	struct pd_memory memory;

	/* Computed values follow a limit that has just moved. */
	pd_domain_memory(dom, NULL, &memory);
	return sysfs_emit(buf, "%llu\n", pd_domain_knob(dom, pd_knob_of(attr)));
}

static ssize_t knob_store(struct kobject *kobj, struct kobj_attribute *attr,
			  const char *buf, size_t count)
{
	enum pd_knob_id id = pd_knob_of(attr);
	struct pd_refusal why;
	char file[48];
	u64 value;
	int err;

	err = pd_parse_knob(id, buf, count, &value, &why);
	if (!err) {
		err = pd_domain_set_knob(pd_attachment_of(kobj)->dom, id, value);
		if (err)
			pd_refuse(&why, err,
				  "contradicts other knobs; expected anonmin + filemin + execmin to be %d at most",
				  PD_FLOORS_MAX);
	}
	if (!err)
		return count;
	scnprintf(file, sizeof(file), "knobs/%s", pd_knob_descs[id].name);
	pd_refuse_log(kobject_name(kobj), file, buf, count, &why);
	return err;
}

#define PD_KNOB(name, def, min, max, unit, text)                               \
	[PD_KNOB_##name] = __ATTR(name, 0644, knob_show, knob_store),
static struct kobj_attribute pd_knob_attributes[] = {
#include <pagedaemon/knobs.def>
};
#undef PD_KNOB

#define PD_KNOB(name, def, min, max, unit, text)                               \
	&pd_knob_attributes[PD_KNOB_##name].attr,
static struct attribute *pd_knob_attrs[] = {
#include <pagedaemon/knobs.def>
	NULL,
};
#undef PD_KNOB

static const struct attribute_group pd_knob_group = {
	.name = "knobs",
	.attrs = pd_knob_attrs,
};

static const struct attribute_group *pd_cgroup_groups[] = {
	&pd_cgroup_group,
	&pd_knob_group,
	NULL,
};

static void pd_attachment_release(struct kobject *kobj)
{
	complete(pd_attachment_of(kobj)->released);
}

static const struct kobj_type pd_attachment_type = {
	.release = pd_attachment_release,
	.sysfs_ops = &kobj_sysfs_ops,
	.default_groups = pd_cgroup_groups,
};

int pd_sysfs_add(struct pd_attachment *att, struct kobject *root,
		 const char *name)
{
	return kobject_init_and_add(&att->kobj, &pd_attachment_type, root,
				    "%s", name);
}

void pd_sysfs_del(struct pd_attachment *att)
{
	kobject_del(&att->kobj);
}

/*
 * Waiting for the release keeps its code in memory: kobjects may be released
 * late (CONFIG_DEBUG_KOBJECT_RELEASE does so on purpose).
 */
void pd_sysfs_put(struct pd_attachment *att)
{
	DECLARE_COMPLETION_ONSTACK(done);

	att->released = &done;
	kobject_put(&att->kobj);
	wait_for_completion(&done);
}
