#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/random.h"
#include "fixtures.h"
#include "sdp/session.h"

namespace earshot::sdp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

size_t CountSections(const Offer& offer, SectionKind kind, Direction direction) {
  return static_cast<size_t>(
      std::count_if(offer.media.begin(), offer.media.end(), [&](const MediaSection& media) {
        return media.kind == kind && media.direction == direction && !media.rejected;
      }));
}

std::string ErrorOf(const std::string& text) {
  const Result<Offer> offer = ParseOffer(text);
  if (offer) return "";
  EXPECT_EQ(offer.error().code, "offer-invalid");
  return offer.error().message;
}

class BrowserOfferTest : public testing::TestWithParam<const char*> {};

TEST_P(BrowserOfferTest, HasAllSendersAndSlots) {
  const Result<Offer> offer = ParseOffer(ReadFixture(GetParam()));
  ASSERT_TRUE(offer) << offer.error().message;
  EXPECT_EQ(offer->media.size(), 45u);
  EXPECT_EQ(CountSections(*offer, SectionKind::kAudio, Direction::kSendOnly), 2u);
  EXPECT_EQ(CountSections(*offer, SectionKind::kVideo, Direction::kSendOnly), 2u);
  EXPECT_EQ(CountSections(*offer, SectionKind::kAudio, Direction::kRecvOnly), 24u);
  EXPECT_EQ(CountSections(*offer, SectionKind::kVideo, Direction::kRecvOnly), 16u);
  EXPECT_EQ(CountSections(*offer, SectionKind::kData, Direction::kSendRecv), 1u);
  EXPECT_EQ(offer->media.back().sctp_port, 5000);
}

TEST_P(BrowserOfferTest, HasOneTransport) {
  const Result<Offer> offer = ParseOffer(ReadFixture(GetParam()));
  ASSERT_TRUE(offer) << offer.error().message;
  EXPECT_GE(offer->ice_ufrag.size(), 4u);
  EXPECT_GE(offer->ice_password.size(), 22u);
  EXPECT_EQ(offer->setup, "actpass");
  ASSERT_EQ(offer->fingerprints.size(), 1u);
  EXPECT_EQ(offer->fingerprints[0].algorithm, "sha-256");
  EXPECT_EQ(offer->fingerprints[0].value.size(), 95u);
}

TEST_P(BrowserOfferTest, EveryMediaSectionOffersTheMidExtensionAndUsableCodecs) {
  const Result<Offer> offer = ParseOffer(ReadFixture(GetParam()));
  ASSERT_TRUE(offer) << offer.error().message;
  for (const MediaSection& media : offer->media) {
    if (media.kind == SectionKind::kData) continue;
    EXPECT_TRUE(std::any_of(media.extensions.begin(), media.extensions.end(), [](const auto& each) {
      return each.uri == "urn:ietf:params:rtp-hdrext:sdes:mid";
    })) << media.mid;
    const std::string expected = media.kind == SectionKind::kAudio ? "opus" : "VP8";
    ASSERT_FALSE(media.codecs.empty());
    EXPECT_EQ(media.codecs[0].name, expected) << media.mid;
    if (media.kind == SectionKind::kAudio) continue;
    EXPECT_EQ(media.codecs[1].name, "rtx");
    EXPECT_EQ(media.codecs[1].repairs, media.codecs[0].payload_type);
    EXPECT_THAT(media.codecs[0].feedback, testing::Contains("nack pli"));
  }
}

INSTANTIATE_TEST_SUITE_P(Fixtures, BrowserOfferTest,
                         testing::Values("chromium_156_pool.sdp", "chromium_156_simulcast.sdp",
                                         "firefox_153_pool.sdp", "firefox_153_simulcast.sdp"));

TEST(OfferParserTest, ReadsChromiumsSsrcsAndTheirRtxSsrc) {
  const Result<Offer> offer = ParseOffer(ReadFixture("chromium_156_pool.sdp"));
  ASSERT_TRUE(offer);
  EXPECT_THAT(offer->media[0].ssrcs, ElementsAre(3906909112u));
  EXPECT_THAT(offer->media[1].ssrcs, ElementsAre(759978810u, 3965191122u));
  EXPECT_EQ(offer->media[1].rtx_ssrc, 3965191122u);
  EXPECT_EQ(offer->media[0].codecs[0].channels, 2);
  EXPECT_EQ(offer->media[0].codecs[0].parameters, "minptime=10;useinbandfec=1");
}

