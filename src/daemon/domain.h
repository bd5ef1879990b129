/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A domain: one attached cgroup and its descendants, with their policy, knobs,
 * queue pairs, daemons and counters. Control makes and ends domains; everything
 * in between is here.
 */
#ifndef PD_DOMAIN_H
#define PD_DOMAIN_H

#include "../queue/queue.h"
#include "../hooks/hooks.h"
#include <linux/hashtable.h>
#include <linux/percpu.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

/* Reclaim priority at which the kernel has but two more tries (0 is the last). */
#define PD_DESPERATE_PRIORITY 2

#define PD_COUNTER(name, unit, text) PD_COUNT_##name,
enum pd_counter_id {
#include <pagedaemon/counters.def>
	PD_NR_COUNTERS
};
#undef PD_COUNTER

/* X(id, text): why a policy is ended; the text is what the file state says. */
#define PD_FAULTS(X)                                                           \
	X(NONE, "")                                                            \
	X(PROGRESS, "no progress")             /* keeps pages that could go */ \
	X(STALL, "daemon stalled")             /* while tasks want memory */   \
	X(VERDICT, "invalid verdict")          /* out of range, or out of place */ \
	X(UNSAFE, "unsafe verdict")            /* a page in use was to go */   \
	X(STATE, "invalid page state")         /* an activity count out of range */ \
	X(MARKS, "invalid watermarks")         /* above the limit, or out of order */ \
	X(PLAN, "invalid plan")                /* wants more than there is */  \
	X(PAUSE, "invalid pause")              /* none, or one without an end */ \
	X(QUEUE, "queue check failed")         /* a page that is not ours */

#define PD_FAULT_ENUM(id, text) PD_FAULT_##id,
enum pd_fault { PD_FAULTS(PD_FAULT_ENUM) };

struct pd_counters {
	u64 v[PD_NR_COUNTERS];
};

/**
 * struct pd_set - the queue pairs of one memcg of a domain, one for each node
 * @hash: in the table that the hooks look memcgs up in; RCU
 * @list: in domain->sets, ancestors before descendants; RCU
 * @memcg: css reference held
 * @seq: order of joining; the daemons' rotation goes by it
 * @inflight: passes under way, by whomever; who ends the set waits for none
 * @at_gate: tasks that wait for the end of the set
 * @spared: memory.min or memory.low keep daemons out for now; one daemon writes
 * @opened: its pages are yet to be adopted; control only
 * @dead: being handed back: nobody may enter any more
 * @listed: every page is back on the kernel's lists
 * @closed: and where MGLRU is on, in its generations
 * @pairs: indexed by node id; NULL where the node has no memory
 */
struct pd_set {
	struct hlist_node hash;
	struct list_head list;
	struct mem_cgroup *memcg;
	struct pd_domain *domain;
	u64 seq;
	atomic_t inflight;
	atomic_t at_gate;
	bool spared;
	bool opened;
	bool dead;
	bool listed;
	bool closed;
	struct pd_pair *pairs[];
};

/**
 * struct pd_instance - a policy at work, with its memory
 * @refs: the domain's, and one for each pass under way: a switch waits for none
 * @policy: the verbs
 * @ghosts: pages that are gone, where the policy wants that; NULL else
 * @state: the policy's own
 */
struct pd_instance {
	refcount_t refs;
	const struct pd_policy *policy;
	struct pd_ghosts __rcu *ghosts;
	struct rcu_head rcu;
	u8 state[] __aligned(16);
};

/* The instance in force, with a reference. */
struct pd_instance *pd_instance_get(struct pd_domain *dom);
void pd_instance_put(struct pd_instance *inst);

/* Each node that a pair or a daemon may be of; mostly there is one, and no bitmap to walk. */
#define pd_for_each_nid(nid) for ((nid) = 0; (nid) < (int)nr_node_ids; (nid)++)

