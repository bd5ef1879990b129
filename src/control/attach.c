// SPDX-License-Identifier: GPL-2.0
/*
 * Attachments: making, ending, and switching the policy of.
 *
 * Lock order: an active reference to one of the files in the directory of all
 * (kernfs) -> pd_control_lock -> active references to the files in a cgroup's
 * directory, which pd_sysfs_del() waits for -> whatever the daemon takes,
 * cgroup_mutex among it.
 *
 * Hence files in a cgroup's directory never wait for pd_control_lock, and
 * pd_control_tree_changed(), which runs under cgroup_mutex, leaves the work to a
 * worker.
 *
 * A cgroup can go away at any time. That it is going is seen by its css being
 * dying, which precedes the call of pd_control_tree_changed(). So the list under
 * the lock is all there is to know: the worker ends each attachment whose css
 * is dying, whoever comes first does it, and the other finds nothing.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "control.h"
#include "trace.h"
#include "../daemon/domain.h"
#include <linux/cgroup.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/memcontrol.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/ratelimit.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

static DEFINE_MUTEX(pd_control_lock);
static LIST_HEAD(pd_attachments);
static unsigned int pd_nr_attached;
static struct kobject *pd_root;

static void pd_reap(struct work_struct *work);
static DECLARE_WORK(pd_reap_work, pd_reap);

void pd_refuse_log(const char *dir, const char *file, const char *text,
		   size_t len, const struct pd_refusal *why)
{
	/* Enough for a table test, and still nothing that floods a log. */
	static DEFINE_RATELIMIT_STATE(limit, 5 * HZ, 100);
	const int longest = 80;
	bool cut;

	if (len && text[len - 1] == '\n')
		len--;
	cut = len > longest;
	if (__ratelimit(&limit))
		pr_warn("%*pE%s%s \"%*pE%s\": %s\n",
			dir ? (int)strlen(dir) : 0, dir ?: "", dir ? "/" : "",
			file, cut ? longest : (int)len, text, cut ? "..." : "",
			why->text);
}

/* Find a cgroup; also sets @path to its path as seen from the root. */
static struct cgroup *pd_cgroup_get(char *path, struct pd_refusal *why)
{
	struct cgroup *cgrp;
	int err, len;

	if (!pd_memcg_v2()) {
		pd_refuse(why, -ENODEV,
			  "the memory controller is not on cgroup v2; expected a system that uses cgroup v2 only");
		return ERR_PTR(-ENODEV);
	}
	cgrp = cgroup_get_from_path(path);
	if (IS_ERR(cgrp)) {
		pd_refuse(why, -ENOENT,
			  "no such cgroup; expected " PD_EXAMPLE);
		return ERR_PTR(-ENOENT);
	}
	/* Only from within a cgroup namespace do these two checks fail. */
	err = pd_refuse(why, -EINVAL,
			"is the root cgroup, which has no limit; expected " PD_EXAMPLE);
	if (!cgroup_parent(cgrp))
		goto out_put;
	err = pd_refuse(why, -EINVAL,
			"has a path of more than %d bytes, too long for a directory name; expected a shorter one",
			PD_PATH_LEN);
	/* Some kernels return the length wanted, others an error. */
	len = cgroup_path(cgrp, path, PD_PATH_LEN + 1);
	if (len < 0 || len > PD_PATH_LEN)
		goto out_put;
	return cgrp;

out_put:
	cgroup_put(cgrp);
	return ERR_PTR(err);
}

/* The memcg of a cgroup, with a css reference. */
static struct mem_cgroup *pd_memcg_get(struct cgroup *cgrp,
				       struct pd_refusal *why)
{
	struct cgroup_subsys_state *css;
	int err = 0;

	rcu_read_lock();
	css = rcu_dereference(cgrp->subsys[memory_cgrp_id]);
	if (!css)
		err = -ENODEV;
	else if (css_is_dying(css) || !css_tryget_online(css))
		err = -ENOENT;
	rcu_read_unlock();
	if (err == -ENODEV)
		pd_refuse(why, err,
			  "has no memory controller; expected +memory in the cgroup.subtree_control of its parent");
	else if (err)
		pd_refuse(why, err,
			  "is being removed; expected " PD_EXAMPLE);
	return err ? ERR_PTR(err) : mem_cgroup_from_css(css);
}

