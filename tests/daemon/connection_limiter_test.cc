#include "connection_limiter.h"

#include <gtest/gtest.h>

#include <vector>

namespace earshotd {
namespace {

using boost::asio::ip::make_address;

TEST(ConnectionLimiterTest, H1_OneAddressCannotTakeAllPlaces) {
  ConnectionLimiter limiter(5, 2);
  std::vector<ConnectionLimiter::Slot> slots;
  for (int i = 0; i < 2; ++i) slots.push_back(*limiter.Admit(make_address("192.0.2.1")));
  EXPECT_FALSE(limiter.Admit(make_address("192.0.2.1")));
  EXPECT_TRUE(limiter.Admit(make_address("192.0.2.2")));
  EXPECT_EQ(limiter.refused(), 1u);
}

TEST(ConnectionLimiterTest, H1_TheTotalIsBounded) {
  ConnectionLimiter limiter(1, 5);
  const auto slot = limiter.Admit(make_address("192.0.2.1"));
  EXPECT_FALSE(limiter.Admit(make_address("192.0.2.2")));
}

TEST(ConnectionLimiterTest, H1_WhoHasWaitedLongestForItsClientYields) {
  ConnectionLimiter limiter(3, 3);
  std::vector<std::optional<ConnectionLimiter::Slot>> slots;
  std::vector<int> closed;
  for (int i = 0; i < 3; ++i) {
    slots.push_back(limiter.Admit(make_address("192.0.2.1")));
    slots.back()->YieldBy([&closed, i] { closed.push_back(i); });
  }
  slots[0]->Touch();
  slots[1]->Keep();
  const auto first = limiter.Admit(make_address("192.0.2.2"));
  EXPECT_TRUE(first);
  EXPECT_EQ(closed, std::vector<int>({2}));
  slots[2].reset();
  EXPECT_EQ(limiter.total(), 3u);
  const auto second = limiter.Admit(make_address("192.0.2.3"));
  EXPECT_TRUE(second);
  EXPECT_EQ(closed, std::vector<int>({2, 0}));
  slots[0]->Touch();  // has not noticed yet
  EXPECT_FALSE(limiter.Admit(make_address("192.0.2.4"))) << "none is left that yields";
  EXPECT_EQ(limiter.displaced(), 2u);
  EXPECT_EQ(limiter.refused(), 1u);
}

TEST(ConnectionLimiterTest, H1_AnAddressDisplacesItsOwnOnly) {
  ConnectionLimiter limiter(9, 1);
  int closed = 0;
  auto other = limiter.Admit(make_address("192.0.2.1"));
  other->YieldBy([&closed] { closed = 1; });
  auto own = limiter.Admit(make_address("192.0.2.2"));
  own->YieldBy([&closed] { closed = 2; });
  EXPECT_TRUE(limiter.Admit(make_address("192.0.2.2")));
  EXPECT_EQ(closed, 2);
}

TEST(ConnectionLimiterTest, PlacesAreGivenBack) {
  ConnectionLimiter limiter(1, 1);
  for (int i = 0; i < 3; ++i) {
    auto slot = limiter.Admit(make_address("192.0.2.1"));
    ASSERT_TRUE(slot);
    const ConnectionLimiter::Slot moved = std::move(*slot);
    EXPECT_EQ(limiter.total(), 1u);
  }
  EXPECT_EQ(limiter.total(), 0u);
}

TEST(ConnectionLimiterTest, H1_AnIpv6NetworkCountsAsOneAddress) {
  ConnectionLimiter limiter(9, 1);
  const auto slot = limiter.Admit(make_address("2001:db8::1"));
  EXPECT_FALSE(limiter.Admit(make_address("2001:db8::2")));
  EXPECT_TRUE(limiter.Admit(make_address("2001:db8:0:1::1")));
}

TEST(ConnectionLimiterTest, AMappedAddressIsItsIpv4Address) {
  ConnectionLimiter limiter(9, 1);
  const auto slot = limiter.Admit(make_address("::ffff:192.0.2.1"));
  EXPECT_FALSE(limiter.Admit(make_address("192.0.2.1")));
  EXPECT_TRUE(limiter.Admit(make_address("::ffff:192.0.2.2")));
}

}  // namespace
}  // namespace earshotd
