#include "client/client.h"

#include <gtest/gtest.h>

#include "client_link.h"

namespace earshot {
namespace {

SourceSet Only(SourceKind kind) {
  SourceSet set;
  set.Set(kind, true);
  return set;
}

template <typename Message>
std::vector<uint8_t> Compound(const Message& message) {
  std::vector<uint8_t> buffer(200);
  ByteWriter writer(buffer);
  Write(message, writer);
  buffer.resize(writer.size());
  return buffer;
}

TEST(ClientTest, ConnectsAndOpensTheTwoChannels) {
  ClientLink link;
  ASSERT_TRUE(link.accepted);
  link.Run(Duration::Seconds(2));
  EXPECT_TRUE(link.client.connected());
  ASSERT_EQ(link.opened.size(), 2u);
  EXPECT_EQ(link.opened[0].label, kEventsLabel);
  EXPECT_EQ(link.opened[1].label, kPositionsLabel);
  EXPECT_TRUE(link.deadlines_advance);
}

TEST(ClientTest, TellsWhatItPublishesAsSoonAsItCan) {
  ClientLink link({}, Only(SourceKind::kMic));
  link.Run(Duration::Seconds(1));
  ASSERT_FALSE(link.messages.empty());
  EXPECT_EQ(ParseIPublish(link.messages[0].bytes), Only(SourceKind::kMic));
}

TEST(ClientTest, AMicSendsFiftyPacketsASecondInOrder) {
  ClientLink link({}, Only(SourceKind::kMic));
  link.Run(Duration::Seconds(2));
  ASSERT_GT(link.rtp.size(), 90u);
  ASSERT_LT(link.rtp.size(), 102u);
  for (size_t i = 1; i < link.rtp.size(); ++i) {
    const auto before = RtpView::Parse(link.rtp[i - 1]);
    const auto after = RtpView::Parse(link.rtp[i]);
    EXPECT_EQ(SequenceDistance(before->sequence_number(), after->sequence_number()), 1);
    EXPECT_EQ(TimestampDistance(before->timestamp(), after->timestamp()), 960);
  }
}

TEST(ClientTest, TheAudioLevelSaysWhoTalks) {
  ClientLink link({}, Only(SourceKind::kMic));
  link.Run(Duration::Seconds(1));
  const uint8_t id = link.client.session().numbers().extensions.audio_level;
  const auto level_of = [&](const std::vector<uint8_t>& packet) {
    return ParseAudioLevel(*RtpView::Parse(packet)->Extension(id))->level;
  };
  const uint8_t silent = level_of(link.rtp.back());
  link.client.SetTalking(true);
  link.Run(Duration::Millis(100));
  EXPECT_LT(level_of(link.rtp.back()), silent);
}

// RFC 6716 section 2.1.9.
TEST(ClientTest, WithDtxSilenceIsOneSmallPacketEachFourHundredMilliseconds) {
  ClientOptions options;
  options.media.opus_payload = 160;
  options.media.rests_in_silence = true;
  ClientLink link(options, Only(SourceKind::kMic));
  link.Run(Duration::Seconds(1));
  link.rtp.clear();
  link.Run(Duration::Seconds(4));
  EXPECT_EQ(link.rtp.size(), 10u);
  EXPECT_EQ(RtpView::Parse(link.rtp.back())->payload().size(), kMinSyntheticPayload);
  link.rtp.clear();
  link.client.SetTalking(true);
  link.Run(Duration::Millis(100));
  EXPECT_GE(link.rtp.size(), 5u) << "a voice does not wait for the end of the silence";
  EXPECT_EQ(RtpView::Parse(link.rtp.back())->payload().size(), 160u);
  link.client.SetTalking(false);
  link.rtp.clear();
  link.Run(Duration::Millis(390));
  EXPECT_LE(link.rtp.size(), 1u);
}

TEST(ClientTest, VideoKeepsToItsRateInEqualPackets) {
  ClientOptions options;
  options.media.video_rate = DataRate::KilobitsPerSecond(1000);
  options.media.frame_interval = Duration::Millis(40);
  options.media.video_payload = 1100;
  ClientLink link(options, Only(SourceKind::kCamera));
  link.Run(Duration::Seconds(2));
  link.rtp.clear();
  link.Run(Duration::Seconds(4));
  size_t bytes = 0;
  for (const auto& packet : link.rtp) {
    const size_t size = RtpView::Parse(packet)->payload().size();
    EXPECT_EQ(size, 1000u) << "a frame of 5000 bytes takes five packets";
    bytes += size;
  }
  EXPECT_NEAR(static_cast<double>(bytes) * 8 / 4, 1e6, 1e4);
}

TEST(ClientTest, APayloadSaysWhenItWasSent) {
  ClientLink link({}, Only(SourceKind::kMic));
  link.Run(Duration::Seconds(1));
  const auto tag = ReadPayloadTag(Codec::kOpus, RtpView::Parse(link.rtp.back())->payload());
  ASSERT_TRUE(tag);
  EXPECT_LE(tag->sent, link.now);
  EXPECT_GT(tag->sent, link.now - Duration::Millis(25));
}

TEST(ClientTest, VideoBeginsWithAKeyframeAndSendsAnotherWhenAsked) {
  ClientLink link({}, Only(SourceKind::kCamera));
  link.Run(Duration::Seconds(1));
  const auto is_keyframe = [](const std::vector<uint8_t>& packet) {
    return ParseFrameInfo(Codec::kVp8, RtpView::Parse(packet)->payload())->starts_keyframe;
  };
  ASSERT_FALSE(link.rtp.empty());
  EXPECT_TRUE(is_keyframe(link.rtp[0]));
  EXPECT_EQ(std::count_if(link.rtp.begin(), link.rtp.end(), is_keyframe), 1);
  const uint32_t ssrc = link.client.sender(SourceKind::kCamera)->stream().ssrc;
  link.SendRtcp(Compound(Pli{1, ssrc}));
  link.Run(Duration::Millis(200));
  EXPECT_EQ(std::count_if(link.rtp.begin(), link.rtp.end(), is_keyframe), 2);
  EXPECT_EQ(link.client.keyframe_requests_received(), 1u);
}

TEST(ClientTest, ANackIsAnsweredWithTheSamePayloadByRtx) {
  ClientLink link({}, Only(SourceKind::kCamera));
  link.Run(Duration::Seconds(1));
  const SentStream& stream = link.client.sender(SourceKind::kCamera)->stream();
  const std::vector<uint8_t> original = link.rtp.back();
  const auto view = RtpView::Parse(original);
  link.SendRtcp(Compound(Nack{1, stream.ssrc, {view->sequence_number()}}));
  const auto repair = RtpView::Parse(link.rtp.back());
  ASSERT_EQ(repair->ssrc(), stream.rtx_ssrc);
  EXPECT_EQ(repair->timestamp(), view->timestamp());
  EXPECT_EQ(LoadBigEndian<uint16_t>(repair->payload().data()), view->sequence_number());
  EXPECT_TRUE(std::ranges::equal(repair->payload().subspan(2), view->payload()));
}

TEST(ClientTest, ANackForWhatIsForgottenIsIgnored) {
  ClientLink link({}, Only(SourceKind::kCamera));
  link.Run(Duration::Seconds(1));
  const SentStream& stream = link.client.sender(SourceKind::kCamera)->stream();
  const auto newest = RtpView::Parse(link.rtp.back())->sequence_number();
  link.SendRtcp(Compound(Nack{1, stream.ssrc, {static_cast<uint16_t>(newest + 100)}}));
  EXPECT_EQ(link.CountRtp(stream.rtx_ssrc), 0u);
}

TEST(ClientTest, ReportsOnceASecondWhatItSends) {
  ClientLink link({}, Only(SourceKind::kMic));
  link.Run(Duration::Seconds(4));
  size_t reports = 0;
  for (const auto& compound : link.rtcp) {
    RtcpReader reader(compound);
    const auto message = reader.Next();
    ASSERT_TRUE(message);
    const auto* report = std::get_if<SenderReport>(&*message);
    ASSERT_NE(report, nullptr);
    EXPECT_EQ(report->sender_ssrc, link.client.sender(SourceKind::kMic)->stream().ssrc);
    EXPECT_GT(report->packet_count, 40u * ++reports);
  }
  EXPECT_GE(reports, 3u);
}

TEST(ClientTest, WhatIsSwitchedOffSendsNoMore) {
  ClientLink link({}, Only(SourceKind::kMic));
  link.Run(Duration::Seconds(1));
  link.Publish({});
  link.rtp.clear();
  link.Run(Duration::Seconds(1));
  EXPECT_TRUE(link.rtp.empty());
  EXPECT_EQ(ParseIPublish(link.messages.back().bytes), SourceSet());
}

TEST(ClientTest, PosesAreNumbered) {
  ClientLink link;
  EXPECT_FALSE(link.Move({{1, 2}, 0}));
  link.Run(Duration::Seconds(1));
  link.messages.clear();
  EXPECT_TRUE(link.Move({{1, 2}, 0}));
  EXPECT_TRUE(link.Move({{3, 4}, 1}));
  ASSERT_EQ(link.messages.size(), 2u);
  const auto first = ParseMyPose(link.messages[0].bytes);
  const auto second = ParseMyPose(link.messages[1].bytes);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(second->pose, (Pose{{3, 4}, 1}));
  EXPECT_EQ(SequenceDistance(first->sequence, second->sequence), 1);
}

TEST(ClientTest, EitherSideCanEndIt) {
  ClientLink by_server;
  by_server.Run(Duration::Seconds(1));
  by_server.CloseServer();
  EXPECT_TRUE(by_server.closed);
  EXPECT_FALSE(by_server.client.connected());
  EXPECT_TRUE(by_server.client.NextDeadline().IsNever());
  ClientLink by_client;
  by_client.Run(Duration::Seconds(1));
  by_client.CloseClient();
  EXPECT_EQ(by_client.server_closed, CloseReason::kLeft);
  EXPECT_TRUE(by_client.client.NextDeadline().IsNever());
}

}  // namespace
}  // namespace earshot
