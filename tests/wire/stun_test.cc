#include "wire/stun.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "bytes_from_hex.h"
#include "wire/crc32.h"
#include "wire/stun_vectors.h"

namespace earshot {
namespace {

using ::testing::ElementsAre;

constexpr StunTransactionId kTransactionId = {0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34,
                                              0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae};
constexpr std::string_view kHeader = "00010000 2112a442 b7e7a701 bc34d686 fa87dfae";

// A Binding request with these attributes, written as hexadecimal, and a fitting length.
std::vector<uint8_t> RequestWith(std::string_view attributes) {
  std::vector<uint8_t> packet = BytesFromHex(std::string(kHeader) + std::string(attributes));
  StoreBigEndian(packet.data() + 2, static_cast<uint16_t>(packet.size() - 20));
  return packet;
}

void AppendFingerprint(std::vector<uint8_t>& packet) {
  StoreBigEndian(packet.data() + 2, static_cast<uint16_t>(packet.size() + 8 - 20));
  const uint32_t fingerprint = Crc32(packet) ^ 0x5354554e;
  const size_t offset = packet.size();
  packet.resize(offset + 8);
  StoreBigEndian(packet.data() + offset, uint32_t{0x80280004});
  StoreBigEndian(packet.data() + offset + 4, fingerprint);
}

// A complete request as a browser sends it.
std::vector<uint8_t> BrowserRequest(std::string_view password) {
  std::vector<uint8_t> packet(256);
  StunWriter writer(packet, StunClass::kRequest, kStunBindingMethod, kTransactionId);
  writer.Username("server:client");
  writer.IceControlling(0x0123456789abcdef);
  writer.UseCandidate();
  writer.Priority(0x6e7f1eff);
  packet.resize(writer.Finish(password));
  return packet;
}

TEST(StunTest, MatchesRfc5769SampleRequest) {
  const auto packet = BytesFromHex(kSampleRequest);
  const auto message = StunMessage::Parse(packet);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->message_class, StunClass::kRequest);
  EXPECT_EQ(message->method, kStunBindingMethod);
  EXPECT_EQ(message->transaction_id, kTransactionId);
  EXPECT_EQ(message->username, "evtj:h6vY");
  EXPECT_EQ(message->priority, 0x6e0001ffu);
  EXPECT_EQ(message->ice_controlled, 0x932ff9b151263b36u);
  EXPECT_FALSE(message->ice_controlling);
  EXPECT_FALSE(message->use_candidate);
  EXPECT_TRUE(message->unknown_required.empty());
  EXPECT_TRUE(message->has_integrity);
  EXPECT_TRUE(message->IntegrityMatches(kSamplePassword));
  EXPECT_FALSE(message->IntegrityMatches("VOkJxbRl1RmTxUk/WvJxBu"));
}

TEST(StunTest, MatchesRfc5769SampleIpv4Response) {
  const auto packet = BytesFromHex(kSampleIpv4Response);
  const auto message = StunMessage::Parse(packet);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->message_class, StunClass::kSuccess);
  EXPECT_EQ(message->xor_mapped_address, SocketAddress::FromLiteral("192.0.2.1", 32853));
  EXPECT_TRUE(message->IntegrityMatches(kSamplePassword));
}

TEST(StunTest, MatchesRfc5769SampleIpv6Response) {
  const auto packet = BytesFromHex(kSampleIpv6Response);
  const auto message = StunMessage::Parse(packet);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->xor_mapped_address,
            SocketAddress::FromLiteral("2001:db8:1234:5678:11:2233:4455:6677", 32853));
  EXPECT_TRUE(message->IntegrityMatches(kSamplePassword));
}

TEST(StunTest, AnEmptyPasswordNeverMatches) {
  const auto packet = BytesFromHex(kSampleRequest);
  const auto message = StunMessage::Parse(packet);
  ASSERT_TRUE(message);
  // The password of one call must not linger as the key of the next.
  EXPECT_TRUE(message->IntegrityMatches(kSamplePassword));
  EXPECT_FALSE(message->IntegrityMatches(""));
  EXPECT_FALSE(message->IntegrityMatches({}));
}

