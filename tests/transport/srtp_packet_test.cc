#include "transport/srtp_packet.h"

#include <gtest/gtest.h>

#include "transport/srtp_test_packets.h"

namespace earshot {
namespace {

TEST(SrtpPacketTest, HeaderSizeCountsCsrcsAndExtension) {
  Bytes packet = FromHex("92 6f 1234 00000001 cafebabe 00000002 00000003 bede 0001 10ff0000 aa");
  const auto prefix = ParseRtpPrefix(packet);
  ASSERT_TRUE(prefix);
  EXPECT_EQ(prefix->header_size, 28u);
  EXPECT_EQ(prefix->ssrc, 0xcafebabeu);
  EXPECT_EQ(prefix->sequence_number, 0x1234);
}

TEST(SrtpPacketTest, R7_EveryCutHeaderIsRefused) {
  const Bytes packet = FromHex("92 6f 1234 00000001 cafebabe 00000002 00000003 bede 0001 10ff0000");
  for (size_t size = 0; size < packet.size(); ++size) {
    EXPECT_FALSE(ParseRtpPrefix(ByteView(packet).first(size))) << size;
  }
  EXPECT_TRUE(ParseRtpPrefix(packet));
}

TEST(SrtpPacketTest, R7_AnExtensionOf65535WordsIsRefused) {
  Bytes packet = FromHex("90 6f 1234 00000001 cafebabe bede ffff");
  packet.resize(1500);
  EXPECT_FALSE(ParseRtpPrefix(packet));
}

TEST(SrtpPacketTest, OtherVersionsAreRefused) {
  Bytes packet(28);
  for (const unsigned version : {0u, 1u, 3u}) {
    packet[0] = static_cast<uint8_t>(version << 6);
    EXPECT_FALSE(ParseRtpPrefix(packet));
    EXPECT_FALSE(ParseRtcpSender(packet));
  }
}

TEST(SrtpPacketTest, RtcpNeedsTheSenderSsrc) {
  const Bytes packet = FromHex("81c8000d 4d617273");
  EXPECT_EQ(ParseRtcpSender(packet), 0x4d617273u);
  EXPECT_FALSE(ParseRtcpSender(ByteView(packet).first(7)));
}

// RFC 3711 section 3.3.1: the nearest index of the three candidates, RFC 3711 appendix A at a tie.
TEST(SrtpPacketTest, EstimatesTheNearestIndex) {
  EXPECT_EQ(EstimateRtpPacketIndex(0x1fffe, 3), 0x20003u);
  EXPECT_EQ(EstimateRtpPacketIndex(0x20003, 0xfffe), 0x1fffeu);
  EXPECT_EQ(EstimateRtpPacketIndex(0x25000, 0x5001), 0x25001u);
  EXPECT_EQ(EstimateRtpPacketIndex(0x28000, 0), 0x20000u);
  EXPECT_EQ(EstimateRtpPacketIndex(0x28001, 0), 0x30000u);
  EXPECT_EQ(EstimateRtpPacketIndex(0x20000, 0x8000), 0x28000u);
  EXPECT_EQ(EstimateRtpPacketIndex(0x20000, 0x8001), 0x18001u);
}

TEST(SrtpPacketTest, NeverEstimatesBelowZero) {
  EXPECT_EQ(EstimateRtpPacketIndex(3, 0xfffe), 0xfffeu);
}

TEST(SrtpPacketTest, SealableOnlyWhenHeaderAndIndexAgree) {
  Bytes out = SimpleRtp(1, 0x12345).header;
  out.resize(200);
  EXPECT_TRUE(ParseSealable(out, 12, 188, {1, 0x12345}));
  EXPECT_FALSE(ParseSealable(out, 12, 189, {1, 0x12345}));
  EXPECT_FALSE(ParseSealable(out, 12, SIZE_MAX, {1, 0x12345}));
  EXPECT_FALSE(ParseSealable(out, SIZE_MAX, 1, {1, 0x12345}));
  EXPECT_FALSE(ParseSealable(out, 201, 0, {1, 0x12345}));
  EXPECT_FALSE(ParseSealable(out, 16, 100, {1, 0x12345}));
  EXPECT_FALSE(ParseSealable(out, 11, 100, {1, 0x12345}));
  EXPECT_FALSE(ParseSealable(out, 12, 100, {1, 0x12346}));
  EXPECT_FALSE(ParseSealable(out, 12, 100, {2, 0x12345}));
  EXPECT_FALSE(ParseSealable(out, 12, 100, {1, (uint64_t{1} << 48) | 0x2345}));
  EXPECT_FALSE(ParseSealable({}, 0, 0, {1, 0}));
}

TEST(SrtpPacketTest, P2_NothingBeyond1500BytesIsSealable) {
  Bytes out = SimpleRtp(1, 7).header;
  out.resize(4000);
  EXPECT_TRUE(ParseSealable(out, 12, 1488, {1, 7}));
  EXPECT_FALSE(ParseSealable(out, 12, 1489, {1, 7}));
}

}  // namespace
}  // namespace earshot
