#include "network.h"

#include <gtest/gtest.h>

#include <array>

namespace earshot::sim {
namespace {

const SocketAddress kA = *SocketAddress::FromLiteral("192.0.2.1", 1);
const SocketAddress kB = *SocketAddress::FromLiteral("192.0.2.2", 2);

// Sends numbered datagrams, one per millisecond, and returns the numbers in order of arrival.
std::vector<int> SendAll(Network& network, int count) {
  std::vector<int> arrived;
  for (int i = 0; i < count + 1000; ++i) {
    const Timestamp now = Timestamp::Millis(i);
    while (const auto parcel = network.TakeDue(now)) {
      arrived.push_back(parcel->bytes[0] << 8 | parcel->bytes[1]);
    }
    const std::array<uint8_t, 2> bytes = {static_cast<uint8_t>(i >> 8), static_cast<uint8_t>(i)};
    if (i < count) network.Send(kA, kB, bytes, now);
  }
  return arrived;
}

TEST(NetworkTest, APerfectOneDelaysAndNothingElse) {
  Network network({.delay = Duration::Millis(30)}, 1);
  network.Send(kA, kB, std::array<uint8_t, 1>{7}, Timestamp::Millis(100));
  EXPECT_EQ(network.NextDeadline(), Timestamp::Millis(130));
  EXPECT_FALSE(network.TakeDue(Timestamp::Micros(129999)));
  const auto parcel = network.TakeDue(Timestamp::Millis(130));
  ASSERT_TRUE(parcel);
  EXPECT_EQ(parcel->from, kA);
  EXPECT_EQ(parcel->to, kB);
  EXPECT_EQ(parcel->bytes, std::vector<uint8_t>{7});
  EXPECT_TRUE(network.NextDeadline().IsNever());
}

TEST(NetworkTest, LosesAboutWhatItIsToldTo) {
  Network network({.loss = 0.1}, 2);
  const size_t arrived = SendAll(network, 10000).size();
  EXPECT_GT(arrived, 8800u);
  EXPECT_LT(arrived, 9200u);
  EXPECT_EQ(network.lost(), 10000 - arrived);
}

TEST(NetworkTest, BurstsLoseManyInARow) {
  Network network({.burst_start = 0.01, .burst_stay = 0.9}, 3);
  const std::vector<int> arrived = SendAll(network, 10000);
  size_t gaps = 0;
  for (size_t i = 1; i < arrived.size(); ++i) gaps += arrived[i] - arrived[i - 1] > 1;
  ASSERT_GT(gaps, 0u);
  EXPECT_GT((10000 - arrived.size()) / gaps, 5u);
}

TEST(NetworkTest, RepeatsAndReordersWhenTold) {
  Network repeating({.duplication = 0.2}, 4);
  EXPECT_GT(SendAll(repeating, 1000).size(), 1100u);
  Network reordering({.reordering = 0.1}, 5);
  const std::vector<int> arrived = SendAll(reordering, 1000);
  EXPECT_EQ(arrived.size(), 1000u);
  EXPECT_FALSE(std::is_sorted(arrived.begin(), arrived.end()));
}

TEST(NetworkTest, OneSeedIsOneRun) {
  const NetworkOptions rough{.loss = 0.1, .duplication = 0.1, .reordering = 0.1};
  Network first(rough, 6), second(rough, 6), other(rough, 7);
  const std::vector<int> arrived = SendAll(first, 1000);
  EXPECT_EQ(SendAll(second, 1000), arrived);
  EXPECT_NE(SendAll(other, 1000), arrived);
  EXPECT_EQ(first.digest(), second.digest());
}

TEST(NetworkTest, TheDigestKnowsTimeAddressesAndBytes) {
  const auto digest_of = [](const SocketAddress& to, uint8_t byte, int64_t millis) {
    Network network({}, 1);
    network.Send(kA, to, std::array<uint8_t, 1>{byte}, Timestamp::Millis(millis));
    return network.digest();
  };
  const uint64_t digest = digest_of(kB, 1, 5);
  EXPECT_EQ(digest_of(kB, 1, 5), digest);
  EXPECT_NE(digest_of(kA, 1, 5), digest);
  EXPECT_NE(digest_of(kB, 2, 5), digest);
  EXPECT_NE(digest_of(kB, 1, 6), digest);
}

}  // namespace
}  // namespace earshot::sim
