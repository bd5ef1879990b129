// SPDX-License-Identifier: GPL-2.0
/* The table of pages that are gone (pagedaemon/ghosts.h). */
#include <gtest/gtest.h>

#include <pagedaemon/ghosts.h>

#include <algorithm>
#include <random>
#include <set>
#include <vector>

namespace
{

class Table
{
public:
	explicit Table(pd_u64 frames) : buckets_(pd_ghost_buckets(frames))
	{
	}

	pd_u32 put(pd_u64 id, pd_u32 value)
	{
		return pd_ghost_put(buckets_.data(), buckets_.size(), id, value);
	}

	pd_u32 take(pd_u64 id)
	{
		return pd_ghost_take(buckets_.data(), buckets_.size(), id);
	}

	pd_u64 size() const
	{
		return buckets_.size();
	}

	pd_u64 bytes() const
	{
		return buckets_.size() * sizeof(buckets_[0]);
	}

	pd_u64 room() const
	{
		return buckets_.size() * PD_GHOST_WAYS;
	}

private:
	std::vector<pd_ghost_bucket> buckets_;
};

/* One bucket: all identities meet. */
class Bucket
{
public:
	pd_u32 put(pd_u64 id, pd_u32 value)
	{
		return pd_ghost_put(&bucket_, 1, id, value);
	}

	pd_u32 take(pd_u64 id)
	{
		return pd_ghost_take(&bucket_, 1, id);
	}

private:
	pd_ghost_bucket bucket_ = {};
};

constexpr pd_u64 kFrames = 16384; /* 64 MiB */

/* Identities as files have them: inodes of a file system, pages in a row. */
std::vector<pd_u64> ids_of_files(pd_u64 files, pd_u64 pages_of_each)
{
	std::vector<pd_u64> ids;

	for (pd_u64 inode = 1; inode <= files; inode++)
		for (pd_u64 page = 0; page < pages_of_each; page++)
			ids.push_back(pd_ghost_hash(inode << 2 | 1) ^ page);
	return ids;
}

} // namespace

TEST(Ghosts, what_is_put_is_taken_once)
{
	Table table(kFrames);

	EXPECT_EQ(table.take(17), 0u);
	EXPECT_EQ(table.put(17, 5), 0u);
	EXPECT_EQ(table.take(18), 0u);
	EXPECT_EQ(table.take(17), 5u);
	EXPECT_EQ(table.take(17), 0u);
}

TEST(Ghosts, any_identity_and_every_value_can_be_remembered)
{
	for (pd_u64 id : {pd_u64{1}, pd_u64{1} << 63, ~pd_u64{0}, pd_u64{0}}) {
		Table table(0);

		for (pd_u32 value = 1; value <= PD_GHOST_MAX; value++) {
			ASSERT_EQ(table.put(id, value), 0u);
			ASSERT_EQ(table.take(id), value);
		}
	}
}

/* Nothing is what 0 says: a word without a value is an empty one. */
TEST(Ghosts, value_0_is_nothing_and_takes_no_room)
{
	Bucket bucket;

	EXPECT_EQ(bucket.put(1, 7), 0u);
	EXPECT_EQ(bucket.put(2, 0), 0u);
	EXPECT_EQ(bucket.take(2), 0u);
	EXPECT_EQ(bucket.take(1), 7u);
}

TEST(Ghosts, a_value_too_large_does_not_become_another_identity)
{
	Bucket bucket;

	bucket.put(1, PD_GHOST_MAX + 1 + 9);
	EXPECT_EQ(bucket.take(1), 9u);
}

TEST(Ghosts, a_full_bucket_forgets_its_oldest_first)
{
	Bucket bucket;

	for (pd_u32 n = 1; n <= PD_GHOST_WAYS; n++)
		ASSERT_EQ(bucket.put(n, n), 0u);
	for (pd_u32 n = 1; n <= PD_GHOST_WAYS; n++)
		ASSERT_EQ(bucket.put(100 + n, 100 + n), n) << "out of turn";
	for (pd_u32 n = 1; n <= PD_GHOST_WAYS; n++) {
		EXPECT_EQ(bucket.take(n), 0u);
		EXPECT_EQ(bucket.take(100 + n), 100 + n);
	}
}

TEST(Ghosts, room_that_was_left_is_used_before_anything_is_forgotten)
{
	Bucket bucket;

	for (pd_u32 n = 1; n <= PD_GHOST_WAYS; n++)
		bucket.put(n, n);
	EXPECT_EQ(bucket.take(5), 5u);
	EXPECT_EQ(bucket.put(100, 100), 0u);
	/* Those before the gap kept their turn. */
	EXPECT_EQ(bucket.put(101, 101), 1u);
	EXPECT_EQ(bucket.put(102, 102), 2u);
}

/* A page that went twice: what it was the last time counts. */
TEST(Ghosts, the_newer_of_two_entries_is_found_first)
{
	Bucket bucket;

	bucket.put(1, 3);
	bucket.put(1, 4);
	EXPECT_EQ(bucket.take(1), 4u);
	EXPECT_EQ(bucket.take(1), 3u);
}

