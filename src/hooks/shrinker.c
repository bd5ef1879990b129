// SPDX-License-Identifier: GPL-2.0
/*
 * A memcg- and NUMA-aware shrinker: the signal that reclaim is under way in a
 * cgroup, and where shrink_lruvec() cannot be hooked the only way in.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "compat/mm.h"
#include "compat/shrinker.h"
#include "symbols.h"
#include "internal.h"

#define SHRINKER_NAME "pagedaemon"

/*
 * The kernel asks for at least this many pages at once and saves up smaller
 * amounts; a batch of the queues keeps that to light pressure on small cgroups.
 */
#define SHRINKER_BATCH 32

static const struct pd_hook_client *shrink_client;
static struct shrinker *shrinker;

/*
 * Never SHRINK_EMPTY: that would clear the cgroup's bit, and nobody sets it again
 * when pages come.
 */
static unsigned long count_objects(struct shrinker *s,
				   struct shrink_control *sc)
{
	if (!sc->memcg)
		return 0;
	return shrink_client->shrink_count(sc->memcg, sc->nid);
}

static unsigned long scan_objects(struct shrinker *s, struct shrink_control *sc)
{
	if (!sc->memcg)
		return SHRINK_STOP;
	return shrink_client->shrink_scan(sc->memcg, sc->nid, sc->nr_to_scan,
					  sc->gfp_mask);
}

int pd_shrinker_start(const struct pd_hook_client *client)
{
	/* NONSLAB: called also with cgroup.memory=nokmem. */
	struct shrinker *new = pd_shrinker_alloc(SHRINKER_MEMCG_AWARE |
						 SHRINKER_NUMA_AWARE |
						 SHRINKER_NONSLAB,
						 SHRINKER_NAME);
	int err;

	if (!new)
		return -ENOMEM;
	shrink_client = client;
	new->count_objects = count_objects;
	new->scan_objects = scan_objects;
	new->batch = SHRINKER_BATCH;
	/*
	 * Offered at the lightest pressure already: the client stops where the
	 * caller has what it wants.
	 */
	new->seeks = 0;
	err = pd_shrinker_register(new, SHRINKER_NAME);
	if (err) {
		pr_err("cannot register a shrinker (%d)\n", err);
		return err;
	}
	shrinker = new;
	return 0;
}

void pd_shrinker_stop(void)
{
	pd_shrinker_free(shrinker);
	shrinker = NULL;
}

void pd_hooks_watch_memcg(struct mem_cgroup *memcg, int nid)
{
	static_call_cond(pd_fn_set_shrinker_bit)(memcg, nid, shrinker->id);
}