TEST(StunTest, WithoutIntegrityNothingMatches) {
  const auto packet = RequestWith("00240004 6e0001ff");
  const auto message = StunMessage::Parse(packet);
  ASSERT_TRUE(message);
  EXPECT_FALSE(message->has_integrity);
  EXPECT_FALSE(message->IntegrityMatches(kSamplePassword));
}

TEST(StunTest, TheUsernameCanBeReadWithoutTheRest) {
  std::array<uint8_t, 256> room;
  StunWriter writer(room, StunClass::kRequest, kStunBindingMethod, kTransactionId);
  writer.Priority(7);
  writer.Username("server:client");
  writer.UseCandidate();
  const ByteView packet = ByteView(room).first(writer.Finish("password"));
  EXPECT_EQ(PeekStunUsername(packet), "server:client");
  const size_t end = 20 + 8 + 4 + 13;
  for (size_t size = 0; size < packet.size(); ++size) {
    EXPECT_EQ(PeekStunUsername(packet.first(size)), size < end ? "" : "server:client") << size;
  }
  EXPECT_EQ(PeekStunUsername({}), "");
}

TEST(StunTest, AnErrorResponseSaysItsCode) {
  auto packet = RequestWith("00090008 00000457 726f6c65");
  packet[0] = 0x01;
  packet[1] = 0x11;
  const auto message = StunMessage::Parse(packet);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->message_class, StunClass::kError);
  EXPECT_EQ(message->error_code, 487);
}

TEST(StunTest, ErrorCodesOutsideTheRangeAreMalformed) {
  for (const auto* value : {"00000200", "00000700", "00000464", "000004"}) {
    const std::string size = std::string(value).size() == 8 ? "00090004" : "00090003";
    const std::string padding = std::string(value).size() == 8 ? "" : "00";
    EXPECT_FALSE(StunMessage::Parse(RequestWith(size + value + padding))) << value;
  }
}

TEST(StunTest, MethodBitsAreReadAroundTheClassBits) {
  auto packet = RequestWith("");
  for (unsigned type = 0; type < 0x4000; ++type) {
    StoreBigEndian(packet.data(), static_cast<uint16_t>(type));
    const auto message = StunMessage::Parse(packet);
    ASSERT_TRUE(message);
    const unsigned low = type & 0x0f, middle = type >> 5 & 0x07, high = type >> 9 & 0x1f;
    ASSERT_EQ(message->method, low | middle << 4 | high << 7);
    ASSERT_EQ(static_cast<unsigned>(message->message_class), (type >> 4 & 1) | (type >> 7 & 2));
  }
}

TEST(StunTest, S1_ZeroAttributesAreValid) { EXPECT_TRUE(StunMessage::Parse(RequestWith(""))); }

TEST(StunTest, S1_EveryPrefixOfAMessageIsMalformed) {
  const auto packet = BytesFromHex(kSampleRequest);
  for (size_t size = 0; size < packet.size(); ++size) {
    EXPECT_FALSE(StunMessage::Parse(ByteView(packet).first(size))) << size;
  }
}

TEST(StunTest, S1_TheLengthFieldMustFitThePacket) {
  const auto packet = RequestWith("00240004 6e0001ff");
  for (unsigned length = 0; length <= 0xffff; ++length) {
    auto changed = packet;
    StoreBigEndian(changed.data() + 2, static_cast<uint16_t>(length));
    ASSERT_EQ(StunMessage::Parse(changed).has_value(), length == 8) << length;
  }
}

TEST(StunTest, S1_ALengthThatIsNoMultipleOfFourIsMalformed) {
  for (size_t extra = 1; extra < 4; ++extra) {
    auto packet = RequestWith("00250000");
    packet.resize(packet.size() + extra);
    StoreBigEndian(packet.data() + 2, static_cast<uint16_t>(packet.size() - 20));
    EXPECT_FALSE(StunMessage::Parse(packet)) << extra;
  }
}

TEST(StunTest, S1_AWrongCookieIsMalformed) {
  for (size_t i = 4; i < 8; ++i) {
    auto packet = RequestWith("");
    packet[i] ^= 1;
    EXPECT_FALSE(StunMessage::Parse(packet)) << i;
  }
}

TEST(StunTest, S1_TheTwoTopBitsAreZero) {
  for (const int bits : {0x40, 0x80, 0xc0}) {
    auto packet = RequestWith("");
    packet[0] = static_cast<uint8_t>(packet[0] | bits);
    EXPECT_FALSE(StunMessage::Parse(packet));
  }
}

