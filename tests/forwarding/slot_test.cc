#include "forwarding/slot.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "forwarding/inbound_media.h"

namespace earshot {
namespace {

constexpr Timestamp kStart = Timestamp::Seconds(100);
constexpr ParticipantId kOther{9};
constexpr uint32_t kSlotSsrc = 0xaaaa;
constexpr uint32_t kSlotRtxSsrc = 0xbbbb;
// The listener negotiated other numbers than the publisher.
constexpr uint8_t kListenerVp8 = 120;
constexpr uint8_t kListenerVp8Rtx = 121;
constexpr uint8_t kListenerH264 = 122;
constexpr uint8_t kListenerOpus = 63;
constexpr ExtensionIds kListenerIds{.mid = 9, .audio_level = 11};

Timestamp At(int64_t ms) { return kStart + Duration::Millis(ms); }

SlotFormat VideoSlot() {
  return {{MediaKind::kVideo, 3},
          "v3",
          kSlotSsrc,
          kSlotRtxSsrc,
          {{Codec::kVp8, kListenerVp8, kListenerVp8Rtx}, {Codec::kH264, kListenerH264, {}}},
          kListenerIds};
}

SlotFormat AudioSlot() {
  return {{MediaKind::kAudio, 0},
          "a0",
          kSlotSsrc,
          0,
          {{Codec::kOpus, kListenerOpus, std::nullopt}},
          kListenerIds};
}

/// An outbound packet as it would be sealed.
struct Sent {
  PacketBytes bytes;
  uint64_t packet_index = 0;
  RtpView view() const { return *RtpView::Parse(bytes); }
  std::string mid() const {
    const auto extension = view().Extension(kListenerIds.mid);
    return extension ? std::string(extension->begin(), extension->end()) : "";
  }
  PacketBytes payload() const { return {view().payload().begin(), view().payload().end()}; }
};

Sent Finish(const OutboundPacket& out) {
  Sent sent;
  sent.packet_index = out.packet_index;
  sent.bytes.resize(kMaxWrittenRtpHeaderSize);
  sent.bytes.resize(WriteRtpHeader(out.header, kListenerIds, sent.bytes));
  sent.bytes.insert(sent.bytes.end(), out.payload.begin(), out.payload.end());
  return sent;
}

class SlotTest : public testing::Test {
 protected:
  SlotTest() { slot_.Assign(camera_.id()); }

  std::optional<Sent> Forward(PacketBytes packet, int64_t ms = 0) {
    const Source::Handled handled = Handle(camera_, packet, At(ms));
    const auto* media = std::get_if<SourcePacket>(&handled);
    const auto out = media == nullptr ? std::nullopt : slot_.Write(*media, At(ms));
    return out ? std::optional(Finish(*out)) : std::nullopt;
  }
  // VP8 whose picture id is the sequence number.
  std::optional<Sent> ForwardFrame(uint16_t sequence, bool keyframe = false, int64_t ms = 0) {
    return Forward(RtpPacket(VideoHeader(sequence), Vp8Payload(keyframe, sequence, 1)), ms);
  }
  std::optional<Sent> Repair(uint16_t sequence_number, int64_t ms = 0) {
    const auto out = slot_.Repair(sequence_number, {&camera_, 1}, At(ms), scratch_);
    return out ? std::optional(Finish(*out)) : std::nullopt;
  }