TEST(OfferParserTest, TheFidGroupSaysWhichSsrcIsThePrimaryOne) {
  for (const char* lines : {"a=ssrc:6 cname:x\r\na=ssrc:5 cname:x\r\na=ssrc-group:FID 5 6\r\n",
                            "a=ssrc-group:FID 5 6\r\na=ssrc:6 cname:x\r\na=ssrc:5 cname:x\r\n",
                            "a=ssrc:6 cname:x\r\na=ssrc-group:FID 5 6\r\n"}) {
    const Result<Offer> offer =
        ParseOffer(Replaced(SmallOffer(), "a=ssrc:1001 cname:x\r\n", lines));
    ASSERT_TRUE(offer) << offer.error().message;
    EXPECT_THAT(offer->media[0].ssrcs, ElementsAre(5u, 6u)) << lines;
    EXPECT_EQ(offer->media[0].rtx_ssrc, 6u);
  }
}

TEST(OfferParserTest, TheFidGroupStandsBeforeOtherSsrcs) {
  const Result<Offer> offer =
      ParseOffer(Replaced(SmallOffer(), "a=sendonly\r\n",
                          "a=sendonly\r\na=ssrc:7 cname:x\r\na=ssrc-group:FID 5 6\r\n"));
  ASSERT_TRUE(offer) << offer.error().message;
  EXPECT_THAT(offer->media[0].ssrcs, ElementsAre(5u, 6u, 7u, 1001u));
}

TEST(OfferParserTest, PortZeroWithBundleOnlyIsNotARejection) {
  const Result<Offer> offer = ParseOffer(ReadFixture("firefox_153_pool.sdp"));
  ASSERT_TRUE(offer);
  EXPECT_FALSE(offer->media[5].rejected);
  EXPECT_EQ(offer->media[0].extensions[1].direction, Direction::kRecvOnly);
}

TEST(OfferParserTest, PortZeroWithoutBundleOnlyIsARejection) {
  const Result<Offer> offer = ParseOffer(Replaced(SmallOffer(), "m=video 9", "m=video 0"));
  ASSERT_TRUE(offer) << offer.error().message;
  EXPECT_TRUE(offer->media[1].rejected);
  EXPECT_FALSE(offer->media[0].rejected);
}

TEST(OfferParserTest, LineFeedsAloneEndLinesToo) {
  std::string text = SmallOffer();
  std::erase(text, '\r');
  EXPECT_EQ(ErrorOf(text), "");
}

TEST(OfferParserTest, FingerprintsAreNormalised) {
  const Result<Offer> offer =
      ParseOffer(Replaced(Replaced(SmallOffer(), "sha-256", "SHA-256"), "DF:8A", "df:8a"));
  ASSERT_TRUE(offer) << offer.error().message;
  EXPECT_EQ(offer->fingerprints[0].algorithm, "sha-256");
  EXPECT_EQ(offer->fingerprints[0].value, kFingerprintValue);
}

TEST(OfferParserTest, TheTransportOfTheSectionThatCarriesTheBundleIsThatOfAll) {
  const std::string text = Replaced(SmallOffer(), "BUNDLE 0 1 2", "BUNDLE 1 0 2");
  const std::string other = "a=mid:0\r\na=ice-ufrag:Zzzz\r\na=ice-pwd:9876543210987654321098\r\n";
  const std::string own =
      "a=mid:1\r\na=ice-ufrag:Yyyy\r\na=ice-pwd:0123456789012345678901\r\na=setup:active\r\n";
  const Result<Offer> offer =
      ParseOffer(Replaced(Replaced(text, "a=mid:0\r\n", other), "a=mid:1\r\n", own));
  ASSERT_TRUE(offer) << offer.error().message;
  EXPECT_EQ(offer->bundle_tag, 1u);
  EXPECT_EQ(offer->ice_ufrag, "Yyyy");
  EXPECT_EQ(offer->ice_password, "0123456789012345678901");
  EXPECT_EQ(offer->setup, "active");
}

