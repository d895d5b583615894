#include "space/reach_feed.h"

#include <gtest/gtest.h>

namespace earshot {
namespace {

constexpr Timestamp kStart = Timestamp::Seconds(100);
const std::vector<uint8_t> kHere{1, 2};
const std::vector<uint8_t> kThere{1, 2, 3};

TEST(ReachFeedTest, LooksAtOnceAndThenFourTimesASecond) {
  ReachFeed feed;
  EXPECT_TRUE(feed.NextDeadline().IsNever());
  EXPECT_TRUE(feed.MayHaveChanged(kStart));
  EXPECT_FALSE(feed.MayHaveChanged(kStart));
  EXPECT_EQ(feed.NextDeadline(), kStart);
  EXPECT_TRUE(feed.IsNews(kHere, kStart));
  EXPECT_TRUE(feed.NextDeadline().IsNever());
  EXPECT_TRUE(feed.MayHaveChanged(kStart + Duration::Millis(50)));
  EXPECT_EQ(feed.NextDeadline(), kStart + ReachFeed::kInterval);
}

TEST(ReachFeedTest, TellsOnlyWhatIsAnother) {
  ReachFeed feed;
  EXPECT_TRUE(feed.IsNews(kHere, kStart));
  EXPECT_FALSE(feed.IsNews(kHere, kStart));
  EXPECT_TRUE(feed.IsNews(kThere, kStart));
  EXPECT_TRUE(feed.IsNews(kHere, kStart));
  feed.Forget();
  EXPECT_TRUE(feed.IsNews(kHere, kStart));
}

}  // namespace
}  // namespace earshot
