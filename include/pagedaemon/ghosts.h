/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A bounded table of pages that are gone: for each a value that its policy wanted
 * remembered. Plain words, no kernel header: the host in the kernel and the
 * simulator use the same one.
 *
 *	bucket[hash(id)]:  newest | ... | oldest      16 entries, one cache line
 *	entry:             a tag, 16 bits of another hash, and 16 bits of value, 0: empty
 *
 * Two entries for each frame of the limit, so 8 bytes. Each bucket forgets its oldest
 * entry first; buckets fill unevenly, so the table as a whole does so roughly. Every
 * page that comes is looked up under the LRU lock, so tags lie together, four to a
 * word, and are compared four at a time.
 *
 * No lock: words are read and written whole. Who puts into a bucket that another CPU
 * puts into may lose or double an entry, or give it another one's value; a page may be
 * taken for another one with the same 16 bits in the same bucket (one lookup in 4,000):
 * a page is believed in too much or too little, nothing else.
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

/* Entries whose tags, or values, share a word; the newest is the lowest in it. */
#define PD_GHOST_LANES 4
#define PD_GHOST_WORDS (PD_GHOST_WAYS / PD_GHOST_LANES)
/* The last of them, as a shift. */
#define PD_GHOST_LAST (PD_GHOST_BITS * (PD_GHOST_LANES - 1))

struct pd_ghost_bucket {
	pd_u64 tag[PD_GHOST_WORDS];
	pd_u64 value[PD_GHOST_WORDS];
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

static inline pd_u64 pd_ghost_tag(pd_u64 hash)
{
	return hash & PD_GHOST_MAX;
}

/*
 * The highest bit of each lane of a word that is 0. Above one that is there may be
 * some that should not be: the lowest is right.
 */
static inline pd_u64 pd_ghost_zeros(pd_u64 word)
{
	return (word - 0x0001000100010001ull) & ~word & 0x8000800080008000ull;
}

/* The lowest of these, as a shift. */
static inline unsigned int pd_ghost_lane(pd_u64 zeros)
{
	return (unsigned int)__builtin_ctzll(zeros) & ~(PD_GHOST_BITS - 1u);
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
	pd_u64 tags = pd_ghost_tag(hash) * 0x0001000100010001ull;
	unsigned int i, lane;

	for (i = 0; i < PD_GHOST_WORDS; i++) {
		pd_u64 differ = __atomic_load_n(&bucket->tag[i], __ATOMIC_RELAXED) ^ tags;
		pd_u64 found = pd_ghost_zeros(differ);

		for (; found; found &= found - 1) {
			pd_u64 word = __atomic_load_n(&bucket->value[i],
						      __ATOMIC_RELAXED);

			lane = pd_ghost_lane(found);
			if (differ >> lane & PD_GHOST_MAX || !(word >> lane & PD_GHOST_MAX))
				continue;
			__atomic_store_n(&bucket->value[i],
					 word & ~((pd_u64)PD_GHOST_MAX << lane),
					 __ATOMIC_RELAXED);
			return (pd_u32)(word >> lane) & PD_GHOST_MAX;
		}
	}
	return 0;
}

/* All bits of the lanes up to the one at @last. */
static inline pd_u64 pd_ghost_up_to(unsigned int last)
{
	return ~0ull >> (PD_GHOST_LAST - last);
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
	pd_u64 tag = pd_ghost_tag(hash);
	pd_u64 kept = value & PD_GHOST_MAX;
	unsigned int i;

	/* Everything moves one place on, up to the first that is empty. */
	for (i = 0; i < PD_GHOST_WORDS && kept; i++) {
		pd_u64 tags = __atomic_load_n(&bucket->tag[i], __ATOMIC_RELAXED);
		pd_u64 values = __atomic_load_n(&bucket->value[i], __ATOMIC_RELAXED);
		pd_u64 empty = pd_ghost_zeros(values);
		pd_u64 new_tags = tags << PD_GHOST_BITS | tag;
		pd_u64 new_values = values << PD_GHOST_BITS | kept;

		tag = tags >> PD_GHOST_LAST;
		kept = values >> PD_GHOST_LAST;
		if (empty) {
			pd_u64 moved = pd_ghost_up_to(pd_ghost_lane(empty));

			new_tags = (tags & ~moved) | (new_tags & moved);
			new_values = (values & ~moved) | (new_values & moved);
			kept = 0;
		}
		__atomic_store_n(&bucket->tag[i], new_tags, __ATOMIC_RELAXED);
		__atomic_store_n(&bucket->value[i], new_values, __ATOMIC_RELAXED);
	}
	return (pd_u32)kept;
}

#endif
