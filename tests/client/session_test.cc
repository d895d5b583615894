#include "client/session.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace earshot {
namespace {

const Fingerprint kFingerprint{
    "sha-256",
    "DF:8A:DB:CE:E6:93:25:81:6A:EF:30:EB:14:83:69:23:48:4B:98:47:4E:07:19:02:CB:9C:6A:48:63:5A:33:"
    "01"};

ClientSession Make(const ClientOffer& offer, uint64_t seed = 1) {
  SeededRandom random(seed);
  return ClientSession(offer, kFingerprint, random);
}

TEST(ClientSessionTest, TheOfferIsOneThatTheServerTakes) {
  const ClientSession session = Make({.audio_slots = 3, .video_slots = 2});
  const Result<sdp::Offer> offer = sdp::ParseOffer(session.WriteOffer());
  ASSERT_TRUE(offer) << offer.error().message;
  EXPECT_EQ(offer->media.size(), 4u + 3 + 2 + 1);
  EXPECT_EQ(offer->ice_ufrag, session.local().ufrag);
  const auto count = [&](sdp::Direction direction) {
    return std::count_if(offer->media.begin(), offer->media.end(), [&](const auto& media) {
      return media.kind != sdp::SectionKind::kData && media.direction == direction;
    });
  };
  EXPECT_EQ(count(sdp::Direction::kSendOnly), 4);
  EXPECT_EQ(count(sdp::Direction::kRecvOnly), 5);
}

TEST(ClientSessionTest, TrackMidsNameTheOffersSections) {
  SourceSet sources;
  sources.Set(SourceKind::kCamera, true);
  const ClientSession session = Make({.sources = sources});
  const auto mids = session.TrackMids();
  EXPECT_FALSE(mids[static_cast<size_t>(SourceKind::kMic)]);
  const auto& mid = mids[static_cast<size_t>(SourceKind::kCamera)];
  ASSERT_TRUE(mid);
  EXPECT_EQ(sdp::ParseOffer(session.WriteOffer())->media[0].mid, *mid);
}

TEST(ClientSessionTest, SsrcsAreAnnouncedOnlyWhenWanted) {
  EXPECT_EQ(sdp::ParseOffer(Make({}).WriteOffer())->media[1].ssrcs.size(), 2u);
  const auto silent = sdp::ParseOffer(Make({.announces_ssrcs = false}).WriteOffer());
  EXPECT_TRUE(silent->media[1].ssrcs.empty());
}

TEST(ClientSessionTest, ARestartChangesTheCredentialsAndNothingElse) {
  ClientSession session = Make({});
  const auto before = sdp::ParseOffer(session.WriteOffer());
  SeededRandom random(2);
  session.RenewCredentials(random);
  const auto after = sdp::ParseOffer(session.WriteOffer());
  EXPECT_NE(before->ice_ufrag, after->ice_ufrag);
  EXPECT_NE(before->ice_password, after->ice_password);
  EXPECT_EQ(before->media[1].ssrcs, after->media[1].ssrcs);
  EXPECT_EQ(before->media.size(), after->media.size());
}

TEST(ClientSessionTest, AnAnswerThatIsNoneIsRefused) {
  const Result<AcceptedAnswer> accepted = Make({}).Accept("v=0\r\n");
  ASSERT_FALSE(accepted);
  EXPECT_EQ(accepted.error().code, "answer-invalid");
}

}  // namespace
}  // namespace earshot