  SeededRandom random_{1};
  Source camera_ = MakeCamera();
  Slot slot_{VideoSlot(), random_};
  std::vector<uint8_t> scratch_;
};

TEST_F(SlotTest, WritesTheListenersOwnNumbers) {
  const auto sent = ForwardFrame(500, true);
  ASSERT_TRUE(sent);
  EXPECT_EQ(sent->view().ssrc(), kSlotSsrc);
  EXPECT_EQ(sent->view().payload_type(), kListenerVp8);
  EXPECT_EQ(sent->view().sequence_number(), static_cast<uint16_t>(sent->packet_index));
  EXPECT_EQ(sent->mid(), "v3");
  ASSERT_EQ(sent->view().csrc_count(), 1u);
  EXPECT_EQ(sent->view().csrc(0), camera_.id().value());
}

TEST_F(SlotTest, TheMarkerIsTheSources) {
  ASSERT_TRUE(ForwardFrame(1, true));
  for (const bool marker : {true, false}) {
    RtpHeader header = VideoHeader(static_cast<uint16_t>(2 + marker));
    header.marker = marker;
    const auto sent = Forward(RtpPacket(header, Vp8Payload(false, 2, 1)));
    ASSERT_TRUE(sent);
    EXPECT_EQ(sent->view().marker(), marker);
  }
}

// Nothing of the publisher's ids or of extensions that the listener did not negotiate.
TEST_F(SlotTest, R8_OnlyTheListenersExtensionsAreWritten) {
  RtpHeader header = VideoHeader(1);
  header.abs_send_time = 0x123456;
  const auto sent = Forward(RtpPacket(header, Vp8Payload(true, 1, 1)));
  ASSERT_TRUE(sent);
  for (uint8_t id = 1; id < 15; ++id) {
    EXPECT_EQ(sent->view().Extension(id).has_value(), id == kListenerIds.mid) << int{id};
  }
}

TEST_F(SlotTest, AudioCarriesMidSourceAndLevel) {
  Source mic = MakeMic();
  Slot slot(AudioSlot(), random_);
  slot.Assign(mic.id());
  for (uint16_t i = 0; i < 3; ++i) {
    RtpHeader header;
    header.payload_type = kOpusType;
    header.sequence_number = i;
    header.timestamp = i * 960u;
    header.ssrc = kMediaSsrc;
    header.audio_level = AudioLevel{true, 30};
    PacketBytes packet = RtpPacket(header, PacketBytes(60, 1));
    const Source::Handled handled = Handle(mic, packet, At(20 * i));
    const auto out = slot.Write(std::get<SourcePacket>(handled), At(20 * i));
    ASSERT_TRUE(out);
    const Sent sent = Finish(*out);
    EXPECT_EQ(sent.mid(), "a0");
    EXPECT_EQ(sent.view().payload_type(), kListenerOpus);
    EXPECT_EQ(sent.view().csrc(0), mic.id().value());
    const auto level = sent.view().Extension(kListenerIds.audio_level);
    ASSERT_TRUE(level);
    EXPECT_EQ(ParseAudioLevel(*level)->level, 30);
  }
  EXPECT_FALSE(slot.Repair(0, {&mic, 1}, kStart, scratch_)) << "audio is not repaired";
}

TEST_F(SlotTest, SsrcMidAndNumberingStayWhenTheSourceChanges) {
  const auto before = ForwardFrame(500, true);
  Source other =
      Source({{kOther, SourceKind::kScreen}, "1", camera_.format().payloads, kPublisherIds});
  other.ssrc = kMediaSsrc;  // SSRCs of publishers may coincide
  slot_.Assign(other.id());
  EXPECT_TRUE(slot_.waiting_for_keyframe());
  PacketBytes packet = RtpPacket(VideoHeader(31000), Vp8Payload(true, 7, 200));
  const Source::Handled handled = Handle(other, packet, At(100));
  const auto out = slot_.Write(std::get<SourcePacket>(handled), At(100));
  ASSERT_TRUE(before && out);
  const Sent after = Finish(*out);
  EXPECT_TRUE(out->starts_source);
  EXPECT_EQ(after.view().ssrc(), kSlotSsrc);
  EXPECT_EQ(after.mid(), "v3");
  EXPECT_EQ(after.view().csrc(0), other.id().value());
  EXPECT_EQ(after.packet_index, before->packet_index + 1);
  EXPECT_EQ(after.view().timestamp() - before->view().timestamp(), 9000u);

  const auto before_ids = ParseFrameInfo(Codec::kVp8, before->view().payload());
  const auto after_ids = ParseFrameInfo(Codec::kVp8, after.view().payload());
  EXPECT_EQ(after_ids->vp8->picture_id, (before_ids->vp8->picture_id + 1) & 0x7fff);
  EXPECT_EQ(after_ids->vp8->tl0_pic_idx, static_cast<uint8_t>(before_ids->vp8->tl0_pic_idx + 1));
}

TEST_F(SlotTest, WaitsForAKeyframeOnlyWhileItHasASource) {
  EXPECT_TRUE(slot_.waiting_for_keyframe());
  EXPECT_FALSE(ForwardFrame(1));
  EXPECT_TRUE(slot_.waiting_for_keyframe());
  EXPECT_TRUE(ForwardFrame(2, true));
  EXPECT_FALSE(slot_.waiting_for_keyframe());
  slot_.Assign(SourceId());
  EXPECT_FALSE(slot_.waiting_for_keyframe());
}

TEST_F(SlotTest, CodecsThatTheListenerDidNotNegotiateAreNotSent) {
  SlotFormat format = VideoSlot();
  format.payloads.pop_back();
  Slot vp8_only(format, random_);
  vp8_only.Assign(camera_.id());
  PacketBytes packet = RtpPacket(VideoHeader(1, kH264Type), H264Payload(true));
  const Source::Handled handled = Handle(camera_, packet, kStart);
  ASSERT_TRUE(std::holds_alternative<SourcePacket>(handled));
  EXPECT_FALSE(vp8_only.Write(std::get<SourcePacket>(handled), kStart));
}

TEST_F(SlotTest, PaddingIsSkipped) {
  const auto first = ForwardFrame(1, true);
  PacketBytes padding = RtpPacket(VideoHeader(2), PacketBytes(200));
  padding[0] |= 0x20;
  padding.back() = 200;
  EXPECT_FALSE(Forward(padding));
  const auto second = ForwardFrame(3);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(second->packet_index, first->packet_index + 1);
}

TEST_F(SlotTest, PaddingThatComesLateFillsItsPlace) {
  const auto first = ForwardFrame(1, true);
  const auto third = ForwardFrame(3);
  PacketBytes late = RtpPacket(VideoHeader(2), PacketBytes(200));
  late[0] |= 0x20;
  late.back() = 200;
  const auto second = Forward(late);
  ASSERT_TRUE(first && second && third);
  EXPECT_EQ(second->packet_index, first->packet_index + 1);
  EXPECT_EQ(second->view().padding_size(), 0u);
  EXPECT_TRUE(second->payload().empty());
}

TEST_F(SlotTest, ARepairIsTheSamePacketOnTheRtxStream) {
  const auto first = ForwardFrame(500, true);
  const auto second = ForwardFrame(501);
  ASSERT_TRUE(first && second);
  const auto repair = Repair(second->view().sequence_number());
  ASSERT_TRUE(repair);
  EXPECT_EQ(repair->view().ssrc(), kSlotRtxSsrc);
  EXPECT_EQ(repair->view().payload_type(), kListenerVp8Rtx);
  EXPECT_EQ(repair->view().timestamp(), second->view().timestamp());
  EXPECT_EQ(repair->mid(), "v3") << "MID on every packet, RTX too";
  EXPECT_EQ(repair->view().csrc(0), camera_.id().value());
  PacketBytes expected(2);
  StoreBigEndian(expected.data(), second->view().sequence_number());
  const PacketBytes original = second->payload();  // with the ids that this listener saw
  expected.insert(expected.end(), original.begin(), original.end());
  EXPECT_EQ(repair->payload(), expected);

  const auto next = Repair(first->view().sequence_number());
  ASSERT_TRUE(next);
  EXPECT_EQ(next->packet_index, repair->packet_index + 1) << "a numbering of its own";
}

// Each listener has its own ids in the one cached payload.
TEST_F(SlotTest, RepairsOfTwoListenersDiffer) {
  Slot other(VideoSlot(), random_);
  other.Assign(camera_.id());
  PacketBytes packet = RtpPacket(VideoHeader(1), Vp8Payload(true, 1, 1));
  const Source::Handled handled = Handle(camera_, packet, kStart);
  const Sent mine = Finish(*slot_.Write(std::get<SourcePacket>(handled), kStart));
  const Sent theirs = Finish(*other.Write(std::get<SourcePacket>(handled), kStart));
  ASSERT_NE(mine.payload(), theirs.payload());
  const auto repaired = [&](Slot& slot, const Sent& sent) {
    const Sent repair =
        Finish(*slot.Repair(sent.view().sequence_number(), {&camera_, 1}, kStart, scratch_));
    const PacketBytes payload = repair.payload();
    return PacketBytes(payload.begin() + 2, payload.end());
  };
  EXPECT_EQ(repaired(slot_, mine), mine.payload());
  EXPECT_EQ(repaired(other, theirs), theirs.payload());
}

TEST_F(SlotTest, C2_APacketIsRepairedOnceIn20Milliseconds) {
  const auto sent = ForwardFrame(1, true);
  ASSERT_TRUE(sent);
  const uint16_t sequence = sent->view().sequence_number();
  int repairs = 0;
  for (int ms = 0; ms < 100; ++ms) repairs += Repair(sequence, ms).has_value();
  EXPECT_EQ(repairs, 5);
}

TEST_F(SlotTest, OnlyWhatWasSentAndIsStillThereIsRepaired) {
  EXPECT_FALSE(Repair(0)) << "before anything was sent";
  const auto first = ForwardFrame(1, true);
  const auto third = ForwardFrame(3);
  ASSERT_TRUE(first && third);
  const uint16_t sequence = first->view().sequence_number();
  EXPECT_FALSE(Repair(static_cast<uint16_t>(sequence + 1))) << "lost before it came to us";
  EXPECT_FALSE(Repair(static_cast<uint16_t>(sequence + 512))) << "the same place, another packet";
  EXPECT_FALSE(Repair(static_cast<uint16_t>(sequence - 512)));
  EXPECT_FALSE(Repair(sequence, 1001)) << "older than a second";
  EXPECT_TRUE(Repair(sequence, 1000));
}

TEST_F(SlotTest, WhatCameByRepairCanBeRepairedAgain) {
  ASSERT_TRUE(ForwardFrame(1, true));
  ASSERT_TRUE(ForwardFrame(3));
  const auto sent = Forward(Rtx(VideoHeader(2), Vp8Payload(false, 2, 1)), 100);
  ASSERT_TRUE(sent);
  EXPECT_TRUE(Repair(sent->view().sequence_number(), 120));
}

TEST_F(SlotTest, WithoutRtxNothingIsRepaired) {
  const auto sent = Forward(RtpPacket(VideoHeader(1, kH264Type), H264Payload(true)));
  ASSERT_TRUE(sent);
  EXPECT_EQ(sent->view().payload_type(), kListenerH264);
  EXPECT_FALSE(Repair(sent->view().sequence_number()));
}

TEST_F(SlotTest, R17_WhatWasSentOfTheSourceBeforeIsNotRepaired) {
  const auto sent = ForwardFrame(1, true);
  ASSERT_TRUE(sent);
  const SourceId camera = camera_.id();
  slot_.Assign(SourceId(kOther, SourceKind::kCamera));
  EXPECT_FALSE(Repair(sent->view().sequence_number())) << "another source has the slot";
  slot_.Assign(SourceId());
  EXPECT_FALSE(Repair(sent->view().sequence_number())) << "nobody has it";
  // Back again: what was sent before they parted stays out of reach.
  slot_.Assign(camera);
  EXPECT_FALSE(Repair(sent->view().sequence_number()));
  const auto again = ForwardFrame(2, true, 50);
  ASSERT_TRUE(again);
  EXPECT_FALSE(Repair(sent->view().sequence_number(), 60));
  EXPECT_TRUE(Repair(again->view().sequence_number(), 60));
}

TEST_F(SlotTest, R17_RepairsComeFromTheCurrentSourceOnly) {
  const auto sent = ForwardFrame(1, true);
  ASSERT_TRUE(sent);
  Source other({{kOther, SourceKind::kCamera}, "1", camera_.format().payloads, kPublisherIds});
  PacketBytes packet = RtpPacket(VideoHeader(1), Vp8Payload(true, 1, 1));
  Handle(other, packet, kStart);
  EXPECT_FALSE(slot_.Repair(sent->view().sequence_number(), {&other, 1}, kStart, scratch_));
}

TEST_F(SlotTest, ForgottenPacketsAreNotRepairedAndTheNumberingGoesOn) {
  EXPECT_EQ(slot_.last_sent(), Timestamp::LongAgo());
  const auto before = ForwardFrame(1, true);
  EXPECT_EQ(slot_.last_sent(), At(0));
  slot_.ForgetPackets();
  EXPECT_FALSE(Repair(before->view().sequence_number(), 30));
  const auto after = ForwardFrame(2, false, 3000);
  ASSERT_TRUE(after);
  EXPECT_EQ(after->packet_index, before->packet_index + 1);
  EXPECT_TRUE(Repair(after->view().sequence_number(), 3030));
}

TEST_F(SlotTest, ASlotThatWasNeverFilledTakesNothing) {
  Slot slot(VideoSlot(), random_);
  slot.ForgetPackets();
  slot.Assign(SourceId());
  EXPECT_FALSE(slot.waiting_for_keyframe());
  EXPECT_FALSE(slot.MakeSenderReport(kStart));
  EXPECT_FALSE(slot.Repair(1, {&camera_, 1}, kStart, scratch_));
  EXPECT_EQ(slot.last_sent(), Timestamp::LongAgo());
}

TEST_F(SlotTest, SenderReportsCountTheSlotAndItsClock) {
  EXPECT_FALSE(slot_.MakeSenderReport(kStart));
  const auto sent = ForwardFrame(1, true);
  ASSERT_TRUE(sent);
  slot_.CountSent(100);
  slot_.CountSent(50);
  const auto report = slot_.MakeSenderReport(At(500));
  ASSERT_TRUE(report);
  EXPECT_EQ(report->sender_ssrc, kSlotSsrc);
  EXPECT_EQ(report->packet_count, 2u);
  EXPECT_EQ(report->octet_count, 150u);
  EXPECT_EQ(report->rtp_timestamp, sent->view().timestamp() + 45000);
  EXPECT_EQ(report->ntp_time, uint64_t{100} << 32 | uint64_t{1} << 31);  // 100.5 s
}

TEST_F(SlotTest, ASourceThatComesBackGoesOnBehindWhatItHadSent) {
  ASSERT_TRUE(ForwardFrame(1, true));
  ASSERT_TRUE(ForwardFrame(3));
  slot_.Assign(SourceId());
  slot_.Assign(camera_.id());
  // The first packet of the frame whose second one has gone already: it was lost and comes last.
  PacketBytes packet = RtpPacket(VideoHeader(2), Vp8Payload(true, 2, 1));
  StoreBigEndian(packet.data() + 4, VideoHeader(3).timestamp);
  EXPECT_FALSE(Forward(packet));
  EXPECT_TRUE(slot_.waiting_for_keyframe());
  EXPECT_TRUE(ForwardFrame(4, true));
}

// Two layers of one camera. Each has numbers of its own, which differ as streams of a browser do.
class SlotLayersTest : public SlotTest {
 protected:
  std::optional<Sent> ForwardLayer(uint8_t layer, uint16_t sequence, bool keyframe, int64_t ms) {
    PacketBytes packet = RtpPacket(VideoHeader(sequence), Vp8Payload(keyframe, sequence, 1));
    Source::Handled handled = Handle(layers_[layer], packet, At(ms));
    auto& media = std::get<SourcePacket>(handled);
    media.layer = layer;
    const auto out = slot_.Write(media, At(ms));
    return out ? std::optional(Finish(*out)) : std::nullopt;
  }
  void SetUp() override { slot_.Assign(layers_[0].id()); }