TEST(StunTest, S1_AnAttributeBeyondTheEndIsMalformed) {
  EXPECT_FALSE(StunMessage::Parse(RequestWith("80220005 00000000")));
  EXPECT_FALSE(StunMessage::Parse(RequestWith("8022ffff 00000000")));
  EXPECT_FALSE(StunMessage::Parse(RequestWith("80220004")));
}

TEST(StunTest, S1_AnAttributeOfTheWrongSizeIsMalformed) {
  EXPECT_FALSE(StunMessage::Parse(RequestWith("00240003 00000000")));          // PRIORITY
  EXPECT_FALSE(StunMessage::Parse(RequestWith("00240008 0000000000000000")));  // PRIORITY
  EXPECT_FALSE(StunMessage::Parse(RequestWith("80290004 00000000")));          // ICE-CONTROLLED
  EXPECT_FALSE(StunMessage::Parse(RequestWith("802a0004 00000000")));          // ICE-CONTROLLING
  EXPECT_FALSE(StunMessage::Parse(RequestWith("00250004 00000000")));          // USE-CANDIDATE
  EXPECT_FALSE(StunMessage::Parse(RequestWith("00080010" + std::string(32, '0'))));
  EXPECT_FALSE(StunMessage::Parse(RequestWith("00200008 00020000 00000000")));  // family
  EXPECT_FALSE(StunMessage::Parse(RequestWith("00200004 00010000")));           // no address
  EXPECT_FALSE(StunMessage::Parse(RequestWith("0020000c 00010000" + std::string(16, '0'))));
}

TEST(StunTest, S1_AUsernameHasAtMost508Bytes) {
  EXPECT_TRUE(StunMessage::Parse(RequestWith("000601fc" + std::string(508 * 2, '6'))));
  EXPECT_FALSE(StunMessage::Parse(RequestWith("00060200" + std::string(512 * 2, '6'))));
}

TEST(StunTest, S4_EveryFlippedBitOfAValidRequestIsNoticed) {
  const std::string_view password = "a-password-of-22-chars";
  const auto packet = BrowserRequest(password);
  const auto intact = StunMessage::Parse(packet);
  ASSERT_TRUE(intact && intact->IntegrityMatches(password));
  for (size_t i = 0; i < packet.size() * 8; ++i) {
    auto changed = packet;
    changed[i / 8] ^= static_cast<uint8_t>(1u << (i % 8));
    const auto message = StunMessage::Parse(changed);
    // With another type the fingerprint is one more attribute behind the integrity: of no effect.
    const size_t fingerprint = packet.size() - 8;
    const bool in_fingerprint_type = i / 8 == fingerprint || i / 8 == fingerprint + 1;
    EXPECT_EQ(message && message->IntegrityMatches(password), in_fingerprint_type) << "bit " << i;
  }
}

TEST(StunTest, S4_EveryFlippedBitUnderAFittingFingerprintIsNoticed) {
  const std::string_view password = "a-password-of-22-chars";
  auto packet = BrowserRequest(password);
  packet.resize(packet.size() - 8);  // the fingerprint protects from nobody who knows CRC-32
  for (size_t i = 0; i < packet.size() * 8; ++i) {
    auto changed = packet;
    changed[i / 8] ^= static_cast<uint8_t>(1u << (i % 8));
    AppendFingerprint(changed);
    const auto message = StunMessage::Parse(changed);
    const bool in_length_field = i / 8 == 2 || i / 8 == 3;  // which AppendFingerprint mends
    EXPECT_EQ(message && message->IntegrityMatches(password), in_length_field) << "bit " << i;
  }
}

TEST(StunTest, S5_AttributesAfterIntegrityAreIgnored) {
  const std::string_view password = "a-password-of-22-chars";
  std::vector<uint8_t> packet(256);
  StunWriter writer(packet, StunClass::kRequest, kStunBindingMethod, kTransactionId);
  writer.Username("server:client");
  packet.resize(writer.Finish(password) - 8);
  const auto smuggled = BytesFromHex(
      "00250000"           // USE-CANDIDATE
      "00240004 7fffffff"  // PRIORITY
      "802a0008 0000000000000001"
      "00200008 0001a147 e112a643"
      "00060004 6d6d6d6d"    // USERNAME
      "00030004 00000006");  // an unknown one that requires comprehension
  packet.insert(packet.end(), smuggled.begin(), smuggled.end());
  AppendFingerprint(packet);
  const auto message = StunMessage::Parse(packet);
  ASSERT_TRUE(message);
  EXPECT_TRUE(message->IntegrityMatches(password));
  EXPECT_EQ(message->username, "server:client");
  EXPECT_FALSE(message->use_candidate);
  EXPECT_FALSE(message->priority);
  EXPECT_FALSE(message->ice_controlling);
  EXPECT_FALSE(message->xor_mapped_address);
  EXPECT_TRUE(message->unknown_required.empty());
}

