/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The control surface: what users write to, in three parts.
 *
 *	parse.c   text to values; pure functions, tested without a kernel around
 *	attach.c  life cycle of attachments, under one mutex
 *	sysfs.c   the files
 *
 * Whoever refuses something fills in a struct pd_refusal, and whoever got the
 * user's bytes logs it: one line for each refusal, which says what was wrong
 * and what would have been right.
 */
#ifndef PD_CONTROL_H
#define PD_CONTROL_H

#include "parse.h"
#include <linux/kobject.h>
#include <linux/list.h>
#include <linux/sysfs.h>

struct completion;
struct pd_domain;

/**
 * pd_refuse_log() - write the one log line of a refusal
 * @dir: directory of the file that was written to; NULL for none
 * @file: the file or module parameter
 * @text: what the user wrote; any bytes, printed escaped and shortened
 * @len: its length
 * @why: the refusal
 *
 * Context: any; rate-limited.
 */
void pd_refuse_log(const char *dir, const char *file, const char *text,
		   size_t len, const struct pd_refusal *why);

/**
 * struct pd_attachment - an attached cgroup, as users see it
 * @kobj: its directory
 * @list: in the list of all, under the control mutex
 * @dom: lives from before the directory appears till after it is gone, so the
 *       files in it can use it without a lock
 * @released: completed when the last reference to @kobj is gone
 */
struct pd_attachment {
	struct kobject kobj;
	struct list_head list;
	struct pd_domain *dom;
	struct completion *released;
};

/**
 * pd_control_attach() - attach a cgroup
 * @target: which one, and to which policy
 * @why: filled in on error
 *
 * Context: process, may sleep; takes the control mutex.
 * Return: 0, -ENOENT, -EEXIST, -ENODEV, -EINVAL, -EOPNOTSUPP, -ENOMEM.
 */
int pd_control_attach(const struct pd_target *target, struct pd_refusal *why);

/**
 * pd_control_detach() - detach a cgroup
 * @target: which one; the policy does not matter
 * @why: filled in on error
 *
 * Context: process, may sleep; takes the control mutex.
 * Return: 0, -ENOENT (no such cgroup, or not attached), -ENODEV, -EINVAL.
 */
int pd_control_detach(const struct pd_target *target, struct pd_refusal *why);

/**
 * pd_control_switch() - switch to another policy
 * @att: the attachment
 * @policy: the policy; the one in force is fine
 * @why: filled in on error
 *
 * For the files in the directory of @att: does not wait for the control mutex,
 * whose owner may be waiting for its caller to leave that directory.
 *
 * Context: process, may sleep; only tries for the control mutex.
 * Return: 0, -ENOMEM, -ERESTARTNOINTR (busy: return it, @why is not set).
 */
int pd_control_switch(struct pd_attachment *att,
		      const struct pd_policy *policy, struct pd_refusal *why);

/* No worker of control's runs after this, if nobody calls for it any more. */
void pd_control_settle(void);

/* Number of cgroups attached. Any context. */
unsigned int pd_control_nr_attached(void);

/* The directory of all, and in it the files that concern all cgroups. */
struct kobject *pd_sysfs_root_add(void);
void pd_sysfs_root_del(struct kobject *root);
/* No file of the directory is in use, nor can be used, after this. */
void pd_sysfs_root_close(struct kobject *root);

/* The directory of one cgroup. On error there is none. */
int pd_sysfs_add(struct pd_attachment *att, struct kobject *root,
		 const char *name);
/* Returns when the directory is gone and nobody is in any of its files. */
void pd_sysfs_del(struct pd_attachment *att);
/* Returns when the kobject can be freed. */
void pd_sysfs_put(struct pd_attachment *att);

/**
 * pd_control_init() - make the sysfs directory
 *
 * From here on users can attach cgroups, so everything else is ready.
 *
 * Context: process, may sleep.
 * Return: 0, -ENOMEM, -EOPNOTSUPP with a log line.
 */
int pd_control_init(void);

/**
 * pd_control_param() - attach the cgroup that the module's parameters name
 * @path: cgroup=
 * @policy: policy=, or NULL for the default
 *
 * Context: process, may sleep.
 * Return: as pd_control_attach(), with a log line.
 */
int pd_control_param(const char *path, const char *policy);

/**
 * pd_control_exit() - detach all and remove the sysfs directory
 *
 * Context: process, may sleep. The hooks must still run, and may not call
 * pd_control_memcg_gone() for any domain afterwards: there is none.
 */
void pd_control_exit(void);

#endif