/**
 * struct pd_node - the daemon of one node of a domain
 * @task: kernel thread "pagedaemon/CGROUP/NODE"
 * @needed: somebody needs memory; set by anyone, cleared by the daemon
 * @ahead: its pass begins before somebody needs memory; its own
 * @nudged: look at the knobs again, adopt what has come
 * @filling: the cgroup was far from its limit, and has not come near it since
 * @pass: number of the pass it is at, 0 when idle
 * @first: its next pass begins with the first set whose seq is not below
 * @vain: passes in a row that brought nothing
 * @deficit: pages that tasks wanted and did not get since its last pass
 * @beat: when it last got on with its work, in jiffies
 * @fruitless: passes in a row that brought nothing to tasks which went without
 * @withheld: of those, passes that met pages which could have gone
 * @restless: passes in a row that brought nothing and had no pause behind them
 * @policy_freed: pages freed by the policy as of its last fruitful pass
 * @forced_freed: pages freed against it as of the first fruitless one
 * @sc: its scan_control, too large for its stack
 */
struct pd_node {
	struct pd_domain *domain;
	struct task_struct *task;
	int nid;
	u32 pass;
	u64 first;
	u32 vain;
	atomic_t deficit;
	unsigned long beat;
	u32 fruitless;
	u32 withheld;
	u32 restless;
	long policy_freed;
	u64 forced_freed;
	bool needed;
	bool ahead;
	bool nudged;
	bool filling;
	u64 sc[PD_SC_BYTES / sizeof(u64)];
};

/* Pages in flight that are kept track of; of more the oldest are forgotten. */
#define PD_MAX_INFLIGHT 1024

/**
 * struct pd_inflight - pages that a domain's passes sent to backing store
 * @lock: guards the rest; innermost
 * @nr: how many
 * @page: their frames; a frame may be free or somebody else's by now
 * @page.wanted: the policy's wish, not taken by force
 *
 * The kernel's own count per cgroup is up to two seconds old, and has the
 * flusher threads' pages in it.
 */
struct pd_inflight {
	spinlock_t lock;	/* the rest */
	unsigned int nr;
	struct {
		unsigned long pfn : BITS_PER_LONG - 1;
		unsigned long wanted : 1;
	} page[PD_MAX_INFLIGHT];
};

/**
 * struct pd_domain - an attached cgroup
 * @list: among all domains; guarded by control's mutex
 * @memcg: the cgroup named by the user; css reference held
 * @name: its path, '/' as '!', none leading
 * @inst: current policy and its memory; RCU, changed under @lock
 * @knobs: written by control at any time, one word each
 * @marks: thresholds for @limit, recomputed when the limit moves
 * @headroom: measured headroom, see headroom.c
 * @burst: pages allocated lately before the daemon's freeing told
 * @lowest: least distance to the limit since that was last looked at
 * @taken: pages freed by daemons since @sampled
 * @sampled: when @rate was last brought up to date, in nanoseconds
 * @rate: pages taken lately in PD_LATE_NS, times PD_RATE_SAMPLES, see headroom.c
 * @limit: limit that @marks were made for
 * @sets: the memcgs of the domain; changed under control's mutex, read under RCU
 * @next_seq: for the next set to join
 * @nodes: daemons, indexed by node id
 * @waiters: tasks in a pass that must have memory
 * @idle: woken when somebody leaves a set
 * @progress: woken when a pass has freed something, and when a set ends
 * @freed_seq: counts such passes
 * @freed_wanted: pages freed because the policy said so, by whomever
 * @last_slab_kick: jiffies when the kernel's caches were last asked
 * @inflight: pages being written for it
 * @exec: file pages that are program text, as last counted
 * @exec_counted: jiffies when that was
 * @exec_found: looks have found more since
 * @fault: why the policy is to be ended, PD_FAULT_NONE while it rules
 * @ejected: it has been: all pages are the kernel's, and the daemons end
 */
