// What one side writes, the other side reads: offers and answers of our own client and server.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "fixtures.h"
#include "sdp/session.h"

namespace earshot::sdp {
namespace {

using ::testing::HasSubstr;

MediaSection Rtp(SectionKind kind, std::string mid, Direction direction) {
  MediaSection media;
  media.kind = kind;
  media.mid = std::move(mid);
  media.direction = direction;
  media.extensions = {{4, "urn:ietf:params:rtp-hdrext:sdes:mid", Direction::kSendRecv},
                      {2, "urn:one-way", Direction::kRecvOnly}};
  if (kind == SectionKind::kAudio) {
    media.codecs = {{111, "opus", 48000, 2, "minptime=10", {"transport-cc"}, {}}};
    media.ssrcs = {7};
  } else {
    media.codecs = {{96, "VP8", 90000, 1, "", {"nack", "nack pli"}, {}},
                    {97, "rtx", 90000, 1, "apt=96", {}, 96}};
    media.ssrcs = {8, 9};
    media.rtx_ssrc = 9;
  }
  return media;
}

OfferDescription SampleOffer() {
  OfferDescription offer;
  offer.ice_ufrag = "abcd";
  offer.ice_password = "0123456789012345678901";
  offer.fingerprint_algorithm = "sha-256";
  offer.fingerprint = kFingerprintValue;
  offer.media.push_back(Rtp(SectionKind::kAudio, "mic", Direction::kSendOnly));
  offer.media.push_back(Rtp(SectionKind::kVideo, "v0", Direction::kRecvOnly));
  MediaSection data;
  data.kind = SectionKind::kData;
  data.mid = "data";
  data.direction = Direction::kSendRecv;
  data.sctp_port = 5000;
  data.max_message_size = 65536;
  offer.media.push_back(data);
  return offer;
}

void ExpectSameMedia(const MediaSection& read, const MediaSection& written) {
  EXPECT_EQ(read.kind, written.kind);
  EXPECT_EQ(read.mid, written.mid);
  EXPECT_EQ(read.direction, written.direction);
  EXPECT_EQ(read.ssrcs, written.ssrcs);
  EXPECT_EQ(read.rtx_ssrc, written.rtx_ssrc);
  EXPECT_EQ(read.sctp_port, written.sctp_port);
  EXPECT_EQ(read.max_message_size, written.max_message_size);
  ASSERT_EQ(read.codecs.size(), written.codecs.size());
  for (size_t i = 0; i < read.codecs.size(); ++i) {
    EXPECT_EQ(read.codecs[i].name, written.codecs[i].name);
    EXPECT_EQ(read.codecs[i].payload_type, written.codecs[i].payload_type);
    EXPECT_EQ(read.codecs[i].clock_rate, written.codecs[i].clock_rate);
    EXPECT_EQ(read.codecs[i].channels, written.codecs[i].channels);
    EXPECT_EQ(read.codecs[i].parameters, written.codecs[i].parameters);
    EXPECT_EQ(read.codecs[i].feedback, written.codecs[i].feedback);
    EXPECT_EQ(read.codecs[i].repairs, written.codecs[i].repairs);
  }
  ASSERT_EQ(read.extensions.size(), written.extensions.size());
  for (size_t i = 0; i < read.extensions.size(); ++i) {
    EXPECT_EQ(read.extensions[i].id, written.extensions[i].id);
    EXPECT_EQ(read.extensions[i].uri, written.extensions[i].uri);
    EXPECT_EQ(read.extensions[i].direction, written.extensions[i].direction);
  }
}

TEST(RoundTripTest, AnOfferIsReadAsItWasWritten) {
  const OfferDescription written = SampleOffer();
  const Result<Offer> read = ParseOffer(WriteOffer(written));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->ice_ufrag, written.ice_ufrag);
  EXPECT_EQ(read->ice_password, written.ice_password);
  ASSERT_EQ(read->fingerprints.size(), 1u);
  EXPECT_EQ(read->fingerprints[0].value, written.fingerprint);
  ASSERT_EQ(read->media.size(), written.media.size());
  for (size_t i = 0; i < read->media.size(); ++i) {
    ExpectSameMedia(read->media[i], written.media[i]);
  }
}

Answer AnswerTo(const Offer& offer) {
  Answer answer;
  answer.ice_ufrag = "server12";
  answer.ice_password = "abcdefghijklmnopqrstuvwx";
  answer.fingerprint_algorithm = "sha-256";
  answer.fingerprint = kFingerprintValue;
  answer.candidates = {*SocketAddress::FromLiteral("2001:db8::7", 40001),
                       *SocketAddress::FromLiteral("192.0.2.7", 40001)};
  for (const MediaSection& media : offer.media) {
    AnswerSection section;
    section.offered = &media;
    section.codecs = media.codecs;
    section.extensions = media.extensions;
    section.direction = Direction::kRecvOnly;
    answer.media.push_back(section);
  }
  answer.media[1].direction = Direction::kSendOnly;
  answer.media[1].ssrc = 21;
  answer.media[1].rtx_ssrc = 22;
  answer.media[1].cname = "c";
  return answer;
}

TEST(RoundTripTest, AnAnswerIsReadAsItWasWritten) {
  const Result<Offer> offer = ParseOffer(WriteOffer(SampleOffer()));
  ASSERT_TRUE(offer);
  const Answer written = AnswerTo(*offer);
  const Result<ParsedAnswer> read = ParseAnswer(WriteAnswer(written));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->ice_ufrag, written.ice_ufrag);
  EXPECT_EQ(read->ice_password, written.ice_password);
  EXPECT_EQ(read->candidates, written.candidates);
  ASSERT_EQ(read->media.size(), 3u);
  EXPECT_EQ(read->media[0].direction, Direction::kRecvOnly);
  EXPECT_EQ(read->media[1].direction, Direction::kSendOnly);
  EXPECT_THAT(read->media[1].ssrcs, testing::ElementsAre(21u, 22u));
  EXPECT_EQ(read->media[1].rtx_ssrc, 22u);
  EXPECT_EQ(read->media[2].sctp_port, 5000);
  EXPECT_EQ(read->media[2].max_message_size, 65536u);
}