TEST(OfferParserTest, BlankLinesAtTheEndAreNone) {
  EXPECT_EQ(ErrorOf(SmallOffer() + "\r\n"), "");
  EXPECT_EQ(ErrorOf(SmallOffer() + "\n\r\n\n"), "");
  EXPECT_THAT(ErrorOf("\r\n"), HasSubstr("empty"));
}

TEST(OfferParserTest, ExtensionIdsAreThoseOfEachSection) {
  const Result<Offer> offer = ParseOffer(
      Replaced(SmallOffer(), "a=extmap:4 urn:ietf", "a=extmap:4 urn:other\r\na=extmap:5 urn:ietf"));
  ASSERT_TRUE(offer) << offer.error().message;
  EXPECT_EQ(offer->media[0].extensions[1].id, 5);
  EXPECT_EQ(offer->media[0].extensions[1].uri, offer->media[1].extensions[0].uri);
  EXPECT_EQ(offer->media[1].extensions[0].id, 4);
}

TEST(OfferParserTest, FeedbackIsReadWithoutTheSpaceBehindItAndOnce) {
  const Result<Offer> offer =
      ParseOffer(Replaced(SmallOffer(), "a=rtcp-fb:96 nack pli",
                          "a=rtcp-fb:96 nack \r\na=rtcp-fb:96 nack\r\na=rtcp-fb:96 nack pli"));
  ASSERT_TRUE(offer);
  EXPECT_THAT(offer->media[1].codecs[0].feedback, ElementsAre("nack", "nack pli"));
}

TEST(OfferParserTest, FeedbackForAllPayloadTypesReachesEachCodec) {
  const Result<Offer> offer =
      ParseOffer(Replaced(SmallOffer(), "a=rtcp-fb:96 nack pli", "a=rtcp-fb:* transport-cc"));
  ASSERT_TRUE(offer);
  EXPECT_THAT(offer->media[1].codecs[0].feedback, ElementsAre("transport-cc"));
  EXPECT_THAT(offer->media[1].codecs[1].feedback, ElementsAre("transport-cc"));
}

TEST(OfferParserTest, S17_CandidatesAreIgnoredWhateverTheyAre) {
  std::string candidates = "a=mid:0\r\n";
  for (int i = 0; i < 4000; ++i) candidates += "a=candidate:1 1 udp 1 evil.example 22 typ host\r\n";
  EXPECT_EQ(ErrorOf(Replaced(SmallOffer(), "a=mid:0\r\n", candidates)), "");
  EXPECT_EQ(ErrorOf(Replaced(SmallOffer(), "a=mid:0\r\n", "a=mid:0\r\na=candidate:\r\n")), "");
}

TEST(OfferParserTest, H18_ADataChannelAloneIsAnOffer) {
  std::string text = Replaced(SmallOffer(), "BUNDLE 0 1 2", "BUNDLE 2");
  const size_t from = text.find("m=audio");
  text.erase(from, text.find("m=application") - from);
  const Result<Offer> offer = ParseOffer(text);
  ASSERT_TRUE(offer) << offer.error().message;
  EXPECT_EQ(offer->media.size(), 1u);
}

// Each row bends the small offer once; the error names the line (0: the whole text) and the rule.
struct BadOffer {
  const char* name;
  const char* from;
  const char* to;
  size_t line;
  const char* rule;
};

class BadOfferTest : public testing::TestWithParam<BadOffer> {};

TEST_P(BadOfferTest, H18_IsRefusedWithItsLineAndTheRule) {
  const BadOffer& bad = GetParam();
  const std::string text = Replaced(SmallOffer(), bad.from, bad.to);
  ASSERT_NE(text, SmallOffer());
  const std::string message = ErrorOf(text);
  EXPECT_THAT(message, HasSubstr(bad.rule));
  if (bad.line != 0) {
    EXPECT_THAT(message, StartsWith("Line " + std::to_string(bad.line) + ": "));
  }
}

