/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A domain: one attached cgroup with its policy, knobs, queue pairs, daemons
 * and counters. Control makes and ends domains; everything in between is here.
 */
#ifndef PD_DOMAIN_H
#define PD_DOMAIN_H

#include "../queue/queue.h"
#include "../hooks/hooks.h"
#include <linux/hashtable.h>
#include <linux/percpu.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#define PD_COUNTER(name, unit, text) PD_COUNT_##name,
enum pd_counter_id {
#include <pagedaemon/counters.def>
	PD_NR_COUNTERS
};
#undef PD_COUNTER

struct pd_counters {
	u64 v[PD_NR_COUNTERS];
};

/**
 * struct pd_set - the queue pairs of one memcg of a domain, one for each node
 * @hash: in the table that the hooks look memcgs up in; RCU
 * @list: in domain->sets
 * @memcg: css reference held
 * @pairs: indexed by node id; NULL where the node has no memory
 */
struct pd_set {
	struct hlist_node hash;
	struct list_head list;
	struct mem_cgroup *memcg;
	struct pd_domain *domain;
	struct rcu_head rcu;
	struct pd_pair *pairs[];
};

/**
 * struct pd_instance - a policy at work, with its memory
 * @refs: the domain's, and one for each pass under way: a switch waits for none
 * @policy: the verbs
 * @state: the policy's own
 */
struct pd_instance {
	refcount_t refs;
	const struct pd_policy *policy;
	struct rcu_head rcu;
	u8 state[] __aligned(16);
};

/* The instance in force, with a reference. */
struct pd_instance *pd_instance_get(struct pd_domain *dom);
void pd_instance_put(struct pd_instance *inst);

/**
 * struct pd_node - the daemon of one node of a domain
 * @task: kernel thread "pagedaemon/CGROUP/NODE"
 * @needed: somebody needs memory; set by anyone, cleared by the daemon
 * @nudged: look at the knobs again
 * @pass: number of the pass it is at, 0 when idle
 * @sc: its scan_control, too large for its stack
 */
struct pd_node {
	struct pd_domain *domain;
	struct task_struct *task;
	int nid;
	u32 pass;
	bool needed;
	bool nudged;
	u64 sc[PD_SC_BYTES / sizeof(u64)];
};

/**
 * struct pd_domain - an attached cgroup
 * @memcg: the cgroup named by the user; css reference held
 * @name: its path, '/' as '!', none leading
 * @inst: current policy and its memory; RCU, changed under @lock
 * @knobs: written by control at any time, one word each
 * @marks: thresholds for @limit, recomputed when the limit moves
 * @headroom: computed headroom, see knobs.def
 * @limit: limit that @marks were made for
 * @sets: the memcgs of the domain
 * @nodes: daemons, indexed by node id
 * @inflight: tasks inside a pass that is not the daemon's; detach waits for none
 * @at_gate: tasks that wait for a detach to end
 * @waiters: of those in a pass, tasks that must have memory
 * @deficit: pages that tasks wanted and did not get since the daemon's last pass
 * @progress: woken when a pass has freed something
 * @freed_seq: counts such passes
 * @last_slab_kick: jiffies when the kernel's caches were last asked
 * @ejected: why the policy was ended, NULL while it rules
 * @dead: being detached: nobody may enter any more
 * @closed: every page is back on the kernel's lists
 */
struct pd_domain {
	struct list_head list;
	struct mem_cgroup *memcg;
	char *name;
	struct pd_instance __rcu *inst;
	struct pd_knobs knobs;
	struct pd_watermarks marks;
	u64 headroom;
	u64 limit;
	struct mutex lock;	/* switches of policy; outermost here */
	struct list_head sets;
	struct pd_node **nodes;
	struct pd_counters __percpu *counters;
	atomic_t inflight;
	atomic_t at_gate;
	atomic_t waiters;
	atomic_t deficit;
	wait_queue_head_t idle;
	wait_queue_head_t progress;
	atomic_t freed_seq;
	unsigned long last_slab_kick;
	const char *ejected;
	bool dead;
	bool closed;
};

static inline void pd_count(struct pd_domain *dom, enum pd_counter_id id, u64 n)
{
	this_cpu_add(dom->counters->v[id], n);
}

/**
 * pd_domain_attach() - take a cgroup over
 * @memcg: the cgroup; the domain takes its own css reference
 * @name: name for sysfs, threads and traces; copied
 * @policy: the policy to start with
 * @domp: set to the new domain
 *
 * On return the cgroup's pages are on private queues and its daemons run.
 *
 * Context: process, may sleep; not under cgroup_mutex.
 * Return: 0, -ENOMEM, -EINVAL, -EEXIST (a domain has this memcg); nothing is
 * left behind on error.
 */
