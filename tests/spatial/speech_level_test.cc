#include "spatial/speech_level.h"

#include <gtest/gtest.h>

#include <limits>

namespace earshot {
namespace {

constexpr Duration kSmoothing = Duration::Millis(300);

class SpeechLevelTest : public ::testing::Test {
 protected:
  void Talk(float level, int packets) {
    for (int i = 0; i < packets; ++i) {
      now_ = now_ + Duration::Millis(20);
      speech_.Report(level, now_, kSmoothing);
    }
  }
  float Level() const { return speech_.At(now_, kSmoothing); }

  SpeechLevel speech_;
  Timestamp now_ = Timestamp::Seconds(5);
};

TEST_F(SpeechLevelTest, RisesWithTheTimeConstant) {
  Talk(1, 15);
  EXPECT_NEAR(Level(), 0.63, 0.05);
  Talk(1, 100);
  EXPECT_GT(Level(), 0.99);
  EXPECT_LE(Level(), 1);
}

TEST_F(SpeechLevelTest, FallsWithSilenceAndWithoutPackets) {
  Talk(1, 200);
  SpeechLevel silent = speech_;
  silent.Report(0, now_ + Duration::Millis(300), kSmoothing);
  EXPECT_NEAR(silent.At(now_ + Duration::Millis(300), kSmoothing), 0.37, 0.01);
  EXPECT_NEAR(speech_.At(now_ + Duration::Millis(300), kSmoothing), 0.37, 0.01);
}

TEST_F(SpeechLevelTest, OneLoudPacketAfterALongPauseCountsLittle) {
  Talk(1, 1);
  EXPECT_LT(Level(), 0.2);
}

TEST_F(SpeechLevelTest, R9_LevelsOutOfRangeAreCut) {
  Talk(1e9f, 500);
  EXPECT_LE(Level(), 1);
  Talk(std::numeric_limits<float>::quiet_NaN(), 100);
  EXPECT_LT(Level(), 0.01);
  Talk(-5, 100);
  EXPECT_GE(Level(), 0);
}

TEST_F(SpeechLevelTest, NewsComesWithChangesAndWhileTalkingOn) {
  EXPECT_FALSE(speech_.TakeNews(now_, kSmoothing));
  Talk(1, 10);
  EXPECT_TRUE(speech_.TakeNews(now_, kSmoothing));
  EXPECT_FALSE(speech_.TakeNews(now_, kSmoothing));
  Talk(1, 200);
  EXPECT_TRUE(speech_.TakeNews(now_, kSmoothing));
  Talk(1, 24);
  EXPECT_FALSE(speech_.TakeNews(now_, kSmoothing));
  Talk(1, 1);
  EXPECT_TRUE(speech_.TakeNews(now_, kSmoothing));
  Talk(0, 10);
  EXPECT_TRUE(speech_.TakeNews(now_, kSmoothing));
}

TEST_F(SpeechLevelTest, SilenceIsNoNews) {
  int news = 0;
  for (int i = 0; i < 1000; ++i) {
    Talk(0.02f, 1);
    news += speech_.TakeNews(now_, kSmoothing);
  }
  EXPECT_EQ(news, 0);
}

TEST_F(SpeechLevelTest, NoSmoothingTakesTheLevelAsItIs) {
  speech_.Report(0.7f, now_, Duration::Zero());
  EXPECT_FLOAT_EQ(speech_.At(now_, Duration::Zero()), 0.7f);
}

}  // namespace
}  // namespace earshot
