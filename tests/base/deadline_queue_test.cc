#include "base/deadline_queue.h"

#include <gtest/gtest.h>

namespace earshot {
namespace {

TEST(DeadlineQueueTest, NamesTheEarliestDeadline) {
  DeadlineQueue<int> queue;
  EXPECT_TRUE(queue.Next().IsNever());
  queue.Set(1, Timestamp::Millis(30));
  queue.Set(2, Timestamp::Millis(10));
  queue.Set(3, Timestamp::Millis(20));
  EXPECT_EQ(queue.Next(), Timestamp::Millis(10));
}

TEST(DeadlineQueueTest, RefilingReplacesTheOldDeadline) {
  DeadlineQueue<int> queue;
  queue.Set(1, Timestamp::Millis(10));
  queue.Set(1, Timestamp::Millis(50));
  int key = 0;
  EXPECT_FALSE(queue.PopDue(Timestamp::Millis(20), key));
  EXPECT_EQ(queue.Next(), Timestamp::Millis(50));
  EXPECT_TRUE(queue.PopDue(Timestamp::Millis(50), key));
  EXPECT_EQ(key, 1);
  EXPECT_TRUE(queue.Next().IsNever());
}

TEST(DeadlineQueueTest, NeverRemoves) {
  DeadlineQueue<int> queue;
  queue.Set(1, Timestamp::Millis(10));
  queue.Set(1, Timestamp::Never());
  EXPECT_TRUE(queue.Next().IsNever());
}

TEST(DeadlineQueueTest, PopsInOrderAndOncePerKey) {
  DeadlineQueue<int> queue;
  for (int i = 0; i < 100; ++i) queue.Set(i % 10, Timestamp::Millis(1000 - i));
  int key = 0;
  Timestamp last = Timestamp::LongAgo();
  int popped = 0;
  while (!queue.Next().IsNever()) {
    const Timestamp due = queue.Next();
    EXPECT_GE(due, last);
    last = due;
    ASSERT_TRUE(queue.PopDue(due, key));
    ++popped;
  }
  EXPECT_EQ(popped, 10);
}

}  // namespace
}  // namespace earshot
