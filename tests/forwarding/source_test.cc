#include "forwarding/source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "forwarding/inbound_media.h"

namespace earshot {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr Timestamp kStart = Timestamp::Seconds(100);

Timestamp At(int64_t ms) { return kStart + Duration::Millis(ms); }

constexpr DropReason kNotDropped = DropReason::kCount;
// Neither dropped nor of any use.
constexpr auto kPadding = static_cast<DropReason>(kDropReasonCount + 1);

class SourceTest : public testing::Test {
 protected:
  // Why it was dropped; kNotDropped when it was not. `media_` is what came out.
  DropReason Receive(PacketBytes packet, int64_t ms = 0) {
    packet_ = std::move(packet);
    return Note(Handle(camera_, packet_, At(ms)));
  }
  DropReason ReceiveAs(uint64_t packet_index, PacketBytes packet) {
    packet_ = std::move(packet);
    return Note(Handle(camera_, packet_, packet_index, kStart));
  }
  DropReason Note(const Source::Handled& handled) {
    if (const auto* reason = std::get_if<DropReason>(&handled)) return *reason;
    if (std::holds_alternative<Source::Padding>(handled)) return kPadding;
    media_ = std::get<SourcePacket>(handled);
    return kNotDropped;
  }
  DropReason ReceiveFrame(uint16_t sequence, bool keyframe = false, int64_t ms = 0) {
    return Receive(RtpPacket(VideoHeader(sequence), Vp8Payload(keyframe, sequence, 1)), ms);
  }

