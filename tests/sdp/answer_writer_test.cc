#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "fixtures.h"
#include "sdp/session.h"

namespace earshot::sdp {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Answer AnswerTo(const Offer& offer) {
  Answer answer;
  answer.session_id = 42;
  answer.ice_ufrag = "srv1srv1";
  answer.ice_password = "0123456789abcdefghijklmn";
  answer.fingerprint_algorithm = "sha-256";
  answer.fingerprint = kFingerprintValue;
  answer.candidates = {*SocketAddress::FromLiteral("192.0.2.1", 40000),
                       *SocketAddress::FromLiteral("2001:db8::1", 40000)};
  answer.bundle_tag = offer.bundle_tag;
  answer.allows_mixed_extensions = offer.allows_mixed_extensions;
  for (const MediaSection& media : offer.media) {
    AnswerSection& section = answer.media.emplace_back();
    section.offered = &media;
    section.codecs = media.codecs;
    section.extensions = media.extensions;
    const bool sends = media.direction == Direction::kRecvOnly;
    section.direction = sends ? Direction::kSendOnly : Direction::kRecvOnly;
    if (!sends) continue;
    section.ssrc = 5001;
    section.rtx_ssrc = 5002;
    section.cname = "slot-" + media.mid;
    section.stream_id = "stream-" + media.mid;
  }
  return answer;
}

constexpr std::string_view kGolden =
    "v=0\r\n"
    "o=- 42 1 IN IP4 0.0.0.0\r\n"
    "s=-\r\n"
    "t=0 0\r\n"
    "a=group:BUNDLE 0 1 2\r\n"
    "a=ice-lite\r\n"
    "a=msid-semantic: WMS *\r\n"
    "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"
    "c=IN IP4 0.0.0.0\r\n"
    "a=mid:0\r\n"
    "TRANSPORT"
    "a=candidate:1 1 udp 2130706431 192.0.2.1 40000 typ host\r\n"
    "a=candidate:2 1 udp 2130706175 2001:db8::1 40000 typ host\r\n"
    "a=end-of-candidates\r\n"
    "a=rtcp-mux\r\n"
    "a=recvonly\r\n"
    "a=rtpmap:111 opus/48000/2\r\n"
    "a=fmtp:111 minptime=10;useinbandfec=1\r\n"
    "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\n"
    "m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\n"
    "c=IN IP4 0.0.0.0\r\n"
    "a=mid:1\r\n"
    "TRANSPORT"
    "a=rtcp-mux\r\n"
    "a=sendonly\r\n"
    "a=rtpmap:96 VP8/90000\r\n"
    "a=rtcp-fb:96 nack pli\r\n"
    "a=rtpmap:97 rtx/90000\r\n"
    "a=fmtp:97 apt=96\r\n"
    "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\n"
    "a=msid:stream-1 stream-1\r\n"
    "a=ssrc-group:FID 5001 5002\r\n"
    "a=ssrc:5001 cname:slot-1\r\n"
    "a=ssrc:5002 cname:slot-1\r\n"
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n"
    "c=IN IP4 0.0.0.0\r\n"
    "a=mid:2\r\n"
    "TRANSPORT"
    "a=sctp-port:5000\r\n"
    "a=max-message-size:65536\r\n";

std::string Golden() {
  const std::string transport =
      "a=ice-ufrag:srv1srv1\r\n"
      "a=ice-pwd:0123456789abcdefghijklmn\r\n"
      "a=fingerprint:sha-256 " +
      std::string(kFingerprintValue) + "\r\na=setup:passive\r\n";
  std::string golden(kGolden);
  for (int i = 0; i < 3; ++i) golden = Replaced(std::move(golden), "TRANSPORT", transport);
  return golden;
}

TEST(AnswerWriterTest, WritesTheAnswerToTheSmallOffer) {
  const Result<Offer> offer = ParseOffer(SmallOffer());
  ASSERT_TRUE(offer);
  EXPECT_EQ(WriteAnswer(AnswerTo(*offer)), Golden());
}

TEST(AnswerWriterTest, ARejectedSectionHasPortZeroAndIsNotBundled) {
  const Result<Offer> offer = ParseOffer(SmallOffer());
  ASSERT_TRUE(offer);
  Answer answer = AnswerTo(*offer);
  answer.media[0].rejected = true;
  const std::string text = WriteAnswer(answer);
  EXPECT_THAT(text, HasSubstr("a=group:BUNDLE 1 2\r\n"));
  EXPECT_THAT(text, HasSubstr("m=audio 0 UDP/TLS/RTP/SAVPF 111\r\n"
                              "c=IN IP4 0.0.0.0\r\na=mid:0\r\na=inactive\r\nm=video"));
  // The candidates move on to the first section that is left.
  EXPECT_GT(text.find("a=candidate:1 "), text.find("m=video"));
}

TEST(AnswerWriterTest, TheSectionThatCarriesTheBundleIsFirstInTheGroupAndHasTheCandidates) {
  const Result<Offer> offer = ParseOffer(Replaced(SmallOffer(), "BUNDLE 0 1 2", "BUNDLE 1 2 0"));
  ASSERT_TRUE(offer);
  const std::string text = WriteAnswer(AnswerTo(*offer));
  EXPECT_THAT(text, HasSubstr("a=group:BUNDLE 1 0 2\r\n"));
  EXPECT_GT(text.find("a=candidate:1 "), text.find("m=video"));
  EXPECT_LT(text.find("a=candidate:1 "), text.find("m=application"));
}

// RFC 5506 section 5, RFC 8285 section 6: an answer has them only if the offer does.
TEST(AnswerWriterTest, WhatTheOfferAllowsIsAllowedInTheAnswer) {
  const std::string text = Replaced(SmallOffer(), "s=-\r\n", "s=-\r\na=extmap-allow-mixed\r\n");
  const Result<Offer> offer =
      ParseOffer(Replaced(text, "a=rtcp-mux\r\n", "a=rtcp-mux\r\na=rtcp-rsize\r\n"));
  ASSERT_TRUE(offer);
  const std::string answer = WriteAnswer(AnswerTo(*offer));
  EXPECT_THAT(answer, HasSubstr("a=extmap-allow-mixed\r\n"));
  EXPECT_LT(answer.find("a=rtcp-rsize"), answer.find("m=video"));
  EXPECT_EQ(answer.find("a=rtcp-rsize", answer.find("m=video")), std::string::npos);
}

TEST(AnswerWriterTest, ADataSectionOfTheOldFormIsAnsweredInThatForm) {
  std::string text = Replaced(SmallOffer(), "UDP/DTLS/SCTP webrtc-datachannel", "DTLS/SCTP 5000");
  text = Replaced(text, "a=sctp-port:5000", "a=sctpmap:5000 webrtc-datachannel 1024");
  const Result<Offer> offer = ParseOffer(text);
  ASSERT_TRUE(offer) << offer.error().message;
  const std::string answer = WriteAnswer(AnswerTo(*offer));
  EXPECT_THAT(answer, HasSubstr("m=application 9 DTLS/SCTP 5000\r\n"));
  EXPECT_THAT(answer, HasSubstr("a=sctpmap:5000 webrtc-datachannel 1024\r\n"));
  EXPECT_THAT(answer, Not(HasSubstr("a=sctp-port")));
}

TEST(AnswerWriterTest, ExtensionDirectionsAreTurnedAround) {
  const Result<Offer> offer = ParseOffer(Replaced(SmallOffer(), "a=extmap:4 urn",
                                                  "a=extmap:2/recvonly urn:one\r\n"
                                                  "a=extmap:3/sendonly urn:two\r\n"
                                                  "a=extmap:4 urn"));
  ASSERT_TRUE(offer) << offer.error().message;
  const std::string text = WriteAnswer(AnswerTo(*offer));
  EXPECT_THAT(text, HasSubstr("a=extmap:2/sendonly urn:one\r\n"));
  EXPECT_THAT(text, HasSubstr("a=extmap:3/recvonly urn:two\r\n"));
}

TEST(AnswerWriterTest, H18_NoTextCanStartALineOfItsOwn) {
  const Result<Offer> offer = ParseOffer(SmallOffer());
  ASSERT_TRUE(offer);
  Answer answer = AnswerTo(*offer);
  answer.media[1].cname = "x\r\na=ice-pwd:stolen";
  answer.media[1].stream_id = "y\nm=audio 1";
  const std::string text = WriteAnswer(answer);
  EXPECT_THAT(text, Not(HasSubstr("\na=ice-pwd:stolen")));
  EXPECT_THAT(text, Not(HasSubstr("\nm=audio 1")));
  ASSERT_TRUE(ParseAnswer(text));
}

TEST(AnswerWriterTest, H18_AnswersToBrowsersHoldNothingOfTheirFreeText) {
  std::string text = ReadFixture("chromium_156_pool.sdp");
  text = Replaced(std::move(text), "s=-", "s=FREETEXT");
  text = Replaced(std::move(text), "cname:VJWcCXCclO1NRXNl", "cname:FREETEXT");
  text = Replaced(std::move(text), "a=msid:- ", "a=msid:FREETEXT ");
  const Result<Offer> offer = ParseOffer(text);
  ASSERT_TRUE(offer);
  EXPECT_THAT(WriteAnswer(AnswerTo(*offer)), Not(HasSubstr("FREETEXT")));
}

}  // namespace
}  // namespace earshot::sdp
