#include "oracle.h"

#include <gtest/gtest.h>

#include <array>

#include "wire/rtp_packet.h"

namespace earshot::load {
namespace {

constexpr Timestamp kStart = Timestamp::Seconds(100);
constexpr ParticipantId kAda{1};
constexpr ParticipantId kBob{2};
constexpr ParticipantId kEve{3};

/// Two who behave in one space, and the second listens.
class OracleTest : public testing::Test {
 protected:
  OracleTest() {
    oracle_.Enter(0, kAda, 0);
    oracle_.Enter(1, kBob, 0);
  }

  ReceivedMedia MediaOf(ParticipantId from) {
    ReceivedMedia media;
    media.source = SourceId(from, SourceKind::kMic);
    media.tag = PayloadTag{media.source, 5, kStart};
    std::array<uint8_t, 60> payload;
    const size_t size = WriteSyntheticPayload(
        {.codec = Codec::kOpus, .tag = *media.tag, .size = payload.size()}, payload);
    packet_.resize(kMaxWrittenRtpHeaderSize);
    packet_.resize(WriteRtpHeader({.payload_type = 111, .ssrc = 9}, {}, packet_));
    packet_.insert(packet_.end(), payload.begin(), payload.begin() + static_cast<int>(size));
    media.packet = packet_;
    return media;
  }
  std::vector<uint8_t> Sealed(uint16_t sequence_number) {
    std::vector<uint8_t> packet(40);
    WriteRtpHeader({.payload_type = 111, .sequence_number = sequence_number, .ssrc = 9}, {},
                   packet);
    return packet;
  }

  Oracle oracle_{3};
  std::vector<uint8_t> packet_;
};

TEST_F(OracleTest, WhatIsRightIsNoBreach) {
  for (int i = 0; i < 3; ++i) oracle_.HandleMedia(1, MediaOf(kAda), true, kStart);
  oracle_.HandleDrop(DropReason::kSrtpNotReady);
  EXPECT_EQ(oracle_.checked(), 3u);
  EXPECT_EQ(oracle_.breaches(), 0u);
}

TEST_F(OracleTest, AnIndexServesOnce) {
  constexpr std::array<uint16_t, 6> kNumbers = {65534, 65535, 0, 1, 3, 2};
  for (const uint16_t number : kNumbers) {
    oracle_.HandleDatagram(1, Sealed(number));
    oracle_.HandleDatagram(0, Sealed(number));
  }
  EXPECT_EQ(oracle_.breaches(), 0u) << "each listener has keys of its own";
  oracle_.HandleDatagram(1, Sealed(65535));
  oracle_.HandleDatagram(1, Sealed(3));
  EXPECT_EQ(oracle_.count(Breach::kIndexTwice), 2u);
}

TEST_F(OracleTest, WhatTheKeysDoNotOpenIsABreach) {
  oracle_.HandleDrop(DropReason::kSrtpUnauthenticated);
  EXPECT_EQ(oracle_.count(Breach::kUnauthenticated), 1u);
}

TEST_F(OracleTest, TheSenderIsWhoTheCsrcSays) {
  ReceivedMedia media = MediaOf(kAda);
  media.tag->source = SourceId(kEve, SourceKind::kMic);
  oracle_.HandleMedia(1, media, true, kStart);
  EXPECT_EQ(oracle_.count(Breach::kWrongSender), 1u);
  oracle_.HandleMedia(1, MediaOf(kBob), true, kStart);
  EXPECT_EQ(oracle_.count(Breach::kWrongSender), 2u) << "nobody hears oneself";
  oracle_.HandleMedia(1, MediaOf(ParticipantId{77}), true, kStart);
  EXPECT_EQ(oracle_.count(Breach::kUnknownSender), 1u);
}

TEST_F(OracleTest, AChangedPayloadIsABreach) {
  const ReceivedMedia media = MediaOf(kAda);
  packet_.back() = 1;
  oracle_.HandleMedia(1, media, true, kStart);
  EXPECT_EQ(oracle_.count(Breach::kPayloadChanged), 1u);
}

TEST_F(OracleTest, NobodyIsHeardInAnotherSpace) {
  oracle_.Enter(2, kEve, 1);
  oracle_.HandleMedia(2, MediaOf(kAda), true, kStart);
  oracle_.AddHostile(ParticipantId{8}, 1);
  oracle_.HandleMedia(1, MediaOf(ParticipantId{8}), true, kStart);
  EXPECT_EQ(oracle_.count(Breach::kOtherSpace), 2u);
}

TEST_F(OracleTest, OfWhoMeansHarmOnlyTheSpaceIsKnown) {
  oracle_.AddHostile(kEve, 0);
  ReceivedMedia media = MediaOf(kEve);
  media.tag.reset();
  oracle_.HandleMedia(1, media, false, kStart);
  EXPECT_EQ(oracle_.breaches(), 0u);
}

TEST_F(OracleTest, OnlyGapsBetweenPacketsOfOneWhoBehavesAreLosses) {
  oracle_.AddHostile(kEve, 0);
  const auto hear = [&](ParticipantId from, int64_t sequence) {
    ReceivedMedia media = MediaOf(from);
    media.extended_sequence = sequence;
    oracle_.HandleMedia(1, media, true, kStart);
  };
  hear(kAda, 10);
  hear(kAda, 11);
  hear(kEve, 40);
  hear(kEve, 400);
  hear(kAda, 500);
  EXPECT_EQ(oracle_.loss().lost, 0u);
  hear(kAda, 504);
  EXPECT_EQ(oracle_.loss().lost, 3u);
  EXPECT_EQ(oracle_.loss().expected, 5u);
  hear(kAda, 502);
  EXPECT_EQ(oracle_.loss().lost, 2u) << "late, or repaired";
}

TEST_F(OracleTest, WhoHasLeftFallsSilentSoon) {
  oracle_.Leave(0, kStart);
  oracle_.HandleMedia(1, MediaOf(kAda), true, kStart + Duration::Millis(500));
  EXPECT_EQ(oracle_.breaches(), 0u);
  oracle_.HandleMedia(1, MediaOf(kAda), true, kStart + Duration::Seconds(3));
  EXPECT_EQ(oracle_.count(Breach::kGone), 1u);
}

TEST_F(OracleTest, WhoIsFarAwayFallsSilentSoon) {
  const auto hear = [&](int64_t millis, bool is_near) {
    oracle_.HandleMedia(1, MediaOf(kAda), is_near, kStart + Duration::Millis(millis));
  };
  for (int64_t millis = 0; millis <= 1900; millis += 100) hear(millis, false);
  hear(2000, true);
  hear(2100, false);
  EXPECT_EQ(oracle_.breaches(), 0u);
  // Another time, after a pause.
  hear(9000, false);
  EXPECT_EQ(oracle_.breaches(), 0u);
  for (int64_t millis = 9100; millis <= 11'100; millis += 100) hear(millis, false);
  EXPECT_EQ(oracle_.count(Breach::kOutOfEarshot), 1u);
}

}  // namespace
}  // namespace earshot::load
