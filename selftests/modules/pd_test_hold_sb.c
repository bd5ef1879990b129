// SPDX-License-Identifier: GPL-2.0
/*
 * For selftests/rows.sh: while it is loaded, the file system at @path has its
 * s_umount held for writing, as by a remount or a freeze that takes long. None of
 * its files can be had for a write-out without waiting.
 */
#include <linux/completion.h>
#include <linux/dcache.h>
#include <linux/fs.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/namei.h>
#include <linux/path.h>

static char *path;
module_param(path, charp, 0444);
MODULE_PARM_DESC(path, "a directory of the file system");

static struct task_struct *holder;
static struct path where;
static DECLARE_COMPLETION(held);

/* A thread of its own: a lock must not be taken back to user space. */
static int hold(void *data)
{
	struct super_block *sb = where.dentry->d_sb;

	down_write(&sb->s_umount);
	complete(&held);
	set_current_state(TASK_IDLE);
	while (!kthread_should_stop()) {
		schedule();
		set_current_state(TASK_IDLE);
	}
	__set_current_state(TASK_RUNNING);
	up_write(&sb->s_umount);
	return 0;
}

static int __init pd_test_hold_sb_init(void)
{
	int err = path ? kern_path(path, LOOKUP_FOLLOW, &where) : -EINVAL;

	if (err)
		return err;
	holder = kthread_run(hold, NULL, "pd_test_hold_sb");
	if (IS_ERR(holder)) {
		path_put(&where);
		return PTR_ERR(holder);
	}
	wait_for_completion(&held);
	return 0;
}

static void __exit pd_test_hold_sb_exit(void)
{
	kthread_stop(holder);
	path_put(&where);
}

module_init(pd_test_hold_sb_init);
module_exit(pd_test_hold_sb_exit);
MODULE_DESCRIPTION("Holds a file system's s_umount, for tests");
MODULE_LICENSE("GPL");
