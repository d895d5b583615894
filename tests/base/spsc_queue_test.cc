#include "base/spsc_queue.h"

#include <gtest/gtest.h>

#include <memory>
#include <thread>

namespace earshot {
namespace {

TEST(SpscQueueTest, KeepsTheOrderAndRefusesWhatDoesNotFit) {
  SpscQueue<std::unique_ptr<int>, 2> queue;
  std::unique_ptr<int> item;
  EXPECT_FALSE(queue.TryPop(item));
  for (int i = 1; i <= 2; ++i) {
    item = std::make_unique<int>(i);
    EXPECT_TRUE(queue.TryPush(item));
  }
  item = std::make_unique<int>(3);
  EXPECT_FALSE(queue.TryPush(item));
  ASSERT_NE(item, nullptr) << "it stays with the caller";
  for (int i = 1; i <= 2; ++i) {
    ASSERT_TRUE(queue.TryPop(item));
    EXPECT_EQ(*item, i);
  }
  EXPECT_FALSE(queue.TryPop(item));
}

TEST(SpscQueueTest, CarriesEverythingFromOneThreadToAnother) {
  constexpr int kItems = 100'000;
  SpscQueue<int, 8> queue;
  std::thread sender([&queue] {
    for (int i = 0; i < kItems;) {
      if (queue.TryPush(i)) {
        ++i;
      } else {
        std::this_thread::yield();
      }
    }
  });
  for (int expected = 0; expected < kItems;) {
    int item = -1;
    if (queue.TryPop(item)) {
      ASSERT_EQ(item, expected++);
    } else {
      std::this_thread::yield();
    }
  }
  sender.join();
}

}  // namespace
}  // namespace earshot
