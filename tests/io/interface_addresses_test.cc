#include "io/interface_addresses.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/own_network.h"
#include "io/udp_peer.h"

namespace earshot {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsSupersetOf;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

using Literals = std::vector<std::string>;

Literals CandidatesOf(const InterfaceAddresses& addresses) {
  Literals literals;
  for (const SocketAddress& candidate : addresses.candidates()) {
    EXPECT_EQ(candidate.port(), 40000);
    literals.push_back(candidate.HostLiteral());
  }
  return literals;
}

Literals CandidatesOf(const std::string& bound, const Literals& announced = {}) {
  InterfaceAddresses addresses(bound, announced, 40000);
  addresses.Review();
  return CandidatesOf(addresses);
}

bool IsReachable(const std::string& bound, const Literals& announced = {}) {
  InterfaceAddresses addresses(bound, announced, 40000);
  addresses.Review();
  return addresses.is_reachable();
}

TEST(InterfaceAddressesTest, ASpecificAddressIsTheOnlyOne) {
  EXPECT_THAT(CandidatesOf("192.0.2.7"), ElementsAre("192.0.2.7"));
  EXPECT_THAT(CandidatesOf("2001:db8::7"), ElementsAre("2001:db8::7"));
}

TEST(InterfaceAddressesTest, WhatIsAnnouncedIsWhatClientsAreTold) {
  const Literals announced{"203.0.113.10", "2001:db8::7"};
  EXPECT_EQ(CandidatesOf("::", announced), announced);
  EXPECT_EQ(CandidatesOf("127.0.0.1", announced), announced);
}

TEST(InterfaceAddressesTest, EveryAddressIsALiteralThatASocketCanBind) {
  for (const std::string& address : CandidatesOf("::")) {
    ASSERT_TRUE(SocketAddress::FromLiteral(address, 1)) << address;
    EXPECT_TRUE(UdpPeer(address).bound()) << address;
  }
  EXPECT_THAT(CandidatesOf("::"), Contains("127.0.0.1"));
}

TEST(InterfaceAddressesTest, LoopbackComesLast) {
  bool loopback = false;
  for (const std::string& address : CandidatesOf("::")) {
    const bool is_loopback = address == "::1" || address.starts_with("127.");
    EXPECT_TRUE(is_loopback || !loopback) << address;
    loopback = loopback || is_loopback;
  }
}

TEST(InterfaceAddressesTest, AnIpv4SocketAnnouncesNoIpv6) {
  const Literals addresses = CandidatesOf("0.0.0.0");
  EXPECT_THAT(addresses, Contains("127.0.0.1"));
  EXPECT_THAT(addresses, Each(Not(HasSubstr(":"))));
}

TEST(InterfaceAddressesTest, LinkLocalAddressesAreLeftOut) {
  EXPECT_THAT(CandidatesOf("::"), Each(Not(StartsWith("fe80:"))));
}

TEST(InterfaceAddressesTest, TheUnspecifiedAddressIsTheWildcardHoweverItIsWritten) {
  EXPECT_EQ(CandidatesOf("0:0:0:0:0:0:0:0"), CandidatesOf("::"));
  EXPECT_TRUE(InterfaceAddresses("0::0", {}, 1).covers_all());
  EXPECT_TRUE(InterfaceAddresses("0.0.0.0", {}, 1).covers_all());
  EXPECT_FALSE(InterfaceAddresses("::1", {}, 1).covers_all());
  EXPECT_FALSE(InterfaceAddresses("10.0.0.0", {}, 1).covers_all());
}

TEST(InterfaceAddressesTest, AHostWithVeryManyTellsOfSome) {
  const bool done = InOwnNetwork([] {
    ASSERT_TRUE(
        RunCommand("for i in $(seq 70); do echo address add 10.1.1.$i/32 dev lo; done | "
                   "ip -batch -"));
    EXPECT_THAT(CandidatesOf("0.0.0.0"),
                AllOf(SizeIs(InterfaceAddresses::kMaxCandidates), Contains("10.1.1.1")));
  });
  if (!done) GTEST_SKIP() << "needs the right to make a network namespace, and ip";
}

TEST(InterfaceAddressesTest, S20_LoopbackIsEnoughWhereItIsMeant) {
  const bool done = InOwnNetwork([] {
    EXPECT_TRUE(IsReachable("127.0.0.1"));
    EXPECT_TRUE(IsReachable("127.8.0.1"));
    EXPECT_TRUE(IsReachable("::1"));
    EXPECT_TRUE(IsReachable("::", {"127.0.0.1"}));
    EXPECT_FALSE(IsReachable("::"));
    EXPECT_FALSE(IsReachable("0.0.0.0"));
    EXPECT_FALSE(IsReachable("::", {"192.0.2.1"})) << "of the NAT before us";
  });
  if (!done) GTEST_SKIP() << "needs the right to make a network namespace, and ip";
  WithSeveralAddresses([] {
    EXPECT_TRUE(IsReachable("::"));
    EXPECT_TRUE(IsReachable("0.0.0.0"));
    EXPECT_TRUE(IsReachable("10.1.0.1"));
    EXPECT_TRUE(IsReachable("::", {"192.0.2.1"}));
    EXPECT_THAT(CandidatesOf("0.0.0.0"),
                ElementsAre("10.1.0.1", "10.1.0.2", "10.1.0.9", "127.0.0.1"))
        << "by the address, whatever the interface";
  });
}

TEST(InterfaceAddressesTest, S20_AnAddressThatGoesIsMissed) {
  WithSeveralAddresses([] {
    InterfaceAddresses all("0.0.0.0", {}, 40000);
    InterfaceAddresses bound("10.1.0.2", {}, 40000);
    InterfaceAddresses announced("::", {"10.1.0.2"}, 40000);
    InterfaceAddresses one_of_two("::", {"10.1.0.2", "10.1.0.1"}, 40000);
    const std::vector<InterfaceAddresses*> each{&all, &bound, &announced, &one_of_two};
    for (InterfaceAddresses* one : each) {
      one->Review();
      EXPECT_TRUE(one->is_reachable());
    }
    ASSERT_TRUE(RunCommand("ip address del 10.1.0.2/32 dev lo"));
    for (InterfaceAddresses* one : each) one->Review();
    EXPECT_TRUE(all.is_reachable());
    EXPECT_THAT(CandidatesOf(all), Not(Contains("10.1.0.2")));
    EXPECT_FALSE(bound.is_reachable());
    EXPECT_FALSE(announced.is_reachable());
    EXPECT_TRUE(one_of_two.is_reachable());

    ASSERT_TRUE(RunCommand("ip address add 10.1.0.2/32 dev lo"));
    for (InterfaceAddresses* one : each) {
      one->Review();
      EXPECT_TRUE(one->is_reachable());
    }
    EXPECT_THAT(CandidatesOf(all), IsSupersetOf({"10.1.0.1", "10.1.0.2"}));
  });
}

TEST(InterfaceAddressesTest, S20_ANetworkThatIsRoutedToTheHostIsNotMissed) {
  const bool done = InOwnNetwork([] {
    ASSERT_TRUE(RunCommand("ip route add local 192.0.2.0/24 dev lo"));
    EXPECT_TRUE(UdpPeer("192.0.2.7").bound());
    EXPECT_TRUE(IsReachable("192.0.2.7"));
  });
  if (!done) GTEST_SKIP() << "needs the right to make a network namespace, and ip";
}

}  // namespace
}  // namespace earshot
