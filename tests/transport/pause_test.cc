// L2: what peers have to do by a time, they may do later by as long as nobody listened.

#include <gtest/gtest.h>

#include "transport/dtls_link.h"
#include "transport/ice_lite_fixture.h"

namespace earshot {
namespace {

class IcePauseTest : public IceLiteTest {
 protected:
  /// Time goes on, and nobody is there.
  void Pause(Duration pause) {
    now_ = now_ + pause;
    ice_.HandlePause(pause);
  }
  bool Has(IceEvent event) const {
    return std::find(events_.begin(), events_.end(), event) != events_.end();
  }
};

TEST_F(IcePauseTest, L2_ConsentLastsAsMuchLongerAndNoLonger) {
  EXPECT_FALSE(Check(home_));
  Wait(Duration::Seconds(5));
  Pause(Duration::Seconds(600));
  Wait(Duration::Millis(1900));
  EXPECT_FALSE(Has(IceEvent::kInterrupted));
  Wait(Duration::Millis(23'000));
  EXPECT_TRUE(Has(IceEvent::kInterrupted)) << "seven seconds without the pause";
  EXPECT_FALSE(Has(IceEvent::kExpired));
  Wait(Duration::Millis(200));
  EXPECT_TRUE(Has(IceEvent::kExpired)) << "thirty";
}

TEST_F(IcePauseTest, L2_ACheckThatWaitedCountsAsWhenItIsRead) {
  EXPECT_FALSE(Check(home_));
  Wait(Duration::Seconds(5));
  Pause(Duration::Seconds(20));
  EXPECT_FALSE(Check(home_));
  Wait(Duration::Seconds(14));
  EXPECT_FALSE(Has(IceEvent::kExpired));
}

TEST_F(IcePauseTest, L2_WhoConnectsHasItsTime) {
  Wait(Duration::Seconds(25));
  Pause(Duration::Seconds(20));
  Wait(Duration::Millis(4900));
  EXPECT_FALSE(Has(IceEvent::kExpired));
  EXPECT_FALSE(Check(home_));
  EXPECT_TRUE(Has(IceEvent::kConnected));
}

TEST_F(IcePauseTest, L2_WhoNeverConnectsIsGivenUpAllTheSame) {
  Wait(Duration::Seconds(25));
  Pause(Duration::Seconds(20));
  Wait(Duration::Millis(5100));
  EXPECT_TRUE(Has(IceEvent::kExpired));
}

TEST_F(IcePauseTest, L2_ARestartMayStillEnd) {
  EXPECT_FALSE(Check(home_));
  const IceCredentials server{"server02", server_.password}, client{"clnt2", client_.password};
  ice_.Restart(server, client, now_);
  Pause(Duration::Seconds(60));
  CheckBuilder restarted = check_;
  restarted.server = server;
  restarted.client = client;
  EXPECT_FALSE(Receive(home_, restarted.Build(random_)));
}

TEST_F(IcePauseTest, L2_OurSilenceDoesNotMakeAnAddressGiveWay) {
  EXPECT_FALSE(Check(home_));
  ice_.HandleAuthenticated(home_, now_);
  EXPECT_FALSE(Check(other_));
  Wait(Duration::Millis(1500));
  Pause(Duration::Seconds(20));
  ice_.HandleDeadline(now_, events_);
  EXPECT_EQ(ice_.selected(), home_) << "two seconds of silence, and less than that counts";
}

TEST(DtlsPauseTest, L2_AHandshakeHasItsTime) {
  bool loses = true;
  DtlsLink link([&](int) { return loses; });
  link.Start();
  link.Run(Duration::Seconds(25));
  // A client that is not paused has given up; a new one stands for one that joined later.
  const Duration pause = Duration::Seconds(20);
  link.server.HandlePause(pause);
  link.client.HandlePause(pause);
  link.now = link.now + pause;
  loses = false;
  link.Run(Duration::Seconds(4));
  EXPECT_TRUE(link.BothConnected());
}

TEST(DtlsPauseTest, L2_AHandshakeThatNeverEndsIsGivenUpAllTheSame) {
  DtlsLink link([](int) { return true; });
  link.Start();
  const Timestamp start = link.now;
  link.server.HandlePause(Duration::Seconds(20));
  link.Run(Duration::Seconds(60));
  EXPECT_EQ(link.server.failure(), DtlsFailure::kTimeout);
  EXPECT_EQ(link.now - start, Duration::Seconds(50));
}

}  // namespace
}  // namespace earshot