  Source camera_ = MakeCamera();
  PacketBytes packet_;
  SourcePacket media_;
};

TEST_F(SourceTest, SaysWhatForwardingMustKnowOfAPacket) {
  RtpHeader header = VideoHeader(500);
  header.marker = true;
  const PacketBytes payload = Vp8Payload(true, 300, 7);
  ASSERT_EQ(Receive(RtpPacket(header, payload)), kNotDropped);
  EXPECT_EQ(media_.codec, Codec::kVp8);
  EXPECT_TRUE(media_.marker);
  EXPECT_EQ(media_.timestamp, header.timestamp);
  EXPECT_EQ(media_.extended_sequence & 0xffff, 500);
  EXPECT_TRUE(media_.frame.starts_keyframe);
  ASSERT_TRUE(media_.frame.vp8);
  EXPECT_EQ(media_.frame.vp8->picture_id, 300);
  EXPECT_EQ(PacketBytes(media_.payload.begin(), media_.payload.end()), payload);
  EXPECT_FALSE(media_.audio_level);
}

TEST_F(SourceTest, AudioCarriesItsLevel) {
  Source mic = MakeMic();
  RtpHeader header;
  header.payload_type = kOpusType;
  header.ssrc = kMediaSsrc;
  header.audio_level = AudioLevel{true, 33};
  PacketBytes packet = RtpPacket(header, PacketBytes(60));
  const Source::Handled handled = Handle(mic, packet, kStart);
  const auto* media = std::get_if<SourcePacket>(&handled);
  ASSERT_NE(media, nullptr);
  ASSERT_TRUE(media->audio_level);
  EXPECT_EQ(media->audio_level->level, 33);
  EXPECT_TRUE(media->frame.starts_keyframe) << "audio can be joined anywhere";
}

TEST_F(SourceTest, AudioIsNeitherRepairedNorAskedForKeyframes) {
  Source mic = MakeMic();
  for (const uint16_t sequence : std::array<uint16_t, 2>{10, 20}) {
    RtpHeader header;
    header.payload_type = kOpusType;
    header.sequence_number = sequence;
    header.ssrc = kMediaSsrc;
    PacketBytes packet = RtpPacket(header, PacketBytes(60));
    Handle(mic, packet, kStart);
    EXPECT_EQ(mic.FindForRepair(65536 + sequence, kStart), nullptr);
  }
  mic.WantKeyframe(kStart);
  EXPECT_TRUE(mic.NextDeadline().IsNever());
}

// Not unwrapped anew: what is dropped before, as of an unknown payload type, counts for SRTP.
TEST_F(SourceTest, R11_SequenceNumbersAreExtendedAsSrtpDid) {
  const auto frame = [](uint16_t sequence) {
    return RtpPacket(VideoHeader(sequence), Vp8Payload(true, sequence, 1));
  };
  ASSERT_EQ(ReceiveAs(100, frame(100)), kNotDropped);
  EXPECT_EQ(media_.extended_sequence, 100);
  ASSERT_EQ(ReceiveAs(65536 + 100, frame(100)), kNotDropped);
  EXPECT_EQ(media_.extended_sequence, 65536 + 100);
  ASSERT_EQ(ReceiveAs(3 * 65536, frame(0)), kNotDropped);
  EXPECT_EQ(media_.extended_sequence, 3 * 65536);
}

TEST_F(SourceTest, R2_NothingIsTakenTwice) {
  ASSERT_EQ(ReceiveFrame(10, true), kNotDropped);
  EXPECT_EQ(ReceiveFrame(10, true), DropReason::kRtxUnmatched);

  Source mic = MakeMic();
  RtpHeader header;
  header.payload_type = kOpusType;
  header.ssrc = kMediaSsrc;
  for (const uint16_t sequence : std::array<uint16_t, 3>{10, 12, 11}) {
    header.sequence_number = sequence;
    PacketBytes packet = RtpPacket(header, PacketBytes(60));
    EXPECT_EQ(Note(Handle(mic, packet, kStart)), kNotDropped);
    EXPECT_EQ(Note(Handle(mic, packet, kStart)), DropReason::kRtxUnmatched) << sequence;
  }
}

TEST_F(SourceTest, AnotherSsrcBeginsFarAheadOfTheFirst) {
  ASSERT_EQ(ReceiveFrame(65535, true), kNotDropped);
  const int64_t before = media_.extended_sequence;
  camera_.BeginStream();
  ASSERT_EQ(ReceiveAs(5, RtpPacket(VideoHeader(5), Vp8Payload(false, 1, 1))), kNotDropped);
  EXPECT_GT(media_.extended_sequence, before + 100000);
  EXPECT_EQ(media_.extended_sequence & 0xffff, 5);
  EXPECT_EQ(camera_.MakeReport(kStart)->extended_highest_sequence, 5u) << "a stream of its own";
  EXPECT_TRUE(camera_.TakeDueKeyframeRequest(kStart));
  ASSERT_EQ(ReceiveAs(7, RtpPacket(VideoHeader(7), Vp8Payload(false, 2, 2))), kNotDropped);
  EXPECT_THAT(camera_.TakeDueNacks(At(10)), ElementsAre(6));
  EXPECT_EQ(Receive(Rtx(VideoHeader(6), Vp8Payload(false, 2, 2))), kNotDropped);
  EXPECT_EQ(media_.extended_sequence & 0xffff, 6);
  EXPECT_EQ(Receive(Rtx(VideoHeader(65535), Vp8Payload(false, 2, 2))), DropReason::kRtxUnmatched);
}

TEST_F(SourceTest, ABySaysThatAStreamHasEnded) {
  ReceiveFrame(10, true);
  EXPECT_EQ(camera_.last_heard, kStart);
  camera_.HandleBye({{kMediaSsrc + 1}});
  EXPECT_EQ(camera_.last_heard, kStart);
  camera_.HandleBye({{1, kMediaSsrc}});
  EXPECT_EQ(camera_.last_heard, Timestamp::LongAgo());
}

TEST_F(SourceTest, R5_UnsignalledPayloadTypesAreDropped) {
  for (int type = 0; type < 128; ++type) {
    if (type == kVp8Type || type == kVp8RtxType || type == kH264Type || type == kH264RtxType) {
      continue;
    }
    EXPECT_EQ(
        Receive(RtpPacket(VideoHeader(1, static_cast<uint8_t>(type)), Vp8Payload(true, 1, 1))),
        DropReason::kUnsignalledPayloadType)
        << type;
  }
  EXPECT_FALSE(camera_.MakeReport(kStart)) << "nothing was counted as received";
}

TEST_F(SourceTest, R7_PaddingIsNoPayload) {
  ASSERT_EQ(ReceiveFrame(1, true), kNotDropped);
  PacketBytes padding = RtpPacket(VideoHeader(2), PacketBytes(200));
  padding[0] |= 0x20;
  padding.back() = 200;
  ASSERT_EQ(Receive(padding), kNotDropped);
  EXPECT_TRUE(media_.payload.empty());
  EXPECT_EQ(camera_.FindForRepair(media_.extended_sequence, kStart), nullptr);

  PacketBytes padded = RtpPacket(VideoHeader(3), Vp8Payload(false, 3, 1, 100));
  padded[0] |= 0x20;
  padded.back() = 40;
  ASSERT_EQ(Receive(padded), kNotDropped);
  EXPECT_EQ(media_.payload.size(), 60u);
}

// Any bytes after a valid header: handled or dropped, never read beyond.
TEST_F(SourceTest, R7_R10_RandomPayloadsAreHandledOrDropped) {
  SeededRandom random(1);
  size_t handled = 0;
  for (int i = 0; i < 20000; ++i) {
    PacketBytes payload(random.Below(12));
    random.Fill(payload);
    constexpr std::array<uint8_t, 4> kTypes = {kVp8Type, kVp8RtxType, kH264Type, kH264RtxType};
    RtpHeader header = VideoHeader(static_cast<uint16_t>(i), kTypes[random.Below(4)]);
    if (random.Below(2) == 0) header.ssrc = kRtxSsrc;
    PacketBytes packet = RtpPacket(header, payload);
    packet.shrink_to_fit();
    handled += Receive(std::move(packet)) == kNotDropped;
  }
  EXPECT_GT(handled, 100u);
}

TEST_F(SourceTest, R10_AMalformedDescriptorDropsThatPacketAndAsksForAKeyframe) {
  ASSERT_EQ(ReceiveFrame(1, true), kNotDropped);
  EXPECT_FALSE(camera_.TakeDueKeyframeRequest(kStart));
  const PacketBytes cut = {0x90, 0xc0, 0x80};  // ends within the picture id
  EXPECT_EQ(Receive(RtpPacket(VideoHeader(2), cut)), DropReason::kCodecMalformed);
  EXPECT_TRUE(camera_.TakeDueKeyframeRequest(kStart));
  EXPECT_EQ(camera_.FindForRepair(65536 + 2, kStart), nullptr) << "not kept for repairs";
  EXPECT_EQ(ReceiveFrame(3, true), kNotDropped);

  size_t requests = 0;
  for (int i = 0; i < 1000; ++i) {
    Receive(RtpPacket(VideoHeader(static_cast<uint16_t>(4 + i)), cut), i);
    requests += camera_.TakeDueKeyframeRequest(At(i));
  }
  EXPECT_LE(requests, 2u);
}

TEST_F(SourceTest, LossIsAskedForAndRepairedOnce) {
  ASSERT_EQ(ReceiveFrame(10, true), kNotDropped);
  ASSERT_EQ(ReceiveFrame(13), kNotDropped);
  const Timestamp due = camera_.NextDeadline();
  EXPECT_EQ(due, At(10));
  EXPECT_THAT(camera_.TakeDueNacks(due), ElementsAre(11, 12));

  const PacketBytes payload = Vp8Payload(false, 11, 1);
  ASSERT_EQ(Receive(Rtx(VideoHeader(11), payload)), kNotDropped);
  EXPECT_EQ(media_.codec, Codec::kVp8);
  EXPECT_EQ(media_.extended_sequence & 0xffff, 11);
  EXPECT_EQ(PacketBytes(media_.payload.begin(), media_.payload.end()), payload);
  EXPECT_NE(camera_.FindForRepair(media_.extended_sequence, kStart), nullptr);

  EXPECT_EQ(Receive(Rtx(VideoHeader(11), payload, 2)), kPadding) << "again";
  EXPECT_EQ(Receive(RtpPacket(VideoHeader(11), payload)), DropReason::kRtxUnmatched)
      << "the original after its repair";
  EXPECT_THAT(camera_.TakeDueNacks(At(100)), ElementsAre(12));
}

TEST_F(SourceTest, WhatIsNeverRepairedEndsInAKeyframeRequest) {
  ASSERT_EQ(ReceiveFrame(10, true), kNotDropped);
  ASSERT_EQ(ReceiveFrame(12), kNotDropped);
  int requests = 0;
  for (int ms = 0; ms < 2000; ms += 5) requests += camera_.TakeDueNacks(At(ms)).empty() ? 0 : 1;
  EXPECT_EQ(requests, NackTracker::kMaxRequests);
  EXPECT_TRUE(camera_.TakeDueKeyframeRequest(At(2000)));
}

TEST_F(SourceTest, R13_RetransmissionsOutOfOrderAreDropped) {
  const PacketBytes payload = Vp8Payload(true, 1, 1);
  EXPECT_EQ(Receive(Rtx(VideoHeader(10), payload)), DropReason::kRtxUnmatched) << "before any";
  ASSERT_EQ(ReceiveFrame(10, true), kNotDropped);
  EXPECT_EQ(Receive(Rtx(VideoHeader(11), payload)), DropReason::kRtxUnmatched)
      << "of a packet that is yet to come";
  EXPECT_EQ(Receive(Rtx(VideoHeader(10), payload)), kPadding) << "is here";
  for (const int bad : {9, 9999, 32777, 32778, 65535}) {
    EXPECT_EQ(Receive(Rtx(VideoHeader(static_cast<uint16_t>(bad)), payload)),
              DropReason::kRtxUnmatched)
        << bad;
  }
  EXPECT_EQ(ReceiveFrame(11), kNotDropped) << "the stream goes on";
  EXPECT_EQ(media_.extended_sequence, 65536 + 11);
}

TEST_F(SourceTest, R13_RetransmissionsWithoutAnOriginalInsideArePadding) {
  ASSERT_EQ(ReceiveFrame(10, true), kNotDropped);
  ASSERT_EQ(ReceiveFrame(12), kNotDropped);
  RtpHeader header = VideoHeader(1, kVp8RtxType);
  header.ssrc = kRtxSsrc;
  EXPECT_EQ(Receive(RtpPacket(header, {})), kPadding);
  EXPECT_EQ(Receive(RtpPacket(header, PacketBytes{0})), kPadding);
  EXPECT_EQ(Receive(RtpPacket(header, PacketBytes{0, 11})), kPadding);
  EXPECT_THAT(camera_.TakeDueNacks(At(10)), ElementsAre(11)) << "still missing";
}

TEST_F(SourceTest, R13_PayloadTypeAndSsrcMustAgree) {
  ASSERT_EQ(ReceiveFrame(10, true), kNotDropped);
  ASSERT_EQ(ReceiveFrame(12), kNotDropped);
  RtpHeader media_on_rtx = VideoHeader(11);
  media_on_rtx.ssrc = kRtxSsrc;
  EXPECT_EQ(Receive(RtpPacket(media_on_rtx, Vp8Payload(false, 1, 1))), DropReason::kRtxUnmatched);
  const RtpHeader rtx_on_media = VideoHeader(13, kVp8RtxType);
  EXPECT_EQ(Receive(RtpPacket(rtx_on_media, Vp8Payload(false, 1, 1))), DropReason::kRtxUnmatched);
}

// The inner packet is a retransmission itself: its bytes are taken for a codec's and mean nothing,
// or its number is not missing; nothing is unpacked twice.
TEST_F(SourceTest, R13_ARetransmissionOfARetransmissionIsNotUnpackedTwice) {
  ASSERT_EQ(ReceiveFrame(10, true), kNotDropped);
  ASSERT_EQ(ReceiveFrame(12), kNotDropped);
  PacketBytes inner(2);
  StoreBigEndian<uint16_t>(inner.data(), 11);
  const PacketBytes payload = Vp8Payload(true, 11, 1);
  inner.insert(inner.end(), payload.begin(), payload.end());
  ASSERT_EQ(Receive(Rtx(VideoHeader(11), inner)), kNotDropped);
  EXPECT_EQ(media_.payload.size(), inner.size());
  EXPECT_FALSE(media_.frame.starts_keyframe);
}

TEST_F(SourceTest, R12_NoMoreThan512PacketsAreKeptForASecond) {
  for (int i = 0; i < 2000; ++i) ReceiveFrame(static_cast<uint16_t>(i), i == 0);
  size_t kept = 0;
  for (int i = 0; i < 2000; ++i) kept += camera_.FindForRepair(65536 + i, kStart) != nullptr;
  EXPECT_EQ(kept, RetransmissionCache::kCapacity);
  EXPECT_NE(camera_.FindForRepair(65536 + 1999, At(1000)), nullptr);
  EXPECT_EQ(camera_.FindForRepair(65536 + 1999, At(1001)), nullptr);
}

TEST_F(SourceTest, ReportsCountLossAlsoWhenItWasRepaired) {
  EXPECT_FALSE(camera_.MakeReport(kStart));
  ReceiveFrame(10, true);
  ReceiveFrame(12);
  ASSERT_EQ(Receive(Rtx(VideoHeader(11), Vp8Payload(false, 11, 1)), 300), kNotDropped);
  camera_.HandleSenderReport(0x0000aaaabbbb0000, kStart);
  const std::optional<ReportBlock> block = camera_.MakeReport(At(1000));
  ASSERT_TRUE(block);
  EXPECT_EQ(block->ssrc, kMediaSsrc);
  EXPECT_EQ(block->cumulative_lost, 1);
  EXPECT_EQ(block->fraction_lost, 85);  // a third of 256
  EXPECT_EQ(block->extended_highest_sequence, kFirstIndex + 12);
  EXPECT_EQ(block->last_sr, 0xaaaabbbbu);
  EXPECT_EQ(block->delay_since_last_sr, 65536u);
}

TEST_F(SourceTest, NoReportBeforeTheSsrcIsKnown) {
  ReceiveFrame(10, true);
  camera_.ssrc.reset();
  EXPECT_FALSE(camera_.MakeReport(kStart));
}

TEST_F(SourceTest, R16_AKeyframeEndsTheAsking) {
  camera_.WantKeyframe(kStart);
  EXPECT_EQ(camera_.NextDeadline(), kStart);
  EXPECT_TRUE(camera_.TakeDueKeyframeRequest(kStart));
  ReceiveFrame(10, false, 10);
  EXPECT_EQ(camera_.NextDeadline(), At(500));
  ReceiveFrame(11, true, 20);
  EXPECT_TRUE(camera_.NextDeadline().IsNever());
}

}  // namespace
}  // namespace earshot
