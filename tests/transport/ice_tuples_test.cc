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

// It may be the client itself, behind somebody who copies quicker: its next packet would tell.
TEST_F(IceTuplesTest, S11_ACopiedCheckFromAnotherAddressMakesItKnownAndNoMore) {
  const std::vector<uint8_t> genuine = check_.Build(random_);
  Receive(home_, genuine);
  EXPECT_EQ(Receive(other_, genuine), std::nullopt);
  EXPECT_LE(sent_bytes_, received_bytes_);
  Wait(Duration::Seconds(29));
  EXPECT_EQ(ice_.selected(), home_) << "neither a nomination";
  Wait(Duration::Seconds(1));
  EXPECT_EQ(events_.back(), IceEvent::kExpired) << "nor a sign of life";
}

TEST_F(IceTuplesTest, S11_ACopyCannotKeepConsentAlive) {
  const std::vector<uint8_t> genuine = check_.Build(random_);
  Receive(home_, genuine);
  for (int i = 0; i < 80; ++i) {
    Wait(Duration::Millis(500));
    Receive(home_, genuine);
    Receive(other_, genuine);
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
  Wait(Duration::Seconds(2));
  Check(other_);
  ice_.HandleAuthenticated(other_, now_);
  ASSERT_EQ(ice_.selected(), other_);
  // Back to where it was before, which shows a check only.
  Wait(Duration::Millis(500));
  Check(home_);
  Wait(Duration::Millis(1499));
  EXPECT_EQ(ice_.selected(), other_);
  Wait(Duration::Millis(1));
  EXPECT_EQ(ice_.selected(), home_);
}

// A client that is there checks earlier, so that no copy, however old, takes media from it.
TEST_F(IceTuplesTest, S11_AnAddressWithNothingButChecksWaitsUntilTheOldOneHasMissedOne) {
  Check(home_);
  ice_.HandleAuthenticated(home_, now_);
  Wait(Duration::Millis(500));
  Check(other_);
  Wait(Duration::Millis(6499));
  EXPECT_EQ(ice_.selected(), home_);
  Wait(Duration::Millis(1));
  EXPECT_EQ(ice_.selected(), other_);
  // The three-times rule holds there, whatever the old address had earned.
  EXPECT_FALSE(ice_.MaySend(other_, 1000));
}

// The worst that who copies can do: each check comes from elsewhere first, and again later.
TEST_F(IceTuplesTest, S11_CopiesThatComeFirstNeitherEndNorMoveACall) {
  Check(home_);
  ice_.HandleAuthenticated(home_, now_);
  std::vector<std::vector<uint8_t>> kept;
  size_t to_other = 0, from_other = 0;
  for (int i = 0; i < 100; ++i) {
    kept.push_back(check_.Build(random_));
    Receive(other_, kept.back());
    to_other += out_[0].bytes.size();
    from_other += kept.back().size();
    Wait(Duration::Millis(20));
    EXPECT_EQ(Receive(home_, kept.back()), std::nullopt);
    EXPECT_EQ(out_.size(), 1u) << "the client hears that it is heard";
    for (int j = 0; j < 49; ++j) {
      ASSERT_EQ(ice_.selected(), home_);
      if (j % 10 == 0) Receive(other_, kept[random_.Below(static_cast<uint32_t>(kept.size()))]);
      Wait(Duration::Millis(100));
    }
  }
  EXPECT_THAT(events_, ::testing::ElementsAre(IceEvent::kConnected));
  EXPECT_LE(to_other, from_other);
}

TEST_F(IceTuplesTest, S11_CopiesAloneKeepNothingAlive) {
  std::vector<std::vector<uint8_t>> kept;
  for (int i = 0; i < 60; ++i) {
    kept.push_back(check_.Build(random_));
    Receive(home_, kept.back());
    ice_.HandleAuthenticated(home_, now_);
    Wait(Duration::Seconds(1));
  }
  // The client is gone. Everything that it ever sent comes again, from everywhere.
  for (int i = 0; i < 31; ++i) {
    for (const auto& copy : kept) {
      Receive(home_, copy);
      Receive(other_, copy);
    }
    Wait(Duration::Seconds(1));
  }
  EXPECT_EQ(events_.back(), IceEvent::kExpired);
}

// Nominated by a copy before anything else came: the client is at home.
TEST_F(IceTuplesTest, S11_ACopyThatComesFirstOfAllDoesNotKeepTheCall) {
  const std::vector<uint8_t> first = check_.Build(random_);
  Receive(other_, first);
  ASSERT_EQ(ice_.selected(), other_);
  EXPECT_EQ(Receive(home_, first), std::nullopt);
  EXPECT_TRUE(ice_.Knows(home_));
  ice_.HandleAuthenticated(home_, now_);
  EXPECT_EQ(ice_.selected(), home_);
}

// The client has moved, and somebody is always quicker with copies from a third address.
TEST_F(IceTuplesTest, S11_AClientBehindCopiesCanMove) {
  const SocketAddress moved = Address(30);
  Check(home_);
  ice_.HandleAuthenticated(home_, now_);
  Wait(Duration::Seconds(3));
  const std::vector<uint8_t> check = check_.Build(random_);
  Receive(other_, check);
  EXPECT_EQ(ice_.TakeProbe(), other_);
  Receive(moved, check);
  EXPECT_EQ(ice_.TakeProbe(), moved);
  ice_.HandleAuthenticated(moved, now_);
  EXPECT_EQ(ice_.selected(), moved);
}

TEST_F(IceTuplesTest, S15_WhoShowsNothingButChecksFromANewAddressIsProbed) {
  Check(home_);
  Check(other_);
  EXPECT_EQ(ice_.TakeProbe(), std::nullopt) << "nobody is anywhere yet";
  ice_.HandleAuthenticated(home_, now_);
  Check(other_);
  EXPECT_EQ(ice_.TakeProbe(), other_);
  Check(other_);
  EXPECT_EQ(ice_.TakeProbe(), std::nullopt) << "once a second";
  Wait(Duration::Seconds(1));
  ice_.HandleAuthenticated(home_, now_);
  CheckWithoutNomination(other_);
  EXPECT_EQ(ice_.TakeProbe(), std::nullopt) << "a pair that is kept in reserve";
  Wait(Duration::Seconds(2));
  CheckWithoutNomination(other_);
  EXPECT_EQ(ice_.TakeProbe(), other_) << "nothing comes from the old address any more";
  ice_.HandleAuthenticated(other_, now_);
  Check(home_);
  EXPECT_EQ(ice_.TakeProbe(), std::nullopt) << "it has shown packets before";
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
  Check(other_);  // stands for a copy of a check that got lost
  Wait(Duration::Millis(7000));
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

TEST_F(IceTuplesTest, S12_ATupleWithPacketsOutlivesThoseWithChecks) {
  Check(home_);
  ice_.HandleAuthenticated(home_, now_);
  Check(other_);
  ice_.HandleAuthenticated(other_, now_);
  ASSERT_EQ(ice_.selected(), other_);
  const std::vector<uint8_t> copied = check_.Build(random_);
  for (uint16_t port = 10000; port < 20000; ++port) Receive(Address(20, port), copied);
  EXPECT_TRUE(ice_.Knows(home_));
  EXPECT_TRUE(ice_.Knows(other_));
}

TEST_F(IceTuplesTest, S12_TuplesThatNothingComesFromAgeOut) {
  Check(other_);
  Check(home_);
  ice_.HandleAuthenticated(home_, now_);
  const uint32_t version = ice_.tuples_version();
  for (int i = 0; i < 29; ++i) {
    Wait(Duration::Seconds(1));
    ice_.HandleAuthenticated(home_, now_);
  }
  EXPECT_TRUE(ice_.Knows(other_));
  for (int i = 0; i < 8; ++i) {
    Wait(Duration::Seconds(1));
    ice_.HandleAuthenticated(home_, now_);
  }
  EXPECT_FALSE(ice_.Knows(other_)) << "without a check since";
  EXPECT_EQ(ice_.selected(), home_);
  EXPECT_NE(ice_.tuples_version(), version);
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
