// Senders that change the SSRC of a stream (RFC 3550 section 8.2): the new one is known by its MID,
// once the old one has said BYE or fallen silent, and nothing of the old one is heard again.

#include <gtest/gtest.h>

#include <string>

#include "space_link.h"
#include "wire/rtcp.h"

namespace earshot {
namespace {

using Person = SpaceLink::Person;

class SsrcChangeTest : public testing::Test {
 protected:
  SsrcChangeTest() {
    std::array<uint8_t, 8> buffer;
    ByteWriter writer(buffer);
    SourceSet sources = SpaceLink::Only(SourceKind::kMic);
    sources.Set(SourceKind::kCamera, true);
    WriteIPublish(sources, writer);
    link_.SendOnEvents(sender_, writer.written());
    link_.Run(Duration::Millis(50));
  }

  const SentStream& stream(SourceKind kind) const { return sender_.client.sender(kind)->stream(); }
  std::vector<uint8_t> Seal(const RtpHeader& header, uint64_t index, ByteView payload) {
    DatagramList out;
    const ExtensionIds& ids = sender_.client.session().numbers().extensions;
    sender_.client.transport()->SendRtp(
        [&](ByteSpan room) { return WriteRtpHeader(header, ids, room); }, payload,
        {header.ssrc, index}, out);
    return {out[0].bytes.begin(), out[0].bytes.end()};
  }
  std::vector<uint8_t> Opus(uint32_t ssrc, uint64_t index, bool has_mid = true) {
    RtpHeader header;
    header.payload_type = sender_.client.session().numbers().opus_payload_type;
    header.sequence_number = static_cast<uint16_t>(index);
    header.timestamp = static_cast<uint32_t>(index * 960);
    header.ssrc = ssrc;
    if (has_mid) header.mid = stream(SourceKind::kMic).mid;
    return Seal(header, index, std::vector<uint8_t>(60, 0x5a));
  }
  std::vector<uint8_t> Vp8(uint32_t ssrc, uint64_t index, bool keyframe) {
    RtpHeader header;
    header.payload_type = sender_.client.session().numbers().vp8_payload_type;
    header.sequence_number = static_cast<uint16_t>(index);
    header.timestamp = static_cast<uint32_t>(index * 3000);
    header.ssrc = ssrc;
    header.mid = stream(SourceKind::kCamera).mid;
    std::vector<uint8_t> payload(60, 0x5a);
    payload[0] = 0x90;
    payload[1] = 0xc0;
    StoreBigEndian(payload.data() + 2, static_cast<uint16_t>(0x8000 | (index & 0x7fff)));
    payload[4] = static_cast<uint8_t>(index);
    payload[5] = keyframe ? 0x10 : 0x11;
    return Seal(header, index, payload);
  }
  /// 20 ms each.
  void SendOpus(uint32_t ssrc, uint64_t first, int count) {
    for (int i = 0; i < count; ++i) {
      link_.Inject(sender_.address, Opus(ssrc, first + static_cast<uint64_t>(i)));
      link_.Run(Duration::Millis(20));
    }
  }
  void SendBye(uint32_t ssrc) {
    std::vector<uint8_t> buffer(200);
    ByteWriter writer(buffer);
    Write(ReceiverReport{1, {}}, writer);
    Write(Bye{{ssrc}}, writer);
    link_.SendRtcp(sender_, writer.written());
    link_.Run(Duration::Millis(20));
  }
  size_t heard() const { return listener_.CountFrom(sender_); }
  uint64_t Drops(DropReason reason) const { return link_.Drops(reason); }