TEST(StunTest, S5_ASecondIntegrityIsIgnored) {
  const std::string_view password = "a-password-of-22-chars";
  auto packet = BrowserRequest(password);
  packet.resize(packet.size() - 8);
  const auto second = BytesFromHex("00080014" + std::string(40, '0'));
  packet.insert(packet.end(), second.begin(), second.end());
  AppendFingerprint(packet);
  const auto message = StunMessage::Parse(packet);
  ASSERT_TRUE(message);
  EXPECT_TRUE(message->IntegrityMatches(password));
}

TEST(StunTest, S5_AWrongFingerprintIsMalformed) {
  auto packet = BytesFromHex(kSampleRequest);
  packet.back() ^= 1;
  EXPECT_FALSE(StunMessage::Parse(packet));
}

TEST(StunTest, S5_AFingerprintIsTheLastAttribute) {
  auto packet = RequestWith("");
  StoreBigEndian(packet.data() + 2, uint16_t{12});
  const uint32_t fingerprint = Crc32(packet) ^ 0x5354554e;
  packet.resize(28);
  StoreBigEndian(packet.data() + 20, uint32_t{0x80280004});
  StoreBigEndian(packet.data() + 24, fingerprint);
  const auto behind = BytesFromHex("00250000");
  packet.insert(packet.end(), behind.begin(), behind.end());
  EXPECT_FALSE(StunMessage::Parse(packet));
}

TEST(StunTest, S6_OfDuplicateAttributesTheFirstCounts) {
  const auto packet = RequestWith(
      "00060004 61616161 00060004 62626262"
      "00240004 00000001 00240004 00000002"
      "80290008 0000000000000001 80290008 0000000000000002"
      "802a0008 0000000000000003 802a0008 0000000000000004"
      "00200008 0001a147 e112a643 00200008 0001a147 00000000"
      "00090004 00000414 00090004 00000457");
  const auto message = StunMessage::Parse(packet);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->username, "aaaa");
  EXPECT_EQ(message->priority, 1u);
  EXPECT_EQ(message->ice_controlled, 1u);
  EXPECT_EQ(message->ice_controlling, 3u);
  EXPECT_EQ(message->xor_mapped_address, SocketAddress::FromLiteral("192.0.2.1", 32853));
  EXPECT_EQ(message->error_code, 420);
}

TEST(StunTest, S6_AnEmptyFirstUsernameIsNotReplaced) {
  const auto packet = RequestWith("00060000 00060004 62626262");
  const auto message = StunMessage::Parse(packet);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->username, "");
}

TEST(StunTest, S7_UnknownRequiredAttributesAreListedOnce) {
  const auto packet = RequestWith(
      "00030004 00000006"  // CHANGE-REQUEST
      "7fff0000"
      "80ff0000"  // optional
      "00030004 00000006"
      "00250000");
  const auto message = StunMessage::Parse(packet);
  ASSERT_TRUE(message);
  EXPECT_THAT(message->unknown_required, ElementsAre(0x0003, 0x7fff));
  EXPECT_TRUE(message->use_candidate);
}

TEST(StunTest, S7_TheListOfUnknownAttributesIsBounded) {
  std::vector<uint8_t> packet = RequestWith("");
  for (uint16_t type = 0x1000; type < 0x1000 + 300; ++type) {
    const size_t offset = packet.size();
    packet.resize(offset + 4);
    StoreBigEndian(packet.data() + offset, type);
  }
  StoreBigEndian(packet.data() + 2, static_cast<uint16_t>(packet.size() - 20));
  const auto message = StunMessage::Parse(packet);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->unknown_required.size(), 16u);
}

}  // namespace
}  // namespace earshot
