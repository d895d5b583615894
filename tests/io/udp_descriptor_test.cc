#include "io/udp_descriptor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cerrno>

#include "io/udp_peer.h"

namespace earshot {
namespace {

SocketAddress Local(const std::string& host, uint16_t port = 0) {
  return *SocketAddress::FromLiteral(host, port);
}

/// The first bytes of what waits in a socket.
std::vector<int> Waiting(int descriptor) {
  std::vector<int> first;
  std::array<uint8_t, 100> bytes{};
  while (recv(descriptor, bytes.data(), bytes.size(), MSG_DONTWAIT) >= 0) {
    first.push_back(bytes[0]);
  }
  return first;
}

class Descriptor {
 public:
  explicit Descriptor(int descriptor) : descriptor_(descriptor) {}
  ~Descriptor() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  operator int() const { return descriptor_; }

 private:
  int descriptor_;
};

/// Sends one datagram for each of the ranges of RFC 7983 and its limits, and looks where it comes.
void ExpectSplit(const std::string& bind_to, const std::string& from) {
  const Descriptor media(OpenUdp(Local(bind_to), true));
  ASSERT_GE(media, 0);
  const auto beside = OpenUdpBeside(media);
  ASSERT_TRUE(beside);
  const Descriptor checks(beside->checks), rest(beside->rest);
  EXPECT_EQ(BoundPort(checks), BoundPort(media));
  EXPECT_EQ(BoundPort(rest), BoundPort(media));
  const UdpPeer peer(from);
  for (const int first : {0, 3, 4, 20, 63, 64, 127, 128, 160, 191, 192, 255}) {
    const std::string datagram(20, static_cast<char>(first));
    ASSERT_TRUE(peer.Send(Local(from, BoundPort(media)), datagram));
  }
  EXPECT_THAT(Waiting(media), testing::ElementsAre(128, 160, 191));
  EXPECT_THAT(Waiting(checks), testing::ElementsAre(0, 3));
  EXPECT_THAT(Waiting(rest), testing::ElementsAre(4, 20, 63, 64, 127, 192, 255));
}

TEST(UdpDescriptorTest, MediaChecksAndTheRestComeToSocketsOfTheirOwn) {
  ExpectSplit("127.0.0.1", "127.0.0.1");
  ExpectSplit("0.0.0.0", "127.0.0.1");
  if (!HasIpv6()) GTEST_SKIP() << "no IPv6 here";
  ExpectSplit("::1", "::1");
  ExpectSplit("::", "::1");
  ExpectSplit("::", "127.0.0.1");
}

TEST(UdpDescriptorTest, F6_NobodyElseGetsAPortThatIsSplit) {
  const Descriptor media(OpenUdp(Local("127.0.0.1"), false));
  const auto beside = OpenUdpBeside(media);
  ASSERT_TRUE(beside);
  const Descriptor checks(beside->checks), rest(beside->rest);
  EXPECT_EQ(OpenUdp(Local("127.0.0.1", BoundPort(media)), false), -EADDRINUSE);
}

TEST(UdpDescriptorTest, WhereNoMoreSocketsCanBeHadNothingChanges) {
  const Descriptor media(OpenUdp(Local("127.0.0.1"), false));
  rlimit limit{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
  const rlimit none{0, limit.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  const auto beside = OpenUdpBeside(media);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_FALSE(beside);
  const UdpPeer peer;
  ASSERT_TRUE(peer.Send(Local("127.0.0.1", BoundPort(media)), "\x80"));
  ASSERT_TRUE(peer.Send(Local("127.0.0.1", BoundPort(media)), "\x01"));
  EXPECT_THAT(Waiting(media), testing::ElementsAre(0x80, 0x01));
}

}  // namespace
}  // namespace earshot
