// Silence is free: what does not flow is neither reported nor kept, and goes on when it is back.

#include <gtest/gtest.h>

#include "space/space_link.h"

namespace earshot {
namespace {

class SilenceTest : public testing::Test {
 protected:
  SilenceTest() {
    SourceSet published = SpaceLink::Only(SourceKind::kMic);
    published.Set(SourceKind::kCamera, true);
    speaker_ = &link_.Join(published);
    listener_ = &link_.Join({});
    link_.Run(Duration::Seconds(3));
    // It goes on to publish, and keeps its slots; only no packet comes.
    link_.keeps_to_server = [this](const SocketAddress& from, std::vector<uint8_t>& bytes) {
      return is_quiet_ && from == speaker_->address && ClassifyPacket(bytes) == PacketKind::kRtp;
    };
    link_.keeps_from_server = [this](const SocketAddress&, std::vector<uint8_t>& bytes) {
      reports_ += ClassifyPacket(bytes) == PacketKind::kRtcp ? 1 : 0;
      return false;
    };
  }
  size_t ReportsWithin(Duration duration) {
    reports_ = 0;
    link_.Run(duration);
    return reports_;
  }

  SpaceLink link_;
  SpaceLink::Person* speaker_ = nullptr;
  SpaceLink::Person* listener_ = nullptr;
  bool is_quiet_ = false;
  size_t reports_ = 0;
};

TEST_F(SilenceTest, WhoSentNothingOfLateIsNotReported) {
  EXPECT_GE(ReportsWithin(Duration::Seconds(5)), 10u) << "one a second to each of the two";
  is_quiet_ = true;
  link_.Run(Duration::Seconds(4));
  EXPECT_EQ(ReportsWithin(Duration::Seconds(30)), 0u);
  EXPECT_EQ(link_.counters.slots_in_use[0].value(), 1u) << "all that time";
}

TEST_F(SilenceTest, MediaGoesOnWhereItStopped) {
  is_quiet_ = true;
  link_.Run(Duration::Seconds(30));
  const int64_t before = listener_->received.back().media.extended_sequence;
  link_.Forget();
  is_quiet_ = false;
  link_.Run(Duration::Seconds(3));
  EXPECT_GT(listener_->CountFrom(*speaker_), 130u);
  EXPECT_GT(listener_->CountFrom(*speaker_, SourceKind::kCamera), 50u) << "from a keyframe on";
  EXPECT_GT(listener_->received.back().media.extended_sequence, before);
  EXPECT_GE(ReportsWithin(Duration::Seconds(5)), 10u);
}

}  // namespace
}  // namespace earshot
