#include "io/local_addresses.h"

#include <gtest/gtest.h>

#include <set>

namespace earshot {
namespace {

LocalAddresses::Host Host(uint8_t number) {
  LocalAddresses::Host host{0xfd};
  host[8] = host[15] = number;
  return host;
}

constexpr Timestamp kStart = Timestamp::Seconds(1000);

TEST(LocalAddressesTest, EachHasItsNumber) {
  LocalAddresses addresses;
  const uint8_t one = addresses.NumberOf(Host(1), kStart);
  const uint8_t two = addresses.NumberOf(Host(2), kStart);
  EXPECT_NE(one, 0);
  EXPECT_NE(two, 0);
  EXPECT_NE(one, two);
  EXPECT_EQ(addresses.NumberOf(Host(1), kStart), one);
  EXPECT_EQ(addresses.At(one), Host(1));
  EXPECT_EQ(addresses.At(two), Host(2));
}

TEST(LocalAddressesTest, TheyAreBoundedAndOnesInUseStay) {
  LocalAddresses addresses;
  std::set<uint8_t> numbers;
  for (size_t i = 0; i < LocalAddresses::kMaxNumber; ++i) {
    numbers.insert(addresses.NumberOf(Host(static_cast<uint8_t>(i)), kStart));
  }
  EXPECT_EQ(numbers.size(), LocalAddresses::kMaxNumber);
  EXPECT_FALSE(numbers.contains(0));
  EXPECT_EQ(addresses.NumberOf(Host(255), kStart + Duration::Seconds(299)), 0);
  const uint8_t seven = addresses.NumberOf(Host(7), kStart + Duration::Seconds(299));
  EXPECT_EQ(addresses.At(seven), Host(7));
}

TEST(LocalAddressesTest, S20_OneThatNobodyHasSentToForLongMakesRoom) {
  LocalAddresses addresses;
  for (size_t i = 0; i < LocalAddresses::kMaxNumber; ++i) {
    addresses.NumberOf(Host(static_cast<uint8_t>(i)), kStart + Duration::Seconds(i == 9 ? 0 : 1));
  }
  const Timestamp later = kStart + Duration::Seconds(300);
  const uint8_t number = addresses.NumberOf(Host(255), later);
  EXPECT_EQ(number, 10) << "that of the one forgotten";
  EXPECT_EQ(addresses.At(number), Host(255));
  EXPECT_EQ(addresses.NumberOf(Host(9), later), 0) << "the others are not yet";
}

}  // namespace
}  // namespace earshot
