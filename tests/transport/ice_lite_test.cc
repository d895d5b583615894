#include "transport/ice_lite.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "ice_lite_fixture.h"
#include "wire/stun_format.h"

namespace earshot {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// A request whose attributes are bytes of our choice in front of and behind MESSAGE-INTEGRITY.
std::vector<uint8_t> RawCheck(const IceCredentials& server, const IceCredentials& client,
                              const std::vector<uint8_t>& before,
                              const std::vector<uint8_t>& behind) {
  std::vector<uint8_t> bytes(512);
  StunWriter writer(bytes, StunClass::kRequest, kStunBindingMethod, StunTransactionId{1, 2, 3});
  writer.Username(server.ufrag + ":" + client.ufrag);
  bytes.resize(writer.Finish("") - 8);  // without FINGERPRINT
  bytes.insert(bytes.end(), before.begin(), before.end());
  stun::Integrity integrity;
  const size_t with_integrity = bytes.size() + 24;
  StoreBigEndian(bytes.data() + 2, static_cast<uint16_t>(with_integrity - 20));
  EXPECT_TRUE(stun::ComputeIntegrity(bytes, bytes.size(), server.password, integrity));
  const std::array<uint8_t, 4> header = {0x00, 0x08, 0x00, 0x14};
  bytes.insert(bytes.end(), header.begin(), header.end());
  bytes.insert(bytes.end(), integrity.begin(), integrity.end());
  bytes.insert(bytes.end(), behind.begin(), behind.end());
  StoreBigEndian(bytes.data() + 2, static_cast<uint16_t>(bytes.size() - 20));
  return bytes;
}

constexpr std::array<uint8_t, 4> kUseCandidate = {0x00, 0x25, 0x00, 0x00};

TEST_F(IceLiteTest, TheFirstNominationSelectsAtOnce) {
  EXPECT_FALSE(ice_.selected().IsSet());
  EXPECT_EQ(Check(home_), std::nullopt);
  EXPECT_EQ(ice_.selected(), home_);
  EXPECT_THAT(events_, ElementsAre(IceEvent::kConnected));
  ASSERT_EQ(out_.size(), 1u);
  EXPECT_EQ(out_[0].peer, home_);
  const auto response = StunMessage::Parse(out_[0].bytes);
  ASSERT_TRUE(response);
  EXPECT_EQ(response->message_class, StunClass::kSuccess);
  EXPECT_EQ(response->xor_mapped_address, home_);
  EXPECT_TRUE(response->IntegrityMatches(server_.password));
}

TEST_F(IceLiteTest, ACheckWithoutNominationIsAnsweredAndSelectsNothing) {
  EXPECT_EQ(CheckWithoutNomination(home_), std::nullopt);
  EXPECT_EQ(out_.size(), 1u);
  EXPECT_FALSE(ice_.selected().IsSet());
  EXPECT_TRUE(ice_.Knows(home_));
}

TEST_F(IceLiteTest, AnAuthenticatedPacketSelectsACheckedTupleThatWasNeverNominated) {
  CheckWithoutNomination(home_);
  ice_.HandleAuthenticated(home_, now_);
  EXPECT_EQ(ice_.selected(), home_);
  EXPECT_EQ(ice_.NextDeadline(), now_);
  Wait(Duration::Zero());
  EXPECT_THAT(events_, ElementsAre(IceEvent::kConnected));
}

TEST_F(IceLiteTest, AnAuthenticatedPacketFromAnUncheckedAddressChangesNothing) {
  Check(home_);
  ice_.HandleAuthenticated(other_, now_);
  EXPECT_EQ(ice_.selected(), home_);
  EXPECT_FALSE(ice_.Knows(other_));
  EXPECT_FALSE(ice_.MaySend(other_, 1));
}

TEST_F(IceLiteTest, S2_WithoutUsernameOrIntegrityThereIsSilence) {
  CheckBuilder check = check_;
  check.with_username = false;
  EXPECT_EQ(Receive(home_, check.Build(random_)), DropReason::kStunUnknownUfrag);
  EXPECT_THAT(sent_bytes_, 0u);
  check = check_;
  check.with_integrity = false;
  EXPECT_EQ(Receive(home_, check.Build(random_)), DropReason::kStunUnauthenticated);
  EXPECT_EQ(sent_bytes_, 0u);
  EXPECT_THAT(ice_.Tuples(), IsEmpty());
}

TEST_F(IceLiteTest, S2_AnAnswerIsNeverLargerThanItsRequest) {
  for (int i = 0; i < 100; ++i) ASSERT_EQ(Check(Address(10)), std::nullopt);
  EXPECT_LE(sent_bytes_, received_bytes_);
}

TEST_F(IceLiteTest, S3_UnknownUfragsAreIgnored) {
  for (int i = 0; i < 1000; ++i) {
    CheckBuilder check = check_;
    check.server = IceCredentials::Make(random_);
    ASSERT_EQ(Receive(home_, check.Build(random_)), DropReason::kStunUnknownUfrag);
  }
  CheckBuilder check = check_;
  check.client.ufrag = "else";
  EXPECT_EQ(Receive(home_, check.Build(random_)), DropReason::kStunUnknownUfrag);
  EXPECT_EQ(sent_bytes_, 0u);
  EXPECT_THAT(ice_.Tuples(), IsEmpty());
}

TEST_F(IceLiteTest, S4_AnyChangedByteIsSilentlyRefused) {
  const std::vector<uint8_t> genuine = check_.Build(random_);
  // FINGERPRINT's own type is left out: under another name it is an attribute to be ignored, and a
  // request without it is as authentic as before.
  const size_t fingerprint = genuine.size() - 8;
  for (size_t i = 0; i < genuine.size(); ++i) {
    if (i == fingerprint || i == fingerprint + 1) continue;
    std::vector<uint8_t> bent = genuine;
    bent[i] ^= 0x20;
    EXPECT_NE(Receive(home_, bent), std::nullopt) << i;
  }
  EXPECT_EQ(sent_bytes_, 0u);
  EXPECT_THAT(ice_.Tuples(), IsEmpty());
  EXPECT_THAT(events_, IsEmpty());
}

TEST_F(IceLiteTest, S4_AWrongPasswordIsSilentlyRefused) {
  CheckBuilder check = check_;
  check.server.password = "0123456789abcdefghijklmX";
  EXPECT_EQ(Receive(home_, check.Build(random_)), DropReason::kStunUnauthenticated);
  EXPECT_EQ(sent_bytes_, 0u);
  EXPECT_THAT(ice_.Tuples(), IsEmpty());
}

TEST_F(IceLiteTest, S5_ANominationBehindTheIntegrityIsIgnored) {
  const std::vector<uint8_t> nomination(kUseCandidate.begin(), kUseCandidate.end());
  EXPECT_EQ(Receive(home_, RawCheck(server_, client_, {}, nomination)), std::nullopt);
  EXPECT_TRUE(ice_.Knows(home_));
  EXPECT_FALSE(ice_.selected().IsSet());
}

TEST_F(IceLiteTest, S5_TheSameNominationInFrontOfTheIntegrityCounts) {
  const std::vector<uint8_t> nomination(kUseCandidate.begin(), kUseCandidate.end());
  EXPECT_EQ(Receive(home_, RawCheck(server_, client_, nomination, {})), std::nullopt);
  EXPECT_EQ(ice_.selected(), home_);
}

TEST_F(IceLiteTest, S5_AWrongFingerprintIsDropped) {
  std::vector<uint8_t> check = check_.Build(random_);
  check.back() ^= 1;
  EXPECT_EQ(Receive(home_, check), DropReason::kStunMalformed);
}

TEST_F(IceLiteTest, S6_OfTwoPrioritiesTheFirstCounts) {
  const auto with_priorities = [&](uint8_t first, uint8_t second) {
    return std::vector<uint8_t>{0x00, 0x24, 0, 4, 0, 0,      0,    first, 0x00, 0x24,
                                0,    4,    0, 0, 0, second, 0x00, 0x25,  0,    0};
  };
  CheckBuilder low = check_;
  low.priority = 50;
  Receive(home_, low.Build(random_));
  // Priority 10, then 200: not better than 50, so the selected tuple stays.
  Receive(other_, RawCheck(server_, client_, with_priorities(10, 200), {}));
  EXPECT_TRUE(ice_.Knows(other_));
  EXPECT_EQ(ice_.selected(), home_);
}

TEST_F(IceLiteTest, S7_UnknownRequiredAttributesAreNamedAfterAuthentication) {
  const std::vector<uint8_t> unknown = {0x7a, 0xbc, 0x00, 0x00, 0x7a, 0xbd, 0x00, 0x00};
  const std::vector<uint8_t> request = RawCheck(server_, client_, unknown, {});
  EXPECT_EQ(Receive(home_, request), DropReason::kStunUnexpected);
  EXPECT_EQ(ErrorSent(), 420);
  EXPECT_LE(sent_bytes_, request.size());
  const std::vector<uint8_t> sent(out_[0].bytes.begin(), out_[0].bytes.end());
  const std::vector<uint8_t> list = {0x00, 0x0a, 0x00, 0x04, 0x7a, 0xbc, 0x7a, 0xbd};
  EXPECT_NE(std::search(sent.begin(), sent.end(), list.begin(), list.end()), sent.end());
  EXPECT_THAT(ice_.Tuples(), IsEmpty());
}

TEST_F(IceLiteTest, S7_UnknownRequiredAttributesAreMetWithSilenceBeforeAuthentication) {
  IceCredentials wrong = server_;
  wrong.password[0] = 'X';
  const std::vector<uint8_t> unknown = {0x7a, 0xbc, 0x00, 0x00};
  EXPECT_EQ(Receive(home_, RawCheck(wrong, client_, unknown, {})),
            DropReason::kStunUnauthenticated);
  EXPECT_EQ(sent_bytes_, 0u);
}

TEST_F(IceLiteTest, S7_ManyUnknownAttributesNeverGrowTheAnswer) {
  for (uint8_t count = 1; count <= 60; ++count) {
    std::vector<uint8_t> unknown;
    for (uint8_t i = 0; i < count; ++i) unknown.insert(unknown.end(), {0x7a, i, 0x00, 0x00});
    const std::vector<uint8_t> request = RawCheck(server_, client_, unknown, {});
    Receive(home_, request);
    ASSERT_EQ(out_.size(), 1u) << count;
    EXPECT_LE(out_[0].bytes.size(), request.size());
  }
}

TEST_F(IceLiteTest, S8_AControlledPeerGetsARoleConflict) {
  CheckBuilder check = check_;
  check.controlled = true;
  EXPECT_EQ(Receive(home_, check.Build(random_)), DropReason::kStunRoleConflict);
  EXPECT_EQ(ErrorSent(), 487);
  EXPECT_THAT(ice_.Tuples(), IsEmpty());
}

TEST_F(IceLiteTest, S9_ResponsesIndicationsAndOtherMethodsAreDropped) {
  CheckBuilder check = check_;
  for (const StunClass kind : {StunClass::kIndication, StunClass::kSuccess, StunClass::kError}) {
    check.message_class = kind;
    EXPECT_EQ(Receive(home_, check.Build(random_)), DropReason::kStunUnexpected);
  }
  check.message_class = StunClass::kRequest;
  for (uint16_t method = 2; method < 0x10; ++method) {  // TURN's among them
    check.method = method;
    EXPECT_EQ(Receive(home_, check.Build(random_)), DropReason::kStunUnexpected);
  }
  EXPECT_EQ(sent_bytes_, 0u);
  EXPECT_THAT(ice_.Tuples(), IsEmpty());
}

TEST_F(IceLiteTest, S13_SilenceInterruptsAndThenEndsTheTransport) {
  Check(home_);
  events_.clear();
  Wait(Duration::Millis(6999));
  EXPECT_THAT(events_, IsEmpty());
  Wait(Duration::Millis(1));
  EXPECT_THAT(events_, ElementsAre(IceEvent::kInterrupted));
  Wait(Duration::Millis(22999));
  EXPECT_EQ(ice_.selected(), home_);
  Wait(Duration::Millis(1));
  EXPECT_THAT(events_, ElementsAre(IceEvent::kInterrupted, IceEvent::kExpired));
  EXPECT_FALSE(ice_.selected().IsSet());
  EXPECT_FALSE(ice_.MaySend(home_, 1));
  EXPECT_TRUE(ice_.NextDeadline().IsNever());
  EXPECT_EQ(Check(home_), DropReason::kTransportClosed);
}

TEST_F(IceLiteTest, S13_APacketResumesAnInterruptedTransport) {
  Check(home_);
  Wait(Duration::Seconds(8));
  events_.clear();
  ice_.HandleAuthenticated(home_, now_);
  Wait(Duration::Zero());
  EXPECT_THAT(events_, ElementsAre(IceEvent::kResumed));
}

// Some check after silence only, or send indications: what DTLS and SRTP authenticate is as good.
TEST_F(IceLiteTest, S13_AuthenticatedPacketsAreSignsOfLifeLikeChecks) {
  Check(home_);
  for (int i = 0; i < 1200; ++i) {
    ice_.HandleAuthenticated(home_, now_);
    Wait(Duration::Millis(100));
  }
  EXPECT_THAT(events_, ElementsAre(IceEvent::kConnected));
  Wait(Duration::Millis(29800));
  EXPECT_EQ(ice_.selected(), home_);
  Wait(Duration::Millis(200));
  EXPECT_EQ(events_.back(), IceEvent::kExpired);
}

TEST_F(IceLiteTest, S13_SilenceIsProbedBeforeItCountsAsInterruption) {
  Check(home_);
  Wait(Duration::Millis(6100));
  EXPECT_EQ(ice_.TakeProbe(), std::nullopt) << "a peer may check every 6 s only";
  Wait(Duration::Millis(100));
  EXPECT_EQ(ice_.TakeProbe(), home_);
  EXPECT_EQ(ice_.TakeProbe(), std::nullopt);
  events_.clear();
  for (int i = 0; i < 20; ++i) {
    ice_.HandleAuthenticated(home_, now_);  // the answer
    Wait(Duration::Millis(6200));
    EXPECT_EQ(ice_.TakeProbe(), home_);
  }
  EXPECT_THAT(events_, IsEmpty());
}

TEST_F(IceLiteTest, S9_IndicationsAreNoSignOfLife) {
  Check(home_);
  CheckBuilder indication = check_;
  indication.message_class = StunClass::kIndication;
  for (int i = 0; i < 10; ++i) {
    Wait(Duration::Seconds(3));
    EXPECT_NE(Receive(home_, indication.Build(random_)), std::nullopt);
  }
  EXPECT_EQ(events_.back(), IceEvent::kExpired);
}

TEST_F(IceLiteTest, S13_ChecksKeepConsentForever) {
  for (int i = 0; i < 100; ++i) {
    Check(home_);
    Wait(Duration::Seconds(5));
  }
  EXPECT_THAT(events_, ElementsAre(IceEvent::kConnected));
}

TEST_F(IceLiteTest, S13_ConsentElsewhereMovesMediaInsteadOfEndingIt) {
  Check(home_);
  for (int i = 0; i < 8; ++i) {
    Wait(Duration::Seconds(4));
    CheckWithoutNomination(other_);
  }
  EXPECT_EQ(ice_.selected(), other_);
}

TEST_F(IceLiteTest, S13_APacketThatComesAfterConsentRanOutLeavesNoDeadlineBehind) {
  CheckWithoutNomination(home_);
  Wait(Duration::Millis(25600));
  ice_.HandleAuthenticated(home_, now_);
  Wait(Duration::Seconds(60));  // asserts that deadlines advance
}

TEST_F(IceLiteTest, S13_NobodyEverCheckingEndsTheTransport) {
  Wait(Duration::Seconds(30));
  EXPECT_THAT(events_, ElementsAre(IceEvent::kExpired));
}

class IceRestartTest : public IceLiteTest {
 protected:
  IceRestartTest() {
    Check(home_);
    ice_.HandleAuthenticated(home_, now_);
    ice_.Restart(new_server_, new_client_, now_);
  }
  const IceCredentials new_server_{"server02", "zyxwvutsrqponmlkjihgfedc"};
  const IceCredentials new_client_{"nuew", "vutsrqponmlkjihgfedcba"};
  const CheckBuilder new_check_{.server = new_server_, .client = new_client_};
};

TEST_F(IceRestartTest, S14_OldCredentialsHoldUntilTheNewOnesSucceed) {
  EXPECT_EQ(ice_.local().ufrag, "server02");
  EXPECT_EQ(Check(home_), std::nullopt);
  EXPECT_EQ(ice_.selected(), home_);
  EXPECT_EQ(Receive(home_, new_check_.Build(random_)), std::nullopt);
  EXPECT_EQ(Check(home_), DropReason::kStunUnknownUfrag);
  EXPECT_EQ(ice_.selected(), home_);
}

TEST_F(IceRestartTest, S14_AFailedRestartKeepsTheOldPair) {
  for (int i = 0; i < 20; ++i) {
    Wait(Duration::Seconds(5));
    ASSERT_EQ(Check(home_), std::nullopt);
  }
  EXPECT_EQ(ice_.selected(), home_);
  EXPECT_EQ(Receive(home_, new_check_.Build(random_)), DropReason::kStunUnknownUfrag);
}

TEST_F(IceRestartTest, S14_MediaFollowsToANewAddressWithTheFirstAuthenticatedPacket) {
  Wait(Duration::Millis(100));
  Receive(other_, new_check_.Build(random_));
  EXPECT_EQ(ice_.selected(), home_);
  ice_.HandleAuthenticated(other_, now_);
  EXPECT_EQ(ice_.selected(), other_);
}

TEST_F(IceRestartTest, S14_GenerationsCannotBeMixed) {
  CheckBuilder mixed = new_check_;
  mixed.client = client_;
  EXPECT_EQ(Receive(home_, mixed.Build(random_)), DropReason::kStunUnknownUfrag);
  mixed = new_check_;
  mixed.server.password = server_.password;
  EXPECT_EQ(Receive(home_, mixed.Build(random_)), DropReason::kStunUnauthenticated);
  EXPECT_EQ(Check(home_), std::nullopt);
}

TEST(IceCredentialsTest, S18_CredentialsAreLongUniformAndUnique) {
  SecureRandom random;
  std::set<std::string> ufrags;
  std::array<double, 256> counts{};
  for (int i = 0; i < 100000; ++i) {
    const IceCredentials credentials = IceCredentials::Make(random);
    ASSERT_GE(credentials.ufrag.size(), 8u);      // 48 bits
    ASSERT_GE(credentials.password.size(), 24u);  // 144 bits
    ASSERT_TRUE(ufrags.insert(credentials.ufrag).second);
    for (const char c : credentials.password) counts[static_cast<uint8_t>(c)] += 1;
  }
  const double expected = 100000.0 * 24 / 64;
  double chi_square = 0;
  int symbols = 0;
  for (const double count : counts) {
    if (count == 0) continue;
    ++symbols;
    chi_square += (count - expected) * (count - expected) / expected;
  }
  EXPECT_EQ(symbols, 64);
  // 63 degrees of freedom: above 160 with a probability below 1e-9.
  EXPECT_LT(chi_square, 160);
}

}  // namespace
}  // namespace earshot
