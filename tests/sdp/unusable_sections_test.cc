// Sections of an offer that nobody here can use: they are named as such, whatever else they say,
// and the rest of the offer stands.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "fixtures.h"
#include "sdp/session.h"

namespace earshot::sdp {
namespace {

using ::testing::HasSubstr;

// Each row bends one section of the small offer.
struct UnusableSection {
  const char* name;
  const char* from;
  const char* to;
  size_t section;
  const char* why;
};

class UnusableSectionTest : public testing::TestWithParam<UnusableSection> {};

TEST_P(UnusableSectionTest, IsNamedAndTheOthersStand) {
  const UnusableSection& row = GetParam();
  const std::string text = Replaced(SmallOffer(), row.from, row.to);
  ASSERT_NE(text, SmallOffer());
  const Result<Offer> offer = ParseOffer(text);
  ASSERT_TRUE(offer) << offer.error().message;
  ASSERT_EQ(offer->media.size(), 3u);
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(offer->media[i].is_usable(), i != row.section) << i;
  EXPECT_THAT(std::string(offer->media[row.section].unusable), HasSubstr(row.why));
}

constexpr UnusableSection kUnusableSections[] = {
    {"Text", "m=video", "m=text", 1, "audio, video or application"},
    {"Fax", "m=video 9 UDP/TLS/RTP/SAVPF 96 97", "m=image 9 udptl t38", 1, "audio, video"},
    {"UnknownProtocol", "m=video 9 UDP/TLS/RTP/SAVPF", "m=video 9 UDP/MBMS-FEC/RTP/SAVP", 1,
     "UDP/TLS/RTP/SAVPF"},
    {"Chat", "UDP/DTLS/SCTP webrtc-datachannel", "TCP/TLS/BFCP *", 2, "UDP/DTLS/SCTP"},
    {"OtherDataFormat", "SCTP webrtc-datachannel", "SCTP t38", 2, "webrtc-datachannel"},
    {"NoMid", "a=mid:0\r\n", "", 0, "a=mid"},
    {"NotBundled", "BUNDLE 0 1 2", "BUNDLE 0 2", 1, "BUNDLE"},
    {"NoRtcpMux", "a=sendonly\r\na=rtcp-mux\r\n", "a=sendonly\r\n", 0, "rtcp-mux"},
    {"NoSctpPort", "a=sctp-port:5000\r\n", "", 2, "sctp-port"},
    {"OtherSctpPort", "a=sctp-port:5000", "a=sctp-port:5001", 2, "5000"},
    {"OtherLegacySctpPort",
     "SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\na=mid:2\r\na=sctp-port:5000",
     "SCTP 5001\r\na=mid:2\r\na=sctpmap:5001 webrtc-datachannel 16", 2, "5000"},
    {"SctpmapOfAnother", "SCTP webrtc-datachannel",
     "SCTP 5000\r\na=sctpmap:5001 webrtc-datachannel 16", 2, "sctpmap"},
};

INSTANTIATE_TEST_SUITE_P(Table, UnusableSectionTest, testing::ValuesIn(kUnusableSections),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(UnusableSectionTest, WhatElseItSaysNeedNotBeUnderstood) {
  const Result<Offer> offer = ParseOffer(
      Replaced(SmallOffer(), "m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\n",
               "m=text 9 UDP/TLS/RTP/SAVPF t140 red\r\na=fmtp:t140\r\na=rtpmap:98 t140/0\r\n"));
  ASSERT_TRUE(offer) << offer.error().message;
  EXPECT_EQ(offer->media[1].line.media, "text");
  EXPECT_EQ(offer->media[1].line.formats, "t140 red");
}

TEST(UnusableSectionTest, NeitherNeedWhatARejectedOneSays) {
  const Result<Offer> offer = ParseOffer(
      Replaced(SmallOffer(), "m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\nc=IN IP4 0.0.0.0\r\na=mid:1\r\n",
               "m=video 0 RTP/AVP x y\r\na=extmap:0\r\n"));
  ASSERT_TRUE(offer) << offer.error().message;
  EXPECT_TRUE(offer->media[1].rejected);
  EXPECT_EQ(offer->media[1].unusable, "");
}

TEST(UnusableSectionTest, H18_ABundleOnlySectionHasToBeUnderstood) {
  const Result<Offer> offer =
      ParseOffer(Replaced(Replaced(SmallOffer(), "m=video 9", "m=video 0"), "a=mid:1\r\n",
                          "a=mid:1\r\na=extmap:0\r\na=bundle-only\r\n"));
  ASSERT_FALSE(offer);
  EXPECT_THAT(offer.error().message, HasSubstr("Line 22: a=extmap"));
}

TEST(UnusableSectionTest, WhoWritesBothFormsOfTheSctpPortIsUnderstood) {
  const Result<Offer> offer = ParseOffer(Replaced(
      SmallOffer(), "a=mid:2\r\n", "a=mid:2\r\na=sctpmap:5000 webrtc-datachannel 1024\r\n"));
  ASSERT_TRUE(offer) << offer.error().message;
  EXPECT_TRUE(offer->media[2].is_usable());
}

TEST(UnusableSectionTest, ASecondDataSectionIsOne) {
  std::string text = Replaced(SmallOffer(), "BUNDLE 0 1 2", "BUNDLE 0 1 2 3");
  std::string second = text.substr(text.find("m=application"));
  text += Replaced(second, "a=mid:2", "a=mid:3");
  const Result<Offer> offer = ParseOffer(text);
  ASSERT_TRUE(offer) << offer.error().message;
  EXPECT_TRUE(offer->media[2].is_usable());
  EXPECT_THAT(std::string(offer->media[3].unusable), HasSubstr("only one"));
}

TEST(UnusableSectionTest, H18_AnOfferOfNothingElseIsRefusedWithTheReasonOfTheFirst) {
  std::string text = Replaced(SmallOffer(), "a=group:BUNDLE 0 1 2\r\n", "");
  const Result<Offer> offer = ParseOffer(text);
  ASSERT_FALSE(offer);
  EXPECT_THAT(offer.error().message, HasSubstr("Line 9: the media section is not in the BUNDLE"));
}

// RFC 9429 section 5.1.2.
TEST(ProtocolTest, WhatMeansTheSameIsTakenAndAnsweredInItsOwnWords) {
  for (const std::string protocol :
       {"RTP/AVP", "RTP/AVPF", "RTP/SAVP", "RTP/SAVPF", "TCP/DTLS/RTP/SAVP", "TCP/DTLS/RTP/SAVPF",
        "UDP/TLS/RTP/SAVP"}) {
    const Result<Offer> offer =
        ParseOffer(Replaced(SmallOffer(), "audio 9 UDP/TLS/RTP/SAVPF", "audio 9 " + protocol));
    ASSERT_TRUE(offer) << protocol << offer.error().message;
    EXPECT_TRUE(offer->media[0].is_usable());
    EXPECT_EQ(offer->media[0].line.protocol, protocol);
    EXPECT_EQ(offer->media[0].codecs[0].name, "opus");
  }
}

}  // namespace
}  // namespace earshot::sdp
