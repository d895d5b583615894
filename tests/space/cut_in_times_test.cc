// How long it takes from a move to the first packet because of it, as the engine tells whoever
// sends its packets. Whole clients against the whole server, in virtual time.

#include <gtest/gtest.h>

#include "space_link.h"

namespace earshot {
namespace {

FloorPlan WithoutPreRoll() {
  FloorPlan plan = TestPlan();
  plan.pre_roll = false;
  return plan;
}

/// A speaker, and a listener who stands out of earshot.
class CutInTimesTest : public testing::Test {
 protected:
  static constexpr Pose kFar{{50, 90}, 0};
  static constexpr Pose kJustFar{{50, 59.5f}, 0};
  static constexpr Pose kNear{{50, 57.5f}, 0};

  explicit CutInTimesTest(const FloorPlan& plan = TestPlan()) : link_(plan, Quick()) {}
  // One is anywhere in one step.
  static MediaOptions Quick() {
    MediaOptions media;
    media.max_speed = 1000;
    return media;
  }

  void Begin(bool rests_unwanted, const Pose& at) {
    ClientOptions options;
    options.rests_unwanted = rests_unwanted;
    speaker_ = &link_.Join(SpaceLink::Only(SourceKind::kMic), options);
    listener_ = &link_.Join({});
    link_.Walk(*speaker_, {50, 50});
    link_.Walk(*listener_, at.position);
    link_.Run(Duration::Seconds(5));
    link_.Forget();
    link_.cut_ins.clear();
  }
  std::vector<Duration> StepNear() {
    link_.Move(*listener_, kNear);
    link_.Run(Duration::Seconds(1));
    return link_.cut_ins;
  }

  SpaceLink link_;
  SpaceLink::Person* speaker_ = nullptr;
  SpaceLink::Person* listener_ = nullptr;
};

class StrictCutInTimesTest : public CutInTimesTest {
 protected:
  StrictCutInTimesTest() : CutInTimesTest(WithoutPreRoll()) {}
};

TEST_F(CutInTimesTest, APreRollIsTheFirstPacket) {
  Begin(false, kJustFar);
  EXPECT_EQ(StepNear(), std::vector{Duration::Zero()}) << "in the same turn, but for sending it";
}

TEST_F(CutInTimesTest, AMoveThatHadToWaitCountsFromWhenItCame) {
  Begin(false, kJustFar);
  // The first is taken at once, and the next within 50 ms waits.
  link_.Move(*listener_, kJustFar);
  link_.Run(Duration::Millis(10));
  EXPECT_EQ(StepNear(), std::vector{Duration::Millis(40)});
}

TEST_F(StrictCutInTimesTest, WithoutOneItIsTheNextPacketThatComes) {
  Begin(false, kJustFar);
  const std::vector<Duration> cut_ins = StepNear();
  ASSERT_EQ(cut_ins.size(), 1u);
  EXPECT_LE(cut_ins[0], Duration::Millis(20));
}

TEST_F(StrictCutInTimesTest, WhoRestedBecauseNobodyListenedCountsToo) {
  Begin(true, kFar);
  ASSERT_FALSE(listener_->CountFrom(*speaker_));
  const std::vector<Duration> cut_ins = StepNear();
  ASSERT_EQ(cut_ins.size(), 1u);
  EXPECT_GE(cut_ins[0], SpaceLink::kDelay * 2) << "there and back, to wake it";
  EXPECT_TRUE(listener_->CountFrom(*speaker_));
}

TEST_F(StrictCutInTimesTest, WhoIsSilentByItselfSaysNothingOfTheServer) {
  Begin(false, kJustFar);
  bool is_quiet = true;
  link_.keeps_to_server = [&](const SocketAddress& from, std::vector<uint8_t>& bytes) {
    return is_quiet && from == speaker_->address && ClassifyPacket(bytes) == PacketKind::kRtp;
  };
  link_.Run(Duration::Seconds(1));
  StepNear();
  is_quiet = false;
  link_.Run(Duration::Seconds(1));
  EXPECT_TRUE(listener_->CountFrom(*speaker_));
  EXPECT_TRUE(link_.cut_ins.empty());
}

TEST_F(StrictCutInTimesTest, WhoIsSoughtAndStaysSilentForLongSaysNothingEither) {
  Begin(true, kFar);
  bool is_quiet = true;
  link_.keeps_to_server = [&](const SocketAddress& from, std::vector<uint8_t>& bytes) {
    return is_quiet && from == speaker_->address && ClassifyPacket(bytes) == PacketKind::kRtp;
  };
  StepNear();
  link_.Run(Duration::Seconds(3));
  is_quiet = false;
  link_.Run(Duration::Seconds(1));
  EXPECT_TRUE(listener_->CountFrom(*speaker_));
  EXPECT_TRUE(link_.cut_ins.empty());
}

}  // namespace
}  // namespace earshot
