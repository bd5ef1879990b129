/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A bounded table of pages that are gone: for each a value that its policy wanted
 * remembered. Plain words, no kernel header: the host in the kernel and the
 * simulator use the same one.
 *
 *	bucket[hash(id)]:  newest | ... | oldest      16 words, one cache line
 *	word:              16 bits of another hash | 16 bits of value, 0: empty
 *
 * Two words for each frame of the limit, so 8 bytes. Each bucket forgets its oldest
 * entry first; buckets fill unevenly, so the table as a whole does so roughly.
 *
 * No lock: words are read and written whole. Who puts into a bucket that another CPU
 * puts into may lose or double an entry, a page may be taken for another one with the
 * same 16 bits in the same bucket (one lookup in 4,000): a page is believed in too
 * much or too little, nothing else.
 */
#ifndef PAGEDAEMON_GHOSTS_H
#define PAGEDAEMON_GHOSTS_H

#include <pagedaemon/types.h>

#define PD_GHOST_BITS 16
/* Values to be remembered are 1..PD_GHOST_MAX. */
#define PD_GHOST_MAX ((1u << PD_GHOST_BITS) - 1)
#define PD_GHOST_WAYS 16
/* Small caches would have too few buckets for an even load. */
#define PD_GHOST_MIN_BUCKETS 4

struct pd_ghost_bucket {
	pd_u32 word[PD_GHOST_WAYS];
};

/* Buckets that a table for @frames frames has. */
static inline pd_u64 pd_ghost_buckets(pd_u64 frames)
{
	pd_u64 n = frames * 2 / PD_GHOST_WAYS;

	/* More could not be addressed: 2^35 frames, 128 TiB. */
	if (n > ~(pd_u32)0)
		n = ~(pd_u32)0;
	return n < PD_GHOST_MIN_BUCKETS ? PD_GHOST_MIN_BUCKETS : n;
}

/* Spread an identity over 64 bits; every bit of it counts. */
static inline pd_u64 pd_ghost_hash(pd_u64 id)
{
	id = (id ^ id >> 32) * 0x9e3779b97f4a7c15ull;
	id = (id ^ id >> 29) * 0xd6e8feb86659fd93ull;
	return id ^ id >> 32;
}

static inline struct pd_ghost_bucket *
pd_ghost_home(struct pd_ghost_bucket *table, pd_u64 buckets, pd_u64 hash)
{
	return &table[(hash >> 32) * buckets >> 32];
}

static inline pd_u32 pd_ghost_tag(pd_u64 hash)
{
	return (pd_u32)hash << PD_GHOST_BITS;
}

/**
 * pd_ghost_take() - a page is back: what was remembered of it?
 * @table: the table
 * @buckets: its size
 * @id: identity of the page
 *
 * Context: any, no lock.
 * Return: the value, which is forgotten now; 0 if there was none.
 */
static inline pd_u32 pd_ghost_take(struct pd_ghost_bucket *table, pd_u64 buckets,
				   pd_u64 id)
{
	pd_u64 hash = pd_ghost_hash(id);
	struct pd_ghost_bucket *bucket = pd_ghost_home(table, buckets, hash);
	pd_u32 tag = pd_ghost_tag(hash);
	unsigned int i;

	for (i = 0; i < PD_GHOST_WAYS; i++) {
		pd_u32 word = __atomic_load_n(&bucket->word[i], __ATOMIC_RELAXED);

		if ((word & ~PD_GHOST_MAX) == tag && (word & PD_GHOST_MAX)) {
			__atomic_store_n(&bucket->word[i], 0, __ATOMIC_RELAXED);
			return word & PD_GHOST_MAX;
		}
	}
	return 0;
}

/**
 * pd_ghost_put() - a page is gone: remember something of it
 * @table: the table
 * @buckets: its size
 * @id: identity of the page
 * @value: 1..PD_GHOST_MAX
 *
 * Context: any, no lock.
 * Return: the value of the entry that had to make room, 0 if none had to.
 */
static inline pd_u32 pd_ghost_put(struct pd_ghost_bucket *table, pd_u64 buckets,
				  pd_u64 id, pd_u32 value)
{
	pd_u64 hash = pd_ghost_hash(id);
	struct pd_ghost_bucket *bucket = pd_ghost_home(table, buckets, hash);
	pd_u32 word = pd_ghost_tag(hash) | (value & PD_GHOST_MAX), next;
	unsigned int i;

	/* Everything moves one place on, up to the first that is empty. */
	for (i = 0; i < PD_GHOST_WAYS && word; i++) {
		next = __atomic_load_n(&bucket->word[i], __ATOMIC_RELAXED);
		__atomic_store_n(&bucket->word[i], word, __ATOMIC_RELAXED);
		word = next & PD_GHOST_MAX ? next : 0;
	}
	return word & PD_GHOST_MAX;
}

#endif
