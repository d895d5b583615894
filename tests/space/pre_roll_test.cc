// The first syllable: whole clients against the whole server, in virtual time.

#include <gtest/gtest.h>

#include "space_link.h"

namespace earshot {
namespace {

// The speaker's packets that the listener got, by the count that the speaker put into each.
std::vector<uint32_t> Words(const SpaceLink::Person& listener, const SpaceLink::Person& speaker) {
  std::vector<uint32_t> words;
  for (const SpaceLink::Received& one : listener.received) {
    if (one.media.source == SourceId(speaker.id, SourceKind::kMic)) {
      words.push_back(one.media.tag->sequence);
    }
  }
  return words;
}

struct CutIn {
  std::vector<uint32_t> words;
  uint32_t first_said_after = 0;
  std::vector<uint32_t> timestamps;
  std::vector<uint16_t> sequence_numbers;
};

// Somebody stands 9 m from a speaker and steps to 7 m; a third stays with the speaker.
CutIn StepIntoEarshot(const FloorPlan& plan) {
  SpaceLink link(plan);
  auto& speaker = link.JoinSpeaker();
  auto& listener = link.Join({});
  auto& witness = link.Join({});
  link.Walk(speaker, {50, 50});
  link.Walk(witness, {50, 51});
  link.Walk(listener, {50, 59.5f});
  link.Run(Duration::Seconds(1));
  EXPECT_EQ(listener.CountFrom(speaker), listener.received.size());
  link.Forget();
  CutIn result;
  link.Move(listener, {{50, 57.5f}, 0});
  // On its way to the server; what leaves it later was said later.
  link.Run(SpaceLink::kDelay);
  link.Run(SpaceLink::kDelay);
  result.first_said_after = Words(witness, speaker).back() + 1;
  link.Run(Duration::Millis(400));
  result.words = Words(listener, speaker);
  for (const SpaceLink::Received& one : listener.received) {
    const auto view = RtpView::Parse(one.packet);
    result.timestamps.push_back(view->timestamp());
    result.sequence_numbers.push_back(view->sequence_number());
  }
  return result;
}

TEST(PreRollTest, WhoStepsIntoEarshotGetsTheLastTenthOfASecond) {
  const CutIn cut_in = StepIntoEarshot(TestPlan());
  ASSERT_GT(cut_in.words.size(), 15u);
  EXPECT_GE(cut_in.first_said_after - cut_in.words.front(), 4u);
  EXPECT_LE(cut_in.first_said_after - cut_in.words.front(), 6u);
  for (size_t i = 1; i < cut_in.words.size(); ++i) {
    EXPECT_EQ(cut_in.words[i], cut_in.words[i - 1] + 1);
    EXPECT_EQ(cut_in.sequence_numbers[i],
              static_cast<uint16_t>(cut_in.sequence_numbers[i - 1] + 1));
    EXPECT_EQ(cut_in.timestamps[i] - cut_in.timestamps[i - 1], 960u);
  }
}

TEST(PreRollTest, R17_AStrictCutGivesNothingFromBefore) {
  FloorPlan plan = TestPlan();
  plan.pre_roll = false;
  const CutIn cut_in = StepIntoEarshot(plan);
  ASSERT_GT(cut_in.words.size(), 15u);
  EXPECT_LE(cut_in.first_said_after - cut_in.words.front(), 1u);
}

// A speaker, and somebody who has stood at the end of a way for a second.
class PreRollPairTest : public testing::Test {
 protected:
  void Walk(std::initializer_list<Point> way) {
    link_.Walk(speaker_, {50, 50});
    for (const Point to : way) link_.Walk(listener_, to);
    link_.Run(Duration::Seconds(1));
    link_.Forget();
  }

  SpaceLink link_;
  SpaceLink::Person& speaker_ = link_.JoinSpeaker();
  SpaceLink::Person& listener_ = link_.Join({});
};

TEST_F(PreRollPairTest, R17_WhatWasSaidBeforeMutingIsGone) {
  Walk({{50, 59.5f}});
  link_.Publish(speaker_, {});
  link_.Run(SpaceLink::kDelay);
  link_.Move(listener_, {{50, 57.5f}, 0});
  link_.Run(Duration::Millis(200));
  EXPECT_EQ(listener_.CountFrom(speaker_), 0u);
}

TEST_F(PreRollPairTest, WhoGoesAndComesBackAtOnceGetsNothingTwice) {
  Walk({{50, 58.7f}, {50, 57.9f}});
  for (int i = 0; i < 4; ++i) {
    link_.Run(Duration::Millis(500));
    link_.Move(listener_, {{50, 59.1f}, 0});
    link_.Run(Duration::Millis(55));
    link_.Move(listener_, {{50, 57.9f}, 0});
  }
  link_.Run(Duration::Millis(500));
  const std::vector<uint32_t> words = Words(listener_, speaker_);
  ASSERT_GT(words.size(), 100u);
  for (size_t i = 1; i < words.size(); ++i) EXPECT_EQ(words[i], words[i - 1] + 1);
}

}  // namespace
}  // namespace earshot