static void pd_end(struct pd_attachment *att, const char *reason)
{
	lockdep_assert_held(&pd_control_lock);
	list_del(&att->list);
	WRITE_ONCE(pd_nr_attached, pd_nr_attached - 1);
	pd_sysfs_del(att);
	trace_pd_detach(att->dom->name, reason);
	pd_domain_detach(att->dom);
	pd_sysfs_put(att);
	kfree(att);
}

static void pd_end_dying(void)
{
	struct pd_attachment *att, *next;

	lockdep_assert_held(&pd_control_lock);
	list_for_each_entry_safe(att, next, &pd_attachments, list)
		if (css_is_dying(&att->dom->memcg->css))
			pd_end(att, "cgroup removed");
}

/* The attachment stays, so that users can see what became of it. */
static void pd_eject_condemned(void)
{
	struct pd_attachment *att;
	const char *why;

	lockdep_assert_held(&pd_control_lock);
	list_for_each_entry(att, &pd_attachments, list) {
		if (att->dom->ejected || !pd_is_condemned(att->dom))
			continue;
		why = pd_fault_text(att->dom->fault);
		pd_domain_eject(att->dom);
		trace_pd_eject(att->dom->name, pd_domain_policy(att->dom)->name, why);
		pr_warn("%s: policy %s is ejected: %s; expected a policy that keeps its contract; the kernel reclaims the cgroup, until it is attached again\n",
			att->dom->name, pd_domain_policy(att->dom)->name, why);
	}
}

static void pd_reap(struct work_struct *work)
{
	mutex_lock(&pd_control_lock);
	pd_end_dying();
	pd_eject_condemned();
	pd_domains_follow();
	mutex_unlock(&pd_control_lock);
}

void pd_control_tree_changed(void)
{
	queue_work(system_unbound_wq, &pd_reap_work);
}

void pd_control_settle(void)
{
	cancel_work_sync(&pd_reap_work);
}

static int pd_begin(struct mem_cgroup *memcg, const char *path,
		    const struct pd_policy *policy, struct pd_refusal *why)
{
	struct pd_attachment *att, *next;
	char name[NAME_MAX + 1];
	int err;

	lockdep_assert_held(&pd_control_lock);
	pd_path_to_name(path, name);
	list_for_each_entry_safe(att, next, &pd_attachments, list) {
		/* Another chance, with everything made anew. */
		if (att->dom->memcg == memcg && att->dom->ejected) {
			pd_end(att, "attached again");
			continue;
		}
		if (att->dom->memcg == memcg)
			return pd_refuse(why, -EEXIST,
					 "already attached; expected a cgroup that is not, or write to its policy file to switch");
		if (!strcmp(att->dom->name, name))
			return pd_refuse(why, -EEXIST,
					 "another attached cgroup has the same name with / written as !; expected that one to be detached first");
	}

	pd_refuse(why, 0, "out of memory; expected more of it");
	att = kzalloc(sizeof(*att), GFP_KERNEL);
	if (!att)
		return -ENOMEM;
	err = pd_domain_attach(memcg, name, policy, &att->dom);
	if (err) {
		if (err != -ENOMEM)
			pd_refuse(why, err,
				  "the page daemon refused (error %d); expected a cgroup with a memory limit on a supported kernel",
				  err);
		goto out_free;
	}
	err = pd_sysfs_add(att, pd_root, name);
	if (err)
		goto out_detach;
	list_add_tail(&att->list, &pd_attachments);
	WRITE_ONCE(pd_nr_attached, pd_nr_attached + 1);
	trace_pd_attach(name, policy->name);

	/* It may have gone before the hooks knew that we care. */
	if (css_is_dying(&memcg->css)) {
		pd_end(att, "cgroup removed");
		return pd_refuse(why, -ENOENT,
				 "is being removed; expected " PD_EXAMPLE);
	}
	return 0;

out_detach:
	pd_domain_detach(att->dom);
	pd_sysfs_put(att);
out_free:
	kfree(att);
	return err;
}

