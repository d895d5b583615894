#include "space/peer_addresses.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/random.h"

namespace earshot {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const SocketAddress kHere = *SocketAddress::FromLiteral("192.0.2.7", 5000);
const SocketAddress kThere = *SocketAddress::FromLiteral("192.0.2.8", 5000);

// In order; the confirmed with a plus.
std::vector<std::string> Order(const PeerAddresses& addresses, const SocketAddress& at = kHere) {
  const PeerAddresses::Claimants claimants = addresses.Find(at);
  std::vector<std::string> order;
  for (size_t i = 0; i < claimants.size(); ++i) {
    order.push_back(std::to_string(static_cast<uint32_t>(claimants[i])) +
                    (claimants.IsConfirmed(i) ? "+" : ""));
  }
  return order;
}

class PeerAddressesTest : public testing::Test {
 protected:
  void Claim(uint32_t id) { addresses_.Claim(kHere, ParticipantId{id}); }
  void Confirm(uint32_t id) { addresses_.Confirm(kHere, ParticipantId{id}); }
  void Release(uint32_t id) { addresses_.Release(kHere, ParticipantId{id}); }
  PeerAddresses addresses_;
};

TEST_F(PeerAddressesTest, NobodyIsAtAnAddressThatNobodyClaimed) {
  Confirm(1);
  Release(1);
  EXPECT_THAT(Order(addresses_), IsEmpty());
  Claim(1);
  EXPECT_THAT(Order(addresses_), ElementsAre("1"));
  EXPECT_THAT(Order(addresses_, kThere), IsEmpty());
}

TEST_F(PeerAddressesTest, S11_ACheckComesBehindWhoIsConfirmed) {
  Claim(1);
  Confirm(1);
  Claim(2);
  EXPECT_THAT(Order(addresses_), ElementsAre("1+", "2"));
  Confirm(2);
  EXPECT_THAT(Order(addresses_), ElementsAre("2+", "1+"));
  Claim(1);
  EXPECT_THAT(Order(addresses_), ElementsAre("2+", "1+"));
  Confirm(1);
  EXPECT_THAT(Order(addresses_), ElementsAre("1+", "2+"));
}

TEST_F(PeerAddressesTest, OfTheUnconfirmedWhoCheckedLastComesFirst) {
  Claim(1);
  Claim(2);
  EXPECT_THAT(Order(addresses_), ElementsAre("2", "1"));
  Claim(1);
  EXPECT_THAT(Order(addresses_), ElementsAre("1", "2"));
}

TEST_F(PeerAddressesTest, S12_WhoIsConfirmedIsNeverCrowdedOut) {
  Claim(1);
  Confirm(1);
  for (uint32_t id = 2; id < 1000; ++id) Claim(id);
  EXPECT_THAT(Order(addresses_), ElementsAre("1+", "999", "998", "997"));
  for (uint32_t id = 997; id < 1000; ++id) Confirm(id);
  Claim(1000);
  EXPECT_THAT(Order(addresses_), ElementsAre("999+", "998+", "997+", "1+"));
  Release(998);
  Claim(1000);
  EXPECT_THAT(Order(addresses_), ElementsAre("999+", "997+", "1+", "1000"));
}

TEST_F(PeerAddressesTest, AnyOrderOfEverythingKeepsTheOrder) {
  SeededRandom random(4);
  for (int step = 0; step < 20000; ++step) {
    const uint32_t id = 1 + random.Below(7);
    switch (random.Below(3)) {
      case 0:
        Claim(id);
        break;
      case 1:
        Confirm(id);
        break;
      default:
        Release(id);
    }
    const PeerAddresses::Claimants claimants = addresses_.Find(kHere);
    ASSERT_LE(claimants.size(), PeerAddresses::kMaxClaimants);
    for (size_t i = 0; i < claimants.size(); ++i) {
      ASSERT_NE(claimants[i], kNoParticipant);
      ASSERT_GE(claimants.IsConfirmed(i == 0 ? 0 : i - 1), claimants.IsConfirmed(i));
      for (size_t j = 0; j < i; ++j) ASSERT_NE(claimants[i], claimants[j]);
    }
  }
}

}  // namespace
}  // namespace earshot
