// Threat row H15 on the data channel: what a token did not grant cannot be switched on.

#include <gtest/gtest.h>

#include "base/counters.h"
#include "base/random.h"
#include "sdp/fixtures.h"
#include "space/negotiation.h"
#include "space/participant.h"

namespace earshot {
namespace {

// The four sources are the first four sending sections of the offer.
JoinRequest RequestThatMayPublish(SourceSet allowed) {
  JoinRequest request;
  request.may_publish = allowed;
  request.offer = sdp::ReadFixture("chromium_156_pool.sdp");
  request.track_mids = {"0", "1", "2", "3"};
  return request;
}

TEST(GrantsTest, H15_EverySetOfGrantsBoundsEveryWish) {
  SeededRandom random(1);
  Counters counters;
  for (uint8_t granted = 0; granted < 16; ++granted) {
    const JoinRequest request = RequestThatMayPublish(SourceSet(granted));
    const auto offer = sdp::ParseOffer(request.offer);
    ASSERT_TRUE(offer);
    const auto negotiated = Negotiate(*offer, request, ParticipantId{1}, {}, random);
    ASSERT_TRUE(negotiated) << negotiated.error().message;
    // No section was accepted for what is not granted, so that no media of it is ever read.
    SourceSet accepted;
    for (const NegotiatedSource& source : negotiated->sources) {
      accepted.Set(source.format.id.kind(), true);
    }
    EXPECT_EQ(accepted.bits(), granted);
    ParticipantSetup setup;
    setup.id = ParticipantId{1};
    setup.may_publish = request.may_publish;
    const Participant participant(std::move(setup), *negotiated, IngressLimits(), random, counters);
    for (uint8_t wanted = 0; wanted < 16; ++wanted) {
      EXPECT_EQ(participant.Publishable(SourceSet(wanted)).bits(), wanted & granted);
    }
  }
}

}  // namespace
}  // namespace earshot