int pd_control_attach(const struct pd_target *target, struct pd_refusal *why)
{
	char path[PD_PATH_LEN + 1];
	struct mem_cgroup *memcg;
	struct cgroup *cgrp;
	int err;

	strscpy(path, target->path, sizeof(path));
	cgrp = pd_cgroup_get(path, why);
	if (IS_ERR(cgrp))
		return PTR_ERR(cgrp);
	memcg = pd_memcg_get(cgrp, why);
	if (IS_ERR(memcg)) {
		err = PTR_ERR(memcg);
		goto out_put;
	}
	mutex_lock(&pd_control_lock);
	/* One of the same name may have been removed and made anew just now. */
	pd_end_dying();
	err = pd_begin(memcg, path, target->policy, why);
	mutex_unlock(&pd_control_lock);
	mem_cgroup_put(memcg);
out_put:
	cgroup_put(cgrp);
	return err;
}

int pd_control_detach(const struct pd_target *target, struct pd_refusal *why)
{
	struct pd_attachment *att;
	char path[PD_PATH_LEN + 1];
	struct cgroup *cgrp;
	int err;

	strscpy(path, target->path, sizeof(path));
	cgrp = pd_cgroup_get(path, why);
	if (IS_ERR(cgrp))
		return PTR_ERR(cgrp);
	err = pd_refuse(why, -ENOENT,
			"is not attached; expected a cgroup that is");
	mutex_lock(&pd_control_lock);
	list_for_each_entry(att, &pd_attachments, list) {
		if (att->dom->memcg->css.cgroup == cgrp) {
			pd_end(att, "detached");
			err = 0;
			break;
		}
	}
	mutex_unlock(&pd_control_lock);
	cgroup_put(cgrp);
	return err;
}

int pd_control_switch(struct pd_attachment *att,
		      const struct pd_policy *policy, struct pd_refusal *why)
{
	int err = 0;

	if (!mutex_trylock(&pd_control_lock)) {
		/* Comes back at once: do not burn a CPU meanwhile. */
		usleep_range(5000, 10000);
		return restart_syscall();
	}
	if (pd_is_condemned(att->dom)) {
		mutex_unlock(&pd_control_lock);
		return pd_refuse(why, -EINVAL,
				 "the policy in force was ejected; expected the cgroup to be attached again, with the policy wanted");
	}
	if (pd_domain_policy(att->dom) != policy)
		err = pd_domain_set_policy(att->dom, policy);
	mutex_unlock(&pd_control_lock);
	if (err)
		pd_refuse(why, err,
			  "cannot switch (error %d); expected more free memory",
			  err);
	return err;
}

unsigned int pd_control_nr_attached(void)
{
	return READ_ONCE(pd_nr_attached);
}

int pd_control_param(const char *path, const char *policy)
{
	struct pd_target target;
	struct pd_refusal why;
	int err;

	err = pd_parse_path(path, strlen(path), &target, &why);
	if (!err && policy) {
		err = pd_parse_policy(policy, strlen(policy), &target.policy,
				      &why);
		if (err) {
			pd_refuse_log(NULL, "policy=", policy, strlen(policy),
				      &why);
			return err;
		}
	}
	if (!err)
		err = pd_control_attach(&target, &why);
	if (err)
		pd_refuse_log(NULL, "cgroup=", path, strlen(path), &why);
	return err;
}

int pd_control_init(void)
{
	struct kobject *root = pd_sysfs_root_add();

	if (IS_ERR(root))
		return PTR_ERR(root);
	pd_root = root;
	return 0;
}

void pd_control_exit(void)
{
	struct pd_attachment *att, *next;

	pd_sysfs_root_close(pd_root);
	mutex_lock(&pd_control_lock);
	list_for_each_entry_safe(att, next, &pd_attachments, list)
		pd_end(att, "module unloaded");
	mutex_unlock(&pd_control_lock);
	/* No domain, so nobody queues it any more. */
	pd_control_settle();
	pd_sysfs_root_del(pd_root);
}
