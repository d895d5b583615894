#include "earshot/datagrams.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace earshot {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

TEST(PacketListTest, KeepsPacketsInOrder) {
  PacketList packets;
  EXPECT_TRUE(packets.empty());
  packets.Push(std::vector<uint8_t>{1, 2, 3});
  packets.Push({});
  packets.Push(std::vector<uint8_t>{4});
  ASSERT_EQ(packets.size(), 3u);
  EXPECT_THAT(packets[0], ElementsAre(1, 2, 3));
  EXPECT_TRUE(packets[1].empty());
  EXPECT_THAT(packets[2], ElementsAre(4));
}

TEST(PacketListTest, APacketMayBeShorterThanReserved) {
  PacketList packets;
  for (uint8_t value = 0; value < 100; ++value) {
    auto room = packets.Reserve(1500);
    ASSERT_EQ(room.size(), 1500u);
    std::fill(room.begin(), room.end(), value);
    packets.Commit(value);
  }
  ASSERT_EQ(packets.size(), 100u);
  for (uint8_t value = 0; value < 100; ++value) {
    ASSERT_EQ(packets[value].size(), value);
    EXPECT_THAT(packets[value], Each(value));
  }
}

TEST(PacketListTest, WithoutCommitNothingIsAdded) {
  PacketList packets;
  packets.Reserve(100);
  EXPECT_TRUE(packets.empty());
  packets.Push(std::vector<uint8_t>{7});
  EXPECT_THAT(packets[0], ElementsAre(7));
}

TEST(PacketListTest, ClearKeepsTheBuffer) {
  PacketList packets;
  const uint8_t* first = packets.Reserve(1000).data();
  packets.Commit(1000);
  packets.Clear();
  EXPECT_TRUE(packets.empty());
  EXPECT_EQ(packets.Reserve(1000).data(), first);
}

TEST(DatagramListTest, EachPacketHasItsPeer) {
  const auto peer1 = *SocketAddress::FromLiteral("192.0.2.1", 1);
  const auto peer2 = *SocketAddress::FromLiteral("2001:db8::1", 2);
  DatagramList datagrams;
  datagrams.Push(peer1, std::vector<uint8_t>{1});
  datagrams.Reserve(10)[0] = 2;
  datagrams.Commit(peer2, 1);
  ASSERT_EQ(datagrams.size(), 2u);
  EXPECT_EQ(datagrams[0].peer, peer1);
  EXPECT_THAT(datagrams[0].bytes, ElementsAre(1));
  EXPECT_EQ(datagrams[1].peer, peer2);
  EXPECT_THAT(datagrams[1].bytes, ElementsAre(2));
  EXPECT_EQ(datagrams[0].precedence, Precedence::kControl);
  datagrams.Push(peer1, std::vector<uint8_t>{4}, Precedence::kVideo);
  EXPECT_EQ(datagrams[2].precedence, Precedence::kVideo);
  datagrams.Clear();
  EXPECT_TRUE(datagrams.empty());
  datagrams.Push(peer2, std::vector<uint8_t>{3});
  EXPECT_EQ(datagrams[0].peer, peer2);
}

}  // namespace
}  // namespace earshot
