// SPDX-License-Identifier: GPL-2.0
#include <gtest/gtest.h>

#include <random>

#include "../../tools/sim/queues.hh"

namespace pagedaemon::sim
{
namespace
{

/* What queues.hh promises, the slow way: one vector, the cursor an index. */
class SlowQueue
{
public:
	void put_newest(u32 page)
	{
		pages_.push_back(page);
	}

	void put_oldest(u32 page)
	{
		pages_.insert(pages_.begin(), page);
		cursor_ += scanning_ ? 1 : 0;
	}

	void put_next(u32 page)
	{
		pages_.insert(pages_.begin() + cursor_, page);
	}

	void put_back(u32 page)
	{
		pages_.insert(pages_.begin() + cursor_++, page);
	}

	void scan(bool on)
	{
		scanning_ = on;
		cursor_ = 0;
	}

	u32 take_next()
	{
		if (cursor_ == static_cast<std::ptrdiff_t>(pages_.size()))
			return kNone;

		const u32 page = pages_[static_cast<std::size_t>(cursor_)];

		pages_.erase(pages_.begin() + cursor_);
		return page;
	}

	void take(u32 page)
	{
		pages_.erase(std::find(pages_.begin(), pages_.end(), page));
	}

	const std::vector<u32> &pages() const
	{
		return pages_;
	}

private:
	std::vector<u32> pages_;
	std::ptrdiff_t cursor_ = 0;
	bool scanning_ = false;
};

class QueuesTest : public testing::Test
{
protected:
	static Frame frame_of(u32 page)
	{
		return {page, {}, page % 7 == 0, 0};
	}

	void put_any(bool scanning)
	{
		const u32 page = next_++;

		switch (random_() % (scanning ? 4 : 3)) {
		case 0:
			queues_.put_newest(PD_QUEUE_ACTIVE, frame_of(page));
			slow_.put_newest(page);
			break;
		case 1:
			queues_.put_oldest(PD_QUEUE_ACTIVE, frame_of(page));
			slow_.put_oldest(page);
			break;
		case 2:
			queues_.put_next(PD_QUEUE_ACTIVE, frame_of(page));
			slow_.put_next(page);
			break;
		default:
			queues_.put_back(PD_QUEUE_ACTIVE, frame_of(page));
			slow_.put_back(page);
			break;
		}
	}

	void scan(u64 steps)
	{
		Frame frame = {};

		queues_.begin_scan(PD_QUEUE_ACTIVE);
		slow_.scan(true);
		for (u64 i = 0; i < steps; i++) {
			if (random_() % 5 < 2) {
				put_any(true);
				continue;
			}

			const bool took = queues_.take_next(PD_QUEUE_ACTIVE, frame);

			ASSERT_EQ(took ? frame.page : kNone, slow_.take_next());
		}
		queues_.end_scan(PD_QUEUE_ACTIVE);
		slow_.scan(false);
	}

	/* As when a write is over. */
	void take_written()
	{
		for (const u32 page : std::vector<u32>(slow_.pages())) {
			if (page % 7 != 0 || random_() % 4 != 0)
				continue;

			const Queues::Where where = queues_.end_writeback(page);

			ASSERT_EQ(queues_[where].page, page);
			ASSERT_EQ(queues_[where].in_writeback, 0);
			queues_.take(where);
			slow_.take(page);
		}
	}

	std::vector<u32> pages()
	{
		std::vector<u32> out;

		queues_.find([&](const Queues::Where &, const Frame &frame) {
			out.push_back(frame.page);
			return false;
		});
		return out;
	}

	std::mt19937 random_{1};
	Queues queues_{1};
	SlowQueue slow_;
	u32 next_ = 0;
};

TEST_F(QueuesTest, order_is_that_of_a_plain_list)
{
	for (int round = 0; round < 300; round++) {
		/* At times long, so that chunks come and go. */
		const u64 puts = random_() % (round % 30 == 0 ? 5000 : 100);

		for (u64 i = 0; i < puts; i++)
			put_any(false);
		scan(random_() % (2 * puts + 1));
		if (round % 10 == 0)
			take_written();
		ASSERT_EQ(queues_.length(PD_QUEUE_ACTIVE), slow_.pages().size());
		ASSERT_EQ(pages(), slow_.pages());
	}
}

TEST_F(QueuesTest, memory_is_that_of_the_longest_they_were)
{
	Frame frame = {};
	u64 most = 0;

	for (u32 i = 0; i < 100000; i++)
		queues_.put_newest(PD_QUEUE_ACTIVE, frame_of(1));
	most = queues_.bytes();
	EXPECT_LT(most, 100000 * u64{9} + 16384);
	for (u32 i = 0; i < 1000000; i++) {
		ASSERT_TRUE(queues_.take_next(PD_QUEUE_ACTIVE, frame));
		queues_.put_newest(PD_QUEUE_INACTIVE, frame);
		ASSERT_TRUE(queues_.take_next(PD_QUEUE_INACTIVE, frame));
		queues_.put_newest(PD_QUEUE_ACTIVE, frame);
	}
	EXPECT_LT(queues_.bytes(), most + 16384);
}

} // namespace
} // namespace pagedaemon::sim