struct pd_domain {
	struct list_head list;
	struct mem_cgroup *memcg;
	char *name;
	struct pd_instance __rcu *inst;
	struct pd_knobs knobs;
	struct pd_watermarks marks;
	u64 headroom;
	u64 burst;
	s64 lowest;
	atomic64_t taken;
	u64 sampled;
	u64 rate;
	u64 limit;
	struct mutex lock;	/* knobs and switches of policy; outermost here */
	struct list_head sets;
	u64 next_seq;
	struct pd_node **nodes;
	struct pd_counters __percpu *counters;
	atomic_t waiters;
	wait_queue_head_t idle;
	wait_queue_head_t progress;
	atomic_t freed_seq;
	atomic_long_t freed_wanted;
	unsigned long last_slab_kick;
	struct pd_inflight inflight;
	u64 exec;
	unsigned long exec_counted;
	bool exec_found;
	enum pd_fault fault;
	bool ejected;
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
 * On return the pages of the cgroup and its descendants are on private queues
 * and its daemons run. Descendants that are attached themselves stay what they
 * are; those that belonged to a domain further up have changed over.
 *
 * Context: process, may sleep; not under cgroup_mutex; serialised by control.
 * Return: 0, -ENOMEM, -EEXIST (a domain was made for this memcg); nothing is
 * left behind on error.
 */
int pd_domain_attach(struct mem_cgroup *memcg, const char *name,
		     const struct pd_policy *policy, struct pd_domain **domp);

/**
 * pd_domain_detach() - hand a cgroup and its descendants back
 * @dom: the domain; freed
 *
 * On return no thread of the domain runs, no task is inside one of its passes
 * and every page is on the kernel's lists, or with the next domain up.
 *
 * Context: process, may sleep; not under cgroup_mutex; serialised by control.
 */
void pd_domain_detach(struct pd_domain *dom);

/**
 * pd_domains_follow() - follow the tree of cgroups
 *
 * Cgroups that came join the domain of the nearest attached ancestor; those
 * that are gone and empty leave.
 *
 * Context: process, may sleep; not under cgroup_mutex; serialised by control.
 */
void pd_domains_follow(void);

/* The policy in force; for display. */
const struct pd_policy *pd_domain_policy(struct pd_domain *dom);

/* Switch policies; queues stay. Same context as attach. 0 or -ENOMEM. */
int pd_domain_set_policy(struct pd_domain *dom, const struct pd_policy *policy);

/*
 * Set a knob (bounds have been checked; PD_AUTO: computed). Process context. 0, or
 * -EINVAL: contradicts other knobs, see pd_knobs_fit().
 */
int pd_domain_set_knob(struct pd_domain *dom, enum pd_knob_id id, u64 value);

/* The value in force: what was set, or what is computed. */
u64 pd_domain_knob(struct pd_domain *dom, enum pd_knob_id id);

/* A snapshot of the domain's memory; recomputes the watermarks if the limit moved. */
void pd_domain_memory(struct pd_domain *dom, struct pd_pair *pair,
		      struct pd_memory *memory);

u64 pd_domain_counter(struct pd_domain *dom, enum pd_counter_id id);

/* Guess how much headroom a new limit needs. Any context. */
void pd_headroom_begin(struct pd_domain *dom, u64 limit);
/* Somebody has seen how far it is to the limit. Any context. */
void pd_headroom_see(struct pd_domain *dom, s64 left);
/*
 * Follow what has been seen; after a pass of the daemon that has freed @freed pages, at
 * @now nanoseconds. Any context.
 */
void pd_headroom_adapt(struct pd_domain *dom, u64 freed, u64 now);

enum pd_ahead {
	PD_AHEAD_NOT,	/* no more: who takes memory wakes the daemon */
	PD_AHEAD_LOOK,
	PD_AHEAD_PASS,	/* the next batch of charges may be one too many */
};

/*
 * A daemon that sleeps looks how many pages are @left until it would be woken: a task
 * that allocates slowly shall not be the one that wakes it, which takes that task longer
 * than anything else that it does for a page. The next look is after half of the time
 * that these pages last at the present rate, and no sooner than after 2 ms; after twice
 * the time of the last look if nothing was taken since. A cgroup that takes a batch of
 * charges within PD_LATE_NS wakes its daemon oftener than looks would help. @last and @ns
 * are of the last look, both 0 before the first, and then of the next one. Any context.
 */
enum pd_ahead pd_headroom_ahead(struct pd_domain *dom, s64 left, s64 *last, u64 *ns);

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
 * @scan: zeroed but for pass and deficit; holds the result afterwards
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
 * @item: the super block is kept from being unmounted, the inode from going;
 *        uncommitted: pages that are written, but not committed (0: not written)
 */
struct pd_laundry {
	unsigned int nr;
	struct {
		struct inode *inode;
		pgoff_t index;
		u64 pfn;
		unsigned long uncommitted;
	} item[PD_BATCH];
};

/* Pin a locked dirty folio's file; false if that would have to wait. */
bool pd_launder_pin(struct pd_laundry *laundry, struct folio *folio);

/**
 * pd_launder_write() - write the pinned files' pages in aligned clusters
 * @pair: the pair they belong to
 * @laundry: emptied
 * @cluster: pages of a cluster
 * @flags: PD_CLUSTER_*
 * @failed: set to pages that could not be written
 *
 * Context: process, may sleep; the daemon only: takes file system locks.
 * Return: pages whose write-out started.
 */
unsigned long pd_launder_write(struct pd_pair *pair, struct pd_laundry *laundry,
			       unsigned int cluster, u32 flags,
			       unsigned long *failed);

/* A page's write-out has begun; @wanted: by the policy. Any context. */
void pd_inflight_add(struct pd_domain *dom, struct folio *folio, bool wanted);
/* Pages still in flight; @wanted: only those that the policy wanted written. Any context. */
unsigned long pd_inflight_count(struct pd_domain *dom, bool wanted);

/*
 * Threads of a domain: make them (asleep), let them run, end them. They may be woken
 * until they are freed, ended or not.
 */
int pd_daemons_create(struct pd_domain *dom);
void pd_daemons_start(struct pd_domain *dom);
void pd_daemons_stop(struct pd_domain *dom);
void pd_daemons_free(struct pd_domain *dom);
/*
 * Is this a daemon of @dom? They come to our hooks too, by the kernel's caches that
 * they ask for memory, and must not wait there for what needs their own end. Any
 * context.
 */
bool pd_daemon_is_current(struct pd_domain *dom);
/* The same, and it has been told to end. */
bool pd_daemon_is_ending(struct pd_domain *dom);
/* Have them see changed knobs at once. Process context. */
void pd_daemons_nudge(struct pd_domain *dom);

/* Find the set of a memcg; under rcu_read_lock(). */
struct pd_set *pd_set_find(struct mem_cgroup *memcg);

/*
 * Enter a set for a pass: false if it is being handed back. Under RCU, or where
 * the set cannot end. pd_set_leave() is for any context.
 */
bool pd_set_enter(struct pd_set *set);
void pd_set_leave(struct pd_set *set);

/* The next set behind @set (NULL: the first), entered; leaves @set. */
struct pd_set *pd_set_next(struct pd_domain *dom, struct pd_set *set);

/*
 * What set.c and domain.c share. Serialised by control.
 */

/* Allocate the sets of @memcg's subtree that belong to @dom and are missing. */
int pd_sets_make(struct pd_domain *dom);
/* Make known, open and watch what pd_sets_make() made. */
void pd_sets_publish(struct pd_domain *dom);
/* Keep everybody out of all sets, and wait until nobody is in one. */
void pd_sets_kill(struct pd_domain *dom);
/* Hand the pages of dead sets back and free the sets. */
void pd_sets_close(struct pd_domain *dom);
/* End the sets of all domains that have no business there any more. */
void pd_sets_prune(void);
/* Sets never published, on a path of error. */
void pd_sets_free(struct pd_domain *dom);
/* Hand the pages of dead sets back, whoever may still be in them. */
void pd_sets_hand_back(struct pd_domain *dom);
/* The last step for one; pd_cgroup_lock() held. By anybody, and more than once. */
void pd_set_to_mglru(struct pd_set *set);
/* All domains. */
extern struct list_head pd_domains;

/* Domains that are ejected and not yet detached. */
extern atomic_t pd_nr_ejected;

/* What the file state says of a fault. */
const char *pd_fault_text(enum pd_fault fault);

/* Seconds that a daemon may stand still while tasks want memory; 0: no matter. */
extern unsigned int pd_stall_seconds;

/**
 * pd_condemn() - have the policy of a domain ended
 * @dom: the domain
 * @fault: why; the first one counts
 * @detail: more about it for the log, or NULL
 *
 * Context: any, with lru_lock held, too.
 */
void pd_condemn(struct pd_domain *dom, enum pd_fault fault, const char *detail);

/* Is it to be ended, or has it been? Its policy is not to be asked then. */
static inline bool pd_is_condemned(const struct pd_domain *dom)
{
	return READ_ONCE(dom->fault) != PD_FAULT_NONE;
}

/**
 * pd_domain_eject() - end a condemned policy
 * @dom: stays until it is detached
 *
 * On return all pages of the domain are the kernel's, but for those in a pass under
 * way, which follow; reclaim goes the kernel's own way. Waits for no daemon and no
 * pass.
 *
 * Context: process, may sleep; serialised by control.
 */
void pd_domain_eject(struct pd_domain *dom);

/* Is this a verdict that wants the page written? */
static inline bool pd_is_launder(u8 verdict)
{
	return verdict == PD_VERDICT_LAUNDER || verdict == PD_VERDICT_LAUNDER_ACTIVATE;
}

/* May it be freed just like that? The policy's word alone does not count. */
static inline bool pd_may_free(const struct pd_view *view)
{
	return !(view->flags & (PD_PAGE_DIRTY | PD_PAGE_WRITEBACK | PD_PAGE_HELD |
				PD_PAGE_BUSY | PD_PAGE_UNEVICTABLE));
}

/* The rest of pd_validate(). */
struct pd_decision pd_validate_closely(struct pd_domain *dom, enum pd_queue_id queue,
				       const struct pd_view *view,
				       struct pd_page_state *page,
				       struct pd_decision decision);

/*
 * Hold a policy to what it may say. What it may not is refused (or made harmless) and
 * condemns it. In any context that its verbs are called in.
 */
static inline struct pd_decision pd_validate(struct pd_domain *dom,
					     enum pd_queue_id queue,
					     const struct pd_view *view,
					     struct pd_page_state *page,
					     struct pd_decision decision)
{
	/* Asked for each page, and nearly always harmless: no call for that. */
	if (likely(page->act_count <= PD_ACT_COUNT_MAX &&
		   decision.reason < PD_NR_REASONS &&
		   (decision.verdict == PD_VERDICT_FREE ?
			    pd_may_free(view) :
			    decision.verdict < PD_NR_VERDICTS &&
				    !pd_is_launder(decision.verdict))))
		return decision;
	return pd_validate_closely(dom, queue, view, page, decision);
}

/* Could it have gone at once, and stays for no reason that a setting gives? */
static inline bool pd_is_withheld(const struct pd_view *view,
				  struct pd_decision decision)
{
	if (decision.verdict == PD_VERDICT_FREE || pd_is_launder(decision.verdict) ||
	    !pd_may_free(view) || view->refs || view->soft_refs)
		return false;
	/* A knob, or the amount that the pass was to bring. */
	return decision.reason != PD_REASON_PROTECTED &&
	       decision.reason != PD_REASON_SWAP_FULL &&
	       decision.reason != PD_REASON_EXTERNAL &&
	       decision.reason != PD_REASON_STOPPED;
}

/* pd_validate() for what enqueue() says. */
struct pd_decision pd_validate_entry(struct pd_domain *dom,
				     struct pd_page_state *page,
				     struct pd_decision decision);
bool pd_marks_are_sane(const struct pd_watermarks *marks, u64 limit);
void pd_check_plan(struct pd_domain *dom, struct pd_scan *scan);

/* Watch a daemon's pass for progress; @sum: what it did. The daemon itself. */
void pd_check_pass(struct pd_node *node, const struct pd_scan *sum,
		   struct pd_next *next);
/* Watch for daemons that stand still. By tasks that want memory. */
void pd_check_stall(struct pd_domain *dom);

/**
 * pd_deficit_add() - a task wanted pages of a domain and did not get them
 * @dom: the domain
 * @pages: how many
 *
 * Each node's daemon hears of all of them and has its pairs take their shares,
 * so that together they make up for all, once.
 *
 * Context: any, while no daemon of the domain can end.
 */
void pd_deficit_add(struct pd_domain *dom, unsigned int pages);
/* What some node's daemon has yet to hear of. Context: as pd_deficit_add(). */
u64 pd_deficit(struct pd_domain *dom);
/* The same of @node, and it has heard: for one pass, all of which shall see it. */
u64 pd_deficit_take(struct pd_node *node);

/* One pass over each queue pair of a node; @next: how the policy would go on. */
void pd_daemon_pass(struct pd_node *node, struct pd_next *next);

/* The daemon of a node gets on with its work. Any context. */
void pd_daemon_beat(struct pd_domain *dom, int nid);

/* Wake the daemon of a node. Any context. */
void pd_daemon_wake(struct pd_domain *dom, int nid);

/* So much is free: has the cgroup nearly filled up? Any context. */
void pd_daemon_see_filling(struct pd_domain *dom, int nid, s64 free, u64 limit);

/* What the hooks call; registered by module.c. */
extern const struct pd_hook_client pd_daemon_hooks;

/* Control's half: called (any context) when cgroups in a domain's tree come or go. */
void pd_control_tree_changed(void);

#endif
