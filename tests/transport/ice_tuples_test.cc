// Where media goes while addresses come, go and are forged: threat rows S11, S12, S15 and S16,
// through the lite agent.

#include "transport/ice_tuples.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "ice_lite_fixture.h"

namespace earshot {
namespace {

class IceTuplesTest : public IceLiteTest {};

TEST_F(IceTuplesTest, S11_ACopiedCheckFromAnotherAddressValidatesNothing) {
  const std::vector<uint8_t> genuine = check_.Build(random_);
  Receive(home_, genuine);
  EXPECT_EQ(Receive(other_, genuine), DropReason::kStunUnauthenticated);
  EXPECT_TRUE(out_.empty());
  EXPECT_FALSE(ice_.Knows(other_));
  EXPECT_EQ(ice_.selected(), home_);
}

TEST_F(IceTuplesTest, S11_ACopyCannotKeepConsentAlive) {
  const std::vector<uint8_t> genuine = check_.Build(random_);
  Receive(home_, genuine);
  for (int i = 0; i < 40; ++i) {
    Wait(Duration::Millis(500));
    Receive(home_, genuine);
  }
  EXPECT_FALSE(ice_.selected().IsSet());
}

// A copy so old that its transaction was forgotten: the worst that a spoofer can have.
TEST_F(IceTuplesTest, S11_AForgottenCopyMovesNothingWhileTheClientIsAlive) {
  const std::vector<uint8_t> old = check_.Build(random_);
  Receive(home_, old);
  ice_.HandleAuthenticated(home_, now_);
  for (int i = 0; i < 64; ++i) Check(home_);
  for (int i = 0; i < 100; ++i) {
    Receive(other_, old);
    ice_.HandleAuthenticated(home_, now_);
    Wait(Duration::Millis(100));
    ASSERT_EQ(ice_.selected(), home_);
    for (int j = 0; j < 64; ++j) Check(home_);
  }
}

TEST_F(IceTuplesTest, S11_AnUnauthenticatedAddressGetsAtMostThreeTimesItsBytes) {
  const std::vector<uint8_t> check = check_.Build(random_);
  Receive(home_, check);
  size_t sent = sent_bytes_;
  while (ice_.MaySend(home_, 100)) sent += 100;
  EXPECT_LE(sent, 3 * check.size());
  EXPECT_GT(sent + 100, 3 * check.size());
  ice_.HandleUnauthenticated(home_, 200);
  EXPECT_TRUE(ice_.MaySend(home_, 600));
  EXPECT_FALSE(ice_.MaySend(home_, 100));
  ice_.HandleAuthenticated(home_, now_);
  EXPECT_TRUE(ice_.MaySend(home_, 1000000));
}

TEST_F(IceTuplesTest, S11_MediaMovesWithAnAuthenticatedPacket) {
  Check(home_);
  ice_.HandleAuthenticated(home_, now_);
  Check(other_);
  EXPECT_EQ(ice_.selected(), home_);
  ice_.HandleAuthenticated(other_, now_);
  EXPECT_EQ(ice_.selected(), other_);
}

TEST_F(IceTuplesTest, S11_MediaMovesToANominatedAddressAfterTwoSilentSeconds) {
  Check(home_);
  ice_.HandleAuthenticated(home_, now_);
  Wait(Duration::Millis(500));
  Check(other_);
  Wait(Duration::Millis(1499));
  EXPECT_EQ(ice_.selected(), home_);
  Wait(Duration::Millis(1));
  EXPECT_EQ(ice_.selected(), other_);
  // The three-times rule holds there, whatever the old address had earned.
  EXPECT_FALSE(ice_.MaySend(other_, 1000));
}

TEST_F(IceTuplesTest, S11_ASignOfLifeCancelsTheTakeover) {
  Check(home_);
  ice_.HandleAuthenticated(home_, now_);
  Wait(Duration::Millis(500));
  Check(other_);
  Wait(Duration::Millis(1000));
  ice_.HandleAuthenticated(home_, now_);
  Wait(Duration::Seconds(4));
  EXPECT_EQ(ice_.selected(), home_);
}

TEST_F(IceTuplesTest, S11_TheGenuineClientWinsBackAStolenSelectionWithItsNextCheck) {
  Check(home_);
  ice_.HandleAuthenticated(home_, now_);
  Wait(Duration::Millis(100));
  Check(other_);  // stands for a copy that outran the genuine check
  Wait(Duration::Millis(2500));
  ASSERT_EQ(ice_.selected(), other_);
  Wait(Duration::Seconds(1));
  Check(home_);
  EXPECT_EQ(ice_.selected(), home_);
}

TEST_F(IceTuplesTest, S12_TheTupleTableIsBoundedAndNeverLosesTheSelectedOne) {
  Check(home_);
  ice_.HandleAuthenticated(home_, now_);
  for (uint16_t port = 10000; port < 20000; ++port) {
    ASSERT_EQ(Check(Address(20, port)), std::nullopt);
    ASSERT_LE(ice_.Tuples().size(), IceLite::kMaxTuples);
    ASSERT_EQ(ice_.selected(), home_);
  }
  EXPECT_TRUE(ice_.Knows(home_));
  EXPECT_TRUE(ice_.Knows(Address(20, 19999)));
  EXPECT_FALSE(ice_.Knows(Address(20, 19990)));
}

TEST_F(IceTuplesTest, S12_TheVersionTellsWhenTuplesChanged) {
  Check(home_);
  const uint32_t version = ice_.tuples_version();
  Check(home_);
  EXPECT_EQ(ice_.tuples_version(), version);
  Check(other_);
  EXPECT_NE(ice_.tuples_version(), version);
}

// Every ten seconds another port, as of a NAT that forgets; the client checks twice a second and
// sends media, which only counts once a check has come from the new port.
TEST_F(IceTuplesTest, S15_MediaFollowsEachRebindWithoutRestart) {
  for (uint16_t port = 6000; port < 6060; ++port) {
    const SocketAddress peer = Address(10, port);
    for (int tick = 0; tick < 20; ++tick) {
      ASSERT_EQ(Check(peer), std::nullopt);
      if (ice_.Knows(peer)) ice_.HandleAuthenticated(peer, now_);
      if (tick > 2) {
        ASSERT_EQ(ice_.selected(), peer);
      }
      Wait(Duration::Millis(500));
    }
  }
}

TEST_F(IceTuplesTest, S15_AListenerThatSendsNothingIsFollowedWithinTheSilence) {
  Check(home_);
  ice_.HandleAuthenticated(home_, now_);
  Wait(Duration::Millis(2500));
  Check(other_);
  EXPECT_EQ(ice_.selected(), other_);
}

TEST_F(IceTuplesTest, S16_TheHighestPriorityOfSeveralNominationsWins) {
  const std::array<uint32_t, 4> priorities = {10, 40, 30, 20};
  int switches = 0;
  SocketAddress last;
  for (int round = 0; round < 40; ++round) {
    for (uint8_t i = 0; i < priorities.size(); ++i) {
      CheckBuilder check = check_;
      check.priority = priorities[i];
      Receive(Address(i), check.Build(random_));
      if (last.IsSet() && ice_.selected() != last) ++switches;
      last = ice_.selected();
    }
    Wait(Duration::Millis(100));
  }
  EXPECT_EQ(ice_.selected(), Address(1));
  EXPECT_EQ(switches, 1);
}

TEST_F(IceTuplesTest, S16_AtMostOneSwitchPerSecond) {
  Check(home_);
  Check(other_);
  int switches = 0;
  SocketAddress last = ice_.selected();
  for (int i = 0; i < 1000; ++i) {
    ice_.HandleAuthenticated(i % 2 == 0 ? other_ : home_, now_);
    if (ice_.selected() != last) ++switches;
    last = ice_.selected();
    Wait(Duration::Millis(10));
  }
  EXPECT_LE(switches, 11);
  EXPECT_GE(switches, 5);
}

}  // namespace
}  // namespace earshot
