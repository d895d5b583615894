// What the engine says of its datagrams for when not all can be sent (threat row P6).

#include <gtest/gtest.h>

#include <set>

#include "conference.h"

namespace earshot {
namespace {

class PrecedenceTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(conference_.IsComplete()); }

  /// Of what the engine has put out, which is then delivered.
  std::set<Precedence> TakePrecedences() {
    std::set<Precedence> found;
    for (size_t i = 0; i < conference_.out.datagrams.size(); ++i) {
      found.insert(conference_.out.datagrams[i].precedence);
    }
    conference_.Exchange();
    return found;
  }
  std::set<Precedence> FromSpeaker(std::vector<uint8_t> datagram) {
    conference_.FromSpeaker(datagram);
    return TakePrecedences();
  }

  Conference conference_{2};
};

TEST_F(PrecedenceTest, P6_MediaSaysOfWhichKindItIs) {
  EXPECT_EQ(FromSpeaker(conference_.MakeVideo()), std::set{Precedence::kVideo});
  EXPECT_EQ(FromSpeaker(conference_.MakeAudio()), std::set{Precedence::kAudio});
}

TEST_F(PrecedenceTest, P6_RepairsAreWhatTheyRepair) {
  FromSpeaker(conference_.MakeVideo());
  std::vector<uint8_t> nack = conference_.MakeNack(0);
  conference_.FromListener(0, nack);
  EXPECT_EQ(TakePrecedences(), std::set{Precedence::kVideo});
}

TEST_F(PrecedenceTest, P6_WhatTheConnectionNeedsIsControl) {
  FromSpeaker(conference_.MakeAudio());
  conference_.now = conference_.now + Duration::Seconds(1);
  conference_.HandleDeadline();
  EXPECT_EQ(TakePrecedences(), std::set{Precedence::kControl}) << "reports";
}

}  // namespace
}  // namespace earshot