constexpr BadOffer kBadOffers[] = {
    {"WrongVersion", "v=0", "v=1", 1, "v=0"},
    {"NoVersion", "v=0\r\n", "", 1, "v=0"},
    {"EmptyLine", "s=-\r\n", "\r\n", 3, "letter"},
    {"NotALine", "s=-", "session", 3, "letter"},
    {"BareCarriageReturn", "s=-", "s=a\rm=b", 3, "control"},
    {"EscapeCharacter", "s=-", "s=\x1b[31m", 3, "control"},
    {"PortTooLarge", "m=audio 9", "m=audio 65536", 10, "port"},
    {"PortNegative", "m=audio 9", "m=audio -1", 10, "port"},
    {"PortRange", "m=audio 9", "m=audio 9/2", 10, "port"},
    {"NoPayloadTypes", "SAVPF 111", "SAVPF", 10, "<formats>"},
    {"NoFirstFormat", "m=audio 9 UDP/TLS/RTP/SAVPF 111", "m=text 0 RTP/AVP  98", 10, "<formats>"},
    {"PayloadTypeTooLarge", "SAVPF 111", "SAVPF 128", 10, "0 to 127"},
    {"PayloadTypeHuge", "SAVPF 111", "SAVPF 99999999999999999999", 10, "0 to 127"},
    {"PayloadTypeTwice", "SAVPF 111", "SAVPF 111 111", 10, "once"},
    {"PayloadTypeText", "rtpmap:111", "rtpmap:x", 16, "0 to 127"},
    {"RtpmapWithoutClock", "opus/48000/2", "opus", 16, "clock"},
    {"RtpmapClockZero", "opus/48000/2", "opus/0/2", 16, "clock"},
    {"RtpmapBadName", "opus/48000/2", "op us/48000/2", 16, "name"},
    {"RtpmapTwice", "a=fmtp:111 minptime=10;useinbandfec=1", "a=rtpmap:111 opus/48000/2", 17,
     "one"},
    {"FmtpEmpty", "a=fmtp:111 minptime=10;useinbandfec=1", "a=fmtp:111", 17, "printable"},
    {"AptTooLarge", "apt=96", "apt=300", 28, "0 to 127"},
    {"FeedbackEmpty", "a=rtcp-fb:96 nack pli", "a=rtcp-fb:96", 26, "printable"},
    {"ExtensionIdZero", "a=extmap:4", "a=extmap:0", 13, "1 to 255"},
    {"ExtensionIdTooLarge", "a=extmap:4", "a=extmap:4096", 13, "1 to 255"},
    {"ExtensionIdReserved", "a=extmap:4", "a=extmap:15", 13, "reserved"},
    {"ExtensionWithoutUri", "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid", "a=extmap:4", 13,
     "URI"},
    {"ExtensionIdTwice", "a=sendonly", "a=extmap:4 urn:other", 14, "once"},
    {"PayloadTypeMeansTwoThings", "SAVPF 111\r\n", "SAVPF 111 96\r\na=rtpmap:96 H264/90000\r\n", 20,
     "same"},
    {"SsrcNegative", "a=ssrc:1001", "a=ssrc:-1", 18, "32 bits"},
    {"SsrcTooLarge", "a=ssrc:1001", "a=ssrc:4294967296", 18, "32 bits"},
    {"FidOfOne", "a=ssrc:1001 cname:x", "a=ssrc-group:FID 1001", 18, "two"},
    {"FidOfTheSame", "a=ssrc:1001 cname:x", "a=ssrc-group:FID 1001 1001", 18, "two"},
    {"MidTwiceInOneSection", "a=sendonly", "a=mid:7", 14, "one a=mid"},
    {"MidOfTwoSections", "a=mid:1", "a=mid:0", 21, "same a=mid"},
    {"MidEmpty", "a=mid:0", "a=mid:", 12, "1 to 16"},
    {"MidTooLong", "a=mid:0", "a=mid:01234567890123456", 12, "1 to 16"},
    {"MidWithSpace", "a=mid:0", "a=mid:a b", 12, "token"},
    {"MidOnSessionLevel", "s=-", "a=mid:0", 3, "belongs"},
    {"GroupInSection", "a=sendonly", "a=group:BUNDLE 0", 14, "belongs"},
    {"NoBundle", "a=group:BUNDLE 0 1 2\r\n", "", 9, "BUNDLE"},
    {"TwoBundles", "s=-", "a=group:BUNDLE 0 1", 5, "one BUNDLE"},
    {"BundleListsTwice", "BUNDLE 0 1 2", "BUNDLE 0 1 2 1", 5, "twice"},
    {"DirectionTwice", "a=rtcp-mux\r\n", "a=recvonly\r\na=rtcp-mux\r\n", 15, "once"},
    {"SctpPortZero", "a=sctp-port:5000", "a=sctp-port:0", 32, "1 to 65535"},
    {"MessageSizeText", "a=max-message-size:262144", "a=max-message-size:big", 33, "number"},
    {"UfragTooShort", "a=ice-ufrag:XqfG", "a=ice-ufrag:Xqf", 7, "4 to 256"},
    {"UfragWithColon", "a=ice-ufrag:XqfG", "a=ice-ufrag:Xq:fG", 7, "letters"},
    {"PasswordTooShort", "pwd:qavVouZ+y4/X/rhfhGqGet1C", "pwd:qavVouZ", 8, "22 to 256"},
    {"UfragTwice", "s=-", "a=ice-ufrag:XqfG", 7, "once"},
    {"NoUfrag", "a=ice-ufrag:XqfG\r\n", "", 9, "missing"},
    {"NoPassword", "a=ice-pwd:qavVouZ+y4/X/rhfhGqGet1C\r\n", "", 9, "missing"},
    {"NoSetup", "a=setup:actpass\r\n", "", 9, "missing"},
    {"SetupUnknown", "a=setup:actpass", "a=setup:maybe", 9, "actpass"},
    {"SetupPassive", "a=setup:actpass", "a=setup:passive", 10, "actpass or active"},
    {"IceLite", "s=-", "a=ice-lite", 0, "full ICE agent"},
    {"FingerprintTooShort", ":5A:33:01", ":5A:33", 6, "hex"},
    {"FingerprintTooLong", ":5A:33:01", ":5A:33:01:00", 6, "hex"},
    {"FingerprintNotHex", ":5A:33:01", ":5A:33:0G", 6, "hex"},
    {"FingerprintEmpty", "sha-256 DF", "sha-256  DF", 6, "hex"},
    {"FingerprintMd5", "sha-256 DF", "md5 DF", 10, "sha-256"},
    {"FingerprintSha1", "sha-256 DF", "sha-1 DF", 10, "sha-256"},
};

