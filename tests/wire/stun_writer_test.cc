#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "bytes_from_hex.h"
#include "wire/stun.h"
#include "wire/stun_vectors.h"

namespace earshot {
namespace {

constexpr StunTransactionId kTransactionId = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
constexpr std::string_view kPassword = "0123456789abcdefABCDEF";

TEST(StunWriterTest, WhatItWritesParsesToTheSame) {
  std::vector<uint8_t> packet(512);
  StunWriter writer(packet, StunClass::kRequest, kStunBindingMethod, kTransactionId);
  writer.Username("remote:local");
  writer.Priority(0x6e0001ff);
  writer.IceControlling(0xfedcba9876543210);
  writer.UseCandidate();
  packet.resize(writer.Finish(kPassword));
  const auto message = StunMessage::Parse(packet);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->message_class, StunClass::kRequest);
  EXPECT_EQ(message->method, kStunBindingMethod);
  EXPECT_EQ(message->transaction_id, kTransactionId);
  EXPECT_EQ(message->username, "remote:local");
  EXPECT_EQ(message->priority, 0x6e0001ffu);
  EXPECT_EQ(message->ice_controlling, 0xfedcba9876543210u);
  EXPECT_TRUE(message->use_candidate);
  EXPECT_TRUE(message->IntegrityMatches(kPassword));
}

TEST(StunWriterTest, WritesTheBytesOfAnIpv4Response) {
  std::vector<uint8_t> packet(512);
  StunWriter writer(packet, StunClass::kSuccess, kStunBindingMethod, kTransactionId);
  writer.XorMappedAddress(*SocketAddress::FromLiteral("192.0.2.1", 32853));
  packet.resize(writer.Finish(""));
  ASSERT_EQ(packet.size(), 40u);
  EXPECT_EQ(std::vector<uint8_t>(packet.begin(), packet.end() - 8),
            BytesFromHex("01010014 2112a442 01020304 05060708 090a0b0c"
                         "00200008 0001a147 e112a643"));
  const auto message = StunMessage::Parse(packet);
  ASSERT_TRUE(message);
  EXPECT_FALSE(message->has_integrity);
}

TEST(StunWriterTest, AddressesOfBothFamiliesSurvive) {
  for (const auto* literal : {"198.51.100.7", "2001:db8::8:800:200c:417a"}) {
    const auto address = SocketAddress::FromLiteral(literal, 65535);
    std::vector<uint8_t> packet(512);
    StunWriter writer(packet, StunClass::kSuccess, kStunBindingMethod, kTransactionId);
    writer.XorMappedAddress(*address);
    packet.resize(writer.Finish(kPassword));
    const auto message = StunMessage::Parse(packet);
    ASSERT_TRUE(message);
    EXPECT_EQ(message->xor_mapped_address, address);
    EXPECT_TRUE(message->IntegrityMatches(kPassword));
  }
}

TEST(StunWriterTest, ErrorResponsesCarryCodeReasonAndUnknownAttributes) {
  std::vector<uint8_t> packet(512);
  StunWriter writer(packet, StunClass::kError, kStunBindingMethod, kTransactionId);
  writer.ErrorCode(420, "Unknown");
  writer.UnknownAttributes(BytesFromHex("0003 7fff 1234"));
  packet.resize(writer.Finish(kPassword));
  EXPECT_EQ(std::vector<uint8_t>(packet.begin() + 20, packet.begin() + 48),
            BytesFromHex("0009000b 00000414 556e6b6e 6f776e00"
                         "000a0006 00037fff 12340000"));
  const auto message = StunMessage::Parse(packet);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->message_class, StunClass::kError);
  EXPECT_EQ(message->error_code, 420);
}

TEST(StunWriterTest, EveryClassAndMethodSurvives) {
  for (unsigned method = 0; method < 0x1000; method += 7) {
    for (const StunClass message_class :
         {StunClass::kRequest, StunClass::kIndication, StunClass::kSuccess, StunClass::kError}) {
      std::vector<uint8_t> packet(64);
      StunWriter writer(packet, message_class, static_cast<uint16_t>(method), kTransactionId);
      packet.resize(writer.Finish(""));
      const auto message = StunMessage::Parse(packet);
      ASSERT_TRUE(message);
      EXPECT_EQ(message->method, method);
      EXPECT_EQ(message->message_class, message_class);
    }
  }
}

TEST(StunWriterTest, TooLittleRoomYieldsNothingAndTouchesNothingBehindIt) {
  const auto write = [](ByteSpan room) {
    StunWriter writer(room, StunClass::kSuccess, kStunBindingMethod, kTransactionId);
    writer.XorMappedAddress(*SocketAddress::FromLiteral("2001:db8::1", 40000));
    writer.ErrorCode(400, "x");
    return writer.Finish(kPassword);
  };
  std::vector<uint8_t> packet(512);
  const size_t size = write(packet);
  ASSERT_GT(size, 0u);
  for (size_t room = 0; room < size; ++room) {
    std::vector<uint8_t> exact(room + 8, 0xa5);
    EXPECT_EQ(write(ByteSpan(exact).first(room)), 0u) << room;
    EXPECT_THAT(std::vector<uint8_t>(exact.end() - 8, exact.end()), ::testing::Each(0xa5));
  }
  EXPECT_EQ(write(ByteSpan(packet).first(size)), size);
}

TEST(StunWriterTest, AnAttributeTooLongForItsLengthFieldFails) {
  std::vector<uint8_t> packet(200000);
  StunWriter writer(packet, StunClass::kRequest, kStunBindingMethod, kTransactionId);
  writer.Username(std::string(70000, 'x'));
  EXPECT_EQ(writer.Finish(kPassword), 0u);
}

}  // namespace
}  // namespace earshot
