#include "talk_pattern.h"

#include <gtest/gtest.h>

namespace earshot::load {
namespace {

// So long, virtually, that chance evens out.
constexpr Duration kWeek = Duration::Seconds(7 * 24 * 3600);

TEST(TalkPatternTest, TalksForItsShareAndInSpurtsOfTheMeanLength) {
  for (const double share : {0.1, 0.5, 0.9}) {
    SeededRandom random(7);
    const Timestamp start = Timestamp::Seconds(1);
    TalkPattern pattern(share, Duration::Seconds(4), random, start);
    Duration talked;
    int spurts = 0;
    for (Timestamp now = start; now < start + kWeek;) {
      const Timestamp next = pattern.NextDeadline();
      ASSERT_GT(next, now);
      if (pattern.is_talking()) {
        talked = talked + (next - now);
        ++spurts;
      }
      now = next;
      pattern.HandleDeadline(now);
    }
    EXPECT_NEAR(talked.seconds() / kWeek.seconds(), share, share * 0.05);
    EXPECT_NEAR(talked.seconds() / spurts, 4, 0.2);
  }
}

TEST(TalkPatternTest, CatchesUpWithACallerWhoWasLate) {
  SeededRandom random(1);
  TalkPattern pattern(0.5, Duration::Seconds(1), random, Timestamp::Seconds(1));
  pattern.HandleDeadline(Timestamp::Seconds(1000));
  EXPECT_GT(pattern.NextDeadline(), Timestamp::Seconds(1000));
}

}  // namespace
}  // namespace earshot::load
