/* SPDX-License-Identifier: GPL-2.0 */
/* Shrinkers are allocated by the kernel since 6.7, by us before. */
#ifndef PD_COMPAT_SHRINKER_H
#define PD_COMPAT_SHRINKER_H

#include <linux/err.h>
#include <linux/shrinker.h>
#include <linux/slab.h>
#include <linux/swap.h>

/* An unregistered shrinker with the given flags; NULL without memory. */
static inline struct shrinker *pd_shrinker_alloc(unsigned int flags,
						 const char *name)
{
#ifdef PD_HAVE_SHRINKER_ALLOC
	return shrinker_alloc(flags, "%s", name);
#else
	struct shrinker *shrinker = kzalloc(sizeof(*shrinker), GFP_KERNEL);

	if (shrinker)
		shrinker->flags = flags;
	return shrinker;
#endif
}

/* On error the shrinker is freed. */
static inline int pd_shrinker_register(struct shrinker *shrinker,
				       const char *name)
{
#ifdef PD_HAVE_SHRINKER_ALLOC
	shrinker_register(shrinker);
	return 0;
#else
	int err = register_shrinker(shrinker, "%s", name);

	if (err)
		kfree(shrinker);
	return err;
#endif
}

/* Waits for calls under way. */
static inline void pd_shrinker_free(struct shrinker *shrinker)
{
#ifdef PD_HAVE_SHRINKER_ALLOC
	shrinker_free(shrinker);
#else
	unregister_shrinker(shrinker);
	kfree(shrinker);
#endif
}

#endif