int pd_domain_attach(struct mem_cgroup *memcg, const char *name,
		     const struct pd_policy *policy, struct pd_domain **domp);

/**
 * pd_domain_detach() - hand a cgroup back
 * @dom: the domain; freed
 *
 * On return no thread of the domain runs, no task is inside one of its passes
 * and every page is on the kernel's lists.
 *
 * Context: process, may sleep; not under cgroup_mutex; serialised by control.
 */
void pd_domain_detach(struct pd_domain *dom);

/* The policy in force; for display. */
const struct pd_policy *pd_domain_policy(struct pd_domain *dom);

/* Switch policies; queues stay. Same context as attach. 0 or -ENOMEM. */
int pd_domain_set_policy(struct pd_domain *dom, const struct pd_policy *policy);

/* Set a knob (bounds have been checked; PD_AUTO: computed). Any process context. */
void pd_domain_set_knob(struct pd_domain *dom, enum pd_knob_id id, u64 value);

/* The value in force: what was set, or what is computed. */
u64 pd_domain_knob(struct pd_domain *dom, enum pd_knob_id id);

/* A snapshot of the domain's memory; recomputes the watermarks if the limit moved. */
void pd_domain_memory(struct pd_domain *dom, struct pd_pair *pair,
		      struct pd_memory *memory);

u64 pd_domain_counter(struct pd_domain *dom, enum pd_counter_id id);

/* Free pages of the domain's limit, and that limit; any context, no lock. */
s64 pd_domain_free(struct pd_domain *dom, u64 *limit);

/**
 * enum pd_context - who makes a pass
 * @PD_BY_DAEMON: the node's kernel thread: may write files
 * @PD_BY_TASK: a task in direct reclaim, under its caller's constraints
 */
enum pd_context {
	PD_BY_DAEMON,
	PD_BY_TASK,
};

/**
 * pd_pass_run() - one pass over one queue pair
 * @pair: the pair; the domain must be kept from ending
 * @inst: policy that judges
 * @rc: constraints; rc->sc must be set
 * @by: who does it
 * @scan: zeroed but for pass; holds the result afterwards
 *
 * A task's pass frees rc->nr_to_reclaim at most (and what is in the same batch).
 *
 * Context: process, may sleep.
 * Return: pages freed.
 */
unsigned long pd_pass_run(struct pd_pair *pair, struct pd_instance *inst,
			  struct pd_reclaim *rc, enum pd_context by,
			  struct pd_scan *scan);

/* Aging without shortage: the active scan alone, with what scan says. */
void pd_pass_age(struct pd_pair *pair, struct pd_instance *inst,
		 struct pd_reclaim *rc, struct pd_scan *scan);

/* Free pages against the policy's verdict: the kernel is about to give up. */
unsigned long pd_pass_force(struct pd_pair *pair, struct pd_reclaim *rc);

/**
 * struct pd_laundry - dirty file pages found by a batch, pinned for writing
 * @nr: how many
 * @item: the super block is kept from being unmounted, the inode from going
 */
struct pd_laundry {
	unsigned int nr;
	struct {
		struct inode *inode;
		pgoff_t index;
		u64 pfn;
	} item[PD_BATCH];
};

/* Pin a locked dirty folio's file; false if that would have to wait. */
bool pd_launder_pin(struct pd_laundry *laundry, struct folio *folio);

/**
 * pd_launder_write() - write the pinned files' pages in aligned clusters
 * @pair: the pair they belong to
 * @laundry: emptied
 * @cluster: pages of a cluster
 * @failed: set to pages that could not be written
 *
 * Context: process, may sleep; the daemon only: takes file system locks.
 * Return: pages whose write-out started.
 */
unsigned long pd_launder_write(struct pd_pair *pair, struct pd_laundry *laundry,
			       unsigned int cluster, unsigned long *failed);

/* Threads of a domain: make them (asleep), let them run, end them. */
int pd_daemons_create(struct pd_domain *dom);
void pd_daemons_start(struct pd_domain *dom);
void pd_daemons_stop(struct pd_domain *dom);
/* Have them see changed knobs at once. Process context. */
void pd_daemons_nudge(struct pd_domain *dom);

/* Find the domain that a memcg belongs to; under rcu_read_lock(). */
struct pd_set *pd_set_find(struct mem_cgroup *memcg);

/* Wake the daemon of a node. Any context. */
void pd_daemon_wake(struct pd_domain *dom, int nid);

/* What the hooks call; registered by module.c. */
extern const struct pd_hook_client pd_daemon_hooks;

/* Control's half: called (any context) when the cgroup of a domain goes away. */
void pd_control_memcg_gone(struct pd_domain *dom);

#endif
