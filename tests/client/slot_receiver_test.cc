#include "client/slot_receiver.h"

#include <gtest/gtest.h>

#include <array>

namespace earshot {
namespace {

const SlotStream kVideo{{MediaKind::kVideo, 3}, "v3", 500, 501};
constexpr SourceId kSource(ParticipantId{5}, SourceKind::kCamera);

class SlotReceiverTest : public ::testing::Test {
 protected:
  SlotReceiverTest() : receiver_(kVideo, numbers_) {}

  std::optional<ReceivedMedia> Receive(uint16_t sequence_number, bool repair = false) {
    RtpHeader header;
    header.payload_type = repair ? numbers_.vp8_rtx_payload_type : numbers_.vp8_payload_type;
    if (payload_type_) header.payload_type = *payload_type_;
    header.sequence_number = repair ? rtx_sequence_++ : sequence_number;
    header.timestamp = 3000u * sequence_number;
    header.ssrc = repair ? kVideo.rtx_ssrc : kVideo.ssrc;
    header.csrc = kSource.value();
    size_t size = WriteRtpHeader(header, {}, packet_);
    if (repair) {
      StoreBigEndian(packet_.data() + size, sequence_number);
      size += 2;
    }
    SyntheticPayload payload{.codec = Codec::kVp8, .tag = {kSource, sequence_number}, .size = 40};
    size += WriteSyntheticPayload(payload, ByteSpan(packet_).subspan(size));
    const ByteView packet = ByteView(packet_).first(size);
    return receiver_.HandlePacket(packet, *RtpView::Parse(packet), now_);
  }

  ClientNumbers numbers_;
  SlotReceiver receiver_;
  std::array<uint8_t, 200> packet_{};
  std::optional<uint8_t> payload_type_;
  uint16_t rtx_sequence_ = 9;
  Timestamp now_ = Timestamp::Seconds(1);
};

TEST_F(SlotReceiverTest, SaysWhatAPacketIs) {
  const auto media = Receive(100);
  ASSERT_TRUE(media);
  EXPECT_EQ(media->slot, kVideo.ref);
  EXPECT_EQ(media->source, kSource);
  EXPECT_EQ(media->extended_sequence, 65536 + 100);
  EXPECT_EQ(media->tag, (PayloadTag{kSource, 100}));
  EXPECT_FALSE(media->is_repair);
}

TEST_F(SlotReceiverTest, AsksForWhatIsMissingAndTakesTheRepair) {
  Receive(100);
  Receive(103);
  EXPECT_TRUE(receiver_.TakeDueNacks(now_).empty());
  now_ = receiver_.NextDeadline();
  const auto missing = receiver_.TakeDueNacks(now_);
  EXPECT_EQ(std::vector<uint16_t>(missing.begin(), missing.end()),
            (std::vector<uint16_t>{101, 102}));
  const auto repair = Receive(101, true);
  ASSERT_TRUE(repair);
  EXPECT_TRUE(repair->is_repair);
  EXPECT_FALSE(repair->is_duplicate);
  EXPECT_EQ(repair->extended_sequence, 65536 + 101);
  EXPECT_EQ(repair->tag->sequence, 101u);
  EXPECT_TRUE(Receive(101, true)->is_duplicate);
}

TEST_F(SlotReceiverTest, GivesUpInTheEndAndWantsAKeyframe) {
  Receive(100);
  Receive(102);
  for (int i = 0; i < 20 && !receiver_.NextDeadline().IsNever(); ++i) {
    now_ = std::max(now_, receiver_.NextDeadline());
    receiver_.TakeDueNacks(now_);
    if (receiver_.TakeKeyframeRequest()) return;
  }
  FAIL() << "no keyframe was asked for";
}

TEST_F(SlotReceiverTest, WhatDoesNotBelongIsRefused) {
  EXPECT_FALSE(Receive(100, true));  // a repair before any original
  payload_type_ = 50;
  EXPECT_FALSE(Receive(100));
}

TEST_F(SlotReceiverTest, ReportsOnlyWhenSomethingCame) {
  EXPECT_FALSE(receiver_.TakeReport(now_));
  Receive(100);
  const auto report = receiver_.TakeReport(now_);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->ssrc, kVideo.ssrc);
  EXPECT_EQ(report->extended_highest_sequence, 100u);
  EXPECT_FALSE(receiver_.TakeReport(now_));
}

}  // namespace
}  // namespace earshot
