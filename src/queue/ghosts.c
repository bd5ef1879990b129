// SPDX-License-Identifier: GPL-2.0
/*
 * Pages that are gone: who a folio is, whatever frame it comes back in, and the table
 * of what a policy wanted remembered of it (pagedaemon/ghosts.h).
 */
#include "queue.h"
#include "../daemon/domain.h"
#include <linux/error-injection.h>
#include <linux/slab.h>

/* Kinds of identity that must not be taken for one another. */
enum pd_identity {
	PD_ID_FILE = 1,
	PD_ID_ANON,
};

static u64 pd_identity(enum pd_identity kind, u64 of, u64 index)
{
	u64 id = pd_ghost_hash(of << 2 | kind) ^ index;

	return id ?: 1;
}

/* Under RCU. */
static u64 pd_folio_identity(struct folio *folio)
{
	unsigned long word = (unsigned long)READ_ONCE(folio->mapping);
	struct address_space *mapping = (struct address_space *)word;
	struct inode *inode;

	/* An address of its mappings is as good as a name for as long as they live. */
	if (word & PAGE_MAPPING_FLAGS)
		return word & PAGE_MAPPING_ANON ?
			       pd_identity(PD_ID_ANON, word >> 2, folio->index) : 0;
	if (!mapping)
		return 0;
	/*
	 * An inode's memory outlives by a grace period the moment when its last folio
	 * loses its mapping; numbers stay the same when the inode is read anew.
	 */
	inode = READ_ONCE(mapping->host);
	return inode ? pd_identity(PD_ID_FILE,
				   (u64)inode->i_sb->s_dev << 40 ^ inode->i_ino,
				   folio->index) : 0;
}

u64 pd_folio_id(struct folio *folio)
{
	u64 id;

	rcu_read_lock();
	id = pd_folio_identity(folio);
	rcu_read_unlock();
	return id;
}

noinline struct pd_ghosts *pd_ghosts_make(u64 frames)
{
	u64 buckets = pd_ghost_buckets(frames);
	struct pd_ghosts *ghosts = kvzalloc(struct_size(ghosts, bucket, buckets),
					    GFP_KERNEL | __GFP_NOWARN);

	if (!ghosts)
		return NULL;
	ghosts->buckets = buckets;
	return ghosts;
}

ALLOW_ERROR_INJECTION(pd_ghosts_make, NULL);

void pd_ghosts_free(struct pd_ghosts *ghosts)
{
	if (ghosts)
		kvfree_rcu(ghosts, rcu);
}

void pd_ghosts_fit(struct pd_instance *inst, u64 frames)
{
	struct pd_ghosts *ghosts;
	u64 have, want = pd_ghost_buckets(frames);

	if (!(inst->policy->flags & PD_POLICY_GHOSTS))
		return;
	rcu_read_lock();
	ghosts = rcu_dereference(inst->ghosts);
	have = ghosts ? ghosts->buckets : 0;
	rcu_read_unlock();
	if (want >= have / 2 && want <= have)
		return;

	/* What was remembered is lost; without memory for it the old one stays. */
	ghosts = pd_ghosts_make(frames);
	if (ghosts)
		pd_ghosts_free(unrcu_pointer(xchg(&inst->ghosts,
						  RCU_INITIALIZER(ghosts))));
}

u32 pd_ghosts_take(struct pd_domain *dom, struct folio *folio)
{
	struct pd_ghosts *ghosts;
	u32 ghost = 0;
	u64 id;

	rcu_read_lock();
	ghosts = rcu_dereference(rcu_dereference(dom->inst)->ghosts);
	if (ghosts) {
		id = pd_folio_identity(folio);
		if (id)
			ghost = pd_ghost_take(ghosts->bucket, ghosts->buckets, id);
	}
	rcu_read_unlock();
	return ghost;
}

void pd_ghosts_put(struct pd_instance *inst, u64 id, u32 ghost)
{
	struct pd_ghosts *ghosts;
	u32 displaced = 0;

	rcu_read_lock();
	ghosts = rcu_dereference(inst->ghosts);
	if (ghosts)
		displaced = pd_ghost_put(ghosts->bucket, ghosts->buckets, id, ghost);
	rcu_read_unlock();
	if (displaced)
		inst->policy->forgotten(inst->state, displaced);
}