INSTANTIATE_TEST_SUITE_P(Table, BadOfferTest, testing::ValuesIn(kBadOffers),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(OfferParserTest, H18_EmptyOversizeAndOverlongTextsAreRefused) {
  EXPECT_THAT(ErrorOf(""), HasSubstr("empty"));
  EXPECT_THAT(ErrorOf(std::string(kMaxSize + 1, 'a')), HasSubstr("262144"));
  std::string lines = SmallOffer();
  for (size_t i = 0; i < kMaxLines; ++i) lines += "a=x\r\n";
  EXPECT_THAT(ErrorOf(lines), StartsWith("Line 8001: "));
}

TEST(OfferParserTest, H18_TooManyMediaSectionsAreRefused) {
  std::string text = "v=0\r\n";
  for (size_t i = 0; i <= kMaxMediaSections; ++i) {
    text += "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:" + std::to_string(i) + "\r\n";
  }
  EXPECT_THAT(ErrorOf(text), StartsWith("Line 322: there may be at most 160"));
}

TEST(OfferParserTest, H18_TooManySsrcsAreRefusedAndRepeatedOnesCountOnce) {
  std::string lines = "a=sendonly\r\n";
  for (int i = 0; i < 100; ++i) lines += "a=ssrc:1001 msid:x\r\n";
  EXPECT_EQ(ErrorOf(Replaced(SmallOffer(), "a=sendonly\r\n", lines)), "");
  for (int i = 0; i < 16; ++i) lines += "a=ssrc:" + std::to_string(i) + " cname:x\r\n";
  EXPECT_THAT(ErrorOf(Replaced(SmallOffer(), "a=sendonly\r\n", lines)), HasSubstr("16 SSRCs"));
  lines = "a=sendonly\r\n";
  for (int i = 0; i < 14; ++i) lines += "a=ssrc:" + std::to_string(i) + " cname:x\r\n";
  lines += "a=ssrc-group:FID 100 101\r\n";
  EXPECT_THAT(ErrorOf(Replaced(SmallOffer(), "a=sendonly\r\n", lines)), HasSubstr("16 SSRCs"));
}

TEST(OfferParserTest, H18_MissingFingerprintIsNamed) {
  const std::string line = "a=fingerprint:sha-256 " + std::string(kFingerprintValue) + "\r\n";
  EXPECT_THAT(ErrorOf(Without(SmallOffer(), line)), HasSubstr("a=fingerprint is missing"));
}

TEST(OfferParserTest, FormatParametersInSeveralLinesCountAsIfTheyWereInOne) {
  const Result<Offer> offer = ParseOffer(Replaced(SmallOffer(), "a=fmtp:97 apt=96\r\n",
                                                  "a=fmtp:97 apt=96\r\na=fmtp:97 rtx-time=3\r\n"));
  ASSERT_TRUE(offer) << offer.error().message;
  const CodecDescription& rtx = offer->media[1].codecs[1];
  EXPECT_EQ(rtx.parameters, "apt=96;rtx-time=3");
  EXPECT_EQ(rtx.repairs, 96);
}

TEST(OfferParserTest, H18_FormatParametersOfAllLinesTogetherAreBounded) {
  const std::string line = "a=fmtp:97 " + std::string(600, 'x') + "\r\n";
  const std::string text = Replaced(SmallOffer(), "a=fmtp:97 apt=96\r\n", line + line);
  EXPECT_THAT(ErrorOf(text), HasSubstr("1 to 1024"));
}

TEST(OfferParserTest, D12_AWeakFingerprintBesideAStrongOneIsPassedOver) {
  const Result<Offer> offer =
      ParseOffer(Replaced(SmallOffer(), "s=-\r\n", "s=-\r\na=fingerprint:md5 00:11\r\n"));
  ASSERT_TRUE(offer) << offer.error().message;
  EXPECT_EQ(offer->fingerprints.size(), 1u);
}

TEST(OfferParserTest, H18_ErrorsNeverRepeatWhatTheClientWrote) {
  const std::string message =
      ErrorOf(Replaced(SmallOffer(), "a=mid:0", "a=mid:<script>alert(1)</script>"));
  EXPECT_THAT(message, StartsWith("Line 12: "));
  EXPECT_THAT(message, testing::Not(HasSubstr("script")));
}

// Whatever was read is bounded and made of harmless characters.
void ExpectHarmless(const Offer& offer) {
  EXPECT_LE(offer.media.size(), kMaxMediaSections);
  for (const MediaSection& media : offer.media) {
    EXPECT_LE(media.mid.size(), kMaxMidSize);
    EXPECT_LE(media.codecs.size(), 128u);
    EXPECT_LE(media.ssrcs.size(), kMaxSsrcs);
    for (const CodecDescription& codec : media.codecs) {
      EXPECT_LE(codec.payload_type, 127);
      EXPECT_EQ(codec.parameters.find_first_of("\r\n"), std::string::npos);
    }
  }
}

std::string Mutated(std::string text, Random& random) {
  const uint32_t changes = 1 + random.Below(4);
  for (uint32_t i = 0; i < changes && !text.empty(); ++i) {
    const size_t at = random.Below(static_cast<uint32_t>(text.size()));
    const size_t size = random.Below(40);
    switch (random.Below(4)) {
      case 0:
        text[at] = static_cast<char>(random.Below(256));
        break;
      case 1:
        text.erase(at, size);
        break;
      case 2:
        text.insert(at, text.substr(random.Below(static_cast<uint32_t>(text.size())), size));
        break;
      default:
        text.insert(at, std::to_string(random.U64()));
    }
  }
  return text;
}

TEST(OfferParserTest, H18_RandomChangesNeverCrashNorPassABound) {
  SeededRandom random(18);
  const std::string small = SmallOffer();
  const std::string firefox = ReadFixture("firefox_153_simulcast.sdp");
  int accepted = 0;
  for (int i = 0; i < 20000; ++i) {
    const Result<Offer> offer = ParseOffer(Mutated(i % 20 == 0 ? firefox : small, random));
    if (!offer) {
      EXPECT_FALSE(offer.error().message.empty());
      continue;
    }
    ++accepted;
    ExpectHarmless(*offer);
  }
  EXPECT_GT(accepted, 100);
  EXPECT_LT(accepted, 19000);
}

}  // namespace
}  // namespace earshot::sdp
