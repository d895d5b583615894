// What of an offer cannot be used is told, and the join goes on without it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "answer_rules.h"
#include "space/space_link.h"

namespace earshot {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

constexpr std::string_view kData =
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:data\r\na=sctp-port:5000\r\n";
constexpr std::string_view kMic =
    "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:mic\r\na=sendonly\r\na=rtcp-mux\r\n"
    "a=rtpmap:111 opus/48000/2\r\n";
constexpr std::string_view kNewCamera =
    "m=video 9 UDP/TLS/RTP/SAVPF 45 46\r\na=mid:camera\r\na=sendonly\r\na=rtcp-mux\r\n"
    "a=rtpmap:45 AV1/90000\r\na=rtpmap:46 H265/90000\r\n";

std::string OfferOf(std::string_view group, std::initializer_list<std::string_view> sections) {
  std::string text =
      "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=fingerprint:sha-256 "
      "DF:8A:DB:CE:E6:93:25:81:6A:EF:30:EB:14:83:69:23:48:4B:98:47:4E:07:19:02:CB:9C:6A:48:63:5A:"
      "33:"
      "01\r\na=ice-ufrag:XqfG\r\na=ice-pwd:qavVouZ+y4/X/rhfhGqGet1C\r\na=setup:actpass\r\n"
      "a=group:BUNDLE " +
      std::string(group) + "\r\n";
  for (const std::string_view section : sections) text += section;
  return text;
}

class NoticesTest : public testing::Test {
 protected:
  Joined Join(const std::string& offer, bool with_camera = false) {
    JoinRequest request;
    request.space = "test";
    request.offer = offer;
    request.track_mids[static_cast<size_t>(SourceKind::kMic)] = "mic";
    if (with_camera) request.track_mids[static_cast<size_t>(SourceKind::kCamera)] = "camera";
    const auto joined = link_.engine->Join(request, link_.now);
    if (!joined) {
      ADD_FAILURE() << joined.error().message;
      return {};
    }
    EXPECT_EQ(AnswerRules::Broken(offer, joined->answer), "");
    return *joined;
  }

  SpaceLink link_;
};

TEST_F(NoticesTest, ACameraWithoutAKnownCodecIsRefusedAloneAndTheCodecsAreNamed) {
  const Joined joined = Join(OfferOf("mic camera data", {kMic, kNewCamera, kData}), true);
  EXPECT_THAT(
      joined.notices,
      ElementsAre(AllOf(Field(&Notice::code, "codecs-unusable"), Field(&Notice::mid, "camera"),
                        Field(&Notice::message, AllOf(StartsWith("The camera cannot be published"),
                                                      HasSubstr("VP8"), HasSubstr("H264"))))));
  EXPECT_THAT(joined.answer, HasSubstr("m=video 0 UDP/TLS/RTP/SAVPF 45\r\n"));
}

TEST_F(NoticesTest, ASectionThatCarriesTheBundleStaysInactive) {
  const Joined joined = Join(OfferOf("camera mic data", {kNewCamera, kMic, kData}), true);
  EXPECT_EQ(joined.notices.size(), 1u);
  EXPECT_THAT(joined.answer, HasSubstr("m=video 9 UDP/TLS/RTP/SAVPF 45 46\r\n"));
  EXPECT_THAT(joined.answer, HasSubstr("a=group:BUNDLE camera mic data\r\n"));
  EXPECT_THAT(joined.answer, HasSubstr("a=inactive\r\n"));
}

TEST_F(NoticesTest, UnknownSectionsAreRejectedInTheirPlaceAndWords) {
  const Joined joined =
      Join(OfferOf("text mic data fax", {"m=text 9 RTP/AVP 98 99\r\na=mid:text\r\n", kMic, kData,
                                         "m=image 9 udptl t38\r\na=mid:fax\r\n"}));
  EXPECT_THAT(joined.notices, ElementsAre(Field(&Notice::mid, "text"), Field(&Notice::mid, "fax")));
  EXPECT_EQ(joined.notices[0].code, "section-unusable");
  EXPECT_THAT(joined.answer, HasSubstr("m=image 0 udptl t38\r\n"));
  // It carries the bundle.
  EXPECT_THAT(joined.answer, HasSubstr("m=text 9 RTP/AVP 98 99\r\n"));
}

TEST_F(NoticesTest, WhatTheClientRejectsItselfIsNotWorthANotice) {
  const Joined joined =
      Join(OfferOf("mic data", {kMic, "m=video 0 RTP/AVP 0\r\n", kData, "m=text 0 x y\r\n"}));
  EXPECT_THAT(joined.notices, IsEmpty());
  EXPECT_THAT(joined.answer, HasSubstr("m=video 0 RTP/AVP 0\r\n"));
}

TEST_F(NoticesTest, ATrackOfARejectedSectionIsToldOf) {
  const Joined joined =
      Join(OfferOf("mic data", {kMic, "m=video 0 UDP/TLS/RTP/SAVPF 96\r\na=mid:camera\r\n", kData}),
           true);
  EXPECT_THAT(joined.notices, ElementsAre(Field(&Notice::message, HasSubstr("port 0"))));
}

TEST_F(NoticesTest, TheOldFormOfADataSectionIsTaken) {
  const Joined joined = Join(OfferOf("mic data", {kMic,
                                                  "m=application 9 DTLS/SCTP 5000\r\na=mid:data\r\n"
                                                  "a=sctpmap:5000 webrtc-datachannel 1024\r\n"}));
  EXPECT_THAT(joined.notices, IsEmpty());
  EXPECT_THAT(joined.answer, HasSubstr("m=application 9 DTLS/SCTP 5000\r\n"));
}

TEST_F(NoticesTest, AMicrophoneThatCouldReceiveAsWellIsTaken) {
  std::string mic(kMic);
  mic.replace(mic.find("sendonly"), 8, "sendrecv");
  const Joined joined = Join(OfferOf("mic data", {mic, kData}));
  EXPECT_THAT(joined.notices, IsEmpty());
  EXPECT_THAT(joined.answer, HasSubstr("a=recvonly\r\n"));
  EXPECT_THAT(joined.answer, Not(HasSubstr("a=inactive\r\n")));
}

TEST_F(NoticesTest, H18_ATrackOfNoSectionIsAnError) {
  JoinRequest request;
  request.space = "test";
  request.offer = OfferOf("mic data", {kMic, kData});
  request.track_mids[static_cast<size_t>(SourceKind::kCamera)] = "mic";
  EXPECT_FALSE(link_.engine->Join(request, link_.now));
}

TEST_F(NoticesTest, H18_WithoutADataSectionThereIsNoJoinAndTheReasonIsNamed) {
  JoinRequest request;
  request.space = "test";
  request.offer = OfferOf("mic", {kMic, "m=application 9 TCP/TLS/BFCP *\r\n"});
  const auto joined = link_.engine->Join(request, link_.now);
  ASSERT_FALSE(joined);
  EXPECT_THAT(joined.error().message, AllOf(HasSubstr("data section"), HasSubstr("UDP/DTLS/SCTP")));
}

}  // namespace
}  // namespace earshot
