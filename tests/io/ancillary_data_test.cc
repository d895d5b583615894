#include "io/ancillary_data.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/udp.h>

#include <cstring>

namespace earshot {
namespace {

constexpr LocalAddresses::Host kIpv4{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1};
constexpr LocalAddresses::Host kIpv6{0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

template <typename Value>
Value ValueAt(const cmsghdr& control) {
  Value value;
  std::memcpy(&value, CMSG_DATA(&control), sizeof(value));
  return value;
}

TEST(AncillaryDataTest, ASourceAndTheSegmentsGoBesideOneMessage) {
  msghdr message{};
  SendControl control;
  control.SetSource(message, kIpv6, /*is_ipv4=*/false);
  control.SetSegmentSize(message, 1200);
  const cmsghdr* first = CMSG_FIRSTHDR(&message);
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(first->cmsg_type, IPV6_PKTINFO);
  EXPECT_EQ(ValueAt<in6_pktinfo>(*first).ipi6_ifindex, 0u);
  const cmsghdr* second = CMSG_NXTHDR(&message, const_cast<cmsghdr*>(first));
  ASSERT_NE(second, nullptr);
  EXPECT_EQ(second->cmsg_type, UDP_SEGMENT);
  EXPECT_EQ(ValueAt<uint16_t>(*second), 1200);
  EXPECT_EQ(ReadBeside(message).sent_to, kIpv6);
}

TEST(AncillaryDataTest, AnIpv4SourceIsToldAsSuch) {
  msghdr message{};
  SendControl control;
  control.SetSource(message, kIpv4, /*is_ipv4=*/true);
  EXPECT_EQ(CMSG_FIRSTHDR(&message)->cmsg_type, IP_PKTINFO);
  EXPECT_EQ(ReadBeside(message).sent_to, kIpv4);
}

TEST(AncillaryDataTest, AMessageWithNothingBesideSaysNothing) {
  msghdr message{};
  const ReceivedBeside beside = ReadBeside(message);
  EXPECT_FALSE(beside.sent_to || beside.dropped || beside.segment_size);
}

}  // namespace
}  // namespace earshot
