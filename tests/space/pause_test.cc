// L2: a server that stood still throws nobody out, and still notices who is gone.

#include <gtest/gtest.h>

#include "space/space_link.h"

namespace earshot {
namespace {

constexpr Duration kPause = Duration::Seconds(20);

class PauseTest : public testing::Test {
 protected:
  void JoinAll() {
    for (int i = 0; i < 20; ++i) link_.JoinSpeaker();
  }
  /// All of them are there and hear somebody.
  void ExpectAllWell() {
    EXPECT_TRUE(link_.closed.empty());
    link_.Forget();
    link_.Run(Duration::Seconds(1));
    for (const auto& person : link_.people) EXPECT_GT(person->received.size(), 40u);
    EXPECT_TRUE(link_.deadlines_advance);
  }

  SpaceLink link_;
};

TEST_F(PauseTest, L2_NobodyIsThrownOutAndNothingBursts) {
  JoinAll();
  link_.Run(Duration::Seconds(5));
  const size_t sent = link_.Pause(kPause);
  EXPECT_LE(sent, 20u * 20);
  link_.Run(Duration::Seconds(40));
  ExpectAllWell();
}

TEST_F(PauseTest, L2_NorIfNothingOfWhatCameWasKept) {
  JoinAll();
  link_.Run(Duration::Seconds(5));
  link_.Pause(kPause, /*keeps=*/false);
  link_.Run(Duration::Seconds(40));
  ExpectAllWell();
}

TEST_F(PauseTest, L2_WhoIsGoneIsNoticed) {
  SpaceLink::Person& gone = link_.JoinSpeaker();
  link_.JoinSpeaker();
  gone.is_silent = true;
  link_.Run(Duration::Seconds(5));
  link_.Pause(kPause);
  link_.Run(Duration::Seconds(21));
  EXPECT_TRUE(link_.closed.empty());
  link_.Run(Duration::Seconds(5));
  ASSERT_EQ(link_.closed.size(), 1u);
  EXPECT_EQ(link_.closed[0].participant, gone.id);
  EXPECT_EQ(link_.closed[0].reason, CloseReason::kConsentExpired);
}

TEST_F(PauseTest, L2_AKnockCanStillBeAnswered) {
  FloorPlan plan = TestPlan();
  plan.zones.push_back({"Office", {{20, 20}, {30, 20}, {30, 30}, {20, 30}}});
  plan.zones.back().kind = ZoneKind::kPrivate;
  plan.zones.back().owner = "owner";
  SpaceLink link(plan);
  SpaceLink::Person& guest = link.JoinSpeaker();
  link.identities = {"owner"};
  SpaceLink::Person& owner = link.JoinSpeaker();
  ASSERT_EQ(link.Ask(guest, {0, Act::kKnock, kNoParticipant, 1, 0}), Outcome::kDone);
  link.Run(Duration::Seconds(110));
  link.Pause(kPause);
  EXPECT_EQ(link.Ask(owner, {0, Act::kAdmit, guest.id, 1, 1}), Outcome::kDone);
}

TEST_F(PauseTest, L2_AnInvitationCanStillBeAccepted) {
  SpaceLink::Person& one = link_.JoinSpeaker();
  SpaceLink::Person& other = link_.JoinSpeaker();
  ASSERT_EQ(link_.Ask(one, {0, Act::kInvite, other.id, -1, 0}), Outcome::kDone);
  link_.Run(Duration::Seconds(50));
  link_.Pause(kPause);
  EXPECT_EQ(link_.Ask(other, {0, Act::kAcceptInvite, one.id, -1, 0}), Outcome::kDone);
}

}  // namespace
}  // namespace earshot