TEST(Ghosts, eight_bytes_for_each_frame_and_no_less_than_a_small_table)
{
	const pd_u64 least = pd_u64{PD_GHOST_MIN_BUCKETS} * PD_GHOST_WAYS * 4;

	for (pd_u64 frames : {pd_u64{8192}, kFrames, pd_u64{1} << 20, pd_u64{1} << 24})
		EXPECT_EQ(pd_ghost_buckets(frames) * sizeof(pd_ghost_bucket), 8 * frames);
	for (pd_u64 frames : {0, 1, 31}) {
		EXPECT_EQ(Table(frames).bytes(), least);
		EXPECT_GE(Table(frames).room(), frames);
	}
	/* Buckets are found by 32 bits. */
	for (pd_u64 frames : {pd_u64{1} << 40, pd_u64{1} << 62, ~pd_u64{0}}) {
		EXPECT_LT(pd_ghost_buckets(frames), pd_u64{1} << 32);
		EXPECT_GE(pd_ghost_buckets(frames), PD_GHOST_MIN_BUCKETS);
	}
}

TEST(Ghosts, no_identity_is_at_home_outside_the_table)
{
	std::mt19937_64 random(3);

	for (pd_u64 buckets : {pd_u64{1}, pd_u64{64}, pd_u64{1001}, pd_u64{4096}}) {
		std::vector<pd_ghost_bucket> table(buckets);

		for (int n = 0; n < 100000; n++) {
			const pd_u64 hash = n ? random() : ~pd_u64{0};
			const auto home =
				pd_ghost_home(table.data(), buckets, hash) - table.data();

			ASSERT_GE(home, 0);
			ASSERT_LT(static_cast<pd_u64>(home), buckets);
		}
	}
}

/* As even as chance: the fullest of n buckets with 16 on average is not far above. */
TEST(Ghosts, identities_of_files_are_spread_over_the_buckets)
{
	const struct {
		pd_u64 files, pages;
	} rows[] = {{1, 32768}, {32768, 1}, {256, 128}};

	for (const auto &row : rows) {
		std::vector<pd_ghost_bucket> table(pd_ghost_buckets(kFrames));
		std::vector<int> load(table.size());

		for (pd_u64 id : ids_of_files(row.files, row.pages))
			load[pd_ghost_home(table.data(), table.size(),
					   pd_ghost_hash(id)) -
			     table.data()]++;
		SCOPED_TRACE(row.files);
		EXPECT_LE(*std::max_element(load.begin(), load.end()), 44);
		EXPECT_GE(*std::min_element(load.begin(), load.end()), 1);
	}
}

TEST(Ghosts, every_bit_of_an_identity_counts)
{
	std::set<pd_u64> hashes, tags;

	for (int bit = 0; bit < 64; bit++) {
		hashes.insert(pd_ghost_hash(pd_u64{1} << bit));
		tags.insert(pd_ghost_tag(pd_ghost_hash(pd_u64{1} << bit)));
	}
	EXPECT_EQ(hashes.size(), 64u);
	EXPECT_GE(tags.size(), 63u);
	/* It is one to one: who is different stays different. */
	hashes.clear();
	for (pd_u64 id = 0; id < 100000; id++)
		hashes.insert(pd_ghost_hash(id));
	EXPECT_EQ(hashes.size(), 100000u);
}

/* Of as many pages as the frames that the table is for, few are forgotten too early. */
TEST(Ghosts, a_working_set_of_the_size_of_memory_is_remembered)
{
	Table table(kFrames);
	const std::vector<pd_u64> ids = ids_of_files(16, kFrames / 16);
	size_t found = 0, forgotten = 0;

	for (pd_u64 id : ids)
		forgotten += table.put(id, 1) != 0;
	for (pd_u64 id : ids)
		found += table.take(id) != 0;
	EXPECT_EQ(found + forgotten, ids.size());
	EXPECT_GE(found, ids.size() * 99 / 100);
}

TEST(Ghosts, what_is_taken_and_forgotten_makes_up_what_was_put)
{
	std::mt19937_64 random(5);
	Table table(0);
	pd_u64 put = 0, taken = 0, forgotten = 0, left = 0;

	for (int n = 0; n < 200000; n++) {
		const pd_u64 id = random() % 4000 + 1;

		if (random() % 2) {
			put++;
			forgotten += table.put(id, 1 + random() % PD_GHOST_MAX) != 0;
		} else {
			taken += table.take(id) != 0;
		}
	}
	for (pd_u64 id = 1; id <= 4000; id++)
		while (table.take(id))
			left++;
	EXPECT_EQ(put, taken + forgotten + left);
	EXPECT_GT(forgotten, 0u);
}

/* A full table, and pages it never saw: 16 words with 16 bits each say one in 4,096. */
TEST(Ghosts, a_page_is_rarely_taken_for_another)
{
	std::mt19937_64 random(7);
	Table table(kFrames);
	const int lookups = 2000000;
	int wrong = 0;

	for (pd_u64 n = 0; n < 3 * table.room(); n++)
		table.put(random(), 1);
	for (int n = 0; n < lookups; n++)
		wrong += table.take(random()) != 0;
	RecordProperty("wrong", wrong);
	EXPECT_LT(wrong, 2 * lookups / 4096);
	EXPECT_GT(wrong, 0) << "the table was not full";
}