  std::vector<Source> layers_{MakeCamera(), MakeCamera()};
};

TEST_F(SlotLayersTest, AnotherLayerBeginsWithItsKeyframeAndTheStreamGoesOn) {
  const auto first = ForwardLayer(0, 100, true, 0);
  ASSERT_TRUE(first);
  EXPECT_FALSE(ForwardLayer(1, 5000, true, 1)) << "not asked for";
  slot_.AimAt(1);
  EXPECT_TRUE(slot_.waiting_for_keyframe());
  EXPECT_TRUE(ForwardLayer(0, 101, false, 33)) << "until the other one can begin";
  EXPECT_FALSE(ForwardLayer(1, 5001, false, 34)) << "no keyframe";
  const auto higher = ForwardLayer(1, 5002, true, 66);
  ASSERT_TRUE(higher);
  EXPECT_FALSE(slot_.waiting_for_keyframe());
  EXPECT_EQ(higher->packet_index, first->packet_index + 2);
  EXPECT_EQ(higher->view().ssrc(), kSlotSsrc);
  EXPECT_GT(static_cast<int32_t>(higher->view().timestamp() - first->view().timestamp()), 3000);
  EXPECT_FALSE(ForwardLayer(0, 102, false, 67));
  EXPECT_TRUE(ForwardLayer(1, 5003, false, 99));
}

TEST_F(SlotLayersTest, NothingIsWrittenWhilePaused) {
  ASSERT_TRUE(ForwardLayer(0, 100, true, 0));
  slot_.AimAt(std::nullopt);
  EXPECT_FALSE(slot_.waiting_for_keyframe());
  EXPECT_FALSE(ForwardLayer(0, 101, true, 33));
  slot_.AimAt(0);
  EXPECT_TRUE(slot_.waiting_for_keyframe());
  EXPECT_FALSE(ForwardLayer(0, 102, false, 66));
  EXPECT_TRUE(ForwardLayer(0, 103, true, 99));
}

TEST_F(SlotLayersTest, WhatWasSentIsRepairedFromTheLayerItCameFrom) {
  const auto low = ForwardLayer(0, 100, true, 0);
  slot_.AimAt(1);
  const auto high = ForwardLayer(1, 100, true, 33);
  ASSERT_TRUE(low && high);
  for (const Sent* sent : {&*low, &*high}) {
    const auto repair = slot_.Repair(sent->view().sequence_number(), layers_, At(40), scratch_);
    ASSERT_TRUE(repair);
    const PacketBytes payload(repair->payload.begin() + 2, repair->payload.end());
    EXPECT_EQ(payload, sent->payload());
  }
}

}  // namespace
}  // namespace earshot