  SpaceLink link_;
  Person& listener_ = link_.Join({});
  Person& sender_ = link_.Join({});
  const uint32_t first_ = stream(SourceKind::kMic).ssrc;
  const uint32_t second_ = first_ ^ 0x40000000;
};

TEST_F(SsrcChangeTest, R5_AfterAByeTheNextSsrcIsHeardAtOnce) {
  SendOpus(first_, 100, 10);
  SendBye(first_);
  SendOpus(second_, 5000, 300);
  link_.Run(Duration::Millis(50));
  EXPECT_EQ(heard(), 310u);
  EXPECT_EQ(Drops(DropReason::kUnsignalledSsrc), 0u);
}

TEST_F(SsrcChangeTest, R5_WithoutAByeOnceTheFirstIsSilent) {
  SendOpus(first_, 100, 10);
  SendOpus(second_, 5000, 300);
  link_.Run(Duration::Millis(50));
  // A second is 50 packets.
  EXPECT_GE(heard(), 10u + 245);
  EXPECT_LE(Drops(DropReason::kUnsignalledSsrc), 55u);
}

TEST_F(SsrcChangeTest, R5_WhatWasAnnouncedButNeverCameGivesWayAtOnce) {
  SendOpus(second_, 5000, 10);
  link_.Run(Duration::Millis(50));
  EXPECT_EQ(heard(), 10u);
}

TEST_F(SsrcChangeTest, R5_ALiveStreamIsNotTakenOver) {
  for (uint64_t i = 0; i < 200; ++i) {
    link_.Inject(sender_.address, Opus(first_, 100 + i));
    link_.Inject(sender_.address, Opus(second_, 100 + i));
    link_.Run(Duration::Millis(20));
  }
  link_.Run(Duration::Millis(50));
  EXPECT_EQ(heard(), 200u);
  EXPECT_EQ(Drops(DropReason::kUnsignalledSsrc), 200u);
}

TEST_F(SsrcChangeTest, AfterAByeTheSameSsrcMayGoOnWithoutItsMid) {
  SendOpus(first_, 100, 5);
  SendBye(first_);
  link_.Inject(sender_.address, Opus(first_, 105, false));
  link_.Run(Duration::Millis(50));
  EXPECT_EQ(heard(), 6u);
}

// Recorded on the way and sent again, or merely late: neither heard nor taken for a new stream.
TEST_F(SsrcChangeTest, R2_NothingOfAnEarlierSsrcIsHeardAgain) {
  const std::vector<uint8_t> recorded = Opus(first_, 100);
  link_.Inject(sender_.address, recorded);
  const std::vector<uint8_t> late = Opus(first_, 101);
  SendBye(first_);
  SendOpus(second_, 5000, 5);
  SendBye(second_);
  link_.Inject(sender_.address, recorded);
  EXPECT_EQ(Drops(DropReason::kSrtpReplayed), 1u);
  SendOpus(second_, 5005, 5);
  link_.Inject(sender_.address, late);
  EXPECT_EQ(Drops(DropReason::kUnsignalledSsrc), 1u);
  SendBye(second_);
  link_.Inject(sender_.address, late);
  link_.Inject(sender_.address, recorded);
  EXPECT_EQ(Drops(DropReason::kSrtpReplayed), 3u);
  link_.Run(Duration::Millis(50));
  EXPECT_EQ(heard(), 11u);
}

TEST_F(SsrcChangeTest, R4_ChangingForEverMakesNoStateWithoutBound) {
  for (uint32_t i = 0; i < 1000; ++i) {
    SendBye(first_ + i);
    link_.Inject(sender_.address, Opus(first_ + 1 + i, 1));
  }
  EXPECT_GT(Drops(DropReason::kSrtpTooManySsrcs), 500u);
}

TEST_F(SsrcChangeTest, VideoGoesOnWithAKeyframeAskedFor) {
  const uint32_t camera = stream(SourceKind::kCamera).ssrc;
  link_.Inject(sender_.address, Vp8(camera, 100, true));
  for (uint64_t i = 1; i < 10; ++i) link_.Inject(sender_.address, Vp8(camera, 100 + i, false));
  SendBye(camera);
  const uint32_t next = 0x5eed;
  const uint64_t asked = link_.counters.keyframe_requests_out.value();
  for (uint64_t i = 0; i < 10; ++i) {
    link_.Inject(sender_.address, Vp8(next, 7000 + i, false));
    link_.Run(Duration::Millis(60));
  }
  link_.Run(Duration::Millis(50));
  EXPECT_EQ(listener_.CountFrom(sender_, SourceKind::kCamera), 20u);
  EXPECT_GT(link_.counters.keyframe_requests_out.value(), asked);
  EXPECT_EQ(link_.counters.nacks_out.value(), 0u);
}

}  // namespace
}  // namespace earshot
