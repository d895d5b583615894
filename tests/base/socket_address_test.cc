#include "earshot/socket_address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/un.h>

#include "absl/hash/hash_testing.h"

namespace earshot {
namespace {

using ::testing::ElementsAre;

SocketAddress Address(std::string_view host, uint16_t port) {
  const auto address = SocketAddress::FromLiteral(host, port);
  EXPECT_TRUE(address) << host;
  return address.value_or(SocketAddress());
}

TEST(SocketAddressTest, TheDefaultIsNotSet) {
  EXPECT_FALSE(SocketAddress().IsSet());
  EXPECT_FALSE(SocketAddress().IsValidPeer());
  EXPECT_TRUE(Address("192.0.2.1", 1).IsSet());
}

TEST(SocketAddressTest, LiteralsReadBack) {
  for (const auto* literal : {"192.0.2.1", "127.0.0.1", "2001:db8::1", "::1", "fe80::1"}) {
    const SocketAddress address = Address(literal, 40000);
    EXPECT_EQ(address.HostLiteral(), literal);
    EXPECT_EQ(address.port(), 40000);
  }
}

TEST(SocketAddressTest, WhatIsNoLiteralIsNothing) {
  for (const auto* text : {"", "localhost", "192.0.2", "192.0.2.256", "192.0.2.1 ", "[::1]",
                           "2001:db8::1%eth0", "1.2.3.4:5"}) {
    EXPECT_FALSE(SocketAddress::FromLiteral(text, 1)) << text;
  }
  using std::string_view_literals::operator""sv;
  EXPECT_FALSE(SocketAddress::FromLiteral("192.0.2.1\0.example"sv, 1));
}

TEST(SocketAddressTest, HostHasTheSizeOfItsFamily) {
  EXPECT_TRUE(Address("192.0.2.1", 1).is_ipv4());
  EXPECT_THAT(Address("192.0.2.1", 1).host(), ElementsAre(192, 0, 2, 1));
  EXPECT_FALSE(Address("2001:db8::1", 1).is_ipv4());
  EXPECT_EQ(Address("2001:db8::1", 1).host().size(), 16u);
}

TEST(SocketAddressTest, P8_MappedIpv4HasOneSpelling) {
  const SocketAddress plain = Address("192.0.2.1", 5000);
  EXPECT_EQ(Address("::ffff:192.0.2.1", 5000), plain);
  EXPECT_EQ(Address("::ffff:c000:201", 5000), plain);
  const uint8_t mapped[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1};
  EXPECT_EQ(SocketAddress(mapped, 5000), plain);
  EXPECT_TRUE(SocketAddress(mapped, 5000).is_ipv4());
  EXPECT_EQ(SocketAddress(mapped, 5000).HostLiteral(), "192.0.2.1");
}

TEST(SocketAddressTest, P8_OtherIpv6WithIpv4InsideStaysIpv6) {
  for (const auto* literal : {"::192.0.2.1", "64:ff9b::192.0.2.1", "2002:c000:201::"}) {
    EXPECT_FALSE(Address(literal, 1).is_ipv4()) << literal;
    EXPECT_FALSE(Address(literal, 1) == Address("192.0.2.1", 1));
  }
}

TEST(SocketAddressTest, P8_OnlyWhatAPeerCanSendFromIsAValidPeer) {
  struct Row {
    const char* host;
    bool valid;
  };
  for (const Row& row : {Row{"0.0.0.0", false},
                         Row{"0.1.2.3", false},
                         Row{"10.0.0.1", true},
                         Row{"100.64.0.1", true},
                         Row{"127.0.0.1", true},
                         Row{"169.254.0.1", true},
                         Row{"192.0.2.1", true},
                         Row{"223.255.255.255", true},
                         Row{"224.0.0.1", false},
                         Row{"239.255.255.255", false},
                         Row{"240.0.0.1", false},
                         Row{"255.255.255.255", false},
                         Row{"::", false},
                         Row{"::1", true},
                         Row{"::ffff:0.0.0.0", false},
                         Row{"::ffff:224.0.0.1", false},
                         Row{"::ffff:255.255.255.255", false},
                         Row{"::ffff:192.0.2.1", true},
                         Row{"2001:db8::1", true},
                         Row{"fd00::1", true},
                         Row{"fe80::1", true},
                         Row{"ff02::1", false},
                         Row{"ff0e::1", false}}) {
    EXPECT_EQ(Address(row.host, 40000).IsValidPeer(), row.valid) << row.host;
    EXPECT_FALSE(Address(row.host, 0).IsValidPeer()) << row.host;
  }
}

TEST(SocketAddressTest, SockaddrsOfBothFamiliesSurvive) {
  for (const auto* literal : {"192.0.2.1", "2001:db8::1"}) {
    for (const bool dual_stack : {false, true}) {
      const SocketAddress address = Address(literal, 54321);
      sockaddr_storage storage;
      const uint32_t size = address.ToSockaddr(storage, dual_stack);
      const bool plain_ipv4 = address.is_ipv4() && !dual_stack;
      EXPECT_EQ(storage.ss_family, plain_ipv4 ? AF_INET : AF_INET6);
      EXPECT_EQ(size, plain_ipv4 ? sizeof(sockaddr_in) : sizeof(sockaddr_in6));
      EXPECT_EQ(SocketAddress::FromSockaddr(reinterpret_cast<const sockaddr&>(storage)), address);
    }
  }
}

TEST(SocketAddressTest, ADualStackSocketGetsTheMappedForm) {
  sockaddr_storage storage;
  Address("192.0.2.1", 80).ToSockaddr(storage, true);
  const auto& in = reinterpret_cast<const sockaddr_in6&>(storage);
  EXPECT_TRUE(IN6_IS_ADDR_V4MAPPED(&in.sin6_addr));
  EXPECT_EQ(in.sin6_port, htons(80));
}

TEST(SocketAddressTest, OtherFamiliesAreNothing) {
  sockaddr_storage storage{};
  storage.ss_family = AF_UNIX;
  EXPECT_FALSE(SocketAddress::FromSockaddr(reinterpret_cast<const sockaddr&>(storage)));
}

TEST(SocketAddressTest, AHostOfAnotherSizeIsNotSet) {
  const uint8_t bytes[5] = {1, 2, 3, 4, 5};
  EXPECT_FALSE(SocketAddress(bytes, 80).IsSet());
  EXPECT_FALSE(SocketAddress({}, 80).IsSet());
}

TEST(SocketAddressTest, EqualityAndHashSeeHostPortAndFamily) {
  EXPECT_TRUE(absl::VerifyTypeImplementsAbslHashCorrectly({
      SocketAddress(),
      Address("192.0.2.1", 1),
      Address("192.0.2.1", 2),
      Address("192.0.2.1", 1).By(1),
      Address("192.0.2.1", 1).By(2),
      Address("192.0.2.2", 1),
      Address("::192.0.2.1", 1),
      Address("2001:db8::1", 1),
  }));
  EXPECT_FALSE(Address("192.0.2.1", 1) == Address("::192.0.2.1", 1));
}

TEST(SocketAddressTest, TwoPathsToOnePeerDiffer) {
  const SocketAddress peer = Address("192.0.2.1", 5000);
  EXPECT_EQ(peer.local(), 0);
  EXPECT_EQ(peer.By(0), peer);
  EXPECT_NE(peer.By(1), peer);
  EXPECT_NE(peer.By(1), peer.By(2));
  EXPECT_EQ(peer.By(1).By(2), peer.By(2));
  EXPECT_EQ(peer.By(2).local(), 2);
  EXPECT_EQ(peer.By(2).HostLiteral(), peer.HostLiteral());
  EXPECT_LE(sizeof(SocketAddress), 20u) << "maps and lists hold thousands";
}

}  // namespace
}  // namespace earshot