TEST(RoundTripTest, ARejectedSectionIsReadAsRejected) {
  const Result<Offer> offer = ParseOffer(WriteOffer(SampleOffer()));
  ASSERT_TRUE(offer);
  Answer answer = AnswerTo(*offer);
  answer.media[1].rejected = true;
  const Result<ParsedAnswer> read = ParseAnswer(WriteAnswer(answer));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_TRUE(read->media[1].rejected);
  EXPECT_FALSE(read->media[0].rejected);
}

TEST(RoundTripTest, AnAnswerOfAnActiveServerIsRefused) {
  const Result<Offer> offer = ParseOffer(WriteOffer(SampleOffer()));
  ASSERT_TRUE(offer);
  std::string text = WriteAnswer(AnswerTo(*offer));
  size_t at = 0;
  while ((at = text.find("setup:passive", at)) != std::string::npos) {
    text.replace(at, 13, "setup:active");
  }
  const Result<ParsedAnswer> read = ParseAnswer(text);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, "answer-invalid");
  EXPECT_THAT(read.error().message, HasSubstr("passive"));
}

TEST(RoundTripTest, S17_ACandidateWithANameIsPassedOver) {
  const Result<Offer> offer = ParseOffer(WriteOffer(SampleOffer()));
  ASSERT_TRUE(offer);
  const Result<ParsedAnswer> read =
      ParseAnswer(Replaced(WriteAnswer(AnswerTo(*offer)), "192.0.2.7", "host.example"));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->candidates.size(), 1u);
}

}  // namespace
}  // namespace earshot::sdp
