#include "forwarding/receive_statistics.h"

#include <gtest/gtest.h>

namespace earshot {
namespace {

constexpr uint32_t kSsrc = 0x1234;
constexpr Timestamp kStart = Timestamp::Seconds(100);
Timestamp At(int64_t ms) { return kStart + Duration::Millis(ms); }

class ReceiveStatisticsTest : public testing::Test {
 protected:
  // Opus packets of 20 ms that come when they should.
  void Arrive(std::initializer_list<int64_t> sequences) {
    for (const int64_t sequence : sequences) {
      statistics_.HandlePacket(sequence, static_cast<uint32_t>(sequence * 960), At(sequence * 20));
    }
  }
  ReportBlock Report(int64_t ms = 0) { return statistics_.MakeReport(kSsrc, At(ms)); }

  ReceiveStatistics statistics_{48000};
};

TEST_F(ReceiveStatisticsTest, AnUnbrokenStreamHasNoLossAndNoJitter) {
  EXPECT_FALSE(statistics_.has_packets());
  Arrive({10, 11, 12, 13});
  EXPECT_TRUE(statistics_.has_packets());
  const ReportBlock block = Report();
  EXPECT_EQ(block.ssrc, kSsrc);
  EXPECT_EQ(block.fraction_lost, 0);
  EXPECT_EQ(block.cumulative_lost, 0);
  EXPECT_EQ(block.extended_highest_sequence, 13u);
  EXPECT_EQ(block.jitter, 0u);
  EXPECT_EQ(block.last_sr, 0u);
  EXPECT_EQ(block.delay_since_last_sr, 0u);
}

// RFC 3550 section A.3: 2 of 8 expected is a fraction of 64/256.
TEST_F(ReceiveStatisticsTest, LossIsCountedAsRfc3550Says) {
  Arrive({0, 1, 2, 4, 5, 7});
  const ReportBlock block = Report();
  EXPECT_EQ(block.fraction_lost, 64);
  EXPECT_EQ(block.cumulative_lost, 2);
  EXPECT_EQ(block.extended_highest_sequence, 7u);
}

TEST_F(ReceiveStatisticsTest, TheFractionCoversTheTimeSinceTheLastReport) {
  Arrive({0, 1, 2, 4, 5, 7});
  Report();
  Arrive({8, 9, 11});  // 1 of 4
  const ReportBlock block = Report();
  EXPECT_EQ(block.fraction_lost, 64);
  EXPECT_EQ(block.cumulative_lost, 3);
  EXPECT_EQ(Report().fraction_lost, 0) << "nothing was expected since";
  EXPECT_EQ(Report().cumulative_lost, 3);
}

TEST_F(ReceiveStatisticsTest, PacketsThatComeAfterTheReportMakeNoNegativeFraction) {
  Arrive({0, 1, 4});
  EXPECT_EQ(Report().cumulative_lost, 2);
  Arrive({2, 3, 5});  // one expected, three received
  const ReportBlock block = Report();
  EXPECT_EQ(block.fraction_lost, 0);
  EXPECT_EQ(block.cumulative_lost, 0);
}

TEST_F(ReceiveStatisticsTest, AlmostEverythingLostSaturatesTheFraction) {
  Arrive({0});
  Report();
  Arrive({3000});  // 2999 of 3000: 255.9/256
  EXPECT_EQ(Report().fraction_lost, 255);
}

TEST_F(ReceiveStatisticsTest, TheHighestSequenceNumberCountsCyclesInItsHighHalf) {
  Arrive({65534, 65535, 65537, 65536});
  EXPECT_EQ(Report().extended_highest_sequence, 0x00010001u);
  EXPECT_EQ(Report().cumulative_lost, 0);
}

TEST_F(ReceiveStatisticsTest, PacketsFromBeforeTheFirstBelongToTheStream) {
  Arrive({1, -1, 0});  // -1 is 65535 of the period before
  const ReportBlock block = Report();
  EXPECT_EQ(block.cumulative_lost, 0);
  EXPECT_EQ(block.extended_highest_sequence, 1u);
}

TEST_F(ReceiveStatisticsTest, TheCumulativeLossSaturatesAt24Bits) {
  Arrive({0, int64_t{1} << 25});
  EXPECT_EQ(Report().cumulative_lost, 0x7fffff);
}

// RFC 3550 section A.8: J += (|D| - J) / 16, in timestamp units, by hand.
TEST_F(ReceiveStatisticsTest, JitterIsSmoothedAsRfc3550Says) {
  statistics_.HandlePacket(0, 0, At(0));
  statistics_.HandlePacket(1, 960, At(30));   // 10 ms late: |D| = 480
  EXPECT_EQ(Report().jitter, 30u);            // 480 / 16
  statistics_.HandlePacket(2, 1920, At(40));  // back in time: |D| = 480 again
  EXPECT_EQ(Report().jitter, 58u);            // 30 + 450 / 16 = 58.125
  statistics_.HandlePacket(3, 2880, At(60));  // |D| = 0
  EXPECT_EQ(Report().jitter, 54u);            // 58.125 * 15 / 16 = 54.49
}

TEST_F(ReceiveStatisticsTest, JitterSurvivesTheWrapOfTheTimestamp) {
  statistics_.HandlePacket(0, 0xffffff00, At(0));
  statistics_.HandlePacket(1, 0xffffff00 + 960, At(20));
  EXPECT_EQ(Report().jitter, 0u);
}

TEST_F(ReceiveStatisticsTest, ReportsNameTheLastSenderReport) {
  Arrive({0});
  statistics_.HandleSenderReport(0x1111222233334444, At(1000));
  const ReportBlock block = Report(1500);
  EXPECT_EQ(block.last_sr, 0x22223333u);
  EXPECT_EQ(block.delay_since_last_sr, 32768u);  // 0.5 s in 1/65536
}

TEST_F(ReceiveStatisticsTest, ReportsWithoutPacketsAreEmpty) {
  const ReportBlock block = Report();
  EXPECT_EQ(block.fraction_lost, 0);
  EXPECT_EQ(block.cumulative_lost, 0);
}

}  // namespace
}  // namespace earshot
