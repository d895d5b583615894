#include "transport/sctp_packet.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/random.h"

namespace earshot {
namespace {

using Bytes = std::vector<uint8_t>;

Bytes Concat(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const Bytes& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

// With a right length and padding.
Bytes Chunk(uint8_t type, uint8_t flags, const Bytes& value) {
  const size_t length = value.size() + 4;
  Bytes chunk = {type, flags, static_cast<uint8_t>(length >> 8), static_cast<uint8_t>(length)};
  chunk.insert(chunk.end(), value.begin(), value.end());
  chunk.resize((chunk.size() + 3) & ~size_t{3});
  return chunk;
}
Bytes Parameter(uint16_t type, const Bytes& value) {
  const size_t length = value.size() + 4;
  Bytes parameter = {static_cast<uint8_t>(type >> 8), static_cast<uint8_t>(type),
                     static_cast<uint8_t>(length >> 8), static_cast<uint8_t>(length)};
  parameter.insert(parameter.end(), value.begin(), value.end());
  parameter.resize((parameter.size() + 3) & ~size_t{3});
  return parameter;
}

// From and to port 5000, with a right checksum.
Bytes Packet(uint32_t tag, const Bytes& chunks, uint16_t from = 5000, uint16_t to = 5000) {
  Bytes packet(12);
  ByteWriter writer(packet);
  writer.U16(from);
  writer.U16(to);
  writer.U32(tag);
  packet.insert(packet.end(), chunks.begin(), chunks.end());
  WriteSctpChecksum(packet);
  return packet;
}

constexpr uint32_t kTag = 0x01020304;

Bytes InitValue(uint32_t tag = 9, uint32_t window = 131072, uint16_t outbound = 256,
                uint16_t inbound = 256) {
  Bytes value(16);
  ByteWriter writer(value);
  writer.U32(tag);
  writer.U32(window);
  writer.U16(outbound);
  writer.U16(inbound);
  writer.U32(77);
  return value;
}
Bytes SackValue(uint16_t gaps, uint16_t duplicates, const Bytes& rest) {
  Bytes value(12);
  ByteWriter writer(value);
  writer.U32(1);
  writer.U32(131072);
  writer.U16(gaps);
  writer.U16(duplicates);
  value.insert(value.end(), rest.begin(), rest.end());
  return value;
}
Bytes Data(const Bytes& text = {'h', 'i'}) {
  return Chunk(0, 3, Concat({{0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 53}, text}));
}
const Bytes kCookie = Parameter(7, {1, 2, 3, 4, 5, 6, 7, 8});

struct Case {
  std::string name;
  Bytes packet;
};
void PrintTo(const Case& c, std::ostream* os) { *os << c.name; }
std::string NameOf(const testing::TestParamInfo<Case>& info) { return info.param.name; }

class AcceptableSctpPacketTest : public testing::TestWithParam<Case> {};

TEST_P(AcceptableSctpPacketTest, T2_Passes) {
  EXPECT_TRUE(IsAcceptableSctpPacket(GetParam().packet));
}

INSTANTIATE_TEST_SUITE_P(
    Packets, AcceptableSctpPacketTest,
    testing::Values(
        Case{"Data", Packet(kTag, Data())},
        Case{"DataBundledWithSack",
             Packet(kTag, Concat({Chunk(3, 0, SackValue(0, 0, {})), Data()}))},
        Case{"SackWithGapAndDuplicate",
             Packet(kTag, Chunk(3, 0, SackValue(1, 1, {0, 2, 0, 4, 0, 0, 0, 9})))},
        Case{"Init", Packet(0, Chunk(1, 0, InitValue()))},
        Case{"InitWithUnknownParameters",
             Packet(0, Chunk(1, 0,
                             Concat({InitValue(), Parameter(0x8001, {0, 0, 0, 1}),
                                     Parameter(0xc000, {})})))},
        Case{"InitAck", Packet(kTag, Chunk(2, 0, Concat({InitValue(), kCookie})))},
        Case{"CookieEchoWithData", Packet(kTag, Concat({Chunk(10, 0, {1, 2, 3}), Data()}))},
        Case{"CookieAckWithSack",
             Packet(kTag, Concat({Chunk(11, 0, {}), Chunk(3, 0, SackValue(0, 0, {}))}))},
        Case{"Heartbeat", Packet(kTag, Chunk(4, 0, Parameter(1, {1, 2, 3, 4})))},
        Case{"HeartbeatWithPad",
             Packet(kTag, Concat({Chunk(4, 0, Parameter(1, {1})), Chunk(132, 0, Bytes(400))}))},
        Case{"Abort", Packet(kTag, Chunk(6, 0, {}))},
        Case{"AbortWithCause", Packet(kTag, Chunk(6, 1, Parameter(12, {'b', 'y', 'e'})))},
        Case{"Shutdown", Packet(kTag, Chunk(7, 0, {0, 0, 0, 1}))},
        Case{"ShutdownComplete", Packet(kTag, Chunk(14, 1, {}))},
        Case{"ForwardTsn", Packet(kTag, Chunk(192, 0, {0, 0, 0, 1, 0, 3, 0, 7}))},
        Case{"ResetRequestAndResponse",
             Packet(kTag,
                    Chunk(130, 0, Concat({Parameter(13, Bytes(14)), Parameter(16, Bytes(8))})))}),
    NameOf);

class UnacceptableSctpPacketTest : public testing::TestWithParam<Case> {};

TEST_P(UnacceptableSctpPacketTest, T2_IsRefused) {
  EXPECT_FALSE(IsAcceptableSctpPacket(GetParam().packet));
}

Bytes WithByte(Bytes packet, size_t position, uint8_t value, bool fix_checksum = true) {
  packet[position] = value;
  if (fix_checksum) WriteSctpChecksum(packet);
  return packet;
}
Bytes Shortened(Bytes packet, size_t by) {
  packet.resize(packet.size() - by);
  if (packet.size() >= 12) WriteSctpChecksum(packet);
  return packet;
}

INSTANTIATE_TEST_SUITE_P(
    Packets, UnacceptableSctpPacketTest,
    testing::Values(
        Case{"Empty", {}}, Case{"HeaderOnly", Packet(kTag, {})}, Case{"HalfAHeader", Bytes(6)},
        Case{"BadChecksum", WithByte(Packet(kTag, Data()), 8, 0x42, false)},
        Case{"FlippedPayload", WithByte(Packet(kTag, Data()), 28, 'x', false)},
        Case{"WrongSourcePort", Packet(kTag, Data(), 5001)},
        Case{"WrongDestinationPort", Packet(kTag, Data(), 5000, 9)},
        Case{"NoTag", Packet(0, Data())},
        Case{"ZeroLengthChunk", WithByte(Packet(kTag, Data()), 15, 0)},
        Case{"LengthBelowHeader", WithByte(Packet(kTag, Data()), 15, 3)},
        Case{"LengthBeyondPacket", WithByte(Packet(kTag, Data()), 15, 200)},
        Case{"TruncatedPadding", Shortened(Packet(kTag, Data()), 1)},
        Case{"TruncatedChunk", Shortened(Packet(kTag, Data()), 4)},
        Case{"TrailingBytes", Packet(kTag, Concat({Data(), {0, 0}}))},
        Case{"TooLarge", Packet(kTag, Chunk(0, 3, Bytes(2048)))},
        Case{"EmptyData", Packet(kTag, Data({}))},
        Case{"SecondChunkOfZeroLength", Packet(kTag, Concat({Data(), {0, 0, 0, 0}}))},
        Case{"InitWithTag", Packet(kTag, Chunk(1, 0, InitValue()))},
        Case{"InitBundledBefore", Packet(0, Concat({Chunk(1, 0, InitValue()), Data()}))},
        Case{"InitBundledAfter", Packet(kTag, Concat({Data(), Chunk(1, 0, InitValue())}))},
        Case{"TwoInits", Packet(0, Concat({Chunk(1, 0, InitValue()), Chunk(1, 0, InitValue())}))},
        Case{"ShortInit", Packet(0, Chunk(1, 0, Bytes(12, 1)))},
        Case{"InitWithoutInitiateTag", Packet(0, Chunk(1, 0, InitValue(0)))},
        Case{"InitWithSmallWindow", Packet(0, Chunk(1, 0, InitValue(9, 1499)))},
        Case{"InitWithoutOutboundStreams", Packet(0, Chunk(1, 0, InitValue(9, 9000, 0)))},
        Case{"InitWithoutInboundStreams", Packet(0, Chunk(1, 0, InitValue(9, 9000, 1, 0)))},
        Case{"InitWithCookie", Packet(0, Chunk(1, 0, Concat({InitValue(), kCookie})))},
        Case{"InitWithParameterBeyond",
             Packet(0, Chunk(1, 0, Concat({InitValue(), {0xc0, 0, 0, 99}})))},
        Case{"InitWithParameterOfZeroLength",
             Packet(0, Chunk(1, 0, Concat({InitValue(), {0xc0, 0, 0, 0}})))},
        Case{"T1_InitWithIpv4Address",
             Packet(0, Chunk(1, 0, Concat({InitValue(), Parameter(5, {192, 0, 2, 1})})))},
        Case{"T1_InitWithIpv6Address",
             Packet(0, Chunk(1, 0, Concat({InitValue(), Parameter(6, Bytes(16))})))},
        Case{"T1_InitWithHostName",
             Packet(0, Chunk(1, 0, Concat({InitValue(), Parameter(11, {'h', 0})})))},
        Case{"InitAckWithoutCookie", Packet(kTag, Chunk(2, 0, InitValue()))},
        Case{"InitAckBundled",
             Packet(kTag, Concat({Chunk(2, 0, Concat({InitValue(), kCookie})), Data()}))},
        Case{"ShortSack", Packet(kTag, Chunk(3, 0, Bytes(8)))},
        Case{"SackWithTooFewGaps", Packet(kTag, Chunk(3, 0, SackValue(2, 0, {0, 2, 0, 4})))},
        Case{"SackWithExtraBytes", Packet(kTag, Chunk(3, 0, SackValue(0, 0, {0, 2, 0, 4})))},
        Case{"SackWithReversedGap", Packet(kTag, Chunk(3, 0, SackValue(1, 0, {0, 4, 0, 2})))},
        Case{"SackWithGapAtZero", Packet(kTag, Chunk(3, 0, SackValue(1, 0, {0, 0, 0, 2})))},
        Case{"CookieEchoNotFirst", Packet(kTag, Concat({Data(), Chunk(10, 0, {1, 2, 3})}))},
        Case{"EmptyCookieEcho", Packet(kTag, Chunk(10, 0, {}))},
        Case{"HeartbeatWithoutInfo", Packet(kTag, Chunk(4, 0, {}))},
        Case{"HeartbeatWithOtherParameter", Packet(kTag, Chunk(4, 0, Parameter(2, {1})))},
        Case{"ShortShutdown", Packet(kTag, Chunk(7, 0, {}))},
        Case{"AbortWithBadCause", Packet(kTag, Chunk(6, 0, {0, 12, 0, 90}))},
        Case{"CookieAckWithValue", Packet(kTag, Chunk(11, 0, {1, 2, 3, 4}))},
        Case{"ShutdownCompleteBundled", Packet(kTag, Concat({Chunk(14, 0, {}), Data()}))},
        Case{"ForwardTsnWithHalfAStream", Packet(kTag, Chunk(192, 0, {0, 0, 0, 1, 0, 3}))},
        Case{"EmptyReconfig", Packet(kTag, Chunk(130, 0, {}))},
        Case{"ReconfigOfThree",
             Packet(kTag, Chunk(130, 0,
                                Concat({Parameter(16, Bytes(8)), Parameter(16, Bytes(8)),
                                        Parameter(16, Bytes(8))})))},
        Case{"ReconfigWithUnknownParameter", Packet(kTag, Chunk(130, 0, Parameter(99, Bytes(8))))},
        Case{"T1_Auth", Packet(kTag, Chunk(15, 0, Bytes(8)))},
        Case{"T1_EcnEcho", Packet(kTag, Chunk(12, 0, Bytes(4)))},
        Case{"T1_NrSack", Packet(kTag, Chunk(16, 0, Bytes(16)))},
        Case{"T1_AsconfAck", Packet(kTag, Chunk(128, 0, Bytes(4)))},
        Case{"T1_PacketDropped", Packet(kTag, Chunk(129, 0, Bytes(12)))},
        Case{"T1_Asconf", Packet(kTag, Chunk(193, 0, Bytes(16)))},
        Case{"InterleavedData", Packet(kTag, Chunk(64, 0, Bytes(20)))},
        Case{"UnknownStop", Packet(kTag, Chunk(0x3f, 0, {}))},
        Case{"UnknownReport", Packet(kTag, Chunk(0x7f, 0, {}))},
        Case{"UnknownSkip", Packet(kTag, Chunk(0xbf, 0, {}))},
        Case{"UnknownSkipAndReport", Packet(kTag, Chunk(0xff, 0, {}))}),
    NameOf);

TEST(SctpChecksumTest, MatchesTheVectorOfRfc3720) {
  const Bytes zeros(32, 0);
  // RFC 3720 appendix B.4: 32 bytes of zeroes give aa 36 91 8a on the wire.
  EXPECT_EQ(SctpChecksum(zeros), 0x8a9136aau);
}

TEST(SctpChecksumTest, IgnoresTheFieldItGoesInto) {
  Bytes packet = Packet(kTag, Data());
  const uint32_t checksum = SctpChecksum(packet);
  packet[9] ^= 0xff;
  EXPECT_EQ(SctpChecksum(packet), checksum);
}

TEST(SctpChecksumTest, ChangesWithEveryOtherByte) {
  const Bytes packet = Packet(kTag, Data({'a', 'b', 'c', 'd', 'e', 'f', 'g'}));
  for (size_t i = 0; i < packet.size(); ++i) {
    if (i >= 8 && i < 12) continue;
    Bytes changed = packet;
    changed[i] ^= 1;
    EXPECT_NE(SctpChecksum(changed), SctpChecksum(packet)) << i;
  }
}

TEST(SctpPacketTest, T2_RandomMutationsAreHandledWithoutHarm) {
  SeededRandom random(7);
  const Bytes valid = Packet(
      kTag, Concat({Chunk(3, 0, SackValue(1, 1, {0, 2, 0, 4, 0, 0, 0, 9})),
                    Chunk(130, 0, Concat({Parameter(13, Bytes(14)), Parameter(16, Bytes(8))})),
                    Chunk(4, 0, Parameter(1, {1, 2, 3, 4})), Data()}));
  size_t accepted = 0;
  for (int i = 0; i < 200'000; ++i) {
    Bytes packet = valid;
    for (uint32_t change = random.Below(4); change > 0; --change) {
      packet[random.Below(static_cast<uint32_t>(packet.size()))] =
          static_cast<uint8_t>(random.U32());
    }
    packet.resize(packet.size() - (random.Below(4) == 0 ? random.Below(60) : 0));
    if (packet.size() >= 12) WriteSctpChecksum(packet);
    accepted += IsAcceptableSctpPacket(packet);
  }
  EXPECT_GT(accepted, 1000u);
  EXPECT_LT(accepted, 190'000u);
}

}  // namespace
}  // namespace earshot
