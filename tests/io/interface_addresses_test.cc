#include "io/interface_addresses.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "io/udp_peer.h"

namespace earshot {
namespace {

using testing::Contains;
using testing::ElementsAre;

bool IsLoopback(const std::string& address) {
  return address == "::1" || address.starts_with("127.");
}

TEST(InterfaceAddressesTest, ASpecificAddressIsTheOnlyOne) {
  EXPECT_THAT(InterfaceAddresses("192.0.2.7"), ElementsAre("192.0.2.7"));
  EXPECT_THAT(InterfaceAddresses("2001:db8::7"), ElementsAre("2001:db8::7"));
}

TEST(InterfaceAddressesTest, EveryAddressIsALiteralThatASocketCanBind) {
  for (const std::string& address : InterfaceAddresses("::")) {
    ASSERT_TRUE(SocketAddress::FromLiteral(address, 1)) << address;
    EXPECT_TRUE(UdpPeer(address).bound()) << address;
  }
  EXPECT_THAT(InterfaceAddresses("::"), Contains("127.0.0.1"));
}

TEST(InterfaceAddressesTest, LoopbackComesLast) {
  bool loopback = false;
  for (const std::string& address : InterfaceAddresses("::")) {
    EXPECT_TRUE(IsLoopback(address) || !loopback) << address;
    loopback = loopback || IsLoopback(address);
  }
}

TEST(InterfaceAddressesTest, AnIpv4SocketAnnouncesNoIpv6) {
  const auto addresses = InterfaceAddresses("0.0.0.0");
  EXPECT_THAT(addresses, Contains("127.0.0.1"));
  for (const std::string& address : addresses) {
    EXPECT_EQ(address.find(':'), std::string::npos) << address;
  }
}

TEST(InterfaceAddressesTest, LinkLocalAddressesAreLeftOut) {
  for (const std::string& address : InterfaceAddresses("::")) {
    EXPECT_FALSE(address.starts_with("fe80:")) << address;
  }
}

}  // namespace
}  // namespace earshot
