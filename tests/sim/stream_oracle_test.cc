// A sound stream passes, and each breach of it is reported.

#include "stream_oracle.h"

#include <gtest/gtest.h>

#include <array>

#include "wire/rtp_packet.h"

namespace earshot::sim {
namespace {

constexpr SourceId kCamera(ParticipantId{7}, SourceKind::kCamera);
constexpr SourceId kOtherCamera(ParticipantId{8}, SourceKind::kCamera);

class StreamOracleTest : public ::testing::Test {
 protected:
  StreamOracleTest()
      : oracle_(numbers_, {{{MediaKind::kVideo, 0}, "v0", 100, 101}}, {.keeps_order = true},
                violations_) {
    header_.payload_type = numbers_.vp8_payload_type;
    header_.sequence_number = 1000;
    header_.timestamp = 5000;
    header_.ssrc = 100;
    header_.csrc = kCamera.value();
    header_.mid = "v0";
  }

  // One frame of one packet, 40 ms after the one before.
  void SendNext() {
    ++header_.sequence_number;
    header_.timestamp += 3600;
    now_ = now_ + Duration::Millis(40);
    Send();
  }
  void Send() {
    if (stamps_) {
      header_.abs_send_time = AbsSendTimeAt(now_);
    }
    std::array<uint8_t, 120> packet{};
    const size_t size = WriteRtpHeader(header_, extensions_, packet);
    oracle_.HandleEgress(ByteView(packet).first(size + 20), now_);
  }
  void ArriveNext(bool keyframe = false) {
    SendNext();
    ++picture_id_;
    ++tag_.sequence;
    Arrive(keyframe);
  }
  void Arrive(bool keyframe) {
    ReceivedMedia media;
    media.slot = {MediaKind::kVideo, 0};
    media.source = tag_.source;
    media.extended_sequence = 65536 + header_.sequence_number;
    media.timestamp = header_.timestamp;
    media.frame.starts_frame = true;
    media.frame.starts_keyframe = keyframe;
    media.frame.vp8.emplace();
    media.frame.vp8->picture_id = picture_id_;
    media.frame.vp8->tl0_pic_idx = static_cast<uint8_t>(picture_id_);
    media.tag = payload_tag_ ? *payload_tag_ : tag_;
    media.is_repair = is_repair_;
    oracle_.HandleArrival(media, now_);
  }

  ClientNumbers numbers_;
  ExtensionIds extensions_ = numbers_.extensions;
  Violations violations_;
  StreamOracle oracle_;
  RtpHeader header_;
  Timestamp now_ = Timestamp::Seconds(5);
  bool stamps_ = true;
  uint16_t picture_id_ = 20;
  PayloadTag tag_{kCamera, 0};
  std::optional<PayloadTag> payload_tag_;
  bool is_repair_ = false;
};

TEST_F(StreamOracleTest, ASoundStreamPasses) {
  ArriveNext(true);
  for (int i = 0; i < 100; ++i) ArriveNext();
  tag_.source = kOtherCamera;
  header_.csrc = kOtherCamera.value();
  tag_.sequence = 500;
  ArriveNext(true);
  EXPECT_EQ(violations_.count(), 0u) << violations_.listed()[0].what;
}

TEST_F(StreamOracleTest, AForeignSsrcIsReported) {
  header_.ssrc = 99;
  Send();
  EXPECT_EQ(violations_.count(), 1u);
}

TEST_F(StreamOracleTest, AnotherPayloadTypeIsReported) {
  header_.payload_type = 50;
  Send();
  EXPECT_EQ(violations_.count(), 1u);
}

TEST_F(StreamOracleTest, R8_AMissingMidIsReported) {
  header_.mid = {};
  Send();
  EXPECT_EQ(violations_.count(), 1u);
}

TEST_F(StreamOracleTest, R8_AnotherMidIsReported) {
  header_.mid = "v1";
  Send();
  EXPECT_EQ(violations_.count(), 1u);
}

TEST_F(StreamOracleTest, R8_AForeignSendTimeIsReported) {
  stamps_ = false;
  header_.abs_send_time = 1;
  Send();
  EXPECT_EQ(violations_.count(), 1u);
}

TEST_F(StreamOracleTest, R8_AnExtensionThatWasNotNegotiatedIsReported) {
  extensions_.transport_sequence = 9;
  header_.transport_sequence = 1;
  Send();
  EXPECT_EQ(violations_.count(), 1u);
}

TEST_F(StreamOracleTest, AnIndexThatServesTwiceIsReported) {
  SendNext();
  SendNext();
  Send();
  EXPECT_GE(violations_.count(), 1u);
}

TEST_F(StreamOracleTest, AnSrtcpIndexThatServesTwiceIsReported) {
  std::vector<uint8_t> packet(40);
  for (uint32_t sender = 1; sender <= 2; ++sender) {
    for (uint32_t index = 7; index <= 8; ++index) {
      StoreBigEndian(packet.data() + 4, sender);
      StoreBigEndian(packet.data() + 36, 0x80000000 | index);
      oracle_.HandleRtcpEgress(packet, now_);
    }
  }
  EXPECT_EQ(violations_.count(), 0u);
  oracle_.HandleRtcpEgress(packet, now_);
  EXPECT_EQ(violations_.count(), 1u);
}

TEST_F(StreamOracleTest, AGapIsReportedWhereNothingIsLost) {
  SendNext();
  ++header_.sequence_number;
  SendNext();
  EXPECT_EQ(violations_.count(), 1u);
}

TEST_F(StreamOracleTest, ATimestampThatGoesBackOrLeapsIsReported) {
  SendNext();
  header_.timestamp -= 2 * 3600;
  SendNext();
  EXPECT_EQ(violations_.count(), 1u);
  header_.timestamp += 90000;
  SendNext();
  EXPECT_EQ(violations_.count(), 2u);
}

TEST_F(StreamOracleTest, APictureIdThatLeapsIsReported) {
  ArriveNext(true);
  picture_id_ = 40;
  ArriveNext();
  EXPECT_EQ(violations_.count(), 2u);  // and TL0PICIDX with it
}

TEST_F(StreamOracleTest, ASwitchWithoutAKeyframeIsReported) {
  ArriveNext(true);
  tag_.source = kOtherCamera;
  header_.csrc = kOtherCamera.value();
  ArriveNext();
  EXPECT_EQ(violations_.count(), 1u);
}

TEST_F(StreamOracleTest, R17_APayloadOfAnotherSourceThanTheCsrcIsReported) {
  payload_tag_ = PayloadTag{kOtherCamera, 1};
  ArriveNext(true);
  EXPECT_EQ(violations_.count(), 1u);
}

TEST_F(StreamOracleTest, R17_ARepairWithWhatAnotherSourceSentIsReported) {
  ArriveNext(true);
  is_repair_ = true;
  tag_.source = kOtherCamera;
  Arrive(false);
  EXPECT_EQ(violations_.count(), 1u);
}

TEST_F(StreamOracleTest, ARepairOfWhatWasNeverSentIsReported) {
  ArriveNext(true);
  is_repair_ = true;
  header_.sequence_number = 1500;
  Arrive(false);
  EXPECT_EQ(violations_.count(), 1u);
}

}  // namespace
}  // namespace earshot::sim
